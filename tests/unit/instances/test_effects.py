"""What each synthetic instance teaches, shown by switching it off: the cost moves in the direction it must.

A change that takes options away is compared with its *bound*: even the best design without the option costs more than
the plan found with it.
"""

import datetime as dt
import json

import numpy as np
import pytest

import ccopt as cc
from ccopt.scenario.core import core_of
from ccopt.scenario.intervals import lay_out
from ccopt.studies.inside_day import DayPool, effective_rates


def changed(s, **parts):
    return type(s).model_validate_json(json.dumps(s.model_dump(mode="json", exclude_unset=True) | parts))


def without(s, block, *names):
    rows = [x.model_dump(mode="json", exclude_unset=True) for x in getattr(s, block) if x.name not in names]
    return changed(s, **{block: rows})


def solve(s, gap=0.02, seconds=90):
    """The gap ends the run; the effects are larger than it."""
    return cc.optimise(s, gap=gap, time_limit_s=seconds)


def test_bilingual_agents_pay_although_they_are_dearer_and_slower():
    s = cc.load_instance("skills-and-languages")
    plan = solve(s)
    single = solve(without(s, "skill_sets", "de-fr", "de-it", "fr-it"))
    assert single.lower_bound > plan.cost_per_year
    used = {g.skill_set for g in plan.design.groups if any(g.agents)}
    assert used & {"de-it", "fr-it", "de-fr"}
    assert "it" not in used or "de" in used  # never Italian specialists alone


def test_sharing_agents_between_clients_is_cheaper_than_exclusivity():
    s = cc.load_instance("outsourcer")
    plan = solve(s)
    alone = solve(without(s, "skill_sets", "airline+retailer", "all clients"))
    assert alone.lower_bound > plan.cost_per_year


def test_temporary_seats_and_pay_per_contact_carry_the_peak_weeks():
    s = cc.load_instance("seasonal-retail")
    plan = solve(s)
    peak = {g.site: g.agents for g in plan.design.groups}
    assert peak["rented hall"][:2] == (0, 0)
    assert peak["rented hall"][2] > 0
    own = solve(without(s, "sites", "rented hall", "call vendor"))
    assert own.lower_bound > plan.cost_per_year


def test_night_work_moves_to_where_it_is_day():
    s = cc.load_instance("follow-the-sun")
    plan = solve(s, gap=0.07)
    assert len({n.split()[0] for n in plan.design.open_sites}) >= 2
    one = without(changed(s, links=[k.model_dump(mode="json") for k in s.links if "Dublin" in k.site]), "sites",
                  *(x.name for x in s.sites if "Dublin" not in x.name))  # fmt: skip
    pool = [x.model_dump(mode="json", exclude_unset=True) | {"labour_pool": 30} for x in one.sites]
    with pytest.raises(cc.InfeasibleError, match="Dublin"):  # too small a labour pool for the busiest hour of all
        solve(changed(one, sites=pool))
    assert solve(one, gap=0.02).lower_bound > plan.cost_per_year


def test_the_year_of_three_continents_has_its_clock_changes():
    """Twelve-hour teams: in Dublin the night of 29 March 2026 has 22 half-hours, that of 25 October 26; the day team opens
    at 8 h UTC in winter and at 7 h in summer; Manila keeps its clocks. The year has 8,760 hours all the same."""
    s = cc.load_instance("follow-the-sun")
    laid = lay_out(s.calendar, tuple(x.name for x in s.sites))
    open_at = dict(zip(laid.sites, laid.open, strict=True))

    def half_hours(site, day, hour):
        start = dt.datetime.fromisoformat(day).replace(hour=hour, tzinfo=dt.UTC)
        return sum(start <= laid.time(k) < start + dt.timedelta(days=1) for k in np.flatnonzero(open_at[site]))

    nights = [half_hours("Dublin by night", d, 12) for d in ("2026-02-10", "2026-03-28", "2026-10-24")]
    assert nights == [24, 22, 26]
    assert [half_hours("Dublin by day", d, 0) for d in ("2026-03-29", "2026-10-25")] == [24, 24]
    first = {d: min(laid.time(k).hour for k in np.flatnonzero(open_at["Dublin by day"]) if str(laid.time(k).date()) == d)
             for d in ("2026-01-15", "2026-07-15")}  # fmt: skip
    assert first == {"2026-01-15": 8, "2026-07-15": 7}
    manila = {laid.time(k).hour for k in np.flatnonzero(open_at["Manila by day"])}
    assert manila == set(range(12))  # 08:00 to 20:00 is 0 to 12 h UTC in every season
    assert sum(p.hours_per_year for p in s.periods) == pytest.approx(8760)


def test_congestion_lags_the_arrivals_of_the_bank_by_about_a_call():
    """With exponential handle times a contact is present, on average, one mean handle time after it came (E[S^2] / 2 E[S])."""
    s = cc.load_instance("bank-day")
    for kind, row in zip(s.contact_types, s.demand, strict=True):
        day = np.zeros(24 * 4)
        for period, rate in zip(s.periods, row.contacts_per_hour, strict=True):
            a, b = (int(x) for x in period.name.split("-"))
            day[4 * a : 4 * b] = rate if b <= 22 else 0.0  # quiet at midnight, so that the day does not run into itself
        at = (np.arange(day.size) + 0.5) * 900
        load = effective_rates(DayPool(contacts_per_hour=day, aht_s=kind.aht_s, interval_min=15), "modified offered load")
        assert load.sum() == pytest.approx(day.sum())
        lag = at @ load / load.sum() - at @ day / day.sum()
        assert lag == pytest.approx(kind.aht_s, rel=1e-3)


def test_staff_of_the_bank_follows_the_day():
    s = cc.load_instance("bank-day")
    plan = solve(s)
    by_period = [sum(g.agents[t] for g in plan.design.groups) for t in range(len(s.periods))]
    assert by_period[2] > by_period[-1]  # 10-12 h against 22-24 h
    load = [sum(d.contacts_per_hour[t] for d in s.demand) for t in range(len(s.periods))]
    assert max(range(9), key=by_period.__getitem__) in sorted(range(9), key=load.__getitem__)[-4:]


def test_the_bank_carries_what_its_log_says():
    """Dispersion, patience by group, redials: each with an effect on the plan."""
    s = cc.load_instance("bank-day")
    assert len({c.patience_s for c in s.contact_types}) == 4
    assert {r.contact_type for r in s.uncertainty} == {c.name for c in s.contact_types}
    rows = {q.contact_type: q for q in s.quality}
    assert rows["regular"].redial > 0.2
    # agents get the calls of the log: 28,065 in 19 days, less those before seven
    core = core_of(s)
    calls = sum(p.hours_per_year * x for d in core.demand for p, x in zip(core.periods, d.contacts_per_hour, strict=True))
    assert calls / 250 * 19 == pytest.approx(28_065, rel=0.015)
    plan = solve(s)
    fewer = solve(changed(s, quality=[]))
    assert fewer.cost_per_year < plan.lower_bound  # without redials and repeats there is less to do
    safe = cc.plan_under_uncertainty(s, hold=0.9, gap=0.02, time_limit_s=60)
    assert safe.cost_of_safety > 0.05 * plan.cost_per_year
    assert safe.probability_held >= 0.9 - 1e-6


def test_shares_and_internet_share_a_desk_where_both_are_small():
    plan = solve(cc.load_instance("bank-day"))
    assert any(g.skill_set == "shares and internet" and any(g.agents) for g in plan.design.groups)


def test_deeper_training_of_the_first_tier_pays_at_the_help_desk():
    s = cc.load_instance("help-desk-three-tiers")
    sites = [x.model_dump(mode="json", exclude_unset=True) for x in s.sites]
    for x in sites:
        x["skill_sets"] = [k for k in x["skill_sets"] if k != "L1 deep"]
    shallow = solve(without(changed(s, sites=sites), "skill_sets", "L1 deep"), gap=0.03)
    deep = solve(s, gap=0.1)
    assert deep.cost_per_year < shallow.cost_per_year * 1.002
    assert any(r.kind == "escalation" for r in deep.design.routes)


def test_the_loss_of_a_building_costs_money_and_agents_at_home_make_it_cheaper():
    s = cc.load_instance("resilient-regions")
    plan = solve(s)
    free = solve(changed(s, limits=[]))
    assert free.cost_per_year < plan.lower_bound
    assert len(plan.design.open_sites) > len(free.design.open_sites)
    indoors = solve(without(changed(s, links=[k.model_dump(mode="json") for k in s.links if k.site != "at home"]), "sites", "at home"))
    assert indoors.lower_bound > plan.cost_per_year


def test_team_leaders_come_in_steps():
    """One leader for each 12 seats used: ceil(seats / 12) x 48,000 in the province, by hand."""
    s = cc.load_instance("help-desk-three-tiers")
    plan = solve(s, gap=0.2)
    found = cc.evaluate(s, plan.design)
    for row in found.sites:
        site = next(x for x in s.sites if x.name == row.site)
        by_hand = sum(-(-row.seats_used // o.span) * o.salary_per_year for o in site.overhead)
        assert found.costs["sites"][row.site].get("overhead", 0.0) == pytest.approx(by_hand)
