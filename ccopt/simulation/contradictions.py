"""When simulation contradicts a promise: only with statistical proof, beyond the stated error of the model."""

from __future__ import annotations

from collections.abc import Mapping

from scipy import stats

from ccopt.kpis import Evaluation, MaxAbandonment, MaxAsa, MaxOccupancy, ServiceLevel, ServiceRow, Target, Violation
from ccopt.scenario.entities import Scenario
from ccopt.simulation.rows import kept, measured, violation

SIMULTANEOUS = 0.99
MODEL_ERROR = {"service_level": 0.02, "abandonment": 0.01, "asa_s": 2.0, "occupancy": 0.01}


def _name(target: Target) -> str:
    if isinstance(target, MaxAbandonment):
        return "abandonment"
    if isinstance(target, MaxAsa):
        return "asa_s"
    return "occupancy" if isinstance(target, MaxOccupancy) else "service_level"


def contradictions(
    scenario: Scenario, simulated: Evaluation, *, replications: int, model_error: Mapping[str, float] | None = None
) -> tuple[Violation, ...]:
    """Targets that simulation proves broken.

    The 95 % half-width of each row is widened to the simultaneous 99 % level (Bonferroni over all rows and targets) and
    by the stated error of the group model; a target is contradicted where the whole interval misses it.

    Parameters
    ----------
    scenario
        For the targets.
    simulated
        Result of `simulate`.
    replications
        Of that run (the degrees of freedom of the intervals).
    model_error
        Absolute error of the group model by indicator, {"service_level": 0.02, ...} unless given.
    """
    error = dict(MODEL_ERROR) | dict(model_error or {})
    kinds = {c.name: c for c in scenario.contact_types}
    groups = {(g.site, g.skill_set, g.period): g for g in simulated.groups}
    checks: list[tuple[ServiceRow, Target, float, float]] = []
    for cell in simulated.cells:
        group = groups[str(cell.site), str(cell.skill_set), str(cell.period)]
        for entry in kinds[cell.name].targets:
            target = entry.target()
            actual = measured(cell, group, target)
            source = group.half_width if isinstance(target, MaxOccupancy) else cell.half_width
            width = source.get(_name(target))
            if actual is not None and width is not None:
                checks.append((cell, target, actual, width))
    if not checks:
        return ()
    freedom = replications - 1
    wider = stats.t.ppf(1.0 - (1.0 - SIMULTANEOUS) / (2 * len(checks)), freedom) / stats.t.ppf(0.975, freedom)
    found = []
    for cell, target, actual, width in checks:
        margin = float(wider) * width + error[_name(target)]
        best = actual + margin if isinstance(target, ServiceLevel) else actual - margin
        if _name(target) == "service_level":
            best = actual + margin
        if not kept(target, best):
            found.append(violation(cell, target, actual))
    return tuple(found)
