"""When simulation contradicts a promise: only with statistical proof, beyond the stated error of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scipy import stats

from ccopt.kpis import Evaluation, MaxResponse, ServiceRow, Target, Violation
from ccopt.scenario.entities import ContactType, Scenario
from ccopt.simulation.promises import at_least, busiest, indicator_of, kept, measured, violation
from ccopt.simulation.translate import awt_of, by_response

SIMULTANEOUS = 0.99
MODEL_ERROR = {"service_level": 0.02, "abandonment": 0.01, "asa_s": 2.0, "occupancy": 0.01, "blocking": 0.01}


def checks(scenario: Scenario, simulated: Evaluation) -> Iterator[tuple[ServiceRow, Target, float, float]]:
    """Every target with the cell, the value and the 95 % half-width that speak of it."""
    kinds = {c.name: c for c in scenario.contact_types}
    for cell in simulated.cells:
        serving = [k.name for k in scenario.skill_sets if cell.name in k.contact_types]
        group = busiest(cell, simulated.groups, serving)
        for entry in kinds[cell.name].targets:
            target = entry.target()
            if isinstance(target, MaxResponse) and not counted(kinds[cell.name], target):
                continue
            found = measured(cell, group, target)
            if found is not None:
                yield cell, target, *found


def counted(kind: ContactType, target: MaxResponse) -> bool:
    """Whether the rows of a contact type count by this response time."""
    return by_response(kind) and awt_of(kind) == target.max_response_h * 3600.0


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
    error = MODEL_ERROR | dict(model_error or {})
    found = list(checks(scenario, simulated))
    if not found:
        return ()
    freedom = replications - 1
    wider = stats.t.ppf(1.0 - (1.0 - SIMULTANEOUS) / (2 * len(found)), freedom) / stats.t.ppf(0.975, freedom)
    proven = []
    for cell, target, actual, width in found:
        margin = float(wider) * width + error[indicator_of(target)]
        if not kept(target, actual + margin if at_least(target) else actual - margin):
            proven.append(violation(cell, target, actual))
    return tuple(proven)


def near_misses(scenario: Scenario, simulated: Evaluation) -> int:
    """Targets that the point estimate misses, proven or not."""
    return sum(not kept(target, actual) for _, target, actual, _ in checks(scenario, simulated))
