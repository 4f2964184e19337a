"""Prices of contacts and of agents in relaxations: where they start, their limits, and the rows of time that is sold."""

from __future__ import annotations

import numpy as np

from ccopt.optimisation.headcount_rows import HeadcountRows
from ccopt.optimisation.problem import Floats, Problem


def cheapest_prices(p: Problem) -> Floats:
    """(C, T) money a year of one contact per hour at the cheapest group that serves it, agents at their best rate."""
    best_rate = np.max(p.outer[:, 1:] / np.arange(1, p.outer.shape[1]), axis=1, initial=1e-9)
    per_contact = p.arc_cost + p.agent_cost[p.arc_group] * (p.arc_work / best_rate[p.arc_group])[:, None]
    prices = np.full(p.demand.shape, np.inf)
    np.minimum.at(prices, p.arc_commodity, per_contact)
    return np.where(np.isfinite(prices), prices, 0.0)


def price_limits(p: Problem, rows: HeadcountRows, timed: int) -> tuple[Floats, Floats]:
    """Least prices of contacts (C, T) and largest of headcount rows (M, T) that prove a bound.

    Where something is sold every design serves contacts of one's own demand once, so that their price may have any sign; time
    that is sold (the rows from ``timed`` on) costs at most the wage.
    """
    exactly = (p.own_demand == p.demand) if p.offers is not None else np.zeros(p.demand.shape, dtype=bool)
    most = np.full(rows.agents.shape, np.inf)
    most[timed:] = p.agent_cost[: len(most) - timed]
    return np.where(exactly, -np.inf, 0.0), most


def timed_rows(p: Problem, rows: HeadcountRows) -> HeadcountRows:
    """The rows and one for the time of each group's agents, where something is sold (E15)."""
    if p.offers is None:
        return rows
    groups = len(p.group_names)
    return rows.joined(HeadcountRows(weight=np.diag(p.offers.busy), agents=np.zeros((groups, len(p.hours)))))
