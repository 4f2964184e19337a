"""Today's layout as a design, staffed to the targets where the document does not say how many agents there are."""

from __future__ import annotations

import math

import numpy as np

from ccopt.design import AgentGroup, Design, Route, RouteKind
from ccopt.errors import Problem, ScenarioError
from ccopt.optimisation.comfort import with_trunks
from ccopt.routing.checks import own_demand
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.staffing.network_model import NetworkModel

PASSES = 6


def baseline(scenario: Scenario) -> Design:
    """The design that exists today.

    Assignments become routes (escalated contact types follow theirs); groups without a number of agents get the fewest
    that meet every target in every period, whatever the seats: a layout of today that lacks seats shows as a violation.

    Raises
    ------
    ScenarioError
        The scenario has no ``existing`` block, or it leaves contacts without a group.
    """
    scenario = core_of(scenario)
    today = scenario.existing
    if today is None:
        problem = Problem(place="existing", value="", rule="the scenario does not say what exists today",
                          remedy="add existing.open_sites, groups and assignments")  # fmt: skip
        raise ScenarioError([problem])
    periods = len(scenario.periods)
    own = own_demand(scenario)
    escalated = {e.to_type for e in scenario.escalations}
    routes = []
    for a in today.assignments:
        kinds: list[RouteKind] = ["primary"] if any(own.get((a.region, a.contact_type), ())) else []
        kinds += ["escalation"] if a.contact_type in escalated else []
        routes += [
            Route(region=a.region, contact_type=a.contact_type, site=a.site, skill_set=a.skill_set,
                  kind=k, share=(float(a.share),) * periods)
            for k in kinds
        ]  # fmt: skip
    known = {(g.site, g.skill_set): g.agents for g in today.groups}
    for r in routes:
        known.setdefault((r.site, r.skill_set), None)
    groups = tuple(
        AgentGroup(site=site, skill_set=skill, agents=agents or (0,) * periods)
        for (site, skill), agents in known.items()
    )
    design = Design(open_sites=today.open_sites, groups=groups, routes=tuple(routes),
                    contracts=_first_contracts(scenario, today.open_sites))  # fmt: skip
    return with_trunks(scenario, _staffed(scenario, design, {key for key, agents in known.items() if agents is None}))


def _first_contracts(scenario: Scenario, sites: tuple[str, ...]) -> dict[str, str]:
    """Sites with several tariffs: the first one is today's."""
    return {s.name: str(s.tariffs[0].name) for s in scenario.sites if s.tariffs and s.name in sites}


def _staffed(scenario: Scenario, design: Design, open_groups: set[tuple[str, str]]) -> Design:
    """Fewest agents in the groups without a number; tiers settle in a few passes."""
    model = NetworkModel(scenario, design)
    agents = model.agents.copy()
    answered = model.ones()
    for _ in range(PASSES):
        rates = model.rates(answered)
        before = agents.copy()
        for g, key in enumerate(model.network.groups):
            if key not in open_groups:
                continue
            for t in range(agents.shape[1]):
                agents[g, t] = _fewest(model, g, rates[g, :, t], int(agents[g, t]))
        _, answered = model.settled(agents)
        if (agents == before).all():
            break
    groups = tuple(
        g.model_copy(update={"agents": tuple(int(n) for n in agents[i])}) for i, g in enumerate(design.groups)
    )
    return design.model_copy(update={"groups": groups})


def _fewest(model: NetworkModel, g: int, rates: np.ndarray, guess: int) -> int:
    load = sum(float(r) * model.kinds[g][c].aht_s for c, r in enumerate(rates)) / 3600.0
    if load <= 0.0:
        return 0
    start = guess or math.ceil(load + math.sqrt(load))
    found = model.fewest(g, rates, start, math.ceil(3 * load + 50))
    if found is None:
        site, skill = model.network.groups[g]
        problem = Problem(place=f"existing group {site} / {skill}", value=f"load {load:.3g} erlangs",
                          rule="no number of agents meets its targets")  # fmt: skip
        raise ScenarioError([problem])
    return found
