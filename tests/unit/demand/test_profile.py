import numpy as np
import pandas as pd
import pytest

from ccopt.demand.profile import (
    fit_dispersion,
    fit_handle_time,
    fit_joint_dispersion,
    fit_profile,
    group_weekdays,
    interval_counts,
    missing_days,
)


def table(rates, *, days=400, variance=0.0, seed=1):
    rng = np.random.default_rng(seed)
    factor = rng.gamma(1 / variance, variance, days)[:, None] if variance else np.ones((days, 1))
    index = pd.date_range("2024-01-01", periods=days, freq="D")
    return pd.DataFrame(rng.poisson(factor * np.asarray(rates)), index=index, columns=[480 + 30 * i for i in range(len(rates))])


ONE_TYPE = group_weekdays({"day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")})


def test_counts_keep_every_contact_and_leave_out_empty_days():
    times = pd.Series(pd.to_datetime(["2024-03-01 00:00:00", "2024-03-01 23:59:59", "2024-03-04 08:15:00"]))
    counts = interval_counts(times)
    assert counts.to_numpy().sum() == 3
    assert counts.loc["2024-03-01", 0] == counts.loc["2024-03-01", 1410] == counts.loc["2024-03-04", 480] == 1
    assert list(missing_days(counts)) == list(pd.to_datetime(["2024-03-02", "2024-03-03"]))


def test_poisson_counts_have_dispersion_one():
    profile = fit_profile(table([20.0] * 30), day_types=ONE_TYPE)
    assert profile.dispersion_index == pytest.approx(1.0, abs=0.05)
    assert profile.mean.to_numpy() == pytest.approx(20.0, abs=1.0)


def test_a_day_factor_is_found_as_common_variance():
    # rate 20, factor variance 0.05: variance 20 + 400 x 0.05 = 40, so the index is 2
    counts = table([20.0] * 30, variance=0.05)
    assert fit_profile(counts, day_types=ONE_TYPE).dispersion_index == pytest.approx(2.0, abs=0.25)
    fit = fit_dispersion(counts, day_types=ONE_TYPE)
    assert fit.factor_variance == pytest.approx(0.05, rel=0.2)
    assert fit.day_share == pytest.approx(1.0, abs=0.05)


def test_poisson_counts_have_no_factor():
    assert fit_dispersion(table([20.0] * 30), day_types=ONE_TYPE).factor_variance < 0.002


def test_handle_time_moments_by_hand():
    fit = fit_handle_time([5.0, 100.0, 400.0])
    assert (fit.mean_s, fit.median_s, fit.below_shortest) == (505 / 3, 100.0, 1)
    assert fit.log_mean == pytest.approx(np.log(200.0))


@pytest.mark.parametrize("minutes", [0, -30, 7])
def test_intervals_divide_a_day(minutes):
    with pytest.raises(ValueError, match="must divide a day"):
        interval_counts(pd.Series(pd.to_datetime(["2024-03-01"])), minutes=minutes)


def test_joint_dispersion_finds_what_types_have_in_common():
    """Factors: common gamma (variance 0.06) times own gamma (variance 0.04): variance 0.1024, correlation 0.06 / 0.1024."""
    rng = np.random.default_rng(8)
    days = pd.date_range("2024-01-01", periods=600)
    tables = {}
    common = rng.gamma(1 / 0.06, 0.06, (600, 20))
    for name, rate in (("a", 80.0), ("b", 30.0)):
        own = rng.gamma(1 / 0.04, 0.04, (600, 20))
        tables[name] = pd.DataFrame(rng.poisson(rate * common * own), index=days, columns=range(0, 600, 30))
    fit = fit_joint_dispersion(tables, day_types=lambda d: pd.Index(["day"] * len(d)))
    assert fit.factor_variance.to_numpy() == pytest.approx([0.1024, 0.1024], rel=0.1)
    assert fit.common_share == pytest.approx(0.06 / 0.1024, abs=0.06)
    with pytest.raises(ValueError, match="same days"):
        fit_joint_dispersion({"a": tables["a"], "b": tables["b"].iloc[1:]})
