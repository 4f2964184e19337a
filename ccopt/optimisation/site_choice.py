"""Which site options to open for given values: the least sum under the rules on sites and the seats that they must have."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ccopt.optimisation.headcount_rows import Cover
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem
from ccopt.queueing.compiler import compiled


def best_sites(p: Problem, value: Floats, covers: Sequence[Cover], fixed: Ints | None = None) -> tuple[float, Bools]:
    """Least sum of the values of open options; a relaxation that looks at one rule at a time and keeps the largest.

    The rules are the counts of sites, and each of ``covers``. ``fixed`` is -1 where free, else 0 or 1.
    """
    state = np.full(len(value), -1) if fixed is None else fixed.copy()
    state[p.must_close] = 0
    total, chosen = _by_counts(p, value, state)
    for cover in covers:
        if math.isinf(total):
            break
        if cover.seats[chosen].sum() < cover.agents * (1.0 - 1e-9):
            found, opened = _by_seats(p, value, state, cover)
            if found > total:
                total, chosen = found, opened
    return total, chosen


def _by_counts(p: Problem, value: Floats, state: Ints) -> tuple[float, Bools]:
    """Least sum under the counts of sites, forced and exclusive options."""
    chosen = np.zeros(len(value), dtype=bool)
    best: dict[str, int] = {}
    for s in np.flatnonzero(state != 0).tolist():
        name = p.site_names[s]
        if name not in best or (state[best[name]] != 1 and (value[s] < value[best[name]] or state[s] == 1)):
            best[name] = s
    forced = [s for s in best.values() if state[s] == 1 or p.must_open[s]]
    free = sorted((s for s in best.values() if s not in forced), key=lambda s: float(value[s]))
    room = p.max_sites - len(forced)
    need = p.min_sites - len(forced)
    if room < 0 or need > len(free):
        return math.inf, chosen
    chosen[forced] = True
    for i, s in enumerate(free):
        if i < need or (value[s] < 0.0 and i < room):
            chosen[s] = True
    return float(value[chosen].sum()), chosen


def _by_seats(p: Problem, value: Floats, state: Ints, cover: Cover) -> tuple[float, Bools]:
    """Least sum with enough seats, a knapsack over whole seats."""
    need = math.ceil(cover.agents * (1.0 - 1e-9))
    options: dict[str, list[int]] = {}
    for s, name in enumerate(p.site_names):
        options.setdefault(name, []).append(s)
    forced = np.array([any(state[s] == 1 or p.must_open[s] for s in mine) for mine in options.values()])
    usable = [
        [s for s in mine if state[s] != 0 and not any(state[o] == 1 for o in mine if o != s)] for mine in options.values()
    ]  # fmt: skip
    start = np.concatenate(([0], np.cumsum([len(mine) for mine in usable]))).astype(np.int64)
    order = np.array([s for mine in usable for s in mine], dtype=np.int64)
    chosen = np.zeros(len(value), dtype=np.bool_)
    return cover_seats(start, order, forced, cover.seats.astype(np.int64), value, need, chosen), chosen


@compiled
def cover_seats(
    start: Ints, order: Ints, forced: Bools, seats: Ints, value: Floats, need: int, chosen: Bools
) -> float:  # fmt: skip
    """Least sum of values with at least ``need`` seats, one option at most of each site; fills ``chosen``.

    The options of site i are ``order[start[i] : start[i + 1]]``; a ``forced`` site has one. best[k] is the least value of k
    seats at least; infinite where there are not so many.
    """
    sites = start.size - 1
    best, new = np.full(need + 1, np.inf), np.empty(need + 1)
    best[0] = 0.0
    choice = np.empty((sites, need + 1), dtype=np.int64)
    for i in range(sites):
        new[:] = best
        if forced[i]:
            new[:] = np.inf
        row = choice[i]
        row[:] = -1
        for s in order[start[i] : start[i + 1]]:
            own, more = seats[s], value[s]
            for k in range(need + 1):
                found = best[max(k - own, 0)] + more
                if found < new[k]:
                    new[k], row[k] = found, s
        best, new = new, best
    k = need
    if np.isfinite(best[need]):
        for i in range(sites - 1, -1, -1):
            s = choice[i, k]
            if s >= 0:
                chosen[s] = True
                k = max(k - seats[s], 0)
    return float(best[need])
