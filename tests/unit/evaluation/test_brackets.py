"""Brackets against cases where one of the two extremes is the truth."""

from __future__ import annotations

import numpy as np
import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.evaluation.brackets import bracket, even_split, network_components
from ccopt.evaluation.judge import evaluate_split
from ccopt.routing.flows import network_arrays


def _parts(scenario, design, period=0):
    network = network_arrays(scenario, design)
    can = np.zeros((len(network.contact_types), len(network.groups)), dtype=bool)
    for r in design.routes:
        can[network.contact_types.index(r.contact_type), network.groups.index((r.site, r.skill_set))] = True
    agents = np.array([g.agents[period] for g in design.groups])
    return network, network_components(can, network.demand[:, :, period].sum(axis=0), agents)


def test_one_group_is_its_own_bracket(three_regions, one_group):
    network, parts = _parts(three_regions, one_group)
    rows = {r.name: r for r in evaluate_split(three_regions, one_group).cells if r.period == "peak"}
    assert len(parts) == 2
    for part in parts:
        name = network.contact_types[part.types[0]]
        found = bracket(three_regions, network, part)
        assert found.pooled_level[0] == pytest.approx(rows[name].service_level, abs=1e-12)
        assert found.independent_level[0] == pytest.approx(rows[name].service_level, abs=1e-12)


def test_pooling_two_sites_helps(three_regions):
    design = Design(
        open_sites=("north", "south"),
        groups=(AgentGroup(site="north", skill_set="both", agents=(8, 4)),
                AgentGroup(site="south", skill_set="both", agents=(8, 4))),
        routes=tuple(Route(region="r1", contact_type="sales", site=s, skill_set="both", share=(0.5, 0.5))
                     for s in ("north", "south")))  # fmt: skip
    quiet = three_regions.model_copy(update={"demand": three_regions.demand[:1]})
    network, parts = _parts(quiet, design)
    found = bracket(quiet, network, parts[0])
    assert found.pooled_level[0] > found.independent_level[0] + 0.02
    assert found.pooled_abandonment[0] < found.independent_abandonment[0]


def test_split_is_even(three_regions, one_group):
    # 140/h x 315 s = 12.25 erlangs over 10 + 20 agents: 1/3 and 2/3
    design = one_group.model_copy(update={
        "groups": (AgentGroup(site="north", skill_set="sales-only", agents=(10, 9)),
                   AgentGroup(site="north", skill_set="both", agents=(20, 9))),
        "routes": tuple(Route(region="r1", contact_type="sales", site="north", skill_set=k, share=(0.5, 0.5))
                        for k in ("sales-only", "both"))})  # fmt: skip
    quiet = three_regions.model_copy(update={"demand": three_regions.demand[:1]})
    _, parts = _parts(quiet, design)
    split = even_split(parts[0], np.array([[315.0], [315.0]]))
    assert split[0] == pytest.approx([1 / 3, 2 / 3])
