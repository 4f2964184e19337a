"""One location model through ccopt's compiler, Pyomo's plug-in and highspy by hand: ``python benchmarks/speed/optimiser.py``.

All three solve the same integer programme with the same HiGHS to a gap of 1e-6: open sites, whole agents, contacts. ``build``
is everything from the arrays of the instance (Pyomo: from the Pyomo model) to a solver that holds the model, ``solve`` the
solver's own run. ``--orlib FOLDER`` takes OR-Library files instead of generated instances; ``--smoke`` one small instance. The optima must
agree, or the run fails.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo

sys.path.insert(0, str(Path(__file__).parents[1] / "optimiser"))
import location

from ccopt.optimisation.build import build_problem
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.problem import Problem
from ccopt.optimisation.solve import solve_arrays

GAP = 1e-6
SIZES = {"10 x 40": (10, 40), "25 x 100": (25, 100), "16 x 400": (16, 400)}
Row = tuple[str, float, float, float]


def whole_staff(m: Any, p: Problem) -> None:
    """No targets: a group carries as many erlangs as it has agents."""
    m.staff = pyo.Constraint(list(m.n), rule=lambda m, g, t: m.q[g, t] <= m.n[g, t])


def by_ccopt(p: Problem) -> tuple[Row, Any]:
    """Pyomo model, compiled once to arrays, passed to highspy."""
    began = time.perf_counter()
    model = build_model(p, extra=whole_staff)
    modelled = time.perf_counter()
    arrays = compile_model(model, p).arrays
    compiled = time.perf_counter()
    found = solve_arrays(arrays, time_limit_s=600, gap=GAP)
    solved = time.perf_counter()
    assert found.status == "optimal", found.status
    print(f"  the Pyomo model itself: {modelled - began:.2f} s")
    return ("ccopt (compiled)", compiled - modelled, solved - compiled, found.objective), model


def by_plugin(model: Any) -> Row:
    """Pyomo's persistent plug-in for HiGHS on the same Pyomo model."""
    from pyomo.contrib.appsi.solvers import Highs

    solver = Highs()
    solver.config.mip_gap = GAP
    began = time.perf_counter()
    solver.set_instance(model)
    built = time.perf_counter()
    found = solver.solve(model)
    return "pyomo plug-in (appsi)", built - began, time.perf_counter() - built, float(found.best_feasible_objective)


def by_hand(capacity: Any, fixed: Any, demand: Any, cost: Any) -> Row:
    """The programme written straight into a HiGHS model: y, agents n, contacts x by customer and site."""
    began = time.perf_counter()
    sites, customers = len(capacity), len(demand)
    share = (cost / demand[:, None]).ravel()
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("mip_rel_gap", GAP)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = 2 * sites + customers * sites, 2 * sites + customers + customers * sites
    lp.col_cost_ = np.concatenate([fixed, np.zeros(sites), share])
    lp.col_lower_ = np.zeros(lp.num_col_)
    lp.col_upper_ = np.concatenate([np.ones(sites), capacity, np.repeat(demand, sites)])
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[1]] * (2 * sites) + [kinds[0]] * (customers * sites)
    first = 2 * sites
    starts, index, value, low, high = [0], [], [], [], []  # type: list[int], list[Any], list[Any], list[float], list[float]

    def row(columns: Any, values: Any, least: float, most: float) -> None:
        index.append(columns)
        value.append(values)
        starts.append(starts[-1] + len(columns))
        low.append(least)
        high.append(most)

    for i in range(sites):
        mine = first + np.arange(customers) * sites + i
        row(np.append(mine, sites + i), np.append(np.ones(customers), -1.0), -np.inf, 0.0)
        row(np.array([sites + i, i]), np.array([1.0, -capacity[i]]), -np.inf, 0.0)
    for j in range(customers):
        row(first + j * sites + np.arange(sites), np.ones(sites), demand[j], demand[j])
        for i in range(sites):
            row(np.array([first + j * sites + i, i]), np.array([1.0, -demand[j]]), -np.inf, 0.0)
    lp.row_lower_, lp.row_upper_ = np.array(low), np.array(high)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    lp.a_matrix_.index_ = np.concatenate(index).astype(np.int32)
    lp.a_matrix_.value_ = np.concatenate(value).astype(float)
    h.passModel(lp)
    built = time.perf_counter()
    h.run()
    return "highspy by hand", built - began, time.perf_counter() - built, float(h.getInfo().objective_function_value)


def compare(name: str, data: tuple[Any, Any, Any, Any]) -> None:
    """One row for each way, with the ratio to the model by hand."""
    used = data[2] > 0
    data = (np.floor(data[0]), data[1], data[2][used], data[3][used])
    p = build_problem(location.scenario_of(*data))
    print(f"{name}: {len(data[0])} sites, {len(data[2])} customers")
    ours, model = by_ccopt(p)
    rows = [by_hand(*data), ours, by_plugin(model)]
    for label, build, solve, objective in rows:
        ratio = (build + solve) / (rows[0][1] + rows[0][2])
        print(f"  {label:24s} build {build:7.3f} s  solve {solve:7.3f} s  optimum {objective:.4f}  whole / by hand {ratio:.2f}")
    values = [r[3] for r in rows]
    assert max(values) - min(values) <= 2 * GAP * max(values), values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orlib", type=Path)
    parser.add_argument("--smoke", action="store_true")
    asked = parser.parse_args()
    if asked.orlib is not None:
        for path in sorted(asked.orlib.glob("cap*.txt")):
            compare(path.stem, location.read_orlib(path))
        return
    sizes = {"6 x 12": (6, 12)} if asked.smoke else SIZES
    for name, (sites, customers) in sizes.items():
        compare(name, location.generated(1, sites=sites, customers=customers))


if __name__ == "__main__":
    main()
