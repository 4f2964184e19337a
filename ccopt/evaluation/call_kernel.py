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
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WAITING, ANSWERED, ABANDONED, NEVER = 0, 1, 2, 3


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


class Outcome(NamedTuple):
    """Per slot: line (-1: never came), entry, wait, status, group that answered (-1: none); busy seconds per group."""

    line: Ints
    entry_s: Floats
    wait_s: Floats
    status: Ints
    group: Ints
    busy_s: Floats


@njit(cache=True, nogil=True)
def _push(times, items, size, time, item):  # type: ignore[no-untyped-def]  # pragma: no cover
    k = size
    while k > 0:
        up = (k - 1) >> 1
        if times[up] <= time:
            break
        times[k], items[k] = times[up], items[up]
        k = up
    times[k], items[k] = time, item


@njit(cache=True, nogil=True)
def _pop(times, items, size):  # type: ignore[no-untyped-def]  # pragma: no cover
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


@njit(cache=True, nogil=True)
def _free_route(lines, idle, line):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Route of a line with a free agent: lowest rank, most idle among equals; -1 without one."""
    best = -1
    for r in range(lines.route_start[line], lines.route_start[line + 1]):
        if best >= 0 and lines.route_rank[r] > lines.route_rank[best]:
            break
        g = lines.route_group[r]
        if idle[g] > 0 and lines.route_after_s[r] <= 0.0 and (best < 0 or idle[g] > idle[lines.route_group[best]]):
            best = r
    return best


@njit(cache=True, nogil=True)
def run_calls(lines, calls, agents, window_start_s, window_end_s):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Walk all contacts through the network until nobody is left; returns an `Outcome`."""
    outside, slots = len(calls.arrival_s), len(calls.service)
    groups, count = len(agents), len(lines.priority)
    line_of, entry = np.full(slots, -1, np.int64), np.zeros(slots)
    wait, status = np.zeros(slots), np.zeros(slots, np.int64)
    served, following = np.full(slots, -1, np.int64), np.full(slots, -1, np.int64)
    head, tail = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    idle, busy = agents.copy(), np.zeros(groups)
    most = agents.sum() + 1
    dep_time, dep_slot, deps = np.empty(most), np.empty(most, np.int64), 0
    delayed = 0
    for r in range(len(lines.route_after_s)):
        if lines.route_after_s[r] > 0.0:
            delayed += 1
    room = slots * min(delayed, 4) + 1 if delayed else 1
    tim_time, tim_item, tims = np.empty(room), np.empty(room, np.int64), 0
    routes = len(lines.route_group)
    following_call = 0
    incoming, incoming_line = -1, -1
    while True:
        t_arrival = calls.arrival_s[following_call] if following_call < outside else np.inf
        t_departure = dep_time[0] if deps else np.inf
        t_timer = tim_time[0] if tims else np.inf
        now = min(t_arrival, t_departure, t_timer)
        if now == np.inf:
            break
        free_group = -1
        if t_departure <= now:
            slot = dep_slot[0]
            _pop(dep_time, dep_slot, deps)
            deps -= 1
            free_group = served[slot]
            idle[free_group] += 1
            parent = line_of[slot]
            if slot + outside < slots:
                for k in range(lines.onward_start[parent], lines.onward_start[parent + 1]):
                    if calls.fate[slot] < lines.onward_until[k]:
                        incoming, incoming_line = slot + outside, lines.onward_line[k]
                        break
        elif t_timer <= now:
            item = tim_item[0]
            _pop(tim_time, tim_item, tims)
            tims -= 1
            slot, r = item // routes, item % routes
            if status[slot] == WAITING and idle[lines.route_group[r]] > 0:
                free_group = lines.route_group[r]
        else:
            incoming, incoming_line = following_call, calls.line[following_call]
            following_call += 1
        if free_group >= 0:
            best, route = -1, -1
            for k in range(lines.group_start[free_group], lines.group_start[free_group + 1]):
                c = lines.group_line[k]
                h = head[c]
                while h >= 0 and entry[h] + calls.patience[h] * lines.patience_s[c] < now:
                    status[h] = ABANDONED
                    wait[h] = calls.patience[h] * lines.patience_s[c]
                    h = following[h]
                head[c] = h
                if h < 0 or now - entry[h] < lines.route_after_s[lines.group_route[k]] - 1e-9:
                    continue
                pull = lines.route_pull[lines.group_route[k]]
                if best >= 0:
                    other = lines.priority[line_of[best]]
                    if lines.priority[c] > other:
                        continue
                    if lines.priority[c] == other:
                        first = lines.route_pull[route]
                        if pull > first or (pull == first and entry[h] >= entry[best]):
                            continue
                best, route = h, lines.group_route[k]
            if best >= 0:
                head[line_of[best]] = following[best]
                status[best], wait[best], served[best] = ANSWERED, now - entry[best], free_group
                idle[free_group] -= 1
                end = now + calls.service[best] * lines.route_aht_s[route]
                busy[free_group] += max(0.0, min(end, window_end_s) - max(now, window_start_s))
                _push(dep_time, dep_slot, deps, end, best)
                deps += 1
        if incoming >= 0:
            slot, c = incoming, incoming_line
            incoming = -1
            line_of[slot], entry[slot] = c, now
            r = _free_route(lines, idle, c)
            if r >= 0:
                g = lines.route_group[r]
                status[slot], served[slot] = ANSWERED, g
                idle[g] -= 1
                end = now + calls.service[slot] * lines.route_aht_s[r]
                busy[g] += max(0.0, min(end, window_end_s) - max(now, window_start_s))
                _push(dep_time, dep_slot, deps, end, slot)
                deps += 1
            else:
                if head[c] < 0:
                    head[c] = slot
                else:
                    following[tail[c]] = slot
                tail[c] = slot
                if delayed:
                    for k in range(lines.route_start[c], lines.route_start[c + 1]):
                        if lines.route_after_s[k] > 0.0 and tims < room:
                            _push(tim_time, tim_item, tims, now + lines.route_after_s[k], slot * routes + k)
                            tims += 1
    for c in range(count):
        h = head[c]
        while h >= 0:
            status[h] = ABANDONED if lines.patience_s[c] < np.inf else NEVER
            wait[h] = calls.patience[h] * lines.patience_s[c]
            h = following[h]
    return Outcome(line_of, entry, wait, status, served, busy)
