"""Hazards at full length: 100 interrupts, 20,000 damaged documents, limits of time, 5,000 solves without a leak.

``python benchmarks/nightly/hazards.py [interrupts] [documents] [limits] [leak]`` prints one line per hazard; the default tests
hold a small run of each. Results are filed in ``benchmarks/README.md`` with commit and date.
"""

from __future__ import annotations

import collections
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import ccopt as cc
from ccopt.scenario.checks import validated

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "hazards"))


def interrupts(runs: int = 100) -> str:
    """SIGINT at random moments of ``ccopt optimise``: exit code 130, whole files, every plan verified."""
    from test_interrupts import HARD, interrupted_run

    rng, codes, plans, slowest = np.random.default_rng(1), collections.Counter(), 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for moment in rng.uniform(0.2, 8.0, runs):
            began = time.monotonic()
            code, _, target = interrupted_run(Path(folder), float(moment))
            slowest = max(slowest, time.monotonic() - began - moment)
            codes[code] += 1
            if target.exists():
                plan = cc.Plan.model_validate_json(target.read_text(encoding="utf-8"))
                plans += cc.evaluate(cc.load_instance(HARD), plan.design).meets_targets
                target.unlink()
        left = [p.name for p in Path(folder).iterdir()]
    return (f"{runs} interrupts: exit codes {dict(codes)}, {plans} verified plans kept, {len(left)} files left over, "
            f"slowest stop {slowest:.1f} s")  # fmt: skip


def documents(runs: int = 20_000) -> str:
    """Damaged documents: refused in words or whole, never an unhandled error."""
    from mutation import damaged

    all_of = [json.loads(cc.load_instance(i.name).model_dump_json(exclude_unset=True)) for i in cc.list_instances()]
    small = [d for d in all_of if len(json.dumps(d)) < 30_000]
    rng, seen = np.random.default_rng(2), collections.Counter()
    slowest = 0.0
    for _ in range(runs):
        document, _ = damaged(small[int(rng.integers(len(small)))], rng)
        began = time.monotonic()
        try:
            validated(document)
            seen["whole"] += 1
        except cc.ScenarioError:
            seen["refused"] += 1
        except Exception as error:
            seen[f"UNHANDLED {type(error).__name__}"] += 1
        slowest = max(slowest, time.monotonic() - began)
    return f"{runs} damaged documents: {dict(seen)}, slowest {slowest:.2f} s"


def limits() -> str:
    """Time limits of 0.02, 2 and 10 s on instances that need longer: how far they are overrun."""
    cc.optimise(cc.load_instance("outsourcer"), gap=0.0, time_limit_s=1)  # compile first
    lines = []
    for name in ("outsourcer", "help-desk-three-tiers", "nhs111"):
        scenario = cc.load_instance(name)
        for limit in (0.02, 2.0, 10.0):
            began = time.monotonic()
            try:
                word = cc.optimise(scenario, gap=0.0, time_limit_s=limit).status
            except cc.SolverError as error:
                word = f"no plan ({error.status})"
            lines.append(f"{name} {limit:g} s -> {time.monotonic() - began:.1f} s {word}")
    return "time limits: " + "; ".join(lines)


def leak(solves: int = 5_000) -> str:
    """Growth of the process over many solves."""
    from scipy import sparse

    from ccopt.optimisation.solve import Arrays, solve_arrays

    rng = np.random.default_rng(3)
    arrays = Arrays(
        matrix=sparse.csr_matrix(rng.random((10, 20))), row_low=np.ones(10), row_high=np.full(10, np.inf), cost=rng.random(20),
        low=np.zeros(20), high=np.ones(20), integer=np.ones(20, dtype=bool),
    )  # fmt: skip
    first = 0
    for i in range(solves):
        solve_arrays(arrays, time_limit_s=5.0)
        if i == 500:
            first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - first) / 1024
    return f"{solves} solves: {grown:.1f} MB more than after the first 500"


if __name__ == "__main__":
    parts = {"interrupts": interrupts, "documents": documents, "limits": limits, "leak": leak}
    for name in sys.argv[1:] or parts:
        print(parts[name](), flush=True)
