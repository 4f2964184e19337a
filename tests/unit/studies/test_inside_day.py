"""Rules inside a day against the exact day; work in valleys against hand counts."""

import numpy as np
import pytest

from ccopt.design import AgentGroup, Design, Route
from ccopt.kpis import ServiceLevel
from ccopt.scenario.checks import validated
from ccopt.studies.calendar_errors import fewest_agents
from ccopt.studies.inside_day import RULES, DayPool, compare_rules, effective_rates, fill_valleys, staff_day
from ccopt.studies.inside_plan import busiest_day, error_inside_day

TARGET = [ServiceLevel(0.8, 20.0)]


def sine(period=8):
    """100 erlangs, amplitude 50 %, 15 minutes a step, period 2 h: load lags and is damped (Eick, Massey, Whitt 1993)."""
    t = (np.arange(period) + 0.5) / period
    return 400.0 * (1 + 0.5 * np.sin(2 * np.pi * t))


@pytest.fixture(scope="module")
def pool():
    return DayPool(contacts_per_hour=sine(), aht_s=600.0, interval_min=15, patience_s=600.0)


def test_the_modified_load_promises_what_the_exact_day_keeps(pool):
    table = compare_rules(pool, TARGET)
    assert list(table.index) == list(RULES)
    assert table.loc["modified offered load", "error"] < 0.03
    assert table.loc["stationary", "error"] > 0.10
    assert table.loc["modified offered load", "least_service_level"] > 0.7
    assert table.loc["stationary", "least_service_level"] < 0.6
    assert table.loc["lagged", "error"] < table.loc["stationary", "error"]


def test_load_is_conserved_and_lags(pool):
    rates = sine()
    for rule in ("lagged", "modified offered load"):
        found = effective_rates(pool, rule)
        assert found.sum() == pytest.approx(rates.sum())
        assert int(np.argmax(found)) >= int(np.argmax(rates))
    assert effective_rates(pool, "modified offered load").max() < rates.max()


def test_constant_rates_leave_nothing_to_choose():
    flat = DayPool(contacts_per_hour=[120.0] * 4, aht_s=300.0, interval_min=60, patience_s=300.0)
    staffs = [staff_day(flat, TARGET, rule=r) for r in RULES]
    assert len({tuple(s.agents) for s in staffs}) == 1
    assert staffs[0].error == pytest.approx(0.0, abs=1e-6)


def test_unknown_rule():
    with pytest.raises(ValueError, match="have"):
        staff_day(DayPool(contacts_per_hour=[1.0], aht_s=60.0), TARGET, rule="guess")


def test_work_waits_for_the_valley_but_not_longer_than_it_may():
    idle = np.array([0.0, 0.0, 3.0, 0.0, 2.0, 0.0])
    plan = fill_valleys([2.0, 0, 0, 2.0, 0, 0], idle, due_intervals=3)
    assert plan.extra_h.sum() == pytest.approx(0.0)
    assert plan.worked_h[0, 2] == pytest.approx(2.0)
    assert plan.worked_h[3, 4] == pytest.approx(2.0)
    soon = fill_valleys([2.0, 0, 0, 2.0, 0, 0], idle, due_intervals=2)
    assert soon.extra_h.sum() == pytest.approx(2.0)  # the first two hours are due before the valley
    assert (soon.done_h <= idle + soon.extra_h + 1e-9).all()
    assert soon.done_h.sum() == pytest.approx(4.0)


def test_extra_hours_go_where_they_are_cheap():
    plan = fill_valleys([3.0, 0.0, 0.0], [0.0, 0.0, 0.0], due_intervals=3, extra_cost=[2.0, 1.0, 3.0])
    assert plan.extra_h.tolist() == pytest.approx([0.0, 3.0, 0.0])
    assert fill_valleys([0.0, 0.0, 1.0], [1.0, 0.0, 0.0], due_intervals=2).extra_h.sum() == pytest.approx(0.0)  # round the end


@pytest.mark.parametrize(
    ("given", "words"),
    [(([1.0], [1.0, 2.0], 1), "equal length"), (([-1.0], [1.0], 1), "negative"), (([1.0], [1.0], 2), "between 1 and 1")],
)
def test_bad_work(given, words):
    with pytest.raises(ValueError, match=words):
        fill_valleys(given[0], given[1], due_intervals=given[2])


def test_a_plan_for_steady_hours_against_its_exact_day():
    week = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    raw = {
        "schema_version": 1, "name": "x", "sites": [{"name": "a", "kind": "inhouse", "wage_per_hour": 20.0}],
        "contact_types": [{"name": "c", "talk_s": 900.0, "patience_s": 300.0, "targets": [{"service_level": 0.8, "awt_s": 20.0}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "calendar": {"first_day": "2026-06-01", "last_day": "2026-06-02", "interval_min": 60,
                     "day_types": [{"name": "day", "weekdays": week}],
                     "profiles": [{"region": "r", "contact_type": "c", "contacts_per_hour": [20.0] * 8 + [60.0] * 8 + [20.0] * 8}]},
    }  # fmt: skip
    scenario = validated(raw)
    count = len(scenario.periods)
    bare = Design(
        open_sites=("a",), groups=(AgentGroup(site="a", skill_set="k", agents=(9,) * count),),
        routes=(Route(region="r", contact_type="c", site="a", skill_set="k", share=(1.0,) * count),),
    )  # fmt: skip
    [row] = error_inside_day(scenario, fewest_agents(scenario, bare)).to_dict("records")
    assert row["contacts"] == pytest.approx(800.0)
    assert row["steady"] > 0.8
    assert 0.005 < row["error"] < 0.1  # two jumps of rate and staff a day, handle time a quarter of an hour
    assert row["worst"] >= row["error"]
    # agents who follow the lagging load: hours hardly change, the exact day keeps what they promise
    assert row["agent_hours_corrected"] == pytest.approx(row["agent_hours"], rel=0.05)
    assert row["worst_corrected"] < row["worst"]
    assert "busiest day" in busiest_day(scenario, fewest_agents(scenario, bare)).summary()
