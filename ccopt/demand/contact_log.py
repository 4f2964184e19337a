"""Contact-level logs: one row per contact, read with every fault reported.

A `LogLayout` says which column holds what, so that another vendor's log is a new layout, not new code. Rows that break
a rule are left out and listed with line, value and rule; nothing is dropped silently.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from ccopt.errors import Problem, ScenarioError

LATEST_HOUR = 47  # clock times run past midnight into the next day as 24:10:00
CLOCK = re.compile(r"(\d{1,2}):([0-5]?\d):([0-5]?\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLayout:
    """Where a log keeps its facts (column names in lower case).

    Attributes
    ----------
    separator
        Of fields.
    date, date_format
        Column and format of the day of arrival.
    contact_type, outcome, agent
        Columns of the type, of the outcome, and of who served.
    arrived, queued, left_queue, served, ended
        Columns of clock times: entry (or start of the menu), start and end of the queue, start and end of service.
    answered, abandoned, ignored
        Words of the outcome column for each case; ignored rows (tests, phantoms) are counted and left out.
    nobody
        Words of the agent column that name no agent.
    never
        Clock time that stands where a stage did not happen.
    """

    separator: str
    date: str
    date_format: str
    contact_type: str
    outcome: str
    agent: str
    arrived: str
    queued: str
    left_queue: str
    served: str
    ended: str
    answered: frozenset[str]
    abandoned: frozenset[str]
    ignored: frozenset[str] = frozenset()
    nobody: frozenset[str] = frozenset()
    never: str = "0:00:00"

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the layout needs."""
        return (
            self.date, self.contact_type, self.outcome, self.agent, self.arrived, self.queued, self.left_queue,
            self.served, self.ended,
        )  # fmt: skip


ANONYMOUS_BANK = LogLayout(
    separator="\t",
    date="date",
    date_format="%y%m%d",
    contact_type="type",
    outcome="outcome",
    agent="server",
    arrived="vru_exit",
    queued="q_start",
    left_queue="q_exit",
    served="ser_start",
    ended="ser_exit",
    answered=frozenset({"AGENT"}),
    abandoned=frozenset({"HANG"}),
    ignored=frozenset({"PHANTOM"}),
    nobody=frozenset({"NO_SERVER"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLog:
    """Contacts of a log.

    Attributes
    ----------
    contacts
        Frame with ``arrived`` (time stamp), ``contact_type``, ``answered`` (bool), ``wait_s``, ``handle_s`` (missing
        when not answered), ``agent`` (missing when unknown).
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
    return seconds


def _contact(row: Mapping[str, str], layout: LogLayout) -> dict[str, Any]:
    outcome = row[layout.outcome].strip()
    if outcome not in layout.answered | layout.abandoned:
        words = sorted(layout.answered | layout.abandoned | layout.ignored)
        raise _RowError(layout.outcome, outcome, f"not a known outcome; have {words}")
    try:
        day = datetime.strptime(row[layout.date].strip(), layout.date_format)
    except ValueError:
        raise _RowError(layout.date, row[layout.date], f"must be a date like {layout.date_format}") from None
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
    }


def _rows(path: Path, layout: LogLayout) -> Iterator[tuple[int, list[str] | dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig", errors="strict")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError([Problem(place=str(path), value="", rule=f"cannot be read: {error}")]) from None
    reader = csv.reader(text.splitlines(), delimiter=layout.separator)
    head = [name.strip().lower() for name in next(reader, [])]
    missing = [c for c in layout.columns if c not in head]
    if missing:
        raise ScenarioError([
            Problem(place=f"{path.name} line 1", value=c, rule="column is missing", remedy=f"have {head}")
            for c in missing
        ])
    for line, cells in enumerate(reader, start=2):
        if not cells:
            continue
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
    rows = 0
    for line, row in _rows(path, layout):
        rows += 1
        if isinstance(row, list):
            place = f"{path.name} line {line}"
            faults.append(Problem(place=place, value=f"{len(row)} fields", rule="wrong field count"))
        elif row[layout.outcome].strip() in layout.ignored:
            ignored[row[layout.outcome].strip()] += 1
        else:
            try:
                contact = _contact(row, layout)
            except _RowError as e:
                faults.append(Problem(place=f"{path.name} line {line} {e.column}", value=repr(e.value), rule=e.rule))
                continue
            good.append(contact)
            if contact["answered"] and math.isnan(contact["handle_s"]):
                warnings["answered without a time of service (handle time unknown)"] += 1
            if contact["answered"] and contact["handle_s"] == 0:
                warnings["answered with a handle time of 0 s"] += 1
            if contact["answered"] and contact["agent"] is None:
                warnings["answered by an unnamed agent"] += 1
    frame = pd.DataFrame(good, columns=["arrived", "contact_type", "answered", "wait_s", "handle_s", "agent"])
    frame["arrived"] = pd.to_datetime(frame["arrived"])
    return ContactLog(contacts=frame, rows=rows, ignored=dict(ignored), faults=tuple(faults), warnings=dict(warnings))
