"""Groups of a design that sell: the threshold chain in the place of the group model.

Offers made by the same agent only. Several contact types of one group are merged: one mean handle time, one mean offer,
one patience rate (all weighted by contacts), the smallest threshold; exact for a group with one contact type.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design
from ccopt.errors import UnstableError
from ccopt.evaluation.group_results import GroupInput, GroupModel, GroupResult
from ccopt.queueing.selling import SellingGroup, selling_chain
from ccopt.queueing.selling_waits import selling_waits
from ccopt.routing.flows import Network
from ccopt.scenario.entities import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SellingResult:
    """A group that sells, in the form of a group model's result; ``offers`` are per offered contact of a type."""

    answered_in_time: Floats
    abandonment: Floats
    abandoned_early: Floats
    virtual: Floats
    asa_s: Floats
    mean_wait_s: Floats
    delay_probability: float
    occupancy: float
    load: float
    carried_load: float
    stable: bool
    offers: Floats


class SellingModels:
    """The selling groups of a design: (G, C, T) shares of callers with an offer, thresholds and offer times."""

    def __init__(self, scenario: Scenario, design: Design, network: Network) -> None:
        shape = (len(network.groups), len(network.contact_types), len(scenario.periods))
        self.share, self.extra_s = np.zeros(shape), np.zeros(shape[1])
        self.success = np.zeros(shape[1])
        self.threshold: dict[int, int | None] = {}
        for x in scenario.cross_selling:
            c = network.contact_types.index(x.contact_type)
            self.extra_s[c], self.success[c] = x.extra_s, x.success
        for o in design.offers:
            if o.route != "own":
                continue
            g, c = network.groups.index((o.site, o.skill_set)), network.contact_types.index(o.contact_type)
            self.share[g, c] = o.share
            known = self.threshold.get(g)
            both = [t for t in (known, o.threshold) if t is not None]
            self.threshold[g] = min(both) if both else None

    def sells(self, g: int, t: int) -> bool:
        """Whether a group makes offers in a period."""
        return bool((self.share[g, :, t] > 0).any())

    def solve(
        self, place: tuple[int, int], used: NDArray[np.bool_], asked: GroupInput, model: GroupModel
    ) -> GroupResult:
        """Result of a selling group (index, period) for the types in use; the plain model without agents or offers."""
        g, t = place
        rates, agents, awt_s = asked.rates, asked.agents, asked.awt_s
        share = self.share[g, used, t]
        offered = float(rates @ share)
        plain = asked.solve(model)
        if agents == 0 or offered <= 0:
            return plain
        total = float(rates.sum())
        leave = float((rates / asked.patience_s).sum()) / total
        group = SellingGroup(
            contacts_per_hour=total, aht_s=float(rates @ asked.aht_s) / total, agents=agents, share=offered / total,
            extra_s=float((rates * share) @ self.extra_s[used]) / offered,
            patience_s=1.0 / leave if leave > 0 else np.inf,
        )  # fmt: skip
        try:
            chain = selling_chain(group, threshold=self.threshold[g])
        except UnstableError:
            return _endless(plain, agents, len(rates))
        waits = {float(w): selling_waits(group, threshold=self.threshold[g], awt_s=float(w)) for w in set(awt_s)}
        mine = [waits[float(w)] for w in awt_s]
        size = np.ones(len(rates))
        return SellingResult(
            answered_in_time=np.array([w.answered_in_time for w in mine]), abandonment=chain.abandonment * size,
            abandoned_early=np.array([w.abandoned_early for w in mine]), virtual=np.array([w.virtual for w in mine]),
            asa_s=mine[0].asa_s * size, mean_wait_s=chain.mean_wait_s * size,
            delay_probability=chain.delay_probability, occupancy=chain.occupancy, load=plain.load,
            carried_load=chain.occupancy * agents, stable=True,
            offers=chain.offers_per_hour * share / offered,
        )  # fmt: skip

    def sales(self, g: int, t: int, used: NDArray[np.bool_], result: GroupResult) -> Floats:
        """Successful offers per offered contact of each type in use."""
        offers = result.offers if isinstance(result, SellingResult) else np.zeros(int(used.sum()))
        found: Floats = offers * self.success[used]
        return found


def _endless(plain: GroupResult, agents: int, types: int) -> SellingResult:
    """A group that its offers overload: nobody is answered in time."""
    zero, never = np.zeros(types), np.full(types, np.inf)
    return SellingResult(
        answered_in_time=zero, abandonment=zero, abandoned_early=zero, virtual=zero, asa_s=never, mean_wait_s=never,
        delay_probability=1.0, occupancy=1.0, load=plain.load, carried_load=float(agents), stable=False, offers=zero,
    )  # fmt: skip
