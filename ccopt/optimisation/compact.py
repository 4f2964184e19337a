"""Bound and designs by integer programmes on segments, where the aggregated problem is small enough for them.

Two programmes of the same shape run side by side: on the outer tables with escalation by segment (every design is a point
of it, so the solver's dual bound bounds them all), and on the inner tables (every point is a design). Both are cut more
finely around their last points and solved again: the first rises, the second falls.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np
from scipy import sparse

from ccopt.optimisation.aggregation import Aggregate
from ccopt.optimisation.bands import Focus, focused, merged_modes
from ccopt.optimisation.construct import Construction
from ccopt.optimisation.designs import read_solution
from ccopt.optimisation.family_rows import bound_rows
from ccopt.optimisation.formulation import Compiled, Extra, build_model, compile_model
from ccopt.optimisation.headcount_rows import headcount_rows, with_headcounts
from ccopt.optimisation.price_bounds import bound_by_prices
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem, Solution
from ccopt.optimisation.segment_rows import Ends, with_segments
from ccopt.optimisation.solve import Arrays, Outcome, Watch, confirmed, solve_arrays
from ccopt.optimisation.staffing_rows import Cells, cells_of

log = logging.getLogger(__name__)
MOST_CELLS = 3000
CUT_SLACK = 1e-6
MOST_WAIT = 0.2
FIRST_SHARE = 0.55  # of the time left, for the first design
STEP_SHARE = 0.12
FREE_SITES = 5
VOLUME_MARGIN = 0.2  # of the way back to the safe volume: a better design loses fewer contacts
MOST_ENDS = 8
MOST_FAILS = 40
SLACK = 2


class Clock(Protocol):
    """What the programmes need of a run."""

    p: Problem
    goal: float
    interrupted: bool

    def left(self) -> float: ...  # noqa: D102
    def done(self) -> bool: ...  # noqa: D102
    def upper(self) -> float: ...  # noqa: D102
    def hint(self, bound: float) -> None: ...  # noqa: D102
    def raise_bound(self, bound: float, stage: str) -> None: ...  # noqa: D102
    def volume(self) -> Floats | None: ...  # noqa: D102
    def offer(self, solution: Solution | None, stage: str) -> bool: ...  # noqa: D102


def fits(p: Problem) -> bool:
    """Whether the programmes on segments are worth their while: few cells times modes."""
    cells = cells_of(p, p.inner)
    return sum(len(merged_modes(p.modes[int(g)], frozenset())) for g in cells.group) <= MOST_CELLS


def compact_bound(
    p: Problem, run: Clock, *, seed: int, stop: Callable[[], bool], extra: Extra | None = None,
    offer: Callable[[Solution], object] | None = None,
) -> Outcome | None:  # fmt: skip
    """Raise the bound by the outer programme, cut again at its own points until it stands still or the time is over.

    Its points may be designs, where the tables for bounds and for designs are alike: they go to ``offer``.
    """
    rows = bound_rows(p, run.left())
    cells = cells_of(p, p.inner)
    known = bound_by_prices(p, run, stop, rows)
    compiled = compile_model(build_model(p, at_least_only=True, extra=extra), p)

    def take(value: float, point: Floats) -> None:
        if offer is not None and value + p.base_cost < run.upper():
            offer(read_solution(p, compiled, point, value))

    ends: Ends = {}
    focus: Focus = {}
    outcome = None
    best = -np.inf
    while run.left() > MOST_WAIT and not stop():
        arrays = with_segments(compiled, p, cells, "outer", ends=ends, focus=focus)
        arrays = with_cuts(with_headcounts(arrays, compiled, p, rows), p, compiled, known)
        outcome = solve_arrays(
            arrays, time_limit_s=run.left(), gap=run.goal / 2, seed=seed,
            watch=Watch(on_bound=lambda b: run.hint(b + p.base_cost), on_better=take, stop=stop),
        )  # fmt: skip
        outcome = confirmed(arrays, outcome, seconds=run.left())
        run.raise_bound(outcome.bound + p.base_cost, "bound")
        if outcome.point is None or outcome.bound <= best + 1e-9 * abs(best):
            return outcome
        best = outcome.bound
        point = read_solution(p, compiled, outcome.point, outcome.objective)
        ends, focus = finer(cells, ends, point.agents), focused(p, focus, point.flows, point.agents)
    return outcome


def with_cuts(arrays: Arrays, p: Problem, compiled: Compiled, cuts: list[tuple[float, Floats]]) -> Arrays:
    """Rows "cost >= constant + values of the open options": each holds for every design."""
    if not cuts:
        return arrays
    rows = np.tile(arrays.cost, (len(cuts), 1))
    for i, (_, value) in enumerate(cuts):
        known = compiled.open_site >= 0
        rows[i, compiled.open_site[known]] -= value[known]
    least = np.array([const - p.base_cost for const, _ in cuts])
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-12)
    matrix = sparse.vstack([arrays.matrix, sparse.csr_matrix(rows / scale[:, None])], format="csr")
    return replace(
        arrays, matrix=matrix, row_low=np.concatenate((arrays.row_low, least / scale - CUT_SLACK)),
        row_high=np.concatenate((arrays.row_high, np.full(len(cuts), np.inf))),
    )  # fmt: skip


def finer(cells: Cells, ends: Ends, agents: Ints) -> Ends:
    """Ends of segments with further cuts beside the agents of a point, so that the table is exact there."""
    out = {}
    for g, t in zip(cells.group.tolist(), cells.period.tolist(), strict=True):
        n = int(agents[g, t])
        known = ends.get((g, t), ())
        near = sorted({*known, *((n - 1, n) if n > 0 else ())}, key=lambda e: (abs(e - n), e))[:MOST_ENDS]
        out[g, t] = tuple(sorted(near))
    return out


class CompactDesigns:
    """Designs by the inner programme: first of all sites, then of neighbourhoods of the best."""

    def __init__(self, run: Clock, aggregated: Aggregate, seed: int, extra: Extra | None = None) -> None:
        self.run, self.aggregated, self.seed, self.extra = run, aggregated, seed, extra
        self.p = aggregated.problem
        self.compiled = self._compiled()
        self.cells = cells_of(self.p, self.p.inner)
        self.rows = headcount_rows(self.p)
        self.ends: Ends = {}
        self.focus: Focus = {}
        self.rng = np.random.default_rng(seed)

    def _compiled(self) -> Compiled:
        """The formulation with "at least the demand": easier to satisfy, and shares of the contacts bring it back."""
        return compile_model(build_model(replace(self.p, demand_low=self.p.demand), at_least_only=True, extra=self.extra), self.p)

    def search(self, start: Solution | None = None) -> Solution | None:
        """Offer designs until the clock stops, from ``start`` where one is known; the best point of the small problem."""
        current = Construction(self.p).search() if start is None else start
        if current is not None:
            self.ends, self.focus = finer(self.cells, {}, current.agents), focused(self.p, {}, current.flows, current.agents)
        everywhere = np.ones(len(self.p.site_names), dtype=bool)
        found = None if start is not None else self._solve(None, FIRST_SHARE * self.run.left(), everywhere)
        if current is not None and (found is None or found.cost > current.cost):
            found = self._solve(current, 0.5 * FIRST_SHARE * self.run.left(), current.open_sites, sites=True) or current
            found = self._solve(found, FIRST_SHARE * self.run.left(), everywhere) or found
        current = found
        if current is None and not self.run.done():
            current = self._solve(None, 0.9 * self.run.left(), everywhere)
        if current is None:
            return None
        self._sharpen(current)
        fails = 0
        for free in self._neighbourhoods(current):
            if self.run.done() or fails > MOST_FAILS:
                break
            found = self._solve(current, max(2.0, STEP_SHARE * self.run.left()), free)
            better = found is not None and found.cost < current.cost * (1.0 - 1e-6)
            fails = 0 if better else fails + 1
            if found is not None and better:
                current = found
        return current

    def _neighbourhoods(self, start: Solution) -> Iterator[Bools]:
        """Sites whose staff is free: all open ones first, then random mixes of open and closed ones."""
        sites = len(self.p.site_names)
        yield start.open_sites
        while True:
            free = np.zeros(sites, dtype=bool)
            free[self.rng.permutation(sites)[: max(FREE_SITES, sites // 3)]] = True
            yield free

    def _solve(self, start: Solution | None, seconds: float, free: Bools, *, sites: bool = False) -> Solution | None:
        """The inner programme; sites that are not ``free`` keep their agents within two (``sites``: the free stay open)."""
        arrays = with_segments(self.compiled, self.p, self.cells, "inner", ends=self.ends, focus=self.focus)
        arrays = with_headcounts(arrays, self.compiled, self.p, self.rows)
        point = None
        if start is not None:
            arrays = self._near(arrays, start, ~free)
            if sites:
                arrays.low[self.compiled.open_site[free]] = 1.0
            point = np.full(arrays.matrix.shape[1], np.nan)
            known = self.compiled.agents >= 0
            point[self.compiled.agents[known]] = start.agents[known]
            point[self.compiled.open_site] = start.open_sites
        outcome = solve_arrays(
            arrays, time_limit_s=seconds, gap=self.run.goal / 8, seed=self.seed, start=point,
            watch=Watch(on_better=self._better, stop=self.run.done),
        )  # fmt: skip
        self.run.interrupted = self.run.interrupted or outcome.status == "interrupted"
        if outcome.point is None:
            return None
        found = read_solution(self.p, self.compiled, outcome.point, outcome.objective)
        self.run.offer(self.aggregated.lift(found), "design")
        self.ends = finer(self.cells, self.ends, found.agents)
        self.focus = focused(self.p, self.focus, found.flows, found.agents)
        return found

    def _near(self, arrays: Arrays, start: Solution, frozen: Bools) -> Arrays:
        """Bounds that keep frozen sites as they are and their agents within two."""
        low, high = arrays.low.copy(), arrays.high.copy()
        y = self.compiled.open_site[frozen]
        low[y] = high[y] = start.open_sites[frozen]
        columns = self.compiled.agents[frozen[self.p.group_site]]
        agents = start.agents[frozen[self.p.group_site]]
        known = columns >= 0
        at = columns[known]
        low[at] = np.maximum(low[at], agents[known] - SLACK)
        high[at] = np.minimum(high[at], np.where(agents[known] > 0, agents[known] + SLACK, 0))
        return replace(arrays, low=low, high=np.maximum(high, low))

    def _better(self, value: float, point: Floats) -> None:
        """Take a better point of the solver at once, so that an interrupt keeps it."""
        if value + self.p.base_cost < self.run.upper() * (1.0 + 1e-3):
            found = read_solution(self.p, self.compiled, point, value)
            self.run.offer(self.aggregated.lift(found), "design")

    def _sharpen(self, current: Solution) -> None:
        """From now on serve the escalated volume of the best design, which is less than the safe one of the start."""
        volume = self.run.volume()
        if volume is None or not self.p.escalation_from.size:
            return
        whole = self.run.p
        demand = np.where(volume > 0.0, volume + VOLUME_MARGIN * np.maximum(whole.demand - volume, 0.0), whole.demand)
        demand = np.maximum(demand, whole.demand_low)
        self.aggregated = self.aggregated.with_demand(demand)
        self.p = self.aggregated.problem
        self.compiled = self._compiled()
        self.cells = cells_of(self.p, self.p.inner)
