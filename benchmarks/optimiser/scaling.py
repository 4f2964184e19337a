"""Memory and time of the optimiser over the size of the network: ``python benchmarks/optimiser/scaling.py [--output FOLDER]``.

Networks of 5 to 200 sites with as many contact types, 1.2 skill sets per type, four periods, six skill sets at a site. Each
size runs in a process of its own: arrays of the problem, Pyomo model, its arrays (compile), a first design, ten evaluations
of the bound by prices (processor seconds of each), then a whole run of ``optimise`` with a limit of ``--limit`` seconds (wall
clock, processor seconds, gap; infinite without a design). Memory is the largest of the process beyond that of program, kernels
and network (Linux).
Slopes over the sites are exponents of a power, fitted to the three largest sizes. Writes ``scaling.csv`` and ``scaling.svg``;
``--sites 5 10`` measures these only, ``--smoke`` two small sizes.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import math
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from gaps import commit
from networks import Size, network

SITES = (5, 10, 20, 50, 100, 200)
STAGES = ("problem_s", "model_s", "compile_s", "first_design_s", "ten_bounds_s")


def resident_mb(word: str) -> float:
    """Memory of this process: now (VmRSS) or the largest since it was forgotten (VmHWM)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(word)).split()[1]) / 1024


def forget_peak() -> float:
    """Begin a new largest memory; the memory of now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    return resident_mb("VmRSS")


def measure(sites: int, limit_s: float) -> dict[str, float]:
    """One size, in this process."""
    import ccopt as cc
    from ccopt.optimisation.aggregation import aggregate
    from ccopt.optimisation.build import build_problem
    from ccopt.optimisation.construct import constructed
    from ccopt.optimisation.formulation import build_model, compile_model
    from ccopt.optimisation.lagrangian import lagrangian_bound

    size = Size(sites=sites, types=sites, skills=round(1.2 * sites), periods=4, per_site=6, seconds=0, target=0)
    scenario, before = network(size, 1, ()), forget_peak()
    times = [time.process_time()]
    problem = build_problem(scenario)
    times.append(time.process_time())
    aggregated = aggregate(problem)
    model = build_model(aggregated.problem)
    times.append(time.process_time())
    arrays = compile_model(model, aggregated.problem).arrays
    times.append(time.process_time())
    constructed(aggregated)
    times.append(time.process_time())
    lagrangian_bound(aggregated.problem, deadline=float("inf"), max_evaluations=10)
    times.append(time.process_time())
    stages_mb, began = resident_mb("VmHWM") - before, time.perf_counter()
    gap: float | None = None
    with contextlib.suppress(cc.SolverError):  # no design in time
        gap = cc.optimise(scenario, gap=1e-4, time_limit_s=limit_s).gap
    return {
        "sites": sites, "rows": arrays.matrix.shape[0], "columns": arrays.matrix.shape[1], "entries": int(arrays.matrix.nnz),
        **dict(zip(STAGES, np.diff(times).round(3).tolist(), strict=True)),
        "stages_mb": round(stages_mb, 1), "optimise_wall_s": round(time.perf_counter() - began, 1),
        "optimise_cpu_s": round(time.process_time() - times[-1], 1), "gap": round(gap, 4) if gap is not None else math.inf,
        "optimise_mb": round(resident_mb("VmHWM") - before, 1),
    }  # fmt: skip


def apart(sites: int, limit_s: float) -> dict[str, float]:
    """One size in a process of its own, after a small one that loads the kernels."""
    code = f"import json, scaling; scaling.measure(5, 2.0); print(json.dumps(scaling.measure({sites}, {limit_s})))"
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parent)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def slope(rows: list[dict[str, float]], name: str) -> float:
    """Exponent of ``name`` over the sites in the three largest sizes."""
    last = [r for r in rows[-3:] if r[name] > 0]
    if len(last) < 2:
        return math.nan
    return float(np.polyfit(np.log([r["sites"] for r in last]), np.log([r[name] for r in last]), 1)[0])


def picture(rows: list[dict[str, float]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
    sites = [r["sites"] for r in rows]
    for name in STAGES:
        label = f"{name[:-2].replace(chr(95), chr(32))}, slope {slope(rows, name):.1f}"
        left.loglog(sites, [max(r[name], 1e-3) for r in rows], marker="o", label=label)
    left.set(xlabel="sites", ylabel="processor seconds")
    left.legend(fontsize=7)
    for name, label in (("stages_mb", "stages"), ("optimise_mb", "whole run")):
        right.loglog(sites, [max(r[name], 0.1) for r in rows], marker="o", label=f"{label}, slope {slope(rows, name):.1f}")
    right.set(xlabel="sites", ylabel="memory beside program and kernels, MB")
    right.legend(fontsize=7)
    for axes in (left, right):
        axes.set_xticks(sites, [f"{n:g}" for n in sites])
        axes.minorticks_off()
    fig.tight_layout()
    fig.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    parser.add_argument("--sites", type=int, nargs="*", default=SITES, help="sizes to measure")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds of a whole run")
    parser.add_argument("--smoke", action="store_true")
    asked = parser.parse_args()
    limit = 2.0 if asked.smoke else asked.limit
    apart(5, 2.0)  # compiles what is not compiled yet
    rows = []
    for sites in (5, 8) if asked.smoke else asked.sites:
        rows.append(apart(sites, limit))
        print(rows[-1], flush=True)
    asked.output.mkdir(parents=True, exist_ok=True)
    with (asked.output / "scaling.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, fieldnames=[*rows[0], "commit"])
        out.writeheader()
        out.writerows({**r, "commit": commit()} for r in rows)
    picture(rows, asked.output / "scaling.svg")
    print("slopes over the three largest sizes:", {n: round(slope(rows, n), 2) for n in (*STAGES, "stages_mb", "optimise_mb", "entries")})


if __name__ == "__main__":
    main()
