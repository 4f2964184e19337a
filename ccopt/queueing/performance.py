"""The record that every model of one pool returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Value = float | NDArray[np.float64]


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
