"""A plan as its judges see it: queueing models, simulation, today's layout, routing checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ccopt.design import Design, Plan
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation, Violation
from ccopt.optimisation import baseline
from ccopt.routing import check_routing, opening_gaps, routing_graph
from ccopt.routing.finding import Finding
from ccopt.scenario.entities import Scenario
from ccopt.simulation import contradictions, simulate


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that was judged about a plan before it is reported.

    ``contradictions`` are promises that simulation proves broken; ``findings`` those of the routing graph; ``today`` is
    None where the scenario has no layout of today.
    """

    evaluation: Evaluation
    simulation: Evaluation
    contradictions: tuple[Violation, ...]
    findings: tuple[Finding, ...]
    today: Evaluation | None
    today_design: Design | None

    @property
    def broken(self) -> tuple[Finding, ...]:
        """Findings that are errors."""
        return tuple(f for f in self.findings if f.severity == "error")

    @property
    def holds(self) -> bool:
        """Every target is met, simulation does not contradict, the routing graph has no error."""
        return self.evaluation.meets_targets and not self.contradictions and not self.broken


def judged_case(
    scenario: Scenario, plan: Plan, *, replications: int = 20, seed: int = 1, done: Callable[[str], None] = lambda _: None
) -> Case:
    """Judge a plan and the layout of today.

    Parameters
    ----------
    scenario, plan
        A checked scenario and its plan.
    replications, seed
        Of the simulation.
    done
        Called with the name of each stage when it ends.
    """
    judged = evaluate(scenario, plan.design)
    done("evaluate")
    simulated = simulate(scenario, plan.design, replications=replications, seed=seed)
    proven = contradictions(scenario, simulated, replications=replications)
    done("simulate")
    graph = routing_graph(scenario, plan.design, evaluation=judged)
    findings = (*check_routing(graph), *opening_gaps(scenario, plan.design))
    now = baseline(scenario) if scenario.existing else None
    today = evaluate(scenario, now) if now is not None else None
    done("graph and today")
    return Case(evaluation=judged, simulation=simulated, contradictions=tuple(proven), findings=findings, today=today,
                today_design=now)  # fmt: skip
