"""What the lanes of a run find, each at its place in the clock of work, and which of it the plan is made of.

The run ends at the first place where the designs and bounds found until then, by all lanes, reach the gap. A lane that has
gone further is cut back to this place, one that is behind goes on to it: so the plan depends on the work, and not on which
thread was faster.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from ccopt.costs import Account
from ccopt.design import Design

SAME = 1e-9  # relative difference of two objectives that count as equal


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """A certified design with its account."""

    design: Design
    account: Account

    @property
    def objective(self) -> float:
        """Cost less revenue."""
        return self.account.cost_per_year - self.account.revenue_per_year

    def beats(self, other: Best | None) -> bool:
        """Whether this design is taken instead of the other: cheaper, and among equals the simpler one.

        Costs within 1e-9 of each other are equal. Then fewer open sites count, then fewer groups with agents, then the
        names of the sites and groups in alphabetical order, then the agents.
        """
        if other is None:
            return True
        near = SAME * abs(other.objective)
        if abs(self.objective - other.objective) > near:
            return self.objective < other.objective
        return _simplicity(self.design) < _simplicity(other.design)


def _simplicity(design: Design) -> tuple[object, ...]:
    used = sorted((g.site, g.skill_set, g.agents) for g in design.groups if any(g.agents))
    return len(design.open_sites), len(used), sorted(design.open_sites), used


def gap_of(best: Best | None, bound: float) -> float:
    """Objective less bound over cost; infinite without either."""
    if best is None or math.isinf(bound):
        return math.inf
    return (best.objective - bound) / best.account.cost_per_year if best.account.cost_per_year else 0.0


@dataclass(slots=True, eq=False)
class Finding:
    """A design or a bound at a place in the clock of a lane; a bound that a solver told on its way is not yet ``proven``."""

    at: float
    lane: str
    best: Best | None = None
    bound: float = -math.inf
    proven: bool = True


@dataclass(slots=True)
class View:
    """What one lane knows: its own findings and what was known when it began."""

    best: Best | None = None
    bound: float = -math.inf
    told: float = -math.inf
    open: list[Finding] = field(default_factory=list)


class Findings:
    """All findings of a run; safe to use from several threads."""

    def __init__(self, goal: float) -> None:
        self.goal = goal
        self.all: list[Finding] = []
        self.best: Best | None = None
        self.bound = -math.inf
        self.reached = math.inf
        self._lock = threading.RLock()

    def add(self, found: Finding) -> None:
        """Take a finding and look whether the gap is reached, and where."""
        with self._lock:
            self.all.append(found)
            if found.best is not None and found.best.beats(self.best):
                self.best = found.best
            self.bound = max(self.bound, found.bound)
            if found.at < self.reached and gap_of(self.best, self.bound) <= self.goal:
                self.reached = self._reached(self.all)

    def gap(self) -> float:
        """Of the best design and the best bound known now, told ones among them: for progress."""
        return gap_of(self.best, self.bound)

    def taken(self) -> tuple[Best | None, float]:
        """The design and the proven bound of the plan."""
        with self._lock:
            proven = [f for f in self.all if f.proven]
            end = self._reached(proven)
            best, bound = None, -math.inf
            for f in _in_order(f for f in proven if f.at <= end):
                best = f.best if f.best is not None and f.best.beats(best) else best
                bound = max(bound, f.bound)
            return best, bound

    def _reached(self, findings: Iterable[Finding]) -> float:
        best: Best | None = None
        bound = -math.inf
        for f in _in_order(findings):
            best = f.best if f.best is not None and f.best.beats(best) else best
            bound = max(bound, f.bound)
            if gap_of(best, bound) <= self.goal:
                return f.at
        return math.inf


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By work, then by the name of the lane; the findings of one lane keep their order."""
    return sorted(findings, key=lambda f: (f.at, f.lane))
