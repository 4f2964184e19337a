"""Quick formulas for a day against the exact transient."""

import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing.time_varying import ApproximateDay, TimeVaryingPool, modified_offered_load

HOURS = np.arange(16)
RATES = 240 * (1 + 0.6 * np.sin(2 * np.pi * (HOURS - 4) / 16))
DAY = {"contacts_per_hour": RATES, "aht_s": 600.0, "patience_s": 600.0, "interval_s": 1800.0, "start": "steady"}
STAFF = np.ceil(RATES / 6 + 0.3 * np.sqrt(RATES / 6))


def error(method):
    exact = TimeVaryingPool(**DAY).performance(STAFF, 20.0)
    return np.abs(ApproximateDay(**DAY, method=method).performance(STAFF, 20.0).service_level - exact.service_level())


def test_errors_against_the_exact_day():
    found = {m: error(m) for m in ("stationary", "lagged", "modified_load", "fluid")}
    assert found["fluid"].mean() < 0.02
    assert found["fluid"].max() < 0.06
    assert found["modified_load"].mean() < 0.05
    assert found["stationary"].mean() > 2 * found["fluid"].mean()
    assert found["lagged"].mean() < found["stationary"].mean()


def test_constant_rates_are_erlang_a():
    wanted = cc.ErlangA(contacts_per_hour=200, aht_s=180, patience_s=180).performance(12).service_level
    for method in ("stationary", "lagged", "modified_load", "fluid"):
        day = ApproximateDay(contacts_per_hour=[200.0] * 3, aht_s=180, patience_s=180, interval_s=900, method=method)
        assert day.performance(12).service_level == pytest.approx([wanted] * 3, rel=1e-9)


def test_fluid_without_shortage_is_the_modified_load():
    day = ApproximateDay(**{**DAY, "start": "empty"}, method="fluid")
    load = modified_offered_load(RATES, 600.0, interval_s=1800.0)
    ends = modified_offered_load(RATES, 600.0, interval_s=1800.0, at="end")
    before = np.concatenate([[0.0], ends[:-1]])
    # outflow of an interval = arrivals less the change of the number present
    assert day.effective_rates(10_000) == pytest.approx(RATES - (ends - before) * 2, rel=2e-3)
    assert load == pytest.approx(day.effective_rates(10_000) / 6, rel=2e-3)


def test_lag_by_hand():
    # 10 minutes of 30 come from the interval before
    day = ApproximateDay(contacts_per_hour=[60, 120, 0], aht_s=600, patience_s=60, interval_s=1800, method="lagged")
    assert day.effective_rates(5).tolist() == pytest.approx([60, 100, 40])


@pytest.mark.parametrize(("change", "words"), [
    ({"method": "guess"}, "method"), ({"start": "full"}, "start"), ({"contacts_per_hour": 3.0}, "one per interval"), ({"patience_s": 0.0}, "patience_s"),
])  # fmt: skip
def test_bad_input_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        ApproximateDay(**{**DAY, **change}).performance(9)
