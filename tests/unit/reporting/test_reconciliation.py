"""Page, workbook, plan file and judge agree to the cent."""

import json
import re
from html import unescape

import pytest
from python_calamine import CalamineWorkbook

from ccopt.cli.common import dumps
from ccopt.costs import leaves
from ccopt.reporting.facts import decision
from ccopt.reporting.quality import assumption_section
from ccopt.reporting.sections import cost_section

CENT = 0.005 + 1e-9


def tables(page):
    """All tables of a page as rows of text, by the id of their section."""
    found = {}
    for key, body in re.findall(r'<section id="([\w-]+)"(.*?)</section>', page.read_text(encoding="utf-8"), re.DOTALL):
        found[key] = [
            [[unescape(re.sub(r"<[^>]+>", "", c)) for c in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)]
             for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)]
            for table in re.findall(r"<table>(.*?)</table>", body, re.DOTALL)
        ]  # fmt: skip
    return found


def number(text):
    return float(re.sub(r"[^\d.\-]", "", text.replace("\u2212", "-")))


def test_plan_file_judge_and_leaves_are_one_amount(case):
    raw = json.loads(dumps(case.plan.model_dump(mode="json")))
    assert raw["cost_per_year"] == pytest.approx(sum(leaves(raw["costs"])), rel=1e-12)
    assert case.judged.cost_per_year == pytest.approx(raw["cost_per_year"], abs=CENT)


def test_the_bridge_of_the_page_adds_up_to_the_printed_cent(case, books):
    rows = tables(books[1])["cost"][0]
    body, total = rows[1:-1], rows[-1]
    for j in range(1, len(total)):
        assert round(sum(number(r[j]) for r in body), 2) == pytest.approx(number(total[j]), abs=1e-6)
    column = 2 if case.today else 1
    assert abs(number(total[column]) - case.plan.cost_per_year) <= CENT
    if case.today:
        assert abs(number(total[1]) - case.today.cost_per_year) <= CENT
        assert number(total[3]) == pytest.approx(number(total[2]) - number(total[1]), abs=1e-6)


def test_the_site_table_sums_to_the_plan(case, books):
    rows = tables(books[1])["sites"][0]
    assert abs(number(rows[-1][-1]) - case.plan.cost_per_year) <= CENT
    shown = [number(r[-1]) for r in rows[1:-1] if r[-1] != "\u2013"]
    assert round(sum(shown), 2) == pytest.approx(number(rows[-1][-1]), abs=1e-6)


def test_the_workbook_holds_the_same_amounts(case, books):
    book = CalamineWorkbook.from_path(books[0])
    costs = book.get_sheet_by_name("Costs").to_python()
    total = next(r for r in costs if r[0] == "total")
    assert abs(total[2] - case.plan.cost_per_year) <= CENT
    leaf = {r[0]: r[2] for r in costs[1:] if r[0]}
    assert abs(sum(v for k, v in leaf.items() if k != "total") - case.plan.cost_per_year) <= CENT
    page = {r[0]: r for r in tables(books[1])["cost"][0][1:]}
    for name, row in page.items():
        assert abs(number(row[2 if case.today else 1]) - leaf[name]) <= 0.01 + 1e-9, name
    sites = book.get_sheet_by_name("Sites").to_python()
    assert abs(next(r for r in sites if r[0] == "total")[8] - case.plan.cost_per_year) <= CENT
    staff = book.get_sheet_by_name("Staff").to_python()
    labour = sum(row.get("labour", 0.0) for row in case.plan.costs["sites"].values())
    assert abs(sum(r[14] for r in staff[1:]) - labour) <= CENT
    first = {r[0]: r[1] for r in book.get_sheet_by_name("Decision").to_python()[2:]}
    assert abs(first["cost per year"] - case.plan.cost_per_year) <= CENT
    if case.today:
        assert abs(first["saving per year"] - (case.today.cost_per_year - case.plan.cost_per_year)) <= CENT


def test_service_of_page_and_workbook_is_the_judges(case, books):
    rows = CalamineWorkbook.from_path(books[0]).get_sheet_by_name("Service").to_python()[1:]
    mine = {(r.name, r.period or "year"): r for r in case.judged.contact_types}
    theirs = {(r.name, r.period or "year"): r for r in case.simulated.contact_types}
    shown = {(r[0], r[1]): r for r in tables(books[1])["values"][1][1:]}
    assert len(rows) == len(mine) == len(shown)
    for r in rows:
        key = (r[0], r[1])
        assert r[5] == pytest.approx(mine[key].service_level, rel=1e-14)
        assert r[6] == pytest.approx(theirs[key].service_level, rel=1e-14)
        half = mine[key].half_width.get("service_level", 0.0)
        assert shown[key][3] == f"{100 * mine[key].service_level:.1f} %" + (f" ± {100 * half:.1f}" if half else "")


def test_what_if_of_the_page_starts_at_the_plan(case, books):
    text = books[1].read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="what-if-data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["plan"] == round(case.plan.cost_per_year, 2)
    middle = data["cells"][data["volumes"].index(1.0) * len(data["times"]) + data["times"].index(1.0)]
    assert abs(middle[0] - case.plan.cost_per_year) <= CENT
    answer = CalamineWorkbook.from_path(books[0]).get_sheet_by_name("What if").to_python()[1][3]
    assert abs(answer - case.plan.cost_per_year) <= CENT


def test_leaves_without_an_amount_are_left_out(case, books):
    rows = tables(books[1])["cost"][0][1:-1]
    assert rows
    assert all(any(number(c) != 0.0 for c in r[1:]) for r in rows)
    costs = CalamineWorkbook.from_path(books[0]).get_sheet_by_name("Costs").to_python()
    names = [r[0] for r in costs[1:] if r[0] and r[0] != "total"]
    assert names == [r[0] for r in rows]


def test_the_bridge_is_drawn_with_and_without_a_layout_of_today(case):
    section = cost_section(case.report.facts)
    assert len(section.figures) == 1
    drawn = section.figures[0].svg
    assert ("today" in drawn) == (case.today is not None)
    assert f"{case.plan.cost_per_year / 1e6:,.2f} m" in drawn or f"{case.plan.cost_per_year / 1e3:,.1f} k" in drawn


def test_the_first_sentence_carries_a_range_and_the_register_what_is_assumed(case):
    assert "with one assumption moved at a time" in decision(case.report.facts)
    names = [r[0] for r in assumption_section(case.report.facts).tables[0].rows]
    assert {"arrivals", "handle times", "one-off costs", "loss of a site"} <= set(names)
    assert len(names) == len(set(names))
