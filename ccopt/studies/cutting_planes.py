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

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Margins = Callable[[Ints], Floats]
Stop = Callable[[], bool]
STEP = 2
FOOT = 0.2
MIN_SLOPE = 1e-4
MOST_FOR_TWO_FOR_ONE = 16
MOST_SIDEWAYS = 6
MOST_TRIES = 40
SMALLEST_FACTOR, LARGEST_FACTOR = 0.7, 1.12
TRUST = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingTask:
    """Groups G, promises K, sum rows R.

    Attributes
    ----------
    cost
        (G,) money per agent.
    low, high
        (G,) bounds on agents.
    rows, row_low, row_high
        (R, G) 0/1 rows with bounds on their sums (capacity of skills, seats of sites).
    """

    cost: Floats
    low: Ints
    high: Ints
    rows: Floats
    row_low: Floats
    row_high: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingAnswer:
    """Agents with all promises kept on the sample, their cost, and how many simulations it took."""

    agents: Ints
    cost: float
    margins: Floats
    simulations: int
    iterations: int
    history: tuple[float, ...] = ()


@dataclass(slots=True)
class _Search:
    """Judge with memory, and the cuts found so far."""

    task: StaffingTask
    judge: Margins
    stop: Stop
    known: dict[bytes, Floats] = field(default_factory=dict)
    slopes: list[Floats] = field(default_factory=list)
    bounds: list[float] = field(default_factory=list)

    def margins(self, agents: Ints) -> Floats:
        key = agents.tobytes()
        if key not in self.known:
            self.known[key] = self.judge(agents)
        return self.known[key]

    def kept(self, agents: Ints) -> bool:
        return bool((self.margins(agents) >= 0).all())

    def inside(self, agents: Ints) -> bool:
        sums = self.task.rows @ agents
        return bool(
            (agents >= self.task.low).all() and (agents <= self.task.high).all()
            and (sums >= self.task.row_low - 1e-9).all() and (sums <= self.task.row_high + 1e-9).all()
        )  # fmt: skip

    def cost(self, agents: Ints) -> float:
        return float(self.task.cost @ agents)


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
        Asked between simulations; True ends the search with the best so far.

    Returns
    -------
    StaffingAnswer
        ``margins`` may be negative only when ``start`` breaks promises and nothing better was found.
    """
    search = _Search(task, judge, stop or (lambda: False))
    best, history, used = _scaled(search, start.astype(np.int64)), [search.cost(start)], 0
    for _ in range(iterations):
        point = _master(search)
        if point is None or search.stop():
            break
        used += 1
        if search.kept(point):
            best = _cheaper(search, best, point)
            break
        slope = _add_cuts(search, point)
        repaired = _repair(search, point, search.cost(best), slope)
        if repaired is not None:
            best = _cheaper(search, best, repaired)
            history.append(search.cost(best))
    best = _local_search(search, best)
    history.append(search.cost(best))
    return StaffingAnswer(
        agents=best, cost=search.cost(best), margins=search.margins(best), simulations=len(search.known),
        iterations=used, history=tuple(history),
    )  # fmt: skip


def _scaled(search: _Search, start: Ints) -> Ints:
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


def _cheaper(search: _Search, best: Ints, point: Ints) -> Ints:
    if not search.kept(best):
        return point
    return point if search.cost(point) < search.cost(best) - 1e-9 and search.kept(point) else best


def _master(search: _Search) -> Ints | None:
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


def _add_cuts(search: _Search, point: Ints) -> Floats:
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


def _repair(search: _Search, point: Ints, ceiling: float, slope: Floats) -> Ints | None:
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


def _local_search(search: _Search, start: Ints) -> Ints:
    """Moves that save (drop, swap, two for one, two for two) while the promises hold.

    Margins of a move are predicted from one agent more and one less in each group; only promising moves are simulated.
    Where no move saves, a swap of equal cost that raises the smallest margin is taken, so that a later drop may fit.
    """
    moves = _moves(len(start))
    saving = moves @ search.task.cost
    scale = float(search.task.cost.max()) or 1.0
    best, sideways = start, 0
    improved = search.kept(best)
    while improved and not search.stop():
        improved = False
        predicted = _predicted(search, best, moves)
        cheaper = np.flatnonzero((saving < -1e-9 * scale) & (predicted >= -TRUST))
        tries = 0
        for i in cheaper[np.argsort(saving[cheaper], kind="stable")]:
            trial = best + moves[i]
            if search.stop() or tries >= MOST_TRIES:
                break
            if not search.inside(trial):
                continue
            tries += 1
            if search.kept(trial):
                best, improved = trial, True
                break
        if not improved and sideways < MOST_SIDEWAYS and not search.stop():
            other = _balanced(search, best, moves, predicted=predicted, equal=np.abs(saving) <= 1e-9 * scale)
            if other is not None:
                best, improved, sideways = other, True, sideways + 1
    return best


def _predicted(search: _Search, agents: Ints, moves: Ints) -> Floats:
    """Smallest margin after each move, by the sum of one-agent differences; unknown directions count as no gain."""
    base = search.margins(agents)
    up, down = np.zeros((len(agents), len(base))), np.full((len(agents), len(base)), -1.0)
    unit = np.eye(len(agents), dtype=np.int64)
    for g in range(len(agents)):
        if search.stop():
            break
        if agents[g] > search.task.low[g]:
            down[g] = search.margins(agents - unit[g]) - base
        if agents[g] < search.task.high[g]:
            up[g] = search.margins(agents + unit[g]) - base
    found: Floats = (base + np.maximum(moves, 0) @ up + np.maximum(-moves, 0) @ down).min(axis=1)
    return found


def _balanced(
    search: _Search, agents: Ints, moves: Ints, *, predicted: Floats, equal: NDArray[np.bool_]
) -> Ints | None:
    """The move of equal cost with the largest smallest margin, if that is larger than now."""
    least = float(search.margins(agents).min())
    choices = np.flatnonzero(equal & (predicted > least + 1e-4))
    for i in choices[np.argsort(-predicted[choices], kind="stable")][:3]:
        trial: Ints = agents + moves[i]
        if not search.stop() and search.inside(trial) and float(search.margins(trial).min()) > least + 1e-4:
            return trial
    return None


def _moves(groups: int) -> Ints:
    """Drops, swaps, and for few groups two for one and two for two, one row each."""
    unit = np.eye(groups, dtype=np.int64)
    pairs = [unit[g] + unit[f] for g in range(groups) for f in range(g, groups)]
    rows = [-unit[g] for g in range(groups)]
    rows += [unit[h] - unit[g] for g in range(groups) for h in range(groups) if g != h]
    if groups <= MOST_FOR_TWO_FOR_ONE:
        rows += [unit[h] - p for p in pairs for h in range(groups) if p[h] == 0]
        rows += [q - p for p in pairs for q in pairs if not (p * q).any()]
    return np.array(rows, dtype=np.int64)
