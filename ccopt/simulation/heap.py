"""A binary heap of rows (time, item); equal times leave in the order of their items."""

from __future__ import annotations

import numpy as np

from ccopt.compilation import compiled, inlined
from ccopt.simulation.records import Rows


@inlined
def push(heap: Rows, size: int, time: float, item: int) -> None:
    """Add to a heap of ``size`` rows; the array must have room for one more."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if heap[up].time_s < time or (heap[up].time_s == time and heap[up].item <= item):
            break
        heap[i].time_s, heap[i].item = heap[up].time_s, heap[up].item
        i = up
    heap[i].time_s, heap[i].item = time, item


@inlined
def replace(heap: Rows, size: int, time: float, item: int) -> None:
    """Put a row in the place of the first of ``size``; the array must have room for one more.

    The hole sinks to a leaf along the smaller children without a branch, then the row climbs (Wegener 1993): what is
    put in is nearly always late.
    """
    heap[size].time_s = np.inf
    i, child = 0, 1
    while child < size:
        a, b = heap[child], heap[child + 1]
        child += int((b.time_s < a.time_s) | ((b.time_s == a.time_s) & (b.item < a.item)))
        heap[i].time_s, heap[i].item = heap[child].time_s, heap[child].item
        i = child
        child = 2 * i + 1
    push(heap, i, time, item)


@compiled
def pop(heap: Rows, size: int) -> None:
    """Remove the first of ``size`` rows."""
    if size > 1:
        replace(heap, size - 1, heap[size - 1].time_s, heap[size - 1].item)
