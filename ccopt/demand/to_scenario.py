"""From history to a scenario that can be defended: measured figures, and a register of what was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ccopt.demand.contact_log import ContactLog
from ccopt.demand.history import History, history_of_log, history_of_report
from ccopt.demand.interval_report import IntervalReport
from ccopt.demand.patience import PatienceFit
from ccopt.demand.profile import (
    DayType,
    HandleTimeFit,
    RateDispersion,
    fit_dispersion,
    fit_joint_dispersion,
    fit_profile,
    weekday_types,
)
from ccopt.scenario.checks import validated
from ccopt.scenario.entities import Scenario, TargetEntry
from ccopt.scenario.intervals import WEEKDAYS

DAYS_PER_YEAR = 365.25
DEFAULT_TARGETS = (TargetEntry(service_level=0.8, awt_s=20.0), TargetEntry(max_occupancy=0.9))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """Choices of the planner that no log contains.

    Attributes
    ----------
    wage_per_hour
        Of the site that serves the log.
    shrinkage
        Paid time without service; 0.3 is usual (0.25 to 0.4).
    targets
        Promise for every contact type; 80 % in 20 s and at most 90 % occupancy unless said.
    minutes
        Length of the steps of a day in the scenario.
    least_share
        Contact types with a smaller share of the log are joined to the largest one.
    day_types
        Rule of day types.
    time_zone
        IANA zone of the log. With it the scenario has a calendar of the year after the log (local day types, clock
        changes) instead of plain periods.
    redial_window_s, repeat_window_s
        Within which the next contact of a customer belongs to the lost, or answered, one before.
    load_error
        How exact the periods of the calendar are (see `ccopt.scenario.calendar.Reduction`).
    wage_source, wage_range
        For the register of assumptions.
    """

    wage_per_hour: float
    shrinkage: float = 0.3
    targets: tuple[TargetEntry, ...] = DEFAULT_TARGETS
    minutes: int = 60
    least_share: float = 0.005
    day_types: DayType = weekday_types
    time_zone: str | None = None
    load_error: float = 0.05
    redial_window_s: float = 1800.0
    repeat_window_s: float = 86_400.0
    wage_source: str = "given by the planner"
    wage_range: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogScenario:
    """The scenario, the fits behind it, and warnings by kind with counts.

    ``dispersion`` is None where the history has fewer than three days of any type; ``counts`` are contacts by type, per day
    (rows) and interval (columns, minutes after midnight).
    """

    scenario: Scenario
    patience: Mapping[str, PatienceFit]
    handle_time: Mapping[str, HandleTimeFit]
    dispersion: RateDispersion | None
    counts: Mapping[str, pd.DataFrame]
    warnings: Mapping[str, int] = field(default_factory=dict)


def scenario_from_log(log: ContactLog, *, name: str, options: LogOptions) -> LogScenario:
    """Turn a contact log into a scenario of one site with one region.

    Periods are the steps of each day type, weighted by how many days of the type the log has; contacts per hour are
    means over days; handle times are means and patience is the censored exponential mean of each contact type (of all
    types together where fewer than 30 contacts abandoned after waiting). Where the log names customers, redials, repeat
    contacts and journeys are taken out of the demand and written as blocks (see `ccopt.demand.follow_ups`).

    Raises
    ------
    ValueError
        A log without contacts.
    """
    history = history_of_log(
        log, minutes=options.minutes, least_share=options.least_share, redial_window_s=options.redial_window_s,
        repeat_window_s=options.repeat_window_s,
    )  # fmt: skip
    return _built(history, name, options)


def scenario_from_report(report: IntervalReport, *, name: str, options: LogOptions) -> LogScenario:
    """Turn an interval report into a scenario of one site with one region.

    As `scenario_from_log`; patience follows from the speed of answer and the share abandoned.

    Raises
    ------
    ValueError
        No rows, no handle times, or intervals longer than ``options.minutes``.
    """
    return _built(history_of_report(report, minutes=options.minutes, least_share=options.least_share), name, options)


def _built(history: History, name: str, options: LogOptions) -> LogScenario:
    warnings = dict(history.warnings)
    try:
        dispersion = fit_dispersion(history.total, day_types=options.day_types)
    except ValueError:
        dispersion = None
        warnings["no day type has three days, so the scatter of rates is unknown"] = 1
    types = sorted(history.types)
    targets = [t.model_dump(mode="json", exclude_unset=True) for t in options.targets]
    raw: dict[str, Any] = {
        "schema_version": 1, "name": name,
        "sites": [{"name": "site", "kind": "inhouse", "wage_per_hour": float(options.wage_per_hour),
                   "shrinkage": float(options.shrinkage)}],
        "contact_types": [_contact_type(c, history, targets) for c in types],
        "skill_sets": [*({"name": f"{c} only", "contact_types": [c]} for c in types),
                       *([{"name": "all types", "contact_types": types}] if len(types) > 1 else [])],
    }  # fmt: skip
    raw |= _periods(history, options) if options.time_zone is None else {"calendar": _calendar(history, options)}
    if dispersion is not None:
        joint = fit_joint_dispersion({c: history.types[c].counts for c in types}, day_types=options.day_types)
        raw["uncertainty"] = [
            {"contact_type": c, "factor_variance": min(float(joint.factor_variance[c]), 4.0),
             "common_share": joint.common_share, "source": "fitted to interval counts"} for c in types
        ]  # fmt: skip
    raw |= {k: list(v) for k in ("quality", "journeys") if (v := getattr(history.follow_ups, k))}
    raw["assumptions"] = _register(history, options, dispersion)
    return LogScenario(
        scenario=validated(raw), patience=history.patience, handle_time=history.handle_time, dispersion=dispersion,
        counts={c: history.types[c].counts for c in types}, warnings=warnings,
    )  # fmt: skip


def _contact_type(name: str, history: History, targets: list[dict[str, Any]]) -> dict[str, Any]:
    mine = history.types[name]
    patience = {} if mine.patience_s is None else {"patience_s": mine.patience_s}
    return {"name": name, **mine.parts_s, **patience, "targets": targets}


def _periods(history: History, options: LogOptions) -> dict[str, Any]:
    """Steps of each day type with contacts, and contacts per hour by type."""
    step_h = options.minutes / 60
    profile = fit_profile(history.total, day_types=options.day_types)
    per_type = {c: fit_profile(t.counts, day_types=options.day_types).mean for c, t in history.types.items()}
    periods: list[dict[str, Any]] = []
    rates: dict[str, list[float]] = {c: [] for c in per_type}
    all_days = float(profile.days.sum())
    for day in profile.mean.index:
        for minute in (int(m) for m in profile.mean.columns.to_numpy()):
            if not profile.mean.loc[day, minute] > 0:
                continue
            days = DAYS_PER_YEAR * float(profile.days[day]) / all_days
            label = f"{day} {minute // 60:02d}:{minute % 60:02d}"
            periods.append({"name": label, "hours_per_year": days * step_h})
            for c, mean in per_type.items():
                rates[c].append(history.demand_share(c) * float(mean.loc[day, minute]) / step_h)
    demand = [{"region": "callers", "contact_type": c, "contacts_per_hour": rates[c]} for c in sorted(rates)]
    return {"periods": periods, "demand": demand}


def _calendar(history: History, options: LogOptions) -> dict[str, Any]:
    """The year after the history, with its day types and local profiles; weekdays that it lacks have no contacts."""
    year = history.last.year + 1
    monday = pd.Timestamp("2024-01-01")
    kind_of = dict(zip(WEEKDAYS, options.day_types(pd.date_range(monday, periods=7)), strict=True))
    step_h = options.minutes / 60
    profiles = []
    for c, mine in sorted(history.types.items()):
        mean = fit_profile(mine.counts, day_types=options.day_types).mean
        for kind in dict.fromkeys(kind_of.values()):
            known = kind in mean.index
            rate = [history.demand_share(c) * float(x) / step_h for x in mean.loc[kind]] if known else 0.0
            profiles.append({"region": "callers", "contact_type": c, "day_types": [kind], "contacts_per_hour": rate})
    day_types = [{"name": k, "weekdays": [w for w in WEEKDAYS if kind_of[w] == k]} for k in dict.fromkeys(kind_of.values())]
    return {
        "first_day": f"{year}-01-01", "last_day": f"{year}-12-31", "time_zone": options.time_zone,
        "interval_min": options.minutes, "day_types": day_types, "profiles": profiles,
        "reduction": {"load_error": options.load_error},
    }  # fmt: skip


def _register(history: History, options: LogOptions, dispersion: RateDispersion | None) -> list[dict[str, str]]:
    span = f"{history.first:%Y-%m-%d} to {history.last:%Y-%m-%d}"
    rows = [("demand", f"mean of {span}", f"{len(history.total)} days", "the history")]
    for c, t in sorted(history.types.items()):
        rows.append((f"handle time of {c}", f"{sum(t.parts_s.values()):.0f} s", t.handle_range, t.handle_source))
        value = "none" if t.patience_s is None else f"{t.patience_s:.0f} s"
        rows.append((f"patience of {c}", value, t.patience_range, t.patience_source))
    rows += history.follow_ups.register
    if dispersion is not None:
        rows.append((
            "variance of the busyness factor", f"{dispersion.factor_variance:.4f}",
            f"{dispersion.day_share:.0%} common to a day", "fitted to interval counts",
        ))  # fmt: skip
    rows.append(("wage per hour", f"{options.wage_per_hour:g}", options.wage_range, options.wage_source))
    rows.append(("shrinkage", f"{options.shrinkage:g}", "0.25 to 0.4", "given by the planner"))
    rows.append(("seats, fixed cost, links", "none", "", "not in a history; add them"))
    if options.targets is DEFAULT_TARGETS:
        rows.append(("targets", "80 % in 20 s, occupancy at most 90 %", "", "default of the trade, not of this client"))
    return [{"name": n, "value": v, "range": r, "source": s} for n, v, r, s in rows]
