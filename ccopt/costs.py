"""Cost per year of a design, from its staff and from the flows that a judge hands in.

The account follows DESIGN section 3 leaf by leaf. Optimiser, evaluation and simulation each bring their own flows
(answered contacts differ between judges only through their models), so one account serves all and adds up once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ccopt.design import Design
from ccopt.errors import Problem, ScenarioError
from ccopt.kpis import FlowRow
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import ContactType, Scenario, Site, Tariff
from ccopt.scenario.kinds import EquippedSeats

SEAT_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The cost tree (leaves sum to ``cost_per_year``) and the revenue beside it."""

    cost_per_year: float
    revenue_per_year: float
    costs: dict[str, Any] = field(default_factory=dict)


def leaves(tree: Mapping[str, Any]) -> Iterable[float]:
    """All leaves of a cost tree."""
    for value in tree.values():
        if isinstance(value, Mapping):
            yield from leaves(value)
        else:
            yield float(value)


def tiered_price(tariff: Tariff, quantity: float) -> float:
    """Yearly amount for a quantity: flat price or marginal tiers, at least the minimum.

    The price of the last tier also holds beyond its end, so that no unit is ever free by omission.

    Examples
    --------
    >>> from ccopt.scenario.entities import Tariff, Tier
    >>> tiered_price(Tariff(per="contact", tiers=(Tier(up_to=100.0, price=2.0), Tier(price=1.0))), 150.0)
    250.0
    """
    if not tariff.tiers:
        return max(tariff.minimum, (tariff.price or 0.0) * quantity)
    amount, start = 0.0, 0.0
    for tier in tariff.tiers:
        end = math.inf if tier.up_to is None or tier is tariff.tiers[-1] else tier.up_to
        amount += tier.price * max(0.0, min(quantity, end) - start)
        start = end
    return max(tariff.minimum, amount)


def tariff_in_force(site: Site, design: Design) -> Tariff | None:
    """The contract form of a site: its only tariff, or the one that the design names."""
    if site.tariff is not None:
        return site.tariff
    if not site.tariffs:
        return None
    name = design.contracts.get(site.name)
    chosen = next((t for t in site.tariffs if t.name == name), None)
    if chosen is None:
        rule = "site offers several tariffs and the design names none of them"
        have = ", ".join(repr(t.name) for t in site.tariffs)
        place = f"contracts.{site.name}"
        raise ScenarioError([Problem(place=place, value=repr(name), rule=rule, remedy=f"have {have}")])
    return chosen


def seats_used(scenario: Scenario, design: Design, site: str) -> int:
    """Largest number of agents present at a site in any period."""
    rows = [g.agents for g in design.groups if g.site == site]
    return max((sum(r[t] for r in rows) for t in range(len(scenario.periods))), default=0)


def equipped_used(scenario: Scenario, design: Design, site: str, equipped: EquippedSeats) -> int:
    """Largest number of agents present at a site, in any period, who may serve a contact type that needs the equipment."""
    able = {k.name for k in scenario.skill_sets if set(k.contact_types) & set(equipped.contact_types)}
    rows = [g.agents for g in design.groups if g.site == site and g.skill_set in able]
    return max((sum(r[t] for r in rows) for t in range(len(scenario.periods))), default=0)


def cost_of(scenario: Scenario, design: Design, flows: Iterable[FlowRow]) -> Account:
    """Cost and revenue per year of a design with given flows.

    Parameters
    ----------
    scenario, design
        Checked documents.
    flows
        One row per region, contact type and group, contacts per hour by period.

    Returns
    -------
    Account
        ``costs`` is ``{"sites": {site: {leaf: amount}}}`` over open sites and over existing sites that close; where the
        scenario has them also ``trunks`` (rental by bank), ``charges`` and ``customers`` (lost contacts, dissatisfaction).
    """
    scenario = core_of(scenario)
    rows = list(flows)
    hours = [p.hours_per_year for p in scenario.periods]
    link = {(k.region, k.site): k.cost_per_contact for k in scenario.links}
    existing = set(scenario.existing.open_sites) if scenario.existing else set()
    tree: dict[str, dict[str, float]] = {}
    for site in scenario.sites:
        mine = [r for r in rows if r.site == site.name]
        if site.name in design.open_sites:
            tree[site.name] = _open_site(scenario, design, site, mine)
            tree[site.name]["telecom"] = sum(
                link.get((r.region, site.name), 0.0) * sum(h * x for h, x in zip(hours, r.offered, strict=True))
                for r in mine
            )
            if site.name not in existing:
                tree[site.name]["one_off"] = site.opening_cost / scenario.horizon.years
        elif site.name in existing:
            tree[site.name] = {"one_off": site.closing_cost / scenario.horizon.years}
    revenue = {c.contact_type: c.revenue for c in scenario.cross_selling}
    value = {w.contact_type: w.value_per_contact for w in scenario.worth}
    earned = sum(
        revenue.get(r.contact_type, 0.0) * yearly(r.sales, hours)
        + value.get(r.contact_type, 0.0) * yearly(r.answered, hours)
        for r in rows
    )
    costs: dict[str, Any] = {"sites": tree, **_network_leaves(scenario, design, rows)}
    return Account(cost_per_year=math.fsum(leaves(costs)), revenue_per_year=earned, costs=costs)


def yearly(rates: Sequence[float], hours: Sequence[float]) -> float:
    """Units a year of hourly rates by period; nothing of an empty row."""
    return math.fsum(h * x for h, x in zip(hours, rates, strict=True)) if rates else 0.0


def connected_s(kind: ContactType, skill_aht_factor: float) -> float:
    """Seconds that an answered contact holds its line: ring, talk and hold, not wrap."""
    return (kind.aht_s - (kind.wrap_s or 0.0)) * skill_aht_factor


def _network_leaves(scenario: Scenario, design: Design, flows: list[FlowRow]) -> dict[str, dict[str, float]]:
    """Leaves that belong to no site, only where the scenario has the blocks."""
    found: dict[str, dict[str, float]] = {}
    if scenario.trunks:
        found["trunks"] = {t.name: t.rental_per_year * design.trunks.get(t.name, 0) for t in scenario.trunks}
    if scenario.charges:
        found["charges"] = {c.name: c.amount_per_year for c in scenario.charges}
    worth = {w.contact_type: w for w in scenario.worth if w.lost_value or w.dissatisfaction}
    if worth:
        hours = [p.hours_per_year for p in scenario.periods]
        mine = [r for r in flows if r.contact_type in worth]
        found["customers"] = {
            "lost contacts": math.fsum(
                worth[r.contact_type].lost_value * (yearly(r.offered, hours) - yearly(r.answered, hours)) for r in mine
            ),
            "dissatisfaction": math.fsum(
                yearly([x * v for x, v in zip(r.offered, r.displeasure, strict=True)], hours) for r in mine if r.displeasure
            ),
        }
    return found


def _open_site(scenario: Scenario, design: Design, site: Site, flows: list[FlowRow]) -> dict[str, float]:
    used = seats_used(scenario, design, site.name)
    leaf = {"fixed": site.fixed_cost_per_year, "seats": site.seat_cost_per_year * used}
    tariff = tariff_in_force(site, design)
    if tariff is None:
        leaf["labour"] = _wages(scenario, design, site)
    else:
        leaf["contract"] = tiered_price(tariff, _quantity(tariff, scenario, design, site, flows))
    leaf["overhead"] = sum(math.ceil(used / o.span - SEAT_TOLERANCE) * o.salary_per_year for o in site.overhead)
    if site.equipped_seats:
        leaf["equipment"] = math.fsum(
            e.cost_per_year * equipped_used(scenario, design, site.name, e) for e in site.equipped_seats
        )
    if site.labour_market:
        leaf["labour_market"] = tiered_price(Tariff(per="seat", tiers=site.labour_market), used)
    if site.pay_per_contact or site.pay_per_sale:
        hours = [p.hours_per_year for p in scenario.periods]
        leaf["variable_pay"] = site.pay_per_contact * math.fsum(yearly(r.answered, hours) for r in flows)
        leaf["variable_pay"] += site.pay_per_sale * math.fsum(yearly(r.sales, hours) for r in flows)
    toll = _toll_free(scenario, flows)
    return leaf | ({"toll_free": toll} if toll is not None else {})


def _toll_free(scenario: Scenario, flows: list[FlowRow]) -> float | None:
    """Minutes that callers wait and talk at the company's expense; None where the scenario has no such price."""
    price = {w.contact_type: w.toll_free_per_minute for w in scenario.worth if w.toll_free_per_minute}
    if not price:
        return None
    hours = [p.hours_per_year for p in scenario.periods]
    kinds = {c.name: c for c in scenario.contact_types}
    factor = {k.name: k.aht_factor for k in scenario.skill_sets}
    total = 0.0
    for r in flows:
        if r.contact_type in price:
            waited = yearly([x * w for x, w in zip(r.offered, r.wait_s, strict=True)], hours) if r.wait_s else 0.0
            talked = yearly(r.answered, hours) * connected_s(kinds[r.contact_type], factor[r.skill_set])
            total += price[r.contact_type] * (waited + talked) / 60.0
    return total


def _wages(scenario: Scenario, design: Design, site: Site) -> float:
    factor = {k.name: k.wage_factor for k in scenario.skill_sets}
    rate = site.wage_per_hour / (1.0 - site.shrinkage)
    return math.fsum(
        n * rate * factor[g.skill_set] * p.hours_per_year
        for g in design.groups
        if g.site == site.name
        for n, p in zip(g.agents, scenario.periods, strict=True)
    )


def _quantity(tariff: Tariff, scenario: Scenario, design: Design, site: Site, flows: list[FlowRow]) -> float:
    """Units per year that a tariff counts."""
    hours = [p.hours_per_year for p in scenario.periods]
    if tariff.per == "agent_hour":
        groups = (g.agents for g in design.groups if g.site == site.name)
        return math.fsum(n * h for agents in groups for n, h in zip(agents, hours, strict=True))
    if tariff.per in ("seat", "licence"):
        return float(seats_used(scenario, design, site.name))
    aht = {c.name: c.aht_s for c in scenario.contact_types}
    factor = {k.name: k.aht_factor for k in scenario.skill_sets}
    weight = {
        (c, k): 1.0 if tariff.per == "contact" else aht[c] * factor[k] / 60.0 for c in aht for k in factor
    }
    return math.fsum(
        weight[r.contact_type, r.skill_set] * x * h for r in flows for x, h in zip(r.answered, hours, strict=True)
    )
