"""`optimise`: bound and designs under one clock, every plan certified outside the solver."""

from __future__ import annotations

import hashlib
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

import ccopt
from ccopt.design import Design, Plan
from ccopt.errors import SolverError
from ccopt.optimisation.aggregation import Aggregate, aggregate
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.compact import CompactDesigns, compact_bound, fits
from ccopt.optimisation.conflicts import explain_infeasible
from ccopt.optimisation.construct import constructed
from ccopt.optimisation.decode import certified_cost
from ccopt.optimisation.designs import (
    STEP_BINARIES,
    exact,
    exact_size,
)
from ccopt.optimisation.floors import with_floors
from ccopt.optimisation.formulation import Compiled, Extra, build_model, compile_model
from ccopt.optimisation.lagrangian import lagrangian_bound
from ccopt.optimisation.limits import Limit, limits_of
from ccopt.optimisation.problem import Floats, Problem, Solution
from ccopt.optimisation.run import Best, Progress, Run
from ccopt.optimisation.site_counts import bound_by_counts
from ccopt.optimisation.site_search import SiteSearch
from ccopt.optimisation.solve import solver_version
from ccopt.optimisation.staffing_rows import cells_of
from ccopt.optimisation.waiting_bound import with_waiting_prices
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario

log = logging.getLogger(__name__)
ROOT_EVALUATIONS = 250


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
        The same seed gives the same plan where the exact programmes of small networks end by their gap. Larger runs work on
        bound and design side by side, and may end with another plan.
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
    began = time.monotonic()
    given, scenario = scenario, core_of(scenario)
    all_limits = limits_of(scenario, limits)
    p = build_problem(scenario, all_limits)
    scenario = with_floors(scenario, all_limits)
    run = Run(scenario, p, gap, time_limit_s - (time.monotonic() - began), progress)
    run.tell("model built")
    if not len(p.commodity_names):
        run.best = Best(design=Design(open_sites=()), account=certified_cost(scenario, Design(open_sites=()))[0])
        run.bound = run.best.objective
        return _plan(given, run, seed, time_limit_s, all_limits)
    explain_infeasible(p, quick=True)
    run.offer_start(start)
    try:
        _priced_waits(run, seed)
        _search(run, seed, extra)
    except KeyboardInterrupt:
        run.interrupted = True
    if run.best is None:
        if run.interrupted:
            msg = "interrupted before a first design was found; run again, or raise the time limit"
            raise SolverError(msg, status="interrupted")
        explain_infeasible(p, quick=False)
        msg = f"no design found within {time_limit_s:g} s; raise the time limit, or relax seats and targets"
        raise SolverError(msg, status="time_limit")
    return _plan(given, run, seed, time_limit_s, all_limits)


def _search(run: Run, seed: int, extra: Extra | None) -> None:
    p = run.p
    aggregated = aggregate(p, merge=extra is None)
    if extra is None:
        run.offer(constructed(aggregated), "first design")
    if exact_size(p, cells_of(p, p.inner)) <= STEP_BINARIES:
        _small(run, compile_model(build_model(p, extra=extra), p), seed, extra)
    elif fits(aggregated.problem):
        _compact(run, aggregated, seed, extra)
    if not run.done():
        _large(run, aggregated, seed)


def _priced_waits(run: Run, seed: int) -> None:
    """A bound that counts waiting money, where types without promises have a worth."""
    priced = with_waiting_prices(run.scenario, run.p)
    if priced is None:
        return
    if exact_size(priced, cells_of(priced, priced.inner)) <= STEP_BINARIES:
        relaxed = compile_model(build_model(priced, at_least_only=True), priced)
        found = exact(priced, relaxed, "outer", time_limit_s=0.2 * run.left(), gap=run.goal / 4, seed=seed)
        run.raise_bound(found.outcome.bound + priced.base_cost, "bound with waits")
    else:
        lagrangian_bound(priced, deadline=time.monotonic() + 0.2 * run.left(), max_evaluations=ROOT_EVALUATIONS,
                         on_bound=lambda b: run.raise_bound(b, "bound with waits"))  # fmt: skip


def _small(run: Run, compiled: Compiled, seed: int, extra: Extra | None) -> None:
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


def _compact(run: Run, aggregated: Aggregate, seed: int, extra: Extra | None) -> None:
    """Programmes on segments of the aggregated problem: the bound on one core, designs on the other."""

    def ascend(halt: threading.Event) -> None:
        compact_bound(aggregated.problem, run, seed=seed, stop=halt.is_set, extra=extra)

    with _beside(run, ascend):
        CompactDesigns(run, aggregated, seed, extra).search()


def _large(run: Run, aggregated: Aggregate, seed: int) -> None:
    """Bound by prices on one core, designs by search on the other, under one clock."""
    p = aggregated.problem
    root = lagrangian_bound(
        p, deadline=time.monotonic() + 0.2 * run.left(), max_evaluations=ROOT_EVALUATIONS,
        on_bound=lambda b: run.raise_bound(b, "bound"),
    )  # fmt: skip

    def tell(bound: float) -> None:
        run.raise_bound(bound, "bound")

    def ascend(halt: threading.Event) -> None:
        free = lagrangian_bound(
            p, deadline=run.deadline, upper=run.upper, gap=run.goal, start=root, stop=halt.is_set, on_bound=tell
        )
        bound_by_counts(
            p, free, deadline=run.deadline, upper=run.upper, gap=run.goal, on_bound=tell, stop=halt.is_set
        )

    with _beside(run, ascend):
        SiteSearch(_Lifted(run, aggregated), compile_model(build_model(p), p), seed).search(_scaled(p, root.mean_flow))


@contextmanager
def _beside(run: Run, work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run ``work`` in a thread beside the block, and go on with it until the gap is reached or the time is over."""
    halt = threading.Event()
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            work(halt)
        except KeyboardInterrupt:  # raised by a callback of progress
            run.interrupted = True
        except Exception as error:
            failed.append(error)

    worker = threading.Thread(target=guarded, name="bound", daemon=True)
    worker.start()
    try:
        yield
    except KeyboardInterrupt:
        run.interrupted = True
    finally:
        if run.interrupted or run.gap() <= run.goal:
            halt.set()
        while worker.is_alive():
            worker.join(timeout=0.1)
            if run.interrupted or run.done():
                halt.set()
    if failed:
        raise failed[0]


class _Lifted:
    """A run as the search on the aggregated problem sees it."""

    def __init__(self, run: Run, aggregated: Aggregate) -> None:
        self.run, self.aggregated, self.p, self.goal = run, aggregated, aggregated.problem, run.goal
        self.deadline, self.left, self.done = run.deadline, run.left, run.done

    @property
    def interrupted(self) -> bool:
        return self.run.interrupted

    @interrupted.setter
    def interrupted(self, value: bool) -> None:
        self.run.interrupted = value

    def volume(self) -> Floats | None:
        volume = self.run.volume()
        return None if volume is None else self.aggregated.summed(volume)

    def offer(self, solution: Solution | None, stage: str) -> bool:
        return self.run.offer(None if solution is None else self.aggregated.lift(solution), stage)


def _scaled(p: Problem, flow: np.ndarray) -> np.ndarray:
    """Flows of the relaxation scaled so that every commodity is served once."""
    served = np.zeros_like(p.demand)
    np.add.at(served, p.arc_commodity, flow)
    ratio = np.divide(p.demand, served, out=np.zeros_like(served), where=served > 1e-9 * np.maximum(p.demand, 1e-12))
    return flow * ratio[p.arc_commodity]


def _plan(scenario: Scenario, run: Run, seed: int, time_limit_s: float, limits: Sequence[Limit]) -> Plan:
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
