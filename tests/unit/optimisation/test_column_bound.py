"""Bounds by plans of sites: a programme by hand, and packaged instances against the solver's optimum of the same relaxation."""

import math
from dataclasses import replace

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation.aggregation import aggregate
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.column_bound import Aim, Plans, bound_by_parts, divided, raised, raised_whole, whole_part
from ccopt.optimisation.column_master import Master
from ccopt.optimisation.designs import exact
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.headcount_rows import headcount_rows, rows_after_loss
from ccopt.optimisation.lagrangian import lagrangian_bound
from ccopt.optimisation.limits import limits_of
from ccopt.optimisation.price_bounds import seen_by_prices
from ccopt.scenario.core import core_of


def problem_of(name):
    scenario = core_of(cc.load_instance(name))
    return aggregate(build_problem(scenario, limits_of(scenario))).problem


ENDLESS = Aim(enough=lambda: math.inf, over=lambda: False, on_bound=lambda b: None)


def start_of(p):
    """Plans of a problem, and prices to start from."""
    rows = headcount_rows(p)
    return Plans(p, rows), lagrangian_bound(p, deadline=math.inf, max_evaluations=150, rows=rows)


def bounds_of(p, parts=60):
    """By subgradients, by plans, and by so many parts."""
    rows, lost = headcount_rows(p), rows_after_loss(p)
    root = lagrangian_bound(p, deadline=math.inf, max_evaluations=150, rows=rows)
    start = replace(root, row_prices=np.concatenate((root.row_prices, np.zeros(lost.agents.shape))))
    plans = Plans(p, rows.joined(lost))
    left = iter(range(parts))
    told = []
    aim = Aim(enough=lambda: math.inf, over=lambda: False, on_bound=told.append)
    first = raised_whole(plans, start, aim)
    aim = replace(aim, over=lambda: next(left, None) is None)
    return root.lower_bound, first.bound, bound_by_parts(plans, first, aim), told


def optimum(p):
    """Of the outer programme, by the solver (which knows nothing of prices)."""
    found = exact(p, compile_model(build_model(p, at_least_only=True), p), "outer", time_limit_s=60, gap=1e-7, seed=0).outcome
    assert found.status == "optimal"
    return found.objective + p.base_cost


def test_master_by_hand():
    # one site, plans (cost 2, gives 2) and (cost 9, gives 6), of which one is taken, and 3 are needed: a quarter of the second,
    # 2 + 7 / 4 = 3.75 in all, 1.75 for one more
    master = Master(np.array([3.0]), np.array([1.0]), 1, 10.0)
    master.add_set(np.array([True]))
    master.add_plan(0, 2.0, np.array([2.0]))
    master.add_plan(0, 9.0, np.array([6.0]))
    master.box(np.array([0.0]), np.array([100.0]))
    found = master.solve()
    assert found.value == pytest.approx(3.75)
    assert found.prices == pytest.approx([1.75])
    assert found.plans == pytest.approx([0.75, 0.25])
    assert found.sets == pytest.approx([1.0])
    master.box(np.array([0.0]), np.array([1.5]))  # rather pay 1.5 for what is missing: 2 + 1.5
    assert master.solve().value == pytest.approx(3.5)
    master.box(np.array([2.0]), np.array([9.0]))  # more than is needed brings 2 each: 9 - 3 * 2
    assert master.solve().value == pytest.approx(3.0)
    master.box(np.array([0.0]), np.array([100.0]))
    master.allow(np.array([True, False]), np.array([True]))
    assert master.solve().value == pytest.approx(2.0 + 100.0)


@pytest.mark.parametrize("name", [
    "resilient-regions", "skills-and-languages", "tiny-tiers", "two-sites", "ten-small-centers", "seasonal-retail",
    "contracts", "help-desk-three-tiers", "public-service", "home-peaks",
])  # fmt: skip
def test_below_the_optimum_and_above_subgradients(name):
    p = problem_of(name)
    best = optimum(p)
    plain, by_plans, by_parts, told = bounds_of(p)
    safe = 1e-7 * best
    assert plain <= by_plans + 1e-5 * best
    assert by_plans <= by_parts + safe
    assert by_parts <= best + safe
    assert max(told) <= best + safe
    assert told == sorted(told)


@pytest.mark.parametrize("name", ["two-sites", "ten-small-centers", "public-service", "tiny-tiers", "resilient-regions"])
def test_parts_prove_the_optimum(name):
    p = problem_of(name)
    assert bounds_of(p, parts=3000)[2] == pytest.approx(optimum(p), rel=1e-5)


def test_rows_after_each_loss_prove_more():
    p = problem_of("resilient-regions")
    with_rows = bounds_of(p, parts=0)[1]
    without = raised_whole(*start_of(p), ENDLESS).bound
    assert with_rows > without


def test_two_parts_hold_all_designs():
    p = problem_of("skills-and-languages")
    part = raised_whole(*start_of(p), ENDLESS)
    for _ in range(30):
        halves = divided(p, part)
        if not halves:
            break
        few, more = halves
        sites = np.flatnonzero(few.fixed != part.fixed)
        if sites.size:
            assert few.fixed[sites] == 0
            assert more.fixed[sites] == 1
            assert (few.top == more.top).all()
        else:
            [[g, t]] = np.argwhere(few.top != part.top)
            assert part.low[g, t] <= few.top[g, t] < part.top[g, t]
            assert more.low[g, t] == few.top[g, t] + 1
            assert more.fixed[p.group_site[g]] == 1
        part = replace(more, mean=part.mean, spread=np.where(part.low < more.low, 0.0, part.spread))


def test_what_prices_do_not_see():
    plain = problem_of("ten-small-centers")
    assert seen_by_prices(plain)
    assert not seen_by_prices(replace(plain, max_change=0))  # nothing may differ from today
    assert not seen_by_prices(problem_of("resilient-regions"))  # rows after a loss tie sites together
    assert not seen_by_prices(problem_of("tiny-tiers"))
    assert not seen_by_prices(problem_of("blend"))


def test_a_part_without_enough_seats_has_no_design():
    p = problem_of("ten-small-centers")
    plans, root = start_of(p)
    closed = replace(whole_part(plans, root), fixed=np.zeros(len(p.site_names), dtype=np.int64))
    none = raised(plans, closed, ENDLESS, steps=5, close=1e-5)
    assert none.bound == math.inf
    assert bound_by_parts(plans, none, ENDLESS) == math.inf
