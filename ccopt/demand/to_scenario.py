"""From a contact log to a scenario that can be defended: measured figures, and a register of what was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ccopt.demand.contact_log import ContactLog
from ccopt.demand.patience import PatienceFit, fit_patience
from ccopt.demand.profile import (
    DayType,
    HandleTimeFit,
    RateDispersion,
    fit_dispersion,
    fit_handle_time,
    fit_profile,
    interval_counts,
    missing_days,
    weekday_types,
)
from ccopt.scenario.entities import (
    Assumption,
    ContactType,
    Demand,
    Period,
    Scenario,
    Site,
    SkillSet,
    TargetEntry,
)

DAYS_PER_YEAR = 365.25
FEWEST_ABANDONMENTS = 30
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
    """

    wage_per_hour: float
    shrinkage: float = 0.3
    targets: tuple[TargetEntry, ...] = DEFAULT_TARGETS
    minutes: int = 60
    least_share: float = 0.005
    day_types: DayType = weekday_types


@dataclass(frozen=True, slots=True, kw_only=True)
class LogScenario:
    """The scenario, the fits behind it, and warnings by kind with counts."""

    scenario: Scenario
    patience: Mapping[str, PatienceFit]
    handle_time: Mapping[str, HandleTimeFit]
    dispersion: RateDispersion
    warnings: Mapping[str, int] = field(default_factory=dict)


def scenario_from_log(log: ContactLog, *, name: str, options: LogOptions) -> LogScenario:
    """Turn a contact log into a scenario of one site with one region.

    Periods are the steps of each day type, weighted by how many days of the type the log has; contacts per hour are
    means over days; handle times are means and patience is the censored exponential mean of each contact type (of all
    types together where fewer than 30 contacts abandoned after waiting).

    Raises
    ------
    ValueError
        A log without contacts.
    """
    contacts = log.contacts
    if contacts.empty:
        msg = "log: no contacts were read"
        raise ValueError(msg)
    share = contacts["contact_type"].value_counts(normalize=True)
    small = set(share[share < options.least_share].index)
    largest = str(share.index[0])
    kind = contacts["contact_type"].where(~contacts["contact_type"].isin(small), largest)
    types = sorted(kind.unique())
    handle = {c: fit_handle_time(contacts.loc[(kind == c), "handle_s"].dropna()) for c in types}
    patience = _patience(contacts, kind, types)
    counts = {c: interval_counts(contacts.loc[kind == c, "arrived"], minutes=options.minutes) for c in types}
    total = interval_counts(contacts["arrived"], minutes=options.minutes)
    dispersion = fit_dispersion(total, day_types=options.day_types)
    periods, rates = _periods(counts, total, options)
    scenario = Scenario(
        schema_version=1,
        name=name,
        periods=periods,
        sites=(
            Site(name="site", kind="inhouse", wage_per_hour=options.wage_per_hour, shrinkage=options.shrinkage),
        ),
        contact_types=tuple(
            ContactType(
                name=c, talk_s=handle[c].mean_s, patience_s=patience[c].mean_s, targets=options.targets
            )
            for c in types
        ),
        skill_sets=(
            *(SkillSet(name=f"{c} only", contact_types=(c,)) for c in types),
            SkillSet(name="all types", contact_types=tuple(types)),
        ),
        demand=tuple(Demand(region="callers", contact_type=c, contacts_per_hour=tuple(rates[c])) for c in types),
        assumptions=_register(log, options, dispersion),
    )
    warnings = dict(log.warnings)
    lost = missing_days(total)
    if len(lost):
        warnings[f"days without any contact, left out ({lost[0]:%Y-%m-%d} ...)"] = len(lost)
    if log.faults:
        warnings["rows refused"] = len(log.faults)
    if small:
        warnings[f"contact types joined to {largest} ({', '.join(sorted(small))})"] = len(small)
    return LogScenario(
        scenario=scenario, patience=patience, handle_time=handle, dispersion=dispersion, warnings=warnings
    )


def _patience(contacts: pd.DataFrame, kind: pd.Series, types: list[str]) -> dict[str, PatienceFit]:
    everyone = fit_patience(contacts["wait_s"], ~contacts["answered"])
    fits = {}
    for c in types:
        mine = contacts[kind == c]
        enough = ((mine["wait_s"] > 0) & ~mine["answered"]).sum() >= FEWEST_ABANDONMENTS
        fits[c] = fit_patience(mine["wait_s"], ~mine["answered"]) if enough else everyone
    return fits


def _periods(
    counts: Mapping[str, pd.DataFrame], total: pd.DataFrame, options: LogOptions
) -> tuple[tuple[Period, ...], dict[str, list[float]]]:
    """Steps of each day type with contacts, and contacts per hour by type."""
    step_h = options.minutes / 60
    profile = fit_profile(total, day_types=options.day_types)
    per_type = {
        c: fit_profile(table.reindex(total.index, fill_value=0), day_types=options.day_types).mean
        for c, table in counts.items()
    }
    periods: list[Period] = []
    rates: dict[str, list[float]] = {c: [] for c in counts}
    all_days = float(profile.days.sum())
    for day in profile.mean.index:
        for minute in (int(m) for m in profile.mean.columns.to_numpy()):
            if not profile.mean.loc[day, minute] > 0:
                continue
            days = DAYS_PER_YEAR * float(profile.days[day]) / all_days
            label = f"{day} {minute // 60:02d}:{minute % 60:02d}"
            periods.append(Period(name=label, hours_per_year=days * step_h))
            for c, mean in per_type.items():
                rates[c].append(float(mean.loc[day, minute]) / step_h)
    return tuple(periods), rates


def _register(log: ContactLog, options: LogOptions, dispersion: RateDispersion) -> tuple[Assumption, ...]:
    first, last = log.contacts["arrived"].min(), log.contacts["arrived"].max()
    rows = [
        ("demand", f"mean of {first:%Y-%m-%d} to {last:%Y-%m-%d}", "", "the log"),
        (
            "variance of the busyness factor",
            f"{dispersion.factor_variance:.4f}",
            f"{dispersion.day_share:.0%} common to a day",
            "fitted to interval counts of the log",
        ),
        ("wage per hour", f"{options.wage_per_hour:g}", "", "given by the planner"),
        ("shrinkage", f"{options.shrinkage:g}", "0.25 to 0.4", "given by the planner"),
    ]
    if options.targets is DEFAULT_TARGETS:
        rows.append(("targets", "80 % in 20 s, occupancy at most 90 %", "", "default of the trade, not of this client"))
    return tuple(Assumption(name=n, value=v, range=r, source=s) for n, v, r, s in rows)
