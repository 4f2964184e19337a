"""Waits of customers in a group that sells, by following one tagged customer.

While a customer waits all agents are busy; the state is (a, j): a customers ahead of her in the queue and j agents
selling. Completions of service move the queue by one, or start an offer where the rule allows it; ends of selling and
customers ahead who leave move the queue by one. Later arrivals matter only through a threshold above the number of
agents: there the count leaves them out, so that more offers are assumed than made and the service level is a lower
bound; below (the usual rule: sell only while nobody waits) and for "always" it is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.selling import SellingGroup, stationary

Floats = NDArray[np.float64]

NOBODY = 1e-13  # share of customers that is left out: with so many ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class SellingWaits:
    """Shares of offered contacts, and the mean wait of answered ones; ``exact`` is False for a lower bound."""

    answered_in_time: float
    abandoned_early: float
    virtual: float
    asa_s: float
    exact: bool


def selling_waits(group: SellingGroup, *, threshold: int | None, awt_s: float) -> SellingWaits:
    """Service of a selling group within ``awt_s`` seconds.

    Parameters
    ----------
    group, threshold
        As in `ccopt.queueing.selling.selling_chain`.
    awt_s
        Acceptable waiting time.

    Examples
    --------
    Never selling is Erlang C: 12 agents, 8 erlangs, handle time 3600 s, wait 900 s.

    >>> group = SellingGroup(contacts_per_hour=8.0, aht_s=3600.0, agents=12, extra_s=1800.0, share=0.5)
    >>> import math
    >>> found = selling_waits(group, threshold=-1, awt_s=900.0)
    >>> round(found.answered_in_time, 6), round(1 - 0.13984165 * math.exp(-1), 6)
    (0.948555, 0.948555)
    """
    from scipy.sparse import csr_array, identity, vstack
    from scipy.sparse.linalg import expm_multiply, splu

    p = stationary(group, threshold)
    agents = group.agents
    theta = 0.0 if np.isinf(group.patience_s) else 3600.0 / group.patience_s
    start, at_once = _arrival(p, agents)
    ahead = np.flatnonzero(np.cumsum(start.sum(axis=1)[::-1])[::-1] > NOBODY)  # she only moves up, so that longer queues do not matter
    start = start[: int(ahead[-1]) + 1 if ahead.size else 1]
    moves, answered = _tagged(group, threshold, queue=start.shape[0])
    hours = awt_s / 3600.0
    out: dict[bool, Floats] = {}
    for patient in (False, True):
        leave = 0.0 if patient else theta
        inner = moves - leave * identity(moves.shape[0], format="csr")
        full: Any = vstack([inner.T, csr_array(answered[None, :]), csr_array(np.full((1, len(answered)), leave))])
        full = _padded(full)
        begin = np.concatenate([start.ravel(), [0.0, 0.0]])
        out[patient] = expm_multiply(full * hours, begin)[-2:]
        if not patient:
            solver = splu((-inner).tocsc())
            first = solver.solve(answered)
            second = solver.solve(first)
    served = at_once + float(start.ravel() @ first)
    return SellingWaits(
        answered_in_time=at_once + float(out[False][0]), abandoned_early=float(out[False][1]),
        virtual=at_once + float(out[True][0]),
        asa_s=3600.0 * float(start.ravel() @ second) / served if served > 0 else 0.0,
        exact=threshold is None or threshold <= agents,
    )  # fmt: skip


def _arrival(p: Floats, agents: int) -> tuple[Floats, float]:
    """Distribution of (customers ahead, agents selling) seen by one who must wait, and the share who need not."""
    i, j = np.meshgrid(np.arange(p.shape[0]), np.arange(p.shape[1]), indexing="ij")
    start = np.zeros((p.shape[0], p.shape[1]))
    full = i + j >= agents
    np.add.at(start, ((i + j - agents)[full].clip(max=p.shape[0] - 1), j[full]), p[full])
    return start, float(p[~full].sum())


def _tagged(group: SellingGroup, threshold: int | None, *, queue: int) -> tuple[Any, Floats]:
    """Generator over (a, j) without the tagged customer's own leaving, and the rates at which she is answered."""
    from scipy.sparse import coo_array

    agents, mu, nu = group.agents, 3600.0 / group.aht_s, 3600.0 / group.extra_s
    theta = 0.0 if np.isinf(group.patience_s) else 3600.0 / group.patience_s
    a, j = np.meshgrid(np.arange(queue), np.arange(agents + 1), indexing="ij")
    index = a * (agents + 1) + j
    allowed = np.full(a.shape, threshold is None) if threshold is None else a + 1 + agents <= threshold
    offer = np.where(allowed & (j < agents), group.share, 0.0)
    done, sold, gone = (agents - j) * mu, j * nu, a * theta
    answered = np.where(a == 0, done * (1 - offer) + sold, 0.0).ravel()
    parts = [
        (done * offer, 0, 1), (np.where(a > 0, done * (1 - offer), 0.0), -1, 0),
        (np.where(a > 0, sold, 0.0), -1, -1), (gone, -1, 0),
    ]  # fmt: skip
    rows, columns, rates = [], [], []
    for rate, da, dj in parts:
        used = rate > 0
        rows.append(index[used])
        columns.append(index[used] + da * (agents + 1) + dj)
        rates.append(rate[used])
    total = (done + sold + gone).ravel()
    rows.append(index.ravel())
    columns.append(index.ravel())
    rates.append(-total)
    size = index.size
    shape = (size, size)
    return coo_array((np.concatenate(rates), (np.concatenate(rows), np.concatenate(columns))), shape=shape).tocsr(), (
        answered
    )


def _padded(matrix: Any) -> Any:
    """Square matrix with two empty columns for the absorbing states."""
    from scipy.sparse import csr_array, hstack

    return hstack([matrix, csr_array((matrix.shape[0], 2))]).tocsr()
