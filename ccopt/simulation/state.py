"""The state of a walk over the contacts of a day, as one tuple of arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccopt.compilation import compiled
from ccopt.simulation import records as rec
from ccopt.simulation.records import grown
from ccopt.simulation.tables import Tables

Rows = NDArray[Any]
Floats = NDArray[np.float64]
SPARE = 8  # contacts that one event may make, beside those taken from endless work


class State(NamedTuple):
    """Everything that changes.

    Attributes
    ----------
    origins, courses, threads
        Contacts: where they come from, what happened to them, what they hang together with. Contacts from outside come
        first. The kernel without timers keeps threads only where contacts follow others.
    lines
        Waiting contacts of every queue: first, last; taken so far from endless work.
    teams, ring
        Agents of every group, and since when the idle ones are idle (only for the longest idle).
    desks, chat, chat_left
        Agents who serve several chats: their chats in hand and the handle time left, by place.
    trunks, ports
        Taken lines, taken ports.
    departures, timers, used
        Heaps, and how many rows of origins and heaps are in use.
    """

    origins: Rows
    courses: Rows
    threads: Rows
    lines: Rows
    teams: Rows
    ring: Floats
    desks: Rows
    chat: NDArray[np.int64]
    chat_left: Floats
    trunks: NDArray[np.int64]
    ports: NDArray[np.int64]
    departures: Rows
    timers: Rows
    used: Rows


def new_state(t: Tables, outside: Rows, *, rich: bool) -> State:
    """The state before the first contact; contacts from outside keep their rows where none can follow."""
    n, more = outside.size, rich or t.follows.size > 0
    room = n + n // 4 + 64 + _spare(t) if more else n
    origins = np.empty(room, rec.ORIGIN) if more else outside
    if more:
        origins[:n] = outside
    lines, used = np.zeros(t.queues.size, rec.LINE), np.zeros(1, rec.USED)
    lines["head"] = lines["tail"] = -1
    used["contacts"] = n
    desks, teams = _desks(t) if rich else np.zeros(0, rec.DESK), _teams(t)
    longest = rich and t.choice == rec.LONGEST_IDLE
    width = int(t.groups["most"].max(initial=0)) + 2
    levels = t.level_factor.shape[1]
    places = int((t.groups["most"] * t.groups["levels"]).sum())
    timers = room + t.changes.size + t.ways.size + _spare_timers(t) if rich else 1
    return State(
        origins=origins, courses=np.empty(room, rec.COURSE), threads=np.zeros(room if more else 1, rec.THREAD),
        lines=lines, teams=teams, ring=np.zeros((t.groups.size, width) if longest else (1, 1)),
        desks=desks, chat=np.zeros((desks.size, levels), np.int64), chat_left=np.zeros((desks.size, levels)),
        trunks=np.zeros(t.trunks.size, np.int64), ports=np.zeros(t.self_services.size, np.int64),
        departures=np.empty(2 * places + 64, rec.ENTRY), timers=np.empty(timers, rec.ENTRY), used=used,
    )  # fmt: skip


def _teams(t: Tables) -> Rows:
    teams = np.zeros(t.groups.size, rec.TEAM)
    teams["present"] = t.groups["agents"]
    teams["idle"] = t.groups["agents"] * t.groups["levels"]
    ends = np.cumsum(np.where(t.groups["levels"] > 1, t.groups["most"], 0))
    teams["desk"], teams["desk_last"] = np.concatenate(([0], ends[:-1])), ends
    if t.choice == rec.LONGEST_IDLE:
        teams["ring_size"] = teams["idle"]
    return teams


def _desks(t: Tables) -> Rows:
    group = np.repeat(np.arange(t.groups.size), np.where(t.groups["levels"] > 1, t.groups["most"], 0))
    desks = np.zeros(group.size, rec.DESK)
    desks["group"], desks["next_s"] = group, np.inf
    return desks


def _spare(t: Tables) -> int:
    return SPARE + int((t.groups["most"] * t.groups["levels"]).max(initial=0))


def _spare_timers(t: Tables) -> int:
    return SPARE + t.ways.size + int((t.groups["most"] * t.groups["levels"]).sum())


@compiled
def with_room(s: State, spare: int, spare_timers: int) -> State:
    """The state with room for what one event can add; the only place where arrays grow."""
    origins, courses, threads, departures, timers = s.origins, s.courses, s.threads, s.departures, s.timers
    used = s.used[0]
    if used.contacts + spare > courses.size:
        origins, courses = grown(origins, used.contacts), grown(courses, used.contacts)
        threads = grown(threads, used.contacts)
    if used.departures + spare > departures.size:
        departures = grown(departures, used.departures)
    if used.timers + spare_timers > timers.size:
        timers = grown(timers, used.timers)
    return State(
        origins, courses, threads, s.lines, s.teams, s.ring, s.desks, s.chat, s.chat_left, s.trunks, s.ports,
        departures, timers, s.used,
    )  # fmt: skip
