"""Evaluation against the independent simulator, network rows, in every routing regime."""

from __future__ import annotations

import numpy as np
import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.evaluation import evaluate
from ccopt.evaluation.regimes import with_backups
from ccopt.scenario import load_instance
from ccopt.simulation import simulate

# simultaneous 99 % over twelve comparisons: Student's t of 19 degrees at 1 - 0.005 / 12 over that at 0.975
WIDEN = 3.86 / 2.09
# the two judges differ in small rules: idle groups of equal rank (most idle; in the order of the routes), and under
# overflow the contact that a free agent takes (own queue first; longest wait)
TIES = {"service_level": 0.006, "abandonment": 0.003, "asa_s": 0.6}


@pytest.fixture(scope="module")
def documents():
    scenario = load_instance("three-regions")
    design = Design(
        open_sites=("north", "south"),
        groups=(AgentGroup(site="north", skill_set="sales-only", agents=(8, 5)),
                AgentGroup(site="north", skill_set="both", agents=(15, 9)),
                AgentGroup(site="south", skill_set="both", agents=(6, 3))),
        routes=(Route(region="r1", contact_type="sales", site="north", skill_set="sales-only", share=(0.5, 0.6)),
                Route(region="r1", contact_type="sales", site="north", skill_set="both", share=(0.2, 0.2)),
                Route(region="r1", contact_type="sales", site="south", skill_set="both", share=(0.3, 0.2)),
                Route(region="r2", contact_type="support", site="north", skill_set="both", share=(0.8, 0.9)),
                Route(region="r2", contact_type="support", site="south", skill_set="both", share=(0.2, 0.1))))  # fmt: skip
    return scenario, design


@pytest.mark.parametrize("regime", ["split", "overflow", "virtual"])
def test_network_rows_agree(documents, regime):
    scenario, design = documents
    plan = design if regime == "split" else with_backups(scenario, design).model_copy(update={"regime": regime})
    analytic = {(r.name, r.period): r for r in evaluate(scenario, plan).contact_types}
    simulated = {(r.name, r.period): r for r in simulate(scenario, plan, replications=20, contacts=12_000).contact_types}
    assert set(analytic) == set(simulated)
    for key, a in analytic.items():
        b = simulated[key]
        for name, tie in TIES.items():
            allowed = WIDEN * b.half_width[name] + a.half_width.get(name, 0.0) + (0.0 if regime == "split" else tie)
            assert abs(getattr(a, name) - getattr(b, name)) <= allowed, (key, name, getattr(a, name), getattr(b, name))
        assert a.contacts_per_hour == pytest.approx(b.contacts_per_hour, rel=0.02)


def test_linking_helps_in_both_judges(documents):
    scenario, design = documents
    plans = [design, with_backups(scenario, design).model_copy(update={"regime": "overflow"})]
    for judge in (evaluate, simulate):
        levels = [np.mean([r.service_level for r in judge(scenario, p).contact_types]) for p in plans]
        assert levels[1] > levels[0] + 0.05
