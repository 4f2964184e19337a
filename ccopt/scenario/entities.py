"""Entities of a scenario document: what is given.

Frozen pydantic models; unknown keys are refused; numbers are strict (no ``"3"``, no ``true``) and finite. Rules that
need more than one field stand in `ccopt.scenario.checks`. Units are part of the names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from ccopt.kpis import Basis, MaxAbandonment, MaxAsa, MaxBlocking, MaxOccupancy, MaxResponse, ServiceLevel, Target
from ccopt.scenario.base import (
    MONEY_LIMIT,
    Count,
    Document,
    Factor,
    Hours,
    Money,
    Name,
    Patience,
    PositiveCount,
    Rate,
    Seconds,
    Share,
)
from ccopt.scenario.calendar import Calendar
from ccopt.scenario.kinds import (
    Campaign,
    ChannelShift,
    Charge,
    ChatLevel,
    Journey,
    Mailing,
    Quality,
    SelfService,
    Tenure,
    Trunk,
    Worth,
)
from ccopt.scenario.shifts import Shifts
from ccopt.scenario.transition import SoftFactor, Transition
from ccopt.scenario.uncertainty import Uncertainty
from ccopt.showing import as_table, in_a_line

if TYPE_CHECKING:
    import pandas as pd


def _whole_number(value: object) -> object:
    """``true`` equals 1 in Python, and is no version."""
    return None if isinstance(value, bool) else value


class Period(Document):
    """A steady period with its weight in hours per year."""

    name: Name
    hours_per_year: Hours


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


class TargetEntry(Document):
    """One promise; exactly one kind of target per entry."""

    service_level: Share | None = None
    awt_s: Seconds | None = None
    basis: Basis | None = None
    max_asa_s: Seconds | None = None
    max_abandonment: Share | None = None
    max_occupancy: Share | None = None
    max_blocking: Share | None = None
    max_response_h: Annotated[float, Field(strict=True, gt=0, le=1e5, allow_inf_nan=False)] | None = None
    share: Share | None = None

    def target(self) -> Target:
        """The target object of this entry (the entry must have passed the checks)."""
        if self.service_level is not None and self.awt_s is not None:
            return ServiceLevel(self.service_level, self.awt_s, self.basis or "offered")
        if self.max_asa_s is not None:
            return MaxAsa(self.max_asa_s)
        if self.max_abandonment is not None:
            return MaxAbandonment(self.max_abandonment)
        if self.max_occupancy is not None:
            return MaxOccupancy(self.max_occupancy)
        if self.max_blocking is not None:
            return MaxBlocking(self.max_blocking)
        if self.max_response_h is not None:
            return MaxResponse(self.max_response_h, 1.0 if self.share is None else self.share)
        msg = "targets entry without a target"
        raise ValueError(msg)


class ContactType(Document):
    """A kind of contact; the handle time is ring + talk + hold + wrap."""

    name: Name
    channel: Literal["voice", "callback", "chat", "email", "post", "sms", "social", "video", "backoffice"] = "voice"
    ring_s: Seconds | None = None
    talk_s: Seconds | None = None
    hold_s: Seconds | None = None
    wrap_s: Seconds | None = None
    patience_s: Patience | None = None
    priority: Annotated[int, Field(strict=True, ge=0, le=1000)] = 1
    targets: tuple[TargetEntry, ...] = ()
    chat_levels: tuple[ChatLevel, ...] = ()
    background: Annotated[bool, Field(strict=True)] = False

    @property
    def aht_s(self) -> float:
        """Average handle time in seconds, before the factor of a skill set."""
        return sum(part for part in (self.ring_s, self.talk_s, self.hold_s, self.wrap_s) if part is not None)


class SkillSet(Document):
    """What an agent can do, how fast, and at which wage factor."""

    name: Name
    contact_types: Annotated[tuple[Name, ...], Field(min_length=1)]
    aht_factor: Factor = 1.0
    wage_factor: Factor = 1.0
    tenure: tuple[Tenure, ...] = ()


class Demand(Document):
    """Contacts offered per hour by a region, one number or one per period."""

    region: Name
    contact_type: Name
    contacts_per_hour: Rate | tuple[Rate, ...]


class Link(Document):
    """Telecom cost per offered contact between a region and a site, or a ban."""

    region: Name
    site: Name
    cost_per_contact: Money = 0.0
    allowed: Annotated[bool, Field(strict=True)] = True


class Escalation(Document):
    """``share`` of the answered ``from_type`` contacts becomes a ``to_type`` contact of the same region.

    Handing one over takes its agent ``handover_s``, beside the handle time of every contact.
    """

    from_type: Name
    to_type: Name
    share: Share
    handover_s: Seconds = 0.0


class CrossSelling(Document):
    """An offer after service: extra handle time, success probability, revenue per success."""

    contact_type: Name
    extra_s: Seconds
    success: Share
    revenue: Money


class Region(Document):
    """Where demand comes from; coordinates are for the map."""

    name: Name
    latitude: Annotated[float, Field(strict=True, ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(strict=True, ge=-180, le=180)] | None = None


class Horizon(Document):
    """Years over which one-off costs are spread."""

    years: Annotated[float, Field(strict=True, gt=0, le=100, allow_inf_nan=False)] = 5.0


class Assignment(Document):
    """Today: the contacts of a region and type go to a group."""

    region: Name
    contact_type: Name
    site: Name
    skill_set: Name
    share: Share = 1.0


class ExistingGroup(Document):
    """Today: a group, and its agents per period where known (else staffed to the targets)."""

    site: Name
    skill_set: Name
    agents: tuple[Count, ...] | None = None


class Existing(Document):
    """The layout of today."""

    open_sites: tuple[Name, ...]
    groups: tuple[ExistingGroup, ...] = ()
    assignments: tuple[Assignment, ...] = ()


class LimitEntry(Document):
    """A limit of the planner, as a document: ``kind`` names it (``max_sites``, ``survive_site_loss``, ...)."""

    kind: Literal[
        "max_sites", "min_sites", "force_open", "force_closed", "budget", "quality_floor", "max_groups",
        "min_group_size", "survive_site_loss", "max_share_at_site", "labour_pool", "max_change", "min_agents_at_site",
    ]  # fmt: skip
    value: Annotated[float, Field(strict=True, ge=0, le=MONEY_LIMIT, allow_inf_nan=False)] | None = None
    site: Name | None = None
    skill_set: Name | None = None
    contact_type: Name | None = None
    share: Share | None = None
    surge: Annotated[float, Field(strict=True, ge=1, le=10, allow_inf_nan=False)] | None = None
    relocatable: Share | None = None


class Assumption(Document):
    """A figure that somebody assumed: value, range and source, for the register in the report."""

    name: Name
    value: str
    range: str = ""
    source: str


class Scenario(Document):
    """What is given: periods, sites, contact types, skill sets, demand, links and optional blocks."""

    schema_version: Annotated[Literal[1], BeforeValidator(_whole_number)]
    name: Name
    title: str = ""
    question: str = ""
    currency: Annotated[str, Field(min_length=1, max_length=10)] = "EUR"
    periods: Annotated[tuple[Period, ...], Field(min_length=1)]
    sites: Annotated[tuple[Site, ...], Field(min_length=1)]
    contact_types: Annotated[tuple[ContactType, ...], Field(min_length=1)]
    skill_sets: Annotated[tuple[SkillSet, ...], Field(min_length=1)]
    demand: Annotated[tuple[Demand, ...], Field(min_length=1)]
    links: tuple[Link, ...] = ()
    regions: tuple[Region, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    cross_selling: tuple[CrossSelling, ...] = ()
    limits: tuple[LimitEntry, ...] = ()
    existing: Existing | None = None
    horizon: Horizon = Horizon()
    journeys: tuple[Journey, ...] = ()
    channel_shifts: tuple[ChannelShift, ...] = ()
    quality: tuple[Quality, ...] = ()
    mailings: tuple[Mailing, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    self_service: tuple[SelfService, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    worth: tuple[Worth, ...] = ()
    charges: tuple[Charge, ...] = ()
    calendar: Calendar | None = None
    uncertainty: tuple[Uncertainty, ...] = ()
    shifts: Shifts | None = None
    soft_factors: tuple[SoftFactor, ...] = ()
    transition: Transition | None = None
    assumptions: tuple[Assumption, ...] = ()

    def to_frame(self, rows: str = "sites") -> pd.DataFrame:
        """A list of the document (``sites``, ``demand``, ``assumptions``, ...) as a pandas frame.

        Raises
        ------
        ValueError
            The document has no such list.
        """
        import pandas as pd

        lists = [k for k in type(self).model_fields if isinstance(getattr(self, k), tuple)]
        if rows not in lists:
            msg = f"rows = {rows!r}: have {lists}"
            raise ValueError(msg)
        return pd.DataFrame([r.model_dump(exclude_defaults=True) for r in getattr(self, rows)])

    def _facts(self) -> list[tuple[str, object]]:
        lists = ("periods", "sites", "contact_types", "skill_sets", "demand", "links")
        more = tuple(k for k, v in self if k not in (*lists, "regions", "assumptions") and isinstance(v, tuple) and v)
        return [("name", self.name), *((k, len(getattr(self, k))) for k in lists), ("also", more), ("currency", self.currency)]

    def __repr__(self) -> str:
        return in_a_line("Scenario", self._facts())

    __str__ = __repr__

    def _repr_html_(self) -> str:
        rows = [(s.name, s.kind, s.seats, s.wage_per_hour, s.fixed_cost_per_year, s.shrinkage) for s in self.sites]
        head = ("site", "kind", "seats", "wage per hour", "fixed cost per year", "shrinkage")
        return as_table(f"Scenario {self.title or self.name}", self._facts(), head, rows)
