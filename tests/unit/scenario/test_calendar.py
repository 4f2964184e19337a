"""Local time reaches UTC without losing a contact; every fault of a calendar has place, value, rule and remedy."""

import copy
import datetime as dt
import json
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ccopt as cc
from ccopt.errors import ScenarioError
from ccopt.scenario import read_scenario, to_json
from ccopt.scenario.calendar import Calendar
from ccopt.scenario.checks import validated
from ccopt.scenario.intervals import lay_out
from ccopt.scenario.periods import calendar_periods, unreduced

WEEK = [
    {"name": "weekday", "weekdays": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]},
    {"name": "weekend", "weekdays": ["Saturday", "Sunday"]},
]
ALL = [{"name": "day", "weekdays": [d for w in WEEK for d in w["weekdays"]]}]
SHAPE = [1, 1, 0, 0, 0, 2, 5, 12, 25, 34, 36, 33, 28, 30, 32, 30, 26, 20, 15, 12, 9, 6, 4, 2]


def calendar(**changes) -> Calendar:
    raw = {
        "first_day": "2026-01-01", "last_day": "2026-12-31", "time_zone": "Europe/Dublin", "day_types": ALL,
        "profiles": [{"region": "r", "contact_type": "c", "contacts_per_hour": SHAPE}],
    } | changes  # fmt: skip
    return Calendar.model_validate(raw)


def raw_scenario(**changes):
    return {
        "schema_version": 1, "name": "x",
        "sites": [{"name": "a", "kind": "inhouse", "wage_per_hour": 20.0}, {"name": "b", "kind": "inhouse", "wage_per_hour": 15.0}],
        "contact_types": [{"name": "c", "talk_s": 300.0, "patience_s": 300.0, "targets": [{"service_level": 0.8, "awt_s": 20.0}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "calendar": json.loads(calendar(**changes).model_dump_json(exclude_unset=True)),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "half_hours"),
    # Ireland puts its clocks on at 01:00 on 29 March 2026 and back at 02:00 on 25 October 2026
    [("2026-03-29", 46), ("2026-06-01", 48), ("2026-10-25", 50)],
)
def test_a_local_day_has_46_48_or_50_half_hours_and_the_same_contacts(day, half_hours):
    laid = lay_out(calendar(first_day=day, last_day=day), ("a",))
    assert laid.start.size == half_hours
    assert laid.rates.sum() * 0.5 == pytest.approx(sum(SHAPE), rel=1e-12)


def test_local_nine_is_eight_utc_in_summer_and_nine_in_winter():
    peak = [0.0] * 24
    peak[9] = 10.0
    c = calendar(profiles=[{"region": "r", "contact_type": "c", "contacts_per_hour": peak}])
    laid = lay_out(c, ("a",))
    hours = {laid.time(k).date(): laid.time(k).hour for k in np.flatnonzero(laid.rates[0] > 0)}
    assert hours[dt.date(2026, 1, 15)] == 9
    assert hours[dt.date(2026, 7, 15)] == 8


ZONES = ["UTC", "Europe/Dublin", "America/Vancouver", "America/St_Johns", "Asia/Kathmandu", "Asia/Kolkata",
         "Australia/Adelaide", "Pacific/Auckland", "Pacific/Chatham", "America/Sao_Paulo"]  # fmt: skip


@given(
    st.sampled_from(ZONES), st.sampled_from(ZONES), st.sampled_from([15, 30, 60]), st.integers(0, 700),
    st.integers(1, 40), st.lists(st.floats(0, 500), min_size=24, max_size=24).filter(lambda x: sum(x) > 1),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_no_contact_is_lost_between_any_two_zones(home, away, minutes, start, length, shape):
    # hours that a clock change skips must not hold all contacts of the day
    shape = [x + 0.1 for x in shape]
    first = dt.date(2025, 1, 1) + dt.timedelta(days=start)
    c = calendar(
        first_day=first.isoformat(), last_day=(first + dt.timedelta(days=length - 1)).isoformat(), time_zone=home,
        interval_min=minutes, region_zones=[{"name": "r", "time_zone": away}],
        profiles=[{"region": "r", "contact_type": "c", "contacts_per_hour": shape}],
    )  # fmt: skip
    laid = lay_out(c, ())
    assert laid.rates.sum() * minutes / 60 == pytest.approx(length * sum(shape), rel=1e-9)
    hours = (laid.start.size * minutes) / 60
    begin, end = (
        dt.datetime.combine(d, dt.time(), tzinfo=ZoneInfo(home)).astimezone(dt.UTC)
        for d in (first, first + dt.timedelta(days=length))
    )
    assert hours * 3600 == (end - begin).total_seconds()
    assert laid.hours_per_year * laid.start.size == pytest.approx(8760.0)


def test_a_leap_year_has_a_day_more():
    assert lay_out(calendar(first_day="2028-01-01", last_day="2028-12-31"), ()).start.size == 366 * 48


def test_day_types_seasons_and_holidays():
    c = calendar(
        time_zone="UTC",
        day_types=[*WEEK, {"name": "closed"}],
        seasons=[{"name": "peak", "first": "12-01", "last": "01-06", "factor": 2.0}],
        holidays=[{"date": "2026-12-25", "day_type": "closed"}],
        profiles=[
            {"region": "r", "contact_type": "c", "contacts_per_hour": 10.0},
            {"region": "r", "contact_type": "c", "contacts_per_hour": 4.0, "day_types": ["weekend"]},
            {"region": "r", "contact_type": "c", "contacts_per_hour": 0.0, "day_types": ["closed"]},
        ],
    )
    laid = lay_out(c, ())

    def on(month, day):
        return {float(laid.rates[0, k]) for k in range(laid.start.size) if laid.time(k).date() == dt.date(2026, month, day)}

    assert on(6, 3) == {10.0}  # a Wednesday
    assert on(6, 6) == {4.0}  # a Saturday
    assert on(1, 6) == {20.0}  # a Tuesday in the season that runs over the new year
    assert on(12, 12) == {8.0}  # a Saturday in the season
    assert on(12, 25) == {0.0}


def test_opening_hours_run_past_midnight_in_local_time():
    c = calendar(
        first_day="2026-07-06", last_day="2026-07-12", time_zone="UTC",
        site_zones=[{"name": "a", "time_zone": "Asia/Manila"}],
        opening=[{"site": "a", "opens": "22:00", "closes": "06:00", "day_types": ["weekday"]}], day_types=WEEK,
    )  # fmt: skip
    laid = lay_out(c, ("a", "b"))
    assert laid.open[1].all()
    works = {(laid.time(k).weekday(), laid.time(k).hour) for k in np.flatnonzero(laid.open[0])}
    # 22:00 to 06:00 in Manila is 14:00 to 22:00 UTC, on Monday (0) to Friday (4)
    assert works == {(d, h) for d in range(5) for h in range(14, 22)}


def test_an_interval_counts_as_open_only_when_it_is_open_throughout():
    c = calendar(first_day="2026-01-05", last_day="2026-01-05", time_zone="UTC", interval_min=60,
                 opening=[{"site": "a", "opens": "08:30", "closes": "17:15"}])  # fmt: skip
    assert list(np.flatnonzero(lay_out(c, ("a",)).open[0])) == list(range(9, 17))


def test_periods_conserve_volume_and_more_of_them_err_less():
    profiles = [
        {"region": "r", "contact_type": "c", "day_types": ["weekday"], "contacts_per_hour": SHAPE},
        {"region": "r", "contact_type": "c", "day_types": ["weekend"], "contacts_per_hour": [x * 0.4 for x in SHAPE]},
    ]
    errors = []
    for most in (2, 4, 8, 16, 200):
        made = calendar_periods(validated(raw_scenario(day_types=WEEK, profiles=profiles, reduction={"periods": most})))
        assert len(made.names) <= most
        assert (made.rates @ made.hours_per_year)[0] == pytest.approx((261 * 1.0 + 104 * 0.4) * sum(SHAPE), rel=1e-9)
        assert made.hours_per_year.sum() == pytest.approx(8760.0)
        errors.append(made.load_error)
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.2
    assert errors[-1] == 0.0


def test_periods_never_mix_hours_with_different_open_sites():
    opening = [{"site": "a", "opens": "08:00", "closes": "18:00"}]
    made = calendar_periods(validated(raw_scenario(opening=opening, reduction={"periods": 2})))
    for p in range(2):
        assert np.unique(made.intervals.open[:, made.period == p], axis=1).shape[1] == 1
    assert made.open_periods("b") is None
    assert len(made.open_periods("a")) == 1


def test_the_wanted_error_decides_the_number_of_periods():
    made = calendar_periods(validated(raw_scenario(reduction={"load_error": 0.1})))
    assert made.load_error <= 0.1
    fewer = calendar_periods(validated(raw_scenario(reduction={"periods": len(made.names) - 1})))
    assert fewer.load_error > 0.1


def test_a_scenario_with_a_calendar_round_trips_and_is_judged_like_any_other(tmp_path):
    raw = raw_scenario(opening=[{"site": "b", "opens": "08:00", "closes": "18:00"}], reduction={"periods": 4})
    scenario = validated(raw)
    assert [a.name for a in scenario.assumptions] == ["periods of the calendar"]
    path = tmp_path / "s.json"
    path.write_text(to_json(scenario))
    assert read_scenario(path) == scenario
    plan = cc.optimise(scenario, gap=0.05, time_limit_s=10)
    judged = cc.evaluate(scenario, plan.design)
    assert judged.meets_targets
    closed = set(range(4)) - {scenario.periods.index(p) for p in scenario.periods if p.name in scenario.sites[1].periods}
    for g in plan.design.groups:
        if g.site == "b":
            assert all(g.agents[t] == 0 for t in closed)
    full = unreduced(scenario)
    assert len(full.periods) == calendar_periods(scenario).distinct


def test_toml_dates_are_read(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text(
        'schema_version = 1\nname = "x"\n[[sites]]\nname = "a"\nkind = "inhouse"\n[[contact_types]]\nname = "c"\n'
        'talk_s = 100.0\n[[skill_sets]]\nname = "k"\ncontact_types = ["c"]\n[calendar]\nfirst_day = 2026-01-05\n'
        'last_day = 2026-01-11\n[[calendar.day_types]]\nname = "day"\n'
        f"weekdays = {json.dumps(ALL[0]['weekdays'])}\n[[calendar.profiles]]\n"
        'region = "r"\ncontact_type = "c"\ncontacts_per_hour = 12.0\n'
    )
    assert read_scenario(path).demand[0].contacts_per_hour == (12.0,)


FAULTS = {
    "no date": ({"first_day": "2026-02-30"}, "calendar.first_day", "is no date"),
    "not iso": ({"first_day": "1.2.2026"}, "calendar.first_day", "pattern"),
    "backwards": ({"last_day": "2025-01-01"}, "calendar.last_day", "gives -364 days"),
    "unknown zone": ({"time_zone": "Europe/Dublib"}, "calendar.time_zone", "is no IANA time zone"),
    "weekday twice": ({"day_types": [*ALL, {"name": "x", "weekdays": ["Monday"]}]}, "calendar.day_types", "has 2 day types"),
    "weekday missing": ({"day_types": WEEK[:1]}, "calendar.day_types", "has 0 day types"),
    "holiday type": ({"holidays": [{"date": "2026-12-25", "day_type": "x"}]}, "calendar.holidays[0].day_type", "not declared"),
    "opening site": ({"opening": [{"site": "z", "opens": "08:00", "closes": "09:00"}]}, "calendar.opening[0].site", "not declared"),
    "opening clock": ({"opening": [{"site": "a", "opens": "08:10", "closes": "09:00"}]}, "calendar.opening[0].opens", "pattern"),
    "region": ({"region_zones": [{"name": "q", "time_zone": "UTC"}]}, "calendar.region_zones[0].name", "have ['r']"),
    "length": ({"profiles": [{"region": "r", "contact_type": "c", "contacts_per_hour": [1.0] * 7}]},
               "calendar.profiles[0].contacts_per_hour", "24 (hours) or 48"),
    "type": ({"profiles": [{"region": "r", "contact_type": "d", "contacts_per_hour": 1.0}]},
             "calendar.profiles[0].contact_type", "not declared"),
    "two rows": ({"profiles": [{"region": "r", "contact_type": "c", "contacts_per_hour": 1.0}] * 2}, "calendar.profiles[1]",
                 "same days as calendar.profiles[0]"),
    "no row": ({"day_types": WEEK, "profiles": [
        {"region": "r", "contact_type": "c", "contacts_per_hour": 1.0, "day_types": ["weekday"]}]},
        "calendar.profiles", "has no row for weekend"),
    "uncovered": ({"opening": [{"site": s, "opens": "08:00", "closes": "18:00"} for s in "ab"]}, "calendar.opening",
                  "while every site is closed"),
    "too few periods": ({"opening": [{"site": "a", "opens": "08:00", "closes": "18:00"}], "reduction": {"periods": 1}},
                        "calendar.reduction.periods", "2 different sets"),
    "unknown key": ({"holliday": []}, "calendar.holliday", "did you mean 'holidays'"),
    "season": ({"seasons": [{"name": "s", "first": "02-30", "last": "03-01"}]}, "calendar.seasons[0].first", "is no date"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_a_calendar(name):
    change, place, words = FAULTS[name]
    raw = raw_scenario()
    raw["calendar"] |= change
    with pytest.raises(ScenarioError) as error:
        validated(raw)
    assert any(place in p.place and words in f"{p.rule} {p.remedy}" for p in error.value.problems), error.value


def test_faults_elsewhere_are_named_in_the_same_raise():
    raw = raw_scenario()
    raw["calendar"]["time_zone"] = "Mars"
    raw["sites"][0]["kind"] = "inhous"
    raw["links"] = [{"region": "nowhere", "site": "a"}]
    with pytest.raises(ScenarioError) as error:
        validated(raw)
    places = {p.place for p in error.value.problems}
    assert {"calendar.time_zone", "sites[0].kind", "links[0].region"} <= places


def test_a_calendar_and_periods_by_hand_exclude_each_other_and_stale_periods_are_refused():
    raw = raw_scenario()
    raw["periods"] = [{"name": "p", "hours_per_year": 1.0}]
    with pytest.raises(ScenarioError, match="beside a calendar"):
        validated(raw)
    written = json.loads(to_json(validated(raw_scenario())))
    changed = copy.deepcopy(written)
    changed["calendar"]["profiles"][0]["contacts_per_hour"][3] = 99.0
    with pytest.raises(ScenarioError, match="changed after its periods were made"):
        validated(changed)
    assert validated(written)
