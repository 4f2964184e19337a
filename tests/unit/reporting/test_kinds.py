"""Sections that only some centers need."""

import ccopt as cc
from ccopt.evaluation import evaluate
from ccopt.reporting.callers import caller_sections
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


def test_call_back_rooms_and_agents_at_home_stand_on_the_page():
    found = {s.key: s for s in caller_sections(facts("call-back-hotline"))}
    assert set(found) == {"callback", "equipment"}
    [row] = found["callback"].tables[0].rows
    assert float(row[4].rstrip(" %")) < 4.0 < float(row[5].rstrip(" %"))  # who gives up with the offer and without
    assert found["equipment"].tables[0].rows == (("house", "video room", "video", "4", "6", "36,000.00"),)
    home = {s.key: s for s in caller_sections(facts("home-peaks", limits=[cc.ForceClosed("office")]))}
    assert home["home"].tables[0].rows == (("at home", "10", "100.0 %"),)
    assert "two hours" in home["home"].text[1]


def test_ranks_chats_and_tiers_stand_on_the_page():
    ranks = {s.key: s for s in caller_sections(facts("universal-desk"))}["ranks"].tables[0].rows
    assert [r[:3] for r in ranks] == [("0", "contract", "9.6 s"), ("1", "other", "67.4 s")]
    s = cc.load_instance("loan-desk")
    plan = cc.optimise(s.model_copy(update={"cross_selling": ()}), gap=0.02, time_limit_s=15)
    report = cc.report(scenario=s, plan=plan, evaluation=evaluate(s, plan.design)).facts
    [row] = {x.key: x for x in caller_sections(report)}["tiers"].tables[0].rows
    assert row == ("request → decision", "30.0 %", "12.0 %", "18.0 %", "90 s", "120 s")
