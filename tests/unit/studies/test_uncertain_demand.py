"""Promises under scattered rates: against sampling, against enumeration, and against the extensive two-stage programme."""

import json

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import trapezoid
from scipy.optimize import Bounds, LinearConstraint, milp

import ccopt as cc
from ccopt.queueing import group_performance
from ccopt.scenario import to_json
from ccopt.scenario.checks import validated
from ccopt.studies.recourse import expected_excess, newsvendor, two_stage
from ccopt.studies.uncertain_demand import busyness, group_variance, mixed_model, plan_under_uncertainty, scaled


def uncertain(*rows, name="three-regions"):
    raw = json.loads(to_json(cc.load_instance(name)))
    return validated(raw | {"uncertainty": list(rows)})


@pytest.mark.parametrize("variance", [0.01, 0.08, 0.5, 2.0])
def test_busyness_has_mean_one_and_nearly_its_variance(variance):
    f = busyness(variance, 400)
    assert f.mean() == pytest.approx(1.0)
    assert f.var() == pytest.approx(variance, rel=0.06)
    assert busyness(0.0).tolist() == [1.0]


def test_the_mixed_model_is_the_average_over_many_draws():
    rng = np.random.default_rng(3)
    draws = rng.gamma(1 / 0.08, 0.08, 4000)
    rows = [group_performance([100.0 * f], [180.0], patience_s=[300.0], agents=6, awt_s=[20.0]) for f in draws]
    sl = np.average([r.answered_in_time[0] for r in rows], weights=draws)
    lost = np.average([r.abandonment[0] for r in rows], weights=draws)
    mixed = mixed_model(0.08, 40)([100.0], [180.0], patience_s=[300.0], agents=6, awt_s=[20.0])
    assert mixed.answered_in_time[0] == pytest.approx(sl, abs=0.012)  # four standard errors of 4,000 draws
    assert mixed.abandonment[0] == pytest.approx(lost, abs=0.008)
    steady = group_performance([100.0], [180.0], patience_s=[300.0], agents=6, awt_s=[20.0])
    assert mixed_model(0.0)([100.0], [180.0], patience_s=[300.0], agents=6, awt_s=[20.0]).abandonment[0] == pytest.approx(steady.abandonment[0])
    assert mixed.answered_in_time[0] < steady.answered_in_time[0]  # scatter costs service


def test_variance_of_a_group_pools_what_is_not_common():
    s = uncertain({"contact_type": "sales", "factor_variance": 0.1, "common_share": 0.0}, {"contact_type": "support", "factor_variance": 0.1, "common_share": 0.0})
    assert group_variance(s, np.array([1.0, 1.0])) == pytest.approx(0.05)  # independent: halves
    common = uncertain({"factor_variance": 0.1})
    assert group_variance(common, np.array([1.0, 3.0])) == pytest.approx(0.1)


def test_safety_costs_more_the_surer_it_is():
    s = uncertain({"factor_variance": 0.04})
    expected = plan_under_uncertainty(s, hold="expected", gap=0.03, time_limit_s=3)
    sure = plan_under_uncertainty(s, hold=0.95, gap=0.03, time_limit_s=3)
    assert 0 < expected.cost_of_safety < sure.cost_of_safety
    assert sure.probability_held >= 0.95
    assert sure.probability_held_by_mean_plan < 0.8
    # promises hold at the quantile itself, by the judge
    factor = stats.gamma.ppf(0.95, 25.0, scale=0.04)
    assert cc.evaluate(scaled(s, float(factor)), sure.design).meets_targets
    assert "with probability 95%" in sure.summary()


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="no block uncertainty"):
        plan_under_uncertainty(cc.load_instance("three-regions"))
    with pytest.raises(ValueError, match="probability"):
        plan_under_uncertainty(uncertain({"factor_variance": 0.1}), hold=0.2)
    with pytest.raises(cc.ScenarioError, match=r"uncertainty\[0\].contact_type"):
        uncertain({"factor_variance": 0.1, "contact_type": "x"})


def test_expected_excess_by_numerical_integration():
    for v in (0.02, 0.3):
        x = np.linspace(0, 8, 400_001)
        density = stats.gamma.pdf(x, 1 / v, scale=v)
        for a in (0.3, 1.0, 1.4):
            assert float(expected_excess(a, v)) == pytest.approx(trapezoid(np.maximum(x - a, 0) * density, x), abs=1e-6)


def test_newsvendor_against_the_extensive_programme():
    """The same problem as an integer programme over 60 equally likely factors, solved by another method."""
    rng = np.random.default_rng(0)
    served = np.cumsum(rng.uniform(0.02, 0.12, (3, 21)), axis=1)
    served[:, 0] = 0.0
    own, price, variance, seat = np.array([30.0, 50.0, 20.0]), np.array([900.0, 1500.0, 400.0]), 0.1, 40.0
    agents, cost = newsvendor(own, served, price, variance=variance, seat_cost=seat)
    factors = busyness(variance, 300)
    t, k, m = 3, 21, factors.size
    # variables: choice z[t, n], overflow y[t, m], seats N
    size = t * k + t * m + 1
    c = np.concatenate([(own[:, None] * np.arange(k)).ravel(), np.repeat(price / m, m), [seat]])
    rows, low, high = [], [], []
    for i in range(t):
        one = np.zeros(size)
        one[i * k : (i + 1) * k] = 1
        rows.append(one)
        low.append(1)
        high.append(1)
        link = np.zeros(size)
        link[i * k : (i + 1) * k] = np.arange(k)
        link[-1] = -1
        rows.append(link)
        low.append(-np.inf)
        high.append(0)
        for j, f in enumerate(factors):
            row = np.zeros(size)
            row[i * k : (i + 1) * k] = served[i]
            row[t * k + i * m + j] = 1
            rows.append(row)
            low.append(f)
            high.append(np.inf)
    whole = np.concatenate([np.ones(t * k), np.zeros(t * m), [1]])
    done = milp(c, integrality=whole, bounds=Bounds(0, np.inf), constraints=LinearConstraint(np.array(rows), low, high))
    chosen = [int(np.argmax(done.x[i * k : (i + 1) * k])) for i in range(t)]
    assert np.abs(np.array(chosen) - agents).max() <= 1
    assert cost == pytest.approx(done.fun, rel=0.003)  # 300 factors in place of the law


def test_overflow_beats_both_pure_forms():
    raw = json.loads(to_json(cc.load_instance("seasonal-retail"))) | {"uncertainty": [{"factor_variance": 0.06}]}
    s = validated(raw)
    found = two_stage(s, own="house", vendor="call vendor")
    assert found.cost_per_year < min(found.cost_own_only, found.cost_vendor_only)
    assert 0.0 < found.overflow_share < 0.2
    assert (found.periods["overflow_probability"].between(0, 1)).all()
    with pytest.raises(ValueError, match="tariff per contact"):
        two_stage(s, own="house", vendor="rented hall")
