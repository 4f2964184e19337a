"""Several classes of customers in one pool, served by rank: non-preemptive priorities on n agents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import diags_array
from scipy.sparse.linalg import splu

from ccopt.errors import UnstableError
from ccopt.kpis import Basis
from ccopt.queueing.checking import members, refuse
from ccopt.queueing.models.common import LONG, TIME, Row, Rule, assembled, checked, idle_row
from ccopt.queueing.models.conditional_waits import chance, log_idle_weight
from ccopt.queueing.models.log_tails import LogTails
from ccopt.queueing.models.ranked_tails import log_late
from ccopt.queueing.performance import Performance
from ccopt.queueing.time_varying.uniformisation import transient

Floats = NDArray[np.float64]
CUT = 1e-16
MOST_WAITING = 200_000
STEPS = 30_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerClass:
    """A class of customers (a client, a contact type): its name and arrival rate. Order in the list is the rank."""

    name: str
    contacts_per_hour: float

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            refuse("name", self.name, "must be the name of a class")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityPool(LogTails):
    r"""M/M/n(+M) with non-preemptive priorities and first come, first served within a class.

    An agent who becomes free takes the customer of the highest rank who has waited longest; nobody is interrupted. Handle
    times and patience are exponential with the same mean in all classes. While all agents are busy the number waiting
    in the k highest classes together is a birth-death chain of its own, hence the exact queues by class; without
    abandonment the mean waits are Cobham's :math:`W_k = C h / n / ((1 - \sigma_{k-1}) (1 - \sigma_k))`, sigma the load of
    the k highest classes per agent. The wait of a class is the time in which a chain of those ahead (higher classes may
    overtake) comes to 0.

    Parameters
    ----------
    classes
        Classes from the highest rank down.
    aht_s, patience_s
        Mean handle time and mean patience (infinite: nobody leaves) of all.
    of
        Name of the class that `performance` and the staffing searches look at; None: the average over contacts.

    Notes
    -----
    Exact under these assumptions. With unlike handle times the mean waits of an approximation are off; simulate.

    References
    ----------
    A. Cobham (1954), Priority assignment in waiting line problems, Operations Research 2, 70-76; R. H. Davis (1966),
    Waiting-time distribution of a multi-server priority queue, Operations Research 14, 133-136.

    Examples
    --------
    Hanisch, priority-queue-demo: one server, load 0.9, a fifth of the contacts has priority; waits in handle times.

    >>> classes = [CustomerClass(name="gold", contacts_per_hour=0.18), CustomerClass(name="rest", contacts_per_hour=0.72)]
    >>> pool = PriorityPool(classes=classes, aht_s=3600.0)
    >>> (pool.by_class(1).mean_wait_s / 3600).round(5)
    array([ 1.09756, 10.97561])
    """

    classes: Sequence[CustomerClass]
    aht_s: ArrayLike
    patience_s: ArrayLike = math.inf
    of: str | None = None
    rules: ClassVar[Mapping[str, Rule]] = {"aht_s": TIME, "patience_s": LONG}

    def row(self, agents: float, awt_s: float, values: Mapping[str, float]) -> Row:
        """The class asked for, or the average over contacts."""
        rates = self._rates()
        rows = priority_rows(rates / 3600.0, values["aht_s"], values["patience_s"], agents=agents, awt_s=awt_s)
        looked_at = self._looked_at()
        return _average(rows, rates) if looked_at is None else rows[looked_at]

    def contacts_of(self, values: Mapping[str, float]) -> float:
        """Of all classes."""
        del values
        return float(self._rates().sum())

    def log_tail_of(self, agents: float, wait_s: float, values: Mapping[str, float]) -> float:
        """Of the class asked for, or of the average over contacts: chance to wait, times the chain of those ahead."""
        rates, aht, leave = self._rates() / 3600.0, values["aht_s"], 1.0 / values["patience_s"]
        total, looked_at = float(rates.sum()), self._looked_at()
        log_wait = -float(np.logaddexp(0.0, _log_odds(total, aht, agents, leave)))
        above = np.concatenate([[0.0], np.cumsum(rates)])
        used = np.flatnonzero(rates > 0.0) if looked_at is None else [looked_at]
        tails = [log_late(float(above[k]), float(rates[k]), agents / aht, leave, wait_s) for k in used]
        shares = np.log(rates[used] / total) if looked_at is None else np.zeros(1)
        return min(log_wait + float(np.logaddexp.reduce(np.array(tails) + shares)), 0.0)

    def _looked_at(self) -> int | None:
        """Index of the class asked for; None: all of them."""
        if self.of is None:
            return None
        names = [c.name for c in self.classes]
        if not isinstance(self.of, str) or self.of not in names:
            msg = f"of = {self.of!r}: no such class; have {names}"
            raise ValueError(msg)
        return names.index(self.of)

    def by_class(self, agents: float, awt_s: float = 20.0, *, basis: Basis = "offered") -> Performance:
        """Indicators of every class, arrays in the order of ``classes``; occupancy is of the whole pool."""
        values = {name: float(checked(name, getattr(self, name), rule)) for name, rule in self.rules.items()}
        n, awt = float(checked("agents", agents, Rule())), float(checked("awt_s", awt_s, Rule()))
        rates = self._rates()
        rows = np.empty(rates.size, dtype=object)
        rows[:] = priority_rows(rates / 3600.0, values["aht_s"], values["patience_s"], agents=n, awt_s=awt)
        return assembled(rows, np.full(rates.size, n), basis)

    def _rates(self) -> Floats:
        found = members("classes", self.classes, CustomerClass, '[CustomerClass(name="gold", contacts_per_hour=80)]')
        if not found:
            msg = "classes: at least one class is needed"
            raise ValueError(msg)
        return np.array([
            float(checked(f"classes[{i}].contacts_per_hour", c.contacts_per_hour, Rule())) for i, c in enumerate(found)
        ])  # fmt: skip


def _average(rows: Sequence[Row], rates: Floats) -> Row:
    total = float(rates.sum())
    if total == 0.0:
        return idle_row()
    share = rates / total
    mean = {name: float(sum(s * getattr(r, name) for s, r in zip(share, rows, strict=True))) for name in Row.__dataclass_fields__}
    mean["load"] = float(sum(r.load for r in rows))
    mean["queue_length"] = float(sum(r.queue_length for r in rows))
    return Row(**mean)


def priority_rows(rates: Floats, aht_s: float, patience_s: float, *, agents: float, awt_s: float) -> list[Row]:
    """Rows by class; rates per second from the highest rank down.

    Raises
    ------
    UnstableError
        Nobody leaves and the load reaches the agents.
    """
    total = float(rates.sum())
    leave, drain = 1.0 / patience_s, agents / aht_s
    if total == 0.0:
        return [idle_row() for _ in rates]
    if leave == 0.0 and total >= drain:
        msg = f"agents = {agents:g}: the load is {total * aht_s:g} erlangs and nobody leaves; more agents, or a finite patience_s"
        raise UnstableError(msg)
    if agents <= 0.0:
        left = -math.expm1(-awt_s * leave)
        return [Row(wait=1.0, in_time=0.0, abandonment=1.0, early=left, virtual=0.0, served_wait_s=0.0, mean_wait_s=patience_s,
                    blocking=0.0, load=r * aht_s, busy=0.0, queue_length=r * patience_s) for r in rates]  # fmt: skip
    wait = chance(_log_odds(total, aht_s, agents, leave), 0.0)
    rows, above, length_above = [], 0.0, 0.0
    for rate in rates:
        here = _queue(above + rate, drain, leave)
        here /= here.sum()
        length = wait * float(np.arange(here.size) @ here)
        waits = _waits(above, drain, leave, ahead=here, awt_s=awt_s)
        mean = (length - length_above) / rate if rate > 0.0 else wait * waits[4]
        rows.append(_row(rate, aht_s, wait, leave, waits=waits, mean_wait=mean))
        above, length_above = above + rate, length
    busy = sum(r.load * (1.0 - r.abandonment) for r in rows)
    return [Row(**{**{n: getattr(r, n) for n in Row.__dataclass_fields__}, "busy": busy}) for r in rows]


def _log_odds(total: float, aht_s: float, agents: float, leave: float) -> float:
    """Logarithm of P(nobody waits) over P(wait)."""
    queue, drain = _queue(total, agents / aht_s, leave), agents / aht_s
    return log_idle_weight(agents, total * aht_s) - math.log(total) - float(np.log(queue.sum())) + math.log(drain)


def _row(rate: float, aht_s: float, wait: float, leave: float, *, waits: Floats, mean_wait: float) -> Row:
    abandonment = leave * mean_wait
    return Row(
        wait=wait, in_time=1.0 - wait + wait * float(waits[0]), abandonment=abandonment, early=wait * float(waits[1]),
        virtual=1.0 - wait * (1.0 - float(waits[2])), served_wait_s=wait * float(waits[3]), mean_wait_s=mean_wait,
        blocking=0.0, load=rate * aht_s, busy=0.0, queue_length=rate * mean_wait,
    )  # fmt: skip


def _queue(rate: float, drain: float, leave: float) -> Floats:
    """Weights of 0, 1, 2, ... waiting while all are busy, relative to none, until they no longer count.

    Raises
    ------
    ValueError
        More than `MOST_WAITING` states count.
    """
    if rate == 0.0:
        return np.ones(1)
    size = 256
    while True:
        logs = np.concatenate([[0.0], np.cumsum(np.log(rate / (drain + leave * np.arange(1, size))))])
        weights = np.exp(logs - logs.max())
        if weights[-1] < CUT * weights.sum() and rate < drain + leave * size:
            used = int(np.flatnonzero(weights > CUT * weights.max())[-1]) + 1
            return np.asarray(weights[:used] * math.exp(min(float(logs.max()), 600.0)))
        size *= 2
        if size > MOST_WAITING:
            msg = f"agents: more than {MOST_WAITING} customers may wait; more agents, or a shorter patience_s"
            raise ValueError(msg)


def _waits(above: float, drain: float, leave: float, *, ahead: Floats, awt_s: float) -> Floats:
    """In time, early, virtual, served wait and mean wait of a customer who finds all busy and ``ahead`` before it.

    m customers ahead: one more at rate ``above``, one less at rate drain + m leave, answered at rate drain when m = 0.
    """
    size = max(4 * ahead.size, 64)
    m = np.arange(size)
    up, down = np.full(size, above), drain + leave * m
    up[-1] = 0.0
    chain = diags_array([down[1:], -(up + down), up[:-1]], offsets=[-1, 0, 1], format="csr")
    reach, rate = np.zeros(size), np.zeros(size)
    reach[: ahead.size] = ahead
    rate[0] = drain
    own = chain - diags_array(np.full(size, leave), format="csr") if leave > 0.0 else chain
    served, served_wait, waited = _ever(own, reach, rate)
    fastest = above + float(down.max()) + leave
    in_time = _by_time(own, reach, rate, awt_s, ever=served, fastest=fastest)
    if leave == 0.0:
        return np.array([in_time, 0.0, in_time, served_wait, waited])
    left = _by_time(own, reach, np.full(size, leave), awt_s, ever=1.0 - served, fastest=fastest)
    virtual = _by_time(chain, reach, rate, awt_s, ever=1.0, fastest=fastest)
    return np.array([in_time, left, virtual, served_wait, waited])


def _by_time(chain: Any, start: Floats, rate: Floats, time: float, *, ever: float, fastest: float) -> float:
    """Share that ends at ``rate`` within a time; ``ever`` is the share without end.

    Times of more than `STEPS` transitions are reached by the rate of decay seen in the second half of that span, when
    only the slowest mode is left.
    """
    span = STEPS / fastest
    if time <= span:
        return float(rate @ transient(chain.T, start, np.array([time]), fastest=fastest)[1][0])
    half, full = (float(x @ rate) for x in transient(chain.T, start, np.array([0.5 * span, span]), fastest=fastest)[1])
    rest, before = ever - full, ever - half
    if rest <= 1e-13 or before <= rest:
        return full
    decay: float = (rest / before) ** ((time - span) / (0.5 * span))
    return ever - rest * decay


def _ever(chain: Any, start: Floats, rate: Floats) -> tuple[float, float, float]:
    """Share answered at all, their wait, and the wait of all."""
    solver = splu((-chain.T).tocsc())
    time = solver.solve(start)
    return float(rate @ time), float(rate @ solver.solve(time)), float(time.sum())
