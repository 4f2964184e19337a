"""Erlang A: customers leave when their patience ends; finite lines and redials on request."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import elementwise

from ccopt.errors import UnstableError
from ccopt.kpis import Basis
from ccopt.queueing.checking import Floats, is_plain, numbers, refuse, shares, together, whole
from ccopt.queueing.erlang import HOUR, flat, refuse_overload
from ccopt.queueing.finite import MOST_LINES
from ccopt.queueing.loops import a_log_tail_over, c_log_tail_over, erlang_a_rows, erlang_c_rows, finite_rows
from ccopt.queueing.performance import Performance, Value, basis_index, plain, service_of_rows
from ccopt.queueing.rows import erlang_a_row

ROW = np.array([0, 1, 2, 3, 4, 5, 8])  # where the entries of a row of `rows` go
FIXED_POINT = 4e-16  # relative width at which the rate of all attempts is settled
DOUBLINGS = 60  # of the rate, until the redials of pools where everybody calls again are found to grow without bound


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """Checked arrays of one shape; ``lines`` is None or an array."""

    rate: Floats
    aht: Floats
    patience: Floats
    n: Floats
    awt: Floats
    redial: Floats
    lines: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErlangA:
    """M/M/n(/K)+M: customers leave after exponential patience; finite lines and redials on request.

    Assumptions: Poisson arrivals, exponential handle times and patience, first come first served. Valid for any load
    (overload is an answer here, because customers leave) and for real numbers of agents without ``lines``.

    Parameters
    ----------
    contacts_per_hour, aht_s
        Arrival rate of first attempts and mean handle time in seconds; arrays are broadcast.
    patience_s
        Mean time that a customer would wait (infinite: nobody leaves, then the pool must be stable or have lines).
    lines
        Contacts in the system at most (agents and waiting); None: no limit.
    redial
        Probability that an unserved contact (abandoned or blocked) calls again at once; the rate of all attempts is the
        fixed point rate = first / (1 - redial x unserved) (Erlang X).
    ring_s
        Ring time that occupies the agent and is not waiting; added to the handle time.

    References
    ----------
    C. Palm (1957); O. Garnett, A. Mandelbaum, M. Reiman (2002), Manufacturing & Service Operations Management 4, 208-227.
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike
    patience_s: ArrayLike
    lines: ArrayLike | None = None
    redial: ArrayLike = 0.0
    ring_s: ArrayLike = 0.0

    def performance(self, agents: ArrayLike, awt_s: ArrayLike = 20.0, *, basis: Basis = "offered") -> Performance:
        """Indicators with this many agents; overload is an answer here, because customers leave.

        Raises
        ------
        ValueError
            Values out of range; ``lines`` below the agents.
        UnstableError
            Infinite patience with load >= agents and no limit of lines; redials that grow without bound.

        Examples
        --------
        pyworkforce 0.5.4, tests: 100 calls in half an hour, 3 min, patience 5 min, 14 agents.

        >>> p = ErlangA(contacts_per_hour=200, aht_s=180, patience_s=300).performance(agents=14, awt_s=20)
        >>> round(p.abandonment, 6), round(p.service_level, 6)
        (0.013984, 0.916792)
        """
        rate, aht, patience = self.contacts_per_hour, self.aht_s, self.patience_s
        if (
            isinstance(basis, str) and basis == "offered" and self.lines is None
            and is_plain(rate, aht, patience, agents, awt_s, self.redial, self.ring_s)
            and self.redial == 0.0 and self.ring_s == 0.0 and aht >= 1e-9 and patience >= 1e-9  # type: ignore[operator]
        ):  # fmt: skip
            return _one(float(rate), float(aht), float(patience), float(agents), float(awt_s))  # type: ignore[arg-type]
        basis_index(basis)
        pool = self._checked(agents, awt_s, "awt_s")
        attempts, rows = _attempts(pool)
        load = attempts * pool.aht / HOUR
        abandonment, blocking = rows[..., 2], rows[..., 6]
        served = rows[..., 8]
        patient = np.isinf(pool.patience)
        mean_wait = np.where(patient, rows[..., 5], abandonment * np.where(patient, 0.0, pool.patience))
        return Performance(
            delay_probability=plain(rows[..., 0]), service_level=plain(service_of_rows(basis, rows)),
            asa_s=plain(np.divide(rows[..., 5], served, out=np.zeros_like(served), where=served > 0)),
            mean_wait_s=plain(np.asarray(mean_wait)), abandonment=plain(abandonment), blocking=plain(blocking),
            occupancy=plain(np.divide(load * served, pool.n, out=np.zeros_like(load), where=pool.n > 0)),
            queue_length=plain(np.asarray(attempts / HOUR * mean_wait)), load=plain(np.asarray(load)),
        )  # fmt: skip

    def wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """Share of offered contacts whose offered wait is longer than ``wait_s``, with full relative accuracy.

        Examples
        --------
        >>> round(ErlangA(contacts_per_hour=240, aht_s=180, patience_s=60).wait_tail(14, 20), 5)
        0.12024
        """
        return plain(np.exp(np.asarray(self.log_wait_tail(agents, wait_s))))

    def log_wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """Natural logarithm of `wait_tail`; without ``lines`` also where the probability is too small for a float."""
        pool = self._checked(agents, wait_s, "wait_s")
        attempts, rows = _attempts(pool)
        if pool.lines is not None:
            with np.errstate(divide="ignore"):
                return plain(np.log(rows[..., 7]))
        arrays = flat(attempts, pool.aht, pool.patience, pool.n, pool.awt)
        patient = np.isinf(arrays[2])
        out = np.empty(patient.shape)
        out[~patient] = a_log_tail_over(*(x[~patient] for x in arrays))
        out[patient] = c_log_tail_over(*(x[patient] for x in (arrays[0], arrays[1], arrays[3], arrays[4])))
        return plain(out.reshape(attempts.shape))

    def _checked(self, agents: ArrayLike, awt_s: ArrayLike, name: str) -> _Pool:
        given: dict[str, Any] = {
            "contacts_per_hour": numbers("contacts_per_hour", self.contacts_per_hour),
            "aht_s": numbers("aht_s", self.aht_s, above=0.0),
            "patience_s": numbers("patience_s", self.patience_s, above=0.0, infinite=True),
            "agents": numbers("agents", agents), name: numbers(name, awt_s),
            "ring_s": numbers("ring_s", self.ring_s), "redial": shares("redial", self.redial),
        }  # fmt: skip
        if self.lines is not None:
            given["lines"] = whole("lines", self.lines)
        rate, aht, patience, n, awt, ring, redial, *rest = together(**given)
        pool = _Pool(
            rate=rate, aht=aht + ring, patience=patience, n=n, awt=awt, redial=redial, lines=rest[0] if rest else None
        )
        if pool.lines is None:
            patient = np.isinf(patience)
            if patient.any():
                refuse_overload(np.where(patient, rate, 0.0), pool.aht, n)
        else:
            _refuse_lines(pool.n, pool.lines)
        return pool


def _refuse_lines(n: Floats, lines: Floats) -> None:
    """Lines and agents that make no system."""
    broken = (n != np.floor(n)) | (n < 1.0)
    if broken.any():
        refuse("agents", float(n[broken].ravel()[0]), "with lines the number of agents must be whole and at least 1")
    few = lines < n
    if few.any():
        need = float(n[few].ravel()[0])
        rule = f"must be at least the {need:g} agents"
        refuse("lines", float(lines[few].ravel()[0]), rule, "lines count contacts in service and waiting")
    if (lines > MOST_LINES).any():
        refuse("lines", float(lines.max()), f"must be at most {MOST_LINES}", "without a limit leave lines out")


def _one(rate: float, aht: float, patience: float, n: float, awt: float) -> Performance:
    """One pool without lines and redials, already checked."""
    wait, in_time, abandonment, _, _, served_wait, served = erlang_a_row(rate, aht, patience, n, awt, HOUR, True)
    load = rate * aht / HOUR
    mean_wait = abandonment * patience
    return Performance(
        delay_probability=wait, service_level=min(max(in_time, 0.0), 1.0),
        asa_s=served_wait / served if served > 0.0 else 0.0, mean_wait_s=mean_wait, abandonment=abandonment, blocking=0.0,
        occupancy=load * served / n if n > 0.0 else 0.0, queue_length=rate / HOUR * mean_wait, load=load,
    )  # fmt: skip


def _rows(pool: _Pool, rate: Floats) -> Floats:
    """Rows (..., 9): six of ``rows``, blocking, the share accepted and reached late (with lines only), answered."""
    rate, aht, patience, n, awt = flat(rate, pool.aht, pool.patience, pool.n, pool.awt)
    if pool.lines is not None:
        places = np.ascontiguousarray((pool.lines - pool.n).ravel(), dtype=np.int64)
        found = np.asarray(finite_rows(rate, aht, patience, n, places, awt))
        answered = 1.0 - found[:, 2:3] - found[:, 6:7]
        return np.concatenate((found, answered), axis=1).reshape(*pool.rate.shape, 9)
    out = np.zeros((rate.size, 9))
    patient = np.isinf(patience)
    if patient.any():
        out[np.ix_(patient, ROW)] = erlang_c_rows(rate[patient], aht[patient], n[patient], awt[patient])
    if not patient.all():
        rest = ~patient
        out[np.ix_(rest, ROW)] = erlang_a_rows(rate[rest], aht[rest], patience[rest], n[rest], awt[rest])
    return out.reshape(*pool.rate.shape, 9)


def _attempts(pool: _Pool) -> tuple[Floats, Floats]:
    """Rate of all attempts, and the rows at it."""
    again = (pool.redial > 0.0) & (pool.rate > 0.0)
    found = pool.rate.copy()
    if again.any():
        found[again] = _settled(_part(pool, again))
    return found, _rows(pool, found)


def _part(pool: _Pool, where: NDArray[Any]) -> _Pool:
    """Some of the pools, in one row."""
    every = {f.name: getattr(pool, f.name) for f in fields(pool)}
    part: dict[str, Any] = {name: None if x is None else x[where] for name, x in every.items()}
    return _Pool(**part)


def _settled(pool: _Pool) -> Floats:
    """Rate of all attempts of pools in one row whose unserved contacts call again.

    rate (1 - redial + redial x served) grows with the rate, so the fixed point is unique; it lies below
    first / (1 - redial), and below the capacity where everybody who was not served calls again.
    """

    def excess(rate: Floats, which: NDArray[np.int64]) -> Floats:
        part = _part(pool, which)
        return np.asarray(rate * (1.0 - part.redial + part.redial * _rows(part, rate)[..., 8]) - part.rate)

    every, certain = np.arange(pool.rate.size), pool.redial >= 1.0
    _refuse_endless(pool, certain & (pool.rate * pool.aht >= HOUR * pool.n))
    most = np.where(certain, np.inf, pool.rate / np.where(certain, 1.0, 1.0 - pool.redial) * (1.0 + 1e-12))
    low = high = pool.rate
    for _ in range(DOUBLINGS):
        missing = (excess(high, every) < 0.0) & (high < most)
        if not missing.any():
            break
        low, high = np.where(missing, high, low), np.where(missing, np.minimum(2.0 * high, most), high)
    else:
        _refuse_endless(pool, missing)
    root = elementwise.find_root(excess, (low, high), args=(every,), tolerances={"xrtol": FIXED_POINT})
    return np.where(root.success, root.x, high)  # next to nobody calls again: rounding hides the change of sign


def _refuse_endless(pool: _Pool, bad: NDArray[np.bool_]) -> None:
    if bad.any():
        msg = (
            f"redial = {float(pool.redial[bad][0]):g}: redials grow without bound; unserved contacts call again faster "
            "than they are served; give more agents or a smaller redial"
        )
        raise UnstableError(msg)
