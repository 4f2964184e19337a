"""The bank: arrivals of all sources of one day, merged in time order, each with the key of its numbers."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccopt.compilation import compiled, inlined
from ccopt.simulation.heap import pop, push, replace
from ccopt.simulation.randomness import ARRIVAL, contact_of, day_key, exponential, gamma, mix, source_key
from ccopt.simulation.records import ENTRY, ORIGIN, Rows, grown
from ccopt.simulation.tables import Tables

Floats = NDArray[np.float64]
KEPT_CONTACTS = 4_000_000


class Bank(NamedTuple):
    """Contacts from outside (N,), rows of time, key, source and interval; ``day`` is the key of the day."""

    origins: Rows
    day: np.uint64


@inlined
def _next(area: float, rates: Floats, source: int, edges: Floats, piece: int, factor: float) -> tuple[float, int, float]:
    """Time and interval at which the integral of a source's piecewise constant rate reaches ``area``; inf beyond the end."""
    while piece < rates.shape[1]:
        here = rates[source, piece] * factor * (edges[piece + 1] - edges[piece])
        if area < here:
            return edges[piece] + area / (rates[source, piece] * factor), piece, area
        area -= here
        piece += 1
    return np.inf, piece, area


@compiled
def _expected(edges: Floats, rates: Floats, factor: Floats) -> float:
    """Contacts to expect of a day."""
    total = 0.0
    for s in range(rates.shape[0]):
        for p in range(rates.shape[1]):
            total += factor[s] * rates[s, p] * (edges[p + 1] - edges[p])
    return total


@compiled
def _of_one_source(edges: Floats, rates: Floats, factor: float, base: np.uint64, origins: Rows) -> Rows:
    """Arrivals of the only source, which come in their order."""
    lane, piece, area, n = source_key(base, 0), 0, 0.0, 0
    while True:
        key = contact_of(lane, n)
        t, piece, area = _next(area + exponential(key, ARRIVAL), rates, 0, edges, piece, factor)
        if t == np.inf:
            return origins[:n]
        if n == origins.size:
            origins = grown(origins, n)
        row = origins[n]
        row.time_s, row.source, row.interval, row.key = t, 0, piece, key
        n += 1


@compiled
def draw(
    edges: Floats, rates: Floats, factor: Floats, base: np.uint64, origins: Rows, heap: Rows
) -> Rows:
    """Arrivals of a day by inversion of each source's integrated rate, merged by a heap of next arrivals."""
    sources, size, n = rates.shape[0], 0, 0
    if sources == 1:
        return _of_one_source(edges, rates, factor[0], base, origins)
    index, piece, area = np.zeros(sources, np.int64), np.zeros(sources, np.int64), np.zeros(sources)
    key = np.empty(sources, np.uint64)
    lane = np.empty(sources, np.uint64)
    for s in range(sources):
        lane[s] = source_key(base, s)
        key[s] = contact_of(lane[s], 0)
        t, piece[s], area[s] = _next(exponential(key[s], ARRIVAL), rates, s, edges, 0, factor[s])
        if t < np.inf:
            push(heap, size, t, s)
            size += 1
    while size > 0:
        s = heap[0].item
        if n == origins.size:
            origins = grown(origins, n)
        row = origins[n]
        row.time_s, row.source, row.interval, row.key = heap[0].time_s, s, piece[s], key[s]
        n += 1
        index[s] += 1
        key[s] = contact_of(lane[s], index[s])
        step = exponential(key[s], ARRIVAL)
        t, piece[s], area[s] = _next(area[s] + step, rates, s, edges, piece[s], factor[s])
        if t < np.inf:
            replace(heap, size, t, s)
        else:
            pop(heap, size)
            size -= 1
    return origins[:n]


@compiled
def _factors(base: np.uint64, factor_of: NDArray[np.int64], shapes: Floats) -> Floats:
    """Factor of the day on the rate of every source: gamma of mean 1, common to the sources that share it."""
    factor = np.ones(factor_of.size)
    for s in range(factor_of.size):
        if factor_of[s] >= 0:
            factor[s] = gamma(mix(base + np.uint64(factor_of[s] + 1)), ARRIVAL, shapes[factor_of[s]])
    return factor


def bank_of(t: Tables, seed: int, day: int) -> Bank:
    """Arrivals of one day."""
    base = np.uint64(day_key(seed, day))
    factor = _factors(base, t.busyness_of, t.busyness)
    expected = _expected(t.edges_s, t.rates, factor)
    origins = np.empty(int(expected + 6.0 * np.sqrt(expected) + 64.0), ORIGIN)
    heap = np.empty(t.rates.shape[0] + 2, ENTRY)
    return Bank(draw(t.edges_s, t.rates, factor, base, origins, heap), base)


class Banks:
    """Keeps the latest days, so that designs of one scenario meet the same contacts at no cost."""

    def __init__(self, contacts: int = KEPT_CONTACTS) -> None:
        self._room = contacts
        self._kept: OrderedDict[tuple[bytes, int, int], Bank] = OrderedDict()
        self._lock = Lock()

    def day(self, tables: Tables, seed: int, day: int) -> Bank:
        """Arrivals of one day."""
        demand = b"".join(x.tobytes() for x in (tables.edges_s, tables.rates, tables.busyness_of, tables.busyness))
        name = (demand, seed, day)
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        made = bank_of(tables, seed, day)
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > 1 and sum(b.origins.size for b in self._kept.values()) > self._room:
                self._kept.popitem(last=False)
        return made
