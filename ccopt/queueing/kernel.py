r"""The one kernel: an incomplete gamma function divided by its own leading term.

With :math:`D = x^s e^{-x} / \Gamma(s+1)` and the regularised functions P and Q, the two ratios

.. math:: U(s, x) = Q(s, x) / D, \qquad A(s, x) = P(s, x) / D = \sum_{k \ge 0} x^k / ((s+1) \cdots (s+k))

carry Erlang B (:math:`1/B = 1 + U(n, a)`), Erlang C (:math:`1/C = 1 + (1-\rho) U`), Erlang A
(:math:`P(wait) = A / (A + U)` with A at :math:`(n\mu/\theta, \lambda/\theta)`) and every tail of a waiting time. Each
costs the same for ten agents as for a million: Temme's uniform expansion with the scaled complementary error function
near s = x, a power series or a continued fraction elsewhere.

Every function takes ``d = x / s - 1`` beside s and x: what decides the answer near s = x is this difference, and the
caller has it without rounding (see ``exact``). Functions without ``log_`` return infinity where the ratio overflows.

Sources: N. M. Temme (1979), SIAM J. Math. Anal. 10, 757-766; DLMF 8.7.1, 8.9.2, 8.12.
"""

from __future__ import annotations

import math

import numpy as np

from ccopt.queueing.coefficients import GAMMA_STAR, TEMME
from ccopt.queueing.compiler import compiled, polynomial

LARGEST_EXPONENT = 700.0
SQRT_PI = math.sqrt(math.pi)
LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
UNIFORM_FROM = 20.0
UNIFORM_LOW = -0.4  # the uniform expansion is used for UNIFORM_LOW <= d <= UNIFORM_HIGH
UNIFORM_HIGH = 0.6
FAR = 4.0  # from here on the continued fraction of erfc is used
OVER = -3.0  # below this argument erfcx is 2 exp(z^2) less the small one
RECURSION_TO = 40
ATANH = np.array([1.0 / (2 * k + 3) for k in range(15)])
BY_POWER = np.ascontiguousarray(TEMME.T)
ENOUGH = 60.0  # from this exponent on 1/D stands alone: the other ratio is less than e^-60 of it


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
    if s < 200.0:
        return math.exp(log_gamma_star(s))
    i, total = 1.0 / s, 0.0
    for k in range(7, 0, -1):
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


@polynomial
def far_erfcx_excess(z: float) -> float:
    """Z sqrt(pi) erfcx(z) - 1 for z >= FAR, by continued fraction, without cancellation."""
    # erfcx(z) = (1 / sqrt pi) / (z + (1/2) / (z + 1 / (z + (3/2) / ...))); with f the tail, value = -f / (z + f)
    f = 0.0
    for k in range(6 + int(80.0 / z), 0, -1):
        f = 0.5 * k / (z + f)
    return -f / (z + f)


@compiled
def scaled_erfc(z: float) -> float:
    """erfcx(z) = exp(z^2) erfc(z), for z >= OVER."""
    if z >= FAR:
        return (1.0 + far_erfcx_excess(z)) / (z * SQRT_PI)
    return math.exp(z * z) * math.erfc(z)


@compiled
def pairs(eta: float) -> int:
    """How many pairs of powers of eta the coefficient functions need."""
    size = abs(eta)
    return 5 if size < 0.06 else 7 if size < 0.2 else 10 if size < 0.4 else 13


@polynomial
def uniform_sum(s: float, eta: float, first: int) -> float:
    """Sum over k >= first of C_k(eta) s^-k; even and odd powers, and the orders, side by side."""
    e2, i = eta * eta, 1.0 / s
    a0, a1, a2, a3, a4, a5 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    b0, b1, b2, b3, b4, b5 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for m in range(pairs(eta) - 1, -1, -1):
        n = 2 * m
        a0 = a0 * e2 + float(BY_POWER[n, 0])
        a1 = a1 * e2 + float(BY_POWER[n, 1])
        a2 = a2 * e2 + float(BY_POWER[n, 2])
        a3 = a3 * e2 + float(BY_POWER[n, 3])
        a4 = a4 * e2 + float(BY_POWER[n, 4])
        a5 = a5 * e2 + float(BY_POWER[n, 5])
        b0 = b0 * e2 + float(BY_POWER[n + 1, 0])
        b1 = b1 * e2 + float(BY_POWER[n + 1, 1])
        b2 = b2 * e2 + float(BY_POWER[n + 1, 2])
        b3 = b3 * e2 + float(BY_POWER[n + 1, 3])
        b4 = b4 * e2 + float(BY_POWER[n + 1, 4])
        b5 = b5 * e2 + float(BY_POWER[n + 1, 5])
    rest = 0.0
    if s < 200.0:
        rest = higher_sum(s, eta)
    even = (((((rest + a5) * i + a4) * i + a3) * i + a2) * i + a1) * i
    odd = ((((b5 * i + b4) * i + b3) * i + b2) * i + b1) * i
    total = even + eta * odd
    return total + (a0 + eta * b0) if first == 0 else total


@polynomial
def higher_sum(s: float, eta: float) -> float:
    """Orders 6 to 9 of the uniform sum, as they add to order 5; needed below s = 200."""
    e2, i = eta * eta, 1.0 / s
    a6, a7, a8, a9 = 0.0, 0.0, 0.0, 0.0
    b6, b7, b8, b9 = 0.0, 0.0, 0.0, 0.0
    for m in range(pairs(eta) - 1, -1, -1):
        n = 2 * m
        a6 = a6 * e2 + float(BY_POWER[n, 6])
        a7 = a7 * e2 + float(BY_POWER[n, 7])
        a8 = a8 * e2 + float(BY_POWER[n, 8])
        a9 = a9 * e2 + float(BY_POWER[n, 9])
        b6 = b6 * e2 + float(BY_POWER[n + 1, 6])
        b7 = b7 * e2 + float(BY_POWER[n + 1, 7])
        b8 = b8 * e2 + float(BY_POWER[n + 1, 8])
        b9 = b9 * e2 + float(BY_POWER[n + 1, 9])
    even = (((a9 * i + a8) * i + a7) * i + a6) * i
    odd = (((b9 * i + b8) * i + b7) * i + b6) * i
    return even + eta * odd


@compiled
def eta_of(d: float, ratio: float) -> float:
    """Eta with eta^2 / 2 = phi(d), of the sign of d."""
    return math.copysign(math.sqrt(2.0 * max(phi(d, ratio), 0.0)), d)


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
def is_uniform(s: float, d: float) -> bool:
    """Whether the uniform expansion is used."""
    return s >= UNIFORM_FROM and UNIFORM_LOW <= d <= UNIFORM_HIGH


@compiled
def uniform(s: float, d: float, ratio: float, sign: float) -> float:
    """U (sign +1) or A (sign -1) by the uniform expansion."""
    half = phi(d, ratio)
    exponent = s * half
    root = math.sqrt(0.5 * math.pi * s)
    star = gamma_star(s)
    if exponent > ENOUGH and sign * d < 0.0:
        return np.inf if exponent > LARGEST_EXPONENT else 2.0 * star * root * math.exp(exponent)
    eta = math.copysign(math.sqrt(2.0 * max(half, 0.0)), d)
    z = sign * eta * math.sqrt(0.5 * s)
    correction = sign * uniform_sum(s, eta, 0)
    if z >= OVER:
        return star * (root * scaled_erfc(z) + correction)
    return star * (root * (2.0 * math.exp(exponent) - scaled_erfc(-z)) + correction)


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


@compiled
def lower_probability(s: float, x: float, d: float) -> float:
    """P(s, x), the regularised lower incomplete gamma function."""
    if x <= 0.0:
        return 0.0
    leading = math.exp(max(log_leading_term(s, x, d), -745.0))
    return 1.0 - upper_ratio(s, x, d) * leading if d > 0.0 else lower_ratio(s, x, d) * leading
