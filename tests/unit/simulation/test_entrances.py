"""Lines, ports, menus, mixed chats and briefing of a scenario in `simulate`, against exact models."""

from __future__ import annotations

import math

import pytest

import ccopt as cc
from ccopt.errors import ScenarioError
from ccopt.queueing import erlang_b

AHT_S = 180.0


def scenario(**more):
    document = {
        "schema_version": 1, "name": "entrance", "periods": [{"name": "all", "hours_per_year": 1000.0}],
        "sites": [{"name": "here", "kind": "inhouse"}],
        "contact_types": [{"name": "calls", "talk_s": AHT_S, "targets": [{"service_level": 0.8, "awt_s": 20.0}]}],
        "skill_sets": [{"name": "all", "contact_types": ["calls"]}],
        "demand": [{"region": "r", "contact_type": "calls", "contacts_per_hour": 200.0}],
    }  # fmt: skip
    return cc.Scenario.model_validate(document | more)


def design(*teams, trunks=None, routes=None, **more):
    teams = teams or (("all", 12),)
    routes = routes or (("calls", "all"),)
    return cc.Design(
        open_sites=("here",), groups=tuple(cc.AgentGroup(site="here", skill_set=k, agents=(n,)) for k, n in teams),
        routes=tuple(cc.Route(region="r", contact_type=c, site="here", skill_set=k, share=(1.0,)) for c, k in routes),
        trunks=trunks or {}, **more,
    )  # fmt: skip


def finite_lines(load, agents, lines):
    """Blocking and mean wait in handle times of M/M/n/K by its birth and death probabilities."""
    p = [1.0]
    for k in range(1, lines + 1):
        p.append(p[-1] * load / min(k, agents))
    total = sum(p)
    queue = sum((k - agents) * x for k, x in enumerate(p) if k > agents) / total
    return p[-1] / total, queue / (load * (1.0 - p[-1] / total))


def test_lines_without_places_to_wait_are_erlang_b():
    bank = [{"name": "bank", "contact_types": ["calls"]}]
    found = cc.simulate(scenario(trunks=bank), design(trunks={"bank": 12}), contacts=20_000).cells[0]
    assert found.blocking == pytest.approx(float(erlang_b(12, 10.0)), abs=1.5 * found.half_width["blocking"])
    assert found.half_width["blocking"] < 0.006
    assert found.mean_wait_s == 0.0


def test_lines_with_places_to_wait_are_the_finite_queue():
    bank = [{"name": "bank", "contact_types": ["calls"]}]
    found = cc.simulate(scenario(trunks=bank), design(trunks={"bank": 16}), contacts=20_000).cells[0]
    blocked, wait = finite_lines(10.0, 12, 16)
    assert found.blocking == pytest.approx(blocked, abs=1.5 * found.half_width["blocking"])
    assert found.asa_s == pytest.approx(AHT_S * wait, abs=1.5 * found.half_width["asa_s"])


def test_other_load_takes_lines_too():
    """Lines shared with 4 erlangs that no agent causes: Erlang B of 14 erlangs, as nobody waits for 30 agents."""
    bank = [{"name": "bank", "contact_types": ["calls"], "erlangs": 4.0}]
    plan = design(("all", 30), trunks={"bank": 16})
    found = cc.simulate(scenario(trunks=bank), plan, contacts=20_000).cells[0]
    assert found.blocking == pytest.approx(float(erlang_b(16, 14.0)), abs=1.5 * found.half_width["blocking"])


def test_lines_that_the_design_does_not_number_block_nobody():
    bank = [{"name": "bank", "contact_types": ["calls"]}]
    free = cc.simulate(scenario(trunks=bank), design(), contacts=2_000)
    assert free.cells == cc.simulate(scenario(), design(), contacts=2_000).cells
    assert "lines that the design does not number block nobody: bank" in free.notes


MENU = {"name": "computer", "menus": [{"contact_type": "calls", "time_s": 60.0, "containment": 0.4, "share": 0.8}]}


def test_ports_are_erlang_b_and_the_menu_keeps_contacts_from_agents():
    """Of 200 contacts 160 pass the menu: 2.67 erlangs on 4 ports; 40 % of those who get in end there."""
    plan = design(trunks={"computer: ports": 4, "computer: lines": 200})
    found = cc.simulate(scenario(self_service=[MENU]), plan, contacts=20_000)
    lost = float(erlang_b(4, 160.0 * 60.0 / 3600.0))
    answered = 40.0 + 160.0 * (1.0 - lost) * 0.6
    cell = found.cells[0]
    assert cell.blocking == pytest.approx(160.0 * lost / (160.0 * lost + answered), abs=1.5 * cell.half_width["blocking"])
    assert found.groups[0].carried_load == pytest.approx(answered * AHT_S / 3600.0, rel=0.01)


def test_containment_gives_agents_the_load_of_the_core():
    plan = design(trunks={"computer: ports": 60, "computer: lines": 200})
    s = scenario(self_service=[MENU])
    found, exact = cc.simulate(s, plan, contacts=20_000), cc.evaluate(s, plan)
    assert found.groups[0].carried_load == pytest.approx(exact.groups[0].carried_load, rel=0.01)
    assert found.cells[0].contacts_per_hour == pytest.approx(exact.cells[0].contacts_per_hour, rel=0.01)


def test_menus_and_talk_share_the_lines_of_self_service():
    """Nobody waits and nobody is contained: 60 s in the menu and 180 s with an agent hold one of 14 lines."""
    menu = {"name": "computer", "menus": [{"contact_type": "calls", "time_s": 60.0}]}
    plan = design(("all", 40), trunks={"computer: ports": 60, "computer: lines": 14})
    found = cc.simulate(scenario(self_service=[menu]), plan, contacts=20_000).cells[0]
    load = 200.0 * (60.0 + AHT_S) / 3600.0
    assert found.blocking == pytest.approx(float(erlang_b(14, load)), abs=1.5 * found.half_width["blocking"])


def test_two_menus_of_one_contact_type_are_refused():
    twice = [MENU, MENU | {"name": "other"}]
    with pytest.raises(ScenarioError, match=r"2 menus of one contact type.*\n?.*2 banks of lines"):
        cc.simulate(scenario(self_service=twice), design())


def test_chats_in_a_mixed_group_take_their_part_of_an_agent():
    """Two chats of 400 s in hand are one agent: 200 s each beside calls of 200 s is Erlang C, exact."""
    levels = [{"chats": 1, "handle_s": 250.0}, {"chats": 2, "handle_s": 400.0}]
    target = [{"service_level": 0.8, "awt_s": 20.0}]
    s = scenario(
        contact_types=[{"name": "calls", "talk_s": 200.0, "targets": target},
                       {"name": "chat", "channel": "chat", "chat_levels": levels, "talk_s": 200.0, "targets": target}],
        skill_sets=[{"name": "all", "contact_types": ["calls", "chat"]}],
        demand=[{"region": "r", "contact_type": c, "contacts_per_hour": 80.0} for c in ("calls", "chat")],
    )  # fmt: skip
    plan = design(("all", 11), routes=(("calls", "all"), ("chat", "all")))
    found = cc.simulate(s, plan, contacts=20_000)
    pool = cc.ErlangC(contacts_per_hour=160.0, aht_s=200.0).performance(agents=11, awt_s=20.0)
    assert any("chats beside other types" in note for note in found.notes)
    for cell in found.cells:
        assert cell.service_level == pytest.approx(pool.service_level, abs=1.5 * cell.half_width["service_level"])


def selling(briefing_s):
    s = scenario(
        skill_sets=[{"name": "all", "contact_types": ["calls"]}, {"name": "sellers", "contact_types": ["calls"]}],
        cross_selling=[{"contact_type": "calls", "extra_s": 120.0, "success": 0.5, "revenue": 10.0, "briefing_s": briefing_s}],
    )
    offer = cc.Offer(site="here", skill_set="all", contact_type="calls", share=0.3, route="transfer", to_site="here",
                     to_skill_set="sellers")  # fmt: skip
    return s, design(("all", 20), ("sellers", 8), offers=(offer,))


@pytest.mark.parametrize("briefing_s", [0.0, 40.0])
def test_briefing_occupies_both_agents(briefing_s):
    """Little's law: 200 contacts an hour, 30 % handed over after the briefing, 120 s of selling behind it."""
    s, plan = selling(briefing_s)
    found = cc.simulate(s, plan, contacts=20_000)
    first, second = found.groups
    assert first.carried_load == pytest.approx(200.0 * (AHT_S + 0.3 * briefing_s) / 3600.0, rel=0.01)
    assert second.carried_load == pytest.approx(60.0 * (briefing_s + 120.0) / 3600.0, rel=0.015)
    assert found.revenue_per_year == pytest.approx(60.0 * 0.5 * 10.0 * 1000.0, rel=0.02)


def test_evaluate_judges_warm_transfers_by_simulation():
    s, plan = selling(40.0)
    found = cc.evaluate(s, plan, half_width=0.01)
    assert "simulation" in found.method
    assert any("warm transfer" in note for note in found.notes)
    assert all(r.half_width["service_level"] <= 0.01 for r in found.contact_types)
    assert found.revenue_per_year == pytest.approx(60.0 * 0.5 * 10.0 * 1000.0, rel=0.05)
    assert math.isfinite(cc.evaluate(s, plan, budget_ms=200).cost_per_year)
