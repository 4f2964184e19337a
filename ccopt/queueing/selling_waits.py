"""Waits of customers in a group that sells, by following one tagged customer.

While a customer waits all agents are busy; the state is (a, j): a customers ahead of her in the queue and j agents
selling. Completions of service move the queue by one, or start an offer where the rule allows it; ends of selling and
customers ahead who leave move the queue by one. Later arrivals matter only through a threshold above the number of
agents: there the count leaves them out, so that more offers are assumed than made and the service level is a lower
bound; below (the usual rule: sell only while nobody waits) and for "always" it is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.selling import KNOWN, SellingGroup, rates_of, stationary
from ccopt.queueing.tagged_kernel import moments, poisson_tails, walk

Floats = NDArray[np.float64]

NOBODY = 1e-13  # of those who wait, left out: with so many ahead
SPREAD = 10.0  # standard deviations of events in a time that are looked at, until
NO_EVENT = 1e-19  # is the probability of as many


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
    return _waits(group, threshold, awt_s)


@lru_cache(maxsize=KNOWN)
def _waits(group: SellingGroup, threshold: int | None, awt_s: float) -> SellingWaits:
    p, agents, theta = stationary(group, threshold), group.agents, rates_of(group)[3]
    start, at_once = p[agents:], float(p[:agents].sum())
    left = np.cumsum(start.sum(axis=1)[::-1])[::-1]
    seen = np.flatnonzero(left > NOBODY * left[0])  # she only moves up, so that longer queues do not matter
    start = np.ascontiguousarray(start[: int(seen[-1]) + 1 if seen.size else 1])
    ahead, ended, offered = _tagged(group, threshold, shape=start.shape)
    in_time, early, virtual = _within(awt_s / 3600.0, theta, start, (ahead, ended, offered))
    first, second = moments(ahead, ended, offered, theta)
    served = at_once + float((start * first).sum())
    return SellingWaits(
        answered_in_time=at_once + in_time, abandoned_early=early, virtual=at_once + virtual,
        asa_s=3600.0 * float((start * second).sum()) / served if served > 0 else 0.0,
        exact=threshold is None or threshold <= agents,
    )  # fmt: skip


def _within(hours: float, theta: float, start: Floats, moves: tuple[Floats, Floats, Floats]) -> tuple[float, float, float]:
    """Shares answered in time, gone in time, and answered in time if she never left.

    Her walk at the events of a Poisson clock knows nothing of her own patience: leaving at rate θ is a second clock, so that
    each event comes first with probability clock / (clock + θ), and one walk gives all three.
    """
    ahead, ended, offered = moves
    clock = float((ahead + ended + offered).max())
    likely = (clock + theta) * hours
    faster = poisson_tails(likely, int(likely + SPREAD * math.sqrt(likely) + SPREAD**2))
    events = int(np.searchsorted(-faster, -NO_EVENT))
    faster, own = faster[: events + 1], poisson_tails(clock * hours, events)
    answered = walk(start[: events + 1].copy(), ahead / clock, ended / clock, offered / clock, events)
    waiting = start.sum() - np.cumsum(answered)
    stays = (clock / (clock + theta)) ** np.arange(events + 1)
    return (
        float((answered * stays * faster).sum()),
        theta / (clock + theta) * float((waiting * stays)[:-1] @ faster[1:]),
        float((answered * own).sum()),
    )


def _tagged(group: SellingGroup, threshold: int | None, *, shape: tuple[int, ...]) -> tuple[Floats, Floats, Floats]:
    """Rates (A, J) at which the queue before her moves, at which it moves as an offer ends, and at which an offer starts."""
    _, mu, nu, theta, agents = rates_of(group)
    a, j = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    allowed = np.full(shape, True) if threshold is None else a + 1 + group.agents <= threshold
    done = (agents - j) * mu
    offered = np.where(allowed, done * group.share, 0.0)
    ahead: Floats = done - offered + a * theta
    return ahead, np.asarray(j * nu, dtype=np.float64), np.asarray(offered, dtype=np.float64)
