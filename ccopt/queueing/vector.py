"""Erlang B and C over arrays in numpy: what the batches use where the compiler is missing or turned off.

The formulas and regions are those of ``kernel``, taken in blocks that fit into the cache.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, gammaln

from ccopt.queueing.coefficients import TEMME
from ccopt.queueing.kernel import RECURSION_TO
from ccopt.queueing.leading_term import ATANH, LOG_ROOT_TWO_PI, log_gamma_star
from ccopt.queueing.uniform_expansion import LARGEST_EXPONENT, UNIFORM_FROM, UNIFORM_HIGH, UNIFORM_LOW, pairs
from ccopt.queueing.waits import orders

Floats = NDArray[np.float64]
BLOCK = 8192
HOUR = 3600.0
SPLITTER = 134217729.0


def phi_of(d: Floats, ratio: Floats) -> Floats:
    """D - log(1 + d), elementwise."""
    r = d / (2.0 + d)
    r2 = r * r
    total = np.zeros_like(d)
    for k in range(14, -1, -1):
        total = total * r2 + ATANH[k]
    near = r * (d - 2.0 * r2 * total)
    far = (d > 0.4) | (d < -0.4)
    if far.any():
        near[far] = d[far] - np.log(ratio[far])
    return near


def log_leading_terms(s: Floats, x: Floats, d: Floats) -> Floats:
    """Logarithm of D, elementwise, s > 0 and x > 0."""
    out = np.empty_like(s)
    small = s < 10.0
    out[small] = s[small] * np.log(x[small]) - x[small] - gammaln(s[small] + 1.0)
    t, y, e = s[~small], x[~small], d[~small]
    out[~small] = -t * phi_of(e, y / t) - 0.5 * np.log(t) - LOG_ROOT_TWO_PI - log_gamma_star(t)  # type: ignore[arg-type]
    return out


def _uniform(s: Floats, d: Floats, ratio: Floats) -> Floats:
    """U by the uniform expansion."""
    half = phi_of(d, ratio)
    eta = np.copysign(np.sqrt(2.0 * np.maximum(half, 0.0)), d)
    z = eta * np.sqrt(0.5 * s)
    inverse, total = 1.0 / s, np.zeros_like(s)
    top = 2 * pairs(float(np.abs(eta).max())) - 1
    for k in range(orders(float(s.min())) - 1, -1, -1):
        c = np.full_like(s, TEMME[k, top])
        for n in range(top - 1, -1, -1):
            c *= eta
            c += TEMME[k, n]
        total *= inverse
        total += c
    scaled = erfcx(np.abs(z))
    with np.errstate(over="ignore"):
        scaled = np.where(z < 0.0, 2.0 * np.exp(s * half) - scaled, scaled)
    return np.asarray(np.exp(log_gamma_star(s)) * (np.sqrt(0.5 * np.pi * s) * scaled + total))  # type: ignore[arg-type]


def _recursion(s: Floats, x: Floats) -> Floats:
    """U of whole s by its recursion."""
    inverse, u = 1.0 / x, np.zeros_like(x)
    for k in range(1, int(s.max()) + 1):
        u = np.where(k <= s, k * inverse * (1.0 + u), u)
    return u


def _series(s: Floats, x: Floats) -> Floats:
    """A by its power series."""
    term, total, k = np.ones_like(s), np.ones_like(s), 1.0
    while True:
        term *= x / (s + k)
        total += term
        k += 1.0
        if ((term <= 1e-17 * total) & (x < s + k) | (total > 1e300)).all():
            return total


def _fraction(s: Floats, x: Floats) -> Floats:
    """U / s by the continued fraction."""
    b = x + 1.0 - s
    c = np.full_like(s, 1e300)
    d = 1.0 / b
    h = d.copy()
    for i in range(1, 100_000):
        an = -i * (i - s)
        b = b + 2.0
        d = an * d + b
        d[d == 0.0] = 1e-300
        c = b + an / c
        c[c == 0.0] = 1e-300
        d = 1.0 / d
        step = d * c
        moving = np.abs(step - 1.0) >= 3e-16
        h *= step
        if not moving.any():
            break
    return h


def upper_ratios(s: Floats, x: Floats, d: Floats) -> Floats:
    """U(s, x), elementwise, s > 0 and x > 0; infinite where it overflows."""
    out = np.empty_like(s)
    uniform = (s >= UNIFORM_FROM) & (d >= UNIFORM_LOW) & (d <= UNIFORM_HIGH)
    for part in (uniform & (s < 200.0), uniform & (s >= 200.0) & (s < 30000.0), uniform & (s >= 30000.0)):
        if part.any():
            out[part] = _uniform(s[part], d[part], x[part] / s[part])
    whole = ~uniform & (s <= RECURSION_TO) & (s == np.floor(s))
    if whole.any():
        with np.errstate(over="ignore", divide="ignore"):
            out[whole] = _recursion(s[whole], x[whole])
    above = ~uniform & ~whole & ((x > s + 1.0) | (x > np.maximum(s, 1.0)))
    if above.any():
        out[above] = s[above] * _fraction(s[above], x[above])
    rest = ~uniform & ~whole & ~above
    if rest.any():
        exponent = -log_leading_terms(s[rest], x[rest], d[rest])
        with np.errstate(over="ignore"):
            found = np.exp(exponent) - _series(s[rest], x[rest])
        out[rest] = np.where(exponent > LARGEST_EXPONENT, np.inf, np.maximum(found, 0.0))
    return out


def _log_loss(n: Floats, a: Floats, weight: Floats, d: Floats) -> Floats:
    """-log(1 + weight U); where U overflows log D - log weight."""
    u = upper_ratios(n, a, d)
    out = np.empty_like(n)
    big = ~np.isfinite(u) | (u > 1e300)
    out[~big] = -np.log1p(weight[~big] * u[~big])
    if big.any():
        out[big] = log_leading_terms(n[big], a[big], d[big]) - np.log(weight[big])
    return out


def _share(n: Floats, a: Floats, weight: Floats, d: Floats) -> Floats:
    """1 / (1 + weight U)."""
    u = upper_ratios(n, a, d)
    out = 1.0 / (1.0 + weight * u)
    big = ~np.isfinite(u)
    if big.any():
        out[big] = np.exp(np.maximum(log_leading_terms(n[big], a[big], d[big]), -745.2)) / weight[big]
    return out


def probabilities(agents: Floats, load: Floats, *, waits: bool, log: bool) -> Floats:
    """Erlang C (``waits``) or B, or its logarithm."""
    out = np.empty_like(agents)
    for i in range(0, agents.size, BLOCK):
        n, a = agents[i : i + BLOCK], load[i : i + BLOCK]
        found = np.where(n > 0.0, 0.0, 1.0)
        full = (a >= n) & (a > 0.0) if waits else (n <= 0.0)
        found[full] = 1.0
        use = (a > 0.0) & (n > 0.0) & ~full
        with np.errstate(divide="ignore"):
            found = np.log(found) if log else found
        if use.any():
            k, y = n[use], a[use]
            d = (y - k) / k
            found[use] = (_log_loss if log else _share)(k, y, -d if waits else np.ones_like(d), d)
        out[i : i + BLOCK] = found
    return out


def two_product(a: Floats, b: Floats | float) -> tuple[Floats, Floats]:
    """A b and its rounding error, elementwise."""
    p = a * b
    c = SPLITTER * a
    ah = c - (c - a)
    al = a - ah
    e = SPLITTER * b
    bh = e - (e - b)
    bl = b - bh
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


def excess_ratio(rate: Floats, aht: Floats, agents: Floats) -> Floats:
    """Load / agents - 1, as `exact.relative_excess` gives it (its first float)."""
    p, pe = two_product(rate, aht)
    q, qe = two_product(agents, HOUR)
    s = p - q
    v = s - p
    rest = (p - (s - v)) - (q + v)  # what rounding took from p - q: lost, it shows in tails below 1e-30
    return np.asarray((s + (rest + (pe - qe))) / q)


def erlang_c_block(rate: Floats, aht: Floats, agents: Floats, awt: Floats) -> Floats:
    """Rows of Erlang C, (N, 7); rates per hour."""
    out = np.empty((rate.size, 7))
    for i in range(0, rate.size, BLOCK):
        part = slice(i, i + BLOCK)
        r, h, n, t = rate[part], aht[part], agents[part], awt[part]
        rows = out[part]
        rows[:] = (0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0)
        busy = r > 0.0
        if not busy.all():
            r, h, n, t = r[busy], h[busy], n[busy], t[busy]
        if not r.size:
            continue
        d = excess_ratio(r, h, n)
        wait = _share(n, r * h / HOUR, -d, d)
        speed = -d * n / h
        in_time = 1.0 - wait * np.exp(np.maximum(-speed * t, -745.2))
        rows[busy] = np.stack([wait, in_time, 0.0 * wait, 0.0 * wait, in_time, wait / speed, np.ones_like(wait)], axis=1)
    return out
