"""Indicators from counts: ratio estimates over all replications, intervals from their scatter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ccopt.costs import cost_of, leaves, seats_used
from ccopt.design import Design
from ccopt.kpis import Basis, Evaluation, FlowRow, GroupRow, ServiceRow, SiteRow
from ccopt.scenario.entities import ContactType, Scenario
from ccopt.simulation.contradictions import contradictions, near_misses
from ccopt.simulation.flows import flows_of
from ccopt.simulation.judge import PeriodCounts
from ccopt.simulation.network import steady
from ccopt.simulation.tally import (
    ANSWERS,
    BLOCKS,
    DELAYED,
    EARLY,
    IN_TIME,
    LOST,
    MEASURES,
    OFFERED,
    VIRTUAL,
    WAIT_ALL,
    WAIT_ANSWERED,
)
from ccopt.simulation.translate import NO_AGENT, OPEN_QUEUE, SALE, awt_shown

Floats = NDArray[np.float64]
METHOD = "simulation"


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
        return x[:, IN_TIME], x[:, ANSWERS]
    if basis == "offered_less_early_abandons":
        return x[:, IN_TIME], offered - x[:, EARLY]
    return x[:, IN_TIME], offered


def service_row(
    x: Floats, kind: ContactType, contacts_per_hour: float, *, place: tuple[str, str] | None, period: str | None
) -> ServiceRow:
    """Row of counts (R, MEASURES)."""
    basis = _basis(kind)
    found = {
        "service_level": ratio(*_service(x, basis)), "abandonment": ratio(x[:, LOST], x[:, OFFERED]),
        "asa_s": ratio(x[:, WAIT_ANSWERED], x[:, ANSWERS]), "mean_wait_s": ratio(x[:, WAIT_ALL], x[:, OFFERED]),
        "delay_probability": ratio(x[:, DELAYED], x[:, OFFERED]), "blocking": ratio(x[:, BLOCKS], x[:, OFFERED]),
    }  # fmt: skip
    value = {name: v for name, (v, _) in found.items()}
    return ServiceRow(
        name=kind.name, site=place[0] if place else None, skill_set=place[1] if place else None, period=period,
        contacts_per_hour=contacts_per_hour, service_level=value["service_level"], awt_s=awt_shown(kind), basis=basis,
        abandonment=value["abandonment"] or 0.0, asa_s=value["asa_s"], mean_wait_s=value["mean_wait_s"],
        delay_probability=value["delay_probability"], blocking=value["blocking"] or 0.0, method=METHOD,
        half_width={k: w for k, (v, w) in found.items() if v is not None and math.isfinite(w)},
    )  # fmt: skip


def _nobody(kind: ContactType, period: str) -> ServiceRow:
    """The row of a contact type without contacts in a period."""
    return ServiceRow(
        name=kind.name, period=period, contacts_per_hour=0.0, service_level=1.0, awt_s=awt_shown(kind), basis=_basis(kind),
        abandonment=0.0, asa_s=0.0, mean_wait_s=0.0, delay_probability=0.0, method=METHOD,
    )  # fmt: skip


def evaluation_of(scenario: Scenario, design: Design, counts: Sequence[PeriodCounts]) -> Evaluation:
    """The evaluation of raw counts, one entry per period."""
    cells: list[tuple[tuple[int, ...], ServiceRow]] = []
    network: list[ServiceRow] = []
    per_type: dict[str, list[tuple[int, Floats, float]]] = {c.name: [] for c in scenario.contact_types}
    split = design.regime == "split"
    for k, kind in enumerate(scenario.contact_types):
        for t, (period, count) in enumerate(zip(scenario.periods, counts, strict=True)):
            rates = _rates(count)
            mine = [q for q, (name, _, what) in enumerate(count.parts.queue_of) if name == kind.name and what not in (SALE, NO_AGENT)]
            for home in sorted({count.parts.queue_of[q][1] for q in mine}):
                queues = [q for q in mine if count.parts.queue_of[q][1] == home]
                x = count.service[:, queues].sum(axis=1)
                if x[:, OFFERED].sum() > 0:
                    place = None if home == OPEN_QUEUE else (design.groups[home].site, design.groups[home].skill_set)
                    row = service_row(x, kind, float(rates[queues].sum()), place=place, period=period.name)
                    cells.append(((home, k, t) if split else (t, k, home), row))
            x = count.service[:, mine].sum(axis=1) if mine else np.zeros((1, MEASURES))
            if x[:, OFFERED].sum() > 0:
                network.append(service_row(x, kind, float(rates[mine].sum()), place=None, period=period.name))
                per_type[kind.name].append((t, x, float(rates[mine].sum())))
            else:
                network.append(_nobody(kind, period.name))
    cells.sort(key=lambda c: c[0])
    network += _year(scenario, counts, per_type)
    flows = flows_of(design, counts)
    account = cost_of(scenario, design, flows)
    replications = counts[0].service.shape[0]
    found = Evaluation(
        meets_targets=True, violations=(), cost_per_year=account.cost_per_year, revenue_per_year=account.revenue_per_year,
        costs=account.costs, contact_types=tuple(network), cells=tuple(row for _, row in cells),
        groups=_group_rows(scenario, design, counts, flows), sites=_sites(scenario, design, flows, account.costs["sites"]),
        method=f"{METHOD}, {replications} replications",
    )  # fmt: skip
    proven = contradictions(scenario, found, replications=replications)
    beside = near_misses(scenario, found) - len(proven)
    note = (f"{beside} targets are missed by less than chance and the model's error explain",) if beside > 0 else ()
    return replace(found, meets_targets=not proven, violations=proven, notes=(*NOTES, *note))


NOTES = ("half-widths are of 95 % confidence intervals; a queue is the home group of its contacts",)


def _rates(count: PeriodCounts) -> Floats:
    """Contacts per hour of each queue: exact from outside, simulated where they follow others or pass self-service."""
    network = count.parts.network
    at = {q.name: i for i, q in enumerate(network.queues)}
    rates = np.zeros(len(at))
    for s in network.sources:
        for name, share in s.queues:
            rates[at[name]] += share * steady(s.contacts_per_hour) if s.self_service is None else -math.inf
    if count.window_h <= 0.0:
        return np.maximum(rates, 0.0)
    return np.where(rates > 0.0, rates, count.service[:, :, OFFERED].mean(axis=0) / count.window_h)


def _year(
    scenario: Scenario, counts: Sequence[PeriodCounts], per_type: dict[str, list[tuple[int, Floats, float]]]
) -> list[ServiceRow]:
    """Rows over the year: periods weighted by their hours."""
    hours = [p.hours_per_year for p in scenario.periods]
    rows = []
    for kind in scenario.contact_types:
        mine = per_type[kind.name]
        if mine:
            x = np.sum([counts_x * (hours[t] / counts[t].window_h) for t, counts_x, _ in mine], axis=0)
            rate = sum(r * hours[t] for t, _, r in mine) / sum(hours)
            rows.append(service_row(x, kind, rate, place=None, period=None))
    return rows


def _group_rows(
    scenario: Scenario, design: Design, counts: Sequence[PeriodCounts], flows: Sequence[FlowRow]
) -> tuple[GroupRow, ...]:
    shrinkage = {s.name: s.shrinkage for s in scenario.sites}
    factor = {k.name: k.aht_factor for k in scenario.skill_sets}
    aht = {c.name: c.aht_s for c in scenario.contact_types}
    rows = []
    for g, group in enumerate(design.groups):
        mine = [f for f in flows if (f.site, f.skill_set) == (group.site, group.skill_set)]
        for t, period in enumerate(scenario.periods):
            window, n = counts[t].window_h, group.agents[t]
            busy = counts[t].busy_h[:, g]
            known = window > 0.0 and n > 0
            value, width = ratio(busy, np.full(len(busy), n * window)) if known else (0.0, 0.0)
            offered = [(f.offered[t], aht[f.contact_type] * factor[group.skill_set]) for f in mine]
            rows.append(
                GroupRow(
                    site=group.site, skill_set=group.skill_set, period=period.name, agents=n,
                    scheduled_agents=math.ceil(n / (1.0 - shrinkage[group.site]) - 1e-9),
                    contacts_per_hour=math.fsum(x for x, _ in offered), load=math.fsum(x * h for x, h in offered) / 3600.0,
                    carried_load=float(busy.mean()) / window if window > 0 else 0.0, occupancy=value or 0.0,
                    half_width={"occupancy": width} if math.isfinite(width) else {}, method=METHOD,
                )
            )  # fmt: skip
    return tuple(rows)


def _sites(
    scenario: Scenario, design: Design, flows: Sequence[FlowRow], costs: dict[str, dict[str, float]]
) -> tuple[SiteRow, ...]:
    hours = np.array([p.hours_per_year for p in scenario.periods])
    rows = []
    for site in scenario.sites:
        if site.name not in design.open_sites:
            continue
        agents = np.array([g.agents for g in design.groups if g.site == site.name]).reshape(-1, len(hours)).sum(axis=0)
        rows.append(
            SiteRow(
                site=site.name, agents_peak=int(agents.max(initial=0)), seats_used=seats_used(scenario, design, site.name),
                contacts_per_year=math.fsum(float(hours @ np.array(f.offered)) for f in flows if f.site == site.name),
                paid_hours_per_year=float(agents @ hours) / (1.0 - site.shrinkage),
                cost_per_year=math.fsum(leaves(costs.get(site.name, {}))),
            )
        )  # fmt: skip
    return tuple(rows)
