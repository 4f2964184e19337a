"""Lines of a period: contacts that queue together because type, groups, ranks and what follows are the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.controlled.call_kernel import Lines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodLines:
    """Lines (L) of one period.

    Attributes
    ----------
    arrays
        What the kernel reads.
    contact_type, home
        (L,) type and group whose queue a contact joins (-1: one queue over several groups).
    outside
        (L,) contacts per hour from outside.
    regions
        Contacts per hour of each line by region when everything is answered, to give flows back to regions.
    inner
        (L,) whether contacts come only out of other contacts.
    depth
        Longest chain of contacts that follow each other (0: none).
    """

    arrays: Lines
    contact_type: Ints
    home: Ints
    outside: Floats
    regions: tuple[dict[str, float], ...]
    inner: NDArray[np.bool_]
    depth: int
