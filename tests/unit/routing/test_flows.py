"""Traffic equations against hand-worked flows."""

from __future__ import annotations

import numpy as np
import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.routing import propagate
from ccopt.routing.flows import network_arrays, solve_traffic
from ccopt.scenario.entities import Scenario


def _scenario(escalations):
    return Scenario.model_validate({
        "schema_version": 1, "name": "loop", "periods": [{"name": "day", "hours_per_year": 1.0}],
        "sites": [{"name": "a", "kind": "home"}],
        "contact_types": [{"name": "x", "talk_s": 60.0}, {"name": "y", "talk_s": 60.0}],
        "skill_sets": [{"name": "sx", "contact_types": ["x"]}, {"name": "sy", "contact_types": ["y"]}],
        "demand": [{"region": "r", "contact_type": "x", "contacts_per_hour": 80.0},
                   {"region": "r", "contact_type": "y", "contacts_per_hour": 10.0}],
        "escalations": escalations})  # fmt: skip


def _design():
    def to(kind, contact_type):
        return Route(region="r", contact_type=contact_type, site="a", skill_set=f"s{contact_type}", kind=kind, share=(1.0,))

    return Design(
        open_sites=("a",),
        groups=(AgentGroup(site="a", skill_set="sx", agents=(5,)), AgentGroup(site="a", skill_set="sy", agents=(5,))),
        routes=(to("primary", "x"), to("primary", "y"), to("escalation", "y"), to("escalation", "x")))


def test_escalated_demand_is_own_plus_share_of_answered():
    # 10 + 0.25 x 0.9 x 80 = 28
    rows = propagate(_scenario([{"from_type": "x", "to_type": "y", "share": 0.25}]), _design(),
                     lambda site, skill, kind, t: 0.9)  # fmt: skip
    offered = {r.contact_type: r.offered[0] for r in rows}
    assert offered == pytest.approx({"x": 80.0, "y": 28.0}, rel=1e-14)
    assert {r.contact_type: r.answered[0] for r in rows} == pytest.approx({"x": 72.0, "y": 25.2}, rel=1e-14)


def test_feedback_is_one_linear_solve():
    # total x = 80 + 0.2 y, total y = 10 + 0.5 x with everything answered: x = 82 / 0.9, y = 10 + 41 / 0.9
    scenario = _scenario([{"from_type": "x", "to_type": "y", "share": 0.5}, {"from_type": "y", "to_type": "x", "share": 0.2}])
    rows = propagate(scenario, _design(), lambda *_: 1.0)
    offered = {r.contact_type: r.offered[0] for r in rows}
    assert offered == pytest.approx({"x": 82 / 0.9, "y": 10 + 41 / 0.9}, rel=1e-14)


def test_feedback_against_a_long_sum():
    # the same loop with 70 % answered, summed generation by generation
    scenario = _scenario([{"from_type": "x", "to_type": "y", "share": 0.5}, {"from_type": "y", "to_type": "x", "share": 0.4}])
    network = network_arrays(scenario, _design())
    rates = solve_traffic(network, np.full((2, 2, 1), 0.7)).rates
    x, y = 80.0, 10.0
    total = np.array([x, y])
    for _ in range(200):
        x, y = 0.7 * 0.4 * y, 0.7 * 0.5 * x
        total = total + np.array([x, y])
    assert rates[0, 0, 0] == pytest.approx(total[0], rel=1e-13)
    assert rates[1, 1, 0] == pytest.approx(total[1], rel=1e-13)
