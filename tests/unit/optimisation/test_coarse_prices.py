"""Prices of one period that start those of all: they prove more than those of the cheapest agents, and never too much."""

import math

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation.aggregation import aggregate
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.coarse_prices import coarse_start
from ccopt.optimisation.designs import exact
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.headcount_rows import headcount_rows, rows_after_loss
from ccopt.optimisation.lagrangian import lagrangian_bound
from ccopt.optimisation.limits import limits_of
from ccopt.optimisation.offer_rows import with_offers
from ccopt.scenario.core import core_of


def problem_of(name):
    scenario = core_of(cc.load_instance(name))
    return aggregate(with_offers(scenario, build_problem(scenario, limits_of(scenario)))).problem


def start_of(p, rows):
    return coarse_start(p, rows, deadline=math.inf, upper=lambda: math.inf, stop=lambda: False)


@pytest.mark.parametrize("name", ["tiny-tiers", "resilient-regions", "three-regions", "seasonal-retail"])
def test_proves_more_at_once_than_the_cheapest_agents(name):
    p = problem_of(name)
    assert len(p.hours) > 1
    rows = headcount_rows(p)
    start = start_of(p, rows)
    first = lagrangian_bound(p, deadline=math.inf, max_evaluations=1, start=start).lower_bound
    others = lagrangian_bound(p, deadline=math.inf, max_evaluations=1, rows=rows).lower_bound
    best = exact(p, compile_model(build_model(p, at_least_only=True), p), "outer", time_limit_s=60, gap=1e-6, seed=0).outcome
    assert others < first <= (best.objective + p.base_cost) * (1 + 1e-6)


def test_prices_are_for_the_hours_of_each_period():
    p = problem_of("bank-day")
    start = start_of(p, headcount_rows(p))
    assert start.prices.shape == p.demand.shape
    assert start.row_prices.shape == start.rows.agents.shape
    per_hour = start.prices / p.hours
    for cluster in {a.tobytes() for a in p.available.T}:
        same = [t for t in range(len(p.hours)) if p.available[:, t].tobytes() == cluster]
        assert np.ptp(per_hour[:, same], axis=1) == pytest.approx(0.0, abs=1e-9 * per_hour.max())


def test_offers_are_those_of_all_periods():
    p = problem_of("cross-selling-bank")
    assert p.offers is not None
    start = start_of(p, headcount_rows(p))
    first = lagrangian_bound(p, deadline=math.inf, max_evaluations=1, start=start).lower_bound
    known = lagrangian_bound(p, deadline=math.inf, max_evaluations=2000, start=start).lower_bound
    assert -math.inf < first <= known


def test_nothing_is_found_after_the_deadline():
    p = problem_of("three-regions")
    rows = headcount_rows(p)
    start = coarse_start(p, rows, deadline=-1.0, upper=lambda: math.inf, stop=lambda: True)
    assert np.isfinite(start.prices).all()
    assert lagrangian_bound(p, deadline=math.inf, max_evaluations=1, start=start).lower_bound > -math.inf


def test_rows_after_a_loss_that_cost_something_stay():
    p = problem_of("resilient-regions")
    rows = headcount_rows(p)
    start = start_of(p, rows)
    assert len(rows.agents) < len(start.rows.agents) <= len(rows.agents) + len(rows_after_loss(p).agents)
    assert start.row_prices[len(rows.agents) :].max() > 0.0
