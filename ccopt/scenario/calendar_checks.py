"""Rules of a calendar that need more than one field, on raw data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from ccopt.errors import Problem
from ccopt.scenario.calendar import Calendar, DayProfile
from ccopt.scenario.intervals import EPOCH, WEEKDAYS, Days, date_of, lay_out, profile_of, quarters_in

LONGEST_DAYS = 1100
FEW = 5


def parsed_calendar(raw: dict[str, Any]) -> tuple[Calendar | None, list[Problem]]:
    """The calendar of raw data, or the problems of its fields."""
    from ccopt.scenario.translation import problems_of

    try:
        return Calendar.model_validate(raw["calendar"]), []
    except ValidationError as error:
        found = problems_of(error, Calendar)
        return None, [
            Problem(place=f"calendar.{p.place}" if p.place else "calendar", value=p.value, rule=p.rule, remedy=p.remedy)
            for p in found
        ]


def calendar_problems(raw: dict[str, Any], calendar: Calendar | None) -> list[Problem]:
    """Problems of references and days; those of coverage only where everything else is right."""
    from ccopt.scenario.periods import fingerprint

    if calendar is None:
        return []
    if "periods" in raw:
        if calendar.derived is None:
            return [Problem(place="periods", value="", rule="stand beside a calendar, which makes them",
                            remedy="remove periods and demand, or the calendar")]  # fmt: skip
        if calendar.derived != fingerprint(calendar):
            return [Problem(place="calendar", value="", rule="was changed after its periods were made",
                            remedy="remove periods, demand, sites[].periods and calendar.derived to make them again")]  # fmt: skip
        return []
    found = [*_beside(raw), *_days(calendar), *_references(raw, calendar), *_zones(calendar)]
    if not found:
        found = [*_profiles(calendar), *_grid(calendar)]
    return found or list(_cover(raw, calendar))


def _names(raw: dict[str, Any], key: str) -> list[str]:
    value = raw.get(key)
    rows = value if isinstance(value, (list, tuple)) else ()
    return [r["name"] for r in rows if isinstance(r, dict) and isinstance(r.get("name"), str)]


def _beside(raw: dict[str, Any]) -> Iterator[Problem]:
    if raw.get("demand"):
        yield Problem(place="demand", value="", rule="stands beside a calendar, which makes it",
                      remedy="move the volumes to calendar.profiles")  # fmt: skip
    for i, site in enumerate(raw.get("sites") or ()):
        if isinstance(site, dict) and site.get("periods") is not None:
            yield Problem(place=f"sites[{i}].periods", value="", rule="stands beside a calendar, which makes it",
                          remedy="move it to calendar.opening")  # fmt: skip


def _date(text: str, place: str) -> Iterator[Problem]:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        yield Problem(place=place, value=repr(text), rule="is no date", remedy="write year-month-day")


def _days(c: Calendar) -> Iterator[Problem]:
    bad = [*_date(c.first_day, "calendar.first_day"), *_date(c.last_day, "calendar.last_day")]
    bad += [p for i, h in enumerate(c.holidays) for p in _date(h.date, f"calendar.holidays[{i}].date")]
    for i, s in enumerate(c.seasons):
        for field, text in (("first", s.first), ("last", s.last)):
            bad += _date(f"2024-{text}", f"calendar.seasons[{i}].{field}")
    yield from bad
    if not bad:
        length = (date_of(c.last_day) - date_of(c.first_day)).days + 1
        if not 1 <= length <= LONGEST_DAYS:
            yield Problem(place="calendar.last_day", value=c.last_day, rule=f"gives {length} days",
                          remedy=f"1 to {LONGEST_DAYS} days from first_day on; one year is usual")  # fmt: skip
    for w in WEEKDAYS:
        mine = [d.name for d in c.day_types if w in d.weekdays]
        if len(mine) != 1:
            yield Problem(place="calendar.day_types", value=w, rule=f"has {len(mine)} day types {mine}",
                          remedy="name each weekday in exactly one day type")  # fmt: skip
    for key in ("day_types", "seasons"):
        yield from _repeated([d.name for d in getattr(c, key)], f"calendar.{key}", "name")
    for key in ("region_zones", "site_zones"):
        yield from _repeated([d.name for d in getattr(c, key)], f"calendar.{key}", "name")


def _repeated(values: list[Any], place: str, field: str) -> Iterator[Problem]:
    first: dict[Any, int] = {}
    for i, v in enumerate(values):
        if v in first:
            yield Problem(place=f"{place}[{i}].{field}", value=repr(v), rule=f"stands already in {place}[{first[v]}]")
        first.setdefault(v, i)


def _references(raw: dict[str, Any], c: Calendar) -> Iterator[Problem]:
    sites, types = _names(raw, "sites"), _names(raw, "contact_types")
    regions = list(dict.fromkeys(p.region for p in c.profiles))
    day_types, seasons = [d.name for d in c.day_types], [s.name for s in c.seasons]

    def known(place: str, values: Iterable[str], have: list[str]) -> Iterator[Problem]:
        for v in values:
            if v not in have:
                yield Problem(place=place, value=repr(v), rule="not declared", remedy=f"have {have[:20]}")

    for i, h in enumerate(c.holidays):
        yield from known(f"calendar.holidays[{i}].day_type", [h.day_type], day_types)
        yield from known(f"calendar.holidays[{i}].regions", h.regions or (), regions)
        yield from known(f"calendar.holidays[{i}].sites", h.sites or (), sites)
    for i, z in enumerate(c.region_zones):
        yield from known(f"calendar.region_zones[{i}].name", [z.name], regions)
    for i, z in enumerate(c.site_zones):
        yield from known(f"calendar.site_zones[{i}].name", [z.name], sites)
    for i, o in enumerate(c.opening):
        yield from known(f"calendar.opening[{i}].site", [o.site], sites)
        yield from known(f"calendar.opening[{i}].day_types", o.day_types or (), day_types)
        yield from known(f"calendar.opening[{i}].seasons", o.seasons or (), seasons)
    for i, p in enumerate(c.profiles):
        yield from known(f"calendar.profiles[{i}].contact_type", [p.contact_type], types)
        yield from known(f"calendar.profiles[{i}].day_types", p.day_types or (), day_types)
        yield from known(f"calendar.profiles[{i}].seasons", p.seasons or (), seasons)


def _zones(c: Calendar) -> Iterator[Problem]:
    rows = [("calendar.time_zone", c.time_zone)]
    rows += [(f"calendar.region_zones[{i}].time_zone", z.time_zone) for i, z in enumerate(c.region_zones)]
    rows += [(f"calendar.site_zones[{i}].time_zone", z.time_zone) for i, z in enumerate(c.site_zones)]
    for place, name in rows:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            yield Problem(place=place, value=repr(name), rule="is no IANA time zone", remedy="such as 'Europe/Dublin'")


def _profiles(c: Calendar) -> Iterator[Problem]:
    intervals = 1440 // c.interval_min
    for i, p in enumerate(c.profiles):
        rate = p.contacts_per_hour
        if isinstance(rate, tuple) and len(rate) not in (24, intervals):
            yield Problem(place=f"calendar.profiles[{i}].contacts_per_hour", value=f"{len(rate)} numbers",
                          rule=f"must be one number, 24 (hours) or {intervals} (intervals)")  # fmt: skip
    rows: dict[tuple[str, str], list[tuple[int, DayProfile]]] = {}
    for i, p in enumerate(c.profiles):
        rows.setdefault((p.region, p.contact_type), []).append((i, p))
    kinds: dict[str, list[tuple[str, str | None]]] = {r: _kinds(c, r) for r, _ in rows}
    for (region, kind), mine in rows.items():
        for (i, p), (j, q) in combinations(mine, 2):
            equal = (p.day_types is None) == (q.day_types is None) and (p.seasons is None) == (q.seasons is None)
            if equal and _overlap(p.day_types, q.day_types) and _overlap(p.seasons, q.seasons):
                yield Problem(place=f"calendar.profiles[{j}]", value=f"{region} / {kind}",
                              rule=f"holds on the same days as calendar.profiles[{i}]",
                              remedy="give each its own day types or seasons")  # fmt: skip
        bare = [k for k in kinds[region] if profile_of(tuple(p for _, p in mine), *k) is None]
        for day, season in bare[:FEW]:
            text = f"{day} in {season}" if season else day
            yield Problem(place="calendar.profiles", value=f"{region} / {kind}", rule=f"has no row for {text}",
                          remedy="add one; contacts_per_hour 0 where nobody contacts")  # fmt: skip


def _overlap(a: tuple[str, ...] | None, b: tuple[str, ...] | None) -> bool:
    return a is None or b is None or bool(set(a) & set(b))


def _kinds(c: Calendar, region: str) -> list[tuple[str, str | None]]:
    days = Days(c)
    begin, end = ((date_of(d) - EPOCH).days for d in (c.first_day, c.last_day))
    found = dict.fromkeys(days.kind(d, region=region) for d in range(begin, end + 1))
    return list(dict.fromkeys((d, s.name if s else None) for d, s in found))


def _grid(c: Calendar) -> Iterator[Problem]:
    if quarters_in(c) % (c.interval_min // 15):
        yield Problem(place="calendar.interval_min", value=str(c.interval_min),
                      rule=f"does not divide the clock changes of {c.time_zone}", remedy="use a shorter interval")  # fmt: skip


def _cover(raw: dict[str, Any], c: Calendar) -> Iterator[Problem]:
    laid = lay_out(c, tuple(_names(raw, "sites")))
    if not laid.rates.any():
        yield Problem(place="calendar.profiles", value="", rule="hold no contacts at all")
    times = laid.uncovered()
    if times:
        shown = ", ".join(f"{laid.time(k):%Y-%m-%d %H:%M}" for k in times[:FEW])
        yield Problem(place="calendar.opening", value=f"{len(times)} intervals",
                      rule=f"contacts arrive while every site is closed (UTC {shown}, ...)",
                      remedy="open a site, or set contacts_per_hour to 0 then")  # fmt: skip
    least = len({tuple(column) for column in laid.open.T.tolist()})
    if c.reduction.periods is not None and c.reduction.periods < least:
        yield Problem(place="calendar.reduction.periods", value=str(c.reduction.periods),
                      rule=f"the sites have {least} different sets of open hours", remedy=f"at least {least}")  # fmt: skip
