"""Evaluation of a design that sells: revenue, extra load and added waiting in one account."""

from __future__ import annotations

import pytest

from ccopt.design import AgentGroup, Design, Offer, Route
from ccopt.evaluation import evaluate
from ccopt.scenario.entities import Scenario


def _scenario(patience_s=None):
    """The case list's chain: 8 contacts per hour of one hour, 12 agents, offers of half an hour to half of them."""
    kind = {"name": "x", "talk_s": 3600.0} | ({"patience_s": patience_s} if patience_s else {})
    return Scenario.model_validate({
        "schema_version": 1, "name": "sell", "periods": [{"name": "hour", "hours_per_year": 1000.0}],
        "sites": [{"name": "a", "kind": "inhouse", "wage_per_hour": 20.0}], "contact_types": [kind],
        "skill_sets": [{"name": "k", "contact_types": ["x"]}],
        "demand": [{"region": "r", "contact_type": "x", "contacts_per_hour": 8.0}],
        "cross_selling": [{"contact_type": "x", "extra_s": 1800.0, "success": 0.25, "revenue": 40.0}]})  # fmt: skip


def _design(threshold, agents=12, **offer):
    offers = (Offer(site="a", skill_set="k", contact_type="x", share=0.5, threshold=threshold, **offer),)
    return Design(
        open_sites=("a",), groups=(AgentGroup(site="a", skill_set="k", agents=(agents,)),), offers=offers,
        routes=(Route(region="r", contact_type="x", site="a", skill_set="k", share=(1.0,)),))  # fmt: skip


@pytest.mark.parametrize(("threshold", "offers", "queue"), [(9, 1.866294, 0.329194), (12, 3.009056, 0.496153), (None, 4.0, 2.002285)])
def test_revenue_load_and_waiting(threshold, offers, queue):
    # case g1 of the list: offers per hour and queue length; a quarter of the offers succeeds at 40 each
    found = evaluate(_scenario(), _design(threshold))
    assert found.revenue_per_year == pytest.approx(1000 * offers * 0.25 * 40.0, rel=1e-6)
    assert found.contact_types[0].mean_wait_s == pytest.approx(3600 * queue / 8, rel=1e-5)
    assert found.groups[0].occupancy * 12 == pytest.approx(8 + offers / 2, rel=1e-6)
    assert found.groups[0].load == pytest.approx(8.0)


def test_selling_costs_service_but_no_wages():
    quiet, eager = (evaluate(_scenario(1800.0), _design(t)) for t in (0, None))
    assert quiet.cost_per_year == eager.cost_per_year
    assert quiet.contact_types[0].service_level > eager.contact_types[0].service_level
    assert quiet.contact_types[0].abandonment < eager.contact_types[0].abandonment


def test_offers_that_overload_have_no_service():
    found = evaluate(_scenario(), _design(None, agents=9))
    assert found.contact_types[0].service_level is None
    assert found.revenue_per_year == 0.0


def test_transfer_is_said_not_to_be_judged():
    found = evaluate(_scenario(), _design(9, route="transfer", to_site="a", to_skill_set="k"))
    assert any("warm transfer" in n for n in found.notes)
