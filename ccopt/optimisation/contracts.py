"""(E10) Contracts whose yearly amount is not linear: marginal tiers and a minimum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo

from ccopt.optimisation.problem import Problem
from ccopt.scenario.entities import Tariff, Tier


def quantity(m: Any, p: Problem, s: int, tariff: Tariff) -> Any:
    """Units per year that the contract of option ``s`` counts."""
    groups = np.flatnonzero(p.group_site == s)
    if tariff.per == "agent_hour":
        return pyo.quicksum(float(p.hours[t]) * m.n[int(g), t] for g in groups for t in range(len(p.hours)))
    if tariff.per in ("seat", "licence"):
        return m.u[s]
    arcs = np.flatnonzero(np.isin(p.arc_group, groups))
    return pyo.quicksum(
        float(p.hours[t] * p.answered_low[p.arc_commodity[e]] * (1.0 if tariff.per == "contact" else p.arc_work[e] * 60.0))
        * m.x[int(e), t]
        for e in arcs
        for t in range(len(p.hours))
    )


def largest_quantity(p: Problem, s: int, tariff: Tariff) -> float:
    """A quantity that no design exceeds."""
    groups = np.flatnonzero(p.group_site == s)
    most = p.inner.shape[1] - 1
    seats = float(p.seats[s]) if p.seats[s] >= 0 else float(most * len(groups))
    if tariff.per == "agent_hour":
        return seats * float(p.hours.sum())
    if tariff.per in ("seat", "licence"):
        return seats
    arcs = np.flatnonzero(np.isin(p.arc_group, groups))
    units = 1.0 if tariff.per == "contact" else p.arc_work[arcs][:, None] * 60.0
    return float((p.arc_most[arcs] * p.hours * units).sum())


def contract_rows(m: Any, p: Problem) -> None:
    """Pay at least the minimum and the tiered amount of each option with such a contract."""
    m.contract = pyo.ConstraintList()
    special = [s for s, c in enumerate(p.contracts) if c is not None]
    m.tier_used = pyo.Var([(s, i) for s in special for i in range(len(tiers_of(p.contracts[s])))], domain=pyo.Binary)
    m.in_tier = pyo.Var(list(m.tier_used), domain=pyo.NonNegativeReals)
    for s in special:
        tariff = p.contracts[s]
        if tariff is None:
            continue
        lowest = min(tier.price for tier in tiers_of(tariff))
        units = quantity(m, p, s, tariff)
        m.contract.add(m.pay[s] >= tariff.minimum * m.y[s] - lowest * units)
        amount, total = 0.0, 0.0
        used = []
        start = paid = 0.0
        top = largest_quantity(p, s, tariff)
        for i, tier in enumerate(tiers_of(tariff)):
            end = min(top, tier.up_to) if tier.up_to is not None else top
            end = max(end, start)
            # within tier i the whole quantity stands in in_tier[i]; the amount is what is paid up to start, and the rest
            m.contract.add(m.in_tier[s, i] >= start * m.tier_used[s, i])
            m.contract.add(m.in_tier[s, i] <= end * m.tier_used[s, i])
            amount = amount + (paid - tier.price * start) * m.tier_used[s, i] + tier.price * m.in_tier[s, i]
            total = total + m.in_tier[s, i]
            used.append(m.tier_used[s, i])
            paid += tier.price * (end - start)
            start = end
        m.contract.add(pyo.quicksum(used) <= m.y[s])
        m.contract.add(total == units)
        m.contract.add(m.pay[s] >= amount - lowest * units)


def tiers_of(tariff: Tariff | None) -> tuple[Tier, ...]:
    """The tiers of a tariff; one for a single price."""
    if tariff is None:
        return ()
    return tariff.tiers or (Tier(price=tariff.price or 0.0),)
