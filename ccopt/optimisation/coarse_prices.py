"""Where prices of many periods start: at those of one period that stands for all, which a programme over plans finds at once.

Subgradients need hundreds of evaluations before prices of hundreds of rows and periods have found their proportions. In one
period with the hours of all and the mean contacts (`representative`) the programme of `column_bound` has them after some thirty,
and a contact costs in every period what it costs there, for the hours of the period. What prices prove in the whole problem is
for the whole problem to say: this is a start, no bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ccopt.optimisation.column_bound import Aim, Plans, raised, whole_part
from ccopt.optimisation.headcount_rows import HeadcountRows
from ccopt.optimisation.lagrangian import BoundResult, lagrangian_bound, timed_rows
from ccopt.optimisation.problem import Problem
from ccopt.optimisation.representative import representative
from ccopt.optimisation.work import now

FIRST_STEPS = 100
STEPS, CLOSE = 60, 5e-4  # of the programme


def coarse_start(
    p: Problem, rows: HeadcountRows, *, deadline: float, upper: Callable[[], float], stop: Callable[[], bool]
) -> BoundResult:
    """Prices of one period, spread over all; found until the deadline (of `work.now`)."""
    small = representative(p, 1)
    share = p.hours / np.maximum(small.problem.hours[small.cluster], 1e-12)
    join = np.zeros((len(p.hours), len(small.problem.hours)))
    join[np.arange(len(p.hours)), small.cluster] = share
    mean = HeadcountRows(weight=rows.weight, agents=np.floor(rows.agents @ join))  # whole agents, as seats are

    def over() -> bool:
        return now() >= deadline or stop()

    root = lagrangian_bound(small.problem, deadline=deadline, upper=upper, stop=stop, rows=mean, max_evaluations=FIRST_STEPS)
    plans = Plans(small.problem, mean)
    prices, row_prices = root.prices, root.row_prices
    if not plans.programmes.too_wide:
        aim = Aim(enough=lambda: math.inf, over=over, on_bound=lambda _: None)
        prices, row_prices = plans.split(raised(plans, whole_part(plans, root), aim, steps=STEPS, close=CLOSE).prices)
    return replace(
        root, rows=timed_rows(p, rows), prices=prices[:, small.cluster] * share, row_prices=row_prices[:, small.cluster] * share,
        lower_bound=-math.inf,
    )  # fmt: skip
