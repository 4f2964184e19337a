"""Entities of contacts: their types and promises, who can handle them, where they come from and what follows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ccopt.kpis import Basis, MaxAbandonment, MaxAsa, MaxBlocking, MaxOccupancy, MaxResponse, ServiceLevel, Target
from ccopt.scenario.base import Document, Factor, Money, Name, Patience, Rate, Seconds, Share
from ccopt.scenario.kinds import CallBack, ChatLevel, Tenure


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
    callback: CallBack | None = None
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


class Escalation(Document):
    """``share`` of the answered ``from_type`` contacts becomes a ``to_type`` contact of the same region.

    Handing one over takes its agent ``handover_s``, beside the handle time of every contact. Agents of ``from_type`` have
    the ``authority`` to decide that share of these cases themselves, which takes them ``decide_s`` each.
    """

    from_type: Name
    to_type: Name
    share: Share
    handover_s: Seconds = 0.0
    authority: Share = 0.0
    decide_s: Seconds = 0.0


class CrossSelling(Document):
    """An offer after service: extra handle time, success probability, revenue per success.

    On a warm transfer both agents spend ``briefing_s`` on handing the customer over, beside the ``extra_s`` of the second.
    """

    contact_type: Name
    extra_s: Seconds
    success: Share
    revenue: Money
    briefing_s: Seconds = 0.0
