"""The judge of linked sites against exact answers and its own intervals."""

from __future__ import annotations

import numpy as np
import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.evaluation import evaluate
from ccopt.evaluation.judge import evaluate_routed
from ccopt.queueing import group_performance
from ccopt.queueing.controlled.bank import Bank
from ccopt.queueing.controlled.effort import RunOptions
from ccopt.scenario.entities import Link, Scenario


def _scenario(types, skills, demand, **more):
    return Scenario.model_validate({
        "schema_version": 1, "name": "n", "periods": [{"name": "hour", "hours_per_year": 1000.0}],
        "sites": [{"name": s, "kind": "inhouse", "wage_per_hour": 20.0} for s in ("a", "b")],
        "contact_types": types, "skill_sets": skills,
        "demand": [{"region": "r", "contact_type": c, "contacts_per_hour": x} for c, x in demand.items()], **more})  # fmt: skip


def _route(contact_type, site, skill, rank=1, **more):
    kind = "primary" if rank == 1 else "overflow"
    return Route(**{"region": "r", "contact_type": contact_type, "site": site, "skill_set": skill, "rank": rank,
                    "kind": kind, "share": (1.0,), **more})  # fmt: skip


def _n_design():
    """N design: mu 1, theta 1 per hour, rates 4 and 3, four agents each; type 1 overflows, type 2 comes first."""
    scenario = _scenario(
        [{"name": "one", "talk_s": 3600.0, "patience_s": 3600.0, "priority": 2},
         {"name": "two", "talk_s": 3600.0, "patience_s": 3600.0, "priority": 1}],
        [{"name": "k1", "contact_types": ["one"]}, {"name": "k12", "contact_types": ["one", "two"]}],
        {"one": 4.0, "two": 3.0})  # fmt: skip
    design = Design(
        open_sites=("a", "b"), regime="overflow",
        groups=(AgentGroup(site="a", skill_set="k1", agents=(4,)), AgentGroup(site="b", skill_set="k12", agents=(4,))),
        routes=(_route("one", "a", "k1"), _route("one", "b", "k12", rank=2), _route("two", "b", "k12")))  # fmt: skip
    return scenario, design


def test_exact_n_design():
    # exact Markov chain, case e5 of the list: P(wait) 0.311338/0.571026, abandonment 0.075370/0.172315,
    # occupancy 0.740646/0.804748. Its pool 1 agents take waiting type-1 contacts first come, as here.
    scenario, design = _n_design()
    found = evaluate_routed(scenario, design, options=RunOptions(contacts=2_000_000))
    one, two = found.contact_types[:2]
    for row, wait, lost in ((one, 0.311338, 0.075370), (two, 0.571026, 0.172315)):
        assert row.delay_probability == pytest.approx(wait, abs=2 * row.half_width["delay_probability"])
        assert row.abandonment == pytest.approx(lost, abs=2 * row.half_width["abandonment"])
        assert row.half_width["abandonment"] < 0.002
    assert [g.occupancy for g in found.groups] == pytest.approx([0.740646, 0.804748], abs=0.003)


def _two_sites(regime, share=0.5):
    scenario = _scenario(
        [{"name": "x", "talk_s": 240.0, "patience_s": 300.0, "targets": [{"service_level": 0.8, "awt_s": 20.0}]}],
        [{"name": "k", "contact_types": ["x"]}], {"x": 240.0})  # fmt: skip
    design = Design(
        open_sites=("a", "b"), regime=regime,
        groups=(AgentGroup(site="a", skill_set="k", agents=(9,)), AgentGroup(site="b", skill_set="k", agents=(9,))),
        routes=(_route("x", "a", "k", share=(share,)), _route("x", "b", "k", share=(1 - share,)),
                _route("x", "a", "k", rank=2), _route("x", "b", "k", rank=2)))  # fmt: skip
    return scenario, design


def test_one_virtual_queue_is_one_pool():
    scenario, design = _two_sites("virtual")
    row = evaluate(scenario, design).contact_types[0]
    exact = group_performance(240.0, 240.0, patience_s=300.0, agents=18, awt_s=20.0)
    assert row.service_level == pytest.approx(float(exact.answered_in_time[0]), abs=1e-4)  # companion and run are one
    assert row.abandonment == pytest.approx(float(exact.abandonment[0]), abs=1e-4)


def test_regimes_are_ordered():
    # linking helps; own contacts first spreads the waits, so that more are answered in time and some wait longer
    rows = {r: evaluate(*_two_sites(r)).contact_types[0] for r in ("split", "overflow", "virtual")}
    assert rows["split"].service_level < rows["virtual"].service_level < rows["overflow"].service_level
    assert rows["split"].abandonment > rows["overflow"].abandonment >= rows["virtual"].abandonment - 0.003


def test_delay_of_overflow_lies_between():
    scenario, design = _two_sites("overflow", share=0.8)
    late = design.model_copy(update={"routes": tuple(
        r.model_copy(update={"after_s": 15.0}) if r.kind == "overflow" else r for r in design.routes)})  # fmt: skip
    levels = [evaluate(scenario, d).contact_types[0].service_level for d in (
        design.model_copy(update={"regime": "split"}), late, design)]  # fmt: skip
    assert levels == sorted(levels)
    assert levels[2] - levels[0] > 0.05


def test_half_width_is_reached():
    scenario, design = _n_design()
    found = evaluate(scenario, design, half_width=0.003)
    assert max(r.half_width["service_level"] for r in found.contact_types) <= 0.003


def test_the_half_width_that_was_asked_for_holds():
    # 40 seeds at 1 point against the exact chain by a long run: 95 % cover, binomial 99.9 % band down to 0.80
    scenario, design = _n_design()
    truth = evaluate_routed(scenario, design, options=RunOptions(contacts=4_000_000, seed=1)).contact_types
    hits = []
    for seed in range(40):
        rows = evaluate(scenario, design, half_width=0.01, seed=100 + seed).contact_types
        assert all(r.half_width["service_level"] <= 0.01 for r in rows)
        hits += [abs(r.service_level - t.service_level) <= 0.01 + t.half_width["service_level"]
                 for r, t in zip(rows, truth, strict=True)]  # fmt: skip
    assert np.mean(hits) >= 0.87


@pytest.mark.parametrize("effort", [{"budget_ms": 0}, {"budget_ms": float("nan")}, {"half_width": -0.1}, {"half_width": 1.0},
                                    {"half_width": float("nan")}, {"budget_ms": 50, "half_width": 0.01}])  # fmt: skip
def test_effort_is_validated(effort):
    with pytest.raises(ValueError, match=next(iter(effort))):
        evaluate(*_two_sites("overflow"), **effort)


def test_budget_buys_contacts():
    scenario, design = _n_design()
    few, many = (int(evaluate(scenario, design, budget_ms=b).method.split("(")[1].split()[0]) for b in (20, 400))
    assert many > 3 * few


def test_same_seed_same_answer():
    scenario, design = _n_design()
    assert evaluate(scenario, design) == evaluate(scenario, design)
    assert evaluate(scenario, design) != evaluate(scenario, design, seed=8)


def test_intervals_cover():
    # 120 seeds, intervals against a run of 4 million contacts; binomial 99.9 % band of 95 %: 0.875..0.992
    scenario, design = _n_design()
    scenario = scenario.model_copy(update={"contact_types": tuple(
        c.model_copy(update={"talk_s": 240.0, "patience_s": 240.0}) for c in scenario.contact_types),
        "demand": tuple(d.model_copy(update={"contacts_per_hour": 15 * d.contacts_per_hour}) for d in scenario.demand)})  # fmt: skip
    truth = evaluate_routed(scenario, design, options=RunOptions(contacts=4_000_000, seed=1)).contact_types
    hits = []
    for seed in range(120):
        rows = evaluate_routed(scenario, design, options=RunOptions(contacts=12_000, seed=100 + seed)).contact_types
        hits += [abs(r.service_level - t.service_level) <= r.half_width["service_level"] + t.half_width["service_level"]
                 for r, t in zip(rows, truth, strict=True)]  # fmt: skip
    assert 0.91 <= np.mean(hits) <= 0.992


def test_tiers_behind_overflow():
    # first line by overflow, a share of what it answers goes to the second line: thinned departures, Erlang A there
    scenario = _scenario(
        [{"name": "first", "talk_s": 300.0, "patience_s": 120.0}, {"name": "second", "talk_s": 600.0, "patience_s": 300.0}],
        [{"name": "l1", "contact_types": ["first"]}, {"name": "l2", "contact_types": ["second"]}], {"first": 100.0},
        escalations=[{"from_type": "first", "to_type": "second", "share": 0.3}])  # fmt: skip
    design = Design(
        open_sites=("a", "b"), regime="overflow",
        groups=(AgentGroup(site="a", skill_set="l1", agents=(5,)), AgentGroup(site="b", skill_set="l1", agents=(5,)),
                AgentGroup(site="b", skill_set="l2", agents=(6,))),
        routes=(_route("first", "a", "l1"), _route("first", "b", "l1", rank=2),
                _route("second", "b", "l2", kind="escalation")))  # fmt: skip
    found = evaluate_routed(scenario, design, options=RunOptions(contacts=400_000))
    first, second = found.contact_types[:2]
    assert second.contacts_per_hour == pytest.approx(0.3 * 100.0 * (1 - first.abandonment), rel=0.01)
    model = group_performance(second.contacts_per_hour, 600.0, patience_s=300.0, agents=6, awt_s=20.0)
    assert second.service_level == pytest.approx(float(model.answered_in_time[0]), abs=0.01)


def test_flows_carry_the_cost():
    scenario, design = _two_sites("overflow", share=0.8)
    priced = scenario.model_copy(update={"links": tuple(
        Link(region="r", site=s, cost_per_contact=1.0) for s in ("a", "b"))})  # fmt: skip
    found = evaluate(priced, design)
    telecom = sum(tree["telecom"] for tree in found.costs["sites"].values())
    assert telecom == pytest.approx(240.0 * 1000.0, rel=1e-9)


def test_a_bank_makes_luck_equal():
    scenario, design = _two_sites("overflow")
    bank, options = Bank(), RunOptions(contacts=8_000)
    more = design.model_copy(update={"groups": (AgentGroup(site="a", skill_set="k", agents=(10,)), design.groups[1])})
    pairs = [(evaluate_routed(scenario, d, options=options, bank=bank).contact_types[0].service_level)
             for d in (design, more)]  # fmt: skip
    assert pairs[1] > pairs[0]


def test_overload_without_patience_is_named():
    scenario, design = _two_sites("overflow")
    endless = scenario.model_copy(update={"contact_types": tuple(
        c.model_copy(update={"patience_s": None}) for c in scenario.contact_types),
        "demand": tuple(d.model_copy(update={"contacts_per_hour": 300.0}) for d in scenario.demand)})  # fmt: skip
    found = evaluate(endless, design)
    assert found.contact_types[0].service_level == 0.0
    assert found.contact_types[0].asa_s is None
    assert "stability" in {v.limit for v in found.violations}
