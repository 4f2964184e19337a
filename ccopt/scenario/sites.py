"""Entities of places: sites, vendors, home-based workforces, what they cost, and the lines to them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ccopt.scenario.base import MONEY_LIMIT, Count, Document, Money, Name, PositiveCount
from ccopt.scenario.kinds import EquippedSeats


class Tier(Document):
    """One step of a price list: marginal ``price`` up to ``up_to`` units a year (None: without end)."""

    up_to: Annotated[float, Field(strict=True, gt=0, le=MONEY_LIMIT, allow_inf_nan=False)] | None = None
    price: Money


class Tariff(Document):
    """Price of an outsourced form: ``price`` per unit, or marginal ``tiers``; at least ``minimum`` a year."""

    name: Name | None = None
    per: Literal["agent_hour", "seat", "licence", "contact", "minute"]
    price: Money | None = None
    tiers: tuple[Tier, ...] = ()
    minimum: Money = 0.0


class Overhead(Document):
    """Staff that a site needs in steps: one person for each started ``span`` of used seats."""

    role: Name
    span: PositiveCount
    salary_per_year: Money


class Site(Document):
    """A place, a vendor or a home-based workforce where agents work."""

    name: Name
    kind: Literal["inhouse", "outsourced", "on_demand", "home"]
    region: Name | None = None
    latitude: Annotated[float, Field(strict=True, ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(strict=True, ge=-180, le=180)] | None = None
    seats: Count | None = None
    wage_per_hour: Money = 0.0
    fixed_cost_per_year: Money = 0.0
    seat_cost_per_year: Money = 0.0
    shrinkage: Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)] = 0.0
    tariff: Tariff | None = None
    tariffs: tuple[Tariff, ...] = ()
    overhead: tuple[Overhead, ...] = ()
    opening_cost: Money = 0.0
    closing_cost: Money = 0.0
    labour_pool: Count | None = None
    skill_sets: tuple[Name, ...] | None = None
    periods: tuple[Name, ...] | None = None
    pay_per_contact: Money = 0.0
    pay_per_sale: Money = 0.0
    labour_market: tuple[Tier, ...] = ()
    equipped_seats: tuple[EquippedSeats, ...] = ()


class Link(Document):
    """Telecom cost per offered contact between a region and a site, or a ban."""

    region: Name
    site: Name
    cost_per_contact: Money = 0.0
    allowed: Annotated[bool, Field(strict=True)] = True
