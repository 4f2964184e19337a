"""The cost account, leaf by leaf, with the arithmetic by hand."""

from __future__ import annotations

import pytest

from ccopt.costs import cost_of, leaves, seats_used, tiered_price
from ccopt.design import AgentGroup, Design
from ccopt.errors import ScenarioError
from ccopt.kpis import FlowRow
from ccopt.scenario.entities import Scenario, Tariff, Tier


def _scenario(site, **more):
    return Scenario.model_validate({
        "schema_version": 1, "name": "c",
        "periods": [{"name": "p", "hours_per_year": 100.0}, {"name": "q", "hours_per_year": 50.0}],
        "sites": [{"name": "s", "kind": "inhouse", **site}, {"name": "other", "kind": "inhouse", "closing_cost": 700.0}],
        "contact_types": [{"name": "x", "talk_s": 90.0, "wrap_s": 30.0}],
        "skill_sets": [{"name": "k", "contact_types": ["x"], "aht_factor": 1.5, "wage_factor": 1.2}],
        "demand": [{"region": "r", "contact_type": "x", "contacts_per_hour": [10.0, 4.0]}],
        "links": [{"region": "r", "site": "s", "cost_per_contact": 0.5}], **more})  # fmt: skip


DESIGN = Design(open_sites=("s",), groups=(AgentGroup(site="s", skill_set="k", agents=(3, 2)),))
FLOWS = [FlowRow(region="r", contact_type="x", site="s", skill_set="k", offered=(10.0, 4.0), answered=(8.0, 4.0))]
# offered 10 x 100 + 4 x 50 = 1,200 a year, answered 8 x 100 + 4 x 50 = 1,000; agent-hours 3 x 100 + 2 x 50 = 400


def _leaf(site, name, **more):
    return cost_of(_scenario(site, **more), DESIGN, FLOWS).costs["sites"]["s"][name]


def test_wages():
    assert _leaf({"wage_per_hour": 20.0, "shrinkage": 0.2}, "labour") == pytest.approx(400 / 0.8 * 20 * 1.2)


def test_fixed_and_seats():
    assert _leaf({"fixed_cost_per_year": 5000.0}, "fixed") == 5000.0
    assert _leaf({"seat_cost_per_year": 70.0}, "seats") == 210.0  # three at the peak


def test_telecom_is_on_offered_contacts():
    assert _leaf({}, "telecom") == pytest.approx(600.0)


def test_overhead_in_steps():
    boss = {"role": "boss", "span": 2, "salary_per_year": 1000.0}
    assert _leaf({"overhead": [boss]}, "overhead") == 2000.0  # three seats, two started spans
    assert _leaf({"overhead": [{**boss, "span": 3}]}, "overhead") == 1000.0


def test_one_off_over_the_horizon():
    assert _leaf({"opening_cost": 900.0}, "one_off", horizon={"years": 3.0}) == pytest.approx(300.0)


def test_existing_site_costs_nothing_to_open_and_something_to_close():
    scenario = _scenario({"opening_cost": 900.0}, existing={"open_sites": ["s", "other"]}, horizon={"years": 7.0})
    tree = cost_of(scenario, DESIGN, FLOWS).costs["sites"]
    assert "one_off" not in tree["s"]
    assert tree["other"] == {"one_off": pytest.approx(100.0)}


@pytest.mark.parametrize(
    ("tariff", "amount"),
    [
        ({"per": "agent_hour", "price": 30.0}, 12_000.0),  # no shrinkage, no wage factor
        ({"per": "seat", "price": 500.0}, 1_500.0),
        ({"per": "licence", "price": 40.0}, 120.0),
        ({"per": "contact", "price": 2.0}, 2_000.0),
        ({"per": "minute", "price": 0.5}, 1_500.0),  # 1,000 answered x 120 s x 1.5 / 60 = 3,000 minutes
        ({"per": "contact", "price": 2.0, "minimum": 2_500.0}, 2_500.0),
        ({"per": "contact", "tiers": [{"up_to": 400.0, "price": 2.0}, {"price": 1.0}]}, 1_400.0),
    ],
)
def test_contracts(tariff, amount):
    site = {"kind": "outsourced", "tariff": tariff, "shrinkage": 0.3}
    assert _leaf(site, "contract") == pytest.approx(amount)
    assert "labour" not in cost_of(_scenario(site), DESIGN, FLOWS).costs["sites"]["s"]


def test_the_contract_named_by_the_design_is_paid():
    site = {"kind": "outsourced", "tariffs": [{"name": "hour", "per": "agent_hour", "price": 30.0},
                                              {"name": "call", "per": "contact", "price": 2.0}]}  # fmt: skip
    chosen = DESIGN.model_copy(update={"contracts": {"s": "call"}})
    assert cost_of(_scenario(site), chosen, FLOWS).costs["sites"]["s"]["contract"] == pytest.approx(2_000.0)
    with pytest.raises(ScenarioError, match="names none"):
        cost_of(_scenario(site), DESIGN, FLOWS)


def test_the_last_tier_has_no_end():
    tariff = Tariff(per="contact", tiers=(Tier(up_to=100.0, price=2.0), Tier(up_to=200.0, price=1.0)))
    assert tiered_price(tariff, 300.0) == 400.0


def test_leaves_sum_to_the_cost():
    site = {"wage_per_hour": 20.0, "fixed_cost_per_year": 5000.0, "seat_cost_per_year": 70.0, "opening_cost": 900.0}
    account = cost_of(_scenario(site), DESIGN, FLOWS)
    assert sum(leaves(account.costs)) == pytest.approx(account.cost_per_year, rel=1e-15)


def test_revenue_stands_apart():
    row = FlowRow(region="r", contact_type="x", site="s", skill_set="k", offered=(10.0, 4.0), answered=(8.0, 4.0),
                  sales=(2.0, 1.0))  # fmt: skip
    selling = [{"contact_type": "x", "extra_s": 30.0, "success": 0.3, "revenue": 10.0}]
    account = cost_of(_scenario({}, cross_selling=selling), DESIGN, [row])
    assert account.revenue_per_year == pytest.approx(10 * (2 * 100 + 1 * 50))
    assert account.cost_per_year == pytest.approx(600.0)


def test_seats_are_the_peak_over_all_groups():
    design = Design(open_sites=("s",), groups=(
        AgentGroup(site="s", skill_set="k", agents=(3, 2)), AgentGroup(site="s", skill_set="k2", agents=(1, 4))))
    assert seats_used(_scenario({}), design, "s") == 6
