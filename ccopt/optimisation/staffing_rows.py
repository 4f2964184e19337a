"""(E4) ``load <= A[n]`` on compiled arrays: exact steps, or inner lines that are exact at two neighbouring staffs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.formulation import Compiled
from ccopt.optimisation.offer_rows import sold_reach
from ccopt.optimisation.problem import Floats, Ints, Problem
from ccopt.optimisation.solve import Arrays
from ccopt.staffing.tables import Mode

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Group-period cells that can have load: most erlangs offered and most agents of use, flat arrays."""

    group: Ints
    period: Ints
    load: Floats
    most: Ints


def cells_of(p: Problem, table: Floats, group_used: Bools | None = None) -> Cells:
    """Cells with load, and the agents beyond which a cell has no use for more."""
    load = np.zeros((len(p.group_names), len(p.hours)))
    np.add.at(load, p.arc_group, p.arc_work[:, None] * p.arc_most)
    seats = seats_or_enough(p)
    open_now = p.available[p.group_site]
    if group_used is not None:
        open_now = open_now & group_used[:, None]
    group, period = np.nonzero((load > 0.0) & open_now)
    offered = load[group, period]
    reach = np.array([np.searchsorted(table[g], x) for g, x in zip(group, offered, strict=True)], dtype=np.int64)
    reach = np.maximum(reach, table.shape[1] if spare_agents(p) else p.min_group_size[group])
    reach = np.maximum(reach, sold_reach(p)[group, period])
    most = np.minimum(np.minimum(reach, table.shape[1] - 1), seats[p.group_site[group]])
    keep = most > 0
    return Cells(group=group[keep], period=period[keep], load=offered[keep], most=most[keep])


def _extended(
    arrays: Arrays, rows: list[sparse.csr_matrix], low: list[Floats], high: list[Floats], new: int
) -> Arrays:
    """Arrays with ``new`` binary columns at the end and further rows over all columns."""
    columns = arrays.matrix.shape[1] + new
    wide = sparse.csr_matrix(
        (arrays.matrix.data, arrays.matrix.indices, arrays.matrix.indptr), shape=(arrays.matrix.shape[0], columns)
    )
    return Arrays(
        matrix=sparse.vstack([wide, *rows], format="csr"),
        row_low=np.concatenate([arrays.row_low, *low]), row_high=np.concatenate([arrays.row_high, *high]),
        cost=np.concatenate([arrays.cost, np.zeros(new)]), low=np.concatenate([arrays.low, np.zeros(new)]),
        high=np.concatenate([arrays.high, np.ones(new)]),
        integer=np.concatenate([arrays.integer, np.ones(new, dtype=bool)]),
    )  # fmt: skip


def idle_cells_closed(compiled: Compiled, cells: Cells) -> Arrays:
    """Agents and certified load of cells without use are zero."""
    high = compiled.arrays.high.copy()
    used = np.zeros(compiled.agents.shape, dtype=bool)
    used[cells.group, cells.period] = True
    for places in (compiled.agents, compiled.capacity):
        index = places[~used]
        high[index[index >= 0]] = 0.0
    a = compiled.arrays
    return Arrays(matrix=a.matrix, row_low=a.row_low, row_high=a.row_high, cost=a.cost, low=a.low, high=high,
                  integer=a.integer)  # fmt: skip


def spare_agents(p: Problem) -> bool:
    """Whether limits may ask for more agents than the contacts of a cell."""
    loss = p.site_loss
    asked = p.spare or bool(p.min_site_agents) or bool(p.max_share_at_site)
    if loss is None or asked:
        return asked
    # else the others carry what the types of a group leave over in each subset, and the group need not have more, unless its
    # table has more erlangs than agents
    crowded = bool((p.outer > np.arange(p.outer.shape[1]) * (1.0 + 1e-6)).any())
    return crowded or loss.share > 1.0 or loss.surge < 1.0 or loss.relocatable > 0.0


class Block:
    """Rows over old and new columns, gathered entry by entry."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.row, self.column, self.value = [], [], []  # type: list[int], list[int], list[float]
        self.low, self.high, self.cost_free = [], [], []  # type: list[float], list[float], list[bool]

    def add_columns(self, count: int, *, integer: bool) -> Ints:
        """Indices of new columns."""
        first = self.columns + len(self.cost_free)
        self.cost_free += [integer] * count
        return np.arange(first, first + count)

    def add_row(self, columns: Ints, values: Floats, low: float, high: float) -> None:
        """One row."""
        self.row += [len(self.low)] * len(columns)
        self.column += columns.tolist()
        self.value += values.tolist()
        self.low.append(low)
        self.high.append(high)

    def joined(self, arrays: Arrays) -> Arrays:
        """The arrays with these rows and columns at the end."""
        integer = np.array(self.cost_free, dtype=bool)
        width = self.columns + integer.size
        block = sparse.csr_matrix((self.value, (self.row, self.column)), shape=(len(self.low), width))
        longer = _extended(arrays, [block], [np.array(self.low)], [np.array(self.high)], integer.size)
        longer.high[self.columns :] = np.where(integer, 1.0, np.inf)
        longer.integer[self.columns :] = integer
        return longer


def with_steps(compiled: Compiled, p: Problem, cells: Cells, side: str) -> Arrays:
    """Exact: in each cell at most one mode with one number of agents.

    q <= sum A_m[k] u_mk, n = sum k u_mk, sum u_mk <= 1; where mixes differ, the load of each type is split over the
    modes, l_i = sum_m l_mi, and within a mode sum_i l_mi <= sum_k A_m[k] u_mk with the share of its first type in the
    band. ``side`` is ``inner`` (designs) or ``outer`` (bounds).
    """
    block = Block(compiled.arrays.matrix.shape[1])
    for g, t, most in zip(cells.group.tolist(), cells.period.tolist(), cells.most.tolist(), strict=True):
        agents = np.arange(1, most + 1)
        steps, tables = [], []
        for mode in p.modes[g]:
            steps.append(block.add_columns(most, integer=True))
            tables.append(getattr(mode, side)[np.minimum(agents, len(mode.inner) - 1)])
        every = np.concatenate(steps)
        q, n = np.array([compiled.capacity[g, t]]), np.array([compiled.agents[g, t]])
        block.add_row(np.concatenate((q, every)), np.concatenate(([1.0], -np.concatenate(tables))), -np.inf, 0.0)
        count = np.tile(agents, len(steps)).astype(float)
        block.add_row(np.concatenate((n, every)), np.concatenate(([1.0], -count)), 0.0, 0.0)
        block.add_row(every, np.ones(every.size), -np.inf, 1.0)
        if len(p.modes[g]) > 1:
            mode_loads(block, compiled, p, (g, t), list(zip(p.modes[g], zip(steps, tables, strict=True), strict=True)))
    return block.joined(idle_cells_closed(compiled, cells))


def mode_loads(
    block: Block, compiled: Compiled, p: Problem, cell: tuple[int, int],
    lines: Sequence[tuple[Mode, tuple[Ints, Floats]]],
) -> None:  # fmt: skip
    """Loads of the types of a cell split over the modes; ``lines`` (columns, values) is what each mode certifies."""
    g, t = cell
    mine = np.flatnonzero(p.arc_group == g)
    parts: dict[int, list[int]] = {}
    for mode, (columns, values) in lines:
        loads = block.add_columns(len(mode.types), integer=False)
        for kind, column in zip(mode.types, loads.tolist(), strict=True):
            parts.setdefault(kind, []).append(column)
        block.add_row(np.concatenate((loads, columns)), np.concatenate((np.ones(loads.size), -values)), -np.inf, 0.0)
        if len(mode.types) > 1 and (mode.low > 0.0 or mode.high < 1.0):
            first = np.eye(1, len(mode.types))[0]
            block.add_row(loads, first - mode.low, 0.0, np.inf)
            block.add_row(loads, first - mode.high, -np.inf, 0.0)
    for kind, split in parts.items():
        arcs = mine[p.arc_type[mine] == kind]
        flow = compiled.flow[arcs, t]
        known = flow >= 0
        work = p.arc_work[arcs][known]
        block.add_row(np.concatenate((flow[known], np.array(split))), np.concatenate((work, -np.ones(len(split)))), 0.0, 0.0)


def inner_lines(a: Floats, low: int, high: int, k: int) -> list[tuple[float, int]]:
    """Lines (slope, point) whose minimum is at most A on low..high and equals it at k and k + 1.

    One line through both points where A is convex. Where A lies below it on the left, a steeper line through (k, A[k])
    joins; where A lies below it on the right, a flatter one through (k + 1, A[k + 1]).
    """
    if high <= low:
        return [(0.0, low)]
    slope = float(a[k + 1] - a[k])
    lines = [(slope, k)]
    left = np.arange(low, k)
    if left.size:
        steep = float(np.max((a[k] - a[left]) / (k - left)))
        if steep > slope:
            lines.append((steep * (1.0 + 1e-12), k))
    right = np.arange(k + 2, high + 1)
    if right.size:
        flat = float(np.min((a[right] - a[k + 1]) / (right - k - 1)))
        if flat < slope:
            lines.append((flat * (1.0 - 1e-12), k + 1))
    return lines


def with_lines(compiled: Compiled, cells: Cells, table: Floats, centre: Ints, radius: Ints) -> Arrays:
    """Inner lines per cell around ``centre`` agents; a binary says whether the cell works at all.

    Every whole-numbered solution meets the targets, because the least of the lines is at most A at every whole number
    within ``radius`` of the centre (see `inner_lines`).
    """
    columns = compiled.arrays.matrix.shape[1]
    m = len(cells.group)
    rows: list[tuple[int, int, float]] = []
    row = 0
    for i in range(m):
        g, t = int(cells.group[i]), int(cells.period[i])
        top = min(int(cells.most[i]), int(centre[i] + radius[i]))
        low_n = max(1, min(int(centre[i] - radius[i]), top))
        k = min(max(low_n, int(centre[i])), max(top - 1, low_n))
        a = table[g]
        q, n, u = int(compiled.capacity[g, t]), int(compiled.agents[g, t]), columns + i
        for slope, at in inner_lines(a, low_n, top, k):
            rows += [(row, q, 1.0), (row, n, -slope), (row, u, -(a[at] - slope * at))]
            row += 1
        rows += [(row, n, 1.0), (row, u, -float(top))]
        rows += [(row + 1, n, -1.0), (row + 1, u, float(low_n))]
        rows += [(row + 2, q, 1.0), (row + 2, u, -float(a[top]))]
        row += 3
    index = np.array(rows)
    block = sparse.csr_matrix(
        (index[:, 2], (index[:, 0].astype(int), index[:, 1].astype(int))), shape=(row, columns + m)
    )
    base = idle_cells_closed(compiled, cells)
    return _extended(base, [block], [np.full(row, -np.inf)], [np.zeros(row)], m)


def with_ratios(compiled: Compiled, p: Problem) -> Arrays:
    """A linear relaxation: q <= n times the best certified load per agent, and no whole numbers anywhere."""
    block = Block(compiled.arrays.matrix.shape[1])
    best = np.max(p.outer[:, 1:] / np.arange(1, p.outer.shape[1]), axis=1)
    for g, t in np.ndindex(*compiled.agents.shape):
        q, n = int(compiled.capacity[g, t]), int(compiled.agents[g, t])
        if q >= 0 and n >= 0:
            block.add_row(np.array([q, n]), np.array([1.0, -float(best[g])]), -np.inf, 0.0)
    joined = block.joined(compiled.arrays)
    joined.integer[:] = False
    return joined
