"""Sections from the results of studies: frontier, sensitivity, alternatives, explanation, path from today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ccopt.reporting.facts import Facts
from ccopt.reporting.figures import Point, curve, gantt, tornado
from ccopt.reporting.pieces import Figure, Section, Table, columns, count, listed, money, percent
from ccopt.reporting.svg import RED
from ccopt.studies.choices import Alternatives
from ccopt.studies.explanations import Explanation
from ccopt.studies.frontiers import Frontier
from ccopt.studies.sensitivities import GlobalSensitivity, Sensitivity


def study_sections(f: Facts) -> tuple[Section, ...]:
    """One section per result, in the order given.

    Raises
    ------
    TypeError
        A result that no section knows.
    """
    found = []
    for result in f.studies:
        make = MAKERS.get(type(result).__name__)
        if make is None:
            msg = f"studies: no section for {type(result).__name__}; have {sorted(MAKERS)}"
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


def sensitivity_section(f: Facts, result: Sensitivity) -> Section:
    """The tornado of the assumption ranges, and whether another layout would be chosen at their ends."""
    rows = [(b.words, (_value(b.low.value), b.low.fixed), (_value(b.high.value), b.high.fixed)) for b in result.bars if b.swing > 0]
    figures = (
        (Figure(svg=tornado(result.base, rows, "Cost per year over the range of each assumption"),
                caption=f"Cost less revenue, {f.currency} a year; the layout stays and its staff follows; one assumption at a time."),)
        if rows else ()
    )  # fmt: skip
    table = Table(
        columns=columns("assumption@swing", "end", "#value", "#fixed layout", "#best layout", "#regret", "other sites?",
                        "source of the range"),
        rows=tuple(
            (b.words, end, _value(s.value), money(s.fixed), "–" if s.best is None else money(s.best),
             "–" if s.regret is None else money(s.regret), {True: "yes", False: "no", None: "–"}[s.moves], b.source)
            for b in result.bars for end, s in (("low", b.low), ("high", b.high))
        ),
    )  # fmt: skip
    return Section(key="tornado", title="Which assumption matters", figures=figures, tables=(table,))


def _value(value: float) -> str:
    return f"{value:,.4g}"


def global_section(f: Facts, result: GlobalSensitivity) -> Section:
    """All assumptions at once: the spread of the cost, and who makes it."""
    low, middle, high = result.quantiles
    text = (f"All assumptions drawn together over their ranges ({result.evaluations} evaluations of the fixed layout): cost "
            f"less revenue is {money(low)} to {money(high)} {f.currency} a year in nine cases of ten, "
            f"{money(middle)} in the middle.",)  # fmt: skip
    rows = tuple(
        (n, percent(a), f"{percent(x[0])} to {percent(x[1])}", percent(b), f"{percent(y[0])} to {percent(y[1])}", source)
        for n, a, x, b, y, source in zip(result.names, result.first, result.first_interval, result.total, result.total_interval,
                                         result.sources, strict=True)
    )  # fmt: skip
    heads = columns("assumption", "#share of the variance alone", "#interval", "#with interactions", "#interval", "source of the range")
    return Section(key="global", title="All assumptions at once", text=text, tables=(Table(columns=heads, rows=rows),))


def alternatives_section(f: Facts, result: Alternatives) -> Section:
    """Other layouts near the best."""
    rows = [("best", listed(sorted(result.best.design.open_sites)), money(result.best.cost_per_year), "–", "–", "–", "–")]
    for i, a in enumerate(result.found, start=1):
        rows.append((f"alternative {i}", listed(sorted(a.plan.design.open_sites)), money(a.plan.cost_per_year),
                     f"{money(a.extra_cost)} ({percent(a.extra_share, 2)})", listed(a.distance.opened), listed(a.distance.closed),
                     count(a.distance.groups_changed)))  # fmt: skip
    heads = columns("layout", "open sites", f"#{f.currency} a year@cost", "#more than the best", "opens", "closes", "#groups changed")
    sentence = result.sentence()
    return Section(key="alternatives", title="Other layouts near the best", text=(sentence[:1].upper() + sentence[1:],),
                   tables=(Table(columns=heads, rows=tuple(rows)),))  # fmt: skip


def explanation_section(f: Facts, result: Explanation) -> Section:
    """Why a site is open or closed, by cause; what would flip it; what binds; why so many agents."""
    tables: list[Table] = []
    if result.split is not None:
        causes = [(c.words, c.amount) for c in result.split.causes]
        rows = [(w, money(a)) for w, a in causes] + [("in all", money(result.split.difference))]
        turned = "closed" if result.is_open else "open"
        heads = columns("cause", f"#{f.currency} a year more with {result.site} {turned}")
        tables.append(Table(columns=heads, rows=tuple(rows), total=True))
    lines = [f"It would flip: {x.sentence}" for x in result.flips]
    lines += [f"What it is worth: {p.sentence()}." for p in result.prices]
    if result.binding:
        tables.append(Table(columns=columns("limit that binds", "#used", "#there is"),
                            rows=tuple((b.limit, f"{b.used:,.6g}", f"{b.available:,.6g}") for b in result.binding)))  # fmt: skip
    if result.reasons:
        reasons = tuple((f"{r.site} · {r.skill_set}", r.period, f"{r.load:.2f}", count(r.agents), r.sentence()) for r in result.reasons)
        heads = columns("group", "period", "#load@load", "#agents@agents", "why so many")
        tables.append(Table(columns=heads, rows=reasons))
    return Section(key=f"why-{hash_of(result.site):x}", title=f"Why {result.site} is {'open' if result.is_open else 'closed'}",
                   text=(result.sentence(), *lines), tables=tuple(tables))  # fmt: skip


def hash_of(name: str) -> int:
    """A number for an anchor that is the same in every run."""
    import zlib

    return zlib.crc32(name.encode("utf-8"))


def path_section(f: Facts, result: Any) -> Section:
    """From today to the plan, month by month: what happens where, heads, money, pay-back."""
    last = result.months[-1].month
    bars = [
        (m.site, 0.0 if m.action == "open" else float(m.moved or 0), float((m.ready if m.action == "open" else m.end) or 0), m.action)
        for m in result.moves
    ]  # fmt: skip
    heads = [Point(x=float(m.month), y=m.heads) for m in result.months]
    needed = [(float(m.month), m.needed, m.heads) for m in result.months]
    money_line = [Point(x=float(m.month), y=m.cumulative) for m in result.months]

    def month(v: float) -> str:
        return f"{v:.0f}" if last <= 24 or v % 6 == 0 else ""

    figures = [
        Figure(svg=curve(heads, ("month", "heads on the payroll"), "Heads by month", band=needed, x_shown=month, y_shown=count),
               caption="Heads on the payroll; the grey band reaches down to what the month needs."),
        Figure(svg=curve(money_line, ("month", f"{f.currency}, added up"), "Saving added up by month", x_shown=month),
               caption="Today's cost less all cost of the path, added up: it pays back where the line comes above zero."),
    ]  # fmt: skip
    if bars:
        figures.insert(0, Figure(svg=gantt(bars, last, "What happens to each site"),
                                 caption="Opening: until ready. Closing: from the move of contacts to the end."))  # fmt: skip
    rows = tuple(
        (str(m.month), str(len(m.open_sites)), "kept" if m.meets_targets and m.short <= 1e-6 else "broken", count(m.heads),
         count(m.needed), count(m.starts), count(m.let_go),
         money(m.running + m.pay), money(m.one_off), money(m.saving), money(m.cumulative))
        for m in result.months
    )  # fmt: skip
    marks = {(i, 2): "ok" if r[2] == "kept" else "bad" for i, r in enumerate(rows)}
    table = Table(columns=columns("#month", "#sites", "promises", "#heads", "#needed", "#start", "#let go", f"#running ({f.currency})",
                                  "#one-off", "#saving", "#added up"), rows=rows, marks=marks)  # fmt: skip
    rules = Table(columns=columns("figure", "value", "range", "source"), rows=tuple(result.rules), caption="What the path rests on")
    return Section(key="path", title="The path from today to the plan", text=(result.sentence(),), figures=tuple(figures),
                   tables=(table, rules))  # fmt: skip


MAKERS: dict[str, Callable[[Facts, Any], Section]] = {
    "Frontier": frontier_section, "Sensitivity": sensitivity_section, "GlobalSensitivity": global_section,
    "Alternatives": alternatives_section, "Explanation": explanation_section, "TransitionPath": path_section,
}  # fmt: skip
