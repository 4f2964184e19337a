"""Bounds by prices for programmes on segments: what they prove by themselves, and cuts for the programme that follows.

First prices move by subgradients. Then come plans of sites (`column_bound`) where their programme is small, else one bound for
every set of sites (`site_sets`). Every evaluation on the way is a row "cost >= constant + values of the open options"; those
that prove most for the lowest sets are handed over.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np

from ccopt.optimisation.coarse_prices import coarse_start
from ccopt.optimisation.column_bound import PART_STEPS, ROOT_CLOSE, Aim, Plans, bound_by_parts, raised, raised_whole
from ccopt.optimisation.headcount_rows import HeadcountRows, covers, rows_after_loss
from ccopt.optimisation.lagrangian import BoundResult, lagrangian_bound
from ccopt.optimisation.problem import Floats, Ints, Problem
from ccopt.optimisation.site_sets import MOST_OPTIONS, SiteSets, bound_by_sets
from ccopt.optimisation.work import now

PRICE_SHARE = 0.06  # of the time left
PRICE_STEPS = 400
MOST_STEPS = 100_000
SET_STEPS = 120
SETS_SHARE = 0.3
MOST_ROWS = 1000  # of prices: beyond, a step of the programme over plans takes seconds
MOST_CUTS = 6
LOWEST_SETS = 500
MOST_ERLANGS = 2000.0  # per option: the programme of a site with so many agents takes seconds

Cuts = list[tuple[float, Floats]]


class Clock(Protocol):
    """What the bounds need of a run."""

    goal: float

    def left(self) -> float: ...  # noqa: D102
    def upper(self) -> float: ...  # noqa: D102
    def raise_bound(self, bound: float, stage: str) -> None: ...  # noqa: D102


def bound_by_prices(p: Problem, run: Clock, stop: Callable[[], bool], rows: HeadcountRows) -> Cuts:
    """Raise the bound by prices; cuts (constant, values) of the lowest sets of sites, where these are few."""

    def tell(bound: float) -> None:
        run.raise_bound(bound, "bound by prices")

    if float((p.arc_work[:, None] * p.arc_most).sum(axis=0).max(initial=0.0)) > MOST_ERLANGS * len(p.site_names):
        return []
    table = SiteSets(p, covers(p, rows)) if len(p.site_names) <= MOST_OPTIONS else None
    plain = seen_by_prices(p)
    by_plans = p.demand.size + rows.agents.size <= MOST_ROWS and (plain or len(p.hours) == 1)
    until = now() + PRICE_SHARE * run.left()
    start = None if by_plans else coarse_start(p, rows, deadline=until, upper=run.upper, stop=stop)
    root = lagrangian_bound(
        p, deadline=until, upper=run.upper, gap=run.goal, stop=stop, on_bound=tell, start=start,
        on_cut=None if table is None or by_plans else table.add, rows=rows, max_evaluations=PRICE_STEPS if by_plans else MOST_STEPS,
    )  # fmt: skip
    aim = _aim(run, stop, tell, math.inf if plain and by_plans else now() + SETS_SHARE * run.left())
    if by_plans:
        _by_plans(p, rows, root, aim, table, divide=plain)
    elif table is not None:

        def raise_set(opened: Ints, prices: Floats, row_prices: Floats) -> None:
            start = replace(root, prices=prices, row_prices=row_prices)
            lagrangian_bound(p, deadline=math.inf, upper=run.upper, start=start, stop=aim.over, max_evaluations=SET_STEPS,
                             fixed=opened, on_cut=table.add, first_step=0.3)  # fmt: skip

        bound_by_sets(table, aim, raise_set)
    return [] if table is None else _best_cuts(table)


def _by_plans(p: Problem, rows: HeadcountRows, root: BoundResult, aim: Aim, table: SiteSets | None, *, divide: bool) -> None:
    """The bound by plans of sites, which keep what E11 asks for after each loss: of parts, or else of sets of sites."""
    lost = rows_after_loss(p)
    known, timed = np.split(root.row_prices, [len(rows.agents)])
    plans = Plans(p, rows.joined(lost), None if table is None else table.add)
    if plans.programmes.too_wide:
        return
    start = replace(root, row_prices=np.concatenate((known, np.zeros(lost.agents.shape), timed)))
    first = raised_whole(plans, start, aim)
    if divide or table is None:
        bound_by_parts(plans, first, aim)
    else:

        def raise_set(opened: Ints, prices: Floats, row_prices: Floats) -> None:
            part = replace(first, fixed=opened, bound=-math.inf, prices=plans.joined(prices, row_prices))
            raised(plans, part, aim, steps=PART_STEPS, close=ROOT_CLOSE)

        bound_by_sets(table, aim, raise_set)


def seen_by_prices(p: Problem) -> bool:
    """Whether site programmes at prices know all that a design pays and keeps, so that no other programme proves more."""
    limits = p.max_groups, p.max_share_at_site, p.min_site_agents, p.equipped, p.site_loss, p.offers
    return (
        not any(limits) and p.max_change is None and not p.escalation_from.size and not any(p.contracts)
        and not p.min_group_size.any() and math.isinf(p.budget) and all(len(m) == 1 for m in p.modes)
    )  # fmt: skip


def _aim(run: Clock, stop: Callable[[], bool], tell: Callable[[float], None], deadline: float) -> Aim:
    """The goal of a run, until the deadline."""

    def enough() -> float:
        target = run.upper()
        return target - run.goal * abs(target) if math.isfinite(target) else math.inf

    return Aim(enough=enough, over=lambda: now() >= deadline or stop(), on_bound=tell)


def _best_cuts(table: SiteSets) -> Cuts:
    order = np.argsort(table.values, kind="stable")[:LOWEST_SETS]
    used = dict.fromkeys(int(c) for c in table.cut[order] if c >= 0)
    return [table.cuts[c][:2] for c in list(used)[:MOST_CUTS]]
