"""Agents who serve several chats: each advances at a pace that depends on how many are open."""

from __future__ import annotations

import numpy as np

from ccopt.compilation import compiled
from ccopt.simulation.heap import push
from ccopt.simulation.state import State
from ccopt.simulation.tables import Tables


@compiled
def advance(t: Tables, s: State, desk: int, now: float) -> None:
    """Handle time left of the chats of an agent."""
    row = s.desks[desk]
    if row.chats > 0:
        gone = (now - row.looked_s) / t.level_factor[row.group, row.chats - 1]
        for j in range(row.chats):
            s.chat_left[desk, j] -= gone
    row.looked_s = now


@compiled
def _shortest(s: State, desk: int) -> int:
    """Place of the chat that ends first."""
    k = 0
    for j in range(1, s.desks[desk].chats):
        if s.chat_left[desk, j] < s.chat_left[desk, k]:
            k = j
    return k


@compiled
def _next_end(t: Tables, s: State, desk: int, now: float) -> None:
    """Put the end of the first chat into the heap; an earlier entry of the agent becomes void."""
    row = s.desks[desk]
    left = s.chat_left[desk, _shortest(s, desk)]
    row.next_s = now + max(left, 0.0) * t.level_factor[row.group, row.chats - 1]
    push(s.departures, s.used[0].departures, row.next_s, -desk - 1)
    s.used[0].departures += 1


@compiled
def open_chat(t: Tables, s: State, group: int, slot: int, length_s: float, now: float) -> None:
    """The agent with the fewest chats takes one more."""
    team = s.teams[group]
    desk, fewest = -1, 0
    for x in range(team.desk, team.desk + team.present):
        chats = s.desks[x].chats
        if chats < t.groups[group].levels and (desk < 0 or chats < fewest):
            desk, fewest = x, chats
    advance(t, s, desk, now)
    s.chat[desk, fewest], s.chat_left[desk, fewest] = slot, length_s
    s.desks[desk].chats += 1
    _next_end(t, s, desk, now)


@compiled
def close_chat(t: Tables, s: State, desk: int, now: float) -> int:
    """The chat that ends now; -1 where the entry of the heap was void."""
    row = s.desks[desk]
    if row.chats == 0 or row.next_s != now:
        return -1
    advance(t, s, desk, now)
    j = _shortest(s, desk)
    slot = s.chat[desk, j]
    row.chats -= 1
    for k in range(j, row.chats):
        s.chat[desk, k], s.chat_left[desk, k] = s.chat[desk, k + 1], s.chat_left[desk, k + 1]
    row.next_s = np.inf
    if row.chats > 0:
        _next_end(t, s, desk, now)
    return int(slot)
