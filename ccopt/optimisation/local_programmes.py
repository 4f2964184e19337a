"""Integer programmes over a part of a design: some cells and sites are free, everything else stays as it is.

A cell is a group in a period. Its agents may move between a few *ranges*; within a range the certified load is an inner
line, exact at two neighbouring staffs, so every whole-numbered point is a design. Only the free columns and the rows
that they touch reach the solver, so a programme over a few sites is small whatever the size of the network.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ccopt.optimisation.designs import read_solution
from ccopt.optimisation.formulation import Compiled
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem, Solution
from ccopt.optimisation.solve import Arrays, Outcome, Watch, solve_arrays
from ccopt.optimisation.staffing_rows import Block, cells_of, inner_lines

SLACK = 1e-9


def ranges(now: int, top: int) -> list[tuple[int, int, int]]:
    """Ranges (low, high, staff where the line is exact) of the agents of a cell that has ``now``."""
    if now <= 0:
        found = [(1, 2, 1), (3, 7, 4), (8, 20, 12), (21, top, 32)]
    else:
        low, high = max(1, now // 2), 2 * now + 2
        found = [(1, low - 1, max(1, low // 2)), (low, high, max(1, now - 1)), (high + 1, top, (3 * high) // 2)]
    return [(a, min(b, top), max(a, min(k, min(b, top) - 1))) for a, b, k in found if a <= min(b, top)]


class LocalProgrammes:
    """Programmes of one problem; ``compiled`` is its formulation without (E4)."""

    def __init__(self, p: Problem, compiled: Compiled) -> None:
        self.p, self.compiled = p, compiled
        cells = cells_of(p, p.inner)
        self.most = np.zeros((len(p.group_names), len(p.hours)), dtype=np.int64)
        self.most[cells.group, cells.period] = cells.most

    def solve(
        self, current: Solution, free: Bools, sites: Bools, *, time_limit_s: float, gap: float, seed: int,
        stop: Callable[[], bool] | None = None,
    ) -> tuple[Solution | None, Outcome]:  # fmt: skip
        """The best design that differs from ``current`` in the free cells (G, T) and sites (S,) only."""
        c = self.compiled
        free = free & (self.most > 0)
        arrays = self._with_ranges(current, free)
        value, point = self._values(current, free, sites), self._start(current)
        more = arrays.matrix.shape[1] - len(value)
        value, point = (np.concatenate((v, np.full(more, np.nan))) for v in (value, point))
        columns = np.flatnonzero(np.isnan(value))
        known = np.where(np.isnan(value), 0.0, value)
        outcome = solve_arrays(
            _part(arrays, columns, known), time_limit_s=time_limit_s, gap=gap, seed=seed, start=point[columns],
            watch=Watch(stop=stop),
        )  # fmt: skip
        if outcome.point is None:
            return None, outcome
        known[columns] = outcome.point
        return read_solution(self.p, c, known, float(arrays.cost @ known)), outcome

    def _values(self, current: Solution, free: Bools, sites: Bools) -> Floats:
        """Values of the columns that stay as they are, nan for the free ones."""
        p, c = self.p, self.compiled
        value = np.full(c.arrays.matrix.shape[1], np.nan)
        certified = np.take_along_axis(p.inner, np.minimum(current.agents, p.inner.shape[1] - 1), axis=1)
        for places, now in ((c.agents, current.agents), (c.capacity, certified)):
            stay = ~free & (places >= 0)
            value[places[stay]] = now[stay]
        stay = ~free[p.arc_group] & (c.flow >= 0)
        value[c.flow[stay]] = current.flows[stay]
        closed = ~sites & (c.open_site >= 0)
        value[c.open_site[closed]] = current.open_sites[closed]
        return value

    def _start(self, current: Solution) -> Floats:
        """Whole numbers of the current design, nan elsewhere."""
        c = self.compiled
        point = np.full(c.arrays.matrix.shape[1], np.nan)
        for places, now in ((c.agents, current.agents), (c.open_site, current.open_sites)):
            point[places[places >= 0]] = now[places >= 0]
        return point

    def _with_ranges(self, current: Solution, free: Bools) -> Arrays:
        """The formulation with the ranges of every free cell."""
        p, c = self.p, self.compiled
        block = Block(c.arrays.matrix.shape[1])
        for g, t in zip(*np.nonzero(free), strict=True):
            a = p.inner[g]
            found = [r for r in ranges(int(current.agents[g, t]), int(self.most[g, t])) if a[r[1]] > 0.0]
            use, part = block.add_columns(len(found), integer=True), block.add_columns(len(found), integer=False)
            for (low, high, _), u, m in zip(found, use, part, strict=True):
                pair = np.array([m, u])
                block.add_row(pair, np.array([1.0, -float(high)]), -np.inf, 0.0)
                block.add_row(pair, np.array([1.0, -float(low)]), 0.0, np.inf)
            block.add_row(np.append(part, c.agents[g, t]), np.append(np.ones(part.size), -1.0), 0.0, 0.0)
            site = int(c.open_site[p.group_site[g]])
            working = np.append(use, site) if site >= 0 else use
            block.add_row(working, np.append(np.ones(use.size), -np.ones(working.size - use.size)), -np.inf, float(site < 0))
            lines = [inner_lines(a, low, high, k) for low, high, k in found]
            for i in range(max((len(x) for x in lines), default=1)):
                slope = np.array([x[min(i, len(x) - 1)][0] for x in lines])
                at = np.array([x[min(i, len(x) - 1)][1] for x in lines], dtype=np.int64)
                columns = np.concatenate(([c.capacity[g, t]], part, use))
                block.add_row(columns, np.concatenate(([1.0], -slope, slope * at - a[at])), -np.inf, 0.0)
        return block.joined(c.arrays)


def _part(arrays: Arrays, columns: Ints, known: Floats) -> Arrays:
    """The programme over some columns, the others fixed at what is known; rows without free columns are left out."""
    done = arrays.matrix @ known
    part = arrays.matrix[:, columns]
    rows = np.flatnonzero(np.diff(part.indptr) > 0)
    slack = SLACK * np.abs(done[rows])
    return Arrays(
        matrix=part[rows], row_low=arrays.row_low[rows] - done[rows] - slack, row_high=arrays.row_high[rows] - done[rows] + slack,
        cost=arrays.cost[columns], low=arrays.low[columns], high=arrays.high[columns], integer=arrays.integer[columns],
    )  # fmt: skip
