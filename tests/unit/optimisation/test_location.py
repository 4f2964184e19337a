"""Location without queueing: the optimiser against an independent integer programme, and published optima where given."""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, sparse

import ccopt as cc

HERE = Path(__file__).resolve()
spec = importlib.util.spec_from_file_location("location", HERE.parents[3] / "benchmarks" / "optimiser" / "location.py")
location = importlib.util.module_from_spec(spec)
spec.loader.exec_module(location)
ORLIB = Path(os.environ.get("CCOPT_ORLIB", HERE.parents[4] / "shared" / "data" / "orlib"))
PUBLISHED = {"cap61": 932615.750, "cap64": 1045650.250}  # Beasley 1988, split demand; all twelve in benchmarks/README.md


def independent(capacity, fixed, demand, cost):
    """The same programme written down again: open sites y, shares x of customers."""
    sites, customers = len(capacity), len(demand)
    columns = sites + customers * sites

    def x(j, i):
        return sites + j * sites + i

    rows = sparse.lil_matrix((customers + sites + customers * sites, columns))
    low, high = [], []
    for j in range(customers):
        rows[j, [x(j, i) for i in range(sites)]] = 1.0
        low.append(1.0)
        high.append(1.0)
    for i in range(sites):
        rows[customers + i, [x(j, i) for j in range(customers)]] = demand
        rows[customers + i, i] = -capacity[i]
        low.append(-np.inf)
        high.append(0.0)
    for j in range(customers):
        for i in range(sites):
            r = customers + sites + j * sites + i
            rows[r, x(j, i)], rows[r, i] = 1.0, -1.0
            low.append(-np.inf)
            high.append(0.0)
    integer = np.concatenate([np.ones(sites), np.zeros(customers * sites)])
    found = optimize.milp(np.concatenate([fixed, cost.ravel()]), integrality=integer, bounds=optimize.Bounds(0, 1),
                          constraints=optimize.LinearConstraint(rows.tocsr(), low, high), options={"mip_rel_gap": 1e-9})  # fmt: skip
    assert found.success
    return found.fun


@pytest.mark.parametrize("seed", [1, 2])
def test_generated_instances_at_the_optimum_of_an_independent_programme(seed):
    data = location.generated(seed, sites=6, customers=12)
    plan = cc.optimise(location.scenario_of(*data), gap=1e-7, time_limit_s=30)
    best = independent(*data)
    assert plan.cost_per_year == pytest.approx(best, rel=1e-6)
    assert plan.lower_bound <= best * (1 + 1e-9)
    assert plan.gap <= 1e-7


@pytest.mark.skipif(not ORLIB.is_dir(), reason="the OR-Library files are not shipped")
@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_optima(name):
    scenario = location.scenario_of(*location.read_orlib(ORLIB / f"{name}.txt"))
    plan = cc.optimise(scenario, gap=1e-7, time_limit_s=60)
    assert plan.cost_per_year == pytest.approx(PUBLISHED[name], abs=0.01)
    assert plan.lower_bound <= PUBLISHED[name] + 0.01
