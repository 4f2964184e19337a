"""Certified gap over time on seeded random networks: ``python benchmarks/optimiser/gaps.py [sizes] [--seeds 1 2 3]``.

Writes ``gaps.csv`` (commit, versions, seed, size, cost, bound, gap, seconds, processor seconds, memory) and one picture of
gap over time per size. ``--smoke`` runs the tiny size for a few seconds. Functions that numba compiles at their first call
are compiled before, by short runs on each way of the optimiser; their seconds are not in the table.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import platform
import resource
import subprocess
import time
from pathlib import Path
from typing import Any

from networks import SIZES, VARIANTS, network

import ccopt as cc

HERE = Path(__file__).parent
FIELDS = (
    "size", "seed", "variants", "sites", "types", "skills", "periods", "cost", "lower_bound", "gap", "status", "seconds",
    "processor_s", "build_s", "memory_mb", "load_average", "commit", "ccopt", "highs", "python",
)  # fmt: skip


def commit() -> str:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=HERE)
    dirty = subprocess.run(["git", "status", "--porcelain", "ccopt"], capture_output=True, text=True, check=False,
                           cwd=HERE.parents[1])  # fmt: skip
    return (found.stdout.strip() or "unknown") + ("+" if dirty.stdout.strip() else "")


def run(name: str, seed: int, seconds: float | None) -> tuple[dict[str, Any], list[tuple[float, float]]]:
    """One run: its row and its curve (seconds, gap)."""
    size = SIZES[name]
    scenario = network(size, seed)
    curve: list[tuple[float, float]] = []
    limit = seconds or size.seconds
    began, used = time.monotonic(), time.process_time()
    built: list[float] = []

    def note(p: Any) -> None:
        built.append(time.monotonic() - began)
        if p.gap is not None:
            curve.append((time.monotonic() - began, p.gap))

    row: dict[str, Any] = {
        "size": name, "seed": seed, "variants": " ".join(VARIANTS.get(seed, ())), "sites": size.sites, "types": size.types,
        "skills": size.skills, "periods": size.periods, "commit": commit(), "ccopt": cc.__version__,
        "python": platform.python_version(), "load_average": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    try:
        plan = cc.optimise(scenario, gap=size.target, time_limit_s=limit, seed=seed, progress=note)
        row |= {
            "cost": round(plan.cost_per_year, 2), "lower_bound": plan.lower_bound, "gap": plan.gap, "status": plan.status,
            "highs": plan.provenance["highs"],
        }  # fmt: skip
    except cc.CcoptError as error:
        row |= {"status": f"{type(error).__name__}: {str(error)[:80]}", "gap": math.nan}
    row |= {
        "seconds": round(time.monotonic() - began, 1), "processor_s": round(time.process_time() - used, 1),
        "build_s": round(built[0], 2) if built else None,
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip
    return row, curve


def warm() -> None:
    """Compile (or load from the cache) what the runs need, on each way of the optimiser."""
    for name in ("tiny", "small", "medium"):
        for seed in (2, 3):
            cc.optimise(network(SIZES[name], seed), gap=0.5, time_limit_s=4.0)
    cc.optimise(network(SIZES["large"], 1), gap=0.5, time_limit_s=4.0)


def picture(name: str, curves: dict[int, list[tuple[float, float]]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 3.6))
    for seed, curve in curves.items():
        if curve:
            ax.step([s for s, _ in curve], [100.0 * max(g, 1e-5) for _, g in curve], where="post", label=f"seed {seed}")
    ax.set_yscale("log")
    ax.axhline(100.0 * SIZES[name].target, color="0.6", linewidth=1)
    ax.set(xlabel="seconds", ylabel="certified gap, %", title=f"{name}: gap over time")
    if any(curves.values()):
        ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    fig.tight_layout()
    fig.savefig(path, dpi=120)
    plt.close(fig)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", default=["small", "medium", "medium12", "large", "huge"])
    parser.add_argument("--seeds", nargs="*", type=int, default=[1, 2, 3])
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--output", type=Path, default=HERE / "gaps.csv")
    parser.add_argument("--smoke", action="store_true")
    given = parser.parse_args(arguments)
    sizes = ["tiny"] if given.smoke else given.sizes
    new = not given.output.exists()
    if not given.smoke:
        warm()
    with given.output.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS)
        if new:
            writer.writeheader()
        for name in sizes:
            curves = {}
            for seed in given.seeds:
                row, curves[seed] = run(name, seed, given.seconds)
                writer.writerow(row)
                file.flush()
                gap = "-" if row["gap"] is None or math.isnan(row["gap"]) else f"{100 * row['gap']:.2f} %"
                print(f"{name} seed {seed}: gap {gap} {row['status']} in {row['seconds']} s "
                      f"({row['processor_s']} processor s)", flush=True)  # fmt: skip
            picture(name, curves, given.output.with_name(f"gaps-{name}.png"))


if __name__ == "__main__":
    main()
