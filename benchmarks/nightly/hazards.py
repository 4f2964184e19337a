"""Hazards at full length: interrupts, damaged documents, limits of time, leaks, kills while saving, threads, a cluster.

``python benchmarks/nightly/hazards.py [interrupts] [documents] [limits] [leak] [rounds] [saves] [threads] [cluster] [--runs N]
[--seed N]`` prints one line per hazard; the default tests hold a small run of each. Results are filed in
``benchmarks/README.md`` with commit and date.
"""

from __future__ import annotations

import argparse
import collections
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import ccopt as cc
from ccopt.scenario.checks import validated

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "hazards"))


def interrupts(runs: int = 100, seed: int = 1) -> str:
    """SIGINT at random moments of ``ccopt optimise``, a quarter of them late: exit code 130, whole files, every plan verified."""
    from test_interrupts import HARD, interrupted_run

    rng, codes, plans, broken, slowest = np.random.default_rng(seed), collections.Counter(), 0, 0, 0.0
    moments = np.append(rng.uniform(0.2, 18.0, runs - runs // 4), rng.uniform(18.0, 30.0, runs // 4))
    with tempfile.TemporaryDirectory() as folder:
        for moment in moments:
            began = time.monotonic()
            code, _, target = interrupted_run(Path(folder), float(moment))
            slowest = max(slowest, time.monotonic() - began - moment)
            codes[code] += 1
            kept = "plan" if target.exists() else "no plan yet"
            print(f"  after {moment:.1f} s: exit {code} in {time.monotonic() - began - moment:.1f} s, {kept}", file=sys.stderr, flush=True)
            if target.exists():
                plan = cc.Plan.model_validate_json(target.read_text(encoding="utf-8"))
                plans += cc.evaluate(cc.load_instance(HARD), plan.design).meets_targets
                target.unlink()
                broken += plan.status != "interrupted"
        left = [p.name for p in Path(folder).iterdir()]
    return (f"{runs} interrupts: exit codes {dict(codes)}, {plans} verified plans kept, {broken} of another status, "
            f"{len(left)} files left over, slowest stop {slowest:.1f} s")  # fmt: skip


def documents(runs: int = 20_000, seed: int = 2) -> str:
    """Damaged documents: refused in words or whole, never an unhandled error."""
    from mutation import damaged

    all_of = [json.loads(cc.load_instance(i.name).model_dump_json(exclude_unset=True)) for i in cc.list_instances()]
    small = [d for d in all_of if len(json.dumps(d)) < 30_000]
    rng, seen = np.random.default_rng(seed), collections.Counter()
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


def limits(**_: int) -> str:
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


def leak(runs: int = 20_000, seed: int = 3) -> str:
    """Growth of the process over many solves."""
    from scipy import sparse

    from ccopt.optimisation.solve import Arrays, solve_arrays

    rng = np.random.default_rng(seed)
    arrays = Arrays(
        matrix=sparse.csr_matrix(rng.random((10, 20))), row_low=np.ones(10), row_high=np.full(10, np.inf), cost=rng.random(20),
        low=np.zeros(20), high=np.ones(20), integer=np.ones(20, dtype=bool),
    )  # fmt: skip
    resident = []
    for _ in range(runs):
        solve_arrays(arrays, time_limit_s=5.0)
        resident.append(resident_mb())
    start = min(500, runs) - 1
    told = ", ".join(f"{resident[i]:.1f} MB after {i + 1}" for i in (0, start, runs // 2 - 1, runs - 1))
    return f"{runs} solves: {told}; {resident[-1] - resident[start]:.1f} MB more than after the first {start + 1}"


def resident_mb() -> float:
    """Memory of this process that is in use now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 2**20


def rounds(runs: int = 500, seed: int = 0) -> str:
    """Memory of one process that optimises, evaluates and simulates small instances over and over."""
    names = ("two-sites", "tiny-tiers", "three-regions", "contracts", "unlike-calls")
    resident: list[float] = []
    for i in range(runs):
        scenario = cc.load_instance(names[i % len(names)])
        plan = cc.optimise(scenario, gap=0.01, time_limit_s=10, seed=seed + i)
        cc.evaluate(scenario, plan.design)
        cc.simulate(scenario, plan.design, replications=2, seed=seed + i)
        resident.append(resident_mb())
        if i % 50 == 49:
            print(f"  {i + 1} rounds, {resident[-1]:.0f} MB", file=sys.stderr, flush=True)
    quarters = [f"{resident[len(resident) * k // 4 - 1]:.0f}" for k in (1, 2, 3, 4)]
    return (f"{runs} rounds of {', '.join(names)}: {resident[0]:.0f} MB after the first, {', '.join(quarters)} MB after each quarter; "
            f"{resident[-1] - resident[min(50, runs - 1)]:.0f} MB more than after the first 50")  # fmt: skip


def saves(runs: int = 50, seed: int = 22) -> str:
    """Kills while a plan is saved: the old file or the new one, whole."""
    from test_files import killed_while_saving

    with tempfile.TemporaryDirectory() as folder:
        seen = killed_while_saving(Path(folder) / "plan.json", runs, np.random.default_rng(seed))
    return f"{runs} kills while saving: {seen} files found, all whole"


def threads(runs: int = 10, **_: int) -> str:
    """Eight threads that solve at once."""
    from test_threads import costs_of_threads

    began = time.monotonic()
    costs = costs_of_threads(8, runs)
    return f"8 threads x {runs} runs: {len(costs)} ended, {len(set(costs))} different cost, {time.monotonic() - began:.0f} s"


def cluster(runs: int = 10, **_: int) -> str:
    """The tests with a real scheduler and workers that are killed, again and again."""
    words = [sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/unit/studies/test_sweeps_cluster.py"]
    passed = 0
    for run in range(1, runs + 1):
        done = subprocess.run(words, cwd=HERE.parents[1], capture_output=True, text=True, check=False)
        passed += done.returncode == 0
        said = done.stdout.strip().splitlines()
        print("\n".join([f"  run {run}: {said[-1]}", *(said[-60:] if done.returncode else [])]), file=sys.stderr, flush=True)
    return f"cluster: {passed} of {runs} runs passed"


PARTS = {f.__name__: f for f in (interrupts, documents, limits, leak, rounds, saves, threads, cluster)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), choices=PARTS, metavar="part")
    parser.add_argument("--runs", type=int, help="instead of the number that the part asks for")
    parser.add_argument("--seed", type=int)
    asked = parser.parse_args()
    given = {k: v for k, v in (("runs", asked.runs), ("seed", asked.seed)) if v is not None}
    for name in asked.parts:
        print(PARTS[name](**given), flush=True)


if __name__ == "__main__":
    main()
