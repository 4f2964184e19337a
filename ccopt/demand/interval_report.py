"""Interval reports of an ACD: one row per interval and queue, under many column names and number formats.

Columns are found by an alias table; times may be text (``0:06:50``, ``6:50``), numbers in seconds or minutes (the
column name says which), Excel times (a fraction of a day under a time format) or timedeltas; decimals may use a comma.
Rows that break a rule are reported and left out, never dropped silently.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ccopt.errors import Problem, ScenarioError

ALIASES: Mapping[str, tuple[str, ...]] = {
    "start": ("start", "interval", "interval start", "starttime", "start time", "timestamp", "date time", "datetime",
              "date_time", "period start", "time stamp", "row_date starttime", "zeitpunkt", "date heure"),
    "date": ("date", "day", "row_date", "datum", "fecha", "jour"),
    "time": ("time", "half hour", "interval time", "uhrzeit", "hora", "heure", "time of day"),
    "contact_type": ("contact type", "queue", "skill", "split", "split/skill", "vdn", "call type", "calltype",
                     "service", "queue name", "workgroup", "media type", "contact_type", "warteschlange"),
    "offered": ("offered", "calls offered", "callsoffered", "contacts offered", "noffered", "total offered",
                "incoming", "inbound calls", "calls", "contacts", "volume", "angebotene anrufe", "received"),
    "answered": ("answered", "calls answered", "handled", "calls handled", "acdcalls", "acd calls", "accepted",
                 "nanswered", "answ", "callshandled", "angenommen"),
    "abandoned": ("abandoned", "abandons", "calls abandoned", "abncalls", "aban calls", "lost", "nabandoned", "aband",
                  "abandoned calls", "verloren"),
    "aht": ("aht", "average handle time", "avg handle time", "average handling time", "handle time", "avg aht",
            "mean handle time", "ahtsec", "handling time", "bearbeitungszeit"),
    "asa": ("asa", "average speed of answer", "avg speed ans", "avg speed of answer", "average wait", "avg wait",
            "average answer time"),
    "agents": ("agents", "staffed", "avg staffed", "agents staffed", "staff", "average positions staffed",
               "avg pos staff", "positions", "agents logged in"),
}  # fmt: skip
UNIT = re.compile(r"[\[\(]?\b(s|sec|secs|seconds|min|mins|minutes|h|hours|hh:mm:ss|mm:ss)\b[\]\)]?\s*$", re.IGNORECASE)
SCALE = {"s": 1.0, "sec": 1.0, "secs": 1.0, "seconds": 1.0, "min": 60.0, "mins": 60.0, "minutes": 60.0, "h": 3600.0,
         "hours": 3600.0}  # fmt: skip
DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d")
TIME_FORMATS = ("%H:%M", "%H:%M:%S", "%I:%M %p")
LONGEST_S = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalReport:
    """Rows of an interval report.

    Attributes
    ----------
    intervals
        Frame with ``start``, ``contact_type``, ``offered`` and, where the report has them, ``answered``,
        ``abandoned``, ``aht_s``, ``asa_s``, ``agents``.
    columns
        Which column of the file became which field.
    unused
        Columns of the file that no alias knows.
    faults
        Rows left out, and why.
    """

    intervals: pd.DataFrame
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    faults: tuple[Problem, ...]


def parse_number(value: Any) -> float:
    """A number from a cell: ``1,234.5``, ``1.234,5`` or ``3,5``; a lone separator before three digits is refused.

    Examples
    --------
    >>> parse_number("1.234,5"), parse_number("3,5"), parse_number(7)
    (1234.5, 3.5, 7.0)
    """
    if isinstance(value, bool) or value is None:
        msg = "must be a number"
        raise ValueError(msg)
    if isinstance(value, (int, float)):
        number = float(value)
    else:
        text = str(value).strip().replace("\u00a0", "").replace(" ", "").replace("'", "")
        if re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", text):
            msg = "could be a thousand or a decimal; write it without separator"
            raise ValueError(msg)
        if "," in text and "." in text:
            thousand, point = (".", ",") if text.rfind(",") > text.rfind(".") else (",", ".")
            text = text.replace(thousand, "").replace(point, ".")
        elif text.count(",") == 1:
            text = text.replace(",", ".")
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
            msg = "must be a number"
            raise ValueError(msg)
        number = float(text)
    if not math.isfinite(number):
        msg = "must be finite"
        raise ValueError(msg)
    return number


def parse_duration_s(value: Any, *, scale: float = 1.0) -> float:
    """Seconds from a cell: a clock ``h:mm:ss`` or ``m:ss``, a time or timedelta, or a number times ``scale``.

    Examples
    --------
    >>> parse_duration_s("0:06:50"), parse_duration_s("6:50"), parse_duration_s("6,5", scale=60.0)
    (410.0, 410.0, 390.0)
    """
    if isinstance(value, dt.datetime):
        msg = "is a date, not a duration"
        raise ValueError(msg)  # noqa: TRY004  (a wrong cell, not a wrong call)
    if isinstance(value, dt.timedelta):
        seconds = value.total_seconds()
    elif isinstance(value, dt.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    elif isinstance(value, str) and ":" in value:
        match = re.fullmatch(r"(?:(\d+):)?(\d{1,3}):([0-5]?\d(?:[.,]\d+)?)", value.strip())
        if not match or (match[1] and int(match[2]) > 59):
            msg = "must be a duration like 0:06:50 or 6:50"
            raise ValueError(msg)
        seconds = int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3].replace(",", "."))
    else:
        seconds = parse_number(value) * scale
    if not 0 <= seconds <= LONGEST_S:
        msg = f"is {seconds:g} s; must be between 0 and a day"
        raise ValueError(msg)
    return seconds


def _normal(name: object) -> str:
    return re.sub(r"[\s_]+", " ", str(name).strip().lower())


def _match_columns(head: Sequence[object]) -> tuple[dict[str, int], dict[str, float], list[str]]:
    """Index of each field, scale of time columns, and columns that nobody knows."""
    found: dict[str, int] = {}
    scale: dict[str, float] = {}
    unused: list[str] = []
    for i, name in enumerate(head):
        text = _normal(name)
        unit = UNIT.search(text)
        bare = UNIT.sub("", text).strip() if unit else text
        field = next((f for f, names in ALIASES.items() if {bare, text} & {_normal(n) for n in names}), None)
        if field is None or field in found:
            unused.append(str(name))
            continue
        found[field] = i
        if unit:
            scale[field] = SCALE.get(unit[1].lower(), 1.0)
    return found, scale, unused


def _start(cells: Sequence[Any], found: Mapping[str, int], date_format: str | None) -> dt.datetime:
    if "start" in found:
        value = cells[found["start"]]
        stamp = isinstance(value, dt.datetime)
        parts = (value, None) if stamp else tuple(str(value).strip().replace("T", " ").split(" ", 1))
    else:
        parts = (cells[found["date"]], cells[found["time"]])
    if isinstance(parts[0], dt.datetime) and parts[1] is None:
        return parts[0]
    if len(parts) != 2:
        msg = "must be a date and a time of day"
        raise ValueError(msg)
    return dt.datetime.combine(_date(parts[0], date_format), _time(parts[1]))


def _date(value: Any, date_format: str | None) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    hits = set()
    for form in (date_format,) if date_format else DATE_FORMATS:
        try:
            hits.add(dt.datetime.strptime(str(value).strip(), form).date())
        except ValueError:
            continue
    if len(hits) != 1:
        msg = "could be two dates; pass date_format" if hits else "must be a date"
        raise ValueError(msg)
    return hits.pop()


def _time(value: Any) -> dt.time:
    if isinstance(value, dt.time):
        return value
    if isinstance(value, float) and 0 <= value < 1:  # Excel: fraction of a day
        return (dt.datetime.min + dt.timedelta(seconds=round(value * 86_400))).time()
    text = re.split(r"\s*[-\u2013]\s*", str(value).strip())[0]
    for form in TIME_FORMATS:
        try:
            return dt.datetime.strptime(text, form).time()
        except ValueError:
            continue
    msg = "must be a time of day like 08:30"
    raise ValueError(msg)


def _read_rows(path: Path) -> list[list[Any]]:
    if path.suffix.lower() == ".xlsx":
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            return [list(row) for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()]
        except (CalamineError, OSError) as error:
            raise ScenarioError([Problem(place=str(path), value="", rule=f"cannot be read: {error}")]) from None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError([Problem(place=str(path), value="", rule=f"cannot be read: {error}")]) from None
    first = text.split("\n", 1)[0]
    separator = max(";\t,", key=first.count)
    return [list(row) for row in csv.reader(text.splitlines(), delimiter=separator)]


def read_interval_report(path: str | Path, *, date_format: str | None = None) -> IntervalReport:
    """Read an interval report (.csv, .txt, .xlsx).

    Parameters
    ----------
    path
        File with a header row; separators comma, semicolon or tab.
    date_format
        Needed where a date could be read in two ways (03/04/2024).

    Raises
    ------
    ScenarioError
        The file cannot be read, or has no column for the start of the interval or the contacts offered.
    """
    path = Path(path)
    rows = _read_rows(path)
    found, scale, unused = _match_columns(rows[0] if rows else [])
    missing = [] if "start" in found or {"date", "time"} <= set(found) else ["start of the interval"]
    missing += [] if "offered" in found or {"answered", "abandoned"} <= set(found) else ["contacts offered"]
    if missing:
        raise ScenarioError([
            Problem(place=f"{path.name} line 1", value=name, rule="no column for it", remedy=f"columns are {rows[:1]}")
            for name in missing
        ])
    good, faults = [], []
    for line, cells in enumerate(rows[1:], start=2):
        if not any(str(c).strip() for c in cells):
            continue
        try:
            good.append(_row(cells, found, scale, date_format))
        except ValueError as error:
            faults.append(Problem(place=f"{path.name} line {line}", value=str(list(cells))[:80], rule=str(error)))
    columns = {field: str(rows[0][i]) for field, i in found.items()}
    return IntervalReport(
        intervals=pd.DataFrame(good), columns=columns, unused=tuple(unused), faults=tuple(faults)
    )


def _row(
    cells: Sequence[Any], found: Mapping[str, int], scale: Mapping[str, float], date_format: str | None
) -> dict[str, Any]:
    if len(cells) <= max(found.values()):
        msg = f"has {len(cells)} cells, needs {max(found.values()) + 1}"
        raise ValueError(msg)
    row: dict[str, Any] = {"start": _start(cells, found, date_format)}
    row["contact_type"] = str(cells[found["contact_type"]]).strip() if "contact_type" in found else "all"
    for field in ("offered", "answered", "abandoned", "agents"):
        if field in found:
            row[field] = _named(field, parse_number, cells[found[field]])
            if row[field] < 0:
                msg = f"{field} = {row[field]:g}: must not be negative"
                raise ValueError(msg)
    for field in ("aht", "asa"):
        if field in found and str(cells[found[field]]).strip():
            row[f"{field}_s"] = _named(
                field, lambda v, f=field: parse_duration_s(v, scale=scale.get(f, 1.0)), cells[found[field]]
            )
    row.setdefault("offered", row.get("answered", 0.0) + row.get("abandoned", 0.0))
    if row.get("answered", 0.0) + row.get("abandoned", 0.0) > row["offered"] * 1.001 + 1e-9:
        served = row.get("answered", 0.0) + row.get("abandoned", 0.0)
        msg = f"answered + abandoned = {served:g} > offered = {row['offered']:g}"
        raise ValueError(msg)
    return row


def _named(field: str, parse: Any, value: Any) -> float:
    try:
        return float(parse(value))
    except ValueError as error:
        msg = f"{field} = {value!r}: {error}"
        raise ValueError(msg) from None
