"""Compare layouts on the packaged instances: cost, bound, gap, service by both judges, seconds.

``python benchmarks/layouts.py --smoke`` runs the tiny instances in under a minute;
``python benchmarks/layouts.py --output benchmarks/layouts.csv`` runs all of them. Each row is printed and written when it is
done, and carries the commit, the versions and the seed; ``--resume`` keeps the rows of the file that have the same
commit, seed and time limit. ``--catalogue`` writes better best-known values into the catalogue of the instances, and
``--table`` prints the table of `benchmarks/README.md` from the file, without a run.

Layouts: *today* is `ccopt.baseline`, the others are those of `layout_variants`. A layout that changes nothing against one
before it (one contact type: pairs are dedicated) is solved once and gets the same figures.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import math
import subprocess
import sys
import time
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import ccopt as cc

sys.path.insert(0, str(Path(__file__).parent))
from layout_variants import Row, by_rule, layouts

SMOKE = ("two-sites", "tiny-tiers")
COLUMNS = (
    "instance", "layout", "status", "sets_by_rule", "sites", "agents_peak", "cost_per_year", "revenue_per_year", "lower_bound", "gap",
    "meets_targets", "service_queueing", "service_simulated", "half_width", "worst_cell", "seconds", "seconds_limit",
    "seed", "commit", "ccopt", "highs", "date",
)  # fmt: skip


def service(s: cc.Scenario, found: cc.Evaluation) -> tuple[float | None, float | None, float]:
    """Contact-weighted service level of the cells, the lowest one, and the half-width of the mean (cells independent).

    Only contact types that have targets: work without a promise has no service level worth a mean.
    """
    asked = {c.name for c in s.contact_types if c.targets}
    rows = [
        (c.contacts_per_hour, c.service_level, c)
        for c in found.cells
        if c.service_level is not None and c.name in asked
    ]
    total = sum(w for w, _, _ in rows)
    if not total:
        return None, None, 0.0
    half = math.sqrt(sum((w * c.half_width.get("service_level", 0.0)) ** 2 for w, _, c in rows)) / total
    return sum(w * x for w, x, _ in rows) / total, min(x for _, x, _ in rows), half


def judged(s: cc.Scenario, design: cc.Design, *, replications: int, seed: int) -> Row:
    """Both judges on a design."""
    paper = cc.evaluate(s, design)
    played = cc.simulate(s, design, replications=replications, seed=seed)
    expected, worst, _ = service(s, paper)
    seen, _, half = service(s, played)
    return {
        "sites": len(design.open_sites), "agents_peak": sum(max(g.agents) for g in design.groups),
        "cost_per_year": paper.cost_per_year, "revenue_per_year": paper.revenue_per_year,
        "meets_targets": paper.meets_targets, "service_queueing": expected, "service_simulated": seen,
        "half_width": half, "worst_cell": worst,
    }  # fmt: skip


def given(s: cc.Scenario, *, replications: int, seed: int) -> Row:
    """The layout of today."""
    began = time.monotonic()
    design = cc.baseline(s)
    seconds = time.monotonic() - began
    return {"status": "given", "seconds": seconds} | judged(s, design, replications=replications, seed=seed)


def solved(s: cc.Scenario, limits: tuple[Any, ...], *, seconds: float, replications: int, seed: int) -> Row:
    """A layout with its bound, and both judges; what the optimiser says where it has no design."""
    began = time.monotonic()
    try:
        plan = cc.optimise(s, gap=0.001, time_limit_s=seconds, limits=limits, seed=seed)
    except cc.CcoptError as error:
        words = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
        return {"status": words, "seconds": time.monotonic() - began}
    row: Row = {"status": plan.status, "lower_bound": plan.lower_bound, "gap": plan.gap,
                "highs": plan.provenance.get("highs"), "seconds": time.monotonic() - began}  # fmt: skip
    return row | judged(s, plan.design, replications=replications, seed=seed)


def compare(
    name: str, wanted: Container[str], *, seconds: float, replications: int, seed: int
) -> Iterator[Row]:
    """The rows of one instance, each when it is done."""
    s = cc.load_instance(name)
    stamp = {"instance": name, "seed": seed, "commit": commit(), "ccopt": cc.__version__, "date": str(dt.date.today())}
    if s.existing and "today" in wanted:
        yield stamp | {"layout": "today"} | given(s, replications=replications, seed=seed)
    known: dict[object, Row] = {}
    for layout, change, limits in layouts():
        if layout not in wanted:
            continue
        head = stamp | {"layout": layout, "seconds_limit": seconds}
        try:
            variant = change(s)
        except cc.ScenarioError as error:
            yield head | {"status": f"not a scenario: {' '.join(str(error).split())[:160]}", "seconds": 0.0}
            continue
        key = variant.model_dump_json(), limits
        if key not in known:
            known[key] = solved(variant, limits, seconds=seconds, replications=replications, seed=seed)
        yield head | {"sets_by_rule": "; ".join(by_rule(s, variant))} | known[key]


def commit() -> str:
    """Short hash of the checked-out commit, with + where the package was changed since; empty outside a repository."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(Path(__file__).parents[1]), *words]
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()

    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "--", "ccopt/*.py") else "")


def shown(value: Any) -> Any:
    """Numbers with nine digits, whole money."""
    return f"{value:.9g}" if isinstance(value, float) else value


def write(rows: list[Row], path: Path) -> None:
    """Write a CSV file, replacing rows of the same instances and layouts and keeping the others."""
    new = {(r["instance"], r["layout"]): {c: shown(r.get(c, "")) for c in COLUMNS} for r in rows}
    old: dict[tuple[str, str], Row] = {}
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            old = {(r["instance"], r["layout"]): {c: r.get(c, "") for c in COLUMNS} for r in csv.DictReader(file)}
    beside = path.with_suffix(".part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows((old | new).values())
    beside.replace(path)


def finished(path: Path | None, wanted: Row) -> set[tuple[str, str]]:
    """Instances and layouts of a file whose rows have the wanted commit, seed and limit (today's layout has no limit)."""
    if path is None or not path.exists():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (r["instance"], r["layout"]) for r in csv.DictReader(file)
            if all(r[k] == str(shown(v)) or (k == "seconds_limit" and not r[k]) for k, v in wanted.items())
        }  # fmt: skip


def update_catalogue(rows: list[Row]) -> list[str]:
    """Write cheaper designs and higher bounds of the free layout into the catalogue; names that changed."""
    from ccopt.scenario.instances.catalogue import read_catalogue, write_catalogue

    catalogue, done = read_catalogue(), []
    for entry in catalogue:
        row = next((r for r in rows if r["instance"] == entry["name"] and r["layout"] == "optimised"), None)
        if row is None or row.get("gap") is None:
            continue
        known = entry["best_known"]
        cost, bound = float(row["cost_per_year"]), float(row["lower_bound"])
        earned = float(row["revenue_per_year"])
        if known:
            if known["status"] == "optimal" or (known["cost_per_year"] - known["revenue_per_year"] < cost - earned):
                cost, earned = known["cost_per_year"], known["revenue_per_year"]
            bound = max(bound, known["lower_bound"])
        gap = max(0.0, (cost - earned - bound) / cost)
        status = "optimal" if gap <= 1e-6 else "best_found"
        best = {
            "cost_per_year": cost, "revenue_per_year": earned, "lower_bound": bound, "gap": gap, "status": status,
            "date": row["date"], "note": (known or {}).get("note") or f"certified by ccopt {row['ccopt']}",
        }  # fmt: skip
        if {**best, "date": ""} != {**(known or {}), "date": ""}:
            entry["best_known"] = best
            done.append(entry["name"])
    write_catalogue(catalogue)
    return done


def table(path: Path) -> str:
    """The rows of a file in Markdown: cost less revenue in millions a year, and how the free layout stands."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = {(r["instance"], r["layout"]): r for r in csv.DictReader(file)}
    names = ["today", *(x[0] for x in layouts())]
    lines = [
        f"| instance | {' | '.join(names)} | sites | gap | service, queueing / simulated | s |",
        f"|{'---|' * (len(names) + 5)}",
    ]
    for instance in dict.fromkeys(name for name, _ in rows):
        free = rows.get((instance, "optimised"), {})
        cells = [_money(rows.get((instance, layout))) for layout in names]
        level = "-"
        if free.get("service_queueing"):
            shares = (100 * float(free[k]) for k in ("service_queueing", "service_simulated", "half_width"))
            level = "{:.1f} / {:.1f} +- {:.1f}".format(*shares)
        gap = f"{100 * float(free['gap']):.2f} %" if free.get("gap") else "-"
        seconds = f"{float(free['seconds']):.0f}" if free.get("seconds") else "-"
        lines.append(f"| {instance} | {' | '.join(cells)} | {free.get('sites') or '-'} | {gap} | {level} | {seconds} |")
    return "\n".join(lines)


def _money(row: Row | None) -> str:
    """Net millions of a row, marked where a skill set is by the rule; why there is no design."""
    if row is None:
        return "-"
    if not row["cost_per_year"]:
        words = {"InfeasibleError": "none", "SolverError": "not found"}
        return words.get(row["status"].split(":")[0], "no scenario")
    net = float(row["cost_per_year"]) - float(row["revenue_per_year"])
    return f"{net / 1e6:.3f}" + ("\\*" if row["sets_by_rule"] else "")


def main(argv: list[str] | None = None) -> int:
    names = [i.name for i in cc.list_instances()]
    every = ["today", *(x[0] for x in layouts())]
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--smoke", action="store_true", help="tiny instances, few contacts")
    p.add_argument("--instances", nargs="+", default=names, choices=names)
    p.add_argument("--layouts", nargs="+", default=every, choices=every)
    p.add_argument("--seconds", type=float, default=60.0, help="time limit of each optimisation")
    p.add_argument("--replications", type=int, default=20)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--output", type=Path, help="CSV file; standard output without it")
    p.add_argument("--resume", action="store_true", help="keep the rows of this commit, seed and limit in the file")
    p.add_argument("--catalogue", action="store_true", help="write better best-known values")
    p.add_argument("--table", action="store_true", help="print the rows of the file in Markdown and stop")
    a = p.parse_args(argv)
    if a.table:
        print(table(a.output or Path(__file__).with_suffix(".csv")))
        return 0
    seconds, replications = (5.0, 5) if a.smoke else (a.seconds, a.replications)
    same = {"commit": commit(), "seed": a.seed, "seconds_limit": seconds}
    done = finished(a.output, same) if a.resume else set()
    rows: list[Row] = []
    for name in SMOKE if a.smoke else a.instances:
        wanted = [layout for layout in a.layouts if (name, layout) not in done]
        for row in compare(name, wanted, seconds=seconds, replications=replications, seed=a.seed):
            rows.append(row)
            print(*(f"{k}={shown(row[k])}" for k in COLUMNS[:17] if row.get(k) not in (None, "")), file=sys.stderr, flush=True)
            if a.output:
                write([row], a.output)
    if a.catalogue:
        print("catalogue:", ", ".join(update_catalogue(rows)) or "nothing better", file=sys.stderr)
    if not a.output:
        out = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows({c: shown(r.get(c, "")) for c in COLUMNS} for r in rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
