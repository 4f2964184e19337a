"""Numbers of a contact, from its key and the laws of the tables."""

from __future__ import annotations

import math

import numpy as np

from ccopt.compilation import compiled, inlined
from ccopt.simulation import randomness as r
from ccopt.simulation.records import Rows
from ccopt.simulation.tables import Floats, Tables


@compiled
def _of_any_law(laws: Rows, values: Floats, law: int, key: np.uint64, purpose: np.uint64) -> float:
    """A draw of mean 1, or 0 with the law's share of zeros."""
    row = laws[law]
    if row.zero > 0.0 and r.uniform(key + r.BALK, purpose) < row.zero:
        return 0.0
    return r.unit(row.kind, row.shape, values[row.first : row.last], key, purpose)


@inlined
def draw(t: Tables, law: int, key: np.uint64, purpose: np.uint64) -> float:
    """A draw of mean 1 (or 0) from a law of the tables."""
    if t.laws[law].kind == r.EXPONENTIAL and t.laws[law].zero == 0.0:
        return -math.log(r.uniform(key, purpose))
    return _of_any_law(t.laws, t.law_values, law, key, purpose)


@inlined
def interval_at(t: Tables, now: float) -> int:
    """Interval of a time; the last one beyond the end."""
    p = 0
    while p < t.edges_s.size - 2 and now >= t.edges_s[p + 1]:
        p += 1
    return p


@inlined
def queue_of(t: Tables, source: int, key: np.uint64) -> int:
    """The queue that a contact chooses by the shares of its source."""
    row = t.sources[source]
    k = row.first
    if row.last > k + 1:
        u = r.uniform(key, r.ROUTE)
        while u >= t.shares[k].until and k < row.last - 1:
            k += 1
    return int(t.shares[k].queue)
