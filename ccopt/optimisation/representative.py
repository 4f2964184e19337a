"""Few periods that stand for many, so that a search over sites can afford all of them at once.

Periods of like load are joined; each cluster has the hours and yearly money of its members and their mean demand. The
busiest periods stay alone, because they decide on seats. The small problem is a guide for designs and no bound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ccopt.optimisation.problem import Floats, Ints, Problem, Solution

ALONE = 2  # busiest periods that are never joined


@dataclass(frozen=True, slots=True, kw_only=True)
class Representative:
    """The small problem and the cluster (T,) of each period of the whole one."""

    whole: Problem
    problem: Problem
    cluster: Ints

    def expand(self, s: Solution) -> Solution:
        """The shares of a small solution in every period of the whole problem, and the agents that they need."""
        p = self.whole
        demand = self.problem.demand[:, self.cluster]
        scale = np.divide(p.demand, demand, out=np.zeros_like(p.demand), where=demand > 0.0)
        flows: Floats = s.flows[:, self.cluster] * scale[p.arc_commodity]
        load = np.zeros((len(p.group_names), len(p.hours)))
        np.add.at(load, p.arc_group, p.arc_work[:, None] * flows)
        least = np.array([np.searchsorted(p.inner[g], load[g] * (1.0 - 1e-12)) for g in range(len(load))], dtype=np.int64)
        spare = (s.agents - self._needed(s))[:, self.cluster]  # what limits ask for beyond the contacts
        agents = np.minimum(least + np.maximum(spare, 0), p.inner.shape[1] - 1)
        return Solution(open_sites=s.open_sites.copy(), agents=agents, flows=flows, cost=np.inf)

    def averaged(self, flows: Floats) -> Floats:
        """Flows (E, T) of the whole problem as flows of the small one: mean shares of its periods, the small demand."""
        p = self.problem
        out: Floats = np.zeros((flows.shape[0], len(p.hours)))
        for k in range(len(p.hours)):
            mine = self.cluster == k
            out[:, k] = flows[:, mine] @ self.whole.hours[mine] / max(float(self.whole.hours[mine].sum()), 1e-12)
        return out

    def _needed(self, s: Solution) -> Ints:
        p = self.problem
        load = np.zeros((len(p.group_names), len(p.hours)))
        np.add.at(load, p.arc_group, p.arc_work[:, None] * s.flows)
        return np.array([np.searchsorted(p.inner[g], load[g] * (1.0 - 1e-9)) for g in range(len(load))], dtype=np.int64)


def representative(p: Problem, count: int) -> Representative:
    """At most ``count`` periods for the problem."""
    periods = len(p.hours)
    if periods <= count:
        return Representative(whole=p, problem=p, cluster=np.arange(periods))
    cluster = _clusters(p, count)
    small = int(cluster.max()) + 1
    join = np.zeros((periods, small))
    join[np.arange(periods), cluster] = 1.0
    hours = p.hours @ join
    mean = p.hours[:, None] * join / np.maximum(hours, 1e-12)
    available = np.array([p.available[:, cluster == k].all(axis=1) for k in range(small)]).T
    offers = p.offers and replace(p.offers, gain=p.offers.gain @ join, handed_gain=p.offers.handed_gain @ join)
    problem = replace(
        p, offers=offers, hours=hours, demand=p.demand @ mean, demand_low=p.demand_low @ mean, own_demand=p.own_demand @ mean,
        arc_cost=p.arc_cost @ join, arc_most=p.arc_most @ mean, agent_cost=p.agent_cost @ join, available=available,
    )  # fmt: skip
    return Representative(whole=p, problem=problem, cluster=cluster)


def _clusters(p: Problem, count: int) -> Ints:
    """Neighbours in the order of the load joined, cheapest loss of detail first; opening hours never mix."""
    load = p.demand.sum(axis=0)
    keys = [p.available[:, t].tobytes() for t in range(len(load))]
    order = sorted(range(len(load)), key=lambda t: (keys[t], -load[t]))
    alone = set(np.argsort(-load, kind="stable")[: min(ALONE, count - 1)].tolist())
    groups = [[t] for t in order]

    def loss(a: list[int], b: list[int]) -> float:
        if keys[a[0]] != keys[b[0]] or alone & {*a, *b}:
            return np.inf
        both = a + b
        mean = np.average(p.demand[:, both], axis=1, weights=np.maximum(p.hours[both], 1e-12))
        return float((np.abs(p.demand[:, both] - mean[:, None]).sum(axis=0) * p.hours[both]).sum())

    while len(groups) > count:
        costs = [loss(a, b) for a, b in pairwise(groups)]
        best = int(np.argmin(costs))
        if not np.isfinite(costs[best]):
            break
        groups[best : best + 2] = [groups[best] + groups[best + 1]]
    out = np.zeros(len(load), dtype=np.int64)
    for k, mine in enumerate(groups):
        out[mine] = k
    return out
