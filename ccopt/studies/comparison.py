"""Evaluations side by side."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ccopt.design import Design, Plan
from ccopt.kpis import Evaluation
from ccopt.scenario.entities import Scenario


def compare(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """One row per evaluation: cost, revenue, targets, sites, agents, seats, and the service of each contact type.

    Service level and abandonment are contact-weighted over the periods, ASA over answered contacts; for information,
    targets hold per group.
    """
    return pd.DataFrame.from_dict({name: _row(e) for name, e in evaluations.items()}, orient="index")


def _row(e: Evaluation) -> dict[str, object]:
    row: dict[str, object] = {
        "cost_per_year": e.cost_per_year, "revenue_per_year": e.revenue_per_year, "meets_targets": e.meets_targets,
        "violations": len(e.violations), "sites": len(e.sites),
        "agents_peak": sum(s.agents_peak for s in e.sites), "seats_used": sum(s.seats_used for s in e.sites),
        "paid_hours_per_year": sum(s.paid_hours_per_year for s in e.sites),
    }  # fmt: skip
    for name in dict.fromkeys(r.name for r in e.contact_types):
        rows = [r for r in e.contact_types if r.name == name and r.period is None]
        rows = rows or [r for r in e.contact_types if r.name == name]
        weight = sum(r.contacts_per_hour for r in rows) or 1.0
        known = [r for r in rows if r.service_level is not None]
        if known:
            row[f"service_level {name}"] = sum((r.service_level or 0.0) * r.contacts_per_hour for r in known) / weight
        row[f"abandonment {name}"] = sum(r.abandonment * r.contacts_per_hour for r in rows) / weight
    return row


def compare_designs(
    scenario: Scenario, designs: Mapping[str, Design | Plan], *, replications: int = 0, seed: int = 7
) -> pd.DataFrame:
    """Designs of one scenario side by side: what the evaluation says, the bound of a plan, and the simulation beside it.

    Parameters
    ----------
    scenario, designs
        Plans or bare designs by name.
    replications, seed
        Of the simulation; 0 leaves it out. Simulated columns carry the 95 % half-width beside them, and
        ``contradictions`` counts the promises that the simulation proves broken.
    """
    from ccopt.evaluation import evaluate
    from ccopt.simulation import contradictions, simulate

    plain = {name: d.design if isinstance(d, Plan) else d for name, d in designs.items()}
    table = compare({name: evaluate(scenario, d) for name, d in plain.items()}).rename_axis("design")
    for name, d in designs.items():
        if isinstance(d, Plan):
            table.loc[name, ["lower_bound", "gap"]] = [d.lower_bound, d.gap]
        if replications:
            judged = simulate(scenario, plain[name], replications=replications, seed=seed)
            table.loc[name, "contradictions"] = len(contradictions(scenario, judged, replications=replications))
            for key, value in _simulated(judged).items():
                table.loc[name, key] = value
    return table


def _simulated(e: Evaluation) -> dict[str, float | None]:
    out: dict[str, float | None] = {}
    for r in e.contact_types:
        if r.period is None and r.service_level is not None:
            out[f"simulated service_level {r.name}"] = r.service_level
            out[f"simulated half_width {r.name}"] = r.half_width.get("service_level")
    return out
