"""The clock of a run that counts work, so that a run can be repeated.

A *lane* is one thread of a run. Its clock moves by what it does: evaluations, moves, nodes and pivots, each at what one took
where the figures of this module were measured, so that a lane takes the same way in every repetition; the real clock only
ends a run. A solve that the real clock cuts short is written down with the number of reports until its last point,
and a repetition takes no more from it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

MOVE_S = 1e-6  # per move of the annealing
CERTIFY_S = 2e-4  # per group and period of a design that is judged
SIMULATED_S = 0.1  # per group and period that a certificate simulates
PIVOT_S = (2.9e-4, 9e-9)  # of a solver, known once it has ended: flat, and per entry of the matrix
REPORT_S = (8e-3, 3.5e-6)  # per report of a running solver
NODE_S = (2e-3, 1e-6)

Cut = tuple[int, int, float, float | None]


@dataclass(slots=True, eq=False)
class Lane:
    """One thread of a run.

    Attributes
    ----------
    name
        Of the thread, in the record.
    deadline
        Of the real clock (``time.monotonic``).
    spent
        Work so far, in nominal seconds.
    solves
        Solves that were started.
    cuts
        (solve, reports until its last point, work after it, bound then) of each solve that the real clock ended.
    known
        The cuts of the run that is repeated, by solve.
    halted
        Work at which the clock or the keyboard ended the lane, None while it may go on; in a repetition, where to end.
    """

    name: str
    deadline: float
    spent: float = 0.0
    solves: int = 0
    cuts: list[Cut] = field(default_factory=list)
    known: Mapping[int, Cut] = field(default_factory=dict)
    halted: float | None = None

    @property
    def overdue(self) -> bool:
        """Whether the real clock has reached the deadline."""
        return time.monotonic() >= self.deadline


_LANE: ContextVar[Lane | None] = ContextVar("lane", default=None)


def lane() -> Lane | None:
    """The lane of this thread, None outside a run."""
    return _LANE.get()


@contextmanager
def working(mine: Lane) -> Iterator[Lane]:
    """Count the work of the block in a lane."""
    token = _LANE.set(mine)
    try:
        yield mine
    finally:
        _LANE.reset(token)


def now() -> float:
    """Work of this lane so far, in nominal seconds; outside a run the real clock."""
    mine = _LANE.get()
    return time.monotonic() if mine is None else mine.spent


def spend(seconds: float) -> None:
    """Count work, in nominal seconds."""
    mine = _LANE.get()
    if mine is not None:
        mine.spent += seconds
