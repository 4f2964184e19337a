r"""Rows of whole families of contact types, by small integer programmes without sites.

A family is what skill sets link: no group serves two of them. For weights v_k >= 0 of its skill sets every design keeps

.. math:: \sum_g v_{k(g)} n_{gt} \ge f_t, \qquad f_t = \min \Big\{ \sum_k v_k N_k : \sum_c w_{ck} x_{ck} \le M_k[N_k],
          \sum_k x_{ck} \ge d_{ct}, N_k \text{ whole} \Big\},

because the groups of one skill set at all sites certify together at most M_k of the sum of their agents (`headcount_rows`).
Agents count alike in one row, by the wages of their skill sets in the other. Site programmes and linear relaxations split a
family over sites at the best rate of the largest group; these rows say how many agents it takes at least.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy import sparse

from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.headcount_rows import (
    Family,
    HeadcountRows,
    Loss,
    families,
    headcount_rows,
    lightest_work,
    loss_of,
    whole_table,
)
from ccopt.optimisation.problem import Floats, Ints, Problem
from ccopt.optimisation.solve import Arrays, Watch, solve_arrays
from ccopt.optimisation.staffing_rows import Block
from ccopt.optimisation.work import now

FAMILY_SHARE = 0.1  # of the time left
SHORTEST_S = 0.05
MOST_BINARIES = 4000
CLOSE_AGENTS = 1e-6
SAFE = 1e-7
WAGE_GAP = 5e-4
LEVELS = (0.4, 0.5, 0.6, 0.75)
WHOLE = 0.6  # agents: a bound so near to the best whole number proves it


def bound_rows(p: Problem, seconds: float) -> HeadcountRows:
    """Rows of contact types and families for a bound that has so much work left."""
    return with_family_rows(p, headcount_rows(p), now() + FAMILY_SHARE * seconds)


def with_family_rows(p: Problem, rows: HeadcountRows, deadline: float) -> HeadcountRows:
    """The rows and those of families with several skill sets, as many as the time allows (`work.now`)."""
    several = [(len({p.group_names[g][1] for g in f.groups}), f) for f in families(p)]
    several = sorted((s for s in several if s[0] > 1), key=lambda s: s[0])  # what the small ones leave goes to the large ones
    order = [(f, t) for _, f in several for t in range(len(p.hours))]
    found: dict[tuple[int, bool], tuple[Floats, Floats]] = {}
    for i, (family, t) in enumerate(order):
        programme = _Programme(p, family, t, rows)
        left = (deadline - now()) / (len(order) - i)
        if left < SHORTEST_S or programme.size > MOST_BINARIES:
            continue
        first = int(family.groups[0])
        fewest = programme.fewest(left / 2.0)
        alike, by_wage = np.ones(len(family.groups)), programme.wages()
        _note(found, (first, False), family.groups, alike, t, float(max(fewest, 0)), p)
        if (by_wage > 1.0).any():
            least = programme.least(by_wage, fewest, left / 2.0)
            _note(found, (first, True), family.groups, by_wage, t, 0.0 if math.isinf(least) else least * (1.0 - SAFE), p)
    return HeadcountRows(
        weight=np.concatenate((rows.weight, *(w[None] for w, _ in found.values()))),
        agents=np.concatenate((rows.agents, *(n[None] for _, n in found.values()))),
    )


def _note(
    found: dict[tuple[int, bool], tuple[Floats, Floats]], key: tuple[int, bool], groups: Ints, weights: Floats, t: int,
    least: float, p: Problem,
) -> None:  # fmt: skip
    """Write the least weighted agents of a period into the row of a family; weights must be the same in all periods."""
    if key not in found:
        weight = np.zeros(len(p.group_names))
        weight[groups] = weights
        found[key] = weight, np.zeros(len(p.hours))
    found[key][1][t] = least


class _Programme:
    """The programme of a family in a period: one group per skill set, no sites."""

    def __init__(self, p: Problem, family: Family, t: int, rows: HeadcountRows) -> None:
        self.p, self.family, self.t, self.rows = p, family, t, rows
        names = [p.group_names[g][1] for g in family.groups]
        self.skills = list(dict.fromkeys(names))
        self.skill = np.array([self.skills.index(n) for n in names])
        seats = seats_or_enough(p)[p.group_site[family.groups]]
        self.cap = int(min(p.outer.shape[1] - 1, seats.max()))
        work = lightest_work(p)
        self.need = p.demand_low[family.commodities, t]
        self.tables, self.serves, self.loads = [], [], []  # type: list[Floats], list[Ints], list[float]
        for k in range(len(self.skills)):
            groups = family.groups[self.skill == k]
            arcs = np.isin(p.arc_group, groups)
            serves = np.flatnonzero(np.isin(family.commodities, p.arc_commodity[arcs]))
            table = p.outer[groups].max(axis=0)
            self.tables.append(table)
            self.serves.append(serves)
            self.loads.append(float(work[family.commodities[serves]] @ self.need[serves]))
        self.work = work[family.commodities]
        self.losses = [self._loss_of(c) for c in range(len(family.commodities))]
        self.size = sum(len(self._certified(k, self.cap)) for k in range(len(self.skills)))

    def _loss_of(self, c: int) -> Loss | None:
        """What E11 asks of the groups that can serve the contact type of a commodity."""
        kind = self.p.commodity_names[self.family.commodities[c]][1]
        mine = np.flatnonzero([name == kind for _, name in self.p.commodity_names])
        able = np.zeros(len(self.p.group_names), dtype=bool)
        able[self.p.arc_group[np.isin(self.p.arc_commodity, mine)]] = True
        served = {k for k in range(len(self.skills)) if able[self.family.groups[self.skill == k]].any()}
        alike = served == {k for k in range(len(self.skills)) if c in self.serves[k]} and able.sum() == able[self.family.groups].sum()
        return loss_of(self.p, able, mine) if alike else None

    def _certified(self, k: int, cap: int) -> Floats:
        """Most erlangs of 1, 2, ... agents of a skill set in groups of at most ``cap``, as far as its contacts reach."""
        table, load = self.tables[k], self.loads[k]
        if table[cap] <= 0.0 or load <= 0.0:
            return np.zeros(0)
        m = whole_table(table, cap, cap * math.ceil(load / float(table[cap])))
        return m[1 : int(np.searchsorted(m, load)) + 1]

    def wages(self) -> Floats:
        """Weight of each group: the least wage of its skill set relative to the cheapest one of the family at its site."""
        p, groups = self.p, self.family.groups
        wage = p.agent_cost[groups].sum(axis=1)
        site = p.group_site[groups]
        lowest = np.array([wage[site == s].min() for s in site])
        ratio = np.divide(wage, lowest, out=np.ones_like(wage), where=lowest > 0.0)
        return np.array([ratio[self.skill == k].min() for k in self.skill])

    def fewest(self, seconds: float) -> int:
        """Fewest agents of the family."""
        alike = np.ones(len(self.family.groups))
        found = self.least(alike, 0, seconds, gap=WHOLE / (1.0 + self.size))
        return 0 if math.isinf(found) else math.ceil(found - CLOSE_AGENTS)

    def least(self, weights: Floats, fewest: int, seconds: float, *, gap: float = WAGE_GAP) -> float:
        """Bound on the weighted agents, all together at least ``fewest``; infinite: not possible."""
        block = Block(0)
        cost: list[float] = []
        every: list[Ints] = []
        flows: dict[int, list[int]] = {}
        largest: list[tuple[Ints, Floats]] = []
        for k in range(len(self.skills)):
            levels = self._levels(k)
            certified = np.concatenate([a for _, _, a in levels])
            agents = np.concatenate([n for _, n, _ in levels])
            u = block.add_columns(len(agents), integer=True)
            largest.append((u, np.concatenate([np.full(len(n), float(h)) for h, n, _ in levels])))
            x = block.add_columns(len(self.serves[k]), integer=False)
            block.add_row(np.concatenate((x, u)), np.concatenate((self.work[self.serves[k]], -certified)), -np.inf, 0.0)
            block.add_row(u, np.ones(len(u)), -np.inf, 1.0)
            cost += [*(float(weights[self.skill == k][0]) * agents), *np.zeros(len(x))]
            every.append(np.stack((u, agents)))
            for c, column in zip(self.serves[k].tolist(), x.tolist(), strict=True):
                flows.setdefault(c, []).append(column)
        for c, columns in flows.items():
            block.add_row(np.array(columns), np.ones(len(columns)), float(self.need[c]), np.inf)
        self._known(block, every, fewest)
        self._lost(block, every, largest)
        until = now() + max(seconds, SHORTEST_S)
        outcome = solve_arrays(
            _arrays(block, np.array(cost)), time_limit_s=math.inf, gap=gap,
            watch=Watch(stop=lambda: now() > until),
        )  # fmt: skip
        return max(outcome.bound, 0.0)

    def _levels(self, k: int) -> list[tuple[int, Ints, Floats]]:
        """Ranges of the largest group of a skill set: its least agents, the agents in all and what they certify at most."""
        cap, reach = self.cap, len(self._certified(k, self.cap))
        ends = [cap]
        if any(self.losses[c] is not None for c in self.serves[k]):
            ends = sorted({cap, *(min(cap, math.ceil(f * reach)) for f in LEVELS if f * reach >= 1.0)})
        out = []
        for first, last in zip([1, *(e + 1 for e in ends)], ends, strict=False):
            certified = self._certified(k, last)
            agents = np.arange(1, len(certified) + 1)
            out.append((first, agents[agents >= first], certified[agents >= first]))
        return out

    def _lost(self, block: Block, every: list[Ints], largest: list[tuple[Ints, Floats]]) -> None:
        """Without its largest group, the others still have the agents that E11 asks for each contact type of a skill set."""
        for c, loss in enumerate(self.losses):
            if loss is None:
                continue
            able = [k for k in range(len(self.skills)) if c in self.serves[k]]
            columns = np.concatenate([every[k][0] for k in able])
            agents = np.concatenate([every[k][1] for k in able]) * loss.surge
            for k in able:
                u, h = largest[k]
                block.add_row(
                    np.concatenate((columns, u)), np.concatenate((agents, -loss.held * h)),
                    float(loss.need[self.t]), np.inf,
                )  # fmt: skip

    def _known(self, block: Block, every: list[Ints], fewest: int) -> None:
        """Rows that are known before: the family as a whole, and rows over some of its skill sets."""
        whole = np.concatenate(every, axis=1)
        block.add_row(whole[0], whole[1].astype(float), float(fewest), np.inf)
        for weight, agents in zip(self.rows.weight, self.rows.agents[:, self.t], strict=True):
            mine = weight[self.family.groups]
            if weight.sum() != mine.sum() or agents <= 0.0:
                continue
            on = [float(mine[self.skill == k].max()) for k in range(len(self.skills))]
            columns = np.concatenate([e[0] for e in every])
            values = np.concatenate([v * e[1] for v, e in zip(on, every, strict=True)])
            block.add_row(columns, values, float(agents), np.inf)


def _arrays(block: Block, cost: Floats) -> Arrays:
    """The block as a programme of its own."""
    none = np.zeros(0)
    empty = Arrays(
        matrix=sparse.csr_matrix((0, 0)), row_low=none, row_high=none, cost=none, low=none, high=none,
        integer=np.zeros(0, dtype=bool),
    )  # fmt: skip
    return replace(block.joined(empty), cost=cost)
