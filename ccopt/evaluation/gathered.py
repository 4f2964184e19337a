"""Service of a judged design gathered by site, group, tier, period or for the whole network, with intervals.

A gathered figure is a mean over rows weighted by their contacts. Its half-width is the same mean of the rows'
half-widths: never too narrow, whether their errors are independent or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ccopt.kpis import Evaluation, ServiceRow
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario

By = Literal["network", "site", "group", "tier", "period", "contact_type"]
FIGURES = ("service_level", "abandonment", "asa_s", "mean_wait_s", "delay_probability", "blocking")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredRow:
    """Service of a part of the network over the year (``by`` period: of that period).

    ``name`` is the part: a site, ``site / skill set``, ``tier 1``, a period, a contact type, or ``network``; ``one queue``
    where contacts wait for several sites at once. A figure is None where a row with contacts does not know it.
    """

    by: By
    name: str
    contacts_per_year: float
    service_level: float | None
    abandonment: float | None
    asa_s: float | None
    mean_wait_s: float | None
    delay_probability: float | None
    blocking: float | None
    half_width: dict[str, float] = field(default_factory=dict)
    method: str = ""


def gathered(scenario: Scenario, evaluation: Evaluation, by: By = "network") -> tuple[GatheredRow, ...]:
    """Rows of a judge gathered into parts of the network.

    Parameters
    ----------
    scenario, evaluation
        A scenario and a judge's answer on one of its designs.
    by
        Part of the network. Tier 1 are the contact types that nobody escalates to, tier 2 those they escalate to, and so
        on.

    Returns
    -------
    tuple of GatheredRow
        In the order in which the parts first appear.

    Raises
    ------
    ValueError
        ``by`` is not a part.
    """
    parts: dict[str, Callable[[ServiceRow], str]] = {
        "network": lambda _: "network", "site": lambda r: r.site or "one queue", "period": lambda r: r.period or "",
        "group": lambda r: f"{r.site} / {r.skill_set}" if r.site else "one queue", "contact_type": lambda r: r.name,
        "tier": lambda r: f"tier {tiers[r.name]}",
    }  # fmt: skip
    if by not in parts:
        msg = f"by = {by!r}: have {sorted(parts)}"
        raise ValueError(msg)
    tiers = tier_of(scenario)
    rows: dict[str, list[ServiceRow]] = {}
    for row in evaluation.cells:
        if row.contacts_per_hour > 0.0:
            rows.setdefault(parts[by](row), []).append(row)
    names = sorted(rows) if by == "tier" else list(rows)
    return tuple(_row(scenario, by, name, rows[name]) for name in names)


def tier_of(scenario: Scenario) -> dict[str, int]:
    """Tier of each contact type: 1 for those that nobody escalates to, else one more than the lowest that does."""
    core = core_of(scenario)
    to = {e.to_type for e in core.escalations if e.share > 0.0}
    tiers = {c.name: 1 for c in core.contact_types if c.name not in to}
    while True:
        found = {e.to_type: tiers[e.from_type] + 1 for e in core.escalations if e.from_type in tiers and e.to_type not in tiers}
        if not found:
            return {c.name: tiers.get(c.name, 1) for c in core.contact_types}
        tiers |= found


def _row(scenario: Scenario, by: By, name: str, rows: Sequence[ServiceRow]) -> GatheredRow:
    hours = {p.name: p.hours_per_year for p in scenario.periods}
    offered = [r.contacts_per_hour * hours[r.period or ""] for r in rows]
    answered = [w * (1.0 - r.abandonment - r.blocking) for w, r in zip(offered, rows, strict=True)]
    values: dict[str, float | None] = {}
    widths: dict[str, float] = {}
    for figure in FIGURES:
        weights = answered if figure == "asa_s" else offered
        values[figure] = _mean([getattr(r, figure) for r in rows], weights)
        known = [r.half_width.get(figure, 0.0) for r in rows]
        width = _mean(known, weights)
        if width and values[figure] is not None:
            widths[figure] = width
    method = ", ".join(dict.fromkeys(r.method for r in rows))
    return GatheredRow(by=by, name=name, contacts_per_year=math.fsum(offered), half_width=widths, method=method, **values)


def _mean(values: Sequence[float | None], weights: Sequence[float]) -> float | None:
    used = [(v, w) for v, w in zip(values, weights, strict=True) if w > 0.0]
    if not used or any(v is None for v, _ in used):
        return None
    return math.fsum(v * w for v, w in used if v is not None) / math.fsum(w for _, w in used)
