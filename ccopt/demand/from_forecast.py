"""A forecast as the demand of a scenario, with its error as the scenario's uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ccopt.demand.forecasting import Forecast
from ccopt.demand.profile import DayType, weekday_types
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
    days stand for a year. Contacts that repeats and journeys of the scenario bring are taken out, as in
    `ccopt.demand.follow_ups`.

    Parameters
    ----------
    scenario
        Without calendar, and with one region, such as `ccopt.scenario_from_log` makes.
    forecasts
        One `ccopt.forecast` per contact type, all for the same intervals.
    region
        Where the contacts come from; the scenario's own region unless given.
    day_types
        Rule of day types.

    Raises
    ------
    ValueError
        A calendar, unknown or missing contact types, or forecasts of different intervals.
    """
    kinds = [c.name for c in scenario.contact_types]
    _checked(scenario, forecasts, kinds)
    region = region or scenario.demand[0].region
    index = pd.DatetimeIndex(forecasts[kinds[0]].table.index)
    step_h = float(np.diff(np.unique(index.hour * 60 + index.minute)).min()) / 60.0
    kind = np.asarray(day_types(index.normalize()))
    days = pd.Series(index.normalize()).groupby(kind).nunique()
    own = _own_share(scenario)
    means = pd.DataFrame({c: forecasts[c].table["mean"].to_numpy() * own[c] / step_h for c in kinds})
    table = means.groupby([kind, index.strftime("%H:%M")]).mean()
    table = table[table.sum(axis=1) > 0]
    periods = [
        {"name": f"{k} {clock}", "hours_per_year": DAYS_PER_YEAR * float(days[k]) / float(days.sum()) * step_h}
        for k, clock in table.index
    ]
    demand = [{"region": region, "contact_type": c, "contacts_per_hour": [float(x) for x in table[c]]} for c in kinds]
    raw = scenario.model_dump(mode="json", exclude_unset=True) | {
        "periods": periods, "demand": demand, "uncertainty": _uncertainty(scenario, forecasts),
    }  # fmt: skip
    raw["assumptions"] = [a for a in raw.get("assumptions", []) if not a["name"].startswith(REPLACED)] + _register(forecasts)
    return validated(raw)


REPLACED = ("demand", "variance of the busyness factor")


def _checked(scenario: Scenario, forecasts: Mapping[str, Forecast], kinds: list[str]) -> None:
    if scenario.calendar is not None:
        msg = f"scenario {scenario.name!r}: has a calendar; make it from the log without time_zone"
        raise ValueError(msg)
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
        ratio = [float(np.average(f.table[k] / f.table["mean"], weights=f.table["mean"])) for k in ("lower", "upper")]
        rows.append({
            "name": f"demand of {c}", "value": f"forecast of {index.min():%Y-%m-%d} to {index.max():%Y-%m-%d}",
            "range": f"{ratio[0] - 1:+.0%} to {ratio[1] - 1:+.0%} for one interval, {f.level:.0%} of the time", "source": f.method,
        })  # fmt: skip
        rows.append({
            "name": f"variance of the busyness factor of {c}", "value": f"{f.factor_variance:.4f}",
            "range": f"{f.day_share:.0%} common to a day", "source": "error of the forecast, Poisson noise left out",
        })  # fmt: skip
    return rows
