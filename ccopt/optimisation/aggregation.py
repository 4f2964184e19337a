"""Commodities that any group serves alike, as one: a small problem below the whole one, and the way back.

Regions that differ only in their telecom cost make many commodities but no further decision about sites and staff. A class
holds the commodities of one contact type that the same groups may serve and that escalate into the same classes. Per
class and group the arcs stand in order of their cost, with the contacts that each can take, so that the cheapest links
are used first. Every design of the whole problem is a point of the small one at no higher cost (where more than
`MOST_COSTS` costs occur, the lowest of each bucket counts), so a bound of the small problem bounds the whole one. Back:
per period, class and group the contacts are given to regions by a transport programme, loads unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from ccopt.optimisation.problem import Floats, Ints, Offers, Problem, Solution
from ccopt.optimisation.solve import Arrays, solve_arrays

MOST_COSTS = 6
MOST_LOSS = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """The small problem; ``commodity`` (C,) and ``arc`` (E,) give the class and the merged arc of each member."""

    whole: Problem
    problem: Problem
    commodity: Ints
    arc: Ints

    @property
    def same(self) -> bool:
        """Whether nothing was merged."""
        return len(self.problem.commodity_names) == len(self.whole.commodity_names)

    def lift(self, solution: Solution) -> Solution:
        """The solution in the whole problem: the same staff, contacts given to commodities at least telecom cost."""
        if self.same:
            return solution
        flows = np.zeros_like(self.whole.arc_cost)
        for t in range(len(self.whole.hours)):
            flows[:, t] = self._transport(solution.flows[:, t], t)
        return replace(solution, flows=flows)

    def with_demand(self, demand: Floats) -> Aggregate:
        """The same classes with another demand (C, T) of the whole problem."""
        small = replace(self.problem, demand=self.summed(demand))
        return replace(self, whole=replace(self.whole, demand=demand), problem=small)

    def summed(self, values: Floats) -> Floats:
        """Sums (classes, T) of values (C, T) per commodity."""
        return _summed(self.commodity, values, len(self.problem.commodity_names))

    def _transport(self, flow: Floats, t: int) -> Floats:
        """Flows of the whole problem in one period: rows for the load of each class at a group and each commodity."""
        p = self.whole
        cells, column_cell = np.unique(
            np.stack([self.commodity[p.arc_commodity], p.arc_group]), axis=1, return_inverse=True
        )
        column_cell = column_cell.reshape(-1)
        merged = np.stack([self.problem.arc_commodity, self.problem.arc_group])
        amount = np.zeros(cells.shape[1])
        position = {(int(k), int(g)): i for i, (k, g) in enumerate(cells.T)}
        for e, x in enumerate(np.maximum(flow, 0.0)):
            amount[position[int(merged[0, e]), int(merged[1, e])]] += x
        total = np.bincount(self.commodity, weights=p.demand[:, t], minlength=len(self.problem.commodity_names))
        served = np.bincount(cells[0], weights=amount, minlength=len(total))
        share = np.divide(amount, served[cells[0]], out=np.zeros_like(amount), where=served[cells[0]] > 0.0)
        used = np.flatnonzero((share[column_cell] > 0.0) & (p.demand[p.arc_commodity, t] > 0.0))
        even: Floats = share[column_cell] * p.demand[p.arc_commodity, t]
        if not used.size:
            return even
        n, commodities = len(used), len(p.commodity_names)
        matrix = sparse.csr_matrix(
            (np.ones(2 * n), (np.concatenate((p.arc_commodity[used], commodities + column_cell[used])),
                              np.tile(np.arange(n), 2))),
            shape=(commodities + len(amount), n),
        )  # fmt: skip
        need = np.concatenate((p.demand[:, t], share * total[cells[0]]))
        arrays = Arrays(
            matrix=matrix, row_low=np.concatenate((p.demand[:, t], np.zeros(len(amount)))), row_high=need * (1.0 + 1e-12),
            cost=p.arc_cost[used, t], low=np.zeros(n), high=np.full(n, np.inf), integer=np.zeros(n, dtype=bool),
        )  # fmt: skip
        outcome = solve_arrays(arrays, time_limit_s=5.0)
        if outcome.status != "optimal" or outcome.point is None:
            return even
        out = np.zeros(len(p.arc_group))
        out[used] = np.maximum(outcome.point, 0.0)
        return out


def aggregate(p: Problem, *, merge: bool = True) -> Aggregate:
    """Merge the commodities of a problem that differ only in telecom cost (``merge=False``: the problem as it is)."""
    commodity = _split(p, _classes(p)) if merge else np.arange(len(p.commodity_names))
    if int(commodity.max(initial=-1)) + 1 == len(p.commodity_names):
        return Aggregate(whole=p, problem=p, commodity=np.arange(len(p.commodity_names)), arc=np.arange(len(p.arc_group)))
    names: list[tuple[str, str]] = []
    for k in range(int(commodity.max(initial=-1)) + 1):
        members = np.flatnonzero(commodity == k)
        region, kind = p.commodity_names[int(members[0])]
        names.append((region if len(members) == 1 else f"{region} and {len(members) - 1} more", kind))
    arc = _merged_arcs(p, commodity)
    arcs = int(arc.max(initial=-1)) + 1
    first = np.array([int(np.flatnonzero(arc == a)[0]) for a in range(arcs)], dtype=np.int64)
    cost = np.full((arcs, len(p.hours)), np.inf)
    np.minimum.at(cost, arc, p.arc_cost)
    small = replace(
        p, commodity_names=tuple(names), demand=_summed(commodity, p.demand, len(names)),
        demand_low=_summed(commodity, p.demand_low, len(names)), own_demand=_summed(commodity, p.own_demand, len(names)),
        answered_low=np.array([p.answered_low[commodity == k].min() for k in range(len(names))]),
        arc_commodity=commodity[p.arc_commodity[first]] if arcs else p.arc_commodity, arc_group=p.arc_group[first],
        arc_work=p.arc_work[first], arc_type=p.arc_type[first], arc_cost=cost, arc_most=_summed(arc, p.arc_most, arcs),
        offers=_joined(p.offers, first),
    )  # fmt: skip
    small = _with_escalations(small, p, commodity)
    return Aggregate(whole=p, problem=small, commodity=commodity, arc=arc)


def _joined(offers: Offers | None, first: Ints) -> Offers | None:
    """Offers of merged arcs: members are of one contact type at one group, so alike."""
    if offers is None:
        return None
    return replace(
        offers, gain=offers.gain[first], work=offers.work[first], load=offers.load[first],
        handed_gain=offers.handed_gain[first], briefing=offers.briefing[first], handed=offers.handed[first],
    )  # fmt: skip


def _summed(index: Ints, values: Floats, size: int) -> Floats:
    out = np.zeros((size, values.shape[1]))
    np.add.at(out, index, values)
    return out


def _classes(p: Problem) -> Ints:
    """Class of each commodity: same contact type, same groups with the same work, same classes behind it."""
    groups: list[frozenset[tuple[int, float]]] = [
        frozenset((int(p.arc_group[e]), float(p.arc_work[e])) for e in np.flatnonzero(p.arc_commodity == c))
        for c in range(len(p.commodity_names))
    ]
    found = np.zeros(len(groups), dtype=np.int64)
    for _ in range(len({kind for _, kind in p.commodity_names}) + 2):
        behind: list[set[tuple[int, float]]] = [set() for _ in groups]
        for i, j, share in zip(p.escalation_from, p.escalation_to, p.escalation_share, strict=True):
            behind[int(i)].add((int(found[j]), float(share)))
        keys = [
            (kind, groups[c], frozenset(behind[c])) if groups[c] else (kind, c, frozenset(behind[c]))
            for c, (_, kind) in enumerate(p.commodity_names)
        ]
        number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        new = np.array([number[key] for key in keys], dtype=np.int64)
        if (new == found).all():
            break
        found = new
    return found


def _split(p: Problem, commodity: Ints) -> Ints:
    """Classes taken apart where the lowest cost of each bucket could lose more than `MOST_LOSS` of what agents cost."""
    arc = _merged_arcs(p, commodity)
    cost = np.full((int(arc.max(initial=-1)) + 1, len(p.hours)), np.inf)
    np.minimum.at(cost, arc, p.arc_cost)
    lost = np.zeros(len(commodity))
    np.maximum.at(lost, p.arc_commodity, ((p.arc_cost - cost[arc]) * p.demand[p.arc_commodity]).sum(axis=1))
    price = np.full(p.demand.shape, np.inf)
    np.minimum.at(price, p.arc_commodity, p.agent_cost[p.arc_group] * p.arc_work[:, None])
    rough = float((np.where(np.isfinite(price), price, 0.0) * p.demand).sum())
    by_class = np.bincount(commodity, weights=lost)
    apart = set(np.flatnonzero(by_class > MOST_LOSS * rough / max(len(by_class), 1)).tolist())
    keys = [(int(k), c if int(k) in apart else -1) for c, k in enumerate(commodity)]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], dtype=np.int64)


def _merged_arcs(p: Problem, commodity: Ints) -> Ints:
    """Merged arc of each arc: per class and group one for each bucket of costs."""
    level = (p.arc_cost / np.maximum(p.hours, 1e-12)).max(axis=1, initial=0.0)
    out = np.zeros(len(p.arc_group), dtype=np.int64)
    number: dict[tuple[int, int, int], int] = {}
    cells: dict[tuple[int, int], list[int]] = {}
    for e, (c, g) in enumerate(zip(p.arc_commodity, p.arc_group, strict=True)):
        cells.setdefault((int(commodity[c]), int(g)), []).append(e)
    for (k, g), mine in cells.items():
        costs = np.unique(level[mine].round(12))
        edges = costs if len(costs) <= MOST_COSTS else np.quantile(costs, np.arange(MOST_COSTS) / MOST_COSTS)
        bucket = np.searchsorted(edges, level[mine].round(12), side="right") - 1
        for e, b in zip(mine, bucket.tolist(), strict=True):
            out[e] = number.setdefault((k, g, b), len(number))
    return out


def _with_escalations(small: Problem, p: Problem, commodity: Ints) -> Problem:
    """The small problem with the escalations between classes."""
    found = dict.fromkeys(
        (int(commodity[i]), int(commodity[j]), float(share))
        for i, j, share in zip(p.escalation_from, p.escalation_to, p.escalation_share, strict=True)
    )
    return replace(
        small, escalation_from=np.array([f[0] for f in found], dtype=np.int64),
        escalation_to=np.array([f[1] for f in found], dtype=np.int64),
        escalation_share=np.array([f[2] for f in found], dtype=float),
    )  # fmt: skip
