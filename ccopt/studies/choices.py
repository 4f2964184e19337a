"""Near-best plans that look different: other sites, or other agent groups at the same sites.

The sets of sites are searched exactly (a partition after Murty, 1968): the layouts that differ from a plan are split
into "site 1 flipped", "site 1 as it is and site 2 flipped", and so on, so that no set of sites is met twice and none is
left out. Each part is solved with its own bound; a part whose bound lies above the limit is closed for good. When all
parts are closed, the list is *complete*: no other set of sites costs so little. Groups at the same sites are searched
after that, by forbidding one group at a time.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd

from ccopt.design import Design, Plan
from ccopt.errors import InfeasibleError, ScenarioError, SolverError
from ccopt.optimisation import ForceClosed, ForceOpen, MinAgentsAtSite
from ccopt.optimisation.limits import Limit
from ccopt.routing.checks import own_demand
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.studies.changes import without_group
from ccopt.studies.distances import Distance, agent_hours, distance
from ccopt.studies.selling_plans import optimise

LEAST_SHARE = 0.05
SHORTEST_S = 1.0


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
        noun = "other layout costs" if few == 1 else "other layouts cost"
        head = f"{few or 'no'} {noun} at most {self.within:.1%} more than the best plan"
        if self.complete:
            return f"{head}; it is proven that no other set of sites does."
        if len(self.found) >= self.k:
            return f"{head} (as many as asked for; there may be more)."
        return f"{head}; there may be more: not every set of sites was decided in the time given."


def _row(name: str, plan: Plan, extra: float, share: float, d: Distance | None) -> dict[str, object]:
    return {
        "plan": name, "cost_per_year": plan.cost_per_year, "revenue_per_year": plan.revenue_per_year,
        "extra_cost": extra, "extra_share": share, "gap": plan.gap,
        "open_sites": ", ".join(sorted(plan.design.open_sites)), "opened": ", ".join(d.opened) if d else "",
        "closed": ", ".join(d.closed) if d else "", "groups_changed": d.groups_changed if d else 0,
        "agents_moved": d.agents_moved if d else 0.0,
    }  # fmt: skip


@dataclass(order=True, slots=True)
class _Node:
    """A part of the layouts, with its plan; ordered by objective."""

    objective: float
    number: int
    plan: Plan = field(compare=False)
    used: frozenset[str] = field(compare=False)
    kept: frozenset[str] = field(compare=False)
    closed: frozenset[str] = field(compare=False)


class _Search:
    def __init__(
        self, scenario: Scenario, limits: Sequence[Limit], gap: float, seed: int, deadline: float, slices: int
    ) -> None:
        self.scenario, self.limits, self.gap, self.seed, self.deadline = scenario, tuple(limits), gap, seed, deadline
        self.names = [s.name for s in scenario.sites]
        self.slices = slices
        self.count = itertools.count()
        self.solves = 0
        self.unbounded = False
        self.open_bounds: list[float] = []
        self.closed_bounds: list[float] = []
        self.least = 1
        contacts = [sum(row[t] for row in own_demand(core_of(scenario)).values()) for t in range(len(scenario.periods))]
        self.busiest = contacts.index(max(contacts))

    def left(self) -> float:
        return self.deadline - time.monotonic()

    def solve(self, scenario: Scenario, limits: Sequence[Limit], start: Design | None) -> Plan | None:
        """A plan of a part, None where it is empty (proven); `SolverError` passes on."""
        self.solves += 1
        seconds = max(SHORTEST_S, self.left() / max(self.slices - self.solves, 1))
        try:
            return optimise(scenario, gap=self.gap, time_limit_s=min(seconds, max(self.left(), SHORTEST_S)),
                            limits=(*self.limits, *limits), seed=self.seed, start=start)  # fmt: skip
        except InfeasibleError:
            return None

    def part(self, used: frozenset[str], kept: frozenset[str], closed: frozenset[str], start: Design) -> _Node | None:
        limits: list[Limit] = [MinAgentsAtSite(s, self.least) for s in sorted(used)]
        limits += [ForceOpen(s) for s in sorted(kept - used)] + [ForceClosed(s) for s in sorted(closed)]
        try:
            plan = self.solve(self.scenario, limits, start)
        except SolverError:
            self.unbounded = True
            return None
        if plan is None:
            return None
        return _Node(_objective(plan), next(self.count), plan, used, kept, closed)

    def agents_at(self, design: Design, site: str) -> int:
        """Agents of a site in the period with the most contacts."""
        return sum(g.agents[self.busiest] for g in design.groups if g.site == site)

    def children(self, node: _Node) -> Iterator[_Node]:
        """The parts of a node's layouts that differ in sites from its plan."""
        now = set(node.plan.design.open_sites)
        used, kept, closed = node.used, node.kept, node.closed
        for s in self.names:
            if s in node.kept | node.used | node.closed:
                continue
            if self.left() <= 0.0:
                self.unbounded = True
                return
            if s in now:
                child = self.part(used, kept, closed | {s}, node.plan.design)
                if self.agents_at(node.plan.design, s) >= self.least:
                    used |= {s}
                else:
                    kept |= {s}
            else:
                child = self.part(used | {s}, kept, closed, node.plan.design)
                closed |= {s}
            if child is not None:
                yield child


def _objective(plan: Plan) -> float:
    return plan.cost_per_year - plan.revenue_per_year


def alternatives(
    scenario: Scenario,
    k: int = 5,
    *,
    within: float = 0.02,
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
    gap, limits, seed
        As in `optimise`; ``gap`` is that of every restricted problem.
    time_limit_s
        Seconds for the whole search; a fifth goes to the best plan.
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
    search = _Search(scenario, limits, gap, seed, began + time_limit_s, 1 + k * len(scenario.sites))
    best = optimise(scenario, gap=gap, time_limit_s=0.2 * time_limit_s, limits=limits, seed=seed)
    peak = max(sum(g.agents[t] for g in best.design.groups) for t in range(len(scenario.periods))) if best.design.groups else 1
    search.least = max(1, math.ceil(LEAST_SHARE * peak))
    plans, best = _by_sites(search, best, k, within, progress)
    if len(plans) < k:
        plans = _by_groups(search, best, plans, k, within)
    cap = _objective(best) + within * abs(_objective(best))
    below = [b for b in search.open_bounds if b <= cap]
    bounded = not search.unbounded and not math.isinf(min(search.open_bounds, default=0.0))
    every = [*search.open_bounds, *search.closed_bounds]
    return Alternatives(
        best=best, found=tuple(_alternative(scenario, best, p) for p in plans[:k]), k=k, within=within,
        complete=not below and not search.unbounded, next_bound=min(every) if every and bounded else None,
        solves=search.solves, seconds=time.monotonic() - began,
    )  # fmt: skip


def _by_sites(
    search: _Search, best: Plan, k: int, within: float, progress: Callable[[Alternative], None] | None
) -> tuple[list[Plan], Plan]:
    """Plans with other sites, cheapest first, and the best plan (a part may hold a better one than the first run)."""
    none: frozenset[str] = frozenset()
    heap = [_Node(_objective(best), next(search.count), best, none, none, none)]
    plans: list[Plan] = []
    while heap:
        node = heapq.heappop(heap)
        cap = _objective(best) + within * abs(_objective(best))
        if len(plans) > k or node.objective > cap or search.left() <= 0.0:
            search.open_bounds += [_bound(n) for n in (node, *heap)]
            break
        plans.append(node.plan)
        if node.objective < _objective(best):
            best = node.plan
        if progress is not None and len(plans) > 1:
            progress(_alternative(search.scenario, best, node.plan))
        for child in search.children(node):
            if _bound(child) > cap:
                search.closed_bounds.append(_bound(child))
            else:
                heapq.heappush(heap, child)
    plans.sort(key=_objective)
    return [p for p in plans if p is not best], best


def _bound(node: _Node) -> float:
    return -math.inf if node.plan.lower_bound is None else node.plan.lower_bound


def _by_groups(search: _Search, best: Plan, plans: list[Plan], k: int, within: float) -> list[Plan]:
    """Plans with the sites of the best one and without one of its groups."""
    cap = _objective(best) + within * abs(_objective(best))
    opened = set(best.design.open_sites)
    fixed = [ForceOpen(s) for s in sorted(opened)] + [ForceClosed(s) for s in search.names if s not in opened]
    out = list(plans)
    hours = agent_hours(search.scenario, best.design)
    for key in sorted(hours, key=lambda g: -hours[g]):
        if len(out) >= k or search.left() <= 0.0:
            break
        try:
            plan = search.solve(without_group(search.scenario, *key), fixed, None)
        except (SolverError, ScenarioError):  # without the group some contacts may have no place to go
            continue
        if plan is None or _objective(plan) > cap:
            continue
        if all(distance(search.scenario, p.design, plan.design).agents_moved >= LEAST_SHARE for p in (best, *out)):
            out.append(plan)
    return sorted(out, key=_objective)


def _alternative(scenario: Scenario, best: Plan, plan: Plan) -> Alternative:
    extra = _objective(plan) - _objective(best)
    share = extra / abs(_objective(best)) if _objective(best) else 0.0
    return Alternative(plan=plan, extra_cost=extra, extra_share=share,
                       distance=distance(scenario, best.design, plan.design))  # fmt: skip
