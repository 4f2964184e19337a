"""Covers against hand counts and enumeration; paid hours of a design over its calendar."""

import itertools

import numpy as np
import pytest

import ccopt as cc
from ccopt.design import AgentGroup, Design
from ccopt.errors import InfeasibleError, ScenarioError
from ccopt.scenario.checks import validated
from ccopt.scenario.contacts import TargetEntry
from ccopt.scenario.shifts import ShiftPattern
from ccopt.studies.paying_shifts import paid_hours
from ccopt.studies.shift_cover import cover_shifts, shifts_of
from ccopt.studies.shift_plans import factors_of, least_factor, plan_with_shifts, priced


def pattern(**parts):
    return ShiftPattern.model_validate({"name": "p", "length_h": 8.0} | parts)


def test_a_peak_of_two_hours_pays_a_whole_shift_and_a_short_one_saves_it():
    need = [0] * 9 + [1] * 8 + [0] * 7
    need[12] = need[13] = 2
    long, short = pattern(), pattern(name="short", length_h=4.0)
    assert cover_shifts(need, [long]).paid_h == 16.0
    found = cover_shifts(need, [long, short])
    assert (found.paid_h, found.bound_h, found.needed_h) == (12.0, 12.0, 10.0)
    assert found.efficiency == pytest.approx(10 / 12)


def test_a_break_is_a_gap_that_another_must_fill():
    need = [0] * 9 + [1] * 8 + [0] * 7
    with_break = pattern(breaks=[{"after_h": 4.0, "minutes": 60, "paid": False}])
    found = cover_shifts(need, [with_break])
    assert sum(found.people) == 2
    assert found.paid_h == 14.0  # two shifts of seven paid hours


def test_night_shifts_run_over_midnight():
    need = [1] * 6 + [0] * 16 + [1] * 2
    found = cover_shifts(need, [pattern(first_start="20:00", last_start="23:00")])
    assert [(s.start_min, n) for s, n in zip(found.shifts, found.people, strict=True)] == [(22 * 60, 1)]


def test_shrinkage_by_interval_asks_for_more_people():
    away = np.zeros(24)
    away[10] = 0.5
    need = [0] * 9 + [1] * 8 + [0] * 7
    assert cover_shifts(need, [pattern()], shrinkage=away).paid_h == 16.0


@pytest.mark.parametrize("seed", range(6))
def test_the_cover_is_the_cheapest_of_all(seed):
    """Every combination of shifts on a day with few starts, counted out."""
    rng = np.random.default_rng(seed)
    need = np.repeat(rng.integers(0, 3, 6), 4)
    patterns = [pattern(name="a", step_min=60, first_start="00:00", last_start="16:00"), pattern(name="b", length_h=12.0, first_start="00:00", last_start="12:00")]
    shifts = [s for p in patterns for s in shifts_of([p], 60) if s.start_min % 240 == 0]
    best = min(
        (sum(n * s.paid_h for n, s in zip(people, shifts, strict=True))
         for people in itertools.product(range(3), repeat=len(shifts))
         if (sum((n * s.works for n, s in zip(people, shifts, strict=True)), np.zeros(24)) >= need).all()),
    )  # fmt: skip
    every_four = [pattern(name=f"{s.pattern}{s.start_min}", length_h=float(s.paid_h), first_start=f"{s.start_min // 60:02d}:00",
                          last_start=f"{s.start_min // 60:02d}:00") for s in shifts]  # fmt: skip
    assert cover_shifts(need, every_four).paid_h == best


def test_what_no_shift_covers_is_named():
    with pytest.raises(InfeasibleError, match="03:00"):
        cover_shifts([0] * 3 + [1] + [0] * 20, [pattern(first_start="08:00", last_start="10:00")])
    with pytest.raises(ValueError, match="24, 48 or 96"):
        cover_shifts([1, 2], [pattern()])


WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def scenario(**shifts):
    return validated({
        "schema_version": 1, "name": "x",
        "sites": [{"name": "a", "kind": "inhouse", "wage_per_hour": 20.0, "shrinkage": 0.2}, {"name": "h", "kind": "home", "wage_per_hour": 20.0},
                  {"name": "v", "kind": "outsourced", "tariff": {"per": "agent_hour", "price": 30.0}}],
        "contact_types": [{"name": "c", "talk_s": 300.0}], "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "calendar": {"first_day": "2026-06-01", "last_day": "2026-06-28", "time_zone": "Europe/Dublin", "interval_min": 60,
                     "day_types": [{"name": "day", "weekdays": WEEK}],
                     "profiles": [{"region": "r", "contact_type": "c", "contacts_per_hour": [0.0] * 9 + [12.0] * 8 + [0.0] * 7}]},
        "shifts": {"patterns": [{"name": "long", "length_h": 10.0, "kinds": ["inhouse"]}, {"name": "home", "length_h": 4.0, "kinds": ["home"]}],
                   "full_time_h_per_week": 40.0} | shifts,
    })  # fmt: skip


def design(s):
    busy = [int(r > 0) for r in s.demand[0].contacts_per_hour]
    groups = tuple(AgentGroup(site=n, skill_set="k", agents=tuple(2 * b for b in busy)) for n in ("a", "h", "v"))
    return Design(open_sites=("a", "h", "v"), groups=groups)


def test_paid_hours_full_time_equivalents_and_heads():
    s = scenario()
    found = paid_hours(s, design(s))
    office, home = found.groups.iloc[0], found.groups.iloc[1]
    # two agents for eight hours: the office pays ten hours each, home agents work two short shifts
    assert office["needed_h"] == home["needed_h"] == pytest.approx(365 * 16)
    assert office["paid_h"] == pytest.approx(365 * 20)
    assert home["paid_h"] == home["bound_h"] == pytest.approx(365 * 16)
    assert office["scheduled_h"] == pytest.approx(365 * 20 / 0.8)
    assert office["fte"] == pytest.approx(365 * 20 / 0.8 / (40 * 365.25 / 7))
    assert office["headcount"] == 5
    assert found.left_out == ("v/k",)
    assert found.efficiency == pytest.approx(32 / 36)


def test_wages_carry_the_hours_that_nobody_works():
    s = scenario()
    dearer = priced(s, factors_of(paid_hours(s, design(s)), "paid_h"))
    assert [x.wage_per_hour for x in dearer.sites] == [pytest.approx(25.0), pytest.approx(20.0), 0.0]
    assert cc.check(dearer) is None


def two_kinds_of_shift(home_wage):
    """An office with shifts of ten hours for a day of eight, and home agents with short shifts at another wage."""
    s = scenario()
    kinds = tuple(c.model_copy(update={"patience_s": 200.0, "targets": (TargetEntry(service_level=0.8, awt_s=20.0),)}) for c in s.contact_types)
    sites = [x.model_copy(update={"wage_per_hour": home_wage} if x.kind == "home" else {}) for x in s.sites if x.kind != "outsourced"]
    sites = tuple(x.model_copy(update={"shrinkage": 0.2}) for x in sites)
    return s.model_copy(update={"sites": sites, "contact_types": kinds})


def test_the_cost_of_a_plan_holds_its_shifts():
    s = two_kinds_of_shift(home_wage=30.0)
    made = plan_with_shifts(s, gap=1e-4, time_limit_s=5)
    # the office pays ten hours for eight: 25 an hour at work, still below 30 at home
    assert made.plan.design.open_sites == ("a",)
    assert made.factor["a"] == pytest.approx(10 / 8)
    bare = cc.evaluate(s, made.plan.design).cost_per_year
    assert made.cost_of_shifts == pytest.approx(1.25 * bare)
    assert made.cost_per_year >= made.cost_of_shifts - 1e-6
    assert made.least_cost_of_shifts <= made.cost_of_shifts + 1e-6
    assert 0 <= made.slack < 1e-6
    [row] = made.by_day_type.reset_index().to_dict(orient="records")
    assert (row["site_kind"], row["day_type"], row["factor"], row["least_factor"]) == ("inhouse", "day", pytest.approx(1.25), pytest.approx(1.25))


def test_shifts_change_which_site_is_cheapest():
    """At 23 an hour agents at home are dearer than the office by the interval, and cheaper once shifts are paid."""
    s = two_kinds_of_shift(home_wage=23.0)
    assert cc.optimise(s, gap=1e-4, time_limit_s=5).design.open_sites == ("a",)
    made = plan_with_shifts(s, gap=1e-4, time_limit_s=5)
    assert made.plan.design.open_sites == ("h",)
    assert made.lower_bound <= made.cost_per_year
    wrong = plan_with_shifts(two_kinds_of_shift(home_wage=90.0), gap=1e-4, time_limit_s=5)
    assert made.cost_per_year < wrong.cost_per_year


def test_no_cover_pays_less_than_the_best_shift():
    """The bound for all designs, against covers of random days with unpaid and paid breaks."""
    breaks = [{"after_h": 3.0, "minutes": 60, "paid": True}]
    s = scenario(patterns=[{"name": "long", "length_h": 9.0, "breaks": breaks}, {"name": "short", "length_h": 5.0, "breaks": breaks}])
    least = least_factor(s, "a")
    assert least == pytest.approx(9 / 8)
    rng = np.random.default_rng(0)
    for _ in range(20):
        found = cover_shifts(rng.integers(0, 6, 24), s.shifts.patterns)
        assert found.bound_h >= least * found.needed_h - 1e-6
    with pytest.raises(ValueError, match="calendar and shifts"):
        plan_with_shifts(cc.load_instance("two-sites"))


def test_faults_of_shifts_are_named():
    for change, words in (
        ({"patterns": [{"name": "a", "length_h": 4.0, "breaks": [{"after_h": 3.9, "minutes": 30}]}]}, "ends after the shift"),
        ({"patterns": [{"name": "a", "length_h": 4.0}] * 2}, "stands twice"),
        ({"patterns": [{"name": "a", "length_h": 4.0, "sites": ["z"]}]}, "not declared"),
        ({"shrinkage_by_hour": [0.1, 0.2]}, "one number or 24"),
        ({"patterns": [{"name": "a", "length_h": 30.0}]}, "at most 24"),
        ({"patterns": [{"name": "a", "length_h": 4.0, "first_start": "20:00", "last_start": "08:00"}]}, "before first_start"),
    ):
        with pytest.raises(ScenarioError, match=words):
            scenario(**change)
    plain = cc.load_instance("three-regions")
    with pytest.raises(ValueError, match="calendar and shifts"):
        paid_hours(plain, Design(open_sites=()))
