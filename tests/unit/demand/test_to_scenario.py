import pytest

from ccopt.demand.contact_log import read_contact_log
from ccopt.demand.profile import group_weekdays
from ccopt.demand.to_scenario import LogOptions, scenario_from_log

WEEK = group_weekdays({"day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")})


def test_the_log_becomes_a_scenario_with_its_parameters(steady_month):
    log = read_contact_log(steady_month)
    made = scenario_from_log(log, name="month", options=LogOptions(wage_per_hour=20.0, day_types=WEEK))
    scenario = made.scenario
    assert [p.name for p in scenario.periods] == ["day 08:00", "day 09:00", "day 10:00", "day 11:00"]
    offered = sum(
        rate * period.hours_per_year
        for d in scenario.demand
        for rate, period in zip(d.contacts_per_hour, scenario.periods, strict=True)
    )
    # every contact of 28 days, scaled to a year: nothing lost, nothing twice
    assert offered == pytest.approx(len(log.contacts) * 365.25 / 28, rel=1e-9)
    for contact_type in scenario.contact_types:
        fit = made.patience[contact_type.name]
        assert contact_type.patience_s == fit.mean_s
        assert fit.mean_interval_s[0] < 300 < fit.mean_interval_s[1] * 1.1
    assert made.dispersion.factor_variance == pytest.approx(0.04, abs=0.03)
    assert {a.name for a in scenario.assumptions} >= {"demand", "wage per hour", "targets"}


def test_rare_types_join_the_largest_and_are_named(steady_month):
    log = read_contact_log(steady_month)
    made = scenario_from_log(log, name="m", options=LogOptions(wage_per_hour=20.0, least_share=0.4, day_types=WEEK))
    assert [c.name for c in made.scenario.contact_types] == ["PS"]
    assert any("NW" in w for w in made.warnings)


def test_an_empty_log_is_refused(write_log):
    with pytest.raises(ValueError, match="no contacts"):
        scenario_from_log(read_contact_log(write_log([])), name="x", options=LogOptions(wage_per_hour=1.0))
