"""Finite lines: M/M/n/K and M/M/n/K+M, exact for any number of agents.

The states below n carry U(n, a) times the weight of state n, so the agents cost nothing; the sum runs over the waiting
places only. A contact that enters with k others waiting is answered after k + 1 exponential stages of rates n/h + j/m
(j = 1..k+1, patience m) if it stays; in units of the patience this sum is minus the logarithm of a
Beta(s, k + 1) variable with s = n m / h, and the contact stays with probability s / (s + k + 1). Without abandonment the
sum is an Erlang variable. Both tails are sums of positive terms (negative binomial, Poisson) that grow with k.
"""

from __future__ import annotations

import math

import numpy as np

from ccopt.queueing.compiler import compiled
from ccopt.queueing.exact import relative_excess
from ccopt.queueing.kernel import log_upper_ratio
from ccopt.queueing.leading_term import LOG_ROOT_TWO_PI, log_gamma_star, log_leading_term, phi
from ccopt.queueing.rows import exp_or_zero

FiniteRow = tuple[float, float, float, float, float, float, float, float]
MOST_LINES = 1_000_000
FAINT = 1e-280  # below it a recursion would lose digits for good
ANCHOR = 64  # after so many steps of a recursion the weight is computed afresh


@compiled
def log_rise(k: float, s: float, log_rho: float) -> float:
    """Logarithm of the weight of n + k contacts relative to n, term by term; s infinite: nobody leaves.

    x^k / ((s+1) ... (s+k)) by Stirling's series of both ends, so that nothing large is taken from something large.
    """
    if s == np.inf or k <= 0.0:
        return k * log_rho if k > 0.0 else 0.0
    e = k / s
    log_e = math.log1p(e)
    ends = log_star(s + k) - log_star(s)
    return k * log_rho - s * (e * log_e - phi(e, 1.0 + e)) - 0.5 * log_e - ends


@compiled
def log_star(s: float) -> float:
    """Logarithm of Gamma*(s), any s > 0."""
    if s >= 10.0:
        return log_gamma_star(s)
    return math.lgamma(s) - (s - 0.5) * math.log(s) + s - LOG_ROOT_TWO_PI


@compiled
def log_weight(k: float, s: float, x: float, d: float, log_rho: float, absolute: bool) -> float:
    """Logarithm of the weight of n + k contacts, relative to n or (``absolute``) as the leading term D(s + k, x)."""
    return log_leading_term(s + k, x, (s * d - k) / (s + k)) if absolute else log_rise(k, s, log_rho)


@compiled
def log_step(k: float, s: float, y: float) -> float:
    """Logarithm of the probability that exactly k stages end within y: drain t, or t / patience where customers leave."""
    if s == np.inf:
        return -y if k <= 0.0 else log_leading_term(k, y, (y - k) / k)
    if k <= 0.0:
        return -s * y
    if y > 600.0:
        return math.lgamma(s + k) - math.lgamma(s) - math.lgamma(k + 1.0) - s * y
    stay, go, m = math.exp(-y), -math.expm1(-y), s + k
    moved = k * stay - s * go
    both = log_leading_term(s, m * stay, moved / s) + log_leading_term(k, m * go, -moved / k)
    return both - log_leading_term(m, m, 0.0) + math.log(s / m)


@compiled
def peak_place(s: float, x: float, d: float, places: int) -> float:
    """Number of waiting contacts with the largest weight."""
    if s == np.inf:
        return float(places) if d > 0.0 else 0.0
    return min(max(math.floor(x - s), 0.0), float(places))


@compiled
def finite_row(
    rate: float, aht_s: float, patience_s: float, agents: float, places: int, awt_s: float, unit: float
) -> FiniteRow:  # fmt: skip
    """Row (wait, in_time, abandonment, early, virtual, served_wait_s, blocking, late) of M/M/n/(n + places)(+M).

    Shares of offered contacts; ``virtual`` counts accepted contacts that an agent would reach within the acceptable
    wait, ``late`` the others.
    """
    if rate <= 0.0:
        return 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0
    load = rate * aht_s / unit
    d = relative_excess(rate, aht_s, agents, unit)[0]
    patient = np.isinf(patience_s)
    log_rho = math.log1p(d) if d > -0.5 else math.log(load / agents)
    s = np.inf if patient else agents * patience_s / aht_s
    x = 0.0 if patient else load * patience_s / aht_s
    y = agents * awt_s / aht_s if patient else awt_s / patience_s
    stay = math.exp(-y) if y < 740.0 else 0.0
    unit_wait = aht_s / agents if patient else patience_s
    log_u = log_upper_ratio(agents, load, d)
    peak = peak_place(s, x, d, places)
    # whichever has the smaller numbers at the peak
    absolute = s != np.inf and abs(log_leading_term(s + peak, x, (s * d - peak) / (s + peak))) < peak * log_rho
    log_u += log_weight(0.0, s, x, d, log_rho, absolute)
    base = max(log_weight(peak, s, x, d, log_rho, absolute), log_u)
    waiting, left, served_wait, late, late_served = 0.0, 0.0, 0.0, 0.0, 0.0
    weight, step, beyond, beyond_next, stages = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(places):
        if k % ANCHOR == 0 or weight < FAINT:
            weight = exp_or_zero(log_weight(float(k), s, x, d, log_rho, absolute) - base)
        if k % ANCHOR == 0 or step < FAINT:
            step = exp_or_zero(log_step(float(k), s, y)) if y > 0.0 else (1.0 if k == 0 else 0.0)
        beyond += step
        if patient:
            stages += 1.0
            served, beyond_next = 1.0, beyond
        else:
            stages += 1.0 / (s + k + 1.0)
            served = s / (s + k + 1.0)
            beyond_next += step * (s + k) / s * stay
            left += weight * (k + 1.0) / (s + k + 1.0)
        waiting += weight
        late += weight * min(beyond, 1.0)
        late_served += weight * served * min(beyond_next, 1.0)
        served_wait += weight * served * stages
        if k > peak and 0.0 < weight * (k + 1.0) <= 1e-18 * late_served:
            break
        weight *= 1.0 + d if patient else x / (s + k + 1.0)
        step *= y / (k + 1.0) if patient else (s + k) / (k + 1.0) * -math.expm1(-y)
    blocked = exp_or_zero(log_weight(float(places), s, x, d, log_rho, absolute) - base)
    total = exp_or_zero(log_u - base) + waiting + blocked
    late, late_served, abandonment, blocking = late / total, late_served / total, left / total, blocked / total
    early = 0.0 if patient else max(abandonment - (stay * late - late_served), 0.0)
    return (
        waiting / total, 1.0 - blocking - abandonment - late_served, abandonment, early, 1.0 - blocking - late,
        served_wait / total * unit_wait, blocking, late,
    )  # fmt: skip
