"""From a solution to a design and back to money: shares, trimmed agents, the exact cost."""

from __future__ import annotations

import numpy as np

from ccopt.costs import Account, cost_of
from ccopt.design import AgentGroup, Design, Route, RouteKind
from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.problem import Floats, Problem, Solution
from ccopt.optimisation.volumes import types_in_group
from ccopt.routing.checks import own_demand
from ccopt.scenario.entities import Scenario
from ccopt.staffing.group_types import is_simulated
from ccopt.staffing.network_model import MOST_SIMULATED, NetworkModel

SMALLEST_SHARE = 1e-9
TRIM_PASSES = 4


def decode(scenario: Scenario, p: Problem, solution: Solution) -> Design:
    """The design of a solution: its open sites, groups with agents, and shares that sum to one."""
    flows = np.where(solution.flows > 0.0, solution.flows, 0.0)
    own = own_demand(scenario)
    escalated = {e.to_type for e in scenario.escalations}
    groups_used = np.flatnonzero(solution.agents.any(axis=1))
    share = _shares(p, flows)
    routes = []
    for e in np.flatnonzero(share.any(axis=1)):
        region, kind = p.commodity_names[p.arc_commodity[e]]
        site, skill = p.group_names[p.arc_group[e]]
        row = tuple(float(v) for v in share[e])
        kinds: list[RouteKind] = ["primary"] if any(own.get((region, kind), ())) else []
        kinds += ["escalation"] if kind in escalated else []
        routes += [
            Route(region=region, contact_type=kind, site=site, skill_set=skill, kind=k, share=row)
            for k in kinds
        ]
        if p.arc_group[e] not in groups_used:
            groups_used = np.append(groups_used, p.arc_group[e])
    groups = tuple(
        AgentGroup(site=p.group_names[g][0], skill_set=p.group_names[g][1],
                   agents=tuple(int(n) for n in solution.agents[g]))
        for g in sorted(int(g) for g in groups_used)
    )  # fmt: skip
    chosen = _worth_opening(p, solution)
    contracts = {p.site_names[s]: str(p.site_contracts[s]) for s in chosen if p.site_contracts[s] is not None}
    return Design(open_sites=tuple(p.site_names[s] for s in chosen), groups=groups, routes=tuple(routes),
                  contracts=contracts)  # fmt: skip


def _worth_opening(p: Problem, solution: Solution) -> np.ndarray:
    """Open options with agents, and others only where limits ask for them or closing a site of today costs more."""
    staffed = np.zeros(len(p.site_names), dtype=bool)
    staffed[p.group_site[solution.agents.any(axis=1)]] = True
    if p.max_change is not None:  # closing an idle site of today would be a change
        return np.flatnonzero(solution.open_sites)
    wanted = solution.open_sites & (staffed | p.must_open | (p.site_cost < 0.0))
    idle = np.flatnonzero(solution.open_sites & ~wanted)
    missing = max(0, p.min_sites - int(wanted.sum()))
    wanted[idle[np.argsort(p.site_cost[idle], kind="stable")][:missing]] = True
    return np.flatnonzero(wanted)


def serves_all(p: Problem, solution: Solution) -> bool:
    """Whether every commodity with contacts has flow in every period (the point of a bound may leave some out)."""
    served = np.zeros_like(p.demand)
    np.add.at(served, p.arc_commodity, np.maximum(solution.flows, 0.0))
    return bool(((served > SMALLEST_SHARE * p.demand) | (p.demand <= 0.0)).all())


def _shares(p: Problem, flows: Floats) -> Floats:
    """Shares of each commodity over its arcs, tiny ones dropped; periods without demand follow the busiest period."""
    share = np.zeros_like(flows)
    for c in range(len(p.commodity_names)):
        mine = np.flatnonzero(p.arc_commodity == c)
        total = flows[mine].sum(axis=0)
        busiest = int(np.argmax(total))
        for t in range(flows.shape[1]):
            u = t if p.demand[c, t] > 0.0 else busiest
            part = flows[mine, u] / total[u] if total[u] > 0.0 else np.zeros(len(mine))
            part = np.where(part < SMALLEST_SHARE, 0.0, part)
            share[mine, t] = part / part.sum() if part.sum() > 0.0 else 0.0
    return share


def trim(scenario: Scenario, p: Problem, design: Design) -> tuple[Design, bool]:
    """Fewest agents in every group and period under the true mixes and volumes; False where seats are too few.

    Fewer agents lose more contacts, which lightens the tiers behind them, so the pass is repeated until it settles.
    """
    model = NetworkModel(scenario, design)
    seats = dict(zip(p.site_names, seats_or_enough(p).tolist(), strict=True))
    agents = model.agents.copy()
    if not len(agents):
        return design, True
    _, answered = model.settled(agents)
    ok = True
    for _ in range(TRIM_PASSES if model.network.escalation.any() else 1):
        rates = model.rates(answered)
        before = agents.copy()
        ok = True
        for g, t in np.ndindex(*agents.shape):
            most = int(agents[g, t]) + max(10, int(seats[model.network.groups[g][0]]))
            found = model.fewest(g, rates[g, :, t], int(agents[g, t]), most)
            ok = ok and found is not None
            agents[g, t] = agents[g, t] if found is None else found
        _, answered = model.settled(agents)
        if (agents == before).all():
            break
    agents = _regrown(model, agents, seats)
    for site, limit in seats.items():
        mine = [i for i, (name, _) in enumerate(model.network.groups) if name == site]
        if mine and agents[mine].sum(axis=0).max() > limit:
            ok = False
    groups = tuple(g.model_copy(update={"agents": tuple(int(n) for n in agents[i])}) for i, g in enumerate(design.groups))
    return design.model_copy(update={"groups": groups}), ok


def _regrown(model: NetworkModel, agents: np.ndarray, seats: dict[str, int]) -> np.ndarray:
    """Agents added until every promise holds at the settled volumes."""
    for _ in range(20):
        rates, _ = model.settled(agents)
        changed = False
        for g, t in np.ndindex(*agents.shape):
            if not model.keeps(g, rates[g, :, t], int(agents[g, t])):
                agents[g, t] += 1
                changed = True
        if not changed:
            break
    return agents


def certified_cost(scenario: Scenario, design: Design) -> tuple[Account, bool]:
    """Exact cost of a design under the group model, and whether every promise holds."""
    model = NetworkModel(scenario, design)
    if not len(model.agents):
        return cost_of(scenario, design, []), True
    rates, answered = model.settled(model.agents)
    kept = all(model.keeps(g, rates[g, :, t], int(model.agents[g, t])) for g, t in np.ndindex(*model.agents.shape))
    return cost_of(scenario, design, model.flows(answered)), kept


def simulated_cells(scenario: Scenario, design: Design) -> int:
    """Groups and periods that a certificate simulates; 0 where they are so many that it does not."""
    unlike = any(is_simulated(types_in_group(scenario, k, k.contact_types)) for k in scenario.skill_sets)
    cells = NetworkModel(scenario, design).simulated if unlike else 0
    return cells if cells <= MOST_SIMULATED else 0


def served_volume(scenario: Scenario, p: Problem, design: Design) -> Floats:
    """Contacts per hour (C, T) that a design serves under the group model."""
    model = NetworkModel(scenario, design)
    _, answered = model.settled(model.agents)
    at = {name: c for c, name in enumerate(p.commodity_names)}
    volume = np.zeros_like(p.demand)
    for row in model.flows(answered):
        volume[at[row.region, row.contact_type]] += np.array(row.offered)
    return volume
