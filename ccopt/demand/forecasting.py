"""Forecasts of interval counts, with prediction intervals and a back-test against naive rules.

The day's volume is a regression with ARMA errors (weekday, day after a closed day) fitted by statsmodels on the log
scale; the day is spread over its intervals by the shares of recent days of the same weekday. A count is Poisson around a
rate that is known only up to a gamma factor: the error of the day (inflated for the parameters that few days must feed)
times the scatter of single intervals around their share, so that it is negative binomial.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ccopt.errors import import_extra

PROFILE_WEEKS = 8
SCATTER_PRIOR = 16.0  # days at the scatter of all intervals that each interval's own scatter is drawn to


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Forecast per interval.

    Attributes
    ----------
    table
        Columns mean, lower, upper (bounds of counts) and ``factor_variance``: of the gamma factor of mean 1 that
        multiplies the rate, Poisson noise left out.
    level
        Coverage aimed at.
    day_share
        Part of the factor's variance that all intervals of a day have in common, mean over the forecast.
    method
        In words.
    """

    table: pd.DataFrame
    level: float
    day_share: float
    method: str

    @property
    def minutes(self) -> int:
        """Length of an interval."""
        index = pd.DatetimeIndex(self.table.index)
        return int(np.diff(np.unique(index.hour * 60 + index.minute)).min())

    @property
    def factor_variance(self) -> float:
        """Variance of the busyness factor, mean over intervals weighted by expected contacts."""
        return float(np.average(self.table["factor_variance"], weights=self.table["mean"]))


def _daily(history: pd.Series) -> pd.DataFrame:
    """Open days (rows) by interval of the day (columns); days without contacts are closed and drop out."""
    if not isinstance(history.index, pd.DatetimeIndex):
        msg = f"history: must be counts with a time index, got {type(history.index).__name__}"
        raise TypeError(msg)
    if history.isna().any() or (history < 0).any():
        where = history.index[history.isna() | (history < 0)][0]
        msg = f"history[{where}] = {history[where]}: must be a count, not missing or negative"
        raise ValueError(msg)
    times = history.index
    table = history.to_frame("n").assign(day=times.normalize(), minute=times.hour * 60 + times.minute)
    wide = table.pivot_table(index="day", columns="minute", values="n", aggfunc="sum", fill_value=0.0)
    return wide[wide.sum(axis=1) > 0].astype(float)


def _regressors(days: pd.DatetimeIndex, open_before: pd.DatetimeIndex) -> pd.DataFrame:
    weekday = pd.get_dummies(pd.Series(days.day_name(), index=days)).astype(float)
    previous = pd.Index(open_before.union(days))
    gap = [float((d - previous[previous < d].max()).days) if (previous < d).any() else 1.0 for d in days]
    usual = np.where(days.day_of_week == 0, 3.0, 1.0)
    return weekday.assign(after_closure=(np.asarray(gap) > usual).astype(float))


def _fit_days(total: pd.Series) -> tuple[Any, list[str], int]:
    """Fitted model of the day's volume, columns of its regressors, degrees of freedom left."""
    sarimax = import_extra("statsmodels.tsa.statespace.sarimax", "forecast")
    days = pd.DatetimeIndex(total.index)
    x = _regressors(days, days)
    x = x.loc[:, x.any()]
    model = sarimax.SARIMAX(
        np.log(total.to_numpy()), exog=x.to_numpy(), order=(1, 0, 1), enforce_stationarity=True, trend=None
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence notes of the optimiser; the back-test judges the fit
        return model.fit(disp=0), list(x.columns), max(len(total) - x.shape[1] - 3, 2)


def _same_kind(wide: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Recent days of a weekday; the last days of any kind where there are fewer than two."""
    same = wide[pd.DatetimeIndex(wide.index).day_name() == day.day_name()].tail(PROFILE_WEEKS)
    return same if len(same) >= 2 else wide.tail(PROFILE_WEEKS)


def _scatter(wide: pd.DataFrame) -> pd.Series:
    """Variance of the factor of each interval around its share of the day, beyond Poisson noise.

    With the day's total given, a count has mean e and variance e + e^2 v; shares are means of the same days, which takes
    one degree of freedom each. Each interval's v is drawn to that of all intervals.
    """
    names = pd.DatetimeIndex(wide.index).day_name()
    above, squares = np.zeros(wide.shape[1]), np.zeros(wide.shape[1])
    days = 0
    for name in dict.fromkeys(names):
        x = wide[names == name].tail(PROFILE_WEEKS).to_numpy()
        if len(x) < 2:
            continue
        share = x.sum(axis=0) / x.sum()
        expected = x.sum(axis=1)[:, None] * share
        free = len(x) / (len(x) - 1)
        above += (free * (x - expected) ** 2 - expected * (1.0 - share)).sum(axis=0)
        squares += (expected**2).sum(axis=0)
        days += len(x)
    if not squares.any():
        return pd.Series(0.0, index=wide.columns)
    pooled = max(float(above.sum() / squares.sum()), 0.0)
    own = np.divide(above, squares, out=np.full_like(above, pooled), where=squares > 0)
    return pd.Series(np.maximum((days * own + SCATTER_PRIOR * pooled) / (days + SCATTER_PRIOR), 0.0), index=wide.columns)


def _count_bounds(mean: Any, variance: Any, level: float) -> tuple[Any, Any]:
    """Bounds of counts with a gamma-mixed Poisson law of given mean and factor variance."""
    size = 1.0 / np.maximum(variance, 1e-9)
    tails = (0.5 - level / 2, 0.5 + level / 2)
    low, high = (stats.nbinom.ppf(q, size, size / (size + np.maximum(mean, 1e-12))) for q in tails)
    return low, high


def forecast(
    history: pd.Series, *, horizon: int, level: float = 0.9, open_days: pd.DatetimeIndex | None = None
) -> Forecast:
    """Forecast the next days, interval by interval.

    Parameters
    ----------
    history
        Contacts per interval with a time index; at least three weeks.
    horizon
        Open days to forecast.
    level
        Coverage of the prediction intervals.
    open_days
        The days to forecast; by default the next days of weekdays that the history knows.

    Raises
    ------
    ValueError
        Negative or missing counts, fewer than 15 open days, or a level outside 0..1.
    """
    if not 0 < level < 1:
        msg = f"level = {level}: must be between 0 and 1"
        raise ValueError(msg)
    if horizon < 1:
        msg = f"horizon = {horizon}: must be at least one day"
        raise ValueError(msg)
    wide = _daily(history)
    if len(wide) < 15:
        msg = f"history: {len(wide)} open days; at least 15 are needed"
        raise ValueError(msg)
    known = pd.DatetimeIndex(wide.index)
    if open_days is None:
        after = pd.date_range(known.max() + pd.Timedelta(days=1), periods=horizon * 8, freq="D")
        open_days = after[after.day_name().isin(set(known.day_name()))][:horizon]
    fit, columns, free = _fit_days(wide.sum(axis=1))
    x = _regressors(open_days, known).reindex(columns=columns, fill_value=0.0)
    predicted = fit.get_forecast(steps=len(open_days), exog=x.to_numpy())
    inflation = len(wide) / free  # the likelihood divides by all days, as if its parameters were known
    scatter = _scatter(wide)
    blocks, common = [], []
    for day, mean_log, sd_day in zip(open_days, predicted.predicted_mean, predicted.se_mean, strict=True):
        recent = _same_kind(wide, day)
        share = recent.sum() / recent.to_numpy().sum()
        of_day = float(np.expm1(inflation * sd_day**2))
        of_interval = (scatter + 1.0 / np.maximum(recent.sum(), 1.0) + scatter / len(recent)).to_numpy()
        mean = np.exp(mean_log + sd_day**2 / 2) * share.to_numpy()
        variance = (1.0 + of_day) * (1.0 + of_interval) - 1.0
        lower, upper = _count_bounds(mean, variance, level)
        index = day + pd.to_timedelta(share.index.to_numpy(), unit="min")
        blocks.append(pd.DataFrame({"mean": mean, "lower": lower, "upper": upper, "factor_variance": variance}, index=index))
        common.append(of_day / float(np.average(variance, weights=mean)))
    method = "daily regression with ARMA(1,1) errors on weekdays, spread by recent weekday shares"
    day_share = float(np.clip(np.mean(common), 0.0, 1.0))
    return Forecast(table=pd.concat(blocks), level=level, day_share=day_share, method=method)


def backtest_forecast(history: pd.Series, *, holdout: int = 10, origins: int = 3, level: float = 0.9) -> pd.DataFrame:
    """Error of the forecast against two naive rules on held-out days.

    Each of ``origins`` forecasts the ``holdout`` open days that follow its own past. WAPE is the sum of absolute errors
    over the sum of counts; coverage is the share of counts inside the prediction interval.

    Returns
    -------
    pandas.DataFrame
        One row per method (forecast, naive = last day, seasonal naive = same weekday a week before) with WAPE and,
        for the forecast, coverage.
    """
    wide = _daily(history)
    errors = {"forecast": 0.0, "naive": 0.0, "seasonal naive": 0.0}
    volume = inside = count = 0.0
    for k in range(origins, 0, -1):
        end = len(wide) - (k - 1) * holdout
        past, future = wide.iloc[: end - holdout], wide.iloc[end - holdout : end]
        made = forecast(as_series(past), horizon=holdout, level=level, open_days=pd.DatetimeIndex(future.index)).table
        actual = as_series(future)
        made = made.reindex(actual.index)
        errors["forecast"] += float((made["mean"] - actual).abs().sum())
        errors["naive"] += float((future - past.iloc[-1]).abs().to_numpy().sum())
        errors["seasonal naive"] += float((future - _same_weekday(past, future)).abs().to_numpy().sum())
        volume += float(actual.sum())
        inside += float(((actual >= made["lower"]) & (actual <= made["upper"])).sum())
        count += len(actual)
    table = pd.DataFrame({"wape": {name: e / volume for name, e in errors.items()}})
    table["coverage"] = pd.Series({"forecast": inside / count})
    return table


def as_series(wide: pd.DataFrame) -> pd.Series:
    """A table of days by intervals (minutes after midnight) as one series in time."""
    days = pd.DatetimeIndex(wide.index).repeat(wide.shape[1])
    minutes = pd.to_timedelta(np.tile(wide.columns.to_numpy(dtype=np.int64), len(wide)), unit="min")
    return pd.Series(wide.to_numpy().ravel(), index=days + minutes)


def _same_weekday(past: pd.DataFrame, future: pd.DataFrame) -> pd.DataFrame:
    last = past.groupby(pd.DatetimeIndex(past.index).day_name()).tail(1)
    by_name = last.set_index(pd.DatetimeIndex(last.index).day_name())
    return by_name.reindex(pd.DatetimeIndex(future.index).day_name()).fillna(past.iloc[-1]).set_index(future.index)
