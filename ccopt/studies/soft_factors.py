"""Soft factors beside the money: weighted scores of a layout, never mixed into its cost."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from ccopt.design import Design, Plan
from ccopt.scenario.entities import Scenario
from ccopt.studies.distances import agent_hours


def soft_scores(scenario: Scenario, designs: Mapping[str, Design | Plan]) -> pd.DataFrame:
    """One row per design: the score of each soft factor (0 to 10), the weighted mean, and the cost beside it.

    A design scores the mean of its sites weighted by agent-hours; sites without a score are left out of the mean, and
    ``scored`` says what share of the agent-hours has one. Cost and score stand in different columns and no column adds
    them: what a point of score is worth is for the board to say.

    Examples
    --------
    >>> import ccopt as cc
    >>> from ccopt.scenario.transition import SiteScore, SoftFactor
    >>> s = cc.load_instance("two-sites")
    >>> risk = SoftFactor(name="risk", weight=2.0, scores=(SiteScore(site="east", score=6.0),))
    >>> float(soft_scores(s.model_copy(update={"soft_factors": (risk,)}), {"plan": cc.optimise(s)}).loc["plan", "score"])
    6.0
    """
    return pd.DataFrame.from_dict(
        {name: _row(scenario, d) for name, d in designs.items()}, orient="index"
    ).rename_axis("plan")  # fmt: skip


def _row(scenario: Scenario, plan: Design | Plan) -> dict[str, float | None]:
    design = plan.design if isinstance(plan, Plan) else plan
    hours: dict[str, float] = {}
    for (site, _), h in agent_hours(scenario, design).items():
        hours[site] = hours.get(site, 0.0) + h
    row: dict[str, float | None] = {"cost_per_year": plan.cost_per_year if isinstance(plan, Plan) else None}
    parts, known = [], 0.0
    for factor in scenario.soft_factors:
        scores = {s.site: s.score for s in factor.scores if s.site in hours}
        weight = math.fsum(hours[s] for s in scores)
        value = math.fsum(scores[s] * hours[s] for s in scores) / weight if weight else None
        row[factor.name] = value
        if value is not None:
            parts.append((factor.weight, value))
        known += weight
    total = math.fsum(w for w, _ in parts)
    row["score"] = math.fsum(w * v for w, v in parts) / total if total else None
    everything = math.fsum(hours.values()) * len(scenario.soft_factors)
    row["scored"] = known / everything if everything else None
    return row
