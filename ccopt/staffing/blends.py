"""Compiled search for the largest load of a mix of contact types of which some are background work."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.batch import service_level
from ccopt.queueing.compiler import compiled
from ccopt.queueing.mixtures import mixture_rows
from ccopt.queueing.rows import erlang_a_row, erlang_c_row

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS = 60


@compiled
def needed_capacity(load: float, handle_s: float, wait_s: float, share: float) -> float:
    """Erlangs of background capacity X with load / X exp(-(X - load) wait / h) <= 1 - share."""
    late = max(1.0 - share, 1e-12)
    low, high = load, 2.0 * load + 40.0 * handle_s / max(wait_s, 1e-9)
    for _ in range(STEPS):
        x = 0.5 * (low + high)
        if load / x * math.exp(-min((x - load) * wait_s / handle_s, 700.0)) > late:
            low = x
        else:
            high = x
    return high


@compiled
def wait_factor(agents: float, load: float, background: float, delay: float) -> float:
    """P(wait) of a blended group over that of its foreground alone (``delay``); negative where it cannot do the work.

    The policy of `ccopt.queueing.floors.blended_performance`, state by state from the top.
    """
    if delay >= 1.0 - 1e-12:
        return -1.0
    below, term = 0.0, 1.0
    n = round(agents)
    for j in range(n, 0, -1):
        term *= j / load
        below += term
        if below > 1e300:
            break
    weight = below * delay / (1.0 - delay)
    if n / weight < background * (1.0 - 1e-12):
        return -1.0
    above, v = weight, 1.0  # states at and above j + 1, and the weight of j + 1
    for j in range(n - 1, -1, -1):
        w = v * (j + 1) / load
        if j * w / (above + w) < background or w > 1e300:
            q = (background * (above + w) - j * w) / ((j + 1) * v - j * w + background * w)
            q = min(max(q, 0.0), 1.0)
            return weight / (above + (1.0 - q) * w) / delay if delay > 0.0 else 1.0
        above += w
        v = w
    return 1.0


@compiled
def blend_slack(
    load: float, agents: float, share: Floats, aht: Floats, patience: Floats, behind: Ints,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> float:  # fmt: skip
    """As `mix_slack` for a group whose types marked in ``behind`` are background work."""
    m, front = share.size, 0
    handle, y_rate, y = 0.0, 0.0, 0.0
    for i in range(m):
        handle += share[i] * aht[i]
    total = load / handle
    for i in range(m):
        if behind[i]:
            y_rate += share[i] * total
            y += share[i] * total * aht[i]
        else:
            front += 1
    rates, leave, at = np.empty(front), np.empty(front), np.empty(front, dtype=np.int64)
    x_rate, patient, f = 0.0, 0.0, 0
    same = True
    for i in range(m):
        if not behind[i]:
            rates[f], leave[f], at[f] = share[i] * total, patience[i], i
            x_rate += rates[f]
            if np.isinf(patience[i]):
                patient += rates[f]
            same = same and leave[f] == leave[0]
            f += 1
    if patient * handle >= agents:
        return -math.inf
    capacity = y
    for i in range(m):
        for j in range(kind.shape[1]):
            if behind[i] and kind[i, j] == 0:
                capacity = max(capacity, needed_capacity(y, handle, awt[i, j], bound[i, j]))
    worst, factor = math.inf, -2.0
    rows = np.zeros((front, 6))
    for j in range(kind.shape[1]):
        wait = np.array([awt[at[f], j] for f in range(front)])
        if same:
            for f in range(front):
                if kind[at[f], j] < 0 and (f > 0 or j > 0):
                    continue
                if np.isinf(leave[0]):
                    row = erlang_c_row(x_rate, handle, agents, wait[f], 1.0)
                else:
                    row = erlang_a_row(x_rate, handle, leave[0], agents, wait[f], 1.0, kind[at[f], j] == 1)
                for c in range(6):
                    rows[f, c] = row[c]
        else:
            rows = mixture_rows(rates, leave, handle, agents, wait)
        if factor < -1.5:
            factor = wait_factor(agents, x_rate * handle, capacity * y_rate * handle / y, rows[0, 0])
            if factor < 0.0:
                return -math.inf
        carried = y
        for f in range(front):
            lost = rows[0, 2] if same else rows[f, 2]
            carried += rates[f] * (1.0 - factor * lost) * aht[at[f]]
        for f in range(front):
            i = at[f]
            if kind[i, j] < 0:
                continue
            lost = factor * rows[f, 2]
            if kind[i, j] == 0:
                found = service_level(
                    basis[i, j], 1.0 - factor * (1.0 - rows[f, 1]), lost, factor * rows[f, 3],
                    1.0 - factor * (1.0 - rows[f, 4]),
                )  # fmt: skip
                gap = found - bound[i, j]
            elif kind[i, j] == 1:
                gap = bound[i, j] - factor * rows[f, 5] / (1.0 - lost)
            elif kind[i, j] == 2:
                gap = bound[i, j] - lost
            else:
                gap = bound[i, j] - carried / agents
            worst = min(worst, gap)
        for i in range(m):
            if behind[i] and kind[i, j] == 3:
                worst = min(worst, bound[i, j] - carried / agents)
    return worst


@compiled
def blend_table(
    agents: Floats, shares: Floats, aht: Floats, patience: Floats, behind: Ints,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> Floats:  # fmt: skip
    """Largest load per mix (row) and number of agents (column) with background work."""
    out = np.empty((shares.shape[0], agents.size))
    for p in range(shares.shape[0]):
        for k in range(agents.size):
            low, high = 0.0, agents[k]
            for _ in range(STEPS):
                middle = 0.5 * (low + high)
                if high - low <= 1e-10 * high:
                    break
                if blend_slack(middle, agents[k], shares[p], aht, patience, behind, kind, bound, awt, basis) >= 0.0:
                    low = middle
                else:
                    high = middle
            out[p, k] = low
    return out
