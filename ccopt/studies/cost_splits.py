"""Why two designs differ in cost: the difference by cause, summing to the total to the cent.

Labour L = H r (paid money of present hours H at mean rate r per present hour) moves for three reasons. With hours of
work W (offered load) and hours of waiting for contacts I = H - W, from design a to design b

    L_b - L_a = r_a (W_b - W_a) + r_a (I_b - I_a) + H_b (r_b - r_a)

work done by staff of one's own, pooling (scale), and the level of wages. All other causes are leaves of the cost tree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ccopt.costs import tariff_in_force
from ccopt.design import Design
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation
from ccopt.scenario.entities import Scenario

WORDS = {
    "pooling": "scale and pooling: hours that agents wait for contacts",
    "work": "work done by paid staff: handle time, and volume moved to or from contracts",
    "wages": "level of wages, shrinkage and wage factors",
    "overhead": "overhead staff",
    "contract": "contracts",
    "telecom": "telecom",
    "fixed": "fixed cost of sites",
    "seats": "seats",
    "one_off": "one-off cost of opening and closing, spread over the horizon",
    "other": "other leaves of the cost tree",
    "revenue": "revenue (less revenue counts as cost)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause of a difference: its name, what it means, and the amount a year in whole cents."""

    name: str
    words: str
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSplit:
    """The difference between two designs by cause; ``causes`` sum to ``difference`` to the cent."""

    difference: float
    causes: tuple[Cause, ...]

    def frame(self) -> pd.DataFrame:
        """One row per cause, the largest first, and the total."""
        rows = [{"cause": c.name, "amount": c.amount, "words": c.words} for c in self.causes]
        return pd.DataFrame([*rows, {"cause": "total", "amount": self.difference, "words": ""}])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labour:
    money: float
    hours: float
    work: float


def split_costs(scenario: Scenario, first: Design, second: Design, *, second_scenario: Scenario | None = None) -> CostSplit:
    """What the second design costs more than the first (cost less revenue), by cause.

    Parameters
    ----------
    scenario
        The scenario of both designs.
    first, second
        Designs of a fixed split or linked ones; both are evaluated.
    second_scenario
        The scenario of the second design where it differs.

    Returns
    -------
    CostSplit
        Causes with an amount, the largest first.
    """
    other = second_scenario or scenario
    a, b = evaluate(scenario, first), evaluate(other, second)
    amounts = _labour_causes(_labour(scenario, first, a), _labour(other, second, b))
    for leaf in sorted({*_leaf_sums(a), *_leaf_sums(b)} - {"labour"}):
        amounts[leaf if leaf in WORDS else "other"] = (
            amounts.get(leaf, 0.0) + _leaf_sums(b).get(leaf, 0.0) - _leaf_sums(a).get(leaf, 0.0)
        )
    amounts["revenue"] = a.revenue_per_year - b.revenue_per_year
    total = (b.cost_per_year - b.revenue_per_year) - (a.cost_per_year - a.revenue_per_year)
    return to_the_cent(amounts, total)


def to_the_cent(amounts: Mapping[str, float], total: float) -> CostSplit:
    """Amounts in whole cents that sum to the total in whole cents; the largest takes what rounding leaves.

    Examples
    --------
    >>> [c.amount for c in to_the_cent({"fixed": 1.004, "seats": 2.004}, 3.008).causes]
    [2.01, 1.0]
    """
    cents = {k: round(100.0 * v) for k, v in amounts.items()}
    whole = round(100.0 * total)
    if cents:
        largest = max(cents, key=lambda k: abs(cents[k]))
        cents[largest] += whole - sum(cents.values())
    order = sorted((k for k in cents if cents[k]), key=lambda k: -abs(cents[k]))
    causes = tuple(Cause(name=k, words=WORDS.get(k, k), amount=cents[k] / 100.0) for k in order)
    return CostSplit(difference=whole / 100.0, causes=causes)


def _labour(scenario: Scenario, design: Design, judged: Evaluation) -> _Labour:
    waged = {s.name for s in scenario.sites if s.name in design.open_sites and tariff_in_force(s, design) is None}
    weight = {p.name: p.hours_per_year for p in scenario.periods}
    rows = [g for g in judged.groups if g.site in waged]
    return _Labour(
        money=_leaf_sums(judged).get("labour", 0.0), hours=math.fsum(g.agents * weight[g.period] for g in rows),
        work=math.fsum(g.load * weight[g.period] for g in rows),
    )  # fmt: skip


def _leaf_sums(judged: Evaluation) -> dict[str, float]:
    sums: dict[str, float] = {}
    sites: dict[str, dict[str, Any]] = judged.costs.get("sites", {})
    for tree in sites.values():
        for leaf, amount in tree.items():
            sums[leaf] = sums.get(leaf, 0.0) + float(amount)
    for leaf, amount in judged.costs.items():
        if leaf != "sites" and not isinstance(amount, Mapping):
            sums[leaf] = sums.get(leaf, 0.0) + float(amount)
    return sums


def _labour_causes(a: _Labour, b: _Labour) -> dict[str, float]:
    if a.hours <= 0.0 and b.hours <= 0.0:
        return {"wages": b.money - a.money}
    rate_a = a.money / a.hours if a.hours > 0.0 else b.money / b.hours
    work = rate_a * (b.work - a.work)
    pooling = rate_a * ((b.hours - b.work) - (a.hours - a.work))
    return {"work": work, "pooling": pooling, "wages": b.money - a.money - work - pooling}
