"""Compiled search for the loads that `mix_proof` proves, for every number of agents."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.compiler import compiled
from ccopt.queueing.mix_proof import INNER, OUTER, margin

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CLOSE = 1e-11  # of the load, for a single mix
NEAR = 0.05  # of the last step away from the middle mix, for a region of mixes
GROWTH = 3.0
TRIES = 40
STEPS = 120
FINE = 1e-10  # first step away from the middle, of the load


@compiled
def between(
    low: float, high: float, low_gap: float, high_gap: float, close: float, agents: float, mixes: Floats, totals: Floats, leave: Floats,
    plus: Floats, minus: Floats, kind: Ints, bound: Floats, awt: Floats, basis: Ints, side: float,
) -> float:  # fmt: skip
    """The end of low..high that is proved (`OUTER`: above it), after closing it in: false position with halved ends, else halving."""
    turn, width = 0, high - low
    for k in range(STEPS):
        if high - low <= close:
            break
        x = 0.5 * (low + high)
        if abs(low_gap) < math.inf and abs(high_gap) < math.inf and (k % 4 != 3 or high - low < 0.2 * width):
            x = (low * high_gap - high * low_gap) / (high_gap - low_gap)
            x = min(max(x, low + 0.4 * close), high - 0.4 * close)
        if k % 4 == 3:
            width = high - low
        gap = side * margin(x, agents, mixes, totals, leave, plus, minus, kind, bound, awt, basis, side)
        if gap > 0.0:
            high, high_gap = x, gap
            if turn == 1:
                low_gap *= 0.5
            turn = 1
        else:
            low, low_gap = x, gap
            if turn == -1:
                high_gap *= 0.5
            turn = -1
    return high if side == OUTER else low


@compiled
def point_load(
    agents: float, guess: float, mix: Floats, totals: Floats, leave: Floats, plus: Floats, minus: Floats,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> float:  # fmt: skip
    """Largest load of one mix (one row); ``guess`` is near it (0: unknown)."""
    low, high, step = 0.0, guess, 0.02 if guess > 0.0 else agents
    low_gap, high_gap = 1.0, 1.0
    if guess > 0.0:
        high_gap = margin(guess, agents, mix, totals, leave, plus, minus, kind, bound, awt, basis, INNER)
    if high_gap < 0.0:  # down from the guess
        while high > 0.0:
            low = max(high - step, 0.0)
            low_gap = margin(low, agents, mix, totals, leave, plus, minus, kind, bound, awt, basis, INNER) if low > 0.0 else 1.0
            if low_gap >= 0.0:
                break
            high, high_gap = low, low_gap
            step *= 4.0
    while high_gap >= 0.0:
        low, low_gap = high, high_gap
        high = low + step
        high_gap = margin(high, agents, mix, totals, leave, plus, minus, kind, bound, awt, basis, INNER)
        step *= 4.0
    return between(
        low, high, -low_gap, -high_gap, CLOSE * high, agents, mix, totals, leave, plus, minus, kind, bound, awt, basis, INNER
    )  # fmt: skip


@compiled
def proved_load(
    middle: float, step: float, near: float, agents: float, mixes: Floats, totals: Floats, leave: Floats, plus: Floats, minus: Floats,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints, side: float,
) -> float:  # fmt: skip
    """Load at which the proof for all mixes between the corners succeeds, nearest to that of the ``middle`` mix.

    Tried from ``step`` away from it on, and closed in to the part ``near`` of the last step. Infinite (outer) or 0
    (inner) where no proof was found: the region is too large.
    """
    last, last_gap = middle, -1e-300
    for _ in range(TRIES):
        x = middle + side * step
        if x <= 0.0 or x > 8.0 * (middle + agents):
            break
        gap = margin(x, agents, mixes, totals, leave, plus, minus, kind, bound, awt, basis, side)
        if gap > 0.0:
            close = near * step
            if side == OUTER:
                return between(
                    last, x, last_gap, gap, close, agents, mixes, totals, leave, plus, minus, kind, bound, awt, basis, OUTER
                )  # fmt: skip
            return between(
                x, last, -gap, -last_gap, close, agents, mixes, totals, leave, plus, minus, kind, bound, awt, basis, INNER
            )  # fmt: skip
        last, last_gap = x, gap
        step *= GROWTH
    return math.inf if side == OUTER else 0.0


@compiled
def region_loads(
    agents: Floats, mixes: Floats, fast: Floats, slow: Floats, of_type: Ints,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> Floats:  # fmt: skip
    """Per number of agents (columns): loads proved for all mixes, attained at the middle one, and proved for none above.

    ``fast`` and ``slow`` are the largest and the smallest leaving rate of each type; targets belong to ``of_type``.
    """
    out = np.zeros((3, agents.size))
    quick, late = fast[of_type], slow[of_type]
    q = mixes.shape[0]
    totals = mixes.sum(axis=1)
    middle, fewest, most = np.zeros((1, mixes.shape[1])), mixes[:1].copy(), mixes[:1].copy()
    for j in range(q):
        middle[0] += mixes[j] / q
        fewest[0], most[0] = np.minimum(fewest[0], mixes[j]), np.maximum(most[0], mixes[j])
    total, brief, lengthy = middle.sum() * np.ones(1), totals.max() * np.ones(1), totals.min() * np.ones(1)
    single = q == 1 and (fast == slow).all()
    near = 0.5 if single else NEAR
    below, before, up, down = 0.0, 0.0, 0.0, 0.0
    for k in range(agents.size):
        n, guess = agents[k], (2.0 * below - before if k > 1 else below)
        before, below = below, point_load(n, guess, middle, total, slow, late, late, kind, bound, awt, basis)
        out[1, k] = below
        least = FINE * (below + 1e-3)
        start = least if single or np.isinf(up) or up < least else up / GROWTH
        above = proved_load(below, start, near, n, mixes, totals, fast, quick, late, kind, bound, awt, basis, OUTER)
        if np.isinf(above) and fewest.sum() > 0.0:
            edge = point_load(n, below, fewest, brief, fast, quick, late, kind, bound, awt, basis)
            above = proved_load(edge, least, 0.5, n, fewest, brief, fast, quick, late, kind, bound, awt, basis, OUTER)
        start = least if single or down < least or down >= below else down / GROWTH
        inside = proved_load(below, start, near, n, mixes, totals, slow, late, quick, kind, bound, awt, basis, INNER)
        if inside <= 0.0:
            inside = point_load(n, below, most, lengthy, slow, late, quick, kind, bound, awt, basis)
        out[0, k], out[2, k] = inside, above
        up, down = above - below, below - inside
    return out
