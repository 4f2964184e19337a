"""Loads that agents carry for every pool of a region of handle times, patience and mixes: proved, by splitting.

Each cell of the region gets proved bounds from `mix_proof`. While the bounds are further from loads that some pool of the
region attains than the tolerance, the cell that is to blame is halved along its longest side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ccopt.kpis import Target
from ccopt.queueing.batch import encode
from ccopt.queueing.mix_search import region_loads

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Contact types and their targets as numbers: the targets of all types in one list, ``of_type`` says whose each is."""

    aht_s: Floats
    of_type: Ints
    kind: Ints
    bound: Floats
    awt_s: Floats
    basis: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A simplex of mixes: load shares (corners x types) and the range of the leaving rates of the types."""

    corners: Floats
    fast: Floats
    slow: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """What is proved for a region, per number of agents.

    Attributes
    ----------
    least, most
        Loads that every pool carries, and above which no pool carries any.
    slack
        Largest distance of a bound to a load that some pool of the region attains, in erlangs.
    """

    least: Floats
    most: Floats
    slack: Floats


def kinds_of(aht_s: Floats, targets: Sequence[Sequence[Target]]) -> Kinds:
    """Types with the targets of each."""
    codes = [encode(own, float(h)) for own, h in zip(targets, aht_s, strict=True)]
    return Kinds(
        aht_s=aht_s, of_type=np.repeat(np.arange(len(codes)), [c.kind.size for c in codes]),
        kind=np.concatenate([c.kind for c in codes]), bound=np.concatenate([c.bound for c in codes]),
        awt_s=np.concatenate([c.awt_s for c in codes]), basis=np.concatenate([c.basis for c in codes]),
    )  # fmt: skip


def proved(agents: Floats, kinds: Kinds, cells: Sequence[Cell], *, tolerance: Floats, most_cells: int) -> Region:
    """Bounds of the group model over all cells: `narrowed` with `mix_proof`."""
    return narrowed(lambda cell: _rows(agents, kinds, cell), cells, tolerance=tolerance, most_cells=most_cells)


def narrowed(bounds: Callable[[Cell], Floats], cells: Sequence[Cell], *, tolerance: Floats, most_cells: int) -> Region:
    """Bounds over all cells, split until each is within ``tolerance`` erlangs (per number of agents) or cells run out.

    ``bounds`` gives three rows per cell: loads proved for all mixes, attained by its middle one, proved for none above.
    """
    open_cells = list(cells)
    rows = [bounds(c) for c in open_cells]
    points = [bounds(p)[1] for c in open_cells for p in _points(c)]
    low, high = np.min(points, axis=0), np.max(points, axis=0)
    while True:
        least, most = np.min([r[0] for r in rows], axis=0), np.max([r[2] for r in rows], axis=0)
        low, high = np.minimum(low, np.min([r[1] for r in rows], axis=0)), np.maximum(high, np.max([r[1] for r in rows], axis=0))
        slack = np.maximum(most - high, low - least)
        worst = int(np.argmax(slack / tolerance))
        if slack[worst] <= tolerance[worst] or len(rows) >= most_cells:
            return Region(least=least, most=most, slack=slack)
        above = most[worst] - high[worst] >= low[worst] - least[worst]
        at = int(np.argmax([r[2][worst] for r in rows]) if above else np.argmin([r[0][worst] for r in rows]))
        parts = _halves(open_cells.pop(at))
        rows.pop(at)
        open_cells += parts
        rows += [bounds(c) for c in parts]


def _rows(agents: Floats, kinds: Kinds, cell: Cell) -> Floats:
    mixes = np.ascontiguousarray(cell.corners / kinds.aht_s)
    return np.asarray(
        region_loads(agents, mixes, cell.fast, cell.slow, kinds.of_type, kinds.kind, kinds.bound, kinds.awt_s, kinds.basis)
    )


def _points(cell: Cell) -> list[Cell]:
    """The corners of a cell, each at both ends of the patience."""
    ends = [cell.slow] if (cell.fast == cell.slow).all() else [cell.slow, cell.fast]
    return [Cell(corners=c[None, :], fast=e, slow=e) for c in cell.corners for e in ends]


def _halves(cell: Cell) -> list[Cell]:
    """Two halves: of the range of patience where it is wide against the mixes, else across the longest edge."""
    gaps = np.abs(cell.corners[:, None, :] - cell.corners[None, :, :]).sum(axis=2)
    i, j = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    ratio = np.log(np.divide(cell.fast, cell.slow, out=np.ones_like(cell.fast), where=cell.slow > 0.0))
    if ratio.max() > 0.25 * gaps[i, j] or (cell.slow != cell.fast)[cell.slow == 0.0].any():
        middle = np.where(cell.slow > 0.0, np.sqrt(cell.fast * cell.slow), 0.25 * cell.fast)
        return [replace(cell, slow=middle), replace(cell, fast=middle)]
    middle = 0.5 * (cell.corners[i] + cell.corners[j])
    parts = []
    for k in (i, j):
        corners = cell.corners.copy()
        corners[k] = middle
        parts.append(replace(cell, corners=corners))
    return parts
