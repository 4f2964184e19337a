"""What few periods hide: a design for the periods of a calendar, judged in every interval of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ccopt.costs import cost_of
from ccopt.design import Design
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation
from ccopt.scenario.entities import Scenario
from ccopt.scenario.periods import calendar_periods, unreduced
from ccopt.staffing.network_model import NetworkModel

MORE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarError:
    """A design for few periods against the whole calendar.

    Attributes
    ----------
    periods, intervals
        Periods of the scenario, and periods that the calendar needs without error.
    load_error
        Mean absolute difference of loads (see `ccopt.scenario.periods.CalendarPeriods`).
    cost_per_year
        Of the design as it stands.
    cost_by_interval
        With the fewest agents in every interval that keep all promises there, same routes: what the design really
        costs. ``cost_error`` is how much the few periods understate it (negative: overstate), as a share.
    service
        One row per contact type: contact-weighted service level and abandonment by the periods and by the intervals,
        and ``contacts_missed``, the share of contacts that arrive in intervals where a promise is broken.
    mended
        The design over all intervals with the fewest agents that keep the promises (for `ccopt.scenario.periods.unreduced`).
    """

    periods: int
    intervals: int
    load_error: float
    cost_per_year: float
    cost_by_interval: float
    service: pd.DataFrame
    mended: Design

    @property
    def cost_error(self) -> float:
        """Share by which the design is too cheap for its calendar."""
        return self.cost_by_interval / self.cost_per_year - 1.0

    def summary(self) -> str:
        """One sentence for the report."""
        missed = float(np.average(self.service["contacts_missed"], weights=self.service["contacts_per_year"]))
        return (
            f"{self.periods} periods stand for {self.intervals} different intervals: loads differ by {self.load_error:.1%}, "
            f"the design costs {self.cost_error:+.2%} when every interval keeps its promises, "
            f"{missed:.1%} of contacts arrive in intervals that the agents of their period do not suffice for"
        )


def design_by_interval(scenario: Scenario, design: Design) -> tuple[Scenario, Design]:
    """The scenario with all intervals of its calendar as periods, and the design carried over to them.

    Raises
    ------
    ValueError
        The scenario has no calendar.
    """
    few, full = calendar_periods(scenario), unreduced(scenario)
    many = calendar_periods(full)
    first = np.unique(many.period, return_index=True)[1]
    source = [int(p) for p in few.period[first]]
    groups = tuple(g.model_copy(update={"agents": tuple(g.agents[p] for p in source)}) for g in design.groups)
    routes = tuple(r.model_copy(update={"share": tuple(r.share[p] for p in source)}) for r in design.routes)
    offers = tuple(
        o.model_copy(update={"share": tuple(o.share[p] for p in source)}) if isinstance(o.share, tuple) else o
        for o in design.offers
    )
    return full, design.model_copy(update={"groups": groups, "routes": routes, "offers": offers})


def calendar_error(scenario: Scenario, design: Design) -> CalendarError:
    """State the error of the periods of a calendar for one design with fixed shares.

    Parameters
    ----------
    scenario
        With a calendar.
    design
        A fixed split (``regime`` split).

    Raises
    ------
    ValueError
        No calendar, a linked design, or a group that cannot keep its promises in some interval.
    """
    if design.regime != "split":
        msg = f"design.regime = {design.regime!r}: only a fixed split can be judged interval by interval here"
        raise ValueError(msg)
    made = calendar_periods(scenario)
    full, carried = design_by_interval(scenario, design)
    by_period, by_interval = evaluate(scenario, design), evaluate(full, carried)
    mended = fewest_agents(full, carried)
    model = NetworkModel(full, mended)
    _, answered = model.settled(model.agents)
    return CalendarError(
        periods=len(scenario.periods), intervals=len(full.periods), load_error=made.load_error,
        cost_per_year=by_period.cost_per_year, cost_by_interval=cost_of(full, mended, model.flows(answered)).cost_per_year,
        service=_service(full, carried, by_period, by_interval), mended=mended,
    )  # fmt: skip


def fewest_agents(scenario: Scenario, design: Design) -> Design:
    """The design with the fewest agents in every group and period that keep all promises, shares unchanged.

    Raises
    ------
    ValueError
        A group needs more than 200 agents beyond those it has.
    """
    model = NetworkModel(scenario, design)
    agents = model.agents.copy()
    for _ in range(6 if scenario.escalations else 1):
        rates, _ = model.settled(agents)
        before = agents.copy()
        for g, t in np.ndindex(*agents.shape):
            found = model.fewest(g, rates[g, :, t], int(agents[g, t]), int(agents[g, t]) + MORE)
            if found is None:
                site, skill = model.network.groups[g]
                msg = f"group {site}/{skill} in {scenario.periods[t].name!r}: {MORE} more agents do not keep the promises"
                raise ValueError(msg)
            agents[g, t] = found
        if (agents == before).all():
            break
    groups = [g.model_copy(update={"agents": tuple(int(n) for n in row)}) for g, row in zip(design.groups, agents, strict=True)]
    return design.model_copy(update={"groups": tuple(groups)})


def _service(full: Scenario, carried: Design, by_period: Evaluation, by_interval: Evaluation) -> pd.DataFrame:
    model = NetworkModel(full, carried)
    rates, _ = model.settled(model.agents)
    hours = np.array([p.hours_per_year for p in full.periods])
    missed = np.zeros((len(model.network.groups), len(full.periods)))
    for g, t in np.ndindex(*missed.shape):
        missed[g, t] = not model.keeps(g, rates[g, :, t], int(model.agents[g, t]))
    contacts = np.einsum("gct,t->c", rates, hours)
    late = np.einsum("gct,gt,t->c", rates, missed, hours)
    rows = {}
    for i, name in enumerate(model.network.contact_types):
        few, many = (
            next(r for r in e.contact_types if r.name == name and r.period is None) for e in (by_period, by_interval)
        )
        rows[name] = {
            "contacts_per_year": contacts[i],
            "service_level_periods": few.service_level, "service_level_intervals": many.service_level,
            "abandonment_periods": few.abandonment, "abandonment_intervals": many.abandonment,
            "contacts_missed": late[i] / contacts[i] if contacts[i] else 0.0,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")
