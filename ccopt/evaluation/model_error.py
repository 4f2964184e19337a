"""The stated error of the group model where handle times differ within a group.

The group model replaces the handle times of a group's contact types by their mean. With exponential parts the mixture
has a squared coefficient of variation 1 + x, x = 2 Σ p_i h_i² / h² - 2, and the error grows with x and with the agents.
The formulas below envelop 144 simulated pools near 80 % in 20 s (5 to 100 agents, pairs of handle times 300/420 to
60/600 s mixed 90/10 and 50/50, patience none, 2 and 0.5 handle times; `benchmarks/group_model_error.py`). Within one
handle time the model is exact.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST = 0.25
WORTH_A_NOTE = 0.02


def excess_variation(rates: Floats, aht_s: Floats) -> float:
    """Squared coefficient of variation of the mixture of exponential handle times, less 1.

    Examples
    --------
    >>> import numpy as np
    >>> round(excess_variation(np.array([0.9, 0.1]), np.array([60.0, 600.0])), 3)
    4.039
    """
    share = rates / rates.sum()
    mean = float(share @ aht_s)
    return max(0.0, 2.0 * float(share @ aht_s**2) / mean**2 - 2.0)


def stated_error(rates: Floats, aht_s: Floats, *, agents: int, patience: bool) -> dict[str, float]:
    """Largest error to expect of the group model: shares absolute, ``asa_relative`` as a share of the mean wait.

    Parameters
    ----------
    rates, aht_s
        Contacts per hour and handle times of the types in the group.
    agents
        Agents present.
    patience
        Whether every type abandons.

    Examples
    --------
    >>> import numpy as np
    >>> stated_error(np.array([5.0, 5.0]), np.array([300.0, 300.0]), agents=10, patience=False)["service_level"]
    0.0
    """
    x = excess_variation(rates, aht_s)
    level = 0.0045 * x * math.sqrt(agents) / (1.0 + 0.07 * x) * (0.5 if patience else 1.0)
    return {
        "service_level": min(level, LARGEST),
        "abandonment": 0.011 * x / (1.0 + 0.5 * x) if patience else 0.0,
        "asa_relative": 0.6 * x,
    }
