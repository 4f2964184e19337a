"""Callers who are rung back or served first, video rooms, authority, faults, hiring, home agents: each against a calculation by hand."""

import json
import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

import ccopt as cc
from ccopt.queueing import group_performance
from ccopt.scenario.checks import validated
from ccopt.scenario.core import core_of
from ccopt.studies.forms import changes
from ccopt.studies.paying_shifts import paid_hours
from ccopt.studies.selling_plans import plan_offers
from ccopt.studies.shift_plans import factors_of, plan_with_shifts, priced
from ccopt.studies.transitions import transition_path
from ccopt.studies.uncertain_demand import mixed_model
from ccopt.studies.workforces import workforce_break_evens, workforce_forms

YEAR_H = 2500


def raw_of(name):
    return json.loads(cc.load_instance(name).model_dump_json(exclude_unset=True))


def solve(raw, gap=1e-6, seconds=90):
    return cc.optimise(validated(raw), gap=gap, time_limit_s=seconds)


@cache
def plan_of(name):
    return solve(raw_of(name))


def agents_of(plan, skill):
    return next(g.agents[0] for g in plan.design.groups if g.skill_set == skill)


class TestCallBack:
    """8 erlangs of callers with 90 s of patience, at most 4 % may give up."""

    @staticmethod
    def fewest(**back):
        """Fewest agents by the model of one pool (its own quadrature), without the group model."""
        for n in range(5, 40):
            if back:
                p = cc.VirtualHold(contacts_per_hour=120, aht_s=240, patience_s=90, **back).performance(n)
            else:
                p = cc.ErlangA(contacts_per_hour=120, aht_s=240, patience_s=90).performance(n, 20)
            if p.abandonment <= 0.04:
                return n
        raise AssertionError

    def test_half_of_the_callers_rung_back_saves_agents_as_the_pool_says(self):
        raw = raw_of("call-back-hotline")
        plan = plan_of("call-back-hotline")
        assert agents_of(plan, "phone") == self.fewest(accept=0.5, dial_s=20) == 11
        raw["contact_types"][0].pop("callback")
        without = solve(raw)
        assert agents_of(without, "phone") == self.fewest() == 12
        agent = 21 / 0.7 * YEAR_H + 3_000
        by_hand = (11 + 4 * 1.1) * 21 / 0.7 * YEAR_H + 120_000 + 15 * 3_000 + 4 * 9_000
        assert plan.cost_per_year == pytest.approx(by_hand)
        assert without.cost_per_year - plan.cost_per_year == pytest.approx(agent)

    def test_abandonment_is_that_of_the_pool_and_simulation_agrees(self):
        s, plan = cc.load_instance("call-back-hotline"), plan_of("call-back-hotline")
        pool = cc.VirtualHold(contacts_per_hour=120, aht_s=240, patience_s=90, accept=0.5, dial_s=20).performance(11)
        seen = next(c for c in cc.evaluate(s, plan.design).cells if c.name == "call")
        assert seen.abandonment == pytest.approx(float(pool.abandonment), rel=1e-9)
        assert seen.mean_wait_s == pytest.approx(float(pool.mean_wait_s), rel=1e-9)
        simulated = cc.simulate(s, plan.design, replications=8, seed=5, contacts=8_000)
        row = next(c for c in simulated.cells if c.name == "call")
        assert abs(row.abandonment - seen.abandonment) < 2.5 * row.half_width["abandonment"]
        assert abs(row.service_level - seen.service_level) < 2.5 * row.half_width["service_level"]
        bare = raw_of("call-back-hotline")
        bare["contact_types"][0].pop("callback")
        assert next(c for c in cc.evaluate(validated(bare), plan.design).cells if c.name == "call").abandonment > 0.04

    def test_who_always_accepts_never_leaves(self):
        """accept = 1 and no time to ring back: Erlang C."""
        raw = raw_of("call-back-hotline")
        raw["contact_types"][0]["callback"] = {"accept": 1.0}
        seen = next(c for c in cc.evaluate(validated(raw), plan_of("call-back-hotline").design).cells if c.name == "call")
        pure = cc.ErlangC(contacts_per_hour=120, aht_s=240).performance(11, 20)
        assert seen.abandonment == 0.0
        assert seen.mean_wait_s == pytest.approx(float(pure.mean_wait_s))

    def test_linked_sites_ring_back_too(self):
        """One virtual queue over two sites is one pool for alike agents."""
        raw = raw_of("call-back-hotline")
        raw["contact_types"], raw["demand"] = raw["contact_types"][:1], raw["demand"][:1]
        raw["skill_sets"] = raw["skill_sets"][:1]
        site = {k: v for k, v in raw["sites"][0].items() if k != "equipped_seats"}
        raw["sites"] = [site, site | {"name": "annex"}]
        here = {"region": "customers", "contact_type": "call", "skill_set": "phone", "share": [0.5]}
        design = cc.Design.model_validate({
            "open_sites": ["house", "annex"], "regime": "virtual",
            "groups": [{"site": n, "skill_set": "phone", "agents": [k]} for n, k in (("house", 6), ("annex", 5))],
            "routes": [here | {"site": n} for n in ("house", "annex")],
        })  # fmt: skip
        pool = cc.VirtualHold(contacts_per_hour=120, aht_s=240, patience_s=90, accept=0.5, dial_s=20).performance(11)
        for judge in (cc.evaluate, lambda s, d: cc.simulate(s, d, replications=8, contacts=8_000)):
            row = next(c for c in judge(validated(raw), design).contact_types if c.name == "call" and c.period)
            assert row.abandonment == pytest.approx(float(pool.abandonment), abs=0.006)


class TestVideoRooms:
    """2 erlangs of video need four agents for 80 % in 60 s (Erlang A); each sits at a room of 9,000. Nobody is rung back here."""

    @staticmethod
    def without_callback():
        raw = raw_of("call-back-hotline")
        raw["contact_types"][0].pop("callback")
        return raw

    def test_rooms_are_paid_for_the_agents_who_may_serve_video(self):
        raw = self.without_callback()
        plan = solve(raw)
        assert agents_of(plan, "video") == 4
        assert plan.costs["sites"]["house"]["equipment"] == 4 * 9_000
        raw["sites"][0]["equipped_seats"][0]["cost_per_year"] = 0
        assert plan.cost_per_year - solve(raw).cost_per_year == pytest.approx(4 * 9_000)

    def test_too_few_rooms_are_named(self):
        raw = self.without_callback()
        design = solve(raw).design
        raw["sites"][0]["equipped_seats"][0]["seats"] = 3
        with pytest.raises(cc.InfeasibleError, match="video room"):
            solve(raw, seconds=10)
        judged = cc.evaluate(validated(raw), design)
        assert [v.limit for v in judged.violations] == ["equipped_seats video room"]

    def test_few_rooms_keep_calls_and_video_apart_although_together_is_cheaper(self):
        """Agents for both are cheaper without rooms to pay; all of them would need a room, and there are six."""
        raw = self.without_callback()
        raw["skill_sets"].append({"name": "both", "contact_types": ["call", "video"], "wage_factor": 1.0})
        raw["skill_sets"][1]["wage_factor"] = 1.4
        apart = solve(raw, gap=0.01)
        raw["sites"][0].pop("equipped_seats")
        free = solve(raw, gap=0.01)
        assert agents_of(free, "both") > 6
        rooms = sum(g.agents[0] for g in apart.design.groups if g.skill_set != "phone")
        assert 4 <= rooms <= 6
        assert free.cost_per_year < apart.cost_per_year - 4 * 9_000


class TestPriorities:
    """Cobham: W1 = C h / n / (1 - s1), W2 = C h / n / ((1 - s1)(1 - s)); 2 and 10 erlangs at 240 s, 10 and 70 s promised."""

    @staticmethod
    def waits(n):
        base = float(cc.erlang_c(n, 12.0)) * 240 / n
        return base / (1 - 2 / n), base / ((1 - 2 / n) * (1 - 12 / n))

    def test_serving_contracts_first_saves_three_agents(self):
        ranked = min(n for n in range(13, 40) if self.waits(n)[0] <= 10 and self.waits(n)[1] <= 70)
        alike = min(n for n in range(13, 40) if float(cc.erlang_c(n, 12.0)) * 240 / (n - 12) <= 10)
        assert (ranked, alike) == (14, 17)
        raw = raw_of("universal-desk")
        plan = plan_of("universal-desk")
        assert plan.design.groups[0].agents == (14,)
        assert plan.cost_per_year == pytest.approx(14 * (20 / 0.7 * YEAR_H + 3_000))
        for kind in raw["contact_types"]:
            kind["priority"] = 1
        assert solve(raw).design.groups[0].agents == (17,)

    def test_all_judges_see_the_ranks(self):
        s, plan = cc.load_instance("universal-desk"), plan_of("universal-desk")
        judged = cc.evaluate(s, plan.design)
        assert judged.meets_targets
        assert not judged.notes
        assert [c.asa_s for c in judged.cells] == pytest.approx(self.waits(14), rel=1e-9)
        for row, wait in zip(cc.simulate(s, plan.design, replications=8, contacts=10_000).cells, self.waits(14), strict=True):
            assert abs(row.asa_s - wait) < 2.5 * row.half_width["asa_s"]

    def test_ranks_that_the_exact_model_does_not_cover_are_simulated(self):
        raw = raw_of("universal-desk")
        raw["contact_types"][0]["talk_s"] = 200
        found = cc.evaluate(validated(raw), plan_of("universal-desk").design)
        assert all(c.method == "controlled simulation of ranks" and c.half_width["asa_s"] > 0.0 for c in found.cells)
        assert found.cells[0].asa_s < found.cells[1].asa_s


class TestLoanDesk:
    """100 requests an hour; 30 % need a decision, of which the adviser may take 40 % in 90 s; a hand-over takes 120 s."""

    def test_authority_by_hand(self):
        core = core_of(cc.load_instance("loan-desk"))
        assert core.escalations[0].share == pytest.approx(0.3 * 0.6)
        assert core.contact_types[0].aht_s == pytest.approx(360 + 0.3 * (0.6 * 120 + 0.4 * 90))
        assert core_of(core) is core

    def test_authority_saves_credit_officers(self):
        """Decisions fall from 30 to 18 % of the requests: by direct search 9 officers without, 6 with."""
        raw = raw_of("loan-desk")
        raw["cross_selling"] = []
        plan = solve(raw)
        rate = 100 / (1 - 0.086)
        officers = {}
        for share in (0.3, 0.18):
            officers[share] = min(n for n in range(1, 40) if self.keeps(share * rate, 600, n, 120))
        assert agents_of(plan, "credit officer") == officers[0.18]
        raw["escalations"][0]["authority"] = 0.0
        assert agents_of(solve(raw), "credit officer") == officers[0.3] > officers[0.18]

    @staticmethod
    def keeps(rate, aht_s, agents, awt_s):
        p = group_performance(rate, aht_s, patience_s=math.inf, agents=agents, awt_s=awt_s)
        return p.stable and p.answered_in_time[0] >= 0.8

    def test_faults_come_back(self):
        """Again = 0.5 x 0.1 (open) + 0.8 x 0.9 x 0.05 (faults) = 0.086; right files leave 0.05."""
        s = cc.load_instance("loan-desk")
        rate = lambda x: core_of(x).demand[0].contacts_per_hour[0]  # noqa: E731
        assert rate(s) == pytest.approx(100 / (1 - 0.086))
        right = s.model_copy(update={"quality": (s.quality[0].model_copy(update={"accuracy": 1.0}),)})
        assert rate(right) == pytest.approx(100 / (1 - 0.05))

    def test_accuracy_and_resolution_stand_in_the_scorecard(self):
        s = cc.load_instance("loan-desk")
        plan = cc.optimise(s.model_copy(update={"cross_selling": ()}), gap=0.01, time_limit_s=10)
        card = {(i.name, i.contact_type): i.value for i in cc.scorecard(s, plan.design, cc.evaluate(s, plan.design))}
        assert card["accuracy", None] == card["accuracy", "request"] == 0.95
        assert ("accuracy", "decision") not in card
        assert card["first_contact_resolution", "request"] == pytest.approx(0.9 * (1 - 0.18))

    def test_a_bonus_is_paid_for_every_sale_and_the_wrong_one_ends_the_offers(self):
        """5 of the 30 that a sale brings: pay / revenue = 1/6 in both judges; at 30 and more nothing is left to earn."""
        s = cc.load_instance("loan-desk")
        bare = cc.optimise(s.model_copy(update={"cross_selling": ()}), gap=0.01, time_limit_s=10)
        plan = plan_offers(s, bare)
        assert plan.design.offers
        found = cc.evaluate(s, plan.design)
        assert found.revenue_per_year > 0
        assert found.costs["sites"]["bank house"]["variable_pay"] == pytest.approx(found.revenue_per_year * 5 / 30)
        seen = cc.simulate(s, plan.design, replications=4, contacts=4_000)
        assert seen.costs["sites"]["bank house"]["variable_pay"] == pytest.approx(seen.revenue_per_year * 5 / 30)
        greedy = s.model_copy(update={"sites": (s.sites[0].model_copy(update={"pay_per_sale": 31.0}),)})
        assert not plan_offers(greedy, bare).design.offers


class TestSteadyTeam:
    """30 agents present are 40 heads; each month 40 (1 - (1 - a)^(1/12)) of them leave."""

    @staticmethod
    def hired(**rules):
        s = cc.load_instance("steady-team")
        path = transition_path(s, plan_of("steady-team"), rules=s.transition.model_copy(update=rules))
        assert path.keeps_promises
        return float(path.frame()["starts"].sum()), path

    def test_hires_are_those_who_leave(self):
        assert plan_of("steady-team").design.groups[0].agents == (30,)
        assert plan_of("steady-team").cost_per_year == pytest.approx(30 * (20 / 0.75 * 2_000 + 3_000) + 100_000)
        for yearly in (0.2, 0.4):
            leave = 40 * 24 * (1 - (1 - yearly) ** (1 / 12))
            assert self.hired(first_year_attrition=yearly, later_attrition=yearly, learning=())[0] == math.ceil(leave)
        assert self.hired(first_year_attrition=0.0, later_attrition=0.0)[0] == 0

    def test_newcomers_who_leave_sooner_and_learn_first_are_more_hires(self):
        alike = self.hired(first_year_attrition=0.2, learning=())[0]
        assert self.hired(first_year_attrition=0.45, learning=())[0] > alike
        assert self.hired()[0] >= self.hired(first_year_attrition=0.45, learning=())[0]

    def test_lead_and_training_time_keep_the_first_months_to_the_pipeline(self):
        """Nobody decided on today starts before a month of hiring and one of training are over, but for who is on the way."""
        _, path = self.hired()
        on_the_way = math.ceil(40 * (1 - 0.8 ** (1 / 12)) / 0.5)
        assert path.frame()["starts"][:2].max() <= on_the_way == 2

    def test_what_attrition_costs_a_month(self):
        """0.737 heads a month x (2,500 to hire + a month of training at 20 x 2,000 / 12)."""
        cost = 40 * (1 - 0.8 ** (1 / 12)) * (2_500 + 20 * 2_000 / 12)
        none = self.hired(first_year_attrition=0.0, later_attrition=0.0)[1]
        assert self.hired()[1].today_per_month - none.today_per_month == pytest.approx(cost)


class TestHomePeaks:
    """4 agents, 10 in two peaks of two hours, nine hours from end to end: no shift of eight hours sees both."""

    def test_short_shifts_pay_72_hours_where_the_office_pays_160(self):
        s = cc.load_instance("home-peaks")
        fewest = lambda rate: min(  # noqa: E731
            n for n in range(1, 30) if TestLoanDesk.keeps(rate, 180, n, 20)
        )
        assert (fewest(40), fewest(140)) == (4, 10)
        day_h, paid = 4 * 8 + 10 * 4, {}
        for place, other in (("office", "at home"), ("at home", "office")):
            plan = cc.optimise(s, gap=1e-6, time_limit_s=10, limits=[cc.ForceClosed(other)])
            assert sorted(plan.design.groups[0].agents) == [0, 4, 10]
            paid[place] = paid_hours(s, plan.design)
            assert paid[place].groups["needed_h"][0] == pytest.approx(365 * day_h)
        # who works the first hour of a peak is gone before the last hour of the other: 10 + 10 people, 8 hours each
        assert paid["office"].groups["paid_h"][0] == pytest.approx(365 * 20 * 8)
        assert paid["at home"].groups["paid_h"][0] == pytest.approx(365 * day_h)
        assert 72 / 160 * 24 < 20 < 24  # dearer by the hour, cheaper by the day

    def test_priced_by_paid_hours_the_plan_goes_home(self):
        s = cc.load_instance("home-peaks")
        plan = cc.optimise(s, gap=1e-6, time_limit_s=10)
        assert plan.design.open_sites == ("office",)
        assert plan.cost_per_year == pytest.approx(72 * 365 * 20 / 0.75 + 10 * 3_000)
        with_shifts = priced(s, factors_of(paid_hours(s, plan.design), "paid_h"))
        assert with_shifts.sites[0].wage_per_hour == pytest.approx(20 * 160 / 72)
        made = plan_with_shifts(s, gap=1e-6, time_limit_s=10)
        assert made.plan.design.open_sites == ("at home",)
        assert made.cost_of_shifts == pytest.approx(72 * 365 * 24 / 0.75)  # no seats at home

    def test_days_ten_per_cent_off_keep_the_promise_less_often(self):
        """The average over a gamma factor of mean 1 and variance 0.01, by quantiles; weights are the contacts that come."""
        s = cc.load_instance("home-peaks")
        variance = s.uncertainty[0].factor_variance
        factors = stats.gamma.ppf((0.5 + np.arange(2000)) / 2000, 1 / variance, scale=variance)
        rows = [group_performance(140 * f, 180, patience_s=math.inf, agents=10, awt_s=20) for f in factors]
        by_hand = sum(f * float(r.answered_in_time[0]) for f, r in zip(factors, rows, strict=True)) / factors.sum()
        mixed = mixed_model(variance)([140.0], [180.0], patience_s=[math.inf], agents=10, awt_s=[20.0])
        assert mixed.answered_in_time[0] == pytest.approx(by_hand, abs=3e-3)  # by fewer quantiles
        steady = group_performance(140, 180, patience_s=math.inf, agents=10, awt_s=20).answered_in_time[0]
        assert mixed.answered_in_time[0] < steady - 0.005


class TestWorkforces:
    """Break-even volumes of all forms on one line of 40 contacts an hour, 2,000 hours a year, 240 s each; nobody leaves."""

    HOURS, RATE = 2000, 40.0

    def scenario(self):
        common = {"schema_version": 1, "name": "forms", "periods": [{"name": "open", "hours_per_year": self.HOURS}]}
        sites = [
            {"name": "own", "kind": "inhouse", "wage_per_hour": 21, "shrinkage": 0.3, "fixed_cost_per_year": 180_000, "seat_cost_per_year": 4_000},
            {"name": "home", "kind": "home", "wage_per_hour": 25, "shrinkage": 0.3, "fixed_cost_per_year": 20_000},
            {"name": "on demand", "kind": "on_demand", "tariff": {"per": "minute", "price": 1.1}},
            {"name": "vendor", "kind": "outsourced", "tariffs": [
                {"name": "hour", "per": "agent_hour", "price": 36}, {"name": "seat", "per": "seat", "price": 75_000},
                {"name": "port", "per": "licence", "price": 68_000, "minimum": 400_000},
                {"name": "contact", "per": "contact", "tiers": [{"up_to": 50_000, "price": 4.2}, {"price": 3.9}]},
                {"name": "minute", "per": "minute", "price": 0.95, "minimum": 250_000}]},
        ]  # fmt: skip
        return validated(common | {
            "sites": sites, "contact_types": [{"name": "call", "talk_s": 240, "targets": [{"service_level": 0.8, "awt_s": 20}]}],
            "skill_sets": [{"name": "all", "contact_types": ["call"]}],
            "demand": [{"region": "r", "contact_type": "call", "contacts_per_hour": self.RATE}],
        })  # fmt: skip

    def by_hand(self, volume):
        n = min(k for k in range(1, 400) if TestLoanDesk.keeps(self.RATE * volume, 240, k, 20))
        contacts = self.RATE * volume * self.HOURS
        return {
            "own": 180_000 + n * (21 / 0.7 * self.HOURS + 4_000), "home": 20_000 + n * 25 / 0.7 * self.HOURS,
            "on demand": 1.1 * 4 * contacts, "vendor: hour": 36 * n * self.HOURS, "vendor: seat": 75_000 * n,
            "vendor: port": max(400_000, 68_000 * n),
            "vendor: contact": 4.2 * min(contacts, 50_000) + 3.9 * max(0.0, contacts - 50_000),
            "vendor: minute": max(250_000, 0.95 * 4 * contacts),
        }  # fmt: skip

    @pytest.mark.parametrize("volume", [0.05, 0.4, 1.0, 4.0])
    def test_amounts(self, volume):
        s = self.scenario()
        [row] = workforce_forms(s, [x.name for x in s.sites], [volume])
        assert row.amounts == pytest.approx(self.by_hand(volume), rel=1e-9)

    def test_every_pair_changes_where_the_calculation_says(self):
        """All 28 pairs over a grid: the same changes, at the same volumes, as bisection on the price list."""
        s = self.scenario()
        sites = [x.name for x in s.sites]
        grid = [0.05, 0.2, 0.5, 1.0, 2.0, 5.0]
        rows = workforce_forms(s, sites, grid)
        hand = [self.by_hand(v) for v in grid]
        names = list(hand[0])
        for i, a in enumerate(names):
            for b in names[i + 1 :]:
                assert [r.amounts[a] < r.amounts[b] for r in rows] == [h[a] < h[b] for h in hand]
        found = workforce_break_evens(s, sites, grid)
        expected = []
        for start, end in pairwise(grid):
            low, high = start, end
            first, last = (min(self.by_hand(v), key=self.by_hand(v).get) for v in (low, high))
            if first == last:
                continue
            while high - low > 1e-7 * high:
                middle = 0.5 * (low + high)
                amounts = self.by_hand(middle)
                low, high = (middle, high) if min(amounts, key=amounts.get) == first else (low, middle)
            expected.append((first, high))
        assert [(c.below, pytest.approx(c.volume, rel=1e-6)) for c in found] == expected
        assert len(found) >= 2

    def test_contact_against_minute_in_closed_form(self):
        """4.2 a contact against 250,000 at least: equal at 59,524 - beyond the tier of 50,000, where 3.9 holds: 60,256."""
        s = self.scenario()
        vendor = s.sites[3].model_copy(update={"tariffs": s.sites[3].tariffs[3:]})
        [change] = workforce_break_evens(s.model_copy(update={"sites": (vendor,)}), ["vendor"], [0.1, 0.9])
        assert change.contacts_per_year == pytest.approx(50_000 + (250_000 - 4.2 * 50_000) / 3.9, rel=1e-6)

    def test_temporary_seats_against_contacts_in_the_peak_weeks(self):
        """17,000 a seat (and 25,000 for the hall) against 3.40 a contact, 480 hours: by the least agents of each volume."""
        s = cc.load_instance("seasonal-retail")

        def cheapest(volume):
            p = lambda n: group_performance(900 * volume, 240, patience_s=120, agents=n, awt_s=20)  # noqa: E731
            n = next(k for k in range(1, 400) if p(k).answered_in_time[0] >= 0.8 and p(k).abandonment[0] <= 0.05)
            hall = 25_000 + 17_000 * n
            calls = 3.4 * 480 * 900 * volume * (1 - float(p(n).abandonment[0]))
            return "rented hall" if hall < calls else "call vendor"

        rows = workforce_forms(s, ["rented hall", "call vendor"], [0.1, 0.3, 0.6, 1.0], periods=["peak weeks"])
        assert [r.cheapest for r in rows] == [cheapest(v) for v in (0.1, 0.3, 0.6, 1.0)]
        assert {r.cheapest for r in rows} == {"rented hall", "call vendor"}

    def test_what_cannot_be_compared_is_named(self):
        with pytest.raises(ValueError, match="rented hall"):
            workforce_forms(cc.load_instance("seasonal-retail"), ["rented hall"], [1.0])
        with pytest.raises(ValueError, match="nowhere"):
            workforce_forms(cc.load_instance("seasonal-retail"), ["nowhere"], [1.0])
        assert changes(lambda v: workforce_forms(self.scenario(), ["own"], [v])[0], [0.5, 1.0]) == ()
