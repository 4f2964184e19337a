"""Sections that only some centers need."""

import ccopt as cc
from ccopt.evaluation import evaluate
from ccopt.reporting.facts import leaf_totals
from ccopt.reporting.kinds import forms_chart, kind_sections
from ccopt.studies.forms import contract_forms


def facts(name, **options):
    s = cc.load_instance(name)
    plan = cc.optimise(s, gap=0.02, time_limit_s=60, **options)
    judged = evaluate(s, plan.design)
    return cc.report(scenario=s, plan=plan, evaluation=judged).facts


def test_lines_and_weak_spots_stand_on_the_page_and_leaves_add_up():
    f = facts("ivr-and-lines")
    found = {s.key: s for s in kind_sections(f)}
    assert set(found) == {"lines", "weak"}
    assert [r[0] for r in found["lines"].tables[0].rows] == ["voice computer: ports", "voice computer: lines"]
    assert abs(sum(leaf_totals(f.plan.costs).values()) - f.plan.cost_per_year) < 1e-6


def test_background_work_shows_the_agents_kept_free():
    found = {s.key: s for s in kind_sections(facts("blend"))}
    assert "background" in found
    assert " of " in found["background"].tables[0].rows[0][1]


def test_chart_of_forms_names_every_form_and_the_cheapest():
    rows = contract_forms(cc.load_instance("contracts"), "vendor steady", [0.2, 1.0, 2.0])
    svg = forms_chart(rows, "Forms")
    assert all(name in svg for name in rows[0].amounts)
    assert "0.2: by contact; 1: by seat; 2: by seat" in svg
