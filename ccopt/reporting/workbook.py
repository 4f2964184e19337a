"""The result workbook: the same numbers as the page, sums and staff as live formulas, native charts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from ccopt.reporting.definitions import DEFINITIONS
from ccopt.reporting.facts import LEAF_NAMES, LEAVES, Facts, decision, leaf_totals, site_rows, three_values
from ccopt.reporting.pieces import Section
from ccopt.reporting.quality import assumption_section, loss_section, scorecard_section
from ccopt.reporting.staff_sheet import write_staff
from ccopt.routing.flows import propagate
from ccopt.scenario.writing import write_whole

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
MOST_CHARTED = 12
CENT = 0.005


def write_result(facts: Facts, path: Path) -> Path:
    """Write the workbook whole or not at all. Names never become formulas or sheet names."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        book.set_properties({"title": f"{facts.scenario.name}: plan", "comments": "written by ccopt"})
        style = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "money": book.add_format({"num_format": "#,##0.00"}), "percent": book.add_format({"num_format": "0.0%"}),
            "percent2": book.add_format({"num_format": "0.00%"}),
            "big": book.add_format({"bold": True, "font_size": 14, "text_wrap": True}),
            "total": book.add_format({"bold": True, "num_format": "#,##0.00", "top": 1}), "bold": book.add_format({"bold": True}),
            "two": book.add_format({"num_format": "#,##0.00"}),
            "input": book.add_format({"bg_color": "#FFF3D6"}), "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }  # fmt: skip
        _decision(book, style, facts)
        _costs(book, style, facts, write_staff(book, style, facts))
        _sites(book, style, facts)
        _agents(book, style, facts)
        _service(book, style, facts)
        _what_if(book, style, facts)
        _routes(book, style, facts)
        for name, section in (("Loss of a site", loss_section(facts)), ("Scorecard", scorecard_section(facts)),
                              ("Assumptions", assumption_section(facts))):  # fmt: skip
            _plain(book, style, name, section)
        _definitions(book, style)
        for sheet in book.worksheets():
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
        book.get_worksheet_by_name("Decision").activate()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, buffer.getvalue())
    return path


def _leaves(f: Facts) -> list[str]:
    before, after = leaf_totals(f.today.costs) if f.today else {}, leaf_totals(f.plan.costs)
    return [k for k in (*LEAVES, *sorted((set(before) | set(after)) - set(LEAVES))) if k in before or k in after]


def _decision(book: Any, style: dict[str, Any], f: Facts) -> None:
    sheet = book.add_worksheet("Decision")
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 24)
    sheet.merge_range(0, 0, 0, 5, "", style["big"])
    sheet.write_string(0, 0, decision(f), style["big"])
    sheet.set_row(0, 60)
    total = len(_leaves(f)) + 2
    rows: list[tuple[str, Any, str, str]] = [
        ("cost per year", f.plan.cost_per_year, "money", f"=Costs!C{total}"), ("lower bound", f.plan.lower_bound, "money", ""),
        ("gap", f.plan.gap, "percent2", ""), ("revenue per year", f.plan.revenue_per_year, "money", ""), ("status", f.plan.status, "", ""),
        ("currency", f.currency, "", ""), ("meets targets (analytic)", "yes" if f.evaluation.meets_targets else "no", "", ""),
        ("promises contradicted by simulation", len(f.contradictions) if f.simulation else "not simulated", "", ""),
    ]  # fmt: skip
    if f.today is not None:
        rows += [("cost of today", f.today.cost_per_year, "money", f"=Costs!B{total}"),
                 ("saving per year", f.saving, "money", f"=Costs!B{total}-Costs!C{total}")]  # fmt: skip
    for i, (name, value, form, formula) in enumerate(rows, start=2):
        sheet.write_string(i, 0, name)
        if isinstance(value, str) or value is None:
            sheet.write_string(i, 1, value or "none")
        elif formula:
            sheet.write_formula(i, 1, formula, style[form], value)
        else:
            sheet.write_number(i, 1, value, style.get(form))


def _costs(book: Any, style: dict[str, Any], f: Facts, staff: tuple[int, float]) -> None:
    sheet = book.add_worksheet("Costs")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 3, 18)
    sheet.set_column(6, 10, 17)
    before, after = leaf_totals(f.today.costs) if f.today else {}, leaf_totals(f.plan.costs)
    for j, text in enumerate(("cost per year", "today", "plan", "change")):
        sheet.write_string(0, j, text, style["head"])
    names = _leaves(f)
    for i, leaf in enumerate(names, start=1):
        a, b = before.get(leaf, 0.0), after.get(leaf, 0.0)
        sheet.write_string(i, 0, LEAF_NAMES.get(leaf, leaf))
        sheet.write_number(i, 1, a, style["money"])
        if leaf == "labour" and abs(staff[1] - b) < CENT:
            sheet.write_formula(i, 2, f"=SUM(Staff!O2:O{staff[0]})", style["money"], b)
        else:
            sheet.write_number(i, 2, b, style["money"])
        sheet.write_formula(i, 3, f"=C{i + 1}-B{i + 1}", style["money"], b - a)
    n = len(names)
    sheet.write_string(n + 1, 0, "total", style["bold"])
    totals = (sum(before.values()), f.plan.cost_per_year)
    for column, value in (("B", totals[0]), ("C", totals[1]), ("D", totals[1] - totals[0])):
        sheet.write_formula(f"{column}{n + 2}", f"=SUM({column}2:{column}{n + 1})", style["total"], value)
    _bridge_chart(book, sheet, style, f, names)
    chart = book.add_chart({"type": "column"})
    for j in (1, 2) if f.today else (2,):
        chart.add_series({"name": ["Costs", 0, j], "categories": ["Costs", 1, 0, n, 0], "values": ["Costs", 1, j, n, j]})
    chart.set_title({"name": "Cost per year"})
    chart.set_size({"width": 620, "height": 320})
    sheet.insert_chart(n + 4, 0, chart)


def _bridge_chart(book: Any, sheet: Any, style: dict[str, Any], f: Facts, names: Sequence[str]) -> None:
    """Waterfall as stacked columns: an invisible base, falls and rises; all cells are formulas on the table."""
    if f.today is None:
        return
    n = len(names)
    for j, text in enumerate(("bridge", "base", "less", "more", "total"), start=6):
        sheet.write_string(0, j, text, style["head"])
    before, after = leaf_totals(f.today.costs), leaf_totals(f.plan.costs)
    level = f.today.cost_per_year
    sheet.write_string(1, 6, "today")
    sheet.write_formula(1, 10, f"=B{n + 2}", style["money"], level)
    for i, leaf in enumerate(names, start=2):
        change = after.get(leaf, 0.0) - before.get(leaf, 0.0)
        row, start = i + 1, f"B{n + 2}+SUM(D$1:D{i - 1})" if i > 2 else f"B{n + 2}"
        sheet.write_string(i, 6, LEAF_NAMES.get(leaf, leaf))
        sheet.write_formula(i, 7, f"=MIN({start},{start}+D{i})", style["money"], min(level, level + change))
        sheet.write_formula(i, 8, f"=MAX(0,-D{row - 1})", style["money"], max(0.0, -change))
        sheet.write_formula(i, 9, f"=MAX(0,D{row - 1})", style["money"], max(0.0, change))
        level += change
    sheet.write_string(n + 2, 6, "plan")
    sheet.write_formula(n + 2, 10, f"=C{n + 2}", style["money"], f.plan.cost_per_year)
    chart = book.add_chart({"type": "column", "subtype": "stacked"})
    colours = {7: None, 8: "#009E73", 9: "#E69F00", 10: "#0072B2"}
    for j, colour in colours.items():
        fill = {"fill": {"color": colour}} if colour else {"fill": {"none": True}, "border": {"none": True}}
        chart.add_series({"name": ["Costs", 0, j], "categories": ["Costs", 1, 6, n + 2, 6], "values": ["Costs", 1, j, n + 2, j],
                          "gap": 40, **fill})  # fmt: skip
    chart.set_title({"name": "From today to the plan"})
    chart.set_legend({"delete_series": [0], "position": "bottom"})
    chart.set_size({"width": 620, "height": 320})
    sheet.insert_chart(n + 4, 6, chart)


def _table(sheet: Any, style: dict[str, Any], head: Sequence[str], rows: Sequence[Sequence[Any]], kinds: dict[int, str]) -> None:
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


def _sites(book: Any, style: dict[str, Any], f: Facts) -> None:
    sheet, found = book.add_worksheet("Sites"), site_rows(f)
    rows = [
        [r["site"], r["state"], r["kind"], r["seats"], r["today_agents"], r["plan_agents"], r["contacts"], r["today_cost"],
         r["plan_cost"]]
        for r in found
    ]  # fmt: skip
    head = ["site", "state", "kind", "seats", "agents at peak, today", "agents at peak, plan", "contacts per year",
            "cost per year, today", "cost per year, plan"]  # fmt: skip
    _table(sheet, style, head, rows, {6: "money", 7: "money", 8: "money"})
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


def _agents(book: Any, style: dict[str, Any], f: Facts) -> None:
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


def _service(book: Any, style: dict[str, Any], f: Facts) -> None:
    head = ["contact type", "period", "awt_s", "basis", "target", "analytic", "simulated", "half width",
            "abandonment, analytic", "abandonment, simulated", "asa_s, analytic", "asa_s, simulated", "agrees"]  # fmt: skip
    rows = [
        [r["contact_type"], r["period"], r["awt_s"], r["basis"], r["promised"], r["analytic"], r["simulated"],
         r["half_width"], r["analytic_abandonment"], r["simulated_abandonment"], r["analytic_asa_s"],
         r["simulated_asa_s"], {True: "yes", False: "no", None: ""}[r["agrees"]]]
        for r in three_values(f)
    ]  # fmt: skip
    _table(book.add_worksheet("Service"), style, head, rows, dict.fromkeys(range(4, 10), "percent2"))


def _what_if(book: Any, style: dict[str, Any], f: Facts) -> None:
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


def _routes(book: Any, style: dict[str, Any], f: Facts) -> None:
    hours = [p.hours_per_year for p in f.scenario.periods]
    rows = [
        [r.region, r.contact_type, r.site, r.skill_set, sum(h * x for h, x in zip(hours, r.offered, strict=True))]
        for r in propagate(f.scenario, f.plan.design, lambda *_: 1.0)
    ]  # fmt: skip
    head = ["region", "contact type", "site", "skill set", "contacts per year"]
    _table(book.add_worksheet("Routing"), style, head, rows, {4: "money"})


def _plain(book: Any, style: dict[str, Any], name: str, section: Section | None) -> None:
    """A section of the page as a sheet of text."""
    if section is None or not section.tables:
        return
    sheet = book.add_worksheet(name)
    table = section.tables[-1]
    for j, column in enumerate(table.columns):
        sheet.write_string(0, j, column.label, style["head"])
    for i, row in enumerate(table.rows, start=1):
        for j, cell in enumerate(row):
            sheet.write_string(i, j, cell, style["wrap"])
    sheet.set_column(0, len(table.columns) - 1, 24)
    sheet.freeze_panes(1, 0)


def _definitions(book: Any, style: dict[str, Any]) -> None:
    sheet = book.add_worksheet("Definitions")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 110)
    for i, (word, meaning) in enumerate(DEFINITIONS.values()):
        sheet.write_string(i, 0, word, style["bold"])
        sheet.write_string(i, 1, meaning, style["wrap"])
