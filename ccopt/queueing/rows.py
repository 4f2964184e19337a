"""Indicators of one pool in one call: compiled rows for Erlang C and Erlang A.

A row is a tuple ``(wait, in_time, abandonment, early, virtual, served_wait_s, answered)``: shares of offered contacts that
wait, are answered within the acceptable wait, abandon, abandon before it, have an offered wait within it; the wait in
seconds of answered contacts per *offered* contact; and the share that is answered at all.
The load is ``rate aht / unit``: unit 1 for rates per second, 3600
per hour.
"""

from __future__ import annotations

import math

import numpy as np

from ccopt.queueing.compiler import compiled
from ccopt.queueing.exact import decay_deficit, quotient, relative_excess, thinned
from ccopt.queueing.kernel import log_lower_ratio, log_upper_ratio, lower_ratio, lower_shortfall, upper_ratio
from ccopt.queueing.leading_term import log_leading_term
from ccopt.queueing.waits import served_wait

Row = tuple[float, float, float, float, float, float, float]
SMALLEST = -745.0  # exponents below give 0
PLAIN_TO = 2e4  # s d^2 up to which one float carries the position within the density


@compiled
def exp_or_zero(x: float) -> float:
    """exp(x), 0 where it underflows."""
    return math.exp(x) if x > SMALLEST else 0.0


@compiled
def erlang_b_value(agents: float, load: float) -> float:
    """Erlang B with real agents."""
    if load <= 0.0:
        return 1.0 if agents <= 0.0 else 0.0
    if agents <= 0.0:
        return 1.0
    d = (load - agents) / agents
    u = upper_ratio(agents, load, d)
    return exp_or_zero(log_leading_term(agents, load, d)) if u == np.inf else 1.0 / (1.0 + u)


@compiled
def log_erlang_b_value(agents: float, load: float) -> float:
    """Logarithm of Erlang B."""
    if agents <= 0.0:
        return 0.0
    if load <= 0.0:
        return -np.inf
    d = (load - agents) / agents
    u = upper_ratio(agents, load, d)
    return log_leading_term(agents, load, d) if u == np.inf else -math.log1p(u)


@compiled
def delay_probability(agents: float, load: float, d: float) -> float:
    """Erlang C below full load, with d = load / agents - 1 < 0."""
    u = upper_ratio(agents, load, d)
    return exp_or_zero(log_leading_term(agents, load, d)) / -d if u == np.inf else 1.0 / (1.0 - d * u)


@compiled
def erlang_c_value(agents: float, load: float) -> float:
    """Erlang C with real agents; 1 from load = agents on."""
    if load <= 0.0:
        return 0.0 if agents > 0.0 else 1.0
    if load >= agents:
        return 1.0
    return delay_probability(agents, load, (load - agents) / agents)


@compiled
def log_delay_probability(agents: float, load: float, d: float) -> float:
    """Logarithm of Erlang C; 0 from full load on."""
    if d >= 0.0:
        return 0.0
    if load <= 0.0:
        return -np.inf
    u = upper_ratio(agents, load, d)
    return log_leading_term(agents, load, d) - math.log(-d) if u == np.inf else -math.log1p(-d * u)


@compiled
def log_erlang_c_value(agents: float, load: float) -> float:
    """Logarithm of Erlang C with real agents."""
    if agents <= 0.0:
        return 0.0
    return log_delay_probability(agents, load, (load - agents) / agents)


@compiled
def erlang_c_row(rate: float, aht_s: float, agents: float, awt_s: float, unit: float) -> Row:
    """Row of M/M/n; the caller has checked that the load is below the agents."""
    if rate <= 0.0:
        return 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0
    d = relative_excess(rate, aht_s, agents, unit)[0]
    if not d < 0.0:
        return 1.0, 0.0, 0.0, 0.0, 0.0, np.inf, 1.0
    wait = delay_probability(agents, rate * aht_s / unit, d)
    speed = -d * agents / aht_s
    late = wait * exp_or_zero(-speed * awt_s)
    return wait, 1.0 - late, 0.0, 0.0, 1.0 - late, wait / speed, 1.0


@compiled
def erlang_c_service(rate: float, aht_s: float, agents: float, awt_s: float, unit: float) -> float:
    """Share answered within the acceptable wait, of M/M/n below full load (NaN from there on)."""
    d = relative_excess(rate, aht_s, agents, unit)[0]
    if not d < 0.0:
        return np.nan
    speed = d * agents / aht_s
    return 1.0 - delay_probability(agents, rate * aht_s / unit, d) * exp_or_zero(speed * awt_s)


@compiled
def erlang_c_log_tail(rate: float, aht_s: float, agents: float, wait_s: float, unit: float) -> float:
    """Logarithm of P(W > t) of M/M/n; 0 from full load on."""
    if rate <= 0.0:
        return -np.inf
    if agents <= 0.0:
        return 0.0
    d = relative_excess(rate, aht_s, agents, unit)[0]
    if d >= 0.0:
        return 0.0
    return log_delay_probability(agents, rate * aht_s / unit, d) + d * agents * wait_s / aht_s


@compiled
def waiting(s: float, x: float, d: float, agents: float, load: float) -> tuple[float, float, float]:
    """(P(wait), its logarithm, A) of Erlang A; A is infinite where it overflows."""
    a = lower_ratio(s, x, d)
    u = upper_ratio(agents, load, d)
    if a < 1e300 and u < 1e300:
        wait = a / (a + u)
        return wait, math.log(wait) if wait > 0.0 else -np.inf, a
    gap = log_upper_ratio(agents, load, d) - log_lower_ratio(s, x, d)
    log_wait = -gap - math.log1p(math.exp(-gap)) if gap > 0.0 else -math.log1p(exp_or_zero(gap))
    return exp_or_zero(log_wait), log_wait, a


@compiled
def bulk_position(d: float, d_low: float, s: float, awt_s: float, patience_s: float) -> float:
    """What the relative excess has become when customers have left for the acceptable wait."""
    tau, tau_low = quotient(awt_s, patience_s)
    if s * d * d > PLAIN_TO:
        return thinned(d, d_low, tau, tau_low)
    return d + (1.0 + d) * math.expm1(-tau)


@compiled
def left_over(s: float, x: float, y: float, tau: float) -> tuple[float, float]:
    """(x exp(-tau), logarithm of its leading term), with y = x exp(-tau) / s - 1; also where the first underflows."""
    if y > -0.5:
        return s * (1.0 + y), log_leading_term(s, s * (1.0 + y), y)
    x_left = x * math.exp(-tau)
    if x_left > 1e-290:
        return x_left, log_leading_term(s, x_left, y)
    return 0.0, s * (math.log(x) - tau) - math.lgamma(s + 1.0)


@compiled
def overload_tails(s: float, x: float, d: float, y: float, tau: float, a: float) -> tuple[float, float, float]:
    """(P(V > t | V > 0), late, in time) for x > s: late and in time are those of contacts that stay and waited.

    Most of the density lies away from 0: ratios of probabilities keep their digits; those that are nearly 1 are
    taken as 1 less the small one.
    """
    leading = exp_or_zero(log_leading_term(s, x, d))
    total = a * leading if a < np.inf else 1.0
    x_left, log_left = left_over(s, x, y, tau)
    lead_left = exp_or_zero(log_left)
    y_next = (s * y - 1.0) / (s + 1.0)
    lead_next = lead_left * x_left / (s + 1.0)
    if y_next > 0.0:
        above = upper_ratio(s + 1.0, x_left, y_next) * lead_next
        below = 1.0 - above
        d_next = (s * d - 1.0) / (s + 1.0)
        rest = 0.0
        if leading > 0.0 and x > s + 1.0:
            rest = upper_ratio(s + 1.0, x, d_next) * leading * x / (s + 1.0)
        elif leading > 0.0:
            rest = 1.0 - total + leading
        in_time = above - rest
    else:
        below = lower_ratio(s + 1.0, x_left, y_next) * lead_next
        in_time = total - leading - below
    share = s / x / total
    return (below + lead_left) / total, share * below, share * max(in_time, 0.0)


@compiled
def erlang_a_row(
    rate: float, aht_s: float, patience_s: float, agents: float, awt_s: float, unit: float, with_wait: bool
) -> Row:  # fmt: skip
    """Row of M/M/n+M; without ``with_wait`` the last entry is 0."""
    tau = awt_s / patience_s
    left = math.exp(-tau)
    if rate <= 0.0:
        return 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0
    if agents <= 0.0:
        return 1.0, 0.0, 1.0, -math.expm1(-tau), 0.0, 0.0, 0.0
    load = rate * aht_s / unit
    ratio = patience_s / aht_s
    s, x = agents * ratio, load * ratio
    d, d_low = relative_excess(rate, aht_s, agents, unit)
    wait, log_wait, a = waiting(s, x, d, agents, load)
    if d >= 0.0:
        abandon_if_wait = (d + 1.0 / a) / (1.0 + d)
    else:
        abandon_if_wait = lower_shortfall(s, x, d) / (load / agents * a)
    abandonment = wait * abandon_if_wait
    answered = 1.0 - abandonment
    if d > 1.0:  # agents idle for the share 1 / (A + U) less that of contacts that find one
        u = upper_ratio(agents, load, d)
        answered = (1.0 - (1.0 - d * u) / (a + u)) / (1.0 + d)
    y = bulk_position(d, d_low, s, awt_s, patience_s)
    if d > 0.0:
        beyond, late, soon = overload_tails(s, x, d, y, tau, a)
        virtual_tail, late = wait * beyond, wait * late
        in_time = upper_ratio(agents, load, d) * wait / a + wait * soon if a < np.inf else wait * soon
    else:
        after, following = underload_tails(s, x, d, y, tau, a)
        virtual_tail = exp_or_zero(log_wait + math.log(after)) if after > 0.0 else 0.0
        late = exp_or_zero(log_wait + math.log(following)) if following > 0.0 else 0.0
        in_time = 1.0 - abandonment - late
    early = abandonment - (left * virtual_tail - late)
    served = wait * served_wait(s, x, d) * patience_s if with_wait else 0.0
    return wait, in_time, abandonment, max(early, 0.0), 1.0 - virtual_tail, served, answered


@compiled
def underload_tails(s: float, x: float, d: float, y: float, tau: float, a: float) -> tuple[float, float]:
    """(P(V > t | V > 0), share of those that wait which stay and are answered late) for x <= s."""
    left = math.exp(-tau)
    x_left = x * left
    beyond = lower_ratio(s + 1.0, x_left, (s * y - 1.0) / (s + 1.0))
    drop = exp_or_zero(s * d * tau - x * decay_deficit(tau)) / a
    return drop * (1.0 + x_left / (s + 1.0) * beyond), drop * left * s / (s + 1.0) * beyond


@compiled
def erlang_a_log_tail(rate: float, aht_s: float, patience_s: float, agents: float, wait_s: float, unit: float) -> float:
    """Logarithm of P(V > t) of M/M/n+M."""
    if rate <= 0.0:
        return -np.inf
    if agents <= 0.0:
        return 0.0
    load = rate * aht_s / unit
    ratio = patience_s / aht_s
    s, x = agents * ratio, load * ratio
    d, d_low = relative_excess(rate, aht_s, agents, unit)
    log_wait = waiting(s, x, d, agents, load)[1]
    y = bulk_position(d, d_low, s, wait_s, patience_s)
    if d > 0.0:
        x_left, log_left = left_over(s, x, y, wait_s / patience_s)
        beyond = log_left + log_lower_ratio(s, x_left, y)
        all_waits = log_leading_term(s, x, d) + log_lower_ratio(s, x, d)
        return min(log_wait + beyond - all_waits, 0.0)
    tau = wait_s / patience_s
    drop = s * d * tau - x * decay_deficit(tau)
    return log_wait + drop + log_lower_ratio(s, x * math.exp(-tau), y) - log_lower_ratio(s, x, d)
