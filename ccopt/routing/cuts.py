"""Minimum cuts of a routing graph: the fewest sites, and the fewest groups, without which a contact type is answered by nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ccopt.routing.finding import Finding, nodes_of, staffed

if TYPE_CHECKING:
    import networkx as nx

Cut = tuple[str, ...]
MOST_SHOWN = 5


def cut_findings(graph: nx.MultiDiGraph[str], sites_lost: int) -> Iterable[Finding]:
    """Contact types whose least cut is at most ``sites_lost`` sites, and those whose agents at several sites are one group.

    The weakest periods are reported: all those with the least cut of a contact type and region.
    """
    sites: dict[tuple[str, Cut], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    groups: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for node, data in nodes_of(graph, "origin", "tier"):
        for t, period in enumerate(graph.graph["periods"]):
            reached = staffed(graph, node, t) if data["contacts_per_hour"][t] > 0 else []
            cut = least_cut([(graph.nodes[g]["site"], g) for g in reached])
            if 0 < len(cut) <= sites_lost:
                sites[data["contact_type"], cut][data["region"]].append(period)
            if len(set(reached)) == 1 and _others(graph, reached[0], t):
                groups[data["contact_type"], reached[0]][data["region"]].append(period)
    for (name, cut), regions in sites.items():
        yield _of_sites(graph, name, cut, regions)
    for (name, group), regions in groups.items():
        site, skill_set = graph.nodes[group]["site"], graph.nodes[group]["skill_set"]
        yield Finding(
            severity="note", check="single_group", place=f"{site}/{skill_set}",
            message=f"these agents alone answer {name} of {_shown(regions)}, though {site} has others, in up to {_often(graph, regions)}",
            cure=f"give another skill set of {site} the skill {name}, or let it overflow",
        )  # fmt: skip


def least_cut(ways: Iterable[tuple[str, str]]) -> Cut:
    """Fewest sites whose loss leaves none of the ways: (site, group at it).

    Examples
    --------
    >>> least_cut([("north", "north/a"), ("north", "north/b")]), least_cut([("north", "north/a"), ("south", "south/a")])
    (('north',), ('north', 'south'))
    """
    import networkx as nx

    cut: nx.DiGraph[tuple[str, str]] = nx.DiGraph()
    start, end = ("", "start"), ("", "end")
    for site, group in ways:
        nx.add_path(cut, [start, (site, ""), (site, group), end])
    return tuple(sorted({site for site, _ in nx.minimum_node_cut(cut, start, end)})) if cut else ()


def _others(graph: nx.MultiDiGraph[str], group: str, t: int) -> bool:
    """Whether the site of a group has other agents in a period."""
    site = graph.nodes[group]["site"]
    return any(n != group and d["site"] == site and d["agents"][t] > 0 for n, d in nodes_of(graph, "group"))


def _of_sites(graph: nx.MultiDiGraph[str], name: str, cut: Cut, regions: dict[str, list[str]]) -> Finding:
    where, often = _shown(regions), _often(graph, regions)
    if len(cut) == 1:
        return Finding(
            severity="warning", check="single_point_of_failure", place=cut[0],
            message=f"{name} of {where} can go nowhere else, in up to {often}",
            cure=f"add an overflow route for {name} to a group at another site",
        )  # fmt: skip
    return Finding(
        severity="note", check="few_sites", place=" + ".join(cut),
        message=f"{name} of {where} is answered by nobody when these {len(cut)} sites are lost together, in up to {often}",
        cure=f"add an overflow route for {name} to a group at a site beside {', '.join(cut)}",
    )  # fmt: skip


def _shown(regions: dict[str, list[str]]) -> str:
    more = f" and {len(regions) - MOST_SHOWN} more" if len(regions) > MOST_SHOWN else ""
    return f"{len(regions)} regions ({', '.join(list(regions)[:MOST_SHOWN])}{more})"


def _often(graph: nx.MultiDiGraph[str], regions: dict[str, list[str]]) -> str:
    return f"{max(len(p) for p in regions.values())} of {len(graph.graph['periods'])} periods"
