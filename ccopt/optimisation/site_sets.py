"""A bound for every set of sites at once: at fixed prices the relaxation is linear in the open sites.

Each evaluation of `lagrangian_bound` gives ``const + sum_s y_s value_s``, which is below the cost of every design with the
open options y. The largest over all evaluations is kept for each allowed set; the least over the sets bounds every design.
The set with the least value is raised by more evaluations at prices of its own, and these raise other sets as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ccopt.optimisation.column_bound import Aim
from ccopt.optimisation.headcount_rows import Cover
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem

MOST_OPTIONS = 16
LEAST_GAIN = 2e-6


class SiteSets:
    """The table over all allowed sets of options."""

    def __init__(self, p: Problem, covers: Sequence[Cover]) -> None:
        self.p, self.covers = p, covers
        options = len(p.site_names)
        number = np.arange(1 << options)
        sets: Bools = ((number[:, None] >> np.arange(options)) & 1).astype(bool)
        self.sets = sets[self._allowed(sets)]
        self.matrix = self.sets.astype(float)
        self.values: Floats = np.full(len(self.sets), -math.inf)
        self.cut: Ints = np.full(len(self.sets), -1, dtype=np.int64)
        self.cuts: list[tuple[float, Floats, Floats, Floats]] = []

    def _allowed(self, sets: Bools) -> Bools:
        """Sets that some design may open: a design's options are all of them, so only rules on sites count."""
        p = self.p
        names = list(dict.fromkeys(p.site_names))
        at = np.array([names.index(n) for n in p.site_names])
        opened = np.stack([sets[:, at == i].sum(axis=1) for i in range(len(names))], axis=1)
        ok: Bools = np.asarray((opened <= 1).all(axis=1))
        count = opened.sum(axis=1)
        ok &= (count >= max(p.min_sites, 1)) & (count <= p.max_sites) & ~sets[:, p.must_close].any(axis=1)
        for s in np.flatnonzero(p.must_open):
            ok &= opened[:, at[s]] >= 1
        if p.max_change is not None:
            now = np.array([n in p.today for n in names])
            ok &= np.asarray((opened.astype(bool) != now).sum(axis=1) <= p.max_change)
        for cover in self.covers:
            ok &= np.asarray(sets @ cover.seats >= cover.agents * (1.0 - 1e-9))
        return ok

    def add(self, const: float, value: Floats, prices: Floats, row_prices: Floats) -> None:
        """Take one evaluation."""
        found = const + self.matrix @ value
        better = found > self.values
        if better.any():
            self.values[better] = found[better]
            self.cut[better] = len(self.cuts)
            self.cuts.append((const, value.copy(), prices.copy(), row_prices.copy()))

    def lowest(self) -> tuple[float, Bools, int]:
        """Least value, its set and its cut."""
        i = int(np.argmin(self.values))
        return float(self.values[i]), self.sets[i], int(self.cut[i])


def bound_by_sets(table: SiteSets, aim: Aim, raise_set: Callable[[Ints, Floats, Floats], object]) -> None:
    """Raise the lowest set until it is enough, the time is over or the lowest stands still.

    ``raise_set`` takes the options of a set (S,) and the prices to start from, and adds its evaluations to the table.
    """
    while len(table.sets) and not aim.over():
        bound, opened, cut = table.lowest()
        if cut < 0 or bound >= aim.enough():
            break
        aim.on_bound(bound)
        _, _, prices, row_prices = table.cuts[cut]
        raise_set(opened.astype(np.int64), prices, row_prices)
        i = int(np.flatnonzero((table.sets == opened).all(axis=1))[0])
        if table.values[i] <= bound + LEAST_GAIN * abs(bound):
            break
    if len(table.sets):
        aim.on_bound(table.lowest()[0])
