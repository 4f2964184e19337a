r"""Temme's uniform expansion of the ratios U and A near s = x, with the scaled complementary error function.

.. math:: U, A = \Gamma^*(s) \Big( \sqrt{\pi s / 2}\; erfcx(\pm \eta \sqrt{s/2}) \pm \sum_k C_k(\eta) s^{-k} \Big),
   \quad \eta^2 / 2 = d - \log(1 + d).

Sources: N. M. Temme (1979), SIAM J. Math. Anal. 10, 757-766; DLMF 8.12; M. M. Shepherd, J. G. Laframboise (1981), Math. Comp.
36, 249-253 (the form of the polynomial for erfcx).
"""

from __future__ import annotations

import math

import numpy as np

from ccopt.queueing.coefficients import ERFCX, TEMME
from ccopt.queueing.compiler import compiled, polynomial
from ccopt.queueing.leading_term import gamma_star, phi
from ccopt.queueing.near_sum import NEAR_FROM, NEAR_TO, near_sum

LARGEST_EXPONENT = 700.0
SQRT_PI = math.sqrt(math.pi)
UNIFORM_FROM = 20.0
UNIFORM_LOW = -0.4  # the uniform expansion is used for UNIFORM_LOW <= d <= UNIFORM_HIGH
UNIFORM_HIGH = 0.6
FAR = 4.0  # from here on the continued fraction of erfc is used where erfcx less its leading term counts
CENTER = 3.75  # of the variable in which erfcx is a polynomial
BY_POWER = np.ascontiguousarray(TEMME.T)
ENOUGH = 60.0  # from this exponent on 1/D stands alone: the other ratio is less than e^-60 of it


@polynomial
def scaled_erfc(z: float) -> float:
    """erfcx(z) = exp(z^2) erfc(z) for z >= 0: (1 + 2 z) erfcx(z) is a polynomial in (z - c) / (z + c), to 3e-16."""
    t = (z - CENTER) / (z + CENTER)
    t2 = t * t
    t4 = t2 * t2
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for k in range(20, -1, -4):
        a = a * t4 + float(ERFCX[k])
        b = b * t4 + float(ERFCX[k + 1])
        c = c * t4 + float(ERFCX[k + 2])
        d = d * t4 + float(ERFCX[k + 3])
    return (a + t * b + t2 * (c + t * d)) / (1.0 + 2.0 * z)


@polynomial
def far_erfcx_excess(z: float) -> float:
    """Z sqrt(pi) erfcx(z) - 1 for z >= FAR, by continued fraction, without cancellation."""
    # erfcx(z) = (1 / sqrt pi) / (z + (1/2) / (z + 1 / (z + (3/2) / ...))); with f the tail, value = -f / (z + f)
    f = 0.0
    for k in range(6 + int(80.0 / z), 0, -1):
        f = 0.5 * k / (z + f)
    return -f / (z + f)


@compiled
def pairs(eta: float) -> int:
    """How many pairs of powers of eta the coefficient functions need."""
    size = abs(eta)
    if size < 0.2:
        return 5 if size < 0.06 else 6 if size < 0.12 else 7
    return 10 if size < 0.4 else 13


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
def is_uniform(s: float, d: float) -> bool:
    """Whether the uniform expansion is used."""
    return s >= UNIFORM_FROM and UNIFORM_LOW <= d <= UNIFORM_HIGH


@compiled
def uniform(s: float, d: float, ratio: float, sign: float) -> float:
    """U (sign +1) or A (sign -1) by the uniform expansion."""
    half = phi(d, ratio)
    exponent = s * half
    width = math.sqrt(0.5 * s)
    root = SQRT_PI * width
    star = gamma_star(s)
    if exponent > ENOUGH and sign * d < 0.0:
        return np.inf if exponent > LARGEST_EXPONENT else 2.0 * star * root * math.exp(exponent)
    size = math.sqrt(2.0 * max(half, 0.0))
    scaled = scaled_erfc(size * width)
    if sign * d < 0.0:
        scaled = 2.0 * math.exp(exponent) - scaled
    eta = math.copysign(size, d)
    near = s >= NEAR_FROM and size < NEAR_TO
    return star * (root * scaled + sign * (near_sum(s, eta) if near else uniform_sum(s, eta, 0)))
