"""Re-solves that a study compares: a site forced in or out of use, with cost, bound and the noise between two of them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ccopt.design import Design, Plan
from ccopt.errors import InfeasibleError, SolverError
from ccopt.optimisation import ForceClosed, MinAgentsAtSite
from ccopt.optimisation.limits import Limit
from ccopt.scenario.entities import Scenario
from ccopt.studies.selling_plans import optimise

LEAST_SHARE = 0.05
SHORTEST_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A number that is known up to the gaps of two re-solves: what was found, and the certified ends.

    ``low`` or ``high`` is infinite where a bound is missing. ``decided`` tells whether the sign is certain.
    """

    found: float
    low: float
    high: float

    @property
    def decided(self) -> bool:
        """Whether zero lies outside of the range."""
        return self.low > 0.0 or self.high < 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """The answer of a re-solve: a plan with cost and bound, or proof that there is none (``infeasible``)."""

    plan: Plan | None
    cost: float
    bound: float
    infeasible: bool = False
    reason: tuple[str, ...] = ()


def objective(plan: Plan) -> float:
    """Cost less revenue per year."""
    return plan.cost_per_year - plan.revenue_per_year


def difference(of: Solved, base: Solved) -> Range:
    """How much more the one costs than the other, with the ends that bounds certify."""
    return Range(found=of.cost - base.cost, low=of.bound - base.cost, high=of.cost - base.bound)


class ReSolver:
    """Re-solves of one study under a common clock, with the same limits and seed.

    A solve takes longer than it is allowed by the time to build its model; the most that was seen is kept free at the end,
    so that the study ends near its limit.
    """

    def __init__(self, *, gap: float, time_limit_s: float, limits: Sequence[Limit], seed: int) -> None:
        self.gap, self.limits, self.seed = gap, tuple(limits), seed
        self.deadline = time.monotonic() + time_limit_s
        self.solves = 0
        self.beyond = 0.0

    def left(self) -> float:
        """Seconds until the study's clock ends, less what a solve takes beyond its limit."""
        return self.deadline - time.monotonic() - self.beyond

    def solve(
        self, scenario: Scenario, limits: Sequence[Limit] = (), *, seconds: float, start: Design | None = None
    ) -> Solved:
        """The cheapest plan under further limits in so many seconds (less where the clock ends before)."""
        if self.left() <= 0.0:
            return Solved(plan=None, cost=math.inf, bound=-math.inf, reason=("the time of the study is over",))
        self.solves += 1
        allowed, began = max(SHORTEST_S, min(seconds, self.left())), time.monotonic()
        try:
            plan = optimise(scenario, gap=self.gap, time_limit_s=allowed, limits=(*self.limits, *limits),
                            seed=self.seed, start=start)  # fmt: skip
        except InfeasibleError as error:
            return Solved(plan=None, cost=math.inf, bound=math.inf, infeasible=True, reason=error.conflict)
        except SolverError as error:
            return Solved(plan=None, cost=math.inf, bound=-math.inf, reason=(str(error),))
        finally:
            self.beyond = max(self.beyond, time.monotonic() - began - allowed)
        if plan.status == "interrupted":  # the study ends with what it has
            self.deadline = time.monotonic()
        return solved(plan)


def solved(plan: Plan) -> Solved:
    """A plan as the answer of a re-solve."""
    return Solved(plan=plan, cost=objective(plan), bound=-math.inf if plan.lower_bound is None else plan.lower_bound)


def site_limits(site: str, *, in_use: bool, agents: int) -> tuple[Limit, ...]:
    """The limit that puts a site in use (with so many agents at least) or closes it."""
    return (MinAgentsAtSite(site, agents),) if in_use else (ForceClosed(site),)


def least_agents(design: Design) -> int:
    """Agents from which on a site counts as in use: 5 % of the agents of the busiest period, at least one."""
    periods = len(design.groups[0].agents) if design.groups else 0
    peak = max((sum(g.agents[t] for g in design.groups) for t in range(periods)), default=1)
    return max(1, math.ceil(LEAST_SHARE * peak))
