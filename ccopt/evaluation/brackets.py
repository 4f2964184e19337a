"""Brackets of a routed network from queue models: what no linking and what perfect linking would give.

- *Independent groups*: flows split so that the largest utilisation is least, each group a queue of its own. Nearly a
  lower bound of the service of a component as a whole (150 of 156 experiments within half a point), not of each type.
- *One pool* per connected component, as if every agent there could serve every contact. A lower bound of the
  component's abandonment (154 of 156 experiments); no bound of its service level.

A bracket is a bracket: its middle is not an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.evaluation.group_results import GroupModel, awt_layers, handle_times
from ccopt.evaluation.judge import default_model
from ccopt.queueing.controlled.companions import components
from ccopt.routing.flows import Network
from ccopt.scenario.entities import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Types and groups that routes connect, with contacts per hour (C,) of the types and agents (G,) of the groups."""

    types: Ints
    groups: Ints
    rates: Floats
    agents: Ints
    can_serve: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """Service and abandonment per type of a component under both extremes; None where a queue has no steady state."""

    component: Component
    independent_level: Floats
    independent_abandonment: Floats
    pooled_level: Floats
    pooled_abandonment: Floats


def network_components(can_serve: Bools, rates: Floats, agents: Ints) -> list[Component]:
    """Connected components of a (C, G) table of routes in a period, types without contacts left out."""
    used = can_serve & (rates > 0)[:, None] & (agents > 0)[None, :]
    return [
        Component(types=c, groups=g, rates=rates[c], agents=agents[g], can_serve=used[np.ix_(c, g)])
        for c, g in components(used)
    ]


def bracket(
    scenario: Scenario, network: Network, part: Component, *, model: GroupModel | None = None
) -> Bracket:
    """Both extremes of one component.

    Shares are of offered contacts within the waiting time of each type's first service-level target. A queue without
    steady state counts as service 0 and abandonment 0.
    """
    model = model or default_model()
    independent = independent_groups(scenario, network, part, model)
    pooled = one_pool(scenario, network, part, model)
    return Bracket(
        component=part, independent_level=independent[0], independent_abandonment=independent[1],
        pooled_level=pooled[0], pooled_abandonment=pooled[1],
    )  # fmt: skip


def one_pool(scenario: Scenario, network: Network, part: Component, model: GroupModel) -> tuple[Floats, Floats]:
    """Service level and abandonment of each type as if all agents of the component were one group."""
    aht_s = handle_times(scenario, network)[np.ix_(part.groups, part.types)]
    able = part.can_serve.T * part.agents[:, None]
    mean_aht = (aht_s * able).sum(axis=0) / able.sum(axis=0)
    patience = np.array([scenario.contact_types[c].patience_s or np.inf for c in part.types])
    awt = awt_layers(scenario.contact_types)[0][part.types]
    found = model(part.rates, mean_aht, patience_s=patience, agents=int(part.agents.sum()), awt_s=awt)
    return found.answered_in_time, found.abandonment


def independent_groups(
    scenario: Scenario, network: Network, part: Component, model: GroupModel
) -> tuple[Floats, Floats]:
    """Service level and abandonment of each type when flows are split once and groups never help each other."""
    aht_s = handle_times(scenario, network)[np.ix_(part.groups, part.types)]
    patience = np.array([scenario.contact_types[c].patience_s or np.inf for c in part.types])
    awt = awt_layers(scenario.contact_types)[0][part.types]
    split = even_split(part, aht_s)
    level, lost = np.zeros(len(part.types)), np.zeros(len(part.types))
    for g in range(len(part.groups)):
        rates = part.rates * split[:, g]
        used = rates > 1e-12 * part.rates
        if not used.any():
            continue
        found = model(rates[used], aht_s[g][used], patience_s=patience[used], agents=int(part.agents[g]),
                      awt_s=awt[used])  # fmt: skip
        level[used] += split[used, g] * found.answered_in_time
        lost[used] += split[used, g] * found.abandonment
    return level, lost


def even_split(part: Component, aht_s: Floats) -> Floats:
    """Shares (C, G) of each type's contacts that make the largest utilisation of a group least."""
    from scipy.optimize import linprog

    types, groups = part.can_serve.shape
    arcs = np.argwhere(part.can_serve)
    balance = np.zeros((types, len(arcs) + 1))
    work = np.zeros((groups, len(arcs) + 1))
    for i, (c, g) in enumerate(arcs):
        balance[c, i] = 1.0
        work[g, i] = part.rates[c] * aht_s[g, c] / 3600.0
    work[:, -1] = -part.agents
    objective = np.zeros(len(arcs) + 1)
    objective[-1] = 1.0
    found = linprog(objective, A_ub=work, b_ub=np.zeros(groups), A_eq=balance, b_eq=np.ones(types))
    if found.x is None:
        msg = f"flows of a component could not be split: {found.message}"
        raise ArithmeticError(msg)
    split = np.zeros((types, groups))
    split[arcs[:, 0], arcs[:, 1]] = found.x[:-1]
    shares: Floats = split / split.sum(axis=1, keepdims=True)
    return shares
