"""Offers handed over to other groups: found where they pay, kept where simulation of other contacts agrees."""

import math
import os
import subprocess
import sys
import time
from functools import cache
from types import SimpleNamespace

import pytest

import ccopt as cc
from ccopt.compilation import is_ready
from ccopt.studies.group_offers import net_of
from ccopt.studies.offer_budget import OfferBudget
from ccopt.studies.selling_plans import repeat_plan
from ccopt.studies.transfer_offers import Pair, TransferOffers, handing_over, staffed, with_threshold

PLACE = ("house", "expert")


def office(briefing_s=5.0, **more):
    """An hour of an expert costs 120, of a clerk 20; half an hour of selling after a claim brings 30, or 60 an hour of an agent."""
    return cc.Scenario.model_validate({
        "schema_version": 1, "name": "office", "periods": [{"name": "p", "hours_per_year": 1000}],
        "sites": [{"name": "house", "kind": "inhouse", "wage_per_hour": 20, **more}],
        "contact_types": [{"name": k, "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]} for k in ("claim", "order")],
        "skill_sets": [{"name": "expert", "contact_types": ["claim"], "wage_factor": 6}, {"name": "clerk", "contact_types": ["order"]}],
        "demand": [{"region": "r", "contact_type": k, "contacts_per_hour": 36} for k in ("claim", "order")],
        "cross_selling": [{"contact_type": "claim", "extra_s": 1800, "success": 0.1, "revenue": 300, "briefing_s": briefing_s}],
    })  # fmt: skip


@cache
def planned(briefing_s=5.0, **more):
    selling = cc.design.Offer(site="house", skill_set="expert", contact_type="claim")
    cc.simulate(office(), bare_design().model_copy(update={"offers": (selling,)}), contacts=100)  # compiles; in a run nothing is handed over if the clock ends before
    return cc.optimise(office(briefing_s, **more), time_limit_s=30)


def routes_of(plan):
    return {o.route for o in plan.design.offers}


def test_experts_hand_over_to_clerks_who_are_hired_for_it():
    """36 offers an hour of 1,805 s are 18.05 erlangs; a clerk costs 20 an hour and each offer brings 30.

    Were no customer of a clerk ever lost, all offers would bring 36 x 30 x 1000 = 1,080,000, against 361,000 of wages; own offers
    of experts at 120 an hour do not pay but in their idle time.
    """
    plan = planned()
    assert routes_of(plan) == {"transfer"}
    assert {(o.to_site, o.to_skill_set) for o in plan.design.offers} == {("house", "clerk")}
    staff = {g.skill_set: g.agents for g in plan.design.groups}
    assert staff["expert"] == (6,)
    assert 6 + 0.75 * 18 <= staff["clerk"][0] <= 6 + 1.5 * 18.05
    assert 0.85 * 1_080_000 <= plan.revenue_per_year <= 1_080_000 * 1.02
    assert plan.lower_bound <= plan.cost_per_year - plan.revenue_per_year


def test_other_contacts_keep_the_promises_and_the_net():
    plan = planned()
    nets = []
    for seed in (101, 102, 103):
        seen = cc.simulate(office(), plan.design, seed=seed)
        assert seen.meets_targets
        nets.append(net_of(seen))
    own = planned(7200.0)
    assert max(nets) < own.cost_per_year - own.revenue_per_year
    assert sum(nets) / 3 == pytest.approx(plan.cost_per_year - plan.revenue_per_year, abs=0.05 * plan.revenue_per_year)


def test_long_briefings_leave_offers_at_home():
    assert routes_of(planned(7200.0)) == {"own"}


def test_no_seat_for_sellers():
    """Twelve seats are what the promises need: nobody may be hired to sell."""
    plan = planned(seats=12)
    assert sum(g.agents[0] for g in plan.design.groups) <= 12


def test_a_run_with_transfers_is_repeated_to_the_byte():
    plan = planned()
    again = repeat_plan(office(), plan.record, time_limit_s=30)
    assert again.model_dump_json() == plan.model_dump_json()


def bare_design():
    return cc.Design.model_validate({
        "open_sites": ["house"],
        "groups": [{"site": "house", "skill_set": "expert", "agents": [6]}, {"site": "house", "skill_set": "clerk", "agents": [6]}],
        "routes": [{"region": "r", "contact_type": k, "site": "house", "skill_set": g, "share": [1.0]} for k, g in (("claim", "expert"), ("order", "clerk"))],
    })  # fmt: skip


def test_worth_of_a_pair_by_hand():
    """Clerks sell: 30 an offer less 1,805 s at 20 and 5 s at 120 an hour, 36 offers in each of 1,000 hours."""
    search = TransferOffers(office(), OfferBudget(math.inf), lambda *_: True)
    [pair] = search._pairs(bare_design(), search.flows(bare_design()))
    assert (pair.source, pair.target, pair.types) == (PLACE, ("house", "clerk"), ("claim",))
    assert pair.load == pytest.approx((36 * 1805 / 3600,))
    assert pair.worth == pytest.approx(36_000 * (30 - 1805 * 20 / 3600 - 5 * 120 / 3600))


def test_who_hands_over_goes_back_to_the_staff_without_offers():
    search = TransferOffers(office(), OfferBudget(math.inf), lambda *_: True)
    [pair] = search._pairs(bare_design(), search.flows(bare_design()))
    selling = staffed(bare_design(), PLACE, (3,)).model_copy(
        update={"offers": (cc.design.Offer(site="house", skill_set="expert", contact_type="claim"),)}
    )
    made = with_threshold(handing_over(selling, bare_design(), pair), pair, 9)
    assert made.groups == bare_design().groups
    assert [(o.route, o.threshold, o.to_skill_set) for o in made.offers] == [("transfer", 9, "clerk")]


def test_without_work_left_nothing_is_tried():
    scenario, design = office(), bare_design()
    judged = cc.evaluate(scenario, design)
    found = TransferOffers(scenario, OfferBudget(0.01), lambda *_: True).improved(design, design, judged)
    assert found == (design, judged)


def test_kernels_that_are_not_compiled_do_not_run_over_the_clock(monkeypatch):
    """A machine's first simulation compiles for about a minute; a repetition of such a run ends there too."""
    monkeypatch.setattr("ccopt.studies.transfer_offers.is_ready", lambda _: False)
    scenario, design = office(), bare_design()
    judged = cc.evaluate(scenario, design)
    for budget in (OfferBudget(10.0, deadline=time.monotonic() + 5.0), OfferBudget(10.0, ends=0.0)):
        assert TransferOffers(scenario, budget, lambda *_: True).improved(design, design, judged) == (design, judged)
        assert budget.halted == 0.0


def test_a_kernel_is_ready_once_it_is_on_disk(tmp_path):
    kernel = SimpleNamespace(signatures=[], stats=SimpleNamespace(cache_path=str(tmp_path)), __name__="walk")
    assert not is_ready(kernel)
    (tmp_path / "module.walk-12.py311.nbi").touch()
    assert is_ready(kernel)


def test_who_sells_to_customers_of_others_keeps_the_agents_for_it():
    """Clerks take customers of the experts and hand over their own: they do not go back to the staff without offers."""
    sold = staffed(bare_design(), ("house", "clerk"), (18,))
    pair = Pair(source=PLACE, target=("house", "clerk"), types=("claim",), load=(18.05,), worth=1.0)
    design = with_threshold(sold, pair, 23)
    back = Pair(source=("house", "clerk"), target=PLACE, types=("order",), load=(1.0,), worth=1.0)
    assert handing_over(design, bare_design(), back).groups == design.groups


def test_without_the_compiler_offers_stay_at_home():
    """Simulation cannot run as plain Python; a run that sells must not end in an error for it."""
    code = (
        "import math, ccopt as cc; from ccopt.studies.offer_budget import OfferBudget; "
        "from ccopt.studies.transfer_offers import TransferOffers; s = cc.load_instance('cross-sell-chain'); d = cc.baseline(s); "
        "found = TransferOffers(s, OfferBudget(math.inf), lambda *_: True).improved(d, d, None); assert found == (d, None)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, env=os.environ | {"NUMBA_DISABLE_JIT": "1"})
