"""Entities of the optional blocks: channels, self-service, outbound, quality, what contacts are worth.

Each block is turned into the core of a scenario (demand, escalations, handle times, trunks, worth) by
`ccopt.scenario.core.core_of`, so that optimiser, evaluation and simulation judge the same thing.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ccopt.scenario.base import Count, Document, Factor, Money, Name, Patience, Rate, Seconds, Share

BelowOne = Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)]


class Journey(Document):
    """A contact that spawns one in another channel: ``share`` of the answered ``from_type`` contacts.

    What the first agent noted shortens the second contact: its handle time is multiplied by ``handle_factor``. A type
    with such a factor takes no contacts of its own (declare one for them), so that its handle time is one number.
    """

    from_type: Name
    to_type: Name
    share: Share
    handle_factor: Factor = 1.0


class ChannelShift(Document):
    """``share`` of the demand of one contact type moves to another (a campaign for chat instead of calls)."""

    from_type: Name
    to_type: Name
    share: Share
    region: Name | None = None


class Quality(Document):
    """What a contact achieves: ``first_contact_resolution`` of the contacts settle the matter.

    ``returns`` of the customers whose matter is open contact again (with the same type, in the same period), so that
    each matter takes 1 / (1 - returns (1 - first_contact_resolution)) contacts. ``redial`` of the contacts that are lost
    are tried again; ``lost`` is the share lost at which they are counted (that of the history: a plan that loses fewer has
    fewer redials, so that this is safe). ``accuracy`` is the share of the settled matters that were settled rightly (None:
    all); ``fault_returns`` of those with a fault contact again as well.
    """

    contact_type: Name
    first_contact_resolution: Share = 1.0
    returns: Share = 1.0
    redial: Share = 0.0
    lost: Share = 0.0
    accuracy: Share | None = None
    fault_returns: Share = 0.0

    @property
    def again(self) -> float:
        """Share of contacts that are followed by another one of the same type: open matters, faults in settled ones, redials."""
        solved = self.first_contact_resolution
        faults = 0.0 if self.accuracy is None else 1.0 - self.accuracy
        again = self.returns * (1.0 - solved) + self.fault_returns * solved * faults
        return again * (1.0 - self.lost) + self.redial * self.lost



class Mailing(Document):
    """Letters or messages that cause inbound contacts: ``pieces_per_year`` x ``response``, spread over ``periods``."""

    name: Name
    region: Name
    contact_type: Name
    pieces_per_year: Rate
    response: Share
    periods: tuple[Name, ...] | None = None
    cost_per_piece: Money = 0.0


class Campaign(Document):
    """Outbound calls: a list of addresses a year, called within ``periods``.

    ``hit_rate`` of the attempts reach somebody; a miss takes an agent ``miss_s`` (0 with an automatic dialler);
    ``success`` of the people reached are worth ``value``. The contact type is worked off as background work: it has no
    waiting target, and agents who also take inbound contacts do it in their idle time.
    """

    name: Name
    region: Name
    contact_type: Name
    list_per_year: Rate
    hit_rate: Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False)]
    success: Share = 0.0
    value: Money = 0.0
    miss_s: Seconds = 0.0
    periods: tuple[Name, ...] | None = None


class Menu(Document):
    """A menu of the voice computer before the agents: ``containment`` of the contacts that pass it end there."""

    contact_type: Name
    time_s: Seconds
    containment: BelowOne = 0.0
    share: Share = 1.0


class SelfService(Document):
    """A voice computer: menus, its ports (one per contact in a menu) and the lines that all of its contacts hold.

    Ports and lines are sized by loss formulas for ``max_blocking`` of the attempts in every period.
    """

    name: Name
    menus: Annotated[tuple[Menu, ...], Field(min_length=1)]
    max_blocking: Annotated[float, Field(strict=True, gt=0, lt=1, allow_inf_nan=False)] = 0.01
    port_rental_per_year: Money = 0.0
    line_rental_per_year: Money = 0.0
    number_rental_per_year: Money = 0.0


class Trunk(Document):
    """A bank of lines or ports: contacts that find none free are blocked.

    ``erlangs`` (per period) is the load that no agent causes; ``contact_types`` hold one line each while they wait and
    talk.
    """

    name: Name
    max_blocking: Annotated[float, Field(strict=True, gt=0, lt=1, allow_inf_nan=False)] = 0.01
    rental_per_year: Money = 0.0
    contact_types: tuple[Name, ...] = ()
    erlangs: Rate | tuple[Rate, ...] = 0.0


class CallBack(Document):
    """Call-back (virtual hold): ``accept`` of those who must wait hang up, keep their place and are rung back.

    They never give up; ringing until they answer takes the agent ``ring_back_s`` (attempts times the time of one).
    """

    accept: Share
    ring_back_s: Seconds = 0.0


class EquippedSeats(Document):
    """Seats of a site with equipment (video rooms): who may serve one of ``contact_types`` sits at one.

    At most ``seats`` such agents are present; each used seat costs ``cost_per_year`` beside the ordinary seat.
    """

    name: Name
    contact_types: Annotated[tuple[Name, ...], Field(min_length=1)]
    seats: Count | None = None
    cost_per_year: Money = 0.0


class CurvePoint(Document):
    """A point of a curve: a wait and what it costs."""

    wait_s: Seconds
    cost: Money


class Worth(Document):
    """What contacts of a type are worth, beside the promises.

    ``value_per_contact`` is earned with each answered contact; ``lost_value`` is lost with each one that abandons or is
    blocked; ``toll_free_per_minute`` is paid while a caller waits or talks; ``dissatisfaction`` is a curve of money over
    the wait, straight between its points and beyond the last two (a wait of 0 costs 0).
    """

    contact_type: Name
    value_per_contact: Money = 0.0
    lost_value: Money = 0.0
    toll_free_per_minute: Money = 0.0
    dissatisfaction: tuple[CurvePoint, ...] = ()


class Charge(Document):
    """A yearly amount that no decision changes (licences, numbers, letters)."""

    name: Name
    amount_per_year: Money


class Tenure(Document):
    """A part of the staff by experience: its share, how slow it is and what it is paid."""

    name: Name
    share: Share
    aht_factor: Factor = 1.0
    wage_factor: Factor = 1.0


class ChatLevel(Document):
    """Handle time of one chat while its agent has ``chats`` in hand."""

    chats: Annotated[int, Field(strict=True, ge=1, le=20)]
    handle_s: Patience
