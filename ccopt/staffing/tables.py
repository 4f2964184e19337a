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

from ccopt.kpis import MaxAbandonment, ServiceLevel
from ccopt.queueing import largest_loads
from ccopt.queueing.regions import Cell, kinds_of, narrowed, proved
from ccopt.staffing.blend_cells import blend_bounds, blend_points, prism
from ccopt.staffing.group_queue import most_load
from ccopt.staffing.group_types import TypeInGroup, are_chats, in_order, is_blended, is_plain, is_ranked, is_simulated

Floats = NDArray[np.float64]
ROUNDING = 1e-9  # tables are rounded down by it for designs, up for bounds
BANDS = 12
POINTS = 4
TOLERANCE = 0.03  # erlangs by the root of the agents
PAIR_CELLS, CELLS = 8, 40
BLEND_BANDS, BLEND_PAIR_BANDS = 8, 30
BLEND_TOLERANCE = 0.012  # the proofs with background work are of first order: smaller cells, more of them
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

    Where background work is done beside calls (a threshold, not the group model) ``outer``, on which bounds stand, is proved as
    well, in bands of the load share of the background work (``ccopt.staffing.blends``). ``inner``, from which designs start that
    are then verified as they are, comes from a grid of load shares, less its largest second difference, or from the proof
    where that is more.

    Types whose ranks only simulation knows have ``inner`` of the order of arrival and ``outer`` of any order (`_any_order`).

    Mixes with call-back, ranks or several chats in hand have both tables from such a grid, ``outer`` wider by the second difference
    and one per cent of the agents for three and more types. That is not proved; tests look between the grid points.
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
    """Modes of one subset of types.

    Where types of unlike rank differ in handle time or patience, the loads that are certified are those in the order of
    arrival (a guess, which the certificate of a design replaces by simulation), and no order certifies more than
    `_any_order`.
    """
    if is_simulated(types):
        plain = _modes(in_order(types), subset, agents)
        return [replace(m, outer=np.maximum(m.outer, _any_order(types, agents, m))) for m in plain]
    if len(types) == 1 or _alike(types):
        low, high = _one(types, agents)
        return [_mode(subset, 0.0, 1.0, low, high)]
    if is_plain(types) or (is_ranked(types) and not any(t.targets for t in types)):  # no promise depends on the ranks
        return _proved_modes(in_order(types), subset, agents)
    if not _by_search(types):
        return _blend_modes(types, subset, agents)
    if len(types) > 2:
        loads = _searched(types, agents, _grid(len(types)), COARSE)[0]
        return [_mode(subset, 0.0, 1.0, loads.min(axis=0), loads.max(axis=0) * (1.0 + COARSE) + 0.01 * agents)]
    fine = _fine(SEARCHED_BANDS)
    loads = _searched(types, agents, np.stack([fine, 1.0 - fine], axis=1), COARSE)[0]
    return [replace(m, outer=m.outer * (1.0 + COARSE)) for m in _bands(subset, [loads], SEARCHED_BANDS)]


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


def _any_order(types: Sequence[TypeInGroup], agents: Floats, mode: Mode) -> Floats:
    """Loads (K + 1,) that no order of service exceeds in a mode.

    Each type keeps its promises with at most what it may bring alone, and who is answered is work for the agents.
    """
    alone = [_one([t], agents)[1] for t in types]
    answered = np.array([1.0 - _most_lost(t) for t in types])
    total = np.sum(alone, axis=0)
    each, least = total, float(answered.min())
    if len(types) == 2:
        first = alone[0]
        best = np.divide(first, total, out=np.zeros_like(total), where=total > 0.0)
        share = np.clip(best, mode.low, mode.high)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = np.fmin(first / share, (total - first) / (1.0 - share))
        least = min(float(answered @ [a, 1.0 - a]) for a in (mode.low, mode.high))
    if least > 0.0:
        each = np.minimum(each, agents / least)
    return np.concatenate(([0.0], each * (1.0 + ROUNDING)))


def _most_lost(kind: TypeInGroup) -> float:
    """Largest share of a type that may leave while its targets hold."""
    if math.isinf(kind.patience_s):
        return 0.0
    found = 1.0
    for t in kind.targets:
        if isinstance(t, MaxAbandonment):
            found = min(found, t.at_most)
        elif isinstance(t, ServiceLevel) and t.basis == "offered":
            found = min(found, 1.0 - t.at_least)
    return found


def _fine(bands: int) -> Floats:
    """Load shares of the first type, `POINTS` steps in each band."""
    fine = np.linspace(0.0, 1.0, bands * POINTS + 1)
    fine[0], fine[-1] = 1e-6, 1.0 - 1e-6
    return fine


def _bands(subset: tuple[int, ...], loads: Sequence[Floats], bands: int) -> list[Mode]:
    """Modes by the load share of the first type, from grids of it; several (of mixes of the other types) count together."""
    bend = np.max([np.abs(np.diff(x, n=2, axis=0)) for x in loads], axis=0)
    ends = np.linspace(0.0, 1.0, bands + 1)
    modes = []
    for b in range(bands):  # bends of a band and of its neighbours
        slack = bend[max(0, (b - 1) * POINTS) : (b + 2) * POINTS].max(axis=0)
        part = np.concatenate([x[b * POINTS : (b + 1) * POINTS + 1] for x in loads])
        modes.append(_mode(subset, float(ends[b]), float(ends[b + 1]), part.min(axis=0) - slack, part.max(axis=0) + slack))
    return modes


def _blend_modes(types: Sequence[TypeInGroup], subset: tuple[int, ...], agents: Floats) -> list[Mode]:
    """Modes with background work by its share of the load, the first of the background types first in each."""
    behind = next(i for i, t in enumerate(types) if t.background)
    order = [behind, *(i for i in range(len(types)) if i != behind)]
    mine = [types[i] for i in order]
    if not any(t.targets for t in mine):
        return [_mode(subset, 0.0, 1.0, agents * (1.0 - 1e-6), agents)]
    near, bands, cells = BLEND_TOLERANCE * np.sqrt(agents), BLEND_PAIR_BANDS, PAIR_CELLS
    mixes = np.ones((1, 1))
    if len(types) > 2:
        near, bands, cells = near + 0.004 * agents, BLEND_BANDS, CELLS
        mixes = np.vstack([_grid(len(types) - 1), np.eye(len(types) - 1) * (1 - 1e-6) + 1e-6 / len(types)])
    fine, bounds, modes, order_of = _fine(bands), blend_bounds(mine, agents), [], tuple(subset[i] for i in order)
    loads = [blend_points(mine, agents, np.column_stack([fine, (1.0 - fine)[:, None] * m / m.sum()])) for m in mixes]
    for grid in _bands(order_of, loads, bands):
        found = narrowed(bounds, prism(grid.low, grid.high, len(types)), tolerance=near, most_cells=cells)
        modes.append(_mode(order_of, grid.low, grid.high, np.maximum(grid.inner[1:], found.least), found.most))
    return modes


def _one(types: Sequence[TypeInGroup], agents: Floats) -> tuple[Floats, Floats]:
    """Loads of types that are all alike: (certified, not certified)."""
    if is_plain(types):
        load = _single(types[0], agents)
        return load, load
    low, high = _searched(types[:1], agents, np.ones((1, 1)))
    return low[0], high[0]


def _by_search(types: Sequence[TypeInGroup]) -> bool:
    """Mixes with call-back, ranks or several chats in hand, which the proofs do not know."""
    chats = are_chats(types) and not is_blended(types)
    return chats or any(t.accept for t in types) or is_ranked(types)


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
    if is_ranked(types) or is_simulated(types):
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
