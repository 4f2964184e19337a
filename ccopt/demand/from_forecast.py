"""A forecast as the demand of a scenario, with its error as the scenario's uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ccopt.demand.calendar_forecast import profiled
from ccopt.demand.forecasting import Forecast, as_series, forecast
from ccopt.demand.profile import DayType, weekday_types
from ccopt.demand.to_scenario import LogScenario
from ccopt.scenario.checks import validated
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario

DAYS_PER_YEAR = 365.25
MOST_VARIANCE = 4.0


def with_forecast(
    scenario: Scenario, forecasts: Mapping[str, Forecast], *, region: str | None = None, day_types: DayType = weekday_types
) -> Scenario:
    """The scenario with the forecast contacts as demand and the forecast's error as ``uncertainty``.

    Periods become the intervals of each day type with contacts, weighted by how many days of the type are forecast; the
    days stand for a year. In a calendar the profiles of day types become the means over their forecast days; the periods
    follow from it. Contacts that repeats and journeys of the scenario bring are taken out, as in
    `ccopt.demand.follow_ups`.

    Parameters
    ----------
    scenario
        With one region, such as `ccopt.scenario_from_log` makes; in a calendar other regions keep their profiles.
    forecasts
        One `ccopt.forecast` per contact type, all for the same intervals.
    region
        Where the contacts come from; the scenario's own region unless given.
    day_types
        Rule of day types; a calendar has its own.

    Raises
    ------
    ValueError
        Unknown or missing contact types, forecasts of different intervals; several regions without a calendar, or
        without ``region``; a calendar with seasons, with intervals of another length, or with a day type that no forecast day has.
    """
    kinds = [c.name for c in scenario.contact_types]
    _checked(forecasts, kinds)
    regions = {d.region for d in scenario.demand}
    if len(regions) > 1 and (region is None or scenario.calendar is None):
        cure = "say which one is forecast" if scenario.calendar else "its periods change, and the demand of the others would be lost"
        msg = f"region = {region!r}: the scenario has {sorted(regions)}; {cure}"
        raise ValueError(msg)
    own, first = _own_share(scenario), forecasts[kinds[0]]
    index = pd.DatetimeIndex(first.table.index)
    means = pd.DataFrame({c: forecasts[c].table["mean"].to_numpy() * own[c] / (first.minutes / 60.0) for c in kinds}, index=index)
    place = region or scenario.demand[0].region
    when = _in_periods(means, first.minutes, place, day_types) if scenario.calendar is None else profiled(scenario.calendar, means, place)
    raw = scenario.model_dump(mode="json", exclude_unset=True) | when | {"uncertainty": _uncertainty(scenario, forecasts)}
    if scenario.calendar is not None:
        for derived in ("periods", "demand"):
            raw.pop(derived, None)
    raw["assumptions"] = [a for a in raw.get("assumptions", []) if not a["name"].startswith(REPLACED)] + _register(forecasts)
    return validated(raw)


def _in_periods(means: pd.DataFrame, minutes: int, region: str, day_types: DayType) -> dict[str, Any]:
    """Contacts per hour by day type and interval, as plain periods of a year."""
    index = pd.DatetimeIndex(means.index)
    kind = np.asarray(day_types(index.normalize()))
    days = pd.Series(index.normalize()).groupby(kind).nunique()
    table = means.groupby([kind, index.strftime("%H:%M")]).mean()
    table = table[table.sum(axis=1) > 0]
    periods = [
        {"name": f"{k} {clock}", "hours_per_year": DAYS_PER_YEAR * float(days[k]) / float(days.sum()) * minutes / 60.0}
        for k, clock in table.index
    ]
    demand = [{"region": region, "contact_type": c, "contacts_per_hour": [float(x) for x in table[c]]} for c in means.columns]
    return {"periods": periods, "demand": demand}


def scenario_of_forecast(made: LogScenario, *, days: int, day_types: DayType = weekday_types) -> Scenario:
    """The scenario of a history with the forecast of its next open days as demand.

    Parameters
    ----------
    made
        Of `ccopt.scenario_from_log` or `scenario_from_report`.
    days
        Open days to forecast: days of weekdays that the history knows.
    day_types
        The rule that the scenario was made with.

    Raises
    ------
    ValueError
        A contact type with fewer than 15 days of contacts; see `with_forecast`.
    """
    known = pd.DatetimeIndex(sorted(set().union(*(t.index[t.sum(axis=1) > 0] for t in made.counts.values()))))
    after = pd.date_range(known.max() + pd.Timedelta(days=1), periods=8 * days, freq="D")
    ahead = after[after.day_name().isin(set(known.day_name()))][:days]
    found = {c: forecast(as_series(t), horizon=days, open_days=ahead) for c, t in made.counts.items()}
    return with_forecast(made.scenario, found, day_types=day_types)


REPLACED = ("demand", "variance of the busyness factor")


def _checked(forecasts: Mapping[str, Forecast], kinds: list[str]) -> None:
    if set(forecasts) != set(kinds):
        msg = f"forecasts: has {sorted(forecasts)}, the contact types are {sorted(kinds)}"
        raise ValueError(msg)
    first = forecasts[kinds[0]].table.index
    other = next((c for c in kinds if not forecasts[c].table.index.equals(first)), None)
    if other is not None:
        msg = f"forecasts[{other!r}]: has other intervals than that of {kinds[0]!r}; pass the same open_days to each"
        raise ValueError(msg)


def _own_share(scenario: Scenario) -> dict[str, float]:
    """Share of each type's contacts that no earlier contact causes, in the scenario as it stands."""
    core = core_of(scenario)
    hours = np.array([p.hours_per_year for p in scenario.periods])

    def contacts(s: Scenario, name: str) -> float:
        rows = [np.broadcast_to(d.contacts_per_hour, hours.shape) for d in s.demand if d.contact_type == name]
        return float(sum(hours @ row for row in rows))

    lost = {q.contact_type: q.lost for q in scenario.quality}
    share = {}
    for c in scenario.contact_types:
        brought = sum(
            e.share * contacts(core, e.from_type) * (1.0 - lost.get(e.from_type, 0.0)) for e in core.escalations if e.to_type == c.name
        )
        everything = contacts(core, c.name) + brought
        share[c.name] = contacts(scenario, c.name) / everything if everything > 0 else 1.0
    return share


def _uncertainty(scenario: Scenario, forecasts: Mapping[str, Forecast]) -> list[dict[str, Any]]:
    """Rows per type; what types have in common is that of the fitted history, everything where it is unknown (safe)."""
    common = {r.contact_type: r.common_share for r in scenario.uncertainty}
    return [
        {"contact_type": c, "factor_variance": min(f.factor_variance, MOST_VARIANCE), "source": "error of the forecast",
         "common_share": common.get(c, common.get(None, 1.0))} for c, f in forecasts.items()
    ]  # fmt: skip


def _register(forecasts: Mapping[str, Forecast]) -> list[dict[str, str]]:
    rows = []
    for c, f in forecasts.items():
        index = f.table.index
        ratio = [float(f.table[k].sum() / f.table["mean"].sum()) for k in ("lower", "upper")]  # weighted by contacts
        rows.append({
            "name": f"demand of {c}", "value": f"forecast of {index.min():%Y-%m-%d} to {index.max():%Y-%m-%d}",
            "range": f"{ratio[0] - 1:+.0%} to {ratio[1] - 1:+.0%} for one interval, {f.level:.0%} of the time", "source": f.method,
        })  # fmt: skip
        rows.append({
            "name": f"variance of the busyness factor of {c}", "value": f"{f.factor_variance:.4f}",
            "range": f"{f.day_share:.0%} common to a day", "source": "error of the forecast, Poisson noise left out",
        })  # fmt: skip
    return rows
