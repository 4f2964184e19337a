"""Staffing as lines for a linear model: piecewise-linear under- and over-estimators of the staircase, with a certificate.

The staircase of a pool is n(load) = least k with A[k] >= load, where A[k] is the most load that k agents carry with all targets met.
On the step (A[k-1], A[k]] it equals k, so a rising line is below it there if and only if it is at most k at A[k], and above it if and
only if it is at least k at A[k-1]: a check of finitely many numbers, whether or not the staircase is concave. For ranges of
handle times, patience and mixes `ccopt.queueing.staircases` gives proved staircases below and above; lines below the one of
the most favourable and above the one of the least favourable pool hold for all of the range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ccopt.queueing.checking import Floats, number, numbers

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


def envelope(loads: ArrayLike, *, tolerance: float = 1.0) -> Envelope:
    """Lines below and above the staircase of ``loads`` (A[0] = 0, not falling), split until both errors are within tolerance.

    Parameters
    ----------
    loads
        A[k] for k = 0..K: ``least`` or ``most`` of `ccopt.queueing.staircases`, or a table of a group.
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
    >>> from ccopt.queueing import staircases
    >>> steps = staircases(100, aht_s=180, targets=[ServiceLevel(0.8, 20)])
    >>> lines = envelope(steps.least, tolerance=0.5)
    >>> len(lines.slope) < 12, bool(max(lines.error_below) <= 1.5)
    (True, True)
    """
    a = numbers("loads", loads)
    if a.ndim != 1 or a.size < 2 or a[0] != 0.0 or (np.diff(a) < 0.0).any() or a[-1] <= 0.0:
        msg = "loads: must be A[0] = 0, A[1], ... and not fall; see staircases"
        raise ValueError(msg)
    number("tolerance", tolerance, above=0.0)
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
