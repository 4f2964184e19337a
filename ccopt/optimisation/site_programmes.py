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
def by_rate(profit: Floats, work: Floats, order: Ints) -> None:
    """Items in the order of profit per erlang, the largest first, written to ``order``: a few, so by insertion."""
    for j in range(order.size):
        at = j
        while at > 0 and profit[order[at - 1]] * work[j] < profit[j] * work[order[at - 1]]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = j


@compiled
def group_value(
    mine: Ints, gain: Floats, onward: Floats, work: Floats, most: Floats, row: Floats, kept: Floats, edges: Ints, wage: float,
    t: int, low: int, value: Floats, spare: Floats,
) -> int:  # fmt: skip
    """Income less wages with each number of agents of a group, written to ``value``; the largest number worth its wages.

    A number is worth nothing where a smaller one, at least ``low``, brings as much.
    """
    size, k_top = mine.size, value.size - 1
    passes, ratio = False, 0.0
    for j in range(size):
        passes = passes or onward[mine[j], t] > 0.0
        ratio = max(ratio, (gain[mine[j], t] - onward[mine[j], t] * kept[0]) / work[mine[j]])
    worth = low > 0
    for k in range(k_top + 1):
        worth = worth or ratio * row[k] > wage * k
    if not worth:  # even at the best rate of all contacts
        value[0] = 0.0
        return 0
    own_profit, own_work, own_most, order = np.empty(size), np.empty(size), np.empty(size), np.empty(size, dtype=np.int64)
    for j in range(size):
        own_work[j], own_most[j] = work[mine[j]], most[mine[j], t]
    ranges = edges.size if passes else 1
    for r in range(ranges):
        if r > 0 and edges[r] > k_top:
            break
        for j in range(size):
            own_profit[j] = gain[mine[j], t] - onward[mine[j], t] * kept[r]
        by_rate(own_profit, own_work, order)
        if r == 0:
            fill(own_profit, own_work, own_most, order, row[: k_top + 1], value)
        else:
            fill(own_profit, own_work, own_most, order, row[edges[r] : k_top + 1], spare)
            for k in range(edges[r], k_top + 1):
                value[k] = spare[k - edges[r]]
    k_max = low
    for k in range(k_top + 1):
        value[k] -= wage * k
        if k > low and value[k] > value[k_max]:
            k_max = k
    return k_max


@compiled
def add_group(best: Floats, far: int, value: Floats, low: int, high: int, new: Floats, choice: Ints) -> int:
    """Best values with one group more and at most so many seats, written to ``new``; the numbers that give them, to ``choice``.

    ``best`` does not fall and is flat from ``far`` on; -1 in ``choice`` says that fewer seats bring as much. Returns where
    ``new`` becomes flat.
    """
    reach = best.size - 1
    new[:] = -np.inf
    choice[:] = 0
    record = -np.inf
    for k in range(low, high + 1):
        if value[k] <= record:
            continue
        record = value[k]
        count = min(far + k, reach) + 1 - k
        before, after, number = best[:count], new[k : k + count], choice[k : k + count]
        for n in range(count):  # in a form that compilers turn into vectors
            candidate = before[n] + record
            better = candidate > after[n]
            after[n] = candidate if better else after[n]
            number[n] = k if better else number[n]
    edge = min(far + high, reach)
    for n in range(1, edge + 1):
        if new[n - 1] >= new[n]:
            new[n] = new[n - 1]
            choice[n] = -1
    new[edge + 1 :] = new[edge]
    choice[edge + 1 :] = -1
    return edge


@compiled
def site_plan(
    groups: Ints, arc_start: Ints, arcs: Ints, gain: Floats, onward: Floats, work: Floats, most: Floats, table: Floats,
    kept: Floats, edges: Ints, agent_cost: Floats, top: Ints, low_n: Ints, seats: int, seat_cost: Floats, per_hour: float,
    hours: Floats, agents: Ints, flow: Floats, steps: Ints,
) -> float:  # fmt: skip
    """Best value of one site without its fixed cost; fills ``agents`` (G, T) and ``flow`` (E, T) of its groups.

    ``arc_start`` (G + 1) and ``arcs`` list the arcs of each group; ``gain``, ``onward`` and ``most`` are (E, T): income per
    contact, price of its escalation, contacts; ``kept`` (G, B) is the share surely answered with agents in the range of
    numbers that starts at ``edges`` (B); ``seat_cost``
    (seats + 1) is the yearly cost of using so many seats, ``per_hour`` what an agent costs beside ``agent_cost`` in each of the
    ``hours`` (T,) a year; ``top`` and ``low_n`` (G, T) bound the agents. Adds to ``steps`` what it took: combinations of
    agents and seats.
    """
    periods, m = gain.shape[1], groups.size
    widest = 0
    for i in range(m):
        widest = max(widest, top[groups[i]].max())
    reach = min(seats, widest * m)
    total, best, new = np.zeros(reach + 1), np.zeros(reach + 1), np.zeros(reach + 1)
    choice = np.empty((periods, m, reach + 1), dtype=np.int64)
    joins = np.zeros((periods, m), dtype=np.bool_)
    value, spare = np.empty(widest + 1), np.empty(widest + 1)
    for t in range(periods):
        best[:] = 0.0
        far = 0
        for i in range(m):
            g = groups[i]
            k_top = min(top[g, t], reach)
            low = min(low_n[g, t], k_top)
            wage = agent_cost[g, t] + per_hour * hours[t]
            high = group_value(
                arcs[arc_start[g] : arc_start[g + 1]], gain, onward, work, most, table[g], kept[g], edges, wage, t, low,
                value[: k_top + 1], spare,
            )
            if high == 0:
                total += value[0]
                continue
            joins[t, i] = True
            steps[0] += (high + 1 - low) * (far + 1)
            far = add_group(best, far, value, low, high, new, choice[t, i])
            best, new = new, best
        total += best
    top_n, lead = 0, -np.inf
    for n in range(reach + 1):
        if total[n] - seat_cost[n] > lead:
            lead, top_n = total[n] - seat_cost[n], n
    for t in range(periods):
        n = top_n
        for i in range(m - 1, -1, -1):
            g = groups[i]
            k = 0
            if joins[t, i]:
                while choice[t, i, n] == -1:
                    n -= 1
                k = choice[t, i, n]
                n -= k
            agents[g, t] = k
            serve(arcs[arc_start[g] : arc_start[g + 1]], gain, onward, work, most, table[g, k], kept[g], edges, t, k, flow)
    return -lead


@compiled
def serve(
    mine: Ints, gain: Floats, onward: Floats, work: Floats, most: Floats, room: float, kept: Floats, edges: Ints, t: int, k: int,
    flow: Floats,
) -> None:  # fmt: skip
    """The contacts that k agents of a group with ``room`` erlangs take in a period, written to ``flow``."""
    for j in range(mine.size):
        flow[mine[j], t] = 0.0
    if room <= 0.0:
        return
    r = 0
    while r + 1 < edges.size and edges[r + 1] <= k:
        r += 1
    size = mine.size
    own_profit, own_work, own_most, order = np.empty(size), np.empty(size), np.empty(size), np.empty(size, dtype=np.int64)
    for j in range(mine.size):
        own_profit[j] = gain[mine[j], t] - onward[mine[j], t] * kept[r]
        own_work[j], own_most[j] = work[mine[j]], most[mine[j], t]
    by_rate(own_profit, own_work, order)
    take(own_profit, own_work, own_most, order, room, mine, flow[:, t])


@compiled
def all_sites(
    sites: int, site_start: Ints, site_groups: Ints, arc_start: Ints, arcs: Ints, gain: Floats, onward: Floats,
    work: Floats, most: Floats, table: Floats, kept: Floats, edges: Ints, agent_cost: Floats, top: Ints, low_n: Ints,
    seats: Ints, line_start: Ints, seat_cost: Floats, per_hour: Floats, hours: Floats, agents: Ints, flow: Floats,
    values: Floats, steps: Ints,
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
                seat_cost[i], per_hour[i], hours, agents, flow, steps,
            )
            if i == first or value < values[s]:
                values[s], best = value, i
        if best != last:  # agents and flows of the last one are in the arrays
            site_plan(
                mine, arc_start, arcs, gain, onward, work, most, table, kept, edges, agent_cost, top, low_n, seats[s],
                seat_cost[best], per_hour[best], hours, agents, flow, steps,
            )
