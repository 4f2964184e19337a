"""The kernel with timers: walks arrivals, keeps departures and everything else that has a time in two heaps.

It knows live counts, ways that open after a wait or by the clock, reserves, staff changes, cut calls, lines,
self-service, redials and other delayed contacts, offers, several chats per agent, endless work. Networks without any of
these run in `plain`.

Rules. At equal times departures come first, then timers (staff, ways, self-service, returns, leaving), then arrivals. A
contact takes an idle agent of the smallest rank, else it waits. A free agent takes, over its queues, the smallest
priority, then the smallest pull, then the longest wait. A customer who leaves at the very moment is still there.
"""

from __future__ import annotations

import numpy as np

from ccopt.compilation import borrowed, compiled, inlined
from ccopt.simulation.doors import (
    HELD,
    REFUSED_ENTRY,
    end_of_self_service,
    first_thread,
    front_door,
    may_come_again,
)
from ccopt.simulation.draws import interval_at, queue_of
from ccopt.simulation.heap import pop
from ccopt.simulation.records import ABANDONED, WAITING, Rows
from ccopt.simulation.service import end_of_service, idle_way, pull, serve
from ccopt.simulation.state import SPARE, State, with_room
from ccopt.simulation.tables import Tables
from ccopt.simulation.teams import change_staff
from ccopt.simulation.timers import CHANGE, COME_AGAIN, DELAYED_WAY, LEAVE, OPENING, PAYLOAD, RETURN, SELF_END, at
from ccopt.simulation.waiting import close, join


@compiled
def run_rich(tables: Tables, state: State, day: np.uint64) -> tuple[Rows, Rows, Rows, Rows]:
    """Walk all contacts; origins, courses, threads and how many, at the end."""
    outside, places = state.used[0].contacts, _places(tables)
    spare = (SPARE + places, SPARE + tables.ways.size + places)
    _planned(tables, state)
    following = _until_full(tables, state, day, spare, (outside, 0))
    while following >= 0:
        state = with_room(state, spare[0], spare[1])
        following = _until_full(tables, state, day, spare, (outside, following))
    close(state)
    return state.origins, state.courses, state.threads, state.used


@compiled
def _until_full(tables: Tables, state: State, day: np.uint64, spare: tuple[int, int], reached: tuple[int, int]) -> int:
    """Walk until nothing is left (-1), or until there is no room for another event: the next contact from outside.

    A function of its own: where arrays may be replaced, the compiler counts references to all of them, which costs more than
    the walk. ``spare`` are contacts and timers of one event, ``reached`` the contacts from outside and the next of them.
    """
    t, s = borrowed(tables), borrowed(state)
    outside, following = reached
    while _has_room(s, spare):
        next_s = s.origins[following].time_s if following < outside else np.inf
        end_s = s.departures[0].time_s if s.used[0].departures > 0 else np.inf
        timer_s = s.timers[0].time_s if s.used[0].timers > 0 else np.inf
        now = min(next_s, end_s, timer_s)
        if now == np.inf:
            return -1
        free, came, fresh, gone = -1, -1, False, -1
        if end_s <= now:
            free, came = end_of_service(t, s, now)
        elif timer_s <= now:
            free, came, fresh, gone = _timer(t, s, now)
        else:
            came, fresh = following, True
            first_thread(s, came)
            following += 1
        if free >= 0:
            pull(t, s, free, now, day)
        if came >= 0 and not _enter(t, s, came, fresh, now):
            gone = came
        if gone >= 0:
            may_come_again(t, s, gone, now)
    return following


@inlined
def _has_room(s: State, spare: tuple[int, int]) -> bool:
    """Whether the arrays have room for what one event can add."""
    used = s.used[0]
    return bool(
        used.contacts + spare[0] <= s.courses.size and used.departures + spare[0] <= s.departures.size
        and used.timers + spare[1] <= s.timers.size
    )  # fmt: skip


@compiled
def _places(t: Tables) -> int:
    """Contacts that all groups can serve at a time."""
    total = 0
    for g in range(t.groups.size):
        total += t.groups[g].most * t.groups[g].levels
    return total


@compiled
def _planned(t: Tables, s: State) -> None:
    """What is known from the start: changes of staff, and ways that open by the clock."""
    for c in range(t.changes.size):
        at(s, t.changes[c].time_s, CHANGE, c)
    for w in range(t.ways.size):
        if t.ways[w].open_s > 0.0 or t.ways[w].close_s <= t.horizon_s:
            at(s, t.ways[w].open_s, OPENING, w)


@inlined
def _timer(t: Tables, s: State, now: float) -> tuple[int, int, bool, int]:
    """The first timer: group to look for work, contact that comes in and whether it is new, contact that is gone."""
    kind, item = s.timers[0].item // PAYLOAD, s.timers[0].item % PAYLOAD
    pop(s.timers, s.used[0].timers)
    s.used[0].timers -= 1
    free, came, gone = -1, -1, -1
    if kind == LEAVE:
        course = s.courses[item]
        if course.status == WAITING:
            course.status, course.wait_s, course.end_s = ABANDONED, course.leave_s - course.entry_s, now
            s.teams[t.queues[course.queue].home].waiting -= 1
            gone = item
    elif kind == DELAYED_WAY:
        slot, way = item // t.ways.size, t.ways[item % t.ways.size]
        if s.courses[slot].status == WAITING and s.teams[way.group].idle > way.reserve:
            free = way.group
    elif kind == RETURN:
        s.origins[item].interval = interval_at(t, now)
        came = item
    elif kind == SELF_END:
        if end_of_self_service(t, s, item, now):
            came = item
    elif kind == COME_AGAIN:
        gone = item
    elif kind == OPENING:
        free = t.ways[item].group
    else:
        free = change_staff(t, s, item, now)
    return free, came, kind == RETURN, gone


@inlined
def _enter(t: Tables, s: State, slot: int, fresh: bool, now: float) -> bool:
    """A contact comes in, is served, waits, or is held by its self-service; False where it is blocked."""
    if fresh:
        door = front_door(t, s, slot, now)
        if door == REFUSED_ENTRY:
            return False
        if door == HELD:
            return True
    queue = queue_of(t, s.origins[slot].source, s.origins[slot].key)
    s.courses[slot].queue, s.courses[slot].entry_s = queue, now
    way = idle_way(t, s, queue, now)
    if way >= 0:
        serve(t, s, slot, way, now)
    else:
        join(t, s, slot, queue, now)
        _watch(t, s, slot, queue, now)
    return True


@inlined
def _watch(t: Tables, s: State, slot: int, queue: int, now: float) -> None:
    """Timers of a waiting contact: its patience, and ways that open for it later."""
    s.teams[t.queues[queue].home].waiting += 1
    if s.courses[slot].leave_s < np.inf:
        at(s, s.courses[slot].leave_s, LEAVE, slot)
    for w in range(t.queues[queue].first, t.queues[queue].last):
        if t.ways[w].after_s > 0.0:
            at(s, now + t.ways[w].after_s, DELAYED_WAY, slot * t.ways.size + w)
