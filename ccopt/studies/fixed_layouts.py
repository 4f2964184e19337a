"""A layout that stays while the world changes: agents follow the promises, sites, groups and shares do not move."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ccopt.costs import cost_of
from ccopt.design import Design
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation
from ccopt.scenario.entities import Scenario
from ccopt.staffing.network_model import Ints, NetworkModel
from ccopt.studies import changes

PASSES = 6
REGROWTH = 20
Fewest = Callable[[NetworkModel, int, np.ndarray, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A fixed layout after a change: the scenario, the restaffed design, and what the judge says."""

    scenario: Scenario
    design: Design
    evaluation: Evaluation
    agents_peak: int
    cost_per_year: float

    def row(self) -> dict[str, float | bool]:
        """The figures that a slider shows."""
        year = [r for r in self.evaluation.contact_types if r.period is None and r.service_level is not None]
        total = math.fsum(r.contacts_per_hour for r in year)
        level = math.fsum((r.service_level or 0.0) * r.contacts_per_hour for r in year) / total if total else 1.0
        return {"cost_per_year": self.cost_per_year, "agents_peak": self.agents_peak, "service_level": level,
                "meets_targets": self.evaluation.meets_targets}  # fmt: skip


def restaffed(scenario: Scenario, design: Design) -> Design:
    """The design with the fewest agents in every group and period that keep all promises of this scenario.

    Seats are not looked at: where the staff does not fit, `evaluate` names the violation. A group whose promises no
    number of agents keeps stays as it is.
    """
    model = NetworkModel(scenario, design)
    if not len(model.agents):
        return design
    _, answered = model.settled(model.agents)
    agents = _regrown(model, settled_staff(model, model.agents, answered, _fewest))
    groups = tuple(
        g.model_copy(update={"agents": tuple(int(n) for n in agents[i])}) for i, g in enumerate(design.groups)
    )
    return design.model_copy(update={"groups": groups})


def settled_staff(model: NetworkModel, agents: Ints, answered: np.ndarray, fewest: Fewest) -> Ints:
    """Agents (G, T) and the volumes between tiers that they answer, in turn until neither moves.

    ``fewest(model, group, rates, guess)`` staffs one group at given rates; ``answered`` is where the volumes start.
    """
    agents = agents.copy()
    for _ in range(PASSES if model.network.escalation.any() else 1):
        rates = model.rates(answered)
        before = agents.copy()
        for g, t in np.ndindex(*agents.shape):
            agents[g, t] = fewest(model, g, rates[g, :, t], int(agents[g, t]))
        _, answered = model.settled(agents)
        if (agents == before).all():
            break
    return agents


def _fewest(model: NetworkModel, g: int, rates: np.ndarray, now: int) -> int:
    load = math.fsum(float(r) * model.kinds[g][c].aht_s / 3600.0 for c, r in enumerate(rates))
    if load <= 0.0:
        return 0
    guess = now or math.ceil(load + math.sqrt(load))
    found = model.fewest(g, rates, guess, max(guess, math.ceil(2.0 * load + 50.0)))
    return now if found is None else found


def _regrown(model: NetworkModel, agents: np.ndarray) -> np.ndarray:
    """Agents added until every promise holds at the settled volumes between tiers."""
    if not model.network.escalation.any():
        return agents
    for _ in range(REGROWTH):
        rates, _ = model.settled(agents)
        short = [k for k in np.ndindex(*agents.shape) if not model.keeps(k[0], rates[k[0], :, k[1]], int(agents[k]))]
        if not short:
            break
        for k in short:
            agents[k] += 1
    return agents


def fixed_objective(scenario: Scenario, design: Design) -> float:
    """Cost less revenue of the restaffed design under the group model, without the rows of an evaluation."""
    staffed = restaffed(scenario, design)
    model = NetworkModel(scenario, staffed)
    if not len(model.agents):
        return 0.0
    _, answered = model.settled(model.agents)
    account = cost_of(scenario, staffed, model.flows(answered))
    return account.cost_per_year - account.revenue_per_year


def what_if(
    scenario: Scenario,
    design: Design,
    *,
    volume: float = 1.0,
    aht: float = 1.0,
    wages: float = 1.0,
    patience: float = 1.0,
    shrinkage: float = 0.0,
) -> WhatIf:
    """A fixed layout when volume, handle time, wages or patience are multiplied and shrinkage is shifted.

    Parameters
    ----------
    scenario, design
        The scenario and the layout that stays.
    volume, aht, wages, patience
        Factors (1.1 is 10 % more).
    shrinkage
        Points added as a share (0.05 turns 0.30 into 0.35).

    Returns
    -------
    WhatIf
        The restaffed design and its evaluation; fast enough for a slider.

    Examples
    --------
    >>> import ccopt as cc
    >>> s = cc.load_instance("two-sites")
    >>> plan = cc.optimise(s)
    >>> [cc.what_if(s, plan.design, volume=v).agents_peak for v in (0.8, 1.0, 1.2)]
    [6, 8, 9]
    """
    changed = scenario
    for function, value, neutral in (
        (changes.with_volume, volume, 1.0), (changes.with_handle_time, aht, 1.0), (changes.with_wages, wages, 1.0),
        (changes.with_patience, patience, 1.0), (changes.with_shrinkage, shrinkage, 0.0),
    ):  # fmt: skip
        if value != neutral:
            changed = function(changed, value)
    staffed = restaffed(changed, design)
    judged = evaluate(changed, staffed)
    peak = max((sum(g.agents[t] for g in staffed.groups) for t in range(len(scenario.periods))), default=0)
    return WhatIf(scenario=changed, design=staffed, evaluation=judged, agents_peak=peak, cost_per_year=judged.cost_per_year)
