"""`simulate` on scenarios: seeds, rules of agreement and contradiction, records."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import ccopt as cc
from ccopt.simulation import Law, SimulationOptions, contradictions


@pytest.fixture(scope="module")
def tiers():
    """The optimum of tiny-tiers: first line at one site by day and at the other by night, second line at the coast."""
    calls = [("city", (1.0, 0.0)), ("coast", (0.0, 1.0))]
    routes = [cc.Route(region=r, contact_type="call", site=s, skill_set="first tier", share=x) for s, x in calls for r in ("north", "south")]
    routes += [cc.Route(region=r, contact_type="case", site="coast", skill_set="second tier", kind="escalation", share=(1.0, 1.0))
               for r in ("north", "south")]  # fmt: skip
    groups = [("city", "first tier", (7, 0)), ("coast", "first tier", (0, 3)), ("coast", "second tier", (4, 2))]
    return cc.load_instance("tiny-tiers"), cc.Design(
        open_sites=("city", "coast"), routes=tuple(routes),
        groups=tuple(cc.AgentGroup(site=s, skill_set=k, agents=n) for s, k, n in groups))  # fmt: skip


def test_same_seed_same_answer_other_seed_other(tiers):
    scenario, design = tiers
    a, b, c = (cc.simulate(scenario, design, replications=3, seed=s).as_dict() for s in (1, 1, 2))
    assert a == b != c


def test_threads_change_nothing(tiers):
    scenario, design = tiers
    one, two = (cc.simulate(scenario, design, replications=7, options=SimulationOptions(threads=k)) for k in (1, 2))
    assert one == two


def test_two_tiers_agree_with_the_analytic_judge(tiers):
    scenario, design = tiers
    simulated, judged = cc.simulate(scenario, design, replications=30), cc.evaluate(scenario, design)
    known = {(r.name, r.site, r.skill_set, r.period): r for r in judged.cells}
    for row in simulated.cells:
        other = known[row.name, row.site, row.skill_set, row.period]
        width = 2.0 * row.half_width["service_level"] + 0.02
        assert abs(row.service_level - other.service_level) <= width
        assert row.contacts_per_hour == pytest.approx(other.contacts_per_hour, rel=0.05)


def test_both_judges_answer_in_the_same_form(tiers):
    scenario, design = tiers
    simulated, judged = (f(scenario, design).as_dict() for f in (cc.simulate, cc.evaluate))
    json.dumps(simulated, allow_nan=False)
    assert list(simulated) == list(judged)
    for name in ("contact_types", "cells", "groups", "sites"):
        rows, others = simulated[name], judged[name]
        assert [list(r) for r in rows] == [list(r) for r in others]
        keys = [k for k in ("name", "site", "skill_set", "period") if k in rows[0]]
        assert [[r[k] for k in keys] for r in rows] == [[r[k] for k in keys] for r in others]
    assert all({"service_level", "abandonment", "asa_s"} <= set(r["half_width"]) for r in simulated["cells"])
    assert simulated["cost_per_year"] == pytest.approx(judged["cost_per_year"], rel=1e-3)


def test_contradiction_needs_proof(tiers):
    scenario, design = tiers
    good = cc.simulate(scenario, design, replications=10)
    assert contradictions(scenario, good, replications=10) == () == good.violations
    assert good.meets_targets
    weak = design.model_copy(update={"groups": tuple(
        g.model_copy(update={"agents": tuple(max(n - 3, 0) for n in g.agents)}) for g in design.groups)})  # fmt: skip
    bad = cc.simulate(scenario, weak, replications=10)
    assert contradictions(scenario, bad, replications=10) == bad.violations != ()
    assert not bad.meets_targets


def test_one_replication_has_no_interval(tiers):
    with pytest.raises(ValueError, match="at least 2"):
        cc.simulate(*tiers, replications=1)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_records_hold_what_the_rows_say(tiers, tmp_path, suffix):
    scenario, design = tiers
    path = tmp_path / f"records.{suffix}"
    found = cc.simulate(scenario, design, replications=2, contacts=500, options=SimulationOptions(records=path))
    table = pd.read_csv(path) if suffix == "csv" else pd.read_parquet(path)
    assert {"period", "replication", "contact", "queue", "wait_s", "status", "group"} <= set(table.columns)
    assert set(table["status"]) <= {"answered", "abandoned"}
    share = (table["status"] == "abandoned").mean()
    assert share == pytest.approx(sum(r.abandonment * r.contacts_per_hour for r in found.contact_types if r.period is None)
                                  / sum(r.contacts_per_hour for r in found.contact_types if r.period is None), abs=0.03)  # fmt: skip
    assert not list(tmp_path.glob("*.part"))
    with pytest.raises(ValueError, match=r"records.xlsx.*\.parquet or \.csv"):
        cc.simulate(scenario, design, replications=2, options=SimulationOptions(records=tmp_path / "records.xlsx"))


@pytest.fixture(scope="module")
def desk():
    """Chats alone, letters in the gaps of calls; both judges."""
    scenario = cc.Scenario.model_validate({
        "schema_version": 1, "name": "desk", "periods": [{"name": "day", "hours_per_year": 2000.0}],
        "sites": [{"name": "here", "kind": "inhouse", "wage_per_hour": 20.0}],
        "contact_types": [
            {"name": "chat", "channel": "chat", "talk_s": 200.0, "patience_s": 120.0,
             "chat_levels": [{"chats": 1, "handle_s": 300.0}, {"chats": 2, "handle_s": 390.0}],
             "targets": [{"service_level": 0.5, "awt_s": 30.0}]},
            {"name": "call", "talk_s": 240.0, "patience_s": 120.0, "targets": [{"service_level": 0.5, "awt_s": 20.0}]},
            {"name": "letter", "channel": "post", "talk_s": 240.0, "background": True, "targets": [{"max_response_h": 8.0, "share": 0.9}]}],
        "skill_sets": [{"name": "chatters", "contact_types": ["chat"]}, {"name": "blend", "contact_types": ["call", "letter"]}],
        "demand": [{"region": "r", "contact_type": c, "contacts_per_hour": n} for c, n in (("chat", 40.0), ("call", 60.0), ("letter", 30.0))]})  # fmt: skip
    groups = [("chatters", ("chat",), 3), ("blend", ("call", "letter"), 8)]
    design = cc.Design(
        open_sites=("here",), groups=tuple(cc.AgentGroup(site="here", skill_set=k, agents=(n,)) for k, _, n in groups),
        routes=tuple(cc.Route(region="r", contact_type=c, site="here", skill_set=k, share=(1.0,)) for k, cs, _ in groups for c in cs))  # fmt: skip
    return cc.evaluate(scenario, design), cc.simulate(scenario, design, contacts=12_000)


def test_chats_and_letters_agree_with_the_models(desk):
    judged, simulated = desk
    for a, b in zip(judged.cells, simulated.cells, strict=True):
        assert (a.name, a.awt_s) == (b.name, b.awt_s)
        if a.name == "chat":  # the others depend on the idle agents kept from letters, which the models choose and a design names
            assert b.service_level == pytest.approx(a.service_level, abs=2 * b.half_width["service_level"] + 0.012), a.name
    for a, b in zip(judged.groups, simulated.groups, strict=True):
        rel = 0.02 if a.skill_set == "chatters" else 0.06
        assert b.occupancy == pytest.approx(a.occupancy, rel=rel)
        assert b.carried_load == pytest.approx(a.carried_load, rel=rel)
    assert simulated.meets_targets


def test_other_laws_change_the_answer(tiers):
    scenario, design = tiers
    plain, constant = (cc.simulate(scenario, design, options=SimulationOptions(service_law=Law(kind=k))) for k in ("exponential", "deterministic"))
    assert constant.contact_types[0].asa_s < plain.contact_types[0].asa_s  # less variable handle times wait less
