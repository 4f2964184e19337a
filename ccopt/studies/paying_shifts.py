"""Paid hours of a design: shifts that cover its agents in every local day of the calendar, full-time equivalents, heads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ccopt.design import AgentGroup, Design
from ccopt.scenario.calendar import Calendar
from ccopt.scenario.entities import Scenario, Site
from ccopt.scenario.intervals import SLOT, Intervals, local_time, zone_of
from ccopt.scenario.periods import calendar_periods
from ccopt.scenario.shifts import ShiftPattern, Shifts
from ccopt.studies.shift_cover import ShiftCover, cover_shifts

Ints = NDArray[np.int64]
WEEKS_PER_YEAR = 365.25 / 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidHours:
    """Paid hours of a design.

    Attributes
    ----------
    groups
        One row per agent group that the shifts of the scenario cover: ``needed_h`` (agent-hours at work per year),
        ``paid_h`` (of the covers), ``bound_h`` (every cover pays at least), ``efficiency`` = needed / paid,
        ``scheduled_h`` = paid / (1 - shrinkage), ``fte`` and ``headcount`` (whole persons with full-time contracts).
    days
        One row per group and different local day: its commonest day type, days per year, hours needed and paid.
    left_out
        Groups at sites that no pattern fits (vendors who sell hours plan their own shifts).
    """

    groups: pd.DataFrame
    days: pd.DataFrame
    left_out: tuple[str, ...]

    @property
    def efficiency(self) -> float:
        """Needed over paid hours of all groups."""
        paid = float(self.groups["paid_h"].sum())
        return float(self.groups["needed_h"].sum()) / paid if paid else 1.0


def paid_hours(scenario: Scenario, design: Design, *, gap: float = 0.005, time_limit_s: float = 10.0) -> PaidHours:
    """Cover the agents of a design by shifts, group by group and local day by local day.

    Days are circular: a shift that runs past midnight meets a day like its own. On days of the clock change the hour
    that comes twice counts once, with the larger number.

    Parameters
    ----------
    scenario
        With ``calendar`` and ``shifts``.
    design
        Agents per period.
    gap, time_limit_s
        Of each covering programme (one per group and different day); the bound is proven either way.

    Raises
    ------
    ValueError
        No calendar or no shifts.
    InfeasibleError
        Agents are needed when no shift works.
    """
    if scenario.shifts is None or scenario.calendar is None:
        msg = f"scenario {scenario.name!r}: needs the blocks calendar and shifts"
        raise ValueError(msg)
    made = calendar_periods(scenario)
    sites = {s.name: s for s in scenario.sites}
    rows, days, left = [], [], []
    for group in design.groups:
        site = sites[group.site]
        patterns = patterns_of(scenario.shifts, site)
        if not patterns:
            left.append(f"{group.site}/{group.skill_set}")
            continue
        agents = np.asarray(group.agents, dtype=np.int64)[made.period]
        found = list(_covers(scenario.calendar, scenario.shifts, group, (made.intervals, agents), (patterns, gap, time_limit_s)))
        days += [
            {"site": group.site, "skill_set": group.skill_set, "day_type": kind, "days_per_year": n, "needed_h": c.needed_h,
             "paid_h": c.paid_h, "bound_h": c.bound_h, "people": sum(c.people)} for n, kind, c in found
        ]  # fmt: skip
        rows.append(_row(group, site, scenario.shifts, found))
    columns = ["site", "skill_set", "needed_h", "paid_h", "bound_h", "efficiency", "scheduled_h", "fte", "headcount"]
    return PaidHours(groups=pd.DataFrame(rows, columns=columns), days=pd.DataFrame(days), left_out=tuple(left))


def patterns_of(shifts: Shifts, site: Site) -> list[ShiftPattern]:
    """Patterns that a site may use."""
    return [
        p for p in shifts.patterns
        if (p.kinds is None or site.kind in p.kinds) and (p.sites is None or site.name in p.sites)
    ]  # fmt: skip


def _covers(
    calendar: Calendar, shifts: Shifts, group: AgentGroup, need: tuple[Intervals, Ints],
    how: tuple[list[ShiftPattern], float, float],
) -> Iterator[tuple[float, str, ShiftCover]]:  # fmt: skip
    """Days per year, day type and cover of each different local day of a group."""
    intervals, agents = need
    patterns, gap, limit = how
    per_day = 1440 // intervals.minutes
    steps = intervals.minutes // SLOT
    local = local_time(zone_of(calendar, group.site, site=True), int(intervals.start[0]) // SLOT, intervals.start.size * steps)
    date, at = local.date[::steps], local.quarter[::steps] // steps
    table = np.zeros((int(date.max() - date.min()) + 1, per_day), dtype=np.int64)
    np.maximum.at(table, (date - date.min(), at), agents)
    # a local day that the ends of the calendar cut in two is the day of both ends
    whole = np.bincount(date - date.min(), minlength=len(table)) >= per_day - 4
    different, where, count = np.unique(table[whole], axis=0, return_inverse=True, return_counts=True)
    kind = _kind_of_days(intervals, date - date.min(), np.flatnonzero(whole))
    away = np.repeat(np.broadcast_to(np.asarray(shifts.shrinkage_by_hour, dtype=float), (24,)), per_day // 24)
    for k, (row, n) in enumerate(zip(different, count, strict=True)):
        cover = cover_shifts(row, patterns, shrinkage=away, gap=gap, time_limit_s=limit)
        mine = kind[where.ravel() == k]
        yield 365.0 * float(n) / float(whole.sum()), max(sorted(set(mine)), key=list(mine).count), cover


def _kind_of_days(intervals: Intervals, date: Ints, days: Ints) -> NDArray[np.str_]:
    """Day type of each local day: that of most of its intervals."""
    kinds = np.asarray(intervals.local_kind)
    names, code = np.unique(kinds, return_inverse=True)
    table = np.zeros((int(date.max()) + 1, names.size), dtype=np.int64)
    np.add.at(table, (date, code), 1)
    return np.asarray(names[np.argmax(table[days], axis=1)])


def _row(group: AgentGroup, site: Site, shifts: Shifts, found: list[tuple[float, str, ShiftCover]]) -> dict[str, object]:
    needed, paid, bound = (math.fsum(n * getattr(c, name) for n, _, c in found) for name in ("needed_h", "paid_h", "bound_h"))
    scheduled = paid / (1.0 - site.shrinkage)
    fte = scheduled / (shifts.full_time_h_per_week * WEEKS_PER_YEAR)
    return {
        "site": group.site, "skill_set": group.skill_set, "needed_h": needed, "paid_h": paid, "bound_h": bound,
        "efficiency": needed / paid if paid else 1.0, "scheduled_h": scheduled, "fte": fte, "headcount": math.ceil(fte - 1e-9),
    }  # fmt: skip
