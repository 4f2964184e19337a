"""Every sector's template: filled workbook -> scenario -> plan in a few seconds -> judged; its figures with range and source."""

import pytest

import ccopt as cc
from ccopt.scenario.sectors import SECTORS
from ccopt.scenario.workbook import write_workbook

SECONDS = 5


@pytest.mark.parametrize("sector", sorted(SECTORS))
def test_a_filled_template_is_planned_and_judged(sector, tmp_path):
    write_workbook(cc.load_instance(SECTORS[sector]), tmp_path / "client.xlsx")
    s = cc.read_scenario(tmp_path / "client.xlsx")
    plan = cc.optimise(s, gap=0.2, time_limit_s=SECONDS)
    judged = cc.evaluate(s, plan.design)
    assert judged.meets_targets, judged.violations
    assert judged.cost_per_year == pytest.approx(plan.cost_per_year, rel=1e-6)
    assert plan.lower_bound is None or plan.lower_bound <= judged.cost_per_year - judged.revenue_per_year + 1e-6 * judged.cost_per_year


@pytest.mark.parametrize("sector", sorted(SECTORS))
def test_figures_of_a_template_have_a_range_and_a_source(sector):
    rows = cc.load_instance(SECTORS[sector]).assumptions
    assert all(a.source for a in rows)
    assert sum(bool(a.range) for a in rows) >= 4


def test_there_are_at_least_eight_sectors():
    assert len(set(SECTORS.values())) >= 8
