"""The page opens offline, adds up, and carries names as text; the workbook holds the same numbers."""

import re
import zipfile

import pytest

import ccopt as cc
from ccopt.reporting.facts import bridge_steps, leaf_totals

HOSTILE = "<script>alert(1)</script>=1+1"


@pytest.fixture(scope="module")
def parts():
    scenario = cc.load_instance("tiny-tiers")
    sites = tuple(s.model_copy(update={"region": HOSTILE}) for s in scenario.sites)
    scenario = scenario.model_copy(update={"sites": sites, "title": HOSTILE, "question": HOSTILE})
    plan = cc.optimise(scenario, time_limit_s=20)
    return scenario, plan, cc.evaluate(scenario, plan.design), cc.simulate(scenario, plan.design, replications=3)


def test_the_page_makes_no_request_and_runs_nothing(parts, tmp_path):
    scenario, plan, judged, simulated = parts
    page = cc.report(scenario=scenario, plan=plan, evaluation=judged, simulation=simulated).to_html(tmp_path / "r.html")
    text = page.read_text(encoding="utf-8")
    assert len(text) < 2_000_000
    assert text.count("<script") == 1  # the page.s own, allowed by its hash
    assert not re.findall(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", text)
    assert "&lt;script&gt;alert(1)" in text


def test_bridge_adds_up_to_the_cent():
    scenario = cc.load_instance("nhs111")
    today = cc.evaluate(scenario, cc.baseline(scenario))
    moved = {"sites": {k: {leaf: 0.9 * v for leaf, v in row.items()} for k, row in today.costs["sites"].items()}}
    steps = bridge_steps(today.costs, moved)
    assert today.cost_per_year + sum(s for _, s in steps) == pytest.approx(sum(leaf_totals(moved).values()), abs=0.005)


def test_workbook_has_the_cost_of_the_plan_and_no_formula_from_names(parts, tmp_path):
    from python_calamine import CalamineWorkbook

    scenario, plan, judged, simulated = parts
    path = cc.report(scenario=scenario, plan=plan, evaluation=judged, simulation=simulated).to_workbook(tmp_path / "r.xlsx")
    book = CalamineWorkbook.from_path(path)
    costs = book.get_sheet_by_name("Costs").to_python()
    assert costs[-1][0] == "total" or any(row[0] == "total" for row in costs)
    total = next(row for row in costs if row[0] == "total")
    assert total[2] == pytest.approx(plan.cost_per_year, abs=0.005)
    with zipfile.ZipFile(path) as archive:
        formulas = [f for n in archive.namelist() if n.startswith("xl/worksheets/sheet")
                    for f in re.findall(rb"<f>(.*?)</f>", archive.read(n))]  # fmt: skip
    assert formulas
    assert not any(b"script" in f or b"1+1" in f for f in formulas)


def test_what_does_not_hold_stands_on_the_page(parts):
    scenario, plan, _, _ = parts
    weak = plan.design.model_copy(update={"groups": tuple(
        g.model_copy(update={"agents": tuple(max(n - 2, 0) for n in g.agents)}) for g in plan.design.groups)})  # fmt: skip
    judged = cc.evaluate(scenario, weak)
    html = cc.report(scenario=scenario, plan=plan, evaluation=judged).html()
    assert "What does not hold" in html
