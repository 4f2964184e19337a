"""Quick indicators of a day: stationary formulas fed with a rate that stands for what the pool feels in each interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.kpis import Basis
from ccopt.queueing.checking import choice, number, numbers
from ccopt.queueing.erlang_a import ErlangA
from ccopt.queueing.performance import Performance
from ccopt.queueing.time_varying.offered_load import modified_offered_load

Floats = NDArray[np.float64]
Method = Literal["stationary", "lagged", "modified_load", "fluid"]
METHODS = ("stationary", "lagged", "modified_load", "fluid")
STEPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproximateDay:
    """Erlang A per interval with an effective rate: milliseconds where `TimeVaryingPool` takes seconds.

    Parameters
    ----------
    contacts_per_hour
        Rates, shape (T,).
    aht_s, patience_s, interval_s
        Mean handle time, (finite) mean patience, length of an interval in seconds.
    method
        ``stationary``: the rate of the interval (SIPP); ``lagged``: the rate one handle time earlier; ``modified_load``: the
        rate whose load is the modified offered load; ``fluid``: the outflow of a fluid queue with the given staff, which
        carries backlog over.
    start
        ``empty`` or ``steady`` (the first interval has lasted for ever).

    Notes
    -----
    An approximation whose error grows with handle time over interval. Half-hours with 10 and 50 erlangs and 5 to 60 minutes
    of handle time, against the exact `TimeVaryingPool` (``benchmarks/nightly/day_approximations.py``; mean of the days /
    largest half-hour, points of service level): ``fluid`` 1.1 to 2.2 / 7.6, ``modified_load`` 2.1 to 3.9 / 21, ``lagged`` 2.1
    to 11 / 38, ``stationary`` 3.0 to 31 / 71. With errors of points a logarithm of the tail would mean nothing; there is none.

    References
    ----------
    L. Green, P. Kolesar, W. Whitt (2007), Coping with time-varying demand when setting staffing requirements for a service
    system, POM 16, 13-39.

    Examples
    --------
    >>> day = ApproximateDay(contacts_per_hour=[60, 120, 60], aht_s=900, patience_s=600, interval_s=1800, method="fluid")
    >>> day.performance([18, 30, 24]).service_level.round(2)
    array([0.8 , 0.92, 0.8 ])
    """

    contacts_per_hour: ArrayLike
    aht_s: float
    patience_s: float
    interval_s: float
    method: Method = "fluid"
    start: Literal["empty", "steady"] = "steady"

    def performance(self, agents: ArrayLike, awt_s: float = 20.0, *, basis: Basis = "offered") -> Performance:
        """Indicators per interval, arrays of shape (T,); agents may be real numbers.

        Raises
        ------
        ValueError
            Values out of range, unknown methods, shapes that do not fit.
        """
        rate = self.effective_rates(agents)
        return ErlangA(contacts_per_hour=rate, aht_s=self.aht_s, patience_s=self.patience_s).performance(agents, awt_s, basis=basis)

    def effective_rates(self, agents: ArrayLike) -> Floats:
        """Contacts per hour that stand for each interval."""
        rates = numbers("contacts_per_hour", self.contacts_per_hour)
        if rates.ndim != 1 or rates.size == 0:
            msg = f"contacts_per_hour = {self.contacts_per_hour!r}: must be a list of rates, one per interval"
            raise ValueError(msg)
        for name, value, allowed in (("method", self.method, METHODS), ("start", self.start, ("empty", "steady"))):
            choice(name, value, allowed)
        aht, length = (number(n, v, above=0.0) for n, v in (("aht_s", self.aht_s), ("interval_s", self.interval_s)))
        patience = number("patience_s", self.patience_s, above=0.0)
        staff = numbers("agents", agents)
        if staff.shape not in ((), rates.shape):
            msg = f"agents: must be one number or {rates.size} numbers, one per interval"
            raise ValueError(msg)
        if self.method == "stationary":
            return rates
        if self.method == "modified_load":
            return modified_offered_load(rates, aht, interval_s=length, start=self.start) * 3600.0 / aht
        if self.method == "lagged":
            return self._lagged(rates, aht, length)
        return self._fluid(rates, np.broadcast_to(staff, rates.shape), (aht, patience, length))

    def _lagged(self, rates: Floats, aht: float, length: float) -> Floats:
        edges = length * np.arange(rates.size + 1, dtype=np.float64)
        total = np.concatenate([[0.0], np.cumsum(rates * length)])
        before = float(rates[0]) if self.start == "steady" else 0.0
        shifted = edges - aht
        return np.diff(np.where(shifted < 0.0, before * shifted, np.interp(shifted, edges, total))) / length

    def _fluid(self, rates: Floats, staff: Floats, times: tuple[float, float, float]) -> Floats:
        aht, patience, length = times
        present = 0.0
        if self.start == "steady":
            load, n = float(rates[0]) * aht / 3600.0, float(staff[0])
            present = load if load <= n else n + (load - n) * patience / aht
        found = np.empty(rates.size)
        count = max(STEPS, int(np.ceil(20.0 * length / min(aht, patience))))
        step = length / count
        for i, (rate, n) in enumerate(zip(rates / 3600.0, staff, strict=True)):
            out = 0.0
            for _ in range(count):  # midpoint rule
                half = present + 0.5 * step * (rate - _outflow(present, n, aht, patience))
                flow = _outflow(half, n, aht, patience)
                present += step * (rate - flow)
                out += flow * step
            found[i] = max(out, 0.0) / length * 3600.0
        return found


def _outflow(present: float, agents: float, aht: float, patience: float) -> float:
    return min(present, agents) / aht + max(present - agents, 0.0) / patience
