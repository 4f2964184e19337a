import numpy as np
import pandas as pd
import pytest

from ccopt.demand.forecasting import backtest_forecast, forecast


@pytest.fixture(scope="module")
def history():
    """Half a year of weekdays, 20 half-hours, weekday and day-of-year effects, day factor with 5 % deviation."""
    rng = np.random.default_rng(4)
    days = pd.bdate_range("2024-01-02", periods=120)
    shape = 50 + 40 * np.sin(np.linspace(0, np.pi, 20))
    weekday = np.array([1.25, 1.05, 0.95, 0.95, 0.9])
    drift = np.cumsum(rng.normal(0, 0.01, 120))
    rate = (weekday[days.day_of_week] * np.exp(drift + rng.normal(0, 0.05, 120)))[:, None] * shape
    index = pd.DatetimeIndex([d + pd.Timedelta(minutes=480 + 30 * i) for d in days for i in range(20)])
    return pd.Series(rng.poisson(rate).ravel().astype(float), index=index)


@pytest.fixture(scope="module")
def made(history):
    return forecast(history, horizon=6)


def test_it_beats_the_naive_rules_and_covers(history):
    table = backtest_forecast(history, holdout=10, origins=3)
    assert table.loc["forecast", "wape"] < 0.9 * table.loc["seasonal naive", "wape"]
    assert table.loc["forecast", "wape"] < 0.9 * table.loc["naive", "wape"]
    assert 0.82 <= table.loc["forecast", "coverage"] <= 0.97


def test_the_next_days_are_weekdays_and_ordered(history, made):
    assert len(made.table) == 6 * 20
    assert (made.table["lower"] <= made.table["mean"]).all()
    assert (made.table["mean"] <= made.table["upper"]).all()
    assert made.table.index.day_of_week.max() == 4
    assert made.table.index.min() > history.index.max()


def test_same_history_same_bytes(history, made):
    assert forecast(history, horizon=6).table.to_csv() == made.table.to_csv()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h: h.iloc[:100], "at least 15"),
        (lambda h: h.mask(h.index == h.index[3]), "not missing or negative"),
        (lambda h: -h, "not missing or negative"),
    ],
)
def test_bad_history(history, change, message):
    with pytest.raises(ValueError, match=message):
        forecast(change(history), horizon=1)


def test_bad_arguments(history):
    with pytest.raises(ValueError, match="level"):
        forecast(history, horizon=1, level=90)
    with pytest.raises(ValueError, match="horizon"):
        forecast(history, horizon=0)
    with pytest.raises(TypeError, match="time index"):
        forecast(history.reset_index(drop=True), horizon=1)
