"""Checks of a routing graph: each finding names the place and the cure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ccopt.routing.cuts import cut_findings
from ccopt.routing.finding import TO_GROUPS, Finding, nodes_of, routes_of, staffed

if TYPE_CHECKING:
    import networkx as nx

FLOW_TOLERANCE = 1e-9


def check_routing(graph: nx.MultiDiGraph[str], *, sites_lost: int = 1) -> list[Finding]:
    """All findings about a routing graph, errors first.

    Every contact type must be reachable in every period with demand; skills must fit; flows must be conserved at every
    node (1e-9 relative); no contact may come back to where it was (overflow ranks, escalation loops); no group may get
    contacts, overflow or sales without agents; no ``sites_lost`` sites together may cut a contact type off (minimum cuts), and
    a type that one group of agents carries alone is named.

    Parameters
    ----------
    graph
        From `routing_graph`.
    sites_lost
        Sites that may be lost at the same time; with 1 the findings are single points of failure.

    Raises
    ------
    ValueError
        ``sites_lost`` is no whole number of at least 1.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.MultiDiGraph(periods=("day",))
    >>> graph.add_node("origin:r:c", kind="origin", region="r", contact_type="c", contacts_per_hour=(5.0,))
    >>> [f.check for f in check_routing(graph)]
    ['reachable', 'conservation']
    """
    if isinstance(sites_lost, bool) or not isinstance(sites_lost, int) or sites_lost < 1:
        msg = f"sites_lost = {sites_lost!r}: must be a whole number of at least 1"
        raise ValueError(msg)
    found = [
        *_reachable(graph),
        *_skills(graph),
        *_conservation(graph),
        *_circular(graph),
        *_dead_ends(graph),
        *_dead_overflow(graph),
        *cut_findings(graph, sites_lost),
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda f: order[f.severity])


def _reachable(graph: nx.MultiDiGraph[str]) -> Iterable[Finding]:
    for node, data in nodes_of(graph, "origin", "tier"):
        place = f"{data['contact_type']} of {data['region']}"
        for t, period in enumerate(graph.graph["periods"]):
            if data["contacts_per_hour"][t] <= 0 or staffed(graph, node, t):
                continue
            used = sorted({graph.nodes[v]["site"] for v, d in routes_of(graph, node) if d["share"][t] > 0})
            shut = [
                graph.nodes[v]["site"]
                for v, d in routes_of(graph, node)
                if d["share"][t] > 0 and period not in (graph.nodes[v]["open_periods"] or (period,))
            ]
            check = "opening_gap" if used and len(set(shut)) == len(used) else "reachable"
            where = f"its sites {used} have no agents then" if used else "no route leads to a group then"
            yield Finding(
                severity="error", check=check, place=f"{place} in {period}",
                message=f"{data['contacts_per_hour'][t]:g} contacts per hour and nobody to answer: {where}",
                cure="give one of these groups agents in this period, or add a route to a site that is open",
            )  # fmt: skip


def _skills(graph: nx.MultiDiGraph[str]) -> Iterable[Finding]:
    for source, target, data in graph.edges(data=True):
        if data["kind"] not in TO_GROUPS or graph.nodes[target]["kind"] != "group":
            continue
        can = graph.nodes[target]["contact_types"]
        if data["kind"] != "cross_sell" and data["contact_type"] not in can:
            yield Finding(
                severity="error", check="skills", place=f"{source} -> {target}",
                message=f"{data['contact_type']!r} goes to agents who serve only {list(can)}",
                cure="change the skill set of the group or move the route",
            )  # fmt: skip


def _conservation(graph: nx.MultiDiGraph[str]) -> Iterable[Finding]:
    periods = graph.graph["periods"]
    for node, data in nodes_of(graph, "origin", "tier", "group"):
        for t, period in enumerate(periods):
            out = math.fsum(d["flow"][t] for _, _, d in graph.out_edges(node, data=True) if d["flow"])
            into = math.fsum(d["flow"][t] for _, _, d in graph.in_edges(node, data=True) if d["flow"])
            if data["kind"] == "origin":
                into += data["contacts_per_hour"][t]
            if abs(into - out) > 1e-6 * max(1.0, into):
                yield Finding(
                    severity="error", check="conservation", place=f"{node} in {period}",
                    message=f"{into:g} contacts per hour come in and {out:g} leave",
                    cure="the shares of the routes must sum to 1 in every period with contacts",
                )  # fmt: skip


def _circular(graph: nx.MultiDiGraph[str]) -> Iterable[Finding]:
    import networkx as nx

    for node, _ in nodes_of(graph, "origin", "tier"):
        ranks: dict[str, set[int]] = defaultdict(set)
        for target, d in routes_of(graph, node):
            if d["kind"] in ("primary", "overflow", "escalation"):
                ranks[target].add(d["rank"])
        for target, at in ranks.items():
            if len(at) > 1:
                yield Finding(
                    severity="error", check="circular", place=f"{node} -> {target}",
                    message=f"the group stands at ranks {sorted(at)}: overflow comes back to where it was",
                    cure="keep one rank per group",
                )  # fmt: skip
    types: nx.DiGraph[str] = nx.DiGraph()
    for _, tier, d in graph.edges(data=True):
        if d["kind"] == "escalates":
            types.add_edge(d["contact_type"], graph.nodes[tier]["contact_type"])
    for cycle in nx.simple_cycles(types):
        yield Finding(
            severity="error", check="circular", place=" -> ".join([*cycle, cycle[0]]),
            message="escalation comes back to where it started",
            cure="remove one of the escalations; a repeat contact is demand of its own",
        )  # fmt: skip


def _dead_ends(graph: nx.MultiDiGraph[str]) -> Iterable[Finding]:
    for node, data in nodes_of(graph, "group"):
        arcs = [d for _, _, d in graph.in_edges(node, data=True) if d["kind"] in TO_GROUPS]
        for t, period in enumerate(graph.graph["periods"]):
            into = math.fsum(d["flow"][t] for d in arcs if d["flow"])
            used = any(d["share"][t] > 0 for d in arcs)
            if into > FLOW_TOLERANCE and data["agents"][t] == 0:
                yield Finding(
                    severity="error", check="dead_end", place=f"{node} in {period}",
                    message=f"{into:g} contacts per hour reach a group without agents",
                    cure="staff the group or send its share elsewhere",
                )  # fmt: skip
            elif not used and data["agents"][t] > 0:
                yield Finding(
                    severity="note", check="idle", place=f"{node} in {period}",
                    message=f"{data['agents'][t]} agents and no route to them",
                    cure="add a route or release the agents",
                )  # fmt: skip


def _dead_overflow(graph: nx.MultiDiGraph[str]) -> Iterable[Finding]:
    """Overflow routes and offers that lead to a group without agents in a period in which they would be used."""
    for source, target, data in graph.edges(data=True):
        if data["kind"] not in ("overflow", "cross_sell") or data["share"] is None:
            continue
        origin = graph.nodes[source]
        busy = origin["agents"] if origin["kind"] == "group" else origin["contacts_per_hour"]
        empty = [
            period for t, period in enumerate(graph.graph["periods"])
            if data["share"][t] > 0 and busy[t] > 0 and graph.nodes[target]["agents"][t] == 0
        ]  # fmt: skip
        if empty:
            what = "overflow" if data["kind"] == "overflow" else "offers"
            yield Finding(
                severity="warning", check="dead_end", place=f"{source} -> {target} in {', '.join(empty)}",
                message=f"{what} of {data['contact_type']} lead to a group without agents then",
                cure="staff the group in these periods, or set the share of the route to 0 there",
            )  # fmt: skip
