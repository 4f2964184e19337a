"""Exact integer programme of every site for given prices, compiled.

For prices of contacts, a site option is independent of the others: each group and period fills the load that k agents
certify with the contacts that pay best per erlang (a knapsack by sorting), the numbers of agents of its groups share
the seats, and the seats are the largest sum over the periods. The value is the least of cost less income, whole agents
and seats included. A contact that is answered and escalated costs its price at the next tier, less the share that a group
of so many agents may lose under all targets: small groups lose more, so this share is taken per range of agents. Where
two groups of a site serve the same contacts, each may take all of them: a relaxation, so that the value stays a lower
bound.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.compiler import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def fill(profit: Floats, work: Floats, most: Floats, order: Ints, capacity: Floats, value: Floats) -> None:
    """Best income for each capacity (ascending), written to ``value``: items in the order of profit per erlang."""
    item, taken, income, room = 0, 0.0, 0.0, 0.0
    for k in range(capacity.size):
        room = capacity[k]
        while item < order.size:
            e = order[item]
            if profit[e] <= 0.0:
                item = order.size
                break
            load = most[e] * work[e]
            if taken + load <= room:
                taken += load
                income += profit[e] * most[e]
                item += 1
            else:
                break
        if item < order.size:
            e = order[item]
            value[k] = income + profit[e] / work[e] * (room - taken)
        else:
            value[k] = income


@compiled
def take(
    profit: Floats, work: Floats, most: Floats, order: Ints, room: float, start: Ints, flow: Floats
) -> None:
    """Contacts per hour of the best filling of ``room``, written to ``flow`` at the arcs ``start``."""
    for i in range(order.size):
        e = order[i]
        if profit[e] <= 0.0 or room <= 0.0:
            return
        amount = min(most[e], room / work[e])
        flow[start[e]] = amount
        room -= amount * work[e]


@compiled
def site_plan(
    groups: Ints, arc_start: Ints, arcs: Ints, gain: Floats, onward: Floats, work: Floats, most: Floats, table: Floats,
    kept: Floats, edges: Ints, agent_cost: Floats, top: Ints, low_n: Ints, seats: int, seat_cost: Floats, per_hour: float,
    hours: Floats, agents: Ints, flow: Floats,
) -> float:  # fmt: skip
    """Best value of one site without its fixed cost; fills ``agents`` (G, T) and ``flow`` (E, T) of its groups.

    ``arc_start`` (G + 1) and ``arcs`` list the arcs of each group; ``gain``, ``onward`` and ``most`` are (E, T): income per
    contact, price of its escalation, contacts; ``kept`` (G, B) is the share surely answered with agents in the range of
    numbers that starts at ``edges`` (B); ``seat_cost``
    (seats + 1) is the yearly cost of using so many seats, ``per_hour`` what an agent costs beside ``agent_cost`` in each of the
    ``hours`` (T,) a year; ``top`` and ``low_n`` (G, T) bound the agents.
    """
    periods = gain.shape[1]
    m = groups.size
    widest = 0
    for i in range(m):
        for t in range(periods):
            widest = max(widest, top[groups[i], t])
    reach = min(seats, widest * m)
    total = np.zeros(reach + 1)
    choice = np.zeros((periods, m, reach + 1), dtype=np.int64)
    value, spare = np.empty(widest + 1), np.empty(widest + 1)
    for t in range(periods):
        best = np.zeros(reach + 1)
        far = 0
        for i in range(m):
            g = groups[i]
            a, b = arc_start[g], arc_start[g + 1]
            mine = arcs[a:b]
            k_top = min(top[g, t], reach)
            own_profit, own_work, own_most = np.empty(b - a), np.empty(b - a), np.empty(b - a)
            passes = False
            for j in range(b - a):
                own_work[j], own_most[j] = work[mine[j]], most[mine[j], t]
                passes = passes or onward[mine[j], t] > 0.0
            ranges = edges.size if passes else 1
            for r in range(ranges):
                if r > 0 and edges[r] > k_top:
                    break
                for j in range(b - a):
                    own_profit[j] = gain[mine[j], t] - onward[mine[j], t] * kept[g, r]
                order = np.argsort(-own_profit / own_work)
                if r == 0:
                    fill(own_profit, own_work, own_most, order, table[g, : k_top + 1], value)
                else:
                    fill(own_profit, own_work, own_most, order, table[g, edges[r] : k_top + 1], spare)
                    for k in range(edges[r], k_top + 1):
                        value[k] = spare[k - edges[r]]
            for k in range(k_top + 1):
                value[k] -= (agent_cost[g, t] + per_hour * hours[t]) * k
            new = np.full(reach + 1, -np.inf)
            edge = min(far + k_top, reach)
            k_low = min(low_n[g, t], k_top)
            for n in range(edge + 1):
                lead, at = -np.inf, 0
                k_from = max(k_low, n - far)
                for k in range(k_from, min(k_top, n) + 1):
                    candidate = best[n - k] + value[k]
                    if candidate > lead:
                        lead, at = candidate, k
                if n > 0 and new[n - 1] >= lead:
                    new[n] = new[n - 1]
                    choice[t, i, n] = -1
                else:
                    new[n] = lead
                    choice[t, i, n] = at
            for n in range(edge + 1, reach + 1):
                new[n] = new[edge]
                choice[t, i, n] = -1
            best = new
            far = edge
        for n in range(reach + 1):
            total[n] += best[n]
    top_n, lead = 0, -np.inf
    for n in range(reach + 1):
        if total[n] - seat_cost[n] > lead:
            lead, top_n = total[n] - seat_cost[n], n
    for t in range(periods):
        n = top_n
        for i in range(m - 1, -1, -1):
            g = groups[i]
            while choice[t, i, n] == -1:
                n -= 1
            k = choice[t, i, n]
            agents[g, t] = k
            n -= k
            a, b = arc_start[g], arc_start[g + 1]
            mine = arcs[a:b]
            r = 0
            while r + 1 < edges.size and edges[r + 1] <= k:
                r += 1
            own_profit, own_work, own_most = np.empty(b - a), np.empty(b - a), np.empty(b - a)
            for j in range(b - a):
                own_profit[j] = gain[mine[j], t] - onward[mine[j], t] * kept[g, r]
                own_work[j], own_most[j] = work[mine[j]], most[mine[j], t]
                flow[mine[j], t] = 0.0
            take(own_profit, own_work, own_most, np.argsort(-own_profit / own_work), table[g, k], mine, flow[:, t])
    return -lead


@compiled
def all_sites(
    sites: int, site_start: Ints, site_groups: Ints, arc_start: Ints, arcs: Ints, gain: Floats, onward: Floats,
    work: Floats, most: Floats, table: Floats, kept: Floats, edges: Ints, agent_cost: Floats, top: Ints, low_n: Ints,
    seats: Ints, line_start: Ints, seat_cost: Floats, per_hour: Floats, hours: Floats, agents: Ints, flow: Floats,
    values: Floats,
) -> None:  # fmt: skip
    """`site_plan` for every site option under the best of its lines (L, one after another from ``line_start`` (S + 1)).

    ``seat_cost`` is (L, most seats + 1), ``per_hour`` (L,).
    """
    for s in range(sites):
        mine = site_groups[site_start[s] : site_start[s + 1]]
        if mine.size == 0:
            values[s] = 0.0
            continue
        first, last = line_start[s], line_start[s + 1] - 1
        best = first
        for i in range(first, last + 1):
            value = site_plan(
                mine, arc_start, arcs, gain, onward, work, most, table, kept, edges, agent_cost, top, low_n, seats[s],
                seat_cost[i], per_hour[i], hours, agents, flow,
            )
            if i == first or value < values[s]:
                values[s], best = value, i
        if best != last:  # agents and flows of the last one are in the arrays
            site_plan(
                mine, arc_start, arcs, gain, onward, work, most, table, kept, edges, agent_cost, top, low_n, seats[s],
                seat_cost[best], per_hour[best], hours, agents, flow,
            )


@compiled
def pour(
    order_start: Ints, order: Ints, commodities: Ints, demand: Floats, work: Floats, arc_group: Ints, most: Floats,
    group_site: Ints, seats: Ints, usable: NDArray[np.bool_], table: Floats, flow: Floats, agents: Ints,
) -> bool:  # fmt: skip
    """Contacts into sites until their seats are full, in the order of the arcs; False where some find no seat.

    Fills ``flow`` (E, T) and ``agents`` (G, T); ``order_start`` (C + 1) and ``order`` list the arcs of a commodity.
    """
    periods = demand.shape[1]
    last = table.shape[1] - 1
    for t in range(periods):
        room = seats.copy()
        load = np.zeros(group_site.size)
        for c in commodities:
            need = demand[c, t]
            for i in range(order_start[c], order_start[c + 1]):
                if need <= 1e-12:
                    break
                e = order[i]
                g = arc_group[e]
                s = group_site[g]
                if not usable[s, t]:
                    continue
                n = agents[g, t]
                free = table[g, min(n + room[s], last)] - load[g]
                amount = min(need, most[e, t], free / work[e])
                if amount <= 1e-12:
                    continue
                load[g] += amount * work[e]
                flow[e, t] += amount
                need -= amount
                while n < last and table[g, n] < load[g] * (1.0 - 1e-12):
                    n += 1
                room[s] -= n - agents[g, t]
                agents[g, t] = n
            if need > 1e-9 * demand[c, t]:
                return False
    return True


@compiled
def least_agents(table: Floats, load: Floats, agents: Ints) -> None:
    """Least agents (G, T) whose certified load is at least ``load`` (G, T); the width of the table where none are."""
    for g in range(load.shape[0]):
        for t in range(load.shape[1]):
            agents[g, t] = np.searchsorted(table[g], load[g, t])
