"""Do the simulator's 95 % intervals cover? One thousand random pools against Erlang A and C.

``python benchmarks/nightly/simulator_coverage.py [--cases 1000] [--level 0.95]`` prints the share of pools whose exact value
lies in the interval of `ccopt.simulate` (20 replications of 4,000 contacts), per indicator. 93 to 97 % is the goal; two
standard errors of 1,000 draws at 95 % are 1.4 points. ``--level 0.99`` widens the intervals by Student's t: 97 % of 200 cases is the goal.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
from scipy.stats import t

import ccopt as cc


def documents(rng: np.random.Generator) -> tuple[cc.Scenario, cc.Design]:
    """One pool of 3 to 60 agents at 70 to 110 % load, one in four without abandonment (then at most 90 %)."""
    agents = int(rng.integers(3, 61))
    patient = rng.random() < 0.25
    load = agents * rng.uniform(0.7, 0.9 if patient else 1.1)
    aht = float(rng.uniform(120.0, 500.0))
    kind = {"name": "calls", "talk_s": aht, "targets": [{"service_level": 0.8, "awt_s": 20.0}]}
    if not patient:
        kind["patience_s"] = float(aht * rng.uniform(0.3, 3.0))
    scenario = cc.Scenario.model_validate({
        "schema_version": 1, "name": "pool", "periods": [{"name": "all", "hours_per_year": 1000.0}],
        "sites": [{"name": "here", "kind": "inhouse"}], "contact_types": [kind],
        "skill_sets": [{"name": "calls", "contact_types": ["calls"]}],
        "demand": [{"region": "r", "contact_type": "calls", "contacts_per_hour": load * 3600.0 / aht}],
    })  # fmt: skip
    here = {"site": "here", "skill_set": "calls"}
    return scenario, cc.Design(
        open_sites=("here",), groups=(cc.AgentGroup(**here, agents=(agents,)),),
        routes=(cc.Route(region="r", contact_type="calls", share=(1.0,), **here),),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--level", type=float, default=0.95)
    given = parser.parse_args()
    count, wider = given.cases, t.ppf((1 + given.level) / 2, 19) / t.ppf(0.975, 19)
    rng = np.random.default_rng(11)
    hit: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for case in range(count):
        scenario, design = documents(rng)
        exact, found = cc.evaluate(scenario, design), cc.simulate(scenario, design, seed=1000 + case)
        pairs = [(exact.cells[0], found.cells[0], n) for n in ("service_level", "abandonment", "asa_s", "delay_probability")]
        for a, b, name in (*pairs, (exact.groups[0], found.groups[0], "occupancy")):
            if name == "abandonment" and a.abandonment == 0.0:
                continue
            seen[name] += 1
            hit[name] += abs(getattr(a, name) - getattr(b, name)) <= wider * b.half_width[name]
    for name, n in seen.items():
        print(f"{name:20s} {100 * hit[name] / n:5.1f} % of {n}")
    print(f"{'all':20s} {100 * sum(hit.values()) / sum(seen.values()):5.1f} % of {sum(seen.values())}")


if __name__ == "__main__":
    main()
