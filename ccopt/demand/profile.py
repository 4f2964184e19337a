"""Shape of demand in history: interval counts, day types, profiles, handle times and over-dispersion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

DayType = Callable[[pd.DatetimeIndex], pd.Index]

def weekday_types(days: pd.DatetimeIndex) -> pd.Index:
    """Day types by name of the weekday."""
    return pd.Index([str(name) for name in days.day_name()])


def group_weekdays(groups: Mapping[str, tuple[str, ...]]) -> DayType:
    """A rule of day types from named groups of weekdays; other days keep their own name.

    Examples
    --------
    >>> rule = group_weekdays({"workday": ("Sunday", "Monday")})
    >>> list(rule(pd.DatetimeIndex(["1999-01-03", "1999-01-08"])))
    ['workday', 'Friday']
    """
    of = {day: name for name, days in groups.items() for day in days}
    return lambda days: pd.Index([of.get(str(d), str(d)) for d in days.day_name()])


def interval_counts(arrived: pd.Series, *, minutes: int = 30) -> pd.DataFrame:
    """Contacts per day (rows) and interval of the day (columns, minutes after midnight); empty intervals count 0.

    A day without any contact has no row: a log cannot tell a closed day from a lost one (see `missing_days`).
    """
    if minutes <= 0 or 1440 % minutes:
        msg = f"minutes = {minutes}: must divide a day, such as 15, 30 or 60"
        raise ValueError(msg)
    day = arrived.dt.normalize()
    start = (arrived - day).dt.total_seconds() // (60 * minutes) * minutes
    table = pd.crosstab(day, start.astype(int))
    table.index = pd.DatetimeIndex(table.index)
    return table.reindex(columns=range(0, 1440, minutes), fill_value=0)


def missing_days(counts: pd.DataFrame) -> pd.DatetimeIndex:
    """Days between the first and the last one of a table without any contact: closed, or lost from the log."""
    days = pd.DatetimeIndex(counts.index)
    return pd.date_range(days.min(), days.max(), freq="D").difference(days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Mean contacts per interval and day type, and how far single days scatter.

    Attributes
    ----------
    mean
        Contacts per interval: rows day types, columns minutes after midnight.
    dispersion
        Variance over mean of the counts of one interval over days of one type (Poisson: 1); missing where fewer than
        three days or a mean below one.
    days
        Number of days of each type.
    minutes
        Length of an interval.
    """

    mean: pd.DataFrame
    dispersion: pd.DataFrame
    days: pd.Series
    minutes: int

    @property
    def dispersion_index(self) -> float:
        """Median of the dispersion over intervals and day types."""
        return float(np.nanmedian(self.dispersion.to_numpy(dtype=float)))


def fit_profile(counts: pd.DataFrame, *, day_types: DayType = weekday_types) -> Profile:
    """Profile of a table of `interval_counts`.

    Examples
    --------
    >>> t = pd.Series(pd.to_datetime(["1999-01-03 08:10", "1999-01-10 08:20", "1999-01-10 08:25"]))
    >>> float(fit_profile(interval_counts(t)).mean.loc["Sunday", 480])
    1.5
    """
    kind = pd.Series(day_types(pd.DatetimeIndex(counts.index)), index=counts.index)
    grouped = counts.groupby(kind)
    mean, days = grouped.mean(), kind.value_counts()
    enough = (mean >= 1).mul(days.reindex(mean.index) >= 3, axis=0)
    dispersion = (grouped.var(ddof=1) / mean.where(mean > 0)).where(enough)
    columns = [int(c) for c in counts.columns.to_numpy()]
    return Profile(mean=mean, dispersion=dispersion, days=days, minutes=columns[1] - columns[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleTimeFit:
    """Handle time in seconds: moments, median and the log-normal of values from ``shortest_s`` on."""

    mean_s: float
    standard_deviation_s: float
    median_s: float
    log_mean: float
    log_standard_deviation: float
    shortest_s: float
    contacts: int
    below_shortest: int


def fit_handle_time(seconds: ArrayLike, *, shortest_s: float = 10.0) -> HandleTimeFit:
    """Moments of handle times and a log-normal fit to those of at least ``shortest_s`` (shorter ones are hang-ups).

    References
    ----------
    Brown et al. (2005), JASA 100, section 4.1: service times are log-normal once the short ones are set apart.

    Examples
    --------
    >>> fit_handle_time([100.0, 200.0, 400.0]).median_s
    200.0
    """
    x = np.asarray(seconds, dtype=float)
    if x.ndim != 1 or x.size < 2 or not np.isfinite(x).all() or (x < 0).any():
        msg = "seconds: must be a list of at least two finite times, not negative"
        raise ValueError(msg)
    long = x[x >= shortest_s]
    if long.size < 2:
        msg = f"seconds: fewer than two times of at least {shortest_s:g} s"
        raise ValueError(msg)
    return HandleTimeFit(
        mean_s=float(x.mean()),
        standard_deviation_s=float(x.std(ddof=1)),
        median_s=float(np.median(x)),
        log_mean=float(np.log(long).mean()),
        log_standard_deviation=float(np.log(long).std(ddof=1)),
        shortest_s=shortest_s,
        contacts=int(x.size),
        below_shortest=int(x.size - long.size),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDispersion:
    """Arrivals as Poisson counts with a random busyness factor.

    ``factor_variance`` is the variance of a factor with mean 1 that multiplies the rate (gamma with shape
    1 / variance); ``day_share`` is the part that all intervals of a day have in common; ``correlation`` is the mean
    correlation of the factors of two intervals of one day.
    """

    factor_variance: float
    day_share: float
    correlation: float


def fit_dispersion(counts: pd.DataFrame, *, day_types: DayType = weekday_types) -> RateDispersion:
    r"""Moment fit of the gamma-mixed Poisson process to interval counts.

    With rate :math:`\lambda_i F_{di}` the count has variance :math:`\lambda_i + \lambda_i^2 v`, and two intervals of
    one day have covariance :math:`\lambda_i \lambda_j v_{day}`; both moments are pooled over intervals and day types.

    References
    ----------
    Avramidis, Deslauriers and L'Ecuyer (2004), Modeling daily arrivals to a telephone call center.
    """
    kind = pd.Series(day_types(pd.DatetimeIndex(counts.index)), index=counts.index)
    above = squares = common = pairs = 0.0
    for _, block in counts.groupby(kind):
        x = block.to_numpy(dtype=float)
        if len(x) < 3:
            continue
        mean = x.mean(axis=0)
        covariance = np.cov(x, rowvar=False, ddof=1)
        above += float((np.diag(covariance) - mean).sum())
        squares += float((mean**2).sum())
        off = covariance - np.diag(np.diag(covariance))
        common += float(off.sum())
        pairs += float(mean.sum() ** 2 - (mean**2).sum())
    if not squares or not pairs:
        msg = "counts: no day type has three days with contacts, so dispersion cannot be estimated"
        raise ValueError(msg)
    variance = max(above / squares, 0.0)
    day = float(np.clip(common / pairs, 0.0, variance))
    share = day / variance if variance > 0 else 0.0
    return RateDispersion(factor_variance=variance, day_share=share, correlation=share)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointDispersion:
    """Busyness of several contact types: variance of the factor of each, and correlation of the factors between types.

    ``common_share`` is the mean correlation between types, weighted by the products of their volumes (1 with one type).
    """

    factor_variance: pd.Series
    correlation: pd.DataFrame
    common_share: float


def fit_joint_dispersion(counts: Mapping[str, pd.DataFrame], *, day_types: DayType = weekday_types) -> JointDispersion:
    r"""Moment fit of correlated busyness factors from counts of the same intervals by contact type.

    Counts of types a and b in one interval have covariance :math:`\lambda_a \lambda_b v_{ab}` (a Poisson part adds
    :math:`\lambda_a` where a = b); moments are pooled over intervals and day types.

    Parameters
    ----------
    counts
        Tables of `interval_counts` with equal rows and columns.
    day_types
        Rule of day types.

    Raises
    ------
    ValueError
        Tables of unequal shape, or no day type with three days.
    """
    names = list(counts)
    first = counts[names[0]]
    if any(t.shape != first.shape for t in counts.values()):
        msg = "counts: all tables must have the same days and intervals"
        raise ValueError(msg)
    kind = np.asarray(day_types(pd.DatetimeIndex(first.index)))
    cube = np.array([counts[n].to_numpy(dtype=float) for n in names])
    above, product = np.zeros((len(names), len(names))), np.zeros((len(names), len(names)))
    for k in dict.fromkeys(kind):
        block = cube[:, kind == k]
        if block.shape[1] < 3:
            continue
        mean = block.mean(axis=1)
        centred = block - mean[:, None]
        covariance = np.einsum("adi,bdi->ab", centred, centred) / (block.shape[1] - 1)
        above += covariance - np.diag(mean.sum(axis=1))
        product += mean @ mean.T
    if not product.any():
        msg = "counts: no day type has three days with contacts, so dispersion cannot be estimated"
        raise ValueError(msg)
    ratio = np.divide(above, product, out=np.zeros_like(above), where=product > 0)
    variance = np.maximum(np.diag(ratio), 0.0)
    scale = np.sqrt(np.outer(variance, variance))
    correlation = np.clip(np.divide(ratio, scale, out=np.zeros_like(ratio), where=scale > 0), -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    volume = np.array([t.to_numpy(dtype=float).sum() for t in counts.values()])
    pairs = np.outer(volume, volume) * (1.0 - np.eye(len(names)))
    share = float((pairs * correlation).sum() / pairs.sum()) if pairs.any() else 1.0
    return JointDispersion(
        factor_variance=pd.Series(variance, index=names), correlation=pd.DataFrame(correlation, index=names, columns=names),
        common_share=float(np.clip(share, 0.0, 1.0)),
    )  # fmt: skip
