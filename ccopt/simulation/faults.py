"""Every fault of a network made by hand: place, value, rule."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ccopt.simulation.network import Follow, Group, Network, PerInterval, Queue, Source, Way

TOLERANCE = 1e-6


def faults_of(network: Network) -> list[str]:
    """All faults; empty for a sound network."""
    edges = network.edges_s
    if len(edges) < 2 or edges[0] != 0.0 or any(b <= a for a, b in pairwise(edges)):
        return [f"edges_s = {edges!r}: must rise from 0"]
    intervals = len(edges) - 1
    names = {
        "source": [s.name for s in network.sources], "queue": [q.name for q in network.queues],
        "group": [g.name for g in network.groups], "trunk": [n for n, _ in network.trunks],
        "self_service": [v.name for v in network.self_services],
    }  # fmt: skip
    found = [f"{kind} {n!r} stands there {k} times" for kind, row in names.items() for n, k in Counter(row).items() if k > 1]
    for s in network.sources:
        found += _source(s, names, intervals, len(network.busyness))
    for q in network.queues:
        found += _queue(q, names, intervals, {g.name: g for g in network.groups})
    found += _endless(network)
    for g in network.groups:
        found += _group(g, intervals, network.group_choice)
    for c in network.changes:
        found += _known(f"change at {c.at_s:g}", c.group, names["group"], "group")
        found += _not_negative(f"change at {c.at_s:g} of {c.group}", agents=c.agents, at_s=c.at_s)
    for v in network.self_services:
        found += _shares(f"self-service {v.name}", contained=v.contained)
        found += _not_negative(f"self-service {v.name}", mean_s=v.mean_s, ports=v.ports or 0)
        if v.ports_of is not None:
            found += _known(f"self-service {v.name}, ports_of", v.ports_of, names["self_service"], "self-service")
    found += [f"trunk {n}: {lines} lines" for n, lines in network.trunks if lines < 0]
    found += [f"busyness[{i}] = {b!r}: shape must be positive" for i, b in enumerate(network.busyness) if not b > 0]
    return found


def _known(place: str, name: str, have: Sequence[str], what: str) -> Iterable[str]:
    if name not in have:
        yield f"{place}: {what} {name!r} not declared; have {list(have)[:8]}"


def _not_negative(place: str, **values: float) -> Iterable[str]:
    return [f"{place}: {k} = {v!r} must be a number of at least 0" for k, v in values.items() if not v >= 0]


def _shares(place: str, **values: float) -> Iterable[str]:
    return [f"{place}: {k} = {v!r} must lie between 0 and 1" for k, v in values.items() if not 0 <= v <= 1]


def _row(place: str, name: str, value: PerInterval, intervals: int) -> Iterable[str]:
    row = value if isinstance(value, tuple) else (value,) * intervals
    if len(row) != intervals:
        yield f"{place}: {name} has {len(row)} numbers for {intervals} intervals"
    yield from _not_negative(place, **{name: min(row, default=0.0) if not any(map(math.isnan, row)) else math.nan})


def _source(s: Source, names: dict[str, list[str]], intervals: int, factors: int) -> Iterable[str]:
    place = f"source {s.name}"
    yield from _row(place, "contacts_per_hour", s.contacts_per_hour, intervals)
    for name, _ in s.queues:
        yield from _known(place, name, names["queue"], "queue")
    if abs(sum(share for _, share in s.queues) - 1.0) > TOLERANCE or any(share < 0 for _, share in s.queues):
        yield f"{place}: shares of its queues must not be negative and sum to 1"
    if s.trunk is not None:
        yield from _known(place, s.trunk, names["trunk"], "trunk")
    if s.self_service is not None:
        yield from _known(place, s.self_service, names["self_service"], "self-service")
    if s.busyness is not None and not 0 <= s.busyness < factors:
        yield f"{place}: busyness = {s.busyness}: the network has {factors} factors"
    if s.redial is not None:
        yield from _shares(place, abandoned=s.redial.abandoned, blocked=s.redial.blocked)
        yield from _not_negative(place, delay_s=s.redial.delay_s)


def _queue(q: Queue, names: dict[str, list[str]], intervals: int, groups: dict[str, Group]) -> Iterable[str]:
    place = f"queue {q.name}"
    yield from _row(place, "patience_s", q.patience_s, intervals)
    if not q.ways:
        yield f"{place}: needs at least one way"
    for w in q.ways:
        yield from _way(f"{place} -> {w.group}", w, names, intervals)
    if len({(w.group, w.after_s) for w in q.ways}) < len(q.ways):
        yield f"{place}: a group stands on two ways that open at the same wait"
    yield from _follows(place, q.follows, names)
    for w in q.ways:
        yield from _offer(f"{place} -> {w.group}, offer", w, names, groups)


def _offer(place: str, w: Way, names: dict[str, list[str]], groups: dict[str, Group]) -> Iterable[str]:
    if w.offer is None:
        return
    yield from _shares(place, share=w.offer.share, success=w.offer.success)
    yield from _not_negative(place, extra_s=w.offer.extra_s)
    if w.offer.to is not None:
        yield from _known(place, w.offer.to, names["source"], "source")
    elif w.group in groups and len(groups[w.group].level_factor) > 1:
        yield f"{place}: an agent with several chats cannot sell on; hand over to a source"
    if w.offer.to is not None and w.offer.extra_s > 0 and len(groups[w.group].level_factor if w.group in groups else ()) > 1:
        yield f"{place}: extra_s = {w.offer.extra_s:g}: an agent with several chats cannot prepare a handing over; set 0"


def _endless(network: Network) -> Iterable[str]:
    """Work without end has a source of its own, at which nothing else arrives."""
    entered = {f.source for q in network.queues for f in q.follows} | {w.offer.to for q in network.queues for w in q.ways if w.offer}
    for q in network.queues:
        if q.endless is None:
            continue
        mine = [s for s in network.sources if q.name in dict(s.queues)]
        rates = [x for s in mine for x in (s.contacts_per_hour if isinstance(s.contacts_per_hour, tuple) else (s.contacts_per_hour,))]
        if len(mine) != 1 or len(mine[0].queues) > 1 or any(rates) or mine[0].name in entered:
            yield f"queue {q.name}: endless work needs one source of its own, with rate 0, that nothing else enters"


def _way(place: str, w: Way, names: dict[str, list[str]], intervals: int) -> Iterable[str]:
    yield from _known(place, w.group, names["group"], "group")
    yield from _row(place, "handle_s", w.handle_s, intervals)
    yield from _not_negative(place, after_s=w.after_s, reserve=w.reserve, open_s=w.open_s, close_s=w.close_s)


def _follows(place: str, follows: Sequence[Follow], names: dict[str, list[str]]) -> Iterable[str]:
    for f in follows:
        yield from _known(place, f.source, names["source"], "source")
        yield from _shares(f"{place} -> {f.source}", share=f.share)
        yield from _not_negative(f"{place} -> {f.source}", delay_s=f.delay_s, handle_factor=f.handle_factor)
    if sum(f.share for f in follows) > 1.0 + TOLERANCE:
        yield f"{place}: shares of what follows sum to more than 1"


def _group(g: Group, intervals: int, choice: str) -> Iterable[str]:
    place = f"group {g.name}"
    row = g.agents if isinstance(g.agents, tuple) else (g.agents,)
    if isinstance(g.agents, tuple) and len(row) != intervals:
        yield f"{place}: agents has {len(row)} numbers for {intervals} intervals"
    if any(n < 0 or n != int(n) for n in row):
        yield f"{place}: agents = {g.agents!r} must be whole and not negative"
    if not g.level_factor or any(not x > 0 for x in g.level_factor):
        yield f"{place}: level_factor = {g.level_factor!r} must be positive"
    if len(g.level_factor) > 1 and choice == "longest_idle":
        yield f"{place}: the longest idle agent is not defined for agents with several chats"
