"""Call-back: the customer hangs up, keeps the place in the queue and is rung back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from ccopt.errors import UnstableError
from ccopt.queueing.models.common import RATE, SHARE, TIME, Row, Rule, idle_row
from ccopt.queueing.models.conditional_waits import Waits, chance, conditional_waits, log_idle_weight, unserved_row
from ccopt.queueing.models.log_tails import LogTails, Queue
from ccopt.queueing.models.patience_laws import WeibullPatience

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mixture:
    """Patience of a queue in which a share never leaves."""

    mean_s: float
    stays: float
    at_once: float = 0.0

    def tail(self, wait_s: Floats) -> Floats:
        """The share that stays, and the exponential tail of the rest."""
        return np.asarray(self.stays + (1.0 - self.stays) * np.exp(-wait_s / self.mean_s))

    def integral(self, wait_s: Floats) -> Floats:
        """Integral of the tail."""
        return np.asarray(self.stays * wait_s - (1.0 - self.stays) * self.mean_s * np.expm1(-wait_s / self.mean_s))

    def kinks(self) -> tuple[float, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualHold(LogTails):
    r"""M/M/n+G with call-back: of those who must wait, a share hangs up, keeps its place and is rung back.

    Everybody is served in order of arrival. Customers on the line leave after exponential patience, those who
    accepted the call-back never give up; a ring-back costs the agent ``dial_s`` and reaches the customer with
    probability ``reached``. So the offered wait is that of M/M/n+G with a mixture of patience and the mean handle time
    of what agents really do, which is a fixed point when ring-backs cost time or fail.

    Parameters
    ----------
    contacts_per_hour, aht_s, patience_s
        Rate, mean handle time of an answered contact, mean patience on the line.
    accept
        Share of those who must wait who take the call-back.
    dial_s, reached
        Agent time of a ring-back before anybody speaks, and the chance to reach the customer.

    Notes
    -----
    ``performance`` is of all contacts: a call-back that comes within the acceptable wait counts as in time, a customer
    who is not reached counts as abandoned. Exact for ``dial_s`` 0 and ``reached`` 1, else an approximation by the mean
    handle time (within 2 points of simulation in the tests).

    References
    ----------
    M. Armony, C. Maglaras (2004), On customer contact centers with a call-back option, Operations Research 52, 271-292;
    F. Baccelli, G. Hebuterne (1981), Performance '81, 159-179.

    Examples
    --------
    >>> m = VirtualHold(contacts_per_hour=240, aht_s=180, patience_s=60, accept=0.5)
    >>> p = m.performance(12)
    >>> round(p.abandonment, 4), round(p.mean_wait_s, 1)
    (0.1187, 19.1)
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike
    patience_s: ArrayLike
    accept: ArrayLike
    dial_s: ArrayLike = 0.0
    reached: ArrayLike = 1.0
    rules: ClassVar[Mapping[str, Rule]] = {
        "contacts_per_hour": RATE, "aht_s": TIME, "patience_s": TIME, "accept": SHARE, "dial_s": RATE, "reached": SHARE,
    }  # fmt: skip

    def row(self, agents: float, awt_s: float, values: Mapping[str, float]) -> Row:
        """One pool."""
        rate, aht = values["contacts_per_hour"] / 3600.0, values["aht_s"]
        if rate == 0.0:
            return idle_row()
        if agents <= 0.0:
            return unserved_row(rate, aht, WeibullPatience(mean_s=values["patience_s"]), awt_s)
        return _pool(rate, _handle(rate, agents, values), agents, awt_s, values)[0]

    def queue(self, agents: float, values: Mapping[str, float]) -> Queue:
        """The places in the queue, of which those with a call-back are never given up."""
        rate = values["contacts_per_hour"] / 3600.0
        handle = _handle(rate, agents, values)
        idle = log_idle_weight(agents, rate * handle) - math.log(rate)
        return Queue(rate=rate, drain=agents / handle, log_idle=idle, law=_Mixture(mean_s=values["patience_s"], stays=values["accept"]))


def _handle(rate: float, agents: float, values: Mapping[str, float]) -> float:
    """Mean agent time per served place.

    Raises
    ------
    UnstableError
        Call-backs alone bring the load of all agents.
    """
    aht = values["aht_s"]
    back = values["dial_s"] + values["reached"] * aht
    if rate * values["accept"] * back >= agents:
        msg = f"agents = {agents:g}: call-backs alone bring {rate * values['accept'] * back:g} erlangs and nobody gives them up"
        raise UnstableError(msg + "; more agents, or a smaller share accept")

    def gap(handle: float) -> float:
        return _pool(rate, handle, agents, 0.0, values)[1] - handle

    low, high = min(aht, back), max(aht, back)
    if high - low < 1e-12 * aht:
        return aht
    return _fixed(gap, low, min(high, 0.999999 * agents / (rate * values["accept"] + 1e-300)))


def _fixed(gap: Callable[[float], float], low: float, high: float) -> float:
    if gap(low) <= 0.0:
        return low
    if gap(high) >= 0.0:
        return high
    return float(brentq(gap, low, high, xtol=1e-12 * high))


def _pool(rate: float, handle: float, agents: float, awt_s: float, values: Mapping[str, float]) -> tuple[Row, float]:
    """Row with a mean agent time per served place, and the mean agent time that results."""
    accept, reached, aht = values["accept"], values["reached"], values["aht_s"]
    own, drain = WeibullPatience(mean_s=values["patience_s"]), agents / handle
    queue = _Mixture(mean_s=values["patience_s"], stays=accept)
    line, log_mass = conditional_waits(rate, drain, own, awt_s, queue_law=queue)
    hold = _Mixture(mean_s=values["patience_s"], stays=1.0)
    back, _ = conditional_waits(rate, drain, hold, awt_s, queue_law=queue)
    wait = chance(log_idle_weight(agents, rate * handle) - math.log(rate), log_mass)
    both = _mixed(line, back, accept, reached)
    called = wait * accept
    live = 1.0 - wait + wait * (1.0 - accept) * (1.0 - line.abandonment)
    work = live * aht + called * (values["dial_s"] + reached * aht)
    row = Row(
        wait=wait, in_time=1.0 - wait + wait * both.in_time, abandonment=wait * both.abandonment, early=wait * both.early,
        virtual=1.0 - wait * both.late, served_wait_s=wait * both.served_wait_s, mean_wait_s=wait * both.mean_wait_s,
        blocking=0.0, load=rate * aht, busy=rate * work, queue_length=rate * wait * both.mean_wait_s,
    )  # fmt: skip
    return row, work / (live + called)


def _mixed(line: Waits, back: Waits, accept: float, reached: float) -> Waits:
    """Those on the line and those who are rung back, per contact that must wait."""
    on = 1.0 - accept
    return Waits(
        in_time=on * line.in_time + accept * reached * back.in_time,
        abandonment=on * line.abandonment + accept * (1.0 - reached),
        early=on * line.early + accept * (1.0 - reached) * back.in_time, late=line.late,
        served_wait_s=on * line.served_wait_s + accept * reached * back.mean_wait_s,
        mean_wait_s=on * line.mean_wait_s + accept * back.mean_wait_s,
    )  # fmt: skip
