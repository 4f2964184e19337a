"""The bound split by the number of open sites: the least over all counts is a bound, and each count has a better one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from ccopt.optimisation.lagrangian import BoundResult, lagrangian_bound
from ccopt.optimisation.problem import Problem
from ccopt.optimisation.work import now

EVALUATIONS = 300
LEAST_GAIN = 2e-6


def bound_by_counts(
    p: Problem, root: BoundResult, *, deadline: float, upper: Callable[[], float], gap: float,
    on_bound: Callable[[float], None], stop: Callable[[], bool],
) -> float:  # fmt: skip
    """Raise the count with the lowest bound until the gap is reached, the time is over or the lowest stands still.

    Every design opens some number of sites between ``min_sites`` and ``max_sites``, so the least bound over these
    numbers holds for all.
    """
    names = len(set(p.site_names))
    counts = range(max(p.min_sites, 1), min(p.max_sites, names) + 1)
    state = dict.fromkeys(counts, (root.lower_bound, root))
    stuck: set[int] = set()
    while state and now() < deadline and not stop():
        lowest = min(state, key=lambda k: state[k][0])
        bound, known = state[lowest]
        on_bound(bound)
        target = upper()
        if lowest in stuck or (math.isfinite(target) and target - bound <= gap * abs(target)):
            break
        found = lagrangian_bound(
            replace(p, min_sites=lowest, max_sites=lowest), deadline=deadline, upper=upper, start=known, stop=stop,
            max_evaluations=EVALUATIONS,
        )  # fmt: skip
        if found.lower_bound <= bound + LEAST_GAIN * abs(bound) and not math.isinf(found.lower_bound):
            stuck.add(lowest)
        state[lowest] = (max(bound, found.lower_bound), found if found.lower_bound > bound else known)
    lowest_bound = min((b for b, _ in state.values()), default=root.lower_bound)
    on_bound(lowest_bound)
    return lowest_bound
