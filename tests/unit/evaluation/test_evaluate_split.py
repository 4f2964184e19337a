"""Evaluation of the fixed split: rows, targets, cost, null rules, tiers."""

from __future__ import annotations

import json
import math

import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.errors import ScenarioError
from ccopt.evaluation.judge import evaluate_split
from ccopt.scenario.entities import Scenario


def _strict(value):
    return json.loads(json.dumps(value, allow_nan=False))


def test_cells_follow_the_group_model(three_regions, one_group, oracle):
    result = evaluate_split(three_regions, one_group, model=oracle)
    sales = next(r for r in result.cells if r.name == "sales" and r.period == "peak")
    expected = oracle([140.0], [300.0], patience_s=[120.0], agents=17, awt_s=[20.0])
    assert sales.service_level == pytest.approx(float(expected.answered_in_time[0]), abs=1e-12)
    assert sales.asa_s == pytest.approx(float(expected.asa_s[0]))
    assert sales.abandonment == pytest.approx(float(expected.abandonment[0]), abs=1e-12)


def test_erlang_c_of_support(three_regions, one_group, oracle):
    # 100/h x 420 s x 1.05 = 12.25 erlangs, 17 agents: Erlang C by the recursion of Erlang B
    load, agents = 100 * 441 / 3600, 17
    b = 1.0
    for k in range(1, agents + 1):
        b = load * b / (k + load * b)
    wait = b / (1 - load / agents * (1 - b))
    level = 1 - wait * math.exp(-(agents - load) * 20 / 441)
    row = next(r for r in evaluate_split(three_regions, one_group, model=oracle).cells
               if r.name == "support" and r.period == "peak")
    assert row.service_level == pytest.approx(level, abs=1e-9)
    assert row.delay_probability == pytest.approx(wait, abs=1e-9)
    assert row.asa_s == pytest.approx(wait * 441 / (agents - load), rel=1e-7)


def test_cost_by_hand(three_regions, one_group, oracle):
    # fixed 900,000 + 34 seats x 4,000; wage 24/0.7 per agent-hour, factor 1.04 in "both"
    wage = 24 / 0.7 * ((17 * 2000 + 9 * 6760) + 1.04 * (17 * 2000 + 9 * 6760))
    result = evaluate_split(three_regions, one_group, model=oracle)
    assert result.cost_per_year == pytest.approx(900_000 + 34 * 4_000 + wage, rel=1e-12)
    assert result.sites[0].cost_per_year == pytest.approx(result.cost_per_year, rel=1e-12)
    assert result.sites[0].seats_used == 34


def test_document_keys(three_regions, one_group, oracle):
    document = _strict(evaluate_split(three_regions, one_group, model=oracle).as_dict())
    assert {"meets_targets", "violations", "cost_per_year", "contact_types", "groups", "method"} <= set(document)
    assert {"name", "period", "service_level", "abandonment", "asa_s"} <= set(document["contact_types"][0])
    assert {"site", "skill_set", "period", "agents", "load", "occupancy"} <= set(document["groups"][0])


def test_missed_target_is_named(three_regions, one_group, oracle):
    few = one_group.model_copy(update={"groups": (
        AgentGroup(site="north", skill_set="sales-only", agents=(12, 9)), one_group.groups[1])})  # fmt: skip
    result = evaluate_split(three_regions, few, model=oracle)
    assert not result.meets_targets
    limits = {v.limit for v in result.violations}
    assert "service_level" in limits
    assert all("sales-only in peak" in v.place for v in result.violations)


def test_occupancy_is_of_the_group(three_regions, one_group, oracle):
    group = next(g for g in evaluate_split(three_regions, one_group, model=oracle).groups if g.period == "peak")
    sales = oracle([140.0], [300.0], patience_s=[120.0], agents=17, awt_s=[20.0])
    assert group.load == pytest.approx(140 * 300 / 3600)
    assert group.occupancy == pytest.approx(group.load * (1 - float(sales.abandonment[0])) / 17, rel=1e-9)
    assert group.scheduled_agents == math.ceil(17 / 0.7)


def test_unstable_with_targets_violates(three_regions, one_group, oracle):
    few = one_group.model_copy(update={"groups": (
        one_group.groups[0], AgentGroup(site="north", skill_set="both", agents=(12, 9)))})  # fmt: skip
    result = evaluate_split(three_regions, few, model=oracle)
    row = next(r for r in result.cells if r.name == "support" and r.period == "peak")
    assert (row.service_level, row.asa_s) == (0.0, None)
    assert {"stability", "service_level"} <= {v.limit for v in result.violations}
    _strict(result.as_dict())


def _untargeted(three_regions, rate, agents):
    document = three_regions.model_dump()
    document["contact_types"] = [{**c, "targets": ()} for c in document["contact_types"]]
    document["demand"][1]["contacts_per_hour"] = (rate, 40.0)
    scenario = Scenario.model_validate(document)
    design = Design(
        open_sites=("north",),
        groups=(AgentGroup(site="north", skill_set="sales-only", agents=(17, 9)),
                AgentGroup(site="north", skill_set="both", agents=(agents, 9))),
        routes=(Route(region="r1", contact_type="sales", site="north", skill_set="sales-only", share=(1.0, 1.0)),
                Route(region="r2", contact_type="support", site="north", skill_set="both", share=(1.0, 1.0))))  # fmt: skip
    return scenario, design


@pytest.mark.parametrize(("agents", "kept"), [(12, True), (11, False)])
def test_no_targets_needs_agents_for_the_load(three_regions, oracle, agents, kept):
    # 12 x 3600 / 441 contacts per hour are exactly 12 erlangs: equality is allowed, and there is no steady state
    scenario, design = _untargeted(three_regions, 12 * 3600 / 441, agents)
    result = evaluate_split(scenario, design, model=oracle)
    assert result.meets_targets is kept
    row = next(r for r in result.cells if r.name == "support" and r.period == "peak")
    assert (row.service_level, row.asa_s) == (None, None)
    assert _strict(result.as_dict())


def test_tiers_by_hand(tiers, oracle):
    design = Design(
        open_sites=("a",),
        groups=(AgentGroup(site="a", skill_set="l1", agents=(9,)), AgentGroup(site="a", skill_set="l2", agents=(6,))),
        routes=(Route(region="r", contact_type="first", site="a", skill_set="l1", share=(1.0,)),
                Route(region="r", contact_type="second", site="a", skill_set="l2", kind="escalation", share=(1.0,))))
    first = oracle([100.0], [300.0], patience_s=[120.0], agents=9, awt_s=[20.0])
    onward = 30.0 * (1 - float(first.abandonment[0]))
    row = next(r for r in evaluate_split(tiers, design, model=oracle).cells if r.name == "second")
    assert row.contacts_per_hour == pytest.approx(onward, rel=1e-12)


def test_one_group_for_both_tiers_is_a_fixed_point(tiers, oracle):
    design = Design(
        open_sites=("a",), groups=(AgentGroup(site="a", skill_set="all", agents=(13,)),),
        routes=(Route(region="r", contact_type="first", site="a", skill_set="all", share=(1.0,)),
                Route(region="r", contact_type="second", site="a", skill_set="all", kind="escalation", share=(1.0,))))
    rows = {r.name: r for r in evaluate_split(tiers, design, model=oracle).cells}
    again = oracle([100.0, rows["second"].contacts_per_hour], [300.0, 600.0], patience_s=[120.0, 300.0], agents=13,
                   awt_s=[20.0, 20.0])  # fmt: skip
    assert rows["second"].contacts_per_hour == pytest.approx(30.0 * (1 - float(again.abandonment[0])), rel=1e-9)


def test_all_problems_at_once(three_regions):
    bad = Design(
        open_sites=("north", "moon"), groups=(AgentGroup(site="south", skill_set="both", agents=(3,)),),
        routes=(Route(region="r9", contact_type="sales", site="north", skill_set="both", share=(1.0, 1.0)),))
    with pytest.raises(ScenarioError) as caught:
        evaluate_split(three_regions, bad)
    text = str(caught.value)
    for part in ("'moon'", "closed site", "one number for each of the 2 periods", "'r9'", "does not have"):
        assert part in text


def test_shares_must_sum_to_one(three_regions, one_group):
    half = one_group.model_copy(update={"routes": (
        one_group.routes[0].model_copy(update={"share": (0.5, 1.0)}), one_group.routes[1])})  # fmt: skip
    with pytest.raises(ScenarioError, match=r"sum of shares 0\.5"):
        evaluate_split(three_regions, half)


def test_seats_are_a_promise(three_regions, one_group, oracle):
    many = one_group.model_copy(update={"groups": (
        AgentGroup(site="north", skill_set="sales-only", agents=(110, 9)), one_group.groups[1])})  # fmt: skip
    assert [v.limit for v in evaluate_split(three_regions, many, model=oracle).violations] == ["seats"]


def test_model_error_is_stated_where_handle_times_differ(tiers, three_regions, one_group, oracle):
    mixed = Design(
        open_sites=("a",), groups=(AgentGroup(site="a", skill_set="all", agents=(13,)),),
        routes=(Route(region="r", contact_type="first", site="a", skill_set="all", share=(1.0,)),
                Route(region="r", contact_type="second", site="a", skill_set="all", kind="escalation", share=(1.0,))))
    row = evaluate_split(tiers, mixed, model=oracle).cells[0]
    assert 0 < row.half_width["service_level"] < 0.02
    assert all(r.half_width == {} for r in evaluate_split(three_regions, one_group, model=oracle).cells)


def test_rows_over_the_year_by_hand(three_regions, one_group, oracle):
    rows = evaluate_split(three_regions, one_group, model=oracle).contact_types
    year = next(r for r in rows if r.name == "sales" and r.period is None)
    peak, rest = (next(r for r in rows if (r.name, r.period) == ("sales", p)) for p in ("peak", "rest"))
    weights = 140 * 2000, 60 * 6760
    assert year.contacts_per_hour == pytest.approx(sum(weights) / 8760)
    level = (peak.service_level * weights[0] + rest.service_level * weights[1]) / sum(weights)
    assert year.service_level == pytest.approx(level, rel=1e-12)
    answered = [w * (1 - r.abandonment) for w, r in zip(weights, (peak, rest), strict=True)]
    asa = (peak.asa_s * answered[0] + rest.asa_s * answered[1]) / sum(answered)
    assert year.asa_s == pytest.approx(asa, rel=1e-12)
