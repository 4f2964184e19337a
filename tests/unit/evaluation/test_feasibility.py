"""Limits checked without a solver; the distances are worked by hand."""

from __future__ import annotations

from typing import get_args

import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.evaluation import judge
from ccopt.evaluation.limits import CHECKS, feasibility, surviving_share
from ccopt.scenario.entities import LimitEntry


@pytest.fixture
def design():
    return Design(
        open_sites=("north", "south"),
        groups=(AgentGroup(site="north", skill_set="sales-only", agents=(17, 9)),
                AgentGroup(site="north", skill_set="both", agents=(8, 5)),
                AgentGroup(site="south", skill_set="both", agents=(17, 9))),
        routes=(Route(region="r1", contact_type="sales", site="north", skill_set="sales-only", share=(1.0, 1.0)),
                Route(region="r2", contact_type="support", site="south", skill_set="both", share=(1.0, 1.0))))  # fmt: skip


@pytest.fixture
def check(three_regions, design, oracle, monkeypatch):
    split = judge.evaluate_split
    monkeypatch.setattr("ccopt.evaluation.limits.evaluate", lambda s, d: split(s, d, model=oracle))
    return lambda *limits: feasibility(three_regions, design, limits=limits)


def test_a_feasible_design(check):
    assert check() == ()


@pytest.mark.parametrize(
    ("limit", "required", "actual"),
    [
        ({"kind": "max_sites", "value": 1.0}, 1, 2),
        ({"kind": "min_sites", "value": 3.0}, 3, 2),
        ({"kind": "force_closed", "site": "south"}, 0, 1),
        ({"kind": "max_groups", "value": 2.0}, 2, 3),
        ({"kind": "min_group_size", "value": 10.0}, 10, 8),
        ({"kind": "max_share_at_site", "share": 0.59, "site": "north"}, 0.59, 25 / 42),
        ({"kind": "labour_pool", "value": 20.0, "site": "north"}, 20, 25),
        ({"kind": "budget", "value": 1000.0}, 1000, None),
        ({"kind": "quality_floor", "share": 0.999, "contact_type": "support"}, 0.999, None),
        ({"kind": "max_change", "value": 1.0}, 1, 2),
        ({"kind": "min_agents_at_site", "value": 18.0, "site": "south"}, 18, 17),
    ],
)
def test_each_limit(check, limit, required, actual):
    found = check(LimitEntry.model_validate(limit))
    assert found[0].limit == limit["kind"]
    assert found[0].required == required
    if actual is not None:
        assert found[0].actual == pytest.approx(actual)


def test_every_kind_of_limit_is_checked():
    assert set(CHECKS) == set(get_args(LimitEntry.model_fields["kind"].annotation))


def test_forced_open_is_kept(check):
    assert check(LimitEntry(kind="force_open", site="north")) == ()


def test_surviving_share_by_hand(three_regions, design):
    # after the loss of north: 17 agents for 140 x 300 x 1.05 / 3600 = 12.25 and 100 x 420 x 1.05 / 3600 = 12.25 erlangs
    assert surviving_share(three_regions, design, "north", 0) == pytest.approx(17 / 24.5, rel=1e-9)
    # after the loss of south: support only in north/both with 8 agents for 12.25 erlangs
    assert surviving_share(three_regions, design, "south", 0) == pytest.approx(8 / 12.25, rel=1e-9)
    assert surviving_share(three_regions, design, "south", 0, surge=1.5) == pytest.approx(12 / 12.25, rel=1e-9)


def test_site_loss_is_a_violation_with_distance(check):
    found = check(LimitEntry(kind="survive_site_loss", share=0.8))
    assert {v.limit for v in found} == {"survive_site_loss"}
    assert min(v.actual for v in found) == pytest.approx(8 / 12.25, rel=1e-9)


def test_limit_objects_become_entries():
    from ccopt.evaluation.limits import entry_of
    from ccopt.optimisation.limits import Budget, ForceOpen, MaxSites, MinGroupSize, SurviveSiteLoss

    assert entry_of(MaxSites(2)) == LimitEntry(kind="max_sites", value=2.0)
    assert entry_of(ForceOpen("north")) == LimitEntry(kind="force_open", site="north")
    assert entry_of(Budget(1e6)) == LimitEntry(kind="budget", value=1e6)
    assert entry_of(MinGroupSize(3, skill_set="k")) == LimitEntry(kind="min_group_size", value=3.0, skill_set="k")
    assert entry_of(SurviveSiteLoss(share=0.8)).share == 0.8
    with pytest.raises(ValueError, match="no limit"):
        entry_of("two sites")
