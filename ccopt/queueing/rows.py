"""Indicators of one pool in one call: compiled rows for Erlang C, Erlang A and the mixture of patience.

A row is a tuple ``(wait, in_time, abandonment, early, virtual, served_wait_s)``: shares of offered contacts that wait,
are answered within the acceptable wait, abandon, abandon before it, have an offered wait within it; and the wait in
seconds of answered contacts per *offered* contact. Rates are per second.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.compiler import compiled
from ccopt.queueing.kernel import (
    LARGEST_EXPONENT,
    erlang_c_value,
    inverse_of_one_plus,
    log_lower_ratio,
    log_upper_ratio,
    lower_probability,
    lower_shortfall,
)

Floats = NDArray[np.float64]
Row = tuple[float, float, float, float, float, float]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
PANELS = 14
DROP = 42.0  # the density is cut where it is e^-42 of its peak


@compiled
def erlang_c_row(rate: float, aht_s: float, agents: float, awt_s: float) -> Row:
    """Row of M/M/n; the caller has checked rate aht < agents."""
    load = rate * aht_s
    if load <= 0.0:
        return 0.0, 1.0, 0.0, 0.0, 1.0, 0.0
    wait = erlang_c_value(agents, load)
    speed = (agents - load) / aht_s
    late = wait * math.exp(-speed * awt_s)
    return wait, 1.0 - late, 0.0, 0.0, 1.0 - late, wait / speed


@compiled
def erlang_a_row(
    rate: float, aht_s: float, patience_s: float, agents: float, awt_s: float, with_wait: bool
) -> Row:
    """Row of M/M/n+M; without ``with_wait`` the last entry, which costs most, is 0."""
    tau = awt_s / patience_s
    if rate <= 0.0:
        return (1.0, 0.0, 1.0, -math.expm1(-tau), 0.0, 0.0) if agents <= 0.0 else (0.0, 1.0, 0.0, 0.0, 1.0, 0.0)
    if agents <= 0.0:
        return 1.0, 0.0, 1.0, -math.expm1(-tau), 0.0, 0.0
    load = rate * aht_s
    s = agents * patience_s / aht_s
    x = rate * patience_s
    log_a = log_lower_ratio(s, x)
    log_u = log_upper_ratio(agents, load)
    wait = inverse_of_one_plus(log_u - log_a)
    rho = load / agents
    if log_a > LARGEST_EXPONENT - 100.0:
        abandon_if_wait = 1.0 - (1.0 - math.exp(-log_a)) / rho
    else:
        abandon_if_wait = lower_shortfall(s, x) / (rho * math.exp(log_a))
    abandonment = wait * abandon_if_wait
    left = math.exp(-tau)
    x_left = x * left
    if x > s:  # most of the density lies away from 0: ratios of probabilities keep their digits
        all_waits = lower_probability(s, x)
        virtual_tail = wait * lower_probability(s, x_left) / all_waits
        late = wait * s / x * lower_probability(s + 1.0, x_left) / all_waits
    else:
        drift = x * -math.expm1(-tau)
        virtual_tail = wait * math.exp(drift - s * tau + log_lower_ratio(s, x_left) - log_a)
        late = wait * s / (s + 1.0) * math.exp(drift - (s + 1.0) * tau + log_lower_ratio(s + 1.0, x_left) - log_a)
    early = abandonment - (left * virtual_tail - late)
    served_wait = wait * conditional_served_wait(rate, aht_s, patience_s, agents) if with_wait else 0.0
    return wait, 1.0 - abandonment - late, abandonment, max(early, 0.0), 1.0 - virtual_tail, served_wait


@compiled
def slope(rates: Floats, leave: Floats, drain: float, v: float) -> float:
    """Derivative of the log-density of the virtual wait at v."""
    total = -drain
    for i in range(rates.size):
        total += rates[i] * math.exp(-leave[i] * v)
    return total


@compiled
def log_density(rates: Floats, leave: Floats, drain: float, v: float) -> float:
    """Log-density of the virtual wait at v > 0, relative to v = 0+."""
    total = -drain * v
    for i in range(rates.size):
        total += rates[i] * v if leave[i] == 0.0 else rates[i] * -math.expm1(-leave[i] * v) / leave[i]
    return total


@compiled
def density_range(rates: Floats, leave: Floats, drain: float) -> tuple[float, float, float, float]:
    """(low, mode, high, log-density at the mode): outside low..high the density is negligible."""
    mode = 0.0
    if slope(rates, leave, drain, 0.0) > 0.0:
        low, high = 0.0, 1.0 / drain
        while slope(rates, leave, drain, high) > 0.0:
            low, high = high, 2.0 * high
        for _ in range(200):
            middle = 0.5 * (low + high)
            if middle in (low, high):
                break
            if slope(rates, leave, drain, middle) > 0.0:
                low = middle
            else:
                high = middle
        mode = 0.5 * (low + high)
    peak = log_density(rates, leave, drain, mode)
    step = 1.0 / drain
    high = mode + step
    while log_density(rates, leave, drain, high) > peak - DROP:
        step *= 2.0
        high = mode + step
    inside, outside = high - step, high
    for _ in range(12):
        middle = 0.5 * (inside + outside)
        if log_density(rates, leave, drain, middle) > peak - DROP:
            inside = middle
        else:
            outside = middle
    low = 0.0
    if mode > 0.0 and log_density(rates, leave, drain, 0.0) < peak - DROP:
        outside_low, inside_low = 0.0, mode
        for _ in range(12):
            middle = 0.5 * (outside_low + inside_low)
            if log_density(rates, leave, drain, middle) < peak - DROP:
                outside_low = middle
            else:
                inside_low = middle
        low = outside_low
    return low, mode, outside, peak


@compiled
def conditional_served_wait(rate: float, aht_s: float, patience_s: float, agents: float) -> float:
    """E[V exp(-V / patience)] under the density of V > 0: wait of the answered, per contact that waits."""
    rates, leave = np.array([rate]), np.array([1.0 / patience_s])
    drain = agents / aht_s
    low, mode, high, peak = density_range(rates, leave, drain)
    total, weighted = 0.0, 0.0
    for p in range(PANELS):
        a, b = panel(low, mode, high, p)
        half = 0.5 * (b - a)
        if half <= 0.0:
            continue
        for q in range(NODES.size):
            v = a + half * (1.0 + NODES[q])
            f = WEIGHTS[q] * half * math.exp(log_density(rates, leave, drain, v) - peak)
            total += f
            weighted += f * v * math.exp(-v / patience_s)
    return weighted / total


@compiled
def panel(low: float, mode: float, high: float, p: int) -> tuple[float, float]:
    """Panel p of PANELS: half of them on either side of the mode (all above where the mode is the lower end)."""
    left = PANELS // 2 if mode > low else 0
    if p < left:
        width = (mode - low) / left
        return low + p * width, low + (p + 1) * width
    width = (high - mode) / (PANELS - left)
    return mode + (p - left) * width, mode + (p - left + 1) * width


@compiled
def mixture_rows(rates: Floats, patience_s: Floats, aht_s: float, agents: float, awt_s: Floats) -> Floats:
    """Rows (one per contact type) of M/M/n+G with a mixture of exponential patience; infinite patience allowed.

    The virtual wait has an atom at 0 of weight U(n, a) and, for v > 0, density (n / h) exp(sum_i rate_i int_0^v
    e^(-theta_i u) du - n v / h), both relative to the probability that exactly n contacts are present.
    """
    m = rates.size
    leave = np.zeros(m)
    for i in range(m):
        leave[i] = 0.0 if np.isinf(patience_s[i]) else 1.0 / patience_s[i]
    drain = agents / aht_s
    low, mode, high, peak = density_range(rates, leave, drain)
    cuts = np.empty(PANELS + 1 + m)
    for p in range(PANELS):
        cuts[p], cuts[p + 1] = panel(low, mode, high, p)
    for i in range(m):
        cuts[PANELS + 1 + i] = min(max(awt_s[i], low), high)
    cuts = np.sort(cuts)
    mass, mass_in = 0.0, np.zeros(m)
    served, served_in, left, left_in, wait = np.zeros(m), np.zeros(m), np.zeros(m), np.zeros(m), np.zeros(m)
    for p in range(cuts.size - 1):
        half = 0.5 * (cuts[p + 1] - cuts[p])
        if half <= 0.0:
            continue
        for q in range(NODES.size):
            v = cuts[p] + half * (1.0 + NODES[q])
            f = WEIGHTS[q] * half * math.exp(log_density(rates, leave, drain, v) - peak)
            mass += f
            for i in range(m):
                stay = math.exp(-leave[i] * v)
                served[i] += f * stay
                left[i] += f * -math.expm1(-leave[i] * v)
                wait[i] += f * v * stay
                if cuts[p + 1] <= awt_s[i]:
                    mass_in[i] += f
                    served_in[i] += f * stay
                    left_in[i] += f * -math.expm1(-leave[i] * v)
    load = rates.sum() * aht_s
    log_queue = math.log(drain) + peak + math.log(mass)
    waiting = 1.0 / (1.0 + math.exp(min(log_upper_ratio(agents, load) - log_queue, LARGEST_EXPONENT)))
    rows = np.empty((m, 6))
    for i in range(m):
        late = waiting * max(mass - mass_in[i], 0.0) / mass
        rows[i, 0] = waiting
        rows[i, 1] = 1.0 - waiting * (left[i] + max(served[i] - served_in[i], 0.0)) / mass
        rows[i, 2] = waiting * left[i] / mass
        rows[i, 3] = waiting * left_in[i] / mass + late * -math.expm1(-leave[i] * awt_s[i])
        rows[i, 4] = 1.0 - late
        rows[i, 5] = waiting * wait[i] / mass
    return rows
