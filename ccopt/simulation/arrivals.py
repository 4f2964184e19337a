"""The bank: arrivals of all sources of one day, merged in time order, each with the key of its numbers."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccopt.simulation.compiler import compiled
from ccopt.simulation.heap import pop, push
from ccopt.simulation.randomness import ARRIVAL, contact_key, day_key, exponential, gamma, mix
from ccopt.simulation.tables import Tables

Floats = NDArray[np.float64]
KEPT_CONTACTS = 4_000_000


class Bank(NamedTuple):
    """Per contact from outside (N,): time, source, interval, key; ``day`` is the key of the day."""

    time: Floats
    source: NDArray[np.int32]
    interval: NDArray[np.int32]
    key: NDArray[np.uint64]
    day: np.uint64


@compiled
def _next(area: float, rate: Floats, edges: Floats, piece: int, factor: float) -> tuple[float, int, float]:
    """Time and interval at which the integral of a piecewise constant rate reaches ``area``; inf beyond the end."""
    while piece < rate.size:
        here = rate[piece] * factor * (edges[piece + 1] - edges[piece])
        if area < here:
            return edges[piece] + area / (rate[piece] * factor), piece, area
        area -= here
        piece += 1
    return np.inf, piece, area


@compiled
def draw(
    edges: Floats, rates: Floats, factor_of: NDArray[np.int64], shapes: Floats, seed: int, day: int
) -> tuple[Floats, NDArray[np.int32], NDArray[np.int32], NDArray[np.uint64], np.uint64]:
    """Arrivals of a day by inversion of each source's integrated rate, merged by a heap of next arrivals."""
    base = day_key(seed, day)
    sources = rates.shape[0]
    factor = np.ones(sources)
    for s in range(sources):
        if factor_of[s] >= 0:
            factor[s] = gamma(mix(base + np.uint64(factor_of[s] + 1)), ARRIVAL, shapes[factor_of[s]])
    expected = 0.0
    for s in range(sources):
        for p in range(rates.shape[1]):
            expected += factor[s] * rates[s, p] * (edges[p + 1] - edges[p])
    room = int(expected + 6.0 * np.sqrt(expected) + 64.0)
    time, key = np.empty(room), np.empty(room, np.uint64)
    source, interval = np.empty(room, np.int32), np.empty(room, np.int32)
    heap_t, heap_s, size = np.empty(sources + 1), np.empty(sources + 1, np.int64), 0
    index, piece, area = np.zeros(sources, np.int64), np.zeros(sources, np.int64), np.zeros(sources)
    for s in range(sources):
        t, piece[s], area[s] = _next(exponential(contact_key(base, s, 0), ARRIVAL), rates[s], edges, 0, factor[s])
        if t < np.inf:
            push(heap_t, heap_s, size, t, s)
            size += 1
    n = 0
    while size > 0:
        s = heap_s[0]
        if n == time.size:
            more = n // 2 + 64
            time, key = np.concatenate((time, np.empty(more))), np.concatenate((key, np.empty(more, np.uint64)))
            source = np.concatenate((source, np.empty(more, np.int32)))
            interval = np.concatenate((interval, np.empty(more, np.int32)))
        time[n], source[n], interval[n] = heap_t[0], s, piece[s]
        key[n] = contact_key(base, s, index[s])
        n += 1
        index[s] += 1
        step = exponential(contact_key(base, s, index[s]), ARRIVAL)
        t, piece[s], area[s] = _next(area[s] + step, rates[s], edges, piece[s], factor[s])
        if size == 1:
            if t == np.inf:
                break
            heap_t[0] = t
        else:
            pop(heap_t, heap_s, size)
            size -= 1
            if t < np.inf:
                push(heap_t, heap_s, size, t, s)
                size += 1
    return time[:n], source[:n], interval[:n], key[:n], base


class Banks:
    """Keeps the latest days, so that designs of one scenario meet the same contacts at no cost."""

    def __init__(self, contacts: int = KEPT_CONTACTS) -> None:
        self._room = contacts
        self._kept: OrderedDict[tuple[bytes, int, int], Bank] = OrderedDict()

    def day(self, tables: Tables, seed: int, day: int) -> Bank:
        """Arrivals of one day."""
        demand = b"".join(x.tobytes() for x in (tables.edges_s, tables.s_rate, tables.s_busyness, tables.busyness))
        name = (demand, seed, day)
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        time, source, interval, key, base = draw(tables.edges_s, tables.s_rate, tables.s_busyness, tables.busyness, seed, day)
        made = Bank(time, source, interval, key, np.uint64(base))
        self._kept[name] = made
        while len(self._kept) > 1 and sum(b.time.size for b in self._kept.values()) > self._room:
            self._kept.popitem(last=False)
        return made
