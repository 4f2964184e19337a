"""The ``calendar`` block: volumes and opening hours in local time, on real days.

A calendar names days (day types, holidays, seasons), the time zones of regions and sites, opening hours, and contacts
per hour over a local day. `ccopt.scenario.intervals` lays it out on UTC intervals, `ccopt.scenario.periods` turns it
into the weighted periods that all judges read.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ccopt.scenario.base import Document, Factor, Name, PositiveCount, Rate, Share

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def _iso(value: Any) -> Any:
    """A date of TOML or of a workbook as text."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value
    return value.isoformat() if isinstance(value, dt.date) else value


Date = Annotated[str, BeforeValidator(_iso), Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
MonthDay = Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):(00|15|30|45)$|^24:00$")]


class DayType(Document):
    """Days that are alike; ``weekdays`` are of this type unless a holiday says otherwise."""

    name: Name
    weekdays: tuple[Weekday, ...] = ()


class Season(Document):
    """Dates from ``first`` to ``last`` (month-day, both included, may run over the new year) and their volume factor."""

    name: Name
    first: MonthDay
    last: MonthDay
    factor: Factor = 1.0


class Holiday(Document):
    """A date that has another day type than its weekday; for all regions and sites, or for those named."""

    date: Date
    day_type: Name
    regions: tuple[Name, ...] | None = None
    sites: tuple[Name, ...] | None = None


class Zone(Document):
    """IANA time zone (such as Europe/Dublin) of a region or a site."""

    name: Name
    time_zone: Name


class OpeningHours(Document):
    """Local hours of a site; ``closes`` at or before ``opens`` runs past midnight. Sites without a row never close."""

    site: Name
    opens: Clock
    closes: Clock
    day_types: tuple[Name, ...] | None = None
    seasons: tuple[Name, ...] | None = None


class DayProfile(Document):
    """Contacts per hour over a local day: one number, one per hour, or one per interval.

    The row that names most (day types count before seasons) holds. The day brings the same total whether it has 23, 24
    or 25 hours.
    """

    region: Name
    contact_type: Name
    contacts_per_hour: Rate | tuple[Rate, ...]
    day_types: tuple[Name, ...] | None = None
    seasons: tuple[Name, ...] | None = None


class Reduction(Document):
    """How many weighted periods stand for all intervals: at most ``periods``, or as many as ``load_error`` needs.

    ``load_error`` is the mean absolute difference between the load of an interval and that of its period over the mean
    load. Without either, intervals are joined only where nothing differs.
    """

    periods: PositiveCount | None = None
    load_error: Share | None = None


class Calendar(Document):
    """Days from ``first_day`` to ``last_day``, which stand for a year, in intervals of UTC.

    ``time_zone`` is that of regions and sites without one of their own, and of the midnight at which the calendar
    begins. ``derived`` is written beside the periods that were made from the calendar; a calendar that was changed
    since then is refused.
    """

    first_day: Date
    last_day: Date
    time_zone: Name = "UTC"
    interval_min: Literal[15, 30, 60] = 30
    day_types: Annotated[tuple[DayType, ...], Field(min_length=1)]
    seasons: tuple[Season, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    region_zones: tuple[Zone, ...] = ()
    site_zones: tuple[Zone, ...] = ()
    opening: tuple[OpeningHours, ...] = ()
    profiles: Annotated[tuple[DayProfile, ...], Field(min_length=1)]
    reduction: Reduction = Reduction()
    derived: str | None = None
