"""Finite lines: M/M/n/K and M/M/n/K+M by their birth-death chain, with waiting times in closed form.

A contact that enters with k others waiting is answered after the sum of k + 1 exponential stages of rates
n/h + j/m (j = 1..k+1, patience m) if it stays; in units of the patience this sum is minus the logarithm of a
Beta(n m/h + 1, k + 1) variable, and the contact stays with probability s / (s + k + 1), s = n m/h. Without abandonment
the sum is an Erlang (gamma) variable.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, digamma, gammainc

Floats = NDArray[np.float64]
MOST_LINES = 1_000_000


def finite_row(rate: float, aht_s: float, patience_s: float, agents: float, lines: int, awt_s: float) -> Floats:
    """Row (wait, in_time, abandonment, early, virtual, served_wait_s, blocking) of M/M/n/K(+M), shares of offered.

    ``virtual`` counts accepted contacts that an agent would reach within the acceptable wait.

    Raises
    ------
    ValueError
        Agents that are not whole, or fewer lines than agents.
    """
    n = int(agents)
    if n != agents or n < 1:
        msg = f"agents = {agents:g}: with lines the number of agents must be whole and at least 1"
        raise ValueError(msg)
    if not n <= lines <= MOST_LINES:
        msg = f"lines = {lines}: must be at least the {n} agents (lines count contacts in service and waiting)"
        raise ValueError(msg)
    load = rate * aht_s
    if load <= 0.0:
        return np.array([0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    places = lines - n
    k = np.arange(places)
    busy = np.arange(1, n + 1)
    drain = n / aht_s
    leave = 0.0 if np.isinf(patience_s) else 1.0 / patience_s
    fill, wait_steps = np.log(load / busy), np.log(rate / (drain + (k + 1) * leave))
    log_p = np.concatenate(([0.0], np.cumsum(fill), np.cumsum(wait_steps) + fill.sum()))
    weight: Floats = np.exp(log_p - log_p.max())
    p: Floats = weight / float(weight.sum())
    blocking = p[-1]
    waiting = p[n:-1]  # a contact that finds n + k present waits behind k others, k = 0 .. places - 1
    wait = float(waiting.sum())
    served: Floats
    served_wait: Floats
    left: Floats
    if leave == 0.0:
        in_time = gammainc(k + 1, drain * awt_s)
        served, served_wait, left = np.ones(places), (k + 1) / drain, np.zeros(places)
        virtual = in_time
    else:
        s = float(drain * patience_s)
        left_after = np.exp(-awt_s / patience_s)
        served = np.asarray(s / (s + k + 1.0), dtype=float)
        in_time = served * (1.0 - betainc(s + 1.0, k + 1.0, left_after))
        served_wait = served * (digamma(s + k + 2.0) - digamma(s + 1.0)) * patience_s
        left = (k + 1) / (s + k + 1)
        virtual = 1.0 - betainc(s, k + 1.0, left_after)
    abandonment = float(waiting @ left)
    late_virtual = float(waiting @ (1.0 - virtual))
    late_served = float(waiting @ (served - in_time))
    early = 0.0 if leave == 0.0 else max(abandonment - (np.exp(-awt_s / patience_s) * late_virtual - late_served), 0.0)
    answered_in_time = 1.0 - blocking - abandonment - late_served
    return np.array([
        wait, answered_in_time, abandonment, early, 1.0 - blocking - late_virtual, float(waiting @ served_wait), blocking,
    ])  # fmt: skip
