"""A generator of logs with known damage, in the 17-field layout of the Anonymous Bank.

Every kind of damage says what must become of the row: a fault with its line, an ignored row, a warning, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from bank_rows import HEAD, call

FIELDS = HEAD.split()
Cells = list[str]


def at(name: str) -> int:
    return FIELDS.index(name)


def put(name: str, value: str) -> Callable[[Cells], Cells]:
    def change(cells: Cells) -> Cells:
        return [value if i == at(name) else c for i, c in enumerate(cells)]

    return change


FAULTS: dict[str, Callable[[Cells], Cells]] = {
    "field lost": lambda c: c[:5] + c[6:],
    "last field lost": lambda c: c[:-1],
    "field too many": lambda c: [*c[:3], "77", *c[3:]],
    "blanks for tabs": lambda c: [" ".join(c)],
    "cut in the middle": lambda c: "\t".join(c)[:40].split("\t"),
    "unknown outcome": put("outcome", "TRANSFER"),
    "no outcome": put("outcome", ""),
    "date of 13 months": put("date", "991305"),
    "no date": put("date", ""),
    "date as words": put("date", "3 Jan"),
    "clock of 61 minutes": put("vru_exit", "10:61:00"),
    "clock of letters": put("vru_exit", "1o:10:00"),
    "clock without seconds": put("vru_exit", "10:10"),
    "negative clock": put("vru_exit", "-1:10:10"),
    "missing value word": put("vru_exit", "NA"),
    "no type": put("type", "  "),
    "service ends before it starts": lambda c: put("ser_exit", "8:00:00")(put("ser_start", "9:00:00")(c)),
    "half a service": lambda c: put("ser_exit", "11:00:00")(put("ser_start", "0:00:00")(c)),
    "half a wait": lambda c: put("q_exit", "9:59:59")(put("q_start", "0:00:00")(c)),
    "binary rubbish": lambda _: ["\x01\x02\x7f"],
}
WARNED: dict[str, Callable[[Cells], Cells]] = {
    "stated seconds differ": put("ser_time", "7"),
    "stated seconds are no number": put("ser_time", "x"),
    "agent unnamed": put("server", ""),
    "empty fields at the end": lambda c: [*c, "", ""],
}
IGNORED: dict[str, Callable[[Cells], Cells]] = {
    "phantom": put("outcome", "PHANTOM"),
    "header again": lambda _: list(FIELDS),
}
HARMLESS: dict[str, Callable[[Cells], Cells]] = {
    "small letters": put("outcome", "agent"),
    "blanks around": lambda c: [f" {x} " for x in c],
    "a quote mark": put("customer_id", '"12'),
    "negative menu time": put("vru_time", "-53"),
}


@dataclass
class Damaged:
    """Rows of a log, the lines that must be reported, and how many rows must be read, ignored, warned about."""

    rows: list[str] = field(default_factory=list)
    faulty_lines: list[int] = field(default_factory=list)
    read: int = 0
    ignored: int = 0
    warned: int = 0


def damaged_log(rng: np.random.Generator, *, rows: int = 400, share: float = 0.2) -> Damaged:
    """Answered contacts of one day of which a share is damaged in a way drawn at random."""
    log = Damaged()
    kinds = [(k, v, name) for k, v in (("fault", FAULTS), ("warned", WARNED), ("ignored", IGNORED), ("fine", HARMLESS)) for name in v]
    for i in range(rows):
        cells = call(at=36_000 + 10 * i, wait=int(rng.integers(0, 90)), service=int(rng.integers(20, 600)), server=f"A{i % 7}").split("\t")
        cells[at("call_id")] = str(i)
        kind, table, name = kinds[rng.integers(len(kinds))] if rng.random() < share else ("fine", {"": lambda c: c}, "")
        log.rows.append("\t".join(table[name](cells)))
        log.read += kind in ("fine", "warned")
        log.warned += kind == "warned"
        log.ignored += kind == "ignored"
        if kind == "fault":
            log.faulty_lines.append(i + 2)
    return log
