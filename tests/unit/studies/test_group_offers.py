"""Offers of one group against every staff and threshold."""

import itertools
import math

import pytest

import ccopt as cc
from ccopt.design import Offer
from ccopt.studies.group_offers import GroupOffers, net_of
from ccopt.studies.offer_budget import OfferBudget


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
    [group] = [g for g in design.groups if g.skill_set == "adviser"]
    budget = OfferBudget(math.inf)
    staffed, offers = GroupOffers(scenario, budget).best(design, group)
    found = cc.evaluate(scenario, with_staff(design, *staffed.agents, offers[0].threshold))
    assert found.meets_targets
    every = [
        cc.evaluate(scenario, with_staff(design, n, t))
        for n, t in itertools.product(range(group.agents[0], group.agents[0] + 4), (None, *range(8, 24)))
    ]
    assert net_of(found) <= min(net_of(x) for x in every if x.meets_targets) + 1e-6 * found.cost_per_year


def test_a_group_that_was_searched_costs_no_work_again(desk):
    scenario, design = desk
    [group] = [g for g in design.groups if g.skill_set == "adviser"]
    budget = OfferBudget(math.inf)
    groups = GroupOffers(scenario, budget)
    first = groups.best(design, group)
    spent = budget.spent
    assert spent > 0.0
    assert groups.best(design, group) is first
    assert budget.spent == spent


def test_no_work_no_offers(desk):
    scenario, design = desk
    assert all(GroupOffers(scenario, OfferBudget(0.0)).best(design, g) is None for g in design.groups)
