"""Best threshold per group, on the cross-selling chain."""

from __future__ import annotations

import pytest

from ccopt.design import AgentGroup, Design, Offer, Route
from ccopt.evaluation.thresholds import best_thresholds
from ccopt.evaluation.transfer_thresholds import transfer_thresholds
from ccopt.queueing.selling import SellingGroup, selling_chain
from ccopt.scenario.entities import Scenario


def documents(*targets, lost_value=0.0, agents=12, patience_s=None):
    """12 agents, 8 erlangs of one hour, half of the callers asked for half an hour (exact chain, case g1)."""
    kind = {"name": "call", "talk_s": 3600.0, "targets": list(targets)} | ({"patience_s": patience_s} if patience_s else {})
    scenario = Scenario.model_validate({
        "schema_version": 1, "name": "selling", "periods": [{"name": "day", "hours_per_year": 1000.0}],
        "sites": [{"name": "desk", "kind": "inhouse"}], "contact_types": [kind],
        "skill_sets": [{"name": "agents", "contact_types": ["call"]}],
        "demand": [{"region": "r", "contact_type": "call", "contacts_per_hour": 8.0}],
        "worth": [{"contact_type": "call", "lost_value": lost_value}],
        "cross_selling": [{"contact_type": "call", "extra_s": 1800.0, "success": 0.5, "revenue": 10.0}]})  # fmt: skip
    here = {"site": "desk", "skill_set": "agents"}
    return scenario, Design(
        open_sites=("desk",), groups=(AgentGroup(**here, agents=(agents,)),), offers=(Offer(**here, contact_type="call", share=0.5),),
        routes=(Route(region="r", contact_type="call", share=(1.0,), **here),))  # fmt: skip


def test_without_promises_always_sell():
    best, = best_thresholds(*documents())
    assert best.threshold is None
    assert best.offers_per_year == pytest.approx(4000.0)  # 4 an hour (case g1)
    assert best.revenue_per_year == pytest.approx(20000.0)


def test_a_promise_on_the_wait_holds_the_threshold_down():
    # queue 0.415713 at threshold 11 and 0.496153 at 12 (case g1); mean waits 187.07 s and 223.27 s by Little
    best, = best_thresholds(*documents({"max_asa_s": 200.0}))
    assert best.threshold == 11
    assert best.keeps
    assert best.offers_per_year == pytest.approx(2696.551, rel=1e-6)
    assert best.added_wait_s == pytest.approx((0.415713 - 0.279683) / 8 * 3600, rel=1e-4)
    assert best.added_load == pytest.approx(2.696551 / 2, rel=1e-6)


def test_lost_callers_have_a_price():
    free, = best_thresholds(*documents(patience_s=1800.0))
    dear, = best_thresholds(*documents(patience_s=1800.0, lost_value=200.0))
    assert free.threshold is None
    # every threshold by itself: revenue less 200 for each caller lost beyond never selling
    group = SellingGroup(contacts_per_hour=8.0, aht_s=3600.0, agents=12, extra_s=1800.0, share=0.5, patience_s=1800.0)
    base = selling_chain(group, threshold=-1).abandonment
    net = {t: 5.0 * (c := selling_chain(group, threshold=t)).offers_per_hour - 1600.0 * (c.abandonment - base) for t in range(13)}
    assert dear.threshold == max(net, key=net.get)
    assert dear.net_per_year == pytest.approx(1000.0 * max(net.values()))


def test_nothing_keeps_a_promise_that_is_broken_anyway():
    best, = best_thresholds(*documents({"max_asa_s": 1.0}))
    assert (best.threshold, best.keeps, best.offers_per_year) == (-1, False, pytest.approx(0.0, abs=1e-9))


def _handed_over(sellers, *, lost_value=0.0, target=True):
    """200 calls of 180 s an hour; 30 % may be handed to sellers, who also answer 30 calls of their own and lose some."""
    targets = [{"max_abandonment": 0.05}] if target else []
    scenario = Scenario.model_validate({
        "schema_version": 1, "name": "transfer", "periods": [{"name": "day", "hours_per_year": 1000.0}],
        "sites": [{"name": "a", "kind": "inhouse"}],
        "contact_types": [{"name": "call", "talk_s": 180.0, "patience_s": 120.0},
                          {"name": "order", "talk_s": 300.0, "patience_s": 120.0, "targets": targets}],
        "skill_sets": [{"name": "first", "contact_types": ["call"]}, {"name": "sellers", "contact_types": ["order"]}],
        "demand": [{"region": "r", "contact_type": "call", "contacts_per_hour": 200.0},
                   {"region": "r", "contact_type": "order", "contacts_per_hour": 30.0}],
        "cross_selling": [{"contact_type": "call", "extra_s": 240.0, "success": 0.2, "revenue": 20.0, "briefing_s": 20.0}],
        "worth": [{"contact_type": "order", "lost_value": lost_value}] if lost_value else []})  # fmt: skip
    design = Design(
        open_sites=("a",),
        groups=(AgentGroup(site="a", skill_set="first", agents=(14,)), AgentGroup(site="a", skill_set="sellers", agents=(sellers,))),
        routes=tuple(Route(region="r", contact_type=c, site="a", skill_set=k, share=(1.0,))
                     for c, k in (("call", "first"), ("order", "sellers"))),
        offers=(Offer(site="a", skill_set="first", contact_type="call", share=0.3, route="transfer", to_site="a",
                      to_skill_set="sellers"),))  # fmt: skip
    return scenario, design


def test_idle_sellers_take_every_transfer():
    (row,) = transfer_thresholds(*_handed_over(30))
    # nobody is refused: 60 an hour less 2 % who give up, a fifth buys for 20, 1,000 hours; 2,300 sales have an error of 2 %
    assert row.revenue_per_year == pytest.approx(0.98 * 60 * 0.2 * 20 * 1000, rel=0.06)
    assert row.keeps


def test_a_promise_bounds_the_threshold():
    tight, free = (transfer_thresholds(*_handed_over(6, target=t))[0] for t in (True, False))
    assert tight.keeps
    assert tight.threshold is not None
    assert free.threshold is None or free.threshold > tight.threshold
    assert free.revenue_per_year > tight.revenue_per_year > 0


def test_dear_lost_orders_stop_selling():
    (row,) = transfer_thresholds(*_handed_over(5, lost_value=1000.0, target=False))
    (cheap,) = transfer_thresholds(*_handed_over(5, target=False))
    assert row.net_per_year >= 0.0
    assert row.threshold is not None
    assert cheap.threshold is None or cheap.threshold > row.threshold
