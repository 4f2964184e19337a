"""Pictures of a path: sites over the months, heads over the months."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes

from ccopt.studies.pictures import BOUND, FOUND, INK, MORE, axes_or_new, tidy

if TYPE_CHECKING:
    from ccopt.studies.path_records import TransitionPath

COLOURS = {"keep": FOUND, "open": "#009E73", "close": MORE}


def gantt_axes(path: TransitionPath, ax: Any = None) -> Axes:
    """One bar per site: grey while it is built, coloured while it works, hatched while knowledge is handed over."""
    rows = sorted(path.moves, key=lambda m: ({"close": 0, "keep": 1, "open": 2}[m.action], m.end or 0, m.site))
    axes = tidy(axes_or_new(ax, (7.0, 1.2 + 0.32 * len(rows))))
    last = path.months[-1].month + 1
    for y, move in enumerate(rows[::-1]):
        begin, end = max(move.ready, 1), move.end or last
        if move.ready > 1:
            axes.barh(y, move.ready - 1, left=1, color=BOUND, height=0.5, alpha=0.5)
        axes.barh(y, (move.moved or end) - begin, left=begin, color=COLOURS[move.action], height=0.6)
        if move.moved is not None:
            axes.barh(y, end - move.moved, left=move.moved, color="white", edgecolor=MORE, hatch="////", height=0.6)
    axes.set_yticks(range(len(rows)), [f"{m.site} ({m.action}s)" for m in rows[::-1]])
    axes.set_xlim(1, last)
    axes.set_xlabel("month (grey: building; hatched: handing over)")
    return axes


def headcount_axes(path: TransitionPath, ax: Any = None) -> Axes:
    """Experienced, learning and training heads stacked, and the heads that the layouts need as a line."""
    axes = tidy(axes_or_new(ax, (7.0, 3.8)))
    months = [m.month for m in path.months]
    experienced = [m.heads - m.learning - m.training for m in path.months]
    axes.stackplot(months, experienced, [m.learning for m in path.months], [m.training for m in path.months],
                   labels=["experienced", "hired on the path", "in training"], colors=[FOUND, "#56B4E9", "#F0E442"])  # fmt: skip
    axes.step(months, [m.needed for m in path.months], where="mid", color=INK, linewidth=1.4, label="needed (fully productive)")
    axes.set_xlabel("month")
    axes.set_ylabel("heads on the payroll")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize="small", loc="upper right")
    return axes
