"""The group model over a whole design: answered shares, and the fewest agents that keep every promise.

This is the optimiser's own reckoning of a design (the judges have theirs): fixed shares, the group model in every
group and period, and the fixed point between tiers.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design
from ccopt.kpis import FlowRow
from ccopt.queueing import GroupPerformance, group_performance
from ccopt.queueing.waiting_cost import expected_cost
from ccopt.routing.flows import Network, flow_rows, network_arrays, solve_traffic
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.staffing.group_queue import Model, keeps, largest_reserve, queue_of, wait_of
from ccopt.staffing.group_types import in_order, is_simulated, type_in_group

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PASSES = 60
MOST_SIMULATED = 60  # cells of a design; a certificate of more would take its run's whole time, they are in order of arrival


class NetworkModel:
    """Group models of a scenario for designs with fixed shares."""

    def __init__(self, scenario: Scenario, design: Design) -> None:
        self.scenario = scenario = core_of(scenario)
        self._ask = _remembering()
        self.network: Network = network_arrays(scenario, design)
        self.agents: Ints = np.array([g.agents for g in design.groups], dtype=np.int64)
        factor = {k.name: k.aht_factor for k in scenario.skill_sets}
        self.curves = curves_of(scenario)
        rows = {f: [type_in_group(c, f) for c in scenario.contact_types] for f in set(factor.values())}
        self.kinds = [rows[factor[skill]] for _, skill in self.network.groups]
        self.simulated = self._simulated() if len({c.priority for c in scenario.contact_types}) > 1 else 0
        if self.simulated > MOST_SIMULATED:
            self.kinds = [in_order(mine) for mine in self.kinds]

    def _simulated(self) -> int:
        """Groups and periods whose ranks only simulation knows, all contacts answered."""
        rates = self.rates(self.ones())
        return sum(
            is_simulated([self.kinds[g][c] for c in np.flatnonzero(rates[g, :, t])])
            for g, t in np.argwhere(rates.sum(axis=1) > 0.0)
        )

    def rates(self, answered: Floats) -> Floats:
        """Contacts per hour (G, C, T) for given answered shares."""
        return solve_traffic(self.network, answered).rates

    def ones(self) -> Floats:
        """Answered shares of a network that loses nobody."""
        return np.ones((len(self.network.groups), len(self.scenario.contact_types), len(self.scenario.periods)))

    def answered(self, rates: Floats, agents: Ints) -> Floats:
        """Answered shares (G, C, T) of the groups."""
        out = self.ones()
        for g, t in zip(*np.nonzero(rates.sum(axis=1) > 0.0), strict=True):
            if all(math.isinf(self.kinds[g][c].patience_s) for c in np.flatnonzero(rates[g, :, t])):
                continue
            used, found = self.one(g, rates[g, :, t], int(agents[g, t]), self._usual_wait(g, rates[g, :, t]))
            out[g, used, t] = 1.0 - found.abandonment
        return out

    def one(self, g: int, rates: Floats, agents: int, awt_s: float) -> tuple[Ints, GroupPerformance]:
        """The contact types that the group serves, and its indicators."""
        used = np.flatnonzero(rates > 0.0)
        kinds = [self.kinds[g][c] for c in used]
        found = queue_of(kinds, rates[used], agents, np.full(len(used), awt_s), self._ask)
        return used, found

    def _usual_wait(self, g: int, rates: Floats) -> float:
        """A wait at which some promise of the group looks, so that one answer of the queue serves both questions."""
        targets = ((t, self.kinds[g][c].aht_s) for c in np.flatnonzero(rates > 0.0) for t in self.kinds[g][c].targets)
        return min((wait_of(t, aht) for t, aht in targets), default=20.0)

    def settled(self, agents: Ints) -> tuple[Floats, Floats]:
        """(rates, answered shares) at the fixed point between tiers."""
        answered = self.ones()
        rates = self.rates(answered)
        for k in range(PASSES):
            found = self.answered(rates, agents)
            new = found if k < PASSES // 3 else 0.5 * (found + answered)
            if not self.network.escalation.any() or np.abs(new - answered).max(initial=0.0) <= 1e-14:
                return rates, new
            answered = new
            rates = self.rates(answered)
        return rates, answered

    def keeps(self, g: int, rates: Floats, agents: int) -> bool:
        """Whether all targets of all types that the group serves hold."""
        used = np.flatnonzero(rates > 0.0)
        return used.size == 0 or keeps([self.kinds[g][c] for c in used], rates[used], agents, self._ask)

    def fewest(self, g: int, rates: Floats, guess: int, most: int) -> int | None:
        """Fewest agents that keep the promises of a group in a period; None beyond ``most``."""
        n, step = min(guess, most), 1
        if self.keeps(g, rates, n):
            while n > 0 and self.keeps(g, rates, max(n - step, 0)):
                n, step = max(n - step, 0), 2 * step
            low, high = max(n - step, -1), n
        else:
            while n < most and not self.keeps(g, rates, min(n + step, most)):
                n, step = min(n + step, most), 2 * step
            if n >= most:
                return None
            low, high = n, min(n + step, most)
        while high - low > 1:  # low does not keep them, high does
            middle = (low + high) // 2
            low, high = (low, middle) if self.keeps(g, rates, middle) else (middle, high)
        return high

    def reserves(self, rates: Floats) -> Ints:
        """Agents that each group keeps free of background work in each period (G, T)."""
        out = np.zeros(self.agents.shape, dtype=np.int64)
        for g, t in np.argwhere(rates.sum(axis=1) > 0.0):
            used = np.flatnonzero(rates[g, :, t] > 0.0)
            kinds = [self.kinds[g][c] for c in used]
            out[g, t] = largest_reserve(kinds, rates[g, used, t], int(self.agents[g, t]))
        return out

    def flows(self, rates_answered: Floats) -> list[FlowRow]:
        """Flow rows for the cost account; with waits where the scenario says what waiting costs or holds."""
        traffic = solve_traffic(self.network, rates_answered)
        if not (self.scenario.worth or self.scenario.trunks):
            return flow_rows(self.network, traffic, rates_answered)
        wait, cost = np.zeros_like(rates_answered), np.zeros_like(rates_answered)
        for g, t in np.ndindex(*self.agents.shape):
            if traffic.rates[g, :, t].any():
                used = traffic.rates[g, :, t] > 0.0
                wait[g, used, t], cost[g, used, t] = self.waiting(g, traffic.rates[g, :, t], int(self.agents[g, t]))
        return flow_rows(self.network, traffic, rates_answered, wait_s=wait, displeasure=cost)

    def waiting(self, g: int, rates: Floats, agents: int) -> tuple[Floats, Floats]:
        """Mean wait and expected dissatisfaction of an offered contact, for the types in use."""
        used, found = self.one(g, rates, agents, 20.0)
        cost = np.zeros(len(used))
        if not found.stable:
            return np.zeros(len(used)), cost
        for i, c in enumerate(used):
            curve = self.curves.get(int(c))
            if curve:
                tail = self._tail(g, rates, agents, i)
                cost[i] = expected_cost(*curve, tail, found.mean_wait_s[i : i + 1])[0]
        return found.mean_wait_s, cost

    def _tail(self, g: int, rates: Floats, agents: int, i: int) -> Callable[[float], Floats]:
        def tail(t: float) -> Floats:
            _, found = self.one(g, rates, agents, t)
            return np.array([1.0 - found.answered_in_time[i] - found.abandoned_early[i]])

        return tail


def _remembering() -> Model:
    """The group model with a memory: the same queue is asked again in every pass and for every promise."""
    memory: dict[tuple[object, ...], GroupPerformance] = {}

    def ask(rates: Floats, aht: Floats, *, patience_s: Floats, agents: int, awt_s: Floats) -> GroupPerformance:
        key = (agents, rates.tobytes(), aht.tobytes(), patience_s.tobytes(), awt_s.tobytes())
        found = memory.get(key)
        if found is None:
            memory[key] = found = group_performance(rates, aht, patience_s=patience_s, agents=agents, awt_s=awt_s)
        return found

    return ask


def curves_of(scenario: Scenario) -> dict[int, tuple[list[float], list[float]]]:
    """Waits and costs of the curves of dissatisfaction, by index of the contact type."""
    at = {c.name: i for i, c in enumerate(scenario.contact_types)}
    return {
        at[w.contact_type]: ([p.wait_s for p in w.dissatisfaction], [p.cost for p in w.dissatisfaction])
        for w in scenario.worth
        if w.dissatisfaction
    }
