"""Points of a frontier, and what they prove about each other.

Two facts hold between a strict and a loose target, whatever the solver did:

- a plan for the strict target keeps the loose one, so the loose optimum costs at most as much;
- a bound for the loose target lies below every plan for the strict one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ccopt.design import Design, Plan
from ccopt.errors import InfeasibleError, SolverError
from ccopt.kpis import Evaluation
from ccopt.optimisation.limits import Limit
from ccopt.scenario.entities import Scenario
from ccopt.studies.selling_plans import optimise

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


def solved_point(
    value: float, scenario: Scenario, limits: Sequence[Limit], effort: tuple[float, float, int], start: Design | None
) -> FrontierPoint:
    """A point by a solve of its own; ``effort`` is gap, seconds and seed."""
    gap, seconds, seed = effort
    try:
        plan = optimise(scenario, gap=gap, time_limit_s=seconds, limits=limits, seed=seed, start=start)
    except InfeasibleError as error:
        return FrontierPoint(target=value, plan=None, objective=None, lower_bound=None, gap=None, status="infeasible",
                             reason=error.conflict)  # fmt: skip
    except SolverError as error:
        return FrontierPoint(target=value, plan=None, objective=None, lower_bound=None, gap=None, status="none",
                             reason=(str(error),))  # fmt: skip
    return known_point(value, plan, -math.inf if plan.lower_bound is None else plan.lower_bound)


def known_point(value: float, plan: Plan | None, bound: float) -> FrontierPoint:
    """A point whose plan and bound come from its neighbours; without a plan nothing is known yet."""
    lower = bound if math.isfinite(bound) else None
    if plan is None:
        return FrontierPoint(target=value, plan=None, objective=None, lower_bound=lower, gap=None, status="none")
    return FrontierPoint(target=value, plan=plan, objective=plan.cost_per_year - plan.revenue_per_year, lower_bound=lower,
                         gap=plan.gap, status="", came_from=value)  # fmt: skip


def repaired(points: Sequence[FrontierPoint]) -> list[FrontierPoint]:
    """Points from the strictest to the loosest after both facts, with the dominated ones named."""
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


def finished(p: FrontierPoint, goal: float) -> FrontierPoint:
    """Gap and status after the repairs; the plan carries the same bound and gap as its point."""
    if p.plan is None or p.objective is None:
        return replace(p, status=p.status or "none")
    bound = None if p.lower_bound is None else min(p.lower_bound, p.objective)
    cost = p.plan.cost_per_year
    gap = None if bound is None else ((p.objective - bound) / cost if cost > 0.0 else 0.0)
    status = "certified" if gap is not None and gap <= goal else "open"
    plan = p.plan.model_copy(update={"lower_bound": bound, "gap": gap})
    return replace(p, plan=plan, lower_bound=bound, gap=gap, status=status, reason=())


def judged(scenario: Scenario, p: FrontierPoint) -> FrontierPoint:
    """The point with the service of its plan under the group model."""
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
