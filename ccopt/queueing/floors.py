"""Queues whose agents are never all idle, or not one by one: blended work and chats, from the queue model beneath.

Above the point where a contact has to wait, an M/M/n queue with abandonment only knows its arrival rate and the rate D
at which the group completes work. What lies below that point changes how often a contact waits, never for how long. With
R = P(all busy) / P(just all busy) of the queue beneath and

    b = Σ_{j<s} Π_{i=j+1..s} d(i) / λ        weight of the states below s, d(i) the completion rate in state i,

the probability of waiting is R / (R + b), and every consequence of waiting scales with it. What lies above is the same for one
server who is as fast as all agents: the queue ``beneath`` is his, because his probability of waiting is never tiny. (With a light load
all but one in 10^20 contacts may find a free agent; shares of those who wait, taken from that queue, would have no digit.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.group import GroupPerformance

Floats = NDArray[np.float64]
CERTAIN = 1e-12


def waiting_weight(beneath: GroupPerformance, agents: int, load: float) -> float:
    """R of a queue that one server as fast as all ``agents`` has before him: P / (1 - P) by his load; infinite when all wait."""
    wait = beneath.delay_probability
    return math.inf if wait >= 1.0 - CERTAIN else agents / load * wait / (1.0 - wait)


def with_delay(beneath: GroupPerformance, probability: float, agents: int) -> GroupPerformance:
    """The queue with another probability of waiting; waits of those who wait stay as they are."""
    if beneath.delay_probability <= 0.0 or not beneath.stable:
        return beneath
    r = probability / beneath.delay_probability
    lost = r * beneath.abandonment
    answered_before, answered = 1.0 - beneath.abandonment, 1.0 - lost
    waited = r * beneath.asa_s * answered_before
    asa = np.divide(waited, answered, out=np.zeros_like(answered), where=answered > 0.0)
    carried = beneath.load - r * (beneath.load - beneath.carried_load)
    return replace(
        beneath, answered_in_time=1.0 - r * (1.0 - beneath.answered_in_time), abandonment=lost,
        abandoned_early=r * beneath.abandoned_early, virtual=1.0 - r * (1.0 - beneath.virtual), asa_s=asa,
        mean_wait_s=r * beneath.mean_wait_s, delay_probability=probability, carried_load=carried,
        occupancy=carried / agents if agents > 0 else 0.0,
    )  # fmt: skip


def chat_performance(
    beneath: GroupPerformance, *, contacts_per_hour: float, agents: int, levels_s: Sequence[float]
) -> GroupPerformance:
    """Agents who each hold up to ``len(levels_s)`` chats at once; chats are spread evenly over the agents.

    With k chats in hand each of them takes ``levels_s[k - 1]`` on average (exponential), so an agent completes k / h_k.
    A chat waits when every agent holds the most; the queue then drains as if each chat took h_c / c of an agent, which is
    the ``beneath`` queue.

    Parameters
    ----------
    beneath
        The queue of the same contacts before one server with the handle time ``levels_s[-1] / len(levels_s) / agents``; its loads
        are those of the group.
    contacts_per_hour, agents
        Arrivals and whole agents.
    levels_s
        Handle time of a chat with 1, 2, ... chats in hand.

    Notes
    -----
    Exact where a chat that ends is made up for by moving one over; without moving, agents are a little less evenly
    loaded and complete a little less below the limit.
    """
    lam, most = contacts_per_hour / 3600.0, len(levels_s)
    rates = np.array([0.0, *(k / h for k, h in enumerate(levels_s, start=1)), 0.0])
    if agents == 0 or not beneath.stable or lam <= 0.0:
        return beneath
    level, more = np.divmod(np.arange(agents * most, 0, -1), agents)
    done = (agents - more) * rates[level] + more * rates[level + 1]
    with np.errstate(over="ignore"):
        below = float(np.cumprod(done / lam).sum())
    weight = waiting_weight(beneath, agents, lam * levels_s[-1] / most)
    probability = 1.0 if math.isinf(weight) else 0.0 if math.isinf(below) else weight / (weight + below)
    return with_delay(beneath, probability, agents)


def background_states(weight: float, agents: int, load: float) -> tuple[Floats, Floats]:
    """Weights of states 0..n relative to state n, and of all states from each one up (with ``weight`` for n and above)."""
    with np.errstate(over="ignore"):
        down = np.concatenate(([1.0], np.cumprod(np.arange(agents, 0, -1) / load)))[::-1]
        above = weight + np.concatenate((np.cumsum(down[:-1][::-1])[::-1], [0.0]))
    return down, above


def blended_performance(
    beneath: GroupPerformance, *, load: float, agents: int, background: float
) -> tuple[GroupPerformance, float]:
    """Foreground of a group that works off ``background`` erlangs in its idle time, by the best threshold.

    An agent who becomes free while at most m agents are busy (m included) starts background work, so that the group
    never has fewer than m busy agents, m = n - T; in state m + 1 it does so with a probability, so that exactly the
    background work is done. With state weights w(j) (w(n) = 1) and the weight W of all states above m,

        background = (m (1 - q) w(m) + q (m + 1) w(m + 1)) / (W + (1 - q) w(m)).

    Parameters
    ----------
    beneath
        The foreground alone before one server as fast as all agents, at the mean handle time of foreground and background
        together; its loads are those of the group.
    load, background
        Erlangs offered by the foreground, and of background work to be done.

    Returns
    -------
    tuple
        Performance of the foreground, and the threshold T = n - m - q. T = -1 where the agents cannot do the work.

    Examples
    --------
    ErlangCCmath's blending example: 16 agents, 12 erlangs, threshold 2: ASA 3/7 min, 10/9 outbound calls of 3 minutes a
    minute, that is 10/3 erlangs.

    >>> from ccopt.queueing import group_performance
    >>> alone = group_performance(240.0, 180.0 / 16, patience_s=float("inf"), agents=1, awt_s=20.0)
    >>> found, threshold = blended_performance(alone, load=12.0, agents=16, background=10 / 3)
    >>> round(threshold, 9), round(float(found.asa_s[0]) / 60, 9)
    (2.0, 0.428571429)
    """
    if load <= 0.0:
        free = background <= agents * (1.0 + CERTAIN)
        return beneath, agents - background if free else -1.0
    if agents == 0 or not beneath.stable:
        return beneath, -1.0
    weight = waiting_weight(beneath, agents, load)
    if math.isinf(weight):
        return beneath, -1.0
    down, above = background_states(weight, agents, load)
    state = np.arange(agents + 1)
    with np.errstate(invalid="ignore"):
        done = np.where(np.isfinite(down), state * down / above, state.astype(float))  # q = 0: m is the lowest state
    enough = np.flatnonzero(done >= background * (1.0 - CERTAIN))
    if not enough.size:
        return beneath, -1.0
    m = int(enough[0])
    q = 0.0
    total = float(above[m])
    if m > 0 and done[m] > background:  # between state m - 1 (q = 0) and state m (q = 1)
        w, v, rest = float(down[m - 1]), float(down[m]), float(above[m])
        if math.isfinite(w):
            # ((m-1)(1-q) w + q m v) / (rest + (1-q) w) = background
            q = (background * (rest + w) - (m - 1) * w) / (m * v - (m - 1) * w + background * w)
            q = min(max(q, 0.0), 1.0)
            total = rest + (1.0 - q) * w
            m -= 1
    return with_delay(beneath, weight / total, agents), agents - m - q
