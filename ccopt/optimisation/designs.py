"""Designs by integer programmes on inner lines: always within the tables, flows free, re-linearised around themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.formulation import Compiled
from ccopt.optimisation.lagrangian import BoundResult
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem, Solution
from ccopt.optimisation.solve import Arrays, Outcome, solve_arrays
from ccopt.optimisation.staffing_rows import Cells, cells_of, with_lines, with_steps
from ccopt.optimisation.work import now

STEP_BINARIES = 1500
CORE_VISITS = 0.02
SPARE_SEATS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A solution (None: none found) and the outcome of its programme."""

    solution: Solution | None
    outcome: Outcome


def read_solution(p: Problem, compiled: Compiled, point: Floats, cost: float) -> Solution:
    """Whole agents and flows of a point."""

    def values(places: Ints) -> Floats:
        return np.where(places >= 0, point[np.maximum(places, 0)], 0.0)

    agents = np.rint(values(compiled.agents)).astype(np.int64)
    return Solution(open_sites=values(compiled.open_site) > 0.5, agents=agents, flows=values(compiled.flow), cost=cost)


def restricted(compiled: Compiled, allowed: Bools, fixed_open: Bools | None = None) -> Compiled:
    """The model with the other site options closed (and some fixed open)."""
    a = compiled.arrays
    low, high = a.low.copy(), a.high.copy()
    for s in np.flatnonzero(~allowed):
        if compiled.open_site[s] >= 0:
            high[compiled.open_site[s]] = 0.0
    if fixed_open is not None:
        low[compiled.open_site[np.flatnonzero(fixed_open)]] = 1.0
    arrays = Arrays(matrix=a.matrix, row_low=a.row_low, row_high=a.row_high, cost=a.cost, low=low, high=high,
                    integer=a.integer)  # fmt: skip
    return Compiled(arrays=arrays, open_site=compiled.open_site, used=compiled.used, agents=compiled.agents,
                    capacity=compiled.capacity, flow=compiled.flow)  # fmt: skip


def exact_size(p: Problem, cells: Cells) -> int:
    """Binaries of the exact model."""
    return sum(int(k) * len(p.modes[g]) for g, k in zip(cells.group, cells.most, strict=True))


def exact(p: Problem, compiled: Compiled, side: str, *, time_limit_s: float, gap: float, seed: int) -> Attempt:
    """The exact integer programme on the inner or the outer tables; its bound holds for all designs within them."""
    arrays = with_steps(compiled, p, cells_of(p, p.inner), side)
    outcome = solve_arrays(arrays, time_limit_s=time_limit_s, gap=gap, seed=seed)
    found = None if outcome.point is None else read_solution(p, compiled, outcome.point, outcome.objective)
    return Attempt(solution=found, outcome=outcome)


def centre_of(p: Problem, cells: Cells, flow: Floats) -> Ints:
    """Agents that certify the load of given flows in each cell."""
    load = np.zeros((len(p.group_names), len(p.hours)))
    np.add.at(load, p.arc_group, p.arc_work[:, None] * flow)
    return np.array(
        [np.searchsorted(p.inner[g], load[g, t]) for g, t in zip(cells.group, cells.period, strict=True)], dtype=np.int64
    )


def by_lines(
    p: Problem, compiled: Compiled, flow: Floats, *, wide: float, time_limit_s: float, gap: float, seed: int,
    start: Solution | None = None,
) -> Attempt:  # fmt: skip
    """A design near the staff that given flows need; ``wide`` is the radius as a share of it."""
    open_groups = compiled.arrays.high[compiled.open_site[p.group_site]] > 0.5
    cells = cells_of(p, p.inner, open_groups)
    centre = centre_of(p, cells, flow)
    radius = np.maximum(8, np.ceil(wide * centre)).astype(np.int64)
    if start is None:  # a cell that the flows do not use may take any staff
        unused = centre < 2
        centre = np.where(unused, np.maximum(1, cells.most // 2), centre)
        radius = np.where(unused, cells.most, radius)
    arrays = with_lines(compiled, cells, p.inner, centre, radius)
    point = None
    if start is not None:
        point = np.full(arrays.matrix.shape[1], math.nan)
        point[compiled.open_site] = start.open_sites.astype(float)
        known = compiled.agents >= 0
        point[compiled.agents[known]] = start.agents[known]
        point[-len(cells.group):] = (start.agents[cells.group, cells.period] > 0).astype(float)  # fmt: skip
    outcome = solve_arrays(arrays, time_limit_s=time_limit_s, gap=gap, seed=seed, start=point)
    found = None if outcome.point is None else read_solution(p, compiled, outcome.point, outcome.objective)
    return Attempt(solution=found, outcome=outcome)


def core_sites(p: Problem, bound: BoundResult) -> Bools:
    """Options that the bound opened now and then, and enough more (by value) that the seats could carry the load."""
    core = (bound.visits > CORE_VISITS) | p.must_open
    core &= ~p.must_close
    order = np.argsort(bound.site_values)
    seats = seats_or_enough(p)
    peak = float(np.max(np.array([_least_load(p, t) for t in range(len(p.hours))])))
    for s in order:
        if float(seats[core].sum()) >= SPARE_SEATS * peak and core.sum() >= max(3, p.min_sites):
            break
        if not p.must_close[s]:
            core[s] = True
    return core


def _least_load(p: Problem, t: int) -> float:
    work = np.full(len(p.commodity_names), math.inf)
    np.minimum.at(work, p.arc_commodity, p.arc_work)
    return float((np.where(np.isfinite(work), work, 0.0) * p.demand[:, t]).sum())


def improve(
    p: Problem, compiled: Compiled, solution: Solution, *, deadline: float, gap: float, seed: int
) -> Attempt | None:
    """The same sites, re-linearised around the staff of the solution, with a narrow radius."""
    narrow = restricted(compiled, solution.open_sites, solution.open_sites)
    left = deadline - now()
    if left < 0.2:
        return None
    return by_lines(p, narrow, solution.flows, wide=0.15, time_limit_s=left, gap=gap, seed=seed, start=solution)
