"""`find_plan`: bound and designs under one clock, every plan certified outside the solver."""

from __future__ import annotations

import hashlib
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import ccopt
from ccopt.design import Design, Plan
from ccopt.errors import SolverError
from ccopt.optimisation.aggregation import Aggregate, aggregate
from ccopt.optimisation.beside import beside
from ccopt.optimisation.build import build_problem, promised_problem
from ccopt.optimisation.coarse_prices import coarse_start
from ccopt.optimisation.compact import CompactDesigns, compact_bound, fits
from ccopt.optimisation.conflicts import explain_infeasible
from ccopt.optimisation.construct import constructed
from ccopt.optimisation.design_search import DesignSearch
from ccopt.optimisation.designs import STEP_BINARIES, Attempt, exact, exact_size
from ccopt.optimisation.exact_bound import exact_bound
from ccopt.optimisation.exact_moves import ExactMoves, judged_at_once
from ccopt.optimisation.family_rows import bound_rows
from ccopt.optimisation.findings import gap_of
from ccopt.optimisation.floors import with_floors
from ccopt.optimisation.formulation import Compiled, Extra, build_model, compile_model
from ccopt.optimisation.interrupts import noted_interrupts
from ccopt.optimisation.lagrangian import lagrangian_bound
from ccopt.optimisation.left_out import left_out
from ccopt.optimisation.limits import Limit, limits_of
from ccopt.optimisation.offer_rows import with_offers, without_offers
from ccopt.optimisation.options import Options
from ccopt.optimisation.problem import Floats, Problem, Solution
from ccopt.optimisation.proofs import cheap_bound, proven_infeasible
from ccopt.optimisation.run import Run
from ccopt.optimisation.selling_layouts import Selling
from ccopt.optimisation.site_counts import bound_by_counts
from ccopt.optimisation.solver_start import solver_version
from ccopt.optimisation.staffing_rows import cells_of
from ccopt.optimisation.waiting_bound import with_waiting_prices
from ccopt.optimisation.work import now, working
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario

log = logging.getLogger(__name__)
ROOT_EVALUATIONS = 250
COARSE_SHARE = 0.15  # of the time left, for prices of one period
EXACT_AT_ONCE = 300  # binaries up to which the exact programme takes less time than a search before it
LAST_SHARE = 0.5  # of the time left, until rounds gain nothing, after exact programmes
PROOF_SHARE = 0.1  # of the time left, for one solve that may show that there is no design
ANNEALED_SHARE = 0.25  # of the time left, where integer programmes follow
ANNEALED_CELLS = 500  # from here on annealing and programmes on parts of its best design have all the time
ANNEALED_CELLS_ONE = 100  # with one period, where parts are a few sites and not a few periods
OFFERED_CELLS = 100
SMALL_SHARE = 0.9
MOVED_SHARE = 0.4  # of the time left, for moves that the group model judges
STEP_CELLS = 24
UNSEARCHED_CELLS = 30  # up to which programmes on segments start at once: nothing is left to choose but flows and sites
STATUS = {"gap": "gap_reached", "keyboard": "interrupted", "clock": "time_limit", "nothing_left": "best_found"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The plan without offers, and where the scenario sells, certified designs that may be better with them.

    ``keeps`` says whether a design of a cost keeps the limits on sites, groups and money.
    """

    plan: Plan
    layouts: tuple[Design, ...]
    keeps: Callable[[Design, float], bool]


def find_plan(scenario: Scenario, options: Options) -> Plan:
    """The cheapest design found without offers, with a bound below every design; see `find_layouts`."""
    return find_layouts(scenario, options).plan


def find_layouts(scenario: Scenario, options: Options) -> Found:
    """The cheapest design found without offers, a bound below every design with or without them, and layouts to sell with.

    Raises
    ------
    InfeasibleError
        No design meets all limits: the families of limits in conflict and the cheapest repair.
    SolverError
        The time ended before any design was found, with advice.
    """
    with noted_interrupts() as interrupted:
        return _found(scenario, options, interrupted)


def _found(scenario: Scenario, options: Options, interrupted: threading.Event) -> Found:
    """`find_layouts`, which an event may interrupt as well."""
    began = time.monotonic()
    given, scenario = scenario, core_of(scenario)
    all_limits = limits_of(scenario, options.limits)
    p = replace(build_problem(scenario, all_limits), spare=options.extra is not None)
    sold = with_offers(scenario, p)
    scenario = with_floors(scenario, all_limits)
    run = Run(scenario, p, options, interrupted=interrupted, built_s=time.monotonic() - began)
    run.tell("model built")
    if not len(p.commodity_names):
        run.nothing_to_do()
        return Found(plan=_plan(given, run, all_limits), layouts=(), keeps=run.keeps)
    names = [x.name for x in scenario.periods]
    promised = promised_problem(p, scenario, all_limits)
    explain_infeasible(promised, proven=False, periods=names)
    run.raise_bound(cheap_bound(sold), "bound of cheapest agents")
    run.offer_start(options.start)
    selling = Selling(run, sold, options)
    try:
        with working(run.main):
            _priced_waits(run, sold, options.seed)
            _search(run, selling, promised, options.seed, options.extra)
    except KeyboardInterrupt:
        run.interrupted = True
    if run.findings.best is None:
        if run.interrupted:
            msg = "interrupted before a first design was found; run again, or raise the time limit"
            raise SolverError(msg, status="interrupted")
        empty = run.empty and options.extra is None  # extra constraints alone may leave no design
        explain_infeasible(promised, proven=empty or proven_infeasible(promised), periods=names)
        kept = "" if options.extra is None else " that keeps the extra constraints"
        msg = f"no design{kept} found within {options.time_limit_s:g} s; raise the time limit, or relax seats and targets"
        raise SolverError(msg, status="time_limit")
    return Found(plan=_plan(given, run, all_limits), layouts=selling.designs(), keeps=run.keeps)


def _search(run: Run, selling: Selling, promised: Problem, seed: int, extra: Extra | None) -> None:
    """Designs of the run's problem, bounds of the one in which offers may earn."""
    p = run.p
    aggregated = aggregate(p, merge=extra is None)
    cells = cells_of(p, p.inner)
    binaries = exact_size(p, cells)
    tiny = binaries <= STEP_BINARIES and len(cells.group) <= STEP_CELLS
    if extra is None:
        run.offer(constructed(aggregated), "first design")
        unproven = promised is not p or not tiny  # the exact programmes prove it by themselves, but without floors of quality
        if run.best is None and unproven and proven_infeasible(promised, seconds=PROOF_SHARE * run.left()):
            run.conclude_empty()
            return
    if tiny:
        wide = binaries > EXACT_AT_ONCE
        if extra is None and wide:
            DesignSearch(_Lifted(run, aggregated), seed).search(share=ANNEALED_SHARE)
        solved = _small(run, selling, compile_model(build_model(p, extra=extra), p), seed, extra, wide=wide)
        if solved and (selling.problem.offers is not None or not p.escalation_from.size):
            # what is left is between the tables and the group model, and the search of offers comes after
            DesignSearch(_Lifted(run, aggregated), seed, extra).search(share=LAST_SHARE)
            return
    elif fits(aggregated.problem):
        _compact(run, selling, aggregated, seed, extra)
    if not run.done():
        _large(run, selling, aggregated, seed, extra)


def _priced_waits(run: Run, sold: Problem, seed: int) -> None:
    """A bound that counts waiting money, where types without promises have a worth."""
    priced = with_waiting_prices(run.scenario, sold)
    if priced is None:
        return
    if exact_size(priced, cells_of(priced, priced.inner)) <= STEP_BINARIES:
        relaxed = compile_model(build_model(priced, at_least_only=True), priced)
        found = exact(priced, relaxed, "outer", time_limit_s=0.2 * run.left(), gap=run.goal / 4, seed=seed)
        if math.isfinite(found.outcome.bound):
            run.raise_bound(found.outcome.bound + priced.base_cost, "bound with waits")
    else:
        lagrangian_bound(priced, deadline=now() + 0.2 * run.left(), stop=run.done, max_evaluations=ROOT_EVALUATIONS,
                         on_bound=lambda b: run.raise_bound(b, "bound with waits"))  # fmt: skip


def _moved(run: Run, seed: int) -> None:
    """Moves of shares on the true cost, where designs are judged fast."""
    if not run.done() and judged_at_once(run.p):
        ExactMoves(run, seed).search(seconds=MOVED_SHARE * run.left())


def _small(run: Run, selling: Selling, compiled: Compiled, seed: int, extra: Extra | None, *, wide: bool) -> bool:
    """Exact programmes side by side: designs on the inner table, the bound on the outer one; moves first if ``wide``.

    True where both were solved.
    """
    p, sold = run.p, selling.problem
    found: list[Attempt] = []

    def ascend() -> None:
        rows = bound_rows(sold, run.left())
        relaxed = compile_model(build_model(sold, at_least_only=True, extra=extra), sold)
        bound = exact_bound(sold, relaxed, rows, time_limit_s=max(SMALL_SHARE * run.left(), 0.5), gap=run.goal / 4, seed=seed,
                            stop=run.done)  # fmt: skip
        run.raise_bound(bound.outcome.bound + p.base_cost, "exact bound")
        found.append(bound)

    with beside(run, ascend):
        selling.search()
        if wide:
            _moved(run, seed)
        design = exact(p, compiled, "inner", time_limit_s=SMALL_SHARE * run.left(), gap=run.goal / 4, seed=seed)
        run.interrupted = run.interrupted or design.outcome.status == "interrupted"
        run.offer(design.solution, "exact design")
    run.offer(found[0].solution if found else None, "design of the bound")
    if not wide:
        _moved(run, seed)
    return all(a.outcome.status == "optimal" for a in (design, *found))


def _compact(run: Run, selling: Selling, aggregated: Aggregate, seed: int, extra: Extra | None) -> None:
    """Programmes on segments of the aggregated problem: the bound on one core, designs on the other."""

    def ascend() -> None:
        bounding = aggregate(_bounding(selling.problem), merge=extra is None)
        compact_bound(bounding.problem, run, seed=seed, stop=run.done, extra=extra,
                      offer=lambda found: run.offer(bounding.lift(found), "design of the bound"))  # fmt: skip

    small = aggregated.problem
    cells = len(cells_of(small, small.inner).group)
    enough = ANNEALED_CELLS if len(small.hours) > 1 else ANNEALED_CELLS_ONE
    alone = all(len(modes) == 1 for modes in small.modes) and cells > enough
    with beside(run, ascend):
        selling.search()
        found = None
        if extra is None and cells > UNSEARCHED_CELLS:
            found = DesignSearch(_Lifted(run, aggregated), seed).search(share=1.0 if alone else ANNEALED_SHARE)
        _moved(run, seed)
        if not run.done():
            CompactDesigns(run, aggregated, seed, extra).search(found)


def _bounding(p: Problem) -> Problem:
    """The problem of programmes for the bound: where cells are many, every contact has its offer and it takes no time.

    With a variable for each offer these programmes do not end in a minute.
    """
    if p.offers is None or len(cells_of(p, p.outer).group) <= OFFERED_CELLS:
        return p
    return without_offers(p)


def _large(run: Run, selling: Selling, aggregated: Aggregate, seed: int, extra: Extra | None) -> None:
    """Bound by prices on one core, designs by search on the other, under one clock."""
    p = aggregate(selling.problem, merge=extra is None).problem

    def tell(bound: float) -> None:
        run.raise_bound(bound, "bound")

    def ascend() -> None:
        rows = bound_rows(p, run.left())
        start = coarse_start(p, rows, deadline=now() + COARSE_SHARE * run.left(), upper=run.upper, stop=run.done)
        free = lagrangian_bound(
            p, deadline=math.inf, upper=run.upper, gap=run.goal, stop=run.done, on_bound=tell, start=start, first_step=0.3
        )  # fmt: skip
        bound_by_counts(p, free, deadline=math.inf, upper=run.upper, gap=run.goal, on_bound=tell, stop=run.done)

    with beside(run, ascend):
        selling.search()
        DesignSearch(_Lifted(run, aggregated), seed, extra).search()


class _Lifted:
    """A run as the search on the aggregated problem sees it."""

    def __init__(self, run: Run, aggregated: Aggregate) -> None:
        self.run, self.aggregated, self.p, self.goal = run, aggregated, aggregated.problem, run.goal
        self.left, self.done = run.left, run.done

    def volume(self) -> Floats | None:
        volume = self.run.volume()
        return None if volume is None else self.aggregated.summed(volume)

    def offer(self, solution: Solution | None, stage: str) -> bool:
        return self.run.offer(None if solution is None else self.aggregated.lift(solution), stage)


def _plan(scenario: Scenario, run: Run, limits: Sequence[Limit]) -> Plan:
    best, bound = run.findings.taken()
    assert best is not None
    lower = min(bound, best.objective) if math.isfinite(bound) else None
    gap = None if lower is None else gap_of(best, lower)
    ended_by = run.ended_by(reached=gap is not None and gap <= run.goal)
    return Plan(
        design=best.design, cost_per_year=best.account.cost_per_year, revenue_per_year=best.account.revenue_per_year,
        costs=best.account.costs, lower_bound=lower, gap=gap, status=STATUS[ended_by], record=run.record(ended_by),
        provenance={
            "scenario_sha256": hashlib.sha256(scenario.model_dump_json().encode()).hexdigest(),
            "ccopt": ccopt.__version__, "highs": solver_version(), "seed": run.options.seed,
            **left_out(run, limits),
            "options": {"gap": run.goal, "time_limit_s": run.options.time_limit_s, "limits": [repr(x) for x in limits]},
            **({} if scenario.model_error is None else {"model_error": scenario.model_error.model_dump(mode="json")}),
        },
    )  # fmt: skip
