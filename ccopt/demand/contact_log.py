"""Contact-level logs: one row per contact, read with every fault reported.

Rows that break a rule are left out and listed with line, value and rule; nothing is dropped silently.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from ccopt.demand.log_layout import ANONYMOUS_BANK, LogLayout
from ccopt.demand.text_files import read_lines
from ccopt.errors import Problem, ScenarioError

SIX_DIGITS = "%y%m%d"
LATEST_HOUR = 47  # clock times run past midnight into the next day as 24:10:00
LONGEST_S = 4 * 3600  # no wait and no service is longer; such a row mixes up its times
CLOCK = re.compile(r"([0-9]{1,2}):([0-5]?[0-9]):([0-5]?[0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLog:
    """Contacts of a log.

    Attributes
    ----------
    contacts
        Frame with ``arrived`` (time stamp), ``contact_type``, ``answered`` (bool), ``wait_s``, ``handle_s`` (missing
        when not answered), ``agent`` and ``customer`` (missing when unknown).
    rows
        Data rows of the file.
    ignored
        Rows that the layout says to leave out, by word.
    faults
        Rows that break a rule, one problem each.
    warnings
        What was read but looks odd, by kind with counts.
    """

    contacts: pd.DataFrame
    rows: int
    ignored: Mapping[str, int]
    faults: tuple[Problem, ...]
    warnings: Mapping[str, int] = field(default_factory=dict)

    def summary(self) -> str:
        """One paragraph: what was read, left out, refused."""
        parts = [f"{self.rows} rows: {len(self.contacts)} contacts read"]
        parts += [f"{n} ignored ({word})" for word, n in self.ignored.items()]
        parts += [f"{len(self.faults)} refused"] if self.faults else []
        parts += [f"{n} warnings: {kind}" for kind, n in self.warnings.items()]
        return "; ".join(parts)


class _RowError(Exception):
    def __init__(self, column: str, value: str, rule: str) -> None:
        super().__init__(rule)
        self.column, self.value, self.rule = column, value, rule


def clock_seconds(text: str, column: str = "time") -> int:
    """Seconds since midnight of a clock time; hours may run past 24.

    Examples
    --------
    >>> clock_seconds("24:10:05")
    87005
    """
    match = CLOCK.fullmatch(text.strip())
    if not match or int(match[1]) > LATEST_HOUR:
        raise _RowError(column, text, "must be a clock time h:mm:ss")
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])


def _span(row: Mapping[str, str], layout: LogLayout, start: str, end: str) -> int | None:
    """Seconds between two stages, None where the first never happened."""
    if row[start].strip() == layout.never and row[end].strip() == layout.never:
        return None
    seconds = clock_seconds(row[end], end) - clock_seconds(row[start], start)
    if seconds < -12 * 3600:  # the later stage is past midnight
        seconds += 24 * 3600
    if seconds < 0:
        raise _RowError(end, row[end], f"is before {start} {row[start]}")
    if seconds > LONGEST_S:
        raise _RowError(end, row[end], f"is {seconds} s after {start} {row[start]}; at most {LONGEST_S} s are believed")
    return seconds


@lru_cache(maxsize=4096)
def _parsed_day(text: str, date_format: str) -> datetime:
    return datetime.strptime(text, date_format)


def _digits(text: str, layout: LogLayout) -> str:
    """A date in six digits: leading zeros that a spreadsheet took away come back, a century goes.

    Without this, 103 (3 January 2000) is no date and 10103 (3 January 2001) would be read as another year.
    """
    bare = text.strip()
    if layout.date_format != SIX_DIGITS or not bare.isascii() or not bare.isdigit():
        return bare
    return bare[2:] if len(bare) == 8 and bare[:2] in ("19", "20") else bare.zfill(6)


def _day(text: str, layout: LogLayout) -> datetime:
    try:
        return _parsed_day(_digits(text, layout), layout.date_format)
    except ValueError:
        raise _RowError(layout.date, text, f"must be a date like {layout.date_format}") from None


def _contact(row: Mapping[str, str], layout: LogLayout) -> dict[str, Any]:
    outcome = row[layout.outcome].strip().upper()
    if outcome not in layout.answered | layout.abandoned:
        words = sorted(layout.answered | layout.abandoned | layout.ignored)
        raise _RowError(layout.outcome, row[layout.outcome], f"not a known outcome; have {words}")
    day = _day(row[layout.date], layout)
    answered = outcome in layout.answered
    agent = row[layout.agent].strip()
    wait = _span(row, layout, layout.queued, layout.left_queue)
    handle = _span(row, layout, layout.served, layout.ended) if answered else None
    kind = row[layout.contact_type].strip()
    if not kind:
        raise _RowError(layout.contact_type, "", "must name a contact type")
    return {
        "arrived": day + timedelta(seconds=clock_seconds(row[layout.arrived], layout.arrived)),
        "contact_type": kind,
        "answered": answered,
        "wait_s": float(wait or 0),
        "handle_s": float(handle) if handle is not None else float("nan"),
        "agent": None if not agent or agent in layout.nobody or not answered else agent,
        "customer": _customer(row, layout),
    }


def _customer(row: Mapping[str, str], layout: LogLayout) -> str | None:
    name = row.get(layout.customer, "").strip() if layout.customer else ""
    return None if name in layout.strangers or not name else name


def _differs(text: str | None, seconds: float) -> bool:
    """Whether a stated number of seconds is another one than that of the clock times."""
    if text is None or math.isnan(seconds):
        return False
    return not re.fullmatch(r"\s*-?[0-9]{1,9}\s*", text) or abs(int(text) - seconds) > 1


def _odd(row: Mapping[str, str], contact: Mapping[str, Any], layout: LogLayout) -> Iterator[str]:
    """What was read but looks odd."""
    if contact["answered"] and math.isnan(contact["handle_s"]):
        yield "answered without a time of service (handle time unknown)"
    if contact["answered"] and contact["handle_s"] == 0:
        yield "answered with a handle time of 0 s"
    if contact["answered"] and contact["agent"] is None:
        yield "answered by an unnamed agent"
    if _digits(row[layout.date], layout) != row[layout.date].strip():
        yield "dates without their leading zeros, or with a century, read as yymmdd"
    stated_wait = row[layout.wait_s] if layout.wait_s else None
    stated_service = row[layout.service_s] if layout.service_s else None
    if _differs(stated_wait, contact["wait_s"]) or (contact["answered"] and _differs(stated_service, contact["handle_s"])):
        yield "stated seconds are not those of the clock times (clock times were taken)"


def _rows(path: Path, layout: LogLayout, warnings: Counter[str]) -> Iterator[tuple[int, list[str] | dict[str, str] | None]]:
    """Line number and fields of each data row; a list where the number of fields is wrong, None for a header again."""
    lines, note = read_lines(path)
    if note:
        warnings[note] += 1
    head = [name.strip().lower() for name in lines[0].split(layout.separator)]
    first = 1
    if layout.header and len(head) == len(layout.header) and not set(head) & set(layout.columns):
        head, first = list(layout.header), 0
        warnings["no header line; the columns of the layout were taken"] += 1
    missing = [c for c in layout.columns if c not in head]
    if missing:
        raise ScenarioError([
            Problem(place=f"{path.name} line 1", value=c, rule="column is missing", remedy=f"have {head}")
            for c in missing
        ])
    for line, text in enumerate(lines[first:], start=first + 1):
        if not text.strip():
            continue
        cells = text.split(layout.separator)
        if len(cells) > len(head) and not any(c.strip() for c in cells[len(head) :]):
            cells = cells[: len(head)]
            warnings["empty fields at the end of a row"] += 1
        if [c.strip().lower() for c in cells] == head:
            yield line, None
        else:
            yield line, dict(zip(head, cells, strict=True)) if len(cells) == len(head) else cells


def read_contact_log(path: str | Path, *, layout: LogLayout = ANONYMOUS_BANK) -> ContactLog:
    """Read a contact-level log.

    Parameters
    ----------
    path
        Text file with a header line.
    layout
        Which column holds what.

    Raises
    ------
    ScenarioError
        The file cannot be read or lacks a column. Faulty rows do not raise; they stand in ``faults``.
    """
    path = Path(path)
    good: list[dict[str, Any]] = []
    faults: list[Problem] = []
    ignored: Counter[str] = Counter()
    warnings: Counter[str] = Counter()
    seen: set[tuple[str, ...]] = set()
    rows = 0
    for line, row in _rows(path, layout, warnings):
        rows += 1
        place = f"{path.name} line {line}"
        if row is None:
            ignored["header again"] += 1
        elif isinstance(row, list):
            faults.append(Problem(place=place, value=f"{len(row)} fields", rule="wrong field count"))
        elif row[layout.outcome].strip().upper() in layout.ignored:
            ignored[row[layout.outcome].strip().upper()] += 1
        elif tuple(row.values()) in seen:
            faults.append(Problem(place=place, value="", rule="repeats an earlier row word for word"))
        else:
            seen.add(tuple(row.values()))
            try:
                contact = _contact(row, layout)
            except _RowError as e:
                faults.append(Problem(place=f"{place} {e.column}", value=repr(e.value)[:60], rule=e.rule))
                continue
            good.append(contact)
            warnings.update(_odd(row, contact, layout))
    frame = pd.DataFrame(good, columns=["arrived", "contact_type", "answered", "wait_s", "handle_s", "agent", "customer"])
    frame["arrived"] = pd.to_datetime(frame["arrived"])
    far = _far_dates(frame["arrived"])
    if far:
        warnings["contacts more than 62 days from the middle of the log"] += far
    return ContactLog(contacts=frame, rows=rows, ignored=dict(ignored), faults=tuple(faults), warnings=dict(warnings))


def _far_dates(arrived: pd.Series) -> int:
    if arrived.empty:
        return 0
    far = int(((arrived - arrived.median()).abs() > pd.Timedelta(days=62)).sum())
    return far if far < 0.01 * len(arrived) else 0
