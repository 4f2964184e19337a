"""Cost against quality: certified points, repaired by what neighbours prove about each other.

Two facts hold between a strict and a loose target, whatever the solver did:

- a plan for the strict target keeps the loose one, so the loose optimum costs at most as much;
- a bound for the loose target lies below every plan for the strict one.

Points are solved from the strictest to the loosest, each starting from the plan before; afterwards every layout is
restaffed to every target, and both facts are applied. What still costs as much as a stricter point is *dominated*.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ccopt.design import Design, Plan
from ccopt.errors import InfeasibleError, SolverError
from ccopt.kpis import Evaluation
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.limits import Limit, limits_of
from ccopt.optimisation.problem import Problem
from ccopt.optimisation.restaffing import restaffed_plan
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.studies.promises import Varied, varied
from ccopt.studies.selling_plans import optimise

SHORTEST_S = 0.5
EQUAL = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierPoint:
    """One target: the cheapest plan found for it and the bound below all plans.

    Attributes
    ----------
    target
        Value of the quantity that varies.
    plan
        None where no plan is known.
    objective, lower_bound, gap
        Cost less revenue per year; what no plan for this target undercuts; (objective - bound) / cost.
    status
        ``certified`` (gap reached), ``open`` (gap larger than asked), ``infeasible`` (proven) or ``none`` (no plan
        found).
    dominated
        A stricter target costs no more: this target is not worth naming.
    service_level, abandonment
        Over all contacts of the year under the group model, for information; targets hold per group.
    came_from
        Target for which the layout was found (another one where a neighbour's layout was better).
    reason
        Limits in conflict, where infeasible.
    """

    target: float
    plan: Plan | None
    objective: float | None
    lower_bound: float | None
    gap: float | None
    status: str
    dominated: bool = False
    service_level: float | None = None
    abandonment: float | None = None
    came_from: float | None = None
    reason: tuple[str, ...] = ()


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


def frontier(
    scenario: Scenario,
    vary: str | Sequence[str] = "service_level",
    *,
    over: Sequence[float],
    gap: float = 0.005,
    time_limit_s: float = 300.0,
    limits: Sequence[Limit] = (),
    seed: int = 0,
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
        ``("service_level", "sales")``. Or a limit: ``budget``, ``max_sites``, ``min_sites``, ``max_groups``,
        ``max_share_at_site``, ``survive_site_loss``. The best quality for a budget is `Frontier.best_for`.
    over
        Values; each becomes a point.
    gap, seed, limits
        As in `optimise`.
    time_limit_s
        Seconds for all points together.
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
    points: list[FrontierPoint] = []
    design: Design | None = None
    for i, (value, (changed, more)) in enumerate(zip(values, posed, strict=True)):
        left = (time_limit_s - (time.monotonic() - began)) / (len(values) - i)
        points.append(_solved(value, changed, (*limits, *more), gap, max(left, SHORTEST_S), seed, design))
        found = points[-1].plan
        design = found.design if found else design
        if progress is not None:
            progress(points[-1])
    if what.is_promise:
        _share_layouts(points, [s for s, _ in posed], limits)
    points = [_finished(p, gap) for p in _repaired(points, what)]
    judged = [_judged(s, p) for (s, _), p in zip(posed, points, strict=True)]
    return Frontier(vary=what.name, points=tuple(judged[::-1]), seconds=time.monotonic() - began)


def _solved(
    value: float, scenario: Scenario, limits: Sequence[Limit], gap: float, seconds: float, seed: int,
    start: Design | None,
) -> FrontierPoint:  # fmt: skip
    try:
        plan = optimise(scenario, gap=gap, time_limit_s=seconds, limits=limits, seed=seed, start=start)
    except InfeasibleError as error:
        return FrontierPoint(target=value, plan=None, objective=None, lower_bound=None, gap=None, status="infeasible",
                             reason=error.conflict)  # fmt: skip
    except SolverError as error:
        return FrontierPoint(target=value, plan=None, objective=None, lower_bound=None, gap=None, status="none",
                             reason=(str(error),))  # fmt: skip
    return FrontierPoint(target=value, plan=plan, objective=plan.cost_per_year - plan.revenue_per_year,
                         lower_bound=plan.lower_bound, gap=plan.gap, status="", came_from=value)  # fmt: skip


def _share_layouts(points: list[FrontierPoint], scenarios: Sequence[Scenario], limits: Sequence[Limit]) -> None:
    """Every layout restaffed to every target; a cheaper one replaces the plan of the point."""
    known: dict[float, Plan] = {p.target: p.plan for p in points if p.plan is not None}
    if not known:
        return
    problem: Problem = build_problem(core_of(scenarios[0]), limits_of(scenarios[0], limits))
    for i, p in enumerate(points):
        if p.status == "infeasible":
            continue
        for target, plan in known.items():
            if target == p.target:
                continue
            found = restaffed_plan(scenarios[i], problem, plan)
            if found is None:
                continue
            objective = found.cost_per_year - found.revenue_per_year
            best = points[i].objective
            if best is None or objective < best - EQUAL * abs(best):
                points[i] = replace(points[i], plan=found, objective=objective, came_from=target)


def _repaired(points: list[FrontierPoint], what: Varied) -> list[FrontierPoint]:
    """Both facts of the module, applied to points from the strictest to the loosest."""
    out = list(points)
    for i in range(1, len(out)):
        strict, here = out[i - 1], out[i]
        if strict.objective is not None and (here.objective is None or strict.objective < here.objective):
            out[i] = replace(here, plan=strict.plan, objective=strict.objective, came_from=strict.came_from)
    for i in range(len(out) - 2, -1, -1):
        loose, here = out[i + 1], out[i]
        if loose.status == "infeasible" and here.plan is None:
            out[i] = replace(here, status="infeasible", reason=here.reason or loose.reason)
        if loose.lower_bound is not None and here.plan is not None:
            out[i] = replace(here, lower_bound=max(loose.lower_bound, here.lower_bound or -math.inf))
    cheapest = math.inf
    for i, p in enumerate(out):
        if p.objective is not None:
            out[i] = replace(p, dominated=cheapest <= p.objective * (1.0 + EQUAL))
            cheapest = min(cheapest, p.objective)
    return out


def _finished(p: FrontierPoint, goal: float) -> FrontierPoint:
    """Gap and status after the repairs; the plan carries the same bound and gap as its point."""
    if p.plan is None or p.objective is None:
        return replace(p, status=p.status or "none")
    bound = None if p.lower_bound is None else min(p.lower_bound, p.objective)
    cost = p.plan.cost_per_year
    gap = None if bound is None else ((p.objective - bound) / cost if cost > 0.0 else 0.0)
    status = "certified" if gap is not None and gap <= goal else "open"
    plan = p.plan.model_copy(update={"lower_bound": bound, "gap": gap})
    return replace(p, plan=plan, lower_bound=bound, gap=gap, status=status, reason=())


def _judged(scenario: Scenario, p: FrontierPoint) -> FrontierPoint:
    if p.plan is None:
        return p
    from ccopt.evaluation import evaluate

    level, lost = service_of(evaluate(scenario, p.plan.design))
    return replace(p, service_level=level, abandonment=lost)


def service_of(e: Evaluation) -> tuple[float | None, float | None]:
    """Contact-weighted service level and abandonment of the year (None without contacts)."""
    rows = [r for r in e.contact_types if r.period is None]
    known = [r for r in rows if r.service_level is not None]
    weight = math.fsum(r.contacts_per_hour for r in known)
    total = math.fsum(r.contacts_per_hour for r in rows)
    level = math.fsum((r.service_level or 0.0) * r.contacts_per_hour for r in known) / weight if weight else None
    lost = math.fsum(r.abandonment * r.contacts_per_hour for r in rows) / total if total else None
    return level, lost
