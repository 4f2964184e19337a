r"""A plan whose cost holds its shifts: wages carry a proven factor of paid hours over hours at work.

The optimiser pays agents by the interval. Shifts pay more: paid hours P of the least cover of the agents n obey

.. math:: f_0 \sum_t n_t \le P, \qquad f_0 = \min_s \frac{p_s}{w_s}

with paid hours p and working hours w of a shift, because every cover works at least the hours needed. So a bound at wages
times :math:`f_0` is a bound of the cost with shifts, for every design. For the plan, wages times the factor of a cover that
was found (a number of real shifts) are a cost at which the plan can be staffed; the bound of the covering programme says
how far below another cover could go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ccopt.costs import cost_of
from ccopt.design import Design, Plan
from ccopt.scenario.entities import Scenario
from ccopt.staffing.network_model import NetworkModel
from ccopt.studies.paying_shifts import PaidHours, paid_hours, patterns_of
from ccopt.studies.selling_plans import optimise
from ccopt.studies.shift_cover import shifts_of

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPlan:
    """A plan with its shifts.

    Attributes
    ----------
    plan
        Of the scenario with wages times ``factor``; its ``lower_bound`` is that of the priced scenario.
    paid
        Covers of its agents.
    factor
        Paid hours per hour at work, by site, that the plan was priced with.
    by_day_type
        One row per site kind and day type: hours needed, paid, at least paid, ``factor`` = paid / needed and
        ``least_factor`` = bound / needed.
    cost_per_year
        With wages times ``factor``: never below ``cost_of_shifts``, what the covers pay.
    least_cost_of_shifts
        Of this design, with the bound of every covering programme.
    lower_bound
        Below the cost with shifts of every design.
    """

    plan: Plan
    paid: PaidHours
    factor: Mapping[str, float]
    by_day_type: pd.DataFrame
    cost_per_year: float
    cost_of_shifts: float
    least_cost_of_shifts: float
    lower_bound: float | None

    @property
    def slack(self) -> float:
        """Share by which the plan's cost may exceed that of the best shifts for its agents."""
        return self.cost_per_year / self.least_cost_of_shifts - 1.0

    def summary(self) -> str:
        """One sentence for the report."""
        proof = "" if self.lower_bound is None else f"; no design with shifts costs less than {self.lower_bound:,.0f}"
        return (
            f"With shifts the plan costs {self.cost_per_year:,.0f} a year (paid hours are {1 / self.paid.efficiency:.3f} times "
            f"the hours at work); the covers found pay {self.cost_of_shifts:,.0f}, and no cover of these agents less than "
            f"{self.least_cost_of_shifts:,.0f}{proof}"
        )


def least_factor(scenario: Scenario, site: str) -> float:
    """Paid hours that every cover pays for an hour at work: of the best shift alone; 1 where no pattern fits.

    Examples
    --------
    >>> import ccopt as cc
    >>> s = cc.load_instance("follow-the-sun")  # shifts of five hours, all of them paid and worked
    >>> least_factor(s, "Dublin by day")
    1.0
    """
    found = next(s for s in scenario.sites if s.name == site)
    if scenario.shifts is None or scenario.calendar is None:
        return 1.0
    minutes = scenario.calendar.interval_min
    shifts = shifts_of(patterns_of(scenario.shifts, found), minutes)
    ratios = [s.paid_h / (float(s.works.sum()) * minutes / 60.0) for s in shifts if s.works.any()]
    return min(ratios, default=1.0)


def plan_with_shifts(
    scenario: Scenario, *, gap: float = 0.01, time_limit_s: float = 30.0, seed: int = 0, rounds: int = 4,
    cover_limit_s: float = 5.0,
) -> ShiftPlan:  # fmt: skip
    """Optimise with wages that carry the hours which shifts pay, until the plan's cost holds its own shifts.

    Parameters
    ----------
    scenario
        With ``calendar`` and ``shifts``.
    gap, time_limit_s, seed
        Of each optimisation.
    rounds
        Most times that plan and covers are made again; after the last one the larger factor prices the plan as it is.
    cover_limit_s
        Seconds for each covering programme.

    Raises
    ------
    ValueError
        No calendar or no shifts.
    InfeasibleError
        No design meets the limits, or agents are needed when no shift works.
    """
    least = {s.name: least_factor(scenario, s.name) for s in scenario.sites}
    bound_plan = optimise(priced(scenario, least), gap=gap, time_limit_s=time_limit_s, seed=seed)
    plan, factor = bound_plan, dict(least)
    for _ in range(rounds):
        paid = paid_hours(scenario, plan.design, gap=gap / 4, time_limit_s=cover_limit_s)
        own = factors_of(paid, "paid_h")
        if all(own[s] <= factor[s] + TOLERANCE for s in own):
            break
        factor = {s: max(f, own.get(s, f)) for s, f in factor.items()}
        plan = optimise(priced(scenario, factor), gap=gap, time_limit_s=time_limit_s, seed=seed, start=plan.design)
    paid = paid_hours(scenario, plan.design, gap=gap / 4, time_limit_s=cover_limit_s)
    own = factors_of(paid, "paid_h")
    factor = {s: max(f, own.get(s, f)) for s, f in factor.items()}
    return ShiftPlan(
        plan=plan, paid=paid, factor=factor, by_day_type=_by_day_type(scenario, paid), lower_bound=bound_plan.lower_bound,
        cost_per_year=_cost(priced(scenario, factor), plan.design),
        cost_of_shifts=_cost(priced(scenario, least | own), plan.design),
        least_cost_of_shifts=_cost(priced(scenario, least | factors_of(paid, "bound_h")), plan.design),
    )  # fmt: skip


def factors_of(paid: PaidHours, hours: str) -> dict[str, float]:
    """Hours (``paid_h`` or ``bound_h``) per hour at work by site, where anybody works."""
    total = paid.groups.groupby("site")[["needed_h", hours]].sum()
    return {str(s): float(r[hours] / r["needed_h"]) for s, r in total.iterrows() if r["needed_h"] > 0}


def priced(scenario: Scenario, factor: Mapping[str, float]) -> Scenario:
    """The scenario with wages times a factor by site."""
    sites = tuple(s.model_copy(update={"wage_per_hour": s.wage_per_hour * factor.get(s.name, 1.0)}) for s in scenario.sites)
    return scenario.model_copy(update={"sites": sites})


def _cost(scenario: Scenario, design: Design) -> float:
    model = NetworkModel(scenario, design)
    _, answered = model.settled(model.agents)
    return cost_of(scenario, design, model.flows(answered)).cost_per_year


def _by_day_type(scenario: Scenario, paid: PaidHours) -> pd.DataFrame:
    kinds = {s.name: s.kind for s in scenario.sites}
    days = paid.days.assign(site_kind=paid.days["site"].map(kinds))
    hours = days[["needed_h", "paid_h", "bound_h"]].mul(days["days_per_year"], axis=0)
    table = hours.groupby([days["site_kind"], days["day_type"]]).sum()
    needed = table["needed_h"].replace(0.0, np.nan)
    return table.assign(factor=table["paid_h"] / needed, least_factor=table["bound_h"] / needed)
