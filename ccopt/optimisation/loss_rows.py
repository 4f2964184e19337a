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

    Erlangs are those of agents with factor 1 on handle times; an agent of a slower group counts as less than one. All
    subsets together are then exact: loads flow to agents who can serve them (max flow and min cut). Kinds of load are those
    of `load_kinds`. For each set of them there is a row for every site with somebody who can serve them, and one for all other
    sites. ``sites`` are those that can be lost. ``complete`` says whether every subset has its rows; else each kind alone,
    subsets of contact types, all together and the sets asked for have.
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


def may_be_spared(p: Problem) -> bool:
    """Whether a design at sites that cannot be lost may have fewer agents than the rows ask for: nothing is lost there.

    Elsewhere a group has agents for all its load, unless its table has more erlangs than agents, and the rows hold by themselves.
    """
    rule = p.site_loss
    if rule is None or not p.never_lost:
        return False
    return bool((rule.share * p.outer > rule.surge * np.arange(p.outer.shape[1]) * (1.0 + TOLERANCE)).any())


def load_kinds(p: Problem) -> tuple[str, ...]:
    """(C,) kind of load of every commodity: its contact type, and the sites that may serve it where regions differ in these."""
    reach: list[set[str]] = [set() for _ in p.commodity_names]
    for c, g in zip(p.arc_commodity, p.arc_group, strict=True):
        reach[int(c)].add(p.group_names[int(g)][0])
    of_type: dict[str, set[str]] = {}
    words = [", ".join(sorted(sites)) for sites in reach]
    for (_, kind), sites in zip(p.commodity_names, words, strict=True):
        of_type.setdefault(kind, set()).add(sites)
    return tuple(
        kind if len(of_type[kind]) == 1 else f"{kind} (at {sites or 'no site'} only)"
        for (_, kind), sites in zip(p.commodity_names, words, strict=True)
    )


def skills_of(p: Problem) -> list[frozenset[str]]:
    """The kinds of load that each group can serve."""
    kinds = load_kinds(p)
    can: list[set[str]] = [set() for _ in p.group_names]
    for c, g in zip(p.arc_commodity, p.arc_group, strict=True):
        can[int(g)].add(kinds[int(c)])
    return [frozenset(x) for x in can]


def _subsets(names: Collection[str]) -> list[tuple[str, ...]]:
    """All subsets, or each alone and all together where they are many."""
    sizes = range(1, len(names) + 1) if len(names) <= MOST_TYPES_FOR_SUBSETS else (1, len(names))
    return [c for k in sizes for c in combinations(sorted(names), k)]


def _usual(p: Problem, kinds: Collection[str]) -> list[tuple[str, ...]]:
    """Sets of kinds of load that have rows in any case."""
    of_type: dict[str, set[str]] = {}
    for (_, name), kind in zip(p.commodity_names, load_kinds(p), strict=True):
        of_type.setdefault(name, set()).add(kind)
    unions = [tuple(sorted(set().union(*(of_type[name] for name in some)))) for some in _subsets(of_type)]
    return list(dict.fromkeys([*_subsets(kinds), *unions]))


def loss_rows(p: Problem, more: Collection[tuple[str, ...]] = ()) -> LossRows:
    """All rows of a problem; none without the limit. ``more`` are further sets of kinds, where not every subset has rows."""
    groups = len(p.group_names)
    rule = p.site_loss
    if rule is None:
        return LossRows(weight=np.zeros((0, groups)), need=np.zeros((0, len(p.hours))))
    kind_of, can = load_kinds(p), skills_of(p)
    kinds = set(kind_of)
    work = np.zeros(len(p.commodity_names))
    work[p.arc_commodity] = p.arc_work / p.slowness[p.arc_group]
    weight, need, names, types = [], [], [], []
    site_of = np.array([site for site, _ in p.group_names])
    sites = tuple(n for n in dict.fromkeys(p.site_names) if n not in p.never_lost)
    for subset in (set(c) for c in dict.fromkeys([*_usual(p, kinds), *more])):
        mine = [c for c, kind in enumerate(kind_of) if kind in subset]
        load = rule.share * (work[mine][:, None] * p.demand[mine]).sum(axis=0)
        able = np.array([bool(can[g] & subset) for g in range(groups)])
        spared = False
        for lost in sites:
            there = able & (site_of == lost)
            if spared and not there.any():
                continue
            spared = spared or not there.any()
            weight.append(np.where(able, np.where(there, rule.relocatable, rule.surge), 0.0) / p.slowness)
            need.append(load)
            names.append(lost)
            types.append(tuple(sorted(subset)))
    return LossRows(
        weight=np.array(weight).reshape(-1, groups), need=np.array(need).reshape(-1, len(p.hours)), lost=tuple(names),
        kinds=tuple(types), complete=len(kinds) <= MOST_TYPES_FOR_SUBSETS, sites=sites,
    )  # fmt: skip
