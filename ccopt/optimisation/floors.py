"""Floors of quality: designs keep them in every agent group, bounds leave them out.

A floor asks that the service level of a contact type, over all its contacts of a period, is at least a share. It is kept
by keeping it in every group that serves the type; a network might keep it with a better and a worse group, so the bound
does not use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ccopt.optimisation.limits import Limit, QualityFloor
from ccopt.optimisation.problem import Floats, Problem
from ccopt.scenario.entities import ContactType, Scenario, TargetEntry

USUAL_AWT_S = 20.0


def with_floors(scenario: Scenario, limits: Sequence[Limit]) -> Scenario:
    """The scenario whose contact types promise what the floors ask for; the same one without floors."""
    floors: list[QualityFloor] = [v for v in limits if isinstance(v, QualityFloor)]
    if not floors:
        return scenario
    return scenario.model_copy(update={"contact_types": tuple(_kept(c, floors) for c in scenario.contact_types)})


def _kept(kind: ContactType, floors: Sequence[QualityFloor]) -> ContactType:
    mine = [f.share for f in floors if f.contact_type in (None, kind.name)]
    if not mine:
        return kind
    first = next((e for e in kind.targets if e.service_level is not None), None)
    entry = TargetEntry(
        service_level=max(mine), awt_s=USUAL_AWT_S if first is None or first.awt_s is None else first.awt_s,
        basis=None if first is None else first.basis,
    )  # fmt: skip
    return kind.model_copy(update={"targets": (*kind.targets, entry)})


def bounded_without(tight: Problem, loose: Problem) -> Problem:
    """The problem with floors for designs, and everything that bounds use from the one without."""
    wide = max(tight.inner.shape[1], loose.outer.shape[1])

    def padded(a: Floats) -> Floats:
        return np.pad(a, ((0, 0), (0, wide - a.shape[1])), mode="edge")

    outer = np.maximum(padded(loose.outer), padded(tight.outer))
    modes = tuple(
        tuple(replace(m, outer=np.maximum(outer[g][: len(m.inner)], m.outer)) for m in mine)
        for g, mine in enumerate(tight.modes)
    )
    return replace(
        tight, inner=padded(tight.inner), outer=outer, modes=modes,
        largest_loss=np.maximum(padded(loose.largest_loss), padded(tight.largest_loss)), demand_low=loose.demand_low,
        answered_low=loose.answered_low, arc_cost=np.minimum(loose.arc_cost, tight.arc_cost),
    )  # fmt: skip
