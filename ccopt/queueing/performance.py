"""The record that every model of one pool returns, and how it is filled from rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.kpis import BASES, Basis

Floats = NDArray[np.float64]
Value = float | Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Indicators of one pool: floats, or arrays if any input was an array.

    Attributes
    ----------
    delay_probability
        Share of offered contacts that wait.
    service_level
        Share answered within the acceptable wait, on the basis asked for.
    asa_s, mean_wait_s
        Mean wait of answered, and of all offered contacts, in seconds.
    abandonment, blocking
        Shares of offered contacts.
    occupancy
        Carried load over agents.
    queue_length
        Mean number of waiting contacts.
    load
        Offered load in erlangs (with redials: of all attempts).
    """

    delay_probability: Value
    service_level: Value
    asa_s: Value
    mean_wait_s: Value
    abandonment: Value
    blocking: Value
    occupancy: Value
    queue_length: Value
    load: Value


def plain(array: Floats) -> Value:
    """A float where the array has no dimension, the array otherwise."""
    return float(array) if array.ndim == 0 else array


def basis_index(basis: Basis) -> int:
    """Index of a basis in `ccopt.kpis.BASES`.

    Raises
    ------
    ValueError
        A basis that is not one of the five.
    """
    if not isinstance(basis, str) or basis not in BASES:
        msg = f"basis = {basis!r}: must be one of {list(BASES)}"
        raise ValueError(msg)
    return BASES.index(basis)


def service_of_rows(basis: Basis, rows: Floats) -> Floats:
    """Service level of a basis from rows (..., 6) of shares of offered contacts; 0 where nobody is counted."""
    in_time, abandonment, early, virtual = (rows[..., k] for k in (1, 2, 3, 4))
    index = basis_index(basis)
    if index == 0:
        found = in_time
    elif index == 4:
        found = virtual
    elif index == 3:
        found = in_time + early
    else:
        below = 1.0 - (abandonment if index == 1 else early)
        found = np.divide(in_time, below, out=np.zeros_like(in_time), where=below > 0.0)
    return np.asarray(np.clip(found, 0.0, 1.0), dtype=float)
