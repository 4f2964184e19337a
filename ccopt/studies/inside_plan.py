"""How far a plan for steady intervals is off inside its busiest day: group model against the exact day, by group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ccopt.design import Design
from ccopt.queueing import ErlangA
from ccopt.queueing.time_varying import TimeVaryingPool
from ccopt.scenario.entities import Scenario
from ccopt.scenario.periods import calendar_periods
from ccopt.staffing.network_model import NetworkModel

PATIENT_S = 1e7


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
        difference by interval, weighted by contacts), ``worst`` (largest shortfall of an interval).

    Raises
    ------
    ValueError
        No calendar.
    """
    made = calendar_periods(scenario)
    model = NetworkModel(scenario, design)
    rates, _ = model.settled(model.agents)
    per_day = 1440 // made.intervals.minutes
    day = made.intervals.start // 1440
    rows = []
    for g, (site, skill) in enumerate(model.network.groups):
        own = rates[g][:, made.period]
        days, where = np.unique(day, return_inverse=True)
        volume = np.bincount(where, weights=own.sum(axis=0)) * (np.bincount(where) == per_day)
        if not volume.any():
            continue
        busiest = int(days[int(np.argmax(volume))])
        at = np.flatnonzero(day == busiest)
        mine, agents = own[:, at], model.agents[g][made.period[at]]
        total = mine.sum(axis=0)
        aht = np.array([k.aht_s for k in model.kinds[g]]) @ mine
        stay = np.array([min(k.patience_s, PATIENT_S) for k in model.kinds[g]]) @ mine
        mean_aht, patience = (np.where(total > 0, x / np.maximum(total, 1e-12), x.sum() / total.sum()) for x in (aht, stay))
        pool = TimeVaryingPool(contacts_per_hour=total, aht_s=mean_aht, patience_s=patience,
                               interval_s=60.0 * made.intervals.minutes, start="periodic")  # fmt: skip
        exact = pool.performance(agents, awt_s).service_level()
        staffed = np.maximum(agents, 1)
        steady = np.asarray(ErlangA(contacts_per_hour=total, aht_s=mean_aht, patience_s=patience).performance(
            agents=staffed, awt_s=awt_s).service_level)  # fmt: skip
        busy = total > 0
        gap = (steady - exact)[busy]
        rows.append({
            "site": site, "skill_set": skill, "day": str(np.datetime64("1970-01-01") + busiest),
            "contacts": float(total.sum()) * made.intervals.minutes / 60, "steady": float(np.average(steady, weights=total)),
            "exact": float(np.average(exact, weights=total)), "error": float(np.average(np.abs(gap), weights=total[busy])),
            "worst": float(gap.max()),
        })  # fmt: skip
    return pd.DataFrame(rows)
