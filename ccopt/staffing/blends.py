"""Compiled slack of the targets of a group of which some types are background work, and proofs for all mixes of a cell.

The policy is that of `ccopt.queueing.floors.blended_performance`. What happens once all agents are busy is taken from one server
who is as fast as all of them.

**Proof.** Everything that a target looks at is monotone in the rates of the types and in the mean handle time h. Take the states of
the group with m busy agents at least, weights w(j) and R for all agents busy: with more foreground work or a larger h each
w(j) / R falls and the wait V of those who wait grows (likelihood ratio, see `ccopt.queueing.mix_proof`), so that a smaller share of
time is left for background work and m rises; more background work raises m as well. Both raise P(V > 0). So V grows with all of
them, and a target met with *most* work and the largest h of a cell of mixes is met on all of it, one that is missed with *least*
is missed on all of it. Foreground counts by sum_i rate_i e^(-theta_i v), so least of it is what all corners of the cell have in
common, and the least rest of a corner with the shortest patience of all types that vary; most is the largest rest with the longest.
Two things need a look at the other end of the cell: occupancy counts what did not leave, which falls as V grows; and the capacity X
that keeps a response time, as a multiple of the background work y, falls with y: with one background type X h y_rate / y still
grows with its rate and with h, with several the multiple is taken at the other end. The bounds are of first order in the size of a
cell.
"""

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
NOTHING = 1e-9  # erlangs of foreground that stand for none: its waits are those of the limit


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
def capacity_factor(
    load: float, handle_s: float, behind: Ints, kind: Ints, bound: Floats, awt: Floats
) -> float:
    """Capacity for background work over its load, so that all response times hold; at least 1."""
    found = 1.0
    for i in range(behind.size):
        for j in range(kind.shape[1]):
            if behind[i] and kind[i, j] == 0 and load > 0.0:
                found = max(found, needed_capacity(load, handle_s, awt[i, j], bound[i, j]) / load)
    return found


@compiled
def chance_to_wait(agents: float, load: float, background: float, delay: float) -> float:
    """P(wait) of the foreground, given that of one server as fast as all (``delay``); above 1 where the work cannot be done.

    State by state from the top.
    """
    if delay >= 1.0 - 1e-12:
        return 2.0
    weight = agents / load * delay / (1.0 - delay)
    if agents / weight < background * (1.0 - 1e-12):
        return 2.0
    above, v = weight, 1.0  # states at and above j + 1, and the weight of j + 1
    for j in range(round(agents) - 1, -1, -1):
        w = v * (j + 1) / load
        if j * w / (above + w) < background or w > 1e300:
            q = (background * (above + w) - j * w) / ((j + 1) * v - j * w + background * w)
            return weight / (above + (1.0 - min(max(q, 0.0), 1.0)) * w)
        above += w
        v = w
    return weight / above


@compiled
def waits_before_one_server(
    rates: Floats, patience: Floats, handle: float, wait: Floats, kind: Ints, same: bool
) -> Floats:
    """Rows (P(wait), in time, lost, early, virtual, wait) per foreground type before a server with mean handle time ``handle``."""
    if not same:
        return np.asarray(mixture_rows(rates, patience, handle, 1.0, wait))
    rows, total = np.zeros((rates.size, 6)), rates.sum()
    for f in range(rates.size):
        if np.isinf(patience[0]):
            row = erlang_c_row(total, handle, 1.0, wait[f], 1.0)
        else:
            row = erlang_a_row(total, handle, patience[0], 1.0, wait[f], 1.0, kind[f] == 1)
        for c in range(6):
            rows[f, c] = row[c]
    return rows


@compiled
def gap_of(kind: int, bound: float, basis: int, row: Floats, factor: float, carried: float) -> float:
    """By how much a target of a foreground type is met; ``factor`` scales what follows from waiting, ``carried`` is per agent."""
    lost = factor * row[2]
    if kind == 0:
        late, later = factor * (1.0 - row[1]), factor * (1.0 - row[4])
        return float(service_level(basis, 1.0 - late, lost, factor * row[3], 1.0 - later) - bound)
    if kind == 1:
        return float(bound - factor * row[5] / (1.0 - lost))
    return float(bound - (lost if kind == 2 else carried))


@compiled
def blend_slack(
    rates: Floats, handle: float, factor_load: float, carried: float, kept: Floats, agents: float, patience: Floats, behind: Ints,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> float:  # fmt: skip
    """Least gap of all targets, negative where one is missed; ``rates`` per second of all types, ``handle`` the mean of all.

    ``factor_load``: background erlangs at which the capacity factor is taken; ``carried``: erlangs of all agents at work, for their
    occupancy; ``kept``, out: shares of the types that are answered.
    """
    at, back = np.flatnonzero(behind == 0), np.flatnonzero(behind != 0)
    share, stay = np.maximum(rates[at], NOTHING / handle / at.size), patience[at]
    busy, patient = share.sum() * handle, share[np.isinf(stay)].sum() * handle
    if patient >= agents:
        return -math.inf
    capacity = rates[back].sum() * handle * capacity_factor(factor_load, handle, behind, kind, bound, awt)
    same, worst, chance = bool((stay == stay[0]).all()), math.inf, -1.0
    for j in range(kind.shape[1]):
        rows = waits_before_one_server(share, stay, handle / agents, awt[at, j], kind[at, j], same)
        if j == 0:
            chance = chance_to_wait(agents, busy, capacity, rows[0, 0])
        if chance > 1.0 + 1e-9:
            return -math.inf
        factor = chance / rows[0, 0]
        for f in range(at.size):
            i = at[f]
            kept[i] = 1.0 - factor * rows[f, 2]
            if kind[i, j] >= 0:
                worst = min(worst, gap_of(kind[i, j], bound[i, j], basis[i, j], rows[f], factor, carried / agents))
        for i in back:
            if kind[i, j] == 3:
                worst = min(worst, bound[i, j] - carried / agents)
    return worst


@compiled
def ends_of(mixes: Floats, patience: Floats, behind: Ints) -> tuple[Floats, Floats]:
    """Rates per erlang of the least, the middle and the most work of a cell (rows), and the mean handle times that go with them."""
    q, m = mixes.shape
    rates, totals, rest = np.zeros((3, m)), mixes.sum(axis=1), np.zeros(q)
    first, last = -1, -1  # types of the foreground that vary: of the shortest and of the longest patience
    for i in range(m):
        rates[0, i], rates[1, i], rates[2, i] = mixes[:, i].min(), mixes[:, i].mean(), mixes[:, i].max()
        if behind[i] == 0 and rates[2, i] > rates[0, i]:
            rest += mixes[:, i] - rates[0, i]
            rates[2, i] = rates[0, i]
            first = i if first < 0 or patience[i] < patience[first] else first
            last = i if last < 0 or patience[i] > patience[last] else last
    if first >= 0:
        rates[0, first] += rest.min()
        rates[2, last] += rest.max()
    return rates, np.array([1.0 / totals.max(), 1.0 / totals.mean(), 1.0 / totals.min()])


@compiled
def cell_slack(
    end: int, load: float, agents: float, shares: Floats, rates: Floats, handles: Floats,
    patience: Floats, behind: Ints, kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> float:  # fmt: skip
    """Slack with the least (0), the middle (1) or the most work (2) of a cell with load shares ``shares`` (a row per corner)."""
    other, back = 2 - end, np.flatnonzero(behind != 0)
    mixed = shares[:, back].sum(axis=1)
    y = load * np.array([mixed.min(), mixed.mean(), mixed.max()])
    several, kept, carried = back.size > 1, np.ones(patience.size), 0.0
    if (kind == 3).any():
        lost = blend_slack(
            load * rates[other], handles[other], y[end if several else other], 0.0, kept, agents, patience, behind, kind, bound, awt, basis
        )  # fmt: skip
        if lost == -math.inf:
            if end > 0:
                return lost
            kept = np.where(np.isinf(patience), 1.0, 0.0)  # the least that can be answered
        work = np.zeros(shares.shape[0])
        for j in range(shares.shape[0]):
            work[j] = load * (shares[j] * kept).sum()
        carried = np.array([work.min(), work.mean(), work.max()])[end]
    return blend_slack(
        load * rates[end], handles[end], y[other if several else end], carried, kept, agents, patience, behind, kind, bound, awt, basis
    )  # fmt: skip
