"""Chat: an agent serves several customers at once, each more slowly the more there are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from ccopt.queueing.checking import numbers
from ccopt.queueing.models.blended import log_total, waits_of
from ccopt.queueing.models.common import LONG, RATE, Row, Rule, idle_row
from ccopt.queueing.models.conditional_waits import Waits, chance, conditional_waits, row_of, unserved_row
from ccopt.queueing.models.log_tails import LogTails, Queue
from ccopt.queueing.models.patience_laws import WeibullPatience, exponential

Floats = NDArray[np.float64]
NEARLY = 1.0 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Mean handle time of one chat while its agent has 1, 2, ... chats."""

    handle_s: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPool(LogTails):
    r"""Birth-death chain of chats: n agents with up to k chats each, handle time by concurrency level.

    An arriving chat goes to an agent with the fewest chats; with x chats in service, x mod n agents have one more than
    the others, and the pool completes at rate :math:`\sum_j (\text{agents with } j) \; j / h_j`. When all n k places are
    taken customers wait, first come first served, and leave after exponential patience.

    Parameters
    ----------
    contacts_per_hour
        Arrival rate.
    levels
        Mean handle times (h_1, ..., h_k) of one chat while its agent has 1, ..., k chats, as `Levels` or a sequence.
    patience_s
        Mean patience; infinite: nobody leaves.
    silent
        Share of leaving customers who do not tell: their place is called, and costs ``silent_s`` of a chat slot.
    silent_s
        Time that a silent customer's slot is blocked until the agent closes it.

    Notes
    -----
    Exact without silent customers if chats are moved between agents so that levels differ by at most one (without moves
    the error is below a point in the tests). Silent customers are an approximation: the share of called places that
    are empty is found by a fixed point, and all chats take the mean of both handle times. ``load`` is arrivals x h_1,
    ``occupancy`` the share of agents with at least one chat.

    References
    ----------
    J. Luo, J. Zhang (2013), Staffing and control of instant messaging contact centers, Operations Research 61, 328-343;
    A. Castellanos, G. Yom-Tov, Y. Goldberg (2019), Silent abandonment in contact centers, arXiv 2304.11754.

    Examples
    --------
    >>> m = ChatPool(contacts_per_hour=120, levels=(300.0, 360.0, 450.0), patience_s=180)
    >>> p = m.performance(5, 30)
    >>> round(p.service_level, 4), round(p.abandonment, 4)
    (0.7337, 0.1043)
    """

    contacts_per_hour: ArrayLike
    levels: Levels | Sequence[float]
    patience_s: ArrayLike = math.inf
    silent: ArrayLike = 0.0
    silent_s: ArrayLike = 0.0
    rules: ClassVar[Mapping[str, Rule]] = {
        "contacts_per_hour": RATE, "patience_s": LONG, "silent_s": RATE,
        "silent": Rule(share=True, why_not_one="if nobody tells, no place in the queue is ever given up"),
    }  # fmt: skip
    whole_agents: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.levels, Levels):
            object.__setattr__(self, "levels", Levels(handle_s=tuple(level_times(self.levels))))

    def queue(self, agents: float, values: Mapping[str, float]) -> Queue:
        """Idle weight from the states with a free place; places of silent customers last until they are called."""
        rate, handle = values["contacts_per_hour"] / 3600.0, level_times(self.levels)
        out, law = completion_rates(int(agents), handle), exponential(values["patience_s"])
        if law is not None and values["silent"] > 0.0:
            _, out, law = _silent(rate, int(agents), handle, values, 0.0)
        return Queue(rate=rate, drain=float(out[-1]), log_idle=log_idle_of(rate, out), law=law)

    def row(self, agents: float, awt_s: float, values: Mapping[str, float]) -> Row:
        """One pool."""
        handle = level_times(self.levels)
        rate = values["contacts_per_hour"] / 3600.0
        if rate == 0.0:
            return idle_row()
        if agents == 0.0:
            return unserved_row(rate, handle[0], WeibullPatience(mean_s=min(values["patience_s"], 1e12)), awt_s)
        if values["silent"] == 0.0 or math.isinf(values["patience_s"]):
            return _plain_row(rate, int(agents), handle, values["patience_s"], awt_s)
        return _silent(rate, int(agents), handle, values, awt_s)[0]


def log_idle_of(rate: float, out: Floats) -> float:
    """Logarithm of the weight of the states in which a place is free, relative to the density at 0."""
    weights = np.concatenate([[0.0], np.cumsum(np.log(rate / out[:-1]))])
    return log_total(weights) - float(weights[-1]) - math.log(rate)


def level_times(levels: Levels | Sequence[float]) -> Floats:
    """Handle times by level.

    Raises
    ------
    ValueError
        No levels, or times that are not positive, or a level at which an agent completes less than at the one below.
    """
    times = numbers("levels", levels.handle_s if isinstance(levels, Levels) else levels, above=0.0)
    if times.ndim != 1 or times.size == 0 or not np.isfinite(times).all() or (times <= 0.0).any():
        msg = f"levels = {levels!r}: must be a list of handle times in seconds, one per number of chats of an agent"
        raise ValueError(msg)
    speed = np.arange(1, times.size + 1) / times
    if (np.diff(speed) < 0.0).any():
        worst = int(np.flatnonzero(np.diff(speed) < 0.0)[0]) + 2
        msg = f"levels[{worst - 1}] = {times[worst - 1]:g}: an agent with {worst} chats completes fewer an hour than with {worst - 1}"
        raise ValueError(msg + "; leave that level out")
    return times


def completion_rates(agents: int, handle_s: Floats) -> Floats:
    """Completions per second with 1 .. n k chats in service."""
    x = np.arange(1, agents * handle_s.size + 1)
    base, more = np.divmod(x, agents)
    speed = np.concatenate([[0.0], np.arange(1, handle_s.size + 1) / handle_s, [0.0]])
    return np.asarray((agents - more) * speed[base] + more * speed[base + 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    """Chance that all places are taken, and the distribution of chats in service before that."""

    wait: float
    share: Floats

    def working(self, agents: int) -> float:
        """Mean number of agents with at least one chat."""
        return float(self.share @ np.minimum(np.arange(self.share.size), agents)) + self.wait * agents


def _chain(rate: float, out: Floats, log_wait: float) -> _Chain:
    weights = np.concatenate([[0.0], np.cumsum(np.log(rate / out[:-1]))])
    wait = chance(log_total(weights) - float(weights[-1]) - math.log(rate), log_wait)
    return _Chain(wait=wait, share=np.exp(weights - log_total(weights)) * (1.0 - wait))


def _plain_row(rate: float, agents: int, handle_s: Floats, patience_s: float, awt_s: float) -> Row:
    out = completion_rates(agents, handle_s)
    waits, log_wait = waits_of(rate, float(out[-1]), patience_s, awt_s)
    chain = _chain(rate, out, log_wait)
    row = row_of(waits, chain.wait, rate=rate, load=rate * float(handle_s[0]))
    return replace(row, busy=chain.working(agents))


def _silent(
    rate: float, agents: int, handle_s: Floats, values: Mapping[str, float], awt_s: float
) -> tuple[Row, Floats, WeibullPatience]:
    """Silent customers keep their place in the queue until it is called; the row counts them as abandoned.

    Also the completion rates with empty places, and the patience of places in the queue.
    """
    own = WeibullPatience(mean_s=values["patience_s"])
    known = WeibullPatience(mean_s=values["patience_s"] / (1.0 - values["silent"]))

    def rates(empty: float) -> Floats:
        return completion_rates(agents, (1.0 - empty) * handle_s + empty * values["silent_s"])

    def found(empty: float) -> tuple[Waits, _Chain, float]:
        """Waits and chain where this share of called places is empty, and the share that results."""
        out = rates(empty)
        waits, log_wait = conditional_waits(rate, float(out[-1]), own, awt_s, queue_law=known)
        told, _ = conditional_waits(rate, float(out[-1]), known, awt_s)
        chain = _chain(rate, out, log_wait)
        called, alive = (1.0 - chain.wait * w.abandonment for w in (told, waits))
        return waits, chain, (called - alive) / called

    low, high = 0.0, 0.5
    while found(high)[2] > high and high < NEARLY:
        low, high = high, 0.5 * (1.0 + high)
    empty = float(brentq(lambda e: found(e)[2] - e, low, high, xtol=1e-13)) if high < NEARLY else high
    waits, chain, _ = found(empty)
    row = row_of(waits, chain.wait, rate=rate, load=rate * float(handle_s[0]))
    return replace(row, busy=chain.working(agents)), rates(empty), known
