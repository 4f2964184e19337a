"""Staffing tables: the most erlangs that k agents certify, k = 0..K, per skill set.

With whole agents the queueing constraint of a group is exactly ``load <= A[n]``. A group that serves one contact type
has one table. A group that serves several has two: ``inner`` holds for every mix of its types (designs), ``outer`` for
the most favourable mix, subsets of types included (bounds).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing import largest_loads
from ccopt.queueing.batch import encode
from ccopt.queueing.regions import Cell, kinds_of, proved
from ccopt.staffing.blends import blend_table
from ccopt.staffing.group_queue import most_load
from ccopt.staffing.group_types import TypeInGroup, is_plain, is_ranked

Floats = NDArray[np.float64]
ROUNDING = 1e-9  # tables are rounded down by it for designs, up for bounds
BANDS = 12
POINTS = 4
TOLERANCE = 0.03  # erlangs by the root of the agents
PAIR_CELLS, CELLS = 8, 40
BLEND_BANDS, BLEND_PAIR_BANDS = 8, 30
SEARCH_TOLERANCE = 1e-6
SEARCHED_BANDS, COARSE = 4, 1e-4  # mixes that are searched one queue at a time: fewer bands, and their bounds are wider


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way to use a group: only ``types`` (indices), the first with a load share within ``low``..``high``."""

    types: tuple[int, ...]
    low: float
    high: float
    inner: Floats
    outer: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Erlangs that k agents certify (length K + 1, entry 0 is 0), for any mix, and per mode where mixes differ."""

    inner: Floats
    outer: Floats
    modes: tuple[Mode, ...]


def staffing_table(types: Sequence[TypeInGroup], most: int) -> Table:
    """Table of a group that may serve any mix of ``types`` with up to ``most`` agents.

    Notes
    -----
    Without targets the rule is load <= agents. For mixes the handle time is the load's mean and patience the mixture
    (see ``ccopt.queueing.group_performance``), and both tables are proved for every mix, between grid points too
    (``ccopt.queueing.mix_proof``): two types in bands of their load share, three and more in one mode, cells being halved
    until the bounds are within 0.03 sqrt(k) erlangs of what some mix carries (three and more: 0.4 % of the agents beside, at
    most 40 cells).

    Where background work is done beside calls (a threshold, not the group model) the tables are searched on a grid of load
    shares instead: the largest second difference on the grid is added to ``outer`` and taken from ``inner``, beside one per
    cent of the agents for three and more types. That is not proved; tests look between the grid points.
    """
    agents = np.arange(1, most + 1, dtype=float)
    if _alike(types):
        one = _mode(tuple(range(len(types))), 0.0, 1.0, *_one(types, agents))
        return Table(inner=one.inner, outer=one.outer, modes=(one,))
    modes: list[Mode] = []
    for size in range(1, len(types) + 1):
        for subset in combinations(range(len(types)), size):
            modes += _modes([types[i] for i in subset], subset, agents)
    return Table(
        inner=np.min([m.inner for m in modes], axis=0), outer=np.max([m.outer for m in modes], axis=0),
        modes=tuple(modes),
    )  # fmt: skip


def _mode(types: tuple[int, ...], low: float, high: float, inner: Floats, outer: Floats) -> Mode:
    return Mode(
        types=types, low=low, high=high,
        inner=np.concatenate(([0.0], np.maximum.accumulate(np.maximum(inner, 0.0) * (1.0 - ROUNDING)))),
        outer=np.concatenate(([0.0], np.maximum.accumulate(outer * (1.0 + ROUNDING)))),
    )  # fmt: skip


def _modes(types: Sequence[TypeInGroup], subset: tuple[int, ...], agents: Floats) -> list[Mode]:
    """Modes of one subset of types."""
    if len(types) == 1 or _alike(types):
        low, high = _one(types, agents)
        return [_mode(subset, 0.0, 1.0, low, high)]
    behind = [i for i, t in enumerate(types) if t.background]
    if is_plain(types):
        return _proved_modes(types, subset, agents)
    searched = _by_search(types)
    if len(types) > 2:
        if len(behind) == 1:
            return _blend_bands(types, subset, agents, behind[0])
        loads = _mixed(types, agents, _grid(len(types)))
        return [_mode(subset, 0.0, 1.0, loads.min(axis=0), loads.max(axis=0) * (1.0 + COARSE * searched) + 0.01 * agents)]
    bands = SEARCHED_BANDS if searched else BLEND_PAIR_BANDS
    fine = _fine(bands)
    loads = _mixed(types, agents, np.stack([fine, 1.0 - fine], axis=1))
    found = _bands(subset, [loads], bands)
    return [replace(m, outer=m.outer * (1.0 + COARSE)) for m in found] if searched else found


def _proved_modes(types: Sequence[TypeInGroup], subset: tuple[int, ...], agents: Floats) -> list[Mode]:
    """Modes of the group model: bands of the load share for two types, one for more."""
    kinds = kinds_of(np.array([t.aht_s for t in types]), [t.targets for t in types])
    if kinds.kind.size == 0:
        return [_mode(subset, 0.0, 1.0, agents, agents)]
    leave = 1.0 / np.array([t.patience_s for t in types])
    near, shares, cells = TOLERANCE * np.sqrt(agents), [np.eye(len(types))], CELLS
    ends = np.linspace(0.0, 1.0, BANDS + 1)
    if len(types) == 2:
        shares, cells = [np.array([[a, 1.0 - a], [b, 1.0 - b]]) for a, b in pairwise(ends)], PAIR_CELLS
    else:
        near, ends = near + 0.004 * agents, ends[[0, -1]]
    modes = []
    for corners, (low, high) in zip(shares, pairwise(ends.tolist()), strict=True):
        found = proved(agents, kinds, [Cell(corners=corners, fast=leave, slow=leave)], tolerance=near, most_cells=cells)
        modes.append(_mode(subset, low, high, found.least, found.most))
    return modes


def _fine(bands: int) -> Floats:
    """Load shares of the first type, `POINTS` steps in each band."""
    fine = np.linspace(0.0, 1.0, bands * POINTS + 1)
    fine[0], fine[-1] = 1e-6, 1.0 - 1e-6
    return fine


def _bands(subset: tuple[int, ...], loads: Sequence[Floats], bands: int) -> list[Mode]:
    """Modes by the load share of the first type; several grids (of the other types) count together."""
    bend = np.max([np.abs(np.diff(x, n=2, axis=0)) for x in loads], axis=0)
    ends = np.linspace(0.0, 1.0, bands + 1)
    modes = []
    for b in range(bands):  # bends of a band and of its neighbours
        slack = bend[max(0, (b - 1) * POINTS) : (b + 2) * POINTS].max(axis=0)
        part = np.concatenate([x[b * POINTS : (b + 1) * POINTS + 1] for x in loads])
        modes.append(_mode(subset, float(ends[b]), float(ends[b + 1]), part.min(axis=0) - slack, part.max(axis=0) + slack))
    return modes


def _blend_bands(types: Sequence[TypeInGroup], subset: tuple[int, ...], agents: Floats, behind: int) -> list[Mode]:
    """Modes by the share of background work, over a grid of mixes of the other types; their slack as of any mix."""
    order = [behind, *(i for i in range(len(types)) if i != behind)]
    mine = [types[i] for i in order]
    fine, loads = _fine(BLEND_BANDS), []
    for mix in np.vstack([_grid(len(types) - 1), np.eye(len(types) - 1) * (1 - 1e-6) + 1e-6 / len(types)]):
        shares = np.column_stack([fine, (1.0 - fine)[:, None] * mix / mix.sum()])
        loads.append(_mixed(mine, agents, shares))
    modes = _bands(tuple(subset[i] for i in order), loads, BLEND_BANDS)
    return [_mode(m.types, m.low, m.high, m.inner[1:], m.outer[1:] + 0.01 * agents) for m in modes]


def _one(types: Sequence[TypeInGroup], agents: Floats) -> tuple[Floats, Floats]:
    """Loads of types that are all alike: (certified, not certified)."""
    if is_plain(types):
        load = _single(types[0], agents)
        return load, load
    low, high = _searched(types[:1], agents, np.ones((1, 1)))
    return low[0], high[0]


def _by_search(types: Sequence[TypeInGroup]) -> bool:
    """Mixes with call-back or ranks, which the compiled tables do not know."""
    return any(t.accept for t in types) or (is_ranked(types) and any(t.targets for t in types))


def _searched(
    types: Sequence[TypeInGroup], agents: Floats, shares: Floats, tolerance: float = SEARCH_TOLERANCE
) -> tuple[Floats, Floats]:
    """Largest loads of mixes (rows) by search on the queue of the group: (certified, not certified)."""
    low, high = np.zeros((len(shares), len(agents))), np.zeros((len(shares), len(agents)))
    for p, share in enumerate(shares):
        start = 0.0
        for k, n in enumerate(agents):
            found = most_load(types, share, round(n), start=start, tolerance=tolerance)
            low[p, k], high[p, k] = found
            start = found[0]
    return low, high


def _single(kind: TypeInGroup, agents: Floats) -> Floats:
    patience = None if math.isinf(kind.patience_s) else kind.patience_s
    return largest_loads(agents, aht_s=kind.aht_s, targets=kind.targets, patience_s=patience)


def _alike(types: Sequence[TypeInGroup]) -> bool:
    """Types that the group model cannot tell apart: any mix is like one of them alone."""
    if is_ranked(types):
        return False
    return len({(t.aht_s, t.patience_s, t.targets, t.levels_s, t.background, t.accept, t.ring_back_s) for t in types}) == 1


def _grid(types: int) -> Floats:
    """Load shares of a mix: the inner points of the simplex (ends belong to smaller subsets), coarser in more types."""
    steps = {3: 8, 4: 6}.get(types, types + 1)
    points = [p for p in _compositions(steps, types) if min(p) > 0]
    array = np.array(sorted(points), dtype=float)
    return np.asarray(array / array.sum(axis=1, keepdims=True))


def _compositions(total: int, parts: int) -> list[tuple[float, ...]]:
    if parts == 1:
        return [(float(total),)]
    return [(float(k), *rest) for k in range(total + 1) for rest in _compositions(total - k, parts - 1)]


def _mixed(types: Sequence[TypeInGroup], agents: Floats, load_share: Floats) -> Floats:
    """Largest load of mixes with background work: given load shares (rows), per number of agents (columns)."""
    rate_share = load_share / np.array([t.aht_s for t in types])
    rate_share /= rate_share.sum(axis=1, keepdims=True)
    if _by_search(types):
        return _searched(types, agents, load_share, COARSE)[0]
    codes = [encode(t.targets, t.aht_s) for t in types]
    count = max((c.kind.size for c in codes), default=0)
    if count == 0:
        return np.tile(agents * (1.0 - 1e-6), (len(load_share), 1))
    kind = np.full((len(types), count), -1, dtype=np.int64)
    bound, awt = np.zeros((len(types), count)), np.zeros((len(types), count))
    basis = np.zeros((len(types), count), dtype=np.int64)
    for i, c in enumerate(codes):
        m = c.kind.size
        kind[i, :m], bound[i, :m], awt[i, :m], basis[i, :m] = c.kind, c.bound, c.awt_s, c.basis
    aht = np.array([t.aht_s for t in types])
    patience = np.array([t.patience_s for t in types])
    behind = np.array([t.background for t in types], dtype=np.int64)
    return np.asarray(blend_table(agents, rate_share, aht, patience, behind, kind, bound, awt, basis))
