"""The one module that owns HiGHS: arrays in, an honest outcome out.

Bounds are HiGHS' dual bound and nothing else; a status is the solver's own, translated; integers are rounded by the
caller, who certifies the plan. Money is scaled by the largest cost, and no constant enters the objective.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ccopt.errors import SolverError
from ccopt.optimisation.metering import Meter, Outcome, Watch
from ccopt.optimisation.solver_start import check_version, new_solver
from ccopt.optimisation.work import lane

__all__ = ["Arrays", "Outcome", "Watch", "confirmed", "proven_empty", "solve_arrays"]
log = logging.getLogger(__name__)
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
INFINITE = 1e20
LARGEST = 1e15
GRACE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrays:
    """min cost x, row_low <= matrix x <= row_high, low <= x <= high, some x integer."""

    matrix: sparse.csr_matrix
    row_low: Floats
    row_high: Floats
    cost: Floats
    low: Floats
    high: Floats
    integer: Bools


def _check(arrays: Arrays) -> None:
    for name, values in (("cost", arrays.cost), ("matrix", arrays.matrix.data)):
        if not np.isfinite(values).all() or np.abs(values).max(initial=0.0) > LARGEST:
            msg = f"{name}: values must be finite and below {LARGEST:g} before they reach the solver"
            raise SolverError(msg, status="numbers")
    for name, values in (("row_low", arrays.row_low), ("row_high", arrays.row_high), ("low", arrays.low)):
        if np.isnan(values).any():
            msg = f"{name}: not a number"
            raise SolverError(msg, status="numbers")


def _model(arrays: Arrays, scale: float) -> Any:
    lp = highspy.HighsLp()
    rows, columns = arrays.matrix.shape
    matrix = arrays.matrix.tocsr()
    lp.num_col_, lp.num_row_ = columns, rows
    lp.col_cost_ = arrays.cost / scale
    lp.col_lower_, lp.col_upper_ = arrays.low, np.minimum(arrays.high, INFINITE * 10)
    lp.row_lower_, lp.row_upper_ = np.maximum(arrays.row_low, -INFINITE * 10), np.minimum(
        arrays.row_high, INFINITE * 10
    )
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    if arrays.integer.any():
        lp.integrality_ = [kinds[int(i)] for i in arrays.integer]
    return lp


def _set(h: Any, options: dict[str, Any]) -> None:
    for name, value in options.items():
        if h.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            msg = f"the solver refused option {name} = {value!r}"
            raise SolverError(msg, status="option")


def solve_arrays(
    arrays: Arrays, *, time_limit_s: float, gap: float = 0.0, seed: int = 0, start: Floats | None = None,
    watch: Watch | None = None, presolve: bool = True,
) -> Outcome:  # fmt: skip
    """Solve a linear or integer programme.

    Parameters
    ----------
    arrays
        The programme.
    time_limit_s, gap, seed
        Of the solver; ``gap`` is relative.
    start
        A point to start from; entries that are nan are left to the solver.
    watch
        Progress of integer programmes.
    presolve
        Off for the second opinion on infeasibility.

    Raises
    ------
    SolverError
        Numbers that would mislead the solver, or an option that it refuses.
    KeyboardInterrupt
        Never: an interrupt ends the solve with status ``interrupted`` and the best point so far.
    """
    check_version()
    _check(arrays)
    meter = Meter(lane(), watch or Watch(), int(arrays.matrix.nnz), time_limit_s)
    if meter.skip:
        return meter.settled(Outcome(status="time_limit", point=None, objective=math.inf, bound=-math.inf), 0)
    scale = float(np.abs(arrays.cost).max(initial=0.0)) or 1.0
    h = new_solver()
    _set(h, {
        "output_flag": False, "log_to_console": False, "time_limit": meter.seconds, "mip_rel_gap": float(gap),
        "mip_abs_gap": 1e-9, "random_seed": int(seed), "presolve": "choose" if presolve else "off",
        "mip_feasibility_tolerance": 1e-7,
    })  # fmt: skip
    h.passModel(_model(arrays, scale))
    if start is not None:
        given = np.flatnonzero(np.isfinite(start))
        h.setSolution(len(given), given.astype(np.int32), start[given])
    if arrays.integer.any() and (watch is not None or meter.lane is not None):
        _attach(h, meter, scale)
    interrupted = _run(h, meter.seconds)
    stopped = "interrupted" if interrupted else "stopped" if meter.stopped else "time_limit" if meter.cut else None
    return meter.settled(_outcome(h, arrays, scale, stopped=stopped), int(h.getInfo().simplex_iteration_count))


def confirmed(arrays: Arrays, outcome: Outcome, *, seconds: float) -> Outcome:
    """The outcome, where it says that there is no point only if a second solve without presolve says so too."""
    if outcome.status != "infeasible" or solve_arrays(arrays, time_limit_s=seconds, presolve=False).status == "infeasible":
        return outcome
    return Outcome(status="time_limit", point=None, objective=math.inf, bound=-math.inf)


def proven_empty(arrays: Arrays, *, seconds: float) -> bool:
    """Whether a programme has no point, by two solves with and without presolve."""
    return confirmed(arrays, solve_arrays(arrays, time_limit_s=seconds), seconds=seconds).status == "infeasible"


def _run(h: Any, time_limit_s: float) -> bool:
    """Run the solver beside the calling thread, which waits on an event; True when an interrupt ended it.

    The solver's own handling of interrupts shares one lock among all solvers of a process and prints to stdout, so
    several threads could not solve at once. The clock is watched here too: presolve looks at it late.
    """
    finished = threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            h.run()
        except BaseException as error:
            failed.append(error)
        finally:
            finished.set()

    h.HandleUserInterrupt = True
    interrupted = False
    latest = time.monotonic() + max(time_limit_s, 0.01) + GRACE_S
    threading.Thread(target=copy_context().run, args=(work,), name="highs", daemon=True).start()
    while not finished.is_set():
        try:
            finished.wait(0.2)
        except KeyboardInterrupt:
            log.info("interrupted; keeping the best point")
            interrupted = True
        if interrupted or time.monotonic() > latest:
            h.cancelSolve()
    if failed:
        raise failed[0]
    return interrupted


def _attach(h: Any, meter: Meter, scale: float) -> None:
    def better(event: Any) -> None:
        found = np.array(event.data_out.mip_solution, dtype=float)
        meter.better(event.data_out.objective_function_value * scale, found)

    def check(event: Any) -> None:
        bound = event.data_out.mip_dual_bound
        if meter.progress(bound * scale if abs(bound) < INFINITE else -math.inf, int(event.data_out.mip_node_count)):
            event.interrupt()

    h.cbMipImprovingSolution.subscribe(better)
    h.cbMipInterrupt.subscribe(check)


def _outcome(h: Any, arrays: Arrays, scale: float, *, stopped: str | None) -> Outcome:
    words = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnboundedOrInfeasible: "unbounded",
        highspy.HighsModelStatus.kUnbounded: "unbounded",
        highspy.HighsModelStatus.kTimeLimit: "time_limit",
        highspy.HighsModelStatus.kInterrupt: "time_limit",
    }
    raw = h.getModelStatus()
    status = stopped or words.get(raw, h.modelStatusToString(raw))
    info = h.getInfo()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    point = np.array(h.getSolution().col_value, dtype=float) if feasible else None
    objective = float(arrays.cost @ point) if point is not None else math.inf
    if arrays.integer.any():
        bound = float(info.mip_dual_bound) * scale
    else:
        bound = objective if status == "optimal" else -math.inf
    if status == "infeasible":
        bound = math.inf
    return Outcome(status=status, point=point, objective=objective, bound=bound if not math.isnan(bound) else -math.inf)
