"""Logarithms of tails of the wait for models whose queue, once everybody is busy, is M/M/n+G: also where no float holds them.

With the weight ``idle`` of the states in which nobody waits, and the density f(v) = exp(p (rate H(v) - drain v)) of the virtual
wait (p is 1 where the model is exact), P(V > t) is the integral of f beyond t over idle + the whole integral. What lies beyond t is
f(t) times the integral of a queue that starts with customers who have already waited t: the same quadrature on the rest of their
patience.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.queueing.models.common import PoolModel, plain
from ccopt.queueing.models.conditional_waits import log_mass
from ccopt.queueing.models.patience_laws import PatienceLaw
from ccopt.queueing.performance import Value

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Arrivals and completions per second with everybody busy, log of the idle weight, patience (None: nobody leaves).

    ``power`` multiplies the exponent of the density.
    """

    rate: float
    drain: float
    log_idle: float
    law: PatienceLaw | None
    power: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RestOfPatience:
    """Patience of those who have waited for ``waited_s``, not divided by how many of them there are."""

    law: PatienceLaw
    waited_s: float

    @property
    def at_once(self) -> float:
        """As of the law."""
        return self.law.at_once

    @property
    def mean_s(self) -> float:
        """Integral of the tail from here on."""
        return self.law.mean_s - float(self.law.integral(np.array([self.waited_s]))[0])

    def tail(self, wait_s: Floats) -> Floats:
        """Tail of the law, later."""
        return self.law.tail(wait_s + self.waited_s)

    def integral(self, wait_s: Floats) -> Floats:
        """Integral of the tail from here on."""
        return self.law.integral(wait_s + self.waited_s) - self.law.integral(np.array([self.waited_s]))

    def kinks(self) -> tuple[float, ...]:
        """Kinks that are still ahead."""
        return tuple(k - self.waited_s for k in self.law.kinks() if k > self.waited_s)


def log_tail(queue: Queue, wait_s: float) -> float:
    """Logarithm of P(V > t)."""
    rate, drain, law, power = queue.rate, queue.drain, queue.law, queue.power
    if law is None:
        whole = -math.log(power * (drain - rate))
        beyond = whole - power * (drain - rate) * wait_s
    else:
        whole = log_mass(rate, drain, law, power=power)
        at = power * (rate * (1.0 - law.at_once) * float(law.integral(np.array([wait_s]))[0]) - drain * wait_s)
        beyond = at + log_mass(rate, drain, RestOfPatience(law=law, waited_s=wait_s), power=power)
    return min(beyond - float(np.logaddexp(queue.log_idle, whole)), 0.0)


class LogTails(PoolModel):
    """A `PoolModel` that knows the logarithm of any tail of its wait: from its queue, unless it has a way of its own."""

    __slots__ = ()

    def queue(self, agents: float, values: Mapping[str, float]) -> Queue:
        """The queue of one pool with contacts and agents."""
        raise NotImplementedError

    def log_tail_of(self, agents: float, wait_s: float, values: Mapping[str, float]) -> float:
        """Logarithm of the tail of one pool with contacts, agents and a steady state."""
        return log_tail(self.queue(agents, values), wait_s)

    def contacts_of(self, values: Mapping[str, float]) -> float:
        """Contacts per hour of one pool."""
        return values["contacts_per_hour"]

    def log_wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """Natural logarithm of `wait_tail`, also where the probability is too small for a float; -inf without contacts."""

        def one(n: float, wait: float, values: Mapping[str, float]) -> float:
            if self.contacts_of(values) <= 0.0:
                return -math.inf
            if n <= 0.0:
                return 0.0
            self.row(n, 0.0, values)  # raises where there is no steady state
            return self.log_tail_of(n, wait, values)

        found, _ = self._each(agents, wait_s, "wait_s", one)
        return plain(np.asarray(found, dtype=float))
