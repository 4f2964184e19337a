"""Contacts poured into sites with seats, and the agents that a load takes by its table: the loops of constructed designs, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.compiler import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
