"""Queue models against simulated contacts on the same fixed split: inside the interval plus the stated model error."""

from __future__ import annotations

import numpy as np
import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.evaluation.judge import evaluate_split
from ccopt.evaluation.routed import run_network
from ccopt.evaluation.routed_records import routed_evaluation
from ccopt.queueing.controlled.bank import Bank
from ccopt.queueing.controlled.effort import RunOptions
from ccopt.routing import check_routing, routing_graph
from ccopt.routing.flows import network_arrays
from ccopt.scenario import load_instance
from ccopt.scenario.entities import Scenario

# simultaneous 99 % over about forty rows: normal quantile of 1 - 0.005 / 40, over the 1.96 of a half-width
WIDEN = 3.66 / 1.96


def _simulated(scenario, design, contacts=300_000):
    """Contacts walked one by one, no queueing formula (no companions)."""
    network = network_arrays(scenario, design)
    options = RunOptions(contacts=contacts, seed=17)
    results = run_network(scenario, design, network, options=options, bank=Bank(), model=None)
    return routed_evaluation(scenario, design, network, results)


def _three_regions():
    scenario = load_instance("three-regions")
    design = Design(
        open_sites=("north", "south"),
        groups=(AgentGroup(site="north", skill_set="sales-only", agents=(11, 6)),
                AgentGroup(site="north", skill_set="both", agents=(18, 10)),
                AgentGroup(site="south", skill_set="both", agents=(7, 4))),
        routes=(Route(region="r1", contact_type="sales", site="north", skill_set="sales-only", share=(0.5, 0.5)),
                Route(region="r1", contact_type="sales", site="north", skill_set="both", share=(0.2, 0.2)),
                Route(region="r1", contact_type="sales", site="south", skill_set="both", share=(0.3, 0.3)),
                Route(region="r2", contact_type="support", site="north", skill_set="both", share=(1.0, 1.0))))  # fmt: skip
    return scenario, design


def _helpline():
    """Twelve regions, call handlers at three sites, clinicians at two, four periods; service counted on answered calls."""
    rng = np.random.default_rng(4)
    periods = [{"name": f"p{t}", "hours_per_year": 2190.0} for t in range(4)]
    level = (0.4, 0.8, 1.0, 1.3)
    demand = [{"region": f"r{r}", "contact_type": "call", "contacts_per_hour": [float(x * v) for v in level]}
              for r, x in enumerate(rng.uniform(8, 30, 12))]  # fmt: skip
    scenario = Scenario.model_validate({
        "schema_version": 1, "name": "helpline", "periods": periods,
        "sites": [{"name": s, "kind": "inhouse", "wage_per_hour": 15.0} for s in ("a", "b", "c")],
        "contact_types": [
            {"name": "call", "talk_s": 410.0, "patience_s": 300.0,
             "targets": [{"service_level": 0.95, "awt_s": 60.0, "basis": "answered"}]},
            {"name": "advice", "talk_s": 685.0, "patience_s": 900.0,
             "targets": [{"service_level": 0.9, "awt_s": 60.0, "basis": "answered"}]}],
        "skill_sets": [{"name": "handler", "contact_types": ["call"]}, {"name": "clinician", "contact_types": ["advice"]}],
        "demand": demand, "escalations": [{"from_type": "call", "to_type": "advice", "share": 0.22}]})  # fmt: skip
    routes, load = [], {}
    for r, row in enumerate(demand):
        first, second = ("a", "b", "c")[r % 3], ("b", "c", "a")[r % 3]
        desk = "a" if r % 2 else "b"
        for site, skill, kind, share, aht, part in (
            (first, "handler", "primary", 0.7, 410.0, 1.0), (second, "handler", "primary", 0.3, 410.0, 1.0),
            (desk, "clinician", "escalation", 1.0, 685.0, 0.22),
        ):  # fmt: skip
            name = "call" if kind == "primary" else "advice"
            routes.append(Route(region=f"r{r}", contact_type=name, site=site, skill_set=skill, kind=kind, share=(share,) * 4))
            load[site, skill] = load.get((site, skill), 0.0) + np.array(row["contacts_per_hour"]) * share * part * aht / 3600
    groups = tuple(AgentGroup(site=s, skill_set=k, agents=tuple(int(np.ceil(a + 0.9 * np.sqrt(a))) for a in x))
                   for (s, k), x in load.items())  # fmt: skip
    return scenario, Design(open_sites=("a", "b", "c"), groups=groups, routes=tuple(routes))


@pytest.mark.parametrize("make", [_three_regions, _helpline])
def test_cells_agree(make):
    scenario, design = make()
    analytic, simulated = evaluate_split(scenario, design), _simulated(scenario, design)
    found = {(r.name, r.site, r.skill_set, r.period): r for r in simulated.cells}
    assert len(found) == len(analytic.cells)
    for row in analytic.cells:
        other = found[row.name, row.site, row.skill_set, row.period]
        for name in ("service_level", "abandonment", "asa_s"):
            a, b = getattr(row, name), getattr(other, name)
            # fed by another queue's departures: 0.4 points (DESIGN section 10)
            fed = 0.004 if row.name == "advice" else 0.0
            scale = 40.0 if name == "asa_s" else 1.0
            allowed = WIDEN * other.half_width[name] + row.half_width.get(name, 0.0) + fed * scale
            assert abs(a - b) <= allowed, (name, row.name, row.site, row.skill_set, row.period, a, b, allowed)


@pytest.mark.parametrize("make", [_three_regions, _helpline])
def test_flows_groups_and_cost_agree(make):
    scenario, design = make()
    analytic, simulated = evaluate_split(scenario, design), _simulated(scenario, design)
    for a, b in zip(analytic.groups, simulated.groups, strict=True):
        assert a.contacts_per_hour == pytest.approx(b.contacts_per_hour, rel=0.03)
        assert a.occupancy == pytest.approx(b.occupancy, abs=0.015)
    assert analytic.cost_per_year == pytest.approx(simulated.cost_per_year, rel=1e-3)


def test_graph_carries_the_simulated_flows():
    scenario, design = _helpline()
    simulated = _simulated(scenario, design)
    graph = routing_graph(scenario, design, evaluation=simulated)
    rows = {(g.site, g.skill_set, g.period): g.contacts_per_hour for g in simulated.groups}
    for node, data in graph.nodes(data=True):
        if data["kind"] == "group":
            arcs = [d for _, _, d in graph.in_edges(node, data=True) if d["flow"]]
            for t, period in enumerate(graph.graph["periods"]):
                into = sum(d["flow"][t] for d in arcs)
                assert into == pytest.approx(rows[data["site"], data["skill_set"], period], rel=0.03)
    assert not [f for f in check_routing(graph) if f.severity == "error"]
