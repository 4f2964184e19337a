"""State of one run: the clock, the best certified design, the best proven bound."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from ccopt.costs import Account, seats_used
from ccopt.design import Design
from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.certificate import broken_limits
from ccopt.optimisation.comfort import finished
from ccopt.optimisation.decode import certified_cost, decode, served_volume, serves_all, trim
from ccopt.optimisation.problem import Floats, Problem, Solution
from ccopt.optimisation.starts import fitting
from ccopt.scenario.entities import Scenario

BOUND_SAFETY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands: stage, seconds, cost of the best design, bound, gap (None: not known yet)."""

    stage: str
    seconds: float
    incumbent: float | None
    lower_bound: float | None
    gap: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """A certified design with its account."""

    design: Design
    account: Account

    @property
    def objective(self) -> float:
        """Cost less revenue."""
        return self.account.cost_per_year - self.account.revenue_per_year


class Run:
    """State of one run: the clock, the best design, the best bound."""

    def __init__(self, scenario: Scenario, p: Problem, goal: float, seconds: float, report: Callable[[Progress], None] | None) -> None:
        self.scenario, self.p, self.goal, self.report = scenario, p, goal, report
        self.began = time.monotonic()
        self.deadline = self.began + seconds
        self.best: Best | None = None
        self.bound = -math.inf
        self.hinted = -math.inf
        self.interrupted = False
        self.solutions: list[Solution] = []

    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    def gap(self) -> float:
        """Gap to the bound, or to what a running solver says of its own bound; the plan counts only proven ones."""
        bound = max(self.bound, self.hinted)
        if self.best is None or math.isinf(bound):
            return math.inf
        return (self.best.objective - bound) / self.best.account.cost_per_year if self.best.account.cost_per_year else 0.0

    def hint(self, bound: float) -> None:
        """Bound of a solver that is still at work: for progress and for stopping."""
        if bound > max(self.hinted, self.bound):
            self.hinted = bound
            self.tell("bound")

    def volume(self) -> Floats | None:
        """Contacts per hour (C, T) that the best design serves under the group model."""
        if self.best is None:
            return None
        return served_volume(self.scenario, self.p, self.best.design)

    def upper(self) -> float:
        """Objective of the best design, infinite without one."""
        return self.best.objective if self.best else math.inf

    def done(self) -> bool:
        """Whether the gap is reached, the time is over, or somebody interrupted."""
        return self.interrupted or self.gap() <= self.goal or self.left() <= 0.05

    def tell(self, stage: str) -> None:
        """Report where the run stands."""
        if self.report is None:
            return
        gap, bound = self.gap(), max(self.bound, self.hinted)
        self.report(
            Progress(
                stage=stage, seconds=time.monotonic() - self.began,
                incumbent=self.best.objective if self.best else None,
                lower_bound=bound if math.isfinite(bound) else None, gap=gap if math.isfinite(gap) else None,
            )
        )  # fmt: skip

    def raise_bound(self, bound: float, stage: str) -> None:
        """Take a proven bound."""
        bound -= BOUND_SAFETY * abs(bound)
        if bound > self.bound and not math.isinf(bound):
            self.bound = bound
            self.tell(stage)

    def _certified(self, design: Design) -> Best | None:
        """The design with its account when it keeps every target, the seats and every limit."""
        design = finished(self.scenario, self.p, design)
        for site, seats in zip(self.p.site_names, seats_or_enough(self.p), strict=True):
            if seats_used(self.scenario, design, site) > seats:
                return None
        account, kept = certified_cost(self.scenario, design)
        if not kept or account.cost_per_year > self.p.budget * (1.0 + 1e-9) or broken_limits(self.p, design):
            return None
        return Best(design=design, account=account)

    def offer_start(self, start: Design | None) -> None:
        """A design known before as the first incumbent, where its layout keeps the limits."""
        staffed = None if start is None else fitting(self.scenario, self.p, start)
        found = None if staffed is None else self._certified(staffed)
        if found is not None and (self.best is None or found.objective < self.best.objective):
            self.best = found
            self.tell("known design")

    def offer(self, solution: Solution | None, stage: str) -> bool:
        """Certify a solution; keep it when it is the best. Both its own staff and the trimmed one are tried."""
        if solution is None or not serves_all(self.p, solution):
            return False
        decoded = decode(self.scenario, self.p, solution)
        trimmed, fits = trim(self.scenario, self.p, decoded)
        found = self._certified(trimmed) if fits else None
        if found is None:  # trimming may break a limit that the staff of the solution keeps
            found = self._certified(decoded)
        if found is None:
            return False
        if self.best is None or found.objective < self.best.objective - 1e-9 * abs(found.objective):
            self.best = found
            self.solutions.append(solution)
            self.tell(stage)
            return True
        return False
