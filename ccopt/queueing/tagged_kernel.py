"""Steps of the tagged customer who waits in a group that sells: (a, j), a customers ahead of her and j agents selling.

She only moves up: ``ahead`` (A, J) are rates to (a - 1, j), ``ended`` to (a - 1, j - 1), ``offered`` to (a, j + 1); from a = 0
the first two answer her.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.compiler import HAVE_NUMBA, compiled

Floats = NDArray[np.float64]
DONE = 1e-15  # of those who wait, when no more are followed


@compiled
def step(here: Floats, ahead: Floats, ended: Floats, offered: Floats) -> None:
    """Move (A, J) shares of customers in place, by probabilities of an event; from the front, because all come from behind."""
    levels, size = here.shape
    for a in range(levels):
        for j in range(size - 1, -1, -1):
            x = here[a, j] * (1.0 - ahead[a, j] - ended[a, j] - offered[a, j])
            if j > 0:
                x += here[a, j - 1] * offered[a, j - 1]
            if a + 1 < levels:
                x += here[a + 1, j] * ahead[a + 1, j]
                if j + 1 < size:
                    x += here[a + 1, j + 1] * ended[a + 1, j + 1]
            here[a, j] = x


@compiled
def moments(ahead: Floats, ended: Floats, offered: Floats, theta: float) -> tuple[Floats, Floats]:
    """E exp(-θW) and E W exp(-θW) of the offered wait W from each (a, j)."""
    levels, size = ahead.shape
    first, second = np.zeros((levels, size)), np.zeros((levels, size))
    for a in range(levels):
        for j in range(size - 1, -1, -1):
            up, down, stay = ahead[a, j], ended[a, j], offered[a, j]
            if a == 0:
                x, y = up + down, 0.0
            else:
                x, y = up * first[a - 1, j], up * second[a - 1, j]
                if j > 0:
                    x += down * first[a - 1, j - 1]
                    y += down * second[a - 1, j - 1]
            if j + 1 < size:
                x += stay * first[a, j + 1]
                y += stay * second[a, j + 1]
            out = up + down + stay + theta
            first[a, j] = x / out
            second[a, j] = (y + first[a, j]) / out
    return first, second


@compiled
def poisson_tails(mean: float, most: int) -> Floats:
    """P(N >= m) for m = 0 to ``most``, N Poisson: ratios from the likeliest count on, summed from the far end."""
    mode = int(min(mean, most))
    term = np.zeros(most + 1)
    term[mode] = 1.0
    for m in range(mode, 0, -1):
        term[m - 1] = term[m] * m / mean
    for m in range(mode + 1, most + 1):
        term[m] = term[m - 1] * mean / m
    for m in range(most, 0, -1):
        term[m - 1] += term[m]
    found: Floats = term / term[0]
    return found


@compiled
def walk(here: Floats, ahead: Floats, ended: Floats, offered: Floats, events: int) -> Floats:
    """Shares (events + 1,) answered at each event, the first before any; ``here`` (A, J) is where customers are, and is moved."""
    answered, waiting = np.zeros(events + 1), here.sum()
    least = DONE * waiting
    for m in range(1, events + 1):
        if waiting <= least:
            break
        answered[m] = ((ahead[0] + ended[0]) * here[0]).sum()
        waiting -= answered[m]
        most = min(here.shape[0], events - m + 1)  # who is further behind is not answered within so many events
        step(here[:most], ahead, ended, offered)
    return answered


if not HAVE_NUMBA:  # the same by whole arrays

    def step(here: Floats, ahead: Floats, ended: Floats, offered: Floats) -> None:
        """Move (A, J) shares of customers in place."""
        levels = len(here)
        up, down, stay = (here * x[:levels] for x in (ahead, ended, offered))
        here -= up + down + stay
        here[:-1] += up[1:]
        here[:-1, :-1] += down[1:, 1:]
        here[:, 1:] += stay[:, :-1]
