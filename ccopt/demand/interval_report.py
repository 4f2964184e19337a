"""Interval reports of an ACD: one row per interval and queue, under many column names and number formats.

Columns are found by an alias table; times may be text (``0:06:50``, ``6:50``), numbers in seconds or minutes (the
column name says which), Excel times (a fraction of a day under a time format) or timedeltas; decimals may use a comma.
Rows that break a rule are reported and left out, never dropped silently.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ccopt.demand.cells import decimal_of, parse_duration_s, parse_number, parse_start
from ccopt.demand.text_files import read_lines
from ccopt.errors import Problem, ScenarioError

ALIASES: Mapping[str, tuple[str, ...]] = {
    "start": ("start", "interval", "interval start", "starttime", "start time", "timestamp", "date time", "datetime",
              "date_time", "period start", "time stamp", "row_date starttime", "zeitpunkt", "date heure"),
    "date": ("date", "day", "row_date", "datum", "fecha", "jour"),
    "time": ("time", "half hour", "interval time", "uhrzeit", "hora", "heure", "time of day"),
    "contact_type": ("contact type", "queue", "skill", "split", "split/skill", "vdn", "call type", "calltype",
                     "service", "queue name", "workgroup", "media type", "contact_type", "warteschlange"),
    "offered": ("offered", "calls offered", "callsoffered", "contacts offered", "noffered", "total offered",
                "incoming", "inbound calls", "calls", "contacts", "volume", "angebotene anrufe", "received",
                "callsoffered", "contacts queued", "appels recus", "llamadas entrantes", "calls queued"),
    "answered": ("answered", "calls answered", "handled", "calls handled", "acdcalls", "acd calls", "accepted",
                 "nanswered", "answ", "callshandled", "angenommen"),
    "abandoned": ("abandoned", "abandons", "calls abandoned", "abncalls", "aban calls", "lost", "nabandoned", "aband",
                  "abandoned calls", "verloren"),
    "aht": ("aht", "average handle time", "avg handle time", "average handling time", "handle time", "avg aht",
            "mean handle time", "ahtsec", "handling time", "bearbeitungszeit", "durchschnittliche bearbeitungszeit",
            "duree moyenne de traitement", "dmt", "tiempo medio de operacion", "tmo"),
    "talk": ("talk", "talk time", "avg talk time", "average talk time", "avg acd time", "acd time", "gespraechszeit",
             "avg talk", "mean talk time"),
    "hold": ("hold", "hold time", "avg hold time", "average hold time", "avg hold", "haltezeit"),
    "wrap": ("wrap", "wrap time", "wrap up", "acw", "acw time", "avg acw time", "average acw", "after call work",
             "after contact work time", "nachbearbeitung", "nachbearbeitungszeit"),
    "asa": ("asa", "average speed of answer", "avg speed ans", "avg speed of answer", "average wait", "avg wait",
            "average answer time"),
    "agents": ("agents", "staffed", "avg staffed", "agents staffed", "staff", "average positions staffed",
               "avg pos staff", "positions", "agents logged in"),
}  # fmt: skip
UNIT = re.compile(r"[\[\(]?\b(s|sec|secs|seconds|min|mins|minutes|h|hours|hh:mm:ss|mm:ss)\b[\]\)]?\s*$", re.IGNORECASE)
SCALE = {"s": 1.0, "sec": 1.0, "secs": 1.0, "seconds": 1.0, "min": 60.0, "mins": 60.0, "minutes": 60.0, "h": 3600.0,
         "hours": 3600.0}  # fmt: skip
HEADER_ROWS = 20  # titles above the header


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalReport:
    """Rows of an interval report.

    Attributes
    ----------
    intervals
        Frame with ``start``, ``contact_type``, ``offered`` and, where the report has them, ``answered``,
        ``abandoned``, ``aht_s``, ``talk_s``, ``hold_s``, ``wrap_s``, ``asa_s``, ``agents``.
    columns
        Which column of the file became which field.
    unused
        Columns of the file that no alias knows.
    faults
        Rows left out, and why.
    warnings
        What was read but looks odd, by kind with counts.
    """

    intervals: pd.DataFrame
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    faults: tuple[Problem, ...]
    warnings: Mapping[str, int] = field(default_factory=dict)


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
        known = next((f for f, names in ALIASES.items() if {bare, text} & {_normal(n) for n in names}), None)
        if known is None or known in found:
            unused.append(str(name))
            continue
        found[known] = i
        if unit:
            scale[known] = SCALE.get(unit[1].lower(), 1.0)
    return found, scale, unused


def _read_rows(path: Path) -> tuple[list[list[Any]], str | None]:
    if path.suffix.lower() == ".xlsx":
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            return [list(row) for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()], None
        except (CalamineError, OSError) as error:
            raise ScenarioError([Problem(place=str(path), value="", rule=f"cannot be read: {error}")]) from None
    lines, note = read_lines(path)
    counts = {mark: [line.count(mark) for line in lines[: 5 * HEADER_ROWS]] for mark in ";\t,|"}
    separator = max(counts, key=lambda mark: sorted(counts[mark])[len(counts[mark]) // 2] * 100 + max(counts[mark]))
    return [row for line in lines for row in (list(csv.reader([line], delimiter=separator)) or [[]])], note


def _header(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int], dict[str, float], list[str], list[str]]:
    """Row of the header below at most twenty title rows, what it holds, and what it lacks."""
    best: tuple[int, dict[str, int], dict[str, float], list[str], list[str]] | None = None
    for i, row in enumerate(rows[:HEADER_ROWS]):
        found, scale, unused = _match_columns(row)
        missing = [] if "start" in found or {"date", "time"} <= set(found) else ["start of the interval"]
        missing += [] if "offered" in found or {"answered", "abandoned"} <= set(found) else ["contacts offered"]
        if best is None or len(found) > len(best[1]):
            best = (i, found, scale, unused, missing)
        if not missing:
            return i, found, scale, unused, missing
    return best or (0, {}, {}, [], ["start of the interval", "contacts offered"])


def read_interval_report(
    path: str | Path, *, date_format: str | None = None, decimal: str | None = None, time_zone: str | None = None
) -> IntervalReport:
    """Read an interval report (.csv, .txt, .xlsx).

    Parameters
    ----------
    path
        File with a header row, if need be below some title rows; separators comma, semicolon, tab or bar.
    date_format
        Needed where a date could be read in two ways (03/04/2024).
    decimal
        Decimal mark, ``.`` or ``,``; by default the one that other numbers of the file prove, else a number such as
        1,234 is refused.
    time_zone
        IANA zone to turn times with an offset (2024-03-01T08:00Z) into; without it they are refused.

    Raises
    ------
    ScenarioError
        The file cannot be read, or has no column for the start of the interval or the contacts offered.
    """
    path = Path(path)
    rows, note = _read_rows(path)
    at, found, scale, unused, missing = _header(rows)
    if missing:
        raise ScenarioError([
            Problem(place=f"{path.name} line {at + 1}", value=name, rule="no column for it",
                    remedy=f"columns are {[str(c) for c in rows[at]] if rows else []}"[:300])
            for name in missing
        ])  # fmt: skip
    body = [(line, cells) for line, cells in enumerate(rows[at + 1 :], start=at + 2) if any(str(c).strip() for c in cells)]
    numbers = [i for f, i in found.items() if f not in ("start", "date", "time", "contact_type")]
    dialect = _Dialect(
        date_format=date_format, time_zone=time_zone,
        decimal=decimal or decimal_of(cells[i] for _, cells in body for i in numbers if i < len(cells)),
    )  # fmt: skip
    good, faults = [], []
    for line, cells in body:
        try:
            good.append(_row(cells, found, scale, dialect))
        except ValueError as error:
            faults.append(Problem(place=f"{path.name} line {line}", value=str(list(cells))[:80], rule=str(error)))
    frame = pd.DataFrame(good)
    columns = {field: str(rows[at][i]) for field, i in found.items()}
    return IntervalReport(
        intervals=frame, columns=columns, unused=tuple(unused), faults=tuple(faults), warnings=_warnings(frame, note)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dialect:
    """How a file writes dates, zones and decimals."""

    date_format: str | None
    time_zone: str | None
    decimal: str | None


def _warnings(frame: pd.DataFrame, note: str | None) -> dict[str, int]:
    found: Counter[str] = Counter({note: 1} if note else {})
    if frame.empty:
        return dict(found)
    twice = int(frame.duplicated(["start", "contact_type"]).sum())
    if twice:
        found["intervals that stand twice for one contact type (the hour of the clock change, or a fault)"] += twice
    steps = frame["start"].drop_duplicates().sort_values().diff().dropna()
    step = steps.mode()
    odd = int((steps.dt.total_seconds() % step[0].total_seconds() != 0).sum()) if len(step) else 0
    if odd:
        found[f"intervals that do not start on the grid of {step[0].total_seconds() / 60:g} minutes"] += odd
    return dict(found)


def _row(
    cells: Sequence[Any], found: Mapping[str, int], scale: Mapping[str, float], dialect: _Dialect
) -> dict[str, Any]:
    if len(cells) <= max(found.values()):
        msg = f"has {len(cells)} cells, needs {max(found.values()) + 1}"
        raise ValueError(msg)
    times = [cells[found[f]] if f in found else None for f in ("start", "date", "time")]
    row: dict[str, Any] = {
        "start": parse_start(times[0], times[1], times[2], date_format=dialect.date_format, time_zone=dialect.time_zone)
    }
    row["contact_type"] = str(cells[found["contact_type"]]).strip() if "contact_type" in found else "all"
    if not row["contact_type"]:
        msg = "has no contact type"
        raise ValueError(msg)
    for name in ("offered", "answered", "abandoned", "agents"):
        if name in found:
            row[name] = _named(name, partial(parse_number, decimal=dialect.decimal), cells[found[name]])
            if row[name] < 0:
                msg = f"{name} = {row[name]:g}: must not be negative"
                raise ValueError(msg)
    for name in ("aht", "asa", "talk", "hold", "wrap"):
        if name in found and str(cells[found[name]]).strip():
            parse = partial(parse_duration_s, scale=scale.get(name, 1.0), decimal=dialect.decimal)
            row[f"{name}_s"] = _named(name, parse, cells[found[name]])
    row.setdefault("offered", row.get("answered", 0.0) + row.get("abandoned", 0.0))
    served = row.get("answered", 0.0) + row.get("abandoned", 0.0)
    if served > row["offered"] * 1.001 + 1e-9:
        msg = f"answered + abandoned = {served:g} > offered = {row['offered']:g}"
        raise ValueError(msg)
    return row


def _named(name: str, parse: Any, value: Any) -> float:
    try:
        return float(parse(value))
    except ValueError as error:
        msg = f"{name} = {value!r}: {error}"
        raise ValueError(msg) from None
