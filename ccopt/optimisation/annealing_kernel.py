"""The compiled part of the annealing: one elementary move, its exact change of cost, and the loop over moves.

A *unit* is a part of a commodity that stands at one arc in each period. Moving a unit changes the agents of two cells,
which changes what their sites pay and who is left after the loss of a site. A larger move is a list of elementary ones;
a refused move is undone by the same elementary moves backwards.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ccopt.optimisation.annealing_moves import draw, propose
from ccopt.optimisation.problem import Bools, Floats, Ints
from ccopt.queueing.compiler import compiled

EMPTY = 1e-9
SLACK = 1e-7  # of an agent; beyond it a whole one is missing


class Network(NamedTuple):
    """What does not change: arcs of the units, tables, costs, contracts, rows on the loss of a site.

    ``set_start``/``set_of`` list the sets of contact types that a group can serve, ``site_start``/``site_at`` the sites where
    a set can be served, ``lost`` those that can be lost, and ``set_need`` (K, T) what must be left of it; ``pay_kind`` is
    0 (linear), 1 (agent hours), 2 (seats) or 3 (contacts), ``tier_end`` and ``tier_price`` (S, I) the tiers. ``least`` (G,) is
    the least size of an open group in the ``busiest`` period; ``most_groups`` (1 + places) open groups in all and at each
    site; ``limited`` (L,) sites hold at most ``share`` (L,) of the agents.
    """

    arc_start: Ints
    arc_of: Ints
    arc_group: Ints
    arc_work: Floats
    arc_cost: Floats
    arc_units: Floats
    demand: Floats
    table: Floats
    agent_cost: Floats
    group_site: Ints
    place: Ints
    usable: Bools
    hours: Floats
    seats: Ints
    seat_cost: Floats
    site_cost: Floats
    over_price: Floats
    pay_kind: Ints
    minimum: Floats
    lowest: Floats
    tier_end: Floats
    tier_price: Floats
    set_start: Ints
    set_of: Ints
    site_start: Ints
    site_at: Ints
    lost: Bools
    set_need: Floats
    surge: float
    relocatable: float
    loss_price: Floats
    twice_price: float
    least: Ints
    busiest: int
    most_groups: Ints
    group_price: float
    limited: Ints
    share: Floats


class State(NamedTuple):
    """What a move changes: ``total`` (1,) is the cost of everything.

    ``peak``, ``worked`` and ``over`` (S,) follow from ``present`` (S, T): most agents, agent hours, price of missing seats;
    ``most`` (K, T) is the largest of ``at_site`` among the sites that can be lost. ``uses`` (G,) counts the periods with
    agents, ``groups_open`` (1 + places) the open groups; ``missing_at_peak`` (G,) is 1 for an open group that must have a
    least size in the busiest period and has nobody then; ``everyone`` (T,), ``held`` and ``unequal`` (L, T) are all agents,
    those of the limited sites, and those beyond their share.
    """

    choice: Ints
    load: Floats
    agents: Ints
    present: Floats
    peak: Floats
    worked: Floats
    over: Floats
    contacts: Floats
    money: Floats
    able: Floats
    at_site: Floats
    most: Floats
    short: Floats
    opened: Bools
    open_at: Ints
    uses: Ints
    groups_open: Ints
    missing_at_peak: Floats
    everyone: Floats
    held: Floats
    unequal: Floats
    total: Floats


@compiled
def paid(minimum: float, lowest: float, end: Floats, price: Floats, units: float) -> float:
    """What a contract costs beyond the lowest price for so many units."""
    amount, start, left = 0.0, 0.0, units
    for i in range(end.size):
        part = min(left, end[i] - start)
        if part <= 0.0:
            break
        amount += part * price[i]
        left -= part
        start = end[i]
    return max(minimum, amount) - lowest * units


@compiled
def beyond(count: int, most: int) -> int:
    """How many there are more than there may be."""
    return max(0, count - most)


@compiled
def anneal(  # noqa: C901, PLR0912, PLR0915  (one loop, kept in one piece for the compiler)
    net: Network, st: State, allowed: Bools, moves: int, hot: float, cold: float, seed: int, best: Ints,
) -> float:  # fmt: skip
    """Cost and choice (written to ``best``) of the best state on the way; overflow and shortage are priced in the cost.

    The state is empty before; the first pass puts every unit at its arc of ``st.choice``. A refused move is undone by a
    second pass backwards.
    """
    (arc_start, arc_of, arc_group, arc_work, arc_cost, arc_units, demand, table, agent_cost, group_site, place, usable, hours,
     seats, seat_cost, site_cost, over_price, pay_kind, minimum, lowest, tier_end, tier_price, set_start, set_of, site_start,
     site_at, lost, set_need, surge, relocatable, loss_price, twice_price, least, busiest, most_groups, group_price, limited, share) = net
    (choice, load, agents, present, peak, worked, over, contacts, money, able, at_site, most, short, opened, open_at, uses,
     groups_open, missing_at_peak, everyone, held, unequal, used) = st
    units, periods = choice.shape
    top, last_seat = table.shape[1] - 1, seat_cost.shape[1] - 1
    random = np.array([seed * 7919 % 2147483645 + 1], dtype=np.int64)
    draw(random)
    moved = np.empty((units * periods + 1, 3), dtype=np.int64)
    back = np.empty(units * periods + 1, dtype=np.int64)
    total = 0.0
    for a in range(able.shape[0]):
        for t in range(periods):
            short[a, t] = max(0.0, math.ceil(set_need[a, t] - SLACK))
            total += short[a, t] * loss_price[t]
    lead = math.inf
    best[:] = choice
    for move in range(-1, moves):
        before = total
        count = 0
        if move < 0:
            for u in range(units):
                for t in range(periods):
                    moved[count, 0], moved[count, 1], moved[count, 2] = u, t, choice[u, t]
                    choice[u, t] = -1
                    count += 1
        else:
            count = propose(arc_start, arc_of, arc_group, group_site, usable, allowed, opened, demand, choice, random, moved)
        forward = True
        while True:
            for m in range(count) if forward else range(count - 1, -1, -1):
                u, t = moved[m, 0], moved[m, 1]
                to = moved[m, 2] if forward else back[m]
                old = choice[u, t]
                if forward:
                    back[m] = old
                choice[u, t] = to
                for side in range(2):
                    if side == 0 and old < 0:
                        continue
                    e = arc_of[arc_start[u] + (old if side == 0 else to)]
                    sign = -1.0 if side == 0 else 1.0
                    g = arc_group[e]
                    s = group_site[g]
                    d = sign * demand[u, t]
                    total += arc_cost[e, t] * d - max(0.0, load[g, t] - table[g, top]) * over_price[t]
                    load[g, t] = max(0.0, load[g, t] + arc_work[e] * d)
                    total += max(0.0, load[g, t] - table[g, top]) * over_price[t]
                    contacts[s] += arc_units[e] * d * hours[t]
                    need = load[g, t] * (1.0 - 1e-12)
                    k = agents[g, t]
                    if need <= EMPTY:
                        k = 0
                    else:
                        while k < top and table[g, k] < need:
                            k += 1
                        while k > 0 and table[g, k - 1] >= need:
                            k -= 1
                        if t == busiest:
                            k = max(k, least[g])
                    step = k - agents[g, t]
                    if step == 0 and pay_kind[s] < 3:
                        continue
                    if (k > 0) != (agents[g, t] > 0):
                        more = 1 if k > 0 else -1
                        uses[g] += more
                        if uses[g] == max(more, 0):  # the group opens or closes
                            total += group_price * (beyond(groups_open[0] + more, most_groups[0])
                                                    - beyond(groups_open[0], most_groups[0]))  # fmt: skip
                            groups_open[0] += more
                            i = 1 + place[s]
                            total += group_price * (beyond(groups_open[i] + more, most_groups[i])
                                                    - beyond(groups_open[i], most_groups[i]))  # fmt: skip
                            groups_open[i] += more
                    agents[g, t] = k
                    if least[g] > 0:
                        away = 1.0 if uses[g] > 0 and agents[g, busiest] == 0 else 0.0
                        total += (away - missing_at_peak[g]) * least[g] * over_price[busiest]
                        missing_at_peak[g] = away
                    everyone[t] += step
                    for j in range(limited.size):
                        if limited[j] == place[s]:
                            held[j, t] += step
                        much = max(0.0, held[j, t] - share[j] * everyone[t])
                        total += (much - unequal[j, t]) * over_price[t]
                        unequal[j, t] = much
                    was = present[s, t]
                    here = was + step
                    present[s, t] = here
                    worked[s] += step * hours[t]
                    if was > seats[s]:
                        over[s] -= (was - seats[s]) * over_price[t]
                    if here > seats[s]:
                        over[s] += (here - seats[s]) * over_price[t]
                    if here >= peak[s]:
                        peak[s] = here
                    elif was >= peak[s]:  # it may have fallen
                        peak[s] = here
                        for r in range(periods):
                            peak[s] = max(peak[s], present[s, r])
                    total += agent_cost[g, t] * step
                    for j in range(set_start[g], set_start[g + 1]):
                        a = set_of[j]
                        able[a, t] += step
                        was = at_site[a, place[s], t]
                        here = was + step
                        at_site[a, place[s], t] = here
                        if lost[place[s]]:
                            if here >= most[a, t]:
                                most[a, t] = here
                            elif was >= most[a, t]:  # it may have fallen
                                most[a, t] = 0.0
                                for r in range(site_start[a], site_start[a + 1]):
                                    most[a, t] = max(most[a, t], at_site[a, site_at[r], t])
                        missing = set_need[a, t] - surge * able[a, t] + (surge - relocatable) * most[a, t]
                        missing = max(0.0, math.ceil(missing - SLACK))
                        total += (missing - short[a, t]) * loss_price[t]
                        short[a, t] = missing
                    pays = 0.0
                    if peak[s] > 0.0:
                        pays = site_cost[s] + seat_cost[s, min(int(peak[s]), last_seat)] + over[s]
                        if pay_kind[s] > 0:
                            amount = worked[s] if pay_kind[s] == 1 else peak[s] if pay_kind[s] == 2 else contacts[s]
                            pays += paid(minimum[s], lowest[s], tier_end[s], tier_price[s], amount)
                    total += pays - money[s]
                    money[s] = pays
                    if (peak[s] > 0.0) != opened[s]:
                        twice = max(0, open_at[place[s]] - 1)
                        opened[s] = peak[s] > 0.0
                        open_at[place[s]] += 1 if peak[s] > 0.0 else -1
                        total += twice_price * (max(0, open_at[place[s]] - 1) - twice)
            if not forward:
                total = before
                break
            if move >= 0 and total > before:
                heat = hot * (cold / hot) ** (move / moves)
                if draw(random) >= math.exp((before - total) / heat):
                    forward = False
                    continue
            break
        if total < lead - 1e-7 * abs(lead) or move < 0:
            lead = total
            best[:] = choice
    used[0] = total
    return lead
