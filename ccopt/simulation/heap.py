"""A binary heap of (time, item) in two arrays; equal times leave in the order of their items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccopt.simulation.compiler import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def push(times: Floats, items: Ints, size: int, time: float, item: int) -> None:
    """Add to a heap of ``size`` entries; the arrays must have room for one more."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if times[up] < time or (times[up] == time and items[up] <= item):
            break
        times[i], items[i] = times[up], items[up]
        i = up
    times[i], items[i] = time, item


@compiled
def pop(times: Floats, items: Ints, size: int) -> None:
    """Remove the first of ``size`` entries."""
    n = size - 1
    time, item = times[n], items[n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        other = child + 1
        if other < n and (times[other] < times[child] or (times[other] == times[child] and items[other] < items[child])):
            child = other
        if times[child] > time or (times[child] == time and items[child] >= item):
            break
        times[i], items[i] = times[child], items[child]
        i = child
    if n > 0:
        times[i], items[i] = time, item
