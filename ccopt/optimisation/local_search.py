"""Neighbourhood search: again and again a part of a design is freed and solved, so small that it takes a second.

Three kinds of parts: a few sites that share contact types (their groups, and whether they are open), a few contact types
(all groups that serve them at the open sites), one period. A part grows while its programmes end early and shrinks when
they run out of time. Kinds that gain are drawn more often.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ccopt.optimisation.formulation import Compiled
from ccopt.optimisation.local_programmes import LocalProgrammes
from ccopt.optimisation.problem import Bools, Floats, Problem, Solution
from ccopt.optimisation.work import now

CELLS_FIRST, CELLS_LEAST, CELLS_MOST = 150.0, 30.0, 900.0
STEP_S = 3.0
GROW, SHRINK = 1.15, 0.7
WORTH = 1e-6  # of the cost: a smaller gain does not count
MEMORY = 0.8
STALL = 60


class LocalSearch:
    """One search; ``offer`` takes every better solution, ``stop`` ends it."""

    def __init__(
        self, p: Problem, compiled: Compiled, *, seed: int, gap: float, stop: Callable[[], bool],
        offer: Callable[[Solution], object],
    ) -> None:  # fmt: skip
        self.p, self.programmes, self.gap, self.stop, self.offer = p, LocalProgrammes(p, compiled), gap, stop, offer
        self.rng = np.random.default_rng(seed)
        self.parts = {"sites": self._sites, "types": self._types, "period": self._period}
        self.size = dict.fromkeys(self.parts, CELLS_FIRST)
        self.score = dict.fromkeys(self.size, 1.0)
        self.served = np.zeros((len(p.site_names), len(p.commodity_names)), dtype=bool)
        self.served[p.group_site[p.arc_group], p.arc_commodity] = True

    def run(self, current: Solution, *, deadline: float, sites: bool = True) -> Solution:
        """The best solution until the deadline; ``sites`` may open and close."""
        kinds = [k for k in self.size if (sites or k != "sites") and (len(self.p.hours) > 1 or k != "period")]
        idle = 0
        while not self.stop() and idle < STALL and now() < deadline - 0.1:
            score = np.array([self.score[k] for k in kinds])
            kind = kinds[int(self.rng.choice(len(kinds), p=score / score.sum()))]
            found, gained = self.step(current, kind, deadline)
            idle = 0 if gained > 0.0 else idle + 1
            if gained > 0.0:
                current = found
                self.offer(current)
        return current

    def step(self, current: Solution, kind: str, deadline: float) -> tuple[Solution, float]:
        """One part freed and solved; the solution and what it gained."""
        cells, sites = self.parts[kind](current, self.size[kind])
        began = now()
        found, outcome = self.programmes.solve(
            current, cells, sites, time_limit_s=min(STEP_S, deadline - began), gap=self.gap, stop=self.stop,
            seed=int(self.rng.integers(1 << 30)),
        )  # fmt: skip
        spent = now() - began
        quick = outcome.status == "optimal" and spent < 0.4 * STEP_S
        self.size[kind] = float(np.clip(self.size[kind] * (GROW if quick else SHRINK if outcome.status != "optimal" else 1.0),
                                        CELLS_LEAST, CELLS_MOST))  # fmt: skip
        if found is None or found.cost >= current.cost * (1.0 - WORTH):
            gained = 0.0
        else:
            gained = min(current.cost - found.cost, 0.1 * abs(found.cost)) / abs(found.cost) / max(spent, 0.05)
        self.score[kind] = max(MEMORY * self.score[kind] + (1.0 - MEMORY) * gained * 1e3, 0.05)
        return (found, gained) if found is not None and gained > 0.0 else (current, 0.0)

    def _sites(self, current: Solution, size: float) -> tuple[Bools, Bools]:
        """Sites that share contact types with one drawn at random, open and closed ones mixed."""
        p = self.p
        centre = int(self.rng.integers(len(p.site_names)))
        near = (self.served & self.served[centre]).sum(axis=1) + self.rng.random(len(self.served)) * 4.0
        near[centre] = np.inf
        free = np.zeros(len(near), dtype=bool)
        taken = 0.0
        order = np.argsort(-near, kind="stable")
        on = [s for s in order if current.open_sites[s]]
        off = [s for s in order if not current.open_sites[s]]
        mixed = [s for pair in zip(on, off, strict=False) for s in pair] + on[len(off) :] + off[len(on) :]
        for s in mixed:
            cells = float((self.programmes.most[p.group_site == s] > 0).sum())
            if taken and taken + cells > size:
                break
            free[s] = True
            taken += cells
        for group in p.exclusive:  # contract forms of one site go together
            if free[list(group)].any():
                free[list(group)] = True
        return np.repeat(free[p.group_site][:, None], len(p.hours), axis=1), free

    def _types(self, current: Solution, size: float) -> tuple[Bools, Bools]:
        """Groups at open sites that serve contact types related to one drawn at random."""
        p = self.p
        usable = current.open_sites[p.group_site]
        pair: Floats = np.zeros((len(p.commodity_names), len(p.group_names)), dtype=bool)
        pair[p.arc_commodity, p.arc_group] = usable[p.arc_group]
        free = np.zeros(len(usable), dtype=bool)
        mine = np.zeros(len(p.commodity_names), dtype=bool)
        c = int(self.rng.integers(len(mine)))
        periods = np.ones(len(p.hours), dtype=bool)
        if len(p.hours) > 4 and self.rng.random() < 0.7:
            periods[:] = False
            periods[self.rng.integers(len(p.hours), size=3)] = True
        while True:
            mine[c] = True
            free |= pair[c]
            if free.sum() * periods.sum() >= size or mine.all():
                break
            related = (pair & free).sum(axis=1) + self.rng.random(len(mine))
            c = int(np.argmax(np.where(mine, -1.0, related)))
        return free[:, None] & periods[None, :], np.zeros(len(p.site_names), dtype=bool)

    def _period(self, current: Solution, size: float) -> tuple[Bools, Bools]:
        """All groups of the open sites in one period, or as many as fit."""
        p = self.p
        cells = np.zeros((len(p.group_names), len(p.hours)), dtype=bool)
        mine = np.flatnonzero(current.open_sites[p.group_site])
        t = int(self.rng.integers(len(p.hours)))
        if mine.size > size:
            idle = current.agents[mine, t] == 0
            order = np.argsort(idle + self.rng.random(mine.size), kind="stable")
            mine = mine[order[: int(size)]]
        cells[mine, t] = True
        return cells, np.zeros(len(p.site_names), dtype=bool)
