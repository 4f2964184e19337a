"""Rows of an evaluation from arrays of results: cells, groups, contact types, sites."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ccopt.costs import leaves, seats_used
from ccopt.design import Design
from ccopt.evaluation.group_results import DEFAULT_AWT_S, Results, handle_times
from ccopt.evaluation.model_error import stated_error
from ccopt.kpis import Basis, FlowRow, GroupRow, ServiceLevel, ServiceRow, SiteRow, service_level_of
from ccopt.routing.flows import Network
from ccopt.scenario.entities import ContactType, Scenario

SHIFT_MARGIN = 1.5
RANKS = "controlled simulation of ranks"


def first_service_level(contact_type: ContactType) -> tuple[float, Basis]:
    """Waiting time and basis in which the service level of a type is shown: its first target (a response less the work), else 20 s."""
    for entry in contact_type.targets:
        target = entry.target()
        if isinstance(target, ServiceLevel):
            return target.awt_s, target.basis
    responses = [e.max_response_h for e in contact_type.targets if e.max_response_h is not None]
    if responses:
        return max(0.0, responses[0] * 3600.0 - contact_type.aht_s), "offered"
    return DEFAULT_AWT_S, "offered"


def finite(value: float) -> float | None:
    """The value, or None where it has none (infinite or undefined)."""
    return float(value) if math.isfinite(value) else None


def level_in(results: Results, index: tuple[int, int, int], layer: int, basis: Basis) -> float | None:
    """Service level of a cell (group, type, period) at the waiting time of a layer, on a basis."""
    return service_level_of(
        basis,
        answered_in_time=float(results.answered_in_time[layer][index]),
        answered=float(1.0 - results.abandonment[index]),
        abandoned_early=float(results.abandoned_early[layer][index]),
        virtual=float(results.virtual[layer][index]),
    )


def cell_rows(
    scenario: Scenario, network: Network, results: Results, *, agents: Sequence[Sequence[int]], method: str
) -> tuple[ServiceRow, ...]:
    """One row per group, contact type and period with contacts.

    Where the load reaches the agents and nobody leaves there is no steady state: mean waits are None, and so is the
    service level when the contact type has no targets (0 when it has). ``half_width`` is the stated error of the group
    model where handle times differ, and of the 95 % interval where a group was simulated.
    """
    rows = []
    aht_s = handle_times(scenario, network)
    patient = np.array([c.patience_s is None for c in scenario.contact_types])
    for g, c, t in np.argwhere(results.rates > 0):
        contact_type = scenario.contact_types[c]
        used = results.rates[g, :, t] > 0
        error = stated_error(
            results.rates[g, used, t], aht_s[g][used], agents=agents[g][t], patience=not patient[used].any()
        )
        site, skill_set = network.groups[g]
        awt_s, basis = first_service_level(contact_type)
        settled = bool(results.stable[g, t])
        level = level_in(results, (g, c, t), 0, basis) if settled else (0.0 if contact_type.targets else None)
        if contact_type.background and not contact_type.targets and not math.isfinite(results.asa_s[g, c, t]):
            level = None  # work without a promise is done at the pace at which it comes
        rows.append(
            ServiceRow(
                name=contact_type.name, site=site, skill_set=skill_set, period=scenario.periods[t].name,
                contacts_per_hour=float(results.rates[g, c, t]), service_level=level, awt_s=awt_s, basis=basis,
                abandonment=float(results.abandonment[g, c, t]),
                asa_s=finite(results.asa_s[g, c, t]) if settled else None,
                mean_wait_s=finite(results.mean_wait_s[g, c, t]) if settled else None,
                delay_probability=float(results.delay_probability[g, t]),
                method=RANKS if results.simulated[g, t] else method, half_width=_half_widths(error, results, (g, c, t)),
            )
        )  # fmt: skip
    return tuple(rows)


def _half_widths(error: dict[str, float], results: Results, index: tuple[int, int, int]) -> dict[str, float]:
    """Interval of a simulated cell, stated model error of another, empty where the model is exact."""
    if results.simulated[index[0], index[2]]:
        return {name: float(width[index]) for name, width in results.half_width.items()}
    asa_s = float(results.asa_s[index])
    if error["service_level"] <= 0 or not math.isfinite(asa_s):
        return {}
    wait = error["asa_relative"] * asa_s + SHIFT_MARGIN * float(results.shift_asa_s[index])
    return {
        "service_level": error["service_level"] + SHIFT_MARGIN * float(results.shift_level[index]),
        "abandonment": error["abandonment"] + SHIFT_MARGIN * float(results.shift_abandonment[index]),
        "asa_s": wait, "mean_wait_s": wait,
    }  # fmt: skip


def group_rows(scenario: Scenario, design: Design, results: Results, method: str) -> tuple[GroupRow, ...]:
    """One row per group and period."""
    shrinkage = {s.name: s.shrinkage for s in scenario.sites}
    return tuple(
        GroupRow(
            site=group.site, skill_set=group.skill_set, period=period.name, agents=group.agents[t],
            scheduled_agents=math.ceil(group.agents[t] / (1.0 - shrinkage[group.site]) - 1e-9),
            contacts_per_hour=float(results.rates[g, :, t].sum()), load=float(results.load[g, t]),
            carried_load=float(results.carried_load[g, t]), occupancy=float(results.occupancy[g, t]),
            method=RANKS if results.simulated[g, t] else method,
        )
        for g, group in enumerate(design.groups)
        for t, period in enumerate(scenario.periods)
    )  # fmt: skip


def network_rows(scenario: Scenario, cells: Sequence[ServiceRow], method: str) -> tuple[ServiceRow, ...]:
    """Contact-weighted averages over groups per contact type and period (mean answered wait by answered contacts)."""
    by_key: dict[tuple[str, str | None], list[ServiceRow]] = {}
    for row in cells:
        by_key.setdefault((row.name, row.period), []).append(row)
    return tuple(
        _average(contact_type, period.name, by_key.get((contact_type.name, period.name), []), method)
        for contact_type in scenario.contact_types
        for period in scenario.periods
    )


def _average(contact_type: ContactType, period: str | None, rows: list[ServiceRow], method: str) -> ServiceRow:
    awt_s, basis = first_service_level(contact_type)
    offered = [r.contacts_per_hour for r in rows]
    widths = {k: weighted([r.half_width.get(k, 0.0) for r in rows], offered) or 0.0 for r in rows for k in r.half_width}
    answered = [r.contacts_per_hour * (1.0 - r.abandonment) for r in rows]
    return ServiceRow(
        name=contact_type.name, period=period, contacts_per_hour=math.fsum(offered),
        service_level=weighted([r.service_level for r in rows], offered, empty=1.0), awt_s=awt_s, basis=basis,
        abandonment=weighted([r.abandonment for r in rows], offered) or 0.0,
        asa_s=weighted([r.asa_s for r in rows], answered),
        mean_wait_s=weighted([r.mean_wait_s for r in rows], offered),
        delay_probability=weighted([r.delay_probability for r in rows], offered), method=method, half_width=widths,
    )  # fmt: skip


def year_rows(
    scenario: Scenario, rows: Sequence[ServiceRow], method: str, *, independent: bool
) -> tuple[ServiceRow, ...]:
    """Rows over the year (``period`` None) of the contact types that have contacts, from their rows per period.

    Weights are contacts of the year. Half-widths of ``independent`` estimates add as squares, model errors linearly.
    """
    hours = {p.name: p.hours_per_year for p in scenario.periods}
    total = math.fsum(hours.values())
    out = []
    for contact_type in scenario.contact_types:
        mine = [r for r in rows if r.name == contact_type.name and r.contacts_per_hour > 0]
        if not mine:
            continue
        scaled = [replace(r, contacts_per_hour=r.contacts_per_hour * hours[r.period or ""] / total) for r in mine]
        year = _average(contact_type, None, scaled, method)
        if independent:
            share = [r.contacts_per_hour / year.contacts_per_hour for r in scaled]
            names = sorted({k for r in mine for k in r.half_width})
            widths = {
                k: math.sqrt(math.fsum((w * r.half_width.get(k, 0.0)) ** 2 for w, r in zip(share, mine, strict=True)))
                for k in names
            }
            year = replace(year, half_width=widths)
        out.append(year)
    return tuple(out)


def weighted(values: Sequence[float | None], weights: Sequence[float], *, empty: float = 0.0) -> float | None:
    """Weighted mean; ``empty`` without rows, None where a value with weight is unknown or all weights are 0."""
    if not values:
        return empty
    total = math.fsum(weights)
    used = [(v, w) for v, w in zip(values, weights, strict=True) if w > 0]
    if not used or any(v is None for v, _ in used):
        return None
    return math.fsum(v * w for v, w in used if v is not None) / total


def site_rows(
    scenario: Scenario, design: Design, flows: Sequence[FlowRow], tree: dict[str, dict[str, float]]
) -> tuple[SiteRow, ...]:
    """One row per open site over the year. Paid hours are present hours over (1 - shrinkage)."""
    hours: NDArray[np.float64] = np.array([p.hours_per_year for p in scenario.periods])
    contacts = dict.fromkeys(design.open_sites, 0.0)
    for row in flows:
        contacts[row.site] += float(hours @ np.array(row.offered))
    rows = []
    for site in scenario.sites:
        if site.name not in design.open_sites:
            continue
        present = math.fsum(float(hours @ np.array(g.agents)) for g in design.groups if g.site == site.name)
        used = seats_used(scenario, design, site.name)
        rows.append(
            SiteRow(
                site=site.name, agents_peak=used, seats_used=used, contacts_per_year=contacts[site.name],
                paid_hours_per_year=present / (1.0 - site.shrinkage),
                cost_per_year=math.fsum(leaves(tree.get(site.name, {}))),
            )
        )  # fmt: skip
    return tuple(rows)
