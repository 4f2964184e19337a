"""Forecasts of interval counts, with prediction intervals and a back-test against naive rules.

The day's volume is a regression with ARIMA errors (weekday, day after a closed day) fitted by statsmodels on the log
scale; the day is spread over its intervals by the shares of recent days of the same weekday. Prediction intervals
join the model's error of the day with the scatter of single intervals around their share.
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
SEASONAL_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Forecast per interval: ``table`` has columns mean, lower, upper; ``level`` is the coverage aimed at."""

    table: pd.DataFrame
    level: float
    method: str

    @property
    def log_error(self) -> pd.Series:
        """Standard deviation of the logarithm of the rate, for the uncertainty block of a scenario."""
        z = stats.norm.ppf(0.5 + self.level / 2)
        ratio = (self.table["upper"] + 0.5) / (self.table["mean"] + 0.5)
        return pd.Series(np.log(ratio.to_numpy()) / z, index=ratio.index)


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


def _fit_days(total: pd.Series) -> tuple[Any, list[str]]:
    sarimax = import_extra("statsmodels.tsa.statespace.sarimax", "forecast")
    days = pd.DatetimeIndex(total.index)
    x = _regressors(days, days)
    x = x.loc[:, x.any()]
    model = sarimax.SARIMAX(
        np.log(total.to_numpy()), exog=x.to_numpy(), order=(1, 0, 1), enforce_stationarity=True, trend=None
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence notes of the optimiser; the back-test judges the fit
        return model.fit(disp=0), list(x.columns)


def _shares(wide: pd.DataFrame, day: pd.Timestamp) -> tuple[pd.Series, pd.Series]:
    """Share of each interval on recent days of this weekday, and the scatter of its logarithm."""
    same = wide[pd.DatetimeIndex(wide.index).day_name() == day.day_name()].tail(PROFILE_WEEKS)
    if len(same) < 2:
        same = wide.tail(PROFILE_WEEKS)
    share = same.sum() / same.to_numpy().sum()
    expected = same.sum(axis=1).to_numpy()[:, None] * share.to_numpy()[None, :]
    ratio = np.log((same.to_numpy() + 0.5) / (expected + 0.5))
    degrees = max(len(same) - 1, 1)
    return share, pd.Series(np.sqrt((ratio**2).sum(axis=0) / degrees), index=share.index)


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
    fit, columns = _fit_days(wide.sum(axis=1))
    x = _regressors(open_days, known).reindex(columns=columns, fill_value=0.0)
    predicted = fit.get_forecast(steps=len(open_days), exog=x.to_numpy())
    z = stats.norm.ppf(0.5 + level / 2)
    blocks = []
    for day, mean_log, sd_day in zip(open_days, predicted.predicted_mean, predicted.se_mean, strict=True):
        share, sd_interval = _shares(wide, day)
        mean = np.exp(mean_log) * share
        spread = np.exp(z * np.sqrt(sd_day**2 + sd_interval**2))
        index = day + pd.to_timedelta(share.index.to_numpy(), unit="min")
        rows = {"mean": mean.to_numpy(), "lower": (mean / spread).to_numpy(), "upper": (mean * spread).to_numpy()}
        blocks.append(pd.DataFrame(rows, index=index))
    method = "daily regression with ARMA(1,1) errors on weekdays, spread by recent weekday shares"
    return Forecast(table=pd.concat(blocks), level=level, method=method)


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
        made = forecast(_long(past), horizon=holdout, level=level, open_days=pd.DatetimeIndex(future.index)).table
        actual = _long(future)
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


def _long(wide: pd.DataFrame) -> pd.Series:
    days = pd.DatetimeIndex(wide.index).repeat(wide.shape[1])
    minutes = pd.to_timedelta(np.tile(wide.columns.to_numpy(dtype=np.int64), len(wide)), unit="min")
    return pd.Series(wide.to_numpy().ravel(), index=days + minutes)


def _same_weekday(past: pd.DataFrame, future: pd.DataFrame) -> pd.DataFrame:
    last = past.groupby(pd.DatetimeIndex(past.index).day_name()).tail(1)
    by_name = last.set_index(pd.DatetimeIndex(last.index).day_name())
    return by_name.reindex(pd.DatetimeIndex(future.index).day_name()).fillna(past.iloc[-1]).set_index(future.index)
