"""Generators of one pool within an interval, and the maps between intervals.

States: b < n agents busy and nobody waiting (index b), or (e, k): n + e agents busy and k contacts waiting
(index n + e (Q + 1) + k). The excess e > 0 are agents who finish their contact after staff was reduced; no waiting
contact is taken until they have left. A *tagged* contact that waits sees (e, k) with k contacts ahead of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import bmat, coo_array, csr_array, eye_array

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One interval with constant rates (per second); ``places`` is the most contacts that wait."""

    rate: float
    serve: float
    leave: float
    agents: int
    excess: int
    places: int
    length: float

    @property
    def waiting_states(self) -> int:
        """Number of states (e, k)."""
        return (self.excess + 1) * (self.places + 1)

    @property
    def fastest(self) -> float:
        """A rate that no state leaves faster."""
        return self.rate + (self.agents + self.excess) * self.serve + (self.places + 1) * self.leave


def grid(v: Interval) -> tuple[Ints, Ints]:
    """Excess and number waiting of each waiting state, in the order of the index."""
    e, k = np.divmod(np.arange(v.waiting_states), v.places + 1)
    return e, k


def gathered(ends: Ints, weights: Floats, size: int) -> Floats:
    """Sum of weights by end state."""
    return np.asarray(np.bincount(ends, weights=weights, minlength=size), dtype=float)


def _generator(size: int, moves: list[tuple[Ints, Ints, Floats]], out: Floats) -> Any:
    """Transposed generator: columns are origins; ``out`` is the total rate of leaving each state."""
    origins = np.concatenate([m[0] for m in moves] + [np.arange(size)])
    ends = np.concatenate([m[1] for m in moves] + [np.arange(size)])
    rates = np.concatenate([m[2] for m in moves] + [-out])
    return coo_array((rates, (ends, origins)), shape=(size, size)).tocsr()


def tagged(v: Interval, *, leaves: bool = True) -> tuple[Any, Floats]:
    """Transposed generator of a tagged waiting contact, and its rate of being answered, by state (e, k)."""
    e, k = grid(v)
    index = np.arange(v.waiting_states)
    finish = (v.agents + e) * v.serve
    gone = k * v.leave
    stale, ahead, next_one = e > 0, (e == 0) & (k > 0), (e == 0) & (k == 0)
    moves = [
        (index[stale], index[stale] - (v.places + 1), finish[stale]),
        (index[ahead], index[ahead] - 1, finish[ahead]),
        (index[k > 0], index[k > 0] - 1, gone[k > 0]),
    ]
    own = v.leave if leaves else 0.0
    return _generator(index.size, moves, finish + gone + own), np.where(next_one, finish, 0.0)


def pool(v: Interval) -> Any:
    """Transposed generator of the pool."""
    n = v.agents
    e, k = grid(v)
    waiting = n + np.arange(v.waiting_states)
    finish, gone = (n + e) * v.serve, k * v.leave
    idle = np.arange(n)
    enter, stale = k < v.places, e > 0
    moves = [
        (idle, idle + 1, np.full(n, v.rate)),
        (idle[1:], idle[1:] - 1, idle[1:] * v.serve),
        (waiting[enter], waiting[enter] + 1, np.full(int(enter.sum()), v.rate)),
        (waiting[stale], waiting[stale] - (v.places + 1), finish[stale]),
        (waiting[k > 0], waiting[k > 0] - 1, gone[k > 0]),
    ]
    if n > 0:
        moves.append((waiting[~stale], waiting[~stale] - 1, finish[~stale]))
    served = finish if n > 0 else np.where(stale, finish, 0.0)
    out = np.concatenate([v.rate + idle * v.serve, np.where(enter, v.rate, 0.0) + served + gone])
    return _generator(n + waiting.size, moves, out)


def with_cohort(v: Interval) -> Any:
    """Transposed generator of (p, y, z): the pool, its waiting arrivals of this interval, and those weighted by age."""
    _, k = grid(v)
    main, (follow, _) = pool(v), tagged(v)
    size = v.waiting_states
    enter = np.flatnonzero(k < v.places)
    arrive = csr_array((np.full(enter.size, v.rate), (enter, v.agents + enter)), shape=(size, main.shape[0]))
    blocks: Any = [[main, None, None], [arrive, follow, None], [None, eye_array(size, format="csr"), follow]]
    return bmat(blocks, format="csr")


def pool_map(v: Interval, w: Interval) -> Ints:
    """State of w for each state of v when the staff changes between two intervals."""
    return np.concatenate([_idle(np.arange(v.agents), w), _moved(v, w)])


def _idle(busy: Ints, w: Interval) -> Ints:
    over = np.clip(busy - w.agents, 0, w.excess)
    return np.where(busy < w.agents, busy, w.agents + over * (w.places + 1))


def _moved(v: Interval, w: Interval) -> Ints:
    e, k = grid(v)
    busy = v.agents + e
    free = np.maximum(w.agents - busy, 0)
    left = np.maximum(k - free, 0)
    over = np.clip(busy - w.agents, 0, w.excess)
    waits = w.agents + over * (w.places + 1) + np.minimum(left, w.places)
    return np.where(k < free, busy + k, waits)


def tagged_map(v: Interval, w: Interval) -> Ints:
    """Tagged state of w for each tagged state of v; -1 where the contact is answered at the change."""
    e, k = grid(v)
    busy = v.agents + e
    free = np.maximum(w.agents - busy, 0)
    over = np.clip(busy - w.agents, 0, w.excess)
    return np.where(k < free, -1, over * (w.places + 1) + np.minimum(np.maximum(k - free, 0), w.places))
