"""A network to simulate, by hand or from a scenario: sources, queues, groups, lines, self-service, changes.

Contacts come from *sources*, choose a *queue* by shares, and wait there for the *groups* on the queue's ways. Numbers
per interval are one number or one per interval of ``edges_s``; times are seconds from the start of the day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ccopt.simulation.laws import EXPONENTIAL, Law

PerInterval = float | tuple[float, ...]
GroupChoice = Literal["most_idle", "longest_idle", "in_order"]


def steady(value: PerInterval) -> float:
    """The number of a network with one interval."""
    return float(value[0] if isinstance(value, tuple) else value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redial:
    """Contacts that were blocked, gave up or were cut off come back with a probability, after an exponential time."""

    abandoned: float = 0.0
    blocked: float = 0.0
    delay_s: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where contacts come from: a region and contact type.

    Attributes
    ----------
    contacts_per_hour
        Poisson rate, per interval; 0 for contacts that only follow others.
    queues
        (queue, share); the shares sum to 1.
    busyness
        Index into ``Network.busyness`` of the day's common factor on the rate, None for 1.
    trunk
        Lines that a contact holds from arrival to the end of service; blocked when all are taken. A contact that
        follows at once keeps the line where its source has the same lines.
    self_service
        What answers first.
    """

    name: str
    queues: tuple[tuple[str, float], ...]
    contacts_per_hour: PerInterval = 0.0
    busyness: int | None = None
    trunk: str | None = None
    self_service: str | None = None
    redial: Redial | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A share of answered contacts becomes a contact of another source: escalation, transfer, repeat, journey.

    Without ``delay_s`` the customer stays on the line; else the new contact comes after an exponential time. The handle
    time of the new contact is multiplied by ``handle_factor`` (a shared history shortens it).
    """

    source: str
    share: float
    delay_s: float = 0.0
    handle_factor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offer at the end of service, to a share of customers, while the live state is at most ``threshold``.

    The state counts the contacts in service and waiting of the group that would sell, just before the service ends;
    None is always. ``to`` None: the same agent sells, for ``extra_s`` on average; else the customer is handed over to
    that source, whose home group's state counts, after ``extra_s`` in which the first agent prepares it; the handle
    time there is the selling.
    """

    share: float
    extra_s: float = 0.0
    success: float = 1.0
    threshold: int | None = None
    to: str | None = None
    law: Law = EXPONENTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One group that may serve a queue.

    Attributes
    ----------
    handle_s
        Mean handle time there, per interval of arrival.
    rank
        Groups of smaller rank are asked first.
    pull
        A free agent takes, at equal priority, from the way of smallest ``pull``, then the longest wait.
    after_s
        The way opens for a contact after it has waited so long (0: at once).
    reserve
        Taken only while more agents than this are idle (blending, e-mail between calls).
    open_s, close_s
        Time of day in which the way may be used.
    offer
        What its agents offer at the end of service.
    """

    group: str
    handle_s: PerInterval
    rank: int = 1
    pull: int = 0
    after_s: float = 0.0
    reserve: int = 0
    open_s: float = 0.0
    close_s: float = math.inf
    offer: Offer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Contacts that wait together. The first way (smallest rank, then order) leads to the *home* group.

    Attributes
    ----------
    priority
        Smaller is served first.
    patience_s, patience_law
        Mean patience per interval of arrival (inf: stays), and its law.
    service_law
        Law of handle times; the means stand on the ways.
    follows
        What answered contacts become; shares add to at most 1.
    endless
        Work that is always there (outbound lists): contacts taken from here without waiting, as many as this number,
        ``None`` for an ordinary queue, -1 without end.
    """

    name: str
    ways: tuple[Way, ...]
    priority: int = 1
    patience_s: PerInterval = math.inf
    patience_law: Law = EXPONENTIAL
    service_law: Law = EXPONENTIAL
    follows: tuple[Follow, ...] = ()
    endless: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Agents, per interval; who is busy when the number falls finishes and leaves.

    ``level_factor``: with several entries an agent serves as many chats at a time, and each takes ``level_factor[k]``
    times its handle time while k + 1 are open.
    """

    name: str
    agents: int | tuple[int, ...]
    level_factor: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """At ``at_s`` a group has ``agents``; with ``cut`` its contacts in service are cut off (loss of a site)."""

    at_s: float
    group: str
    agents: int
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfService:
    """An answering system: mean time, share of contacts that need no agent, ports (None: enough).

    ``ports_of`` names another whose ports this one uses (several menus of one system).
    """

    name: str
    mean_s: float
    contained: float
    ports: int | None = None
    ports_of: str | None = None
    law: Law = EXPONENTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """All of it.

    Attributes
    ----------
    edges_s
        Ends of the intervals, from 0 to the end of arrivals.
    trunks
        (name, lines).
    busyness
        Shapes of gamma factors of mean 1, drawn once a day.
    group_choice
        Which group serves among idle ones of equal rank: the most idle agents, the agent idle longest, or the first.

    Examples
    --------
    >>> pool = Network(
    ...     edges_s=(0.0, 3600.0),
    ...     sources=(Source(name="calls", queues=(("calls", 1.0),), contacts_per_hour=100.0),),
    ...     queues=(Queue(name="calls", ways=(Way(group="pool", handle_s=180.0),), patience_s=120.0),),
    ...     groups=(Group(name="pool", agents=6),),
    ... )
    >>> pool.groups[0].agents
    6
    """

    edges_s: tuple[float, ...]
    sources: tuple[Source, ...]
    queues: tuple[Queue, ...]
    groups: tuple[Group, ...]
    trunks: tuple[tuple[str, int], ...] = ()
    self_services: tuple[SelfService, ...] = ()
    changes: tuple[Change, ...] = ()
    busyness: tuple[float, ...] = ()
    group_choice: GroupChoice = "most_idle"
