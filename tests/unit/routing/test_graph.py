"""Routing graph: flows, findings, exports."""

from __future__ import annotations

import json
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest

from ccopt.design import AgentGroup, Design, Offer, Route
from ccopt.routing import check_routing, draw_routing, routing_graph
from ccopt.routing.export import graph_as_dot, graph_as_graphml, graph_as_json, graph_as_mermaid
from ccopt.scenario.entities import Scenario


@pytest.fixture
def scenario():
    return Scenario.model_validate_json((files("ccopt.scenario.instances") / "three-regions.json").read_bytes())


def _design(scenario, agents=((20, 9), (20, 9), (20, 9)), extra=(), sales=(0.5, 1.0), regime="split"):
    del scenario
    names = (("north", "sales-only"), ("north", "both"), ("south", "both"))
    return Design(
        open_sites=("north", "south"), regime=regime,
        groups=tuple(AgentGroup(site=s, skill_set=k, agents=a) for (s, k), a in zip(names, agents, strict=True)),
        routes=(
            Route(region="r1", contact_type="sales", site="north", skill_set="sales-only", share=sales),
            Route(region="r1", contact_type="sales", site="south", skill_set="both", share=tuple(1 - x for x in sales)),
            Route(region="r2", contact_type="support", site="north", skill_set="both", share=(1.0, 1.0)), *extra))  # fmt: skip


def _tiered():
    return Scenario.model_validate({
        "schema_version": 1, "name": "tiers", "periods": [{"name": "day", "hours_per_year": 2000.0}],
        "sites": [{"name": "a", "kind": "inhouse"}, {"name": "b", "kind": "inhouse"}],
        "contact_types": [{"name": "first", "talk_s": 300.0}, {"name": "second", "talk_s": 600.0}],
        "skill_sets": [{"name": "l1", "contact_types": ["first"]}, {"name": "l2", "contact_types": ["second"]}],
        "demand": [{"region": "r", "contact_type": "first", "contacts_per_hour": 100.0}],
        "escalations": [{"from_type": "first", "to_type": "second", "share": 0.3}]})  # fmt: skip


def test_flows_on_arcs(scenario):
    graph = routing_graph(scenario, _design(scenario))
    assert graph["origin:r1:sales"]["group:north:sales-only"]["primary:1"]["flow"] == (70.0, 60.0)
    assert graph["group:south:both"]["exit:answered"]["answered:1"]["flow"] == (70.0, 0.0)


def test_clean_design_has_no_errors(scenario):
    found = check_routing(routing_graph(scenario, _design(scenario)))
    assert {f.check for f in found if f.severity == "error"} == set()


def test_single_point_of_failure_is_named(scenario):
    found = [f for f in check_routing(routing_graph(scenario, _design(scenario))) if f.check == "single_point_of_failure"]
    places = {(f.place, f.message.split(" of ")[0]) for f in found}
    # sales has south in the peak only; support has north alone
    assert places == {("north", "sales"), ("north", "support")}
    backup = Route(region="r2", contact_type="support", site="south", skill_set="both", kind="overflow", rank=2,
                   share=(1.0, 1.0))  # fmt: skip
    again = check_routing(routing_graph(scenario, _design(scenario, extra=(backup,), sales=(0.5, 0.5))))
    assert not [f for f in again if f.check == "single_point_of_failure"]


def test_two_sites_that_may_be_lost_together_are_named(scenario):
    """With a backup at south support stands on two sites: a cut of two, found only when two may be lost."""
    backup = Route(region="r2", contact_type="support", site="south", skill_set="both", kind="overflow", rank=2,
                   share=(1.0, 1.0))  # fmt: skip
    graph = routing_graph(scenario, _design(scenario, extra=(backup,), sales=(0.5, 0.5)))
    assert not [f for f in check_routing(graph) if f.check in ("few_sites", "single_point_of_failure")]
    found = [f for f in check_routing(graph, sites_lost=2) if f.check == "few_sites"]
    assert {(f.place, f.message.split(" of ")[0]) for f in found} == {("north + south", "sales"), ("north + south", "support")}
    assert all("beside north, south" in f.cure for f in found)
    for bad in (0, 1.5, True):
        with pytest.raises(ValueError, match="sites_lost"):
            check_routing(graph, sites_lost=bad)


def test_one_group_alone_is_named_where_its_site_has_others(scenario):
    """Support goes to north/both only, and north has sales-only agents too; sales reaches two groups."""
    found = [f for f in check_routing(routing_graph(scenario, _design(scenario))) if f.check == "single_group"]
    groups = {g.skill_set for g in _design(scenario).groups if g.site == "north"}
    assert len(groups) > 1
    assert {f.place for f in found} <= {f"north/{k}" for k in groups}
    assert any("support" in f.message and "another skill set of north" in f.cure for f in found)


def test_unstaffed_period_is_a_dead_end(scenario):
    found = check_routing(routing_graph(scenario, _design(scenario, agents=((20, 0), (20, 9), (20, 9)))))
    checks = {f.check: f for f in found if f.severity == "error"}
    assert set(checks) == {"reachable", "dead_end"}
    assert "rest" in checks["reachable"].place
    assert checks["dead_end"].cure


def test_closed_period_is_an_opening_gap(scenario):
    document = scenario.model_dump()
    document["sites"][0]["periods"] = ("peak",)
    shut = Scenario.model_validate(document)
    found = check_routing(routing_graph(shut, _design(shut, agents=((20, 0), (20, 0), (20, 9)))))
    assert "opening_gap" in {f.check for f in found}


def test_overflow_to_nobody_is_a_dead_end(scenario):
    away = Route(region="r2", contact_type="support", site="south", skill_set="both", kind="overflow", rank=2,
                 share=(1.0, 1.0))  # fmt: skip
    graph = routing_graph(scenario, _design(scenario, agents=((20, 9), (20, 9), (20, 0)), extra=(away,), sales=(0.5, 1.0)))
    (found,) = [f for f in check_routing(graph) if f.check == "dead_end"]
    assert (found.severity, found.place) == ("warning", "origin:r2:support -> group:south:both in rest")
    assert "share of the route to 0" in found.cure


def test_overflow_back_to_the_same_group(scenario):
    back = Route(region="r2", contact_type="support", site="north", skill_set="both", kind="overflow", rank=2,
                 share=(1.0, 1.0))  # fmt: skip
    found = check_routing(routing_graph(scenario, _design(scenario, extra=(back,))))
    assert "circular" in {f.check for f in found}


def test_idle_agents_are_noted(scenario):
    graph = routing_graph(scenario, _design(scenario, sales=(1.0, 1.0)))
    assert [f.place for f in check_routing(graph) if f.check == "idle"] == [
        "group:south:both in peak", "group:south:both in rest"]  # fmt: skip


def test_wrong_skill_in_a_foreign_graph(scenario):
    graph = routing_graph(scenario, _design(scenario))
    graph.nodes["group:north:sales-only"]["contact_types"] = ("support",)
    assert "skills" in {f.check for f in check_routing(graph)}


def test_lost_flow_in_a_foreign_graph(scenario):
    graph = routing_graph(scenario, _design(scenario))
    graph["origin:r2:support"]["group:north:both"]["primary:1"]["flow"] = (90.0, 40.0)
    assert "conservation" in {f.check for f in check_routing(graph)}


def test_tiers_and_escalation_loop():
    scenario = _tiered()
    design = Design(
        open_sites=("a", "b"),
        groups=(AgentGroup(site="a", skill_set="l1", agents=(9,)), AgentGroup(site="b", skill_set="l2", agents=(6,))),
        routes=(Route(region="r", contact_type="first", site="a", skill_set="l1", share=(1.0,)),
                Route(region="r", contact_type="second", site="b", skill_set="l2", kind="escalation", share=(1.0,))))  # fmt: skip
    graph = routing_graph(scenario, design)
    assert graph.nodes["tier:r:second"]["contacts_per_hour"] == (30.0,)
    assert {f.severity for f in check_routing(graph)} == {"warning"}
    graph.add_edge("group:b:l2", "tier:r:first", kind="escalates", contact_type="second", flow=None, share=None, rank=1)
    graph.nodes["tier:r:first"].update(kind="tier", region="r", contact_type="first", contacts_per_hour=(0.0,))
    assert "circular" in {f.check for f in check_routing(graph)}


def test_exports_round_trip(scenario):
    graph = routing_graph(scenario, _design(scenario))
    document = json.loads(graph_as_json(graph))
    assert len(document["nodes"]) == graph.number_of_nodes()
    assert len(document["edges"]) == graph.number_of_edges()
    root = ET.fromstring(graph_as_graphml(graph))
    assert len([e for e in root.iter() if e.tag.endswith("edge")]) == graph.number_of_edges()


def test_text_exports_escape_names(scenario):
    document = scenario.model_dump()
    document["demand"][0]["region"] = 'r1"]; x --> y'
    document["links"] = ()
    odd = Scenario.model_validate(document)
    plain = _design(scenario)
    design = plain.model_copy(update={"routes": tuple(
        r.model_copy(update={"region": 'r1"]; x --> y'}) if r.region == "r1" else r for r in plain.routes)})  # fmt: skip
    graph = routing_graph(odd, design)
    assert 'r1\\"]' in graph_as_dot(graph)
    mermaid = graph_as_mermaid(graph)
    assert mermaid.startswith("flowchart LR")
    assert 'r1"' not in mermaid


def test_offer_is_an_arc(scenario):
    document = scenario.model_dump()
    document["cross_selling"] = [{"contact_type": "sales", "extra_s": 60.0, "success": 0.2, "revenue": 40.0}]
    selling = Scenario.model_validate(document)
    design = _design(selling).model_copy(update={"offers": (
        Offer(site="north", skill_set="sales-only", contact_type="sales", threshold=3),)})  # fmt: skip
    graph = routing_graph(selling, design)
    assert graph["group:north:sales-only"]["group:north:sales-only"]["cross_sell:1"]["threshold"] == 3


def test_picture_is_written(scenario, tmp_path):
    backup = Route(region="r2", contact_type="support", site="south", skill_set="both", kind="overflow", rank=2,
                   share=(1.0, 1.0))  # fmt: skip
    for name in ("routing.png", "routing.svg"):
        draw_routing(routing_graph(scenario, _design(scenario, extra=(backup,))), tmp_path / name)
        assert (tmp_path / name).stat().st_size > 5000
    assert "agents at peak" in (tmp_path / "routing.svg").read_text() or "<use" in (tmp_path / "routing.svg").read_text()
