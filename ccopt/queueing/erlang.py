"""Erlang B and C: one pool of equal agents whose customers never leave the queue, or never enter one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ccopt.errors import UnstableError
from ccopt.kpis import Basis
from ccopt.queueing.checking import Floats, is_plain, numbers, together
from ccopt.queueing.loops import b_over, c_log_tail_over, c_service_over, erlang_c_rows
from ccopt.queueing.performance import Performance, Value, basis_index, plain, service_of_rows
from ccopt.queueing.rows import erlang_c_log_tail, erlang_c_row

HOUR = 3600.0


def flat(*arrays: Floats) -> list[Floats]:
    """Arrays as the compiled loops take them."""
    rows = (np.ascontiguousarray(a, dtype=float).ravel() for a in arrays)
    return [r if r.flags.writeable else r.copy() for r in rows]  # one kind of array, one compiled loop


@dataclass(frozen=True, slots=True, kw_only=True)
class ErlangB:
    """M/M/n/n: a contact that finds all agents busy is lost.

    Assumptions: Poisson arrivals; nobody waits. The result depends on the handle time only by its mean, whatever its
    distribution (Sevastyanov 1957). Valid for any load, and for real numbers of agents. There is no logarithm of the tail, as
    there is no wait; that of the blocking is `ccopt.queueing.probabilities.log_erlang_b`.

    Parameters
    ----------
    contacts_per_hour, aht_s
        Arrival rate and mean handle time; arrays are broadcast.

    References
    ----------
    A. K. Erlang (1917), Elektroteknikeren 13, 5-13; B. A. Sevastyanov (1957), Theory of Probability and its Applications 2,
    104-112.
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike

    def performance(self, agents: ArrayLike, awt_s: ArrayLike = 20.0, *, basis: Basis = "offered") -> Performance:
        """Indicators with this many agents (or lines); nobody waits.

        Examples
        --------
        >>> round(ErlangB(contacts_per_hour=100, aht_s=360).performance(agents=17).blocking, 4)
        0.0129
        """
        index = basis_index(basis)
        rate, aht, n, _ = together(
            contacts_per_hour=numbers("contacts_per_hour", self.contacts_per_hour),
            aht_s=numbers("aht_s", self.aht_s, above=0.0), agents=numbers("agents", agents), awt_s=numbers("awt_s", awt_s),
        )  # fmt: skip
        load = rate * aht / HOUR
        blocking = np.where(load > 0.0, np.asarray(b_over(*flat(n, load))).reshape(load.shape), 0.0)
        zero = np.zeros_like(blocking)
        carried = load * (1.0 - blocking)
        occupancy = np.divide(carried, n, out=np.zeros_like(carried), where=n > 0)
        service = np.where(blocking < 1.0, 1.0, 0.0) if index == 1 else 1.0 - blocking
        return Performance(
            delay_probability=plain(zero), service_level=plain(np.asarray(service)), asa_s=plain(zero),
            mean_wait_s=plain(zero), abandonment=plain(zero), blocking=plain(np.asarray(blocking)),
            occupancy=plain(occupancy), queue_length=plain(zero), load=plain(np.asarray(load)),
        )  # fmt: skip

    def wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """0: nobody waits in a loss system."""
        numbers("wait_s", wait_s)
        return plain(np.zeros_like(np.asarray(self.performance(agents, wait_s).delay_probability)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErlangC:
    """M/M/n: Poisson arrivals, exponential handle times, first come first served, patient customers.

    Valid below full load (load < agents), for real numbers of agents; handle times that are not exponential change the
    waits by about (1 + squared coefficient of variation) / 2.

    Parameters
    ----------
    contacts_per_hour, aht_s
        Arrival rate and mean handle time in seconds; arrays are broadcast.

    References
    ----------
    A. K. Erlang (1917), Elektroteknikeren 13, 5-13; S. Halfin, W. Whitt (1981), Operations Research 29, 567-588.
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike

    def _checked(self, agents: ArrayLike, awt_s: ArrayLike, name: str) -> list[Floats]:
        rate, aht, n, awt = together(
            contacts_per_hour=numbers("contacts_per_hour", self.contacts_per_hour),
            aht_s=numbers("aht_s", self.aht_s, above=0.0), agents=numbers("agents", agents), **{name: numbers(name, awt_s)},
        )  # fmt: skip
        refuse_overload(rate, aht, n)
        return [rate, aht, n, awt]

    def performance(self, agents: ArrayLike, awt_s: ArrayLike = 20.0, *, basis: Basis = "offered") -> Performance:
        r"""Indicators with this many agents, real numbers allowed.

        :math:`P(W > t) = C e^{-(n - a) t / h}`, mean wait :math:`C h / (n - a)`.

        Raises
        ------
        ValueError
            Values out of range.
        UnstableError
            Where load >= agents, naming the first such entry and the smallest stable staff.

        Examples
        --------
        Chen (2024), R package ErlangC: 100 calls in half an hour, 180 s, 14 agents.

        >>> p = ErlangC(contacts_per_hour=200, aht_s=180).performance(agents=14, awt_s=20)
        >>> round(p.service_level, 5), round(p.asa_s, 4)
        (0.88835, 7.8359)
        """
        rate, aht = self.contacts_per_hour, self.aht_s
        if isinstance(basis, str) and basis == "offered" and is_plain(rate, aht, agents, awt_s) and 0.0 < rate * aht < HOUR * agents:  # type: ignore[operator]
            return _one(float(rate), float(aht), float(agents), float(awt_s))  # type: ignore[arg-type]
        basis_index(basis)
        rates, handle, n, awt = self._checked(agents, awt_s, "awt_s")
        load = rates * handle / HOUR
        rows = np.asarray(erlang_c_rows(*flat(rates, handle, n, awt))).reshape(*load.shape, 7)
        wait = rows[..., 5]
        none = np.zeros_like(wait)
        return Performance(
            delay_probability=plain(rows[..., 0]), service_level=plain(service_of_rows(basis, rows)), asa_s=plain(wait),
            mean_wait_s=plain(wait), abandonment=plain(none), blocking=plain(none),
            occupancy=plain(np.divide(load, n, out=np.zeros_like(load), where=n > 0)),
            queue_length=plain(np.asarray(rates / HOUR * wait)), load=plain(np.asarray(load)),
        )  # fmt: skip

    def service_level(self, agents: ArrayLike, awt_s: ArrayLike = 20.0) -> Value:
        """Share answered within ``awt_s``, alone: the fast way for large arrays. Nobody leaves, so every basis is the same.

        Raises
        ------
        ValueError, UnstableError
            As `performance`.

        Examples
        --------
        >>> ErlangC(contacts_per_hour=200, aht_s=180).service_level([13, 14]).round(5)
        array([0.79559, 0.88835])
        """
        given = (self.contacts_per_hour, self.aht_s, agents, awt_s)
        shape = max((np.shape(x) for x in given if isinstance(x, np.ndarray)), key=len, default=())
        if shape and all(_is_plain_array(x, shape) for x in given):
            found, plain_values = c_service_over(*flat(*(np.asarray(x) for x in given)))
            if plain_values:
                return np.asarray(found).reshape(shape)
        return self.performance(agents, awt_s).service_level

    def wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """Share of contacts that wait longer than ``wait_s``, with full relative accuracy.

        Examples
        --------
        >>> round(ErlangC(contacts_per_hour=200, aht_s=180).wait_tail(14, 20), 5)
        0.11165
        """
        return plain(np.exp(np.asarray(self.log_wait_tail(agents, wait_s))))

    def log_wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """Natural logarithm of `wait_tail`, also where the probability is too small for a float.

        Examples
        --------
        >>> round(ErlangC(contacts_per_hour=200, aht_s=180).log_wait_tail(100, 3600), 2)
        -1943.38
        """
        rate, aht = self.contacts_per_hour, self.aht_s
        if is_plain(rate, aht, agents, wait_s) and 0.0 < rate * aht < HOUR * agents:  # type: ignore[operator]
            return erlang_c_log_tail(float(rate), float(aht), float(agents), float(wait_s), HOUR)  # type: ignore[arg-type]
        arrays = self._checked(agents, wait_s, "wait_s")
        return plain(np.asarray(c_log_tail_over(*flat(*arrays))).reshape(arrays[0].shape))


def _is_plain_array(value: ArrayLike, shape: tuple[int, ...]) -> bool:
    """Whether a value is a number, or an array of numbers of a shape."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fiu" and value.shape == shape
    return is_plain(value)


def _one(rate: float, aht: float, n: float, awt: float) -> Performance:
    """One pool, already checked."""
    wait, in_time, _, _, _, asa, _ = erlang_c_row(rate, aht, n, awt, HOUR)
    load = rate * aht / HOUR
    return Performance(
        delay_probability=wait, service_level=in_time, asa_s=asa, mean_wait_s=asa, abandonment=0.0, blocking=0.0,
        occupancy=load / n, queue_length=rate / HOUR * asa, load=load,
    )  # fmt: skip


def refuse_overload(rate: Floats, aht: Floats, n: Floats) -> None:
    """Raise where nobody leaves and the load is not below the agents.

    Raises
    ------
    UnstableError
        Naming the first such entry, its load and the smallest stable staff.
    """
    work = rate * aht
    full = (work >= n * HOUR) & (work > 0.0)
    if not full.any():
        return
    where = tuple(int(i) for i in np.argwhere(full)[0])
    place = f"agents[{', '.join(map(str, where))}]" if where else "agents"
    a = float(work[where]) / HOUR
    unit = ""
    if a / 60.0 < float(n[where]) and float(aht[where]) > 3600.0:
        unit = f"; aht_s = {float(aht[where]):g} is in seconds, did you mean {float(aht[where]) / 60.0:g}?"
    msg = (
        f"{place} = {float(n[where]):g}: the load is {a:g} erlangs and nobody abandons, so the queue grows "
        f"without bound; at least {math.floor(a) + 1} agents are stable, or give patience_s (ErlangA){unit}"
    )
    raise UnstableError(msg)
