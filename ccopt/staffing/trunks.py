"""Lines and ports by loss formulas: their load from the flows of a design, their number from a promise on blocking.

A contact holds a port while it is in a menu, and a line from the first menu to the end of the talk. Both banks are
judged by Erlang B with the busiest period's load, exact for ports (service in a menu depends on nobody else); for lines
the wait depends on how many lines are busy, and Erlang B is the usual approximation.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ccopt.costs import connected_s
from ccopt.kpis import FlowRow
from ccopt.queueing import erlang_b
from ccopt.scenario.entities import Scenario
from ccopt.scenario.kinds import Trunk

Floats = NDArray[np.float64]


def trunk_load(scenario: Scenario, trunk: Trunk, flows: Iterable[FlowRow]) -> Floats:
    """Erlangs on a bank of lines in each period (T,): its own load, and the waits and talks of its contact types."""
    periods = len(scenario.periods)
    load = np.full(periods, trunk.erlangs, dtype=float) if not isinstance(trunk.erlangs, tuple) else np.array(trunk.erlangs)
    kinds = {c.name: c for c in scenario.contact_types}
    factor = {k.name: k.aht_factor for k in scenario.skill_sets}
    for r in flows:
        if r.contact_type in trunk.contact_types:
            wait = np.array(r.wait_s) if r.wait_s else np.zeros(periods)
            talk = connected_s(kinds[r.contact_type], factor[r.skill_set])
            load = load + (np.array(r.offered) * wait + np.array(r.answered) * talk) / 3600.0
    return load


def fewest_lines(load: float, max_blocking: float) -> int:
    """Fewest lines that block at most a share of the attempts.

    Examples
    --------
    Ten erlangs at 1 %: 18 lines (Erlang B tables).

    >>> fewest_lines(10.0, 0.01)
    18
    """
    high = 1
    while float(erlang_b(high, load)) > max_blocking:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if float(erlang_b(middle, load)) <= max_blocking else (middle, high)
    return high if load > 0.0 else 0


def required_trunks(scenario: Scenario, flows: Iterable[FlowRow]) -> dict[str, int]:
    """Lines of every bank of a core scenario for given flows, in the busiest period."""
    rows = list(flows)
    return {
        t.name: fewest_lines(float(trunk_load(scenario, t, rows).max()), t.max_blocking) for t in scenario.trunks
    }  # fmt: skip


def least_trunks(scenario: Scenario, low: dict[str, Floats]) -> dict[str, int]:
    """Lines that every design needs: nobody waits, ``low`` erlangs of talk by contact type (for bounds)."""
    found = {}
    for t in scenario.trunks:
        load = trunk_load(scenario, t, []) + sum((low[c] for c in t.contact_types if c in low), np.zeros(len(scenario.periods)))
        found[t.name] = fewest_lines(float(load.max()), t.max_blocking)
    return found
