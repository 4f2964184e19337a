"""Staffing curves of a scenario: agents against the load that they certify, per skill set."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.routing.checks import own_demand
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.staffing.group_types import type_in_group
from ccopt.staffing.tables import staffing_table

Floats = NDArray[np.float64]
SPARE = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingCurve:
    """Whole agents and the most erlangs that they certify.

    Attributes
    ----------
    skill_set, contact_types
        What the agents can do.
    agents
        0, 1, ..., K.
    inner, outer
        Erlangs certified for every mix of the contact types, and for the most favourable mix. Equal with one type.
    """

    skill_set: str
    contact_types: tuple[str, ...]
    agents: NDArray[np.int64]
    inner: Floats
    outer: Floats

    def agents_for(self, load: float) -> int:
        """Fewest agents that certify a load for every mix.

        Raises
        ------
        ValueError
            A load beyond the end of the curve.
        """
        if not 0.0 <= load <= self.inner[-1]:
            msg = f"load = {load!r}: must be between 0 and {self.inner[-1]:g} erlangs, the end of the curve"
            raise ValueError(msg)
        return int(np.searchsorted(self.inner, load))


def staffing_curves(scenario: Scenario, *, most_agents: int | None = None) -> tuple[StaffingCurve, ...]:
    """Curves of all skill sets.

    Parameters
    ----------
    scenario
        A checked scenario.
    most_agents
        Length of the curves; by default enough for the busiest period of the contact types of each skill set.

    Examples
    --------
    >>> import ccopt
    >>> curve = staffing_curves(ccopt.load_instance("two-sites"), most_agents=20)[0]
    >>> bool((curve.inner[1:] > curve.inner[:-1]).all())
    True
    """
    scenario = core_of(scenario)
    peak = _peak_load(scenario)
    curves = []
    for skill in scenario.skill_sets:
        types = [
            type_in_group(c, skill.aht_factor)
            for c in scenario.contact_types if c.name in skill.contact_types
        ]  # fmt: skip
        load = sum(peak.get(t.name, 0.0) for t in types) * skill.aht_factor
        most = most_agents if most_agents is not None else math.ceil(SPARE * load + 10.0)
        table = staffing_table(types, most)
        curves.append(
            StaffingCurve(
                skill_set=skill.name, contact_types=tuple(t.name for t in types),
                agents=np.arange(most + 1, dtype=np.int64), inner=table.inner, outer=table.outer,
            )
        )  # fmt: skip
    return tuple(curves)


def _peak_load(scenario: Scenario) -> dict[str, float]:
    """Erlangs of each contact type in its busiest period, escalated contacts counted in full."""
    aht = {c.name: c.aht_s for c in scenario.contact_types}
    rate: dict[str, Floats] = {}
    for (_, kind), row in own_demand(scenario).items():
        rate[kind] = rate.get(kind, np.zeros(len(row))) + np.array(row)
    for _ in scenario.contact_types:
        for e in scenario.escalations:
            if e.from_type in rate:
                rate[e.to_type] = np.maximum(rate.get(e.to_type, 0.0 * rate[e.from_type]), e.share * rate[e.from_type])
    return {kind: float(row.max()) * aht[kind] / 3600.0 for kind, row in rate.items()}
