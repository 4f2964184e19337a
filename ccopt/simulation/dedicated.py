"""The walk of groups that stand apart: first come, first served, without events.

Where every queue leads to one group, nothing follows and priorities are equal, a contact begins at the later of its
arrival and the time at which the next agent of its group is free (Kiefer and Wolfowitz 1955); who would leave before that
leaves, and the agent is not taken. The result is that of the walks with events, to the bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccopt.compilation import borrowed, compiled, inlined
from ccopt.simulation import randomness as r
from ccopt.simulation.draws import draw, queue_of
from ccopt.simulation.records import ABANDONED, ANSWERED, NEVER_ANSWERED, Rows
from ccopt.simulation.state import State
from ccopt.simulation.tables import Tables

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def stands_apart(t: Tables) -> bool:
    """Whether a network has dedicated groups only, each of one priority."""
    ways = t.queues["last"] - t.queues["first"]
    if t.follows.size or (ways != 1).any():
        return False
    group = t.ways["group"][t.queues["first"]]
    return all(np.unique(t.queues["priority"][group == g]).size <= 1 for g in np.unique(group))


@compiled
def run_dedicated(tables: Tables, state: State) -> tuple[Rows, Rows, Rows, Rows]:
    """Walk all contacts; origins, courses, threads and how many, at the end."""
    t, s = borrowed(tables), borrowed(state)
    first = np.zeros(t.groups.size + 1, np.int64)
    for g in range(t.groups.size):
        first[g + 1] = first[g] + 2 * _leaves(t.groups[g].agents)
    free, leaf = _all_free(t, first)
    for slot in range(s.origins.size):
        queue = queue_of(t, s.origins[slot].source, s.origins[slot].key)
        group = t.ways[t.queues[queue].first].group
        agents = t.groups[group].agents
        free_s = free[first[group] + 1] if agents > 0 else np.inf
        if _begins(t, s, slot, queue, free_s):
            _replace(free, leaf, first[group], s.courses[slot].end_s)
    return state.origins, state.courses, state.threads, state.used


@inlined
def _begins(t: Tables, s: State, slot: int, queue: int, free_s: float) -> bool:
    """Whether a contact is served by an agent who is free from a time on; writes what happens to it."""
    origin, course = s.origins[slot], s.courses[slot]
    came = origin.time_s
    course.queue, course.entry_s = queue, came
    start = came
    if free_s > came:
        start = free_s
        course.offered_s = free_s - came
        patience = t.patience_s[queue, origin.interval]
        leave = np.inf
        if patience < np.inf:
            leave = came + draw(t, t.queues[queue].patience_law, origin.key, r.PATIENCE) * patience
        if leave < free_s or free_s == np.inf:
            course.status, course.group = ABANDONED if leave < np.inf else NEVER_ANSWERED, -1
            course.wait_s, course.end_s = leave - came, leave
            return False
    way = t.queues[queue].first
    course.status, course.group = ANSWERED, t.ways[way].group
    course.wait_s = start - came
    course.offered_s = course.wait_s
    course.end_s = start + draw(t, t.queues[queue].service_law, origin.key, r.SERVICE) * t.handle_s[way, origin.interval]
    return True


@compiled
def _leaves(agents: int) -> int:
    """Leaves of a tournament of so many: a power of two, at least two."""
    leaves = 2
    while leaves < agents:
        leaves *= 2
    return leaves


@compiled
def _all_free(t: Tables, first: Ints) -> tuple[Floats, Ints]:
    """Tournaments of all groups: times at which agents are free, and at which leaf each of them stands.

    Node k of a group has the smaller of nodes 2k and 2k + 1, node 1 the smallest of all; leaves without an agent are never free.
    """
    free, leaf = np.full(first[-1], np.inf), np.zeros(first[-1], np.int64)
    for g in range(t.groups.size):
        at, leaves = first[g], (first[g + 1] - first[g]) // 2
        for k in range(2 * leaves - 1, 0, -1):
            if k >= leaves:
                leaf[at + k], free[at + k] = k, 0.0 if k - leaves < t.groups[g].agents else np.inf
            else:
                leaf[at + k], free[at + k] = leaf[at + 2 * k], free[at + 2 * k]
    return free, leaf


@inlined
def _replace(free: Floats, leaf: Ints, at: int, time: float) -> None:
    """Put a time in the place of the smallest of a tournament; the winner of a match is an address, so that nothing branches."""
    best, k = time, leaf[at + 1]
    free[at + k] = time
    while k > 1:
        winner = at + (k ^ int(free[at + (k ^ 1)] < best))
        best, who = free[winner], leaf[winner]
        k >>= 1
        free[at + k], leaf[at + k] = best, who
