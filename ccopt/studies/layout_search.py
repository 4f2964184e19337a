"""The search of `alternatives`: sets of sites split into parts (Murty, 1968), each solved with its own bound.

The layouts that differ from a plan are split into "site 1 flipped", "site 1 as it is and site 2 flipped", and so on, so
that no set of sites is met twice and none is left out. Groups at the same sites are searched by forbidding one group at a
time.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ccopt.design import Design, Plan
from ccopt.errors import InfeasibleError, ScenarioError, SolverError
from ccopt.optimisation import ForceClosed, ForceOpen, MinAgentsAtSite
from ccopt.optimisation.limits import Limit
from ccopt.routing.checks import own_demand
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.studies.changes import without_group
from ccopt.studies.distances import agent_hours, distance
from ccopt.studies.re_solving import objective
from ccopt.studies.selling_plans import optimise
from ccopt.studies.swaps import best_swap

LEAST_SHARE = 0.05
SHORTEST_S = 1.0


@dataclass(order=True, slots=True)
class LayoutPart:
    """A part of the layouts, with its plan; ordered by objective."""

    objective: float
    number: int
    plan: Plan = field(compare=False)
    used: frozenset[str] = field(compare=False)
    kept: frozenset[str] = field(compare=False)
    closed: frozenset[str] = field(compare=False)


class LayoutSearch:
    """Restricted problems of one search under a common clock, and the bounds of the parts that were closed."""

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
        """Seconds until the deadline."""
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

    def part(self, used: frozenset[str], kept: frozenset[str], closed: frozenset[str], start: Design) -> LayoutPart | None:
        """The part with these sites in use, kept open and closed; None where it is empty or was not solved."""
        limits: list[Limit] = [MinAgentsAtSite(s, self.least) for s in sorted(used)]
        limits += [ForceOpen(s) for s in sorted(kept - used)] + [ForceClosed(s) for s in sorted(closed)]
        try:
            plan = self.solve(self.scenario, limits, start)
        except SolverError:
            self.unbounded = True
            return None
        if plan is None:
            return None
        return LayoutPart(objective(plan), next(self.count), plan, used, kept, closed)

    def agents_at(self, design: Design, site: str) -> int:
        """Agents of a site in the period with the most contacts."""
        return sum(g.agents[self.busiest] for g in design.groups if g.site == site)

    def children(self, node: LayoutPart) -> Iterator[LayoutPart]:
        """The parts of a node's layouts that differ in sites from its plan."""
        now = set(node.plan.design.open_sites)
        used, kept, closed = node.used, node.kept, node.closed
        for s in self.names:
            if s in node.kept | node.used | node.closed:
                continue
            if self.left() <= 0.0:
                self.unbounded = True
                return
            start = best_swap(self.scenario, node.plan.design, s, keep=used | kept, banned=closed) or node.plan.design
            if s in now:
                child = self.part(used, kept, closed | {s}, start)
                if self.agents_at(node.plan.design, s) >= self.least:
                    used |= {s}
                else:
                    kept |= {s}
            else:
                child = self.part(used | {s}, kept, closed, start)
                closed |= {s}
            if child is not None:
                yield child


def bound_of(node: LayoutPart) -> float:
    """No layout of the part costs less (minus infinity without a bound)."""
    return -math.inf if node.plan.lower_bound is None else node.plan.lower_bound


def plans_with_other_groups(search: LayoutSearch, best: Plan, plans: list[Plan], k: int, within: float) -> list[Plan]:
    """Plans with the sites of the best one and without one of its groups."""
    cap = objective(best) + within * abs(objective(best))
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
        if plan is None or objective(plan) > cap:
            continue
        if all(distance(search.scenario, p.design, plan.design).agents_moved >= LEAST_SHARE for p in (best, *out)):
            out.append(plan)
    return sorted(out, key=objective)
