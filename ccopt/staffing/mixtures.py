"""Compiled search for the largest load of a mix of contact types (the group model of ``ccopt.queueing``)."""

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
CLOSE = 1e-11


@compiled
def mix_rows(rates: Floats, patience: Floats, handle: float, agents: float, awt: Floats, same: bool) -> Floats:
    """Rows of all types; with one patience for all the closed forms of Erlang C and A."""
    if not same:
        return mixture_rows(rates, patience, handle, agents, awt)
    rows = np.empty((rates.size, 6))
    total = rates.sum()
    for i in range(rates.size):
        if np.isinf(patience[0]):
            row = erlang_c_row(total, handle, agents, awt[i], 1.0)
        else:
            row = erlang_a_row(total, handle, patience[0], agents, awt[i], 1.0, True)
        for q in range(6):
            rows[i, q] = row[q]
    return rows


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
    seen = np.full(m, -1.0)  # acceptable waits of the rows at hand; only service levels depend on them
    for j in range(kind.shape[1]):
        stale = j == 0
        for i in range(m):
            if kind[i, j] == 0 and awt[i, j] != seen[i]:
                stale = True
        if stale:
            for i in range(m):
                if kind[i, j] == 0 or seen[i] < 0.0:
                    seen[i] = awt[i, j]
            rows = mix_rows(rates, patience, handle, agents, seen, same)
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
    kind: Ints, bound: Floats, awt: Floats, basis: Ints, below: float,
) -> float:  # fmt: skip
    """Largest load of one mix; the targets hold at it as computed. ``below``: what fewer agents carry (0: unknown).

    A bracket from below, closed by false position with a halved end (Illinois) and by bisection where that is slow.
    """
    low, low_gap = below, 1.0
    if below > 0.0:
        low_gap = mix_slack(below, agents, share, aht, patience, kind, bound, awt, basis)
        if low_gap < 0.0:
            low, low_gap = 0.0, 1.0
    step = 1.1 if low > 0.0 else agents
    high = low + step
    high_gap = mix_slack(high, agents, share, aht, patience, kind, bound, awt, basis)
    while high_gap >= 0.0:
        low, low_gap = high, high_gap
        step *= 1.6
        high = low + step
        high_gap = mix_slack(high, agents, share, aht, patience, kind, bound, awt, basis)
    side, width = 0, high - low
    for k in range(2 * STEPS):
        if high - low <= CLOSE * high:
            break
        x = 0.5 * (low + high)
        if not np.isinf(high_gap) and (k % 4 != 3 or high - low < 0.2 * width):
            x = (low * high_gap - high * low_gap) / (high_gap - low_gap)
            edge = 0.4 * CLOSE * high  # never closer to an end than what closes the bracket
            x = min(max(x, low + edge), high - edge)
        if k % 4 == 3:
            width = high - low
        gap = mix_slack(x, agents, share, aht, patience, kind, bound, awt, basis)
        if gap >= 0.0:
            low, low_gap = x, gap
            if side == 1:
                high_gap *= 0.5
            side = 1
        else:
            high, high_gap = x, gap
            if side == -1:
                low_gap *= 0.5
            side = -1
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
            below = out[p, k - 1] if k > 0 and agents[k - 1] < agents[k] else 0.0
            out[p, k] = mix_most_load(agents[k], shares[p], aht, patience, kind, bound, awt, basis, below)
    return out


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
