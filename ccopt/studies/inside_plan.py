"""How far a plan for steady intervals is off inside its busiest day, and the staff that follows the lagging load.

The exact day (`ccopt.queueing.time_varying`) judges both: the plan's agents, and agents for the modified offered load, the
load that unlimited agents would carry at that time of day, which comes later and is lower than the peak of arrivals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ccopt.design import Design
from ccopt.queueing import ErlangA
from ccopt.queueing.time_varying import TimeVaryingPool, modified_offered_load
from ccopt.scenario.entities import Scenario
from ccopt.scenario.periods import calendar_periods
from ccopt.staffing.network_model import NetworkModel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PATIENT_S = 1e7
MORE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideDay:
    """A plan inside its busiest day: see `error_inside_day` for the columns of ``table``."""

    table: pd.DataFrame

    def summary(self) -> str:
        """One sentence for the report."""
        weight = self.table["contacts"]
        error, worst = float(np.average(self.table["error"], weights=weight)), float(self.table["worst"].max())
        mended = float(self.table["worst_corrected"].max())
        hours = float(self.table["agent_hours_corrected"].sum() / self.table["agent_hours"].sum() - 1.0)
        return (
            f"Inside the busiest day the exact service level differs from the steady one by {100 * error:.1f} points on average "
            f"and falls short by {100 * worst:.1f} points at worst; agents that follow the lagging load take {hours:+.1%} "
            f"agent-hours and fall short by {100 * mended:.1f} points at worst"
        )


def busiest_day(scenario: Scenario, design: Design, *, awt_s: float = 20.0) -> InsideDay:
    """`error_inside_day` as a result that a report shows."""
    return InsideDay(table=error_inside_day(scenario, design, awt_s=awt_s))


def error_inside_day(scenario: Scenario, design: Design, *, awt_s: float = 20.0) -> pd.DataFrame:
    """Service level of every group on its busiest day (UTC): steady in every interval, and exact.

    Types of a group share its mean handle time and mean patience here, so the two columns differ only by what happens
    between intervals.

    Parameters
    ----------
    scenario
        With a calendar.
    design
        A fixed split.
    awt_s
        Acceptable wait.

    Returns
    -------
    pandas.DataFrame
        One row per group: day, contacts, ``steady`` and ``exact`` service level of the day, ``error`` (mean absolute
        difference by interval, weighted by contacts), ``worst`` (largest shortfall of an interval), ``agent_hours``; and
        with the fewest agents for the modified offered load: ``agent_hours_corrected``, ``exact_corrected``,
        ``worst_corrected`` (largest shortfall of the exact level below what the rule promises).

    Raises
    ------
    ValueError
        No calendar.
    """
    made = calendar_periods(scenario)
    model = NetworkModel(scenario, design)
    rates, _ = model.settled(model.agents)
    day = made.intervals.start // 1440
    rows = []
    for g in range(len(model.network.groups)):
        own = rates[g][:, made.period]
        busiest = _busiest(day, own.sum(axis=0), 1440 // made.intervals.minutes)
        if busiest is not None:
            at = np.flatnonzero(day == busiest)
            pool = _Pool(model, g, own[:, at], made.intervals.minutes)
            rows.append(_row(pool, model.agents[g][made.period[at]], busiest, awt_s))
    return pd.DataFrame(rows)


def _busiest(day: Ints, volume: Floats, per_day: int) -> int | None:
    """The whole day with most contacts."""
    days, where = np.unique(day, return_inverse=True)
    total = np.bincount(where, weights=volume) * (np.bincount(where) == per_day)
    return int(days[int(np.argmax(total))]) if total.any() else None


class _Pool:
    """A group on one day as a pool of the mean handle time and patience of its contacts."""

    def __init__(self, model: NetworkModel, g: int, rates: Floats, minutes: int) -> None:
        self.model, self.g, self.rates, self.minutes = model, g, rates, minutes
        self.total = total = rates.sum(axis=0)
        aht = np.array([k.aht_s for k in model.kinds[g]]) @ rates
        stay = np.array([min(k.patience_s, PATIENT_S) for k in model.kinds[g]]) @ rates
        self.aht, self.patience = (
            np.where(total > 0, x / np.maximum(total, 1e-12), x.sum() / total.sum()) for x in (aht, stay)
        )

    def exact(self, agents: Ints, awt_s: float) -> Floats:
        """Service level by interval; the day repeats."""
        pool = TimeVaryingPool(contacts_per_hour=self.total, aht_s=self.aht, patience_s=self.patience,
                               interval_s=60.0 * self.minutes, start="periodic")  # fmt: skip
        return np.asarray(pool.performance(agents, awt_s).service_level())

    def steady(self, rates: Floats, agents: Ints, awt_s: float) -> Floats:
        """Service level if every interval lasted for ever."""
        model = ErlangA(contacts_per_hour=rates, aht_s=self.aht, patience_s=self.patience)
        return np.asarray(model.performance(agents=np.maximum(agents, 1), awt_s=awt_s).service_level)

    def lagging(self) -> Floats:
        """Factor of the rates of each interval that gives its modified offered load."""
        mean = float(self.aht @ self.total / self.total.sum())
        load = modified_offered_load(self.total, mean, interval_s=60.0 * self.minutes, start="periodic")
        return np.asarray(np.divide(load * 3600.0 / mean, self.total, out=np.zeros_like(self.total), where=self.total > 0))

    def staffed(self, factor: Floats, guess: Ints) -> Ints:
        """Fewest agents that keep all promises of the group at rates times the factor; at least one where contacts come."""
        out = np.zeros_like(guess)
        for t in np.flatnonzero(self.total > 0):
            found = self.model.fewest(self.g, self.rates[:, t] * factor[t], int(guess[t]), int(guess[t]) + MORE)
            if found is None:
                site, skill = self.model.network.groups[self.g]
                msg = f"group {site}/{skill}: {MORE} more agents do not keep the promises at the lagging load"
                raise ValueError(msg)
            out[t] = max(found, 1)
        return out


def _row(pool: _Pool, agents: Ints, day: int, awt_s: float) -> dict[str, object]:
    total, busy = pool.total, pool.total > 0
    site, skill = pool.model.network.groups[pool.g]
    factor = pool.lagging()
    corrected = pool.staffed(factor, agents)
    steady, exact = pool.steady(total, agents, awt_s), pool.exact(agents, awt_s)
    promised, mended = pool.steady(np.where(busy, total * factor, 0.0), corrected, awt_s), pool.exact(corrected, awt_s)
    hours = pool.minutes / 60.0
    return {
        "site": site, "skill_set": skill, "day": str(np.datetime64("1970-01-01") + day), "contacts": float(total.sum()) * hours,
        "steady": float(np.average(steady, weights=total)), "exact": float(np.average(exact, weights=total)),
        "error": float(np.average(np.abs(steady - exact)[busy], weights=total[busy])), "worst": float((steady - exact)[busy].max()),
        "agent_hours": float(agents.sum()) * hours, "agent_hours_corrected": float(corrected.sum()) * hours,
        "exact_corrected": float(np.average(mended, weights=total)), "worst_corrected": float((promised - mended)[busy].max()),
    }  # fmt: skip
