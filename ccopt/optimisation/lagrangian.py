r"""A bound on every design: demand priced instead of required, each site solved exactly.

For prices :math:`\pi \ge 0` of the rows "served >= own demand + escalated" and :math:`\sigma \ge 0` of the rows on whole
agents (`headcount_rows`),

.. math:: L = base + \sum_{c,t} \pi_{ct} d^{own}_{ct} + \sum_{m,t} \sigma_{mt} f_{mt} + \min_{y} \sum_s y_s (F_s + W_s)

is at most the cost of every design: its sites are feasible for the site programmes (tables rounded up, most favourable
mix, at most ``demand`` of each commodity), and what it escalates is at least the share of the contacts that a group of so
many agents answers when all its targets hold; that share is priced inside the site programme. The minimum over y respects
forced and exclusive options, the counts of sites, and the seats that all agents need at least (`site_choice`). Nothing is
assumed of the tables but that they do not fall. Prices move by a deflected subgradient with Polyak steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.contract_floor import contract_lines
from ccopt.optimisation.headcount_rows import HeadcountRows, covers, headcount_rows
from ccopt.optimisation.offer_rows import credits, sold_reach, time_left
from ccopt.optimisation.prices import cheapest_prices, price_limits, timed_rows
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem
from ccopt.optimisation.site_choice import best_sites
from ccopt.optimisation.site_programmes import all_sites
from ccopt.optimisation.staffing_rows import spare_agents
from ccopt.optimisation.work import now, spend

PATIENCE = 20
WARM = 1000  # evaluations that a start counts for: its prices are nearly right, so steps aim near
SHRINK = 0.75
ENDLESS = 1e25
SMALLEST_STEP = 1e-4
MOST_SEATS = 4000
EACH_S = 1.5e-4  # of the work clock, beside the programmes
GROUP_S = 5e-7  # per group, period and line of a contract
STEP_S = 5e-10  # per combination of agents and seats
RANGES = (0, 2, 3, 4, 6, 8, 11, 15, 20, 30, 45, 70, 110)

Cut = Callable[[float, Floats, Floats, Floats], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundResult:
    """The best bound, its prices of contacts (C, T) and of headcount rows (M, T), and the work spent.

    ``site_values`` (S,) are the values of the options at these prices.

    ``visits`` (S,) counts how often a site was open, ``group_visits`` (G,) how often a group was used, over the later
    half of the evaluations; ``mean_flow`` (E, T) is the averaged flow of the relaxation.
    """

    lower_bound: float
    rows: HeadcountRows
    prices: Floats
    row_prices: Floats
    site_values: Floats
    visits: Floats
    group_visits: Floats
    mean_flow: Floats
    evaluations: int


class SiteProgrammes:
    """The site programmes of a problem with their memory, ready for many prices."""

    def __init__(self, p: Problem, rows: HeadcountRows) -> None:
        self.p = p
        sites, groups = len(p.site_names), len(p.group_names)
        self.site_groups = np.argsort(p.group_site, kind="stable").astype(np.int64)
        counts = np.bincount(p.group_site, minlength=sites)
        self.site_start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        self.arcs = np.argsort(p.arc_group, kind="stable").astype(np.int64)
        self.arc_start = np.concatenate(([0], np.cumsum(np.bincount(p.arc_group, minlength=groups)))).astype(np.int64)
        self.most = np.ascontiguousarray(p.arc_most)
        self.seats = np.minimum(seats_or_enough(p), MOST_SEATS).astype(np.int64)
        load = np.zeros((groups, len(p.hours)))
        np.add.at(load, p.arc_group, p.arc_work[:, None] * self.most)
        reach = np.array([[np.searchsorted(p.outer[g], x) for x in load[g]] for g in range(groups)], dtype=np.int64)
        limit = np.minimum(p.outer.shape[1] - 1, seats_or_enough(p)[p.group_site])[:, None]
        reach = np.maximum(reach.reshape(groups, -1), sold_reach(p))
        if spare_agents(p):
            reach = np.broadcast_to(limit, reach.shape)
        self.top: Ints = np.where(p.available[p.group_site], np.minimum(reach, limit), 0)
        self.low: Ints = np.zeros_like(self.top)
        self.edges: Ints = np.array([e for e in RANGES if e < p.outer.shape[1]], dtype=np.int64)
        self.kept = 1.0 - p.largest_loss[:, self.edges]  # losses fall with the agents: the range's first is its largest
        use = np.bincount(p.group_site, weights=self.top.max(axis=1, initial=0), minlength=sites)
        self.too_wide = bool((np.minimum(use, seats_or_enough(p)) > MOST_SEATS).any())
        widest = int(self.seats.max(initial=0))
        used = np.arange(widest + 1)
        lines = [contract_lines(p, s, used) for s in range(sites)]
        self.line_start = np.concatenate(([0], np.cumsum([len(mine) for mine in lines]))).astype(np.int64)
        of_option = np.repeat(np.arange(sites), np.diff(self.line_start))
        self.per_hour = np.array([x.per_hour for mine in lines for x in mine])
        per_year = np.array([x.per_year for mine in lines for x in mine])
        self.seat_cost = (p.seat_cost[:, None] * used + sum_overhead(p, used))[of_option] + per_year.reshape(-1, len(used))
        self.agents: Ints = np.zeros((groups, len(p.hours)), dtype=np.int64)
        self.rows, self.covers = rows, covers(p, rows)
        self.weight = sparse.csr_array(rows.weight)
        self.timed = len(rows.agents) - groups if p.offers is not None else len(rows.agents)  # first row of agents' time
        self.row_scale = 1.0 / float(p.arc_work.mean())  # an agent counts as the contacts per hour that it serves
        self.flow: Floats = np.zeros((len(p.arc_group), len(p.hours)))
        arcs = np.arange(len(p.arc_group))
        self.of_commodity = sparse.csr_array((np.ones(len(arcs)), (p.arc_commodity, arcs)), shape=(len(p.demand), len(arcs)))
        self.values: Floats = np.zeros(sites)
        self.steps: Ints = np.zeros(1, dtype=np.int64)
        self.groups_s = GROUP_S * float(np.diff(self.line_start) @ counts) * len(p.hours)

    def run(self, prices: Floats, row_prices: Floats) -> None:
        """Solve every site at the prices of contacts and of headcount rows; see ``values``, ``agents``, ``flow``."""
        p = self.p
        self.steps[0] = 0
        rebate = self.weight.T @ row_prices
        gain = prices[p.arc_commodity] - p.arc_cost
        if p.offers is not None:
            gain -= credits(p, row_prices[self.timed :])
        onward = np.zeros_like(prices)
        np.add.at(onward, p.escalation_from, p.escalation_share[:, None] * prices[p.escalation_to])
        all_sites(
            len(p.site_names), self.site_start, self.site_groups, self.arc_start, self.arcs, gain,
            onward[p.arc_commodity], p.arc_work, self.most, p.outer, self.kept, self.edges, p.agent_cost - rebate,
            self.top, self.low, self.seats, self.line_start, self.seat_cost, self.per_hour, p.hours, self.agents, self.flow,
            self.values, self.steps,
        )  # fmt: skip
        spend(EACH_S + self.groups_s + STEP_S * float(self.steps[0]))

    def headcount(self, chosen: Bools, row_prices: Floats) -> Floats:
        """Agents (M, T) of each headcount row at the chosen sites; of rows of agents' time, what is left of them."""
        on = chosen[self.p.group_site][:, None]
        agents = np.where(on, self.agents, 0)
        found: Floats = np.asarray(self.weight @ agents, dtype=float)
        if self.p.offers is not None:
            flow = np.where(on[self.p.arc_group], self.flow, 0.0)
            found[self.timed :] = time_left(self.p, row_prices[self.timed :], agents.astype(float), flow)
        return found

    def served(self, on: Bools) -> Floats:
        """Contacts per hour (C, T) of the flows of the arcs ``on``."""
        found: Floats = self.of_commodity @ np.where(on[:, None], self.flow, 0.0)
        return found

    def escalated(self, on: Bools) -> Floats:
        """Contacts per hour (C, T) that the flows of the arcs ``on`` surely pass on to other commodities."""
        p = self.p
        if not p.escalation_from.size:
            return np.zeros_like(p.demand)
        group = p.arc_group
        level = np.searchsorted(self.edges, self.agents[group], side="right") - 1
        answered = np.zeros_like(p.demand)
        np.add.at(answered, p.arc_commodity[on], (self.flow * self.kept[group[:, None], level])[on])
        out = np.zeros_like(p.demand)
        np.add.at(out, p.escalation_to, p.escalation_share[:, None] * answered[p.escalation_from])
        return out


def sum_overhead(p: Problem, used: Ints) -> Floats:
    """Yearly overhead salaries (S, len(used))."""
    rows = [
        sum((np.ceil(used / o.span) * o.salary_per_year for o in row), start=np.zeros(len(used))) for row in p.overhead
    ]
    return np.array(rows).reshape(len(p.overhead), len(used))


def lagrangian_bound(
    p: Problem, *, deadline: float, upper: Callable[[], float] | None = None, gap: float = 0.0,
    on_bound: Callable[[float], None] | None = None, max_evaluations: int = 100_000, fixed: Ints | None = None,
    start: BoundResult | None = None, stop: Callable[[], bool] | None = None, on_cut: Cut | None = None,
    first_step: float = 1.0, rows: HeadcountRows | None = None,
) -> BoundResult:  # fmt: skip
    """Raise the bound until the deadline (of `work.now`), the gap to ``upper()``, or no step helps.

    Parameters
    ----------
    p
        The problem.
    upper
        Cost of the best design so far; aims the step lengths.
    gap
        Stop when the bound is within this share of ``upper()``.
    fixed
        Options fixed open (1) or closed (0), -1 free.
    start
        An earlier result whose prices to start from.
    stop
        Asked before every evaluation; True ends the ascent.
    on_cut
        Called at every evaluation with a constant, values of the options and the prices: the constant plus the values of
        its open options is below the cost of every design.
    first_step
        Length of the first steps, as a share of the distance to the aim.
    rows
        Rows on whole agents that every design keeps, `headcount_rows` when not given; with a ``start`` they are those of it.
    """
    rows = timed_rows(p, rows or headcount_rows(p)) if start is None else start.rows
    programmes = SiteProgrammes(p, rows)
    if programmes.too_wide:  # the programmes hold so many seats only, and fewer would be no relaxation
        return _nothing(p, programmes)
    prices = cheapest_prices(p) if start is None else start.prices.copy()
    row_prices = np.zeros_like(programmes.rows.agents) if start is None else start.row_prices.copy()
    best = -math.inf
    best_prices, best_rows, best_values = prices.copy(), row_prices.copy(), np.zeros(len(p.site_names))
    direction, row_direction = np.zeros_like(prices), np.zeros_like(row_prices)
    step, fails, evaluations = first_step, 0, 0
    visits, group_visits = np.zeros(len(p.site_names)), np.zeros(len(p.group_names))
    mean_flow, weight = np.zeros_like(programmes.flow), 0.0
    active = p.demand > 0.0
    floor, most = price_limits(p, programmes.rows, programmes.timed)
    while evaluations < max_evaluations and now() < deadline and not (stop is not None and stop()):
        programmes.run(prices, row_prices)
        evaluations += 1
        value = programmes.values + p.site_cost
        total, chosen = best_sites(p, value, programmes.covers, fixed)
        const = p.base_cost + float((prices * p.own_demand).sum()) + float((row_prices * programmes.rows.agents).sum())
        bound = const + total
        if on_cut is not None:
            on_cut(const, value, prices, row_prices)
        on = chosen[p.group_site[p.arc_group]]
        slope = np.where(active, p.own_demand + programmes.escalated(on) - programmes.served(on), 0.0)
        row_slope = programmes.row_scale * (programmes.rows.agents - programmes.headcount(chosen, row_prices))
        row_slope = np.where(row_prices < most, row_slope, np.minimum(row_slope, 0.0))  # at their most they rise no further
        if bound > best:
            fails = 0 if bound > best + 1e-7 * abs(best) else fails + 1
            best, best_prices, best_rows, best_values = bound, prices.copy(), row_prices.copy(), value.copy()
            if on_bound is not None:
                on_bound(best)
        else:
            fails += 1
        if evaluations > 20:
            fade = 0.995
            visits = fade * visits + chosen
            group_visits = fade * group_visits + (programmes.agents.any(axis=1) & chosen[p.group_site])
            mean_flow = fade * mean_flow + np.where(on[:, None], programmes.flow, 0.0)
            weight = fade * weight + 1.0
        if best > ENDLESS:  # no design at all: prices would rise until they overflow
            break
        target = upper() if upper is not None else math.inf
        if math.isfinite(target) and target - best <= gap * abs(target):
            break
        if fails >= PATIENCE:
            step *= SHRINK
            fails = 0
            if step < SMALLEST_STEP:
                break
            prices, row_prices = best_prices.copy(), best_rows.copy()
            direction, row_direction = np.zeros_like(prices), np.zeros_like(row_prices)
            continue
        aim = _aim(target, best, evaluations if start is None else evaluations + WARM)
        direction, row_direction = slope + 0.6 * direction, row_slope + 0.6 * row_direction
        square = float((direction**2).sum() + (row_direction**2).sum())
        if square <= 0.0 or math.isinf(total):
            break
        length = step * max(aim - bound, 1e-9 * abs(bound)) / square
        prices = np.maximum(prices + length * direction, floor)
        row_prices = np.clip(row_prices + length * programmes.row_scale * row_direction, 0.0, most)
    scale = max(weight, 1.0)
    return BoundResult(
        lower_bound=best, rows=rows, prices=best_prices, row_prices=best_rows, site_values=best_values, visits=visits / scale,
        group_visits=group_visits / scale, mean_flow=mean_flow / scale, evaluations=evaluations,
    )  # fmt: skip


def _nothing(p: Problem, programmes: SiteProgrammes) -> BoundResult:
    """A result that says nothing."""
    return BoundResult(
        lower_bound=-math.inf, rows=programmes.rows, prices=cheapest_prices(p), row_prices=np.zeros_like(programmes.rows.agents),
        site_values=np.zeros(len(p.site_names)), visits=np.zeros(len(p.site_names)),
        group_visits=np.zeros(len(p.group_names)), mean_flow=np.zeros_like(p.arc_cost), evaluations=0,
    )  # fmt: skip


def _aim(upper: float, best: float, evaluations: int) -> float:
    """Value that the Polyak step aims at; where revenue leaves little of the cost, by the distance to the best design."""
    far = max(abs(best), upper - best) if math.isfinite(upper) else abs(best)
    return min(upper, best + far * (0.5 if evaluations < 60 else 0.05))
