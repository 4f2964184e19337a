"""From scenario and design to the network of one steady period."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design, Offer, Route
from ccopt.routing.checks import own_demand
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import ContactType, Scenario
from ccopt.simulation.entrances import Entrances
from ccopt.simulation.laws import EXPONENTIAL, Law
from ccopt.simulation.network import Follow, Group, Network, Queue, SelfService, Source, Way, steady
from ccopt.simulation.network import Offer as Selling

Floats = NDArray[np.float64]
DEFAULT_AWT_S = 20.0
OPEN_QUEUE = -1
PRIMARY, PAST_MENU, SALE, NO_AGENT = "primary", "past the menu", "sale", "no agent"
AT_ONCE_S = 1e-6  # a way that opens so soon serves only contacts that had to wait
BEHIND = 10_000  # background work waits for everything else


def awt_of(contact_type: ContactType) -> float:
    """Acceptable wait of the first service-level target; else a response time; 20 s without either."""
    for entry in contact_type.targets:
        if entry.service_level is not None and entry.awt_s is not None:
            return entry.awt_s
    for entry in contact_type.targets:
        if entry.max_response_h is not None:
            return entry.max_response_h * 3600.0
    return DEFAULT_AWT_S


def awt_shown(contact_type: ContactType) -> float:
    """The acceptable wait that stands in a row: a response time less the handle time."""
    limit = awt_of(contact_type)
    return max(0.0, limit - contact_type.aht_s) if by_response(contact_type) else limit


def by_response(contact_type: ContactType) -> bool:
    """Whether the time that counts runs until the contact is done (deferrable work), not until it is answered."""
    return all(e.service_level is None for e in contact_type.targets) and any(
        e.max_response_h is not None for e in contact_type.targets
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodNetwork:
    """The network of a period and what its parts stand for.

    ``source_of`` holds (region, contact type, kind), with its own kinds for contacts that do not pass the menu and for
    those that only hold lines; ``queue_of`` (contact type, home group or `OPEN_QUEUE` for one queue over several groups,
    kind), where kind ``sale`` marks customers handed over to be sold to.
    """

    network: Network
    source_of: tuple[tuple[str, str, str], ...]
    queue_of: tuple[tuple[str, int, str], ...]


@dataclass(slots=True)
class _Book:
    sources: dict[tuple[str, str, str], Source] = field(default_factory=dict)
    queues: dict[tuple[str, int, str, tuple[Way, ...], tuple[Follow, ...], float | None], Queue] = field(default_factory=dict)
    queue_of: list[tuple[str, int, str]] = field(default_factory=list)
    begun: set[tuple[str, str, str]] = field(default_factory=set)
    rates: dict[tuple[str, str, str], float] = field(default_factory=dict)


class Translator:
    """Networks of a checked design, period by period.

    Raises
    ------
    ScenarioError
        Lines or menus that are not simulated, see `Entrances`.
    """

    def __init__(
        self, scenario: Scenario, design: Design, *, service_law: Law = EXPONENTIAL, patience_law: Law = EXPONENTIAL
    ) -> None:
        self.scenario, self.design = core_of(scenario), design
        self.entrances = Entrances(scenario, self.scenario, design)
        scenario = self.scenario
        self.service_law, self.patience_law = service_law, patience_law
        self.groups = [(g.site, g.skill_set) for g in design.groups]
        self.at = {key: i for i, key in enumerate(self.groups)}
        self.kinds = {c.name: c for c in scenario.contact_types}
        self.factor = {k.name: k.aht_factor for k in scenario.skill_sets}
        self.skills = {k.name: k.contact_types for k in scenario.skill_sets}
        self.demand = own_demand(scenario)
        self.offers: dict[tuple[int, str], Offer] = {
            (self.at[o.site, o.skill_set], o.contact_type): o for o in design.offers
        }
        self.routes: dict[tuple[str, str, str], list[tuple[Route, int]]] = defaultdict(list)
        for r in design.routes:
            self.routes[r.region, r.contact_type, r.kind].append((r, self.at[r.site, r.skill_set]))

    def network(self, period: int, horizon_s: float) -> PeriodNetwork:
        """The network of one period, from 0 to the horizon."""
        book = _Book()
        for (r, c), row in self.demand.items():
            passing = self.entrances.split(r, c, period, row[period])
            book.rates |= {(r, c, kind): x for kind, x in zip((PRIMARY, PAST_MENU), passing, strict=True) if x > 0.0}
        # first of all, so that the numbers of contacts from outside do not depend on the design
        book.sources |= dict.fromkeys(book.rates, Source(name="", queues=()))
        for key in book.rates:
            self._source(book, key, period)
        self._other_load(book, period)
        groups = tuple(
            Group(name=str(i), agents=g.agents[period], level_factor=self._levels(g.skill_set))
            for i, g in enumerate(self.design.groups)
        )
        network = Network(
            edges_s=(0.0, horizon_s), sources=tuple(book.sources.values()), queues=tuple(book.queues.values()), groups=groups,
            trunks=self.entrances.trunks, self_services=self._machines(book),
        )  # fmt: skip
        return PeriodNetwork(network=network, source_of=tuple(book.sources), queue_of=tuple(book.queue_of))

    def _source(self, book: _Book, key: tuple[str, str, str], period: int) -> str:
        """The source of a region's contacts of a type; makes it and all that follows on first use."""
        region, contact_type, kind = key
        name = " / ".join(key)
        if key in book.begun:
            return name
        book.begun.add(key)
        book.sources.setdefault(key, Source(name=name, queues=()))
        follows = tuple(
            Follow(source=self._source(book, (region, e.to_type, "escalation"), period), share=e.share)
            for e in self.scenario.escalations
            if e.from_type == contact_type and e.share > 0.0
        )
        shares: dict[str, float] = defaultdict(float)
        for home, share, ways in self._ways(key, period):
            selling = tuple(self._selling(book, w, contact_type, region, period) for w in ways)
            what = (contact_type, home, PRIMARY if kind == PAST_MENU else kind)
            for part, patience, mine in self._callers(contact_type, selling):
                shares[self._queue(book, what, mine, follows, patience)] += part * share
        total = sum(shares.values())
        entrance = self.entrances.of[contact_type]
        book.sources[key] = Source(
            name=name, queues=tuple((q, s / total) for q, s in shares.items() if s > 0.0), trunk=entrance.trunk,
            contacts_per_hour=book.rates.get(key, 0.0), self_service=entrance.self_service if kind == PRIMARY else None,
        )  # fmt: skip
        return name

    def _other_load(self, book: _Book, period: int) -> None:
        """Contacts that hold lines and need no agent; the queue that they name is never entered."""
        if not self.design.groups:
            return
        kind = self.scenario.contact_types[0].name
        rows = list(self.entrances.other_load(period, NO_AGENT))
        if rows:
            queue = Queue(name=NO_AGENT, ways=(Way(group="0", handle_s=1.0),))
            book.queues[kind, 0, NO_AGENT, queue.ways, (), None] = queue
            book.queue_of.append((kind, 0, NO_AGENT))
        for source in rows:
            book.sources[source.name, kind, NO_AGENT] = source

    def _machines(self, book: _Book) -> tuple[SelfService, ...]:
        """Self-service that some source passes, with those whose ports it uses."""
        used = {s.self_service for s in book.sources.values()}
        used |= {m.ports_of for m in self.entrances.machines if m.name in used}
        return tuple(m for m in self.entrances.machines if m.name in used)

    def _callers(self, contact_type: str, ways: tuple[Way, ...]) -> list[tuple[float, float, tuple[Way, ...]]]:
        """(share, patience, ways) of the queues of a type: with call-back, who would accept it waits in one without end.

        Both queues are served by the longest wait, so that everybody keeps the place. Who waited there is rung back: a way
        that opens at once but not for those who find an idle agent, with the time of ringing on top.
        """
        kind = self.kinds[contact_type]
        patience = kind.patience_s or math.inf
        if kind.callback is None or kind.callback.accept == 0.0:
            return [(1.0, patience, ways)]
        accept, ring = kind.callback.accept, kind.callback.ring_back_s
        rung = tuple(replace(w, handle_s=steady(w.handle_s) + ring, after_s=max(w.after_s, AT_ONCE_S)) for w in ways)
        direct = tuple(w for w in ways if w.after_s < AT_ONCE_S)
        return [(1.0 - accept, patience, ways), (accept, math.inf, (*rung, *direct) if ring > 0.0 else ways)]

    def _queue(
        self, book: _Book, what: tuple[str, int, str], ways: tuple[Way, ...], follows: tuple[Follow, ...],
        patience_s: float | None = None,
    ) -> str:  # fmt: skip
        key = (*what, ways, follows, patience_s)
        if key not in book.queues:
            kind = self.kinds[what[0]]
            book.queues[key] = Queue(
                name=f"{what[0]} {what[2]} {len(book.queues)}", ways=ways, follows=follows,
                priority=kind.priority + (BEHIND if kind.background else 0),
                patience_s=patience_s or kind.patience_s or math.inf, patience_law=self.patience_law,
                service_law=self.service_law,
            )  # fmt: skip
            book.queue_of.append(what)
        return book.queues[key].name

    def _ways(self, key: tuple[str, str, str], period: int) -> list[tuple[int, float, tuple[Way, ...]]]:
        """(home group, share, ways) of each queue that a region's contacts enter."""
        region, contact_type, kind = key
        entered = PRIMARY if kind == PAST_MENU else kind
        first = [(r, g) for r, g in self.routes[region, contact_type, entered] if r.share[period] > 0.0]
        more = [(r, g) for r, g in self.routes[region, contact_type, "overflow"] if r.share[period] > 0.0]
        if self.design.regime == "virtual":
            ranks: dict[int, int] = {}
            for r, g in (*first, *more):
                ranks[g] = min(r.rank, ranks.get(g, r.rank))
            ways = tuple(self._way(g, contact_type, period, rank=k) for g, k in sorted(ranks.items(), key=lambda x: (x[1], x[0])))
            return [(int(ways[0].group) if len(ways) == 1 else OPEN_QUEUE, 1.0, ways)]
        rows = []
        for r, home in first:
            found = {home: self._way(home, contact_type, period, rank=0)}
            for o, g in sorted(more, key=lambda x: x[0].rank):
                if self.design.regime == "overflow" and g not in found:
                    found[g] = self._way(g, contact_type, period, rank=o.rank, pull=1, after_s=o.after_s or 0.0)
            rows.append((home, r.share[period], tuple(found.values())))
        return rows

    def _way(
        self, group: int, contact_type: str, period: int, *, rank: int, pull: int = 0, after_s: float = 0.0
    ) -> Way:
        kind, chosen = self.kinds[contact_type], self.design.groups[group]
        skill = self.groups[group][1]
        handle = (self._alone_s(kind) if len(self._levels(skill)) > 1 else kind.aht_s) * self.factor[skill]
        kept = chosen.reserve[period] if kind.background and chosen.reserve else 0
        return Way(group=str(group), handle_s=handle, rank=rank, pull=pull, after_s=after_s, reserve=kept)

    def _selling(self, book: _Book, way: Way, contact_type: str, region: str, period: int) -> Way:
        """The way with the offer of its group, if it makes one."""
        offer = self.offers.get((int(way.group), contact_type))
        if offer is None:
            return way
        share = offer.share[period] if isinstance(offer.share, tuple) else offer.share
        sale = next(x for x in self.scenario.cross_selling if x.contact_type == contact_type)
        selling = Selling(share=share, extra_s=sale.extra_s, success=sale.success, threshold=offer.threshold)
        if offer.route == "transfer":
            there = self.at[str(offer.to_site), str(offer.to_skill_set)]
            key = (region, contact_type, f"{SALE} {there}")
            if key not in book.sources:
                ways = (Way(group=str(there), handle_s=sale.briefing_s + sale.extra_s),)
                queue = self._queue(book, (contact_type, there, SALE), ways, ())
                trunk = self.entrances.of[contact_type].trunk
                book.sources[key] = Source(name=" / ".join(key), queues=((queue, 1.0),), trunk=trunk)
            selling = Selling(share=share, success=sale.success, threshold=offer.threshold, to=" / ".join(key),
                              extra_s=sale.briefing_s)  # fmt: skip
        return Way(
            group=way.group, handle_s=way.handle_s, rank=way.rank, pull=way.pull, after_s=way.after_s, offer=selling
        )

    def busy_h(self, parts: PeriodNetwork, busy_s: Floats, answered: Floats) -> Floats:
        """Hours of agents at work (G,): of agents with several chats the handle time of the chats answered."""
        hours: Floats = busy_s / 3600.0
        for g, group in enumerate(parts.network.groups):
            if len(group.level_factor) > 1:
                factor = self.factor[self.groups[g][1]]
                hours[g] = sum(
                    float(answered[s, g]) * self.kinds[name].aht_s * factor / 3600.0
                    for s, (_, name, what) in enumerate(parts.source_of) if what != NO_AGENT
                )
        return hours

    @staticmethod
    def _alone_s(kind: ContactType) -> float:
        """Handle time of a contact that has its agent alone."""
        return kind.chat_levels[0].handle_s if kind.chat_levels else kind.aht_s

    def _levels(self, skill_set: str) -> tuple[float, ...]:
        """Factors on the handle time by chats in hand, where all contacts of a skill set share them."""
        rows = {
            tuple(x.handle_s / c.chat_levels[0].handle_s for x in c.chat_levels)
            for c in (self.kinds[name] for name in self.skills[skill_set])
        }
        found = rows.pop() if len(rows) == 1 else ()
        return found or (1.0,)


def curves_of(scenario: Scenario, kinds: list[str]) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Corners of what a wait costs, for each contact type of a list."""
    points = {
        w.contact_type: [(p.wait_s, p.cost) for p in w.dissatisfaction] for w in scenario.worth if w.dissatisfaction
    }
    rows = []
    for name in kinds:
        row = points.get(name, [])
        rows.append([(0.0, 0.0), *row] if row and row[0][0] > 0.0 else row)
    start = np.concatenate(([0], np.cumsum([len(r) for r in rows]))).astype(np.int64)
    flat = np.array([p for r in rows for p in r], dtype=np.float64).reshape(-1, 2)
    return start, np.ascontiguousarray(flat[:, 0]), np.ascontiguousarray(flat[:, 1])
