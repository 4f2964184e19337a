"""Packaged instances: the flows of the routing graph, of the queue models and of the simulator are the same."""

from __future__ import annotations

import math

import pytest

import ccopt as cc
from ccopt.routing import check_routing, routing_graph

CONTACTS, REPLICATIONS = 4000, 10


def _design(scenario):
    if scenario.existing is not None:
        return cc.baseline(scenario)
    return cc.optimise(scenario, gap=0.1, time_limit_s=4).design


@pytest.mark.parametrize("name", ["two-sites", "ten-small-centers", "tiny-tiers", "skills-and-languages", "nhs111"])
def test_flows_are_the_simulated_flows(name):
    scenario = cc.load_instance(name)
    design = _design(scenario)
    judged = cc.evaluate(scenario, design)
    assert judged.meets_targets
    graph = routing_graph(scenario, design, evaluation=judged)
    assert not [f for f in check_routing(graph) if f.severity == "error"]
    simulated = cc.simulate(scenario, design, replications=REPLICATIONS, contacts=CONTACTS)
    periods = graph.graph["periods"]
    total = dict.fromkeys(periods, 0.0)
    for _, data in graph.nodes(data=True):
        if data["kind"] == "origin":
            for period, rate in zip(periods, data["contacts_per_hour"], strict=True):
                total[period] += rate
    rows = {(g.site, g.skill_set, g.period): g for g in simulated.groups}
    for node, data in graph.nodes(data=True):
        if data["kind"] != "group":
            continue
        arcs = [d for _, _, d in graph.in_edges(node, data=True) if d["flow"]]
        for t, period in enumerate(periods):
            flow = sum(d["flow"][t] for d in arcs)
            expected = flow / total[period] * REPLICATIONS * CONTACTS if total[period] else 0.0
            # counts of a Poisson stream and of the total that scales it: 4.5 standard deviations over all rows
            noise = 4.5 * math.sqrt(1.0 / max(expected, 1.0)) if expected else 0.0
            found = rows[data["site"], data["skill_set"], period].contacts_per_hour
            assert abs(found - flow) <= noise * flow + 1e-9, (node, period, flow, found)
