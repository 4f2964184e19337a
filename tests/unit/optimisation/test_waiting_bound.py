"""The price of an erlang is below wages and waiting money of any staff at any load."""

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.waiting_bound import _prices, with_waiting_prices
from ccopt.queueing import group_performance
from ccopt.queueing.waiting_cost import expected_cost
from ccopt.scenario.contacts import ContactType
from ccopt.scenario.core import core_of
from ccopt.scenario.kinds import Worth
from ccopt.staffing.group_types import type_in_group


def test_no_staff_at_any_load_costs_less_than_the_price_of_its_erlangs():
    s = core_of(cc.load_instance("taxi-and-food"))
    p = build_problem(s)
    q = with_waiting_prices(s, p)
    rng = np.random.default_rng(3)
    for e in range(len(p.arc_group)):
        kind = next(c for c in s.contact_types if c.name == p.commodity_names[p.arc_commodity[e]][1])
        worth = next(w for w in s.worth if w.contact_type == kind.name)
        curve = [x.wait_s for x in worth.dissatisfaction], [x.cost for x in worth.dissatisfaction]
        for t in range(len(p.hours)):
            top = p.demand[p.arc_commodity[e], t] * p.arc_work[e]
            alpha = (q.arc_cost[e, t] - p.arc_cost[e, t]) / p.hours[t] / p.arc_work[e]
            wage = p.agent_cost[p.arc_group[e], t] / p.hours[t]
            for load, agents in zip(rng.uniform(0.01, top, 25), rng.integers(0, 20, 25), strict=True):
                rate = load * 3600 / kind.aht_s
                ask = lambda w: group_performance(rate, kind.aht_s, patience_s=kind.patience_s, agents=int(agents), awt_s=w)  # noqa: B023, E731
                tail = lambda w: 1.0 - ask(w).answered_in_time - ask(w).abandoned_early  # noqa: B023, E731
                bad = worth.lost_value * ask(20.0).abandonment[0] + expected_cost(*curve, tail, ask(20.0).mean_wait_s)[0]
                assert wage * agents + rate * bad >= alpha * load * (1 - 1e-12)
            assert alpha > 0.5 * wage  # and it is no empty bound


@pytest.mark.parametrize("load", [0.0505, 0.053, 0.9])
def test_the_price_at_the_largest_load_is_below_the_cost_there(load):
    """A lost contact costs so much that agents are best at once, and few leave; the price is the least over all loads up to this one."""
    kind = ContactType(name="dear", talk_s=60, patience_s=3_600_000)
    [alpha] = _prices(kind, type_in_group(kind, 1.0), Worth(contact_type="dear", lost_value=5000.0), 20.0, np.array([load]))
    rate = load * 60.0
    costs = [20.0 * n + rate * 5000.0 * group_performance([rate], [60.0], patience_s=[3.6e6], agents=n, awt_s=20.0).abandonment[0]
             for n in range(1, 12)]  # fmt: skip
    assert 0.8 * min(costs) <= alpha * load <= min(costs)


def test_types_with_promises_keep_their_wages():
    s = core_of(cc.load_instance("ivr-and-lines"))
    assert with_waiting_prices(s, build_problem(s)) is None


def test_gap_of_the_taxi_desk_is_a_few_per_cent():
    plan = cc.optimise(cc.load_instance("taxi-and-food"), gap=0.05, time_limit_s=25)
    assert plan.gap == pytest.approx(0.031, abs=0.02)
