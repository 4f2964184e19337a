"""Sheets that list things: sites, agents by period, service, what-if answers, routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ccopt.reporting.facts import Facts, site_rows, three_values
from ccopt.routing.flows import propagate

MOST_CHARTED = 12


def write_table(
    sheet: Any, style: dict[str, Any], head: Sequence[str], rows: Sequence[Sequence[Any]], kinds: dict[int, str]
) -> None:
    """Heads and rows with a filter; ``kinds`` gives a column the style of its numbers, None leaves a cell empty."""
    for j, text in enumerate(head):
        sheet.write_string(0, j, text, style["head"])
    for i, row in enumerate(rows, start=1):
        for j, value in enumerate(row):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                sheet.write_number(i, j, value, style.get(kinds.get(j, "")))
            elif value is not None:
                sheet.write_string(i, j, str(value))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(head) - 1, 18)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(head) - 1)


def write_sites(book: Any, style: dict[str, Any], f: Facts) -> None:
    """Every site today and in the plan."""
    sheet, found = book.add_worksheet("Sites"), site_rows(f)
    rows = [
        [r["site"], r["state"], r["kind"], r["seats"], r["today_agents"], r["plan_agents"], r["contacts"], r["today_cost"],
         r["plan_cost"]]
        for r in found
    ]  # fmt: skip
    head = ["site", "state", "kind", "seats", "agents at peak, today", "agents at peak, plan", "contacts per year",
            "cost per year, today", "cost per year, plan"]  # fmt: skip
    write_table(sheet, style, head, rows, {6: "money", 7: "money", 8: "money"})
    n = len(rows) + 1
    sheet.write_string(n, 0, "total", style["bold"])
    for j in (4, 5, 6, 7, 8):
        column = "ABCDEFGHI"[j]
        value = sum(float(r[j] or 0.0) for r in rows)
        sheet.write_formula(n, j, f"=SUM({column}2:{column}{n})", style["total"] if j > 5 else style["bold"], value)
    chart = book.add_chart({"type": "bar"})
    for j in (4, 5) if f.today else (5,):
        chart.add_series({"name": ["Sites", 0, j], "categories": ["Sites", 1, 0, n - 1, 0], "values": ["Sites", 1, j, n - 1, j]})
    chart.set_title({"name": "Agents at peak"})
    chart.set_size({"width": 620, "height": max(280, 26 * n)})
    sheet.insert_chart(n + 2, 0, chart)


def write_agents(book: Any, style: dict[str, Any], f: Facts) -> None:
    """Groups by periods as a native heat map that follows the staff sheet."""
    sheet = book.add_worksheet("Agents by period")
    periods = f.scenario.periods
    for j, text in enumerate(("site", "skill_set", *(p.name for p in periods))):
        sheet.write_string(0, j, text, style["head"])
    for i, g in enumerate(f.plan.design.groups, start=1):
        sheet.write_string(i, 0, g.site)
        sheet.write_string(i, 1, g.skill_set)
        for t in range(len(periods)):
            sheet.write_formula(i, 2 + t, f"=Staff!I{2 + (i - 1) * len(periods) + t}", None, g.agents[t])
    n, last = len(f.plan.design.groups), 1 + len(periods)
    if not n:
        return
    sheet.conditional_format(1, 2, n, last, {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#0072B2"})
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, 1, 18)
    chart = book.add_chart({"type": "column", "subtype": "stacked"})
    for i, g in enumerate(f.plan.design.groups[:MOST_CHARTED], start=1):
        chart.add_series({"name": _literal(f"{g.site} {g.skill_set}"), "categories": ["Agents by period", 0, 2, 0, last],
                          "values": ["Agents by period", i, 2, i, last]})  # fmt: skip
    chart.set_title({"name": "Agents present"})
    chart.set_size({"width": 760, "height": 380})
    sheet.insert_chart(n + 3, 0, chart)


def _literal(name: str) -> str:
    """A series name that is never read as a formula."""
    return f" {name}" if name.startswith(("=", "+", "-", "@")) else name


def write_service(book: Any, style: dict[str, Any], f: Facts) -> None:
    """Promise, analytic and simulated value of every contact type and period."""
    head = ["contact type", "period", "awt_s", "basis", "target", "analytic", "simulated", "half width",
            "abandonment, analytic", "abandonment, simulated", "asa_s, analytic", "asa_s, simulated", "agrees"]  # fmt: skip
    rows = [
        [r["contact_type"], r["period"], r["awt_s"], r["basis"], r["promised"], r["analytic"], r["simulated"],
         r["half_width"], r["analytic_abandonment"], r["simulated_abandonment"], r["analytic_asa_s"],
         r["simulated_asa_s"], {True: "yes", False: "no", None: ""}[r["agrees"]]]
        for r in three_values(f)
    ]  # fmt: skip
    write_table(book.add_worksheet("Service"), style, head, rows, dict.fromkeys(range(4, 10), "percent2"))


def write_what_if(book: Any, style: dict[str, Any], f: Facts) -> None:
    """The grid, and three input cells that answer from it."""
    if f.answers is None or not f.answers.grid:
        return
    sheet = book.add_worksheet("What if")
    grid = sorted(f.answers.grid, key=lambda c: (c.volume, c.handle_time))
    head = ["volume", "handle time", "cost per year", "part that follows wages", "agents at the sites' peaks", "seats short",
            "staff unchanged: lowest service level", "staff unchanged: abandoned", "staff unchanged: promises broken"]  # fmt: skip
    rows = [[c.volume, c.handle_time, c.cost_per_year, c.wages_per_year, c.agents, c.seats_short, c.service_level, c.abandonment, c.broken]
            for c in grid]  # fmt: skip
    for j, text in enumerate(("volume", "handle time", "wages", "cost per year")):
        sheet.write_string(0, j, text, style["head"])
    for j in range(3):
        sheet.write_number(1, j, 1.0, style["input"])
    for j, values in ((0, sorted({c.volume for c in grid})), (1, sorted({c.handle_time for c in grid}))):
        sheet.data_validation(1, j, 1, j, {"validate": "list", "source": [f"{v:g}" for v in values]})
    n = len(rows)

    def picked(column: str) -> str:
        return f"SUMPRODUCT((ABS($A$5:$A${n + 4}-$A$2)<0.001)*(ABS($B$5:$B${n + 4}-$B$2)<0.001)*${column}$5:${column}${n + 4})"

    sheet.write_formula(1, 3, f"={picked('C')}+(C2-1)*{picked('D')}", style["total"], f.plan.cost_per_year)
    for j, text in enumerate(head):
        sheet.write_string(3, j, text, style["head"])
    kinds = {2: "money", 3: "money", 6: "percent2", 7: "percent2"}
    for i, row in enumerate(rows, start=4):
        for j, value in enumerate(row):
            if value is not None:
                sheet.write_number(i, j, float(value), style.get(kinds.get(j, "")))
    sheet.set_column(0, len(head) - 1, 17)


def write_routes(book: Any, style: dict[str, Any], f: Facts) -> None:
    """Contacts a year from every region to every group."""
    hours = [p.hours_per_year for p in f.scenario.periods]
    rows = [
        [r.region, r.contact_type, r.site, r.skill_set, sum(h * x for h, x in zip(hours, r.offered, strict=True))]
        for r in propagate(f.scenario, f.plan.design, lambda *_: 1.0)
    ]  # fmt: skip
    head = ["region", "contact type", "site", "skill set", "contacts per year"]
    write_table(book.add_worksheet("Routing"), style, head, rows, {4: "money"})
