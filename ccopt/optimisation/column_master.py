r"""The linear programme over plans of sites: how well prices can do against all the plans that are known.

A *plan* of a site option j has a cost :math:`c_j` and gives :math:`a_{ij}` to the coupling rows i (contacts of a commodity in a
period, agents of a headcount row); a *set* k is a choice of options. With weights :math:`\lambda, \mu \ge 0`,

.. math:: \min \sum_j c_j \lambda_j, \qquad \sum_j a_{ij} \lambda_j \ge b_i, \qquad
          \sum_{j \in s} \lambda_j = \sum_{k \ni s} \mu_k \; \forall s, \qquad \sum_k \mu_k = 1.

Its duals of the coupling rows are the prices that do best against these plans. Too much or too little in a row is allowed at a
price: the *box* of prices, around those that have proven most so far, without which they would jump.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from ccopt.optimisation.problem import Bools, Floats, Ints
from ccopt.optimisation.solver_start import check_version, new_solver
from ccopt.optimisation.work import spend

ENDLESS = highspy.kHighsInf
NEGLIGIBLE = 1e-12
PIVOT_S = (5e-5, 1.3e-9)  # of the work clock: flat, and per entry of the programme


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """The optimum in the box: its value, the prices (K,), and the weights of plans and sets."""

    value: float
    prices: Floats
    plans: Floats
    sets: Floats


class Master:
    """The programme, which grows; ``need`` (K,) are the right-hand sides, ``unit`` (K,) what counts as one in a row."""

    def __init__(self, need: Floats, unit: Floats, sites: int, scale: float) -> None:
        check_version()
        self.h = new_solver()
        self.h.silent()
        self.unit, self.scale, self.sites, self.rows = unit, scale, sites, len(need)
        low = np.concatenate((need / unit, np.zeros(sites), [1.0]))
        high = np.concatenate((np.full(self.rows, ENDLESS), np.zeros(sites), [1.0]))
        self.h.addRows(len(low), low, high, 0, np.zeros(len(low), dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros(0))
        for sign in (1.0, -1.0):
            for i in range(self.rows):
                self._add(0.0, np.array([i]), np.array([sign]))
        self.plan_columns: list[int] = []
        self.set_columns: list[int] = []

    def _add(self, cost: float, rows: Ints, values: Floats) -> int:
        self.h.addCol(cost, 0.0, ENDLESS, len(rows), rows.astype(np.int32), values)
        return int(self.h.getNumCol()) - 1

    def add_plan(self, site: int, cost: float, gives: Floats) -> None:
        """A plan of a site option."""
        value = gives / self.unit
        rows = np.flatnonzero(np.abs(value) > NEGLIGIBLE)
        self.plan_columns.append(
            self._add(cost / self.scale, np.append(rows, self.rows + site), np.append(value[rows], 1.0))
        )  # fmt: skip

    def add_set(self, chosen: Bools) -> None:
        """A choice of options (S,)."""
        on = self.rows + np.flatnonzero(chosen)
        self.set_columns.append(self._add(0.0, np.append(on, self.rows + self.sites), np.append(-np.ones(len(on)), 1.0)))

    def allow(self, plans: Bools, sets: Bools) -> None:
        """Which plans and sets may be used from now on."""
        at = np.array(self.plan_columns + self.set_columns, dtype=np.int32)
        high = np.where(np.concatenate((plans, sets)), ENDLESS, 0.0)
        self.h.changeColsBounds(len(at), at, np.zeros(len(at)), high)

    def box(self, low: Floats, high: Floats) -> None:
        """Prices (K,) between these."""
        per_unit = self.unit / self.scale
        at = np.arange(2 * self.rows, dtype=np.int32)
        self.h.changeColsCost(len(at), at, np.concatenate((high * per_unit, -low * per_unit)))

    def solve(self) -> Mixture | None:
        """The optimum, None where the solver does not find it."""
        self.h.run()
        info = self.h.getInfo()
        pivots = max(int(info.simplex_iteration_count), 1)
        spend(pivots * (PIVOT_S[0] + PIVOT_S[1] * self.h.getNumNz()))
        if self.h.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self.h.getSolution()
        prices = np.array(solution.row_dual)[: self.rows] * self.scale / self.unit
        weight = np.array(solution.col_value)
        return Mixture(
            value=float(info.objective_function_value) * self.scale, prices=prices,
            plans=weight[self.plan_columns], sets=weight[self.set_columns],
        )  # fmt: skip
