"""Layouts are ranked by what they earn once they sell."""

from dataclasses import replace

import numpy as np
import pytest

import ccopt as cc
from ccopt.design import AgentGroup, Design, Route
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.decode import certified_cost
from ccopt.optimisation.findings import Best
from ccopt.optimisation.offer_rows import with_offers
from ccopt.optimisation.selling_layouts import always_selling, lengthened, net_with_offers, stake


@pytest.fixture(scope="module")
def bank():
    scenario = cc.load_instance("cross-selling-bank")
    return scenario, with_offers(scenario, build_problem(scenario))


def layout(groups, of_type):
    """Everything at the branch town."""
    routes = [
        Route(region=r, contact_type=k, site="branch town", skill_set=skill, share=(1.0, 1.0))
        for r in ("city", "country") for k, skill in of_type.items()
    ]  # fmt: skip
    found = tuple(AgentGroup(site="branch town", skill_set=name, agents=agents) for name, agents in groups.items())
    return Design(open_sites=("branch town",), groups=found, routes=tuple(routes))


def best_of(scenario, design):
    account, kept = certified_cost(scenario, design)
    assert kept
    return Best(design=design, account=account)


def test_an_offer_that_earns_its_wage_is_part_of_its_contact(bank):
    """Account and loan earn 130 and 270 an hour, cards 36 to a wage of 30 (service) and 39 (universal) in the branch town."""
    _, p = bank
    every = always_selling(p)
    for e, (c, g) in enumerate(zip(p.arc_commodity, p.arc_group, strict=True)):
        kind, (site, skill) = p.commodity_names[c][1], p.group_names[g]
        sells = kind != "card" or (site, skill) == ("branch town", "service")
        extra = {"account": 75, "card": 60, "loan": 120}[kind] / 3600 if sells else 0.0
        assert every.arc_work[e] - p.arc_work[e] == pytest.approx(extra, abs=1e-12), (kind, site, skill)
    assert stake(p) > 0.5


def test_tables_go_on_as_they_end():
    table = np.array([[0.0, 0.4, 1.1, 1.9, 1.9, 1.9], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]])
    assert lengthened(table)[0] == pytest.approx([0.0, 0.4, 1.1, 1.9, 2.7, 3.5])
    assert lengthened(table)[1] == pytest.approx(table[1])


def test_the_layout_that_sells_best_ranks_first_though_another_costs_the_same(bank):
    """Advisers of their own sell loans at a wage of 1.25; universal agents take 1.05 of the time at 1.3."""
    scenario, p = bank
    own = best_of(scenario, layout({"service": (23, 12), "adviser": (6, 4)}, {"account": "service", "card": "service", "loan": "adviser"}))
    shared = best_of(scenario, layout({"universal": (28, 15)}, {"account": "universal", "card": "universal", "loan": "universal"}))
    assert net_with_offers(p, own) < own.objective - 0.5 * 2.19e6  # of 2.19 m a year that all offers bring
    assert net_with_offers(p, own) < net_with_offers(p, shared)


def test_without_room_and_without_more_agents_nothing_is_sold(bank):
    scenario, p = bank
    own = best_of(scenario, layout({"service": (23, 12), "adviser": (6, 4)}, {"account": "service", "card": "service", "loan": "adviser"}))
    assert net_with_offers(replace(p, inner=np.zeros_like(p.inner)), own) == own.objective
