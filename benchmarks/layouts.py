"""Compare layouts on the packaged instances: cost, bound, gap, service by both judges, seconds.

``python benchmarks/layouts.py --smoke`` runs the tiny instances in under a minute;
``python benchmarks/layouts.py --output benchmarks/layouts.csv`` runs all of them. Every row carries the commit, the
versions and the seed. ``--catalogue`` writes better best-known values into the catalogue of the instances.

Layouts: *today* is `ccopt.baseline`; *separate* lets each region use only its own site (today's, else the one with the
cheapest link); *merged* is one site for everything, as if its building and labour pool were large enough; *dedicated*
has one contact type per agent; *optimised* is free; *optimised N-1* survives the loss of any one site.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ccopt as cc

SMOKE = ("two-sites", "tiny-tiers")
COLUMNS = (
    "instance", "layout", "status", "sites", "agents_peak", "cost_per_year", "revenue_per_year", "lower_bound", "gap",
    "meets_targets", "service_queueing", "service_simulated", "half_width", "worst_cell", "seconds", "seconds_limit",
    "seed", "commit", "ccopt", "highs", "date",
)  # fmt: skip
Row = dict[str, Any]


def changed(s: cc.Scenario, **parts: Any) -> cc.Scenario:
    """A checked copy of a scenario with some blocks replaced."""
    return type(s).model_validate_json(json.dumps(s.model_dump(mode="json", exclude_unset=True) | parts))


def own_sites(s: cc.Scenario) -> dict[str, set[str]]:
    """The sites of each region: today's, else the one with the cheapest allowed link."""
    own: dict[str, set[str]] = {}
    if s.existing:
        for a in s.existing.assignments:
            own.setdefault(a.region, set()).add(a.site)
    links = {(k.region, k.site): k for k in s.links}

    def price(region: str, site: str) -> float:
        link = links.get((region, site))
        return float("inf") if link and not link.allowed else link.cost_per_contact if link else 0.0

    for region in dict.fromkeys(d.region for d in s.demand):
        if region not in own:
            own[region] = {min(s.sites, key=lambda x: price(region, x.name)).name}
    return own


def separate(s: cc.Scenario) -> cc.Scenario:
    """Each region only reaches its own sites."""
    own = own_sites(s)
    kept = [k.model_dump(mode="json", exclude_unset=True) for k in s.links if k.site in own.get(k.region, set())]
    bans = [{"region": r, "site": x.name, "allowed": False} for r in own for x in s.sites if x.name not in own[r]]
    return changed(s, links=kept + bans)


def merged(s: cc.Scenario) -> cc.Scenario:
    """One site, large enough and for all skill sets; a temporary site stays temporary."""
    gone = ("seats", "labour_pool", "skill_sets")
    sites = [
        {k: v for k, v in x.model_dump(mode="json", exclude_unset=True).items() if k not in gone} for x in s.sites
    ]
    return changed(s, sites=sites, limits=[{"kind": "max_sites", "value": 1}])


def dedicated(s: cc.Scenario) -> cc.Scenario:
    """One contact type per agent; a type without such a skill set gets one with all factors 1."""
    single = [k.model_dump(mode="json", exclude_unset=True) for k in s.skill_sets if len(k.contact_types) == 1]
    have = {k["contact_types"][0] for k in single}
    new = [{"name": f"{c.name} only", "contact_types": [c.name]} for c in s.contact_types if c.name not in have]
    names = [k["name"] for k in new]
    keep = {k["name"] for k in single}
    sites = []
    for x in s.sites:
        row = x.model_dump(mode="json", exclude_unset=True)
        if row.get("skill_sets") is not None:
            row["skill_sets"] = [k for k in row["skill_sets"] if k in keep] + names
        sites.append(row)
    return changed(s, skill_sets=single + new, sites=sites)


Layout = tuple[str, Callable[[cc.Scenario], cc.Scenario], tuple[Any, ...]]


def layouts() -> list[Layout]:
    """Names, changes of the scenario and limits of all layouts but today's."""
    return [
        ("separate", separate, ()), ("merged", merged, ()), ("dedicated", dedicated, ()),
        ("optimised", lambda s: s, ()), ("optimised N-1", lambda s: s, (cc.SurviveSiteLoss(),)),
    ]  # fmt: skip


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


def compare(name: str, wanted: Iterable[str], *, seconds: float, replications: int, seed: int) -> list[Row]:
    """All rows of one instance."""
    s = cc.load_instance(name)
    rows: list[Row] = []
    if s.existing and "today" in wanted:
        began = time.monotonic()
        design = cc.baseline(s)
        rows.append({"layout": "today", "status": "given", "seconds": time.monotonic() - began}
                    | judged(s, design, replications=replications, seed=seed))  # fmt: skip
    for layout, change, limits in layouts():
        if layout not in wanted:
            continue
        began = time.monotonic()
        row: Row = {"layout": layout, "seconds_limit": seconds}
        try:
            variant = change(s)
            plan = cc.optimise(variant, gap=0.001, time_limit_s=seconds, limits=limits, seed=seed)
        except cc.CcoptError as error:
            row |= {"status": f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"}
        else:
            row |= {"status": plan.status, "lower_bound": plan.lower_bound, "gap": plan.gap,
                    "highs": plan.provenance.get("highs")}  # fmt: skip
            row["seconds"] = time.monotonic() - began
            row |= judged(variant, plan.design, replications=replications, seed=seed)
        row.setdefault("seconds", time.monotonic() - began)
        rows.append(row)
    stamp = {"instance": name, "seed": seed, "commit": commit(), "ccopt": cc.__version__, "date": str(dt.date.today())}
    return [stamp | r for r in rows]


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
            old = {(r["instance"], r["layout"]): r for r in csv.DictReader(file)}
    beside = path.with_suffix(".part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows((old | new).values())
    beside.replace(path)


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
    p.add_argument("--catalogue", action="store_true", help="write better best-known values")
    a = p.parse_args(argv)
    seconds, replications = (5.0, 5) if a.smoke else (a.seconds, a.replications)
    rows: list[Row] = []
    for name in SMOKE if a.smoke else a.instances:
        found = compare(name, a.layouts, seconds=seconds, replications=replications, seed=a.seed)
        rows += found
        for r in found:
            print(name, *(f"{k}={shown(r[k])}" for k in COLUMNS[1:15] if r.get(k) not in (None, "")), file=sys.stderr)
        if a.output:
            write(found, a.output)
    if a.catalogue:
        print("catalogue:", ", ".join(update_catalogue(rows)) or "nothing better", file=sys.stderr)
    if not a.output:
        out = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows({c: shown(r.get(c, "")) for c in COLUMNS} for r in rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
