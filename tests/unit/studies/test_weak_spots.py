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
    agent = {period: next(r for r in x.remedies if r.what == "one more agent") for period, x in by_period.items()}
    assert agent["day"].cost == pytest.approx(20 / 0.8 * 1000 + 1000)  # the day sets the seats
    assert agent["rest"].cost == pytest.approx(20 / 0.8 * 500)
    assert first.margin_after > first.margin


def test_a_point_of_resolution_frees_its_repeats():
    """Load 10 erlangs / (1 - 0.5 x 0.3): a point less unsettled saves 1 - 0.85 / 0.855 of it, less who abandons."""
    s, design = one_desk((16, 12), quality=[{"contact_type": "call", "first_contact_resolution": 0.7, "returns": 0.5}])
    hours = 10 / 0.85 * 1000 + 5 / 0.85 * 500
    assert resolution_worth(s, design)["call"] == pytest.approx(hours * (1 - 0.85 / 0.855), rel=0.15)


def two_desks(agents=(12, 20)):
    """The first desk is short, the second has agents to spare and the skill; another skill set at the first site as well."""
    s = validated({
        "schema_version": 1, "name": "desks", "periods": [{"name": "day", "hours_per_year": 1000}],
        "sites": [{"name": "here", "kind": "inhouse", "wage_per_hour": 20}, {"name": "there", "kind": "inhouse", "wage_per_hour": 20}],
        "contact_types": [
            {"name": "call", "talk_s": 180, "targets": [{"service_level": 0.8, "awt_s": 20}]},
            {"name": "order", "talk_s": 180, "targets": [{"service_level": 0.8, "awt_s": 20}]}],
        "skill_sets": [{"name": "calls", "contact_types": ["call"]}, {"name": "orders", "contact_types": ["order"], "wage_factor": 0.5}],
        "demand": [{"region": "r", "contact_type": "call", "contacts_per_hour": 400}, {"region": "r", "contact_type": "order", "contacts_per_hour": 100}],
    })  # fmt: skip
    groups = tuple(AgentGroup(site=a, skill_set=k, agents=(n,)) for a, k, n in
                   (("here", "calls", agents[0]), ("there", "calls", agents[1]), ("here", "orders", 12)))  # fmt: skip
    routes = tuple(Route(region="r", contact_type=c, site=a, skill_set=k, share=(x,)) for c, a, k, x in
                   (("call", "here", "calls", 0.5), ("call", "there", "calls", 0.5), ("order", "here", "orders", 1.0)))  # fmt: skip
    return s, Design(open_sites=("here", "there"), groups=groups, routes=routes)


def test_the_cheapest_remedy_that_cures_is_chosen_by_evaluation():
    """10 erlangs on 12 agents miss 80/20 (Erlang C), so do 13; 9 on 12 keep it: a tenth sent away costs nothing."""
    s, design = two_desks((12, 20))
    spot = weak_spots(s, design, most=1)[0]
    assert (spot.place, spot.contact_type) == ("here/calls in day", "call")
    by_name = {r.what: r for r in spot.remedies}
    assert by_name["one more agent"].cost == pytest.approx(20 * 1000)
    assert by_name["train one agent of orders as calls"].cost == pytest.approx(10 * 1000)  # half the wage before, all of it after
    nine = cc.ErlangC(contacts_per_hour=180, aht_s=180).performance(12, 20).service_level
    assert by_name["send 10% of them to there/calls"].margin_after == pytest.approx(nine - 0.8)
    assert nine > 0.8 > cc.ErlangC(contacts_per_hour=200, aht_s=180).performance(13, 20).service_level
    assert spot.remedy == "send 10% of them to there/calls"
    assert spot.remedy_cost == pytest.approx(0.0, abs=1e-6)
    assert all(r.harms == 0 for r in spot.remedies)


def test_a_remedy_that_breaks_another_promise_is_not_chosen():
    """With 12 agents on 10 erlangs there as well, the tenth sent there (11 erlangs) makes a broken promise worse."""
    s, design = two_desks((12, 12))
    for spot in weak_spots(s, design, most=2):
        moved = next(r for r in spot.remedies if r.what.startswith("send"))
        assert moved.harms == 1
        assert not spot.remedy.startswith("send")


def test_an_offer_to_ring_back_is_judged_where_callers_would_leave():
    s, design = one_desk((13, 9))
    spot = next(x for x in weak_spots(s, design, most=4) if x.promise == "at most 10% abandon")
    offer = next(r for r in spot.remedies if r.what.startswith("offer to ring back"))
    assert offer.cost == pytest.approx(0.0, abs=1e-6)
    assert offer.margin_after > spot.margin  # who is rung back does not leave
