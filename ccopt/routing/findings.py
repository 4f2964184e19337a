"""Checks of a routing graph: each finding names the place and the cure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import networkx as nx

FLOW_TOLERANCE = 1e-9
TO_GROUPS = ("primary", "overflow", "escalation", "transfer", "cross_sell")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding about a routing graph.

    Attributes
    ----------
    severity
        ``error``: contacts are lost or served by nobody; ``warning``: a risk; ``note``: worth knowing.
    check
        Which check found it: ``reachable``, ``skills``, ``conservation``, ``circular``, ``dead_end``,
        ``opening_gap``, ``single_point_of_failure``, ``idle``, ``time_zone_gap`` (see `opening_gaps`).
    place, message, cure
        Where, what, and what to do.
    """

    severity: Literal["error", "warning", "note"]
    check: str
    place: str
    message: str
    cure: str


def check_routing(graph: nx.MultiDiGraph[str]) -> list[Finding]:
    """All findings about a routing graph, errors first.

    Every contact type must be reachable in every period with demand; skills must fit; flows must be conserved at every
    node (1e-9 relative); no contact may come back to where it was (overflow ranks, escalation loops); no group may get
    contacts, overflow or sales without agents; sites whose loss cuts a contact type off are single points of failure (minimum cuts).

    Parameters
    ----------
    graph
        From `routing_graph`.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.MultiDiGraph(periods=("day",))
    >>> graph.add_node("origin:r:c", kind="origin", region="r", contact_type="c", contacts_per_hour=(5.0,))
    >>> [f.check for f in check_routing(graph)]
    ['reachable', 'conservation']
    """
    found = [
        *_reachable(graph),
        *_skills(graph),
        *_conservation(graph),
        *_circular(graph),
        *_dead_ends(graph),
        *_dead_overflow(graph),
        *_single_points(graph),
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda f: order[f.severity])


def _nodes(graph: nx.MultiDiGraph[str], *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    return [(n, d) for n, d in graph.nodes(data=True) if d["kind"] in kinds]


def _routes(graph: nx.MultiDiGraph[str], node: str) -> list[tuple[str, dict[str, Any]]]:
    return [(v, d) for _, v, d in graph.out_edges(node, data=True) if d["kind"] in TO_GROUPS]


def _staffed(graph: nx.MultiDiGraph[str], node: str, t: int) -> list[str]:
    """Groups with agents in period t that a demand node sends contacts to."""
    return [v for v, d in _routes(graph, node) if d["share"][t] > 0 and graph.nodes[v]["agents"][t] > 0]


def _reachable(graph: nx.MultiDiGraph[str]) -> Iterable[Finding]:
    for node, data in _nodes(graph, "origin", "tier"):
        place = f"{data['contact_type']} of {data['region']}"
        for t, period in enumerate(graph.graph["periods"]):
            if data["contacts_per_hour"][t] <= 0 or _staffed(graph, node, t):
                continue
            used = sorted({graph.nodes[v]["site"] for v, d in _routes(graph, node) if d["share"][t] > 0})
            shut = [
                graph.nodes[v]["site"]
                for v, d in _routes(graph, node)
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
    for node, data in _nodes(graph, "origin", "tier", "group"):
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

    for node, _ in _nodes(graph, "origin", "tier"):
        ranks: dict[str, set[int]] = defaultdict(set)
        for target, d in _routes(graph, node):
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
    for node, data in _nodes(graph, "group"):
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


def _single_points(graph: nx.MultiDiGraph[str]) -> Iterable[Finding]:
    """Sites whose loss leaves a contact type without any agents, by minimum node cuts."""
    cut_off: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for node, data in _nodes(graph, "origin", "tier"):
        if not any(data["contacts_per_hour"]):
            continue
        for t, period in enumerate(graph.graph["periods"]):
            site = _cut_site(graph, node, t) if data["contacts_per_hour"][t] > 0 else None
            if site is not None:
                cut_off[data["contact_type"], site, data["region"]].append(period)
    by_site: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)
    for (name, site, region), periods in cut_off.items():
        by_site[name, site][region] = periods
    for (name, site), regions in by_site.items():
        shown = ", ".join(list(regions)[:5]) + (f" and {len(regions) - 5} more" if len(regions) > 5 else "")
        often = max(len(p) for p in regions.values())
        yield Finding(
            severity="warning", check="single_point_of_failure", place=site,
            message=f"{name} of {len(regions)} regions ({shown}) can go nowhere else, in up to {often} of "
            f"{len(graph.graph['periods'])} periods",
            cure=f"add an overflow route for {name} to a group at another site",
        )  # fmt: skip


def _cut_site(graph: nx.MultiDiGraph[str], node: str, t: int) -> str | None:
    """The one site that separates a demand node from every staffed group, if there is one."""
    import networkx as nx

    sites = {graph.nodes[v]["site"] for v in _staffed(graph, node, t)}
    if not sites:
        return None
    cut: nx.DiGraph[str] = nx.DiGraph()
    for site in sites:
        cut.add_edge("source", f"site {site}")
        cut.add_edge(f"site {site}", "sink")
    found = nx.minimum_node_cut(cut, "source", "sink")
    return next(iter(sites)) if len(found) == 1 else None
