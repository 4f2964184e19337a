"""Evaluations side by side."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ccopt.kpis import Evaluation


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
