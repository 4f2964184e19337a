"""Search over sets of sites: annealing judges a set, integer programmes on inner lines finish the best ones."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Protocol

import numpy as np

from ccopt.optimisation.annealing import Annealing
from ccopt.optimisation.designs import by_lines, improve, restricted
from ccopt.optimisation.formulation import Compiled, build_model, compile_model
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem, Solution
from ccopt.optimisation.work import now

FIRST_MOVES = 4_000_000
SET_MOVES = 1_500_000
HEAT = 0.012  # of the cost, at the start of an annealing
WARM = 0.0015  # when it goes on from a good choice
STARTS = 3
POLISH_SHARE = 0.3
POLISH_ROUNDS = 4
VOLUME_MARGIN = 0.2  # of the way back to the safe volume: a better design loses fewer contacts


class Clock(Protocol):
    """What the search needs of a run."""

    p: Problem
    goal: float
    interrupted: bool

    def left(self) -> float: ...  # noqa: D102
    def done(self) -> bool: ...  # noqa: D102
    def volume(self) -> Floats | None: ...  # noqa: D102
    def offer(self, solution: Solution | None, stage: str) -> bool: ...  # noqa: D102


class SiteSearch:
    """One search; the same seed gives the same sequence of sets."""

    def __init__(self, run: Clock, compiled: Compiled, seed: int) -> None:
        self.run, self.compiled, self.seed = run, compiled, seed
        self.p = run.p
        self.annealing = Annealing(run.p)
        self.rng = np.random.default_rng(seed)
        self.tried: set[bytes] = set()
        self.polished: set[bytes] = set()
        self.sharp, self.compiled_sharp = run.p, compiled

    def search(self, flow: Floats) -> None:
        """Anneal from the relaxation, polish, then close, open and swap sites until the clock stops."""
        allowed = ~self.p.must_close
        cost, choice = self._several(self.annealing.start(flow), allowed)
        best = self.annealing.solution(choice)
        self._polish(best)
        while not self.run.done():
            found = self._neighbours(cost, choice, best.open_sites)
            if found is None:
                break
            cost, choice = found
            best = self.annealing.solution(choice)
            self._polish(best)

    def _several(self, start: Ints, allowed: Bools) -> tuple[float, Ints]:
        runs: list[tuple[float, Ints]] = []
        for k in range(STARTS):
            if runs and self.run.left() < 5.0:
                break
            found = self.annealing.run(start, allowed, moves=FIRST_MOVES, hot=self._heat(HEAT), seed=self.seed + k)
            runs.append(found)
        return min(runs, key=lambda r: r[0])

    def _heat(self, share: float) -> float:
        total = float((self.p.agent_cost.mean(axis=0) * self.p.demand.sum(axis=0)).sum()) * float(self.p.arc_work.mean())
        return max(share * total, 1e-9)

    def _neighbours(self, cost: float, choice: Ints, opened: Bools) -> tuple[float, Ints] | None:
        """The first better set of sites: one closed, one opened, one swapped, in random order; None when all are worse."""
        steps: list[Bools] = []
        on, off = np.flatnonzero(opened & ~self.p.must_open), np.flatnonzero(~opened & ~self.p.must_close)
        for s in on:
            steps.append(_changed(opened, close=int(s)))
            steps += [_changed(opened, close=int(s), start=int(r)) for r in off]
        steps += [_changed(opened, start=int(r)) for r in off]
        order = self.rng.permutation(len(steps))
        for i in order:
            allowed = steps[i]
            if self.run.done():
                return None
            if allowed.tobytes() in self.tried or not self._enough(allowed):
                continue
            self.tried.add(allowed.tobytes())
            moved = self._moved(choice, allowed)
            found, better = self.annealing.run(
                moved, allowed, moves=SET_MOVES, hot=self._heat(WARM), seed=self.seed + len(self.tried)
            )
            if found < cost * (1.0 - 1e-4):
                return found, better
        return None

    def _enough(self, allowed: Bools) -> bool:
        """Whether the seats of the sites could carry the largest load at the best certified rate."""
        rate = max(float(np.max(self.p.outer[:, 1:] / np.arange(1, self.p.outer.shape[1]))), 1e-9)
        work = np.full(len(self.p.commodity_names), math.inf)
        np.minimum.at(work, self.p.arc_commodity, self.p.arc_work)
        need = float((np.where(np.isfinite(work), work, 0.0)[:, None] * self.p.demand_low).sum(axis=0).max()) / rate
        return float(self.annealing.seats[allowed].sum()) >= need

    def _moved(self, choice: Ints, allowed: Bools) -> Ints:
        """The choice with contacts of closed sites sent to the cheapest allowed arc."""
        out = choice.copy()
        a = self.annealing
        for c in range(len(out)):
            mine = a.arc_of[a.arc_start[c] : a.arc_start[c + 1]]
            fits = allowed[self.p.group_site[self.p.arc_group[mine]]]
            if not fits.any():
                continue
            price = np.where(fits, self.p.arc_cost[mine].sum(axis=1) + self.rng.random(mine.size) * 1e-9, math.inf)
            closed = ~fits[out[c]]
            out[c, closed] = int(np.argmin(price))
        return out

    def _sharpen(self) -> None:
        """From now on serve the escalated volume of the best design, which is less than the safe one of the start."""
        volume = self.run.volume()
        if volume is None or not self.p.escalation_from.size:
            return
        demand = np.where(volume > 0.0, volume + VOLUME_MARGIN * np.maximum(self.p.demand - volume, 0.0), self.p.demand)
        self.sharp = replace(self.p, demand=np.maximum(demand, self.p.demand_low))
        self.compiled_sharp = compile_model(build_model(self.sharp), self.sharp)

    def _polish(self, solution: Solution) -> None:
        """Offer a solution, then split its flows and settle its agents by integer programmes, sites fixed."""
        self.run.offer(solution, "annealing")
        key = solution.open_sites.tobytes()
        if key in self.polished or self.run.done():
            return
        self.polished.add(key)
        sites = solution.open_sites
        first = by_lines(
            self.p, restricted(self.compiled, sites), solution.flows, wide=0.5,
            time_limit_s=POLISH_SHARE * self.run.left(), gap=self.run.goal / 4, seed=self.seed,
        )  # fmt: skip
        self.run.interrupted = first.outcome.status == "interrupted"
        self.run.offer(first.solution, "design")
        self._sharpen()
        current = first.solution
        for _ in range(POLISH_ROUNDS):
            if current is None or self.run.done():
                return
            end = now() + POLISH_SHARE * self.run.left() / 2
            better = improve(self.sharp, self.compiled_sharp, current, deadline=end, gap=self.run.goal / 8, seed=self.seed)
            if better is None or better.solution is None:
                return
            self.run.interrupted = better.outcome.status == "interrupted"
            gained = current.cost - better.solution.cost
            current = better.solution
            self.run.offer(current, "design")
            if gained <= 2e-4 * abs(current.cost):
                return


def _changed(opened: Bools, *, close: int | None = None, start: int | None = None) -> Bools:
    out = opened.copy()
    if close is not None:
        out[close] = False
    if start is not None:
        out[start] = True
    return out
