"""Staffing as lines for a linear model: piecewise-linear under- and over-estimators of the staircase, with a certificate.

The staircase of a pool is n(load) = least k with A[k] >= load, where A[k] is the most load that k agents carry with all targets met.
On the step (A[k-1], A[k]] it equals k, so a rising line is below it there if and only if it is at most k at A[k], and above it if and
only if it is at least k at A[k-1]: a check of finitely many numbers, whether or not the staircase is concave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ccopt.kpis import Target
from ccopt.queueing.checking import Floats, numbers
from ccopt.queueing.staffing_rules import largest_loads

MOST_PIECES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Lines below and above a staircase, one pair per piece.

    Attributes
    ----------
    breaks
        Loads at which pieces meet, one more than pieces.
    slope, below, above
        Agents per erlang, and intercepts of the line below and above, per piece.
    error_below, error_above
        Largest distance of each line to the staircase on its piece, in agents (whole steps included: at least almost 1 in total).
    """

    breaks: Floats
    slope: Floats
    below: Floats
    above: Floats
    error_below: Floats
    error_above: Floats

    def at(self, load: ArrayLike) -> tuple[Floats, Floats]:
        """(lower, upper) bound on the agents for a load within the breaks.

        Raises
        ------
        ValueError
            Loads beyond the last break.
        """
        x = numbers("load", load)
        if (x > self.breaks[-1]).any():
            msg = f"load = {float(x.max())!r}: must be at most {float(self.breaks[-1]):g} erlangs, the end of the staircase"
            raise ValueError(msg)
        i = np.clip(np.searchsorted(self.breaks, x) - 1, 0, len(self.slope) - 1)
        return np.asarray(self.below[i] + self.slope[i] * x), np.asarray(self.above[i] + self.slope[i] * x)


def staircases(
    most_agents: int, *, aht_s: ArrayLike, targets: Sequence[Target], patience_s: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """A[k] for k = 0..most_agents: the least and the most over a range of handle times and patience (arrays are broadcast).

    Load up to the first is carried for every one of the given values, load above the second for none of them. Values between
    the given ones are not covered: give the ends of the range and as many points between as the decision needs.

    Examples
    --------
    >>> from ccopt.kpis import ServiceLevel
    >>> low, high = staircases(14, aht_s=[180, 240], targets=[ServiceLevel(0.8, 20)])
    >>> low.round(3)[-1], high.round(3)[-1]
    (np.float64(10.725), np.float64(10.868))
    """
    k = np.arange(1, most_agents + 1, dtype=float)
    stays = np.inf if patience_s is None else patience_s
    aht, patience = np.broadcast_arrays(np.asarray(aht_s, dtype=float), np.asarray(stays, dtype=float))
    loads = largest_loads(k, aht_s=aht.ravel()[:, None], targets=targets, patience_s=patience.ravel()[:, None])
    least = np.maximum.accumulate(np.concatenate(([0.0], loads.min(axis=0))))
    most = np.maximum.accumulate(np.concatenate(([0.0], loads.max(axis=0))))
    return least, most


def envelope(loads: ArrayLike, *, tolerance: float = 1.0) -> Envelope:
    """Lines below and above the staircase of ``loads`` (A[0] = 0, not falling), split until both errors are within tolerance.

    Parameters
    ----------
    loads
        A[k] for k = 0..K, from `staircases`, or from a table of a group.
    tolerance
        Agents by which a line may miss the staircase beside the step itself, which is 1.

    Notes
    -----
    Each piece spans whole steps i+1..j with the slope of its chord; the intercepts are moved until the finite check holds. At
    most 200 pieces are made; the errors say what was reached.

    Raises
    ------
    ValueError
        Loads that fall or do not start at 0, or a tolerance that is not positive.

    Examples
    --------
    >>> from ccopt.kpis import ServiceLevel
    >>> low, _ = staircases(100, aht_s=180, targets=[ServiceLevel(0.8, 20)])
    >>> lines = envelope(low, tolerance=0.5)
    >>> len(lines.slope) < 12, bool(max(lines.error_below) <= 1.5)
    (True, True)
    """
    a = numbers("loads", loads)
    if a.ndim != 1 or a.size < 2 or a[0] != 0.0 or (np.diff(a) < 0.0).any() or a[-1] <= 0.0:
        msg = "loads: must be A[0] = 0, A[1], ... and not fall; see staircases"
        raise ValueError(msg)
    if not tolerance > 0.0:
        msg = f"tolerance = {tolerance!r}: must be greater than 0"
        raise ValueError(msg)
    ends = [int(np.flatnonzero(a <= 0.0)[-1]), a.size - 1]
    pieces = [_piece(a, ends[0], ends[1])]
    while len(pieces) < MOST_PIECES:
        worst = max(range(len(pieces)), key=lambda p: max(pieces[p][3:]))
        i, j = ends[worst], ends[worst + 1]
        if max(pieces[worst][3:]) <= 1.0 + tolerance or j - i < 2 or a[(i + j) // 2] in (a[i], a[j]):
            break
        middle = (i + j) // 2
        ends.insert(worst + 1, middle)
        pieces[worst : worst + 1] = [_piece(a, i, middle), _piece(a, middle, j)]
    table = np.array(pieces)
    return Envelope(
        breaks=a[ends], slope=table[:, 0], below=table[:, 1], above=table[:, 2], error_below=table[:, 3], error_above=table[:, 4]
    )


def _piece(a: Floats, i: int, j: int) -> tuple[float, float, float, float, float]:
    """Slope, both intercepts and both errors on the steps i+1..j, by the finite check."""
    k = np.arange(i + 1, j + 1, dtype=float)
    left, right = a[i:j], a[i + 1 : j + 1]
    real = right > left  # a step of no width has no load on it
    k, left, right = k[real], left[real], right[real]
    slope = float((j - i) / (a[j] - a[i]))
    below = float((k - slope * right).min())
    above = float((k - slope * left).max())
    return slope, below, above, float((k - below - slope * left).max()), float((above + slope * right - k).max())
