"""A routing graph as GraphML, JSON, DOT or Mermaid text."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

DRAWN = ("primary", "overflow", "escalation", "transfer", "cross_sell", "escalates", "answered", "abandoned")
DOT_STYLE = {
    "primary": "solid", "overflow": "dashed", "escalation": "bold", "escalates": "dotted", "transfer": "dashed",
    "cross_sell": "dotted", "answered": "solid", "abandoned": "dotted",
}  # fmt: skip


def graph_as_json(graph: nx.MultiDiGraph[str]) -> str:
    """Node-link JSON; tuples become lists, nothing is lost.

    Examples
    --------
    >>> import networkx as nx
    >>> graph_as_json(nx.MultiDiGraph(name="n"))
    '{"directed": true, "multigraph": true, "graph": {"name": "n"}, "nodes": [], "edges": []}'
    """
    import networkx as nx

    return json.dumps(nx.node_link_data(graph, edges="edges"), allow_nan=False)


def graph_as_graphml(graph: nx.MultiDiGraph[str]) -> str:
    """GraphML for Gephi, yEd and others; rows over periods become text such as ``140|60``."""
    import networkx as nx

    flat: nx.MultiDiGraph[str] = nx.MultiDiGraph(**_flat(graph.graph))
    for node, data in graph.nodes(data=True):
        flat.add_node(node, **_flat(data))
    for source, target, key, data in graph.edges(keys=True, data=True):
        flat.add_edge(source, target, key, **_flat(data))
    stream = BytesIO()
    nx.write_graphml(flat, stream)
    return stream.getvalue().decode()


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    return {
        name: "|".join(f"{x:g}" if isinstance(x, float) else str(x) for x in value)
        if isinstance(value, (tuple, list))
        else value
        for name, value in data.items()
        if value is not None
    }


def graph_as_dot(graph: nx.MultiDiGraph[str]) -> str:
    """DOT for Graphviz, left to right, arcs labelled with the mean flow per hour over the year."""
    lines = ["digraph routing {", "  rankdir=LR;", '  node [fontname="Helvetica"];']
    shape = {"origin": "ellipse", "tier": "diamond", "group": "box", "exit": "plaintext"}
    lines += [
        f"  {_quoted(node)} [label={_quoted(_label(node, data))}, shape={shape[data['kind']]}];"
        for node, data in graph.nodes(data=True)
    ]
    for source, target, data in _arcs(graph):
        label = _arc_label(graph, data)
        style = DOT_STYLE[data["kind"]]
        lines.append(f"  {_quoted(source)} -> {_quoted(target)} [label={_quoted(label)}, style={style}];")
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def graph_as_mermaid(graph: nx.MultiDiGraph[str]) -> str:
    """Mermaid flowchart; names are escaped as entities so that they stay text."""
    names = {node: f"n{i}" for i, node in enumerate(graph.nodes)}
    opening = {"origin": ("([", "])"), "tier": ("{{", "}}"), "group": ("[", "]"), "exit": ("((", "))")}
    lines = ["flowchart LR"]
    for node, data in graph.nodes(data=True):
        left, right = opening[data["kind"]]
        lines.append(f'  {names[node]}{left}"{_entities(_label(node, data))}"{right}')
    for source, target, data in _arcs(graph):
        line = "-->" if data["kind"] in ("primary", "answered") else "-.->"
        lines.append(f'  {names[source]} {line}|"{_entities(_arc_label(graph, data))}"| {names[target]}')
    return "\n".join([*lines, ""])


def _entities(text: str) -> str:
    out = "".join(ch if ch.isalnum() or ch in " .,:/()=%+-_" else f"#{ord(ch)};" for ch in text if ch != "\n")
    return out.strip()


def _arcs(graph: nx.MultiDiGraph[str]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    return ((u, v, d) for u, v, d in graph.edges(data=True) if d["kind"] in DRAWN)


def _label(node: str, data: dict[str, Any]) -> str:
    if data["kind"] == "group":
        return f"{data['site']} / {data['skill_set']} ({max(data['agents'])} agents)"
    if data["kind"] == "exit":
        return node.removeprefix("exit:")
    return f"{data['region']}: {data['contact_type']}"


def _arc_label(graph: nx.MultiDiGraph[str], data: dict[str, Any]) -> str:
    flow = mean_flow(graph, data["flow"])
    parts = [data["kind"].replace("_", " ")]
    if data["kind"] == "overflow":
        parts.append(f"rank {data['rank']}" + (f" after {data['after_s']:g} s" if data["after_s"] else ""))
    if flow is not None:
        parts.append(f"{flow:.4g}/h")
    return " ".join(parts)


def mean_flow(graph: nx.MultiDiGraph[str], flow: tuple[float, ...] | None) -> float | None:
    """Mean of a row over periods, weighted by hours per year; None without a row."""
    if flow is None:
        return None
    hours = graph.graph["hours_per_year"]
    return math.fsum(f * h for f, h in zip(flow, hours, strict=True)) / math.fsum(hours)
