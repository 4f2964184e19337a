"""Sections about promises, risk, what-if answers and the figures behind them."""

from __future__ import annotations

from typing import Any

from ccopt.evaluation import scorecard
from ccopt.reporting.definitions import DEFINITIONS, NAMES, UNITS
from ccopt.reporting.facts import Facts, three_values
from ccopt.reporting.figures import Point, curve, tornado
from ccopt.reporting.model_assumptions import standing_assumptions
from ccopt.reporting.pieces import Figure, Section, Table, columns, count, listed, money, percent, seconds
from ccopt.reporting.svg import RED
from ccopt.scenario.defaults import defaults_in_effect

MOST_ROWS = 80


def problem_section(f: Facts) -> Section | None:
    """What does not hold, first of all."""
    lines = [v.message for v in f.evaluation.violations]
    lines += [f"contradicted by simulation: {v.message}" for v in f.contradictions]
    lines += [f"routing: {x.place}: {x.message}; {x.cure}" for x in f.findings if x.severity == "error"]
    if not lines:
        return None
    rows = tuple((t,) for t in lines[:MOST_ROWS])
    text = () if len(lines) <= MOST_ROWS else (f"The first {MOST_ROWS} of {len(lines)}.",)
    marks = {(i, 0): "bad" for i in range(len(rows))}
    return Section(
        key="problems",
        title="What does not hold",
        text=text,
        tables=(Table(columns=columns("finding"), rows=rows, marks=marks),),
    )


def values_section(f: Facts) -> Section:
    """Promise, analytic and simulated value side by side."""
    rows, marks = [], {}
    for i, r in enumerate(three_values(f)[:MOST_ROWS]):
        width = "" if r["half_width"] is None else f" ± {100 * r['half_width']:.1f}"
        model = "" if not r["analytic_half_width"] else f" ± {100 * r['analytic_half_width']:.1f}"
        word = {True: "agrees", False: "differs", None: "–"}[r["agrees"]]
        promised = "–" if r["promised"] is None else f"{100 * r['promised']:g} % in {r['awt_s']:g} s"
        rows.append((r["contact_type"], r["period"], promised, percent(r["analytic"]) + model, percent(r["simulated"]) + width,
                     percent(r["analytic_abandonment"], 2), percent(r["simulated_abandonment"], 2), seconds(r["analytic_asa_s"]),
                     seconds(r["simulated_asa_s"]), word))  # fmt: skip
        marks[i, 9] = {"agrees": "ok", "differs": "bad"}.get(word, "")
    bound = "none" if f.plan.lower_bound is None else money(f.plan.lower_bound)
    costs = [("cost per year", money(f.plan.cost_per_year), money(f.evaluation.cost_per_year),
              money(f.simulation.cost_per_year) if f.simulation else "–"), ("lower bound", bound, "–", "–")]  # fmt: skip
    text = (
        "What the optimiser had to keep, what the queueing models say of the finished design, and what an independent "
        "simulation says. Network averages; the promises hold in every agent group. Where two values differ by more than the "
        "interval and the stated error of the model (2 points), the row says so. What stands behind ± is the stated error of "
        "the queueing models (that of a back-test included) and the 95 % interval of the simulation.",
    )
    heads = columns("contact type", "period", "#promise@promised", "#analytic@analytic", "#simulated@simulated",
                    "#abandoned, analytic@abandonment", "#simulated@abandonment", "#ASA, analytic@asa", "#simulated@asa", "")  # fmt: skip
    money_heads = columns(f"{f.currency} a year", "#optimiser@optimiser", "#analytic@analytic", "#simulated@simulated")
    return Section(key="values", title="Three values side by side", text=text, tables=(
        Table(columns=money_heads, rows=tuple(costs)), Table(columns=heads, rows=tuple(rows), marks=marks)))  # fmt: skip


def loss_section(f: Facts) -> Section | None:
    """What happens when a site is lost."""
    if not f.losses:
        return None
    rows, marks = [], {}
    for i, r in enumerate(f.losses):
        recovery = "never: no capacity to spare" if r.recovery_s is None else f"{r.recovery_s / 60:,.0f} min"
        where = "–" if r.worst_contact_type is None else f"{r.worst_contact_type}, {r.worst_period}"
        rows.append((str(r.site), percent(r.worst_service_level), where, percent(r.abandonment, 2), count(r.missed_targets),
                     recovery, listed([f"{a} / {b}" for a, b in r.unserved], 4)))  # fmt: skip
        if r.unserved or r.recovery_s is None:
            marks[i, 5] = "bad"
    heads = columns("site lost", "#worst service level@service_level", "of", "#abandoned@abandonment", "#promises broken@broken",
                    "#time to recover@recovery", "nobody else serves")  # fmt: skip
    text = (
        "One site at a time is lost; its contacts follow the remaining routes, else any group with the skill. "
        "Nobody works overtime or moves.",
    )
    return Section(
        key="loss", title="If a site is lost", text=text, tables=(Table(columns=heads, rows=tuple(rows), marks=marks),)
    )


def scorecard_section(f: Facts) -> Section:
    """Indicators in groups, today beside the plan."""
    now = {}
    if f.today is not None and f.today_design is not None:
        now = {(r.name, r.contact_type): r.value for r in scorecard(f.scenario, f.today_design, f.today)}
    rows, group = [], ""
    one = len(f.scenario.contact_types) == 1
    for r in scorecard(f.scenario, f.plan.design, f.evaluation):
        if one and r.contact_type is not None:  # the same as all together
            continue
        name = NAMES.get(r.name, r.name.replace("_", " ")) + (f", {r.contact_type}" if r.contact_type else "")
        head, group = ("" if r.group == group else r.group), r.group
        cells = [head, name, _indicator(r.name, r.value, f.currency)]
        if now:
            cells.insert(2, _indicator(r.name, now.get((r.name, r.contact_type)), f.currency))
        rows.append((*cells, r.note))
    heads = columns("group", "indicator", *(["#today@indicators"] if now else []), "#plan@indicators", "")
    return Section(key="scorecard", title="Scorecard", tables=(Table(columns=heads, rows=tuple(rows)),))


def _indicator(name: str, value: float | None, currency: str) -> str:
    if value is None:
        return "–"
    unit = UNITS.get(name, "")
    if unit == "money":
        return f"{money(value)} {currency}"
    return percent(value) if unit == "%" else seconds(value) if unit == "s" else f"{value:,.2f}"


def what_if_section(f: Facts) -> Section | None:
    """Sliders on the grid, and the grid as a table for print."""
    a = f.answers
    if a is None:
        return None
    if not a.grid:
        return Section(key="whatif", title="What if", text=(a.note,)) if a.note else None
    volumes, times = sorted({c.volume for c in a.grid}), sorted({c.handle_time for c in a.grid})
    cost = {(c.volume, c.handle_time): c for c in a.grid}
    rows = tuple(
        (
            f"volume {100 * (v - 1):+.0f} %".replace("+0 %", "as planned"),
            *(money(cost[v, h].cost_per_year) for h in times),
        )
        for v in volumes
    )
    heads = columns("", *(f"#handle time {100 * (h - 1):+.0f} %@what_if".replace("+0 %", "as planned") for h in times))
    text = (
        "The layout stays: same sites, groups and routing. Cost is that of the staff which keeps every promise at the changed "
        "volume and handle time, with the plan's own margin; wages multiply the labour cost and contracts paid by the agent-hour. "
        "Service is what happens when the staff stays as planned. "
        f"Computed at steps of {100 * (volumes[1] - volumes[0]):.0f} % and interpolated in between.",
    )
    table = Table(columns=heads, rows=rows, caption=f"Cost per year in {f.currency} with the staff that keeps every promise",
                  fold="The grid behind the sliders")  # fmt: skip
    return Section(key="whatif", title="What if", text=text, widget="what_if", tables=(table,))


def what_if_data(f: Facts) -> dict[str, Any]:
    """The grid as plain data for the sliders."""
    a = f.answers
    if a is None or not a.grid:
        return {}
    return {
        "currency": f.currency, "volumes": sorted({c.volume for c in a.grid}), "times": sorted({c.handle_time for c in a.grid}),
        "cells": [[round(c.cost_per_year, 2), round(c.wages_per_year, 2), c.agents, c.seats_short, c.service_level, c.abandonment, c.broken]
                  for c in sorted(a.grid, key=lambda c: (c.volume, c.handle_time))],
        "plan": round(f.plan.cost_per_year, 2), "revenue": f.plan.revenue_per_year,
    }  # fmt: skip


def tornado_section(f: Facts) -> Section | None:
    """One figure at a time."""
    a = f.answers
    if a is None or not a.swings:
        return None
    rows = [(s.name, (s.low, s.cost_low), (s.high, s.cost_high)) for s in a.swings]
    figure = Figure(svg=tornado(f.plan.cost_per_year, rows, "Cost per year when one figure changes"),
                    caption=f"Cost per year in {f.currency} at both ends of a range; the layout stays and its staff follows.")  # fmt: skip
    table = Table(columns=columns("figure@swing", "#low@swing", "#cost@cost", "#high@swing", "#cost@cost", "source of the range"),
                  rows=tuple((s.name, s.low, money(s.cost_low), s.high, money(s.cost_high), s.source) for s in a.swings))  # fmt: skip
    return Section(key="tornado", title="Which assumption matters", figures=(figure,), tables=(table,))


def service_price_section(f: Facts) -> Section | None:
    """Cost against quality with the layout fixed; a frontier of the studies takes its place."""
    a = f.answers
    if a is None or len(a.price) < 2:
        return None
    points = [Point(x=100 * s, y=c, label="plan" if s == 0 else "") for s, c in a.price]
    extra = [] if f.today is None else [Point(x=0.0, y=f.today.cost_per_year, label="today", colour=RED)]
    figure = Figure(
        svg=curve(points, ("points of service level more or less than promised", f"{f.currency} a year"), "Cost against quality",
                  extra=extra, x_shown=lambda v: f"{v:+.0f}" if round(v) else "as promised"),
        caption="Every promised service level moved by so many points; the layout of the plan stays and its staff follows.",
    )  # fmt: skip
    low, high = a.price[0], a.price[-1]
    middle = next(c for s, c in a.price if s == 0.0)
    flat = max(c for _, c in a.price) - min(c for _, c in a.price) < 1e-6 * max(middle, 1.0)
    less, more = money(middle - low[1]), money(high[1] - middle)
    text = (
        "Moving the promised service level changes nothing here: another promise (occupancy or abandonment) sets the staff."
        if flat
        else f"{abs(100 * low[0]):.0f} points less would save {less} {f.currency} a year, "
        f"{100 * high[0]:.0f} points more would cost {more}."
    )
    return Section(key="frontier", title="Cost against quality", text=(text,), figures=(figure,))


def findings_section(f: Facts) -> Section:
    """What the routing graph shows."""
    if not f.findings:
        return Section(key="graph", title="Routing checks", text=(
            "Every contact reaches an agent in every period; flows are conserved; no loop, no dead end.",))  # fmt: skip
    rows = tuple((x.severity, x.place, x.message, x.cure) for x in f.findings[:MOST_ROWS])
    marks = {(i, 0): "bad" for i, x in enumerate(f.findings[:MOST_ROWS]) if x.severity == "error"}
    return Section(key="graph", title="Routing checks", folded=True, tables=(
        Table(columns=columns("", "place", "finding", "cure"), rows=rows, marks=marks),))  # fmt: skip


def assumption_section(f: Facts) -> Section:
    """The register: what the scenario assumes, and what ccopt assumes where the scenario says nothing."""
    rows = tuple((a.name, a.value, a.range, a.source) for a in f.scenario.assumptions) + standing_assumptions(f.scenario)
    heads = columns("figure", "value", "range", "source")
    defaults = tuple((a.name, a.value, a.range, a.source) for a in defaults_in_effect(f.scenario))
    tables = [Table(columns=heads, rows=rows)]
    if defaults:
        tables.append(Table(columns=heads, rows=defaults, caption="Defaults in effect: what the document does not say"))
    return Section(key="assumptions", title="Assumptions", tables=tuple(tables))


def definition_rows(f: Facts) -> list[tuple[str, str, str]]:
    """Key, word and meaning of everything that the page names."""
    bases = ", ".join(sorted({r.basis for r in f.evaluation.contact_types})) or "offered"
    rows = [(key, word, meaning) for key, (word, meaning) in DEFINITIONS.items()]
    notes = "; ".join(f.evaluation.notes)
    extra = [
        ("basis", "Basis of service levels here", bases),
        ("horizon", "Horizon", f"one-off costs over {f.scenario.horizon.years:g} years"),
    ]
    return rows + extra + ([("notes", "Notes of the judge", notes)] if notes else [])
