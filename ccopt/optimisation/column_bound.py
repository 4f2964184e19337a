r"""A bound by plans of sites: prices that are the best for a box, and a tree over sites and numbers of agents.

`lagrangian` says what prices prove; here they come from a linear programme over the plans that site programmes have
answered with so far (`column_master`), in a box around the prices that have proven most. The box grows where the programme
foretold the gain and shrinks where it did not, so that the bound rises to the best that prices can prove.

What is left is a gap of the relaxation: prices split a contact type over sites with whole groups each. So the designs are
divided: an option is open or closed, a group has at most k agents or more. In a part the site programmes keep these bounds,
and the least bound of all parts is a bound. The part with the least one is divided next, at the option that its mixture of
plans opens by halves, else at the group on whose agents the plans differ most.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ccopt.optimisation.column_master import Master, Mixture
from ccopt.optimisation.headcount_rows import HeadcountRows
from ccopt.optimisation.lagrangian import BoundResult, Cut, SiteProgrammes
from ccopt.optimisation.prices import price_limits, timed_rows
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem
from ccopt.optimisation.site_choice import best_sites
from ccopt.optimisation.work import spend

BOX = 0.05  # of a price, at first
SMALL = 0.1  # of what agents usually cost: the box of a price of 0
WIDEST = 1.0
GROW, SHRINK = 1.5, 0.8
GOOD = 0.1  # of the gain that the programme foretold
ROOT_STEPS, PART_STEPS = 400, 40
ROOT_CLOSE, PART_CLOSE = 1e-5, 2e-4  # of the bound, that the programme still foretells
HALF = 0.02
LEAST_SPREAD = 1e-9  # of the cost
PLAN_S = 1e-4  # of the work clock, per plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Designs whose groups have agents between ``low`` and ``top`` (G, T), options ``fixed`` (S,) closed 0, open 1 or free -1.

    ``bound`` is below the cost of each; ``prices`` (K,) prove it; ``opened`` (S,), ``mean`` and ``spread`` (G, T) are of the
    mixture of plans at these prices.
    """

    low: Ints
    top: Ints
    fixed: Ints
    bound: float
    prices: Floats
    opened: Floats
    mean: Floats
    spread: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """``enough()`` is a bound that closes the gap, ``over()`` whether the time has ended; ``on_bound`` hears of better bounds."""

    enough: Callable[[], float]
    over: Callable[[], bool]
    on_bound: Callable[[float], None]


class Plans:
    """All plans of a problem that were found, and the programme over them."""

    def __init__(self, p: Problem, rows: HeadcountRows, on_cut: Cut | None = None) -> None:
        self.p, self.on_cut = p, on_cut
        self.rows = timed_rows(p, rows)
        self.programmes = SiteProgrammes(p, self.rows)
        self.widest = self.programmes.top.copy()
        self.shape = p.demand.shape
        self.count = p.demand.size
        self.need = np.concatenate((np.where(p.demand > 0.0, p.own_demand, 0.0).ravel(), self.rows.agents.ravel()))
        unit = np.concatenate((np.where(p.demand > 0.0, p.demand, 1.0).ravel(), np.maximum(self.rows.agents, 1.0).ravel()))
        least, most = price_limits(p, self.rows, self.programmes.timed)
        self.least = np.concatenate((least.ravel(), np.zeros(most.size)))
        self.most = np.concatenate((np.full(self.count, np.inf), most.ravel()))
        self.usual = _usual_prices(p, self.rows)
        self.master = Master(self.need, unit, len(p.site_names), max(float(self.usual @ self.need), 1.0))
        self.site: list[int] = []
        self.agents: list[list[Ints]] = [[] for _ in p.site_names]
        self.sets: list[Bools] = []
        self.known: set[bytes] = set()
        self.arc_site = p.group_site[p.arc_group]
        self.groups = [np.flatnonzero(p.group_site == s) for s in range(len(p.site_names))]

    def split(self, prices: Floats) -> tuple[Floats, Floats]:
        """Prices of contacts (C, T) and of headcount rows (M, T)."""
        return prices[: self.count].reshape(self.shape), prices[self.count :].reshape(self.rows.agents.shape)

    def joined(self, prices: Floats, row_prices: Floats) -> Floats:
        """Prices of contacts and of headcount rows in one row (K,)."""
        return np.concatenate((prices.ravel(), row_prices.ravel()))

    def prove(self, prices: Floats, low: Ints, top: Ints, fixed: Ints) -> float:
        """What prices prove for a part; the plans of their answer join the programme."""
        p, programmes = self.p, self.programmes
        contacts, row_prices = self.split(prices)
        programmes.low, programmes.top = low, top
        programmes.run(contacts, row_prices)
        value = programmes.values + p.site_cost
        total, chosen = best_sites(p, value, programmes.covers, fixed)
        const = p.base_cost + float(prices @ self.need)
        if self.on_cut is not None and not low.any() and (top == self.widest).all():
            self.on_cut(const, value, contacts, row_prices)
        if math.isfinite(total):
            self._add_set(chosen)
            answered = np.flatnonzero((fixed != 0) & np.isfinite(value))
            for s in answered.tolist():
                self._add_plan(s, float(value[s]), prices, row_prices)
            spend(PLAN_S * len(answered))
        return const + total

    def _add_set(self, chosen: Bools) -> None:
        if chosen.tobytes() not in self.known:
            self.known.add(chosen.tobytes())
            self.sets.append(chosen.copy())
            self.master.add_set(chosen)

    def _add_plan(self, s: int, value: float, prices: Floats, row_prices: Floats) -> None:
        """The plan of an option at the last prices."""
        p, programmes = self.p, self.programmes
        one = np.zeros(len(p.site_names), dtype=bool)
        one[s] = True
        on = one[self.arc_site]
        served = programmes.served(on) - programmes.escalated(on)
        gives = np.concatenate((np.where(p.demand > 0.0, served, 0.0).ravel(), programmes.headcount(one, row_prices).ravel()))
        mine = programmes.agents[self.groups[s]].copy()
        key = s.to_bytes(4, "little") + gives.tobytes() + mine.tobytes()
        if key not in self.known:
            self.known.add(key)
            self.site.append(s)
            self.agents[s].append(mine)
            self.master.add_plan(s, value + float(prices @ gives), gives)

    def restrict(self, low: Ints, top: Ints, fixed: Ints) -> None:
        """Only plans and sets of a part."""
        site = np.array(self.site)
        fit = np.zeros(len(site), dtype=bool)
        for s in np.flatnonzero(fixed != 0).tolist():
            if self.agents[s]:
                mine, agents = self.groups[s], np.array(self.agents[s])
                fit[site == s] = ((agents >= low[mine]) & (agents <= top[mine])).all(axis=(1, 2))
        sets = np.array(self.sets)
        self.master.allow(fit, ~((sets & (fixed == 0)) | (~sets & (fixed == 1))).any(axis=1))

    def mixed(self, mixture: Mixture) -> tuple[Floats, Floats, Floats]:
        """Share of each option (S,) that is open, mean agents and how much the plans differ from it (G, T)."""
        mean = np.zeros(self.widest.shape)
        spread = np.zeros(self.widest.shape)
        opened = mixture.sets @ np.array(self.sets[: len(mixture.sets)], dtype=float)
        site = np.array(self.site[: len(mixture.plans)])
        for s, mine in enumerate(self.groups):
            weight = mixture.plans[site == s][:, None, None]
            agents = np.array(self.agents[s][: len(weight)]).reshape(len(weight), len(mine), len(self.p.hours))
            mean[mine] = (weight * agents).sum(axis=0)
            spread[mine] = (weight * np.abs(agents - mean[mine])).sum(axis=0)
        spread += (1.0 - np.minimum(opened, 1.0))[self.p.group_site][:, None] * mean
        return opened, mean, spread


def _usual_prices(p: Problem, rows: HeadcountRows) -> Floats:
    """Prices (K,) at which contacts pay their agents and seats on average, and rows on agents one agent."""
    agent = (p.agent_cost + p.seat_cost[p.group_site, None] / len(p.hours)).mean(axis=0)
    contact = np.zeros(p.demand.shape)
    np.maximum.at(contact, p.arc_commodity, p.arc_work[:, None] * agent + np.abs(p.arc_cost))
    every = np.broadcast_to(agent, rows.agents.shape)
    found: Floats = np.maximum(np.concatenate((contact.ravel(), every.ravel())), 1.0)
    return found


def raised(
    plans: Plans, part: Part, aim: Aim, *, steps: int, close: float, on_bound: Callable[[float], None] | None = None
) -> Part:
    """The part with the best bound that prices prove in so many steps, or as soon as it is enough."""
    best = plans.prove(part.prices, part.low, part.top, part.fixed)
    if not math.isfinite(best):  # no sites that keep the rules on sites and seats
        return replace(part, bound=best, spread=np.zeros_like(part.spread), opened=np.zeros(len(part.fixed)))
    centre, width = part.prices, BOX
    unit = np.maximum(np.abs(centre), SMALL * plans.usual)
    plans.restrict(part.low, part.top, part.fixed)
    mixture: Mixture | None = None
    for _ in range(steps):
        if best >= aim.enough() or aim.over():
            break
        plans.master.box(
            np.maximum(centre - width * unit, plans.least), np.minimum(centre + width * unit, plans.most)
        )
        found = plans.master.solve()
        if found is None:
            break
        mixture = found
        foretold = found.value + plans.p.base_cost - best
        if foretold <= close * abs(best) and width >= 0.5:
            break
        prices = np.clip(found.prices, plans.least, plans.most)
        value = plans.prove(prices, part.low, part.top, part.fixed)
        good = value > best + GOOD * foretold
        width = min(width * GROW, WIDEST) if good else width if value > best else width * SHRINK
        if foretold <= close * abs(best):
            width = min(2.0 * width, WIDEST)
        if value > best:
            best, centre = value, prices
            if on_bound is not None:
                on_bound(best)
    bound = max(best, part.bound)
    if mixture is None or len(mixture.plans) == 0:
        return replace(part, bound=bound, prices=centre, spread=np.zeros_like(part.spread), opened=np.zeros(len(part.fixed)))
    opened, mean, spread = plans.mixed(mixture)
    return replace(part, bound=bound, prices=centre, opened=opened, mean=mean, spread=spread)


def divided(p: Problem, part: Part) -> list[Part]:
    """Two parts that hold all designs of one; none where its plans agree."""
    half = np.where(part.fixed == -1, np.abs(part.opened - np.round(part.opened)), 0.0)
    if half.max(initial=0.0) > HALF:
        s = int(np.argmax(half))
        return [replace(part, fixed=_with(part.fixed, s, v)) for v in (0, 1)]
    score = np.where(part.low < part.top, part.spread * p.agent_cost, 0.0)
    g, t = np.unravel_index(int(np.argmax(score)), score.shape)
    if score[g, t] <= LEAST_SPREAD * abs(part.bound):
        return []
    k = min(max(int(part.mean[g, t] + 1e-9), int(part.low[g, t])), int(part.top[g, t]) - 1)
    few, more = part.top.copy(), part.low.copy()
    few[g, t], more[g, t] = k, k + 1
    return [replace(part, top=few), replace(part, low=more, fixed=_with(part.fixed, int(p.group_site[g]), 1))]


def _with(values: Ints, at: int, value: int) -> Ints:
    out = values.copy()
    out[at] = value
    return out


def whole_part(plans: Plans, root: BoundResult) -> Part:
    """All designs; prices start from ``root``, whose rows are those of the plans."""
    nothing = np.zeros(plans.widest.shape)
    sites = len(plans.p.site_names)
    return Part(
        low=np.zeros_like(plans.widest), top=plans.widest, fixed=np.full(sites, -1), bound=-math.inf,
        prices=plans.joined(root.prices, root.row_prices), opened=np.zeros(sites), mean=nothing, spread=nothing,
    )  # fmt: skip


def raised_whole(plans: Plans, root: BoundResult, aim: Aim) -> Part:
    """The bound of all designs, before they are divided."""
    return raised(plans, whole_part(plans, root), aim, steps=ROOT_STEPS, close=ROOT_CLOSE, on_bound=aim.on_bound)


def bound_by_parts(plans: Plans, first: Part, aim: Aim) -> float:
    """Divide the part with the least bound until it is enough, the time is over or no part can be divided."""
    count, settled = 0, math.inf
    heap = [(first.bound, count, first)]
    while heap and not aim.over() and heap[0][0] < min(aim.enough(), settled):
        bound, _, part = heapq.heappop(heap)
        halves = divided(plans.p, part)
        if not halves:
            settled = min(settled, bound)
        for half in halves:
            found = raised(plans, half, aim, steps=PART_STEPS, close=PART_CLOSE)
            count += 1
            heapq.heappush(heap, (found.bound, count, found))
        aim.on_bound(min([settled, *(b for b, _, _ in heap[:1])]))
    return min([settled, *(b for b, _, _ in heap[:1])])
