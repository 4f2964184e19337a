"""The kernel without timers: walks arrivals and keeps departures in a heap.

It knows groups, ways by rank, priorities, what follows at once, laws and intervals. Abandonment is lazy: who has left is
dropped when an agent reaches the place, which is also the moment that ends the wait of a patient customer.
"""

from __future__ import annotations

import numpy as np

from ccopt.compilation import borrowed, compiled, inlined
from ccopt.simulation import randomness as r
from ccopt.simulation.draws import draw, interval_at, queue_of
from ccopt.simulation.heap import pop, push, replace
from ccopt.simulation.records import ABANDONED, ANSWERED, MOST_IDLE, Rows
from ccopt.simulation.state import SPARE, State, with_room
from ccopt.simulation.tables import Tables
from ccopt.simulation.waiting import close, comes_first, join


@compiled
def run_plain(tables: Tables, state: State) -> tuple[Rows, Rows, Rows, Rows]:
    """Walk all contacts; origins, courses, threads and how many, at the end."""
    outside = state.used[0].contacts
    following = _until_full(tables, state, outside, 0)
    while following >= 0:
        state = with_room(state, SPARE, 0)
        following = _until_full(tables, state, outside, following)
    close(state)
    return state.origins, state.courses, state.threads, state.used


@compiled
def _until_full(tables: Tables, state: State, outside: int, following: int) -> int:
    """Walk until nothing is left (-1), or until there is no room for another event: the next contact from outside.

    A function of its own: where arrays may be replaced, the compiler counts references to all of them, four times the walk.
    """
    t, s = borrowed(tables), borrowed(state)
    follows = t.follows.size > 0
    while not follows or s.used[0].contacts + SPARE <= s.courses.size:
        next_s = s.origins[following].time_s if following < outside else np.inf
        end_s = s.departures[0].time_s if s.used[0].departures > 0 else np.inf
        if end_s <= next_s:
            if end_s == np.inf:
                return -1
            _end_of_service(t, s, follows, end_s)
        else:
            if follows:
                s.threads[following].root = following
            _enter(t, s, following, next_s, False)
            following += 1
    return following


@inlined
def _end_of_service(t: Tables, s: State, follows: bool, now: float) -> None:
    """The agent takes the next contact, in whose favour the place in the heap changes hands; a follower comes in."""
    slot = s.departures[0].item
    course = s.courses[slot]
    s.teams[course.group].idle += 1
    vacant = not _take(t, s, course.group, now)
    if follows:
        child = _follower(t, s, slot, now)
        if child >= 0:
            vacant = not _enter(t, s, child, now, vacant) and vacant
    if vacant:
        pop(s.departures, s.used[0].departures)
        s.used[0].departures -= 1


@inlined
def _take(t: Tables, s: State, group: int, now: float) -> bool:
    """Whether an agent who just became free finds a contact."""
    while True:
        best, best_way, entry = -1, -1, 0.0
        for k in range(t.groups[group].first, t.groups[group].last):
            q, w = t.served[k].queue, t.served[k].way
            head = s.lines[q].head
            if head < 0:
                continue
            came = s.courses[head].entry_s
            if best < 0 or comes_first(t, s, q, w, came, best, best_way, entry):
                best, best_way, entry = q, w, came
        if best < 0:
            return False
        slot = s.lines[best].head
        course = s.courses[slot]
        s.lines[best].head = course.after
        course.offered_s = now - course.entry_s
        if course.leave_s >= now:
            _serve(t, s, slot, best_way, now, True)
            return True
        course.status, course.wait_s, course.end_s = ABANDONED, course.leave_s - course.entry_s, course.leave_s


@inlined
def _serve(t: Tables, s: State, slot: int, way: int, now: float, vacant: bool) -> None:
    """An agent of a way begins with a contact; ``vacant`` is whether the first place of the heap is to be had."""
    course, origin = s.courses[slot], s.origins[slot]
    course.status, course.group = ANSWERED, t.ways[way].group
    course.wait_s = now - course.entry_s
    course.offered_s = course.wait_s
    law = t.queues[course.queue].service_law
    end_s = now + draw(t, law, origin.key, r.SERVICE) * t.handle_s[way, origin.interval]
    course.end_s = end_s
    s.teams[course.group].idle -= 1
    if vacant:
        replace(s.departures, s.used[0].departures, end_s, slot)
    else:
        push(s.departures, s.used[0].departures, end_s, slot)
        s.used[0].departures += 1


@inlined
def _enter(t: Tables, s: State, slot: int, now: float, vacant: bool) -> bool:
    """Whether a contact finds an idle agent; else it waits."""
    queue = queue_of(t, s.origins[slot].source, s.origins[slot].key)
    s.courses[slot].queue, s.courses[slot].entry_s = queue, now
    best = -1
    for w in range(t.queues[queue].first, t.queues[queue].last):
        if best >= 0 and t.ways[w].rank > t.ways[best].rank:
            break
        idle = s.teams[t.ways[w].group].idle
        if idle > 0 and (best < 0 or (t.choice == MOST_IDLE and idle > s.teams[t.ways[best].group].idle)):
            best = w
    if best < 0:
        join(t, s, slot, queue, now)
        return False
    _serve(t, s, slot, best, now, vacant)
    return True


@inlined
def _follower(t: Tables, s: State, slot: int, now: float) -> int:
    """The contact that an answered one becomes at once; -1 for none."""
    row = t.queues[s.courses[slot].queue]
    if row.follow == row.follow_last:
        return -1
    u = r.uniform(s.origins[slot].key, r.FOLLOW)
    for k in range(row.follow, row.follow_last):
        if u < t.follows[k].until:
            child = s.used[0].contacts
            s.used[0].contacts += 1
            origin = s.origins[child]
            origin.key, origin.source = r.mix(s.origins[slot].key + r.CHILD), t.follows[k].source
            origin.time_s, origin.interval = now, interval_at(t, now)
            s.threads[child].root = s.threads[slot].root
            return int(child)
    return -1
