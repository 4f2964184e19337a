"""Where prices of many periods start: at those of one period that stands for all, which a programme over plans finds at once.

Subgradients need hundreds of evaluations before prices of hundreds of rows and periods have found their proportions. In one
period with the hours of all and the mean contacts (`representative`) the programme of `column_bound` has them after some thirty,
and a contact costs in every period what it costs there, for the hours of the period. The rows of E11 are as many as sites and sets of
types; those that have a price there stay. What prices prove in the whole problem is for the whole problem to say: this is a
start, no bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ccopt.optimisation.column_bound import Aim, Plans, raised, whole_part
from ccopt.optimisation.headcount_rows import HeadcountRows, rows_after_loss
from ccopt.optimisation.lagrangian import BoundResult, lagrangian_bound
from ccopt.optimisation.prices import timed_rows
from ccopt.optimisation.problem import Floats, Problem
from ccopt.optimisation.representative import representative
from ccopt.optimisation.work import now

FIRST_STEPS = 100
STEPS, CLOSE = 60, 5e-5  # of the programme
MOST_LOST = 1000
LEAST_PRICE = 1e-3  # of the highest


def coarse_start(
    p: Problem, rows: HeadcountRows, *, deadline: float, upper: Callable[[], float], stop: Callable[[], bool]
) -> BoundResult:
    """Prices of one period, spread over all; found until the deadline (of `work.now`).

    Of the rows of E11 those that have a price there are added to ``rows``.
    """
    small = representative(p, 1)
    share = p.hours / np.maximum(small.problem.hours[small.cluster], 1e-12)
    join = np.zeros((len(p.hours), len(small.problem.hours)))
    join[np.arange(len(p.hours)), small.cluster] = share
    lost = rows_after_loss(p)
    if len(lost.agents) > MOST_LOST:
        lost = lost.of(np.zeros(0, dtype=np.int64))
    root = lagrangian_bound(
        small.problem, deadline=deadline, upper=upper, stop=stop, rows=_joined(rows, join), max_evaluations=FIRST_STEPS
    )  # fmt: skip
    known, timed = np.split(root.row_prices, [len(rows.agents)])
    root = replace(root, row_prices=np.concatenate((known, np.zeros((len(lost.agents), join.shape[1])), timed)))
    plans = Plans(small.problem, _joined(rows.joined(lost), join))
    prices, row_prices = root.prices, root.row_prices
    if not plans.programmes.too_wide:
        aim = Aim(enough=lambda: math.inf, over=lambda: now() >= deadline or stop(), on_bound=lambda _: None)
        prices, row_prices = plans.split(raised(plans, whole_part(plans, root), aim, steps=STEPS, close=CLOSE).prices)
    known, of_lost, timed = np.split(row_prices, [len(rows.agents), len(rows.agents) + len(lost.agents)])
    kept = np.flatnonzero(of_lost.max(axis=1, initial=0.0) > LEAST_PRICE * of_lost.max(initial=0.0))
    every = timed_rows(p, rows.joined(lost.of(kept)))
    of_rows = np.concatenate((known, of_lost[kept], timed))[:, small.cluster] * share
    return replace(root, rows=every, prices=prices[:, small.cluster] * share, row_prices=of_rows, lower_bound=-math.inf)


def _joined(rows: HeadcountRows, join: Floats) -> HeadcountRows:
    """The rows in the mean of their periods, in whole agents, as seats are."""
    return HeadcountRows(weight=rows.weight, agents=np.floor(rows.agents @ join))
