"""Inbound calls and outbound calls by the same agents, with a threshold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.queueing.models.common import LONG, RATE, TIME, WHOLE, Row, Rule, checked, idle_row, plain
from ccopt.queueing.models.conditional_waits import (
    Waits,
    chance,
    conditional_waits,
    patient_waits,
    row_of,
    unserved_row,
)
from ccopt.queueing.models.log_tails import LogTails, Queue
from ccopt.queueing.models.patience_laws import WeibullPatience, exponential
from ccopt.queueing.performance import Value

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendedPool(LogTails):
    r"""M/M/n(+M) whose agents call out while at least ``threshold`` + 1 of them would else be idle.

    ``threshold`` agents are kept free for inbound calls: whenever a completion would leave more than ``threshold``
    agents idle, an outbound call starts at once (the list never ends, the dialler never waits). So at least
    m = n - threshold agents are always busy; with x in system the chain moves up at rate lambda and down at
    min(x, n) mu + (x - n)^+ theta for x > m, and in state m a completion is an outbound call.

    Parameters
    ----------
    contacts_per_hour, aht_s
        Inbound rate; one mean handle time for both directions (exponential).
    threshold
        Agents kept free for inbound calls; with n or more nobody calls out and this is Erlang C or A.
    patience_s
        Mean (exponential) patience; infinite: nobody leaves.

    Notes
    -----
    Exact under these assumptions. Occupancy counts both directions; all other indicators are of inbound contacts.

    References
    ----------
    S. Bhulai, G. Koole (2003), A queueing model for call blending in call centers, IEEE Trans. Automatic Control 48,
    1434-1438.

    Examples
    --------
    ErlangCCmath 1.3.0: 4 calls a minute, 3 minutes, 16 agents, threshold 2, nobody leaves.

    >>> m = BlendedPool(contacts_per_hour=240, aht_s=180, threshold=2)
    >>> p = m.performance(16, 0.333 * 60)
    >>> round(p.asa_s / 60, 4), round(p.service_level, 4), round(p.occupancy, 4), round(m.outbound_per_hour(16) / 60, 4)
    (0.4286, 0.6334, 0.9583, 1.1111)
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike
    threshold: ArrayLike
    patience_s: ArrayLike = math.inf
    rules: ClassVar[Mapping[str, Rule]] = {
        "contacts_per_hour": RATE, "aht_s": TIME, "threshold": WHOLE, "patience_s": LONG,
    }  # fmt: skip
    whole_agents: ClassVar[bool] = True

    def row(self, agents: float, awt_s: float, values: Mapping[str, float]) -> Row:
        """One pool."""
        rate, aht = values["contacts_per_hour"] / 3600.0, values["aht_s"]
        if agents <= 0.0:
            law = WeibullPatience(mean_s=values["patience_s"]) if math.isfinite(values["patience_s"]) else None
            return unserved_row(rate, aht, law, awt_s) if law and rate else _closed(rate, aht)
        weights = _below(rate * aht, int(agents), int(values["threshold"]))
        if rate == 0.0:
            return replace(idle_row(), busy=max(agents - values["threshold"], 0.0))
        waits, log_wait = waits_of(rate, agents / aht, values["patience_s"], awt_s)
        wait = 1.0
        if weights.size:
            wait = chance(log_total(weights) - float(weights[-1]) - math.log(rate), log_wait)
        row = row_of(waits, wait, rate=rate, load=rate * aht)
        return replace(row, busy=_busy(weights, int(agents), wait))

    def queue(self, agents: float, values: Mapping[str, float]) -> Queue:
        """Idle weight from the states above the threshold."""
        rate, aht, patience = values["contacts_per_hour"] / 3600.0, values["aht_s"], values["patience_s"]
        weights = _below(rate * aht, int(agents), int(values["threshold"]))
        idle = log_total(weights) - float(weights[-1]) - math.log(rate) if weights.size else -math.inf
        return Queue(rate=rate, drain=agents / aht, log_idle=idle, law=exponential(patience))

    def outbound_per_hour(self, agents: ArrayLike) -> Value:
        """Outbound calls that the pool makes per hour."""
        rows, shape = self._rows(agents, 0.0, "awt_s")
        n = np.broadcast_to(np.asarray(agents, dtype=float), shape)
        busy = np.array([r.busy for r in rows.ravel()]).reshape(shape)
        inbound = np.array([r.load * (1.0 - r.abandonment) for r in rows.ravel()]).reshape(shape)
        aht = np.broadcast_to(checked("aht_s", self.aht_s, TIME), shape)
        return plain(np.asarray(np.where(n > 0, np.maximum(busy - inbound, 0.0), 0.0) / aht * 3600.0))


def _closed(rate: float, aht_s: float) -> Row:
    waits = Waits(in_time=0.0, abandonment=0.0, early=0.0, late=1.0, served_wait_s=0.0, mean_wait_s=math.inf)
    if rate == 0.0:
        return row_of(patient_waits(0.0, 1.0, 0.0), 0.0, rate=0.0, load=0.0)
    return row_of(waits, 1.0, rate=rate, load=rate * aht_s)


def waits_of(rate: float, drain: float, patience_s: float, awt_s: float) -> tuple[Waits, float]:
    """Waits of those who find everybody busy, and the log of the integral of exp(rate H - drain v)."""
    if math.isinf(patience_s):
        waits = patient_waits(rate, drain, awt_s)
        return waits, -math.log(drain - rate)
    return conditional_waits(rate, drain, WeibullPatience(mean_s=patience_s), awt_s)


def _below(load: float, agents: int, threshold: int) -> Floats:
    """Logarithm of the weights of m .. n - 1 busy agents relative to m = n - threshold."""
    m = max(agents - threshold, 0)
    if threshold == 0:
        return np.zeros(0)
    steps = np.log(np.maximum(load, 1e-300) / np.arange(m + 1, agents))
    return np.concatenate([[0.0], np.cumsum(steps)])


def log_total(weights: Floats) -> float:
    """Logarithm of the sum of weights given by their logarithms."""
    top = float(weights.max())
    return top + math.log(float(np.exp(weights - top).sum()))


def _busy(weights: Floats, agents: int, wait: float) -> float:
    """Mean number of busy agents, both directions."""
    if weights.size == 0:
        return float(agents)
    share = np.exp(weights - log_total(weights)) * (1.0 - wait)
    return float(share @ np.arange(agents - weights.size, agents)) + wait * agents
