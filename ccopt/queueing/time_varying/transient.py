"""Exact indicators of one pool through a day whose rates and staff change from interval to interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.queueing.checking import number, numbers
from ccopt.queueing.time_varying.chain import Interval
from ccopt.queueing.time_varying.passes import Day, forward, indicators
from ccopt.queueing.time_varying.record import DayPerformance

Floats = NDArray[np.float64]
LOST = 1e-10
MOST_PLACES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeVaryingPool:
    r"""M(t)/M/n(t)(/n(t)+w)+M: rates, handle times, patience and staff constant within intervals; exact.

    The distribution of the number in system is carried from interval to interval by uniformisation; waits come from the
    chain that a waiting contact sees, also where staff changes while it waits. When staff is reduced, busy agents
    finish their contact before they leave, and nobody waiting is taken until they have left.

    Parameters
    ----------
    contacts_per_hour
        Rates, shape (T,).
    aht_s, patience_s
        Mean handle time and patience (infinite: nobody leaves), one for all or one per interval. Both laws are
        exponential; a new mean applies to everybody present.
    interval_s
        Length of an interval.
    waiting_places
        Contacts that can wait at most; None: no limit.
    start
        ``empty``; ``steady``: the first interval's rates and staff have lasted for ever; ``periodic``: the day repeats
        for ever; or the probabilities of 0, 1, 2, ... contacts present.

    Notes
    -----
    Without limit of waiting places the queue is cut where less than 1e-10 of the contacts are lost, checked after the
    run. The staff of the last interval stays until everybody has been served. There is no
    logarithm of the tail: below 1e-10 the states of the day have no true digit.

    References
    ----------
    A. Jensen (1953), Skandinavisk Aktuarietidskrift 36, 87-91 (uniformisation); L. Green, P. Kolesar, W. Whitt (2007),
    Coping with time-varying demand when setting staffing requirements for a service system, POM 16, 13-39.
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike
    interval_s: float
    patience_s: ArrayLike = np.inf
    waiting_places: int | None = None
    start: Literal["empty", "steady", "periodic"] | ArrayLike = "empty"

    def performance(self, agents: ArrayLike, awt_s: float = 20.0) -> DayPerformance:
        """Indicators per interval of arrival.

        Parameters
        ----------
        agents
            Whole agents present, one number or shape (T,); 0 is a closed interval.
        awt_s
            Acceptable wait.

        Raises
        ------
        ValueError
            Values out of range or shapes that do not fit; a queue that needs more than `MOST_PLACES` places.

        Examples
        --------
        ContactCenters (Buist and L'Ecuyer), example MMC: eight hours from empty, 4.2 contacts a minute, 2 min, 12 agents.

        >>> day = TimeVaryingPool(contacts_per_hour=[252.0], aht_s=120.0, interval_s=8 * 3600.0).performance(12, 20.0)
        >>> round(float(day.service_level()[0]), 5), round(float(day.asa_s[0]) / 60, 5)
        (0.90043, 0.10068)
        """
        awt = number("awt_s", awt_s)
        places = self._places(agents)
        while True:
            day = self._day(agents, places)
            if day.intervals and self.waiting_places is None and _lost(day) > LOST:
                places *= 2
                if places > MOST_PLACES:
                    msg = f"agents: the queue grows beyond {MOST_PLACES} contacts; more agents, or give patience_s"
                    raise ValueError(msg)
                continue
            return indicators(day, awt)

    def _plan(self, agents: ArrayLike, places: int) -> list[Interval]:
        rates = numbers("contacts_per_hour", self.contacts_per_hour)
        if rates.ndim != 1 or rates.size == 0:
            msg = f"contacts_per_hour = {self.contacts_per_hour!r}: must be a list of rates, one per interval"
            raise ValueError(msg)
        length = number("interval_s", self.interval_s, above=0.0)
        try:
            aht, patience, staff = (
                np.broadcast_to(x, rates.shape)
                for x in (
                    numbers("aht_s", self.aht_s, above=0.0),
                    numbers("patience_s", self.patience_s, above=0.0, infinite=True),
                    numbers("agents", agents),
                )
            )
        except ValueError as error:
            if not any(word in str(error) for word in ("broadcast", "more dimensions")):
                raise
            msg = f"aht_s, patience_s, agents: must be one number or {rates.size} numbers, one per interval"
            raise ValueError(msg) from error
        if (staff != np.round(staff)).any():
            msg = f"agents = {staff[staff != np.round(staff)][0]:g}: must be a whole number in an exact chain"
            raise ValueError(msg)
        return [
            Interval(rate=r / 3600.0, serve=1.0 / h, leave=1.0 / p, agents=int(n), excess=0, places=places, length=length)
            for r, h, p, n in zip(rates, aht, patience, staff, strict=True)
        ]

    def _places(self, agents: ArrayLike) -> int:
        """Waiting places: the limit, or what a fluid queue and its spread suggest."""
        if self.waiting_places is not None:
            limit = numbers("waiting_places", self.waiting_places)
            if limit.ndim or limit != np.round(limit) or limit > MOST_PLACES:
                msg = f"waiting_places = {self.waiting_places!r}: must be a whole number up to {MOST_PLACES}"
                raise ValueError(msg)
            return int(limit)
        most, present = 0.0, 0.0
        for v in self._plan(agents, 1):
            for _ in range(64):
                step = v.length / 64
                queue = max(present - v.agents, 0.0)
                out = min(present, float(v.agents)) * v.serve + queue * v.leave
                present = max(present + step * (v.rate - out), 0.0) if step * v.serve < 1.0 else v.rate / v.serve
                most = max(most, present - v.agents)
        if most > MOST_PLACES:
            msg = f"agents: the queue grows to about {most:.0f} contacts, more than {MOST_PLACES}; give patience_s"
            raise ValueError(msg)
        return int(most + 7.0 * np.sqrt(most + present + 1.0)) + 20

    def _day(self, agents: ArrayLike, places: int) -> Day:
        plan = self._plan(agents, places)
        periodic = isinstance(self.start, str) and self.start == "periodic"
        return forward(plan, self._first(plan[0]), periodic=periodic)

    def _first(self, v: Interval) -> Floats:
        """Probabilities of the number in system at the start."""
        top = v.agents + v.places
        if isinstance(self.start, str):
            if self.start not in ("empty", "steady", "periodic"):
                msg = f"start = {self.start!r}: have ['empty', 'steady', 'periodic'] or probabilities"
                raise ValueError(msg)
            return _steady(v) if self.start == "steady" else np.eye(1, top + 1)[0]
        p = numbers("start", self.start)
        if p.ndim != 1 or p.size > top + 1 or abs(float(p.sum()) - 1.0) > 1e-9:
            msg = f"start: must be probabilities of 0, 1, 2, ... contacts that sum to 1, at most {top + 1} of them"
            raise ValueError(msg)
        return np.concatenate([p, np.zeros(top + 1 - p.size)])


def _steady(v: Interval) -> Floats:
    if v.leave == 0.0 and v.rate >= v.agents * v.serve and v.rate > 0.0:
        msg = "start = 'steady': the first interval has no steady state; more agents, or start='empty'"
        raise ValueError(msg)
    number = np.arange(1, v.agents + v.places + 1)
    out = np.minimum(number, v.agents) * v.serve + np.maximum(number - v.agents, 0) * v.leave
    if v.rate == 0.0:
        return np.concatenate([[1.0], np.zeros(number.size)])
    logs = np.concatenate([[0.0], np.cumsum(np.log(v.rate / out))])
    p: Floats = np.exp(logs - logs.max())
    total = float(p.sum())
    return p / total


def _lost(day: Day) -> float:
    """Largest share of contacts lost at the cut of the queue; a start at the cut counts too."""
    offered = sum(v.rate * v.length for v in day.intervals)
    full = sum(x.blocked for x in day.runs)
    return max(full / offered if offered > 0.0 else 0.0, day.cut)


