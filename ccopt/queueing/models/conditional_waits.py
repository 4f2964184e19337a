"""What happens to contacts that find everybody busy, for any law of patience: integrals over the virtual wait."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from ccopt.errors import UnstableError
from ccopt.queueing.models.common import Row
from ccopt.queueing.models.patience_laws import PatienceLaw
from ccopt.queueing.models.quadrature import panel_integrals
from ccopt.queueing.probabilities import erlang_b

Floats = NDArray[np.float64]
DROP = 46.0  # the density is cut where it is e^-46 of its peak


def log_idle_weight(agents: float, load: float) -> float:
    """Logarithm of (a / n) (1 / B - 1): weight of the states without waiting, relative to the density at 0 over rate."""
    b = float(np.asarray(erlang_b(agents, load)))
    if b > 1e-290:
        return math.log(load / agents) + math.log1p(-b) - math.log(b)
    return math.log(load / agents) - (agents * math.log(load) - load - float(gammaln(agents + 1.0)))


def unserved_row(rate: float, aht_s: float, law: PatienceLaw, awt_s: float) -> Row:
    """Nobody is there to answer: everybody waits until patience ends."""
    wait, gone = (1.0 - law.at_once) * law.mean_s, 1.0 - (1.0 - law.at_once) * float(law.tail(np.array([awt_s]))[0])
    return Row(
        wait=1.0, in_time=0.0, abandonment=1.0, early=gone, virtual=0.0, served_wait_s=0.0, mean_wait_s=wait,
        blocking=0.0, load=rate * aht_s, busy=0.0, queue_length=rate * wait,
    )  # fmt: skip


def chance(log_idle: float, log_waiting: float) -> float:
    """Probability of waiting from the logarithms of both weights."""
    return 1.0 / (1.0 + math.exp(min(log_idle - log_waiting, 709.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What happens to contacts that find everybody busy, per such contact; ``late`` is P(offered wait > awt)."""

    in_time: float
    abandonment: float
    early: float
    late: float
    served_wait_s: float
    mean_wait_s: float


def row_of(waits: Waits, wait: float, *, rate: float, load: float) -> Row:
    """Row of a pool whose contacts wait with probability ``wait`` and whose agents serve ``load`` less abandonment."""
    abandonment, mean = wait * waits.abandonment, wait * waits.mean_wait_s
    return Row(
        wait=wait, in_time=1.0 - wait * (1.0 - waits.in_time), abandonment=abandonment, early=wait * waits.early,
        virtual=1.0 - wait * waits.late, served_wait_s=wait * waits.served_wait_s, mean_wait_s=mean, blocking=0.0,
        load=load, busy=load * (1.0 - abandonment), queue_length=rate * mean,
    )  # fmt: skip


def patient_waits(rate: float, drain: float, awt_s: float) -> Waits:
    """`conditional_waits` where nobody leaves.

    Raises
    ------
    UnstableError
        Contacts arrive as fast as full staff can serve them, or faster.
    """
    if rate >= drain:
        msg = f"agents: {3600 * rate:g} contacts an hour arrive, all agents together serve {3600 * drain:g}, and nobody leaves"
        raise UnstableError(msg + "; more agents, or a finite patience")
    late = math.exp(-(drain - rate) * awt_s)
    mean = 1.0 / (drain - rate)
    return Waits(in_time=1.0 - late, abandonment=0.0, early=0.0, late=late, served_wait_s=mean, mean_wait_s=mean)


def conditional_waits(
    rate: float, drain: float, law: PatienceLaw, awt_s: float, *, power: float = 1.0, queue_law: PatienceLaw | None = None
) -> tuple[Waits, float]:
    """Waits of contacts that find everybody busy, and the logarithm of the integral of the density.

    The density is exp(power (rate H(v) - drain v)) with H the integral of the tail of patience; 1 is exact for Poisson
    arrivals and exponential handle times. ``queue_law`` is the patience that empties places of the queue, where that is
    not the patience of the contact asked about (customers who leave without a word keep their place).
    """
    queue = law if queue_law is None else queue_law
    stay = 1.0 - law.at_once
    gone_by_awt = 1.0 - stay * float(law.tail(np.array([awt_s]))[0])

    def log_density(v: Floats) -> Floats:
        return np.asarray(power * (rate * (1.0 - queue.at_once) * queue.integral(v) - drain * v))

    def slope(v: float) -> float:
        return rate * (1.0 - queue.at_once) * float(queue.tail(np.array([v]))[0]) - drain

    edges, peak = edges_of(log_density, slope, (*law.kinks(), *queue.kinks()), awt_s=awt_s, drain=drain)

    def integrands(v: Floats) -> Floats:
        f = np.exp(log_density(v) - peak)
        tail = stay * law.tail(v)
        return np.array([f, (1.0 - tail) * f, tail * f, v * tail * f, stay * law.integral(v) * f])

    size = power * max(rate * float(queue.integral(edges[-1:])[0]), drain * float(edges[-1]))  # of what the exponent is made of
    parts = panel_integrals(integrands, edges, relative=max(1e-13, 1e-15 * size))
    total = parts.sum(axis=1)
    inside = edges[1:] <= awt_s * (1.0 + 1e-14)
    before, late = parts[:, inside].sum(axis=1), float(parts[0, ~inside].sum())
    mass = float(total[0])
    return Waits(
        in_time=float(before[2]) / mass, abandonment=float(total[1]) / mass,
        early=(float(before[1]) + gone_by_awt * late) / mass, late=late / mass, served_wait_s=float(total[3]) / mass,
        mean_wait_s=float(total[4]) / mass,
    ), peak + math.log(mass)  # fmt: skip


def log_mass(rate: float, drain: float, law: PatienceLaw, *, power: float = 1.0) -> float:
    """Logarithm of the integral of the density alone, from 0 on."""

    def log_density(v: Floats) -> Floats:
        return np.asarray(power * (rate * (1.0 - law.at_once) * law.integral(v) - drain * v))

    def slope(v: float) -> float:
        return rate * (1.0 - law.at_once) * float(law.tail(np.array([v]))[0]) - drain

    edges, peak = edges_of(log_density, slope, law.kinks(), awt_s=0.0, drain=drain)
    parts = panel_integrals(lambda v: np.exp(log_density(v) - peak)[None, :], edges, relative=1e-12)
    return peak + math.log(float(parts.sum()))


def edges_of(
    log_density: Callable[[Floats], Floats], slope: Callable[[float], float], kinks: tuple[float, ...], *, awt_s: float, drain: float
) -> tuple[Floats, float]:
    """Panels over the range where the density counts, with its kinks and the acceptable wait as edges; the peak."""
    high = 1.0 / drain
    mode = 0.0
    if slope(0.0) > 0.0:
        while slope(high) > 0.0:
            high *= 2.0
            if high > 1e15 / drain:
                msg = "agents: too few for the customers who never leave; more agents, or a law of patience that ends"
                raise UnstableError(msg)
        low = 0.0
        for _ in range(200):
            mode = 0.5 * (low + high)
            if mode in (low, high):
                break
            low, high = (mode, high) if slope(mode) > 0.0 else (low, mode)
    candidates = np.array([0.0, mode, *kinks])
    peak = float(log_density(candidates).max())
    step = 1.0 / drain
    while float(log_density(np.array([mode + step]))[0]) > peak - DROP:
        step *= 1.5
        if step > 1e15 / drain:
            msg = "agents: too few for the customers who never leave; more agents, or a law of patience that ends"
            raise UnstableError(msg)
    end, start = mode + step, 0.0
    back = 1.0 / drain
    while mode - back > 0.0:
        if float(log_density(np.array([mode - back]))[0]) < peak - DROP:
            start = mode - back
            break
        back *= 1.5
    inner = [k for k in (*kinks, awt_s, mode) if start < k < end]
    graded = start + (end - start) * 0.5 ** np.arange(8, 0, -1)
    return np.unique(np.concatenate([[start, end], inner, graded])), peak
