"""What a check of a routing graph finds, and how checks read the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import networkx as nx

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
        ``opening_gap``, ``single_point_of_failure``, ``few_sites``, ``single_group``, ``idle``, ``time_zone_gap`` (see
        `opening_gaps`).
    place, message, cure
        Where, what, and what to do.
    """

    severity: Literal["error", "warning", "note"]
    check: str
    place: str
    message: str
    cure: str


def nodes_of(graph: nx.MultiDiGraph[str], *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """Nodes of some kinds with their data."""
    return [(n, d) for n, d in graph.nodes(data=True) if d["kind"] in kinds]


def routes_of(graph: nx.MultiDiGraph[str], node: str) -> list[tuple[str, dict[str, Any]]]:
    """Groups that a node sends contacts to, with the data of the arcs."""
    return [(v, d) for _, v, d in graph.out_edges(node, data=True) if d["kind"] in TO_GROUPS]


def staffed(graph: nx.MultiDiGraph[str], node: str, t: int) -> list[str]:
    """Groups with agents in period t that a demand node sends contacts to."""
    return [v for v, d in routes_of(graph, node) if d["share"][t] > 0 and graph.nodes[v]["agents"][t] > 0]
