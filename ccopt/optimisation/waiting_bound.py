"""A bound that counts what waiting costs, where contact types have no promises but a worth.

For a group that serves one such type, let F(L) be the least money an hour, over whole agents n, of n agents and of the
waits and losses of L erlangs. F rises with L, so on a grid 0 < a < b the cost per erlang is at least F(a) / b, and with

    α = min over the grid up to the largest load that can reach the group of F(a) / b

wages and waiting money of every design are at least α times the load of the group. The model then has no wages there but
a price α on each erlang; everything else stays, so its bound holds for every design.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ccopt.optimisation.problem import Floats, Problem
from ccopt.queueing.waiting_cost import expected_cost
from ccopt.scenario.entities import ContactType, Scenario
from ccopt.scenario.kinds import Worth
from ccopt.staffing.group_queue import queue_of
from ccopt.staffing.group_types import TypeInGroup, type_in_group

RATIO, SMALLEST = 1.03, 0.05


def with_waiting_prices(scenario: Scenario, p: Problem) -> Problem | None:
    """The problem with prices on erlangs for the wages of groups that the rule covers; None where there are none."""
    worth = {w.contact_type: w for w in scenario.worth if w.lost_value or w.dissatisfaction}
    kinds = {c.name: c for c in scenario.contact_types}
    factor = {k.name: k.aht_factor for k in scenario.skill_sets}
    agent_cost, arc_cost = p.agent_cost.copy(), p.arc_cost.copy()
    changed = False
    for g, (_, skill) in enumerate(p.group_names):
        mine = np.flatnonzero(p.arc_group == g)
        names = {p.commodity_names[p.arc_commodity[e]][1] for e in mine}
        price = float(p.agent_cost[g, 0] / p.hours[0])
        if len(names) != 1 or not (names & worth.keys()) or price <= 0.0:
            continue
        kind = kinds[names.pop()]
        if kind.targets or kind.patience_s is None or kind.background or kind.chat_levels:
            continue
        if not np.allclose(p.agent_cost[g], price * p.hours):
            continue
        most = (p.demand[p.arc_commodity[mine]] * p.arc_work[mine, None]).sum(axis=0)
        alpha = _prices(kind, type_in_group(kind, factor[skill]), worth[kind.name], price, most)
        arc_cost[mine] += alpha * p.hours * p.arc_work[mine, None]
        agent_cost[g] = 0.0
        changed = True
    return replace(p, agent_cost=agent_cost, arc_cost=arc_cost) if changed else None


def _prices(kind: ContactType, alone: TypeInGroup, worth: Worth, price: float, most: Floats) -> Floats:
    """α for each largest load in ``most``."""
    curve = ([x.wait_s for x in worth.dissatisfaction], [x.cost for x in worth.dissatisfaction])

    def hourly(load: float, agents: int) -> float:
        rates = np.array([load * 3600.0 / alone.aht_s])

        def ask(t: float) -> Floats:
            found = queue_of([alone], rates, agents, np.array([t]))
            return np.array([1.0 - found.answered_in_time[0] - found.abandoned_early[0]])

        found = queue_of([alone], rates, agents, np.array([20.0]))
        bad = worth.lost_value * float(found.abandonment[0])
        if curve[0]:
            bad += float(expected_cost(*curve, ask, found.mean_wait_s)[0])
        return price * agents + float(rates[0]) * bad

    def least(load: float) -> float:
        best, n = math.inf, 0
        while price * n < best:
            best = min(best, hourly(load, n))
            n += 1
        return best

    top = float(most.max())
    grid = [SMALLEST]
    while grid[-1] < top:
        grid.append(grid[-1] * RATIO)
    none = hourly(SMALLEST, 0) / SMALLEST  # without agents each contact costs the same at any volume
    floor = min(none, price / SMALLEST)
    per_erlang = [least(a) / b for a, b in pairwise(grid)]
    lowest = np.minimum.accumulate([floor, *per_erlang])
    return np.array([lowest[min(int(np.searchsorted(grid, x)), len(lowest) - 1)] for x in most])


