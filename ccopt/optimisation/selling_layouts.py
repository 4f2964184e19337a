"""Layouts for designs that sell: the search takes offers that pay their agents as part of the contacts.

Where an offer earns more than the wage of its time, agents are hired for it, so that who serves whom is to be chosen with
the time and the money of offers, not without: handle times grow by the offer, contacts earn what it brings, and the tables
say how many agents it takes when everybody gets one. Each design that the search finds is certified without offers and
ranked by an estimate with them; a few of different structure go to the search of offers, which judges them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ccopt.design import Design
from ccopt.optimisation.aggregation import Aggregate, aggregate
from ccopt.optimisation.design_search import DesignSearch
from ccopt.optimisation.exact_moves import ExactMoves, judged_at_once, shares_of
from ccopt.optimisation.findings import Best
from ccopt.optimisation.options import Options
from ccopt.optimisation.problem import Floats, Problem, Solution
from ccopt.optimisation.run import Run

STAKE = 0.05  # of the wages: below, offers do not choose the layout
ANNEALED_SHARE, MOVED_SHARE = 0.15, 0.35  # of the time left
MOST_LAYOUTS = 4
MOST_ADDED = 12
Layout = tuple[tuple[str, str], ...]


def always_selling(p: Problem) -> Problem:
    """A problem of designs in which every contact gets the offers that earn more than the wage of their time."""
    assert p.offers is not None
    wage = p.agent_cost.sum(axis=1)[p.arc_group]
    pays = p.offers.gain.sum(axis=1) > p.offers.work * wage
    return replace(
        p, offers=None, inner=lengthened(p.inner), arc_work=p.arc_work + np.where(pays, p.offers.work, 0.0),
        arc_cost=p.arc_cost - np.where(pays[:, None], p.offers.gain, 0.0),
    )  # fmt: skip


def lengthened(table: Floats) -> Floats:
    """Tables that go on as they end, where they were extended by constants: an estimate for more contacts than there are."""
    found = table.copy()
    for row in found:
        last = int(np.searchsorted(row, row[-1]))
        if 0 < last < row.size - 1:
            row[last:] = row[last] + np.arange(row.size - last) * max(row[last] - row[last - 1], 0.0)
    return found


def stake(p: Problem) -> float:
    """What offers can earn beyond the wage of their time, as a share of all wages at full occupancy."""
    if p.offers is None:
        return 0.0
    best = np.zeros(p.demand.shape)
    np.maximum.at(best, p.arc_commodity, p.offers.gain - p.offers.work[:, None] * p.agent_cost[p.arc_group])
    wages = np.full(p.demand.shape, np.inf)
    np.minimum.at(wages, p.arc_commodity, p.agent_cost[p.arc_group] * p.arc_work[:, None])
    total = float((np.where(np.isfinite(wages), wages, 0.0) * p.demand).sum())
    return float((best * p.demand).sum()) / total if total > 0.0 else 0.0


def net_with_offers(p: Problem, found: Best) -> float:
    """Estimate of cost less revenue once the groups of a design sell, with agents added as long as they pay."""
    assert p.offers is not None
    table = lengthened(p.inner)
    flows = shares_of(p, found.design) * p.demand[p.arc_commodity]
    agents = {(g.site, g.skill_set): g.agents for g in found.design.groups}
    net = found.objective
    for g in np.unique(p.arc_group[(flows > 0.0).any(axis=1)]):
        mine = np.flatnonzero((p.arc_group == g) & (p.offers.work > 0.0))
        seat = p.seat_cost[p.group_site[g]]
        present = agents.get(p.group_names[g], (0,) * len(p.hours))
        for t in np.flatnonzero(flows[p.arc_group == g].any(axis=0)):
            load = float(p.arc_work[p.arc_group == g] @ flows[p.arc_group == g, t])
            n = np.arange(present[t], min(present[t] + MOST_ADDED, table.shape[1] - 1) + 1)
            room = np.maximum(table[g, n] - load, 0.0)
            price = p.agent_cost[g, t] + (seat if present[t] == max(present) else 0.0)
            value = -price * (n - present[t])
            for e in mine[np.argsort(-p.offers.gain[mine, t] / p.offers.work[mine], kind="stable")]:
                sold = np.minimum(room, p.offers.work[e] * flows[e, t])
                value += p.offers.gain[e, t] * sold / p.offers.work[e]
                room -= sold
            net -= max(float(value.max(initial=0.0)), 0.0)
    return net


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranked:
    """A certified design by its estimate with offers, in the place of its cost."""

    best: Best
    net: float


class SellingLayouts:
    """The search; a run as annealing and moves see it, with the estimate as the cost to lower."""

    def __init__(self, run: Run, sold: Problem, seed: int) -> None:
        self.run, self.sold, self.seed = run, sold, seed
        self.aggregated: Aggregate = aggregate(always_selling(sold))
        self.p, self.goal = self.aggregated.problem, run.goal
        self.left, self.done = run.left, run.done
        self.found: dict[Layout, _Ranked] = {}
        self.top: Best | None = None

    def search(self) -> None:
        """Annealing, then moves that are judged one by one where that is fast."""
        DesignSearch(self, self.seed).search(share=ANNEALED_SHARE)
        if self.top is not None and judged_at_once(self.sold) and not self.done():
            ExactMoves(_Whole(self), self.seed).search(seconds=MOVED_SHARE * self.run.left())

    def designs(self) -> tuple[Design, ...]:
        """Certified designs of different structure, the best estimate first."""
        ranked = sorted(self.found.values(), key=lambda r: r.net)
        return tuple(r.best.design for r in ranked[:MOST_LAYOUTS])

    def volume(self) -> Floats | None:
        """Nothing is known of the volumes of designs that sell."""

    def offer(self, solution: Solution | None, stage: str) -> bool:
        """Rank a solution; True where its estimate is the best so far."""
        before = self.top
        self.judged(None if solution is None else self.aggregated.lift(solution), stage)
        return self.top is not before

    def judged(self, solution: Solution | None, stage: str) -> Best | None:
        """The certified design with its estimate in the place of cost and revenue."""
        found = self.run.judged(solution, stage)
        if found is None:
            return None
        net = net_with_offers(self.sold, found)
        layout = tuple(sorted((g.site, g.skill_set) for g in found.design.groups if any(g.agents)))
        known = self.found.get(layout)
        if known is None or net < known.net:
            self.found[layout] = _Ranked(best=found, net=net)
        account = replace(found.account, revenue_per_year=found.account.cost_per_year - net)
        estimated = Best(design=found.design, account=account)
        if self.top is None or net < self.top.objective:
            self.top = estimated
        return estimated


class _Whole:
    """The layouts as moves on the whole problem see them."""

    def __init__(self, layouts: SellingLayouts) -> None:
        self.layouts, self.p = layouts, layouts.aggregated.whole
        self.done, self.judged = layouts.done, layouts.judged

    @property
    def best(self) -> Best | None:
        """The design of the best estimate."""
        return self.layouts.top


class Selling:
    """The problem of bounds in which offers may earn, and the search of layouts that sell, where these are at stake."""

    def __init__(self, run: Run, problem: Problem, options: Options) -> None:
        self.problem = problem
        worth = options.extra is None and stake(problem) > STAKE
        self.layouts = SellingLayouts(run, problem, options.seed) if worth else None

    def search(self) -> None:
        """Once, before designs without offers."""
        if self.layouts is not None and self.layouts.top is None and not self.layouts.done():
            self.layouts.search()

    def designs(self) -> tuple[Design, ...]:
        """Certified designs to sell with, the best estimate first."""
        return () if self.layouts is None else self.layouts.designs()
