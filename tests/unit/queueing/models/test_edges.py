"""Edges of the models that a user can reach: nobody at work, nobody who calls, a target met everywhere, lists of the wrong shape."""

import math

import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing import binding_target, envelope, group_performance, mix_staircases, staircases
from ccopt.queueing.deferrable import deferrable_agents, deferrable_backlog
from ccopt.queueing.models import (
    BlendedPool,
    ChatPool,
    CrossSellingPool,
    CustomerClass,
    GeneralPatience,
    GeneralPool,
    PriorityPool,
    VirtualHold,
    WeibullPatience,
)
from ccopt.queueing.overflow import lost_overflow
from ccopt.queueing.square_root import halfin_whitt, safety_factor
from ccopt.queueing.time_varying import ApproximateDay, TimeVaryingPool

POOL = {"contacts_per_hour": 100.0, "aht_s": 180.0}
LAW = WeibullPatience(mean_s=60.0)
NOBODY = {
    "blended": BlendedPool(**POOL, threshold=0, patience_s=60.0), "chat": ChatPool(contacts_per_hour=100.0, levels=(180.0,), patience_s=60.0),
    "selling": CrossSellingPool(**POOL, extra_s=60.0, share=0.4, threshold=0, patience_s=60.0), "any law": GeneralPatience(**POOL, patience=LAW),
    "two moments": GeneralPool(**POOL, arrival_scv=1.5, handle_scv=0.5, patience=LAW),
    "ranks": PriorityPool(classes=[CustomerClass(name="all", contacts_per_hour=100.0)], aht_s=180.0, patience_s=60.0),
    "call back": VirtualHold(**POOL, patience_s=60.0, accept=0.3),
}  # fmt: skip


@pytest.mark.parametrize("name", NOBODY)
def test_without_agents_everybody_waits_and_leaves(name):
    """Nobody is answered; within 60 s of exponential patience of that mean a share of 1 - 1/e leaves."""
    p = NOBODY[name].performance(0, 60.0, basis="early_abandons_credited")
    assert (p.delay_probability, p.abandonment, p.occupancy) == pytest.approx((1.0, 1.0, 0.0))
    assert p.service_level == pytest.approx(1.0 - math.exp(-1.0))
    assert NOBODY[name].performance(0, 60.0).service_level == 0.0


def test_agents_call_out_all_day_where_nobody_calls_in():
    p = BlendedPool(contacts_per_hour=0.0, aht_s=180.0, threshold=2, patience_s=60.0).performance(10)
    assert (p.service_level, p.occupancy) == (1.0, pytest.approx(0.8))  # two are kept free


def test_a_group_without_contacts_is_idle():
    found = group_performance([0.0, 0.0], 180.0, patience_s=60.0, agents=3, awt_s=20.0)
    assert (found.stable, found.load, found.occupancy) == (True, 0.0, 0.0)
    assert found.answered_in_time.tolist() == [1.0, 1.0]


def test_a_group_without_agents_is_not_busy():
    found = group_performance([60.0, 30.0], 180.0, patience_s=60.0, agents=0, awt_s=20.0)
    assert (found.occupancy, found.carried_load, found.load) == (0.0, 0.0, 4.5)
    assert found.abandonment.tolist() == [1.0, 1.0]


def test_of_two_targets_that_one_agent_less_misses_the_harder_binds():
    model = cc.ErlangA(**POOL, patience_s=60.0)
    easy, hard = cc.ServiceLevel(0.79, 20), cc.ServiceLevel(0.8, 20)
    found = binding_target(model, [easy, hard])
    missed = model.performance(found.agents - 1, 20).service_level
    assert missed < 0.79  # both
    assert found.binding == hard
    assert binding_target(model, [hard, easy]).binding == hard


def test_merging_of_impatient_pools():
    """Equal pools: the merged one is the same pool at twice the rate."""
    one, both = (cc.ErlangA(contacts_per_hour=r, aht_s=180.0, patience_s=60.0) for r in (100.0, 200.0))
    target = [cc.ServiceLevel(0.8, 20)]
    assert cc.merge_gain([one, one], target) == 2 * cc.required_agents(one, target) - cc.required_agents(both, target)
    idle = cc.ErlangA(contacts_per_hour=0.0, aht_s=180.0, patience_s=60.0)
    assert cc.merge_gain([idle, idle], target) == 0


@pytest.mark.parametrize(("call", "words"), [
    (lambda: envelope([0.0, 1.0, 2.0, 4.0]).at(50.0), "must be at most .* erlangs"),
    (lambda: halfin_whitt(math.inf), "must be finite"), (lambda: safety_factor(1.0), "must be below 1"), (lambda: safety_factor(20.0), r"did you mean 0\.2"),
    (lambda: lost_overflow([5.0, 5.0], 3), r"must be a list of pairs \(agents, load\)"),
    (lambda: group_performance([[1.0]], 180.0, patience_s=60.0, agents=3, awt_s=20.0), "must be numbers or lists"),
    (lambda: cc.ErlangA(**POOL, patience_s=60.0, lines=10**9).performance(3), "without a limit leave lines out"),
    (lambda: binding_target(cc.ErlangC(contacts_per_hour=[100.0, 90.0], aht_s=180.0), [cc.ServiceLevel(0.8, 20)]), "arrays of shape"),
    (lambda: staircases(10**9, aht_s=180.0, patience_s=60.0, targets=[cc.ServiceLevel(0.8, 20)]), "must be at most"),
    (lambda: mix_staircases(5, aht_s=[180.0, 200.0], patience_s=[60.0, 60.0], targets=[[], []], least_share=[0.1] * 3), "one per contact type"),
    (lambda: ApproximateDay(contacts_per_hour=[60.0, 60.0], aht_s=300.0, interval_s=900.0, patience_s=60.0).performance([3, 3, 3]), "one number or 2 numbers"),
    (lambda: TimeVaryingPool(contacts_per_hour=[60.0], aht_s=300.0, interval_s=900.0, start="steady").performance([3]), "no steady state"),
    (lambda: cc.solve_for("nothing", cc.ErlangC(**POOL), agents=8, target=cc.ServiceLevel(0.8, 20)), "nothing"),
    (lambda: deferrable_backlog([[5.0]], 3, aht_s=300.0, interval_s=3600.0, due_s=1800.0), "must be a list of rates"),
    (lambda: deferrable_agents([5.0, 5.0], aht_s=300.0, interval_s=3600.0, due_s=1800.0, open_hours=[1.0] * 3), "one per interval"),
    (lambda: deferrable_agents([5.0, 5.0], aht_s=300.0, interval_s=3600.0, due_s=1800.0, share=1.5), "a share between 0 and 1"),
])  # fmt: skip
def test_what_cannot_be_asked_is_said(call, words):
    with pytest.raises((ValueError, cc.UnstableError), match=words):
        call()


def test_overflow_of_groups_that_nobody_calls_is_nothing():
    assert lost_overflow([(5, 0.0), (3, 0.0)], 2) == 0.0
    assert np.isfinite(lost_overflow([(5, 5.0), (3, 0.0)], 2))
