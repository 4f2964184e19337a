"""Kinds of centers, channels and contracts: each row switched off, against theory or a hand calculation."""

import json
import math

import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing import group_performance
from ccopt.scenario.checks import validated
from ccopt.scenario.core import core_of
from ccopt.staffing.group_queue import keeps, type_in_group


def raw_of(name):
    return json.loads(cc.load_instance(name).model_dump_json(exclude_unset=True))


def solve(raw, gap=0.002, seconds=8):
    return cc.optimise(validated(raw), gap=gap, time_limit_s=seconds)


def fewest(*asked):
    """Fewest agents for (contact type, contacts per hour) under the queue of the group."""
    kinds = [type_in_group(k, 1.0) for k, _ in asked]
    rates = [r for _, r in asked]
    n = 1
    while not keeps(kinds, np.array(rates), n):
        n += 1
    return n


class TestBlend:
    """12 erlangs of service need 16 agents at 80/20 (Erlang C); 46 people an hour x 180 s = 2.3 erlangs need 3 alone."""

    def test_blending_saves_two_agents_of_nineteen_and_the_plan_is_the_hand_calculation(self):
        hour = 21 / 0.7 * 2000
        apart = 100_000 + (16 + 3 * 0.98) * hour + 19 * 3_000
        together = 100_000 + (16 * 1.02 + 0.98) * hour + 17 * 3_000
        raw = raw_of("blend")
        plan = solve(raw)
        assert plan.cost_per_year == pytest.approx(together, rel=1e-9)
        assert plan.lower_bound == pytest.approx(together - 276_000, rel=1e-6)
        raw["skill_sets"] = raw["skill_sets"][:2]
        assert solve(raw).cost_per_year == pytest.approx(apart, rel=1e-9)

    def test_value_of_the_campaign_is_list_times_hits_times_success(self):
        s = cc.load_instance("blend")
        plan = solve(raw_of("blend"))
        assert cc.evaluate(s, plan.design).revenue_per_year == pytest.approx(230_000 * 0.4 * 0.05 * 60)

    def test_blending_stops_to_save_when_the_idle_time_is_used_up(self):
        """Sixteen agents idle four erlangs; what blending saves rises with the work and never exceeds these four."""
        service, renewal = core_of(cc.load_instance("blend")).contact_types
        saved = []
        for erlangs in (1.0, 2.3, 5.0, 9.0, 15.0, 25.0):
            shared = min(k + fewest((service, 240.0), (renewal, (erlangs - k) * 20.0)) for k in range(math.ceil(erlangs)))
            saved.append(16 + math.ceil(erlangs) - shared)
        assert saved == [1, 2, 2, 3, 4, 4]  # from 15 erlangs on every agent is busy all the time


class TestLines:
    def test_ports_and_lines_are_the_loss_formula_on_the_load_of_the_busiest_weeks(self):
        """Ports: (60 + 84,000 / 400) x 75 s + 90 x 40 s = 6.625 erlangs; Erlang B at 1 % by its own recursion here."""
        plan = solve(raw_of("ivr-and-lines"))
        load = (270 * 75 + 90 * 40) / 3600

        def loss(lines, erlangs):
            b = 1.0
            for k in range(1, lines + 1):
                b = erlangs * b / (k + erlangs * b)
            return b

        ports = next(n for n in range(1, 100) if loss(n, load) <= 0.01)
        assert plan.design.trunks["voice computer: ports"] == ports == 14
        talk = (270 * 0.45 * 150 + 81 * 240) / 3600
        lines = plan.design.trunks["voice computer: lines"]
        assert loss(lines - 1, load + talk * 1.05) > 0.01  # no line too many, whoever waits or leaves
        assert loss(lines, load + talk * 0.9) <= 0.01

    def test_one_line_less_is_a_broken_promise(self):
        s = cc.load_instance("ivr-and-lines")
        plan = solve(raw_of("ivr-and-lines"))
        assert cc.evaluate(s, plan.design).meets_targets
        trunks = {k: v - 1 for k, v in plan.design.trunks.items()}
        found = cc.evaluate(s, plan.design.model_copy(update={"trunks": trunks}))
        assert {v.limit for v in found.violations} == {"max_blocking"}
        assert len({v.place.split(",")[0] for v in found.violations}) == 2

    def test_without_the_voice_computer_agents_do_what_it_contains(self):
        raw = raw_of("ivr-and-lines")
        with_it = solve(raw)
        without = solve({k: v for k, v in raw.items() if k != "self_service"})
        assert without.lower_bound > with_it.cost_per_year
        kinds = cc.load_instance("ivr-and-lines").contact_types
        assert max(without.design.groups[0].agents) >= fewest((kinds[0], 270.0 * 0.999), (kinds[1], 90.0))

    def test_the_letter_brings_its_answers_and_costs_its_postage(self):
        raw = raw_of("ivr-and-lines")
        quiet = solve({k: v for k, v in raw.items() if k != "mailings"})
        plan = solve(raw)
        assert plan.costs["charges"]["mailing meter letter"] == 600_000 * 0.45
        assert "mailing meter letter" not in quiet.costs["charges"]
        agents = lambda p: [sum(g.agents[t] for g in p.design.groups) for t in (0, 1)]  # noqa: E731
        assert agents(quiet)[0] == agents(plan)[0]
        assert agents(quiet)[1] < agents(plan)[1]

    def test_waiting_on_a_toll_free_number_costs_its_minutes(self):
        """0.03 a minute x (minutes of talk of those answered + minutes of waiting of all), from the rows of the judge."""
        s = cc.load_instance("ivr-and-lines")
        found = cc.evaluate(s, solve(raw_of("ivr-and-lines")).design)
        hours = {p.name: p.hours_per_year for p in s.periods}
        talk = {"meter": 150, "bill": 240}
        by_hand = sum(
            0.03 / 60 * hours[c.period] * c.contacts_per_hour * (c.mean_wait_s + (1 - c.abandonment) * talk[c.name])
            for c in found.cells
        )
        assert found.costs["sites"]["works"]["toll_free"] == pytest.approx(by_hand, rel=1e-9)


class TestShop:
    def test_agents_who_write_e_mails_in_between_are_cheaper_than_specialists(self):
        raw = raw_of("omnichannel-shop")
        plan = solve(raw, gap=0.09, seconds=10)
        raw["skill_sets"] = raw["skill_sets"][:3]
        apart = solve(raw, gap=0.01)
        assert apart.lower_bound > plan.cost_per_year
        assert cc.evaluate(cc.load_instance("omnichannel-shop"), plan.design).meets_targets

    def test_three_chats_at_a_time_halve_the_chat_agents(self):
        """One at a time: 45 x 320 s = 4 erlangs, 5 agents reach 76.6 % in 60 s with patience 240 s (Erlang A), so 6; three: 3."""
        chat = core_of(cc.load_instance("omnichannel-shop")).contact_types[2]
        single = chat.model_copy(update={"talk_s": 320.0, "chat_levels": ()})
        assert fewest((single, 45.0)) == 6
        assert fewest((chat, 45.0)) == 3
        assert group_performance(45.0, 320.0, patience_s=240.0, agents=5, awt_s=60.0).answered_in_time[0] < 0.8

    def test_the_journey_brings_shorter_calls(self):
        """12 % of the answered chats call, three quarters of 260 s each."""
        s = cc.load_instance("omnichannel-shop")
        core = core_of(s)
        after = next(c for c in core.contact_types if c.name == "call after chat")
        assert after.aht_s == pytest.approx(195)
        plan = solve(raw_of("omnichannel-shop"), gap=0.1, seconds=6)
        found = cc.evaluate(s, plan.design)
        for period in ("day", "evening"):
            chats = [c for c in found.cells if c.name == "chat" and c.period == period]
            calls = sum(c.contacts_per_hour for c in found.cells if c.name == "call after chat" and c.period == period)
            assert calls == pytest.approx(0.12 * sum(c.contacts_per_hour * (1 - c.abandonment) for c in chats), rel=1e-9)
