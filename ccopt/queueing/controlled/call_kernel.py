"""Contacts through a routed network, one period: a compiled walk over arrivals with a heap of departures.

Rules: a contact of a line tries the groups of its line by rank, the most idle group among equals; else it waits. A free
agent takes the waiting contact of best priority that may use the group, then of the smallest pull order of the route
(own contacts first under overflow), the longest wait among equals. A route with a
delay opens for a contact after it has waited that long. An answered contact may become a contact of another line at the
end of its service; its slot is the parent's slot plus the number of outside contacts, so that its random numbers
belong to it and not to the order of events. Abandonment is looked at when an agent looks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccopt.compilation import borrowed, compiled, inlined

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WAITING, ANSWERED, ABANDONED, NEVER = 0, 1, 2, 3
AT_ONCE_S = 1e-6  # a way that opens so soon serves only contacts that had to wait


class Lines(NamedTuple):
    """Lines (L) with their routes (compressed rows), and lines of each group (compressed rows).

    ``route_*`` are sorted by rank within a line; ``onward_*`` are lines that answered contacts enter, with cumulative
    probability.
    """

    priority: Ints
    patience_s: Floats
    route_start: Ints
    route_group: Ints
    route_rank: Ints
    route_pull: Ints
    route_after_s: Floats
    route_aht_s: Floats
    group_start: Ints
    group_line: Ints
    group_route: Ints
    onward_start: Ints
    onward_line: Ints
    onward_until: Floats


class Calls(NamedTuple):
    """Arrivals and lines of N outside contacts; unit service, unit patience and fate (uniform) of all M slots."""

    arrival_s: Floats
    line: Ints
    service: Floats
    patience: Floats
    fate: Floats


class _State(NamedTuple):
    """Per contact: line, entry, wait, status, group, the one behind it; per line: queue; per group: idle agents and busy time.

    Beside them the heaps of departures and of delayed routes that open, and whether there are any.
    """

    line_of: Ints
    entry: Floats
    wait: Floats
    status: Ints
    served: Ints
    following: Ints
    head: Ints
    tail: Ints
    idle: Ints
    busy: Floats
    dep_time: Floats
    dep_slot: Ints
    tim_time: Floats
    tim_item: Ints
    delayed: bool


class Outcome(NamedTuple):
    """Per slot: line (-1: never came), entry, wait, status, group that answered (-1: none); busy seconds per group."""

    line: Ints
    entry_s: Floats
    wait_s: Floats
    status: Ints
    group: Ints
    busy_s: Floats


@inlined
def _push(times: Floats, items: Ints, size: int, time: float, item: int) -> None:  # pragma: no cover
    k = size
    while k > 0:
        up = (k - 1) >> 1
        if times[up] <= time:
            break
        times[k], items[k] = times[up], items[up]
        k = up
    times[k], items[k] = time, item


@inlined
def _pop(times: Floats, items: Ints, size: int) -> None:  # pragma: no cover
    """Remove the first entry of a heap of ``size`` entries."""
    time, item = times[size - 1], items[size - 1]
    n = size - 1
    k = 0
    while True:
        child = 2 * k + 1
        if child >= n:
            break
        if child + 1 < n and times[child + 1] < times[child]:
            child += 1
        if times[child] >= time:
            break
        times[k], items[k] = times[child], items[child]
        k = child
    if n > 0:
        times[k], items[k] = time, item


@inlined
def _free_route(lines: Lines, idle: Ints, line: int) -> int:  # pragma: no cover
    """Route of a line with a free agent: lowest rank, most idle among equals; -1 without one."""
    best = -1
    for r in range(lines.route_start[line], lines.route_start[line + 1]):
        if best >= 0 and lines.route_rank[r] > lines.route_rank[best]:
            break
        g = lines.route_group[r]
        if idle[g] > 0 and lines.route_after_s[r] <= 0.0 and (best < 0 or idle[g] > idle[lines.route_group[best]]):
            best = r
    return best


@compiled
def _empty(lines: Lines, calls: Calls, agents: Ints) -> _State:  # pragma: no cover
    """The network before the first contact."""
    slots, count, most = len(calls.service), len(lines.priority), agents.sum() + 1
    delayed = 0
    for r in range(len(lines.route_after_s)):
        delayed += lines.route_after_s[r] > 0.0
    room = slots * min(delayed, 4) + 1 if delayed else 1
    return _State(
        np.full(slots, -1, np.int64), np.zeros(slots), np.zeros(slots), np.zeros(slots, np.int64),
        np.full(slots, -1, np.int64), np.full(slots, -1, np.int64), np.full(count, -1, np.int64), np.full(count, -1, np.int64),
        agents.copy(), np.zeros(len(agents)), np.empty(most), np.empty(most, np.int64), np.empty(room), np.empty(room, np.int64),
        delayed > 0,
    )  # fmt: skip


@inlined
def _next_of(lines: Lines, calls: Calls, s: _State, group: int, now: float) -> tuple[int, int]:  # pragma: no cover
    """Waiting contact that a free agent of a group takes, and its route; those who have left by now are struck off."""
    best, route = -1, -1
    for k in range(lines.group_start[group], lines.group_start[group + 1]):
        c = lines.group_line[k]
        h = s.head[c]
        while h >= 0 and s.entry[h] + calls.patience[h] * lines.patience_s[c] < now:
            s.status[h] = ABANDONED
            s.wait[h] = calls.patience[h] * lines.patience_s[c]
            h = s.following[h]
        s.head[c] = h
        if h < 0 or now - s.entry[h] < lines.route_after_s[lines.group_route[k]] - 1e-9:
            continue
        pull = lines.route_pull[lines.group_route[k]]
        if best >= 0:
            other = lines.priority[s.line_of[best]]
            if lines.priority[c] > other:
                continue
            if lines.priority[c] == other:
                first = lines.route_pull[route]
                if pull > first or (pull == first and s.entry[h] >= s.entry[best]):
                    continue
        best, route = h, lines.group_route[k]
    return best, route


@inlined
def _answer(
    lines: Lines, calls: Calls, s: _State, deps: int, slot: int, route: int, now: float, window: tuple[float, float]
) -> int:  # pragma: no cover
    """An agent takes a contact; returns the number of departures to come."""
    g = lines.route_group[route]
    s.status[slot], s.wait[slot], s.served[slot] = ANSWERED, now - s.entry[slot], g
    s.idle[g] -= 1
    end = now + calls.service[slot] * lines.route_aht_s[route]
    s.busy[g] += max(0.0, min(end, window[1]) - max(now, window[0]))
    _push(s.dep_time, s.dep_slot, deps, end, slot)
    return deps + 1


@inlined
def _queue(lines: Lines, s: _State, timers: int, slot: int, c: int, now: float) -> int:  # pragma: no cover
    """A contact joins the queue of its line; returns the number of delayed routes still to open."""
    if s.head[c] < 0:
        s.head[c] = slot
    else:
        s.following[s.tail[c]] = slot
    s.tail[c] = slot
    if s.delayed:
        for k in range(lines.route_start[c], lines.route_start[c + 1]):
            if lines.route_after_s[k] > 0.0 and timers < len(s.tim_time):
                _push(s.tim_time, s.tim_item, timers, now + lines.route_after_s[k], slot * len(lines.route_group) + k)
                timers += 1
    return timers


@inlined
def _onward(lines: Lines, line: int, fate: float) -> int:  # pragma: no cover
    """Line that an answered contact enters next; -1 where it is settled."""
    for k in range(lines.onward_start[line], lines.onward_start[line + 1]):
        if fate < lines.onward_until[k]:
            return int(lines.onward_line[k])
    return -1


@compiled
def _leave(lines: Lines, calls: Calls, s: _State) -> None:  # pragma: no cover
    """Those whom nobody will answer any more wait until their patience ends."""
    for c in range(len(lines.priority)):
        h = s.head[c]
        while h >= 0:
            s.status[h] = ABANDONED if lines.patience_s[c] < np.inf else NEVER
            s.wait[h] = calls.patience[h] * lines.patience_s[c]
            h = s.following[h]


@inlined
def _departure(lines: Lines, calls: Calls, s: _State, deps: int) -> tuple[int, int, int]:  # pragma: no cover
    """The first service ends: its group, and the slot (-1: none) and line of what follows."""
    slot = s.dep_slot[0]
    _pop(s.dep_time, s.dep_slot, deps)
    group, outside = s.served[slot], len(calls.arrival_s)
    s.idle[group] += 1
    if slot + outside >= len(calls.service):
        return group, -1, -1
    line = _onward(lines, s.line_of[slot], calls.fate[slot])
    return group, slot + outside if line >= 0 else -1, line


@inlined
def _opening(lines: Lines, s: _State, timers: int) -> int:  # pragma: no cover
    """The first delayed route opens: its group where the contact still waits and an agent is free, else -1."""
    slot, r = s.tim_item[0] // len(lines.route_group), s.tim_item[0] % len(lines.route_group)
    _pop(s.tim_time, s.tim_item, timers)
    group = lines.route_group[r]
    return group if s.status[slot] == WAITING and s.idle[group] > 0 else -1


@compiled
def run_calls(
    lines: Lines, calls: Calls, agents: Ints, window_start_s: float, window_end_s: float
) -> Outcome:  # pragma: no cover
    """Walk all contacts through the network until nobody is left; returns an `Outcome`."""
    state = _empty(lines, calls, agents)
    s, lines, calls = borrowed(state), borrowed(lines), borrowed(calls)
    window = (window_start_s, window_end_s)
    deps, timers, arrived = 0, 0, 0
    while True:
        t_arrival = calls.arrival_s[arrived] if arrived < len(calls.arrival_s) else np.inf
        t_departure = s.dep_time[0] if deps else np.inf
        t_timer = s.tim_time[0] if timers else np.inf
        now = min(t_arrival, t_departure, t_timer)
        if now == np.inf:
            break
        free_group, incoming, line = -1, -1, -1
        if t_departure <= now:
            free_group, incoming, line = _departure(lines, calls, s, deps)
            deps -= 1
        elif t_timer <= now:
            free_group = _opening(lines, s, timers)
            timers -= 1
        else:
            incoming, line = arrived, calls.line[arrived]
            arrived += 1
        if free_group >= 0:
            best, route = _next_of(lines, calls, s, free_group, now)
            if best >= 0:
                s.head[s.line_of[best]] = s.following[best]
                deps = _answer(lines, calls, s, deps, best, route, now, window)
        if incoming >= 0:
            s.line_of[incoming], s.entry[incoming] = line, now
            r = _free_route(lines, s.idle, line)
            if r >= 0:
                deps = _answer(lines, calls, s, deps, incoming, r, now, window)
            else:
                timers = _queue(lines, s, timers, incoming, line, now)
    _leave(lines, calls, s)
    return Outcome(state.line_of, state.entry, state.wait, state.status, state.served, state.busy)
