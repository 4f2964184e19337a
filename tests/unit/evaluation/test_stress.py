"""Stress tests: volumes, handle times, loss of a site."""

from __future__ import annotations

import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.evaluation import judge
from ccopt.evaluation.stress_tests import scaled_aht, scaled_volume, stress, without_site
from ccopt.scenario.entities import Link


@pytest.fixture
def design():
    return Design(
        open_sites=("north", "south"),
        groups=(AgentGroup(site="north", skill_set="both", agents=(20, 12)),
                AgentGroup(site="south", skill_set="both", agents=(20, 12))),
        routes=(Route(region="r1", contact_type="sales", site="north", skill_set="both", share=(0.25, 1.0)),
                Route(region="r1", contact_type="sales", site="south", skill_set="both", share=(0.75, 0.0)),
                Route(region="r2", contact_type="support", site="north", skill_set="both", share=(1.0, 1.0))))  # fmt: skip


@pytest.fixture
def judged(monkeypatch, oracle):
    split = judge.evaluate_split
    monkeypatch.setattr("ccopt.evaluation.stress_tests.evaluate", lambda s, d: split(s, d, model=oracle))


def test_scaling(three_regions):
    assert scaled_volume(three_regions, 1.5).demand[0].contacts_per_hour == (210.0, 90.0)
    assert scaled_aht(three_regions, 2.0).contact_types[0].aht_s == 600.0


def test_shares_after_a_loss(three_regions, design):
    broken, unserved = without_site(three_regions, design, "south")
    shares = {(r.contact_type, r.site): r.share for r in broken.routes}
    assert shares["sales", "north"] == (1.0, 1.0)
    assert unserved == ()
    assert broken.groups[1].agents == (0, 0)


def test_contacts_without_another_route_go_where_the_skill_is(three_regions, design):
    broken, _ = without_site(three_regions, design, "north")
    shares = {(r.contact_type, r.site): r.share for r in broken.routes if any(r.share)}
    assert shares == {("sales", "south"): (1.0, 1.0), ("support", "south"): (1.0, 1.0)}


def test_banned_link_leaves_contacts_unserved(three_regions, design):
    banned = three_regions.model_copy(update={"links": (Link(region="r2", site="south", allowed=False),)})
    broken, unserved = without_site(banned, design, "north")
    assert unserved == (("r2", "support"),)
    assert {r.site for r in broken.routes if r.contact_type == "support" and any(r.share)} == {"north"}


def test_surge_and_relocation_round_down(three_regions, design):
    broken, _ = without_site(three_regions, design, "south", surge=1.13, relocatable=0.3)
    assert [g.agents for g in broken.groups] == [(22, 13), (6, 3)]


def test_rows(three_regions, design, judged):
    rows = {r.case: r for r in stress(three_regions, design, volume=(0.5, 1.4), aht=(1.2,))}
    assert list(rows) == ["as planned", "volume x0.5", "volume x1.4", "handle time x1.2", "loss of north",
                          "loss of south"]  # fmt: skip
    assert rows["volume x1.4"].worst_service_level < rows["as planned"].worst_service_level
    assert rows["volume x0.5"].worst_service_level > rows["as planned"].worst_service_level
    assert rows["loss of south"].missed_targets > 0


def south_lost(scenario, north):
    """Sales of region 1 at 17 and 9 agents in the south, support of region 2 at so many agents in the north; the south is lost."""
    design = Design(
        open_sites=("north", "south"),
        groups=(AgentGroup(site="north", skill_set="both", agents=(north, 20)),
                AgentGroup(site="south", skill_set="both", agents=(17, 9))),
        routes=(Route(region="r1", contact_type="sales", site="south", skill_set="both", share=(1.0, 1.0)),
                Route(region="r2", contact_type="support", site="north", skill_set="both", share=(1.0, 1.0))))  # fmt: skip
    return stress(scenario, design, volume=(), aht=(), lose_site="south")[1]


def test_recovery_by_hand(three_regions):
    # peak: south carries 12.25 erlangs of sales for 900 s = 11,025 agent-seconds; north then has 40 agents for 24.5 erlangs
    # offered, so 15.5 agents are free: 711 s
    assert south_lost(three_regions, 40).recovery_s == pytest.approx(12.25 * 900 / 15.5, rel=0.01)


def test_work_that_customers_who_give_up_take_along_is_not_capacity(three_regions):
    # 12.25 + 12.25 = 24.5 erlangs offered to 24 agents: some give up, so the agents are not all busy, and never catch up
    row = south_lost(three_regions, 24)
    assert row.abandonment > 0.0
    assert row.recovery_s is None
