"""Offers of one agent group: which contact types, up to which threshold, with how many more agents.

The group is judged alone, with the contacts that reach it and the seats that others leave. For given types and threshold
each period stands alone: agents are added until its promises hold and as long as one more brings more than it costs. The
contact types with the most money per second of an offer come first. Thresholds start at "always" and a few around the
agents, and go on beside the best one: above the agents offers are made while customers wait, below agents are kept free.
"""

from __future__ import annotations

from collections.abc import Iterator

from ccopt.costs import yearly
from ccopt.design import AgentGroup, Design, Offer, Route
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation, FlowRow
from ccopt.routing.flows import propagate
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import CrossSelling, Demand, Scenario
from ccopt.studies.offer_budget import OfferBudget

AROUND = (1, -2, 4, None, -6)  # thresholds less agents; None is always
STEPS = (2, 1)  # beside the best threshold
MOST_ADDED = 15

Sold = tuple[AgentGroup, tuple[Offer, ...]]


def net_of(judged: Evaluation) -> float:
    """Cost less revenue."""
    return judged.cost_per_year - judged.revenue_per_year


class GroupOffers:
    """The search, with a memory for groups that occur in several designs."""

    def __init__(self, scenario: Scenario, budget: OfferBudget) -> None:
        self.scenario, self.core, self.budget = scenario, core_of(scenario), budget
        self.known: dict[object, Sold | None] = {}

    def chances(self, design: Design) -> list[tuple[AgentGroup, list[FlowRow]]]:
        """Groups that could sell, with the contacts that reach them; those whose contacts are worth most come first."""
        money = {x.contact_type: x.success * x.revenue for x in self.core.cross_selling}
        hours = [p.hours_per_year for p in self.core.periods]
        reached: dict[tuple[str, str], list[FlowRow]] = {}
        for r in propagate(self.core, design, lambda *_: 1.0):
            reached.setdefault((r.site, r.skill_set), []).append(r)
        found = []
        for group in design.groups:
            rows = reached.get((group.site, group.skill_set), [])
            worth = sum(money.get(r.contact_type, 0.0) * yearly(r.offered, hours) for r in rows)
            if worth > 0.0:
                found.append((worth, group, rows))
        return [(group, rows) for _, group, rows in sorted(found, key=lambda f: -f[0])]

    def best(self, design: Design, group: AgentGroup, rows: list[FlowRow]) -> Sold | None:
        """The best staff and offers of one group of a design, None where it should not sell."""
        seats = self._seats(design, group)
        flows = tuple((r.region, r.contact_type, tuple(round(x, 9) for x in r.offered)) for r in rows)
        key = group.site, group.skill_set, group.agents, seats, design.contracts.get(group.site), flows
        if key not in self.known:
            if self.budget.over():
                return None
            self.known[key] = self._searched(*self._alone(design, group, rows, seats))
        return self.known[key]

    def _searched(self, small: Scenario, bare: Design) -> Sold | None:
        [group] = bare.groups
        kinds = {d.contact_type for d in small.demand}
        ranked = sorted((x for x in small.cross_selling if x.contact_type in kinds), key=_rate, reverse=True)
        best, value = None, net_of(evaluate(small, bare))
        periods = [_Period(small, bare, t, self.budget) for t in range(len(group.agents))]
        for count in range(1, len(ranked) + 1):
            names = tuple(x.contact_type for x in ranked[:count])
            for agents, threshold in self._thresholds(periods, names):
                staffed = group.model_copy(update={"agents": agents})
                offers = offers_of(staffed, names, threshold)
                self.budget.pays(staffed)  # what was found is judged, even where the time is over
                seen = evaluate(small, bare.model_copy(update={"groups": (staffed,), "offers": offers}))
                if seen.meets_targets and net_of(seen) < value:
                    best, value = (staffed, offers), net_of(seen)
                if self.budget.over():
                    return best
        return best

    def _thresholds(self, periods: list[_Period], names: tuple[str, ...]) -> Iterator[tuple[tuple[int, ...], int | None]]:
        """Agents and threshold of the best one found for these types, after those that are tried on the way."""
        found: dict[int | None, tuple[float, tuple[int, ...]]] = {}

        def tried(threshold: int | None) -> None:
            if threshold in found or (threshold is not None and threshold < 0) or self.budget.over():
                return
            each = [p.best(names, threshold) for p in periods]
            done = [x for x in each if x is not None]
            if len(done) == len(each):
                found[threshold] = sum(v for v, _ in done), tuple(n for _, n in done)

        base = max(p.agents for p in periods)
        for more in AROUND:
            tried(None if more is None else base + more)
        for step in STEPS:
            lead = min(found, key=lambda k: found[k][0], default=None)
            if lead is not None:
                tried(lead + step)
                tried(lead - step)
        for threshold in sorted(found, key=lambda k: found[k][0])[:2]:
            yield found[threshold][1], threshold

    def _seats(self, design: Design, group: AgentGroup) -> int | None:
        """Seats that the other groups of the site leave in every period."""
        site = next(s for s in self.core.sites if s.name == group.site)
        others = [g.agents for g in design.groups if g.site == group.site and g.skill_set != group.skill_set]
        taken = max((sum(a[t] for a in others) for t in range(len(self.core.periods))), default=0)
        return None if site.seats is None else site.seats - taken

    def _alone(self, design: Design, group: AgentGroup, rows: list[FlowRow], seats: int | None) -> tuple[Scenario, Design]:
        """A scenario in which only this group exists."""
        core = self.core
        site = next(s for s in core.sites if s.name == group.site)
        demand = tuple(
            type(core.demand[0])(region=r.region, contact_type=r.contact_type, contacts_per_hour=tuple(r.offered)) for r in rows
        )
        kinds = {r.contact_type for r in rows}
        skills = tuple(k for k in core.skill_sets if k.name == group.skill_set)
        served = {c for k in skills for c in k.contact_types}
        small = core.model_copy(update={
            "sites": (site.model_copy(update={"seats": seats, "fixed_cost_per_year": 0.0}),), "demand": demand,
            "links": tuple(k for k in core.links if k.site == site.name), "escalations": (), "existing": None, "trunks": (),
            "charges": (), "skill_sets": skills, "contact_types": tuple(c for c in core.contact_types if c.name in served),
            "cross_selling": tuple(x for x in core.cross_selling if x.contact_type in kinds),
        })  # fmt: skip
        here = {"site": group.site, "skill_set": group.skill_set, "share": (1.0,) * len(core.periods)}
        routes = tuple(Route(region=r.region, contact_type=r.contact_type, **here) for r in rows)
        contracts = {k: v for k, v in design.contracts.items() if k == site.name}
        return small, Design(open_sites=(site.name,), groups=(group,), routes=routes, contracts=contracts)


class _Period:
    """One period of a group alone; its seats cost something in the busiest period only."""

    def __init__(self, small: Scenario, bare: Design, t: int, budget: OfferBudget) -> None:
        [group] = bare.groups
        self.agents, self.budget = group.agents[t], budget
        [site] = small.sites
        self.seats = self.agents + MOST_ADDED if site.seats is None else max(site.seats, self.agents)
        if self.agents < max(group.agents):
            site = site.model_copy(update={"seat_cost_per_year": 0.0, "overhead": ()})
        demand = tuple(d.model_copy(update={"contacts_per_hour": (_rate_in(d, t),)}) for d in small.demand)
        self.small = small.model_copy(update={"periods": (small.periods[t],), "demand": demand, "sites": (site,)})
        self.bare = bare.model_copy(update={"routes": tuple(r.model_copy(update={"share": (1.0,)}) for r in bare.routes)})
        self.known: dict[tuple[tuple[str, ...], int | None, int], float | None] = {}
        self.last: dict[tuple[str, ...], int] = {}  # agents with the threshold before

    def best(self, names: tuple[str, ...], threshold: int | None) -> tuple[float, int] | None:
        """Net money and agents; None where promises break with all that may be added, or the work is over."""
        if not self.agents:
            return 0.0, 0
        most = min(self.agents + MOST_ADDED, self.seats)
        n = self.last.get(names, self.agents)
        value = self._net(names, threshold, n)
        while value is None and n < most and not self.budget.over():
            n += 1
            value = self._net(names, threshold, n)
        if value is None:
            return None
        for step in (-1, 1):
            while self.agents <= n + step <= most:
                other = self._net(names, threshold, n + step)
                if other is None or other >= value:
                    break
                n, value = n + step, other
        self.last[names] = n
        return value, n

    def _net(self, names: tuple[str, ...], threshold: int | None, n: int) -> float | None:
        """Cost less revenue with n agents, None where a promise breaks."""
        key = names, threshold, n
        if key not in self.known:
            group = self.bare.groups[0].model_copy(update={"agents": (n,)})
            if not self.budget.pays(group):
                return None
            design = self.bare.model_copy(update={"groups": (group,), "offers": offers_of(group, names, threshold)})
            try:
                seen = evaluate(self.small, design)
            except ValueError:  # so near to overload that the chain of the group would be too large: no offers
                self.known[key] = None
            else:
                self.known[key] = net_of(seen) if seen.meets_targets else None
        return self.known[key]


def offers_of(group: AgentGroup, names: tuple[str, ...], threshold: int | None) -> tuple[Offer, ...]:
    """Offers of a group after contacts of these types."""
    return tuple(Offer(site=group.site, skill_set=group.skill_set, contact_type=k, threshold=threshold) for k in names)


def _rate_in(demand: Demand, t: int) -> float:
    rates = demand.contacts_per_hour
    return rates[t] if isinstance(rates, tuple) else rates


def _rate(x: CrossSelling) -> float:
    return x.success * x.revenue / max(x.extra_s, 1e-9)
