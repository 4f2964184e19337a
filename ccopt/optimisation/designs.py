"""Designs by integer programmes on inner lines: always within the tables, flows free, re-linearised around themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ccopt.optimisation.formulation import Compiled
from ccopt.optimisation.problem import Floats, Ints, Problem, Solution
from ccopt.optimisation.solve import Outcome, solve_arrays
from ccopt.optimisation.staffing_rows import Cells, cells_of, with_lines, with_steps

STEP_BINARIES = 1500


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
