"""Integration of several smooth functions at once over panels that are halved until they agree."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
DEEPEST = 60
MOST_PANELS = 4000


def panel_integrals(function: Callable[[Floats], Floats], edges: Floats, *, relative: float = 1e-13) -> Floats:
    """Integral of each function over each panel, shape (functions, panels).

    Parameters
    ----------
    function
        Maps points (P,) to values (F, P); smooth within each panel.
    edges
        Panel edges, increasing.
    relative
        Wanted error relative to the integral of the absolute values over all panels.
    """
    count = len(edges) - 1
    owner = np.arange(count)
    low, high = edges[:-1].astype(float), edges[1:].astype(float)
    whole = _rule(function, low, high)
    totals = np.zeros((whole.shape[0], count))
    scale = np.abs(whole).sum(axis=1, keepdims=True)
    for _ in range(DEEPEST):
        middle = 0.5 * (low + high)
        left, right = _rule(function, low, middle), _rule(function, middle, high)
        both = left + right
        scale = np.maximum(scale, np.abs(both).sum(axis=1, keepdims=True))
        bad = (np.abs(both - whole) > relative * scale + 1e-300).any(axis=0) & (middle > low) & (middle < high)
        for f in range(totals.shape[0]):
            np.add.at(totals[f], owner[~bad], both[f, ~bad])
        if not bad.any():
            return totals
        if int(bad.sum()) > MOST_PANELS:
            break
        low, high = np.concatenate([low[bad], middle[bad]]), np.concatenate([middle[bad], high[bad]])
        whole = np.concatenate([left[:, bad], right[:, bad]], axis=1)
        owner = np.concatenate([owner[bad], owner[bad]])
    msg = "integral: does not settle; the function jumps inside a panel"
    raise ArithmeticError(msg)


def _rule(function: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    half = 0.5 * (high - low)
    points = (low + high)[:, None] * 0.5 + half[:, None] * NODES
    values = function(points.ravel()).reshape(-1, *points.shape)
    found: Floats = np.einsum("fpn,n,p->fp", values, WEIGHTS, half)
    return found
