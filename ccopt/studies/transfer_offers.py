"""Offers by warm transfer: after which contacts, to which group, with how many sellers and up to which threshold.

Sellers are a group that serves contacts, or a new one at an open site that only sells. Pairs of groups come in the order of
what their offers could bring at the price of the sellers' time. A pair is simulated with sellers for a few shares of the
offers and a few thresholds, all with the same contacts, and then with the neighbours of the best. A few of the best are
judged: one is taken where the judge finds every promise and limit kept and a better net, and simulation of other contacts agrees.

Each contact is offered once: a group that hands over makes these offers no longer itself. Where it makes none at all any
more it goes back to the agents that it has without offers. Designs of the fixed split only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ccopt.compilation import COMPILES, is_ready
from ccopt.costs import cost_of, yearly
from ccopt.design import AgentGroup, Design, Offer
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation, FlowRow
from ccopt.routing.flows import propagate
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.simulation import simulate
from ccopt.simulation.contradictions import near_misses
from ccopt.simulation.kernel import run_rich
from ccopt.studies.group_offers import net_of
from ccopt.studies.offer_budget import OfferBudget

SHARES = (0.0, 0.5, 0.75, 1.0, 1.25)  # sellers added, in the erlangs of all offers that may be handed over
BELOW = (1, 4)  # thresholds below the agents of sellers who serve contacts too
REPLICATIONS, CONTACTS, JUDGED = 20, 2000, 4000  # contacts of a replication in the search, and for the last word
OTHER_SEED = 11
TARGETS = 8  # groups of the cheapest time
FINALISTS = 6  # of a pair, to be judged: the best of short simulations is so by chance in part
COMPILED_S = 90.0  # that the first simulation of a machine may take
CONTACT_S, CALL_S = 4e-7, 0.01  # nominal seconds of a simulated contact, and of a simulation
OUTSIDE = 13.0  # handle times before and after the contacts that are measured

Place = tuple[str, str]
Staffing = tuple[tuple[int, ...], int | None]  # sellers added by period, and the threshold; None is always
Tried = dict[Staffing, tuple[float, Design] | None]  # net and design; None where a promise breaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Customers handed from one group to another after contacts of these types, with the erlangs (T,) of the offers.

    ``worth`` is what the offers could bring a year at the price of the sellers' time.
    """

    source: Place
    target: Place
    types: tuple[str, ...]
    load: tuple[float, ...]
    worth: float


class TransferOffers:
    """The search. ``keeps`` says whether a design of a cost keeps the limits."""

    def __init__(self, scenario: Scenario, budget: OfferBudget, keeps: Callable[[Design, float], bool]) -> None:
        self.scenario, self.core, self.budget, self.keeps = scenario, core_of(scenario), budget, keeps
        self.hours = [p.hours_per_year for p in self.core.periods]
        aht = {c.name: c.aht_s for c in self.core.contact_types}
        rows = [(d.contacts_per_hour, aht[d.contact_type]) for d in self.core.demand]
        self.load = sum(max(x) if isinstance(x, tuple) else x for x, _ in rows) * max((s for _, s in rows), default=0.0) / 3600.0

    def improved(self, bare: Design, design: Design, judged: Evaluation) -> tuple[Design, Evaluation]:
        """The design with the transfers that make it better; ``bare`` is the same design before anything was sold."""
        if not COMPILES or design.regime != "split" or (not is_ready(run_rich) and self.budget.ends_within(COMPILED_S)):
            return design, judged
        for pair in self._pairs(design, self.flows(design)):
            if not {o.contact_type for o in design.offers if _source(o) == pair.source and o.route == "transfer"} & set(pair.types):
                for trial in self._searched(handing_over(design, bare, pair), pair):
                    seen = self._judged(trial, pair, judged) if self._pays(2, JUDGED) else None
                    if seen is not None:
                        design, judged = trial, seen
                        break
            if not self._room():
                break
        return design, judged

    def flows(self, design: Design) -> list[FlowRow]:
        """The contacts that reach each group when all are answered."""
        return propagate(self.core, design, lambda *_: 1.0)

    def _judged(self, trial: Design, pair: Pair, known: Evaluation) -> Evaluation | None:
        """The account of a design that beats the known one, in the judge's simulation and in one with other contacts."""
        seen = evaluate(self.scenario, trial)
        if not self._beats(seen, pair, known) or not self.keeps(trial, seen.cost_per_year):
            return None
        again = simulate(self.scenario, trial, replications=REPLICATIONS, contacts=JUDGED, seed=OTHER_SEED)
        return seen if self._beats(again, pair, known) else None

    def _beats(self, seen: Evaluation, pair: Pair, known: Evaluation) -> bool:
        return seen.meets_targets and self._keeps(seen, pair) and net_of(seen) < net_of(known)

    def _keeps(self, seen: Evaluation, pair: Pair) -> bool:
        """Whether no target of the two groups is missed, not even by what chance explains."""
        cells = tuple(c for c in seen.cells if (c.site, c.skill_set) in {pair.source, pair.target})
        return near_misses(self.core, replace(seen, cells=cells)) == 0

    def _pairs(self, design: Design, flows: list[FlowRow]) -> list[Pair]:
        """Pairs that could pay, the largest worth first."""
        if not self._room():
            return []
        price = {place: self._price(design, place, flows) for place in self._places(design)}
        cheapest = sorted(price, key=lambda place: (price[place], place))[:TARGETS]
        rows: dict[Place, list[FlowRow]] = {}
        for r in flows:
            rows.setdefault((r.site, r.skill_set), []).append(r)
        pairs = [self._pair(design, (s, t), price, mine) for s, mine in rows.items() for t in cheapest if s != t]
        return sorted((p for p in pairs if p.types), key=lambda p: (-p.worth, p.source, p.target))

    def _places(self, design: Design) -> list[Place]:
        """Groups of the design, and the cheapest that each of its sites could have."""
        wage = {k.name: k.wage_factor for k in self.core.skill_sets}
        could = [
            (site.name, min(wage if site.skill_sets is None else site.skill_sets, key=wage.__getitem__))
            for site in self.core.sites if site.name in design.open_sites
        ]  # fmt: skip
        return list(dict.fromkeys([*((g.site, g.skill_set) for g in design.groups), *could]))

    def _price(self, design: Design, place: Place, flows: list[FlowRow]) -> float:
        """Money for an hour of one more agent: wage or contract, and seat."""
        site = self.core.model_copy(update={"sites": tuple(s for s in self.core.sites if s.name == place[0])})
        mine = [r for r in flows if r.site == place[0]]
        more = staffed(design, place, (1,) * len(self.hours))
        dearer, now = (cost_of(site, d, mine).cost_per_year for d in (more, design))
        return (dearer - now) / sum(self.hours)

    def _pair(self, design: Design, ends: tuple[Place, Place], price: dict[Place, float], rows: list[FlowRow]) -> Pair:
        """The types whose offers earn more by transfer than the time of both agents costs, or cost less than at home.

        ``rows`` are the contacts that reach the first of the two groups.
        """
        source, target = ends
        bonus = next(s.pay_per_sale for s in self.core.sites if s.name == target[0])
        at_home = {o.contact_type for o in design.offers if _source(o) == source}
        types, load, worth = [], [0.0] * len(self.hours), 0.0
        for x in self.core.cross_selling:
            mine = [r for r in rows if r.contact_type == x.contact_type]
            erlangs = (x.extra_s + x.briefing_s) / 3600.0
            handed = price[target] * erlangs + price[source] * x.briefing_s / 3600.0
            own = price[source] * x.extra_s / 3600.0
            gain = (own if x.contact_type in at_home else x.success * (x.revenue - bonus)) - handed
            if gain > 0.0 and mine:
                types.append(x.contact_type)
                worth += gain * math.fsum(yearly(r.offered, self.hours) for r in mine)
                load = [w + erlangs * sum(r.offered[t] for r in mine) for t, w in enumerate(load)]
        return Pair(source=source, target=target, types=tuple(types), load=tuple(load), worth=worth)

    def _searched(self, base: Design, pair: Pair) -> list[Design]:
        """Designs of a pair that keep the promises in short simulations, the best first."""
        serves = any((r.site, r.skill_set) == pair.target and any(r.share) for r in base.routes)
        tried: Tried = {}
        for share in SHARES:
            more = tuple(round(share * w) for w in pair.load)
            for threshold in _thresholds(_most(staffed(base, pair.target, more), pair.target), serves):
                self._try(base, pair, (more, threshold), tried)
        best: list[Staffing] = []
        while _ranked(tried)[:1] != best:
            best = _ranked(tried)[:1]
            for beside in _beside(best[0]):
                self._try(base, pair, beside, tried)
        return [kept[1] for kept in map(tried.__getitem__, _ranked(tried)[:FINALISTS]) if kept is not None]

    def _try(self, base: Design, pair: Pair, staffing: Staffing, tried: Tried) -> None:
        """Simulate so many more sellers with a threshold; noted with their net where the promises hold."""
        if staffing in tried or not self._room() or not self._pays(1, CONTACTS):
            return
        trial = with_threshold(staffed(base, pair.target, staffing[0]), pair, staffing[1])
        seen = simulate(self.scenario, trial, replications=REPLICATIONS, contacts=CONTACTS)
        tried[staffing] = (net_of(seen), trial) if seen.meets_targets and self._keeps(seen, pair) else None

    def _room(self) -> bool:
        """Whether enough is left to judge the best."""
        return self.budget.left() >= self._price_of(2 * FINALISTS, JUDGED)

    def _pays(self, times: int, contacts: int) -> bool:
        """Whether so many simulations are within the budget; they are then paid."""
        return self.budget.takes(self._price_of(times, contacts))

    def _price_of(self, times: int, contacts: int) -> float:
        """Nominal seconds of so many simulations."""
        return times * len(self.hours) * (CALL_S + CONTACT_S * REPLICATIONS * (contacts + OUTSIDE * self.load))


def _source(offer: Offer) -> Place:
    return offer.site, offer.skill_set


def _most(design: Design, place: Place) -> int:
    return max((max(g.agents) for g in design.groups if (g.site, g.skill_set) == place), default=0)


def _thresholds(most: int, serves: bool) -> list[int | None]:
    """Thresholds to begin with, for sellers of whom at most so many are present."""
    if most == 0:
        return []
    return [n for n in (most - k for k in BELOW) if n >= 0] if serves else [most - 1, most + 2, None]


def _ranked(tried: Tried) -> list[Staffing]:
    """The staffings that keep the promises, the lowest net first."""
    kept = {k: v[0] for k, v in tried.items() if v is not None}
    return sorted(kept, key=lambda k: kept[k])


def _beside(staffing: Staffing) -> Iterator[Staffing]:
    """One seller more or fewer in every period, or a threshold one higher or lower."""
    more, threshold = staffing
    for step in (1, -1):
        if all(n + step >= 0 for n in more):
            yield tuple(n + step for n in more), None if threshold is None else max(threshold + step, 0)
        if threshold is not None and threshold + step >= 0:
            yield more, threshold + step


def handing_over(design: Design, bare: Design, pair: Pair) -> Design:
    """The design without offers of these types in the first group, staffed as before where it sells nothing else.

    Who sells to customers of others keeps the agents for it.
    """
    offers = tuple(o for o in design.offers if _source(o) != pair.source or o.contact_type not in pair.types)
    if any(pair.source in {_source(o), (o.to_site, o.to_skill_set)} for o in offers):
        return design.model_copy(update={"offers": offers})
    before = {(g.site, g.skill_set): g for g in bare.groups}
    groups = tuple(before.get(pair.source, g) if (g.site, g.skill_set) == pair.source else g for g in design.groups)
    return design.model_copy(update={"offers": offers, "groups": groups})


def staffed(design: Design, place: Place, more: tuple[int, ...]) -> Design:
    """The design with so many more agents in a group, which is new where the design has none."""
    here = next((g for g in design.groups if (g.site, g.skill_set) == place), None)
    if here is None:
        return design.model_copy(update={"groups": (*design.groups, AgentGroup(site=place[0], skill_set=place[1], agents=more))})
    grown = here.model_copy(update={"agents": tuple(n + m for n, m in zip(here.agents, more, strict=True))})
    return design.model_copy(update={"groups": tuple(grown if g is here else g for g in design.groups)})


def with_threshold(design: Design, pair: Pair, threshold: int | None) -> Design:
    """The design in which the pair hands over up to a threshold."""
    made = tuple(
        Offer(site=pair.source[0], skill_set=pair.source[1], contact_type=kind, threshold=threshold, route="transfer",
              to_site=pair.target[0], to_skill_set=pair.target[1])
        for kind in pair.types
    )  # fmt: skip
    return design.model_copy(update={"offers": (*design.offers, *made)})
