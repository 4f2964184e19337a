"""A calendar on UTC intervals: contacts per hour of every region and type, and which sites are open.

Local time is turned into UTC quarter of an hour by quarter of an hour, because offsets of time zones are multiples of
15 minutes. A local day brings the total of its day type whether it has 23, 24 or 25 hours: on a day of the clock change
all its rates are scaled by one factor. Local days that reach over an end of the calendar are continued at the other end,
so that no contact is lost.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ccopt.scenario.calendar import Calendar, DayProfile, Season

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
SLOT = 15  # minutes
DAY = 1440 // SLOT
EPOCH = dt.date(1970, 1, 1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS_PER_YEAR = 8760.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """A calendar laid out: N intervals, D demand rows, S sites.

    Attributes
    ----------
    start
        (N,) start of each interval in minutes since 1970-01-01 UTC.
    minutes
        Length of an interval.
    hours_per_year
        Hours of a year that one interval stands for.
    demand
        Region and contact type of each row of ``rates``.
    rates
        (D, N) contacts per hour.
    sites
        Names, in the order of the scenario.
    open
        (S, N) whether the site works through the whole interval.
    local_minute, local_kind
        (N,) minute of the local day at the calendar's own zone, and day type (with season) there.
    """

    start: Ints
    minutes: int
    hours_per_year: float
    demand: tuple[tuple[str, str], ...]
    rates: Floats
    sites: tuple[str, ...]
    open: Bools
    local_minute: Ints
    local_kind: tuple[str, ...]

    def time(self, k: int) -> dt.datetime:
        """Start of interval ``k`` as a UTC time."""
        return dt.datetime.fromtimestamp(int(self.start[k]) * 60, tz=dt.UTC)

    def uncovered(self) -> list[int]:
        """Intervals with contacts while no site is open."""
        return [int(k) for k in np.flatnonzero(~self.open.any(axis=0) & (self.rates.sum(axis=0) > 0))]


def date_of(text: str) -> dt.date:
    """A date from its ISO text."""
    return dt.date.fromisoformat(text)


@lru_cache(maxsize=64)
def _offsets(zone: str, first: int, count: int) -> Ints:
    """Minutes that local time is ahead of UTC in each quarter from slot ``first`` since 1970."""
    tz = ZoneInfo(zone)

    def ahead(slot: int) -> int:
        at = dt.datetime.fromtimestamp(slot * SLOT * 60, tz=tz).utcoffset()
        assert at is not None
        return int(at.total_seconds()) // 60

    found = np.empty(count, dtype=np.int64)
    for i in range(0, count, DAY):  # clocks change at most once a day, so most days need two looks
        end = min(i + DAY, count)
        same = ahead(first + i) == ahead(first + end)
        found[i:end] = ahead(first + i) if same else [ahead(first + k) for k in range(i, end)]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTime:
    """Local date (days since 1970) and quarter of the day of consecutive UTC quarters."""

    date: Ints
    quarter: Ints


def local_time(zone: str, first: int, count: int) -> LocalTime:
    """Local time of ``count`` quarters from slot ``first`` since 1970-01-01 UTC."""
    minute = (first + np.arange(count, dtype=np.int64)) * SLOT + _offsets(zone, first, count)
    return LocalTime(date=minute // 1440, quarter=minute % 1440 // SLOT)


class Days:
    """Day type and season of dates, as a region or a site sees them."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.of_weekday: dict[str, str] = {w: d.name for d in calendar.day_types for w in d.weekdays}

    def kind(self, day: int, *, region: str | None = None, site: str | None = None) -> tuple[str, Season | None]:
        """Day type and season of a date in days since 1970; holidays that name places hold only there."""
        date = EPOCH + dt.timedelta(days=int(day))
        text = date.isoformat()
        found = self.of_weekday[WEEKDAYS[date.weekday()]]
        for h in self.calendar.holidays:
            everywhere = h.regions is None and h.sites is None
            if h.date == text and (everywhere or region in (h.regions or ()) or site in (h.sites or ())):
                found = h.day_type
        return found, self.season(date)

    def season(self, date: dt.date) -> Season | None:
        """The first season that holds a date."""
        here = f"{date.month:02d}-{date.day:02d}"
        for s in self.calendar.seasons:
            inside = s.first <= here <= s.last if s.first <= s.last else here >= s.first or here <= s.last
            if inside:
                return s
        return None


def profile_of(
    rows: tuple[DayProfile, ...], day_type: str, season: str | None
) -> DayProfile | None:
    """The row of one region and type that names a day most closely; None without a row."""
    fitting = [
        r for r in rows
        if (r.day_types is None or day_type in r.day_types) and (r.seasons is None or season in r.seasons)
    ]  # fmt: skip
    return max(fitting, key=lambda r: (r.day_types is not None, r.seasons is not None), default=None)


def quarters_of(profile: DayProfile | None) -> Floats:
    """Contacts per hour in each quarter of a day of 24 hours."""
    if profile is None:
        return np.zeros(DAY)
    values = np.atleast_1d(np.asarray(profile.contacts_per_hour, dtype=float))
    return np.repeat(values, DAY // values.size)


def zone_of(calendar: Calendar, name: str, *, site: bool) -> str:
    """Time zone of a region or site."""
    rows = calendar.site_zones if site else calendar.region_zones
    return next((z.time_zone for z in rows if z.name == name), calendar.time_zone)


def _span(calendar: Calendar) -> tuple[int, int]:
    """First slot since 1970 and number of slots, from local midnight to local midnight of the calendar's own zone."""
    zone = ZoneInfo(calendar.time_zone)
    ends = [
        dt.datetime.combine(date_of(calendar.first_day), dt.time(), tzinfo=zone),
        dt.datetime.combine(date_of(calendar.last_day) + dt.timedelta(days=1), dt.time(), tzinfo=zone),
    ]
    first, end = (int(t.timestamp()) // (60 * SLOT) for t in ends)
    return first, end - first


def quarters_in(calendar: Calendar) -> int:
    """Quarters of an hour from the first midnight to the last."""
    return _span(calendar)[1]


def lay_out(calendar: Calendar, sites: tuple[str, ...]) -> Intervals:
    """Intervals of a checked calendar."""
    first, count = _span(calendar)
    steps = calendar.interval_min // SLOT
    days = Days(calendar)
    demand = tuple(dict.fromkeys((p.region, p.contact_type) for p in calendar.profiles))
    rates = np.zeros((len(demand), count))
    for region in dict.fromkeys(r for r, _ in demand):
        mine = [i for i, (r, _) in enumerate(demand) if r == region]
        rates[mine] = _region_rates(calendar, days, region, [demand[i][1] for i in mine], (first, count))
    works = np.array([_open(calendar, days, s, (first, count)) for s in sites]).reshape(len(sites), count)
    home = local_time(calendar.time_zone, first, count)
    kinds = {int(d): days.kind(int(d)) for d in np.unique(home.date)}
    label = {d: k if s is None else f"{k} {s.name}" for d, (k, s) in kinds.items()}
    return Intervals(
        start=(first + np.arange(0, count, steps)) * SLOT, minutes=calendar.interval_min,
        hours_per_year=HOURS_PER_YEAR * steps / count, demand=demand,
        rates=rates.reshape(len(demand), count // steps, steps).mean(axis=2), sites=sites,
        local_minute=home.quarter[::steps] * SLOT,
        open=np.asarray(works.reshape(len(sites), count // steps, steps).all(axis=2), dtype=bool),
        local_kind=tuple(label[int(d)] for d in home.date[::steps]),
    )  # fmt: skip


def _region_rates(
    calendar: Calendar, days: Days, region: str, types: list[str], span: tuple[int, int]
) -> Floats:
    """(types, quarters) contacts per hour of one region, day totals conserved."""
    first, count = span
    around = 2 * DAY
    local = local_time(zone_of(calendar, region, site=False), first - around, count + 2 * around)
    begin, end = ((date_of(d) - EPOCH).days for d in (calendar.first_day, calendar.last_day))
    inside = np.flatnonzero((local.date >= begin) & (local.date <= end))
    kinds = [days.kind(d, region=region) for d in range(begin, end + 1)]
    distinct = list(dict.fromkeys(kinds))
    kind = np.array([distinct.index(k) for k in kinds])
    at, quarter = local.date[inside] - begin, local.quarter[inside]
    place = (inside - around) % count
    out = np.zeros((len(types), count))
    for i, name in enumerate(types):
        rows = tuple(p for p in calendar.profiles if (p.region, p.contact_type) == (region, name))
        table = np.array([
            quarters_of(profile_of(rows, d, s.name if s else None)) * (s.factor if s else 1.0) for d, s in distinct
        ])  # fmt: skip
        raw = table[kind[at], quarter]
        total, found = table.sum(axis=1)[kind], np.bincount(at, weights=raw, minlength=len(kinds))
        scale = np.divide(total, found, out=np.ones(len(kinds)), where=found > 0)
        np.add.at(out[i], place, raw * scale[at])
    return out


def _open(calendar: Calendar, days: Days, site: str, span: tuple[int, int]) -> Bools:
    """Whether a site works in each quarter."""
    rows = [o for o in calendar.opening if o.site == site]
    first, count = span
    if not rows:
        return np.ones(count, dtype=bool)
    local = local_time(zone_of(calendar, site, site=True), first, count)
    hours: dict[int, Bools] = {}
    for day in range(int(local.date.min()) - 1, int(local.date.max()) + 1):
        kind, season = days.kind(day, site=site)
        two_days = np.zeros(2 * DAY, dtype=bool)
        for o in rows:
            here = (o.day_types is None or kind in o.day_types) and (
                o.seasons is None or (season is not None and season.name in o.seasons)
            )
            if here:
                a, b = (int(t[:2]) * (60 // SLOT) + int(t[3:]) // SLOT for t in (o.opens, o.closes))
                two_days[a : b if b > a else b + DAY] = True
        hours[day] = two_days
    today = np.array([hours[int(d)][q] for d, q in zip(local.date, local.quarter, strict=True)])
    before = np.array([hours[int(d) - 1][q + DAY] for d, q in zip(local.date, local.quarter, strict=True)])
    return np.asarray(today | before)
