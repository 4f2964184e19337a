"""Covers against hand counts and enumeration; paid hours of a design over its calendar."""

import itertools

import numpy as np
import pytest

import ccopt as cc
from ccopt.design import AgentGroup, Design
from ccopt.errors import InfeasibleError, ScenarioError
from ccopt.scenario.checks import validated
from ccopt.scenario.shifts import ShiftPattern
from ccopt.studies.paying_shifts import paid_hours, priced_by_paid_hours
from ccopt.studies.shift_cover import cover_shifts, shifts_of


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
    priced = priced_by_paid_hours(s, paid_hours(s, design(s)))
    assert [x.wage_per_hour for x in priced.sites] == [pytest.approx(25.0), pytest.approx(20.0), 0.0]
    assert cc.check(priced) is None


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
