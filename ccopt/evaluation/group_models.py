"""Every agent group in every period by its queueing model, with the traffic that the groups send each other.

A group's abandonment decides how many contacts are escalated, and the escalated contacts may come back to the same
group; the answered shares are therefore a fixed point of (traffic equations, group models).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.waiting_cost import expected_cost
from ccopt.routing.flows import Network, Traffic, solve_traffic
from ccopt.scenario.entities import ContactType, Scenario
from ccopt.staffing.group_queue import Model, TypeInGroup, is_plain, queue_of, type_in_group
from ccopt.staffing.network_model import curves_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DEFAULT_AWT_S = 20.0
FIXED_POINT_TOLERANCE = 1e-13
MAX_PASSES = 200
DAMP_AFTER = 12
LEAST_SHIFT = 1e-6


class GroupResult(Protocol):
    """What a group model returns (arrays over contact types, scalars for the group)."""

    @property
    def answered_in_time(self) -> Floats: ...  # noqa: D102
    @property
    def abandonment(self) -> Floats: ...  # noqa: D102
    @property
    def abandoned_early(self) -> Floats: ...  # noqa: D102
    @property
    def virtual(self) -> Floats: ...  # noqa: D102
    @property
    def asa_s(self) -> Floats: ...  # noqa: D102
    @property
    def mean_wait_s(self) -> Floats: ...  # noqa: D102
    @property
    def delay_probability(self) -> float: ...  # noqa: D102
    @property
    def occupancy(self) -> float: ...  # noqa: D102
    @property
    def load(self) -> float: ...  # noqa: D102
    @property
    def carried_load(self) -> float: ...  # noqa: D102
    @property
    def stable(self) -> bool: ...  # noqa: D102


GroupModel = Callable[..., GroupResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Indicators of all groups: arrays (G, C, T) over contact types, (G, T) for groups.

    ``answered_in_time``, ``abandoned_early`` and ``virtual`` have a first axis over the waiting times of `awt_layers`.
    Entries of contact types that send nothing are 0 (1 for the service shares). ``shift_*`` (G, C, T) is what changes
    when the mean handle time is that of answered instead of offered contacts: where impatient types have other handle
    times than patient ones, the group model does not see who is left. ``sales`` (G, C, T) are per offered contact.
    """

    rates: Floats
    answered_in_time: Floats
    abandoned_early: Floats
    virtual: Floats
    abandonment: Floats
    answered: Floats
    asa_s: Floats
    mean_wait_s: Floats
    delay_probability: Floats
    load: Floats
    carried_load: Floats
    occupancy: Floats
    stable: Bools
    shift_level: Floats
    shift_abandonment: Floats
    shift_asa_s: Floats
    sales: Floats
    displeasure: Floats
    traffic: Traffic
    passes: int


def awt_layers(types: tuple[ContactType, ...]) -> Floats:
    """Waiting times at which service is needed, (L, C): row 0 holds the first service-level target of each type.

    A response-time target of deferrable work counts as answered within the response time less the handle time.
    """
    waits = [_waits(c) for c in types]
    depth = max(len(w) for w in waits)
    return np.array([[w[min(k, len(w) - 1)] for w in waits] for k in range(depth)])


def _waits(contact_type: ContactType) -> list[float]:
    waits = [e.awt_s for e in contact_type.targets if e.service_level is not None and e.awt_s is not None]
    responses = [
        max(0.0, e.max_response_h * 3600.0 - contact_type.aht_s)
        for e in contact_type.targets
        if e.max_response_h is not None
    ]
    return [*(waits or responses[:1] or [DEFAULT_AWT_S]), *responses]


def handle_times(scenario: Scenario, network: Network) -> Floats:
    """Average handle time in seconds of each contact type in each group, (G, C)."""
    factor = {k.name: k.aht_factor for k in scenario.skill_sets}
    base = np.array([c.aht_s for c in scenario.contact_types])
    return np.array([base * factor[skill_set] for _, skill_set in network.groups]).reshape(-1, len(base))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInput:
    """What a group model is asked: arrays over the contact types in use, and whole agents."""

    rates: Floats
    aht_s: Floats
    patience_s: Floats
    awt_s: Floats
    agents: int
    kinds: tuple[TypeInGroup, ...] = ()

    def solve(self, model: GroupModel) -> GroupResult:
        """Ask a model, or the chain of what stands on it (chats in hand, background work)."""
        if self.kinds and not is_plain(self.kinds):
            return queue_of(self.kinds, self.rates, self.agents, self.awt_s, cast("Model", model))
        return model(
            self.rates, self.aht_s, patience_s=self.patience_s, agents=self.agents, awt_s=self.awt_s
        )


class Selling(Protocol):
    """Groups that make offers (`ccopt.evaluation.offers.SellingModels`)."""

    def sells(self, g: int, t: int) -> bool: ...  # noqa: D102
    def solve(self, place: tuple[int, int], used: Bools, asked: GroupInput, model: GroupModel) -> GroupResult: ...  # noqa: D102
    def sales(self, g: int, t: int, used: Bools, result: GroupResult) -> Floats: ...  # noqa: D102


def solve_groups(
    scenario: Scenario,
    network: Network,
    agents: NDArray[np.int64],
    model: GroupModel,
    *,
    selling: Selling | None = None,
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

    Returns
    -------
    Results
        ``passes`` is the number of traffic solutions used; it is below `MAX_PASSES` where the loop settled.
    """
    solver = _Solver(scenario, network, agents, model, selling)
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
        self.aht_s = handle_times(scenario, network)
        self.patience_s = np.array([c.patience_s or np.inf for c in scenario.contact_types])
        self.layers = awt_layers(scenario.contact_types)
        self.agents, self.model, self.selling = agents, model, selling
        self.curves = curves_of(scenario)
        factor = {k.name: k.aht_factor for k in scenario.skill_sets}
        self.kinds = [[type_in_group(c, factor[k]) for c in scenario.contact_types] for _, k in network.groups]
        self.special = any(c.background or c.chat_levels for c in scenario.contact_types)
        self.shape = (len(network.groups), len(network.contact_types), network.demand.shape[2])
        self.memory: dict[tuple[int, int, int], tuple[bytes, GroupResult]] = {}

    def one(self, g: int, t: int, rates: Floats, layer: int = 0) -> GroupResult:
        key, raw = (g, t, layer), rates.tobytes()
        known = self.memory.get(key)
        if known is None or known[0] != raw:
            used = rates > 0
            asked = GroupInput(
                rates=rates[used], aht_s=self.aht_s[g][used], patience_s=self.patience_s[used],
                awt_s=self.layers[layer][used], agents=int(self.agents[g, t]), kinds=self._kinds(g, used),
            )  # fmt: skip
            if self.selling is not None and self.selling.sells(g, t):
                found = self.selling.solve((g, t), used, asked, self.model)
            else:
                found = asked.solve(self.model)
            self.memory[key] = known = (raw, found)
        return known[1]

    def _kinds(self, g: int, used: Bools) -> tuple[TypeInGroup, ...]:
        return tuple(self.kinds[g][c] for c in np.flatnonzero(used)) if self.special else ()

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
        rates, depth = traffic.rates, len(self.layers)
        service: dict[str, Floats] = {name: np.ones((depth, *self.shape)) for name in ("answered_in_time", "virtual")}
        service["abandoned_early"] = np.zeros((depth, *self.shape))
        cell: dict[str, Floats] = {name: np.zeros(self.shape) for name in ("abandonment", "asa_s", "mean_wait_s")}
        pairs = (self.shape[0], self.shape[2])
        names = ("delay_probability", "load", "carried_load", "occupancy")
        group: dict[str, Floats] = {name: np.zeros(pairs) for name in names}
        stable = np.ones(pairs, dtype=bool)
        shift = {name: np.zeros(self.shape) for name in ("shift_level", "shift_abandonment", "shift_asa_s")}
        sales, displeasure = np.zeros(self.shape), np.zeros(self.shape)
        for g, t in np.argwhere(rates.sum(axis=1) > 0):
            used = rates[g, :, t] > 0
            for layer in range(depth):
                result = self.one(g, t, np.ascontiguousarray(rates[g, :, t]), layer)
                for name, array in service.items():
                    array[layer, g, used, t] = getattr(result, name)
            for name, array in cell.items():
                array[g, used, t] = getattr(result, name)
            for name, array in group.items():
                array[g, t] = getattr(result, name)
            stable[g, t] = result.stable
            self._shift(int(g), int(t), rates[g, :, t], shift)
            for c in np.flatnonzero(used):
                if int(c) in self.curves and result.stable:
                    displeasure[g, c, t] = self._displeasure(int(g), int(t), rates[g, :, t], int(c))
            if self.selling is not None and self.selling.sells(int(g), int(t)):
                sales[g, used, t] = self.selling.sales(int(g), int(t), used, result)
        carried = np.where(stable, group["carried_load"], np.minimum(group["load"], self.agents))
        occupancy = np.divide(carried, self.agents, out=np.zeros(pairs), where=self.agents > 0)
        group.update(carried_load=carried, occupancy=np.where(stable, group["occupancy"], occupancy))
        return Results(
            rates=rates, answered=self.answered(rates), stable=stable, traffic=traffic, passes=passes,
            sales=sales, displeasure=displeasure, **service, **cell, **group, **shift,
        )  # fmt: skip

    def _displeasure(self, g: int, t: int, rates: Floats, c: int) -> float:
        """Expected cost of the wait of one contact of type ``c`` by its curve."""
        used = rates > 0
        place = int(np.flatnonzero(np.flatnonzero(used) == c)[0])
        waits = np.array([0.0])

        def ask(wait: float) -> GroupResult:
            asked = GroupInput(
                rates=rates[used], aht_s=self.aht_s[g][used], patience_s=self.patience_s[used],
                awt_s=np.full(int(used.sum()), wait), agents=int(self.agents[g, t]), kinds=self._kinds(g, used),
            )  # fmt: skip
            if self.selling is not None and self.selling.sells(g, t):
                return self.selling.solve((g, t), used, asked, self.model)
            return asked.solve(self.model)

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
