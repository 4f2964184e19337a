"""The back-test finds a model right that made the log, and states its error; figures of the real log where it is present."""

import dataclasses
import heapq
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ccopt as cc
from ccopt.demand import ContactLog, fit_profile, group_weekdays, interval_counts, read_contact_log

REAL = Path(__file__).parents[4] / "shared" / "data" / "anonymous_bank" / "january.txt"


@pytest.fixture(scope="module")
def log():
    """Twelve days, 8 to 12 h: Poisson 100 an hour, exponential 180 s, patience 240 s, 5 agents, first come first served.

    A fifth of the contacts is of type B, who wait 60 s on average; 4 % leave before the queue.
    """
    rng = np.random.default_rng(2)
    rows = []
    for day in pd.date_range("2024-03-04", periods=12):
        free = [(8 * 3600.0, a) for a in range(5)]
        heapq.heapify(free)
        for at in np.sort(rng.uniform(8 * 3600, 12 * 3600, rng.poisson(400))):
            kind = "B" if rng.random() < 0.2 else "A"
            patience, service = rng.exponential(60.0 if kind == "B" else 240.0), rng.exponential(180.0)
            ready, agent = free[0]
            wait = max(0.0, ready - at)
            row = {"arrived": day + pd.Timedelta(seconds=round(at)), "contact_type": kind}
            if rng.random() < 0.04:
                rows.append(row | {"answered": False, "wait_s": 0.0, "handle_s": np.nan, "agent": None})
            elif wait > patience:
                rows.append(row | {"answered": False, "wait_s": max(1.0, round(patience)), "handle_s": np.nan, "agent": None})
            else:
                heapq.heapreplace(free, (at + wait + service, agent))
                rows.append(row | {"answered": True, "wait_s": float(round(wait)), "handle_s": max(1.0, round(service)), "agent": f"a{agent}"})
    frame = pd.DataFrame(rows)
    return ContactLog(contacts=frame, rows=len(frame), ignored={}, faults=())


@pytest.fixture(scope="module")
def found(log):
    return cc.backtest(log, from_minute=480)


def test_the_model_that_made_the_log_is_found_right(log, found):
    row = found.summary.loc["corrected"]
    assert abs(row["bias"]) < 0.015  # 4,800 contacts: standard error of the share lost is about 0.008
    assert row["error"] < 0.03
    assert found.intervals["agents_corrected"].mean() == pytest.approx(5.0, abs=0.25)
    assert row["observed"] == pytest.approx(float((~log.contacts["answered"]).mean()), abs=0.002)
    # a right model errs by no more than days scatter (eight times of day: the ratio is itself uncertain)
    assert 0.5 < row["error"] / row["noise"] < 1.6


def test_types_with_less_patience_are_told_apart(log, found):
    table = found.by_type
    assert list(table.index) == ["A", "B"]
    assert table.loc["B", "abandonment"] > table.loc["A", "abandonment"] + 0.05
    assert (table["bias"].abs() < 0.03).all()
    assert table["offered"].sum() == len(log.contacts)


def test_no_day_predicts_itself(log, found):
    whole = found.intervals
    day = whole.index.get_level_values("day")[0]
    others = [d for d in whole.index.get_level_values("day").unique() if d != day]
    held = cc.backtest(log, from_minute=480, fit_days=pd.DatetimeIndex(others)).intervals
    pd.testing.assert_frame_equal(held.loc[[day]], whole.loc[[day]])


def test_agents_are_told_apart_by_their_speed():
    """Every second day has a team that takes twice as long: predicted by who is on duty, which no mean handle time does."""
    rng = np.random.default_rng(5)
    rows = []
    for n, day in enumerate(pd.date_range("2024-03-04", periods=16)):
        slow = n % 2
        free = [(8 * 3600.0, a) for a in range(5)]
        for at in np.sort(rng.uniform(8 * 3600, 12 * 3600, rng.poisson(330))):
            patience, service = rng.exponential(240.0), rng.exponential(240.0 if slow else 120.0)
            ready, agent = free[0]
            wait = max(0.0, ready - at)
            row = {"arrived": day + pd.Timedelta(seconds=round(at)), "contact_type": "A"}
            if wait > patience:
                rows.append(row | {"answered": False, "wait_s": max(1.0, round(patience)), "handle_s": np.nan, "agent": None})
            else:
                heapq.heapreplace(free, (at + wait + service, agent))
                rows.append(row | {"answered": True, "wait_s": float(round(wait)), "handle_s": max(1.0, round(service)), "agent": f"{slow}{agent}"})
    frame = pd.DataFrame(rows)
    found = cc.backtest(ContactLog(contacts=frame, rows=len(frame), ignored={}, faults=()), from_minute=480).intervals
    weighted = found[[c for c in found if c.startswith("abandonment")]].mul(found["offered"], axis=0).groupby(level="day").sum()
    by_day = weighted.div(found["offered"].groupby(level="day").sum(), axis=0)
    blind = (by_day["abandonment_planned"] - by_day["abandonment"]).abs().mean()
    seen = (by_day["abandonment_corrected"] - by_day["abandonment"]).abs().mean()
    assert seen < 0.5 * blind


def test_one_day_needs_days_to_fit_on(log):
    one = log.contacts[log.contacts["arrived"] < "2024-03-05"]
    with pytest.raises(ValueError, match="single day"):
        cc.backtest(dataclasses.replace(log, contacts=one))
    nobody = log.contacts.assign(agent=None)
    with pytest.raises(ValueError, match="no interval with contacts and agents"):
        cc.backtest(dataclasses.replace(log, contacts=nobody))


@pytest.mark.skipif(not REAL.is_file(), reason="the real log is not on this machine")
def test_figures_of_the_real_log():
    """Workdays (Sunday to Thursday), 7 to 24 h; measured independently once (issue 6)."""
    log = read_contact_log(REAL)
    assert (log.rows, len(log.contacts), sum(log.ignored.values())) == (31_599, 31_359, 240)
    contacts = log.contacts
    workdays = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday")
    work = contacts[contacts["arrived"].dt.day_name().isin(workdays)]
    assert 1 - contacts["answered"].mean() == pytest.approx(0.137, abs=0.001)
    dispersion = fit_profile(interval_counts(work["arrived"]), day_types=group_weekdays({"work": workdays})).dispersion_index
    assert dispersion == pytest.approx(3.1, rel=0.02)
    patience = cc.fit_patience(contacts["wait_s"], ~contacts["answered"])
    assert (patience.mean_s, patience.median_s) == (pytest.approx(369, rel=0.002), pytest.approx(311, rel=0.002))
    found = cc.backtest(dataclasses.replace(log, contacts=work), from_minute=420)
    plain, planned, corrected = (found.summary.loc[n] for n in ("plain", "planned", "corrected"))
    assert plain["observed"] == pytest.approx(0.132, abs=0.001)
    assert plain["predicted"] == pytest.approx(0.098, rel=0.02)
    assert abs(corrected["bias"]) <= 0.01
    assert corrected["error"] <= 0.02
    assert corrected["correlation"] > 0.9
    assert corrected["error"] < 1.1 * corrected["noise"]  # no model could show less on 19 days
    assert planned["error"] < plain["error"]
    halves = work["arrived"].dt.normalize().drop_duplicates().sort_values()
    for days in (halves[::2], halves[1::2]):
        half = cc.backtest(dataclasses.replace(log, contacts=work), from_minute=420, fit_days=pd.DatetimeIndex(days))
        assert half.summary.loc["corrected", "error"] < 0.028
        assert abs(half.summary.loc["corrected", "bias"]) <= 0.01
