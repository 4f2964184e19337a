"""Judge a design from queueing models."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ccopt.costs import cost_of
from ccopt.design import Design
from ccopt.evaluation.group_models import MAX_PASSES, solve_groups
from ccopt.evaluation.group_results import GroupModel
from ccopt.evaluation.model_error import WORTH_A_NOTE, widened
from ccopt.evaluation.offers import SellingModels
from ccopt.evaluation.promises import broken_promises
from ccopt.evaluation.records import RANKS, cell_rows, group_rows, network_rows, site_rows, year_rows
from ccopt.evaluation.referee import evaluate_by_referee, why_simulated
from ccopt.evaluation.routed import run_network
from ccopt.evaluation.routed_records import routed_evaluation
from ccopt.evaluation.trunks import broken_trunks
from ccopt.kpis import Evaluation, ServiceRow
from ccopt.queueing.controlled.bank import Bank
from ccopt.queueing.controlled.effort import RunOptions
from ccopt.routing import check_design
from ccopt.routing.flows import flow_rows, network_arrays
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.staffing.simulated_ranks import DEFAULT

GROUP_MODEL = "group model (M/M/n+G, mean handle time)"
RANKED = (
    "where types of unlike priority differ in handle time or patience, groups are judged by controlled simulation; their "
    "half-widths are of 95 % confidence intervals"
)


def default_model() -> GroupModel:
    """The group model of the package, imported on first use."""
    from ccopt.queueing import group_performance

    model: GroupModel = group_performance
    return model


def evaluate_split(
    scenario: Scenario, design: Design, *, model: GroupModel | None = None, options: RunOptions = DEFAULT
) -> Evaluation:
    """Judge the fixed split: every agent group is a queue of its own.

    Parameters
    ----------
    scenario, design
        Documents; the design is checked first.
    model
        Model of one group; `ccopt.queueing.group_performance` when None.
    options
        How much to simulate in groups whose ranks no formula holds.

    Returns
    -------
    Evaluation
        Exact under the group model (see the README of ccopt); simulated groups say so, with intervals.

    Raises
    ------
    ScenarioError
        The design does not fit the scenario (every problem at once).
    """
    check_design(scenario, design)
    scenario = core_of(scenario)
    model = model or default_model()
    arrays = network_arrays(scenario, design)
    agents = np.array([g.agents for g in design.groups], dtype=np.int64).reshape(-1, len(scenario.periods))
    selling = SellingModels(scenario, design, arrays) if design.offers else None
    results = solve_groups(scenario, arrays, agents, model, selling=selling, options=options)
    flows = flow_rows(
        arrays, results.traffic, results.answered, sales=results.sales, wait_s=results.mean_wait_s,
        displeasure=results.displeasure,
    )  # fmt: skip
    account = cost_of(scenario, design, flows)
    violations = (*broken_promises(scenario, design, arrays, results), *broken_trunks(scenario, design, flows))
    method = f"{GROUP_MODEL}, {RANKS}" if results.simulated.any() else GROUP_MODEL
    cells = cell_rows(
        scenario, arrays, results, agents=[g.agents for g in design.groups], method=GROUP_MODEL
    )
    network = network_rows(scenario, cells, method)
    notes = _notes(cells, settled=results.passes < MAX_PASSES, simulated=bool(results.simulated.any()))
    return Evaluation(
        meets_targets=not violations, violations=violations, cost_per_year=account.cost_per_year,
        revenue_per_year=account.revenue_per_year, costs=account.costs,
        contact_types=(*network, *year_rows(scenario, network, method, independent=False)), cells=cells,
        groups=group_rows(scenario, design, results, GROUP_MODEL),
        sites=site_rows(scenario, design, flows, account.costs["sites"]), method=method, notes=notes,
    )  # fmt: skip


def _notes(cells: Sequence[ServiceRow], *, settled: bool, simulated: bool) -> tuple[str, ...]:
    """What a reader must know about the validity of the models."""
    notes = []
    if not settled:
        notes.append("traffic between tiers did not settle; escalated volumes are approximate")
    wide = {f"{r.site}/{r.skill_set}" for r in cells if r.method != RANKS and r.half_width.get("service_level", 0.0) > WORTH_A_NOTE}
    if wide:
        notes.append(
            f"handle times differ so much within {', '.join(sorted(wide))} that the group model may err by more than "
            f"{100 * WORTH_A_NOTE:g} points of service level; simulate"
        )
    if simulated:
        notes.append(RANKED)
    return tuple(notes)


def evaluate(
    scenario: Scenario,
    design: Design,
    *,
    budget_ms: float | None = None,
    half_width: float | None = None,
    seed: int = 7,
) -> Evaluation:
    """Judge a design: by queueing models where they hold, by controlled simulation where sites are linked.

    A fixed split is judged by the group model of every group, and by controlled simulation where contact types of unlike
    priority differ in handle time or patience. Overflow and one virtual queue are judged by simulated
    contacts with Erlang A companions on the same contacts as control variates; every row then carries half-widths of
    95 % confidence intervals. A design without overflow routes is a fixed split. A design with offers by warm transfer,
    between linked sites or beside ranks, or with ranks among chats or beside background work, is judged by
    `ccopt.simulate`. Where the
    scenario carries the error of a back-test (``model_error``), the half-widths of all rows are widened by it.

    Parameters
    ----------
    scenario
        A checked scenario.
    design
        The design, checked here first.
    budget_ms
        Milliseconds for the simulation of all groups and periods together (after compilation); 60,000 contacts in each when
        neither this nor ``half_width`` is given.
    half_width
        Simulate until the 95 % half-width of every contact type's service level is at most this share.
    seed
        Seed of the simulated contacts; equal seeds give equal luck to different designs.

    Returns
    -------
    Evaluation
        Rows per contact type, group, site and period, violations, cost; ``method`` names the model.

    Raises
    ------
    ScenarioError
        The design does not fit the scenario (every problem at once).
    ValueError
        ``budget_ms`` and ``half_width`` together, or one that is not a positive number (a half-width below 1).

    Examples
    --------
    >>> from ccopt.scenario import load_instance
    >>> from ccopt.design import AgentGroup, Design, Route
    >>> here = {"site": "north", "skill_set": "both", "share": (1.0, 1.0)}
    >>> routes = (Route(region="r1", contact_type="sales", **here), Route(region="r2", contact_type="support", **here))
    >>> groups = (AgentGroup(site="north", skill_set="both", agents=(29, 14)),)
    >>> found = evaluate(load_instance("three-regions"), Design(open_sites=("north",), groups=groups, routes=routes))
    >>> found.meets_targets, round(found.cells[0].service_level, 3)
    (True, 0.878)
    """
    _check_effort(budget_ms, half_width)
    why = why_simulated(scenario, design)
    if why is not None:
        found = evaluate_by_referee(scenario, design, budget_ms=budget_ms, half_width=half_width, seed=seed, why=why)
        return widened(found, scenario)
    options = RunOptions(budget_ms=budget_ms, half_width=half_width, seed=seed)
    alone = design.regime == "overflow" and not any(r.kind == "overflow" and any(r.share) for r in design.routes)
    if design.regime == "split" or alone:
        return widened(evaluate_split(scenario, design, options=options), scenario)
    return widened(evaluate_routed(scenario, design, options=options), scenario)


def _check_effort(budget_ms: float | None, half_width: float | None) -> None:
    """How long or how narrow: one of the two, a positive number."""
    if budget_ms is not None and half_width is not None:
        msg = f"budget_ms = {budget_ms!r} and half_width = {half_width!r}: give one of the two"
        raise ValueError(msg)
    if budget_ms is not None and not 0.0 < budget_ms < math.inf:
        msg = f"budget_ms = {budget_ms!r}: must be a positive number of milliseconds"
        raise ValueError(msg)
    if half_width is not None and not 0.0 < half_width < 1.0:
        msg = f"half_width = {half_width!r}: must be a share between 0 and 1, such as 0.005 for half a point"
        raise ValueError(msg)


def evaluate_routed(
    scenario: Scenario,
    design: Design,
    *,
    options: RunOptions,
    bank: Bank | None = None,
    model: GroupModel | None = None,
) -> Evaluation:
    """Judge linked sites by controlled simulation; a `Bank` given again keeps the luck of several designs equal."""
    check_design(scenario, design)
    scenario = core_of(scenario)
    network = network_arrays(scenario, design)
    results = run_network(
        scenario, design, network, options=options, bank=bank or Bank(), model=model or default_model()
    )
    return routed_evaluation(scenario, design, network, results)
