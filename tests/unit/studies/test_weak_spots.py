"""Weak spots and their remedy on a design with one group."""

import pytest

import ccopt as cc
from ccopt.design import AgentGroup, Design, Route
from ccopt.scenario.checks import validated
from ccopt.studies.weak_spots import resolution_worth, weak_spots


def one_desk(agents, **blocks):
    s = validated({
        "schema_version": 1, "name": "desk", "periods": [{"name": "day", "hours_per_year": 1000}, {"name": "rest", "hours_per_year": 500}],
        "sites": [{"name": "here", "kind": "inhouse", "wage_per_hour": 20, "shrinkage": 0.2, "seat_cost_per_year": 1000}],
        "contact_types": [{"name": "call", "talk_s": 180, "patience_s": 200,
                           "targets": [{"service_level": 0.8, "awt_s": 20}, {"max_abandonment": 0.1}]}],
        "skill_sets": [{"name": "all", "contact_types": ["call"]}],
        "demand": [{"region": "r", "contact_type": "call", "contacts_per_hour": [200, 100]}],
    } | blocks)  # fmt: skip
    group = AgentGroup(site="here", skill_set="all", agents=agents)
    route = Route(region="r", contact_type="call", site="here", skill_set="all", share=(1.0, 1.0))
    return s, Design(open_sites=("here",), groups=(group,), routes=(route,))


def test_the_smallest_margin_comes_first_and_one_more_agent_costs_wage_and_seat():
    s, design = one_desk((13, 9))
    spots = weak_spots(s, design, most=4)
    assert [x.margin for x in spots] == sorted(x.margin for x in spots)
    level = {c.period: c.service_level for c in cc.evaluate(s, design).cells}
    first = min(spots, key=lambda x: x.margin)
    by_period = {x.place.rsplit(" in ", 1)[1]: x for x in spots if x.promise == "80% in 20 s"}
    assert by_period["day"].margin == pytest.approx(level["day"] - 0.8)
    assert by_period["day"].remedy_cost == pytest.approx(20 / 0.8 * 1000 + 1000)  # the day sets the seats
    assert by_period["rest"].remedy_cost == pytest.approx(20 / 0.8 * 500)
    assert first.margin_after > first.margin


def test_a_point_of_resolution_frees_its_repeats():
    """Load 10 erlangs / (1 - 0.5 x 0.3): a point less unsettled saves 1 - 0.85 / 0.855 of it, less who abandons."""
    s, design = one_desk((16, 12), quality=[{"contact_type": "call", "first_contact_resolution": 0.7, "returns": 0.5}])
    hours = 10 / 0.85 * 1000 + 5 / 0.85 * 500
    assert resolution_worth(s, design)["call"] == pytest.approx(hours * (1 - 0.85 / 0.855), rel=0.15)
