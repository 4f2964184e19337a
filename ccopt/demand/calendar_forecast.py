"""Forecast days in a calendar: profiles of its day types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ccopt.scenario.calendar import Calendar, DayProfile

MINUTES_PER_DAY = 1440


def profiled(calendar: Calendar, means: pd.DataFrame, region: str) -> dict[str, Any]:
    """The calendar with the means over forecast days as profiles of its day types.

    Parameters
    ----------
    calendar
        Without seasons: a forecast carries the season of its own days.
    means
        Contacts per hour: one row per interval in local time, one column per contact type.
    region
        Whose profiles are replaced.

    Raises
    ------
    ValueError
        Seasons, intervals of another length, or a day type with contacts on some weekday that no forecast day has.
    """
    index = pd.DatetimeIndex(means.index)
    minute = np.asarray(index.hour * 60 + index.minute)
    step = int(np.diff(np.unique(minute)).min())
    if calendar.seasons:
        msg = "calendar.seasons: a forecast carries the season of its own days; take the seasons out of the scenario"
        raise ValueError(msg)
    if step != calendar.interval_min:
        msg = f"forecast: has intervals of {step} minutes, calendar.interval_min is {calendar.interval_min}"
        raise ValueError(msg)
    kind_of: dict[str, str] = {day: t.name for t in calendar.day_types for day in t.weekdays}
    kind = np.array([kind_of.get(str(d), "") for d in index.day_name()])
    table = means.groupby([kind, minute]).mean()
    rows = [_kept(p, kept) for p in calendar.profiles if (kept := _unforecast(p, calendar, set(kind), region))]
    for name in dict.fromkeys(kind):
        rates = table.loc[name].reindex(range(0, MINUTES_PER_DAY, step), fill_value=0.0)
        rows += [
            {"region": region, "contact_type": str(c), "day_types": [str(name)], "contacts_per_hour": [float(x) for x in rates[c]]}
            for c in means.columns
        ]
    raw = calendar.model_dump(mode="json", exclude_unset=True) | {"profiles": rows}
    raw.pop("derived", None)
    return {"calendar": raw}


def _unforecast(profile: DayProfile, calendar: Calendar, known: set[str], region: str) -> list[str]:
    """Day types of a profile that stay as they are: those of other regions, of holidays, and those without contacts."""
    types = [t for t in calendar.day_types if profile.day_types is None or t.name in profile.day_types]
    if profile.region != region:
        return [t.name for t in types]
    left = [t for t in types if t.name not in known]
    lost = [t.name for t in left if t.weekdays and np.any(np.asarray(profile.contacts_per_hour) > 0)]
    if lost:
        msg = f"forecast: no day of type {lost}, which has contacts of {profile.contact_type!r}; forecast more days"
        raise ValueError(msg)
    return [t.name for t in left]


def _kept(profile: DayProfile, day_types: list[str]) -> dict[str, Any]:
    return profile.model_dump(mode="json", exclude_unset=True) | {"day_types": day_types}
