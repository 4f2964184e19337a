"""The leading term D = x^s e^-x / Gamma(s + 1) and what it is made of, without cancellation near s = x."""

from __future__ import annotations

import math

import numpy as np

from ccopt.queueing.coefficients import GAMMA_STAR
from ccopt.queueing.compiler import compiled, polynomial

LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
ATANH = np.array([1.0 / (2 * k + 3) for k in range(15)])


@polynomial
def phi(d: float, ratio: float) -> float:
    """D - log(1 + d) without cancellation near 0; ``ratio`` is 1 + d."""
    if d > 0.4 or d < -0.4:
        return d - math.log(ratio)
    # log(1 + d) = 2 atanh(r) with r = d / (2 + d); d - log(1 + d) = r d - 2 (r^3/3 + r^5/5 + ...)
    r = d / (2.0 + d)
    r2 = r * r
    r4 = r2 * r2
    even, odd = float(ATANH[14]), 0.0
    for k in range(6, -1, -1):
        odd = odd * r4 + float(ATANH[2 * k + 1])
        even = even * r4 + float(ATANH[2 * k])
    return r * (d - 2.0 * r2 * (even + r2 * odd))


@polynomial
def log_gamma_star(s: float) -> float:
    """Logarithm of Gamma*(s) = Gamma(s) sqrt(s / 2 pi) (e / s)^s, s >= 10."""
    i = 1.0 / s
    i2 = i * i
    return i * (
        1 / 12 - i2 * (1 / 360 - i2 * (1 / 1260 - i2 * (1 / 1680 - i2 * (1 / 1188 - i2 * (691 / 360360 - i2 / 156)))))
    )


@polynomial
def gamma_star(s: float) -> float:
    """Gamma*(s), s >= 20."""
    i, total = 1.0 / s, 0.0
    if s < 200.0:
        for k in range(10, 4, -1):
            total = (total + float(GAMMA_STAR[k])) * i
    for k in range(4, 0, -1):
        total = (total + float(GAMMA_STAR[k])) * i
    return 1.0 + total


@compiled
def log_leading_term(s: float, x: float, d: float) -> float:
    """Logarithm of D = x^s e^-x / Gamma(s + 1)."""
    if x <= 0.0:
        return 0.0 if s <= 0.0 else -np.inf
    if s < 10.0:
        return s * math.log(x) - x - math.lgamma(s + 1.0)
    return -s * phi(d, x / s) - 0.5 * math.log(s) - LOG_ROOT_TWO_PI - log_gamma_star(s)
