"""Values and rows over flat arrays of one length, compiled; rates per hour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.checking import LARGEST, SMALLEST
from ccopt.queueing.compiler import HAVE_NUMBA, compiled
from ccopt.queueing.finite import finite_row
from ccopt.queueing.rows import (
    erlang_a_log_tail,
    erlang_a_row,
    erlang_b_value,
    erlang_c_log_tail,
    erlang_c_row,
    erlang_c_service,
    erlang_c_value,
    log_erlang_b_value,
    log_erlang_c_value,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HOUR = 3600.0


@compiled
def b_over(agents: Floats, load: Floats) -> Floats:
    """Erlang B."""
    out = np.empty(agents.size)
    for i in range(agents.size):
        out[i] = erlang_b_value(agents[i], load[i])
    return out


@compiled
def c_over(agents: Floats, load: Floats) -> Floats:
    """Erlang C."""
    out = np.empty(agents.size)
    for i in range(agents.size):
        out[i] = erlang_c_value(agents[i], load[i])
    return out


@compiled
def log_b_over(agents: Floats, load: Floats) -> Floats:
    """Logarithm of Erlang B."""
    out = np.empty(agents.size)
    for i in range(agents.size):
        out[i] = log_erlang_b_value(agents[i], load[i])
    return out


@compiled
def log_c_over(agents: Floats, load: Floats) -> Floats:
    """Logarithm of Erlang C."""
    out = np.empty(agents.size)
    for i in range(agents.size):
        out[i] = log_erlang_c_value(agents[i], load[i])
    return out


@compiled
def erlang_c_rows(rate: Floats, aht_s: Floats, agents: Floats, awt_s: Floats) -> Floats:
    """Rows of Erlang C, (N, 7)."""
    out = np.empty((rate.size, 7))
    for i in range(rate.size):
        out[i] = erlang_c_row(rate[i], aht_s[i], agents[i], awt_s[i], HOUR)
    return out


@compiled
def c_service_over(rate: Floats, aht_s: Floats, agents: Floats, awt_s: Floats) -> tuple[Floats, bool]:
    """Service level of Erlang C, arrays of one length or of length 1; False where an entry has to be looked at one by one.

    That is one out of range, without contacts, or from full load on.
    """
    size = max(rate.size, aht_s.size, agents.size, awt_s.size)
    r, h, k, t = rate.size > 1, aht_s.size > 1, agents.size > 1, awt_s.size > 1
    out, plain = np.empty(size), True
    for i in range(size):
        a, b, n, w = rate[i * r], aht_s[i * h], agents[i * k], awt_s[i * t]
        out[i] = erlang_c_service(a, b, n, w, HOUR)
        plain &= 0.0 < a <= LARGEST and SMALLEST <= b <= LARGEST and 0.0 < n <= LARGEST and 0.0 <= w <= LARGEST
        plain &= out[i] >= 0.0
    return out, plain


@compiled
def erlang_a_rows(rate: Floats, aht_s: Floats, patience_s: Floats, agents: Floats, awt_s: Floats) -> Floats:
    """Rows of Erlang A, (N, 7)."""
    out = np.empty((rate.size, 7))
    for i in range(rate.size):
        out[i] = erlang_a_row(rate[i], aht_s[i], patience_s[i], agents[i], awt_s[i], HOUR, True)
    return out


@compiled
def finite_rows(rate: Floats, aht_s: Floats, patience_s: Floats, agents: Floats, places: Ints, awt_s: Floats) -> Floats:
    """Rows of finite lines, (N, 8)."""
    out = np.empty((rate.size, 8))
    for i in range(rate.size):
        out[i] = finite_row(rate[i], aht_s[i], patience_s[i], agents[i], places[i], awt_s[i], HOUR)
    return out


@compiled
def c_log_tail_over(rate: Floats, aht_s: Floats, agents: Floats, wait_s: Floats) -> Floats:
    """Logarithm of the tail of the wait, Erlang C."""
    out = np.empty(rate.size)
    for i in range(rate.size):
        out[i] = erlang_c_log_tail(rate[i], aht_s[i], agents[i], wait_s[i], HOUR)
    return out


@compiled
def a_log_tail_over(rate: Floats, aht_s: Floats, patience_s: Floats, agents: Floats, wait_s: Floats) -> Floats:
    """Logarithm of the tail of the offered wait, Erlang A."""
    out = np.empty(rate.size)
    for i in range(rate.size):
        out[i] = erlang_a_log_tail(rate[i], aht_s[i], patience_s[i], agents[i], wait_s[i], HOUR)
    return out


if not HAVE_NUMBA:  # the same numbers block by block in numpy
    from ccopt.queueing import vector

    def b_over(agents: Floats, load: Floats) -> Floats:
        """Erlang B."""
        return vector.probabilities(agents, load, waits=False, log=False)

    def c_over(agents: Floats, load: Floats) -> Floats:
        """Erlang C."""
        return vector.probabilities(agents, load, waits=True, log=False)

    def log_b_over(agents: Floats, load: Floats) -> Floats:
        """Logarithm of Erlang B."""
        return vector.probabilities(agents, load, waits=False, log=True)

    def log_c_over(agents: Floats, load: Floats) -> Floats:
        """Logarithm of Erlang C."""
        return vector.probabilities(agents, load, waits=True, log=True)

    def c_service_over(rate: Floats, aht_s: Floats, agents: Floats, awt_s: Floats) -> tuple[Floats, bool]:
        """Service level of Erlang C; always to be looked at one by one."""
        return np.empty(max(rate.size, aht_s.size, agents.size, awt_s.size)), False

    def erlang_c_rows(rate: Floats, aht_s: Floats, agents: Floats, awt_s: Floats) -> Floats:
        """Rows of Erlang C, (N, 7)."""
        return vector.erlang_c_block(rate, aht_s, agents, awt_s)
