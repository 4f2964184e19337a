"""Location instances without queueing as scenarios: the map from OR-Library files, and generated ones of the same shape.

One erlang of work is one unit of demand: a contact takes 3600 s, so ``contacts_per_hour`` is the demand of a customer and
the load it brings. There are no targets, so agents need only be as many as the load; they earn nothing, so a site may fill
its seats, and with whole capacities ``load <= agents <= seats`` is ``load <= capacity`` exactly. A year has one hour, so
the cost of serving all of a customer from a site is the link's cost per contact times its demand, and shares of a customer
may go to several sites.

``python benchmarks/optimiser/location.py FOLDER [cap72 cap73 ...]`` solves OR-Library files and compares with the published
optima (Beasley 1988, demand may be split).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import ccopt as cc

GAP = 2e-9  # a bound is told with 1e-9 less, for the safety of its last digits
PUBLISHED = {
    "cap61": 932615.750, "cap62": 977799.400, "cap63": 1014062.050, "cap64": 1045650.250, "cap71": 932615.750,
    "cap72": 977799.400, "cap73": 1010641.450, "cap74": 1034976.975, "cap91": 796648.438, "cap92": 855733.500,
    "cap93": 896617.538, "cap94": 946051.325,
}  # fmt: skip


def read_orlib(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Capacity and fixed cost of sites, demand of customers, cost (customers, sites) of serving all of one."""
    words = path.read_text(encoding="ascii").split()
    sites, customers = int(words[0]), int(words[1])
    rest = np.array([float(w) for w in words[2:]])
    pairs = rest[: 2 * sites].reshape(sites, 2)
    rows = rest[2 * sites :].reshape(customers, 1 + sites)
    return pairs[:, 0], pairs[:, 1], rows[:, 0], rows[:, 1:]


def generated(seed: int, *, sites: int, customers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Random points in a square: cost is distance times demand, capacity about three times what is needed."""
    rng = np.random.default_rng(seed)
    demand = rng.integers(5, 60, customers).astype(float)
    capacity = np.full(sites, float(np.ceil(3.0 * demand.sum() / sites)))
    fixed = rng.uniform(500, 1500, sites).round(2)
    here, there = rng.uniform(0, 10, (customers, 2)), rng.uniform(0, 10, (sites, 2))
    cost = np.linalg.norm(here[:, None] - there[None], axis=2) * demand[:, None]
    return capacity, fixed, demand, cost


def scenario_of(capacity: np.ndarray, fixed: np.ndarray, demand: np.ndarray, cost: np.ndarray) -> cc.Scenario:
    """The scenario of a location instance."""
    document: dict[str, Any] = {
        "schema_version": 1, "name": "location", "periods": [{"name": "year", "hours_per_year": 1.0}],
        "sites": [
            {"name": f"s{i}", "kind": "inhouse", "seats": int(capacity[i]), "fixed_cost_per_year": float(fixed[i])}
            for i in range(len(capacity))
        ],
        "contact_types": [{"name": "unit", "talk_s": 3600.0, "targets": []}],
        "skill_sets": [{"name": "any", "contact_types": ["unit"]}],
        "demand": [
            {"region": f"r{j}", "contact_type": "unit", "contacts_per_hour": float(demand[j])}
            for j in range(len(demand)) if demand[j] > 0
        ],
        "links": [
            {"region": f"r{j}", "site": f"s{i}", "cost_per_contact": float(cost[j, i] / demand[j])}
            for j in range(len(demand)) for i in range(len(capacity)) if demand[j] > 0
        ],
    }  # fmt: skip
    return cc.Scenario.model_validate(document)


def main() -> None:
    folder, names = Path(sys.argv[1]), sys.argv[2:] or sorted(PUBLISHED)
    for name in names:
        began = time.monotonic()
        plan = cc.optimise(scenario_of(*read_orlib(folder / f"{name}.txt")), gap=GAP, time_limit_s=120)
        found = f"{plan.cost_per_year:.4f}, bound {plan.lower_bound:.4f}, {plan.status}, {time.monotonic() - began:.1f} s"
        off = plan.cost_per_year / PUBLISHED[name] - 1.0
        print(f"{name}: published {PUBLISHED[name]:.3f}, found {found}, off by {off:.1e}", flush=True)


if __name__ == "__main__":
    main()
