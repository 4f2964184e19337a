"""The event kernel: walks arrivals, keeps departures in a heap, waiting calls in linked lists.

Abandonment is lazy: a call whose patience is over is dropped when an agent reaches it, which is also the moment that
ends its virtual wait. Rules: the first group by rank with an idle agent serves; a free agent takes, among the queues of
its plans, the call of the smallest priority value, then of the longest wait.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccopt.simulation.compiler import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
OFFERED, ANSWERED, ABANDONED, IN_TIME, EARLY, VIRTUAL, DELAYED, WAIT_ANSWERED, WAIT_ALL = range(9)
MEASURES = 9


@compiled
def push(times: Floats, items: Ints, size: int, time: float, item: int) -> int:
    """Add to a binary heap; returns the new size."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if times[parent] <= time:
            break
        times[i], items[i] = times[parent], items[parent]
        i = parent
    times[i], items[i] = time, item
    return size + 1


@compiled
def pop(times: Floats, items: Ints, size: int) -> int:
    """Remove the top of a binary heap; returns the new size."""
    size -= 1
    time, item = times[size], items[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and times[child + 1] < times[child]:
            child += 1
        if times[child] >= time:
            break
        times[i], items[i] = times[child], items[child]
        i = child
    times[i], items[i] = time, item
    return size


@compiled
def run(
    time: Floats, origin: Ints, service: Floats, patience: Floats, route: Floats, onward: Floats,
    kind: Ints, plan_start: Ints, plan_share: Floats, plan_groups: Ints, group_plan_start: Ints, group_plans: Ints,
    agents: Ints, handle_s: Floats, patience_s: Floats, priority: Ints, next_class: Ints, next_share: Floats,
    awt_s: Floats, from_s: float, until_s: float,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Counts (G, K, MEASURES) of contacts that arrive within the window, and busy agent-seconds in it (G,)."""
    n_calls, generations = service.shape
    groups, ranks = agents.size, plan_groups.shape[1]
    counts = np.zeros((groups, handle_s.shape[1], MEASURES))
    busy_s = np.zeros(groups)
    idle = agents.copy()
    head = np.full(plan_groups.shape[0], -1, dtype=np.int64)
    tail = np.full(plan_groups.shape[0], -1, dtype=np.int64)
    after = np.full(n_calls * generations, -1, dtype=np.int64)
    came = np.zeros(n_calls * generations)  # a waiting item is call * generations + generation
    cls = np.zeros(n_calls * generations, dtype=np.int64)
    heap_size = 0
    capacity = max(int(agents.sum()), 1)
    heap_t, heap_i = np.empty(capacity), np.empty(capacity, dtype=np.int64)
    served_by = np.zeros(n_calls * generations, dtype=np.int64)
    i = 0
    end_s = until_s + 1e18
    while i < n_calls or heap_size > 0:
        arriving = i < n_calls and (heap_size == 0 or time[i] <= heap_t[0])
        if arriving:
            now, item, c = time[i], i * generations, origin[i]
            i += 1
            free = -1
        else:
            now, done = heap_t[0], heap_i[0]
            if now > end_s:
                break
            heap_size = pop(heap_t, heap_i, heap_size)
            free = served_by[done]
            idle[free] += 1
            item, c = -1, -1
            g_next = done % generations + 1
            if g_next < generations:
                u = onward[done // generations, g_next - 1]
                for j in range(next_class.shape[1]):
                    if next_class[cls[done], j] < 0:
                        break
                    if u < next_share[cls[done], j]:
                        item, c = done + 1, next_class[cls[done], j]
                        break
        if free >= 0:  # the free agent takes the first waiting call of its plans
            while idle[free] > 0:
                best, best_plan = -1, -1
                for a in range(group_plan_start[free], group_plan_start[free + 1]):
                    p = group_plans[a]
                    while head[p] >= 0:
                        w = head[p]
                        k = kind[cls[w]]
                        limit = patience[w // generations, w % generations] * patience_s[k]
                        if now - came[w] <= limit:
                            break
                        head[p] = after[w]
                        if from_s <= came[w] < until_s:
                            record(counts[plan_groups[p, 0], k], -1.0, limit, now - came[w], awt_s[k])
                    w = head[p]
                    if w >= 0:
                        better = best < 0
                        if not better:
                            a_p, b_p = priority[kind[cls[w]]], priority[kind[cls[best]]]
                            better = a_p < b_p or (a_p == b_p and came[w] < came[best])
                        if better:
                            best, best_plan = w, p
                if best < 0:
                    break
                head[best_plan] = after[best]
                k = kind[cls[best]]
                length = service[best // generations, best % generations] * handle_s[free, k]
                heap_size = push(heap_t, heap_i, heap_size, now + length, best)
                served_by[best] = free
                idle[free] -= 1
                busy_s[free] += max(0.0, min(now + length, until_s) - max(now, from_s))
                if from_s <= came[best] < until_s:
                    record(counts[free, k], now - came[best], 0.0, now - came[best], awt_s[k])
        if item < 0:
            continue
        k = kind[c]
        u = route[item // generations, item % generations]
        p = plan_start[c]
        while p < plan_start[c + 1] - 1 and u >= plan_share[p]:
            p += 1
        came[item], cls[item] = now, c
        chosen = -1
        for r in range(ranks):
            g = plan_groups[p, r]
            if g < 0:
                break
            if idle[g] > 0:
                chosen = g
                break
        if chosen >= 0:
            length = service[item // generations, item % generations] * handle_s[chosen, k]
            heap_size = push(heap_t, heap_i, heap_size, now + length, item)
            served_by[item] = chosen
            idle[chosen] -= 1
            busy_s[chosen] += max(0.0, min(now + length, until_s) - max(now, from_s))
            if from_s <= now < until_s:
                record(counts[chosen, k], 0.0, 0.0, 0.0, awt_s[k])
        else:
            after[item] = -1
            if head[p] < 0:
                head[p] = item
            else:
                after[tail[p]] = item
            tail[p] = item
    finish(head, after, came, cls, kind, patience, patience_s, plan_groups, counts, awt_s, from_s, until_s, generations)
    return counts, busy_s


@compiled
def record(row: Floats, wait: float, patience: float, virtual: float, awt: float) -> None:
    """Count one contact: ``wait`` >= 0 answered after it, else abandoned after ``patience``."""
    row[OFFERED] += 1.0
    if virtual > 0.0:
        row[DELAYED] += 1.0
    if virtual <= awt:
        row[VIRTUAL] += 1.0
    if wait >= 0.0:
        row[ANSWERED] += 1.0
        row[WAIT_ANSWERED] += wait
        row[WAIT_ALL] += wait
        if wait <= awt:
            row[IN_TIME] += 1.0
    else:
        row[ABANDONED] += 1.0
        row[WAIT_ALL] += patience
        if patience <= awt:
            row[EARLY] += 1.0


@compiled
def finish(
    head: Ints, after: Ints, came: Floats, cls: Ints, kind: Ints, patience: Floats, patience_s: Floats,
    plan_groups: Ints, counts: Floats, awt_s: Floats, from_s: float, until_s: float, generations: int,
) -> None:  # fmt: skip
    """Calls that nobody will ever answer (no agents): those with patience abandon, the others wait without end."""
    for p in range(head.size):
        w = head[p]
        while w >= 0:
            k = kind[cls[w]]
            if from_s <= came[w] < until_s:
                limit = patience[w // generations, w % generations] * patience_s[k]
                if np.isinf(patience_s[k]):
                    counts[plan_groups[p, 0], k, OFFERED] += 1.0
                    counts[plan_groups[p, 0], k, DELAYED] += 1.0
                else:
                    record(counts[plan_groups[p, 0], k], -1.0, limit, np.inf, awt_s[k])
            w = after[w]
