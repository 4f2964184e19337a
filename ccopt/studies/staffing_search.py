"""A staffing task, and the search for its fewest-cost agents: a judge with a memory, and local moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Margins = Callable[[Ints], Floats]
Stop = Callable[[], bool]
MOST_FOR_TWO_FOR_ONE = 16
MOST_SIDEWAYS = 6
MOST_TRIES = 40
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


@dataclass(slots=True)
class Search:
    """Judge with memory, and the cuts found so far."""

    task: StaffingTask
    judge: Margins
    stop: Stop
    known: dict[bytes, Floats] = field(default_factory=dict)
    slopes: list[Floats] = field(default_factory=list)
    bounds: list[float] = field(default_factory=list)

    def margins(self, agents: Ints) -> Floats:
        """Margins of the promises, asked once."""
        key = agents.tobytes()
        if key not in self.known:
            self.known[key] = self.judge(agents)
        return self.known[key]

    def kept(self, agents: Ints) -> bool:
        """Whether all promises hold."""
        return bool((self.margins(agents) >= 0).all())

    def inside(self, agents: Ints) -> bool:
        """Whether bounds and sum rows hold."""
        sums = self.task.rows @ agents
        return bool(
            (agents >= self.task.low).all() and (agents <= self.task.high).all()
            and (sums >= self.task.row_low - 1e-9).all() and (sums <= self.task.row_high + 1e-9).all()
        )  # fmt: skip

    def cost(self, agents: Ints) -> float:
        """Money of all agents."""
        return float(self.task.cost @ agents)

    def cheapest(self, start: Ints) -> Ints:
        """The cheapest agents judged so far that keep everything; ``start`` where none does or none is cheaper."""
        points = (np.frombuffer(key, dtype=np.int64) for key, margins in self.known.items() if (margins >= 0).all())
        inside = [p for p in points if self.inside(p)]
        if not inside:
            return start
        best = min(inside, key=self.cost).copy()
        return best if self.cost(best) < self.cost(start) or not self.kept(start) else start


def local_search(search: Search, start: Ints) -> Ints:
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


def _predicted(search: Search, agents: Ints, moves: Ints) -> Floats:
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
    search: Search, agents: Ints, moves: Ints, *, predicted: Floats, equal: NDArray[np.bool_]
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
