"""A design under strain: other volumes, other handle times, the loss of a site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ccopt.design import AgentGroup, Design, Route
from ccopt.evaluation.judge import evaluate
from ccopt.kpis import Evaluation
from ccopt.scenario.entities import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterLoss:
    """What happens after the loss of a site.

    Attributes
    ----------
    surge
        Factor on the agents of the surviving groups (overtime), rounded down.
    relocatable
        Share of the agents of the lost site that work on elsewhere, rounded down.
    switch_s
        Seconds until contacts are sent elsewhere (assumption: 15 minutes), for the time to recover.
    """

    surge: float = 1.0
    relocatable: float = 0.0
    switch_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StressRow:
    """One case of a stress test.

    Attributes
    ----------
    case
        ``as planned``, ``volume x1.1``, ``handle time x1.2`` or ``loss of north``.
    kind, factor, site
        The same in parts; ``factor`` is 1 for a loss, ``site`` None otherwise.
    worst_service_level, worst_contact_type, worst_period
        Lowest network service level of a contact type with targets (None where there is none).
    abandonment
        Share of all contacts of the year that abandon.
    missed_targets
        Number of violations.
    recovery_s
        After a loss: seconds until the contacts that arrived before the switch are worked off; None where the survivors
        have no capacity to spare. Zero in other cases.
    unserved
        (region, contact type) pairs that no other site can serve.
    evaluation
        The full answer of the judge.
    """

    case: str
    kind: Literal["plan", "volume", "aht", "loss"]
    factor: float = 1.0
    site: str | None = None
    worst_service_level: float | None
    worst_contact_type: str | None
    worst_period: str | None
    abandonment: float
    missed_targets: int
    recovery_s: float | None = 0.0
    unserved: tuple[tuple[str, str], ...] = ()
    evaluation: Evaluation


def stress(
    scenario: Scenario,
    design: Design,
    *,
    volume: Sequence[float] = (0.9, 1.1, 1.25),
    aht: Sequence[float] = (1.1,),
    lose_site: str | Sequence[str] | None = "each",
    after_loss: AfterLoss | None = None,
) -> tuple[StressRow, ...]:
    """Judge a design as planned and under each strain, one at a time.

    Parameters
    ----------
    scenario, design
        Checked documents.
    volume
        Factors on all contacts per hour.
    aht
        Factors on all handle times.
    lose_site
        ``"each"`` open site in turn, names of sites, or None. Contacts of the lost site follow the remaining routes in
        proportion to their shares, else to groups with the skill in proportion to their agents.
    after_loss
        What the others do after a loss; as `AfterLoss` by default.

    Returns
    -------
    tuple of StressRow
        The first row is the design as planned.
    """
    rows = [_row("as planned", "plan", scenario, design)]
    rows += [_row(f"volume x{f:g}", "volume", scaled_volume(scenario, f), design, factor=f) for f in volume]
    rows += [_row(f"handle time x{f:g}", "aht", scaled_aht(scenario, f), design, factor=f) for f in aht]
    lost = design.open_sites if lose_site == "each" else (lose_site,) if isinstance(lose_site, str) else lose_site
    rows += [_loss(scenario, design, site, after_loss or AfterLoss()) for site in lost or ()]
    return tuple(rows)


def scaled_volume(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with all contacts per hour multiplied."""

    def times(x: float | tuple[float, ...]) -> float | tuple[float, ...]:
        return tuple(v * factor for v in x) if isinstance(x, tuple) else x * factor

    demand = tuple(d.model_copy(update={"contacts_per_hour": times(d.contacts_per_hour)}) for d in scenario.demand)
    return scenario.model_copy(update={"demand": demand})


def scaled_aht(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with all parts of all handle times multiplied."""
    parts = ("ring_s", "talk_s", "hold_s", "wrap_s")
    types = tuple(
        c.model_copy(update={p: getattr(c, p) * factor for p in parts if getattr(c, p) is not None})
        for c in scenario.contact_types
    )
    return scenario.model_copy(update={"contact_types": types})


def without_site(
    scenario: Scenario, design: Design, site: str, *, surge: float = 1.0, relocatable: float = 0.0
) -> tuple[Design, tuple[tuple[str, str], ...]]:
    """The design after the loss of a site, and the (region, contact type) pairs that nobody else may serve.

    The site stays in the design (its cost goes on) with ``relocatable`` of its agents, rounded down; contacts that
    nobody else may serve keep their way to it. The others follow the remaining routes in proportion to their shares,
    else all groups with the skill over allowed links in proportion to their agents.
    """

    def left(g: AgentGroup) -> AgentGroup:
        factor = relocatable if g.site == site else surge
        return g.model_copy(update={"agents": tuple(int(n * factor + 1e-9) for n in g.agents)})

    groups = tuple(left(g) for g in design.groups)
    sent: dict[tuple[str, str, str], list[Route]] = defaultdict(list)
    for r in design.routes:
        sent[r.region, r.contact_type, r.kind].append(r)
    routes: list[Route] = []
    unserved: dict[tuple[str, str], None] = {}
    for (region, contact_type, kind), mine in sent.items():
        if kind not in ("primary", "escalation"):
            routes += mine
            continue
        moved, complete = _rerouted(scenario, groups, mine, site)
        routes += moved
        if not complete:
            unserved[region, contact_type] = None
    return design.model_copy(update={"groups": groups, "routes": tuple(routes)}), tuple(unserved)


def _rerouted(
    scenario: Scenario, groups: tuple[AgentGroup, ...], routes: list[Route], site: str
) -> tuple[list[Route], bool]:
    """Routes of one region, type and kind without a site, and whether all its contacts found another group."""
    periods = range(len(routes[0].share))
    first = routes[0]
    can = {k.name for k in scenario.skill_sets if first.contact_type in k.contact_types}
    banned = {k.site for k in scenario.links if k.region == first.region and not k.allowed}
    agents = {(g.site, g.skill_set): g.agents for g in groups}
    backup = [key for key in agents if key[1] in can and key[0] not in banned]
    share: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0 for _ in periods])
    complete = True
    for t in periods:
        lost = sum(r.share[t] for r in routes if r.site == site)
        stay = {(r.site, r.skill_set): r.share[t] for r in routes if r.site != site and r.share[t] > 0}
        weights = stay or {key: float(agents[key][t]) for key in backup}
        total = sum(weights.values())
        if lost > 0 and total <= 0:
            complete = False
            weights = {(r.site, r.skill_set): r.share[t] for r in routes}
            total = sum(weights.values())
        for key, weight in weights.items():
            if weight > 0:
                share[key][t] = weight / total if lost > 0 else weight
    moved = [
        first.model_copy(update={"site": s, "skill_set": k, "share": tuple(row)}) for (s, k), row in share.items()
    ]
    return moved, complete


def _loss(scenario: Scenario, design: Design, site: str, after: AfterLoss) -> StressRow:
    broken, unserved = without_site(scenario, design, site, surge=after.surge, relocatable=after.relocatable)
    row = _row(f"loss of {site}", "loss", scenario, broken, site=site)
    before = evaluate(scenario, design)
    return replace(row, unserved=unserved, recovery_s=_recovery(before, row.evaluation, site, after.switch_s))


def _recovery(before: Evaluation, after: Evaluation, site: str, switch_s: float) -> float | None:
    """Worst time over periods until the work that piled up before the switch is done (fluid, nobody gives up).

    Work of the lost site during ``switch_s`` over the spare capacity of the others: load · switch / (agents - load), with
    the load offered: work that customers who give up take along is not done. None where the others have nothing to spare.
    """
    worst = 0.0
    for period in {g.period for g in before.groups}:
        piled = sum(g.load for g in before.groups if g.site == site and g.period == period) * switch_s
        now = [g for g in after.groups if g.period == period]
        spare = sum(g.agents for g in now) - sum(g.load for g in now)
        if piled <= 0:
            continue
        if spare <= 1e-9:
            return None
        worst = max(worst, piled / spare)
    return worst


def _row(
    case: str, kind: Literal["plan", "volume", "aht", "loss"], scenario: Scenario, design: Design,
    *, factor: float = 1.0, site: str | None = None,
) -> StressRow:  # fmt: skip
    found = evaluate(scenario, design)
    promised = {c.name for c in scenario.contact_types if any(e.service_level is not None for e in c.targets)}
    every = [r for r in found.contact_types if r.period is not None and r.contacts_per_hour > 0]
    rows = [r for r in every if r.name in promised]
    worst = min(rows, key=lambda r: r.service_level or 0.0, default=None)
    hours = {p.name: p.hours_per_year for p in scenario.periods}
    offered = [(r, r.contacts_per_hour * hours[r.period or ""]) for r in every]
    total = sum(x for _, x in offered)
    return StressRow(
        case=case, kind=kind, factor=factor, site=site,
        worst_service_level=None if worst is None else worst.service_level,
        worst_contact_type=None if worst is None else worst.name,
        worst_period=None if worst is None else worst.period,
        abandonment=sum(r.abandonment * x for r, x in offered) / total if total else 0.0,
        missed_targets=len(found.violations), evaluation=found,
    )  # fmt: skip
