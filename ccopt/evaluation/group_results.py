"""What group models are asked and what they answer, for all groups of a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.controlled.effort import RunOptions
from ccopt.routing.flows import Network, Traffic
from ccopt.scenario.entities import ContactType, Scenario
from ccopt.staffing.group_queue import Model, queue_of
from ccopt.staffing.group_types import TypeInGroup
from ccopt.staffing.simulated_ranks import DEFAULT

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DEFAULT_AWT_S = 20.0


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
    ``simulated`` (G, T) marks groups whose ranks no formula holds; ``half_width`` (G, C, T) are their 95 % intervals.
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
    simulated: Bools
    half_width: dict[str, Floats]
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
    options: RunOptions = DEFAULT

    def solve(self, model: GroupModel) -> GroupResult:
        """Ask a model, or what stands on it (chats in hand, background work, ranks, call-back)."""
        if self.kinds:
            return queue_of(self.kinds, self.rates, self.agents, self.awt_s, cast("Model", model), self.options)
        return model(
            self.rates, self.aht_s, patience_s=self.patience_s, agents=self.agents, awt_s=self.awt_s
        )


class Selling(Protocol):
    """Groups that make offers (`ccopt.evaluation.offers.SellingModels`)."""

    def sells(self, g: int, t: int) -> bool: ...  # noqa: D102
    def solve(self, place: tuple[int, int], used: Bools, asked: GroupInput, model: GroupModel) -> GroupResult: ...  # noqa: D102
    def sales(self, g: int, t: int, used: Bools, result: GroupResult) -> Floats: ...  # noqa: D102
