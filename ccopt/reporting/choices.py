"""Sections from the results of studies: frontier, sensitivity, alternatives, explanation, path from today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ccopt.reporting.facts import Facts
from ccopt.reporting.figures import Point, curve
from ccopt.reporting.pieces import Figure, Section, Table, columns, money, percent
from ccopt.reporting.svg import RED
from ccopt.studies.frontiers import Frontier


def study_sections(f: Facts) -> tuple[Section, ...]:
    """One section per result, in the order given.

    Raises
    ------
    TypeError
        A result that no section knows.
    """
    found = []
    for result in f.studies:
        make = next((m for kind, m in MAKERS.items() if isinstance(result, kind)), None)
        if make is None:
            msg = f"studies: no section for {type(result).__name__}; have {sorted(k.__name__ for k in MAKERS)}"
            raise TypeError(msg)
        found.append(make(f, result))
    return tuple(found)


def frontier_section(f: Facts, result: Frontier) -> Section:
    """Certified points of cost against quality, with today and the plan."""
    known = [p for p in result.points if p.plan is not None]
    word = result.vary.replace("_", " ")
    points = [
        Point(x=p.target, y=p.plan.cost_per_year, hollow=p.dominated) for p in known if p.plan is not None
    ]  # fmt: skip
    band = [(p.target, p.lower_bound + p.plan.revenue_per_year, p.plan.cost_per_year) for p in known
            if p.plan is not None and p.lower_bound is not None]  # fmt: skip
    goal = _goal(f, result.vary)
    extra = []
    if goal is not None:
        extra.append(Point(x=goal, y=f.plan.cost_per_year, label="plan"))
        if f.today is not None:
            extra.append(Point(x=goal, y=f.today.cost_per_year, label="today", colour=RED))
    figures = (
        (Figure(svg=curve(points, (word, f"{f.currency} a year"), "Cost against quality", extra=extra, band=band),
                caption="Cheapest plans found; the grey band reaches down to what no plan can undercut; hollow points are dominated."),)
        if points else ()
    )  # fmt: skip
    rows = tuple(
        (f"{p.target:g}", money(p.plan.cost_per_year) if p.plan else "–", "–" if p.lower_bound is None else money(p.lower_bound),
         percent(p.gap, 2), p.status + (", dominated" if p.dominated else ""), str(len(p.plan.design.open_sites)) if p.plan else "–",
         "; ".join(p.reason))
        for p in result.points
    )  # fmt: skip
    table = Table(
        columns=columns(f"#{word}", "#cost@cost", "#bound@bound", "#gap@gap", "status", "#sites", ""), rows=rows
    )
    return Section(key="frontier", title="Cost against quality", figures=figures, tables=(table,))


def _goal(f: Facts, vary: str) -> float | None:
    """The value of the scenario itself, where all contact types share it."""
    values = {
        float(v) for c in f.scenario.contact_types for e in c.targets if (v := getattr(e, vary, None)) is not None
    }  # fmt: skip
    return values.pop() if len(values) == 1 else None


MAKERS: dict[type[Any], Callable[[Facts, Any], Section]] = {Frontier: frontier_section}
