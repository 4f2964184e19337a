"""``demand`` and ``backtest``: files of a client in, scenario and error out, faults counted."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "demand"))
from bank_rows import HEAD, call

from ccopt.cli.app import app
from ccopt.scenario import read_scenario


def invoke(*words):
    return CliRunner().invoke(app, [str(w) for w in words])


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    rng = np.random.default_rng(1)
    rows = ["\t".join(HEAD.split())]
    for day in range(3, 13):
        for i, at in enumerate(np.sort(rng.integers(8 * 3600, 11 * 3600, 150))):
            wait = int(rng.integers(0, 60)) if i % 3 else 0
            left = bool(wait and rng.random() < 0.3)
            rows.append(call(f"9901{day:02d}", "PS" if i % 4 else "NW", int(at), wait, "HANG" if left else "AGENT",
                             int(rng.integers(30, 300)), f"A{i % 5}"))  # fmt: skip
    rows += ["cut\trow", rows[5].replace("AGENT", "LUNCH").replace("HANG", "LUNCH")]
    path = tmp_path_factory.mktemp("log") / "january.txt"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_log_becomes_a_scenario_and_its_faults_are_shown(log, tmp_path):
    target = tmp_path / "s.json"
    done = invoke("demand", log, "-o", target, "--minutes", 60)
    assert done.exit_code == 0, done.output
    scenario = read_scenario(target)
    assert {c.name for c in scenario.contact_types} == {"PS", "NW"}
    assert "2 refused" in done.stdout
    assert "rows refused: 2" in done.stdout
    assert "line 1502" in done.stderr
    [wage] = [a for a in scenario.assumptions if a.name == "wage per hour"]
    assert "not of this client" in wage.source
    assert all(a.source for a in scenario.assumptions)


def test_json_is_one_document_with_the_counts(log, tmp_path):
    done = invoke("demand", log, "-o", tmp_path / "s.json", "--wage-per-hour", 31, "--time-zone", "Asia/Jerusalem", "--json")
    told = json.loads(done.stdout)
    assert (told["refused"], told["rows"]) == (2, 1502)
    scenario = read_scenario(tmp_path / "s.json")
    assert scenario.calendar.time_zone == "Asia/Jerusalem"
    assert scenario.sites[0].wage_per_hour == 31
    # ten days of 150 contacts over Sunday to Saturday, as a year with its own number of each weekday
    year = sum(p.hours_per_year * x for d in scenario.demand for p, x in zip(scenario.periods, d.contacts_per_hour, strict=True))
    assert year == pytest.approx(365 * 150, rel=1e-6)


def test_an_interval_report_becomes_a_scenario(tmp_path):
    lines = ["Date;Time;Queue;Offered;Answered;Abandoned;AHT (s);ASA (s)"]
    for day in range(1, 15):
        for hour in range(8, 12):
            lines += [f"2024-04-{day:02d};{hour:02d}:{m:02d};sales;20;18;2;240,5;15" for m in (0, 30)]
    lines.append("Total;;;;;;;")
    path = tmp_path / "report.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    done = invoke("demand", path, "-o", tmp_path / "s.json")
    assert done.exit_code == 0, done.output
    scenario = read_scenario(tmp_path / "s.json")
    [sales] = scenario.contact_types
    assert sales.talk_s == 240.5
    assert sales.patience_s == pytest.approx(15 * 20 / 2)  # mean wait over share abandoned
    assert {x for d in scenario.demand for x in d.contacts_per_hour} == {40.0}
    assert "rows refused: 1" in done.stdout


def test_bad_calls_exit_2_with_one_line(log, tmp_path):
    for words in (("demand", tmp_path / "none.txt"), ("demand", log, "--kind", "x"), ("demand", log, "--workdays", "Someday"),
                  ("demand", log, "--time-zone", "Mars", "-o", tmp_path / "s.json"), ("backtest", log, "--from-hour", 23)):  # fmt: skip
        done = invoke(*words)
        assert done.exit_code == 2, words
        assert "Traceback" not in done.output


def test_backtest_states_the_error(log, tmp_path):
    done = invoke("backtest", log, "--from-hour", 8, "-o", tmp_path / "t.csv", "--json")
    told = json.loads(done.stdout)
    assert {r["name"] for r in told["summary"]} == {"plain", "planned", "corrected"}
    assert told["refused"] == 2
    assert (tmp_path / "t.csv").read_text().startswith("day,minute,offered")
    assert "promises no finer than" in invoke("backtest", log, "--from-hour", 8, "--without", "NW").stdout


def test_the_error_of_the_model_travels_in_the_scenario(log, tmp_path):
    target = tmp_path / "s.json"
    done = invoke("demand", log, "-o", target, "--json")
    error = json.loads(done.stdout)["model_error"]
    assert read_scenario(target).model_error.abandonment == error["abandonment"] > 0
    assert error["safety"] == 0
    told = invoke("backtest", log, "--from-hour", 8, "--scenario", target, "--safety", 0.1)
    assert "margin 0.1 x" in told.stdout, told.output
    scenario = read_scenario(target)
    assert scenario.model_error.safety == 0.1
    assert "error of the queueing model" in {a.name for a in scenario.assumptions}


def test_the_forecast_of_the_next_days_is_the_demand(tmp_path):
    """Five weeks of 40 calls an hour, 50 on Mondays; a forecast of one week brings 40 and 50 within its error."""
    rng, lines = np.random.default_rng(4), ["Date;Time;Queue;Offered;Answered;Abandoned;AHT (s);ASA (s)"]
    for day in pd.date_range("2024-04-01", periods=35):
        for hour in range(8, 12):
            n = rng.poisson(50 if day.day_name() == "Monday" else 40)
            lines.append(f"{day:%Y-%m-%d};{hour:02d}:00;sales;{n};{n - 2};2;240,5;15")
    path = tmp_path / "report.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    for zone in ((), ("--time-zone", "Europe/Berlin")):
        done = invoke("demand", path, "-o", tmp_path / "s.json", "--forecast-days", 7, *zone)
        assert done.exit_code == 0, done.output
        s = read_scenario(tmp_path / "s.json")
        hours = {p.name: p.hours_per_year for p in s.periods}
        year = sum(h * x for h, x in zip(hours.values(), s.demand[0].contacts_per_hour, strict=True))
        assert year == pytest.approx(365 * 4 * (6 * 40 + 50) / 7, rel=0.06)
        named = {a.name: a for a in s.assumptions}
        assert named["demand of sales"].value == "forecast of 2024-05-06 to 2024-05-12"
        assert s.uncertainty[0].source == "error of the forecast"
    few = tmp_path / "few.csv"
    few.write_text("\n".join(lines[:29]), encoding="utf-8")
    done = invoke("demand", few, "-o", tmp_path / "f.json", "--forecast-days", 7)
    assert (done.exit_code, "at least 15 are needed" in done.output) == (2, True)
    assert not (tmp_path / "f.json").exists()
