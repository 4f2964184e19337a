"""Routing regimes on the same staff: fixed split, ranked overflow, one virtual queue, and what linking is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ccopt.design import Design, Regime, Route
from ccopt.evaluation.judge import evaluate_routed, evaluate_split
from ccopt.kpis import Evaluation, ServiceRow
from ccopt.queueing.controlled.bank import Bank
from ccopt.queueing.controlled.effort import RunOptions
from ccopt.scenario.entities import Scenario

REGIMES: tuple[Regime, ...] = ("split", "overflow", "virtual")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeRow:
    """One regime on the same staff.

    Attributes
    ----------
    service_level, abandonment
        Of all contacts of the year (contact-weighted over types and periods).
    points_gained
        Service level less that of the split, in percentage points.
    answered_gained_per_year
        Contacts answered beyond those under the split.
    worth_per_year
        ``answered_gained_per_year`` x the value of an answered contact, less the added cost; None without a value.
    """

    regime: Regime
    service_level: float | None
    abandonment: float
    points_gained: float | None
    answered_gained_per_year: float
    worth_per_year: float | None
    violations: int
    evaluation: Evaluation


def compare_regimes(
    scenario: Scenario,
    design: Design,
    *,
    after_s: float | None = None,
    contact_value: float | None = None,
    options: RunOptions | None = None,
    regimes: Sequence[Regime] = REGIMES,
) -> tuple[RegimeRow, ...]:
    """Judge one staff under each way of linking its groups.

    The linked regimes use the overflow routes of the design; where it has none, every group that can serve a contact
    type over allowed links is a backup, those with fewer skills first (`with_backups`).

    Parameters
    ----------
    scenario, design
        Checked documents; the design's own regime does not matter.
    after_s
        Delay of the backups that are added; at once when None.
    contact_value
        Money lost with an abandoned contact, for what linking is worth.
    options
        How much to simulate; the same contacts for both linked regimes.
    regimes
        Which, in order; the split is judged in any case as the base.

    Returns
    -------
    tuple of RegimeRow
    """
    linked = with_backups(scenario, design, after_s=after_s)
    bank, chosen = Bank(), options or RunOptions()
    found: dict[Regime, Evaluation] = {"split": evaluate_split(scenario, design.model_copy(update={"regime": "split"}))}
    for regime in regimes:
        if regime != "split":
            plan = linked.model_copy(update={"regime": regime})
            found[regime] = evaluate_routed(scenario, plan, options=chosen, bank=bank)
    base = found["split"]
    return tuple(_row(scenario, regime, found[regime], base, contact_value) for regime in regimes)


def with_backups(
    scenario: Scenario, design: Design, *, after_s: float | None = None, idle: bool = False
) -> Design:
    """The design with overflow routes to every group with the skill, where a contact type has none.

    Groups with fewer skills are asked first (rank 1 + number of contact types), so that versatile agents are kept; the
    order among equals is left to the most idle group. A group backs up in the periods in which it has agents, with
    ``idle`` in all periods.
    """
    periods = range(len(scenario.periods))
    can = {k.name: set(k.contact_types) for k in scenario.skill_sets}
    banned = {(k.region, k.site) for k in scenario.links if not k.allowed}
    home: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    backed: set[tuple[str, str]] = set()
    for r in design.routes:
        if r.kind == "overflow":
            backed.add((r.region, r.contact_type))
        elif r.kind in ("primary", "escalation"):
            home[r.region, r.contact_type].add((r.site, r.skill_set))
    added = [
        Route(region=region, contact_type=contact_type, site=g.site, skill_set=g.skill_set, kind="overflow",
              rank=1 + len(can[g.skill_set]),
              share=tuple(1.0 if idle or g.agents[t] > 0 else 0.0 for t in periods), after_s=after_s)
        for (region, contact_type), mine in home.items()
        if (region, contact_type) not in backed
        for g in design.groups
        if contact_type in can[g.skill_set] and (region, g.site) not in banned
        and (len(mine) > 1 or (g.site, g.skill_set) not in mine)
    ]  # fmt: skip
    return design.model_copy(update={"routes": (*design.routes, *added)})


def _row(
    scenario: Scenario, regime: Regime, found: Evaluation, base: Evaluation, value: float | None
) -> RegimeRow:
    level, lost, answered = _year(scenario, found.contact_types)
    base_level, _, base_answered = _year(scenario, base.contact_types)
    gained = answered - base_answered
    worth = None if value is None else gained * value - (found.cost_per_year - base.cost_per_year)
    points = None if level is None or base_level is None else 100.0 * (level - base_level)
    return RegimeRow(
        regime=regime, service_level=level, abandonment=lost, points_gained=points, answered_gained_per_year=gained,
        worth_per_year=worth, violations=len(found.violations), evaluation=found,
    )  # fmt: skip


def _year(scenario: Scenario, rows: Sequence[ServiceRow]) -> tuple[float | None, float, float]:
    """Service level, abandonment and answered contacts of the year."""
    hours = {p.name: p.hours_per_year for p in scenario.periods}
    offered = [(r, r.contacts_per_hour * hours[r.period or ""]) for r in rows if r.period is not None and r.contacts_per_hour > 0]
    total = sum(x for _, x in offered)
    answered = sum((1.0 - r.abandonment) * x for r, x in offered)
    if total <= 0:
        return None, 0.0, 0.0
    known = all(r.service_level is not None for r, _ in offered)
    level = sum((r.service_level or 0.0) * x for r, x in offered) / total if known else None
    return level, 1.0 - answered / total, answered
