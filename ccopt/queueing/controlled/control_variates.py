"""Control variates: known expectations of companions take noise out of a simulated share.

With batches b, counts X_b out of N_b contacts, and companions Z_b (K of them, per batch) whose expectation is exactly
0, the estimate is

    X/N - βᵀ mean(Z),   β = argmin Σ_b (x_b - βᵀ (Z_b - mean Z))²,   x_b = (X_b - N_b X/N) / mean(N)

the regression estimator for a ratio. Its interval comes from the residuals with B - K - 1 degrees of freedom, widened
by mean(Z)' (Z'Z)^-1 mean(Z) for the estimated coefficients. A
companion share Y_b / M_b with known expectation μ enters as Z_b = (Y_b - μ M_b) / mean(M). Companions whose regression
explains less than `LEAST_R2` are left out: they would add noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_R2 = 0.15
LARGEST_COEFFICIENT = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A share with its 95 % half-width, and the part of the variance that companions explained (0..1)."""

    value: float
    half_width: float
    explained: float = 0.0


def zero_mean(counts: Floats, totals: Floats, expected: float) -> Floats:
    """Companion of expectation 0 from counts per batch out of totals and their exact expected share."""
    mean = float(totals.mean())
    return (counts - expected * totals) / mean if mean > 0 else np.zeros(len(counts))


def controlled_ratio(counts: Floats, totals: Floats, companions: Floats, *, level: float = 0.95) -> Estimate:
    """Ratio of sums over batches, corrected by companions of expectation 0.

    Parameters
    ----------
    counts, totals
        (B,) sums per batch; the ratio of the totals is estimated.
    companions
        (B, K) values per batch with expectation 0 (`zero_mean`). K may be 0.
    level
        Confidence of the half-width.

    Returns
    -------
    Estimate
        Value and half-width in the unit of counts per total.

    Raises
    ------
    ValueError
        Fewer than five batches, or no contacts.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> noise = rng.normal(size=40)
    >>> totals = np.full(40, 100.0)
    >>> found = controlled_ratio(60 + 4 * noise, totals, zero_mean(50 + 4 * noise, totals, 0.5)[:, None])
    >>> round(found.value, 3), round(found.explained, 3)
    (0.6, 1.0)
    """
    batches = len(counts)
    total = float(totals.sum())
    if batches < 5 or total <= 0:
        msg = f"batches = {batches}, contacts = {total:g}: need at least five batches with contacts"
        raise ValueError(msg)
    mean = total / batches
    ratio = float(counts.sum()) / total
    x = (counts - totals * ratio) / mean
    means = companions.mean(axis=0)
    y = companions - means
    beta, used = _coefficients(x, y)
    residual = x - y @ beta
    spread = float(x @ x)
    left = float(residual @ residual)
    freedom = batches - 1 - int(used.sum())
    deviation = np.sqrt(left / freedom * (1.0 / batches + _leverage(y[:, used], means[used])))
    return Estimate(
        value=ratio - float(beta @ means),
        half_width=_quantile(level, freedom) * float(deviation),
        explained=1.0 - left / spread if spread > 0 else 0.0,
    )


@lru_cache(maxsize=256)
def _quantile(level: float, freedom: int) -> float:
    """Half-width of Student's law in standard errors."""
    from scipy.stats import t as student

    return float(student.ppf(0.5 + level / 2, freedom))


def _leverage(y: Floats, means: Floats) -> float:
    """What the estimated coefficients add to the variance: mean' (Y'Y)^-1 mean."""
    if not y.shape[1]:
        return 0.0
    return float(means @ np.linalg.lstsq(y.T @ y, means, rcond=1e-10)[0])


def _coefficients(x: Floats, y: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Least-squares coefficients, and which are used; none where they explain too little or run wild."""
    batches, k = y.shape
    none: Floats = np.zeros(k)
    unused = np.zeros(k, dtype=bool)
    spread = float(x @ x)
    moving = (y * y).sum(axis=0) > 1e-24
    if not moving.any() or spread <= 1e-24 or batches < 3 * k + 5:
        return none, unused
    beta = none.copy()
    found = np.linalg.lstsq(y[:, moving], x, rcond=1e-8)[0]
    if np.abs(found).max() > LARGEST_COEFFICIENT:
        return _best_single(x, y, spread)
    beta[moving] = found
    left = x - y @ beta
    adjusted = 1.0 - float(left @ left) / (batches - 1 - int(moving.sum())) / (spread / (batches - 1))
    return (beta, moving) if adjusted >= LEAST_R2 else (none, unused)


def _best_single(x: Floats, y: Floats, spread: float) -> tuple[Floats, NDArray[np.bool_]]:
    """The one companion that explains most, its coefficient clipped to 0..3."""
    best, beta = LEAST_R2, np.zeros(y.shape[1])
    for j in range(y.shape[1]):
        square = float(y[:, j] @ y[:, j])
        if square <= 1e-24:
            continue
        slope = min(max(float(x @ y[:, j]) / square, 0.0), LARGEST_COEFFICIENT)
        left = x - slope * y[:, j]
        explained = 1.0 - float(left @ left) / spread
        if explained > best:
            best = explained
            beta = np.zeros(y.shape[1])
            beta[j] = slope
    return beta, beta != 0
