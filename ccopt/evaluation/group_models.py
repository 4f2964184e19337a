"""Every agent group in every period by its queueing model, with the traffic that the groups send each other.

A group's abandonment decides how many contacts are escalated, and the escalated contacts may come back to the same
group; the answered shares are therefore a fixed point of (traffic equations, group models).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from ccopt.evaluation.group_results import (
    Bools,
    Floats,
    GroupInput,
    GroupModel,
    GroupResult,
    Results,
    Selling,
    awt_layers,
    handle_times,
)
from ccopt.queueing.controlled.effort import RunOptions, contacts_within
from ccopt.queueing.waiting_cost import expected_cost
from ccopt.routing.flows import Network, Traffic, solve_traffic
from ccopt.scenario.entities import Scenario
from ccopt.staffing.group_types import TypeInGroup, is_plain, is_simulated, type_in_group
from ccopt.staffing.network_model import curves_of
from ccopt.staffing.simulated_ranks import DEFAULT, SimulatedPerformance

FIXED_POINT_TOLERANCE = 1e-13
MAX_PASSES = 200
DAMP_AFTER = 12
LEAST_SHIFT = 1e-6
BY_WAIT = ("answered_in_time", "virtual", "abandoned_early")
BY_TYPE = ("abandonment", "asa_s", "mean_wait_s")
BY_GROUP = ("delay_probability", "load", "carried_load", "occupancy")
WIDTHS = ("service_level", "abandonment", "asa_s", "mean_wait_s")
SHIFTS = ("shift_level", "shift_abandonment", "shift_asa_s")


def solve_groups(
    scenario: Scenario,
    network: Network,
    agents: NDArray[np.int64],
    model: GroupModel,
    *,
    selling: Selling | None = None,
    options: RunOptions = DEFAULT,
) -> Results:
    """Fixed point of traffic and group models.

    Parameters
    ----------
    scenario, network
        Checked scenario and its arrays.
    agents
        (G, T) whole agents present.
    model
        The group model; `ccopt.queueing.group_performance` unless a test brings its own.
    selling
        Groups that make offers; they follow the threshold chain.
    options
        How much to simulate in groups whose ranks no formula holds; a time is for all of them together.

    Returns
    -------
    Results
        ``passes`` is the number of traffic solutions used; it is below `MAX_PASSES` where the loop settled.
    """
    solver = _Solver(scenario, network, agents, model, selling)
    solver.options = solver.affordable(options)
    answered = np.ones(solver.shape)
    for k in range(1, MAX_PASSES + 1):
        traffic = solve_traffic(network, answered)
        found = solver.answered(traffic.rates)
        change = float(np.abs(found - answered).max(initial=0.0))
        answered = found if k < DAMP_AFTER else 0.5 * (found + answered)
        if not network.escalation.any() or change <= FIXED_POINT_TOLERANCE:
            break
    return solver.results(traffic, k)


class _Solver:
    """Group models with a memory, so that a pass only solves what the traffic changed."""

    def __init__(
        self, scenario: Scenario, network: Network, agents: NDArray[np.int64], model: GroupModel,
        selling: Selling | None,
    ) -> None:  # fmt: skip
        self.network, self.aht_s = network, handle_times(scenario, network)
        self.patience_s = np.array([c.patience_s or np.inf for c in scenario.contact_types])
        self.layers = awt_layers(scenario.contact_types)
        self.agents, self.model, self.selling = agents, model, selling
        self.curves = curves_of(scenario)
        factor = {k.name: k.aht_factor for k in scenario.skill_sets}
        self.kinds = [[type_in_group(c, factor[k]) for c in scenario.contact_types] for _, k in network.groups]
        types = scenario.contact_types
        self.special = any(c.background or c.chat_levels or c.callback for c in types) or len({c.priority for c in types}) > 1
        self.shape = (len(network.groups), len(network.contact_types), network.demand.shape[2])
        self.options = DEFAULT
        self.memory: dict[tuple[int, int, int], tuple[bytes, GroupResult]] = {}

    def affordable(self, options: RunOptions) -> RunOptions:
        """Contacts for each simulated group and period in the place of a time for all, from a pilot in the first."""
        if options.budget_ms is None:
            return options
        rates = solve_traffic(self.network, np.ones(self.shape)).rates
        cells = [(int(g), int(t)) for g, t in np.argwhere(rates.sum(axis=1) > 0) if self._kinds(int(g), rates[g, :, t] > 0)]
        cells = [(g, t) for g, t in cells if is_simulated(self._kinds(g, rates[g, :, t] > 0))]
        if not cells:
            return replace(options, budget_ms=None)
        g, t = cells[0]
        seeds = count(options.seed)  # a run that is remembered takes no time

        def pilot(contacts: int) -> GroupResult:
            self.options = RunOptions(contacts=contacts, seed=next(seeds))
            return self._solved(g, t, rates[g, :, t], self.layers[0])

        most = contacts_within(pilot, options.budget_ms, len(cells) * len(self.layers))
        return replace(options, contacts=most, budget_ms=None)

    def _solved(self, g: int, t: int, rates: Floats, awt_s: Floats) -> GroupResult:
        """The answer of the model of a group in a period; ``awt_s`` (C,)."""
        used = rates > 0
        asked = GroupInput(
            rates=rates[used], aht_s=self.aht_s[g][used], patience_s=self.patience_s[used], awt_s=awt_s[used],
            agents=int(self.agents[g, t]), kinds=self._kinds(g, used), options=self.options,
        )  # fmt: skip
        if self.selling is not None and self.selling.sells(g, t):
            return self.selling.solve((g, t), used, asked, self.model)
        return asked.solve(self.model)

    def one(self, g: int, t: int, rates: Floats, layer: int = 0) -> GroupResult:
        key, raw = (g, t, layer), rates.tobytes()
        known = self.memory.get(key)
        if known is None or known[0] != raw:
            self.memory[key] = known = (raw, self._solved(g, t, rates, self.layers[layer]))
        return known[1]

    def _kinds(self, g: int, used: Bools) -> tuple[TypeInGroup, ...]:
        """The contact types in use, where the group is more than the plain group model."""
        found = tuple(self.kinds[g][c] for c in np.flatnonzero(used)) if self.special else ()
        return () if not found or (is_plain(found) and not is_simulated(found)) else found

    def answered(self, rates: Floats) -> Floats:
        """Answered shares (G, C, T) of the groups under given rates."""
        out = np.ones(self.shape)
        for g, t in np.argwhere(rates.sum(axis=1) > 0):
            used = rates[g, :, t] > 0
            result = self.one(g, t, np.ascontiguousarray(rates[g, :, t]))
            out[g, used, t] = 1.0 - result.abandonment
            if not result.stable:
                out[g, used, t] *= self._served_share(rates[g, used, t], used, int(g), int(t))
        return out

    def _served_share(self, rates: Floats, used: Bools, g: int, t: int) -> float:
        """Share that an overloaded group gets through of the contacts that never leave."""
        stays = np.isinf(self.patience_s[used])
        load = float((rates * self.aht_s[g][used])[stays].sum()) / 3600.0
        return min(1.0, float(self.agents[g, t]) / load) if load > 0 else 1.0

    def results(self, traffic: Traffic, passes: int) -> Results:
        """All indicators under the final traffic."""
        rates, depth, pairs = traffic.rates, len(self.layers), (self.shape[0], self.shape[2])
        out: dict[str, Floats] = {name: np.ones((depth, *self.shape)) for name in BY_WAIT}
        out["abandoned_early"][:] = 0.0
        out |= {name: np.zeros(self.shape) for name in (*BY_TYPE, *SHIFTS, "sales", "displeasure")}
        out |= {name: np.zeros(pairs) for name in BY_GROUP}
        width = {name: np.zeros(self.shape) for name in WIDTHS}
        stable, simulated = np.ones(pairs, dtype=bool), np.zeros(pairs, dtype=bool)
        for g, t in np.argwhere(rates.sum(axis=1) > 0):
            mine = np.ascontiguousarray(rates[g, :, t])
            stable[g, t] = self._fill(int(g), int(t), mine, out)
            found = self.one(int(g), int(t), mine)
            if isinstance(found, SimulatedPerformance):
                simulated[g, t] = True
                for name in WIDTHS:
                    width[name][g, mine > 0, t] = found.half_width[name]
        carried = np.where(stable, out["carried_load"], np.minimum(out["load"], self.agents))
        occupancy = np.divide(carried, self.agents, out=np.zeros(pairs), where=self.agents > 0)
        out |= {"carried_load": carried, "occupancy": np.where(stable, out["occupancy"], occupancy)}
        return Results(rates=rates, answered=self.answered(rates), stable=stable, traffic=traffic, passes=passes,
                       simulated=simulated, half_width=width, **out)  # fmt: skip

    def _fill(self, g: int, t: int, rates: Floats, out: dict[str, Floats]) -> bool:
        """Write the indicators of a group and period; whether it has a steady state."""
        used = rates > 0
        for layer in range(len(self.layers)):
            result = self.one(g, t, rates, layer)
            for name in BY_WAIT:
                out[name][layer, g, used, t] = getattr(result, name)
        for name in BY_TYPE:
            out[name][g, used, t] = getattr(result, name)
        for name in BY_GROUP:
            out[name][g, t] = getattr(result, name)
        self._shift(g, t, rates, out)
        if result.stable:
            for c in self._with_curves(used):
                out["displeasure"][g, c, t] = self._displeasure(g, t, rates, c)
        if self.selling is not None and self.selling.sells(g, t):
            out["sales"][g, used, t] = self.selling.sales(g, t, used, result)
        return result.stable

    def _with_curves(self, used: Bools) -> Iterable[int]:
        return (int(c) for c in np.flatnonzero(used) if int(c) in self.curves)

    def _displeasure(self, g: int, t: int, rates: Floats, c: int) -> float:
        """Expected cost of the wait of one contact of type ``c`` by its curve."""
        used = rates > 0
        place = int(np.flatnonzero(np.flatnonzero(used) == c)[0])
        waits = np.array([0.0])

        def ask(wait: float) -> GroupResult:
            return self._solved(g, t, rates, np.full(self.shape[1], wait))

        def tail(wait: float) -> Floats:
            found = ask(wait)
            return np.array([1.0 - found.answered_in_time[place] - found.abandoned_early[place]])

        waits[0] = ask(0.0).mean_wait_s[place]
        return float(expected_cost(*self.curves[c], tail, waits)[0])

    def _shift(self, g: int, t: int, rates: Floats, out: dict[str, Floats]) -> None:
        """Difference when the handle time is the mean of answered contacts."""
        used = rates > 0
        base = self.one(g, t, np.ascontiguousarray(rates))
        answered = rates[used] * (1.0 - base.abandonment)
        if not base.stable or used.sum() < 2 or answered.sum() <= 0 or self._kinds(g, used):
            return
        aht = self.aht_s[g][used]
        factor = float(answered @ aht / answered.sum()) / float(rates[used] @ aht / rates[used].sum())
        if abs(factor - 1.0) < LEAST_SHIFT:
            return
        other = self.model(
            rates[used], aht * factor, patience_s=self.patience_s[used], agents=int(self.agents[g, t]),
            awt_s=self.layers[0][used],
        )  # fmt: skip
        if not other.stable:
            return
        out["shift_level"][g, used, t] = np.abs(other.answered_in_time - base.answered_in_time)
        out["shift_abandonment"][g, used, t] = np.abs(other.abandonment - base.abandonment)
        out["shift_asa_s"][g, used, t] = np.abs(other.asa_s - base.asa_s)
