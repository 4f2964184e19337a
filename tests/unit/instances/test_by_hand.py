"""Optima and break-even volumes that a hand calculation gives, against the optimiser."""

import math

import pytest

import ccopt as cc
from ccopt.queueing import group_performance
from ccopt.scenario.checks import validated
from ccopt.scenario.instances.build_designs import EIGHTY_TWENTY
from ccopt.scenario.instances.catalogue import read_catalogue
from ccopt.studies.forms import break_evens, contract_forms

HOURS = (1000, 3000)
# price lists of the instance `contracts`, copied by hand so that a change of the document shows
BY_HOUR, BY_SEAT, BY_LICENCE, LEAST_LICENCE, BY_CONTACT = 25, 82_000, 70_000, 1_600_000, 2.75
MINUTES, LEAST_MINUTES = ((1_200_000, 0.64), (math.inf, 0.50)), 500_000
AHT_S = 240


def fewest(rate):
    """Agents by direct search on the judge's model: 80 % in 20 s and occupancy at most 90 %."""
    n = 1
    while True:
        p = group_performance(rate, AHT_S, patience_s=math.inf, agents=n, awt_s=20)
        if p.stable and p.answered_in_time[0] >= 0.8 and rate * AHT_S / 3600 / n <= 0.9:
            return n
        n += 1


def forms(peak, rest):
    """Yearly amount of each form for a market with nobody leaving (answered = offered)."""
    n = (fewest(peak), fewest(rest))
    contacts = HOURS[0] * peak + HOURS[1] * rest
    minutes = contacts * AHT_S / 60
    first = min(minutes, MINUTES[0][0])
    return {
        "by hour": BY_HOUR * (n[0] * HOURS[0] + n[1] * HOURS[1]),
        "by seat": BY_SEAT * max(n),
        "by licence": max(LEAST_LICENCE, BY_LICENCE * max(n)),
        "by contact": BY_CONTACT * contacts,
        "by minute": max(LEAST_MINUTES, MINUTES[0][1] * first + MINUTES[1][1] * (minutes - first)),
    }


@pytest.fixture(scope="module")
def plan():
    return cc.optimise(cc.load_instance("contracts"), gap=1e-6, time_limit_s=30)


class TestContracts:
    def test_every_market_takes_the_form_that_is_cheapest_by_hand(self, plan):
        s = cc.load_instance("contracts")
        total = 0.0
        for d in s.demand:
            amounts = forms(*d.contacts_per_hour)
            best = min(amounts, key=amounts.get)
            assert plan.design.contracts[f"vendor {d.region}"] == best
            total += amounts[best]
        assert plan.cost_per_year == pytest.approx(total, rel=1e-9)
        assert plan.lower_bound == pytest.approx(total, rel=1e-6)

    def test_each_of_the_five_forms_wins_once(self, plan):
        assert len(set(plan.design.contracts.values())) == 5

    def test_break_even_between_hour_and_contact(self):
        """25 an hour against 2.75 a contact: 9.0909 contacts per agent hour, that is 60.6 % occupancy at 240 s."""
        assert pytest.approx(0.60606, abs=1e-5) == BY_HOUR / BY_CONTACT * AHT_S / 3600
        for market in ((8, 3), (70, 64), (420, 60), (330, 310)):
            n = [fewest(x) for x in market]
            per_hour = sum(h * x for h, x in zip(HOURS, market, strict=True)) / sum(h * k for h, k in zip(HOURS, n, strict=True))
            amounts = forms(*market)
            assert (amounts["by hour"] < amounts["by contact"]) == (per_hour > BY_HOUR / BY_CONTACT)

    def test_break_even_between_seat_and_hour(self):
        """A seat costs 3,280 hours: dearer than its hours unless the rest of the day needs most of the agents."""
        assert BY_SEAT / BY_HOUR == 3280
        for market in ((8, 3), (150, 20), (70, 64), (420, 60), (330, 310)):
            n = [fewest(x) for x in market]
            used = (n[0] * HOURS[0] + n[1] * HOURS[1]) / max(n)
            amounts = forms(*market)
            assert (amounts["by seat"] < amounts["by hour"]) == (used > 3280)

    def test_break_even_of_the_licence_is_its_minimum(self):
        """1.6 m pays 19.5 seats at 82,000: from 20 seats on the licence is cheaper than seats."""
        assert math.ceil(LEAST_LICENCE / BY_SEAT) == 20
        assert LEAST_LICENCE > 19 * BY_SEAT
        assert max(LEAST_LICENCE, BY_LICENCE * 20) < 20 * BY_SEAT


class TestTenSmallCenters:
    """Ten pools of 10 erlang: 14 agents each, 140 together; one pool of 100 erlang: 107 (textbook economies of scale)."""

    def test_merging_saves_33_agents_and_the_plan_is_the_hand_calculation(self):
        s = cc.load_instance("ten-small-centers")
        targets = [cc.ServiceLevel(0.8, 20)]
        assert cc.required_agents(cc.ErlangC(contacts_per_hour=200, aht_s=180), targets) == 14
        assert cc.required_agents(cc.ErlangC(contacts_per_hour=2000, aht_s=180), targets) == 107
        # 107 x 22 / 0.7 x 2,500 h + fixed + 107 seats + nine closings over five years
        by_hand = 107 * 22 / 0.7 * 2500 + 150_000 + 107 * 3_000 + 9 * 100_000 / 5
        plan = cc.optimise(s, gap=1e-6, time_limit_s=20)
        assert plan.cost_per_year == pytest.approx(by_hand, rel=1e-9)
        assert plan.design.open_sites == ("Ashby",)  # the lowest fixed cost
        today = cc.evaluate(s, cc.baseline(s))
        apart = 140 * 22 / 0.7 * 2500 + sum(150_000 + 2_000 * i for i in range(10)) + 140 * 3_000
        assert today.cost_per_year == pytest.approx(apart, rel=1e-9)

    def test_square_root_law_explains_the_gain_to_a_few_agents(self):
        """Agents above the load grow with its root: 10 x 4 above 100 apart, 4 x sqrt(10) = 12.6 above together at equal delay."""
        assert 107 - 100 < 4 * math.sqrt(10) < 140 - 100


def test_two_sites_by_hand():
    """8 agents at 24 / 0.7 for 2,000 h, fixed cost, 8 seats, and 30 calls an hour over the link."""
    by_hand = 8 * 24 / 0.7 * 2000 + 30_000 + 8 * 2_000 + 30 * 0.3 * 2000
    known = {r["name"]: r["best_known"] for r in read_catalogue()}
    assert known["two-sites"]["cost_per_year"] == pytest.approx(by_hand, rel=1e-9)


class TestFormsAgainstVolume:
    """Break-even volumes of one vendor's price list against the arithmetic of the list."""

    def test_contact_against_the_minimum_of_the_minutes(self):
        """Small volumes pay 2.75 a contact; the minimum of 500,000 for minutes is reached at 181,818.18 contacts.

        Above it 4 minutes at 0.64 = 2.56 are cheaper than 2.75, so the forms change exactly once between the two.
        """
        s = cc.load_instance("contracts")
        base = next(d for d in s.demand if d.region == "steady").contacts_per_hour
        contacts = sum(h * x for h, x in zip(HOURS, base, strict=True))
        two = [t for t in s.sites[0].tariffs if t.name in ("by contact", "by minute")]
        sites = tuple(x.model_copy(update={"tariffs": tuple(two)}) for x in s.sites)
        found = break_evens(s.model_copy(update={"sites": sites}), "vendor steady", [0.1, 0.3, 0.9, 2.0])
        [change] = found
        assert (change.below, change.above) == ("by contact", "by minute")
        assert change.contacts_per_year == pytest.approx(LEAST_MINUTES / BY_CONTACT, rel=1e-6)
        assert change.volume == pytest.approx(LEAST_MINUTES / BY_CONTACT / contacts, rel=1e-6)

    def test_rows_of_the_chart_are_the_hand_calculation(self):
        s = cc.load_instance("contracts")
        for row in contract_forms(s, "vendor large", [0.2, 1.0]):
            amounts = forms(420 * row.volume, 60 * row.volume)
            assert row.amounts == pytest.approx(amounts, rel=1e-9)
            assert row.cheapest == min(amounts, key=amounts.get)

    def test_a_site_without_a_choice_is_named(self):
        with pytest.raises(ValueError, match="needs a site with tariffs"):
            contract_forms(cc.load_instance("two-sites"), "east", [1.0])


def test_two_vendors_share_a_market_as_by_hand():
    """By hour 22 with ten seats, by contact 3.00: ten agents certify A[10] erlangs, the rest is paid by the contact.

    Per agent the hour buys up to A[n] / n x 15 contacts worth 3.00 each, more than 22, so all seats are used."""
    raw = {
        "schema_version": 1, "name": "two vendors", "periods": [{"name": "open", "hours_per_year": 2000}],
        "sites": [
            {"name": "by hour", "kind": "outsourced", "seats": 10, "tariff": {"per": "agent_hour", "price": 22}},
            {"name": "by contact", "kind": "on_demand", "tariff": {"per": "contact", "price": 3.0}},
        ],
        "contact_types": [{"name": "call", "talk_s": 240, "targets": EIGHTY_TWENTY}],
        "skill_sets": [{"name": "all", "contact_types": ["call"]}],
        "demand": [{"region": "r", "contact_type": "call", "contacts_per_hour": 300}],
    }  # fmt: skip
    certified = cc.largest_load(agents=10, aht_s=240, targets=[cc.ServiceLevel(0.8, 20)])
    by_hand = 10 * 22 * 2000 + (300 - certified * 15) * 3.0 * 2000
    plan = cc.optimise(validated(raw), gap=1e-7, time_limit_s=10)
    assert plan.cost_per_year == pytest.approx(by_hand, rel=1e-6)
    assert plan.lower_bound == pytest.approx(by_hand, rel=1e-6)
