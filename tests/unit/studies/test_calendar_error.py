"""A design for few periods against its whole calendar: lossless periods err by nothing, few periods by what is stated."""

import pytest

import ccopt as cc
from ccopt.design import AgentGroup, Design, Route
from ccopt.scenario.checks import validated
from ccopt.scenario.periods import calendar_periods
from ccopt.studies.calendar_errors import calendar_error, design_by_interval, fewest_agents

SHAPE = [2.0] * 7 + [20.0, 40.0, 80.0, 95.0, 90.0, 70.0, 75.0, 80.0, 70.0, 60.0, 40.0, 30.0, 20.0, 10.0, 6.0, 4.0, 2.0]
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def scenario(**reduction):
    return validated({
        "schema_version": 1, "name": "x", "sites": [{"name": "a", "kind": "inhouse", "wage_per_hour": 20.0}],
        "contact_types": [{"name": "c", "talk_s": 300.0, "patience_s": 200.0, "targets": [{"service_level": 0.8, "awt_s": 20.0}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "calendar": {"first_day": "2026-06-01", "last_day": "2026-06-07", "interval_min": 60, "reduction": reduction,
                     "day_types": [{"name": "day", "weekdays": WEEK}],
                     "profiles": [{"region": "r", "contact_type": "c", "contacts_per_hour": SHAPE}]},
    })  # fmt: skip


def staffed(s):
    count = len(s.periods)
    bare = Design(
        open_sites=("a",), groups=(AgentGroup(site="a", skill_set="k", agents=(9,) * count),),
        routes=(Route(region="r", contact_type="c", site="a", skill_set="k", share=(1.0,) * count),),
    )  # fmt: skip
    return fewest_agents(s, bare)


def test_nothing_is_lost_where_every_interval_is_a_period():
    s = scenario()
    found = calendar_error(s, staffed(s))
    assert found.cost_error == pytest.approx(0.0, abs=1e-12)
    assert found.load_error == 0.0
    assert (found.service["contacts_missed"] == 0.0).all()


def test_few_periods_hide_broken_promises_and_state_it():
    s = scenario(periods=3)
    design = staffed(s)
    assert cc.evaluate(s, design).meets_targets
    found = calendar_error(s, design)
    full, carried = design_by_interval(s, design)
    assert not cc.evaluate(full, carried).meets_targets
    assert cc.evaluate(full, found.mended).meets_targets
    row = found.service.loc["c"]
    assert row["contacts_missed"] > 0.2
    assert row["service_level_intervals"] < row["service_level_periods"]
    assert row["contacts_per_year"] == pytest.approx(365 * sum(SHAPE))
    assert found.cost_by_interval == pytest.approx(cc.evaluate(full, found.mended).cost_per_year)
    assert "3 periods stand for" in found.summary()


def test_more_periods_err_less():
    service = []
    for periods in (2, 6, 12):
        s = scenario(periods=periods)
        service.append(calendar_error(s, staffed(s)).service.loc["c", "contacts_missed"])
    assert service[0] > service[-1]
    assert calendar_periods(scenario(periods=12)).load_error < calendar_periods(scenario(periods=2)).load_error


def test_without_a_calendar_it_says_so():
    s = cc.load_instance("three-regions")
    with pytest.raises(ValueError, match="no calendar"):
        design_by_interval(s, Design(open_sites=()))
    with pytest.raises(ValueError, match="fixed split"):
        calendar_error(s, Design(open_sites=(), regime="virtual"))
