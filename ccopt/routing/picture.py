"""A picture of the routing that a client can read: ribbons from demand to groups, and on to the next tier."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ccopt.routing.export import mean_flow

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

Place = tuple[int, str]
COLOURS = ("#2f6690", "#d1713a", "#4f8a5b", "#8a5a83", "#b89b2e", "#5b6c7d", "#a4464b", "#3f9c9c")
MOST_ORIGINS, MOST_GROUPS = 14, 18
BAR, GAP = 0.014, 0.03
MOST_TWO_LINES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ribbon:
    """Contacts per hour of one type from one bar (column, name) to another."""

    source: Place
    target: Place
    contact_type: str
    flow: float


@dataclass(slots=True)
class _Bar:
    top: float
    height: float
    flow: float
    left_used: float = 0.0
    right_used: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Bars by (column, name), the x of the columns, and height per contact per hour."""

    bars: dict[Place, _Bar]
    at: tuple[float, ...]
    per_contact: float


def draw_routing(graph: nx.MultiDiGraph[str], path: str | Path, *, title: str | None = None) -> None:
    """Write the routing as a picture; the suffix of ``path`` chooses the format (png, svg, pdf).

    Ribbons are contacts per hour averaged over the year; the colour is the contact type; dashed arrows are overflow.
    Many regions are drawn as one bar per contact type, many groups as one bar per site.

    Parameters
    ----------
    graph
        From `ccopt.routing_graph`.
    path
        File to write.
    title
        Heading; the name of the scenario when None.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    ribbons, overflow = _ribbons(graph)
    layout = _place(ribbons, overflow)
    tallest = max((sum(1 for c, _ in layout.bars if c == column) for column in range(3)), default=1)
    figure = Figure(figsize=(12.0, max(4.6, 0.5 * tallest + 2.0)), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.08, 1.2)
    axes.axis("off")
    colour = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(sorted({r.contact_type for r in ribbons}))}
    for ribbon in ribbons:
        _draw_ribbon(axes, layout, ribbon, colour[ribbon.contact_type])
    for source, target in sorted(overflow):
        _draw_overflow(axes, layout, source, target)
    _draw_bars(axes, layout, _peak_agents(graph))
    _draw_heading(axes, layout, title or str(graph.graph["name"]), colour, overflow=bool(overflow))
    figure.savefig(Path(path), dpi=160)


def _names(graph: nx.MultiDiGraph[str]) -> Callable[[str], str]:
    """Name of the bar that stands for a node; long lists are gathered by contact type or site."""
    kinds = [d["kind"] for _, d in graph.nodes(data=True)]
    by_type, by_site = kinds.count("origin") > MOST_ORIGINS, kinds.count("group") > MOST_GROUPS

    def name(node: str) -> str:
        data = graph.nodes[node]
        if data["kind"] == "group":
            return str(data["site"]) if by_site else f"{data['site']} · {data['skill_set']}"
        return str(data["contact_type"]) if by_type else f"{data['region']} · {data['contact_type']}"

    return name


def _ribbons(graph: nx.MultiDiGraph[str]) -> tuple[list[Ribbon], set[tuple[Place, Place]]]:
    """Flows between bars, and the pairs that only overflow links."""
    name = _names(graph)
    flows: dict[tuple[Place, Place, str], float] = defaultdict(float)
    overflow: set[tuple[Place, Place]] = set()
    for source, target, data in graph.edges(data=True):
        if data["kind"] == "primary":
            flow = mean_flow(graph, data["flow"]) or 0.0
            flows[(0, name(source)), (1, name(target)), data["contact_type"]] += flow
        elif data["kind"] == "overflow":
            overflow.add(((0, name(source)), (1, name(target))))
        elif data["kind"] == "escalation":
            for sender, weight in _senders(graph, source):
                part = weight * (mean_flow(graph, data["flow"]) or 0.0)
                flows[(1, name(sender)), (2, name(target)), data["contact_type"]] += part
    ribbons = [Ribbon(source=s, target=t, contact_type=c, flow=f) for (s, t, c), f in flows.items() if f > 0]
    return sorted(ribbons, key=lambda r: (r.source, r.target, r.contact_type)), overflow


def _senders(graph: nx.MultiDiGraph[str], tier: str) -> list[tuple[str, float]]:
    """Groups that escalate to a tier, with their shares of it."""
    sent = [(u, mean_flow(graph, d["flow"]) or 0.0) for u, _, d in graph.in_edges(tier, data=True)]
    total = math.fsum(f for _, f in sent)
    return [(u, f / total) for u, f in sent] if total > 0 else []


def _place(ribbons: list[Ribbon], overflow: set[tuple[Place, Place]]) -> _Layout:
    """Bars of each column, one under the other; one scale for all columns, gaps fill the height."""
    into: dict[Place, float] = defaultdict(float)
    out: dict[Place, float] = defaultdict(float)
    for r in ribbons:
        out[r.source] += r.flow
        into[r.target] += r.flow
    columns: dict[int, list[Place]] = defaultdict(list)
    for place in sorted({*into, *out, *(p for pair in overflow for p in pair)}):
        columns[place[0]].append(place)
    size = {p: max(into.get(p, 0.0), out.get(p, 0.0)) for c in columns.values() for p in c}
    room = max(0.3, min((1.0 - GAP * len(c) for c in columns.values()), default=1.0))
    scale = room / max((sum(size[p] for p in c) for c in columns.values()), default=1.0)
    bars: dict[Place, _Bar] = {}
    for places in columns.values():
        gap = (1.0 - scale * sum(size[p] for p in places)) / len(places)
        top = 1.0 - gap / 2
        for p in places:
            bars[p] = _Bar(top, scale * size[p], size[p])
            top -= scale * size[p] + gap
    at = (0.17, 0.47, 0.78) if 2 in columns else (0.2, 0.72, 0.72)
    return _Layout(bars=bars, at=at, per_contact=scale)


def _draw_ribbon(axes: Axes, layout: _Layout, r: Ribbon, colour: str) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Curve

    source, target = layout.bars[r.source], layout.bars[r.target]
    width = r.flow * layout.per_contact
    x0, x1 = layout.at[r.source[0]] + BAR, layout.at[r.target[0]]
    y0, y1 = source.top - source.right_used, target.top - target.left_used
    source.right_used += width
    target.left_used += width
    middle = (x0 + x1) / 2
    points = [(x0, y0), (middle, y0), (middle, y1), (x1, y1), (x1, y1 - width), (middle, y1 - width),
              (middle, y0 - width), (x0, y0 - width), (x0, y0)]  # fmt: skip
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    axes.add_patch(PathPatch(Curve(points, codes), facecolor=colour, edgecolor="none", alpha=0.5))


def _draw_overflow(axes: Axes, layout: _Layout, source: Place, target: Place) -> None:
    from matplotlib.patches import FancyArrowPatch

    here, there = layout.bars[source], layout.bars[target]
    start = (layout.at[source[0]] + BAR, here.top - here.height / 2)
    end = (layout.at[target[0]], there.top - there.height / 2)
    arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=10, linestyle=(0, (4, 3)), linewidth=1.1,
                            color="#333333", connectionstyle="arc3,rad=0.06", shrinkA=0, shrinkB=0)  # fmt: skip
    axes.add_patch(arrow)


def _peak_agents(graph: nx.MultiDiGraph[str]) -> dict[Place, int]:
    """Largest number of agents in any period behind each bar: groups of own demand, groups of the next tier."""
    name = _names(graph)
    column = {"primary": 1, "overflow": 1, "escalation": 2}
    rows: dict[Place, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for _, group, data in graph.edges(data=True):
        if data["kind"] in column:
            rows[column[data["kind"]], name(group)][group] = graph.nodes[group]["agents"]
    return {p: max(sum(period) for period in zip(*many.values(), strict=True)) for p, many in rows.items()}


def _draw_bars(axes: Axes, layout: _Layout, agents: dict[Place, int]) -> None:
    from matplotlib.patches import Rectangle

    last = max((column for column, _ in layout.bars), default=1)
    for (column, name), bar in layout.bars.items():
        x, middle = layout.at[column], bar.top - bar.height / 2
        axes.add_patch(Rectangle((x, bar.top - bar.height), BAR, bar.height, facecolor="#22303c", edgecolor="none"))
        detail = f"{bar.flow:,.0f} per hour"
        if column:
            detail = f"{agents.get((column, name), 0):,} agents at peak, {detail}"
        crowded = column not in (0, last) and sum(c == column for c, _ in layout.bars) > MOST_TWO_LINES
        text = f"{name}: {detail}" if crowded else f"{name}\n{detail}"
        if column == 0:
            axes.text(x - 0.01, middle, text, ha="right", va="center", fontsize=9, color="#22303c")
        elif column == last:
            axes.text(x + BAR + 0.01, middle, text, ha="left", va="center", fontsize=9, color="#22303c")
        else:
            box = {"facecolor": "white", "alpha": 0.78, "edgecolor": "none", "pad": 1.5}
            axes.text(x + BAR + 0.008, bar.top - bar.height, text, ha="left", va="bottom", fontsize=8.5,
                      color="#22303c", bbox=box)  # fmt: skip


def _draw_heading(axes: Axes, layout: _Layout, title: str, colour: dict[str, str], *, overflow: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    axes.text(0.02, 1.15, title, fontsize=14, fontweight="bold", color="#22303c", va="center")
    axes.text(0.02, 1.09, "who answers whom: contacts per hour, mean over the year", fontsize=10, color="#55636f",
              va="center")  # fmt: skip
    for column, label in ((0, "Demand"), (1, "Agent groups"), (2, "Next tier")):
        if any(c == column for c, _ in layout.bars):
            side, x = ("right", -0.0) if column == 0 else ("left", BAR)
            axes.text(layout.at[column] + x, 1.025, label, fontsize=10, fontweight="bold", color="#55636f", ha=side)
    keys: list[Patch | Line2D] = [Patch(facecolor=c, alpha=0.5, label=name) for name, c in colour.items()]
    if overflow:
        keys.append(Line2D([], [], color="#333333", linestyle=(0, (4, 3)), label="overflow"))
    axes.legend(handles=keys, loc="lower center", ncol=min(6, max(1, len(keys))), frameon=False, fontsize=9,
                bbox_to_anchor=(0.5, 0.0))  # fmt: skip
