"""Designs by annealing on the exact integer cost: each unit of a commodity stands at one group in each period.

Fast enough for hundreds of thousands of moves a second, because a move touches two groups of one period. It finds the
structure (which sites, which groups work in which period); integer programmes on inner lines then split flows.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.lagrangian import sum_overhead
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem, Solution
from ccopt.optimisation.work import MOVE_S, spend
from ccopt.queueing.compiler import compiled

MOST_SEATS = 4000
UNIT_ERLANGS = 25.0
MOST_UNITS = 12


@compiled
def draw(state: Ints) -> float:
    """A uniform number in [0, 1) from a state of one integer (a Lehmer generator modulo 2^31 - 1, two steps)."""
    high = state[0] * 48271 % 2147483647
    low = high * 48271 % 2147483647
    state[0] = low
    return float(((high - 1) * 2147483646.0 + (low - 1)) / (2147483646.0 * 2147483646.0))


@compiled
def staff_of(table: Floats, load: float) -> tuple[int, float]:
    """Fewest agents that certify a load, and the load beyond the end of the table."""
    if load <= 1e-12:
        return 0, 0.0
    low, high = 0, table.size - 1
    if load > table[high]:
        return high, load - table[high]
    while high - low > 1:
        middle = (low + high) >> 1
        if table[middle] >= load:
            high = middle
        else:
            low = middle
    return high, 0.0


@compiled
def site_money(
    s: int, present: Floats, seats: Ints, seat_cost: Floats, site_cost: Floats, price: float
) -> float:
    """Fixed and seat cost of a site, and the price of agents beyond its seats."""
    used, over = 0.0, 0.0
    for t in range(present.shape[1]):
        used = max(used, present[s, t])
        over += max(0.0, present[s, t] - seats[s])
    if used <= 0.0:
        return 0.0
    seated = float(seat_cost[s, min(int(used), seat_cost.shape[1] - 1)])
    return float(site_cost[s]) + seated + price * over


@compiled
def anneal(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  (one loop, kept in one piece for the compiler)
    arc_start: Ints, arc_of: Ints, arc_group: Ints, arc_work: Floats, arc_cost: Floats, demand: Floats, table: Floats,
    agent_cost: Floats, group_site: Ints, seats: Ints, seat_cost: Floats, site_cost: Floats, open_to: Bools,
    choice: Ints, moves: int, hot: float, cold: float, price: float, seed: int,
) -> float:  # fmt: skip
    """Improve ``choice`` (U, T: index of an arc of the unit) in place; returns its cost with overflow priced."""
    state = np.array([seed * 7919 % 2147483645 + 1], dtype=np.int64)
    draw(state)
    commodities, periods = demand.shape
    groups, sites = agent_cost.shape[0], seats.size
    load = np.zeros((groups, periods))
    for c in range(commodities):
        for t in range(periods):
            e = arc_of[arc_start[c] + choice[c, t]]
            load[arc_group[e], t] += arc_work[e] * demand[c, t]
    n = np.zeros((groups, periods), dtype=np.int64)
    present = np.zeros((sites, periods))
    money = np.zeros(sites)
    total = 0.0
    for g in range(groups):
        for t in range(periods):
            k, over = staff_of(table[g], load[g, t])
            n[g, t] = k
            present[group_site[g], t] += k
            total += agent_cost[g, t] * k + price * over
    for s in range(sites):
        money[s] = site_money(s, present, seats, seat_cost, site_cost, price)
        total += money[s]
    for c in range(commodities):
        for t in range(periods):
            total += arc_cost[arc_of[arc_start[c] + choice[c, t]], t] * demand[c, t]
    best, best_choice = total, choice.copy()
    members = np.empty(commodities, dtype=np.int64)
    target = np.empty(commodities, dtype=np.int64)
    for move in range(moves):
        heat = hot * (cold / hot) ** (move / moves)
        c = int(draw(state) * commodities)
        width = arc_start[c + 1] - arc_start[c]
        if width < 2:
            continue
        to = int(draw(state) * width)
        e_new = arc_of[arc_start[c] + to]
        g_new = arc_group[e_new]
        if not open_to[group_site[g_new]]:
            continue
        t_from = int(draw(state) * periods)
        t_to = t_from + 1
        kind = draw(state)
        if kind < 0.15:
            t_from, t_to = 0, periods
        delta, count = 0.0, 0
        g_old = arc_group[arc_of[arc_start[c] + choice[c, t_from]]]
        if g_old == g_new or demand[c, t_from] <= 0.0:
            continue
        whole = kind > 0.9  # everything of the old group in this period that can go to the new one
        if whole:
            for d in range(commodities):
                if arc_group[arc_of[arc_start[d] + choice[d, t_from]]] == g_old and demand[d, t_from] > 0.0:
                    for j in range(arc_start[d + 1] - arc_start[d]):
                        if arc_group[arc_of[arc_start[d] + j]] == g_new:
                            members[count], target[count] = d, j
                            count += 1
                            break
        else:
            members[0], target[0], count = c, to, 1
        s_new = group_site[g_new]
        old_money = 0.0
        touched = np.zeros(sites, dtype=np.bool_)
        touched[s_new] = True
        for t in range(t_from, t_to):
            for m in range(count):
                d = members[m]
                e_old = arc_of[arc_start[d] + choice[d, t]]
                e_to = arc_of[arc_start[d] + target[m]]
                g = arc_group[e_old]
                touched[group_site[g]] = True
                delta += (arc_cost[e_to, t] - arc_cost[e_old, t]) * demand[d, t]
                if g == g_new:
                    continue
                k, over = staff_of(table[g], load[g, t])
                delta -= agent_cost[g, t] * k + price * over
                load[g, t] = max(0.0, load[g, t] - arc_work[e_old] * demand[d, t])
                k2, over = staff_of(table[g], load[g, t])
                delta += agent_cost[g, t] * k2 + price * over
                present[group_site[g], t] += k2 - k
                n[g, t] = k2
                k, over = staff_of(table[g_new], load[g_new, t])
                delta -= agent_cost[g_new, t] * k + price * over
                load[g_new, t] += arc_work[e_to] * demand[d, t]
                k2, over = staff_of(table[g_new], load[g_new, t])
                delta += agent_cost[g_new, t] * k2 + price * over
                present[s_new, t] += k2 - k
                n[g_new, t] = k2
        for s in range(sites):
            if touched[s]:
                old_money -= money[s]
                old_money += site_money(s, present, seats, seat_cost, site_cost, price)
        delta += old_money
        if delta <= 0.0 or draw(state) < math.exp(-delta / heat):
            for s in range(sites):
                if touched[s]:
                    money[s] = site_money(s, present, seats, seat_cost, site_cost, price)
            for t in range(t_from, t_to):
                for m in range(count):
                    choice[members[m], t] = target[m]
            total += delta
            if total < best - 1e-9:
                best = total
                best_choice[:] = choice
        else:
            for t in range(t_from, t_to):
                for m in range(count):
                    d = members[m]
                    e_old = arc_of[arc_start[d] + choice[d, t]]
                    e_to = arc_of[arc_start[d] + target[m]]
                    g = arc_group[e_old]
                    if g == g_new:
                        continue
                    k, _ = staff_of(table[g], load[g, t])
                    load[g, t] += arc_work[e_old] * demand[d, t]
                    k2, _ = staff_of(table[g], load[g, t])
                    present[group_site[g], t] += k2 - k
                    n[g, t] = k2
                    k, _ = staff_of(table[g_new], load[g_new, t])
                    load[g_new, t] = max(0.0, load[g_new, t] - arc_work[e_to] * demand[d, t])
                    k2, _ = staff_of(table[g_new], load[g_new, t])
                    present[s_new, t] += k2 - k
                    n[g_new, t] = k2
    choice[:] = best_choice
    return best


class Annealing:
    """Annealing of one problem: arrays prepared once, runs from any start.

    A commodity with more than `UNIT_ERLANGS` at its peak is split into equal units, so that sites can be filled.
    ``unit_of`` (U,) is the commodity of a unit, ``part`` (U,) its share.
    """

    def __init__(self, p: Problem) -> None:
        self.p = p
        count = np.bincount(p.arc_commodity, minlength=len(p.commodity_names))
        work = np.zeros(len(count))
        np.maximum.at(work, p.arc_commodity, p.arc_work)
        peak = work * p.demand.max(axis=1, initial=0.0)
        units = np.clip(np.ceil(peak / UNIT_ERLANGS), 1, MOST_UNITS).astype(np.int64)
        self.unit_of: Ints = np.repeat(np.arange(len(count)), units)
        self.part = 1.0 / units[self.unit_of]
        self.demand = p.demand[self.unit_of] * self.part[:, None]
        by_commodity = np.split(np.argsort(p.arc_commodity, kind="stable").astype(np.int64), np.cumsum(count)[:-1])
        self.arc_of: Ints = np.concatenate([by_commodity[c] for c in self.unit_of])
        self.arc_start: Ints = np.concatenate(([0], np.cumsum(count[self.unit_of]))).astype(np.int64)
        self.seats = np.minimum(seats_or_enough(p), MOST_SEATS).astype(np.int64)
        used = np.arange(int(self.seats.max(initial=0)) + 200)
        self.seat_cost = p.seat_cost[:, None] * used + sum_overhead(p, used)

    def start(self, flow: Floats) -> Ints:
        """Arcs of the units in proportion to the flow of their commodity in each period."""
        choice = np.zeros(self.demand.shape, dtype=np.int64)
        middle = np.zeros(len(choice))
        for c in range(len(self.p.commodity_names)):
            mine = self.unit_of == c
            middle[mine] = (np.arange(mine.sum()) + 0.5) / max(int(mine.sum()), 1)
        for u in range(len(choice)):
            mine = self.arc_of[self.arc_start[u] : self.arc_start[u + 1]]
            if mine.size:
                total = np.cumsum(flow[mine], axis=0)
                reached = total >= middle[u] * np.maximum(total[-1], 1e-12)
                choice[u] = np.argmax(reached, axis=0)
        return choice

    def run(self, choice: Ints, allowed: Bools, *, moves: int, hot: float, seed: int) -> tuple[float, Ints]:
        """Cost (overflow priced) and choice after so many moves; closed sites stay closed."""
        p = self.p
        choice = choice.copy()
        per_agent = float(p.agent_cost.max(initial=1.0))
        always: Bools = np.asarray(p.available.all(axis=1))[p.group_site]
        table = np.where(always[:, None], p.inner, 0.0)
        cost = anneal(
            self.arc_start, self.arc_of, p.arc_group, p.arc_work, p.arc_cost, self.demand, table, p.agent_cost,
            p.group_site, self.seats, self.seat_cost, p.site_cost, allowed, choice, moves, hot, hot * 1e-4,
            3.0 * per_agent, seed,
        )  # fmt: skip
        spend(moves * MOVE_S)
        return float(cost), choice

    def solution(self, choice: Ints) -> Solution:
        """The solution of a choice."""
        p = self.p
        flow: NDArray[np.float64] = np.zeros((len(p.arc_group), len(p.hours)))
        for c, t in np.ndindex(*choice.shape):
            flow[self.arc_of[self.arc_start[c] + choice[c, t]], t] += self.demand[c, t]
        load = np.zeros((len(p.group_names), len(p.hours)))
        np.add.at(load, p.arc_group, p.arc_work[:, None] * flow)
        agents = np.array([np.searchsorted(p.inner[g], load[g] * (1.0 - 1e-12)) for g in range(len(load))], dtype=np.int64)
        agents = np.minimum(agents, p.inner.shape[1] - 1)
        opened = np.zeros(len(p.site_names), dtype=bool)
        opened[p.group_site[agents.any(axis=1)]] = True
        return Solution(open_sites=opened | p.must_open, agents=agents, flows=flow, cost=math.nan)
