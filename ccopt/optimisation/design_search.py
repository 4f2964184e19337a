"""Designs by annealing: sites and structure on few periods, then all periods, then integer programmes on parts.

Each round anneals the representative periods from the best design so far, first with large units of contacts and then with
small ones, spreads the result over all periods, anneals these with the sites fixed, and offers the design. Rounds differ
in their heat and in where they start. When a round no longer gains, parts of the best design are solved by integer
programmes, which split flows where the annealing moves whole units.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice
from typing import Protocol

import numpy as np

from ccopt.optimisation.annealing import Annealing
from ccopt.optimisation.construct import Construction
from ccopt.optimisation.formulation import Compiled, Extra, build_model, compile_model
from ccopt.optimisation.local_programmes import LocalProgrammes
from ccopt.optimisation.local_search import LocalSearch
from ccopt.optimisation.loss_flows import overloaded
from ccopt.optimisation.loss_rows import loss_rows, skills_of
from ccopt.optimisation.problem import Bools, Floats, Problem, Solution
from ccopt.optimisation.representative import Representative, representative
from ccopt.optimisation.work import MOVE_S, now

PERIODS = 3
UNITS = (25.0, 6.0)  # erlangs of a unit: coarse, fine
UNITS_SPREAD = (8.0, 3.0)  # where the loss of a site asks for many small groups
MOVES_PER_UNIT = 20_000
FIRST_SHARE, SHARE = 0.05, 0.15  # of the time left, for one annealing
HEAT = 0.03  # of the cost per open site
HEATS = (1.0, 0.4, 2.0, 0.15)
WARM = 0.15  # of the heat, for small units and for all periods
COOL = 0.02  # of the heat, where only seats are missing
PROGRAMMES_SHARE = 0.35  # of the time left, for programmes on parts
VOLUME_MARGIN = 0.2  # of the way back to the safe volume: a better design loses fewer contacts
WHOLE_SHARE = 0.5
STALE = 4  # rounds without a better design
ROUNDS = 4
MOST_CUTS = 40  # sets of types found at a time that a loss leaves without enough agents
CUT_ROUNDS = 6
RESERVED = 2  # seats more at a time
HARDER, SOFTER, HARDEST = 2.5, 1.3, 100.0  # price of seats and losses after a round without and with a design


class Clock(Protocol):
    """What the search needs of a run."""

    p: Problem
    goal: float

    def left(self) -> float: ...  # noqa: D102
    def done(self) -> bool: ...  # noqa: D102
    def volume(self) -> Floats | None: ...  # noqa: D102
    def offer(self, solution: Solution | None, stage: str) -> bool: ...  # noqa: D102


class DesignSearch:
    """One search; the same seed gives the same rounds, as many as the clock allows."""

    def __init__(self, run: Clock, seed: int, extra: Extra | None = None) -> None:
        self.run, self.seed, self.extra = run, seed, extra
        self.p = run.p
        self.units = UNITS if run.p.site_loss is None else UNITS_SPREAD
        self.flows: Floats | None = None
        self.best: Solution | None = None
        self.sharp = False
        self.penalty = 1.0 if run.p.site_loss is None else HARDER**2
        self.until = math.inf
        self.reserved = np.zeros(len(self.p.site_names), dtype=np.int64)
        self.sets = {tuple(sorted(x)) for x in skills_of(self.p) if len(x) > 1} if run.p.site_loss is not None else set()

    def search(self, share: float = 1.0) -> Solution | None:
        """Rounds until the time is over; the best solution.

        With a ``share`` of the time left, for something else to follow, also until `STALE` rounds gained nothing.
        """
        self.until = math.inf if share == 1.0 else now() + share * self.run.left()
        self._begin()
        k = stale = 0
        while not self._over() and (share == 1.0 or stale < STALE):
            stale = 0 if self._round(k) else stale + 1
            k += 1
            if k % ROUNDS == 0 and not self._over():
                if self.best is None:
                    self._whole_programme()
                elif share == 1.0:
                    self._programmes()
        return self.best

    def _over(self) -> bool:
        return self.run.done() or now() >= self.until

    def _left(self) -> float:
        return min(self.run.left(), self.until - now())

    def _begin(self) -> None:
        """Where the first round starts: all sites, filled evenly."""
        self._renew()
        self.first = self.construction.spread(~self.p.must_close)

    def _renew(self) -> None:
        """The small problem and the rows on losses, after a change of the volumes or of the sets of types."""
        self.small = representative(self.p, PERIODS)
        self.losses = loss_rows(self.p, self.sets)
        self.small_losses = loss_rows(self.small.problem, self.sets)
        self.construction = Construction(self.p, self.losses)

    def _cuts(self, solution: Solution) -> bool:
        """Whether the agents do not carry the load after a loss; the sets of types that show it get rows."""
        if self.losses.complete or self.p.site_loss is None:
            return False
        found = {kinds for _, _, kinds in islice(overloaded(self.p, self.losses, solution.agents.astype(float)), MOST_CUTS)}
        if found - self.sets:
            self.sets |= found
            self._renew()
        return bool(found)

    def _round(self, k: int) -> bool:
        """One round from the first flows or the best ones; True where it found a better design."""
        start = self.first if self.flows is None or k % len(HEATS) == 0 else self.flows
        heat = HEATS[k % len(HEATS)]
        allowed: Bools = ~self.p.must_close
        flows = self._annealed(self.small, start, allowed, heat, self.units[0], k)
        fewer = self._allowed(self.small.problem, flows)
        if fewer is not None:
            allowed = fewer
            flows = self._annealed(self.small, self._moved(self.small.problem, flows, allowed), allowed, heat, self.units[0], k)
        flows = self._annealed(self.small, flows, allowed, WARM * heat, self.units[1], k)
        whole = self.small.expand(self._solution(self.small.problem, flows))
        every = Representative(whole=self.p, problem=self.p, cluster=np.arange(len(self.p.hours)))
        flows = whole.flows
        if len(self.p.hours) > len(self.small.problem.hours):
            flows = self._annealed(every, flows, self._opened(self.p, flows), WARM * heat, self.units[1], k)
        opened = self._opened(self.p, flows)
        found = self.construction.completed(flows, opened)
        if found is None and self.p.site_loss is None:  # seats are missing: at their price it paid to do without
            flows = self._annealed(every, flows, allowed, COOL * heat, self.units[1], k, penalty=HARDEST)
            opened = self._opened(self.p, flows)
            found = self.construction.completed(flows, opened)
        for _ in range(CUT_ROUNDS):
            if found is None or not self._cuts(found):
                break
            found = self.construction.completed(flows, opened)
        if found is None and self.p.site_loss is not None:  # the next round leaves seats free where spare agents found none
            self.reserved += RESERVED * self.construction.crowded(flows, opened)
        return self._take(found)

    def _annealed(
        self, at: Representative, flows: Floats, allowed: Bools, heat: float, unit: float, k: int, *, penalty: float | None = None
    ) -> Floats:
        """Flows after an annealing of the periods of ``at``; given flows may be of the whole problem."""
        if self._over():
            return flows
        p = at.problem
        losses = self.small_losses if at is self.small else self.losses
        annealing = Annealing(p, unit, penalty=self.penalty if penalty is None else penalty, losses=losses, reserved=self.reserved)
        if flows.shape[1] != len(p.hours):
            flows = at.averaged(flows)
        choice = annealing.start(flows)
        total = float((p.agent_cost.mean(axis=0) * p.demand.sum(axis=0)).sum()) * float(p.arc_work.mean())
        sites = max(1, int(self._opened(p, flows).sum()))
        share = FIRST_SHARE if self.best is None else SHARE
        moves = min(MOVES_PER_UNIT * choice.size, int(share * max(self._left(), 0.0) / MOVE_S))
        _, choice = annealing.run(choice, allowed, moves=max(moves, 1000), hot=heat * HEAT * total / sites, seed=self.seed + k)
        return annealing.flows(choice)

    def _allowed(self, p: Problem, flows: Floats) -> Bools | None:
        """The busiest sites where flows use more than may open; None where they do not."""
        work = np.zeros(len(p.site_names))
        np.add.at(work, p.group_site[p.arc_group], (p.arc_work[:, None] * flows * p.hours).sum(axis=1))
        by_place: dict[str, float] = {name: math.inf for s, name in enumerate(p.site_names) if p.must_open[s]}
        for name, load in zip(p.site_names, work.tolist(), strict=True):
            if load > 0.0:
                by_place[name] = by_place.get(name, 0.0) + load
        if len(by_place) <= p.max_sites:
            return None
        kept = sorted(by_place, key=lambda name: -by_place[name])[: p.max_sites]
        return np.isin(np.array(p.site_names), kept) & ~p.must_close

    @staticmethod
    def _moved(p: Problem, flows: Floats, allowed: Bools) -> Floats:
        """Flows at the allowed sites; contact types that have none there are spread over them."""
        inside: Floats = flows * allowed[p.group_site[p.arc_group]][:, None]
        served = np.zeros_like(p.demand)
        np.add.at(served, p.arc_commodity, inside)
        spread = Construction(p).spread(allowed)
        return np.where(served[p.arc_commodity] > 0.0, inside, spread)

    @staticmethod
    def _opened(p: Problem, flows: Floats) -> Bools:
        opened = p.must_open.copy()
        opened[p.group_site[p.arc_group[(flows > 0.0).any(axis=1)]]] = True
        return opened

    def _solution(self, p: Problem, flows: Floats) -> Solution:
        return Solution(open_sites=self._opened(p, flows), agents=np.zeros((len(p.group_names), len(p.hours)), dtype=np.int64),
                        flows=flows, cost=math.inf)  # fmt: skip

    def _take(self, solution: Solution | None) -> bool:
        """Offer a solution; the best one is where the next rounds begin."""
        if solution is None:
            self.penalty = min(self.penalty * HARDER, HARDEST)
            return False
        self.penalty = max(1.0, self.penalty / SOFTER)
        better = self.run.offer(solution, "design")
        if better:
            self.flows, self.best = solution.flows, solution
            self._sharpen()
        return better

    def _programme(self) -> Compiled:
        return compile_model(build_model(replace(self.p, demand_low=self.p.demand), at_least_only=True, extra=self.extra), self.p)

    def _whole_programme(self) -> None:
        """One programme over all cells, for limits that the rounds do not know."""
        p = self.p
        empty = Solution(open_sites=p.must_open.copy(), agents=np.zeros((len(p.group_names), len(p.hours)), dtype=np.int64),
                         flows=np.zeros_like(p.arc_cost), cost=math.inf)  # fmt: skip
        found, _ = LocalProgrammes(p, self._programme()).solve(
            empty, np.ones(empty.agents.shape, dtype=bool), np.ones(len(p.site_names), dtype=bool),
            time_limit_s=WHOLE_SHARE * self._left(), gap=self.run.goal, seed=self.seed, stop=self._over,
        )  # fmt: skip
        self._take(found)

    def _programmes(self) -> None:
        """Parts of the best design by integer programmes, for a share of the time left."""
        current = self.best
        if current is None:
            return

        def offer(found: Solution) -> None:
            if self.run.offer(found, "design"):
                self.best, self.flows = found, found.flows

        search = LocalSearch(self.p, self._programme(), seed=self.seed, gap=self.run.goal / 8, stop=self._over, offer=offer)
        search.run(replace(current, cost=math.inf), deadline=now() + PROGRAMMES_SHARE * self._left())

    def _sharpen(self) -> None:
        """From now on serve the escalated volume of the best design, which is less than the safe one of the start."""
        volume = self.run.volume() if self.p.escalation_from.size and not self.sharp else None
        if volume is None:
            return
        whole = self.run.p
        demand = np.where(volume > 0.0, volume + VOLUME_MARGIN * np.maximum(whole.demand - volume, 0.0), whole.demand)
        scale = np.maximum(demand, whole.demand_low)
        ratio = np.divide(scale, self.p.demand, out=np.ones_like(scale), where=self.p.demand > 0.0)
        self.p = replace(self.p, demand=scale)
        self.sharp = True
        self._renew()
        if self.flows is not None and self.best is not None:
            self.flows = self.flows * ratio[self.p.arc_commodity]
            self.best = replace(self.best, flows=self.flows)
