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
from ccopt.queueing.selling_kernel import (
    HUGE,
    Rates,
    above,
    descent,
    endless_descent,
    endless_selling,
    inverse,
    level_below,
    level_block,
    null_vector,
)

Floats = NDArray[np.float64]

TAIL = 1e-13  # of the probability to wait: less than this is left in the last level
FIRST_QUEUE = 30
MOST_STATES = 400_000
NO_LIMIT = 10**9
KNOWN = 4096  # results that are remembered: designs of a search share most of their groups


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
    """Steady state of the threshold rule by elimination of blocks, cut where 1e-13 of the waiting contacts is left.

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
    return _indicators(group, threshold)


@lru_cache(maxsize=4)
def stationary(group: SellingGroup, threshold: int | None) -> Floats:
    """Stationary probabilities by number in system k = i + j and agents who sell j, an array that is not to be changed.

    Blocks are eliminated from level 0 up to the threshold, and from the last level down to it; see `selling_chain` for
    arguments and errors.
    """
    lam, agents = group.contacts_per_hour, group.agents
    work = lam * (group.aht_s + (group.share * group.extra_s if threshold is None else 0.0)) / 3600.0
    if np.isinf(group.patience_s) and work >= agents:
        msg = f"agents = {agents}: no steady state with a load of {work:g} erlangs and nobody who leaves"
        raise UnstableError(msg)
    climb, queue = _Climb(group, threshold), FIRST_QUEUE
    while True:
        last = agents + queue
        if (last + 1) * (agents + 1) > MOST_STATES:
            msg = f"agents = {agents}: the chain needs more than {MOST_STATES} states"
            raise ValueError(msg)
        p = climb.solved(last)
        if p[-1].sum() <= TAIL * p[agents:].sum():
            p.setflags(write=False)
            return p
        queue *= 2


class _Climb:
    """Levels in which offers start, from 0 up as far as asked for, kept for chains that reach further."""

    def __init__(self, group: SellingGroup, threshold: int | None) -> None:
        self.share, self.agents, self.rates = group.share, group.agents, rates_of(group)
        self.limit = NO_LIMIT if threshold is None else max(threshold, 0)  # a service that ends leaves one in the system at least
        self.endless = endless_selling(group.share, self.rates) if threshold is None and self.rates[3] == 0.0 else None
        self.sellers = min(group.agents, self.limit)
        self.blocks = [level_block(0, 1, group.share, np.empty((0, 0)), self.rates)]
        self.passages: list[Floats] = []

    def solved(self, last: int) -> Floats:
        """Probabilities of levels 0 to ``last``, joined at the turn: the last level that is eliminated from below."""
        turn = min(self.limit, last) if self.endless is None else self.agents
        while len(self.blocks) <= turn:
            self.passages.append(self.rates[0] * inverse(self.blocks[-1]))
            k = len(self.blocks)
            self.blocks.append(level_block(k, min(k, self.sellers) + 1, self.share, self.passages[-1], self.rates))
        p, width = np.zeros((last + 1, self.sellers + 1)), len(self.blocks[turn])
        back = self._descent(turn, last, width) if self.endless is None else self.endless[0]
        p[turn, :width] = null_vector(self.rates[0] * back - self.blocks[turn])
        self._down(p, turn)
        if self.endless is not None:
            for k in range(turn, last):
                p[k + 1] = p[k] @ self.endless[1]
        elif turn < last:
            p[turn + 1 :, :width] = above(turn + 1, last - turn, self.rates[0] * p[turn, :width], self.rates)
        found: Floats = p / p.sum()
        return found

    def _down(self, p: Floats, turn: int) -> None:
        """Write the probabilities below the turn."""
        for k in range(turn, 0, -1):
            before = self.passages[k - 1]
            p[k - 1, : len(before)] = level_below(k, len(before), self.share, p[k, : len(self.blocks[k])], before, self.rates)
            if p[k - 1].sum() > HUGE:
                p[k - 1 :] /= HUGE

    def _descent(self, turn: int, last: int, width: int) -> Floats:
        """In which j the turn is reached again after an arrival there; the last level takes no arrivals."""
        top, found = last, np.eye(width)
        if self.rates[3] == 0.0 and turn < last:  # from the agents on all levels are alike
            top, found = max(turn, self.agents - 1), endless_descent(width, self.rates)
        for k in range(top, turn, -1):
            found = descent(k, found, self.rates)
        return found


def rates_of(group: SellingGroup) -> Rates:
    """λ, μ, ν and θ per hour, and n."""
    theta = 0.0 if np.isinf(group.patience_s) else 3600.0 / group.patience_s
    return group.contacts_per_hour, 3600.0 / group.aht_s, 3600.0 / group.extra_s, theta, float(group.agents)


@lru_cache(maxsize=KNOWN)
def _indicators(group: SellingGroup, threshold: int | None) -> Selling:
    p = stationary(group, threshold)
    lam, mu, _, theta, _ = rates_of(group)
    agents, limit = group.agents, NO_LIMIT if threshold is None else threshold
    k, j = np.arange(len(p)), np.arange(p.shape[1])
    level, selling = p.sum(axis=1), p @ j  # mean number who sell, in each level
    serving = np.minimum(k, agents) * level - selling
    queue = float((level * np.maximum(k - agents, 0)).sum())
    return Selling(
        threshold=threshold,
        offers_per_hour=float(serving[k <= limit].sum()) * mu * group.share,
        delay_probability=float(level[agents:].sum()),
        queue_length=queue,
        mean_wait_s=3600.0 * queue / lam,
        abandonment=theta * queue / lam,
        occupancy=float((level * np.minimum(k, agents)).sum()) / agents,
        selling_load=float(selling.sum()),
    )
