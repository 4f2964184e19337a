"""Who is answered within the acceptable wait, also where staff changes while the contact waits.

The chance of being answered in time depends on the state at arrival alone while nothing changes within the wait. For
arrivals later than that it is taken back through the changes from the end of their wait, at Gauss-Legendre nodes of the
time of arrival.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.time_varying.chain import Interval, grid, pool, tagged, tagged_map
from ccopt.queueing.time_varying.uniformisation import columns_after, transient

Floats = NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(10)
IN_TIME, EARLY, VIRTUAL = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Expected contacts of one interval that wait: by state where nothing changes, and counted where something does.

    ``steady`` are waiting arrivals by state for whom nothing changes within the acceptable wait; ``changing`` are
    contacts (in time, early, virtual) among the others.
    """

    steady: Floats
    changing: Floats
    awt_s: float


def chances(v: Interval, times: Floats) -> Floats:
    """Chances (in time, early, virtual) by state for each acceptable wait, shape (3, states, times)."""
    follow, answered = tagged(v)
    out = np.zeros((3, v.waiting_states, times.size))
    if times.max(initial=0.0) <= 0.0:
        return out
    out[IN_TIME] = transient(follow.T, answered, times, fastest=v.fastest)[1].T
    if v.leave == 0.0:
        out[VIRTUAL] = out[IN_TIME]
        return out
    out[EARLY] = transient(follow.T, np.full(v.waiting_states, v.leave), times, fastest=v.fastest)[1].T
    patient, _ = tagged(v, leaves=False)
    out[VIRTUAL] = transient(patient.T, answered, times, fastest=v.fastest)[1].T
    return out


def within(v: Interval, window: Window) -> Floats:
    """Contacts (in time, early, virtual) of one interval among those that wait."""
    if window.awt_s <= 0.0:
        return np.zeros(3)
    steady = chances(v, np.array([window.awt_s]))[:, :, 0] @ window.steady
    return np.asarray(steady + window.changing)


def late_windows(
    intervals: list[Interval], after: list[int], starts: list[Floats], *, awt_s: float
) -> list[Window]:
    """The windows of all intervals."""
    return [_window(intervals, after, i, starts[i], awt_s) for i in range(len(intervals))]


def _window(intervals: list[Interval], after: list[int], i: int, start: Floats, awt_s: float) -> Window:
    v = intervals[i]
    edges = _edges(intervals, after, i, awt_s)
    calm = float(edges[0])
    nodes, weights = _rule(v, edges)
    states, spent = transient(pool(v), start, np.concatenate([[calm], nodes]), fastest=v.fastest)
    _, k = grid(v)
    enter = k < v.places
    changing = np.zeros(3)
    for piece in range(len(edges) - 1):
        inside = (nodes > edges[piece]) & (nodes < edges[piece + 1])
        value = _back(intervals, after, i, nodes[inside], awt_s)
        arrivals = states[1:][inside][:, v.agents :] * enter * (v.rate * weights[inside])[:, None]
        changing += np.einsum("js,csj->c", arrivals, value)
    return Window(steady=v.rate * spent[0][v.agents :] * enter, changing=changing, awt_s=awt_s)


def _edges(intervals: list[Interval], after: list[int], i: int, awt_s: float) -> Floats:
    """Times of arrival from which something changes within the wait, from which one change more matters, and the end."""
    v = intervals[i]
    boundary, j, calm = v.length, i, v.length
    turns: list[float] = []
    while boundary - awt_s < v.length and after[j] != j:
        j = after[j]
        if turns or _bare(intervals[j]) != _bare(v):
            turns.append(boundary - awt_s)
            calm = min(calm, max(turns[0], 0.0))
        boundary += intervals[j].length
    return np.array([calm, *(t for t in turns if calm < t < v.length), *([v.length] if calm < v.length else [])])


def _bare(v: Interval) -> Interval:
    """What a waiting contact sees of an interval while no agent is in excess."""
    return replace(v, rate=0.0, excess=0, length=0.0)


def _rule(v: Interval, edges: Floats) -> tuple[Floats, Floats]:
    nodes, weights = [np.zeros(0)], [np.zeros(0)]
    for low, high in itertools.pairwise(edges):
        count = int(np.ceil(np.sqrt((v.agents + v.excess) * v.serve * (high - low)) / 2.0)) + 1
        cuts = np.linspace(low, high, count + 1)
        half = 0.5 * np.diff(cuts)[:, None]
        nodes.append((half * NODES + 0.5 * (cuts[1:] + cuts[:-1])[:, None]).ravel())
        weights.append((half * WEIGHTS).ravel())
    return np.concatenate(nodes), np.concatenate(weights)


def _back(intervals: list[Interval], after: list[int], i: int, nodes: Floats, awt_s: float) -> Floats:
    """Chances (3, states of i, nodes) of arrivals at the nodes."""
    path, left = [i, after[i]], awt_s - (intervals[i].length - nodes)
    middle = 0.5 * float(left.min() + left.max())  # no change lies between the nodes of one piece
    while after[path[-1]] != path[-1] and middle > intervals[path[-1]].length:
        middle -= intervals[path[-1]].length
        left = left - intervals[path[-1]].length
        path.append(after[path[-1]])
    value = chances(intervals[path[-1]], np.maximum(left, 0.0))
    for step in range(len(path) - 2, -1, -1):
        v, w = intervals[path[step]], intervals[path[step + 1]]
        value = _across(v, w, value, v.length - nodes if step == 0 else np.full(nodes.size, v.length))
    return value


def _across(v: Interval, w: Interval, value: Floats, durations: Floats) -> Floats:
    """Chances at the start of a stretch of v that ends with the change to w."""
    goes = tagged_map(v, w)
    out = chances(v, durations)
    for kind in (IN_TIME, EARLY, VIRTUAL):
        later = np.where((goes < 0)[:, None], 0.0 if kind == EARLY else 1.0, value[kind][goes])
        follow, _ = tagged(v, leaves=kind != VIRTUAL)
        out[kind] += columns_after(follow.T, later, durations, fastest=v.fastest)
    return out
