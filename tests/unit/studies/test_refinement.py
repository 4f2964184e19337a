"""Linked staffing: saves agents, keeps every target on fresh calls, can be stopped, never leaves the limits."""

from __future__ import annotations

import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.evaluation.judge import evaluate_split
from ccopt.scenario.entities import Scenario
from ccopt.studies import refinement
from ccopt.studies.refinement import refine


@pytest.fixture(scope="module")
def two_sites():
    """One contact type at two sites with ten and six erlangs; a split needs 13 and 9 agents for 80 % in 20 s."""
    scenario = Scenario.model_validate({
        "schema_version": 1, "name": "two", "periods": [{"name": "hour", "hours_per_year": 1000.0}],
        "sites": [{"name": "a", "kind": "inhouse", "wage_per_hour": 20.0, "seats": 13},
                  {"name": "b", "kind": "inhouse", "wage_per_hour": 22.0}],
        "contact_types": [{"name": "x", "talk_s": 240.0, "patience_s": 480.0,
                           "targets": [{"service_level": 0.8, "awt_s": 20.0}]}],
        "skill_sets": [{"name": "k", "contact_types": ["x"]}],
        "demand": [{"region": "r", "contact_type": "x", "contacts_per_hour": 150.0},
                   {"region": "q", "contact_type": "x", "contacts_per_hour": 90.0}]})  # fmt: skip
    design = Design(
        open_sites=("a", "b"),
        groups=(AgentGroup(site="a", skill_set="k", agents=(13,)), AgentGroup(site="b", skill_set="k", agents=(9,))),
        routes=(Route(region="r", contact_type="x", site="a", skill_set="k", share=(1.0,)),
                Route(region="q", contact_type="x", site="b", skill_set="k", share=(1.0,))))  # fmt: skip
    return scenario, design


@pytest.mark.parametrize("regime", ["overflow", "virtual"])
def test_linking_saves_and_keeps_targets(two_sites, regime):
    scenario, design = two_sites
    assert evaluate_split(scenario, design).meets_targets
    seen = []
    found = refine(scenario, design, regime=regime, time_limit_s=20.0, progress=seen.append)
    assert found.design.regime == regime
    assert found.evaluation.meets_targets
    assert found.saving > 0.03
    assert found.cost_per_year == pytest.approx(found.start_cost_per_year - found.saving_per_year)
    assert sum(g.agents[0] for g in found.design.groups) < 22
    assert found.design.groups[0].agents[0] <= 13
    assert seen[-1].incumbent == pytest.approx(found.cost_per_year, rel=0.05)


def test_no_time_gives_the_plan_back(two_sites):
    scenario, design = two_sites
    found = refine(scenario, design, time_limit_s=0.0)
    assert found.design == design
    assert found.saving == pytest.approx(0.0, abs=1e-9)


def test_an_interrupt_keeps_the_best_so_far(two_sites, monkeypatch):
    scenario, design = two_sites
    judge, asked = refinement._Refiner._result, []

    def interrupted(self, *args):
        asked.append(1)
        if len(asked) == 12:
            raise KeyboardInterrupt
        return judge(self, *args)

    monkeypatch.setattr(refinement._Refiner, "_result", interrupted)
    found = refine(scenario, design, time_limit_s=60.0)
    assert len(asked) == 12
    assert found.evaluation.meets_targets
    assert found.saving > 0.0


def test_a_split_cannot_be_refined(two_sites):
    with pytest.raises(ValueError, match="nothing to link"):
        refine(*two_sites, regime="split")
