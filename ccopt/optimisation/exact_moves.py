"""Moves of shares that the group model itself judges, for networks of few groups and periods.

The tables of the search promise a load for any mix of a group's types at safe volumes. Where types are unlike, or contacts
escalate, a design needs fewer agents than the tables say, and its true cost may rank otherwise than theirs. Here a share of
contacts moves from one group to another, in one period or all, and the whole design is staffed and judged again.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ccopt.design import Design
from ccopt.optimisation.construct import Construction
from ccopt.optimisation.findings import Best
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem, Solution
from ccopt.optimisation.work import now, spend

MOST_CELLS = 120  # groups x periods of a problem for which a judgement takes some milliseconds
JUDGED_S = 1e-3  # nominal seconds of a judgement, per group and period
PARTS = (1.0, 1.0, 0.5, 0.2, 0.05)
ALL_PERIODS, ONE_TYPE, EMPTY_GROUP = 0.4, 0.3, 0.2  # chances
AGAIN = 0.35  # chance of one more move before the design is judged
WARM = 0.004  # of the cost: a design that is so much dearer is gone on from, less and less
ROUND = 150  # judgements from one start
STALE_ROUNDS = 6
MOST_REPEATS = 400  # proposals in a row that were judged before


class Judge(Protocol):
    """What the search needs of a run."""

    p: Problem

    @property
    def best(self) -> Best | None: ...  # noqa: D102
    def done(self) -> bool: ...  # noqa: D102
    def judged(self, solution: Solution | None, stage: str) -> Best | None: ...  # noqa: D102


def judged_at_once(p: Problem) -> bool:
    """Whether the problem is so small that whole designs can be judged move by move."""
    return len(p.group_names) * len(p.hours) <= MOST_CELLS and len(p.arc_group) > len(p.commodity_names)


class ExactMoves:
    """One search; the same seed gives the same moves."""

    def __init__(self, run: Judge, seed: int) -> None:
        self.run, self.p = run, run.p
        self.rng = np.random.default_rng(seed)
        self.construction = Construction(run.p)
        self.seen: set[bytes] = set()
        kinds = [kind for _, kind in run.p.commodity_names]
        self.kind: Ints = np.array([kinds.index(k) for k in kinds], dtype=np.int64)
        self.arc_site = run.p.group_site[run.p.arc_group]
        self.usable = run.p.available[self.arc_site] & ~run.p.must_close[self.arc_site, None]
        self.twin = {self._form(e, int(s)): e for e, s in enumerate(self.arc_site)}

    def search(self, *, seconds: float) -> None:
        """Judge moves of the best design until so many nominal seconds are over or rounds gain nothing."""
        until = now() + seconds
        stale = 0
        while stale < STALE_ROUNDS and not self._over(until):
            began = self.run.best
            if began is None or not self._round(until):
                return
            stale = stale + 1 if self.run.best is began else 0

    def _over(self, until: float) -> bool:
        return self.run.done() or now() >= until

    def _round(self, until: float) -> bool:
        """Moves from the best design, dearer ones allowed less and less; False where all proposals were judged before."""
        best = self.run.best
        assert best is not None
        share, cost = shares_of(self.p, best.design), best.objective
        slack = WARM * abs(best.account.cost_per_year)
        for k in range(ROUND):
            trial = self._proposal(share)
            if trial is None:
                return False
            if self._over(until):
                break
            found = self.run.judged(self.solution(trial), "design")
            spend(JUDGED_S * len(self.p.group_names) * len(self.p.hours))
            if found is not None and found.objective < cost + slack * (1.0 - k / ROUND) * float(self.rng.random()) ** 2:
                share, cost = trial, found.objective
        return True

    def _proposal(self, share: Floats) -> Floats | None:
        """Shares after one or more random moves that were not judged before."""
        for _ in range(MOST_REPEATS):
            trial = share.copy()
            drawn = self._move(trial)
            while self.rng.random() < AGAIN:
                drawn = self._move(trial)
            if not self._one_form_each(trial, drawn):
                continue
            key = np.round(trial, 6).tobytes()
            if key not in self.seen:
                self.seen.add(key)
                return trial
        return None

    def _form(self, e: int, s: int) -> tuple[int, str, int]:
        """The key of the arc like ``e`` at site option ``s``."""
        return int(self.p.arc_commodity[e]), self.p.group_names[int(self.p.arc_group[e])][1], s

    def _one_form_each(self, share: Floats, drawn: int) -> bool:
        """Put what stands under several contract forms of a site under one, that of ``drawn`` first; False where some cannot."""
        for forms in self.p.exclusive:
            used = [s for s in forms if share[self.arc_site == s].any()]
            kept = drawn if drawn in used else used[0] if used else -1
            for e in np.flatnonzero(np.isin(self.arc_site, [s for s in used if s != kept]) & share.any(axis=1)):
                twin = self.twin.get(self._form(int(e), kept))
                if twin is None:
                    return False
                share[twin] += share[e]
                share[e] = 0.0
        return True

    def _move(self, share: Floats) -> int:
        """Move shares of one commodity, of a contact type in all regions, or all of a group; the site option that takes them."""
        p, rng = self.p, self.rng
        e = int(rng.integers(len(share)))
        periods = np.ones(share.shape[1], dtype=bool)
        if rng.random() >= ALL_PERIODS:
            periods = np.arange(len(periods)) == rng.integers(len(periods))
        part = PARTS[int(rng.integers(len(PARTS)))]
        whole = rng.random()
        others = (p.arc_commodity == p.arc_commodity[e]) & (p.arc_group != p.arc_group[e])
        donors = np.flatnonzero(others & (share[:, periods] > 0.0).any(axis=1))
        if not donors.size:
            return int(self.arc_site[e])
        giver = int(p.arc_group[donors[int(rng.integers(donors.size))]])
        taker = int(p.arc_group[e])
        moved = np.array([p.arc_commodity[e]])
        if whole < EMPTY_GROUP:
            moved, part = np.unique(p.arc_commodity[p.arc_group == giver]), 1.0
        elif whole < EMPTY_GROUP + ONE_TYPE:
            moved = np.flatnonzero(self.kind == self.kind[p.arc_commodity[e]])
        for c in moved:
            self._shift(share, int(c), giver, taker, periods, part)
        return int(self.arc_site[e])

    def _shift(self, share: Floats, c: int, giver: int, taker: int, periods: Bools, part: float) -> None:
        """Move a part of a commodity between two groups; to another group where the taker cannot serve it."""
        p = self.p
        mine = np.flatnonzero(p.arc_commodity == c)
        give, take = mine[p.arc_group[mine] == giver], mine[p.arc_group[mine] == taker]
        if not take.size:
            other = mine[p.arc_group[mine] != giver]
            take = other[[int(self.rng.integers(other.size))]] if other.size else take
        if not give.size or not take.size:
            return
        amount = np.where(periods & self.usable[take[0]], part * share[give[0]], 0.0)
        share[give[0]] -= amount
        share[take[0]] += amount

    def solution(self, share: Floats) -> Solution:
        """Flows of shares with the agents of the tables, and what limits ask for beyond them where seats allow it."""
        p = self.p
        flows = share * p.demand[p.arc_commodity]
        opened = p.must_open.copy()
        opened[self.arc_site[(flows > 0.0).any(axis=1)]] = True
        kept = self.construction.completed(flows, opened)
        if kept is not None:
            return kept
        agents = np.minimum(self.construction.needed(flows), p.inner.shape[1] - 1)
        return Solution(open_sites=opened, agents=agents, flows=flows, cost=np.inf)


def shares_of(p: Problem, design: Design) -> Floats:
    """Share of each commodity on its arcs (E, T) in a design."""
    at = {
        (*p.commodity_names[int(c)], *p.group_names[int(g)], p.site_contracts[int(p.group_site[g])]): e
        for e, (c, g) in enumerate(zip(p.arc_commodity, p.arc_group, strict=True))
    }
    share: Floats = np.zeros((len(p.arc_group), len(p.hours)))
    for r in design.routes:
        contract = design.contracts.get(r.site)
        e = at.get((r.region, r.contact_type, r.site, r.skill_set, contract))
        if e is not None:
            share[e] = r.share
    return share
