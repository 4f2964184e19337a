"""Figures for notebooks: each returns a matplotlib axes that can be changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ccopt.design import Design, Plan
from ccopt.kpis import Evaluation
from ccopt.reporting.facts import bridge_steps
from ccopt.reporting.outlines import rings_in
from ccopt.reporting.svg import BLUE, GREEN, GREY, ORANGE, RED, SKY, short_money
from ccopt.routing.flows import propagate
from ccopt.scenario.entities import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _axes(ax: Any, size: tuple[float, float]) -> Axes:
    import matplotlib.pyplot as plt

    found: Axes = ax if ax is not None else plt.subplots(figsize=size, layout="constrained")[1]
    found.spines[["top", "right"]].set_visible(False)
    return found


def plot_bridge(today: Evaluation | Plan, plan: Evaluation | Plan, ax: Axes | None = None) -> Axes:
    """Cost of one layout to that of another as a waterfall; the steps add up to the difference.

    Parameters
    ----------
    today, plan
        Anything with ``cost_per_year`` and ``costs``: plans or evaluations.
    ax
        Axes to draw on; a new figure when None.
    """
    axes = _axes(ax, (9.0, 3.6))
    steps = bridge_steps(today.costs, plan.costs)
    names = ["today", *(n for n, _ in steps), "plan"]
    level = today.cost_per_year
    axes.bar(0, level, color=GREY)
    for i, (_, change) in enumerate(steps, start=1):
        axes.bar(i, change, bottom=level, color=GREEN if change <= 0 else ORANGE)
        axes.annotate(f"{'+' if change > 0 else ''}{short_money(change)}", (i, max(level, level + change)), ha="center", va="bottom")
        level += change
    axes.bar(len(steps) + 1, plan.cost_per_year, color=BLUE)
    for x, value in ((0, today.cost_per_year), (len(steps) + 1, plan.cost_per_year)):
        axes.annotate(short_money(value), (x, value), ha="center", va="bottom", fontweight="bold")
    low = min(today.cost_per_year, plan.cost_per_year)
    axes.set_ylim(bottom=max(0.0, low - 1.2 * abs(today.cost_per_year - plan.cost_per_year)))
    axes.set_xticks(range(len(names)), [n.replace(" ", "\n", 1) for n in names])
    axes.set_ylabel("cost per year")
    axes.yaxis.set_major_formatter(lambda v, _: short_money(v))
    return axes


def plot_map(scenario: Scenario, design: Design, ax: Axes | None = None) -> Axes:
    """Sites of a design on a coarse outline: open ones by their peak, closed ones hollow, lines by contacts.

    Raises
    ------
    ValueError
        No site has coordinates.
    """
    placed = {s.name: (s.longitude, s.latitude) for s in scenario.sites if s.longitude is not None and s.latitude is not None}
    areas = {r.name: (r.longitude, r.latitude) for r in scenario.regions if r.longitude is not None and r.latitude is not None}
    if not placed:
        msg = "no site of the scenario has latitude and longitude"
        raise ValueError(msg)
    axes = _axes(ax, (5.4, 6.0))
    points = np.array([*placed.values(), *areas.values()], dtype=float)
    low, high = points.min(axis=0) - 0.6, points.max(axis=0) + 0.6
    for ring in rings_in((low[1], low[0]), (high[1], high[0])):
        axes.fill([b for _, b in ring], [a for a, _ in ring], facecolor="white", edgecolor="#c3ccd5", zorder=0)
    volumes: dict[tuple[str, str], float] = {}
    for row in propagate(scenario, design, lambda *_: 1.0):
        key = (row.region, row.site)
        volumes[key] = volumes.get(key, 0.0) + sum(p.hours_per_year * x for p, x in zip(scenario.periods, row.offered, strict=True))
    most = max(volumes.values(), default=1.0)
    for (region, site), volume in volumes.items():
        if region in areas and site in placed:
            axes.plot(*zip(areas[region], placed[site], strict=True), color=SKY, alpha=0.6, lw=0.4 + 3 * math.sqrt(volume / most), zorder=1)
    peaks = design.peaks()
    closed = [p for n, p in placed.items() if n not in design.open_sites]
    axes.scatter([p[0] for p in closed], [p[1] for p in closed], s=18, facecolors="white", edgecolors=RED, zorder=3)
    opened = [n for n in design.open_sites if n in placed]
    axes.scatter([placed[n][0] for n in opened], [placed[n][1] for n in opened],
                 s=[30 + 250 * peaks[n] / max([*peaks.values(), 1]) for n in opened], color=BLUE, edgecolors="white", zorder=4)  # fmt: skip
    span = high - low
    named: list[tuple[float, float]] = []
    for n in sorted(opened, key=lambda n: -peaks[n]):
        x, y = (float(v) for v in placed[n])
        if not any(abs(x - a) < 0.2 * span[0] and abs(y - b) < 0.022 * span[1] for a, b in named):
            axes.annotate(f"{n} ({peaks[n]})", (x, y), xytext=(7, -3), textcoords="offset points", fontsize=8, zorder=5)
            named.append((x, y))
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect=1 / math.cos(math.radians(float((low[1] + high[1]) / 2))))
    axes.set_facecolor("#eef3f7")
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def plot_staff(scenario: Scenario, design: Design, ax: Axes | None = None) -> Axes:
    """Agents present by group (rows) and period (columns)."""
    names = [f"{g.site} · {g.skill_set}" for g in design.groups]
    axes = _axes(ax, (9.0, 0.8 + 0.28 * len(names)))
    agents = np.array([g.agents for g in design.groups], dtype=float).reshape(len(names), -1)
    axes.imshow(agents, aspect="auto", cmap="Blues")
    if agents.shape[1] <= 24:
        for i, t in np.ndindex(*agents.shape):
            dark = agents[i, t] > 0.6 * agents.max()
            axes.text(t, i, f"{agents[i, t]:.0f}", ha="center", va="center", fontsize=8, color="white" if dark else "black")
        axes.set_xticks(range(agents.shape[1]), [p.name.replace(" ", "\n", 1) for p in scenario.periods], fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.spines[["left", "bottom"]].set_visible(False)
    return axes


def plot_service(evaluation: Evaluation, ax: Axes | None = None) -> Axes:
    """Service level by period, one line for each contact type; a second judge can be drawn on the same axes."""
    axes = _axes(ax, (9.0, 3.2))
    rows = [r for r in evaluation.contact_types if r.period is not None and r.service_level is not None]
    for name in dict.fromkeys(r.name for r in rows):
        mine = [r for r in rows if r.name == name]
        width = [100 * r.half_width.get("service_level", 0.0) for r in mine]
        axes.errorbar([str(r.period).replace(" ", "\n", 1) for r in mine], [100 * (r.service_level or 0.0) for r in mine],
                      yerr=width if any(width) else None, marker="o", capsize=3,
                      label=f"{name} in {mine[0].awt_s:g} s ({evaluation.method.split(' ')[0].strip(',;')})")  # fmt: skip
    axes.set_ylabel("service level, %")
    axes.legend(frameon=False, fontsize="small")
    return axes
