"""(E4) ``load <= A[n]`` by a few segments per cell: a relaxation on the outer tables, a restriction on the inner ones.

A segment (a, b] of the numbers of agents has a binary z and its agents k with (a + 1) z <= k <= b z, and certifies the
line c z + s k. For bounds the line lies on or above the table at every whole number of the segment, for designs on or
below; both are exact where a segment holds two numbers. Segments are cut where the table is farthest from its line, so that
kinks (where another target begins to bind) become ends. Nothing is assumed of the table but that it does not fall.

A group of several types has segments per mode, and the loads of its types are split over the modes. In a bound, what an
escalating contact type passes on depends on the segment: larger groups lose fewer contacts.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ccopt.optimisation.bands import Focus, merged_modes
from ccopt.optimisation.formulation import Compiled
from ccopt.optimisation.problem import Floats, Ints, Problem
from ccopt.optimisation.solve import Arrays
from ccopt.optimisation.staffing_rows import Block, Cells, idle_cells_closed, mode_loads
from ccopt.staffing.tables import Mode

SEGMENTS = 5
TOLERANCE = 0.02  # erlangs: a segment closer than this to its table is not cut
LINES = 8
TRIES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Agents ``low``..``high`` and the line ``constant + slope k`` of certified load."""

    low: int
    high: int
    slope: float
    constant: float
    error: float


def line(table: Floats, low: int, high: int, *, upper: bool) -> Segment:
    """The line over (or under) a table on low..high with a small largest distance."""
    k = np.arange(low, high + 1)
    a = table[low : high + 1]
    if high == low:
        return Segment(low=low, high=high, slope=0.0, constant=float(a[0]), error=0.0)
    picks = np.unique(np.linspace(0, len(k) - 2, LINES).astype(int))
    slopes = {float((a[-1] - a[0]) / (high - low))} | {float(a[i + 1] - a[i]) for i in picks}
    best: tuple[float, float, float] | None = None
    for slope in slopes:
        rest = a - slope * k
        constant = float(rest.max() if upper else rest.min())
        off = np.abs(constant + slope * k - a)
        error = float(off.max())
        if best is None or error < best[0]:
            best = error, slope, constant
    assert best is not None
    guard = 1e-12 * max(1.0, float(a[-1]))
    return Segment(low=low, high=high, slope=best[1], constant=best[2] + (guard if upper else -guard), error=best[0])


def segments_of(table: Floats, top: int, *, upper: bool, count: int = SEGMENTS, ends: tuple[int, ...] = ()) -> list[Segment]:
    """At most ``count`` segments over 1..top, cut where the line errs most; ``ends`` are cut in any case."""
    cuts = sorted({e for e in ends if 0 < e < top} | {0, top})
    heap: list[tuple[float, int, int, Segment]] = []
    for a, b in pairwise(cuts):
        found = line(table, a + 1, b, upper=upper)
        heapq.heappush(heap, (-found.error, a, b, found))
    while len(heap) < count and heap and -heap[0][0] > TOLERANCE:
        _, a, b, worst = heapq.heappop(heap)
        at = _cut(table, worst)
        for low, high in ((a, at), (at, b)):
            found = line(table, low + 1, high, upper=upper)
            heapq.heappush(heap, (-found.error, low, high, found))
    return [s for *_, s in sorted(heap, key=lambda h: h[1])]


def _cut(table: Floats, s: Segment) -> int:
    """Where to cut a segment so that the two parts err least in sum."""
    k = np.arange(s.low, s.high)
    off = table[s.low : s.high] - (table[s.low] + (table[s.high] - table[s.low]) / (s.high - s.low) * (k - s.low))
    tries = np.linspace(s.low, s.high - 1, min(TRIES, s.high - s.low)).astype(int).tolist()
    tries += [int(k[off.argmax()]), int(k[off.argmin()])]  # kinks lie far off the chord

    def total(at: int) -> float:
        return sum(line(table, low, high, upper=True).error for low, high in ((s.low, at), (at + 1, s.high)))

    return int(min(sorted(set(tries)), key=total))


Ends = dict[tuple[int, int], tuple[int, ...]]


class _Lines:
    """Segments of tables, computed once for equal tables and ranges."""

    def __init__(self, p: Problem, side: str, count: int) -> None:
        self.p, self.side, self.count = p, side, count
        self.known: dict[tuple[bytes, int, tuple[int, ...]], list[Segment]] = {}

    def table(self, mode: Mode, most: int) -> Floats:
        """Erlangs of 0..most agents; beyond its end a table stays as it is."""
        a: Floats = getattr(mode, self.side)
        return np.concatenate((a, np.full(max(0, most + 1 - len(a)), a[-1])))[: most + 1]

    def segments(self, table: Floats, most: int, ends: tuple[int, ...]) -> list[Segment]:
        """Segments of a table."""
        key = (table.tobytes(), most, ends)
        if key not in self.known:
            self.known[key] = segments_of(table, most, upper=self.side == "outer", count=self.count, ends=ends)
        return self.known[key]


def with_segments(
    compiled: Compiled, p: Problem, cells: Cells, side: str, *, ends: Ends | None = None, focus: Focus | None = None,
    count: int = SEGMENTS,
) -> Arrays:  # fmt: skip
    """Segments in every cell; ``side`` is ``outer`` (bounds, with escalation by segment) or ``inner`` (designs).

    ``ends`` are agents where segments end in any case; ``focus`` the bands of mixes that have segments of their own.
    """
    upper = side == "outer"
    block = Block(compiled.arrays.matrix.shape[1])
    passing = _Passing(block, compiled, p) if upper and p.escalation_from.size else None
    known = _Lines(p, side, count)
    for g, t, most in zip(cells.group.tolist(), cells.period.tolist(), cells.most.tolist(), strict=True):
        wanted = (ends or {}).get((g, t), ())
        agents: list[Ints] = []
        lines: list[tuple[Mode, tuple[Ints, Floats]]] = []
        parts: list[tuple[Segment, Ints, Floats]] = []
        for mode in merged_modes(p.modes[g], (focus or {}).get((g, t), frozenset())):
            table = known.table(mode, most)
            segments = known.segments(table, most, wanted)
            z = block.add_columns(len(segments), integer=True)
            k = block.add_columns(len(segments), integer=False)
            for i, s in enumerate(segments):
                places = np.array([k[i], z[i]])
                block.add_row(places, np.array([1.0, -float(s.high)]), -np.inf, 0.0)
                block.add_row(places, np.array([1.0, -float(s.low)]), 0.0, np.inf)
                parts.append((s, places, table))
            slope, constant = np.array([s.slope for s in segments]), np.array([s.constant for s in segments])
            lines.append((mode, (np.concatenate((k, z)), np.concatenate((slope, constant)))))
            agents.append(np.stack((k, z)))
        _cell_rows(block, compiled, p, (g, t), agents, [a for _, a in lines])
        if len(lines) > 1:
            mode_loads(block, compiled, p, (g, t), lines)
        if passing is not None:
            passing.cell(g, t, parts)
    if passing is not None:
        passing.finish()
    return block.joined(idle_cells_closed(compiled, cells))


def _cell_rows(
    block: Block, compiled: Compiled, p: Problem, cell: tuple[int, int], agents: list[Ints],
    lines: list[tuple[Ints, Floats]],
) -> None:  # fmt: skip
    """Certified load, agents and one segment at most, none at a closed site."""
    g, t = cell
    columns = np.concatenate([c for c, _ in lines])
    values = np.concatenate([v for _, v in lines])
    block.add_row(np.append(columns, compiled.capacity[g, t]), np.append(-values, 1.0), -np.inf, 0.0)
    k = np.concatenate([a[0] for a in agents])
    block.add_row(np.append(k, compiled.agents[g, t]), np.append(-np.ones(k.size), 1.0), 0.0, 0.0)
    z = np.concatenate([a[1] for a in agents])
    site = compiled.open_site[p.group_site[g]]
    if site >= 0:
        block.add_row(np.append(z, site), np.append(np.ones(z.size), -1.0), -np.inf, 0.0)
    else:
        block.add_row(z, np.ones(z.size), -np.inf, 1.0)


class _Passing:
    """Rows "served at the next tier >= own demand + share x (contacts - lost)", the lost erlangs bounded by segment."""

    def __init__(self, block: Block, compiled: Compiled, p: Problem) -> None:
        self.block, self.compiled, self.p = block, compiled, p
        self.escalating = np.isin(p.arc_commodity, p.escalation_from)
        self.lost: dict[tuple[int, int], list[int]] = {}

    def cell(self, g: int, t: int, parts: list[tuple[Segment, Ints, Floats]]) -> None:
        """Contacts lost on the escalating arcs of a cell: at most what the agents may lose at their full load."""
        p = self.p
        mine = np.flatnonzero((p.arc_group == g) & self.escalating & (p.arc_most[:, t] > 0.0))
        mine = mine[self.compiled.flow[mine, t] >= 0]
        if not mine.size:
            return
        lost = self.block.add_columns(len(mine), integer=False)
        columns, values = [lost], [p.arc_work[mine]]
        for s, places, table in parts:
            loss = p.largest_loss[g, np.minimum(np.arange(s.high + 1), p.largest_loss.shape[1] - 1)]
            over = line(loss * table[: s.high + 1], s.low, s.high, upper=True)
            columns.append(places)
            values.append(np.array([-over.slope, -over.constant]))
        self.block.add_row(np.concatenate(columns), np.concatenate(values), -np.inf, 0.0)
        worst = float(p.largest_loss[g].max())
        for e, column in zip(mine.tolist(), lost.tolist(), strict=True):
            flow = int(self.compiled.flow[e, t])
            self.block.add_row(np.array([column, flow]), np.array([1.0, -worst]), -np.inf, 0.0)
            self.lost.setdefault((int(p.arc_commodity[e]), t), []).append(column)

    def finish(self) -> None:
        """One row for each commodity that receives escalations."""
        p = self.p
        for c, t in np.ndindex(len(p.commodity_names), len(p.hours)):
            sources = [
                (int(i), float(share))
                for i, j, share in zip(p.escalation_from, p.escalation_to, p.escalation_share, strict=True)
                if int(j) == c
            ]
            if not sources or p.demand[c, t] <= 0.0:
                continue
            flow = self.compiled.flow[p.arc_commodity == c, t]
            columns, values = [flow[flow >= 0]], [np.ones(int((flow >= 0).sum()))]
            sure = float(p.own_demand[c, t])
            for i, share in sources:
                passing = self.compiled.flow[p.arc_commodity == i, t]
                passing = passing[passing >= 0]
                lost = np.array(self.lost.get((i, t), []), dtype=np.int64)
                columns += [passing, lost]
                values += [np.full(passing.size, -share), np.full(lost.size, share)]
            self.block.add_row(np.concatenate(columns), np.concatenate(values), sure, np.inf)
