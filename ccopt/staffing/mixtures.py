"""Compiled search for the largest load of a mix of contact types (the group model of ``ccopt.queueing``)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.batch import service_level
from ccopt.queueing.compiler import compiled
from ccopt.queueing.rows import erlang_a_row, erlang_c_row, mixture_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS = 60


@compiled
def mix_slack(
    load: float, agents: float, share: Floats, aht: Floats, patience: Floats,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> float:  # fmt: skip
    """Smallest distance to any target of any type (negative: missed) at a load with given rate shares."""
    m = share.size
    handle = 0.0
    for i in range(m):
        handle += share[i] * aht[i]
    total = load / handle
    rates = share * total
    patient = 0.0
    same = True
    for i in range(m):
        if np.isinf(patience[i]):
            patient += rates[i]
        same = same and patience[i] == patience[0]
    if patient * handle >= agents:
        return -math.inf
    worst = math.inf
    rows = np.zeros((m, 6))
    for j in range(kind.shape[1]):
        if same:
            for i in range(m):
                if np.isinf(patience[0]):
                    row = erlang_c_row(total, handle, agents, awt[i, j])
                else:
                    row = erlang_a_row(total, handle, patience[0], agents, awt[i, j], kind[i, j] == 1)
                for q in range(6):
                    rows[i, q] = row[q]
        else:
            rows = mixture_rows(rates, patience, handle, agents, awt[:, j].copy())
        carried = 0.0
        for i in range(m):
            carried += rates[i] * (1.0 - rows[i, 2])
        for i in range(m):
            if kind[i, j] < 0:
                continue
            if kind[i, j] == 0:
                found = service_level(basis[i, j], rows[i, 1], rows[i, 2], rows[i, 3], rows[i, 4])
                gap = found - bound[i, j]
            elif kind[i, j] == 1:
                gap = bound[i, j] - rows[i, 5] / (1.0 - rows[i, 2])
            elif kind[i, j] == 2:
                gap = bound[i, j] - rows[i, 2]
            else:
                gap = bound[i, j] - carried * handle / agents
            worst = min(worst, gap)
    return worst


@compiled
def mix_most_load(
    agents: float, share: Floats, aht: Floats, patience: Floats,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> float:  # fmt: skip
    """Largest load of one mix; the targets hold at it as computed."""
    low, high = 0.0, agents
    while mix_slack(high, agents, share, aht, patience, kind, bound, awt, basis) >= 0.0:
        low = high
        high *= 1.5
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        if high - low <= 1e-11 * high:
            break
        if mix_slack(middle, agents, share, aht, patience, kind, bound, awt, basis) >= 0.0:
            low = middle
        else:
            high = middle
    return low


@compiled
def mixture_table(
    agents: Floats, shares: Floats, aht: Floats, patience: Floats,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> Floats:  # fmt: skip
    """Largest load per mix (row) and number of agents (column)."""
    out = np.empty((shares.shape[0], agents.size))
    for p in range(shares.shape[0]):
        for k in range(agents.size):
            out[p, k] = mix_most_load(agents[k], shares[p], aht, patience, kind, bound, awt, basis)
    return out
