"""Compiled counts of a walk: sums per line and batch, and those of a pool on the same contacts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccopt.compilation import borrowed, compiled, inlined
from ccopt.queueing.controlled.call_kernel import ABANDONED, ANSWERED, Calls, Outcome

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@inlined
def batch_of(time_s: float, start_s: float, end_s: float, batches: int) -> int:  # pragma: no cover
    """Batch of a time: equal slices from start to end, -1 outside."""
    if time_s < start_s or time_s > end_s:
        return -1
    return min(int((time_s - start_s) / (end_s - start_s) * batches), batches - 1)


@compiled
def counted(
    out: Outcome, awt_s: Floats, groups: int, window: tuple[float, float], batches: int
) -> tuple[Floats, Floats, Floats]:  # pragma: no cover
    """Counts and sums (kinds, L, B) of an `Outcome`, those by waiting time (2, layers, L, B), answers (L, G).

    Kinds: offered, answered, abandoned, delayed, wait of answered, wait of all; by waiting time: answered and abandoned in it.
    ``window`` is (start, end) of the entries that count.
    """
    layers, size = awt_s.shape
    out = borrowed(out)
    sums, by_wait = np.zeros((6, size, batches)), np.zeros((2, layers, size, batches))
    at = np.zeros((size, groups))
    for i in range(len(out.line)):
        line = out.line[i]
        b = batch_of(out.entry_s[i], window[0], window[1], batches)
        if line < 0 or b < 0:
            continue
        wait, status = out.wait_s[i], out.status[i]
        sums[0, line, b] += 1.0
        if np.isfinite(wait):
            sums[5, line, b] += wait
        if wait > 0.0 or status != ANSWERED:
            sums[3, line, b] += 1.0
        if status == ANSWERED:
            sums[1, line, b] += 1.0
            sums[4, line, b] += wait
            at[line, out.group[i]] += 1.0
        elif status == ABANDONED:
            sums[2, line, b] += 1.0
        else:
            continue
        for k in range(layers):
            if wait <= awt_s[k, line]:
                by_wait[0 if status == ANSWERED else 1, k, line, b] += 1.0
    return sums, by_wait, at


@inlined
def sink(free: Floats, agents: int, end_s: float) -> None:  # pragma: no cover
    """Put a time in the place of the smallest of a heap."""
    k = 0
    while True:
        child = 2 * k + 1
        if child >= agents:
            break
        if child + 1 < agents and free[child + 1] < free[child]:
            child += 1
        if free[child] >= end_s:
            break
        free[k] = free[child]
        k = child
    free[k] = end_s


@compiled
def pool_counts(
    calls: Calls, place: Ints, lines: tuple[float, Floats, Floats], agents: int, window: tuple[float, float], batches: int
) -> Floats:  # pragma: no cover
    """Contacts, answers in time, losses and unit service (4, K, B) of some lines in a first-come-first-served pool.

    ``place`` (L,) is the index of a line among the K of the pool (-1: another pool); ``lines`` are its handle time, and
    patience and waiting time of its lines.
    """
    aht_s, patience_s, awt_s = lines
    calls = borrowed(calls)
    free, out = np.zeros(agents), np.zeros((4, len(patience_s), batches))
    for i in range(len(calls.arrival_s)):
        k = place[calls.line[i]]
        if k < 0:
            continue
        now = calls.arrival_s[i]
        wait, stay = max(free[0] - now, 0.0), calls.patience[i] * patience_s[k]
        if wait <= stay:
            sink(free, agents, now + wait + calls.service[i] * aht_s)
        b = batch_of(now, window[0], window[1], batches)
        if b >= 0:
            out[0, k, b] += 1.0
            out[1, k, b] += wait <= awt_s[k] and wait <= stay
            out[2, k, b] += wait > stay
            out[3, k, b] += calls.service[i]
    return out
