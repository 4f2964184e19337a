r"""The mean wait of answered contacts when customers leave, in closed form.

In units of the patience the virtual wait V > 0 has the density :math:`u^{s-1} e^{x(1-u)}` in :math:`u = e^{-V}`, so that

.. math:: E[V e^{-V} \mid V > 0] = \frac{H(s+1)}{G(s)}, \quad
   G(s) = \int_0^1 u^{s-1} e^{x(1-u)} du = A(s, x) / s, \quad H = -dG/ds .

H is a positive series, and by :math:`x H(s+1) = s H(s) - G(s)` it follows from the slope of A in s, which Temme's
expansion and the continued fraction give term by term.
"""

from __future__ import annotations

import math

from ccopt.queueing.coefficients import TEMME
from ccopt.queueing.compiler import compiled
from ccopt.queueing.leading_term import log_leading_term
from ccopt.queueing.uniform_expansion import (
    FAR,
    SQRT_PI,
    UNIFORM_FROM,
    eta_of,
    far_erfcx_excess,
    is_uniform,
    pairs,
    scaled_erfc,
)


@compiled
def log_less_digamma(s: float) -> float:
    """Log s - psi(s) for s > 0."""
    total = 0.0
    t = s
    while t < 12.0:
        total += 1.0 / t
        t += 1.0
    i = 1.0 / t
    i2 = i * i
    tail = i * (0.5 + i * (1 / 12 - i2 * (1 / 120 - i2 * (1 / 252 - i2 * (1 / 240 - i2 * (1 / 132 - i2 * 691 / 32760))))))
    return total + tail + math.log(s / t) if t > s else tail


@compiled
def orders(s: float) -> int:
    """How many coefficient functions C_k the uniform expansion needs."""
    if s < 200.0:
        return 10 if s < 60.0 else 8
    return 6 if s < 1000.0 else 5 if s < 30000.0 else 3


@compiled
def uniform_slope(s: float, eta: float, eta_slope: float) -> tuple[float, float]:
    """Sum of C_k(eta) s^-k and its derivative by s at fixed x."""
    total, slope, inverse, top = 0.0, 0.0, 1.0 / s, 2 * pairs(eta) - 1
    for k in range(orders(s) - 1, -1, -1):
        c, dc = 0.0, 0.0
        for n in range(top, -1, -1):
            dc = dc * eta + c
            c = c * eta + float(TEMME[k, n])
        slope = (slope - total * inverse) * inverse + dc * eta_slope
        total = total * inverse + c
    return total, slope


@compiled
def mean_wait_uniform(s: float, d: float, ratio: float) -> float:
    """E[V | V > 0] in units of the patience, by the slope of the uniform expansion."""
    eta = eta_of(d, ratio)
    half = math.sqrt(0.5 * s)
    z = -eta * half
    log_ratio = math.log1p(d)
    if z < -20.0:
        return log_ratio + log_less_digamma(s)
    eta_slope = -1.0 / s if abs(eta) < 1e-150 else -d / (eta * s)
    z_slope = 0.5 * z / s - eta_slope * half
    total, slope = uniform_slope(s, eta, eta_slope)
    root = SQRT_PI * half
    if z >= FAR:
        excess = far_erfcx_excess(z)
        scaled = (1.0 + excess) / (z * SQRT_PI)
        moved = root * (2.0 / SQRT_PI) * z_slope * excess
    else:
        scaled = scaled_erfc(z) if z >= 0.0 else 2.0 * math.exp(z * z) - scaled_erfc(-z)
        moved = -root * (scaled * log_ratio + (2.0 / SQRT_PI) * z_slope)
    value = root * scaled - total
    value_slope = root * scaled * 0.5 / s + moved - slope
    star_slope = 0.5 / s - log_less_digamma(s)  # of log Gamma*, which is -(1/12) s^-2 + ...: tiny beside the rest
    return 1.0 / s - star_slope - value_slope / value


@compiled
def served_wait_series(s: float, x: float) -> float:
    """E[V exp(-V) | V > 0] by the two positive series."""
    term, below, k = 1.0, 1.0, 1.0  # A(s, x)
    up, harmonic, above = 1.0, 1.0 / (s + 1.0), 1.0 / (s + 1.0)  # (s + 1) H(s + 1)
    while True:
        term *= x / (s + k)
        up *= x / (s + 1.0 + k)
        harmonic += 1.0 / (s + 1.0 + k)
        below += term
        above += up * harmonic
        k += 1.0
        if term <= 1e-17 * below and up * harmonic <= 1e-17 * above and x < s + k:
            return above / (s + 1.0) / (below / s)
        if below > 1e280:
            return -1.0


@compiled
def fraction_slope(s: float, x: float) -> tuple[float, float]:
    """F = int_0^inf (1 + t)^(s-1) exp(-x t) dt and dF/ds, by the continued fraction from its far end."""
    depth = 60 + int(400.0 / (x - s + 1.0))
    f, df = 0.0, 0.0
    for i in range(depth, 0, -1):
        below = x + 2.0 * i + 1.0 - s + f
        slope = -1.0 + df
        top = -i * (i - s)
        f, df = top / below, i / below - top * slope / (below * below)
    below = x + 1.0 - s + f
    return 1.0 / below, -(df - 1.0) / (below * below)


@compiled
def served_wait(s: float, x: float, d: float) -> float:
    """E[V exp(-V) | V > 0], in units of the patience: wait of the answered, per contact that waits."""
    if x <= 0.0:
        return s / (s + 1.0) ** 2
    if is_uniform(s, d):
        return (s * mean_wait_uniform(s, d, x / s) - 1.0) / x
    if x <= max(s, 1.0) or (s < UNIFORM_FROM and x < s + 30.0):
        found = served_wait_series(s, x)
        if found >= 0.0:
            return found
    log_d = log_leading_term(s, x, d)
    leading = s * math.exp(log_d) if log_d > -700.0 else 0.0
    one, slope = 0.0, 0.0
    if leading > 0.0:
        one, _ = fraction_slope(s, x)
        _, slope = fraction_slope(s + 1.0, x)
    log_over_psi = math.log(x / (s + 1.0)) + log_less_digamma(s + 1.0)
    return (log_over_psi * s / x + leading * slope) / (1.0 - leading * one)

