"""`optimise`: bound and designs under one clock, every plan certified outside the solver."""

from __future__ import annotations

import hashlib
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

import ccopt
from ccopt.costs import Account, seats_used
from ccopt.design import Design, Plan
from ccopt.errors import SolverError
from ccopt.optimisation.build import build_problem, seats_or_enough
from ccopt.optimisation.comfort import finished
from ccopt.optimisation.conflicts import explain_infeasible
from ccopt.optimisation.decode import certified_cost, decode, served_volume, serves_all, trim
from ccopt.optimisation.designs import (
    STEP_BINARIES,
    exact,
    exact_size,
)
from ccopt.optimisation.formulation import Compiled, Extra, build_model, compile_model
from ccopt.optimisation.lagrangian import lagrangian_bound
from ccopt.optimisation.limits import Limit, limits_of
from ccopt.optimisation.problem import Floats, Problem, Solution
from ccopt.optimisation.site_counts import bound_by_counts
from ccopt.optimisation.site_search import SiteSearch
from ccopt.optimisation.solve import solver_version
from ccopt.optimisation.staffing_rows import cells_of
from ccopt.optimisation.starts import fitting
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario

log = logging.getLogger(__name__)
BOUND_SAFETY = 1e-9
ROOT_EVALUATIONS = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands: stage, seconds, cost of the best design, bound, gap (None: not known yet)."""

    stage: str
    seconds: float
    incumbent: float | None
    lower_bound: float | None
    gap: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Best:
    design: Design
    account: Account

    @property
    def objective(self) -> float:
        return self.account.cost_per_year - self.account.revenue_per_year


class _Run:
    """State of one run: the clock, the best design, the best bound."""

    def __init__(self, scenario: Scenario, p: Problem, goal: float, seconds: float, report: Callable[[Progress], None] | None) -> None:
        self.scenario, self.p, self.goal, self.report = scenario, p, goal, report
        self.began = time.monotonic()
        self.deadline = self.began + seconds
        self.best: _Best | None = None
        self.bound = -math.inf
        self.interrupted = False
        self.solutions: list[Solution] = []

    def left(self) -> float:
        return self.deadline - time.monotonic()

    def gap(self) -> float:
        if self.best is None or math.isinf(self.bound):
            return math.inf
        return (self.best.objective - self.bound) / self.best.account.cost_per_year if self.best.account.cost_per_year else 0.0

    def volume(self) -> Floats | None:
        """Contacts per hour (C, T) that the best design serves under the group model."""
        if self.best is None:
            return None
        return served_volume(self.scenario, self.p, self.best.design)

    def upper(self) -> float:
        """Objective of the best design, infinite without one."""
        return self.best.objective if self.best else math.inf

    def done(self) -> bool:
        """Whether the gap is reached, the time is over, or somebody interrupted."""
        return self.interrupted or self.gap() <= self.goal or self.left() <= 0.05

    def tell(self, stage: str) -> None:
        if self.report is None:
            return
        gap = self.gap()
        self.report(
            Progress(
                stage=stage, seconds=time.monotonic() - self.began,
                incumbent=self.best.objective if self.best else None,
                lower_bound=self.bound if math.isfinite(self.bound) else None, gap=gap if math.isfinite(gap) else None,
            )
        )  # fmt: skip

    def raise_bound(self, bound: float, stage: str) -> None:
        bound -= BOUND_SAFETY * abs(bound)
        if bound > self.bound and not math.isinf(bound):
            self.bound = bound
            self.tell(stage)

    def _certified(self, design: Design) -> _Best | None:
        """The design with its account when it keeps every target, the seats and every limit."""
        design = finished(self.scenario, self.p, design)
        for site, seats in zip(self.p.site_names, seats_or_enough(self.p), strict=True):
            if seats_used(self.scenario, design, site) > seats:
                return None
        account, kept = certified_cost(self.scenario, design)
        if not kept or account.cost_per_year > self.p.budget * (1.0 + 1e-9) or not _keeps_limits(self.p, design):
            return None
        return _Best(design=design, account=account)

    def offer_start(self, start: Design | None) -> None:
        """A design known before as the first incumbent, where its layout keeps the limits."""
        staffed = None if start is None else fitting(self.scenario, self.p, start)
        found = None if staffed is None else self._certified(staffed)
        if found is not None and (self.best is None or found.objective < self.best.objective):
            self.best = found
            self.tell("known design")

    def offer(self, solution: Solution | None, stage: str) -> bool:
        """Certify a solution; keep it when it is the best. Both its own staff and the trimmed one are tried."""
        if solution is None or not serves_all(self.p, solution):
            return False
        decoded = decode(self.scenario, self.p, solution)
        trimmed, fits = trim(self.scenario, self.p, decoded)
        found = self._certified(trimmed) if fits else None
        if found is None:  # trimming may break a limit that the staff of the solution keeps
            found = self._certified(decoded)
        if found is None:
            return False
        if self.best is None or found.objective < self.best.objective - 1e-9 * abs(found.objective):
            self.best = found
            self.solutions.append(solution)
            self.tell(stage)
            return True
        return False


def _keeps_limits(p: Problem, design: Design) -> bool:
    """Limits that trimming could break: the loss of a site, least sizes, shares at a site."""
    if p.site_loss is None and not p.min_group_size.any() and p.max_share_at_site >= 1.0 and not p.min_site_agents:
        return True
    from ccopt.optimisation.certificate import broken_limits

    return not broken_limits(p, design)


def optimise(
    scenario: Scenario,
    *,
    gap: float = 0.005,
    time_limit_s: float = 60.0,
    limits: Sequence[Limit] = (),
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
    extra: Extra | None = None,
    start: Design | None = None,
) -> Plan:
    """The cheapest design found, with a bound below every design and the gap between the two.

    Parameters
    ----------
    scenario
        A checked scenario.
    gap
        Stop when (objective - lower bound) / cost is at most this.
    time_limit_s
        Stop after so many seconds with the best plan.
    limits
        Further limits of the planner, beside those of the document.
    seed
        The same seed gives the same plan, for runs that end by their gap.
    progress
        Called with a `Progress` when something better is known.
    extra
        Called with the Pyomo model and the problem before compilation, for the user's own constraints. The bound then
        comes from the formulation where it is small enough, and holds without the extra constraints elsewhere.
    start
        A design known before, such as the plan of a similar scenario: restaffed to the targets of this one it is the
        first incumbent. Ignored where its layout breaks a limit.

    Returns
    -------
    Plan
        Verified: every target holds per group and period under the group model. ``status`` is ``gap_reached``,
        ``time_limit``, ``interrupted`` or ``best_found`` (nothing left to try).

    Raises
    ------
    InfeasibleError
        No design meets all limits: the families of limits in conflict and the cheapest repair.
    SolverError
        The time ended before any design was found, with advice.
    """
    given, scenario = scenario, core_of(scenario)
    all_limits = limits_of(scenario, limits)
    p = build_problem(scenario, all_limits)
    run = _Run(scenario, p, gap, time_limit_s, progress)
    run.tell("model built")
    if not len(p.commodity_names):
        run.best = _Best(design=Design(open_sites=()), account=certified_cost(scenario, Design(open_sites=()))[0])
        run.bound = run.best.objective
        return _plan(given, run, seed, time_limit_s, all_limits)
    explain_infeasible(scenario, p, quick=True)
    compiled = compile_model(build_model(p, extra=extra), p)
    run.offer_start(start)
    try:
        _search(run, compiled, seed, extra)
    except KeyboardInterrupt:
        run.interrupted = True
    if run.best is None:
        if run.interrupted:
            msg = "interrupted before a first design was found; run again, or raise the time limit"
            raise SolverError(msg, status="interrupted")
        explain_infeasible(scenario, p, quick=False)
        msg = f"no design found within {time_limit_s:g} s; raise the time limit, or relax seats and targets"
        raise SolverError(msg, status="time_limit")
    return _plan(given, run, seed, time_limit_s, all_limits)


def _search(run: _Run, compiled: Compiled, seed: int, extra: Extra | None) -> None:
    p = run.p
    if exact_size(p, cells_of(p, p.inner)) <= STEP_BINARIES:
        _small(run, compiled, seed, extra)
        if run.done():
            return
    _large(run, compiled, seed)


def _small(run: _Run, compiled: Compiled, seed: int, extra: Extra | None) -> None:
    """Exact programmes: designs on the inner table, the bound on the outer one."""
    p = run.p
    share = 0.45 * run.left()
    design = exact(p, compiled, "inner", time_limit_s=share, gap=run.goal / 4, seed=seed)
    run.interrupted = design.outcome.status == "interrupted"
    run.offer(design.solution, "exact design")
    if run.interrupted:
        return
    relaxed = compile_model(build_model(p, at_least_only=True, extra=extra), p)
    bound = exact(p, relaxed, "outer", time_limit_s=max(run.left() * 0.9, 0.5), gap=run.goal / 4, seed=seed)
    run.interrupted = bound.outcome.status == "interrupted"
    run.raise_bound(bound.outcome.bound + p.base_cost, "exact bound")
    run.offer(bound.solution, "design of the bound")


def _large(run: _Run, compiled: Compiled, seed: int) -> None:
    """Bound on one core, designs on the other, under one clock."""
    p = run.p
    root = lagrangian_bound(
        p, deadline=time.monotonic() + 0.2 * run.left(), max_evaluations=ROOT_EVALUATIONS,
        on_bound=lambda b: run.raise_bound(b, "bound"),
    )  # fmt: skip
    halt = threading.Event()

    def tell(bound: float) -> None:
        run.raise_bound(bound, "bound")

    def ascend() -> None:
        free = lagrangian_bound(
            p, deadline=run.deadline, upper=run.upper, gap=run.goal, start=root, stop=halt.is_set, on_bound=tell
        )
        bound_by_counts(
            p, free, deadline=run.deadline, upper=run.upper, gap=run.goal, on_bound=tell, stop=halt.is_set
        )

    worker = threading.Thread(target=ascend, name="bound", daemon=True)
    worker.start()
    try:
        SiteSearch(run, compiled, seed).search(_scaled(p, root.mean_flow))
    finally:
        if run.interrupted or run.gap() <= run.goal:
            halt.set()
        while worker.is_alive():
            worker.join(timeout=0.1)
            if run.interrupted or run.done():
                halt.set()


def _scaled(p: Problem, flow: np.ndarray) -> np.ndarray:
    """Flows of the relaxation scaled so that every commodity is served once."""
    served = np.zeros_like(p.demand)
    np.add.at(served, p.arc_commodity, flow)
    ratio = np.divide(p.demand, served, out=np.zeros_like(served), where=served > 1e-9 * np.maximum(p.demand, 1e-12))
    return flow * ratio[p.arc_commodity]


def _plan(scenario: Scenario, run: _Run, seed: int, time_limit_s: float, limits: Sequence[Limit]) -> Plan:
    best = run.best
    assert best is not None
    bound = min(run.bound, best.objective) if math.isfinite(run.bound) else None
    cost = best.account.cost_per_year
    found = None if bound is None else ((best.objective - bound) / cost if cost > 0.0 else 0.0)
    reached = found is not None and found <= run.goal
    status = "gap_reached" if reached else "interrupted" if run.interrupted else "time_limit" if run.left() <= 0.1 else "best_found"
    return Plan(
        design=best.design, cost_per_year=cost, revenue_per_year=best.account.revenue_per_year,
        costs=best.account.costs, lower_bound=bound, gap=found, status=status,
        provenance={
            "scenario_sha256": hashlib.sha256(scenario.model_dump_json().encode()).hexdigest(),
            "ccopt": ccopt.__version__, "highs": solver_version(), "seed": seed,
            "options": {"gap": run.goal, "time_limit_s": time_limit_s, "limits": [repr(x) for x in limits]},
        },
    )  # fmt: skip
