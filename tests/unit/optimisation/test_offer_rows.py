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
from ccopt.studies.selling_plans import _share_of_cost


@pytest.fixture(scope="module")
def desk():
    """One group of advisers with 100 requests an hour of 360 s, an offer of 40 s, 0.1 x 30 a success, 5 for the agent."""
    scenario = core_of(cc.load_instance("loan-desk"))
    return with_offers(scenario, build_problem(scenario))


def exact(p):
    arrays = with_steps(compile_model(build_model(p, at_least_only=True), p), p, cells_of(p, p.inner), "outer")
    return solve_arrays(arrays, time_limit_s=20, gap=1e-9).bound + p.base_cost


def free_of_time(p):
    """Offers that take no time of agents."""
    none = np.zeros_like(p.offers.work)
    return replace(p, offers=replace(p.offers, work=none, load=none, handed=none, briefing=none))


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
    free = free_of_time(desk)
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
    p, free = own_only(p), own_only(replace(p, offers=replace(p.offers, work=np.zeros_like(p.offers.work))))
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


def clerks_and_experts(briefing_s=0.0, more=(), **site):
    """An hour of an expert costs 120, of a clerk 20; half an hour of selling after a claim brings 30, or 60 an erlang-hour."""
    return cc.Scenario.model_validate({
        "schema_version": 1, "name": "office", "periods": [{"name": "p", "hours_per_year": 1000}],
        "sites": [{"name": "house", "kind": "inhouse", "wage_per_hour": 20, **site}, *more],
        "contact_types": [{"name": k, "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]} for k in ("claim", "order")],
        "skill_sets": [{"name": "expert", "contact_types": ["claim"], "wage_factor": 6}, {"name": "clerk", "contact_types": ["order"]}],
        "demand": [{"region": "r", "contact_type": k, "contacts_per_hour": 36} for k in ("claim", "order")],
        "cross_selling": [{"contact_type": "claim", "extra_s": 1800, "success": 0.1, "revenue": 300, "briefing_s": briefing_s}],
    })  # fmt: skip


def own_only(p):
    """Transfers that earn nothing: the rows of offers by the same agent alone."""
    return replace(p, offers=replace(p.offers, handed_gain=np.zeros_like(p.offers.handed_gain)))


def test_the_bound_lies_below_a_plan_in_which_others_sell_though_rows_of_own_offers_do_not():
    """18 erlangs of offers are sold by 20 clerks who do nothing else (at a site of their own at the same wage, without cost).

    Claims leave the experts as they come (Burke, 1956), so that 20 sellers lose Erlang B of them, 11 %. Experts have 3
    erlangs of idle time, and are not hired for offers.
    """
    scenario = clerks_and_experts(more=({"name": "hall", "kind": "inhouse", "wage_per_hour": 20},))
    p = with_offers(scenario, build_problem(scenario))
    plain = exact(replace(p, offers=None))
    net = plain + 1000 * (20 * 20 - 36 * 30 * (1 - float(cc.erlang_b(20, 18.0))))
    assert net < plain
    assert exact(p) <= net * (1 + 1e-9)
    for share in (0.0, 0.5, 1.0):
        assert exact(priced(p, share)) <= exact(p) * (1 + 1e-9)
    assert exact(own_only(p)) > net * (1 + 1e-6)


def test_sellers_of_their_own_are_a_loss_system_in_the_referee_too():
    """Experts hand everybody to 20 sellers who serve nobody while one of these is free: of 18 erlangs Erlang B is lost, 11 %."""
    scenario = clerks_and_experts(more=({"name": "hall", "kind": "inhouse", "wage_per_hour": 20},))
    design = cc.Design.model_validate({
        "open_sites": ["house", "hall"],
        "groups": [{"site": "house", "skill_set": "expert", "agents": [6]}, {"site": "house", "skill_set": "clerk", "agents": [6]},
                   {"site": "hall", "skill_set": "clerk", "agents": [20]}],
        "routes": [{"region": "r", "contact_type": k, "site": "house", "skill_set": g, "share": [1.0]} for k, g in (("claim", "expert"), ("order", "clerk"))],
        "offers": [{"site": "house", "skill_set": "expert", "contact_type": "claim", "route": "transfer", "to_site": "hall",
                    "to_skill_set": "clerk", "threshold": 19}],
    })  # fmt: skip
    runs = [cc.simulate(scenario, design, replications=40, contacts=4000, seed=seed) for seed in range(6)]
    earned = [run.revenue_per_year for run in runs]
    known = 1000 * 36 * 30 * (1 - float(cc.erlang_b(20, 18.0)))
    noise = np.std(earned, ddof=1) / np.sqrt(len(earned))
    assert noise < 0.01 * known
    assert np.mean(earned) == pytest.approx(known, abs=4 * noise)
    p = with_offers(scenario, build_problem(scenario))
    assert all(run.meets_targets and exact(p) <= (run.cost_per_year - run.revenue_per_year) for run in runs)


def test_a_briefing_takes_the_time_of_both_agents():
    """Briefings longer than offers: nobody is handed over, and the bound is that of own offers."""
    scenario = clerks_and_experts(briefing_s=7200)
    p = with_offers(scenario, build_problem(scenario))
    assert p.offers.handed.max() == pytest.approx(9000 / 3600)
    assert exact(p) == pytest.approx(exact(own_only(p)), rel=1e-9)
    free = with_offers(clerks_and_experts(), build_problem(clerks_and_experts()))
    assert exact(free) < exact(p) * (1 - 1e-6)


def test_prices_reach_the_programme_with_transfers():
    """Both are linear but for whole agents, of which the headcount rows know. The clerks' time soon costs their wage, and no more.

    Revenue eats up the cost, so that gaps are shares of the cost without offers.
    """
    scenario = clerks_and_experts(briefing_s=5)
    p = with_offers(scenario, build_problem(scenario))
    known, cost = exact(p), exact(replace(p, offers=None))
    assert abs(known) < 0.01 * cost
    by_prices = lagrangian_bound(p, deadline=float("inf"), max_evaluations=300, upper=lambda: known + 0.01 * cost).lower_bound
    assert known - 1e-4 * cost <= by_prices <= known + 1e-9 * cost


def test_the_least_pay_of_a_sale_counts_where_another_site_may_sell():
    scenario = clerks_and_experts(pay_per_sale=4, more=({"name": "hall", "kind": "inhouse", "wage_per_hour": 20, "pay_per_sale": 1},))
    p = with_offers(scenario, build_problem(scenario))
    house = [e for e, g in enumerate(p.arc_group) if p.group_names[g][0] == "house"]
    assert p.offers.gain[house].max() == pytest.approx(0.1 * (300 - 4) * 1000)
    assert p.offers.handed_gain[house].max() == pytest.approx(0.1 * (300 - 1) * 1000)


def test_a_group_that_serves_no_region_may_sell_and_costs_nothing():
    """A hall that no region may call could still hold sellers; the problem has no variables for them."""
    hall = {"name": "hall", "kind": "inhouse", "wage_per_hour": 1}
    scenario = clerks_and_experts(more=(hall,))
    shut = scenario.model_copy(update={"links": (cc.Scenario.model_validate(
        {**scenario.model_dump(mode="json", exclude_unset=True), "links": [{"region": "r", "site": "hall", "allowed": False}]}
    ).links)})  # fmt: skip
    assert with_offers(scenario, build_problem(scenario)).offers.handed.max() > 0.0
    assert with_offers(shut, build_problem(shut)).offers.handed.max() == 0.0


def test_without_offers_bounds_fall_by_all_of_them(desk):
    """Every contact then has the offer of its type, at no time of agents: the exact programme is that of free offers."""
    plain = without_offers(desk)
    free = free_of_time(desk)
    assert plain.offers is None
    sold = desk.offers.gain.max() * desk.demand[desk.arc_commodity[desk.offers.gain[:, 0] > 0.0][0], 0]
    assert plain.base_cost == pytest.approx(desk.base_cost - sold, rel=1e-12)
    assert exact(plain) <= exact(free) * (1 + 1e-9) <= exact(desk) * (1 + 2e-9)


@pytest.mark.parametrize(("distance", "cost", "gap"), [(5.0, 100.0, 0.05), (0.0, 0.0, 0.0), (5.0, 0.0, None)])
def test_what_is_left_to_a_bound_is_no_share_of_no_cost(distance, cost, gap):
    assert _share_of_cost(distance, cost) == gap
