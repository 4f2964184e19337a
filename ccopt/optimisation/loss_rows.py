"""Rows of (E11) as arrays: who carries which contact types after the loss of a site, and how much they must carry."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy import sparse

from ccopt.optimisation.problem import Floats, Ints, Problem

MOST_TYPES_FOR_SUBSETS = 6
TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True)
class LossRows:
    """``weight`` (R, G) of the agents of each group in a row, ``need`` (R, T) erlangs of ``kinds`` once ``lost`` is lost.

    For each set of types there is a row for every site with somebody who can serve them, and one for all other sites.
    ``sites`` are those that can be lost. ``complete`` says whether every subset of the contact types has its rows; else
    each type alone, all together and the sets asked for have.
    """

    weight: Floats
    need: Floats
    lost: tuple[str, ...] = ()
    kinds: tuple[tuple[str, ...], ...] = ()
    complete: bool = True
    sites: tuple[str, ...] = ()

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """The weights, of which most are 0."""
        return sparse.csr_array(self.weight)

    def missing(self, agents: Ints) -> Floats:
        """What each row (R, T) misses, within the tolerance; not positive where it holds."""
        return np.asarray(self.need * (1.0 - TOLERANCE) - self.matrix @ agents)

    def short(self, agents: Ints) -> tuple[Floats, int] | None:
        """Weights and period of the row that misses most, None where all hold."""
        if not len(self.need):
            return None
        missing = self.missing(agents)
        r, t = np.unravel_index(int(missing.argmax()), missing.shape)
        return (self.weight[r], int(t)) if missing[r, t] > 0.0 else None


def loss_rows(p: Problem, more: Collection[tuple[str, ...]] = ()) -> LossRows:
    """All rows of a problem; none without the limit. ``more`` are further sets of types, where not every subset has rows."""
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
    site_of = np.array([site for site, _ in p.group_names])
    sites = tuple(n for n in dict.fromkeys(p.site_names) if n not in p.never_lost)
    usual = [c for k in sizes for c in combinations(kinds, k)]
    for subset in (set(c) for c in dict.fromkeys([*usual, *more])):
        mine = [c for c, (_, kind) in enumerate(p.commodity_names) if kind in subset]
        load = rule.share * (work[mine][:, None] * p.demand[mine]).sum(axis=0)
        able = np.array([bool(can[g] & subset) for g in range(groups)])
        spared = False
        for lost in sites:
            there = able & (site_of == lost)
            if spared and not there.any():
                continue
            spared = spared or not there.any()
            weight.append(np.where(able, np.where(there, rule.relocatable, rule.surge), 0.0))
            need.append(load)
            names.append(lost)
            types.append(tuple(sorted(subset)))
    return LossRows(
        weight=np.array(weight).reshape(-1, groups), need=np.array(need).reshape(-1, len(p.hours)), lost=tuple(names),
        kinds=tuple(types), complete=len(kinds) <= MOST_TYPES_FOR_SUBSETS, sites=sites,
    )  # fmt: skip
