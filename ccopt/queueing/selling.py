"""Cross-selling in one agent group: the exact chain of the threshold rule.

States (i, j): i contacts being served for their own sake or waiting, j agents selling. With n agents, arrival rate λ,
service rate μ, selling rate ν, offer probability p (a share of callers gets an offer) and threshold T:

- arrival: i + 1 at rate λ;
- service completion at rate min(i, n - j) μ: (i - 1, j + 1) with probability p if i + j <= T, else (i - 1, j);
- end of selling: j - 1 at rate j ν;
- abandonment: i - 1 at rate (i - n + j)⁺ θ.

The number in system i + j is counted just before the completion, as in Armony and Gurvich (2010). ``threshold`` None
means always. An offer that fails takes the same time as one that succeeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ccopt.errors import UnstableError

Floats = NDArray[np.float64]

TAIL = 1e-12
MOST_STATES = 400_000
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class SellingGroup:
    """A group that may sell: its work, whole agents (at least 1), mean time of an offer, share of callers asked.

    Exponential laws; infinite patience means that nobody leaves.
    """

    contacts_per_hour: float
    aht_s: float
    agents: int
    extra_s: float
    share: float
    patience_s: float = np.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Selling:
    """Steady state of a group that sells.

    ``offers_per_hour`` are started; ``delay_probability`` is P(all agents busy); waits in seconds; ``selling_load`` is
    the mean number of agents who sell.
    """

    threshold: int | None
    offers_per_hour: float
    delay_probability: float
    queue_length: float
    mean_wait_s: float
    abandonment: float
    occupancy: float
    selling_load: float


def selling_chain(group: SellingGroup, *, threshold: int | None) -> Selling:
    """Steady state of the threshold rule by sparse elimination, truncated where less than 1e-12 is left.

    Parameters
    ----------
    group
        The work of the group and its offers.
    threshold
        An offer starts only if the number in system just before the end of service is at most this; None is always,
        -1 never.

    Raises
    ------
    UnstableError
        No steady state: without abandonment the load of service alone (with ``threshold`` None also of selling)
        reaches the agents.
    ValueError
        The chain is larger than `MOST_STATES`.

    Examples
    --------
    The case of 12 agents, 8 erlangs, half of the callers candidates, offers twice as fast as service:

    >>> group = SellingGroup(contacts_per_hour=8.0, aht_s=3600.0, agents=12, extra_s=1800.0, share=0.5)
    >>> found = selling_chain(group, threshold=9)
    >>> round(found.offers_per_hour, 6), round(found.queue_length, 6), round(found.delay_probability, 6)
    (1.866294, 0.329194, 0.173592)
    """
    return _indicators(stationary(group, threshold), group, threshold)


@lru_cache(maxsize=4)
def stationary(group: SellingGroup, threshold: int | None) -> Floats:
    """Stationary probabilities of (i, j) as an array that is not to be changed; see `selling_chain` for arguments and errors."""
    lam, agents = group.contacts_per_hour, group.agents
    work = lam * (group.aht_s + (group.share * group.extra_s if threshold is None else 0.0)) / 3600.0
    if np.isinf(group.patience_s) and work >= agents:
        msg = f"agents = {agents}: no steady state with a load of {work:g} erlangs and nobody who leaves"
        raise UnstableError(msg)
    queue = 60
    while True:
        longest = agents + queue
        if (longest + 1) * (agents + 1) > MOST_STATES:
            msg = f"agents = {agents}: the chain needs more than {MOST_STATES} states"
            raise ValueError(msg)
        p = _solve(group, threshold, longest)
        if p[-1].sum() < TAIL:
            p.setflags(write=False)
            return p
        queue *= 2


def _solve(group: SellingGroup, threshold: int | None, longest: int) -> Floats:
    """Stationary probabilities with at most ``longest`` contacts that are served or wait."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import splu

    lam, mu, nu = group.contacts_per_hour, 3600.0 / group.aht_s, 3600.0 / group.extra_s
    theta = 0.0 if np.isinf(group.patience_s) else 3600.0 / group.patience_s
    agents, share = group.agents, group.share
    limit = NO_LIMIT if threshold is None else threshold
    i, j = np.meshgrid(np.arange(longest + 1), np.arange(agents + 1), indexing="ij")
    index = i * (agents + 1) + j
    served = np.minimum(i, agents - j) * mu
    offer = np.where((i + j <= limit), share, 0.0)
    moves = [
        (i < longest, 1, 0, np.full(i.shape, lam)),
        (served * offer > 0, -1, 1, served * offer),
        (served * (1 - offer) > 0, -1, 0, served * (1 - offer)),
        (j > 0, 0, -1, j * nu),
        ((i > agents - j) & (theta > 0), -1, 0, np.maximum(i - agents + j, 0) * theta),
    ]
    rows, columns, rates = [], [], []
    for allowed, di, dj, rate in moves:
        start = index[allowed]
        end = start + di * (agents + 1) + dj
        rows += [end, start]
        columns += [start, start]
        rates += [rate[allowed], -rate[allowed]]
    size = index.size
    row, column, value = (np.concatenate(x) for x in (rows, columns, rates))
    keep = row != 0
    row, column, value = (np.append(x[keep], y) for x, y in ((row, [0]), (column, [0]), (value, [1.0])))
    matrix = coo_array((value, (row, column)), shape=(size, size)).tocsc()
    right = np.zeros(size)
    right[0] = 1.0
    p: Floats = splu(matrix).solve(right).reshape(i.shape)
    found: Floats = p / p.sum()
    return found


def _indicators(p: Floats, group: SellingGroup, threshold: int | None) -> Selling:
    lam, mu, agents, share = group.contacts_per_hour, 3600.0 / group.aht_s, group.agents, group.share
    theta = 0.0 if np.isinf(group.patience_s) else 3600.0 / group.patience_s
    limit = NO_LIMIT if threshold is None else threshold
    i, j = np.meshgrid(np.arange(p.shape[0]), np.arange(p.shape[1]), indexing="ij")
    serving = np.minimum(i, agents - j)
    queue = float((p * np.maximum(i - agents + j, 0)).sum())
    return Selling(
        threshold=threshold,
        offers_per_hour=float((p * serving * mu * share * (i + j <= limit)).sum()),
        delay_probability=float(p[i + j >= agents].sum()),
        queue_length=queue,
        mean_wait_s=3600.0 * queue / lam,
        abandonment=theta * queue / lam,
        occupancy=float((p * (serving + j)).sum()) / agents,
        selling_load=float((p * j).sum()),
    )
