r"""The one kernel: an incomplete gamma function divided by its own leading term.

With :math:`D = x^s e^{-x} / \Gamma(s+1)` and the regularised functions P and Q, the two ratios

.. math:: U(s, x) = Q(s, x) / D, \qquad A(s, x) = P(s, x) / D = \sum_{k \ge 0} x^k / ((s+1) \cdots (s+k))

carry Erlang B (:math:`1/B = 1 + U(n, a)`), Erlang C (:math:`1/C = 1 + (1-\rho) U`), Erlang A
(:math:`P(wait) = A / (A + U)` with A at :math:`(n\mu/\theta, \lambda/\theta)`) and every tail of a waiting time. Each
costs the same for ten agents as for a million: Temme's uniform expansion with the scaled complementary error function
near s = x, a power series or a continued fraction elsewhere.

Every function takes ``d = x / s - 1`` beside s and x: what decides the answer near s = x is this difference, and the
caller has it without rounding (see ``exact``). Functions without ``log_`` return infinity where the ratio overflows.

Source: DLMF 8.7.1, 8.9.2, and what `uniform_expansion` names.
"""

from __future__ import annotations

import math

import numpy as np

from ccopt.queueing.compiler import compiled
from ccopt.queueing.leading_term import log_gamma_star, log_leading_term
from ccopt.queueing.uniform_expansion import (
    ENOUGH,
    FAR,
    LARGEST_EXPONENT,
    UNIFORM_FROM,
    eta_of,
    far_erfcx_excess,
    is_uniform,
    uniform,
    uniform_sum,
)

RECURSION_TO = 40


@compiled
def series(s: float, x: float) -> float:
    """A(s, x) by its power series (x below s, or s small)."""
    term, total, k = 1.0, 1.0, 1.0
    while True:
        term *= x / (s + k)
        total += term
        k += 1.0
        if term <= 1e-17 * total and x < s + k:
            return total
        if total > 1e300:
            return np.inf


@compiled
def fraction(s: float, x: float) -> float:
    """U(s, x) / s by the continued fraction of Gamma(s, x) (x above s), modified Lentz."""
    tiny = 1e-300
    b = x + 1.0 - s
    c = 1.0 / tiny
    d = 1.0 / b if b != 0.0 else 1.0 / tiny
    h = d
    for i in range(1, 100000):
        an = -i * (i - s)
        b += 2.0
        d = an * d + b
        if d == 0.0:
            d = tiny
        c = b + an / c
        if c == 0.0:
            c = tiny
        d = 1.0 / d
        step = d * c
        h *= step
        if abs(step - 1.0) < 3e-16:
            break
    return h


@compiled
def upper_ratio(s: float, x: float, d: float) -> float:
    """U(s, x) for s >= 0, x > 0; U(0, x) = 0."""
    if s <= 0.0:
        return 0.0
    if is_uniform(s, d):
        return uniform(s, d, x / s, 1.0)
    if s <= RECURSION_TO and s == math.floor(s):
        u, inverse = 0.0, 1.0 / x
        for k in range(1, int(s) + 1):
            u = k * inverse * (1.0 + u)
        return u
    if x > s + 1.0 or x > max(s, 1.0):
        return s * fraction(s, x)
    exponent = -log_leading_term(s, x, d)
    if exponent > LARGEST_EXPONENT:
        return np.inf
    return math.exp(exponent) if exponent > ENOUGH else max(math.exp(exponent) - series(s, x), 0.0)


@compiled
def lower_ratio(s: float, x: float, d: float) -> float:
    """A(s, x) for s > 0, x >= 0."""
    if x <= 0.0:
        return 1.0
    if is_uniform(s, d):
        return uniform(s, d, x / s, -1.0)
    if x <= max(s, 1.0) or (s < UNIFORM_FROM and x < s + 1.0):
        return series(s, x)
    exponent = -log_leading_term(s, x, d)
    if exponent > LARGEST_EXPONENT:
        return np.inf
    return math.exp(exponent) if exponent > ENOUGH else math.exp(exponent) - s * fraction(s, x)


@compiled
def log_upper_ratio(s: float, x: float, d: float) -> float:
    """Log U(s, x); minus infinity where s = 0."""
    u = upper_ratio(s, x, d)
    if u == np.inf:  # 1/D less something that no longer counts
        return -log_leading_term(s, x, d)
    return math.log(u) if u > 0.0 else -np.inf


@compiled
def log_lower_ratio(s: float, x: float, d: float) -> float:
    """Log A(s, x)."""
    a = lower_ratio(s, x, d)
    return -log_leading_term(s, x, d) if a == np.inf else math.log(a)


@compiled
def lower_shortfall(s: float, x: float, d: float) -> float:
    r"""1 - (1 - x/s) A(s, x), without cancellation where A is near 1 / (1 - x/s)."""
    if d >= 0.0:
        a = lower_ratio(s, x, d)
        return 1.0 + d * a if d > 0.0 else 1.0
    if is_uniform(s, d):
        eta = eta_of(d, x / s)
        z = -eta * math.sqrt(0.5 * s)
        if z >= FAR:
            star = math.expm1(log_gamma_star(s))
            rest = far_erfcx_excess(z) / (-eta) - uniform_sum(s, eta, 1)
            return -star + (1.0 + star) * d * rest
        return 1.0 + d * uniform(s, d, x / s, -1.0)
    # 1 - (1 - rho) sum w_k = sum (w_k (x/s) - w_{k+1}) = sum w_k x (k + 1) / (s (s + k + 1))
    term, total, k = 1.0, 0.0, 0.0
    while True:
        step = term * x * (k + 1.0) / (s * (s + k + 1.0))
        total += step
        k += 1.0
        term *= x / (s + k)
        if step <= 1e-17 * total:
            return total
