"""The result workbook: the same numbers as the page, with sums as live formulas and native charts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import xlsxwriter

from ccopt.reporting.facts import LEAF_NAMES, LEAVES, Facts, decision, leaf_totals, site_rows, three_values
from ccopt.scenario.writing import write_whole


def write_result(facts: Facts, path: Path) -> Path:
    """Write the workbook whole or not at all. Names never become formulas."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": f"{facts.scenario.name}: plan"})
        style = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "money": book.add_format({"num_format": "#,##0.00"}), "percent": book.add_format({"num_format": "0.0%"}),
            "bold": book.add_format({"bold": True, "font_size": 14}), "total": book.add_format({"bold": True, "num_format": "#,##0.00"}),
        }  # fmt: skip
        _summary(book, style, facts)
        _costs(book, style, facts)
        _sites(book, style, facts)
        _staff(book, style, facts)
        _service(book, style, facts)
        _assumptions(book, style, facts)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, buffer.getvalue())
    return path


def _summary(book: Any, style: dict[str, Any], f: Facts) -> None:
    sheet = book.add_worksheet("Decision")
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 24)
    sheet.write_string(0, 0, decision(f), style["bold"])
    rows: list[tuple[str, Any]] = [
        ("cost per year", f.plan.cost_per_year), ("lower bound", f.plan.lower_bound), ("gap", f.plan.gap),
        ("revenue per year", f.plan.revenue_per_year), ("status", f.plan.status), ("currency", f.currency),
        ("meets targets (analytic)", "yes" if f.evaluation.meets_targets else "no"),
        ("contradicted by simulation", len(f.contradictions) if f.simulation else "not simulated"),
    ]  # fmt: skip
    if f.today is not None:
        rows += [("cost of today", f.today.cost_per_year), ("saving per year", f.saving)]
    for i, (name, value) in enumerate(rows, start=2):
        sheet.write_string(i, 0, name)
        if isinstance(value, str) or value is None:
            sheet.write_string(i, 1, value or "none")
        else:
            sheet.write_number(i, 1, value, style["percent"] if name == "gap" else style["money"])


def _costs(book: Any, style: dict[str, Any], f: Facts) -> None:
    sheet = book.add_worksheet("Costs")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 3, 18)
    before = leaf_totals(f.today.costs) if f.today else {}
    after = leaf_totals(f.plan.costs)
    head = ["cost per year", "today", "plan", "change"]
    for j, text in enumerate(head):
        sheet.write_string(0, j, text, style["head"])
    names = [k for k in LEAVES if k in before or k in after]
    for i, leaf in enumerate(names, start=1):
        a, b = before.get(leaf, 0.0), after.get(leaf, 0.0)
        sheet.write_string(i, 0, LEAF_NAMES[leaf])
        sheet.write_number(i, 1, a, style["money"])
        sheet.write_number(i, 2, b, style["money"])
        sheet.write_formula(i, 3, f"=C{i + 1}-B{i + 1}", style["money"], b - a)
    n = len(names)
    sheet.write_string(n + 1, 0, "total", style["head"])
    for j, total in ((1, sum(before.values())), (2, sum(after.values()))):
        column = "ABCD"[j]
        sheet.write_formula(n + 1, j, f"=SUM({column}2:{column}{n + 1})", style["total"], total)
    sheet.write_formula(n + 1, 3, f"=C{n + 2}-B{n + 2}", style["total"], sum(after.values()) - sum(before.values()))
    chart = book.add_chart({"type": "column"})
    for j in (1, 2) if f.today else (2,):
        chart.add_series(
            {"name": ["Costs", 0, j], "categories": ["Costs", 1, 0, n, 0], "values": ["Costs", 1, j, n, j]}
        )
    chart.set_title({"name": "Cost per year"})
    sheet.insert_chart(n + 4, 0, chart)


def _table(sheet: Any, style: dict[str, Any], head: list[str], rows: list[list[Any]], kinds: dict[int, str]) -> None:
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


def _sites(book: Any, style: dict[str, Any], f: Facts) -> None:
    rows = [
        [r["site"], r["state"], r["kind"], r["seats"], r["today_agents"], r["plan_agents"], r["contacts"], r["today_cost"],
         r["plan_cost"]]
        for r in site_rows(f)
    ]  # fmt: skip
    head = ["site", "state", "kind", "seats", "agents at peak, today", "agents at peak, plan", "contacts per year",
            "cost per year, today", "cost per year, plan"]  # fmt: skip
    _table(book.add_worksheet("Sites"), style, head, rows, {6: "money", 7: "money", 8: "money"})


def _staff(book: Any, style: dict[str, Any], f: Facts) -> None:
    sheet = book.add_worksheet("Staff")
    shrinkage = {s.name: s.shrinkage for s in f.scenario.sites}
    head = ["site", "skill_set", "period", "agents", "shrinkage", "scheduled_agents", "load", "occupancy"]
    judged = {(g.site, g.skill_set, g.period): g for g in f.evaluation.groups}
    for j, text in enumerate(head):
        sheet.write_string(0, j, text, style["head"])
    i = 1
    for g in f.plan.design.groups:
        for t, period in enumerate(f.scenario.periods):
            row = judged[g.site, g.skill_set, period.name]
            for j, text in enumerate((g.site, g.skill_set, period.name)):
                sheet.write_string(i, j, text)
            sheet.write_number(i, 3, g.agents[t])
            sheet.write_number(i, 4, shrinkage[g.site], style["percent"])
            sheet.write_formula(i, 5, f"=ROUNDUP(D{i + 1}/(1-E{i + 1}),0)", None, row.scheduled_agents)
            sheet.write_number(i, 6, row.load)
            sheet.write_number(i, 7, row.occupancy, style["percent"])
            i += 1
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 7, 16)


def _service(book: Any, style: dict[str, Any], f: Facts) -> None:
    head = ["contact type", "period", "awt_s", "basis", "target", "analytic", "simulated", "half width",
            "abandonment, analytic", "abandonment, simulated", "asa_s, analytic", "asa_s, simulated", "agrees"]  # fmt: skip
    rows = [
        [r["contact_type"], r["period"], r["awt_s"], r["basis"], r["promised"], r["analytic"], r["simulated"],
         r["half_width"], r["analytic_abandonment"], r["simulated_abandonment"], r["analytic_asa_s"],
         r["simulated_asa_s"], {True: "yes", False: "no", None: ""}[r["agrees"]]]
        for r in three_values(f)
    ]  # fmt: skip
    _table(book.add_worksheet("Service"), style, head, rows, dict.fromkeys(range(4, 10), "percent"))


def _assumptions(book: Any, style: dict[str, Any], f: Facts) -> None:
    rows = [[a.name, a.value, a.range, a.source] for a in f.scenario.assumptions]
    _table(book.add_worksheet("Assumptions"), style, ["figure", "value", "range", "source"], rows, {})
