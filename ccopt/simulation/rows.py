"""Indicators from counts: ratio estimates over all replications, intervals from their scatter."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ccopt.costs import cost_of, seats_used
from ccopt.design import Design
from ccopt.kpis import (
    Basis,
    Evaluation,
    FlowRow,
    GroupRow,
    MaxAbandonment,
    MaxAsa,
    MaxOccupancy,
    MaxResponse,
    ServiceLevel,
    ServiceRow,
    SiteRow,
    Target,
    Violation,
)
from ccopt.scenario.entities import ContactType, Scenario
from ccopt.simulation.judge import Counts
from ccopt.simulation.kernel import (
    ABANDONED,
    ANSWERED,
    DELAYED,
    EARLY,
    IN_TIME,
    OFFERED,
    VIRTUAL,
    WAIT_ALL,
    WAIT_ANSWERED,
)
from ccopt.simulation.translate import awt_of

Floats = NDArray[np.float64]
METHOD = "simulation"
LOAD_TOLERANCE = 1e-6


def ratio(top: Floats, bottom: Floats, level: float = 0.95) -> tuple[float | None, float]:
    """Ratio of sums over replications and its half-width (Student's t, jackknife of the ratio)."""
    r = len(top)
    total = float(bottom.sum())
    if total <= 0.0:
        return None, 0.0
    value = float(top.sum()) / total
    rest = total - bottom
    if (rest <= 0.0).any():
        return value, math.inf
    pseudo = r * value - (r - 1) * (float(top.sum()) - top) / rest
    spread = float(np.std(pseudo, ddof=1)) / math.sqrt(r)
    return value, float(stats.t.ppf(0.5 + level / 2, r - 1)) * spread


def _basis(contact_type: ContactType) -> Basis:
    return next((e.basis or "offered" for e in contact_type.targets if e.service_level is not None), "offered")


def _service(x: Floats, basis: Basis) -> tuple[Floats, Floats]:
    """Numerator and denominator (R,) of a service level."""
    offered = x[:, OFFERED]
    if basis == "virtual":
        return x[:, VIRTUAL], offered
    if basis == "early_abandons_credited":
        return x[:, IN_TIME] + x[:, EARLY], offered
    if basis == "answered":
        return x[:, IN_TIME], x[:, ANSWERED]
    if basis == "offered_less_early_abandons":
        return x[:, IN_TIME], offered - x[:, EARLY]
    return x[:, IN_TIME], offered


def service_row(
    x: Floats, kind: ContactType, window_h: float, *, site: str | None, skill_set: str | None, period: str | None
) -> ServiceRow:
    """Row of counts (R, MEASURES) gathered in ``window_h`` hours per replication."""
    basis = _basis(kind)
    level, level_hw = ratio(*_service(x, basis))
    lost, lost_hw = ratio(x[:, ABANDONED], x[:, OFFERED])
    asa, asa_hw = ratio(x[:, WAIT_ANSWERED], x[:, ANSWERED])
    mean, mean_hw = ratio(x[:, WAIT_ALL], x[:, OFFERED])
    delay, delay_hw = ratio(x[:, DELAYED], x[:, OFFERED])
    widths = {"service_level": level_hw, "abandonment": lost_hw, "asa_s": asa_hw, "mean_wait_s": mean_hw,
              "delay_probability": delay_hw}  # fmt: skip
    return ServiceRow(
        name=kind.name, site=site, skill_set=skill_set, period=period,
        contacts_per_hour=float(x[:, OFFERED].mean()) / window_h if window_h > 0 else 0.0, service_level=level,
        awt_s=awt_of(kind), basis=basis, abandonment=lost or 0.0, asa_s=asa, mean_wait_s=mean,
        delay_probability=delay, half_width={k: v for k, v in widths.items() if math.isfinite(v)}, method=METHOD,
    )  # fmt: skip


def evaluation_of(scenario: Scenario, design: Design, counts: Counts) -> Evaluation:
    """The evaluation of raw counts."""
    cells: list[ServiceRow] = []
    network: list[ServiceRow] = []
    for t, period in enumerate(scenario.periods):
        for k, kind in enumerate(scenario.contact_types):
            x = counts.contacts[:, t, :, k]
            window = float(counts.window_h[t])
            for g in np.flatnonzero(x[:, :, OFFERED].sum(axis=0) > 0):
                group = design.groups[g]
                cells.append(service_row(x[:, g], kind, window, site=group.site, skill_set=group.skill_set,
                                         period=period.name))  # fmt: skip
            if x[:, :, OFFERED].sum() > 0:
                network.append(service_row(x.sum(axis=1), kind, window, site=None, skill_set=None, period=period.name))
    network += _year(scenario, counts)
    groups = _group_rows(scenario, design, counts)
    account = cost_of(scenario, design, _flows(scenario, design, counts))
    violations = _violations(scenario, cells, groups)
    return Evaluation(
        meets_targets=not violations, violations=violations, cost_per_year=account.cost_per_year,
        revenue_per_year=account.revenue_per_year, costs=account.costs, contact_types=tuple(network),
        cells=tuple(cells), groups=groups, sites=_sites(scenario, design, counts, account.costs["sites"]),
        method=f"{METHOD}, {counts.contacts.shape[0]} replications",
    )  # fmt: skip


def _year(scenario: Scenario, counts: Counts) -> list[ServiceRow]:
    """Rows over the year: periods weighted by their hours."""
    hours = np.array([p.hours_per_year for p in scenario.periods])
    weight = np.divide(hours, counts.window_h, out=np.zeros_like(hours), where=counts.window_h > 0)
    scaled = (counts.contacts * weight[None, :, None, None, None]).sum(axis=(1, 2))
    return [
        service_row(scaled[:, k], kind, float(hours.sum()), site=None, skill_set=None, period=None)
        for k, kind in enumerate(scenario.contact_types)
        if scaled[:, k, OFFERED].sum() > 0
    ]


def _group_rows(scenario: Scenario, design: Design, counts: Counts) -> tuple[GroupRow, ...]:
    shrinkage = {s.name: s.shrinkage for s in scenario.sites}
    factor = {k.name: k.aht_factor for k in scenario.skill_sets}
    rows = []
    for g, group in enumerate(design.groups):
        handle = np.array([c.aht_s * factor[group.skill_set] for c in scenario.contact_types])
        for t, period in enumerate(scenario.periods):
            window, n = float(counts.window_h[t]), group.agents[t]
            offered = counts.contacts[:, t, g, :, OFFERED]
            busy = counts.busy_h[:, t, g]
            rate = offered.mean(axis=0) / window if window > 0 else np.zeros(len(handle))
            occupancy, width = ratio(busy, np.full(len(busy), max(n * window, 1e-300))) if n and window else (0.0, 0.0)
            rows.append(
                GroupRow(
                    site=group.site, skill_set=group.skill_set, period=period.name, agents=n,
                    scheduled_agents=math.ceil(n / (1.0 - shrinkage[group.site]) - 1e-9),
                    contacts_per_hour=float(rate.sum()), load=float(rate @ handle) / 3600.0,
                    carried_load=float(busy.mean()) / window if window > 0 else 0.0, occupancy=occupancy or 0.0,
                    half_width={"occupancy": width} if math.isfinite(width) else {}, method=METHOD,
                )
            )  # fmt: skip
    return tuple(rows)


def _flows(scenario: Scenario, design: Design, counts: Counts) -> list[FlowRow]:
    """Simulated contacts per hour by region, split over regions as routed (regions are not counted apart)."""
    share = _region_shares(scenario, design)
    mean = counts.contacts.mean(axis=0)
    hours = np.where(counts.window_h > 0, counts.window_h, 1.0)
    rows = []
    for g, group in enumerate(design.groups):
        for k, kind in enumerate(scenario.contact_types):
            offered, answered = mean[:, g, k, OFFERED] / hours, mean[:, g, k, ANSWERED] / hours
            wait = np.divide(mean[:, g, k, WAIT_ALL], mean[:, g, k, OFFERED], out=np.zeros(len(hours)),
                             where=mean[:, g, k, OFFERED] > 0)  # fmt: skip
            for region, part in share.get((g, kind.name), {}).items():
                rows.append(
                    FlowRow(
                        region=region, contact_type=kind.name, site=group.site, skill_set=group.skill_set,
                        offered=tuple((offered * part).tolist()), answered=tuple((answered * part).tolist()), wait_s=tuple(wait.tolist()),
                    )
                )  # fmt: skip
    return rows


def _region_shares(scenario: Scenario, design: Design) -> dict[tuple[int, str], dict[str, Floats]]:
    """Share of each region in what a group gets of a type, per period, when nobody is lost on the way."""
    from ccopt.routing.flows import propagate

    at = {(g.site, g.skill_set): i for i, g in enumerate(design.groups)}
    table: dict[tuple[int, str], dict[str, Floats]] = defaultdict(dict)
    for row in propagate(scenario, design, lambda *_: 1.0):
        key = (at[row.site, row.skill_set], row.contact_type)
        table[key][row.region] = np.array(row.offered)
    for parts in table.values():
        total = np.sum(list(parts.values()), axis=0)
        for region in parts:
            parts[region] = np.divide(parts[region], total, out=np.zeros_like(total), where=total > 0)
    return table


def _sites(
    scenario: Scenario, design: Design, counts: Counts, costs: dict[str, dict[str, float]]
) -> tuple[SiteRow, ...]:
    hours = np.array([p.hours_per_year for p in scenario.periods])
    window = np.where(counts.window_h > 0, counts.window_h, 1.0)
    rows = []
    for site in scenario.sites:
        if site.name not in design.open_sites:
            continue
        mine = [i for i, g in enumerate(design.groups) if g.site == site.name]
        offered = counts.contacts[..., OFFERED][:, :, mine].sum(axis=(2, 3)).mean(axis=0) / window
        agents = np.array([design.groups[i].agents for i in mine]).reshape(-1, len(hours)).sum(axis=0)
        rows.append(
            SiteRow(
                site=site.name, agents_peak=int(agents.max(initial=0)),
                seats_used=seats_used(scenario, design, site.name), contacts_per_year=float(offered @ hours),
                paid_hours_per_year=float(agents @ hours) / (1.0 - site.shrinkage),
                cost_per_year=sum(costs[site.name].values()),
            )
        )  # fmt: skip
    return tuple(rows)


def _violations(
    scenario: Scenario, cells: list[ServiceRow], groups: tuple[GroupRow, ...]
) -> tuple[Violation, ...]:
    """Targets whose point estimate misses (the interval decides on contradictions, see `contradictions`)."""
    kinds = {c.name: c for c in scenario.contact_types}
    occupancy = {(g.site, g.skill_set, g.period): g for g in groups}
    found = []
    for cell in cells:
        group = occupancy[str(cell.site), str(cell.skill_set), str(cell.period)]
        for entry in kinds[cell.name].targets:
            target = entry.target()
            actual = measured(cell, group, target)
            if actual is not None and not kept(target, actual):
                found.append(violation(cell, target, actual))
    return tuple(found)


def measured(cell: ServiceRow, group: GroupRow, target: Target) -> float | None:
    """The value that a target speaks of; None where the cell did not measure it."""
    if isinstance(target, ServiceLevel):
        return cell.service_level if (target.awt_s, target.basis) == (cell.awt_s, cell.basis) else None
    if isinstance(target, MaxResponse):
        return cell.service_level
    if isinstance(target, MaxAbandonment):
        return cell.abandonment
    if isinstance(target, MaxAsa):
        return cell.asa_s
    if isinstance(target, MaxOccupancy):
        return group.occupancy
    return None


def bound_of(target: Target) -> float:
    """The number of a target."""
    if isinstance(target, ServiceLevel):
        return target.at_least
    if isinstance(target, MaxResponse):
        return target.share
    return target.at_most_s if isinstance(target, MaxAsa) else target.at_most


def kept(target: Target, actual: float) -> bool:
    """Whether a value keeps a target."""
    at_least = isinstance(target, (ServiceLevel, MaxResponse))
    return actual >= bound_of(target) if at_least else actual <= bound_of(target)


def violation(cell: ServiceRow, target: Target, actual: float) -> Violation:
    """The record of a missed target."""
    place = f"{cell.site} / {cell.skill_set} / {cell.name} / {cell.period}"
    return Violation(
        place=place, limit=type(target).__name__, required=bound_of(target), actual=actual,
        message=f"{place}: {type(target).__name__} {actual:.4g}, promised {bound_of(target):.4g}",
    )  # fmt: skip
