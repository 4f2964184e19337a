"""Relations between optima of related scenarios, and the small run of the gap benchmark's generator."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

import ccopt as cc
from ccopt.optimisation.aggregation import aggregate
from ccopt.optimisation.build import build_problem
from ccopt.simulation.contradictions import contradictions

FILE = Path(__file__).resolve().parents[3] / "benchmarks" / "optimiser" / "networks.py"
spec = importlib.util.spec_from_file_location("benchmark_networks", FILE)
networks = importlib.util.module_from_spec(spec)
sys.modules["benchmark_networks"] = networks
spec.loader.exec_module(networks)


def document():
    """Two sites and two types; the second site is cheap to work at and dear to open."""
    return {
        "schema_version": 1, "name": "relations", "periods": [{"name": "p", "hours_per_year": 2000}],
        "sites": [
            {"name": "a", "kind": "inhouse", "wage_per_hour": 24, "seats": 9, "fixed_cost_per_year": 20000},
            {"name": "b", "kind": "inhouse", "wage_per_hour": 20, "seats": 9, "fixed_cost_per_year": 60000},
        ],
        "contact_types": [
            {"name": "c0", "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]},
            {"name": "c1", "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]},
        ],
        "skill_sets": [{"name": "k0", "contact_types": ["c0"]}, {"name": "k1", "contact_types": ["c1"]}],
        "demand": [{"region": "r", "contact_type": "c0", "contacts_per_hour": 30},
                   {"region": "r", "contact_type": "c1", "contacts_per_hour": 40}],
    }  # fmt: skip


def best(raw):
    plan = cc.optimise(cc.Scenario.model_validate(raw), gap=1e-6, time_limit_s=20)
    assert plan.gap <= 1e-6
    return plan.cost_per_year


@pytest.fixture(scope="module")
def base():
    return best(document())


def with_site(raw):
    raw["sites"].append({"name": "c", "kind": "inhouse", "wage_per_hour": 22, "seats": 12, "fixed_cost_per_year": 40000})


def with_skill(raw):
    raw["skill_sets"].append({"name": "both", "contact_types": ["c0", "c1"], "wage_factor": 1.02})


@pytest.mark.parametrize("more", [with_site, with_skill])
def test_more_options_never_cost_more(base, more):
    raw = document()
    more(raw)
    assert best(raw) <= base * (1 + 2e-6)


def test_a_stricter_promise_never_costs_less(base):
    raw = document()
    raw["contact_types"][0]["targets"][0]["service_level"] = 0.95
    assert best(raw) >= base * (1 - 2e-6)


def test_a_link_less_never_costs_less(base):
    raw = document()
    raw["links"] = [{"region": "r", "site": "b", "allowed": False}]
    for site in raw["sites"]:
        site["seats"] = 18
    wide = best(raw)
    raw["links"] = []
    assert best(raw) <= wide * (1 + 2e-6)


def test_names_and_order_change_nothing(base):
    raw = json.loads(json.dumps(document()).replace('"a"', '"zulu"').replace('"c0"', '"other"'))
    for key in ("sites", "contact_types", "skill_sets", "demand"):
        raw[key].reverse()
    assert best(raw) == pytest.approx(base, rel=2e-6)


def test_nobody_calls_and_nobody_is_employed():
    raw = document()
    for row in raw["demand"]:
        row["contacts_per_hour"] = 0
    scenario = cc.Scenario.model_validate(raw)
    plan = cc.optimise(scenario)
    assert (plan.cost_per_year, plan.lower_bound, plan.design.open_sites, plan.design.groups) == (0.0, 0.0, (), ())
    assert cc.evaluate(scenario, plan.design).meets_targets


@pytest.mark.parametrize(("limit", "words"), [
    (cc.ForceOpen("a"), "site a must be open"), (cc.MinSites(1), "0 open sites, asked for 1 to 2"), (cc.MinAgentsAtSite("a", 2), "site a"),
])  # fmt: skip
def test_limits_that_ask_for_sites_are_not_dropped_where_nobody_calls(limit, words):
    raw = document()
    for row in raw["demand"]:
        row["contacts_per_hour"] = 0
    with pytest.raises(cc.SolverError, match=f"no contacts, but limits ask for sites or agents: .*{words}"):
        cc.optimise(cc.Scenario.model_validate(raw), limits=[limit])


def test_agents_that_can_serve_some_types_carry_their_load():
    scenario = cc.Scenario.model_validate(document())
    plan = cc.optimise(scenario, gap=1e-6, time_limit_s=20)
    for kind, skill, load in (("c0", "k0", 2.5), ("c1", "k1", 40 / 12)):
        agents = sum(g.agents[0] for g in plan.design.groups if g.skill_set == skill)
        assert agents >= load, kind


@pytest.mark.parametrize("seed", [1])
def test_random_networks_have_a_certified_plan(seed):
    scenario = networks.network(networks.SIZES["tiny"], seed)
    plan = cc.optimise(scenario, gap=0.05, time_limit_s=5)
    assert cc.evaluate(scenario, plan.design).meets_targets
    assert plan.lower_bound is None or plan.lower_bound <= plan.cost_per_year


def test_regions_become_one_class_and_come_back():
    scenario = cc.load_instance("nhs111")
    whole = build_problem(scenario)
    small = aggregate(whole).problem
    assert len(small.commodity_names) == 2
    assert small.demand.sum() == pytest.approx(whole.demand.sum())
    assert small.arc_most.sum() == pytest.approx(whole.arc_most.sum())


def calm_line():
    """One type that promises nothing but agents who are not too busy (found by `relations.py networks`, network 100000)."""
    raw = document()
    raw["sites"] = [{"name": "a", "kind": "inhouse", "wage_per_hour": 18}]
    raw["contact_types"] = [{"name": "c0", "talk_s": 300, "patience_s": 60, "targets": [{"max_occupancy": 0.8}]}]
    raw["skill_sets"] = [{"name": "k0", "contact_types": ["c0"]}]
    raw["demand"] = [{"region": "r", "contact_type": "c0", "contacts_per_hour": 40}]
    return raw


def test_nobody_at_all_is_not_lightly_occupied():
    raw = calm_line()
    once = best(raw)
    whole, half = (cc.required_agents(cc.ErlangA(contacts_per_hour=r, aht_s=300, patience_s=60), cc.MaxOccupancy(0.8)) for r in (40, 20))
    assert (whole, half) == (3, 1)  # more callers leave two small groups, so that each is less busy
    assert once == pytest.approx(whole * 18 * 2000)
    raw["skill_sets"].append({"name": "twin", "contact_types": ["c0"]})
    assert best(raw) == pytest.approx(2 * half * 18 * 2000)


@pytest.mark.parametrize("regime", ["split", "virtual"])
def test_judge_and_simulation_see_a_promise_of_occupancy_broken_without_agents(regime):
    scenario = cc.Scenario.model_validate(calm_line())
    design = cc.Design(
        regime=regime, open_sites=("a",), groups=(cc.AgentGroup(site="a", skill_set="k0", agents=(0,)),),
        routes=(cc.Route(contact_type="c0", region="r", site="a", skill_set="k0", share=(1.0,)),),
    )  # fmt: skip
    found = cc.evaluate(scenario, design)
    assert "occupancy" in [v.limit for v in found.violations]
    simulated = cc.simulate(scenario, design, replications=3, seed=1)
    [broken] = contradictions(scenario, simulated, replications=3)
    assert (broken.limit, broken.required) == ("MaxOccupancy", 0.8)


def test_a_budget_that_suffices_changes_nothing_and_one_below_the_optimum_is_refused(base):
    scenario = cc.Scenario.model_validate(document())
    plan = cc.optimise(scenario, gap=1e-6, time_limit_s=20, limits=[cc.Budget(base * (1 + 1e-4))])
    assert plan.cost_per_year == pytest.approx(base, rel=2e-6)
    with pytest.raises(cc.InfeasibleError):
        cc.optimise(scenario, gap=1e-6, time_limit_s=20, limits=[cc.Budget(base * (1 - 1e-3))])
