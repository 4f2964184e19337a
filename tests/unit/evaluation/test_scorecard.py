"""Scorecard and dissatisfaction, against hand arithmetic and closed forms."""

from __future__ import annotations

import math

import pytest

from ccopt.evaluation.indicators import SCORECARD, scorecard
from ccopt.evaluation.judge import evaluate_split
from ccopt.evaluation.waiting_curves import WaitCurve, dissatisfaction


def _value(rows, name, contact_type=None):
    return next(r.value for r in rows if (r.name, r.contact_type) == (name, contact_type))


def test_figures_by_hand(three_regions, one_group, oracle):
    judged = evaluate_split(three_regions, one_group, model=oracle)
    rows = scorecard(three_regions, one_group, judged, given={"accuracy": 0.97})
    lost = {r.period: r.abandonment for r in judged.contact_types if r.name == "sales" and r.period}
    answered = 2000 * (140 * (1 - lost["peak"]) + 100) + 6760 * (60 * (1 - lost["rest"]) + 40)
    hours = 2000 * 34 + 6760 * 18
    assert _value(rows, "cost_per_contact") == pytest.approx(judged.cost_per_year / answered)
    assert _value(rows, "contacts_per_agent_shift") == pytest.approx(8 * answered / hours)
    assert _value(rows, "accuracy") == 0.97
    busy = sum(g.carried_load * {"peak": 2000, "rest": 6760}[g.period] for g in judged.groups)
    assert _value(rows, "occupancy") == pytest.approx(busy / hours)
    assert {r.group for r in rows} == set(SCORECARD)


def test_mapping_is_data(three_regions, one_group, oracle):
    judged = evaluate_split(three_regions, one_group, model=oracle)
    rows = scorecard(three_regions, one_group, judged, groups={"all that counts": ["occupancy"]})
    assert [(r.group, r.name) for r in rows] == [("all that counts", "occupancy")]
    with pytest.raises(ValueError, match="'joy'"):
        scorecard(three_regions, one_group, judged, groups={"x": ["joy"]})


def test_first_contact_resolution(tiers, oracle):
    from ccopt.design import AgentGroup, Design, Route

    design = Design(
        open_sites=("a",),
        groups=(AgentGroup(site="a", skill_set="l1", agents=(9,)), AgentGroup(site="a", skill_set="l2", agents=(6,))),
        routes=(Route(region="r", contact_type="first", site="a", skill_set="l1", share=(1.0,)),
                Route(region="r", contact_type="second", site="a", skill_set="l2", kind="escalation", share=(1.0,))))
    rows = scorecard(tiers, design, evaluate_split(tiers, design, model=oracle))
    assert _value(rows, "first_contact_resolution", "first") == pytest.approx(0.7)


def test_a_step_curve_is_the_service_level(three_regions, one_group, oracle):
    # nobody is unhappy up to 20 s and everybody after 20.001 s: 1 - service level at 20 s
    step = WaitCurve(wait_s=(20.0, 20.001), share=(0.0, 1.0), source="test")
    found = dissatisfaction(three_regions, one_group, curves={"support": step})
    rows = [r for r in evaluate_split(three_regions, one_group, model=oracle).contact_types if r.name == "support" and r.period]
    weights = {"peak": 100 * 2000, "rest": 40 * 6760}
    level = sum(r.service_level * weights[r.period] for r in rows) / sum(weights.values())
    assert found["support"] == pytest.approx(1 - level, abs=1e-5)


def test_exponential_curve_of_erlang_c(three_regions, one_group):
    # wait > 0 is exponential with mean h / (n - a): E[1 - exp(-W/s)] = P(wait) / (1 + s (n - a) / h); here by points
    load, agents, scale = 100 * 441 / 3600, 17, 90.0
    points = [2.0 * k for k in range(600)]
    curve = WaitCurve(wait_s=tuple(points), share=tuple(1 - math.exp(-w / scale) for w in points), source="test")
    one = three_regions.model_copy(update={
        "demand": tuple(d.model_copy(update={"contacts_per_hour": (d.contacts_per_hour[0], 0.0)})
                        for d in three_regions.demand)})  # fmt: skip
    b = 1.0
    for k in range(1, agents + 1):
        b = load * b / (k + load * b)
    wait = b / (1 - load / agents * (1 - b))
    found = dissatisfaction(one, one_group, curves={"support": curve})
    assert found["support"] == pytest.approx(wait / (1 + scale * (agents - load) / 441), rel=2e-3)


def test_default_is_the_patience_of_the_scenario(three_regions, one_group, oracle):
    found = dissatisfaction(three_regions, one_group)
    assert found["support"] is None  # no patience, no curve: unknown
    lost = [r.abandonment for r in evaluate_split(three_regions, one_group, model=oracle).contact_types]
    assert min(lost[:2]) < found["sales"] < 0.2


@pytest.mark.parametrize(("waits", "shares"), [((1.0,), (0.1, 0.2)), ((2.0, 1.0), (0.0, 1.0)), ((1.0, 2.0), (0.5, 0.2))])
def test_bad_curves(waits, shares):
    with pytest.raises(ValueError, match=r"waits|shares"):
        WaitCurve(wait_s=waits, share=shares, source="test")


def test_dissatisfaction_stands_in_the_scorecard(three_regions, one_group, oracle):
    judged = evaluate_split(three_regions, one_group, model=oracle)
    curve = WaitCurve(wait_s=(0.0, 120.0), share=(0.0, 1.0), source="test")
    rows = scorecard(three_regions, one_group, judged, curves={"support": curve})
    alone = dissatisfaction(three_regions, one_group, curves={"support": curve})
    assert _value(rows, "dissatisfaction", "support") == alone["support"]
    weight = {"sales": 140 * 2000 + 60 * 6760, "support": 100 * 2000 + 40 * 6760}
    mean = sum(weight[c] * alone[c] for c in weight) / sum(weight.values())
    assert _value(rows, "dissatisfaction") == pytest.approx(mean)
    # without a curve support is unknown, and so is the whole
    assert _value(scorecard(three_regions, one_group, judged), "dissatisfaction") is None


def test_linked_sites_are_simulated(three_regions, one_group):
    # one group and one virtual queue are the same queue; 60,000 contacts a period, about 0.3 points at three errors
    curve = {"support": WaitCurve(wait_s=(0.0, 120.0), share=(0.0, 1.0), source="test")}
    exact = dissatisfaction(three_regions, one_group, curves=curve)
    found = dissatisfaction(three_regions, one_group.model_copy(update={"regime": "virtual"}), curves=curve)
    assert found == pytest.approx(exact, abs=0.006)
