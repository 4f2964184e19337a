"""Service: a way is chosen, a contact begins and ends, an offer is made, something follows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ccopt.compilation import compiled, inlined
from ccopt.simulation import randomness as r
from ccopt.simulation.chats import close_chat, open_chat
from ccopt.simulation.doors import child_of, comes_later, comes_now, first_thread, hang_up
from ccopt.simulation.draws import draw, interval_at
from ccopt.simulation.heap import pop, push
from ccopt.simulation.records import (
    ANSWERED,
    BRIEFING,
    CUT,
    HANDED,
    LONGEST_IDLE,
    MOST_IDLE,
    REFUSED,
    SELLING,
    SOLD,
    TO_SELL,
    WAITING,
)
from ccopt.simulation.state import State
from ccopt.simulation.tables import Tables
from ccopt.simulation.teams import becomes_busy, becomes_idle, idle_since
from ccopt.simulation.waiting import comes_first


@inlined
def _rather(t: Tables, s: State, group: int, other: int) -> bool:
    """Whether the rule of the network prefers a group to an earlier one of equal rank."""
    if t.choice == MOST_IDLE:
        return bool(s.teams[group].idle > s.teams[other].idle)
    return bool(t.choice == LONGEST_IDLE and idle_since(s, group) < idle_since(s, other))


@inlined
def idle_way(t: Tables, s: State, queue: int, now: float) -> int:
    """The way of smallest rank with an idle agent, among equals by the rule of the network; -1 without one."""
    best = -1
    for w in range(t.queues[queue].first, t.queues[queue].last):
        way = t.ways[w]
        if best >= 0 and way.rank > t.ways[best].rank:
            break
        if s.teams[way.group].idle <= way.reserve or way.after_s > 0.0 or now < way.open_s or now >= way.close_s:
            continue
        if best < 0 or _rather(t, s, way.group, t.ways[best].group):
            best = w
    return best


@inlined
def serve(t: Tables, s: State, slot: int, way: int, now: float) -> None:
    """An agent of a way begins with a contact."""
    course, origin, thread = s.courses[slot], s.origins[slot], s.threads[slot]
    group = t.ways[way].group
    course.status, course.group, thread.way = ANSWERED, group, way
    course.wait_s = now - course.entry_s
    course.offered_s = course.wait_s
    length = draw(t, t.queues[course.queue].service_law, origin.key, r.SERVICE) * t.handle_s[way, origin.interval]
    if thread.sale != TO_SELL:
        length *= thread.factor
    becomes_busy(t, s, group)
    if t.groups[group].levels > 1:
        open_chat(t, s, group, slot, length, now)
    else:
        course.end_s = now + length
        push(s.departures, s.used[0].departures, now + length, slot)
        s.used[0].departures += 1


@inlined
def _most_urgent(t: Tables, s: State, group: int, now: float) -> tuple[int, int]:
    """Queue and way from which a free agent takes the next contact; -1 for none."""
    best, best_way, best_entry = -1, -1, 0.0
    for k in range(t.groups[group].first, t.groups[group].last):
        q, w = t.served[k].queue, t.served[k].way
        way, head, entry = t.ways[w], s.lines[q].head, now
        if s.teams[group].idle <= way.reserve or now < way.open_s or now >= way.close_s:
            continue
        if head >= 0:
            entry = s.courses[head].entry_s
            if now - entry < way.after_s - 1e-9:
                continue
        elif t.queues[q].endless <= s.lines[q].made:
            continue
        if best < 0 or comes_first(t, s, q, w, entry, best, best_way, best_entry):
            best, best_way, best_entry = q, w, entry
    return best, best_way


@inlined
def pull(t: Tables, s: State, group: int, now: float, day: np.uint64) -> None:
    """Free agents of a group take what waits."""
    while s.teams[group].idle > 0:
        queue, way = _most_urgent(t, s, group, now)
        if queue < 0:
            return
        slot = s.lines[queue].head
        if slot < 0:
            slot = _from_endless_work(t, s, queue, now, day)
        else:
            course = s.courses[slot]
            s.lines[queue].head = course.after
            course.offered_s = now - course.entry_s
            if course.status != WAITING:
                continue
            s.teams[t.queues[queue].home].waiting -= 1
        serve(t, s, slot, way, now)


@compiled
def _from_endless_work(t: Tables, s: State, queue: int, now: float, day: np.uint64) -> int:
    """A contact that comes when an agent asks for it."""
    slot, source = s.used[0].contacts, t.queues[queue].source
    s.used[0].contacts += 1
    first_thread(s, slot)
    origin = s.origins[slot]
    origin.key, origin.source = r.contact_key(day, source, s.lines[queue].made), source
    origin.time_s, origin.interval = now, interval_at(t, now)
    s.lines[queue].made += 1
    s.courses[slot].queue, s.courses[slot].entry_s = queue, now
    return int(slot)


@inlined
def end_of_service(t: Tables, s: State, now: float) -> tuple[int, int]:
    """The first departure: group with a free agent and contact that follows at once; -1 for none."""
    slot, desk = s.departures[0].item, -1
    pop(s.departures, s.used[0].departures)
    s.used[0].departures -= 1
    if slot < 0:
        desk = -slot - 1
        slot = close_chat(t, s, desk, now)
    if slot < 0 or s.courses[slot].status == CUT:
        return -1, -1
    if _sells_on(t, s, slot, now):
        return -1, -1
    s.courses[slot].end_s = now
    group = s.courses[slot].group
    becomes_idle(t, s, group, desk, now)
    child = _follower(t, s, slot, now)
    hang_up(s, slot)
    return group, child


@inlined
def _sells_on(t: Tables, s: State, slot: int, now: float) -> bool:
    """Whether the agent stays with the customer, to sell or to prepare the handing over; else that is done, or is none."""
    thread, key = s.threads[slot], s.origins[slot].key
    offer = t.offers[thread.way]
    if thread.sale == SELLING:
        thread.sale = SOLD if r.uniform(key, r.SUCCESS) < offer.success else REFUSED
    elif thread.sale == TO_SELL:
        thread.sale = SOLD if r.uniform(key, r.SUCCESS) < thread.factor else REFUSED
    elif thread.sale == BRIEFING:
        thread.sale = HANDED
    elif _accepts(s, offer, key):
        thread.sale = SELLING if offer.source < 0 else BRIEFING if offer.extra_s > 0.0 else HANDED
        if thread.sale != HANDED:
            push(s.departures, s.used[0].departures, now + draw(t, offer.law, key, r.EXTRA) * offer.extra_s, slot)
            s.used[0].departures += 1
            return True
    return False


@inlined
def _accepts(s: State, offer: Any, key: np.uint64) -> bool:
    """Whether an offer is made: its share of customers, while the seller's live state allows."""
    if offer.share <= 0.0 or r.uniform(key, r.OFFER) >= offer.share:
        return False
    seller = s.teams[offer.group]
    return bool(seller.busy + seller.waiting <= offer.threshold)


@inlined
def _follower(t: Tables, s: State, slot: int, now: float) -> int:
    """What becomes of a served contact: handed over to be sold to, or another contact, at once or later; -1 for none now."""
    thread, row = s.threads[slot], t.queues[s.courses[slot].queue]
    if thread.sale == HANDED:
        offer = t.offers[thread.way]
        child = child_of(s, slot, offer.source)
        s.threads[child].sale, s.threads[child].factor = TO_SELL, offer.success
        comes_now(t, s, child, slot, now)
        return child
    if row.follow == row.follow_last:
        return -1
    u = r.uniform(s.origins[slot].key, r.FOLLOW)
    for k in range(row.follow, row.follow_last):
        follow = t.follows[k]
        if u < follow.until:
            child = child_of(s, slot, follow.source)
            s.threads[child].factor = follow.factor
            if follow.delay_s > 0.0:
                comes_later(s, child, now, follow.delay_s)
                return -1
            comes_now(t, s, child, slot, now)
            return child
    return -1
