"""Offers in bounds: agents' time is what they cost."""

from dataclasses import replace

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.lagrangian import lagrangian_bound
from ccopt.optimisation.offer_rows import priced, sold_reach, with_offers, without_offers
from ccopt.optimisation.proofs import cheap_bound
from ccopt.optimisation.solve import solve_arrays
from ccopt.optimisation.staffing_rows import cells_of, with_steps
from ccopt.scenario.core import core_of


@pytest.fixture(scope="module")
def desk():
    """One group of advisers with 100 requests an hour of 360 s, an offer of 40 s, 0.1 x 30 a success, 5 for the agent."""
    scenario = core_of(cc.load_instance("loan-desk"))
    return with_offers(scenario, build_problem(scenario))


def exact(p):
    arrays = with_steps(compile_model(build_model(p, at_least_only=True), p), p, cells_of(p, p.inner), "outer")
    return solve_arrays(arrays, time_limit_s=20, gap=1e-9).bound + p.base_cost


def test_an_offer_earns_its_revenue_less_the_pay_of_the_sale(desk):
    sold = desk.offers.gain[desk.offers.gain > 0.0]
    assert sold == pytest.approx(0.1 * (30 - 5) * 2200)
    assert desk.offers.work[desk.offers.gain[:, 0] > 0.0] == pytest.approx(40 / 3600)


def test_agents_who_sell_everything_are_within_reach(desk):
    """All requests, the repeated ones too, with service and offer, in whole agents."""
    g = [name for _, name in desk.group_names].index("adviser")
    mine = desk.arc_group == g
    load = float((desk.arc_most[mine, 0] * (desk.arc_work[mine] + 40 / 3600)).sum())
    assert sold_reach(desk)[g, 0] == int(np.ceil(load))
    assert desk.outer.shape[1] > np.ceil(load)


def test_bounds_stand_in_their_order(desk):
    """Without offers >= offers in agents' time >= offers that are free; cheap <= prices <= the exact programme."""
    bare = replace(desk, offers=None)
    free = replace(desk, offers=replace(desk.offers, work=np.zeros_like(desk.offers.work), load=np.zeros_like(desk.offers.load)))
    by_time = exact(desk)
    assert exact(free) <= by_time * (1 + 1e-9) <= exact(bare) * (1 + 2e-9)
    by_prices = lagrangian_bound(desk, deadline=float("inf"), max_evaluations=300).lower_bound
    assert cheap_bound(desk) <= by_prices * (1 + 1e-9) <= by_time * (1 + 2e-9)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_any_price_of_time_gives_a_bound(desk, share):
    assert exact(priced(desk, share)) <= exact(desk) * (1 + 1e-9)


def test_time_has_a_price_where_agents_are_busy_with_offers():
    """Offers of 30 minutes that earn less than the wage of that time: free they would pay, in agents' time only idle time sells."""
    scenario = core_of(cc.load_instance("loan-desk"))
    [x] = scenario.cross_selling
    slow = scenario.model_copy(update={"cross_selling": (x.model_copy(update={"extra_s": 1800.0}),)})
    p = with_offers(slow, build_problem(slow))
    free = replace(p, offers=replace(p.offers, work=np.zeros_like(p.offers.work)))
    assert exact(p) > exact(free) + 0.8 * 0.1 * 25 * 119 * 2200  # idle time holds less than a fifth of all offers
    by_prices = lagrangian_bound(p, deadline=float("inf"), max_evaluations=600).lower_bound
    assert by_prices == pytest.approx(exact(p), rel=0.01)
    assert by_prices <= exact(p) * (1 + 1e-9)


def test_the_row_holds_for_groups_that_sell_nothing_whatever_their_table():
    """Types of unlike patience with a weak promise: the table lets 20 agents have more than 20 erlangs of answered contacts."""
    scenario = cc.Scenario.model_validate({
        "schema_version": 1, "name": "unlike", "periods": [{"name": "p", "hours_per_year": 1000}],
        "sites": [{"name": "s", "kind": "inhouse", "wage_per_hour": 20}],
        "contact_types": [
            {"name": "short", "talk_s": 60, "patience_s": 30, "targets": [{"max_abandonment": 0.7}]},
            {"name": "long", "talk_s": 900, "patience_s": 600, "targets": [{"max_abandonment": 0.3}]},
        ],
        "skill_sets": [{"name": "both", "contact_types": ["short", "long"]}],
        "demand": [{"region": "r", "contact_type": k, "contacts_per_hour": 60} for k in ("short", "long")],
        "cross_selling": [{"contact_type": "short", "extra_s": 60, "success": 0.1, "revenue": 9}],
    })  # fmt: skip
    bare = build_problem(scenario)
    p = with_offers(scenario, bare)
    share = p.offers.load / p.arc_work
    assert (share <= 0.7 * (1 + 1e-9)).all()
    assert (share.max() * bare.outer[0, 1:] <= np.arange(1, bare.outer.shape[1]) * (1 + 1e-9)).all()


def test_without_offers_bounds_fall_by_all_of_them(desk):
    """Every contact then has the offer of its type, at no time of agents: the exact programme is that of free offers."""
    plain = without_offers(desk)
    free = replace(desk, offers=replace(desk.offers, work=np.zeros_like(desk.offers.work), load=np.zeros_like(desk.offers.load)))
    assert plain.offers is None
    sold = desk.offers.gain.max() * desk.demand[desk.arc_commodity[desk.offers.gain[:, 0] > 0.0][0], 0]
    assert plain.base_cost == pytest.approx(desk.base_cost - sold, rel=1e-12)
    assert exact(plain) <= exact(free) * (1 + 1e-9) <= exact(desk) * (1 + 2e-9)
