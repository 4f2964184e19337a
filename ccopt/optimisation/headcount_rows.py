r"""Rows that no design breaks: the agents of all groups that can serve some contact types are at least so many.

For a set S of contact types with load L, all groups that can serve one of them together hold the load. N agents, split in
any way over groups that fit into the largest site, certify at most M[N] = max_k (M[N - k] + A[k]) (a knapsack over the
largest table of these groups), so the least N with M[N] >= L is a valid bound. It sees whole agents and the size of a site,
which prices alone do not.

After the loss of any one site the agents elsewhere must be at least the share of the load that E11 asks for. With at most h
of the N agents at one site, M has parts of at most h and N >= (need + (surge - relocatable) h) / surge; the least N over all
h is valid, because some h is the largest site of the design.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.formulation import Compiled
from ccopt.optimisation.loss_rows import loss_rows, may_be_spared
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem
from ccopt.optimisation.solve import Arrays
from ccopt.optimisation.staffing_rows import Block

MOST_STEPS = 5e7
CLOSE = 2e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadcountRows:
    """``weight`` (R, G) of the agents of each group in a row, ``agents`` (R, T) their weighted sum at least."""

    weight: Floats
    agents: Floats

    def of(self, some: Ints) -> HeadcountRows:
        """Some of the rows."""
        return HeadcountRows(weight=self.weight[some], agents=self.agents[some])

    def joined(self, other: HeadcountRows) -> HeadcountRows:
        """These rows and the others."""
        return replace(
            self, weight=np.concatenate((self.weight, other.weight)), agents=np.concatenate((self.agents, other.agents))
        )


def whole_table(table: Floats, cap: int, most: int) -> Floats:
    """M[0..most] for parts of at most ``cap``."""
    best = np.zeros(most + 1)
    for n in range(1, most + 1):
        k = min(cap, n)
        best[n] = max(best[n - 1], float((best[n - k : n][::-1] + table[1 : k + 1]).max()))
    return best


def fewest_whole(table: Floats, cap: int, load: float) -> int:
    """Least N with M[N] >= load for parts of at most ``cap``; -1 where parts of that size certify nothing."""
    if load <= 0.0:
        return 0
    if cap < 1 or table[cap] <= 0.0:
        return -1
    most = cap * math.ceil(load / float(table[cap]))  # so many full parts are enough
    return int(np.searchsorted(whole_table(table, cap, most), load))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Seats of the options (S,) that count, and the agents that they hold at least: sum seats y >= agents."""

    seats: Floats
    agents: float


def covers(p: Problem, rows: HeadcountRows) -> list[Cover]:
    """Open sites seat the agents of all families in the busiest period, and after a loss what E11 asks for."""
    least = least_agents(p, rows)
    t = int(np.argmax(least))
    seats = np.where(p.available[:, t], seats_or_enough(p), 0).astype(float)
    found = [Cover(seats=np.minimum(seats, least[t]), agents=float(least[t]))]
    loss = loss_of(p, np.ones(len(p.group_names), dtype=bool), np.arange(len(p.commodity_names)))
    if loss is not None and loss.held == loss.surge:
        need = float(loss.floor(0, t))
        names = np.array(p.site_names)
        found += [
            Cover(seats=np.where(names == lost, 0.0, np.minimum(seats, need)), agents=need) for lost in dict.fromkeys(p.site_names)
        ]
    return [c for c in found if c.agents > 0.0]


def least_agents(p: Problem, rows: HeadcountRows) -> Floats:
    """Fewest agents (T,) of all families together."""
    total = np.zeros(len(p.hours))
    for family in families(p):
        whole = np.zeros(len(p.group_names))
        whole[family.groups] = 1.0
        same = (rows.weight == whole).all(axis=1)
        total += rows.agents[same].max(axis=0, initial=0.0)
    every = np.ones(len(p.group_names), dtype=bool)
    loss = loss_of(p, every, np.arange(len(p.commodity_names)))
    if loss is None:
        return total
    cap = int(seats_or_enough(p).max())
    return np.array([float(loss.fewest(_always(round(n)), cap, t)) for t, n in enumerate(total.tolist())])


def _always(agents: int) -> Callable[[int], int]:
    return lambda _: agents


def _knapsack(table: Floats, load: float) -> Callable[[int], int]:
    return lambda h: fewest_whole(table, h, load)


def with_headcounts(arrays: Arrays, compiled: Compiled, p: Problem, rows: HeadcountRows) -> Arrays:
    """The programme with the rows and the seats of open sites at its end."""
    block = Block(arrays.matrix.shape[1])
    for cover in covers(p, rows):
        on = np.flatnonzero((cover.seats > 0.0) & (compiled.open_site >= 0))
        block.add_row(compiled.open_site[on], cover.seats[on], cover.agents, np.inf)
    for weight, need in zip(rows.weight, rows.agents, strict=True):
        for t in np.flatnonzero(need > 0.0).tolist():
            on = np.flatnonzero((weight > 0.0) & (compiled.agents[:, t] >= 0))
            block.add_row(compiled.agents[on, t], weight[on], float(need[t]), np.inf)
    return block.joined(arrays)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Contact types (as commodities) and all groups that can serve one of them."""

    commodities: Ints
    groups: Ints


def families(p: Problem) -> list[Family]:
    """The connected components of contact types and groups: no group serves two of them."""
    commodities, groups = len(p.commodity_names), len(p.group_names)
    size = commodities + groups
    links = sparse.coo_matrix((np.ones(len(p.arc_group)), (p.arc_commodity, commodities + p.arc_group)), shape=(size, size))
    count, label = connected_components(links, directed=False)
    found = [(np.flatnonzero(label[:commodities] == k), np.flatnonzero(label[commodities:] == k)) for k in range(count)]
    return [Family(commodities=c, groups=g) for c, g in found if len(c) and len(g)]


def lightest_work(p: Problem) -> Floats:
    """(C,) erlangs of a contact in the group where it takes least."""
    work = np.full(len(p.commodity_names), np.inf)
    np.minimum.at(work, p.arc_commodity, p.arc_work)
    return np.where(np.isfinite(work), work, 0.0)


def headcount_rows(p: Problem) -> HeadcountRows:
    """Rows of every contact type and of every family."""
    kinds = [kind for _, kind in p.commodity_names]
    sets = [np.flatnonzero([k == kind for k in kinds]) for kind in dict.fromkeys(kinds)]
    sets += [f.commodities for f in families(p)]
    work = lightest_work(p)
    weight, agents = [np.zeros((0, len(p.group_names)))], [np.zeros((0, len(p.hours)))]
    for mine in {tuple(s.tolist()): s for s in sets}.values():
        able = np.zeros(len(p.group_names), dtype=bool)
        able[p.arc_group[np.isin(p.arc_commodity, mine)]] = True
        need = _fewest(p, able, mine, work)
        if need is not None:
            weight.append(able[None].astype(float))
            agents.append(need[None])
    return HeadcountRows(weight=np.concatenate(weight), agents=np.concatenate(agents))


def _fewest(p: Problem, able: Bools, mine: Ints, work: Floats) -> Floats | None:
    """Fewest agents (T,) of the groups ``able`` for the commodities ``mine``; None where the tables end too early."""
    if not able.any():
        return None
    table = p.outer[able].max(axis=0)
    cap = int(min(table.size - 1, seats_or_enough(p)[p.group_site[able]].max()))
    best = float(np.max(table[1 : cap + 1] / np.arange(1, cap + 1), initial=0.0))
    if cap < 1 or best <= 0.0:
        return None
    load = (work[mine, None] * p.demand_low[mine]).sum(axis=0)
    if float(load.max()) / best * cap > MOST_STEPS:  # the knapsack would take seconds; the best rate will do
        return np.array([math.ceil(x / best * (1.0 - CLOSE)) for x in load], dtype=float)
    loss = loss_of(p, able, mine)
    need = [
        fewest_whole(table, cap, x) if loss is None or x <= 0.0 else loss.fewest(_knapsack(table, x), cap, t)
        for t, x in enumerate(load.tolist())
    ]  # fmt: skip
    return None if min(need) < 0 else np.array(need, dtype=float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What the loss of a site asks of N agents, at most h of them at one of ``sites`` sites: N >= ``floor(h, t)``."""

    need: Floats
    surge: float
    held: float
    sites: int

    def floor(self, h: int, t: int) -> int:
        """Fewest agents of which h are at the largest site."""
        return math.ceil((float(self.need[t]) + self.held * h) / self.surge - CLOSE)

    def fewest(self, certify: Callable[[int], int], cap: int, t: int) -> int:
        """Least over h of the larger of ``certify(h)`` (falling in h, -1: not possible) and the floor (rising)."""
        low, high = 1, cap
        while low < high:
            h = (low + high) // 2
            low, high = (low, h) if 0 <= certify(h) <= self.floor(h, t) else (h + 1, high)
        found = []
        for h in (low - 1, *range(low, cap + 1)):
            fewest = certify(h) if h > 0 else -1
            least = max(fewest, self.floor(h, t))
            if fewest >= 0 and least <= h * self.sites:
                found.append(least if h < low or h == cap else self.floor(h, t))
                if h >= low:
                    break
        return min(found, default=self.floor(cap, t))


def loss_of(p: Problem, able: Bools, mine: Ints) -> Loss | None:
    """What E11 asks of the groups ``able`` for the commodities ``mine``; None where it has no row for them."""
    rule = p.site_loss
    names = {p.group_names[g][0] for g in np.flatnonzero(able)}
    if rule is None or rule.relocatable > rule.surge or names & p.never_lost:
        return None
    kinds = {p.commodity_names[c][1] for c in mine}
    of_kinds = np.array([kind in kinds for _, kind in p.commodity_names])
    if of_kinds.sum() != len(mine):
        return None
    load = rule.share * lightest_work(p)[:, None] * p.demand
    need = load[mine].sum(axis=0) * (1.0 - CLOSE) - CLOSE * (1.0 + load.sum(axis=0))  # designs are judged with a tolerance
    sites = min(len(names), max(p.max_sites, 1))
    return Loss(need=np.maximum(need, 0.0), surge=rule.surge, held=rule.surge - rule.relocatable, sites=sites)


def rows_after_loss(p: Problem) -> HeadcountRows:
    """The rows of E11 themselves, for every lost site; a design is judged with a tolerance, so they ask for a little less."""
    if may_be_spared(p):
        return HeadcountRows(weight=np.zeros((0, len(p.group_names))), agents=np.zeros((0, len(p.hours))))
    lost = loss_rows(p)
    work = (lightest_work(p)[:, None] * p.demand).sum(axis=0)
    return HeadcountRows(weight=lost.weight, agents=np.maximum(lost.need * (1.0 - CLOSE) - CLOSE * (1.0 + work), 0.0))
