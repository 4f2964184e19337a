"""`report`: one page that opens offline, and one workbook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ccopt.design import Design, Plan
from ccopt.kpis import Evaluation, Violation
from ccopt.reporting.facts import (
    LEAF_NAMES,
    LEAVES,
    Facts,
    bridge_steps,
    certainty,
    decision,
    leaf_totals,
    site_rows,
    three_values,
)
from ccopt.reporting.figures import Place, bridge, heat_map, network_map
from ccopt.routing.findings import Finding
from ccopt.routing.flows import propagate
from ccopt.scenario.entities import Scenario
from ccopt.scenario.writing import write_whole

MOST_FLOWS = 400


@dataclass(frozen=True, slots=True)
class Report:
    """A report that can be written as a page or a workbook."""

    facts: Facts

    def to_html(self, path: str | Path) -> Path:
        """Write the page (offline, no request) and return its path."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, self.html().encode("utf-8"))
        return target

    def html(self) -> str:
        """The page as text."""
        environment = Environment(
            loader=PackageLoader("ccopt.reporting", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        return environment.get_template("page.html.j2").render(**_context(self.facts))

    def to_workbook(self, path: str | Path) -> Path:
        """Write the workbook and return its path."""
        from ccopt.reporting.workbook import write_result

        return write_result(self.facts, Path(path))

    def _repr_html_(self) -> str:
        return self.html()


def report(
    *, scenario: Scenario, plan: Plan, evaluation: Evaluation, simulation: Evaluation | None = None,
    today: Evaluation | None = None, today_design: Design | None = None, findings: Sequence[Finding] = (),
    contradictions: Sequence[Violation] = (),
) -> Report:  # fmt: skip
    """Gather what a client reads.

    Parameters
    ----------
    scenario, plan, evaluation
        What was given, what was chosen, and the analytic judge.
    simulation
        The second judge; the page says where the two differ.
    today, today_design
        The layout of today, for the bridge and the map.
    findings, contradictions
        Of the routing graph and of the simulation.
    """
    return Report(
        Facts(
            scenario=scenario, plan=plan, evaluation=evaluation, simulation=simulation, today=today,
            today_design=today_design, findings=tuple(findings), contradictions=tuple(contradictions),
        )
    )  # fmt: skip


def money(value: float) -> str:
    """Money with thousands and two decimals."""
    return f"{value:,.2f}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share in percent; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def _context(f: Facts) -> dict[str, Any]:
    problems = [v.message for v in f.evaluation.violations]
    problems += [f"contradicted by simulation: {v.message}" for v in f.contradictions]
    return {
        "title": f"{f.scenario.title or f.scenario.name} – plan", "heading": f.scenario.title or f.scenario.name,
        "decision": decision(f), "certainty": certainty(f), "question": f.scenario.question, "cards": _cards(f),
        "problems": problems[:40], "currency": f.currency, "has_today": f.today is not None,
        "saving": money(f.saving or 0.0) + f" {f.currency}", "bridge": _bridge(f), "leaves": _leaves(f),
        "maps": _maps(f), "sites": [_site(r) for r in site_rows(f)], "staffing": _staffing(f),
        "values": [_values(r) for r in three_values(f)], "findings": f.findings[:60],
        "assumptions": f.scenario.assumptions, "horizon": f"{f.scenario.horizon.years:g}",
        "bases": ", ".join(sorted({r.basis for r in f.evaluation.contact_types})) or "offered",
        "provenance": json.dumps(f.plan.provenance, indent=1, sort_keys=True),
    }  # fmt: skip


def _cards(f: Facts) -> list[dict[str, str]]:
    agents = sum(s.agents_peak for s in f.evaluation.sites)
    cards = [{"value": f"{f.plan.cost_per_year / 1e6:,.2f} m", "label": f"{f.currency} a year"}]
    if f.saving is not None:
        cards.append({"value": f"{f.saving / 1e6:,.2f} m", "label": f"{f.currency} a year less than today"})
    cards.append({"value": percent(f.plan.gap, 2), "label": "gap to the proven lower bound"})
    cards.append({"value": str(len(f.plan.design.open_sites)), "label": "open sites"})
    cards.append({"value": f"{agents:,}", "label": "agents at the sites' peaks"})
    if f.plan.revenue_per_year:
        cards.append({"value": f"{f.plan.revenue_per_year / 1e6:,.2f} m", "label": "revenue a year"})
    return cards


def _bridge(f: Facts) -> str:
    if f.today is None:
        return ""
    return bridge(
        ("today", f.today.cost_per_year), bridge_steps(f.today.costs, f.plan.costs), ("plan", f.plan.cost_per_year)
    )


def _leaves(f: Facts) -> list[dict[str, str]]:
    if f.today is None:
        return []
    before, after = leaf_totals(f.today.costs), leaf_totals(f.plan.costs)
    rows = [
        {"name": LEAF_NAMES[k], "today": money(before.get(k, 0.0)), "plan": money(after.get(k, 0.0)),
         "change": money(after.get(k, 0.0) - before.get(k, 0.0))}
        for k in LEAVES if k in before or k in after
    ]  # fmt: skip
    total = (sum(before.values()), sum(after.values()))
    return [*rows, {"name": "total", "today": money(total[0]), "plan": money(total[1]),
                    "change": money(total[1] - total[0])}]  # fmt: skip


def _maps(f: Facts) -> list[dict[str, str]]:
    areas = [
        Place(name=r.name, latitude=r.latitude, longitude=r.longitude) for r in f.scenario.regions
        if r.latitude is not None and r.longitude is not None
    ]  # fmt: skip
    placed = [s for s in f.scenario.sites if s.latitude is not None and s.longitude is not None]
    if not areas or not placed:
        return []
    maps = []
    shown = [("today", f.today_design, f.today), ("plan", f.plan.design, f.evaluation)]
    for name, design, judged in shown:
        if design is None or judged is None:
            continue
        size = {s.site: float(s.agents_peak) for s in judged.sites}
        sites = [
            Place(name=s.name, latitude=float(s.latitude or 0), longitude=float(s.longitude or 0),
                  size=size.get(s.name, 0.0), state="open" if s.name in design.open_sites else "closed")
            for s in placed
        ]  # fmt: skip
        caption = f"{'Today' if name == 'today' else 'Plan'}: {len(design.open_sites)} sites (blue, by agents at peak)"
        caption += "; hollow circles are closed; lines show contacts." if name == "plan" else "."
        maps.append({"svg": network_map(areas, sites, _flows(f.scenario, design), caption), "caption": caption})
    return maps


def _flows(scenario: Scenario, design: Design) -> list[tuple[str, str, float]]:
    hours = [p.hours_per_year for p in scenario.periods]
    total: dict[tuple[str, str], float] = {}
    for row in propagate(scenario, design, lambda *_: 1.0):
        key = (row.region, row.site)
        total[key] = total.get(key, 0.0) + sum(h * x for h, x in zip(hours, row.offered, strict=True))
    largest = sorted(((r, s, v) for (r, s), v in total.items()), key=lambda x: -x[2])
    return largest[:MOST_FLOWS]


def _staffing(f: Facts) -> str:
    rows = [f"{g.site} · {g.skill_set}" for g in f.plan.design.groups]
    columns = [p.name for p in f.scenario.periods]
    values = {
        (row, column): float(n) for row, g in zip(rows, f.plan.design.groups, strict=True)
        for column, n in zip(columns, g.agents, strict=True)
    }  # fmt: skip
    return heat_map(rows, columns, values, "Agents present by group and period")


def _site(r: dict[str, Any]) -> dict[str, str]:
    return {
        "site": r["site"], "state": r["state"], "today_agents": str(r["today_agents"] or "–"),
        "plan_agents": str(r["plan_agents"] or "–"), "seats": "–" if r["seats"] is None else str(r["seats"]),
        "contacts": f"{r['contacts']:,.0f}" if r["contacts"] else "–",
        "today_cost": money(r["today_cost"]) if r["today_cost"] else "–",
        "plan_cost": money(r["plan_cost"]) if r["plan_cost"] else "–",
    }  # fmt: skip


def _values(r: dict[str, Any]) -> dict[str, str]:
    def seconds(value: float | None) -> str:
        return "–" if value is None else f"{value:.1f} s"

    width = "" if r["half_width"] is None else f" ± {100 * r['half_width']:.1f}"
    word = {True: "agrees", False: "differs", None: ""}[r["agrees"]]
    return {
        "contact_type": r["contact_type"], "period": r["period"],
        "promised": "–" if r["promised"] is None else f"{100 * r['promised']:g} % in {r['awt_s']:g} s",
        "analytic": percent(r["analytic"]), "simulated": percent(r["simulated"]) + width,
        "ab_a": percent(r["analytic_abandonment"], 2), "ab_s": percent(r["simulated_abandonment"], 2),
        "asa_a": seconds(r["analytic_asa_s"]), "asa_s": seconds(r["simulated_asa_s"]), "word": word,
        "css": {"agrees": "ok", "differs": "bad"}.get(word, ""),
    }  # fmt: skip
