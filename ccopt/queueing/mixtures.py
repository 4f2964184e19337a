"""One pool whose contact types differ in patience: M/M/n+G with a mixture of exponential patience, by quadrature.

Rows are those of ``rows``; the wait of answered contacts is in seconds per offered contact, rates are per second.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.compiler import compiled
from ccopt.queueing.kernel import log_upper_ratio

Floats = NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
PANELS = 14
DROP = 42.0  # the density is cut where it is e^-42 of its peak


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
def panel(low: float, mode: float, high: float, p: int, panels: int) -> tuple[float, float]:
    """Panel p of ``panels``: half of them on either side of the mode (all above where the mode is the lower end)."""
    left = panels // 2 if mode > low else 0
    if p < left:
        width = (mode - low) / left
        return low + p * width, low + (p + 1) * width
    width = (high - mode) / (panels - left)
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
        cuts[p], cuts[p + 1] = panel(low, mode, high, p, PANELS)
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
    waiting = 1.0 / (1.0 + math.exp(min(log_upper_ratio(agents, load, (load - agents) / agents) - log_queue, 709.0)))
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
