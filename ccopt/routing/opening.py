"""Gaps between time zones: contacts that come while every site that could take them is shut, on the UTC clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design
from ccopt.routing.finding import Finding
from ccopt.scenario.entities import Scenario
from ccopt.scenario.intervals import Intervals
from ccopt.scenario.periods import calendar_periods

Bools = NDArray[np.bool_]
DAY_MIN = 1440


def opening_gaps(scenario: Scenario, design: Design | None = None) -> list[Finding]:
    """Times at which a region's contacts come and no site that may serve them is open.

    Parameters
    ----------
    scenario
        A scenario with a calendar; without one there are no hours to compare and nothing is found.
    design
        Only sites that it opens and that have a group with the skill; without it every site that may have one.

    Returns
    -------
    list of Finding
        One for each region, contact type and run of UTC hours, the most contacts first.

    Examples
    --------
    >>> from ccopt.scenario import load_instance
    >>> opening_gaps(load_instance("three-regions"))
    []
    """
    if scenario.calendar is None:
        return []
    intervals = calendar_periods(scenario).intervals
    found: list[tuple[float, Finding]] = []
    for d, (region, contact_type) in enumerate(intervals.demand):
        able = _able(scenario, design, region, contact_type)
        mine = [i for i, name in enumerate(intervals.sites) if name in able]
        gap = (intervals.rates[d] > 0.0) & ~intervals.open[mine].any(axis=0)
        if gap.any():
            found += _findings(intervals, d, gap, mine)
    return [f for _, f in sorted(found, key=lambda x: -x[0])]


def _able(scenario: Scenario, design: Design | None, region: str, contact_type: str) -> set[str]:
    """Sites that may serve a region's contacts of a type."""
    skills = {k.name for k in scenario.skill_sets if contact_type in k.contact_types}
    banned = {x.site for x in scenario.links if x.region == region and not x.allowed}
    if design is not None:
        return {g.site for g in design.groups if g.skill_set in skills and g.site in design.open_sites} - banned
    return {
        s.name for s in scenario.sites if s.name not in banned and (s.skill_sets is None or skills & set(s.skill_sets))
    }


def _findings(intervals: Intervals, d: int, gap: Bools, sites: list[int]) -> Iterable[tuple[float, Finding]]:
    """Runs of the UTC day that are a gap on some days."""
    region, contact_type = intervals.demand[d]
    minute = intervals.start % DAY_MIN
    for first, last in _runs(np.unique(minute[gap]), intervals.minutes):
        inside = gap & ((minute - first) % DAY_MIN < (last - first))
        contacts = float(intervals.rates[d, inside].sum()) * intervals.hours_per_year
        days = {intervals.time(int(k)).date() for k in np.flatnonzero(inside)}
        yield contacts, Finding(
            severity="error", check="time_zone_gap",
            place=f"{contact_type} of {region}, {_clock(first)} to {_clock(last)} UTC",
            message=f"{contacts:,.0f} contacts a year come on {len(days)} days of the calendar, first on {min(days)}, "
            "while every site that may serve them is shut",
            cure=_cure(intervals, inside, sites, contact_type, region),
        )  # fmt: skip


def _runs(minutes: NDArray[np.int64], step: int) -> Iterable[tuple[int, int]]:
    """First and last (beyond) minute of consecutive times of the day; a run over midnight ends after 24:00."""
    parts = np.split(minutes, np.flatnonzero(np.diff(minutes) > step) + 1)
    spans = [(int(p[0]), int(p[-1]) + step) for p in parts]
    if len(spans) > 1 and spans[0][0] == 0 and spans[-1][1] == DAY_MIN:
        spans = [*spans[1:-1], (spans[-1][0], DAY_MIN + spans[0][1])]
    return spans


def _clock(minute: int) -> str:
    at = dt.time(minute % DAY_MIN // 60, minute % 60)
    return f"{at:%H:%M}" + (" of the next day" if minute > DAY_MIN else "")


def _cure(intervals: Intervals, gap: Bools, sites: list[int], contact_type: str, region: str) -> str:
    """The site that would have to work the fewest hours more."""
    if not sites:
        return f"allow a site with the skill for {contact_type} to serve {region}"
    steps = np.arange(gap.size)
    missing = np.flatnonzero(gap)

    def away(i: int) -> int:
        open_at = steps[intervals.open[i]]
        if not open_at.size:
            return int(gap.size)
        after = np.searchsorted(open_at, missing)
        ahead = np.where(after < open_at.size, open_at[np.minimum(after, open_at.size - 1)] - missing, gap.size)
        behind = np.where(after > 0, missing - open_at[np.maximum(after - 1, 0)], gap.size)
        return int(np.minimum(ahead, behind).max())

    best = min(sites, key=away)
    hours = away(best) * intervals.minutes / 60.0
    return f"let {intervals.sites[best]} work up to {hours:g} h longer, or open a site in another time zone for {contact_type}"
