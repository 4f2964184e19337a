"""Traffic equations: from demand and shares to contacts per hour in every agent group.

Own demand of a region and contact type follows the primary routes; escalated demand follows the escalation routes:

    e[r, c] = Σ_c' share(c' → c) · (answered_own[r, c'] + f_esc[r, c'] · e[r, c'])

with f_esc the answered share over the escalation routes. The system is linear in e for given answered shares, so any
feedback between contact types is one small linear solve per region and period.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design, Route
from ccopt.kpis import FlowRow
from ccopt.routing.checks import own_demand
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AnsweredShare = Callable[[str, str, str, int], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arcs:
    """Routes of one kind as arrays: region, contact type and group indices (N,), shares (N, T)."""

    region: Ints
    contact_type: Ints
    group: Ints
    share: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Scenario and design as arrays: R regions, C contact types, G groups, T periods.

    Attributes
    ----------
    demand
        (R, C, T) contacts per hour from outside.
    escalation
        (C, C) share of answered row-type contacts that becomes a column-type contact.
    primary, escalated
        Routes of own and of escalated demand.
    """

    regions: tuple[str, ...]
    contact_types: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    demand: Floats
    escalation: Floats
    primary: Arcs
    escalated: Arcs


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Contacts per hour offered on every route: ``primary`` (N, T), ``escalated`` (M, T); ``rates`` (G, C, T)."""

    primary: Floats
    escalated: Floats
    rates: Floats


def network_arrays(scenario: Scenario, design: Design) -> Network:
    """Arrays of a checked scenario and design. Shares below zero (within the tolerance of the check) count as zero."""
    scenario = core_of(scenario)
    regions = tuple(dict.fromkeys(d.region for d in scenario.demand))
    types = tuple(c.name for c in scenario.contact_types)
    groups = tuple((g.site, g.skill_set) for g in design.groups)
    at_r, at_c, at_g = ({name: i for i, name in enumerate(names)} for names in (regions, types, groups))
    demand = np.zeros((len(regions), len(types), len(scenario.periods)))
    for (region, kind), row in own_demand(scenario).items():
        demand[at_r[region], at_c[kind]] = row
    escalation = np.zeros((len(types), len(types)))
    for e in scenario.escalations:
        escalation[at_c[e.from_type], at_c[e.to_type]] += e.share

    def arcs(kind: str) -> Arcs:
        mine: list[Route] = [r for r in design.routes if r.kind == kind]
        return Arcs(
            region=np.array([at_r[r.region] for r in mine], dtype=np.int64),
            contact_type=np.array([at_c[r.contact_type] for r in mine], dtype=np.int64),
            group=np.array([at_g[r.site, r.skill_set] for r in mine], dtype=np.int64),
            share=np.maximum(np.array([r.share for r in mine], dtype=float).reshape(-1, demand.shape[2]), 0.0),
        )

    return Network(
        regions=regions, contact_types=types, groups=groups, demand=demand, escalation=escalation,
        primary=arcs("primary"), escalated=arcs("escalation"),
    )  # fmt: skip


def solve_traffic(network: Network, answered: Floats) -> Traffic:
    """Contacts per hour on every route when ``answered`` (G, C, T) is the answered share in each group."""
    own, esc = network.primary, network.escalated
    own_flow = network.demand[own.region, own.contact_type] * own.share
    esc_flow = np.zeros_like(esc.share)
    if network.escalation.any() and len(esc.group):
        esc_flow = _escalated_demand(network, answered, own_flow)[esc.region, esc.contact_type] * esc.share
    rates = np.zeros((len(network.groups), len(network.contact_types), network.demand.shape[2]))
    np.add.at(rates, (own.group, own.contact_type), own_flow)
    np.add.at(rates, (esc.group, esc.contact_type), esc_flow)
    return Traffic(primary=own_flow, escalated=esc_flow, rates=rates)


def _escalated_demand(network: Network, answered: Floats, own_flow: Floats) -> Floats:
    """Escalated contacts per hour (R, C, T)."""
    own, esc = network.primary, network.escalated
    answered_own = np.zeros_like(network.demand)
    np.add.at(answered_own, (own.region, own.contact_type), own_flow * answered[own.group, own.contact_type])
    fraction = np.zeros_like(network.demand)
    np.add.at(fraction, (esc.region, esc.contact_type), esc.share * answered[esc.group, esc.contact_type])
    onward = network.escalation.T
    source = np.einsum("ij,rjt->rti", onward, answered_own)
    matrix = np.eye(len(onward)) - onward[None, None] * fraction.transpose(0, 2, 1)[:, :, None, :]
    solution: Floats = np.linalg.solve(matrix, source[..., None])[..., 0]
    return solution.transpose(0, 2, 1)


def flow_rows(
    network: Network, traffic: Traffic, answered: Floats, *, sales: Floats | None = None,
    wait_s: Floats | None = None, displeasure: Floats | None = None,
) -> list[FlowRow]:  # fmt: skip
    """One row per region, contact type and group that gets contacts in some period.

    ``answered`` and ``sales`` (G, C, T) are shares of offered contacts, ``wait_s`` and ``displeasure`` are per offered
    contact.
    """
    total: dict[tuple[int, int, int], Floats] = {}
    for arcs, flow in ((network.primary, traffic.primary), (network.escalated, traffic.escalated)):
        for n in np.flatnonzero(flow.any(axis=1)):
            key = (int(arcs.region[n]), int(arcs.contact_type[n]), int(arcs.group[n]))
            total[key] = total[key] + flow[n] if key in total else flow[n]
    rows = []
    for (r, c, g), offered in sorted(total.items()):
        site, skill_set = network.groups[g]
        rows.append(
            FlowRow(
                region=network.regions[r], contact_type=network.contact_types[c], site=site, skill_set=skill_set,
                offered=tuple(offered.tolist()), answered=tuple((offered * answered[g, c]).tolist()),
                sales=tuple((offered * sales[g, c]).tolist()) if sales is not None and sales[g, c].any() else (),
                wait_s=() if wait_s is None else tuple(wait_s[g, c].tolist()),
                displeasure=() if displeasure is None else tuple(displeasure[g, c].tolist()),
            )
        )  # fmt: skip
    return rows


def propagate(scenario: Scenario, design: Design, answered_share: AnsweredShare) -> list[FlowRow]:
    """Contacts per hour that each region and type sends to each group under fixed shares.

    Parameters
    ----------
    scenario, design
        Checked documents (`ccopt.routing.check_design`).
    answered_share
        ``answered_share(site, skill_set, contact_type, period_index)``: share of offered contacts that is answered.

    Returns
    -------
    list of FlowRow
        Own and escalated contacts together, sorted by region, contact type and group.
    """
    scenario = core_of(scenario)
    network = network_arrays(scenario, design)
    shape = (len(network.groups), len(network.contact_types), network.demand.shape[2])
    answered = np.zeros(shape)
    can_serve = {k.name: set(k.contact_types) for k in scenario.skill_sets}
    for g, (site, skill_set) in enumerate(network.groups):
        for c, name in enumerate(network.contact_types):
            if name in can_serve[skill_set]:
                answered[g, c] = [answered_share(site, skill_set, name, t) for t in range(shape[2])]
    return flow_rows(network, solve_traffic(network, answered), answered)
