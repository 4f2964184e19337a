"""Regimes on the same staff."""

from __future__ import annotations

import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.evaluation.regimes import compare_regimes, with_backups
from ccopt.scenario.entities import Link


@pytest.fixture
def design():
    return Design(
        open_sites=("north", "south"),
        groups=(AgentGroup(site="north", skill_set="both", agents=(15, 13)),
                AgentGroup(site="south", skill_set="both", agents=(15, 0))),
        routes=(Route(region="r1", contact_type="sales", site="north", skill_set="both", share=(0.5, 1.0)),
                Route(region="r1", contact_type="sales", site="south", skill_set="both", share=(0.5, 0.0)),
                Route(region="r2", contact_type="support", site="north", skill_set="both", share=(0.5, 1.0)),
                Route(region="r2", contact_type="support", site="south", skill_set="both", share=(0.5, 0.0))))  # fmt: skip


def test_linking_pays(three_regions, design):
    split, overflow, virtual = compare_regimes(three_regions, design, contact_value=5.0)
    assert split.points_gained == 0.0
    assert split.worth_per_year == 0.0
    assert overflow.points_gained > 1.0
    assert virtual.points_gained > overflow.points_gained - 0.5
    assert virtual.answered_gained_per_year > 0
    assert virtual.worth_per_year == pytest.approx(
        5.0 * virtual.answered_gained_per_year - virtual.evaluation.cost_per_year + split.evaluation.cost_per_year)


def test_backups_follow_skills_links_and_agents(three_regions, design):
    banned = three_regions.model_copy(update={"links": (Link(region="r2", site="south", allowed=False),)})
    routes = tuple(r for r in design.routes if r.site == "north")
    linked = with_backups(banned, design.model_copy(update={"routes": routes}), after_s=10.0)
    added = [r for r in linked.routes if r.kind == "overflow"]
    assert [(r.contact_type, r.site, r.share, r.after_s) for r in added] == [("sales", "south", (1.0, 0.0), 10.0)]


def test_given_overflow_routes_are_kept(three_regions, design):
    own = Route(region="r1", contact_type="sales", site="south", skill_set="both", kind="overflow", rank=3, share=(1.0, 1.0))
    linked = with_backups(three_regions, design.model_copy(update={"routes": (*design.routes, own)}))
    assert [r.rank for r in linked.routes if r.kind == "overflow" and r.contact_type == "sales"] == [3]
