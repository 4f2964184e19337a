"""Waiting in line, and what both kernels do when the walk is over."""

from __future__ import annotations

import numpy as np

from ccopt.compilation import compiled, inlined
from ccopt.simulation import randomness as r
from ccopt.simulation.draws import draw
from ccopt.simulation.records import ABANDONED, NEVER_ANSWERED, WAITING
from ccopt.simulation.state import State
from ccopt.simulation.tables import Tables


@inlined
def join(t: Tables, s: State, slot: int, queue: int, now: float) -> None:
    """A contact waits behind the others of its queue, as long as its patience lasts."""
    course, line = s.courses[slot], s.lines[queue]
    course.status, course.group, course.offered_s, course.after = WAITING, -1, np.inf, -1
    course.leave_s = np.inf
    patience = t.patience_s[queue, s.origins[slot].interval]
    if patience < np.inf:
        course.leave_s = now + draw(t, t.queues[queue].patience_law, s.origins[slot].key, r.PATIENCE) * patience
    if line.head < 0:
        line.head = slot
    else:
        s.courses[line.tail].after = slot
    line.tail = slot


@inlined
def comes_first(t: Tables, s: State, queue: int, way: int, entry: float, other: int, other_way: int, than: float) -> bool:
    """Whether a free agent takes a queue before another: smaller priority, then smaller pull, then the longer wait."""
    mine, first = t.queues[queue].priority, t.queues[other].priority
    if mine != first:
        return bool(mine < first)
    pull, least = t.ways[way].pull, t.ways[other_way].pull
    return bool(pull < least or (pull == least and entry < than))


@compiled
def close(s: State) -> None:
    """Contacts that nobody came to: they leave when their patience ends, or wait for ever."""
    for q in range(s.lines.size):
        slot = s.lines[q].head
        while slot >= 0:
            course = s.courses[slot]
            if course.status == WAITING:
                course.status = ABANDONED if course.leave_s < np.inf else NEVER_ANSWERED
                course.wait_s = course.leave_s - course.entry_s
                course.end_s = course.leave_s
            slot = course.after
