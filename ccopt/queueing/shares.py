"""Service level of a basis from shares of offered contacts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccopt.kpis import BASES, Basis

Floats = NDArray[np.float64]


def service_of(basis: Basis, in_time: Floats, abandonment: Floats, early: Floats, virtual: Floats) -> Floats:
    """Service level of a basis; 0 where the basis counts nobody.

    Raises
    ------
    ValueError
        A basis that is not one of the five.
    """
    if not isinstance(basis, str) or basis not in BASES:
        msg = f"basis = {basis!r}: must be one of {list(BASES)}"
        raise ValueError(msg)
    if basis == "virtual":
        return virtual
    if basis == "offered":
        return in_time
    if basis == "early_abandons_credited":
        return in_time + early
    counted = 1.0 - (abandonment if basis == "answered" else early)
    return np.divide(in_time, counted, out=np.zeros_like(in_time), where=counted > 0.0)
