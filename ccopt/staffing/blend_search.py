"""Compiled search for the loads that `ccopt.staffing.blends` proves for all mixes of a cell, for every number of agents."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.compiler import compiled
from ccopt.staffing.blends import cell_slack, ends_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CLOSE = 1e-6  # of the load; rounded to the side that is proved
STEPS, TRIES = 120, 60


@compiled
def edge(
    end: int, guess: float, agents: float, shares: Floats, rates: Floats, handles: Floats,
    patience: Floats, behind: Ints, kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> tuple[float, float]:  # fmt: skip
    """(load with a slack of 0 at least, load with less): both sides of the edge, next to each other; infinite where there is none."""
    down, up, step = 0.0, guess, max(0.01 * guess, 0.02)
    down_gap, up_gap = 1.0, cell_slack(end, up, agents, shares, rates, handles, patience, behind, kind, bound, awt, basis)
    for _ in range(TRIES):
        if up_gap < 0.0:
            break
        down, down_gap = up, up_gap
        up += step
        up_gap = cell_slack(end, up, agents, shares, rates, handles, patience, behind, kind, bound, awt, basis)
        step *= 3.0
    if up_gap >= 0.0:
        return down, math.inf
    while down == 0.0 and up > 1e-9:  # only where the guess was missed
        x = max(up - step, 0.0)
        gap = cell_slack(end, x, agents, shares, rates, handles, patience, behind, kind, bound, awt, basis) if x > 0.0 else 1.0
        if gap >= 0.0:
            down, down_gap = x, gap
            break
        up, up_gap = x, gap
        step *= 3.0
    side = 0
    for k in range(STEPS):
        if up - down <= CLOSE * up:
            break
        x = 0.5 * (down + up)
        if down_gap < math.inf and up_gap > -math.inf and k % 4 != 3:
            x = down + (up - down) * down_gap / (down_gap - up_gap)
            x = min(max(x, down + 0.4 * CLOSE * up), up - 0.4 * CLOSE * up)
        gap = cell_slack(end, x, agents, shares, rates, handles, patience, behind, kind, bound, awt, basis)
        if gap >= 0.0:
            down, down_gap = x, gap
            up_gap *= 0.5 if side == 1 else 1.0
            side = 1
        else:
            up, up_gap = x, gap
            down_gap *= 0.5 if side == -1 else 1.0
            side = -1
    return down, up


@compiled
def blend_loads(
    ends: Ints, agents: Floats, shares: Floats, aht: Floats, patience: Floats, behind: Ints,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> Floats:  # fmt: skip
    """Loads per number of agents (columns) and end of a cell (rows).

    ``shares`` of the load are the corners of the cell. End 2: proved for all mixes; 1: attained by the middle one; 0: proved for none
    above.
    """
    rates, handles = ends_of(shares / aht, patience, behind)
    out, before = np.zeros((ends.size, agents.size)), np.zeros(ends.size)
    for k in range(agents.size):
        for row, end in enumerate(ends):
            last = out[row, k - 1] if k > 0 else 0.0
            guess = 2.0 * last - before[row] if k > 1 else last
            if not 0.0 < guess < math.inf:
                guess = 0.5 * agents[k]
            below, above = edge(end, guess, agents[k], shares, rates, handles, patience, behind, kind, bound, awt, basis)
            before[row] = last
            out[row, k] = above if end == 0 else below
    return out
