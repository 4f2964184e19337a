"""What the page says about time: periods against the calendar, the busiest day, shifts, uncertain rates."""

import json

import pytest

import ccopt as cc
from ccopt.scenario.checks import validated
from ccopt.studies.shift_plans import plan_with_shifts
from ccopt.studies.time_answers import time_studies

WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def scenario():
    rates = [0.0] * 9 + [20.0, 60.0, 90.0, 70.0, 50.0, 40.0, 30.0, 20.0] + [0.0] * 7
    return validated({
        "schema_version": 1, "name": "x",
        "sites": [{"name": "a", "kind": "inhouse", "wage_per_hour": 20.0, "shrinkage": 0.2}],
        "contact_types": [{"name": "c", "talk_s": 300.0, "patience_s": 200.0, "targets": [{"service_level": 0.8, "awt_s": 20.0}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "uncertainty": [{"factor_variance": 0.02}],
        "calendar": {"first_day": "2026-06-01", "last_day": "2026-06-14", "time_zone": "Europe/Dublin", "interval_min": 60,
                     "day_types": [{"name": "day", "weekdays": WEEK}], "reduction": {"periods": 4},
                     "profiles": [{"region": "r", "contact_type": "c", "contacts_per_hour": rates}]},
        "shifts": {"patterns": [{"name": "long", "length_h": 8.0}, {"name": "short", "length_h": 4.0}]},
    })  # fmt: skip


@pytest.fixture(scope="module")
def solved():
    s = scenario()
    return s, cc.optimise(s, gap=0.01, time_limit_s=10)


def test_run_states_what_periods_hide_and_what_shifts_pay(solved):
    s, plan = solved
    studies, reasons = time_studies(s, plan.design)
    assert reasons == []
    assert [type(x).__name__ for x in studies] == ["CalendarError", "InsideDay", "PaidHours"]
    calendar, inside, paid = studies
    assert calendar.periods == 4 < calendar.intervals
    page = cc.report(scenario=s, plan=plan, evaluation=cc.evaluate(s, plan.design), studies=studies).html()
    for words in ("Periods against the whole calendar", f"{calendar.cost_error:+.2%}", "Inside the busiest day", inside.summary(), "Shifts",
                  f"{paid.groups['fte'].iloc[0]:.1f}"):  # fmt: skip
        assert words in page
    assert float(paid.groups["paid_h"].sum()) > float(paid.groups["needed_h"].sum())


def test_a_plan_with_shifts_and_one_for_uncertain_rates_are_sections(solved):
    s, plan = solved
    with_shifts = plan_with_shifts(s, gap=0.01, time_limit_s=5)
    safe = cc.plan_under_uncertainty(s, hold=0.9, gap=0.02, time_limit_s=5)
    page = cc.report(scenario=s, plan=plan, evaluation=cc.evaluate(s, plan.design), studies=[with_shifts, safe]).html()
    assert with_shifts.summary() in page
    assert safe.summary() in page
    assert with_shifts.cost_per_year >= with_shifts.cost_of_shifts - 1e-6 >= with_shifts.least_cost_of_shifts - 2e-6
    assert with_shifts.cost_of_shifts > plan.cost_per_year  # hours that nobody works are paid as well
    assert with_shifts.lower_bound <= with_shifts.least_cost_of_shifts * (1 + 1e-9)


def test_without_a_calendar_nothing_is_claimed():
    s = cc.load_instance("two-sites")
    assert time_studies(s, cc.optimise(s, gap=0.05, time_limit_s=5).design) == ([], [])
    assert json.loads(s.model_dump_json())["model_error"] is None
