"""Forward pass of the pool through the day, and the fate of the contacts of each interval."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import bmat, eye_array
from scipy.sparse.linalg import splu

from ccopt.queueing.time_varying.chain import Interval, gathered, grid, pool, pool_map, tagged, tagged_map, with_cohort
from ccopt.queueing.time_varying.record import DayPerformance
from ccopt.queueing.time_varying.uniformisation import transient
from ccopt.queueing.time_varying.windows import Window, late_windows, within

Floats = NDArray[np.float64]
NEGLIGIBLE = 1e-14
MOST_DAYS = 200
SETTLED = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One interval after the forward pass: integrals of the state, waiting arrivals at its end, blocked contacts."""

    spent: Floats
    end: Floats
    waiting: Floats
    aged: Floats
    answered: float
    answered_wait: float
    waited: float
    blocked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Stretches of constant rates with the excess they need, their runs, and the state at the start of each.

    ``owner`` is the interval that a stretch belongs to: an interval that starts with excess is split when it is gone.
    """

    intervals: list[Interval]
    owner: list[int]
    runs: list[Run]
    starts: list[Floats]
    periodic: bool
    cut: float

    def after(self, i: int) -> int:
        """Index of the stretch that follows; the last one follows itself unless the day repeats."""
        return (i + 1) % len(self.intervals) if self.periodic else min(i + 1, len(self.intervals) - 1)


def forward(plan: list[Interval], first: Floats, *, periodic: bool) -> Day:
    """Carry the state through the intervals; a repeating day is run until its start no longer changes."""
    head = plan[0]
    start = first
    if periodic:
        for _ in range(MOST_DAYS):
            final, last = _once(plan, head, start)
            head, new = _enter(last, plan[0], final)
            change = np.abs(_numbers(new, head) - _numbers(start, _like(head, start))).sum()
            start = new
            if change < SETTLED:
                break
        else:
            msg = "start = 'periodic': the day does not settle; the load of a day must be below its agents"
            raise ValueError(msg)
    intervals: list[Interval] = []
    owner: list[int] = []
    runs: list[Run] = []
    starts: list[Floats] = []
    v = head
    for i, nominal in enumerate(plan):
        if i:
            v, start = _enter(intervals[-1], nominal, runs[-1].end)
        left = nominal.length
        while left > 0.0:
            v = replace(v, length=_until_excess_is_gone(v, left))
            left -= v.length
            intervals.append(v)
            owner.append(i)
            starts.append(start)
            runs.append(_run(v, start))
            if left > 0.0:
                v, start = _enter(v, nominal, runs[-1].end)
    cut = max(float(x[v.agents :].reshape(v.excess + 1, -1)[:, -1].sum()) for x, v in zip(starts, intervals, strict=True))
    return Day(intervals=intervals, owner=owner, runs=runs, starts=starts, periodic=periodic, cut=cut)


def _until_excess_is_gone(v: Interval, left: float) -> float:
    """Time until the agents in excess have left, or all that is left of the interval where splitting gains little."""
    if v.excess == 0 or v.agents == 0:
        return left
    gone = (v.excess + 8.0 * math.sqrt(v.excess + 16.0) + 30.0) / (v.agents * v.serve)
    return gone if gone < 0.7 * left else left


def _once(plan: list[Interval], head: Interval, start: Floats) -> tuple[Floats, Interval]:
    v, state = head, start
    for k, nominal in enumerate(plan):
        if k:
            v, state = _enter(v, nominal, state)
        left = nominal.length
        while left > 0.0:
            v = replace(v, length=_until_excess_is_gone(v, left))
            left -= v.length
            state = transient(pool(v), state, np.array([v.length]), fastest=v.fastest)[0][0]
            if left > 0.0:
                v, state = _enter(v, nominal, state)
    return state, v


def _like(head: Interval, start: Floats) -> Interval:
    levels = (start.size - head.agents) // (head.places + 1)
    return replace(head, excess=levels - 1)


def _numbers(state: Floats, v: Interval) -> Floats:
    """Probabilities of the number in system, up to agents + places."""
    e, k = grid(v)
    number = np.concatenate([np.arange(v.agents), v.agents + e + k])
    return gathered(np.minimum(number, v.agents + v.places), state, v.agents + v.places + 1)


def _enter(v: Interval, nominal: Interval, state: Floats) -> tuple[Interval, Floats]:
    """State at the start of the next interval, with as much excess as carries probability."""
    e, _ = grid(v)
    busy = np.concatenate([np.arange(v.agents), v.agents + e])
    above = np.cumsum(np.bincount(busy, weights=state)[::-1])[::-1]
    most = int(np.flatnonzero(above > NEGLIGIBLE)[-1]) if (above > NEGLIGIBLE).any() else 0
    w = replace(nominal, excess=max(most - nominal.agents, 0))
    return w, gathered(pool_map(v, w), state, w.agents + w.waiting_states)


@lru_cache(maxsize=4096)
def tagged_of(v: Interval) -> tuple[Any, Floats]:
    """Tagged chain, kept because cohorts pass through several intervals."""
    return tagged(v)


def _run(v: Interval, start: Floats) -> Run:
    size, s = start.size, v.waiting_states
    full = np.concatenate([start, np.zeros(2 * s)])
    states, spent = transient(with_cohort(v), full, np.array([v.length]), fastest=v.fastest)
    end, waiting, aged = states[0][:size], states[0][size : size + s], states[0][size + s :]
    rate = tagged_of(v)[1]
    follow, age = spent[0][size : size + s], spent[0][size + s :]
    _, k = grid(v)
    return Run(
        spent=spent[0][:size], end=end, waiting=waiting, aged=aged, answered=float(rate @ follow),
        answered_wait=float(rate @ age), waited=float(follow.sum()),
        blocked=v.rate * float(spent[0][v.agents : size][k == v.places].sum()),
    )  # fmt: skip


def _fate(day: Day, i: int) -> tuple[float, float, float]:
    """Answered contacts among those of interval i that waited, their total wait, and the total wait of all."""
    run, v = day.runs[i], day.intervals[i]
    answered, answered_wait, waited = run.answered, run.answered_wait, run.waited
    y, z = run.waiting, run.aged
    while y.sum() > 1e-13 * (v.rate * v.length + 1.0):
        j = day.after(i)
        if j == i and not day.periodic:
            more = _for_ever(v, y, z)
            return answered + more[0], answered_wait + more[1], waited + more[2]
        w = day.intervals[j]
        goes = tagged_map(v, w)
        done = goes < 0
        answered += float(y[done].sum())
        answered_wait += float(z[done].sum())
        y, z = (gathered(goes[~done], x[~done], w.waiting_states) for x in (y, z))
        y, z, more = _through(w, y, z)
        answered, answered_wait, waited = answered + more[0], answered_wait + more[1], waited + more[2]
        i, v = j, w
    return answered, answered_wait, waited


def _through(w: Interval, y: Floats, z: Floats) -> tuple[Floats, Floats, tuple[float, float, float]]:
    """Waiting contacts after one more interval, with those answered in it and the time they all waited."""
    follow, rate = tagged_of(w)
    blocks: Any = [[follow, None], [eye_array(y.size, format="csr"), follow]]
    both = bmat(blocks, format="csr")
    states, spent = transient(both, np.concatenate([y, z]), np.array([w.length]), fastest=w.fastest)
    s = y.size
    return states[0][:s], states[0][s:], (float(rate @ spent[0][:s]), float(rate @ spent[0][s:]), float(spent[0][:s].sum()))


def _for_ever(v: Interval, y: Floats, z: Floats) -> tuple[float, float, float]:
    """What becomes of waiting contacts when nothing changes any more."""
    if v.agents == 0 and v.leave == 0.0:
        return 0.0, 0.0, np.inf
    follow, rate = tagged_of(v)
    solver = splu((-follow).tocsc())
    time = solver.solve(y)
    return float(rate @ time), float(rate @ solver.solve(z + time)), float(time.sum())


def indicators(day: Day, awt_s: float) -> DayPerformance:
    """Indicators of every interval."""
    late = late_windows(day.intervals, [day.after(i) for i in range(len(day.intervals))], day.starts, awt_s=awt_s)
    counted = np.array([_counts(day, i, late[i]) for i in range(len(day.intervals))])
    size = day.owner[-1] + 1
    sums = np.zeros((size, counted.shape[1]))
    np.add.at(sums, day.owner, counted)
    last = {interval: i for i, interval in enumerate(day.owner)}
    ends = [day.intervals[last[i]] for i in range(size)]
    length, staff = np.array([sums[:, -1], [v.agents for v in ends]])
    offered, wait, in_time, early, virtual, answered, answered_wait, waited, blocked, busy, over, queue = sums.T[:-1]
    quiet = offered <= 0.0
    total = np.where(quiet, 1.0, offered)
    at_once = np.where(quiet, 1.0, np.maximum(offered - wait - blocked, 0.0))
    served = at_once + answered
    return DayPerformance(
        offered=offered, delay_probability=wait / total, answered_in_time=(at_once + in_time) / total,
        abandonment=np.maximum(wait - answered, 0.0) / total, abandoned_early=early / total,
        virtual=(at_once + virtual) / total, blocking=blocked / total, mean_wait_s=waited / total,
        asa_s=np.divide(answered_wait, served, out=np.zeros_like(served), where=served > 0.0),
        occupancy=np.divide(busy, staff * length, out=np.zeros_like(busy), where=staff > 0), agents=staff,
        overtime_s=over, queue_length=queue / length,
        in_system=np.array([_present(ends[i], day.runs[last[i]].end) for i in range(size)]),
        load=np.array([v.rate / v.serve for v in ends]),
    )  # fmt: skip


def _present(v: Interval, state: Floats) -> float:
    e, k = grid(v)
    return float(np.arange(v.agents) @ state[: v.agents]) + float((v.agents + e + k) @ state[v.agents :])


def _counts(day: Day, i: int, window: Window) -> list[float]:
    """Expected contacts, waits and agent seconds of one stretch."""
    v, run = day.intervals[i], day.runs[i]
    e, k = grid(v)
    waiting = run.spent[v.agents :]
    wait = v.rate * float(waiting[k < v.places].sum())
    present = float(np.arange(v.agents) @ run.spent[: v.agents]) + v.agents * float(waiting.sum())
    return [
        v.rate * v.length, wait, *within(v, window), *_fate(day, i), run.blocked, present, float(e @ waiting),
        float(k @ waiting), v.length,
    ]  # fmt: skip
