"""Cross-selling chain against the list of cases (recomputed by an independent chain), and its invariants."""

from __future__ import annotations

import math
import time

import pytest

from ccopt.errors import UnstableError
from ccopt.evaluation import best_threshold, selling_accounts
from ccopt.queueing.selling import SellingGroup, selling_chain
from ccopt.queueing.selling_waits import selling_waits

# 12 agents, 8 erlangs of service, offers at twice the rate, half of the callers candidates; group g1 of the case list
CASES = {
    8: (1.404782, 0.307444, 0.158527), 9: (1.866294, 0.329194, 0.173592), 10: (2.308471, 0.363314, 0.197798),
    11: (2.696551, 0.415713, 0.236068), 12: (3.009056, 0.496153, 0.296735), 14: (3.394756, 0.754781, 0.359972),
    None: (4.0, 2.002285, 0.446126),
}  # fmt: skip


def _chain(threshold, **more):
    return selling_chain(_group(**more), threshold=threshold)


def _group(**more):
    options = {"contacts_per_hour": 8.0, "aht_s": 3600.0, "agents": 12, "extra_s": 1800.0, "share": 0.5, **more}
    return SellingGroup(**options)


@pytest.mark.parametrize("threshold", CASES)
def test_published_points(threshold):
    found = _chain(threshold)
    got = (found.offers_per_hour, found.queue_length, found.delay_probability)
    assert got == pytest.approx(CASES[threshold], abs=6e-7)


@pytest.mark.parametrize("threshold", CASES)
def test_occupancy_balance(threshold):
    # busy agents = 8 of service + offers / 2
    found = _chain(threshold)
    assert found.occupancy * 12 == pytest.approx(8 + found.offers_per_hour / 2, rel=1e-9)


def test_never_is_erlang_c():
    load, agents, b = 8.0, 12, 1.0
    for k in range(1, agents + 1):
        b = load * b / (k + load * b)
    wait = b / (1 - load / agents * (1 - b))
    found = _chain(-1)
    assert found.delay_probability == pytest.approx(wait, rel=1e-9)  # 0.139842 in the list
    assert found.queue_length == pytest.approx(wait * load / (agents - load), rel=1e-9)


def test_patience_equals_handle_time_is_a_poisson_queue():
    # never selling, patience = handle time: the number in system is Poisson(8)
    found = _chain(-1, patience_s=3600.0)
    below = sum(8.0**k / math.factorial(k) for k in range(12)) * math.exp(-8)
    assert found.delay_probability == pytest.approx(1 - below, abs=1e-10)


def test_more_selling_means_more_waiting():
    rows = selling_accounts(_group(), success=0.3, revenue=50.0)
    waits = [r.steady.mean_wait_s for r in rows]
    assert waits == sorted(waits)
    assert [r.revenue_per_hour for r in rows] == sorted(r.revenue_per_hour for r in rows)


def test_best_threshold_weighs_money_against_waiting():
    options = {"success": 0.3, "revenue": 50.0}
    free = best_threshold(selling_accounts(_group(), **options))
    dear = best_threshold(selling_accounts(_group(), wait_value_per_hour=300.0, **options))
    assert free.steady.threshold is None
    assert 0 < dear.steady.threshold < 12
    limited = best_threshold(selling_accounts(_group(), **options), max_wait_s=160.0)
    # 160 s are a queue of 8 x 160 / 3600 = 0.3556, between thresholds 9 and 10
    assert limited.steady.threshold == 9


def test_overload_without_abandonment_has_no_answer():
    with pytest.raises(UnstableError, match="no steady state"):
        _chain(None, agents=9)


def test_hundred_agents_are_quick():
    start = time.perf_counter()
    found = selling_chain(
        SellingGroup(contacts_per_hour=1000.0, aht_s=300.0, agents=100, extra_s=150.0, share=0.4, patience_s=600.0),
        threshold=100)
    assert 0 < found.offers_per_hour < 400
    assert time.perf_counter() - start < 5.0


@pytest.mark.parametrize("threshold", [-1, 6, 12, None])
def test_tagged_customer_balances(threshold):
    # answered at all = 1 - abandonment of the chain; offered wait of everybody by Little from the chain
    group = _group(patience_s=1800.0)
    chain = selling_chain(group, threshold=threshold)
    ever = selling_waits(group, threshold=threshold, awt_s=4e4)
    assert ever.answered_in_time == pytest.approx(1 - chain.abandonment, abs=1e-7)
    assert ever.abandoned_early == pytest.approx(chain.abandonment, abs=1e-7)
    assert ever.exact


def test_waits_without_patience_are_littles_law():
    group = _group()
    for threshold in (9, None):
        chain = selling_chain(group, threshold=threshold)
        assert selling_waits(group, threshold=threshold, awt_s=60.0).asa_s == pytest.approx(chain.mean_wait_s, rel=1e-7)


def test_waits_without_selling_are_erlang_a():
    from ccopt.queueing import group_performance

    model = group_performance(8.0, 3600.0, patience_s=1800.0, agents=9, awt_s=600.0)
    found = selling_waits(_group(agents=9, patience_s=1800.0), threshold=-1, awt_s=600.0)
    for name in ("answered_in_time", "abandoned_early", "virtual", "asa_s"):
        assert getattr(found, name) == pytest.approx(float(getattr(model, name)[0]), rel=1e-7)


def test_a_threshold_between_is_a_bound():
    found = selling_waits(_group(), threshold=14, awt_s=600.0)
    assert not found.exact
    assert found.answered_in_time < selling_waits(_group(), threshold=12, awt_s=600.0).answered_in_time
