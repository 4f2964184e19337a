"""How long customers would wait: patience from censored waits.

An answered contact shows only that its patience was longer than its wait, so the mean wait of those who left is no
estimate of patience (it is far too small). All estimators here treat answered contacts as censored.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats


@dataclass(frozen=True, slots=True, kw_only=True)
class PatienceFit:
    """Patience of a contact type, in seconds, with 95 % intervals.

    Attributes
    ----------
    mean_s, mean_interval_s
        Mean of the censored exponential: total waiting time over the number who left.
    median_s, median_interval_s
        Kaplan-Meier median; None where fewer than half of the customers are seen to leave.
    weibull_shape, weibull_shape_interval, weibull_scale_s
        Censored Weibull; a shape below 1 means that those who have waited long are ever more patient.
    left_at_once
        Share of contacts that left without any wait (in the menu, or at the announcement); not in the fits.
    contacts, left
        Contacts that waited, and how many of them left.
    """

    mean_s: float
    mean_interval_s: tuple[float, float]
    median_s: float | None
    median_interval_s: tuple[float | None, float | None]
    weibull_shape: float
    weibull_shape_interval: tuple[float, float]
    weibull_scale_s: float
    left_at_once: float
    contacts: int
    left: int


def _checked(waits: ArrayLike, abandoned: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    w = np.asarray(waits, dtype=float)
    a = np.asarray(abandoned)
    if w.ndim != 1 or w.shape != a.shape:
        msg = f"waits has shape {w.shape}, abandoned {a.shape}: must be two lists of equal length"
        raise ValueError(msg)
    if a.dtype != bool:
        if not np.isin(a, (0, 1)).all():
            msg = "abandoned: must be true or false (1 or 0) for every contact"
            raise ValueError(msg)
        a = a.astype(bool)
    bad = np.flatnonzero(~np.isfinite(w) | (w < 0))
    if bad.size:
        msg = f"waits[{bad[0]}] = {w[bad[0]]!r}: must be a finite number of seconds, not negative"
        raise ValueError(msg)
    return w, a


def fit_patience(waits: ArrayLike, abandoned: ArrayLike) -> PatienceFit:
    r"""Fit patience to waits of which some ended in abandonment.

    The exponential estimate is :math:`\hat m = \sum w / d` with *d* abandonments; its interval is exact for a fixed
    number of abandonments, :math:`2 \sum w / \chi^2_{2d}`. The Weibull is fitted by maximum likelihood with censoring
    and its shape has a profile-likelihood interval; the median is Kaplan and Meier's (1958).

    Parameters
    ----------
    waits
        Seconds that each contact waited, answered or not. Contacts that never waited carry no information and drop
        out; those that left after 0 s are counted in ``left_at_once``.
    abandoned
        Whether the contact left before it was answered.

    Raises
    ------
    ValueError
        Waits that are negative or not finite, lists of unequal length, or nobody who left after a wait.

    References
    ----------
    Brown et al. (2005), Statistical analysis of a telephone call center, JASA 100, section 5.

    Examples
    --------
    >>> fit = fit_patience([10, 30, 60, 20, 80], [True, False, True, False, False])
    >>> fit.mean_s
    100.0
    """
    w, a = _checked(waits, abandoned)
    waited = w > 0
    x, left = w[waited], a[waited]
    events = int(left.sum())
    if not events:
        msg = "abandoned: nobody left after a wait, so patience cannot be estimated from these contacts"
        raise ValueError(msg)
    total = float(x.sum())
    low, high = (2 * total / float(stats.chi2.ppf(q, 2 * events)) for q in (0.975, 0.025))
    median, median_interval = _kaplan_meier_median(x, left)
    shape, scale, shape_interval = _weibull(x, left)
    return PatienceFit(
        mean_s=total / events,
        mean_interval_s=(low, high),
        median_s=median,
        median_interval_s=median_interval,
        weibull_shape=shape,
        weibull_shape_interval=shape_interval,
        weibull_scale_s=scale,
        left_at_once=float((a & ~waited).mean()),
        contacts=int(waited.sum()),
        left=events,
    )


def _kaplan_meier_median(
    x: NDArray[np.float64], left: NDArray[np.bool_]
) -> tuple[float | None, tuple[float | None, float | None]]:
    sample: Any = stats.CensoredData.right_censored(x, ~left)
    survival: Any = stats.ecdf(sample).sf
    with warnings.catch_warnings():  # the band is undefined where nobody is left at risk; such points are no median
        warnings.filterwarnings("ignore", message="The confidence interval is undefined", category=RuntimeWarning)
        band = survival.confidence_interval(confidence_level=0.95, method="log-log")

    def first_below(times: NDArray[np.float64], values: NDArray[np.float64]) -> float | None:
        hit = np.flatnonzero(np.asarray(values) <= 0.5)
        return float(times[hit[0]]) if hit.size else None

    median = first_below(survival.quantiles, survival.probabilities)
    return median, (
        first_below(band.low.quantiles, band.low.probabilities),
        first_below(band.high.quantiles, band.high.probabilities),
    )


def _weibull(x: NDArray[np.float64], left: NDArray[np.bool_]) -> tuple[float, float, tuple[float, float]]:
    """Maximum likelihood of shape k and scale; for given k the scale is (sum x^k / d)^(1/k)."""
    unit = x / x.mean()
    log_events = float(np.log(unit[left]).sum())
    d = int(left.sum())

    def minus_profile(log_k: float) -> float:
        k = float(np.exp(log_k))
        return -float(d * np.log(k) - d * np.log((unit**k).sum() / d) + (k - 1) * log_events - d)

    best = optimize.minimize_scalar(minus_profile, bounds=(-3.0, 3.0), method="bounded", options={"xatol": 1e-10})
    drop = float(stats.chi2.ppf(0.95, 1)) / 2

    lowest = float(best.fun)

    def edge(log_k: float) -> float:
        return minus_profile(log_k) - lowest - drop

    ends = [
        optimize.brentq(edge, *pair) if edge(pair[0]) * edge(pair[1]) < 0 else limit
        for pair, limit in (((-5.0, best.x), -np.inf), ((best.x, 5.0), np.inf))
    ]
    k = float(np.exp(best.x))
    scale = float(x.mean() * ((unit**k).sum() / d) ** (1 / k))
    return k, scale, (float(np.exp(ends[0])), float(np.exp(ends[1])))
