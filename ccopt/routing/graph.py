"""The routing graph: where contacts come from, who serves them, where they go.

Nodes (attribute ``kind``)

- ``origin``: own demand of a region and contact type;
- ``tier``: escalated demand of a region and contact type;
- ``group``: agents with one skill set at one site;
- ``exit``: answered for good, or lost.

Arcs (attribute ``kind``): ``primary``, ``overflow``, ``escalation``, ``transfer``, ``cross_sell`` towards groups,
``escalates`` from a group to a tier, ``answered`` and ``abandoned`` to the exits. Every arc carries ``share`` and
``flow`` (contacts per hour) with one entry per period, ``rank`` and ``after_s``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ccopt.design import Design
from ccopt.kpis import Evaluation
from ccopt.routing.checks import check_design
from ccopt.routing.flows import Arcs, Floats, Network, Traffic, network_arrays, solve_traffic
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario

if TYPE_CHECKING:
    import networkx as nx

ANSWERED, ABANDONED = "exit:answered", "exit:abandoned"


def origin_id(region: str, contact_type: str) -> str:
    """Node of own demand."""
    return f"origin:{region}:{contact_type}"


def tier_id(region: str, contact_type: str) -> str:
    """Node of escalated demand."""
    return f"tier:{region}:{contact_type}"


def group_id(site: str, skill_set: str) -> str:
    """Node of an agent group."""
    return f"group:{site}:{skill_set}"


def routing_graph(
    scenario: Scenario, design: Design, *, evaluation: Evaluation | None = None
) -> nx.MultiDiGraph[str]:
    """Graph of a design with the flows of its traffic equations.

    Parameters
    ----------
    scenario, design
        Documents; the design is checked first.
    evaluation
        Judge's answer whose abandonment decides what is answered; without it everything is answered.

    Returns
    -------
    networkx.MultiDiGraph
        ``graph.graph`` holds the names of scenario, periods (with hours per year) and the regime.

    Raises
    ------
    ScenarioError
        The design does not fit the scenario.

    Examples
    --------
    >>> from ccopt.scenario import load_instance
    >>> from ccopt.design import AgentGroup, Design, Route
    >>> here = {"site": "north", "skill_set": "both", "share": (1.0, 1.0)}
    >>> routes = (Route(region="r1", contact_type="sales", **here), Route(region="r2", contact_type="support", **here))
    >>> groups = (AgentGroup(site="north", skill_set="both", agents=(35, 16)),)
    >>> design = Design(open_sites=("north",), groups=groups, routes=routes)
    >>> graph = routing_graph(load_instance("three-regions"), design)
    >>> graph["origin:r1:sales"]["group:north:both"]["primary:1"]["flow"]
    (140.0, 60.0)
    """
    import networkx as nx

    check_design(scenario, design)
    scenario = core_of(scenario)
    network = network_arrays(scenario, design)
    answered = answered_shares(network, scenario, evaluation)
    traffic = solve_traffic(network, answered)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(
        name=scenario.name,
        periods=tuple(p.name for p in scenario.periods),
        hours_per_year=tuple(p.hours_per_year for p in scenario.periods),
        regime=design.regime,
    )
    _add_groups(graph, scenario, design)
    _add_routes(graph, network, network.primary, traffic.primary, "primary")
    _add_routes(graph, network, network.escalated, traffic.escalated, "escalation")
    _add_other_routes(graph, design)
    _add_escalations(graph, network, traffic, answered)
    _add_exits(graph, network, traffic, answered)
    _add_offers(graph, design)
    return graph


def answered_shares(network: Network, scenario: Scenario, evaluation: Evaluation | None) -> Floats:
    """Answered share (G, C, T) from the cells of a judge, 1 without one."""
    answered = np.ones((len(network.groups), len(network.contact_types), network.demand.shape[2]))
    if evaluation is None:
        return answered
    at_g = {name: i for i, name in enumerate(network.groups)}
    at_c = {name: i for i, name in enumerate(network.contact_types)}
    at_t = {p.name: i for i, p in enumerate(scenario.periods)}
    for row in evaluation.cells:
        if row.site is not None and row.skill_set is not None and row.period is not None:
            answered[at_g[row.site, row.skill_set], at_c[row.name], at_t[row.period]] = 1.0 - row.abandonment
    return answered


def _row(values: Floats | Sequence[float]) -> tuple[float, ...]:
    return tuple(float(x) for x in values)


def _add_groups(graph: nx.MultiDiGraph[str], scenario: Scenario, design: Design) -> None:
    skills = {k.name: k.contact_types for k in scenario.skill_sets}
    sites = {s.name: s for s in scenario.sites}
    for g in design.groups:
        site = sites[g.site]
        graph.add_node(
            group_id(g.site, g.skill_set), kind="group", site=g.site, skill_set=g.skill_set, site_kind=site.kind,
            contact_types=skills[g.skill_set], agents=g.agents, open_periods=site.periods, region=site.region or "",
        )  # fmt: skip


def _add_routes(graph: nx.MultiDiGraph[str], network: Network, arcs: Arcs, flow: Floats, kind: str) -> None:
    node = origin_id if kind == "primary" else tier_id
    if kind == "primary":
        for r, c in np.argwhere(network.demand.sum(axis=2) > 0):
            region, name = network.regions[r], network.contact_types[c]
            graph.add_node(origin_id(region, name), kind="origin", region=region, contact_type=name,
                           contacts_per_hour=_row(network.demand[r, c]))  # fmt: skip
    for n in range(len(arcs.group)):
        region, name = network.regions[arcs.region[n]], network.contact_types[arcs.contact_type[n]]
        source = node(region, name)
        if source not in graph:
            graph.add_node(source, kind="origin" if kind == "primary" else "tier", region=region, contact_type=name,
                           contacts_per_hour=_row(np.zeros(flow.shape[1])))  # fmt: skip
        site, skill_set = network.groups[arcs.group[n]]
        _arc(graph, source, group_id(site, skill_set), kind=kind, contact_type=name, region=region,
             share=_row(arcs.share[n]), flow=_row(flow[n]))  # fmt: skip


def _arc(graph: nx.MultiDiGraph[str], source: str, target: str, *, kind: str, **data: Any) -> None:
    rank = data.get("rank", 1)
    key, n = f"{kind}:{rank}", 1
    while graph.has_edge(source, target, key):
        n += 1
        key = f"{kind}:{rank}#{n}"
    graph.add_edge(source, target, key, kind=kind, **{"rank": 1, "after_s": None, **data})


def _add_other_routes(graph: nx.MultiDiGraph[str], design: Design) -> None:
    """Overflow, transfer and cross-selling routes: their flow depends on the state, so it is None here."""
    for r in design.routes:
        if r.kind in ("primary", "escalation"):
            continue
        source = origin_id(r.region, r.contact_type)
        if source not in graph:
            source = tier_id(r.region, r.contact_type)
        if source not in graph:
            graph.add_node(source, kind="origin", region=r.region, contact_type=r.contact_type,
                           contacts_per_hour=tuple(0.0 for _ in r.share))  # fmt: skip
        _arc(graph, source, group_id(r.site, r.skill_set), kind=r.kind, contact_type=r.contact_type, region=r.region,
             share=r.share, flow=None, rank=r.rank, after_s=r.after_s)  # fmt: skip


def _add_escalations(graph: nx.MultiDiGraph[str], network: Network, traffic: Traffic, answered: Floats) -> None:
    """Arcs from groups to tiers, and the demand of each tier."""
    inflow: dict[tuple[str, str], Floats] = {}
    flows: dict[tuple[str, tuple[str, str], str], Floats] = {}
    for arcs, flow in ((network.primary, traffic.primary), (network.escalated, traffic.escalated)):
        for n in range(len(arcs.group)):
            r, c, g = int(arcs.region[n]), int(arcs.contact_type[n]), int(arcs.group[n])
            for to in np.flatnonzero(network.escalation[c]):
                part = flow[n] * answered[g, c] * network.escalation[c, to]
                tier = (network.regions[r], network.contact_types[to])
                key = (group_id(*network.groups[g]), tier, network.contact_types[c])
                flows[key] = flows.get(key, np.zeros_like(part)) + part
                inflow[tier] = inflow.get(tier, np.zeros_like(part)) + part
    for (region, to_type), total in inflow.items():
        if total.any():
            graph.add_node(tier_id(region, to_type), kind="tier", region=region, contact_type=to_type,
                           contacts_per_hour=_row(total))  # fmt: skip
    for (group, (region, to_type), name), total in flows.items():
        if total.any():
            _arc(graph, group, tier_id(region, to_type), kind="escalates", contact_type=name, region=region,
                 share=None, flow=_row(total))  # fmt: skip


def _add_exits(graph: nx.MultiDiGraph[str], network: Network, traffic: Traffic, answered: Floats) -> None:
    graph.add_node(ANSWERED, kind="exit")
    graph.add_node(ABANDONED, kind="exit")
    onward = network.escalation.sum(axis=1)
    for g, group in enumerate(network.groups):
        for c, name in enumerate(network.contact_types):
            rates = traffic.rates[g, c]
            if not rates.any():
                continue
            served = rates * answered[g, c]
            for target, flow in ((ANSWERED, served * (1.0 - onward[c])), (ABANDONED, rates - served)):
                if flow.any():
                    _arc(graph, group_id(*group), target, kind=target.removeprefix("exit:"), contact_type=name,
                         region=None, share=None, flow=_row(flow))  # fmt: skip


def _add_offers(graph: nx.MultiDiGraph[str], design: Design) -> None:
    for o in design.offers:
        target = (o.to_site, o.to_skill_set) if o.route == "transfer" else (o.site, o.skill_set)
        periods = len(graph.graph["periods"])
        share = o.share if isinstance(o.share, tuple) else (o.share,) * periods
        _arc(graph, group_id(o.site, o.skill_set), group_id(str(target[0]), str(target[1])), kind="cross_sell",
             contact_type=o.contact_type, region=None, share=share, flow=None, threshold=o.threshold)  # fmt: skip
