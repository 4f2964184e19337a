"""Steps of the chain of a group that sells, by levels of the number in system k = i + j; see `selling` for its rates.

Arrivals go up one level and keep j, the agents who sell; services and offers that end go down one; an offer that starts stays.
So the chain is block tridiagonal with small blocks, and above the threshold nobody starts to sell: j only falls, and each j
is a birth-death chain fed by the one above it.

Sources: G. Latouche, V. Ramaswami (1999), Introduction to matrix analytic methods in stochastic modeling, chapters 8, 10 and 12;
W. K. Grassmann, M. I. Taksar, D. P. Heyman (1985), Regenerative analysis and steady state distributions for Markov chains,
Operations Research 33, 1107-1116 (elimination without differences).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.compiler import HAVE_NUMBA, compiled

Floats = NDArray[np.float64]
HUGE = 1e200
REACH = 1e-18  # probability of rising twice as far as before, where the reduction ends
Rates = tuple[float, float, float, float, float]  # λ, μ, ν, θ per hour, and n


@compiled
def level_block(k: int, size: int, share: float, before: Floats, rates: Rates) -> Floats:
    """Rates out of level k less those that come back from below before the next arrival there, (size, size).

    ``before`` says in which j the level below is left upwards, (rows j at the start); ``rates`` are λ, μ, ν, θ and n. The
    inverse times λ is ``before`` of the next level.
    """
    lam, mu, nu, theta, agents = rates
    below = before.shape[0]
    found = np.zeros((size, size))
    for j in range(size):
        service = min(k, agents) - j  # agents who serve
        if j + 1 < size:
            found[j, j + 1] = -service * mu * share
        if j < below:
            found[j, :below] -= (service * mu * (1.0 - share) + max(k - agents, 0.0) * theta) * before[j]
        if j > 0:
            found[j, :below] -= j * nu * before[j - 1]
        found[j, j] = 0.0
        found[j, j] = lam - found[j].sum()  # what does not come back arrives: no difference
    return found


@compiled
def inverse(block: Floats) -> Floats:
    """Inverse of a matrix whose diagonal exceeds the rest of its row; the diagonal is largest, so that no rows change place."""
    size = block.shape[0]
    work, found = block.copy(), np.eye(size)
    for m in range(size):
        pivot = 1.0 / work[m, m]
        for c in range(m + 1, size):
            work[m, c] *= pivot
        for c in range(m + 1):
            found[m, c] *= pivot
        for i in range(size):
            factor = work[i, m]
            if i != m and factor != 0.0:
                for c in range(m + 1, size):
                    work[i, c] -= factor * work[m, c]
                for c in range(m + 1):
                    found[i, c] -= factor * found[m, c]
    return found


@compiled
def level_below(k: int, size: int, share: float, here: Floats, before: Floats, rates: Rates) -> Floats:
    """Probabilities of level k - 1 from those of level k, in which offers start at ``share``; ``before`` as in `level_block`."""
    lam, mu, nu, theta, agents = rates
    found = np.zeros(size)
    for j in range(size):
        down = here[j] * ((min(k, agents) - j) * mu * (1.0 - share) + max(k - agents, 0.0) * theta)
        if j + 1 < here.size:
            down += here[j + 1] * (j + 1) * nu
        found += down / lam * before[j]
    return found


@compiled
def endless_descent(size: int, rates: Rates) -> Floats:
    """In which j the next level below is reached where all levels are alike (nobody leaves, all are busy, no offer starts)."""
    lam, mu, nu, _, agents = rates
    found = np.zeros((size, size))
    for j in range(size):
        down = (agents - j) * mu
        out = lam + down + j * nu
        found[j, j] = 2.0 * down / (out + np.sqrt(max(out * out - 4.0 * lam * down, 0.0)))
        out -= lam * found[j, j]
        for c in range(j - 1, -1, -1):
            total = j * nu if c == j - 1 else 0.0
            for i in range(c + 1, j):
                total += lam * found[j, i] * found[i, c]
            found[j, c] = total / (out - lam * found[c, c])
    return found


@compiled
def descent(k: int, after: Floats, rates: Rates) -> Floats:
    """In which j level k - 1 is reached from level k, in which no offer starts; ``after`` is the same for the level above."""
    lam, mu, nu, theta, agents = rates
    size = after.shape[0]
    found = np.zeros((size, size))
    for j in range(size):
        down = (min(k, agents) - j) * mu + max(k - agents, 0.0) * theta
        out = down + j * nu
        for i in range(j):
            out += lam * after[j, i]
        found[j, j] = down
        if j > 0:
            found[j, j - 1] = j * nu
        for i in range(j):
            for c in range(i + 1):
                found[j, c] += lam * after[j, i] * found[i, c]
        for c in range(j + 1):
            found[j, c] /= out
    return found


@compiled
def above(first: int, levels: int, entries: Floats, rates: Rates) -> Floats:
    """Mean times (levels, J) in levels from ``first`` on, where no offer starts, by the rates (J,) of entering ``first`` with j.

    Each j is solved from the last level down, without differences, and then up. The last level takes no arrivals.
    """
    lam, mu, nu, theta, agents = rates
    times, ratio, fed = np.zeros((levels, entries.size)), np.zeros(levels), np.zeros(levels + 1)
    for j in range(entries.size - 1, -1, -1):
        fed[0] += entries[j]
        over, lost = 0.0, 0.0  # rates from the level above down, and to fewer who sell before coming down
        for x in range(levels - 1, -1, -1):
            lost = j * nu + (lam * lost / (over + lost) if lost > 0.0 else 0.0)
            fed[x] += over * fed[x + 1]
            over = (min(first + x, agents) - j) * mu + max(first + x - agents, 0.0) * theta
            fed[x] /= over + lost
            ratio[x] = lam / (over + lost)
        for x in range(1, levels):
            fed[x] += ratio[x] * fed[x - 1]
        for x in range(levels):
            times[x, j] = fed[x]
            fed[x] = j * nu * fed[x + 1]
    return times


@compiled
def null_vector(moves: Floats) -> Floats:
    """A vector x > 0 with x Q = 0 by elimination without differences; rates off the diagonal of ``moves`` (J, J) are overwritten."""
    size = moves.shape[0]
    for m in range(size - 1, 0, -1):
        out = moves[m, :m].sum()
        for i in range(m):
            moves[i, m] /= out
            moves[i, :m] += moves[i, m] * moves[m, :m]
    found = np.zeros(size)
    found[0] = 1.0
    for m in range(1, size):
        for i in range(m):
            found[m] += found[i] * moves[i, m]
        if found[m] > HUGE:
            found[: m + 1] /= HUGE
    return found


def endless_selling(share: float, rates: Rates) -> tuple[Floats, Floats]:
    """Levels from the agents on where nobody leaves and offers always start: in which j the level below is reached, and R.

    Logarithmic reduction (Latouche and Ramaswami, section 8.4); probabilities of level k + 1 are those of level k times R.
    """
    lam, mu, nu, _, agents = rates
    j = np.arange(int(agents) + 1)
    service = (agents - j) * mu
    level = np.diag(lam + service + j * nu) - np.diag((service * share)[:-1], 1)
    down = np.diag(service * (1.0 - share)) + np.diag(j[1:] * nu, -1)
    first = inverse(level)
    rise, fall = lam * first, first @ down
    found, reach = fall.copy(), rise.copy()
    while reach.max() > REACH:
        again = inverse(np.eye(len(j)) - rise @ fall - fall @ rise)
        rise, fall = again @ rise @ rise, again @ fall @ fall
        found += reach @ fall
        reach = reach @ rise
    found /= found.sum(axis=1, keepdims=True)
    return found, lam * inverse(level - lam * found)


if not HAVE_NUMBA:  # the same by libraries of linear algebra

    def inverse(block: Floats) -> Floats:
        """Inverse of a matrix."""
        return np.asarray(np.linalg.inv(block), dtype=np.float64)

    def descent(k: int, after: Floats, rates: Rates) -> Floats:
        """In which j level k - 1 is reached from level k."""
        lam, mu, nu, theta, agents = rates
        j = np.arange(len(after))
        down = (min(k, agents) - j) * mu + max(k - agents, 0.0) * theta
        out = np.diag(lam + down + j * nu) - lam * after
        return np.asarray(np.linalg.solve(out, np.diag(down) + np.diag(j[1:] * nu, -1)), dtype=np.float64)
