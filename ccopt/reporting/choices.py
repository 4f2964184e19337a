"""Sections from the results of studies: frontier, sensitivity, alternatives, explanation, path from today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ccopt.reporting.facts import Facts
from ccopt.reporting.figures import Point, curve, tornado
from ccopt.reporting.path_page import path_section
from ccopt.reporting.pieces import Figure, Section, Table, columns, count, listed, money, percent
from ccopt.reporting.svg import RED
from ccopt.reporting.times import TIME_MAKERS
from ccopt.showing import counted
from ccopt.studies.board import NotAnswered
from ccopt.studies.choices import Alternatives
from ccopt.studies.explanations import Explanation
from ccopt.studies.frontiers import Frontier
from ccopt.studies.sensitivities import GlobalSensitivity, Sensitivity, Side
from ccopt.studies.soft_factors import soft_scores


def study_sections(f: Facts) -> tuple[Section, ...]:
    """One section per result, in the order given.

    Raises
    ------
    TypeError
        A result that no section knows.
    """
    found = []
    for result in f.studies:
        if isinstance(result, NotAnswered):
            continue
        make = MAKERS.get(type(result).__name__)
        if make is None:
            msg = f"studies: no section for {type(result).__name__}; have {sorted(MAKERS)}"
            raise TypeError(msg)
        found.append(make(f, result))
    return tuple(found)


def unanswered_section(f: Facts) -> Section | None:
    """Studies that were asked for and have no answer, with the reason."""
    rows = tuple((x.name, x.reason) for x in f.studies if isinstance(x, NotAnswered))
    if not rows:
        return None
    return Section(key="unanswered", title="Asked and not answered", tables=(Table(columns=columns("study", "why"), rows=rows),))


def frontier_section(f: Facts, result: Frontier) -> Section:
    """Certified points of cost against quality, with today and the plan."""
    known = [(p.target, p.plan, p.dominated, p.lower_bound) for p in result.points if p.plan is not None]
    shown = SHOWN.get(result.vary, _share_words if result.vary in SHARES else _number)
    points = [Point(x=x, y=plan.cost_per_year, hollow=dominated) for x, plan, dominated, _ in known]
    band = [(x, low + plan.revenue_per_year, plan.cost_per_year) for x, plan, _, low in known if low is not None]
    goal, extra = _goal(f, result.vary), []
    if goal is not None:
        extra.append(Point(x=goal, y=f.plan.cost_per_year, label="plan"))
        if f.today is not None:
            extra.append(Point(x=goal, y=f.today.cost_per_year, label="today", colour=RED))
    word = NAMES.get(result.vary, result.vary.removesuffix("_s").replace("_", " "))
    figures = (
        (Figure(svg=curve(points, (word, f"{f.currency} a year"), "Cost against quality", extra=extra, band=band, x_shown=shown),
                caption="Cheapest plans found, the layout chosen anew at every point; the grey band reaches down to what no plan "
                        "can undercut; a hollow point costs as much as a stricter one."),)
        if points else ()
    )  # fmt: skip
    rows = tuple(
        (shown(p.target), money(p.plan.cost_per_year) if p.plan else "–", "–" if p.lower_bound is None else money(p.lower_bound),
         percent(p.gap, 2), STATUS[p.status] + (", dominated" if p.dominated else ""),
         str(len(p.plan.design.open_sites)) if p.plan else "–", "; ".join(p.reason))
        for p in result.points
    )  # fmt: skip
    heads = [f"#{word}@varied", f"#{f.currency} a year@cost", "#lower bound@bound", "#gap@gap", "", "#sites@sites"]
    if any(r[-1] for r in rows):
        heads.append("why")
    table = Table(columns=columns(*heads), rows=tuple(r[: len(heads)] for r in rows))
    return Section(key="frontier", title="Cost against quality", figures=figures, tables=(table,))


SHARES = ("service_level", "max_abandonment", "max_occupancy", "max_share_at_site", "survive_site_loss", "max_blocking")
STATUS = {"certified": "certified", "open": "gap wider than asked", "infeasible": "proven impossible", "none": "no plan found"}


def _share_words(value: float) -> str:
    return f"{100 * value:.3g} %"


def _points_words(value: float) -> str:
    return f"{100 * value:+.3g}" if value else "as promised"


def _number(value: float) -> str:
    return f"{value:g}"


NAMES = {"service_points": "points of service level more or less than promised"}
SHOWN = {"service_points": _points_words}


def _goal(f: Facts, vary: str) -> float | None:
    """The value of the scenario itself, where all contact types share it."""
    if vary == "service_points":
        return 0.0
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
    anew = any(s.best is not None for b in result.bars for s in (b.low, b.high))
    better = ["#best layout@cost", "#lost by staying@extra", "other sites?"] if anew else []
    heads = ["assumption@swing", "end", "#value@swing", "#this layout@swing", *better, "source of the range"]
    table = Table(columns=columns(*heads), rows=tuple(
        (b.words, end, _value(s.value), money(s.fixed), *(_anew(s) if anew else ()), b.source)
        for b in result.bars for end, s in (("low", b.low), ("high", b.high))
    ))  # fmt: skip
    return Section(key="tornado", title="Which assumption matters", figures=figures, tables=(table,))


def _anew(s: Side) -> tuple[str, str, str]:
    """The layout chosen anew at one end: its cost, what staying loses, whether other sites open."""
    best, regret = ("–" if v is None else money(v) for v in (s.best, s.regret))
    return best, regret, {True: "yes", False: "no", None: "–"}[s.moves]


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
    heads = columns("assumption", "#share of the variance alone@sobol", "#interval@sobol", "#with interactions@sobol", "#interval@sobol",
                    "source of the range")
    return Section(key="global", title="All assumptions at once", text=text, tables=(Table(columns=heads, rows=rows),))


def alternatives_section(f: Facts, result: Alternatives) -> Section:
    """Other layouts near the best, with the soft factors beside the money."""
    sentence = result.sentence()
    text = (sentence[:1].upper() + sentence[1:],)
    plans = {"best": result.best} | {f"alternative {i}": a.plan for i, a in enumerate(result.found, start=1)}
    soft = soft_scores(f.scenario, plans)["score"].to_dict() if f.scenario.soft_factors else {}
    if not result.found and not soft:
        return Section(key="alternatives", title="Other layouts near the best", text=text)
    best = result.best
    rows: list[tuple[str, ...]] = [("best", listed(sorted(best.design.open_sites)), money(best.cost_per_year), *["–"] * 4)]
    for name, a in zip(list(plans)[1:], result.found, strict=True):
        rows.append((name, listed(sorted(a.plan.design.open_sites)), money(a.plan.cost_per_year),
                     f"{money(a.extra_cost)} ({percent(a.extra_share, 2)})", listed(a.distance.opened), listed(a.distance.closed),
                     count(a.distance.groups_changed)))  # fmt: skip
    heads = ["layout", "open sites", f"#{f.currency} a year@cost", "#more than the best@extra", "opens", "closes", "#groups changed@groups"]
    if soft:
        rows = [(*r, "–" if soft[r[0]] is None else f"{soft[r[0]]:.1f}") for r in rows]
        heads.append("#soft factors (0 to 10)@soft")
    return Section(key="alternatives", title="Other layouts near the best", text=text,
                   tables=(Table(columns=columns(*heads), rows=tuple(rows)),))  # fmt: skip


def explanation_section(f: Facts, result: Explanation) -> Section:
    """Why a site is open or closed, by cause; what would flip it; what binds; why so many agents."""
    tables: list[Table] = []
    if result.split is not None:
        rows = [(c.words, money(c.amount)) for c in result.split.causes] + [("in all", money(result.split.difference))]
        turned = "closed" if result.is_open else "open"
        heads = columns("cause", f"#{f.currency} a year more with {result.site} {turned}@decision")
        tables.append(Table(columns=heads, rows=tuple(rows), total=True))
    if result.flips:
        flips = tuple((FLIPS.get(x.quantity, x.quantity), x.sentence + ".") for x in result.flips)
        tables.append(Table(columns=columns("what could change", "when the decision would turn"), rows=flips))
    if result.prices:
        prices = tuple((_capital(p.what), p.worth()) for p in result.prices)
        tables.append(Table(columns=columns("one more or less", f"what it is worth ({f.currency} a year)"), rows=prices))
    if result.binding and result is next(x for x in f.studies if isinstance(x, Explanation)):  # of the plan: told once
        tables.append(Table(columns=columns("limit that binds", "#used@limit", "#there is@limit"),
                            rows=tuple((b.limit, f"{b.used:,.6g}", f"{b.available:,.6g}") for b in result.binding)))  # fmt: skip
    if result.reasons:
        reasons = tuple((f"{r.site} · {r.skill_set}", r.period, f"{r.load:.2f}", count(r.agents), r.sentence()) for r in result.reasons)
        heads = columns("group", "period", "#load@load", "#agents@agents", "why so many")
        fold = f"Why so many agents at {result.site}: {counted(len(reasons), 'row')}" if len(reasons) > MOST_REASONS else ""
        tables.append(Table(columns=heads, rows=reasons, fold=fold))
    return Section(key=f"why-{hash_of(result.site):x}", title=f"Why {result.site} is {'open' if result.is_open else 'closed'}",
                   text=(result.sentence(),), tables=tuple(tables))  # fmt: skip


FLIPS = {"fixed cost": "rent and other fixed cost of the site", "price": "price of work at the site", "volume": "volume of all contacts"}
MOST_REASONS = 6


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def hash_of(name: str) -> int:
    """A number for an anchor that is the same in every run."""
    import zlib

    return zlib.crc32(name.encode("utf-8"))


MAKERS: dict[str, Callable[[Facts, Any], Section]] = {
    "Frontier": frontier_section, "Sensitivity": sensitivity_section, "GlobalSensitivity": global_section,
    "Alternatives": alternatives_section, "Explanation": explanation_section, "TransitionPath": path_section,
    **TIME_MAKERS,
}  # fmt: skip
