"""From a calendar to the weighted periods of a scenario, with the error of joining intervals stated.

Intervals in which the same sites work and all rates are equal are joined without error. Fewer periods are made by
splitting: all intervals with the same open sites start as one period, and the period whose loads differ most is split in
two, until the wanted number or the wanted error is reached. Loads are compared by their square roots, because a group
needs spare agents in proportion to the root of its load. A period has the mean rates of its intervals, so volumes are
conserved.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ccopt.errors import Problem
from ccopt.scenario.calendar import Calendar, Reduction
from ccopt.scenario.entities import Demand, Period, Scenario
from ccopt.scenario.intervals import Floats, Intervals, Ints, lay_out

ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPeriods:
    """Periods made from a calendar: P periods of N intervals.

    Attributes
    ----------
    intervals
        The calendar on UTC intervals.
    period
        (N,) period of each interval.
    names, hours_per_year
        Of the periods.
    rates
        (D, P) contacts per hour, rows as in ``intervals``.
    load_error
        Mean absolute difference between the load of an interval and of its period, summed over regions and contact
        types, over the mean load.
    peak_error
        Share by which the load of the busiest interval exceeds that of its period.
    distinct
        Periods that would be needed without any error.
    """

    intervals: Intervals
    period: Ints
    names: tuple[str, ...]
    hours_per_year: Floats
    rates: Floats
    load_error: float
    peak_error: float
    distinct: int

    def open_periods(self, site: str) -> tuple[str, ...] | None:
        """Names of the periods in which a site works; None where it never closes."""
        works = self.intervals.open[self.intervals.sites.index(site)]
        if works.all():
            return None
        return tuple(self.names[p] for p in np.unique(self.period[works]))


def _distinct(intervals: Intervals) -> Ints:
    """(N,) number of the set of equal intervals that each belongs to, in order of first appearance."""
    table = np.ascontiguousarray(np.concatenate([intervals.rates, intervals.open.astype(float)]).T)
    keys = table.view(np.dtype((np.void, table.dtype.itemsize * table.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    order = np.empty(first.size, dtype=np.int64)
    order[np.argsort(first)] = np.arange(first.size)
    return order[inverse]


def _split(points: Floats, weight: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Two-means of weighted points, begun at the mean of the coordinate that varies most."""
    mean = np.average(points, axis=1, weights=weight)
    variance = ((points - mean[:, None]) ** 2 * weight).sum(axis=1)
    d = int(np.argmax(variance))
    high = np.asarray(points[d] > mean[d])
    for _ in range(ROUNDS):
        if not high.any() or high.all():
            break
        a, b = (np.average(points[:, m], axis=1, weights=weight[m]) for m in (high, ~high))
        new = np.asarray(((points - a[:, None]) ** 2).sum(axis=0) < ((points - b[:, None]) ** 2).sum(axis=0))
        if (new == high).all() or not new.any() or new.all():
            break
        high = new
    return high


def _inertia(points: Floats, weight: Floats) -> float:
    mean = np.average(points, axis=1, weights=weight)
    return float((((points - mean[:, None]) ** 2).sum(axis=0) * weight).sum())


class _Clusters:
    """Sets of distinct intervals; loads (D, M), weights (M,), stratum (M,) of open sites."""

    def __init__(self, loads: Floats, weight: Floats, stratum: Ints) -> None:
        self.loads, self.weight, self.roots = loads, weight, np.sqrt(loads)
        self.members = [np.flatnonzero(stratum == s) for s in range(int(stratum.max()) + 1)]
        self.inertia = [_inertia(self.roots[:, m], weight[m]) for m in self.members]
        self.error = [self._error(m) for m in self.members]

    def _error(self, m: Ints) -> float:
        mean = np.average(self.loads[:, m], axis=1, weights=self.weight[m])
        return float((np.abs(self.loads[:, m] - mean[:, None]).sum(axis=0) * self.weight[m]).sum())

    def grow(self) -> bool:
        """Split the set whose loads differ most; False where nothing differs."""
        k = int(np.argmax(self.inertia))
        if self.inertia[k] <= 1e-12:
            return False
        m = self.members[k]
        high = _split(self.roots[:, m], self.weight[m])
        for at, part in ((k, m[~high]), (len(self.members), m[high])):
            values = part, _inertia(self.roots[:, part], self.weight[part]), self._error(part)
            for rows, value in zip((self.members, self.inertia, self.error), values, strict=True):
                rows[at : at + 1] = [value]  # type: ignore[index]
        return True


def _joined(intervals: Intervals, loads: Floats, same: Ints, reduction: Reduction) -> Ints:
    """(N,) period of each interval."""
    count = int(same.max()) + 1
    first = np.unique(same, return_index=True)[1]
    weight = np.bincount(same, minlength=count).astype(float)
    stratum = np.unique(intervals.open[:, first], axis=1, return_inverse=True)[1].ravel()
    clusters = _Clusters(loads[:, first], weight, stratum)
    total = float((loads[:, first].sum(axis=0) * weight).sum())
    most = reduction.periods or count
    while len(clusters.members) < most and not (
        reduction.load_error is not None and sum(clusters.error) <= reduction.load_error * total
    ):
        if not clusters.grow():
            break
    of = np.empty(count, dtype=np.int64)
    for k, m in enumerate(clusters.members):
        of[m] = k
    start = np.full(len(clusters.members), intervals.start.size)
    np.minimum.at(start, of[same], np.arange(same.size))
    rank = np.empty(start.size, dtype=np.int64)
    rank[np.argsort(start)] = np.arange(start.size)
    return rank[of[same]]


def make_periods(calendar: Calendar, sites: tuple[str, ...], aht_s: tuple[tuple[str, float], ...]) -> CalendarPeriods:
    """Periods of a checked calendar; ``aht_s`` holds (contact type, mean handle time)."""
    intervals = lay_out(calendar, sites)
    of = dict(aht_s)
    loads = intervals.rates * np.array([of[c] / 3600.0 for _, c in intervals.demand])[:, None]
    same = _distinct(intervals)
    r = calendar.reduction
    lossless = r.load_error is None and (r.periods is None or r.periods > int(same.max()))
    period = same if lossless else _joined(intervals, loads, same, r)
    members = np.bincount(period)
    rates = np.array([np.bincount(period, weights=row) / members for row in intervals.rates])
    period_loads = np.array([np.bincount(period, weights=row) / members for row in loads])
    total, of_period = loads.sum(axis=0), period_loads.sum(axis=0)
    busiest = int(np.argmax(total))
    joined = int(same.max()) + 1 > int(period.max()) + 1
    error = float(np.abs(loads - period_loads[:, period]).sum() / total.sum()) if joined and total.any() else 0.0
    peak = float(total[busiest] / of_period[period[busiest]] - 1.0) if joined and total.any() else 0.0
    return CalendarPeriods(
        intervals=intervals, period=period, names=_names(intervals, period), rates=rates, load_error=error,
        hours_per_year=np.asarray(members * intervals.hours_per_year, dtype=float), distinct=int(same.max()) + 1,
        peak_error=peak,
    )  # fmt: skip


_cached = lru_cache(maxsize=8)(make_periods)


def calendar_periods(scenario: Scenario) -> CalendarPeriods:
    """The periods of a scenario with a calendar, and the intervals behind them.

    Raises
    ------
    ValueError
        The scenario has no calendar.
    """
    if scenario.calendar is None:
        msg = f"scenario {scenario.name!r}: has no calendar"
        raise ValueError(msg)
    sites = tuple(s.name for s in scenario.sites)
    return _cached(scenario.calendar, sites, tuple((c.name, c.aht_s) for c in scenario.contact_types))


def unreduced(scenario: Scenario) -> Scenario:
    """The scenario with every interval of its calendar that differs as a period of its own.

    A design for the reduced periods is carried over by `ccopt.studies.calendar_errors.design_by_interval`.
    """
    if scenario.calendar is None:
        msg = f"scenario {scenario.name!r}: has no calendar"
        raise ValueError(msg)
    full = scenario.calendar.model_copy(update={"reduction": Reduction(), "derived": None})
    found = calendar_periods(scenario.model_copy(update={"calendar": full}))
    return scenario.model_copy(update=_fields(found, scenario) | {"calendar": full})


def _fields(made: CalendarPeriods, scenario: Scenario) -> dict[str, Any]:
    periods = tuple(
        Period(name=n, hours_per_year=float(h)) for n, h in zip(made.names, made.hours_per_year, strict=True)
    )
    demand = tuple(
        Demand(region=r, contact_type=c, contacts_per_hour=tuple(float(x) for x in row))
        for (r, c), row in zip(made.intervals.demand, made.rates, strict=True)
    )
    sites = tuple(s.model_copy(update={"periods": made.open_periods(s.name)}) for s in scenario.sites)
    return {"periods": periods, "demand": demand, "sites": sites}


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _names(intervals: Intervals, period: Ints) -> tuple[str, ...]:
    """Number, commonest kind of day, and the span of local time of each period."""
    count = int(period.max()) + 1
    digits = len(str(count))
    order = np.argsort(period, kind="stable")
    bounds = np.searchsorted(period[order], np.arange(count + 1))
    names = []
    for p in range(count):
        members = order[bounds[p] : bounds[p + 1]]
        kinds = [intervals.local_kind[k] for k in members]
        common = max(dict.fromkeys(kinds), key=kinds.count)
        minutes = [int(intervals.local_minute[k]) for k, kind in zip(members, kinds, strict=True) if kind == common]
        span = f"{_clock(min(minutes))}-{_clock(max(minutes) + intervals.minutes)}"
        names.append(f"{p + 1:0{digits}d} {common} {span}")
    return tuple(names)


def fingerprint(calendar: Calendar) -> str:
    """What ``derived`` holds: a hash of everything else in the calendar."""
    text = calendar.model_copy(update={"derived": None}).model_dump_json()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_periods(raw: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Raw data with the periods, demand and site periods that its calendar gives; or the problems that prevent it."""
    from ccopt.scenario.calendar_checks import calendar_problems, parsed_calendar

    calendar, problems = parsed_calendar(raw)
    problems += calendar_problems(raw, calendar)
    if problems or calendar is None:
        return raw, problems
    if "periods" in raw:
        return raw, []
    handle = tuple((c["name"], float(sum(c.get(p) or 0.0 for p in ("ring_s", "talk_s", "hold_s", "wrap_s"))))
                   for c in raw["contact_types"])  # fmt: skip
    made = _cached(calendar, tuple(s["name"] for s in raw["sites"]), handle)
    out = dict(raw)
    out["periods"] = [
        {"name": n, "hours_per_year": float(h)} for n, h in zip(made.names, made.hours_per_year, strict=True)
    ]
    out["demand"] = [
        {"region": r, "contact_type": c, "contacts_per_hour": [float(x) for x in row]}
        for (r, c), row in zip(made.intervals.demand, made.rates, strict=True)
    ]
    out["sites"] = [_site(s, made) for s in raw["sites"]]
    out["calendar"] = dict(raw["calendar"]) | {"derived": fingerprint(calendar)}
    out["assumptions"] = [*raw.get("assumptions", ()), *_stated(made)]
    return out, []


def _site(row: dict[str, Any], made: CalendarPeriods) -> dict[str, Any]:
    found = made.open_periods(row["name"])
    return row if found is None else row | {"periods": list(found)}


def _stated(made: CalendarPeriods) -> list[dict[str, Any]]:
    if made.load_error == 0.0:
        return []
    value = f"{len(made.names)} of {made.distinct} different intervals"
    error = f"load of an interval differs by {made.load_error:.1%} on average, the busiest by {made.peak_error:+.1%}"
    return [{"name": "periods of the calendar", "value": value, "range": error, "source": "computed from the calendar"}]
