"""Sheet of costs: leaves today and in the plan, their sums as formulas, and the bridge as a native chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ccopt.reporting.facts import LEAF_NAMES, Facts, cost_leaves, leaf_totals

CENT = 0.005


def write_costs(book: Any, style: dict[str, Any], f: Facts, staff: tuple[int, float]) -> None:
    """Leaves today and in the plan; the labour of the plan follows the staff sheet."""
    sheet = book.add_worksheet("Costs")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 3, 18)
    sheet.set_column(6, 10, 17)
    before, after = leaf_totals(f.today.costs) if f.today else {}, leaf_totals(f.plan.costs)
    for j, text in enumerate(("cost per year", "today", "plan", "change")):
        sheet.write_string(0, j, text, style["head"])
    names = cost_leaves(f)
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
