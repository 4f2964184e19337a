"""The first design: its cost is the account's, of two forms of one contract the cheap one, few changes from today."""

import math

import pytest

import ccopt as cc
from ccopt.optimisation.aggregation import aggregate
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.construct import constructed
from ccopt.optimisation.decode import decode
from ccopt.optimisation.group_arrays import _enough
from ccopt.optimisation.limits import limits_of
from ccopt.staffing.group_types import TypeInGroup


def document(sites, **more):
    return {
        "schema_version": 1, "name": "first", "periods": [{"name": "day", "hours_per_year": 2000}, {"name": "night", "hours_per_year": 1000}],
        "sites": sites, "contact_types": [{"name": "c", "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "demand": [{"region": "r", "contact_type": "c", "contacts_per_hour": [60, 20]}], **more,
    }  # fmt: skip


def inhouse(name, wage, fixed, **more):
    return {"name": name, "kind": "inhouse", "wage_per_hour": wage, "fixed_cost_per_year": fixed, "seats": 12, **more}


def first_design(scenario, limits=()):
    p = build_problem(scenario, limits_of(scenario, limits))
    found = constructed(aggregate(p))
    return found, decode(scenario, p, found)


@pytest.mark.parametrize("name", ["two-sites", "three-regions", "ten-small-centers"])
def test_its_cost_is_that_of_the_account(name):
    """Agents, contacts, sites, and seats at the peak of each site; the account prices the design on its own."""
    scenario = cc.load_instance(name)
    found, design = first_design(scenario)
    p = build_problem(scenario, limits_of(scenario))
    assert found.cost + p.base_cost == pytest.approx(cc.evaluate(scenario, design).cost_per_year, rel=1e-9)


def test_seats_are_paid_at_the_peak():
    scenario = cc.Scenario.model_validate(document([inhouse("a", 20, 1000, seat_cost_per_year=5000)]))
    found, design = first_design(scenario)
    day, night = design.groups[0].agents
    assert day > night
    assert found.cost == pytest.approx(20 * (2000 * day + 1000 * night) + 1000 + 5000 * day)


@pytest.mark.parametrize("dear_first", [True, False])
def test_of_two_forms_of_a_contract_the_cheap_one(dear_first):
    tariffs = [{"name": "dear", "per": "agent_hour", "price": 60}, {"name": "cheap", "per": "agent_hour", "price": 20}]
    sites = [{"name": "vendor", "kind": "outsourced", "seats": 12, "tariffs": tariffs if dear_first else tariffs[::-1]}]
    _, design = first_design(cc.Scenario.model_validate(document(sites)))
    assert dict(design.contracts) == {"vendor": "cheap"}


@pytest.mark.parametrize(("changes", "sites"), [(0, {"a", "b", "c"}), (1, {"a", "b"}), (2, {"a"}), (3, {"a"})])
def test_no_more_sites_change_than_allowed(changes, sites):
    """Today's sites are a, b, c, the last ones dearer; d is cheaper and would be opened if it counted as no change."""
    made = [inhouse("a", 20, 50_000), inhouse("b", 20, 80_000), inhouse("c", 20, 120_000), inhouse("d", 20, 1_000)]
    raw = document(made, existing={"open_sites": ["a", "b", "c"]})
    _, design = first_design(cc.Scenario.model_validate(raw), limits=(cc.MaxChange(changes),))
    assert set(design.open_sites) == sites


@pytest.mark.parametrize("load", [0.2, 3.0, 7.3])
def test_a_type_without_promises_needs_the_agents_that_carry_its_load(load):
    kind = TypeInGroup(name="letters", aht_s=300.0, patience_s=math.inf, targets=())
    assert load <= _enough(kind, load) <= load + 2.0


def test_lines_that_no_design_escapes_are_a_constant_of_the_cost():
    # 60 x 300 s = 5 erlangs: 11 lines block 1 % (10 carry 4.46, 11 carry 5.16 erlangs: tables of Erlang B)
    raw = document([inhouse("a", 20, 0)], trunks=[{"name": "t", "contact_types": ["c"], "max_blocking": 0.01, "rental_per_year": 300}])
    assert build_problem(cc.Scenario.model_validate(raw)).base_cost == pytest.approx(11 * 300)
