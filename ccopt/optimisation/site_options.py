"""Site options (a site under one contract form) and their costs and sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ccopt.costs import connected_s
from ccopt.optimisation.limits import LabourPool, Limit
from ccopt.optimisation.problem import Floats
from ccopt.optimisation.volumes import Volumes
from ccopt.scenario.entities import Scenario, Site, Tariff
from ccopt.staffing.trunks import least_trunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A site under one of its contract forms (None: the site has no choice)."""

    site: Site
    tariff: Tariff | None
    contract: str | None


def options_of(scenario: Scenario) -> list[Option]:
    """All options, in the order of the document."""
    options = []
    for site in scenario.sites:
        if site.tariffs:
            options += [Option(site=site, tariff=t, contract=t.name) for t in site.tariffs]
        else:
            options.append(Option(site=site, tariff=site.tariff, contract=None))
    return options


def pooled(site: Site, limits: Sequence[Limit]) -> bool:
    """Whether a labour pool is what keeps the agents of a site few."""
    pools = [v.agents for v in limits if isinstance(v, LabourPool) and v.site == site.name]
    pools += [site.labour_pool] if site.labour_pool is not None else []
    return bool(pools) and (site.seats is None or min(pools) < site.seats)


def site_arrays(s: Scenario, options: Sequence[Option], volumes: Volumes, limits: Sequence[Limit]) -> dict[str, Any]:
    """Costs and sizes of the site options."""
    existing = set(s.existing.open_sites) if s.existing else set()
    money = [_money(o, s.horizon.years, now_open=o.site.name in existing) for o in options]
    available = [[o.site.periods is None or p.name in o.site.periods for p in s.periods] for o in options]
    base = sum(site.closing_cost for site in s.sites if site.name in existing) / s.horizon.years + _constants(s, volumes)
    return {
        "seat_cost": np.array([m[0] for m in money]), "site_cost": np.array([m[1] for m in money]), "base_cost": base,
        "seats": np.array([_most_agents(o.site, limits) for o in options], dtype=np.int64),
        "overhead": tuple(o.site.overhead for o in options), "contracts": tuple(m[2] for m in money),
        "available": np.array(available),
    }  # fmt: skip


def _money(o: Option, years: float, *, now_open: bool) -> tuple[float, float, Tariff | None]:
    """Cost of a used seat and of the open option, and the exact contract where these are an underestimate."""
    t = o.tariff
    exact = t is not None and (t.tiers or t.minimum > 0.0)
    market = Tariff(per="seat", tiers=o.site.labour_market) if t is None and o.site.labour_market else None
    by_seat = market is not None or (t is not None and t.per in ("seat", "licence"))
    one_off = -o.site.closing_cost if now_open else o.site.opening_cost
    seat = o.site.seat_cost_per_year + (lowest_price(market or t) if by_seat else 0.0)
    return seat, o.site.fixed_cost_per_year + one_off / years, market or (t if exact else None)


def _most_agents(site: Site, limits: Sequence[Limit]) -> int:
    """Seats or labour pool, -1 without either."""
    caps = [c for c in (site.seats, site.labour_pool) if c is not None]
    caps += [v.agents for v in limits if isinstance(v, LabourPool) and v.site == site.name]
    return min(caps) if caps else -1


def _constants(s: Scenario, v: Volumes) -> float:
    """Yearly money that no design escapes: charges, the least lines, less all that contacts could bring."""
    names, high, low = v.commodities()
    talk: dict[str, Floats] = {}
    best = {w.contact_type: w.value_per_contact for w in s.worth}
    brought = 0.0
    for c, (_, kind) in enumerate(names):
        brought += best.get(kind, 0.0) * float(high[c] @ v.hours)
        fastest = min((k.aht_factor for k in s.skill_sets if kind in k.contact_types), default=0.0)
        answered = 1.0 - v.largest_abandonment(v.types[kind])
        load = low[c] * answered * connected_s(v.types[kind], fastest) / 3600.0
        talk[kind] = talk.get(kind, np.zeros(len(v.hours))) + load
    lines = least_trunks(s, talk) if s.trunks else {}
    rented = sum(t.rental_per_year * lines[t.name] for t in s.trunks)
    return sum(c.amount_per_year for c in s.charges) + rented - brought


def lowest_price(tariff: Tariff | None) -> float:
    """Lowest price of any tier, 0 without a tariff."""
    if tariff is None:
        return 0.0
    return min((t.price for t in tariff.tiers), default=tariff.price or 0.0)
