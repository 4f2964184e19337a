"""Pictures of the studies: each returns a matplotlib axes that can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes

if TYPE_CHECKING:
    from ccopt.studies.frontiers import Frontier
    from ccopt.studies.sensitivities import Sensitivity

INK, FOUND, BOUND, MORE = "#333333", "#0072B2", "#999999", "#D55E00"


def axes_or_new(ax: Any, size: tuple[float, float] = (6.4, 3.8)) -> Axes:
    """The given axes, or those of a new figure."""
    if ax is not None:
        return ax  # type: ignore[no-any-return]
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained").subplots()


def tidy(ax: Axes) -> Axes:
    """Two spines, a light grid."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(visible=True, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def in_money(axis: Any, largest: float) -> None:
    """Ticks in millions or thousands instead of powers of ten."""
    unit, word = (1e6, " m") if largest >= 1e6 else (1e3, " k") if largest >= 1e4 else (1.0, "")
    axis.set_major_formatter(lambda v, _: f"{v / unit:,.10g}{word}")


def frontier_axes(found: Frontier, ax: Any = None) -> Axes:
    """Cost of the plans against the target, the bound below, dominated points hollow."""
    axes = tidy(axes_or_new(ax))
    known = [p for p in found.points if p.plan is not None and p.objective is not None]
    axes.fill_between([p.target for p in known], [p.lower_bound or p.objective or 0.0 for p in known],
                      [p.objective or 0.0 for p in known], color=BOUND, alpha=0.35, linewidth=0,
                      label="not decided: between bound and plan")  # fmt: skip
    axes.plot([p.target for p in known], [p.objective or 0.0 for p in known], color=FOUND, linewidth=1.2)
    good = [p for p in known if not p.dominated]
    rest = [p for p in known if p.dominated]
    axes.plot([p.target for p in good], [p.objective or 0.0 for p in good], "o", color=FOUND, label="plan")
    if rest:
        axes.plot([p.target for p in rest], [p.objective or 0.0 for p in rest], "o", color=FOUND, markerfacecolor="white",
                  label="dominated")  # fmt: skip
    axes.set_xlabel(found.vary.replace("_", " "))
    axes.set_ylabel("cost per year (less revenue)")
    in_money(axes.yaxis, max((abs(p.objective or 0.0) for p in known), default=0.0))
    axes.legend(frameon=False, fontsize="small")
    return axes


def tornado_axes(found: Sensitivity, ax: Any = None) -> Axes:
    """Bars of the fixed layout by swing; a diamond where the layout is chosen anew."""
    axes = tidy(axes_or_new(ax, (6.8, 0.9 + 0.45 * max(len(found.bars), 1))))
    places = range(len(found.bars))[::-1]
    for y, bar in zip(places, found.bars, strict=True):
        for side, colour in ((bar.low, FOUND), (bar.high, MORE)):
            axes.barh(y, side.fixed - found.base, left=found.base, color=colour, height=0.6, alpha=0.85)
            if side.best is not None:
                axes.plot(side.best, y, "D", color=INK, markersize=4)
    axes.axvline(found.base, color=INK, linewidth=0.8)
    axes.set_yticks(list(places), [f"{b.words} ({b.low.value:+.3g} to {b.high.value:+.3g})" if b.low.value < 0 else
                                   f"{b.words} (x {b.low.value:.3g} to {b.high.value:.3g})" for b in found.bars])  # fmt: skip
    axes.set_xlabel("cost per year; blue: low end, orange: high end; diamond: layout chosen anew")
    in_money(axes.xaxis, abs(found.base))
    return axes
