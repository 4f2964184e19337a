"""One pool through a day: agents per interval by three rules, judged exactly, with the error of each rule stated.

*Stationary* takes every interval for itself; *lagged* takes the rates one mean handle time earlier; *modified offered load*
takes the load that unlimited agents would carry at that time of day (`ccopt.queueing.time_varying`). The judge carries the
distribution of the queue from interval to interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, lil_array

from ccopt.kpis import ServiceLevel, Target
from ccopt.queueing import ErlangA, ErlangC, required_agents
from ccopt.queueing.time_varying import DayPerformance, TimeVaryingPool, modified_offered_load

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rule = Literal["stationary", "lagged", "modified offered load"]
RULES: tuple[Rule, ...] = ("stationary", "lagged", "modified offered load")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPool:
    """One pool: contacts per hour by interval, mean handle time, patience (None: nobody leaves), length of an interval."""

    contacts_per_hour: ArrayLike
    aht_s: float
    interval_min: int = 30
    patience_s: float | None = None

    @property
    def rates(self) -> Floats:
        """(T,) contacts per hour."""
        return np.asarray(self.contacts_per_hour, dtype=float)

    def exact(self, agents: ArrayLike, awt_s: float = 20.0) -> DayPerformance:
        """The day with given agents, exactly; the day repeats for ever."""
        pool = TimeVaryingPool(
            contacts_per_hour=self.rates, aht_s=self.aht_s, interval_s=60.0 * self.interval_min,
            patience_s=np.inf if self.patience_s is None else self.patience_s, start="periodic",
        )  # fmt: skip
        return pool.performance(agents, awt_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStaffing:
    """A rule and its error.

    Attributes
    ----------
    rule
        Its name.
    agents
        (T,) agents.
    promised, exact
        (T,) service level that the rule's own model expects, and the exact one.
    exact_day
        All exact indicators.
    """

    rule: Rule
    agents: Ints
    promised: Floats
    exact: Floats
    exact_day: DayPerformance

    @property
    def error(self) -> float:
        """Mean absolute difference between expected and exact service level, weighted by contacts."""
        return float(np.average(np.abs(self.promised - self.exact), weights=self.exact_day.offered))

    @property
    def worst(self) -> float:
        """Largest shortfall of the exact service level below the expected one."""
        return float((self.promised - self.exact)[self.exact_day.offered > 0].max(initial=0.0))


def effective_rates(pool: DayPool, rule: Rule) -> Floats:
    """(T,) rates that a rule staffs for: those of the interval, those one handle time earlier, or load / handle time.

    Examples
    --------
    >>> pool = DayPool(contacts_per_hour=[0.0, 100.0, 0.0], aht_s=900.0, interval_min=30)
    >>> effective_rates(pool, "lagged").tolist()
    [0.0, 50.0, 50.0]
    """
    rates = pool.rates
    if rule == "stationary":
        return rates
    if rule == "lagged":
        shift = pool.aht_s / (60.0 * pool.interval_min)
        whole = int(shift)
        part = shift - whole
        return np.asarray((1.0 - part) * np.roll(rates, whole) + part * np.roll(rates, whole + 1))
    load = modified_offered_load(rates, pool.aht_s, interval_s=60.0 * pool.interval_min, start="periodic")
    return np.asarray(load * 3600.0 / pool.aht_s)


def staff_day(pool: DayPool, targets: Sequence[Target], *, rule: Rule = "modified offered load") -> DayStaffing:
    """Fewest agents per interval by a rule, judged exactly.

    Parameters
    ----------
    pool
        Rates and times; the day repeats for ever.
    targets
        Promises in every interval.
    rule
        One of `RULES`.

    Raises
    ------
    ValueError
        Unknown rule, or rates that are not a list.

    Examples
    --------
    >>> pool = DayPool(contacts_per_hour=[20, 60, 120, 60] * 6, aht_s=600.0, interval_min=60, patience_s=300.0)
    >>> by_rule = {r: staff_day(pool, [ServiceLevel(0.8, 20)], rule=r).error for r in RULES}
    >>> by_rule["modified offered load"] < by_rule["stationary"]
    True
    """
    if rule not in RULES:
        msg = f"rule = {rule!r}: have {list(RULES)}"
        raise ValueError(msg)
    rates = effective_rates(pool, rule)
    awt = next((t.awt_s for t in targets if isinstance(t, ServiceLevel)), 20.0)
    model = (
        ErlangC(contacts_per_hour=rates, aht_s=pool.aht_s) if pool.patience_s is None
        else ErlangA(contacts_per_hour=rates, aht_s=pool.aht_s, patience_s=pool.patience_s)
    )  # fmt: skip
    agents = np.asarray(required_agents(model, list(targets)), dtype=np.int64)
    agents = np.where(pool.rates > 0, np.maximum(agents, 1), agents)
    promised = np.asarray(model.performance(agents=agents, awt_s=awt).service_level)
    day = pool.exact(agents, awt)
    return DayStaffing(rule=rule, agents=agents, promised=promised, exact=day.service_level(), exact_day=day)


def compare_rules(pool: DayPool, targets: Sequence[Target]) -> pd.DataFrame:
    """One row per rule: agent-hours, mean and worst error of its promise, worst exact service level."""
    rows = {}
    for rule in RULES:
        s = staff_day(pool, targets, rule=rule)
        busy = s.exact_day.offered > 0
        rows[rule] = {
            "agent_hours": float(s.agents.sum()) * pool.interval_min / 60, "error": s.error, "worst_shortfall": s.worst,
            "least_service_level": float(s.exact[busy].min()), "service_level": s.exact_day.day().service_level,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValleyPlan:
    """Deferrable work in the idle time of agents: (A, T) hours worked by arrival interval, extra agent-hours per interval."""

    worked_h: Floats
    extra_h: Floats

    @property
    def done_h(self) -> Floats:
        """(T,) deferrable hours worked per interval."""
        return np.asarray(self.worked_h.sum(axis=0))


def fill_valleys(arriving_h: ArrayLike, idle_h: ArrayLike, *, due_intervals: int, extra_cost: ArrayLike = 1.0) -> ValleyPlan:
    r"""Put deferrable work into idle time before it is due, at the least extra agent-hours.

    .. math:: \min \sum_t c_t e_t \quad \text{s.t.} \quad \sum_{t=a}^{a+d} x_{at} = w_a, \; \sum_a x_{at} \le f_t + e_t

    with work :math:`w_a` that arrives in interval a, idle hours :math:`f_t`, due time d in intervals (the interval of
    arrival counts as the first). The row of intervals is circular (a day or a week that repeats).

    Parameters
    ----------
    arriving_h, idle_h
        (T,) hours of work that arrive, and hours of agents present without contacts.
    due_intervals
        Intervals within which work is done, at most T.
    extra_cost
        Cost of an extra agent-hour, one number or (T,).

    Raises
    ------
    ValueError
        Negative or missing numbers, or a due time outside 1..T.

    Examples
    --------
    >>> plan = fill_valleys([4.0, 0, 0, 0], [1.0, 1.0, 1.0, 1.0], due_intervals=3)
    >>> float(plan.done_h.sum()), float(plan.extra_h.sum())
    (4.0, 1.0)
    """
    work, idle = (np.asarray(x, dtype=float) for x in (arriving_h, idle_h))
    if work.shape != idle.shape or work.ndim != 1 or not (np.isfinite(work).all() and np.isfinite(idle).all()):
        msg = f"arriving_h has shape {work.shape}, idle_h {idle.shape}: must be two lists of equal length without gaps"
        raise ValueError(msg)
    if (work < 0).any() or (idle < 0).any():
        msg = "arriving_h, idle_h: must not be negative"
        raise ValueError(msg)
    count = work.size
    if not 1 <= due_intervals <= count:
        msg = f"due_intervals = {due_intervals}: must be between 1 and {count}"
        raise ValueError(msg)
    pairs = [(int(a), (int(a) + k) % count) for a in np.flatnonzero(work) for k in range(due_intervals)]
    size = len(pairs) + count
    cost = np.concatenate([np.zeros(len(pairs)), np.broadcast_to(np.asarray(extra_cost, dtype=float), (count,))])
    equal, most = lil_array((count, size)), lil_array((count, size))
    for i, (a, t) in enumerate(pairs):
        equal[a, i] = 1.0
        most[t, i] = 1.0
    for t in range(count):
        most[t, len(pairs) + t] = -1.0
    rules = [LinearConstraint(csr_array(most), ub=idle), LinearConstraint(csr_array(equal), lb=work, ub=work)]
    done = milp(cost, bounds=Bounds(0, np.inf), constraints=rules)  # without whole numbers: a linear programme
    if done.x is None:
        msg = f"the linear programme ended with: {done.message}"
        raise ValueError(msg)
    worked = np.zeros((count, count))
    for (a, t), x in zip(pairs, done.x, strict=False):
        worked[a, t] += x
    return ValleyPlan(worked_h=worked, extra_h=np.asarray(done.x[len(pairs) :]))
