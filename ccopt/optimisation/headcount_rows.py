"""Rows that no design breaks: all groups of one skill set together need at least so many whole agents in a period.

Where a skill set alone serves its contact types, the agents of its groups must certify the whole load. The most load that
N agents certify, split in any way over groups that fit into the largest site, is an unbounded knapsack over the table,
M[N] = max_k (M[N - k] + A[k]); the least N with M[N] >= load is a valid bound that sees whole agents and the size of a
site, which prices alone do not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ccopt.optimisation.problem import Floats, Ints, Problem
from ccopt.queueing.compiler import compiled

MOST_STEPS = 5e7


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadcountRows:
    """``family`` (G,) is the row of a group (-1: none), ``agents`` (M, T) the least agents of each row."""

    family: Ints
    agents: Floats


@compiled
def fewest_whole(table: Floats, cap: int, load: float) -> int:
    """Least N with M[N] >= load; -1 where the table cannot reach it with 100,000 agents."""
    best = np.zeros(100_001)
    if load <= 0.0:
        return 0
    for n in range(1, 100_001):
        lead = best[n - 1]
        for k in range(1, min(cap, n) + 1):
            found = best[n - k] + table[k]
            lead = max(lead, found)
        best[n] = lead
        if lead >= load:
            return n
    return -1


def headcount_rows(p: Problem, seats: Ints) -> HeadcountRows:
    """Rows of every skill set that alone serves its contact types; others get none."""
    skills = [skill for _, skill in p.group_names]
    family = np.full(len(skills), -1, dtype=np.int64)
    rows: list[Floats] = []
    for skill in dict.fromkeys(skills):
        mine = np.array([s == skill for s in skills])
        arcs = mine[p.arc_group]
        commodities = np.unique(p.arc_commodity[arcs])
        if np.isin(p.arc_commodity[~arcs], commodities).any():
            continue
        work = np.full(len(p.commodity_names), np.inf)
        np.minimum.at(work, p.arc_commodity[arcs], p.arc_work[arcs])
        load = (work[commodities, None] * p.demand_low[commodities]).sum(axis=0)
        table = p.outer[mine].max(axis=0)
        cap = int(min(table.size - 1, seats[p.group_site[mine]].max()))
        best = float(np.max(table[1 : cap + 1] / np.arange(1, cap + 1), initial=0.0))
        if cap < 1 or best <= 0.0:
            continue
        rough = load / best
        if float(rough.max()) * cap > MOST_STEPS:  # the knapsack would take seconds; whole agents at the best rate will do
            need = [math.ceil(x * (1.0 - 1e-9)) for x in rough]
        else:
            need = [fewest_whole(table, cap, float(x)) for x in load]
        if min(need) < 0 or cap < 1:
            continue
        family[mine] = len(rows)
        rows.append(np.array(need, dtype=float))
    return HeadcountRows(family=family, agents=np.array(rows).reshape(len(rows), len(p.hours)))
