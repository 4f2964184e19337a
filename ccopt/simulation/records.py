"""Rows of the kernel's arrays: contacts, and what a network and its state consist of.

Structured arrays, one row per thing: a row is one place in memory, and an array of rows grows as one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccopt.compilation import compiled

Rows = NDArray[Any]

WAITING, ANSWERED, ABANDONED, BLOCKED, CONTAINED, CUT, NEVER_ANSWERED, ELSEWHERE = range(8)
NO_OFFER, SELLING, REFUSED, SOLD, HANDED, TO_SELL, BRIEFING = range(7)
MOST_IDLE, LONGEST_IDLE, IN_ORDER = range(3)


def _row(**fields: str) -> np.dtype[Any]:
    return np.dtype(list(fields.items()), align=True)


# a contact: where it comes from, what happened to it, what it hangs together with
ORIGIN = _row(time_s="f8", key="u8", source="i4", interval="i4")
COURSE = _row(
    entry_s="f8", wait_s="f8", offered_s="f8", end_s="f8", leave_s="f8", after="i8", queue="i4", group="i4", status="i1"
)  # fmt: skip
THREAD = _row(root="i8", factor="f8", trunk="i4", way="i4", sale="i1")
ENTRY = _row(time_s="f8", item="i8")  # of a heap

# a network: `first` to `last` (beyond) are rows of another table
SOURCE = _row(
    first="i8", last="i8", trunk="i8", self_service="i8", abandoned="f8", blocked="f8", delay_s="f8"
)  # fmt: skip
SHARE = _row(queue="i8", until="f8")
QUEUE = _row(
    first="i8", last="i8", follow="i8", follow_last="i8", priority="i8", patience_law="i8", service_law="i8", home="i8",
    endless="i8", source="i8",
)  # fmt: skip
FOLLOW = _row(source="i8", until="f8", delay_s="f8", factor="f8")
WAY = _row(group="i8", rank="i8", pull="i8", after_s="f8", reserve="i8", open_s="f8", close_s="f8")
OFFER = _row(share="f8", extra_s="f8", success="f8", threshold="i8", source="i8", group="i8", law="i8")
GROUP = _row(first="i8", last="i8", agents="i8", levels="i8", most="i8")
SERVED = _row(queue="i8", way="i8")
SELF_SERVICE = _row(mean_s="f8", contained="f8", ports="i8", bank="i8", law="i8")  # ports are those of row `bank`
CHANGE = _row(time_s="f8", group="i8", agents="i8", cut="i8")
LAW = _row(kind="i8", shape="f8", zero="f8", first="i8", last="i8")

# the state of a walk
LINE = _row(head="i8", tail="i8", made="i8")
TEAM = _row(idle="i8", present="i8", busy="i8", waiting="i8", ring_at="i8", ring_size="i8", desk="i8", desk_last="i8")
DESK = _row(group="i8", chats="i8", looked_s="f8", next_s="f8")
USED = _row(contacts="i8", departures="i8", timers="i8")


@compiled
def grown(rows: Rows, size: int) -> Rows:
    """A longer array that begins with the first ``size`` rows; the others are not set."""
    more = np.empty(rows.size + rows.size // 2 + 64, rows.dtype)
    for i in range(size):
        more[i] = rows[i]
    return more
