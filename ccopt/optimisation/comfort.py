"""What a design needs after its promises are kept: lines and ports, and agents who pay for themselves.

Where the scenario says what waiting, lost and answered contacts are worth, an agent beyond the promises is kept as long
as what customers save or bring exceeds the agent's cost. The bound takes all of it at its best (nobody waits, nobody is
lost), so it stays valid; the gap then also holds what waiting costs.
"""

from __future__ import annotations

import math

import numpy as np

from ccopt.costs import connected_s, cost_of
from ccopt.design import Design
from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.problem import Floats, Ints, Problem
from ccopt.scenario.entities import Scenario
from ccopt.staffing.network_model import NetworkModel
from ccopt.staffing.trunks import required_trunks

MOST_ADDED = 200


def finished(scenario: Scenario, p: Problem, design: Design) -> Design:
    """The design with agents who pay for themselves, thresholds of background work and lines (a core scenario)."""
    if any(w.lost_value or w.value_per_contact or w.toll_free_per_minute or w.dissatisfaction for w in scenario.worth):
        design = _comforted(scenario, p, design)
    return with_trunks(scenario, with_reserves(scenario, design))


def with_reserves(scenario: Scenario, design: Design) -> Design:
    """The design with the agents that groups keep free of background work (the best threshold, whole agents)."""
    if not any(c.background for c in scenario.contact_types) or not design.groups:
        return design
    model = NetworkModel(scenario, design)
    found = model.reserves(model.settled(model.agents)[0])
    groups = tuple(
        g.model_copy(update={"reserve": tuple(int(n) for n in row) if row.any() else None})
        for g, row in zip(design.groups, found, strict=True)
    )
    return design.model_copy(update={"groups": groups})


def with_trunks(scenario: Scenario, design: Design) -> Design:
    """The design with the fewest lines and ports that keep their promise on blocking."""
    if not scenario.trunks:
        return design
    model = NetworkModel(scenario, design)
    flows = model.flows(model.settled(model.agents)[1]) if len(model.agents) else []
    return design.model_copy(update={"trunks": required_trunks(scenario, flows)})


def _comforted(scenario: Scenario, p: Problem, design: Design) -> Design:
    model = NetworkModel(scenario, design)
    if not len(model.agents):
        return design
    rates, _ = model.settled(model.agents)
    option = {name: s for s, name in enumerate(p.site_names) if p.site_contracts[s] in (None, design.contracts.get(name))}
    at = {(p.group_names[g], int(p.group_site[g])): g for g in range(len(p.group_names))}
    agents = model.agents.copy()
    seats = seats_or_enough(p)
    for g, t in np.ndindex(*agents.shape):
        site = model.network.groups[g][0]
        s = option[site]
        mine = [i for i, (name, _) in enumerate(model.network.groups) if name == site]
        price = float(p.agent_cost[at[model.network.groups[g], s], t])
        if not rates[g, :, t].any():
            continue
        now = customers_cost(scenario, model, g, rates[g, :, t], int(agents[g, t])) * p.hours[t]
        for _ in range(MOST_ADDED):
            then = customers_cost(scenario, model, g, rates[g, :, t], int(agents[g, t]) + 1) * p.hours[t]
            if agents[mine, t].sum() >= seats[s] or now - then <= price + _seat(p, s, agents[mine], t):
                break
            agents[g, t] += 1
            now = then
    if (agents == model.agents).all():
        return design
    more = design.model_copy(update={
        "groups": tuple(
            x.model_copy(update={"agents": tuple(int(n) for n in agents[i])}) for i, x in enumerate(design.groups)
        )
    })  # fmt: skip
    return more if _objective(scenario, more) < _objective(scenario, design) else design


def _seat(p: Problem, s: int, agents: Ints, t: int) -> float:
    """What one more agent at a site in a period adds in seats and overhead staff."""
    peak = int(agents.sum(axis=0).max())
    if int(agents[:, t].sum()) < peak:
        return 0.0
    steps = sum((math.ceil((peak + 1) / o.span) - math.ceil(peak / o.span)) * o.salary_per_year for o in p.overhead[s])
    return float(p.seat_cost[s]) + steps


def _objective(scenario: Scenario, design: Design) -> float:
    model = NetworkModel(scenario, design)
    account = cost_of(scenario, design, model.flows(model.settled(model.agents)[1]))
    return account.cost_per_year - account.revenue_per_year


def customers_cost(scenario: Scenario, model: NetworkModel, g: int, rates: Floats, agents: int) -> float:
    """Money an hour that waits and losses of a group's customers cost, less what answered ones bring."""
    used, found = model.one(g, rates, agents, 20.0)
    if not found.stable:
        return math.inf
    wait, displeasure = model.waiting(g, rates, agents)
    worth = {w.contact_type: w for w in scenario.worth}
    factor = next(k.aht_factor for k in scenario.skill_sets if k.name == model.network.groups[g][1])
    total = 0.0
    for i, c in enumerate(used):
        kind = scenario.contact_types[c]
        w = worth.get(kind.name)
        if w is not None:
            lost = float(found.abandonment[i])
            toll = w.toll_free_per_minute / 60.0 * (float(wait[i]) + (1.0 - lost) * connected_s(kind, factor))
            total += float(rates[c]) * (
                float(displeasure[i]) + lost * w.lost_value + toll - (1.0 - lost) * w.value_per_contact
            )
    return total
