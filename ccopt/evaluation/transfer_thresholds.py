"""Best thresholds of offers by warm transfer: the referee's simulation on the same contacts for every threshold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ccopt.design import Design, Offer
from ccopt.kpis import Evaluation
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.simulation import simulate

STEPS = 8
NEVER = -1
REPLICATIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferThreshold:
    """The threshold of the offers that one group hands to another, with its account against never selling.

    ``threshold`` counts contacts in service and waiting at the selling group; None is always, -1 never. ``keeps`` says
    that no promise is proven broken with it. ``net_per_year`` is added revenue less added cost (worth of lost contacts
    and of waiting included), a difference of two simulations on the same contacts.
    """

    site: str
    skill_set: str
    to_site: str
    to_skill_set: str
    threshold: int | None
    keeps: bool
    revenue_per_year: float
    net_per_year: float
    added_wait_s: float


def transfer_thresholds(
    scenario: Scenario, design: Design, *, contacts: int = 2000, seed: int = 7
) -> tuple[TransferThreshold, ...]:
    """Best threshold of every pair of groups between which customers are handed over to be sold to.

    Thresholds from 0 to the agents of the selling group are tried in steps, then around the best one; never and always
    too. Pairs are settled one after the other, each with the best thresholds of those before it; the others keep what
    the design says.

    Parameters
    ----------
    scenario, design
        Checked documents.
    contacts
        Of each of 20 replications of a period.
    seed
        The same contacts for every threshold.

    Returns
    -------
    tuple of TransferThreshold
        In the order in which the pairs first appear among the offers.
    """
    rows = []
    for pair in dict.fromkeys(_pair(o) for o in design.offers if o.route == "transfer"):
        search = _Search(scenario, design, pair, contacts, seed)
        row = search.best()
        design = search.with_threshold(row.threshold)
        rows.append(row)
    return tuple(rows)


Pair = tuple[str, str, str, str]


def _pair(offer: Offer) -> Pair:
    return offer.site, offer.skill_set, str(offer.to_site), str(offer.to_skill_set)


class _Search:
    """Thresholds of one pair, each simulated once."""

    def __init__(self, scenario: Scenario, design: Design, pair: Pair, contacts: int, seed: int) -> None:
        self.scenario, self.design, self.pair = core_of(scenario), design, pair
        self.given, self.contacts, self.seed = scenario, contacts, seed
        self.base = self._judge(NEVER)
        self.known: dict[int | None, TransferThreshold] = {NEVER: self._row(NEVER, self.base)}

    def best(self) -> TransferThreshold:
        """The threshold of largest net value among those that keep the promises; never where none does."""
        most = max((max(g.agents) for g in self.design.groups if (g.site, g.skill_set) == self.pair[2:]), default=0)
        step = max(1, most // STEPS)
        for threshold in (*range(0, most + 1, step), None):
            self._try(threshold)
        while step > 1:
            step, around = step // 2, self._top().threshold
            if around is not None and around >= 0:
                for threshold in (around - step, around + step):
                    if 0 <= threshold <= most:
                        self._try(threshold)
        return self._top()

    def with_threshold(self, threshold: int | None) -> Design:
        """The design with this threshold between the pair; without these offers where it is never."""
        return self.design.model_copy(update={"offers": tuple(self._changed(threshold))})

    def _changed(self, threshold: int | None) -> Iterator[Offer]:
        for o in self.design.offers:
            if o.route != "transfer" or _pair(o) != self.pair:
                yield o
            elif threshold != NEVER:
                yield o.model_copy(update={"threshold": threshold})

    def _top(self) -> TransferThreshold:
        return max((r for r in self.known.values() if r.keeps), key=lambda r: r.net_per_year, default=self.known[NEVER])

    def _try(self, threshold: int | None) -> None:
        if threshold not in self.known:
            self.known[threshold] = self._row(threshold, self._judge(threshold))

    def _judge(self, threshold: int | None) -> Evaluation:
        return simulate(self.given, self.with_threshold(threshold), replications=REPLICATIONS, contacts=self.contacts,
                        seed=self.seed)  # fmt: skip

    def _row(self, threshold: int | None, found: Evaluation) -> TransferThreshold:
        revenue = found.revenue_per_year - self.base.revenue_per_year
        site, skill_set, to_site, to_skill_set = self.pair
        return TransferThreshold(
            site=site, skill_set=skill_set, to_site=to_site, to_skill_set=to_skill_set, threshold=threshold,
            keeps=not found.violations, revenue_per_year=revenue,
            net_per_year=revenue - (found.cost_per_year - self.base.cost_per_year),
            added_wait_s=self._wait(found) - self._wait(self.base),
        )  # fmt: skip

    def _wait(self, found: Evaluation) -> float:
        """Mean wait of the year's contacts."""
        hours = {p.name: p.hours_per_year for p in self.scenario.periods}
        rows = [r for r in found.contact_types if r.period is not None and r.contacts_per_hour > 0]
        weight = math.fsum(r.contacts_per_hour * hours[r.period or ""] for r in rows)
        total = math.fsum((r.mean_wait_s or 0.0) * r.contacts_per_hour * hours[r.period or ""] for r in rows)
        return total / weight if weight else 0.0
