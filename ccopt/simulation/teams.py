"""Agents of a group become idle or busy, come and go."""

from __future__ import annotations

import numpy as np

from ccopt.compilation import compiled, inlined
from ccopt.simulation.records import ANSWERED, CUT, LONGEST_IDLE
from ccopt.simulation.state import State
from ccopt.simulation.tables import Tables
from ccopt.simulation.timers import COME_AGAIN, at


@inlined
def idle_since(s: State, group: int) -> float:
    """Since when the agent longest idle is idle."""
    return float(s.ring[group, s.teams[group].ring_at])


@inlined
def becomes_busy(t: Tables, s: State, group: int) -> None:
    """An idle agent (the longest idle, or a chat place) begins to work."""
    team = s.teams[group]
    team.idle -= 1
    team.busy += 1
    if t.choice == LONGEST_IDLE:
        team.ring_at = (team.ring_at + 1) % s.ring.shape[1]
        team.ring_size -= 1


@inlined
def becomes_idle(t: Tables, s: State, group: int, desk: int, now: float) -> None:
    """A contact of a group has ended; ``desk`` is the agent's where agents serve several."""
    team = s.teams[group]
    team.busy -= 1
    if t.groups[group].levels > 1:
        if desk - team.desk < team.present:
            team.idle += 1
        return
    team.idle += 1
    if t.choice == LONGEST_IDLE and team.idle > 0:
        _lines_up(s, group, now)


@inlined
def _lines_up(s: State, group: int, now: float) -> None:
    team = s.teams[group]
    s.ring[group, (team.ring_at + team.ring_size) % s.ring.shape[1]] = now
    team.ring_size += 1


@compiled
def change_staff(t: Tables, s: State, change: int, now: float) -> int:
    """The group of a change, which has other agents from now on; with ``cut`` its contacts are cut off."""
    row = t.changes[change]
    group, team = row.group, s.teams[row.group]
    if row.cut:
        _cut_off(t, s, group, now)
    if t.groups[group].levels > 1:
        team.present, team.idle = row.agents, 0
        for desk in range(team.desk, team.desk + row.agents):
            team.idle += t.groups[group].levels - s.desks[desk].chats
        return int(group)
    team.idle += row.agents - team.present
    team.present = row.agents
    if t.choice == LONGEST_IDLE:
        while team.ring_size > max(team.idle, 0):
            team.ring_at = (team.ring_at + 1) % s.ring.shape[1]
            team.ring_size -= 1
        while team.ring_size < team.idle:
            _lines_up(s, group, now)
    return int(group)


@compiled
def _cut_off(t: Tables, s: State, group: int, now: float) -> None:
    """Contacts in service end now; each may come again."""
    team = s.teams[group]
    for k in range(s.used[0].departures):
        slot = s.departures[k].item
        if slot >= 0 and s.courses[slot].group == group and s.courses[slot].status == ANSWERED:
            _cut(s, slot, now)
    for desk in range(team.desk, team.desk_last):
        for j in range(s.desks[desk].chats):
            _cut(s, s.chat[desk, j], now)
        s.desks[desk].chats, s.desks[desk].next_s = 0, np.inf
    team.idle += team.busy if t.groups[group].levels == 1 else 0
    team.busy = 0


@inlined
def _cut(s: State, slot: int, now: float) -> None:
    s.courses[slot].status, s.courses[slot].end_s = CUT, now
    at(s, now, COME_AGAIN, slot)
