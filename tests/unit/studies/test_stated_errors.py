"""The error of a back-test travels in the scenario: judges widen what they say, staff keeps a margin, the report tells."""

import copy
import json

import pandas as pd
import pytest

import ccopt as cc
from ccopt.errors import ScenarioError
from ccopt.scenario import to_json
from ccopt.scenario.checks import validated
from ccopt.scenario.core import core_of
from ccopt.studies.backtesting import Backtest
from ccopt.studies.stated_errors import model_error_of, with_model_error

RAW = json.loads(to_json(cc.load_instance("two-sites")))
OFF = {"abandonment": 0.01, "service_level": 0.06, "source": "test"}


def scenario(safety=0.0, target=0.8, **more):
    raw = copy.deepcopy(RAW) | {"model_error": OFF | {"safety": safety} | more}
    for kind in raw["contact_types"]:
        kind["targets"] = [{"service_level": target, "awt_s": 20.0}]
    return validated(raw)


def plain(target=0.8):
    raw = json.loads(to_json(scenario(target=target)))
    raw.pop("model_error")
    return validated(raw)


def test_judges_widen_by_it_and_say_so():
    s = scenario()
    plan = cc.optimise(s, gap=1e-4, time_limit_s=10)
    told = cc.evaluate(s, plan.design)
    bare = cc.evaluate(plain(), plan.design)
    assert bare.notes == ()
    for row, before in zip(told.cells, bare.cells, strict=True):
        assert row.service_level == before.service_level
        assert row.half_width["service_level"] == before.half_width.get("service_level", 0.0) + 0.06
    [note] = told.notes
    assert "6.0 points of service level" in note
    assert plan.provenance["model_error"]["service_level"] == 0.06


def test_a_margin_buys_the_staff_of_the_stricter_target():
    """Keeping 80 % although the model is off by 6 points is keeping 86 % in the model."""
    safe = cc.optimise(scenario(safety=1.0), gap=1e-6, time_limit_s=10)
    strict = cc.optimise(plain(target=0.86), gap=1e-6, time_limit_s=10)
    bold = cc.optimise(scenario(safety=0.0), gap=1e-6, time_limit_s=10)
    assert safe.cost_per_year == pytest.approx(strict.cost_per_year, rel=1e-6)
    assert safe.cost_per_year >= bold.cost_per_year
    told = cc.evaluate(scenario(safety=1.0), safe.design)
    assert told.meets_targets
    assert all(r.service_level - r.half_width["service_level"] >= 0.8 - 1e-9 for r in told.cells)
    assert "and 0 of" in told.notes[-1]


def test_a_design_without_the_margin_misses_it():
    """One agent fewer than the margin needs keeps 80 % in the model, and not what the back-test asks."""
    raw = json.loads(to_json(scenario(safety=1.0, target=0.88)))
    safe = cc.optimise(validated(raw), gap=1e-6, time_limit_s=10).design
    bold = cc.optimise(plain(target=0.88), gap=1e-6, time_limit_s=10).design
    peak = [max(g.agents) for g in safe.groups], [max(g.agents) for g in bold.groups]
    assert sum(peak[0]) > sum(peak[1])
    assert cc.evaluate(plain(target=0.88), bold).meets_targets
    found = cc.evaluate(validated(raw), bold)
    assert not found.meets_targets
    assert all(v.required == pytest.approx(0.94) for v in found.violations)


def test_the_core_is_the_core_of_itself_and_simulation_reads_it():
    core = core_of(scenario(safety=1.0))
    assert core_of(core) is core
    assert core.contact_types[0].targets[0].service_level == pytest.approx(0.86)
    assert core_of(scenario()).contact_types == scenario().contact_types


def test_no_room_for_the_margin_is_a_fault_with_its_place():
    with pytest.raises(
        ScenarioError, match=r"contact_types\[0\].targets\[0\].service_level.*no room for a margin of 4 x 0.06"
    ):
        scenario(safety=4.0)
    with pytest.raises(ScenarioError, match=r"model_error.source"):
        scenario(source="")


def test_the_report_says_it():
    s = scenario(safety=1.0)
    plan = cc.optimise(s, gap=1e-4, time_limit_s=10)
    page = cc.report(scenario=s, plan=plan, evaluation=cc.evaluate(s, plan.design)).html()
    assert "the model was off by 6.0 points of service level" in page
    assert "margin of 1 times this error" in page
    assert "± 6.0" in page


def backtested(**columns):
    rows = {"offered": [900.0, 100.0], "abandonment": [0.10, 0.50], "service_level": [0.8, 0.4], "asa_s": [10.0, 90.0]}
    by_time = pd.DataFrame(rows | columns)
    summary = pd.DataFrame({"bias": [0.0], "service_level_bias": [0.01], "noise": [0.005]}, index=["planned"])
    return Backtest(intervals=by_time, by_time=by_time, by_type=by_time, summary=summary, unstable_share=0.0)


def test_the_stated_error_is_weighted_by_contacts_and_never_rounded_down():
    found = backtested(abandonment_planned=[0.12, 0.40], service_level_planned=[0.85, 0.1], asa_s_planned=[10.0, 50.0])
    error = model_error_of(found, safety=0.5)
    assert error.abandonment == pytest.approx(0.9 * 0.02 + 0.1 * 0.1, abs=1e-4)
    assert error.abandonment >= 0.9 * 0.02 + 0.1 * 0.1 - 1e-12
    assert error.service_level == pytest.approx(0.9 * 0.05 + 0.1 * 0.3, abs=1e-4)
    assert error.asa_s == pytest.approx(4.0, abs=0.1)
    s = with_model_error(plain(), found, safety=0.5)
    assert s.model_error.safety == 0.5
    again = with_model_error(s, found)
    assert [a.name for a in again.assumptions].count("error of the queueing model") == 1
