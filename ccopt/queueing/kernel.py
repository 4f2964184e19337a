r"""The one kernel: an incomplete gamma function divided by its own leading term.

With :math:`D = x^s e^{-x} / \Gamma(s+1)` and the regularised functions P and Q, the two ratios

.. math:: U(s, x) = Q(s, x) / D, \qquad A(s, x) = P(s, x) / D = \sum_{k \ge 0} x^k / ((s+1) \cdots (s+k))

carry Erlang B (:math:`1/B = 1 + U(n, a)`), Erlang C (:math:`1/C = \rho + (1-\rho)(1+U)`), Erlang A
(:math:`P(wait) = A / (A + U)` with A at :math:`(n\mu/\theta, \lambda/\theta)`) and every tail of a waiting time. Each
costs the same for ten agents as for a million: Temme's uniform expansion with the scaled complementary error function
near s = x, a power series or a continued fraction elsewhere.

Sources: N. M. Temme (1979), SIAM J. Math. Anal. 10, 757-766; DLMF 8.7.1, 8.9.2, 8.12.
"""

from __future__ import annotations

import math

import numpy as np

from ccopt.queueing.coefficients import GAMMA_STAR, TEMME
from ccopt.queueing.compiler import compiled

LARGEST_EXPONENT = 709.0
SQRT_PI = math.sqrt(math.pi)
UNIFORM_FROM = 20.0
UNIFORM_LOW = 0.6
UNIFORM_HIGH = 1.6
FAR = 4.0  # from here on the continued fraction of erfc is used
TEMME_ORDER, TEMME_DEGREE = TEMME.shape


@compiled
def log_ratio_less_one(x: float) -> float:
    """X - 1 - log x without cancellation near x = 1."""
    d = x - 1.0
    if abs(d) > 0.4:
        return d - math.log(x)
    # log x = 2 atanh(r) with r = d / (2 + d); d - log x = r d - 2 (r^3/3 + r^5/5 + ...)
    r = d / (2.0 + d)
    r2 = r * r
    term, total, k = r * r2, 0.0, 3.0
    while True:
        step = term / k
        total += step
        if abs(step) <= 1e-17 * abs(total):
            break
        term *= r2
        k += 2.0
    return r * d - 2.0 * total


@compiled
def log_gamma_star(s: float) -> float:
    """Logarithm of Gamma*(s) = Gamma(s) sqrt(s / 2 pi) (e / s)^s."""
    if s >= 10.0:
        i = 1.0 / s
        i2 = i * i
        return i * (
            1 / 12
            - i2 * (1 / 360 - i2 * (1 / 1260 - i2 * (1 / 1680 - i2 * (1 / 1188 - i2 * (691 / 360360 - i2 / 156)))))
        )
    return math.lgamma(s) - (s - 0.5) * math.log(s) + s - 0.5 * math.log(2.0 * math.pi)


@compiled
def log_leading_term(s: float, x: float) -> float:
    """Logarithm of D = x^s e^-x / Gamma(s + 1)."""
    if s < 1e-3:
        return s * math.log(x) - x - math.lgamma(s + 1.0)
    return -s * log_ratio_less_one(x / s) - 0.5 * math.log(2.0 * math.pi * s) - log_gamma_star(s)


@compiled
def far_erfcx_excess(z: float) -> float:
    """Z sqrt(pi) erfcx(z) - 1 for z >= FAR, by continued fraction, without cancellation."""
    # erfcx(z) = (1 / sqrt pi) / (z + (1/2) / (z + 1 / (z + (3/2) / ...))); with f the tail, value = -f / (z + f)
    f = 0.0
    for k in range(60, 0, -1):
        f = 0.5 * k / (z + f)
    return -f / (z + f)


@compiled
def scaled_erfc(z: float) -> float:
    """erfcx(z) = exp(z^2) erfc(z); infinite where it overflows (z < -26.6)."""
    if z >= FAR:
        return (1.0 + far_erfcx_excess(z)) / (z * SQRT_PI)
    if z < -26.6:
        return math.inf
    high = math.floor(z * 1048576.0) / 1048576.0  # z^2 in two parts, so that the exponential keeps its digits
    return math.exp(high * high) * math.exp((z - high) * (z + high)) * math.erfc(z)


@compiled
def uniform_sum(s: float, eta: float, first: int) -> float:
    """Sum over k >= first of C_k(eta) s^-k."""
    total = 0.0
    for k in range(TEMME_ORDER - 1, first - 1, -1):
        c = 0.0
        for n in range(TEMME_DEGREE - 1, -1, -1):
            c = c * eta + TEMME[k, n]
        total = total / s + c
    return total if first == 0 else total / s**first


@compiled
def gamma_star_less_one(s: float) -> float:
    """Gamma*(s) - 1 for large s, without cancellation."""
    total = 0.0
    for k in range(GAMMA_STAR.size - 1, 0, -1):
        total = (total + GAMMA_STAR[k]) / s
    return total


@compiled
def eta_of(s: float, x: float) -> float:
    """Eta with eta^2 / 2 = lambda - 1 - log lambda, sign of lambda - 1, lambda = x / s."""
    half = log_ratio_less_one(x / s)
    return math.copysign(math.sqrt(2.0 * max(half, 0.0)), x - s)


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
            return math.inf


@compiled
def fraction(s: float, x: float) -> float:
    """U(s, x) by the continued fraction of Gamma(s, x) (x above s), modified Lentz."""
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
    return s * h


@compiled
def is_uniform(s: float, x: float) -> bool:
    """Whether the uniform expansion is used."""
    return s >= UNIFORM_FROM and UNIFORM_LOW * s <= x <= UNIFORM_HIGH * s


@compiled
def complement(log_d: float, ratio: float) -> float:
    """log(1/D - ratio), where ratio D is well below 1."""
    return math.log1p(-ratio * math.exp(log_d)) - log_d


@compiled
def log_uniform(s: float, x: float, sign: float) -> float:
    """Log U (sign +1) or log A (sign -1) by the uniform expansion."""
    eta = eta_of(s, x)
    z = eta * math.sqrt(0.5 * s)
    root = math.sqrt(0.5 * math.pi * s)
    if sign * z >= -20.0:
        return math.log(root * scaled_erfc(sign * z) + sign * uniform_sum(s, eta, 0)) + log_gamma_star(s)
    other = root * scaled_erfc(-sign * z) - sign * uniform_sum(s, eta, 0)  # this one is 1/D less something small
    return complement(log_leading_term(s, x), other * math.exp(log_gamma_star(s)))


@compiled
def log_upper_ratio(s: float, x: float) -> float:
    """Log U(s, x) for s >= 0, x > 0; U(0, x) = 0."""
    if s <= 0.0:
        return -math.inf
    if is_uniform(s, x):
        return log_uniform(s, x, 1.0)
    if x > s + 1.0 or x > max(s, 1.0):
        return math.log(fraction(s, x))
    return complement(log_leading_term(s, x), series(s, x))


@compiled
def log_lower_ratio(s: float, x: float) -> float:
    """Log A(s, x) for s > 0, x >= 0."""
    if x <= 0.0:
        return 0.0
    if is_uniform(s, x):
        return log_uniform(s, x, -1.0)
    if x <= max(s, 1.0) or (s < UNIFORM_FROM and x < s + 1.0):
        return math.log(series(s, x))
    return complement(log_leading_term(s, x), fraction(s, x))


@compiled
def lower_shortfall(s: float, x: float) -> float:
    r"""1 - (1 - x/s) A(s, x), without cancellation where A is near 1 / (1 - x/s)."""
    rho = x / s
    if rho < 1.0:
        if is_uniform(s, x):
            eta = eta_of(s, x)
            z = -eta * math.sqrt(0.5 * s)
            if z >= FAR:
                star = gamma_star_less_one(s)
                rest = far_erfcx_excess(z) / (-eta) - uniform_sum(s, eta, 1)
                return -star - (1.0 + star) * (1.0 - rho) * rest
        else:  # 1 - (1 - rho) sum w_k = sum (w_k (x/s) - w_{k+1}) = sum w_k x (k + 1) / (s (s + k + 1))
            term, total, k = 1.0, 0.0, 0.0
            while True:
                step = term * x * (k + 1.0) / (s * (s + k + 1.0))
                total += step
                k += 1.0
                term *= x / (s + k)
                if step <= 1e-17 * total:
                    return total
    log_a = log_lower_ratio(s, x)
    if log_a > LARGEST_EXPONENT:
        return math.inf
    return 1.0 - (1.0 - rho) * math.exp(log_a)


@compiled
def inverse_of_one_plus(log_u: float) -> float:
    """1 / (1 + e^u), also where e^u overflows."""
    return math.exp(-log_u) if log_u > LARGEST_EXPONENT else 1.0 / (1.0 + math.exp(log_u))


@compiled
def lower_probability(s: float, x: float) -> float:
    """P(s, x), the regularised lower incomplete gamma function."""
    if x > s:
        return 1.0 - math.exp(log_upper_ratio(s, x) + log_leading_term(s, x))
    return 0.0 if x <= 0.0 else math.exp(log_lower_ratio(s, x) + log_leading_term(s, x))


@compiled
def erlang_b_value(agents: float, load: float) -> float:
    """Erlang B with real agents."""
    if load <= 0.0:
        return 1.0 if agents <= 0.0 else 0.0
    return inverse_of_one_plus(log_upper_ratio(agents, load))


@compiled
def erlang_c_value(agents: float, load: float) -> float:
    """Erlang C with real agents; 1 from load = agents on."""
    if load <= 0.0:
        return 0.0 if agents > 0.0 else 1.0
    if load >= agents:
        return 1.0
    rho = load / agents
    log_u = log_upper_ratio(agents, load)
    if log_u > LARGEST_EXPONENT:
        return math.exp(-log_u) / (1.0 - rho)
    return 1.0 / (1.0 + (1.0 - rho) * math.exp(log_u))


@compiled
def log_sum(a: float, b: float) -> float:
    """log(e^a + e^b)."""
    high, low = (a, b) if a > b else (b, a)
    return high if high == -np.inf else high + math.log1p(math.exp(low - high))
