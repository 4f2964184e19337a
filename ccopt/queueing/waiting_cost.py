"""Expected cost of a wait by a curve that is straight between its points."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NODES = 12


def expected_cost(
    wait_s: Sequence[float], cost: Sequence[float], tail: Callable[[float], Floats], mean_wait_s: Floats
) -> Floats:
    """Mean of f(W) for a piecewise linear f with f(0) = 0 unless a point says otherwise.

    With slopes s_k between breakpoints a_k,

        E f(W) = f(0) P(W > 0) + Σ_k s_k ∫ P(W > t) dt over [a_k, a_{k+1}],

    the last integral being E W less what came before; each integral by Gauss and Legendre with 12 nodes (waits have
    smooth tails, the error is below 1e-9 of the cost for pieces of a few mean waits).

    Parameters
    ----------
    wait_s, cost
        Points of the curve, waits rising; the last piece goes on beyond the last point.
    tail
        ``tail(t)``: P(W > t), one value per contact type.
    mean_wait_s
        E W, one value per contact type.

    Returns
    -------
    Floats
        Expected cost per contact.

    Examples
    --------
    An exponential wait of mean 30 s that costs nothing in the first 20 s and 0.01 a second after it: 0.3 exp(-2/3).

    >>> found = expected_cost([0, 20, 21], [0, 0, 0.01], lambda t: np.array([np.exp(-t / 30)]), np.array([30.0]))
    >>> round(float(found[0]), 9)
    0.154025136
    """
    at, price = [float(w) for w in wait_s], [float(c) for c in cost]
    if not at or at[0] > 0.0:
        at, price = [0.0, *at], [0.0, *price]
    total = price[0] * tail(0.0)
    before = np.zeros_like(mean_wait_s)
    node, weight = np.polynomial.legendre.leggauss(NODES)
    slope = 0.0
    for a, b, low, high in zip(at, at[1:], price, price[1:], strict=False):
        slope = (high - low) / (b - a)
        piece = sum(
            0.5 * (b - a) * w * tail(0.5 * (a + b) + 0.5 * (b - a) * x) for x, w in zip(node, weight, strict=True)
        )
        total = total + slope * piece
        before = before + piece
    return np.asarray(total + slope * np.maximum(mean_wait_s - before, 0.0))
