"""Judge a design from queueing models."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ccopt.costs import cost_of
from ccopt.design import Design
from ccopt.evaluation.bank import Bank
from ccopt.evaluation.group_models import MAX_PASSES, solve_groups
from ccopt.evaluation.group_results import GroupModel
from ccopt.evaluation.model_error import WORTH_A_NOTE, widened
from ccopt.evaluation.offers import SellingModels
from ccopt.evaluation.promises import broken_promises
from ccopt.evaluation.records import cell_rows, group_rows, network_rows, site_rows, year_rows
from ccopt.evaluation.routed import RunOptions, run_network
from ccopt.evaluation.routed_records import routed_evaluation
from ccopt.evaluation.transfers import evaluate_transfers, sells_across
from ccopt.evaluation.trunks import broken_trunks
from ccopt.kpis import Evaluation, ServiceRow
from ccopt.routing import check_design
from ccopt.routing.flows import flow_rows, network_arrays
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.staffing.group_types import TypeInGroup, is_ranked, type_in_group

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
    scenario = core_of(scenario)
    model = model or default_model()
    arrays = network_arrays(scenario, design)
    agents = np.array([g.agents for g in design.groups], dtype=np.int64).reshape(-1, len(scenario.periods))
    selling = SellingModels(scenario, design, arrays) if design.offers else None
    results = solve_groups(scenario, arrays, agents, model, selling=selling)
    flows = flow_rows(
        arrays, results.traffic, results.answered, sales=results.sales, wait_s=results.mean_wait_s,
        displeasure=results.displeasure,
    )  # fmt: skip
    account = cost_of(scenario, design, flows)
    violations = (*broken_promises(scenario, design, arrays, results), *broken_trunks(scenario, design, flows))
    cells = cell_rows(
        scenario, arrays, results, agents=[g.agents for g in design.groups], method=GROUP_MODEL
    )
    network = network_rows(scenario, cells, GROUP_MODEL)
    notes = _notes(scenario, design, cells, settled=results.passes < MAX_PASSES)
    return Evaluation(
        meets_targets=not violations, violations=violations, cost_per_year=account.cost_per_year,
        revenue_per_year=account.revenue_per_year, costs=account.costs,
        contact_types=(*network, *year_rows(scenario, network, GROUP_MODEL, independent=False)), cells=cells,
        groups=group_rows(scenario, design, results, GROUP_MODEL),
        sites=site_rows(scenario, design, flows, account.costs["sites"]), method=GROUP_MODEL, notes=notes,
    )  # fmt: skip


def _notes(scenario: Scenario, design: Design, cells: Sequence[ServiceRow], *, settled: bool) -> tuple[str, ...]:
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
    if any(len({k.priority for k in kinds}) > 1 and not is_ranked(kinds) for kinds in _kinds_served(scenario, design)):
        notes.append("priorities of types that differ in handle time or patience are seen only by simulation; here they "
                     "are first come, first served")  # fmt: skip
    return tuple(notes)


def _kinds_served(scenario: Scenario, design: Design) -> list[list[TypeInGroup]]:
    """The contact types that may reach each group."""
    kinds = {c.name: c for c in scenario.contact_types}
    factor = {k.name: k.aht_factor for k in scenario.skill_sets}
    served: dict[tuple[str, str], dict[str, None]] = {}
    for r in design.routes:
        if any(r.share):
            served.setdefault((r.site, r.skill_set), {})[r.contact_type] = None
    return [[type_in_group(kinds[c], factor[skill]) for c in names] for (_, skill), names in served.items()]


def evaluate(
    scenario: Scenario,
    design: Design,
    *,
    budget_ms: float | None = None,
    half_width: float | None = None,
    seed: int = 7,
) -> Evaluation:
    """Judge a design: by queueing models where they hold, by controlled simulation where sites are linked.

    A fixed split is judged by the group model of every group. Overflow and one virtual queue are judged by simulated
    contacts with Erlang A companions on the same contacts as control variates; every row then carries half-widths of
    95 % confidence intervals. A design without overflow routes is a fixed split. A design with offers by warm transfer,
    or with offers between linked sites, is judged by `ccopt.simulate`. Where the
    scenario carries the error of a back-test (``model_error``), the half-widths of all rows are widened by it.

    Parameters
    ----------
    scenario
        A checked scenario.
    design
        The design, checked here first.
    budget_ms
        Milliseconds for the simulation of all periods together (after compilation); 60,000 contacts per period when
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
    if sells_across(design):
        found = evaluate_transfers(scenario, design, budget_ms=budget_ms, half_width=half_width, seed=seed)
        return widened(found, scenario)
    alone = design.regime == "overflow" and not any(r.kind == "overflow" and any(r.share) for r in design.routes)
    if design.regime == "split" or alone:
        return widened(evaluate_split(scenario, design), scenario)
    options = RunOptions(budget_ms=budget_ms, half_width=half_width, seed=seed)
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
