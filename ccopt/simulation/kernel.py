"""The event kernel: walks arrivals, keeps departures in a heap and waiting contacts in linked lists.

One text, two compilations. `run_core` knows groups, ways by rank, priorities, what follows at once, laws and intervals;
abandonment there is lazy: who has left is dropped when an agent reaches the place, which is also the moment that ends
the wait of a patient customer. `run_rich` adds a heap of timers for everything else: live counts, ways that open after a
wait or by the clock, reserves, staff changes, cut calls, lines, self-service, redials and other delayed contacts, offers,
several chats per agent, endless work.

Rules. At equal times departures come first, then timers (staff, ways, self-service, returns, leaving), then arrivals. A
contact takes an idle agent of the smallest rank, else it waits. A free agent takes, over its queues, the smallest
priority, then the smallest pull, then the longest wait. A customer who leaves at the very moment is still there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numba
import numpy as np
from numpy.typing import NDArray

from ccopt.simulation import randomness as r
from ccopt.simulation.compiler import compiled
from ccopt.simulation.heap import pop, push, replace

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WAITING, ANSWERED, ABANDONED, BLOCKED, CONTAINED, CUT, NEVER_ANSWERED, ELSEWHERE = range(8)
NO_OFFER, SELLING, REFUSED, SOLD, HANDED, TO_SELL = range(6)
CHANGE, OPENING, DELAYED_WAY, SELF_END, RETURN, LEAVE, COME_AGAIN = range(7)
PAYLOAD = 2**48


class Outcome(NamedTuple):
    """Per contact (outside first, then those that followed): see `ccopt.simulation.contacts`."""

    source: NDArray[np.int32]
    queue: NDArray[np.int32]
    arrival_s: Floats
    entry_s: Floats
    wait_s: Floats
    offered_s: Floats
    status: NDArray[np.int8]
    group: NDArray[np.int32]
    end_s: Floats
    root: NDArray[np.int64]
    sale: NDArray[np.int8]
    size: int


@compiled
def _unit(
    kinds: Ints, shapes: Floats, zeros: Floats, starts: Ints, values: Floats, law: int, key: np.uint64, purpose: np.uint64
) -> float:
    """A draw of mean 1 (or 0) from a law of the tables."""
    if zeros[law] > 0.0 and r.uniform(key + r.BALK, purpose) < zeros[law]:
        return 0.0
    if kinds[law] == r.EXPONENTIAL:
        return -math.log(r.uniform(key, purpose))
    return r.unit(kinds[law], shapes[law], values[starts[law] : starts[law + 1]], key, purpose)


@compiled
def _least(rem: Floats, n: int) -> int:
    """Index of the smallest of the first ``n`` entries."""
    k = 0
    for j in range(1, n):
        if rem[j] < rem[k]:
            k = j
    return k


def _build(rich: bool) -> Callable[..., Any]:
    @numba.njit(cache=True, nogil=True)
    def run(t, time, source, interval, key, day):  # type: ignore[no-untyped-def]
        g_agents, q_priority, edges_s, f_source = t.g_agents, t.q_priority, t.edges_s, t.f_source
        g_levels, g_most, trunks, v_ports = t.g_levels, t.g_most, t.trunks, t.v_ports
        choice, g_factor, c_time, w_group = t.choice, t.g_factor, t.c_time, t.w_group
        w_open_s, w_reserve, w_close_s, horizon_s = t.w_open_s, t.w_reserve, t.w_close_s, t.horizon_s
        x_success, x_share, x_source, x_group = t.x_success, t.x_share, t.x_source, t.x_group
        x_threshold, x_law, x_extra_s, f_start = t.x_threshold, t.x_law, t.x_extra_s, t.f_start
        f_until, f_delay_s, f_factor, q_home = t.f_until, t.f_delay_s, t.f_factor, t.q_home
        s_self, v_contained, c_group, c_agents = t.s_self, t.v_contained, t.c_group, t.c_agents
        c_cut, g_start, g_queue, g_way = t.c_cut, t.g_start, t.g_queue, t.g_way
        q_endless, w_after_s, w_pull, q_source = t.q_endless, t.w_after_s, t.w_pull, t.q_source
        q_service_law, w_handle_s, s_trunk, v_law = t.q_service_law, t.w_handle_s, t.s_trunk, t.v_law
        v_mean_s, s_queue, s_start, s_until = t.v_mean_s, t.s_queue, t.s_start, t.s_until
        w_start, w_rank, q_patience_s, q_patience_law = t.w_start, t.w_rank, t.q_patience_s, t.q_patience_law
        s_again, law_kind, law_shape, law_zero = t.s_again, t.law_kind, t.law_shape, t.law_zero
        law_start, law_values = t.law_start, t.law_values
        simple = (law_kind == r.EXPONENTIAL) & (law_zero == 0.0)
        n_out = time.size
        groups, queues = g_agents.size, q_priority.size
        pieces = edges_s.size - 1
        follows = f_source.size > 0
        room = n_out + n_out // 4 + 64 if follows or rich else n_out
        plain = not rich and not follows  # contacts are those of the bank, whose columns serve as they are
        o_source = source if plain else np.empty(room, np.int32)
        o_piece = interval if plain else np.empty(room, np.int32)
        o_arrival = time if plain else np.empty(room)
        o_entry = time if plain else np.empty(room)
        keys = key if plain else np.empty(room, np.uint64)
        o_root = np.empty(1 if plain else room, np.int64)
        o_queue, o_group, o_status = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int8)
        o_wait, o_offered, o_end = np.empty(room), np.empty(room), np.empty(room)
        leave, after = np.empty(room), np.empty(room, np.int64)
        small = room if rich else 1
        o_sale, o_factor, o_trunk = np.zeros(small, np.int8), np.ones(small), np.full(small, -1, np.int64)
        o_way = np.zeros(small, np.int32)
        head, tail = np.full(queues, -1, np.int64), np.full(queues, -1, np.int64)
        idle = g_agents.copy()
        present = g_agents.copy()
        total = 0
        for g in range(groups):
            idle[g] *= g_levels[g]
            total += g_most[g] * g_levels[g]
        dep_room = 2 * total + 64
        dep_t, dep_i, deps = np.empty(dep_room), np.empty(dep_room, np.int64), 0
        slots, nxt = n_out, 0
        tims = 0
        tim_room = room + 64 if rich else 1
        tim_t, tim_i = np.empty(tim_room), np.empty(tim_room, np.int64)
        live_home, busy = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
        lines, ports = np.zeros(trunks.size, np.int64), np.zeros(v_ports.size, np.int64)
        made = np.zeros(queues, np.int64)
        most = 1
        if rich:
            for g in range(groups):
                most = max(most, g_most[g] + 1)
        longest = rich and choice == 1
        ring = np.zeros((groups, most + 1)) if longest else np.zeros((1, 1))
        ring_at, ring_n = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
        # chats: agents of groups with several levels
        chat_at = np.zeros(groups + 1, np.int64)
        for g in range(groups):
            chat_at[g + 1] = chat_at[g] + (g_most[g] if g_levels[g] > 1 else 0)
        chatters = chat_at[groups] if rich else 0
        levels = g_factor.shape[1]
        chats = np.zeros(chatters, np.int64)
        chat_group = np.zeros(chatters, np.int64)
        chat_slot, chat_rem = np.zeros((chatters, levels), np.int64), np.zeros((chatters, levels))
        chat_last, chat_next = np.zeros(chatters), np.full(chatters, np.inf)
        if rich:
            for g in range(groups):
                for a in range(chat_at[g], chat_at[g + 1]):
                    chat_group[a] = g
                if longest:
                    ring_n[g] = idle[g]
            for c in range(c_time.size):
                push(tim_t, tim_i, tims, c_time[c], CHANGE * PAYLOAD + c)
                tims += 1
                if tims == tim_t.size:
                    tim_t, tim_i = np.concatenate((tim_t, tim_t)), np.concatenate((tim_i, tim_i))
            for w in range(w_group.size):
                if w_open_s[w] > 0.0 or (w_reserve[w] >= 0 and w_close_s[w] <= horizon_s):
                    push(tim_t, tim_i, tims, w_open_s[w], OPENING * PAYLOAD + w)
                    tims += 1
                    if tims == tim_t.size:
                        tim_t, tim_i = np.concatenate((tim_t, tim_t)), np.concatenate((tim_i, tim_i))
        while True:
            t_arrival = time[nxt] if nxt < n_out else np.inf
            t_departure = dep_t[0] if deps > 0 else np.inf
            now = min(t_arrival, t_departure)
            if rich and tims > 0:
                now = min(now, tim_t[0])
            if now == np.inf:
                break
            if slots + 4 > o_source.size and (follows or rich):
                more = o_source.size // 2 + 64
                o_source = np.concatenate((o_source, np.empty(more, np.int32)))
                o_queue = np.concatenate((o_queue, np.empty(more, np.int32)))
                o_entry = np.concatenate((o_entry, np.empty(more)))
                o_arrival = np.concatenate((o_arrival, np.empty(more)))
                o_wait = np.concatenate((o_wait, np.empty(more)))
                o_offered = np.concatenate((o_offered, np.empty(more)))
                o_end = np.concatenate((o_end, np.empty(more)))
                o_status = np.concatenate((o_status, np.empty(more, np.int8)))
                o_group = np.concatenate((o_group, np.empty(more, np.int32)))
                o_piece = np.concatenate((o_piece, np.empty(more, np.int32)))
                keys = np.concatenate((keys, np.empty(more, np.uint64)))
                leave = np.concatenate((leave, np.empty(more)))
                after = np.concatenate((after, np.empty(more, np.int64)))
                o_root = np.concatenate((o_root, np.empty(more, np.int64)))
                if rich:
                    o_sale = np.concatenate((o_sale, np.zeros(more, np.int8)))
                    o_factor = np.concatenate((o_factor, np.ones(more)))
                    o_trunk = np.concatenate((o_trunk, np.full(more, -1, np.int64)))
                    o_way = np.concatenate((o_way, np.zeros(more, np.int32)))
            if rich and tims + 4 + w_group.size > tim_t.size:
                tim_t, tim_i = np.concatenate((tim_t, tim_t)), np.concatenate((tim_i, tim_i))
            free, inc, again = -1, -1, -1
            fresh, follower, stale = False, False, False
            if t_departure <= now:
                slot = dep_i[0]
                if rich:
                    pop(dep_t, dep_i, deps)
                    deps -= 1
                else:
                    stale = True  # the next contact of the agent takes its place in the heap, if there is one
                chatter = -1
                if rich and slot < 0:
                    chatter = -slot - 1
                    if chats[chatter] == 0 or chat_next[chatter] != now:
                        continue
                    g = chat_group[chatter]
                    gone = (now - chat_last[chatter]) / g_factor[g, chats[chatter] - 1]
                    for j in range(chats[chatter]):
                        chat_rem[chatter, j] -= gone
                    chat_last[chatter] = now
                    j = _least(chat_rem[chatter], chats[chatter])
                    slot = chat_slot[chatter, j]
                    chats[chatter] -= 1
                    for k in range(j, chats[chatter]):
                        chat_slot[chatter, k], chat_rem[chatter, k] = chat_slot[chatter, k + 1], chat_rem[chatter, k + 1]
                    chat_next[chatter] = np.inf
                    if chats[chatter] > 0:
                        j = _least(chat_rem[chatter], chats[chatter])
                        chat_next[chatter] = now + max(chat_rem[chatter, j], 0.0) * g_factor[g, chats[chatter] - 1]
                        push(dep_t, dep_i, deps, chat_next[chatter], -chatter - 1)
                        deps += 1
                if rich and o_status[slot] == CUT:
                    continue
                g, q = o_group[slot], o_queue[slot]
                x = o_way[slot] if rich else 0
                handed = -1
                if rich:
                    if o_sale[slot] == SELLING:
                        o_sale[slot] = SOLD if r.uniform(keys[slot], r.SUCCESS) < x_success[x] else REFUSED
                    elif o_sale[slot] == TO_SELL:
                        o_sale[slot] = SOLD if r.uniform(keys[slot], r.SUCCESS) < o_factor[slot] else REFUSED
                    elif x_share[x] > 0.0 and r.uniform(keys[slot], r.OFFER) < x_share[x]:
                        seller = g if x_source[x] < 0 else x_group[x]
                        if busy[seller] + live_home[seller] <= x_threshold[x]:
                            if x_source[x] < 0:
                                o_sale[slot] = SELLING
                                extra = _unit(
                                    law_kind, law_shape, law_zero, law_start, law_values, x_law[x], keys[slot], r.EXTRA
                                ) * x_extra_s[x]  # fmt: skip
                                push(dep_t, dep_i, deps, now + extra, slot)
                                deps += 1
                                continue
                            o_sale[slot] = HANDED
                            handed = x_source[x]
                    busy[g] -= 1
                    o_end[slot] = now
                if rich and g_levels[g] > 1:
                    if chatter - chat_at[g] < present[g]:
                        idle[g] += 1
                else:
                    idle[g] += 1
                    if longest and idle[g] > 0:
                        ring[g, (ring_at[g] + ring_n[g]) % (most + 1)] = now
                        ring_n[g] += 1
                free = g
                if handed >= 0 or follows:
                    to, delay, factor = handed, 0.0, 1.0
                    if handed < 0 and f_start[q + 1] > f_start[q]:
                        u = r.uniform(keys[slot], r.FOLLOW)
                        for k in range(f_start[q], f_start[q + 1]):
                            if u < f_until[k]:
                                to, delay, factor = f_source[k], f_delay_s[k], f_factor[k]
                                break
                    if to >= 0:
                        child = slots
                        slots += 1
                        keys[child] = r.mix(keys[slot] + r.CHILD)
                        o_source[child], o_root[child] = to, o_root[slot]
                        if rich:
                            o_sale[child], o_factor[child], o_trunk[child] = NO_OFFER, factor, -1
                            if handed >= 0:
                                o_sale[child], o_factor[child] = TO_SELL, x_success[x]
                        if rich and delay > 0.0:
                            back = now + r.exponential(keys[child], r.DELAY) * delay
                            o_arrival[child], o_status[child] = back, ELSEWHERE
                            push(tim_t, tim_i, tims, back, RETURN * PAYLOAD + child)
                            tims += 1
                        else:
                            if rich:
                                o_trunk[child], o_trunk[slot] = o_trunk[slot], -1
                            o_arrival[child] = now
                            inc, follower = child, True
                if rich and o_trunk[slot] >= 0:
                    lines[o_trunk[slot]] -= 1
                    o_trunk[slot] = -1
            elif rich and tims > 0 and tim_t[0] <= now:
                kind, item = tim_i[0] // PAYLOAD, tim_i[0] % PAYLOAD
                pop(tim_t, tim_i, tims)
                tims -= 1
                if kind == LEAVE:
                    if o_status[item] == WAITING:
                        o_status[item] = ABANDONED
                        o_wait[item] = leave[item] - o_entry[item]
                        o_end[item] = now
                        live_home[q_home[o_queue[item]]] -= 1
                        again = item
                elif kind == DELAYED_WAY:
                    slot, w = item // w_group.size, item % w_group.size
                    if o_status[slot] == WAITING and idle[w_group[w]] > w_reserve[w]:
                        free = w_group[w]
                elif kind == RETURN:
                    inc, fresh, follower = item, True, True
                elif kind == SELF_END:
                    v = s_self[o_source[item]]
                    ports[v] -= 1
                    if r.uniform(keys[item], r.CONTAINED) < v_contained[v]:
                        o_status[item] = CONTAINED
                        o_wait[item], o_offered[item], o_end[item] = 0.0, 0.0, now
                        if o_trunk[item] >= 0:
                            lines[o_trunk[item]] -= 1
                            o_trunk[item] = -1
                    else:
                        inc = item
                elif kind == COME_AGAIN:
                    again = item
                elif kind == OPENING:
                    free = w_group[item]
                else:
                    g, n = c_group[item], c_agents[item]
                    if c_cut[item]:
                        for k in range(deps):
                            slot = dep_i[k]
                            if slot >= 0 and o_group[slot] == g and o_status[slot] == ANSWERED:
                                o_status[slot], o_end[slot] = CUT, now
                                push(tim_t, tim_i, tims, now, COME_AGAIN * PAYLOAD + slot)
                                tims += 1
                                if tims + 4 + w_group.size > tim_t.size:
                                    tim_t, tim_i = np.concatenate((tim_t, tim_t)), np.concatenate((tim_i, tim_i))
                        for a in range(chat_at[g], chat_at[g + 1]):
                            for j in range(chats[a]):
                                slot = chat_slot[a, j]
                                o_status[slot], o_end[slot] = CUT, now
                                push(tim_t, tim_i, tims, now, COME_AGAIN * PAYLOAD + slot)
                                tims += 1
                                if tims + 4 + w_group.size > tim_t.size:
                                    tim_t, tim_i = np.concatenate((tim_t, tim_t)), np.concatenate((tim_i, tim_i))
                            chats[a], chat_next[a] = 0, np.inf
                        idle[g] += busy[g] if g_levels[g] == 1 else 0
                        busy[g] = 0
                    if g_levels[g] > 1:
                        present[g] = n
                        idle[g] = 0
                        for a in range(chat_at[g], chat_at[g] + n):
                            idle[g] += g_levels[g] - chats[a]
                    else:
                        idle[g] += n - present[g]
                        present[g] = n
                        if longest:
                            while ring_n[g] > max(idle[g], 0):
                                ring_at[g] = (ring_at[g] + 1) % (most + 1)
                                ring_n[g] -= 1
                            while ring_n[g] < idle[g]:
                                ring[g, (ring_at[g] + ring_n[g]) % (most + 1)] = now
                                ring_n[g] += 1
                    free = g
            else:
                inc = nxt
                nxt += 1
                if not plain:
                    keys[inc], o_source[inc], o_root[inc] = key[inc], source[inc], inc
                    o_arrival[inc], o_entry[inc], o_piece[inc] = now, now, interval[inc]
                if rich:
                    o_sale[inc], o_factor[inc], o_trunk[inc] = NO_OFFER, 1.0, -1
                fresh = True
            # a free agent takes what waits
            while free >= 0 and idle[free] > 0:
                best, way, q_best = -1, -1, -1
                best_priority, best_pull, best_entry = 0, 0, 0.0
                for k in range(g_start[free], g_start[free + 1]):
                    q, w = g_queue[k], g_way[k]
                    h = head[q]
                    entry = now
                    if rich:
                        if idle[free] <= w_reserve[w] or now < w_open_s[w] or now >= w_close_s[w]:
                            continue
                        if h < 0:
                            if q_endless[q] <= made[q]:
                                continue
                            h = -2
                        else:
                            entry = o_entry[h]
                            if now - entry < w_after_s[w] - 1e-9:
                                continue
                    else:
                        if h < 0:
                            continue
                        entry = o_entry[h]
                    if best != -1:
                        if q_priority[q] > best_priority:
                            continue
                        if q_priority[q] == best_priority and (
                            w_pull[w] > best_pull or (w_pull[w] == best_pull and entry >= best_entry)
                        ):
                            continue
                    best, way = h, w
                    best_priority, best_pull, best_entry = q_priority[q], w_pull[w], entry
                    q_best = q
                if best == -1:
                    break
                if rich and best == -2:
                    if slots + 4 > o_source.size:
                        more = o_source.size // 2 + 64
                        o_source = np.concatenate((o_source, np.empty(more, np.int32)))
                        o_queue = np.concatenate((o_queue, np.empty(more, np.int32)))
                        o_entry = np.concatenate((o_entry, np.empty(more)))
                        o_arrival = np.concatenate((o_arrival, np.empty(more)))
                        o_wait = np.concatenate((o_wait, np.empty(more)))
                        o_offered = np.concatenate((o_offered, np.empty(more)))
                        o_end = np.concatenate((o_end, np.empty(more)))
                        o_status = np.concatenate((o_status, np.empty(more, np.int8)))
                        o_group = np.concatenate((o_group, np.empty(more, np.int32)))
                        o_piece = np.concatenate((o_piece, np.empty(more, np.int32)))
                        keys = np.concatenate((keys, np.empty(more, np.uint64)))
                        leave = np.concatenate((leave, np.empty(more)))
                        after = np.concatenate((after, np.empty(more, np.int64)))
                        o_root = np.concatenate((o_root, np.empty(more, np.int64)))
                        o_sale = np.concatenate((o_sale, np.zeros(more, np.int8)))
                        o_factor = np.concatenate((o_factor, np.ones(more)))
                        o_trunk = np.concatenate((o_trunk, np.full(more, -1, np.int64)))
                        o_way = np.concatenate((o_way, np.zeros(more, np.int32)))
                    best = slots
                    slots += 1
                    s = q_source[q_best]
                    keys[best] = r.contact_key(day, s, made[q_best])
                    made[q_best] += 1
                    o_source[best], o_queue[best], o_root[best] = s, q_best, best
                    o_arrival[best], o_entry[best] = now, now
                    o_sale[best], o_factor[best], o_trunk[best] = NO_OFFER, 1.0, -1
                    p = 0
                    while p < pieces - 1 and now >= edges_s[p + 1]:
                        p += 1
                    o_piece[best] = p
                else:
                    head[q_best] = after[best]
                    o_offered[best] = now - o_entry[best]
                    if rich:
                        if o_status[best] != WAITING:
                            continue
                        live_home[q_home[q_best]] -= 1
                    elif leave[best] < now:
                        o_status[best] = ABANDONED
                        o_wait[best] = leave[best] - o_entry[best]
                        o_end[best] = leave[best]
                        continue
                o_status[best], o_group[best] = ANSWERED, free
                o_wait[best] = now - o_entry[best]
                o_offered[best] = o_wait[best]
                length = (
                    -math.log(r.uniform(keys[best], r.SERVICE)) if simple[q_service_law[q_best]] else _unit(
                        law_kind, law_shape, law_zero, law_start, law_values, q_service_law[q_best], keys[best], r.SERVICE
                    )
                ) * w_handle_s[way, o_piece[best]]  # fmt: skip
                idle[free] -= 1
                if rich:
                    busy[free] += 1
                    o_way[best] = way
                    if o_sale[best] != TO_SELL:
                        length *= o_factor[best]
                    if longest:
                        ring_at[free] = (ring_at[free] + 1) % (most + 1)
                        ring_n[free] -= 1
                if rich and g_levels[free] > 1:
                    a, fewest = -1, 0
                    for x in range(chat_at[free], chat_at[free] + present[free]):
                        if chats[x] < g_levels[free] and (a < 0 or chats[x] < fewest):
                            a, fewest = x, chats[x]
                    if chats[a] > 0:
                        gone = (now - chat_last[a]) / g_factor[free, chats[a] - 1]
                        for j in range(chats[a]):
                            chat_rem[a, j] -= gone
                    chat_last[a] = now
                    chat_slot[a, chats[a]], chat_rem[a, chats[a]] = best, length
                    chats[a] += 1
                    j = _least(chat_rem[a], chats[a])
                    chat_next[a] = now + max(chat_rem[a, j], 0.0) * g_factor[free, chats[a] - 1]
                    if deps + 2 > dep_t.size:
                        dep_t, dep_i = np.concatenate((dep_t, dep_t)), np.concatenate((dep_i, dep_i))
                    push(dep_t, dep_i, deps, chat_next[a], -a - 1)
                else:
                    if rich and deps + 2 > dep_t.size:
                        dep_t, dep_i = np.concatenate((dep_t, dep_t)), np.concatenate((dep_i, dep_i))
                    o_end[best] = now + length
                    if not rich and stale:
                        replace(dep_t, dep_i, deps, now + length, best)
                        stale = False
                        deps -= 1
                    else:
                        push(dep_t, dep_i, deps, now + length, best)
                deps += 1
            # a contact comes in
            if inc >= 0:
                s = o_source[inc]
                if follower:
                    p = 0
                    while p < pieces - 1 and now >= edges_s[p + 1]:
                        p += 1
                    o_piece[inc] = p
                if rich and fresh:
                    stop = False
                    if s_trunk[s] >= 0:
                        if lines[s_trunk[s]] >= trunks[s_trunk[s]]:
                            stop = True
                        else:
                            lines[s_trunk[s]] += 1
                            o_trunk[inc] = s_trunk[s]
                    if not stop and s_self[s] >= 0:
                        v = s_self[s]
                        if ports[v] >= v_ports[v]:
                            stop = True
                        else:
                            ports[v] += 1
                            o_status[inc] = ELSEWHERE
                            length = _unit(
                                law_kind, law_shape, law_zero, law_start, law_values, v_law[v], keys[inc], r.SELF
                            ) * v_mean_s[v]  # fmt: skip
                            push(tim_t, tim_i, tims, now + length, SELF_END * PAYLOAD + inc)
                            tims += 1
                            o_entry[inc], o_queue[inc], o_group[inc] = now, s_queue[s_start[s]], -1
                            inc = -1
                    if stop:
                        if o_trunk[inc] >= 0:
                            lines[o_trunk[inc]] -= 1
                            o_trunk[inc] = -1
                        o_status[inc], o_wait[inc], o_offered[inc], o_end[inc] = BLOCKED, 0.0, 0.0, now
                        o_entry[inc], o_queue[inc], o_group[inc] = now, s_queue[s_start[s]], -1
                        again = inc
                        inc = -1
            if inc >= 0:
                k = s_start[s]
                if s_start[s + 1] > k + 1:
                    u = r.uniform(keys[inc], r.ROUTE)
                    while u >= s_until[k] and k < s_start[s + 1] - 1:
                        k += 1
                q = s_queue[k]
                o_queue[inc] = q
                if not plain:
                    o_entry[inc] = now
                way = -1
                for w in range(w_start[q], w_start[q + 1]):
                    if way >= 0 and w_rank[w] > w_rank[way]:
                        break
                    g = w_group[w]
                    if rich:
                        if idle[g] <= w_reserve[w] or w_after_s[w] > 0.0:
                            continue
                        if now < w_open_s[w] or now >= w_close_s[w]:
                            continue
                    elif idle[g] <= 0:
                        continue
                    if way < 0:
                        way = w
                    elif choice == 0:
                        if idle[g] > idle[w_group[way]]:
                            way = w
                    elif longest:
                        b = w_group[way]
                        if ring[g, ring_at[g]] < ring[b, ring_at[b]]:
                            way = w
                if way >= 0:
                    g = w_group[way]
                    o_status[inc], o_group[inc] = ANSWERED, g
                    o_wait[inc], o_offered[inc] = 0.0, 0.0
                    length = (
                        -math.log(r.uniform(keys[inc], r.SERVICE)) if simple[q_service_law[q]] else _unit(
                            law_kind, law_shape, law_zero, law_start, law_values, q_service_law[q], keys[inc], r.SERVICE
                        )
                    ) * w_handle_s[way, o_piece[inc]]  # fmt: skip
                    idle[g] -= 1
                    if rich:
                        busy[g] += 1
                        o_way[inc] = way
                        if o_sale[inc] != TO_SELL:
                            length *= o_factor[inc]
                        if longest:
                            ring_at[g] = (ring_at[g] + 1) % (most + 1)
                            ring_n[g] -= 1
                    if rich and g_levels[g] > 1:
                        a, fewest = -1, 0
                        for x in range(chat_at[g], chat_at[g] + present[g]):
                            if chats[x] < g_levels[g] and (a < 0 or chats[x] < fewest):
                                a, fewest = x, chats[x]
                        if chats[a] > 0:
                            gone = (now - chat_last[a]) / g_factor[g, chats[a] - 1]
                            for j in range(chats[a]):
                                chat_rem[a, j] -= gone
                        chat_last[a] = now
                        chat_slot[a, chats[a]], chat_rem[a, chats[a]] = inc, length
                        chats[a] += 1
                        j = _least(chat_rem[a], chats[a])
                        chat_next[a] = now + max(chat_rem[a, j], 0.0) * g_factor[g, chats[a] - 1]
                        if deps + 2 > dep_t.size:
                            dep_t, dep_i = np.concatenate((dep_t, dep_t)), np.concatenate((dep_i, dep_i))
                        push(dep_t, dep_i, deps, chat_next[a], -a - 1)
                    else:
                        if rich and deps + 2 > dep_t.size:
                            dep_t, dep_i = np.concatenate((dep_t, dep_t)), np.concatenate((dep_i, dep_i))
                        o_end[inc] = now + length
                        if not rich and stale:
                            replace(dep_t, dep_i, deps, now + length, inc)
                            stale = False
                            deps -= 1
                        else:
                            push(dep_t, dep_i, deps, now + length, inc)
                    deps += 1
                else:
                    o_status[inc], o_group[inc], o_offered[inc] = WAITING, -1, np.inf
                    after[inc] = -1
                    patience = q_patience_s[q, o_piece[inc]]
                    leave[inc] = np.inf
                    if patience < np.inf:
                        leave[inc] = now + (
                            -math.log(r.uniform(keys[inc], r.PATIENCE)) if simple[q_patience_law[q]] else _unit(
                                law_kind, law_shape, law_zero, law_start, law_values, q_patience_law[q], keys[inc], r.PATIENCE
                            )
                        ) * patience  # fmt: skip
                    if head[q] < 0:
                        head[q] = inc
                    else:
                        after[tail[q]] = inc
                    tail[q] = inc
                    if rich:
                        live_home[q_home[q]] += 1
                        if leave[inc] < np.inf:
                            push(tim_t, tim_i, tims, leave[inc], LEAVE * PAYLOAD + inc)
                            tims += 1
                        for w in range(w_start[q], w_start[q + 1]):
                            if w_after_s[w] > 0.0:
                                push(tim_t, tim_i, tims, now + w_after_s[w],
                                     DELAYED_WAY * PAYLOAD + inc * w_group.size + w)  # fmt: skip
                                tims += 1
            if not rich and stale:
                pop(dep_t, dep_i, deps)
                deps -= 1
            # who was blocked, gave up or was cut off may come back
            if rich and again >= 0:
                if o_trunk[again] >= 0:
                    lines[o_trunk[again]] -= 1
                    o_trunk[again] = -1
                s = o_source[again]
                share = s_again[s, 1] if o_status[again] == BLOCKED else s_again[s, 0]
                if share > 0.0 and r.uniform(keys[again], r.AGAIN) < share:
                    child = slots
                    slots += 1
                    keys[child] = r.mix(keys[again] + r.CHILD)
                    o_source[child], o_root[child] = s, o_root[again]
                    o_sale[child], o_trunk[child] = NO_OFFER, -1
                    o_factor[child] = o_factor[again] if o_sale[again] != TO_SELL else 1.0
                    back = now + r.exponential(keys[child], r.DELAY) * s_again[s, 2]
                    o_arrival[child], o_status[child] = back, ELSEWHERE
                    push(tim_t, tim_i, tims, back, RETURN * PAYLOAD + child)
                    tims += 1
        for q in range(queues):
            h = head[q]
            while h >= 0:
                if not rich or o_status[h] == WAITING:
                    o_status[h] = ABANDONED if leave[h] < np.inf else NEVER_ANSWERED
                    o_wait[h] = leave[h] - o_entry[h]
                    o_end[h] = leave[h]
                h = after[h]
        if not rich:
            o_sale = np.zeros(slots, np.int8)
        if plain:
            o_root = np.arange(slots)
        return (
            o_source[:slots], o_queue[:slots], o_arrival[:slots], o_entry[:slots], o_wait[:slots], o_offered[:slots],
            o_status[:slots], o_group[:slots], o_end[:slots], o_root[:slots], o_sale[:slots],
        )  # fmt: skip

    return cast("Callable[..., Any]", run)


run_core = _build(rich=False)
run_rich = _build(rich=True)
