"""The result workbook: the same numbers as the page, sums and staff as live formulas, native charts."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from ccopt.reporting.cost_sheet import write_costs
from ccopt.reporting.definitions import DEFINITIONS
from ccopt.reporting.facts import Facts, cost_leaves, decision
from ccopt.reporting.list_sheets import write_agents, write_routes, write_service, write_sites, write_what_if
from ccopt.reporting.pieces import Section
from ccopt.reporting.quality import assumption_section, loss_section, scorecard_section
from ccopt.reporting.staff_sheet import write_staff
from ccopt.reporting.study_sheets import write_studies
from ccopt.scenario.writing import write_whole

TEXT_WIDTH, MEANING_WIDTH, LINE_PT = 30, 110, 15.0  # characters, characters, points
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


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
            "term": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
            "two": book.add_format({"num_format": "#,##0.00"}),
            "input": book.add_format({"bg_color": "#FFF3D6"}), "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }  # fmt: skip
        _decision(book, style, facts)
        write_costs(book, style, facts, write_staff(book, style, facts))
        write_sites(book, style, facts)
        write_agents(book, style, facts)
        write_service(book, style, facts)
        write_what_if(book, style, facts)
        write_routes(book, style, facts)
        write_studies(book, style, facts)
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


def _decision(book: Any, style: dict[str, Any], f: Facts) -> None:
    sheet = book.add_worksheet("Decision")
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 24)
    sheet.merge_range(0, 0, 0, 5, "", style["big"])
    sheet.write_string(0, 0, decision(f), style["big"])
    sheet.set_row(0, 60)
    total = len(cost_leaves(f)) + 2
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


def _plain(book: Any, style: dict[str, Any], name: str, section: Section | None) -> None:
    """A section of the page as a sheet of text; tables with the same columns below each other."""
    if section is None or not section.tables:
        return
    sheet = book.add_worksheet(name)
    table = section.tables[-1]
    for j, column in enumerate(table.columns):
        sheet.write_string(0, j, column.label, style["head"])
    alike = (row for t in section.tables if t.columns == table.columns for row in t.rows)
    for i, row in enumerate(alike, start=1):
        for j, cell in enumerate(row):
            sheet.write_string(i, j, cell, style["wrap"])
        sheet.set_row(i, _height(row, TEXT_WIDTH))
    sheet.set_column(0, len(table.columns) - 1, TEXT_WIDTH)
    sheet.freeze_panes(1, 0)


def _definitions(book: Any, style: dict[str, Any]) -> None:
    sheet = book.add_worksheet("Definitions")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, MEANING_WIDTH)
    for i, (word, meaning) in enumerate(DEFINITIONS.values()):
        sheet.write_string(i, 0, word, style["term"])
        sheet.write_string(i, 1, meaning, style["wrap"])
        sheet.set_row(i, _height([meaning], MEANING_WIDTH))


def _height(cells: Sequence[str], width: int) -> float:
    """Points for the lines of the longest cell; not every spreadsheet program fits rows to wrapped text."""
    return LINE_PT * max(sum(math.ceil(max(len(x), 1) / (0.9 * width)) for x in c.split("\n")) for c in cells)
