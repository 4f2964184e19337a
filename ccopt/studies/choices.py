"""Near-best plans that look different: other sites, or other agent groups at the same sites.

The sets of sites are searched exactly (a partition after Murty, 1968): the layouts that differ from a plan are split
into "site 1 flipped", "site 1 as it is and site 2 flipped", and so on, so that no set of sites is met twice and none is
left out. Each part is solved with its own bound; a part whose bound lies above the limit is closed for good. When all
parts are closed, the list is *complete*: no other set of sites costs so little. Groups at the same sites are searched
after that, by forbidding one group at a time.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ccopt.design import Plan
from ccopt.optimisation.limits import Limit
from ccopt.scenario.entities import Scenario
from ccopt.studies.distances import Distance, distance
from ccopt.studies.layout_search import LEAST_SHARE, LayoutPart, LayoutSearch, bound_of, plans_with_other_groups
from ccopt.studies.re_solving import objective
from ccopt.studies.selling_plans import optimise


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A plan that differs in structure from the best and from all before it.

    ``extra_cost`` is its objective less that of the best plan, ``extra_share`` the same as a share of the best.
    """

    plan: Plan
    extra_cost: float
    extra_share: float
    distance: Distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternatives:
    """The best plan and others near it, by cost.

    Attributes
    ----------
    best
        The cheapest plan found.
    found
        Alternatives within the share, cheapest first, at most ``k``.
    complete
        Proven: no other set of sites in use lies within the share of the best plan. (A site counts as in use from
        5 % of the agents on; layouts with the same sites and other groups are searched, not proven.)
    next_bound
        No further set of sites costs less than this (None where some part of the search was not bounded).
    solves
        How many restricted problems were solved.
    """

    best: Plan
    found: tuple[Alternative, ...]
    k: int
    within: float
    complete: bool
    next_bound: float | None
    solves: int
    seconds: float

    def frame(self) -> pd.DataFrame:
        """One row per plan, the best one first."""
        rows = [_row("best", self.best, 0.0, 0.0, None)]
        rows += [
            _row(f"alternative {i}", a.plan, a.extra_cost, a.extra_share, a.distance)
            for i, a in enumerate(self.found, start=1)
        ]
        return pd.DataFrame(rows)

    def sentence(self) -> str:
        """What the search says, in one sentence."""
        few = len(self.found)
        noun = "other layout was found that costs" if few == 1 else "other layouts were found that cost"
        head = f"{few or 'no'} {noun} at most {self.within:.1%} more than the best plan"
        if self.complete:
            return f"{head}; it is proven that no other set of sites does."
        if len(self.found) >= self.k:
            return f"{head} (as many as asked for; there may be more)."
        return f"{head}; there may be more: not every set of sites was decided in the time given."


def with_known(found: Alternatives, scenario: Scenario, plans: Iterable[Plan]) -> Alternatives:
    """The same search with plans that others found, where they have other sites and lie within the share.

    Parameters
    ----------
    found
        Of `alternatives` for the scenario.
    plans
        Of the same scenario and limits; those that undercut the best plan are left out, because they are no alternatives to it.
    """
    every, seen = list(found.found), {frozenset(p.design.open_sites) for p in (found.best, *(a.plan for a in found.found))}
    for plan in plans:
        made = _alternative(scenario, found.best, plan)
        if frozenset(plan.design.open_sites) not in seen and 0.0 <= made.extra_share <= found.within:
            seen.add(frozenset(plan.design.open_sites))
            every.append(made)
    every.sort(key=lambda a: a.extra_cost)
    return replace(found, found=tuple(every[: found.k]))


def _row(name: str, plan: Plan, extra: float, share: float, d: Distance | None) -> dict[str, object]:
    return {
        "plan": name, "cost_per_year": plan.cost_per_year, "revenue_per_year": plan.revenue_per_year,
        "extra_cost": extra, "extra_share": share, "gap": plan.gap,
        "open_sites": ", ".join(sorted(plan.design.open_sites)), "opened": ", ".join(d.opened) if d else "",
        "closed": ", ".join(d.closed) if d else "", "groups_changed": d.groups_changed if d else 0,
        "agents_moved": d.agents_moved if d else 0.0,
    }  # fmt: skip


def alternatives(  # noqa: PLR0913  (every choice by name)
    scenario: Scenario,
    k: int = 5,
    *,
    within: float = 0.02,
    best: Plan | None = None,
    gap: float = 0.002,
    time_limit_s: float = 120.0,
    limits: Sequence[Limit] = (),
    seed: int = 0,
    progress: Callable[[Alternative], None] | None = None,
) -> Alternatives:
    """At most ``k`` plans of another structure that cost at most ``within`` more than the best.

    Parameters
    ----------
    scenario
        A checked scenario.
    k
        Alternatives beside the best plan.
    within
        Share of the best objective (0.02 is 2 %).
    best
        A plan of `optimise` to compare with; None: found first, in a fifth of the time.
    gap, limits, seed
        As in `optimise`; ``gap`` is that of every restricted problem.
    time_limit_s
        Seconds for the whole search.
    progress
        Called with each alternative when it is found.

    Returns
    -------
    Alternatives
        Fewer than ``k`` where fewer are found; ``complete`` says whether that is proven.

    Raises
    ------
    InfeasibleError, SolverError
        No plan at all.

    Examples
    --------
    >>> import ccopt as cc
    >>> found = cc.alternatives(cc.load_instance("two-sites"), k=2, within=0.5)
    >>> [a.plan.design.open_sites for a in found.found], found.complete
    ([('east', 'west')], True)
    """
    if k < 1 or not 0.0 <= within < math.inf:
        msg = f"k = {k!r}, within = {within!r}: k must be at least 1 and within a share of at least 0"
        raise ValueError(msg)
    began = time.monotonic()
    search = LayoutSearch(scenario, limits, gap, seed, began + time_limit_s, 1 + k * len(scenario.sites))
    best = best or optimise(scenario, gap=gap, time_limit_s=0.2 * time_limit_s, limits=limits, seed=seed)
    peak = max(sum(g.agents[t] for g in best.design.groups) for t in range(len(scenario.periods))) if best.design.groups else 1
    search.least = max(1, math.ceil(LEAST_SHARE * peak))
    plans, best = _by_sites(search, best, k, within, progress)
    if len(plans) < k:
        plans = plans_with_other_groups(search, best, plans, k, within)
    cap = objective(best) + within * abs(objective(best))
    below = [b for b in search.open_bounds if b <= cap]
    bounded = not search.unbounded and not math.isinf(min(search.open_bounds, default=0.0))
    every = [*search.open_bounds, *search.closed_bounds]
    return Alternatives(
        best=best, found=tuple(_alternative(scenario, best, p) for p in plans[:k]), k=k, within=within,
        complete=not below and not search.unbounded, next_bound=min(every) if every and bounded else None,
        solves=search.solves, seconds=time.monotonic() - began,
    )  # fmt: skip


def _by_sites(
    search: LayoutSearch, best: Plan, k: int, within: float, progress: Callable[[Alternative], None] | None
) -> tuple[list[Plan], Plan]:
    """Plans with other sites, cheapest first, and the best plan (a part may hold a better one than the first run)."""
    none: frozenset[str] = frozenset()
    heap = [LayoutPart(objective(best), next(search.count), best, none, none, none)]
    plans: list[Plan] = []
    while heap:
        node = heapq.heappop(heap)
        cap = objective(best) + within * abs(objective(best))
        if len(plans) > k or node.objective > cap or search.left() <= 0.0:
            search.open_bounds += [bound_of(n) for n in (node, *heap)]
            break
        plans.append(node.plan)
        if node.objective < objective(best):
            best = node.plan
        if progress is not None and len(plans) > 1:
            progress(_alternative(search.scenario, best, node.plan))
        for child in search.children(node):
            if bound_of(child) > cap:
                search.closed_bounds.append(bound_of(child))
            else:
                heapq.heappush(heap, child)
    plans.sort(key=objective)
    return [p for p in plans if p is not best], best


def _alternative(scenario: Scenario, best: Plan, plan: Plan) -> Alternative:
    extra = objective(plan) - objective(best)
    share = extra / abs(objective(best)) if objective(best) else 0.0
    return Alternative(plan=plan, extra_cost=extra, extra_share=share,
                       distance=distance(scenario, best.design, plan.design))  # fmt: skip
