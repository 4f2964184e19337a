"""Cells of mixes with background work: how they are cut, and the loads proved on each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.batch import encode
from ccopt.queueing.regions import Cell
from ccopt.staffing.blend_search import blend_loads
from ccopt.staffing.group_types import TypeInGroup

Floats = NDArray[np.float64]


PROOF, MIDDLE = np.array([2, 1, 0]), np.array([1])


def blend_bounds(types: Sequence[TypeInGroup], agents: Floats) -> Callable[[Cell], Floats]:
    """For a cell of load shares: loads proved for all mixes (row 0), attained in the middle (1), proved for none above (2)."""
    search = _search(types, agents)
    return lambda cell: search(PROOF, cell.corners)


def blend_points(types: Sequence[TypeInGroup], agents: Floats, load_shares: Floats) -> Floats:
    """Largest load of single mixes (rows), per number of agents (columns)."""
    search = _search(types, agents)
    return np.concatenate([search(MIDDLE, share[None, :]) for share in load_shares])


def _search(types: Sequence[TypeInGroup], agents: Floats) -> Callable[[NDArray[np.int64], Floats], Floats]:
    codes = [encode(t.targets, t.aht_s) for t in types]
    count = max((c.kind.size for c in codes), default=0)
    kind = np.full((len(types), count), -1, dtype=np.int64)
    bound, awt = np.zeros((len(types), count)), np.zeros((len(types), count))
    basis = np.zeros((len(types), count), dtype=np.int64)
    for i, c in enumerate(codes):
        m = c.kind.size
        kind[i, :m], bound[i, :m], awt[i, :m], basis[i, :m] = c.kind, c.bound, c.awt_s, c.basis
    aht, patience = np.array([t.aht_s for t in types]), np.array([t.patience_s for t in types])
    behind = np.array([t.background for t in types], dtype=np.int64)

    def search(ends: NDArray[np.int64], corners: Floats) -> Floats:
        shares = np.ascontiguousarray(corners)
        return np.asarray(blend_loads(ends, agents, shares, aht, patience, behind, kind, bound, awt, basis))

    return search


def prism(low: float, high: float, types: int) -> list[Cell]:
    """Cells of all mixes whose first share lies within ``low``..``high``: a simplex for two types, else a prism cut into simplices."""
    none = np.zeros(types)
    ends = [np.column_stack([np.full(types - 1, x), (1.0 - x) * np.eye(types - 1)]) for x in (low, high)]
    return [
        Cell(corners=np.vstack([ends[0][: j + 1], ends[1][j:]]), fast=none, slow=none) for j in range(types - 1)
    ]  # fmt: skip
