"""Cost against quality: certified points, repaired by what neighbours prove about each other.

Points are solved from the ends inwards, each starting from the best known layout restaffed to its target; a point that its
neighbours certify (`frontier_points`) is not solved at all. Afterwards every layout is tried for every target. What still
costs as much as a stricter point is *dominated*.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ccopt.design import Plan
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.limits import Limit, limits_of
from ccopt.optimisation.restaffing import restaffed_plan
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.studies.frontier_points import EQUAL, FrontierPoint, finished, judged, known_point, repaired, solved_point
from ccopt.studies.promises import Posed, Varied, varied
from ccopt.studies.re_solving import objective

SHORTEST_S = 0.5
NEIGHBOURS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """Points of a frontier from the loosest to the strictest target."""

    vary: str
    points: tuple[FrontierPoint, ...]
    seconds: float

    def frame(self) -> pd.DataFrame:
        """One row per point."""
        return pd.DataFrame([_row(self.vary, p) for p in self.points])

    def non_dominated(self) -> tuple[FrontierPoint, ...]:
        """Points with a plan that no stricter point undercuts."""
        return tuple(p for p in self.points if p.plan is not None and not p.dominated)

    def best_for(self, budget: float) -> tuple[float | None, float | None]:
        """(strictest target that a found plan keeps within the budget, loosest target proven to be out of reach)."""
        kept = [p.target for p in self.points if p.plan is not None and p.plan.cost_per_year <= budget]
        above = [p.target for p in self.points if _out_of_reach(p, budget)]
        return (kept[-1] if kept else None), (above[0] if above else None)

    def plot(self, ax: object = None) -> object:
        """Cost against the target, with the bound below; a matplotlib axes that can be changed."""
        from ccopt.studies.pictures import frontier_axes

        return frontier_axes(self, ax)


def _out_of_reach(p: FrontierPoint, budget: float) -> bool:
    return p.status == "infeasible" or (p.lower_bound is not None and p.plan is not None
                                        and p.lower_bound + p.plan.revenue_per_year > budget)  # fmt: skip


def _row(vary: str, p: FrontierPoint) -> dict[str, object]:
    plan = p.plan
    return {
        "vary": vary, "target": p.target, "cost_per_year": plan.cost_per_year if plan else None,
        "revenue_per_year": plan.revenue_per_year if plan else None, "lower_bound": p.lower_bound, "gap": p.gap,
        "status": p.status, "dominated": p.dominated, "sites": len(plan.design.open_sites) if plan else None,
        "open_sites": ", ".join(plan.design.open_sites) if plan else "", "service_level": p.service_level,
        "abandonment": p.abandonment, "layout_from": p.came_from, "reason": "; ".join(p.reason),
    }  # fmt: skip


def frontier(  # noqa: PLR0913  (every choice by name)
    scenario: Scenario,
    vary: str | Sequence[str] = "service_level",
    *,
    over: Sequence[float],
    gap: float = 0.005,
    time_limit_s: float = 300.0,
    limits: Sequence[Limit] = (),
    seed: int = 0,
    known: Mapping[float, Plan] | None = None,
    progress: Callable[[FrontierPoint], None] | None = None,
) -> Frontier:
    """The cheapest plan for each value of a promise or a limit, each with a bound.

    Parameters
    ----------
    scenario
        A checked scenario.
    vary
        A promise (``service_level``, ``awt_s``, ``max_asa_s``, ``max_abandonment``, ``max_occupancy``,
        ``max_response_h``), set for every contact type that has it, or for those named after it:
        ``("service_level", "sales")``. ``service_points`` moves every promised service level
        by a share. Or a limit: ``budget``, ``max_sites``, ``min_sites``, ``max_groups``,
        ``max_share_at_site``, ``survive_site_loss``. The best quality for a budget is `Frontier.best_for`.
    over
        Values; each becomes a point.
    gap, seed, limits
        As in `optimise`.
    time_limit_s
        Seconds for all points together.
    known
        Plans of `optimise` for some of the values, made under the same limits; these points are not solved again.
    progress
        Called with each point when it is solved.

    Returns
    -------
    Frontier
        Points from the loosest to the strictest target; costs and bounds never fall towards stricter targets.

    Raises
    ------
    ValueError, ScenarioError
        Unknown quantity, no value, or no contact type has the promise.

    Examples
    --------
    >>> import ccopt as cc
    >>> found = cc.frontier(cc.load_instance("two-sites"), vary="service_level", over=[0.7, 0.8, 0.9])
    >>> [(p.target, round(p.plan.cost_per_year), p.dominated) for p in found.points]
    [(0.7, 542000, False), (0.8, 612571, True), (0.9, 612571, False)]
    """
    began = time.monotonic()
    what = varied(vary)
    values = what.strictest_first([float(v) for v in over])
    if not values or any(not math.isfinite(v) for v in values):
        msg = f"over = {list(over)!r}: needs at least one finite value"
        raise ValueError(msg)
    posed = [what.pose(scenario, v) for v in values]  # all faults before the first solve
    search = _Search(values, posed, what, tuple(limits), gap, seed, began + time_limit_s)
    search.start(known or {})
    points = [finished(p, gap) for p in repaired(search.run(progress))]
    judged_points = [judged(s, p) for (s, _), p in zip(posed, points, strict=True)]
    return Frontier(vary=what.name, points=tuple(judged_points[::-1]), seconds=time.monotonic() - began)


class _Search:
    """Points from the outside in: both ends first, then the middle of the widest stretch.

    Before a point is solved its neighbours speak: the best known layout restaffed to its target is the first incumbent, and
    the bounds of looser points hold for it. Where these two certify it, it is not solved at all.
    """

    def __init__(
        self, values: Sequence[float], posed: Sequence[Posed], what: Varied, limits: tuple[Limit, ...], gap: float, seed: int,
        deadline: float,
    ) -> None:  # fmt: skip
        self.values, self.posed, self.what, self.limits = values, posed, what, limits
        self.gap, self.seed, self.deadline = gap, seed, deadline
        self.points: dict[int, FrontierPoint] = {}
        self.problem = build_problem(core_of(posed[0][0]), limits_of(posed[0][0], limits)) if what.is_promise else None

    def start(self, known: Mapping[float, Plan]) -> None:
        """Take the plans that are known."""
        for i, value in enumerate(self.values):
            if value in known:
                plan = known[value]
                self.points[i] = known_point(value, plan, -math.inf if plan.lower_bound is None else plan.lower_bound)

    def run(self, progress: Callable[[FrontierPoint], None] | None) -> list[FrontierPoint]:
        """All points, from the strictest to the loosest."""
        order = [i for i in outside_in(len(self.values)) if i not in self.points]
        for k, i in enumerate(order):
            self.points[i] = self._point(i, (self.deadline - time.monotonic()) / (len(order) - k))
            if progress is not None:
                progress(self.points[i])
        for i in range(len(self.values)):  # layouts found later may suit points solved before
            self.points[i] = self._shared(i)
        return [self.points[i] for i in range(len(self.values))]

    def _point(self, i: int, seconds: float) -> FrontierPoint:
        plan, bound = self._best_known(i), self._bound(i)
        if plan is not None and (_gap_of(plan, bound) <= self.gap or seconds <= 0.0):
            return known_point(self.values[i], plan, bound)
        changed, more = self.posed[i]
        found = solved_point(self.values[i], changed, (*self.limits, *more), (self.gap, max(seconds, SHORTEST_S), self.seed),
                             plan.design if plan else None)  # fmt: skip
        if found.plan is not None and found.plan.status == "interrupted":
            self.deadline = time.monotonic()
        return found

    def _bound(self, i: int) -> float:
        """The highest bound of a looser point."""
        looser = [p.lower_bound for k, p in self.points.items() if k > i and p.lower_bound is not None]
        return max(looser, default=-math.inf)

    def _best_known(self, i: int) -> Plan | None:
        """The cheapest known plan for a target: those of stricter points as they are, the nearest ones restaffed."""
        found = [p.plan for k, p in self.points.items() if k < i and p.plan is not None]
        if self.problem is not None:
            near = sorted((k for k, p in self.points.items() if p.plan and k != i), key=lambda k: abs(k - i))[:NEIGHBOURS]
            tried = (restaffed_plan(self.posed[i][0], self.problem, plan) for k in near if (plan := self.points[k].plan))
            found += [plan for plan in tried if plan is not None]
        return min(found, key=objective, default=None)

    def _shared(self, i: int) -> FrontierPoint:
        """A point with the layout of another one where that is cheaper."""
        here, plan = self.points[i], self._best_known(i) if self.what.is_promise else None
        if plan is None or here.status == "infeasible":
            return here
        if here.objective is not None and objective(plan) >= here.objective - EQUAL * abs(here.objective):
            return here
        source = next((p.target for p in self.points.values() if p.plan and p.plan.design.routes == plan.design.routes), here.target)
        return replace(here, plan=plan, objective=objective(plan), came_from=source)


def outside_in(n: int) -> list[int]:
    """Both ends, then middles of the widest stretches.

    Examples
    --------
    >>> outside_in(5)
    [4, 0, 2, 1, 3]
    """
    if n <= 0:
        return []
    order, stretches = list(dict.fromkeys((n - 1, 0))), [(0, n - 1)]
    while stretches:
        a, b = max(stretches, key=lambda s: (s[1] - s[0], -s[0]))
        stretches.remove((a, b))
        if b - a > 1:
            middle = (a + b) // 2
            order.append(middle)
            stretches += [(a, middle), (middle, b)]
    return order


def _gap_of(plan: Plan, bound: float) -> float:
    if math.isinf(bound):
        return math.inf
    return (objective(plan) - bound) / plan.cost_per_year if plan.cost_per_year > 0.0 else 0.0
