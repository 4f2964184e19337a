"""Erlang B, C and A: one pool of equal agents, with one interface."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.errors import UnstableError
from ccopt.kpis import BASES, Basis
from ccopt.queueing.batch import erlang_a_rows, erlang_c_rows
from ccopt.queueing.checking import numbers
from ccopt.queueing.finite import finite_row
from ccopt.queueing.kernel import erlang_b_value, erlang_c_value
from ccopt.queueing.performance import Performance, Value

Floats = NDArray[np.float64]
_b = np.vectorize(erlang_b_value, otypes=[float])
_c = np.vectorize(erlang_c_value, otypes=[float])
REDIAL_PASSES = 10_000


def _plain(array: Floats) -> Value:
    return float(array) if array.ndim == 0 else array


def erlang_b(agents: ArrayLike, load: ArrayLike) -> Value:
    r"""Probability that a contact finds all agents busy and is lost.

    :math:`B = (a^n / n!) / \sum_{k \le n} a^k / k!`, continued to real *n* by the incomplete gamma function.

    Parameters
    ----------
    agents
        Agents (or lines), real numbers allowed, not negative.
    load
        Offered load in erlangs.

    Raises
    ------
    ValueError
        Negative, missing or infinite values.

    References
    ----------
    A. K. Erlang (1917); D. L. Jagerman (1974), Bell System Technical Journal 53, 525-551 (real n).

    Examples
    --------
    >>> round(erlang_b(10, 5), 15)
    0.018384570336648
    """
    n, a = np.broadcast_arrays(numbers("agents", agents), numbers("load", load))
    return _plain(_b(n, a))


def erlang_c(agents: ArrayLike, load: ArrayLike) -> Value:
    r"""Probability of waiting when nobody leaves; 1 from load = agents on.

    :math:`1/C = \rho + (1 - \rho) / B` with Erlang B and :math:`\rho = a / n`.

    Parameters
    ----------
    agents
        Agents, real numbers allowed, not negative.
    load
        Offered load in erlangs.

    Raises
    ------
    ValueError
        Negative, missing or infinite values.

    Examples
    --------
    >>> round(erlang_c(14, 10), 7)
    0.1741319
    """
    n, a = np.broadcast_arrays(numbers("agents", agents), numbers("load", load))
    return _plain(_c(n, a))


def _basis(basis: Basis) -> int:
    if basis not in BASES:
        msg = f"basis = {basis!r}: have {list(BASES)}"
        raise ValueError(msg)
    return BASES.index(basis)


def _service(basis: Basis, rows: Floats) -> Floats:
    """Service level of a basis from rows (..., 6); nan where nobody is counted becomes 0."""
    in_time, abandonment, early, virtual = (rows[..., k] for k in (1, 2, 3, 4))
    index = _basis(basis)
    if index == 0:
        found = in_time
    elif index == 4:
        found = virtual
    elif index == 3:
        found = in_time + early
    else:
        below = 1.0 - (abandonment if index == 1 else early)
        found = np.divide(in_time, below, out=np.zeros_like(in_time), where=below > 0.0)
    return np.asarray(np.clip(found, 0.0, 1.0), dtype=float)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErlangB:
    """M/M/n/n: a contact that finds all agents busy is lost.

    Parameters
    ----------
    contacts_per_hour, aht_s
        Arrival rate and mean handle time; arrays are broadcast. The result depends on the handle time only by its mean.
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
        index = _basis(basis)
        rate, aht, n, _ = np.broadcast_arrays(
            numbers("contacts_per_hour", self.contacts_per_hour), numbers("aht_s", self.aht_s, above=0.0),
            numbers("agents", agents), numbers("awt_s", awt_s),
        )  # fmt: skip
        load = rate * aht / 3600.0
        blocking = np.asarray(_b(n, load))
        zero = np.zeros_like(blocking)
        carried = load * (1.0 - blocking)
        occupancy = np.divide(carried, n, out=np.zeros_like(carried), where=n > 0)
        service = np.where(blocking < 1.0, 1.0, 0.0) if index == 1 else 1.0 - blocking
        return Performance(
            delay_probability=_plain(zero), service_level=_plain(np.asarray(service)), asa_s=_plain(zero),
            mean_wait_s=_plain(zero), abandonment=_plain(zero), blocking=_plain(blocking),
            occupancy=_plain(occupancy), queue_length=_plain(zero), load=_plain(np.asarray(load)),
        )  # fmt: skip

    def wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """0: nobody waits in a loss system."""
        numbers("wait_s", wait_s)
        return _plain(np.zeros_like(np.asarray(self.performance(agents, wait_s).delay_probability)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErlangC:
    """M/M/n: Poisson arrivals, exponential handle times, patient customers.

    Parameters
    ----------
    contacts_per_hour, aht_s
        Arrival rate and mean handle time in seconds; arrays are broadcast.
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike

    def performance(self, agents: ArrayLike, awt_s: ArrayLike = 20.0, *, basis: Basis = "offered") -> Performance:
        r"""Indicators with this many agents, real numbers allowed.

        :math:`P(W > t) = C e^{-(n - a) t / h}`, mean wait :math:`C h / (n - a)`.

        Raises
        ------
        UnstableError
            Where load >= agents, naming the first such entry and the smallest stable staff.

        Examples
        --------
        Chen (2024), R package ErlangC: 100 calls in half an hour, 180 s, 14 agents.

        >>> p = ErlangC(contacts_per_hour=200, aht_s=180).performance(agents=14, awt_s=20)
        >>> round(p.service_level, 5), round(p.asa_s, 4)
        (0.88835, 7.8359)
        """
        rate, aht, n, awt = np.broadcast_arrays(
            numbers("contacts_per_hour", self.contacts_per_hour), numbers("aht_s", self.aht_s, above=0.0),
            numbers("agents", agents), numbers("awt_s", awt_s),
        )  # fmt: skip
        load = rate * aht / 3600.0
        full = (load >= n) & (load > 0.0)
        if full.any():
            where = tuple(int(i) for i in np.argwhere(full)[0])
            place = f"agents[{', '.join(map(str, where))}]" if where else "agents"
            a = float(load[where])
            msg = (
                f"{place} = {float(n[where]):g}: the load is {a:g} erlangs and nobody abandons, so the queue grows "
                f"without bound; at least {math.floor(a) + 1} agents are stable, or give patience_s (ErlangA)"
            )
            raise UnstableError(msg)
        flat = [np.ascontiguousarray(x, dtype=float).ravel() for x in (rate / 3600.0, aht, n, awt)]
        rows = erlang_c_rows(*flat).reshape(*load.shape, 6)
        wait = rows[..., 5]
        return Performance(
            delay_probability=_plain(rows[..., 0]), service_level=_plain(_service(basis, rows)), asa_s=_plain(wait),
            mean_wait_s=_plain(wait), abandonment=_plain(np.zeros_like(wait)), blocking=_plain(np.zeros_like(wait)),
            occupancy=_plain(np.divide(load, n, out=np.zeros_like(load), where=n > 0)),
            queue_length=_plain(np.asarray(rate / 3600.0 * wait)), load=_plain(np.asarray(load)),
        )  # fmt: skip

    def wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """Share of offered contacts whose offered wait is longer than ``wait_s``."""
        numbers("wait_s", wait_s)
        p = self.performance(agents, wait_s, basis="virtual")
        return _plain(np.asarray(1.0 - np.asarray(p.service_level) - np.asarray(p.blocking)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErlangA:
    """M/M/n(/K)+M: customers leave after exponential patience; finite lines and redials on request.

    Parameters
    ----------
    contacts_per_hour, aht_s
        Arrival rate of first attempts and mean handle time in seconds; arrays are broadcast.
    patience_s
        Mean time that a customer would wait (infinite: nobody leaves, then the pool must be stable).
    lines
        Contacts in the system at most (agents and waiting); None: no limit.
    redial
        Probability that an unserved contact (abandoned or blocked) calls again at once; the rate of all attempts is the
        fixed point rate = first / (1 - redial x unserved) (Erlang X).
    ring_s
        Ring time that occupies the agent and is not waiting; added to the handle time.
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike
    patience_s: ArrayLike
    lines: int | None = None
    redial: float = 0.0
    ring_s: float = 0.0

    def performance(self, agents: ArrayLike, awt_s: ArrayLike = 20.0, *, basis: Basis = "offered") -> Performance:
        """Indicators with this many agents; overload is an answer here, because customers leave.

        Real numbers of agents are allowed without ``lines``.

        Raises
        ------
        ValueError
            Values out of range; ``lines`` below the agents.
        UnstableError
            Infinite patience with load >= agents and no limit of lines.

        Examples
        --------
        pyworkforce 0.5.4, tests: 100 calls in half an hour, 3 min, patience 5 min, 14 agents.

        >>> p = ErlangA(contacts_per_hour=200, aht_s=180, patience_s=300).performance(agents=14, awt_s=20)
        >>> round(p.abandonment, 6), round(p.service_level, 6)
        (0.013984, 0.916792)
        """
        shape_of = np.broadcast_arrays(
            numbers("contacts_per_hour", self.contacts_per_hour), numbers("aht_s", self.aht_s, above=0.0),
            numbers("patience_s", self.patience_s, above=0.0, infinite=True), numbers("agents", agents),
            numbers("awt_s", awt_s),
        )  # fmt: skip
        rate, aht, patience, n, awt = (np.asarray(x, dtype=float) for x in shape_of)
        ring, redial = float(numbers("ring_s", self.ring_s)), float(numbers("redial", self.redial))
        if redial > 1.0:
            msg = f"redial = {redial!r}: must be a share between 0 and 1"
            raise ValueError(msg)
        aht = aht + ring
        attempts, rows, blocking = self._fixed_point(rate, aht, patience, n, awt, redial)
        load = attempts * aht / 3600.0
        abandonment, served = rows[..., 2], 1.0 - rows[..., 2] - blocking
        patient = np.isinf(patience)
        mean_wait = np.where(patient, rows[..., 5], abandonment * np.where(patient, 0.0, patience))
        return Performance(
            delay_probability=_plain(rows[..., 0]), service_level=_plain(_service(basis, rows)),
            asa_s=_plain(np.divide(rows[..., 5], served, out=np.zeros_like(served), where=served > 0)),
            mean_wait_s=_plain(np.asarray(mean_wait)), abandonment=_plain(abandonment), blocking=_plain(blocking),
            occupancy=_plain(np.divide(load * served, n, out=np.zeros_like(load), where=n > 0)),
            queue_length=_plain(np.asarray(attempts / 3600.0 * mean_wait)), load=_plain(np.asarray(load)),
        )  # fmt: skip

    def wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """Share of offered contacts whose offered wait is longer than ``wait_s``."""
        numbers("wait_s", wait_s)
        p = self.performance(agents, wait_s, basis="virtual")
        return _plain(np.asarray(1.0 - np.asarray(p.service_level) - np.asarray(p.blocking)))

    def _fixed_point(
        self, rate: Floats, aht: Floats, patience: Floats, n: Floats, awt: Floats, redial: float
    ) -> tuple[Floats, Floats, Floats]:
        """Attempts per hour, rows (..., 6) and blocking; without redials one pass."""
        attempts = rate
        for _ in range(REDIAL_PASSES):
            rows, blocking = self._rows(attempts, aht, patience, n, awt)
            if redial == 0.0:
                return attempts, rows, blocking
            unserved = rows[..., 2] + blocking
            found = rate + redial * attempts * unserved
            if np.all(np.abs(found - attempts) <= 1e-14 * found):
                return found, rows, blocking
            attempts = found
        msg = f"redial = {redial:g}: redials grow without bound; unserved contacts call again faster than they are served"
        raise UnstableError(msg)

    def _rows(
        self, rate: Floats, aht: Floats, patience: Floats, n: Floats, awt: Floats
    ) -> tuple[Floats, Floats]:
        if self.lines is not None:
            flat = zip(*(x.ravel() for x in (rate, aht, patience, n, awt)), strict=True)
            both = np.array([finite_row(r / 3600.0, h, p, m, int(self.lines), t) for r, h, p, m, t in flat])
            both = both.reshape(*rate.shape, 7)
            return both[..., :6], both[..., 6]
        if np.isinf(patience).all():
            ErlangC(contacts_per_hour=rate, aht_s=aht).performance(agents=n, awt_s=awt)  # raises where unstable
            rows = erlang_c_rows(*(np.ascontiguousarray(x).ravel() for x in (rate / 3600.0, aht, n, awt)))
        elif np.isinf(patience).any():
            msg = "patience_s: mixes finite and infinite values; call ErlangC for the patient ones"
            raise ValueError(msg)
        else:
            rows = erlang_a_rows(*(np.ascontiguousarray(x).ravel() for x in (rate / 3600.0, aht, patience, n, awt)))
        return rows.reshape(*rate.shape, 6), np.zeros(rate.shape)
