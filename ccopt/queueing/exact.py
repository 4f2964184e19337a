"""Differences that keep their digits: products, quotients and exponentials in two floats.

A pool of a million agents at a load of 999,000 erlangs is decided by the difference of two large numbers. The functions
here carry what rounding took from the first float in a second one (Dekker 1971), so that the kernel gets load / agents
- 1 and what is left of it after a wait as if they had been computed without rounding.
"""

from __future__ import annotations

import math

from ccopt.queueing.compiler import compiled

SPLITTER = 134217729.0  # 2^27 + 1
LARGEST = 1e150  # products of larger numbers are not split
TERMS = 14
Pair = tuple[float, float]


@compiled
def two_sum(a: float, b: float) -> Pair:
    """A + b and its rounding error."""
    s = a + b
    v = s - a
    return s, (a - (s - v)) + (b - v)


@compiled
def two_product(a: float, b: float) -> Pair:
    """A b and its rounding error."""
    p = a * b
    if not abs(a) < LARGEST or not abs(b) < LARGEST or abs(p) < 1e-250:
        return p, 0.0
    c = SPLITTER * a
    ah = c - (c - a)
    al = a - ah
    c = SPLITTER * b
    bh = c - (c - b)
    bl = b - bh
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


@compiled
def quotient(a: float, b: float) -> Pair:
    """A / b and its rounding error, b > 0."""
    q = a / b
    p, e = two_product(q, b)
    return q, ((a - p) - e) / b


@compiled
def relative_excess(rate: float, aht: float, agents: float, unit: float) -> Pair:
    """Load / agents - 1 in two floats, where load = rate aht / unit and agents > 0."""
    p, pe = two_product(rate, aht)
    q, qe = two_product(agents, unit)
    s, se = two_sum(p, -q)
    top, low = two_sum(s, se + (pe - qe))
    d = top / q
    r, re = two_product(d, q)
    return d, (((top - r) - re) + low - d * qe) / q


@compiled
def multiply(a: float, al: float, b: float, bl: float) -> Pair:
    """Product of two pairs."""
    p, e = two_product(a, b)
    return two_sum(p, e + (a * bl + al * b))


@compiled
def add(a: float, al: float, b: float, bl: float) -> Pair:
    """Sum of two pairs."""
    s, e = two_sum(a, b)
    return two_sum(s, e + (al + bl))


@compiled
def decay_less_one(t: float, tl: float) -> Pair:
    """exp(-t) - 1 in two floats, t >= 0."""
    halvings = 0
    while t > 0.015625:
        t, tl, halvings = 0.5 * t, 0.5 * tl, halvings + 1
    # the series as nested products of -t / k
    h, hl = 1.0, 0.0
    for k in range(TERMS, 1, -1):
        q, ql = quotient(t, float(k))
        h, hl = multiply(h, hl, -q, -(ql + tl / k))
        h, hl = add(h, hl, 1.0, 0.0)
    h, hl = multiply(h, hl, -t, -tl)
    for _ in range(halvings):  # e(2t) = e (e + 2)
        s, sl = add(h, hl, 2.0, 0.0)
        h, hl = multiply(h, hl, s, sl)
    return h, hl


@compiled
def thinned(d: float, dl: float, t: float, tl: float) -> float:
    """(1 + d) exp(-t) - 1, correct to the last digit also where the two nearly cancel."""
    if t > 700.0:
        return -1.0
    e, el = decay_less_one(t, tl)
    p, pl = multiply(d, dl, e, el)
    s, sl = add(e, el, p, pl)
    s, sl = add(s, sl, d, dl)
    return s + sl


@compiled
def decay_deficit(t: float) -> float:
    """T - (1 - exp(-t)), without cancellation, t >= 0."""
    if t > 0.5:
        return t + math.expm1(-t)
    total, term, k = 0.0, 0.5 * t * t, 2.0
    while True:
        total += term
        k += 1.0
        term *= -t / k
        if abs(term) <= 1e-18 * total:
            return total
