"""Rows of (E11) as arrays: who carries which contact types after the loss of a site, and how much they must carry."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ccopt.optimisation.problem import Floats, Ints, Problem

MOST_TYPES_FOR_SUBSETS = 6
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRows:
    """``weight`` (R, G) of the agents of each group in a row, ``need`` (R, T) erlangs of ``kinds`` once ``lost`` is lost.

    ``complete`` says whether every subset of the contact types has its rows; else each type alone and all together have.
    """

    weight: Floats
    need: Floats
    lost: tuple[str, ...] = ()
    kinds: tuple[tuple[str, ...], ...] = ()
    complete: bool = True

    def short(self, agents: Ints) -> tuple[Floats, int] | None:
        """Weights and period of the row that misses most, None where all hold."""
        if not len(self.need):
            return None
        missing = self.need * (1.0 - TOLERANCE) - self.weight @ agents
        r, t = np.unravel_index(int(missing.argmax()), missing.shape)
        return (self.weight[r], int(t)) if missing[r, t] > 0.0 else None


def loss_rows(p: Problem) -> LossRows:
    """All rows of a problem; none without the limit."""
    groups = len(p.group_names)
    rule = p.site_loss
    if rule is None:
        return LossRows(weight=np.zeros((0, groups)), need=np.zeros((0, len(p.hours))))
    kinds = sorted({kind for _, kind in p.commodity_names})
    sizes = range(1, len(kinds) + 1) if len(kinds) <= MOST_TYPES_FOR_SUBSETS else (1, len(kinds))
    can: list[set[str]] = [set() for _ in range(groups)]
    for c, g in zip(p.arc_commodity, p.arc_group, strict=True):
        can[int(g)].add(p.commodity_names[int(c)][1])
    work = np.full(len(p.commodity_names), np.inf)
    np.minimum.at(work, p.arc_commodity, p.arc_work)
    work = np.where(np.isfinite(work), work, 0.0)
    weight, need, names, types = [], [], [], []
    for subset in (set(c) for k in sizes for c in combinations(kinds, k)):
        mine = [c for c, (_, kind) in enumerate(p.commodity_names) if kind in subset]
        load = rule.share * (work[mine][:, None] * p.demand[mine]).sum(axis=0)
        able = np.array([bool(can[g] & subset) for g in range(groups)])
        for lost in dict.fromkeys(p.site_names):
            if lost not in p.never_lost:
                there = np.array([site == lost for site, _ in p.group_names])
                weight.append(np.where(able, np.where(there, rule.relocatable, rule.surge), 0.0))
                need.append(load)
                names.append(lost)
                types.append(tuple(sorted(subset)))
    return LossRows(
        weight=np.array(weight).reshape(-1, groups), need=np.array(need).reshape(-1, len(p.hours)), lost=tuple(names),
        kinds=tuple(types), complete=len(kinds) <= MOST_TYPES_FOR_SUBSETS,
    )  # fmt: skip
