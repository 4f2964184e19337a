"""Fewest-cost agents under simulated promises: cutting planes, then a two-for-one local search.

For agents n the judge returns a margin per promise (value less target, in the unit of a share; >= 0 is kept), on common
random numbers so that differences between neighbours are not noise. Where promise k is broken at n° a cut

    margin_k(n°) + Σ_g q_kg (n_g - n°_g) >= 0,   q_kg = (margin_k(n° + s e_g) - margin_k(n°)) / s >= 0

is added to the integer programme min c·n over whole n with n_low <= n <= n_high and sum rows (seats, capacity).
Service is S-shaped in the agents: far below the target the slope is too small and the cut would ask for too many
agents, so that a cut there asks only for a step towards the concave part.
After Cezik and L'Ecuyer (2008), Atlason, Epelman and Henderson (2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ccopt.studies.staffing_search import Floats, Ints, Margins, Search, StaffingTask, Stop, local_search

STEP = 2
FOOT = 0.2
MIN_SLOPE = 1e-4
SMALLEST_FACTOR, LARGEST_FACTOR = 0.7, 1.12


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingAnswer:
    """Agents with all promises kept on the sample, their cost, how many simulations it took, whether it was interrupted."""

    agents: Ints
    cost: float
    margins: Floats
    simulations: int
    iterations: int
    history: tuple[float, ...] = ()
    interrupted: bool = False


def staff_by_cuts(
    task: StaffingTask, judge: Margins, start: Ints, *, iterations: int = 40, stop: Stop | None = None
) -> StaffingAnswer:
    """Cheapest agents found whose promises are kept on the judge's sample.

    Parameters
    ----------
    task
        Costs, bounds and sum rows.
    judge
        (G,) agents -> (K,) margins, the same random numbers at every call.
    start
        (G,) agents of the plan; returned unless something cheaper keeps the promises.
    iterations
        Cutting-plane rounds at most.
    stop
        Asked between simulations; True ends the search with the best so far. So does an interrupt from the keyboard.

    Returns
    -------
    StaffingAnswer
        ``margins`` may be negative only when ``start`` breaks promises and nothing better was found.
    """
    search = Search(task, judge, stop or (lambda: False))
    start = start.astype(np.int64)
    history = [search.cost(start)]
    interrupted = False
    try:
        best = local_search(search, _by_cuts(search, start, iterations, history))
    except KeyboardInterrupt:
        best, interrupted = search.cheapest(start), True
    history.append(search.cost(best))
    return StaffingAnswer(
        agents=best, cost=search.cost(best), margins=search.margins(best), simulations=len(search.known),
        iterations=len(history) - 2, history=tuple(history), interrupted=interrupted,
    )  # fmt: skip


def _by_cuts(search: Search, start: Ints, iterations: int, history: list[float]) -> Ints:
    """The best point of the cutting planes; ``history`` gets the cost after every round."""
    best = _scaled(search, start)
    for _ in range(iterations):
        point = _master(search)
        if point is None or search.stop():
            return best
        if search.kept(point):
            best = _cheaper(search, best, point)
            history.append(search.cost(best))
            return best
        slope = _add_cuts(search, point)
        repaired = _repair(search, point, search.cost(best), slope)
        if repaired is not None:
            best = _cheaper(search, best, repaired)
        history.append(search.cost(best))
    return best


def _scaled(search: Search, start: Ints) -> Ints:
    """The start with all groups scaled by the smallest factor that keeps the promises (bisection; above 1 if needed)."""
    low, high = (SMALLEST_FACTOR, 1.0) if search.kept(start) else (1.0, LARGEST_FACTOR)
    best = start
    for _ in range(7):
        if search.stop():
            break
        middle = 0.5 * (low + high)
        trial = np.clip(np.ceil(middle * start - 1e-9).astype(np.int64), search.task.low, search.task.high)
        if search.inside(trial) and search.kept(trial):
            best, high = trial, middle
        else:
            low = middle
    return best


def _cheaper(search: Search, best: Ints, point: Ints) -> Ints:
    if not search.kept(best):
        return point
    return point if search.cost(point) < search.cost(best) - 1e-9 and search.kept(point) else best


def _master(search: Search) -> Ints | None:
    """Cheapest whole agents under rows and cuts."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    task = search.task
    parts = []
    if len(task.rows):
        parts.append(LinearConstraint(task.rows, task.row_low, task.row_high))
    if search.slopes:
        parts.append(LinearConstraint(np.array(search.slopes), np.array(search.bounds), np.inf))
    scale = float(task.cost.max()) or 1.0
    found = milp(
        task.cost / scale, constraints=parts, integrality=np.ones(len(task.cost), dtype=np.int64),
        bounds=Bounds(task.low.astype(float), task.high.astype(float)),
        options={"mip_rel_gap": 1e-6, "time_limit": 5.0},
    )  # fmt: skip
    return None if found.x is None else np.rint(found.x).astype(np.int64)


def _add_cuts(search: Search, point: Ints) -> Floats:
    """One cut for each broken promise, from forward differences; returns the slopes (K, G)."""
    base = search.margins(point)
    broken = np.flatnonzero(base < 0)
    slope = np.zeros((len(base), len(point)))
    for g in range(len(point)):
        if search.stop() or point[g] >= search.task.high[g]:
            continue
        step = min(STEP, int(search.task.high[g] - point[g]))
        more = point.copy()
        more[g] += step
        slope[:, g] = np.maximum((search.margins(more) - base) / step, 0.0)
    for k in broken:
        row = np.where(slope[k] >= MIN_SLOPE, slope[k], 0.0)
        if not row.any():
            row = np.full(len(point), MIN_SLOPE)
        wanted = min(-float(base[k]), FOOT)
        wanted = max(min(wanted, 3.0 * STEP * float(row.max())), 0.51 * float(row[row > 0].min()))
        search.slopes.append(row)
        search.bounds.append(wanted + float(row @ point))
    return slope


def _repair(search: Search, point: Ints, ceiling: float, slope: Floats) -> Ints | None:
    """Add the agents that should mend most per money, by the slopes, until all promises hold; None above the ceiling."""
    now = point.copy()
    unit = np.eye(len(now), dtype=np.int64)
    price = np.maximum(search.task.cost, 1e-9)
    while not search.kept(now):
        if search.stop() or search.cost(now) >= ceiling:
            return None
        margins = search.margins(now)
        short = np.minimum(margins, 0.0)
        gain = (np.minimum(margins[:, None] + slope, 0.0).sum(axis=0) - short.sum()) / price
        order = [int(g) for g in np.argsort(-gain, kind="stable") if gain[g] > 0 and search.inside(now + unit[g])]
        if not order:
            return None
        now = now + unit[order[0]]
    return now if search.cost(now) < ceiling else None
