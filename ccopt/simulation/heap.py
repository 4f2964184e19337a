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
def replace(times: Floats, items: Ints, size: int, time: float, item: int) -> None:
    """Put an entry in the place of the first of ``size``; the arrays must have room for one more.

    The hole sinks to a leaf along the smaller children without a branch, then the entry climbs (Wegener 1993): what is
    put in is nearly always late.
    """
    times[size] = np.inf
    i, child = 0, 1
    while child < size:
        other = child + 1
        child += int((times[other] < times[child]) | ((times[other] == times[child]) & (items[other] < items[child])))
        times[i], items[i] = times[child], items[child]
        i = child
        child = 2 * i + 1
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
    if size > 1:
        replace(times, items, size - 1, times[size - 1], items[size - 1])
