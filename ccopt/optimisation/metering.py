"""What a running solver reports, counted: its work in the clock of its lane, and its state as of the last report.

A solve that ends by itself ends the same way in every repetition. One that the real clock cuts short has told its best
point; its bound at the end is written down, and a repetition runs the solver until it has proven as much again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ccopt.optimisation.work import NODE_S, PIVOT_S, REPORT_S, Lane

Floats = NDArray[np.float64]
ENDLESS_S = 1e7
WHOLE = ("optimal", "infeasible", "unbounded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the solver found.

    Attributes
    ----------
    status
        optimal, infeasible, unbounded, time_limit, interrupted, stopped, or the solver's own word.
    point
        Best point, None without one.
    objective
        Its value, infinite without one.
    bound
        Proven lower bound, minus infinity without one.
    """

    status: str
    point: Floats | None
    objective: float
    bound: float


@dataclass(slots=True)
class Watch:
    """Called with objective and point, and with the bound, as the solver finds better ones; ``stop`` ends the solve.

    A solve that ``stop`` ended has the status ``stopped``; ``interrupted`` is left to the keyboard.
    """

    on_better: Callable[[float, Floats], None] | None = None
    on_bound: Callable[[float], None] | None = None
    stop: Callable[[], bool] | None = None


class Meter:
    """Of one solve: reports, the best they told, and whether the solve should end."""

    def __init__(self, lane: Lane | None, watch: Watch, entries: int, seconds: float) -> None:
        self.lane, self.watch, self.entries = lane, watch, entries
        self.began = time.monotonic()
        self.base = 0.0 if lane is None else lane.spent
        self.reports, self.nodes, self.counted = 0, 0, 0.0
        self.told = 0  # reports up to the last better point: near its end a solver reports as the real clock happens to fall
        self.bound, self.point, self.objective = -math.inf, None, math.inf  # type: float, Floats | None, float
        self.stopped, self.cut = False, False
        self.solve = 0 if lane is None else lane.solves
        self.script = None if lane is None else lane.known.get(self.solve)
        self.seconds = max(float(seconds), 0.01)
        if lane is not None:
            lane.solves += 1
            left = max(lane.deadline - self.began, 0.01)
            self.seconds = ENDLESS_S if self.script is not None else min(self.seconds, left)

    @property
    def skip(self) -> bool:
        """Whether the run that is repeated had nothing from this solve: its outcome is empty."""
        return self.script is not None and self.script[1] == 0 and self.script[3] is None

    def better(self, objective: float, point: Floats) -> None:
        """A better point."""
        if self.stopped or self._told_all():
            return
        self._count(self.nodes)
        self.objective, self.point, self.told = objective, point, self.reports
        if self.watch.on_better is not None:
            self.watch.on_better(objective, point)

    def progress(self, bound: float, nodes: int) -> bool:
        """A bound and the nodes so far; True where the solve should end."""
        if self.stopped or self.cut:
            return True
        if not self._told_all():
            self._count(nodes)
            if math.isfinite(bound) and bound > self.bound:
                self.bound = bound
                if self.watch.on_bound is not None:
                    self.watch.on_bound(bound)
            self.stopped = not self._told_all() and self.watch.stop is not None and self.watch.stop()
        self.cut = self._told_all() and bound >= self._known_bound()
        return self.stopped or self.cut

    def _told_all(self) -> bool:
        """Whether the run that is repeated had no more points from this solve than the reports so far have told."""
        return self.script is not None and self.reports >= self.script[1]

    def _known_bound(self) -> float:
        return -math.inf if self.script is None or self.script[3] is None else self.script[3]

    def _count(self, nodes: int) -> None:
        self.reports += 1
        self.nodes = max(self.nodes, nodes)
        if self.lane is not None:
            work = self._cost(REPORT_S) * self.reports + self._cost(NODE_S) * self.nodes
            self.lane.spent += work - self.counted
            self.counted = work

    def _cost(self, rate: tuple[float, float]) -> float:
        return rate[0] + rate[1] * self.entries

    def settled(self, found: Outcome, pivots: int) -> Outcome:
        """The outcome that a repetition will have too; the work goes to the clock of the lane."""
        if self.lane is None or (self.stopped and self.script is None and self.lane.halted is None):
            return found  # stopped at a place of the work; what the real clock stopped has to be written down
        if self.script is None and found.status in WHOLE:
            self.lane.spent = max(self.lane.spent, self.base + self._cost(PIVOT_S) * max(pivots, 1))
            return found
        return self._cut_short(found, self.lane)

    def _cut_short(self, found: Outcome, lane: Lane) -> Outcome:
        """Of a solve ended by its time limit, by the clock of the run or by the keyboard, or as the record of such a run says."""
        cut = self.script
        if cut is None:
            after = max(lane.spent, self.base + time.monotonic() - self.began)
            cut = (self.solve, self.told, after, found.bound if math.isfinite(found.bound) else None)
        lane.cuts.append(cut)
        lane.spent = cut[2]
        bound = -math.inf if cut[3] is None else min(found.bound, cut[3])
        status = "time_limit" if found.status in WHOLE else found.status
        return replace(found, status=status, point=self.point, objective=self.objective, bound=bound)
