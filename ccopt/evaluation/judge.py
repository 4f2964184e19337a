"""Judge a design from queueing models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ccopt.costs import cost_of
from ccopt.design import Design
from ccopt.evaluation.group_models import MAX_PASSES, GroupModel, solve_groups
from ccopt.evaluation.model_error import WORTH_A_NOTE
from ccopt.evaluation.promises import broken_promises
from ccopt.evaluation.records import cell_rows, group_rows, network_rows, site_rows
from ccopt.kpis import Evaluation, ServiceRow
from ccopt.routing import check_design
from ccopt.routing.flows import flow_rows, network_arrays
from ccopt.scenario.entities import Scenario

GROUP_MODEL = "group model (M/M/n+G, mean handle time)"


def default_model() -> GroupModel:
    """The group model of the package, imported on first use."""
    from ccopt.queueing import group_performance

    model: GroupModel = group_performance
    return model


def evaluate_split(scenario: Scenario, design: Design, *, model: GroupModel | None = None) -> Evaluation:
    """Judge the fixed split: every agent group is a queue of its own.

    Parameters
    ----------
    scenario, design
        Documents; the design is checked first.
    model
        Model of one group; `ccopt.queueing.group_performance` when None.

    Returns
    -------
    Evaluation
        Exact under the group model (see the README of ccopt).

    Raises
    ------
    ScenarioError
        The design does not fit the scenario (every problem at once).
    """
    check_design(scenario, design)
    model = model or default_model()
    network = network_arrays(scenario, design)
    agents = np.array([g.agents for g in design.groups], dtype=np.int64).reshape(-1, len(scenario.periods))
    results = solve_groups(scenario, network, agents, model)
    flows = flow_rows(network, results.traffic, results.answered)
    account = cost_of(scenario, design, flows)
    violations = broken_promises(scenario, design, network, results)
    cells = cell_rows(
        scenario, network, results, agents=[g.agents for g in design.groups], method=GROUP_MODEL
    )
    notes = _notes(scenario, cells, settled=results.passes < MAX_PASSES)
    return Evaluation(
        meets_targets=not violations, violations=violations, cost_per_year=account.cost_per_year,
        revenue_per_year=account.revenue_per_year, costs=account.costs,
        contact_types=network_rows(scenario, cells, GROUP_MODEL), cells=cells,
        groups=group_rows(scenario, design, results, GROUP_MODEL),
        sites=site_rows(scenario, design, flows, account.costs["sites"]), method=GROUP_MODEL, notes=notes,
    )  # fmt: skip


def _notes(scenario: Scenario, cells: Sequence[ServiceRow], *, settled: bool) -> tuple[str, ...]:
    """What a reader must know about the validity of the models."""
    notes = []
    if not settled:
        notes.append("traffic between tiers did not settle; escalated volumes are approximate")
    wide = {f"{r.site}/{r.skill_set}" for r in cells if r.half_width.get("service_level", 0.0) > WORTH_A_NOTE}
    if wide:
        notes.append(
            f"handle times differ so much within {', '.join(sorted(wide))} that the group model may err by more than "
            f"{100 * WORTH_A_NOTE:g} points of service level; simulate"
        )
    if len({c.priority for c in scenario.contact_types}) > 1:
        notes.append("the group model is first come, first served; priorities are seen only by simulation")
    return tuple(notes)


def evaluate(scenario: Scenario, design: Design) -> Evaluation:
    """Judge a design from queueing models.

    Parameters
    ----------
    scenario
        A checked scenario.
    design
        The design, checked here first.

    Returns
    -------
    Evaluation
        Rows per contact type, group, site and period, violations, cost; ``method`` names the model.

    Raises
    ------
    ScenarioError
        The design does not fit the scenario (every problem at once).
    """
    if design.regime != "split":
        msg = f"regime = {design.regime!r}: only 'split' is judged here so far; use ccopt.simulate for linked sites"
        raise ValueError(msg)
    return evaluate_split(scenario, design)
