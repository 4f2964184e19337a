"""Offers of one group against every staff and threshold."""

import itertools
import math

import pytest

import ccopt as cc
from ccopt.design import Offer
from ccopt.studies.group_offers import GroupOffers, net_of
from ccopt.studies.offer_budget import OfferBudget
from ccopt.studies.selling_plans import _sold


@pytest.fixture(scope="module")
def desk():
    scenario = cc.load_instance("loan-desk")
    return scenario, cc.optimise(scenario.model_copy(update={"cross_selling": ()}), gap=0.01, time_limit_s=10).design


def with_staff(design, n, threshold):
    groups = tuple(g.model_copy(update={"agents": (n,)}) if g.skill_set == "adviser" else g for g in design.groups)
    offer = Offer(site="bank house", skill_set="adviser", contact_type="request", threshold=threshold)
    return design.model_copy(update={"groups": groups, "offers": (offer,)})


def test_staff_and_threshold_are_the_best_of_all(desk):
    scenario, design = desk
    groups = GroupOffers(scenario, OfferBudget(math.inf))
    [(group, rows)] = groups.chances(design)  # nothing is sold with decisions
    staffed, offers = groups.best(design, group, rows)
    found = cc.evaluate(scenario, with_staff(design, *staffed.agents, offers[0].threshold))
    assert found.meets_targets
    every = [
        cc.evaluate(scenario, with_staff(design, n, t))
        for n, t in itertools.product(range(group.agents[0], group.agents[0] + 4), (None, *range(8, 24)))
    ]
    assert net_of(found) <= min(net_of(x) for x in every if x.meets_targets) + 1e-6 * found.cost_per_year


def test_a_group_that_was_searched_costs_no_work_again(desk):
    scenario, design = desk
    budget = OfferBudget(math.inf)
    groups = GroupOffers(scenario, budget)
    [(group, rows)] = groups.chances(design)
    first = groups.best(design, group, rows)
    spent = budget.spent
    assert spent > 0.0
    assert groups.best(design, group, rows) is first
    assert budget.spent == spent


def test_groups_come_in_the_order_of_what_their_contacts_are_worth():
    scenario = cc.load_instance("cross-selling-bank")
    plan = cc.optimise(scenario.model_copy(update={"cross_selling": ()}), gap=0.2, time_limit_s=10)
    chances = GroupOffers(scenario, OfferBudget(0.0)).chances(plan.design)
    worth = {"account": 0.06 * 45, "card": 0.03 * 20, "loan": 0.1 * 90}
    earned = [sum(worth[r.contact_type] * (1200 * r.offered[0] + 2600 * r.offered[1]) for r in rows) for _, rows in chances]
    assert earned == sorted(earned, reverse=True)
    assert sum(earned) == pytest.approx(2_193_180)


def test_no_work_no_offers(desk):
    scenario, design = desk
    groups = GroupOffers(scenario, OfferBudget(0.0))
    assert all(groups.best(design, *chance) is None for chance in groups.chances(design))


def test_offers_that_break_a_limit_together_are_made_one_by_one():
    """A limit that allows one group to sell: the design with the offers of all is refused, the first that pays is taken."""
    scenario = cc.load_instance("cross-selling-bank")
    design = cc.optimise(scenario.model_copy(update={"cross_selling": ()}), gap=0.2, time_limit_s=10).design
    groups = GroupOffers(scenario, OfferBudget(math.inf))

    def sellers(of):
        return {(o.site, o.skill_set) for o in of.offers}

    every, whole = _sold(scenario, design, groups, lambda *_: True)
    one, seen = _sold(scenario, design, groups, lambda trial, _: len(sellers(trial)) <= 1)
    assert len(sellers(every)) > 1
    assert len(sellers(one)) == 1
    assert net_of(whole) < net_of(seen) < net_of(cc.evaluate(scenario, design))
