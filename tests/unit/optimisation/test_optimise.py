"""The optimiser on packaged tiny instances: certificate, limits, reasons, interrupt, determinism."""

import json
import re

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.headcount_rows import fewest_whole
from ccopt.optimisation.lagrangian import lagrangian_bound
from ccopt.optimisation.limits import limits_of
from ccopt.optimisation.solve import Arrays, solve_arrays
from ccopt.optimisation.staffing_rows import inner_lines


def solved(name, **options):
    return cc.optimise(cc.load_instance(name), time_limit_s=30, **options)


@pytest.mark.parametrize("name", ["three-regions", "two-sites", "tiny-tiers"])
def test_plan_is_verified_and_the_gap_is_its_own(name):
    scenario = cc.load_instance(name)
    plan = cc.optimise(scenario, gap=0.001, time_limit_s=30)
    judged = cc.evaluate(scenario, plan.design)
    assert judged.meets_targets
    assert judged.cost_per_year == pytest.approx(plan.cost_per_year, rel=1e-9)
    assert plan.gap == pytest.approx((plan.cost_per_year - plan.lower_bound) / plan.cost_per_year, abs=1e-12)
    assert plan.gap <= 0.001


def test_progress_tells_of_stages_time_and_a_gap_that_closes():
    told = []
    plan = solved("three-regions", gap=0.001, progress=told.append)
    assert told[0].stage == "model built"
    assert (told[0].incumbent, told[0].lower_bound, told[0].gap) == (None, None, None)
    assert all(0.0 <= t.seconds <= 35.0 for t in told)  # the limit of the run is 30 s
    known = [t for t in told if t.incumbent is not None and t.lower_bound is not None]
    assert all(t.lower_bound <= t.incumbent for t in known)
    assert all(t.gap == pytest.approx((t.incumbent - t.lower_bound) / t.incumbent, abs=1e-9) for t in known)
    assert min(t.incumbent for t in known) == pytest.approx(plan.cost_per_year, rel=1e-12)


def test_same_seed_same_bytes():
    first, second = (solved("three-regions", gap=0.001, seed=3).model_dump_json() for _ in range(2))
    assert first == second


def test_a_proven_optimum_ends_a_run_that_asks_for_no_gap():
    plan = solved("two-sites", gap=0.0)
    assert plan.status == "best_found"  # nothing was left to do; the bound is taken with its safety of 1e-9
    assert plan.gap <= 2e-9


def test_doubling_every_cost_doubles_the_optimum():
    raw = json.loads(cc.load_instance("two-sites").model_dump_json(exclude_unset=True))
    once = solved("two-sites", gap=1e-6)
    for site in raw["sites"]:
        for key in ("wage_per_hour", "fixed_cost_per_year", "seat_cost_per_year", "opening_cost"):
            if key in site:
                site[key] *= 2
    for link in raw.get("links", []):
        if "cost_per_contact" in link:
            link["cost_per_contact"] *= 2
    twice = cc.optimise(cc.Scenario.model_validate(raw), gap=1e-6, time_limit_s=30)
    assert twice.cost_per_year == pytest.approx(2 * once.cost_per_year, rel=1e-6)


def test_limits_never_lower_the_cost_and_are_kept():
    free = solved("two-sites", gap=1e-6)
    for limit in (cc.MaxSites(1), cc.MinSites(2), cc.ForceOpen(cc.load_instance("two-sites").sites[0].name),
                  cc.MaxGroups(1), cc.MinGroupSize(3)):  # fmt: skip
        plan = solved("two-sites", gap=1e-6, limits=[limit])
        assert plan.cost_per_year >= free.cost_per_year * (1 - 1e-9)
        if isinstance(limit, cc.MaxSites):
            assert len(plan.design.open_sites) == 1
        if isinstance(limit, cc.MinSites):
            assert len(plan.design.open_sites) == 2
        if isinstance(limit, cc.ForceOpen):
            assert limit.site in plan.design.open_sites


def test_a_budget_below_the_bound_is_named_with_the_amount_that_is_missing():
    with pytest.raises(cc.InfeasibleError, match="budget") as error:
        solved("two-sites", limits=[cc.Budget(1000.0)])
    # the optimum by enumeration (tests/unit/instances/test_tiny_optima.py) is 612,571.43: rounded up, or it would not do
    assert "raise the budget to 612,572" in error.value.repair[0]


def test_too_few_seats_say_how_many():
    raw = json.loads(cc.load_instance("three-regions").model_dump_json(exclude_unset=True))
    for site in raw["sites"]:
        site["seats"] = 4
    with pytest.raises(cc.InfeasibleError, match="seats") as error:
        cc.optimise(cc.Scenario.model_validate(raw), time_limit_s=10)
    more = {site: int(n) for n, site in re.findall(r"(\d+) more at (\w+)", error.value.repair[0])}
    assert more
    for site in raw["sites"]:
        site["seats"] += more.get(site["name"], 0)
    assert cc.optimise(cc.Scenario.model_validate(raw), gap=0.1, time_limit_s=20).design.open_sites


def test_an_unknown_site_in_a_limit_is_refused():
    with pytest.raises(ValueError, match="not declared"):
        limits_of(cc.load_instance("two-sites"), [cc.ForceOpen("nowhere")])


def test_interrupt_keeps_the_best_plan():
    def stop(progress):
        if progress.incumbent is not None:
            raise KeyboardInterrupt

    plan = solved("three-regions", gap=1e-9, progress=stop)
    assert plan.status == "interrupted"
    assert cc.evaluate(cc.load_instance("three-regions"), plan.design).meets_targets


@pytest.mark.parametrize("name", ["three-regions", "two-sites", "tiny-tiers", "help-desk-three-tiers"])
def test_lagrangian_bound_is_below_the_best_plan(name):
    scenario = cc.load_instance(name)
    plan = cc.optimise(scenario, gap=0.01, time_limit_s=15)
    bound = lagrangian_bound(build_problem(scenario, limits_of(scenario)), deadline=1e18, max_evaluations=300)
    assert bound.lower_bound <= plan.cost_per_year - plan.revenue_per_year + 1e-6
    assert bound.lower_bound > 0.7 * plan.cost_per_year


def test_today_needs_no_solver_and_meets_its_targets():
    scenario = cc.load_instance("nhs111")
    today = cc.baseline(scenario)
    assert len(today.open_sites) == 15
    assert cc.evaluate(scenario, today).meets_targets


def test_today_is_asked_of_a_scenario_that_has_none():
    with pytest.raises(cc.ScenarioError, match="existing"):
        cc.baseline(cc.load_instance("three-regions"))


def test_inner_lines_stay_below_a_table_that_is_neither_convex_nor_concave():
    rng = np.random.default_rng(2)
    for _ in range(200):
        table = np.concatenate(([0.0], np.cumsum(rng.uniform(0.1, 2.0, 30))))
        k = int(rng.integers(1, 29))
        lines = inner_lines(table, 1, 30, k)
        span = np.arange(1, 31)
        lowest = np.min([table[at] + slope * (span - at) for slope, at in lines], axis=0)
        assert (lowest <= table[1:] + 1e-9).all()
        assert lowest[k - 1] == pytest.approx(table[k])
        assert lowest[k] == pytest.approx(table[k + 1])


def test_whole_agent_rows_by_hand():
    # two agents carry 0.8 erlang, three 1.5 together; 2.3 erlangs with at most three per group: 3 + 2 = 5 agents
    table = np.array([0.0, 0.2, 0.8, 1.5])
    assert fewest_whole(table, 3, 2.3) == 5
    assert fewest_whole(table, 3, 3.0) == 6
    assert fewest_whole(table, 3, 0.0) == 0


def test_the_solver_refuses_numbers_that_mislead_it():
    from scipy import sparse

    arrays = Arrays(
        matrix=sparse.csr_matrix(np.array([[1.0]])), row_low=np.array([0.0]), row_high=np.array([1.0]),
        cost=np.array([np.nan]), low=np.array([0.0]), high=np.array([1.0]), integer=np.array([False]),
    )  # fmt: skip
    with pytest.raises(cc.SolverError, match="finite"):
        solve_arrays(arrays, time_limit_s=1.0)
