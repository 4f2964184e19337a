"""Plans from known layouts: sites, groups and shares stay, agents follow the targets of another scenario."""

from __future__ import annotations

from ccopt.costs import seats_used
from ccopt.design import Plan
from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.decode import certified_cost
from ccopt.optimisation.problem import Problem
from ccopt.optimisation.starts import fitting
from ccopt.scenario.entities import Scenario


def restaffed_plan(scenario: Scenario, p: Problem, plan: Plan) -> Plan | None:
    """The layout of a plan with the fewest agents that keep the targets of this scenario; None where it does not fit.

    Parameters
    ----------
    scenario
        The scenario whose targets must hold.
    p
        Its problem, or that of a scenario that differs in targets only.
    plan
        The plan whose layout is used. The result has its own cost and no bound.
    """
    staffed = fitting(scenario, p, plan.design)
    if staffed is None:
        return None
    if any(seats_used(scenario, staffed, s) > n for s, n in zip(p.site_names, seats_or_enough(p), strict=True)):
        return None
    account, kept = certified_cost(scenario, staffed)
    if not kept or account.cost_per_year > p.budget * (1.0 + 1e-9):
        return None
    return plan.model_copy(update={
        "design": staffed, "cost_per_year": account.cost_per_year, "revenue_per_year": account.revenue_per_year,
        "costs": account.costs, "lower_bound": None, "gap": None, "status": "restaffed",
    })  # fmt: skip
