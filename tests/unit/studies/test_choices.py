"""Alternatives: structurally different, within the share, by cost; complete against enumeration of the sets of sites."""

from dataclasses import replace
from itertools import chain, combinations

import pytest

import ccopt as cc
from ccopt.design import AgentGroup, Design
from ccopt.scenario.checks import validated
from ccopt.studies.choices import with_known
from ccopt.studies.distances import distance
from ccopt.studies.swaps import best_swap


@pytest.fixture(scope="module")
def few():
    """Three of the ten small centers, so that all seven sets of sites can be enumerated."""
    s = cc.load_instance("ten-small-centers")
    keep = [x.name for x in s.sites[:3]]
    regions = [d.region for d in s.demand[:3]]
    return s.model_copy(update={
        "sites": s.sites[:3], "demand": s.demand[:3], "existing": None,
        "links": tuple(k for k in s.links if k.site in keep and k.region in regions),
        "regions": tuple(r for r in s.regions if r.name in regions)})  # fmt: skip


def enumerated(s):
    """Least cost of each set of sites, every site of it in use."""
    names = [x.name for x in s.sites]
    costs = {}
    for opened in chain.from_iterable(combinations(names, k) for k in range(1, len(names) + 1)):
        limits = [cc.MinAgentsAtSite(n, 2) if n in opened else cc.ForceClosed(n) for n in names]
        try:
            costs[frozenset(opened)] = cc.optimise(s, limits=limits, gap=1e-6).cost_per_year
        except cc.InfeasibleError:
            continue
    return costs


def test_the_list_is_that_of_the_enumeration_and_says_so(few):
    costs = enumerated(few)
    best = min(costs.values())
    within = 0.1
    found = cc.alternatives(few, k=7, within=within, gap=1e-6)
    expected = sorted(c for c in costs.values() if c <= best * (1 + within))
    different = [a for a in found.found if a.distance.opened or a.distance.closed]
    assert found.complete
    assert [found.best.cost_per_year, *(a.plan.cost_per_year for a in different)] == pytest.approx(expected, rel=1e-6)
    dearer = [c for c in costs.values() if c > best * (1 + within)]
    assert found.next_bound is None or found.next_bound <= min(dearer) * (1 + 1e-9)
    assert "proven" in found.sentence()


def test_plans_differ_in_structure_keep_their_targets_and_come_by_cost(few):
    found = cc.alternatives(few, k=2, within=0.1)
    assert len(found.found) == 2
    sets = [frozenset(found.best.design.open_sites), *(frozenset(a.plan.design.open_sites) for a in found.found)]
    assert len(set(sets)) == 3
    extra = [a.extra_cost for a in found.found]
    assert extra == sorted(extra)
    assert all(0 <= a.extra_share <= 0.1 for a in found.found)
    assert all(cc.evaluate(few, a.plan.design).meets_targets for a in found.found)
    assert "as many as asked for" in found.sentence()
    assert list(found.frame()["plan"]) == ["best", "alternative 1", "alternative 2"]


def test_other_groups_at_the_same_site():
    """One site, two contact types of 5 erlangs: one pool of both, or two dedicated groups."""
    s = validated({
        "schema_version": 1, "name": "one", "periods": [{"name": "p", "hours_per_year": 2000}],
        "sites": [{"name": "here", "kind": "inhouse", "wage_per_hour": 20.0}],
        "contact_types": [{"name": n, "talk_s": 300.0, "targets": [{"service_level": 0.8, "awt_s": 20.0}]} for n in "ab"],
        "skill_sets": [{"name": "a-only", "contact_types": ["a"]}, {"name": "b-only", "contact_types": ["b"]},
                       {"name": "both", "contact_types": ["a", "b"]}],
        "demand": [{"region": "r", "contact_type": n, "contacts_per_hour": 60.0} for n in "ab"],
    })  # fmt: skip
    found = cc.alternatives(s, k=2, within=0.5)
    [apart] = [a for a in found.found if not a.distance.opened and not a.distance.closed]
    assert {g.skill_set for g in found.best.design.groups} == {"both"}
    assert {g.skill_set for g in apart.plan.design.groups} == {"a-only", "b-only"}
    # 80/20 by Erlang C: 5 erlangs need 8 agents (7 give 72 %, 8 give 86 %), 10 need 14 (13 give 77 %); 2000 h at 20
    assert found.best.cost_per_year == 14 * 2000 * 20
    assert apart.extra_cost == pytest.approx((2 * 8 - 14) * 2000 * 20)


def test_nothing_within_is_an_honest_answer():
    found = cc.alternatives(cc.load_instance("two-sites"), k=3, within=0.001)
    assert found.found == ()
    assert found.complete
    assert found.sentence().startswith("no other layout")


def test_plans_that_other_studies_found_are_alternatives_too():
    s = cc.load_instance("two-sites")
    found = cc.alternatives(s, k=2, within=0.5)
    (other,) = found.found
    blind = replace(found, found=())
    assert with_known(blind, s, [found.best, other.plan, other.plan]) == found
    assert with_known(replace(blind, within=0.9 * other.extra_share), s, [other.plan]).found == ()


def test_bad_numbers():
    with pytest.raises(ValueError, match="k = 0"):
        cc.alternatives(cc.load_instance("two-sites"), k=0)
    with pytest.raises(ValueError, match="within"):
        cc.alternatives(cc.load_instance("two-sites"), within=-0.1)


def test_distance_by_hand():
    """30 agent-hours of 40 stay: 1 - 30 / 40 = 0.25."""
    s = cc.load_instance("two-sites")
    a = Design(open_sites=("west",), groups=(AgentGroup(site="west", skill_set="all", agents=(3,)),))
    b = Design(open_sites=("west", "east"), groups=(
        AgentGroup(site="west", skill_set="all", agents=(3,)), AgentGroup(site="east", skill_set="all", agents=(1,))))  # fmt: skip
    d = distance(s, a, b)
    assert (d.opened, d.closed, d.groups_changed) == (("east",), (), 1)
    assert d.agents_moved == pytest.approx(0.25)


def test_one_site_takes_the_place_of_another():
    s = cc.load_instance("ten-small-centers")
    plan = cc.optimise(s)
    (best,) = plan.design.open_sites
    turned = best_swap(s, plan.design, best)
    # the towns differ in rent only, by 2,000 from one to the next
    assert turned.open_sites == ("Birch",)
    assert cc.evaluate(s, turned).cost_per_year == pytest.approx(plan.cost_per_year + 2000.0)
    assert best_swap(s, plan.design, "Cole").open_sites == ("Cole",)
    assert best_swap(s, plan.design, best, banned={x.name for x in s.sites} - {best}) is None
    assert best_swap(s, plan.design, "Cole", keep=plan.design.open_sites) is None


def test_no_swap_to_a_site_without_room_or_link():
    s = cc.load_instance("two-sites")
    plan = cc.optimise(s)
    assert best_swap(s, plan.design, "east") is None  # eight agents, six seats
    small = s.model_copy(update={"sites": tuple(x.model_copy(update={"seats": None}) for x in s.sites)})
    assert best_swap(small, plan.design, "east").open_sites == ("west",)
    cut = tuple(k.model_copy(update={"allowed": False}) if k.site == "west" else k for k in small.links)
    assert best_swap(small.model_copy(update={"links": cut}), plan.design, "east") is None
