"""The stated errors of the models: of the group model where handle times differ, and of a back-test on history.

The group model replaces the handle times of a group's contact types by their mean. With exponential parts the mixture
has a squared coefficient of variation 1 + x, x = 2 Σ p_i h_i² / h² - 2, and the error grows with x and with the agents.
The formulas below envelop 144 simulated pools near 80 % in 20 s (5 to 100 agents, pairs of handle times 300/420 to
60/600 s mixed 90/10 and 50/50, patience none, 2 and 0.5 handle times; `benchmarks/group_model_error.py`). Within one
handle time the model is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ccopt.kpis import Evaluation, ServiceRow
from ccopt.scenario.entities import Scenario

Floats = NDArray[np.float64]

LARGEST = 0.25
WORTH_A_NOTE = 0.02
TOLERANCE = 1e-9


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


def widened(found: Evaluation, scenario: Scenario) -> Evaluation:
    """An evaluation whose rows are promised no finer than the back-test of the scenario allows.

    The error is added to the half-widths of all rows with contacts, and a note says how many targets hold by less.
    """
    error = scenario.model_error
    if error is None:
        return found

    def wider(row: ServiceRow) -> ServiceRow:
        if row.contacts_per_hour <= 0.0:
            return row
        more = {"service_level": error.service_level, "abandonment": error.abandonment, "asa_s": error.asa_s}
        return replace(row, half_width=row.half_width | {k: row.half_width.get(k, 0.0) + v for k, v in more.items()})

    cells = tuple(wider(r) for r in found.cells)
    slack = list(_slack(cells, scenario))
    thin = sum(s < 0.0 for s in slack)
    note = (
        f"the back-test found the model off by {100 * error.service_level:.1f} points of service level and "
        f"{100 * error.abandonment:.1f} points of abandonment ({error.source}): nothing is promised finer, and {thin} of "
        f"{len(slack)} promises hold by less than that"
    )
    if error.safety:
        note += f"; agents are counted with a margin of {error.safety:g} times this error"
    rows = tuple(wider(r) for r in found.contact_types)
    return replace(found, cells=cells, contact_types=rows, notes=(*found.notes, note))


def _slack(cells: tuple[ServiceRow, ...], scenario: Scenario) -> Iterator[float]:
    """By how much the unfavourable end of each interval keeps the promise of the document; negative: it does not."""
    kinds = {c.name: c for c in scenario.contact_types}
    for row in cells:
        for entry in kinds[row.name].targets:
            if entry.service_level is not None and row.service_level is not None and entry.awt_s == row.awt_s:
                yield row.service_level - row.half_width["service_level"] - entry.service_level + TOLERANCE
            elif entry.max_abandonment is not None:
                yield entry.max_abandonment - row.abandonment - row.half_width["abandonment"] + TOLERANCE
            elif entry.max_asa_s is not None and row.asa_s is not None:
                yield entry.max_asa_s - row.asa_s - row.half_width["asa_s"] + TOLERANCE
