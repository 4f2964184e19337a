r"""Shifts that cover a day: the least paid hours for given agents per interval, with a proven bound.

.. math:: \min \sum_s p_s x_s \quad \text{s.t.} \quad \sum_s a_{st} x_s \ge n_t \; \forall t, \; x_s \in \{0, 1, ...\}

with :math:`p_s` paid hours of shift s and :math:`a_{st} = 1` where it works in interval t (breaks are gaps). The day is
circular: a night shift ends on the next one, which is like this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from ccopt.errors import InfeasibleError, SolverError
from ccopt.scenario.shifts import ShiftPattern

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One shift: pattern, local start in minutes, paid hours, and which intervals it works."""

    pattern: str
    start_min: int
    paid_h: float
    works: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftCover:
    """Shifts of one day.

    Attributes
    ----------
    shifts, people
        Shifts used and how many people work each.
    needed_h, paid_h, bound_h
        Agent-hours needed, hours paid, and hours that every cover pays at least.
    present
        People on shift and not on a planned break, per interval.
    """

    shifts: tuple[Shift, ...]
    people: tuple[int, ...]
    needed_h: float
    paid_h: float
    bound_h: float
    present: Ints

    @property
    def efficiency(self) -> float:
        """Needed over paid hours, 1 where nothing is needed."""
        return self.needed_h / self.paid_h if self.paid_h > 0 else 1.0


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def shifts_of(patterns: Sequence[ShiftPattern], minutes: int) -> tuple[Shift, ...]:
    """All shifts of the patterns on a circular day in intervals of ``minutes``.

    A break takes away every interval that it touches (safe); a shift covers an interval only when it works through it.

    Raises
    ------
    ValueError
        A pattern whose breaks do not fit into its length.
    """
    found: dict[tuple[float, bytes], Shift] = {}
    day = 1440 // minutes
    for p in patterns:
        first, last = _minutes(p.first_start), _minutes(p.last_start)
        ends = [b.after_h * 60 + b.minutes for b in p.breaks]
        if max(ends, default=0.0) > p.length_h * 60:
            msg = f"shift pattern {p.name!r}: a break ends after the shift of {p.length_h:g} h"
            raise ValueError(msg)
        unpaid = sum(b.minutes for b in p.breaks if not b.paid) / 60
        for start in range(first, min(last, 1440 - p.step_min) + 1, p.step_min):
            works = np.zeros(day, dtype=bool)
            a, b = -(-start // minutes), int((start + p.length_h * 60) // minutes)
            works[np.arange(a, b) % day] = True
            for pause in p.breaks:
                begin = start + pause.after_h * 60
                touched = np.arange(int(begin // minutes), int(-(-(begin + pause.minutes) // minutes)))
                works[touched % day] = False
            key = (p.length_h - unpaid, works.tobytes())
            found.setdefault(key, Shift(pattern=p.name, start_min=start, paid_h=p.length_h - unpaid, works=works))
    return tuple(found.values())


def cover_shifts(
    agents: ArrayLike, patterns: Sequence[ShiftPattern], *, shrinkage: ArrayLike = 0.0, gap: float = 0.0,
    time_limit_s: float = 10.0,
) -> ShiftCover:  # fmt: skip
    """Least paid hours that put ``agents`` at work in every interval of a day.

    Parameters
    ----------
    agents
        Whole agents needed per interval of a circular day from midnight; 24, 48 or 96 numbers.
    patterns
        Shifts that may be paid.
    shrinkage
        Share of the people on shift who are not at work, one number or one per interval (on top of planned breaks).
    gap, time_limit_s
        Of the integer programme; the bound is proven either way.

    Returns
    -------
    ShiftCover
        With ``paid_h`` of the cover and ``bound_h`` below every cover.

    Raises
    ------
    InfeasibleError
        An interval that no shift works in.

    Examples
    --------
    Two agents from 8 to 16 h need one shift of eight hours each, and nothing is lost.

    >>> from ccopt.scenario.shifts import ShiftPattern
    >>> found = cover_shifts([0] * 8 + [2] * 8 + [0] * 8, [ShiftPattern(name="day", length_h=8.0)])
    >>> found.paid_h, found.efficiency
    (16.0, 1.0)
    """
    need = np.asarray(agents, dtype=np.int64)
    if need.ndim != 1 or need.size not in (24, 48, 96) or (need < 0).any():
        msg = "agents: must be 24, 48 or 96 whole numbers, not negative"
        raise ValueError(msg)
    away = np.broadcast_to(np.asarray(shrinkage, dtype=float), need.shape)
    if not ((away >= 0) & (away < 1)).all():
        msg = f"shrinkage = {shrinkage!r}: must be at least 0 and below 1"
        raise ValueError(msg)
    minutes = 1440 // need.size
    people_needed = np.ceil(need / (1.0 - away) - 1e-9)
    shifts = shifts_of(patterns, minutes)
    matrix = np.array([s.works for s in shifts], dtype=float).T if shifts else np.zeros((need.size, 0))
    bare = np.flatnonzero((need > 0) & ~matrix.any(axis=1))
    if bare.size:
        at = int(bare[0]) * minutes
        conflict = f"agents are needed at {at // 60:02d}:{at % 60:02d} ({bare.size} intervals), where no shift works"
        raise InfeasibleError([conflict], ["let a shift pattern start earlier or last longer"])
    needed_h = float(need.sum()) * minutes / 60
    if not need.any():
        return ShiftCover(shifts=(), people=(), needed_h=0.0, paid_h=0.0, bound_h=0.0, present=need)
    cost = np.array([s.paid_h for s in shifts])
    done = milp(
        cost, integrality=np.ones(cost.size, dtype=np.int64), bounds=Bounds(0, float(people_needed.max())),
        constraints=LinearConstraint(csr_array(matrix), lb=people_needed),
        options={"mip_rel_gap": gap, "time_limit": time_limit_s},
    )  # fmt: skip
    if done.x is None:
        msg = f"no cover was found: {done.message}"
        raise SolverError(msg)
    people = np.round(done.x).astype(np.int64)
    present = np.asarray(matrix @ people, dtype=np.int64)
    if (present < people_needed).any():
        msg = "the cover of the solver leaves an interval short"
        raise SolverError(msg)
    used = np.flatnonzero(people)
    paid = float(cost @ people)
    bound = paid if done.mip_dual_bound is None else min(paid, float(done.mip_dual_bound))
    return ShiftCover(
        shifts=tuple(shifts[i] for i in used), people=tuple(int(people[i]) for i in used), needed_h=needed_h, paid_h=paid,
        bound_h=bound, present=present,
    )  # fmt: skip
