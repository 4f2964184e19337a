"""From a scenario and limits to the arrays of the model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ccopt.costs import connected_s
from ccopt.optimisation.floors import bounded_without, with_floors
from ccopt.optimisation.limits import (
    Budget,
    ForceClosed,
    ForceOpen,
    LabourPool,
    Limit,
    MaxChange,
    MaxGroups,
    MaxShareAtSite,
    MaxSites,
    MinAgentsAtSite,
    MinGroupSize,
    MinSites,
    SurviveSiteLoss,
)
from ccopt.optimisation.problem import Floats, Ints, Problem, SiteLoss
from ccopt.queueing import ErlangA, required_agents
from ccopt.routing.checks import own_demand
from ccopt.scenario.entities import ContactType, Scenario, Site, SkillSet, Tariff
from ccopt.staffing.group_queue import TypeInGroup, type_in_group
from ccopt.staffing.tables import Table, staffing_table
from ccopt.staffing.trunks import least_trunks

SPARE_AGENTS = 2
TABLE_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    site: Site
    tariff: Tariff | None
    contract: str | None


def _options(scenario: Scenario) -> list[_Option]:
    options = []
    for site in scenario.sites:
        if site.tariffs:
            options += [_Option(site=site, tariff=t, contract=t.name) for t in site.tariffs]
        else:
            options.append(_Option(site=site, tariff=site.tariff, contract=None))
    return options


def types_in_group(scenario: Scenario, skill_set: SkillSet, served: Sequence[str]) -> list[TypeInGroup]:
    """The contact types of a group as its queue sees them."""
    by_name = {c.name: c for c in scenario.contact_types}
    return [
        type_in_group(by_name[name], skill_set.aht_factor)
        for name in skill_set.contact_types
        if name in served
    ]


class _Builder:
    def __init__(self, scenario: Scenario, limits: Sequence[Limit]) -> None:
        self.scenario, self.limits = scenario, limits
        self.options = _options(scenario)
        self.hours = np.array([p.hours_per_year for p in scenario.periods])
        self.skills = {k.name: k for k in scenario.skill_sets}
        self.types = {c.name: c for c in scenario.contact_types}
        self.known_losses: dict[tuple[str, ...], Floats] = {}
        self.known_largest: dict[str, float] = {}
        self.links = {(k.region, k.site): k for k in scenario.links}
        self.toll = {w.contact_type: w.toll_free_per_minute for w in scenario.worth if w.toll_free_per_minute}

    def commodities(self) -> tuple[tuple[tuple[str, str], ...], Floats, Floats]:
        """Names, demand of designs, demand at least, in the order of escalation."""
        own = {key: np.array(row, dtype=float) for key, row in own_demand(self.scenario).items()}
        high = {k: v.copy() for k, v in own.items()}
        low = {k: v.copy() for k, v in own.items()}
        loses = {c: self.largest_abandonment(self.types[c]) for c in {e.from_type for e in self.scenario.escalations}}
        for kind in self.escalation_order():
            for e in self.scenario.escalations:
                if e.from_type != kind:
                    continue
                for region, c in [k for k in high if k[1] == kind]:
                    key = (region, e.to_type)
                    zero = np.zeros(len(self.hours))
                    high[key] = high.get(key, zero) + e.share * high[region, c]
                    low[key] = low.get(key, zero) + e.share * (1.0 - loses[kind]) * low[region, c]
        names = tuple(k for k in high if high[k].any())
        return names, np.array([high[k] for k in names]), np.array([low[k] for k in names])

    def escalation_order(self) -> list[str]:
        """Contact types so that every escalation goes forward (checked documents have no cycle)."""
        order: list[str] = []
        left = [c.name for c in self.scenario.contact_types]
        while left:
            ready = [
                c for c in left if not any(e.to_type == c and e.from_type in left for e in self.scenario.escalations)
            ]
            if not ready:
                msg = f"escalations form a cycle through {left}"
                raise ValueError(msg)
            order += ready
            left = [c for c in left if c not in ready]
        return order

    def largest_abandonment(self, kind: ContactType) -> float:
        """Largest share that may abandon while all targets hold, in any group that may serve the type."""
        if kind.name not in self.known_largest:
            self.known_largest[kind.name] = 0.0 if kind.patience_s is None else self._largest_abandonment(kind)
        return self.known_largest[kind.name]

    def _largest_abandonment(self, kind: ContactType) -> float:
        found = 1.0
        for entry in kind.targets:
            if entry.max_abandonment is not None:
                found = min(found, entry.max_abandonment)
            if entry.service_level is not None and (entry.basis or "offered") == "offered":
                found = min(found, 1.0 - entry.service_level)
        mine = [k for k in self.scenario.skill_sets if kind.name in k.contact_types]
        if all(len(k.contact_types) == 1 for k in mine):
            found = min(found, max((self._at_the_edge(kind, k) for k in mine), default=1.0))
        return found

    def _at_the_edge(self, kind: ContactType, skill: SkillSet) -> float:
        [t] = types_in_group(self.scenario, skill, [kind.name])
        agents = np.arange(1, 400, dtype=float)
        load = np.maximum(staffing_table([t], len(agents)).outer[1:], 1e-9)
        rate = load * 3600.0 / t.aht_s
        share = ErlangA(contacts_per_hour=rate, aht_s=t.aht_s, patience_s=t.patience_s).performance(agents).abandonment
        return min(1.0, float(np.max(share)) * (1.0 + 1e-6))

    def losses(self, skill: SkillSet, names: Sequence[str], table: Table) -> Floats:
        """Largest share that may abandon with at least k agents; for mixes one number for all."""
        key = (skill.name, *names)
        if key not in self.known_losses:
            types = types_in_group(self.scenario, skill, names)
            if len(types) == 1 and math.isfinite(types[0].patience_s):
                load = np.maximum(table.outer[1:], 1e-9)
                model = ErlangA(contacts_per_hour=load * 3600.0 / types[0].aht_s, aht_s=types[0].aht_s,
                                patience_s=types[0].patience_s)  # fmt: skip
                share = np.asarray(model.performance(np.arange(1.0, len(load) + 1.0)).abandonment) * (1.0 + 1e-6)
                falling = np.maximum.accumulate(np.minimum(share, 1.0)[::-1])[::-1]
                self.known_losses[key] = np.concatenate(([falling[0]], falling))
            else:
                worst = max(self.largest_abandonment(self.types[n]) for n in names)
                self.known_losses[key] = np.full(len(table.outer), worst)
        return self.known_losses[key]

    def table(self, skill: SkillSet, names: Sequence[str], peak: float, cache: dict[tuple[str, ...], Table]) -> Table:
        """Staffing table that reaches the peak load, or the most agents that the seats of any site allow."""
        key = (skill.name, *names)
        if key not in cache or cache[key].inner[-1] < peak:  # links may let another site reach more load
            types = types_in_group(self.scenario, skill, names)
            most = math.ceil(max(self.enough(t, peak) for t in types) * (1.1 if len(types) > 1 else 1.0)) + SPARE_AGENTS
            cache[key] = staffing_table(types, most)
            for _ in range(TABLE_ROUNDS):  # mixes may need more agents than any type alone
                if cache[key].inner[-1] >= peak:
                    break
                most = math.ceil(1.3 * most)
                cache[key] = staffing_table(types, most)
        return cache[key]

    def enough(self, kind: TypeInGroup, load: float) -> int:
        """Agents that carry a load of one type alone."""
        if not kind.targets:
            return math.ceil(load) + 1
        model = ErlangA(contacts_per_hour=load * 3600.0 / kind.aht_s, aht_s=kind.aht_s, patience_s=kind.patience_s)
        return int(required_agents(model, list(kind.targets)))


def build_problem(scenario: Scenario, limits: Sequence[Limit] = ()) -> Problem:
    """Arrays of the optimisation model of a checked scenario with limits."""
    tight = with_floors(scenario, limits)
    if tight is scenario:
        return _problem(scenario, limits)
    return bounded_without(_problem(tight, limits), _problem(scenario, limits))


def _problem(scenario: Scenario, limits: Sequence[Limit]) -> Problem:
    b = _Builder(scenario, limits)
    names, demand, demand_low = b.commodities()
    rows = _groups_and_arcs(b, names, demand)
    site_rows = _site_arrays(b)
    open_names = [o.site.name for o in b.options]
    exclusive = tuple(
        tuple(i for i, o in enumerate(b.options) if o.site.name == s.name) for s in scenario.sites if len(s.tariffs) > 1
    )

    def last(kind: type, default: float) -> float:
        found = [v for v in limits if isinstance(v, kind)]
        return float(getattr(found[-1], found[-1].__slots__[0])) if found else default

    size = np.zeros(len(rows["group_names"]), dtype=np.int64)
    for limit in limits:
        if isinstance(limit, MinGroupSize):
            for g, (_, skill) in enumerate(rows["group_names"]):
                if limit.skill_set in (None, skill):
                    size[g] = max(size[g], limit.agents)
    wide = max(rows["inner"].shape[1], int(size.max(initial=0)) + 1)
    for table in ("inner", "outer", "largest_loss"):  # a least size may ask for more agents than the contacts need
        rows[table] = _padded(list(rows[table]), wide)
    losses = [v for v in limits if isinstance(v, SurviveSiteLoss)]
    groups = last(MaxGroups, -1.0)
    return Problem(
        site_names=tuple(open_names), site_contracts=tuple(o.contract for o in b.options), commodity_names=names,
        hours=b.hours, demand=demand, demand_low=demand_low, exclusive=exclusive,
        must_open=np.array([any(v == ForceOpen(s) or _asks_for_agents(v, s) for v in limits) for s in open_names]),
        must_close=np.array([any(v == ForceClosed(s) for v in limits) for s in open_names]),
        min_sites=round(last(MinSites, 0)), max_sites=round(last(MaxSites, len(scenario.sites))),
        max_groups=None if groups < 0 else round(groups), min_group_size=size,
        max_share_at_site=last(MaxShareAtSite, 1.0), budget=last(Budget, math.inf),
        site_loss=SiteLoss(share=losses[-1].share, relocatable=losses[-1].relocatable, surge=losses[-1].surge)
        if losses
        else None,
        pooled=frozenset(o.site.name for o in b.options if _pooled(o.site, limits)),
        today=frozenset(scenario.existing.open_sites) if scenario.existing else frozenset(),
        max_change=round(last(MaxChange, -1.0)) if any(isinstance(v, MaxChange) for v in limits) else None,
        min_site_agents={v.site: v.agents for v in limits if isinstance(v, MinAgentsAtSite)},
        never_lost=frozenset(s.name for s in scenario.sites if s.kind == "home"),
        answered_low=np.array([1.0 - b.largest_abandonment(b.types[kind]) for _, kind in names]),
        **_escalation_arrays(b, names), **rows, **site_rows,
    )  # fmt: skip


def _pooled(site: Site, limits: Sequence[Limit]) -> bool:
    """Whether a labour pool is what keeps the agents of a site few."""
    pools = [v.agents for v in limits if isinstance(v, LabourPool) and v.site == site.name]
    pools += [site.labour_pool] if site.labour_pool is not None else []
    return bool(pools) and (site.seats is None or min(pools) < site.seats)


def _asks_for_agents(limit: Limit, site: str) -> bool:
    return isinstance(limit, MinAgentsAtSite) and limit.site == site and limit.agents > 0


def _escalation_arrays(b: _Builder, names: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Own demand and the escalations between commodities."""
    own = own_demand(b.scenario)
    at = {name: c for c, name in enumerate(names)}
    zero = (0.0,) * len(b.hours)
    found = [
        (c, at[region, e.to_type], e.share) for (region, kind), c in at.items() for e in b.scenario.escalations
        if e.from_type == kind and (region, e.to_type) in at
    ]  # fmt: skip
    return {
        "own_demand": np.array([own.get(n, zero) for n in names], dtype=float).reshape(-1, len(b.hours)),
        "escalation_from": np.array([f[0] for f in found], dtype=np.int64),
        "escalation_to": np.array([f[1] for f in found], dtype=np.int64),
        "escalation_share": np.array([f[2] for f in found], dtype=float),
    }  # fmt: skip


def _site_arrays(b: _Builder) -> dict[str, Any]:
    """Costs and sizes of the site options."""
    s = b.scenario
    existing = set(s.existing.open_sites) if s.existing else set()
    years = s.horizon.years
    seat, fixed, seats, contracts = [], [], [], []
    for o in b.options:
        t = o.tariff
        exact = t is not None and (t.tiers or t.minimum > 0.0)
        price = _lowest_price(t)
        market = Tariff(per="seat", tiers=o.site.labour_market) if t is None and o.site.labour_market else None
        price = _lowest_price(market) if market else price
        by_seat = market is not None or (t is not None and t.per in ("seat", "licence"))
        seat.append(o.site.seat_cost_per_year + (price if by_seat else 0.0))
        one_off = -o.site.closing_cost if o.site.name in existing else o.site.opening_cost
        fixed.append(o.site.fixed_cost_per_year + one_off / years)
        caps = [c for c in (o.site.seats, o.site.labour_pool) if c is not None]
        caps += [v.agents for v in b.limits if isinstance(v, LabourPool) and v.site == o.site.name]
        seats.append(min(caps) if caps else -1)
        contracts.append(market or (t if exact else None))
    available = [[o.site.periods is None or p.name in o.site.periods for p in s.periods] for o in b.options]
    base = sum(site.closing_cost for site in s.sites if site.name in existing) / years + _constants(b)
    return {
        "seat_cost": np.array(seat), "site_cost": np.array(fixed), "base_cost": base,
        "seats": np.array(seats, dtype=np.int64), "overhead": tuple(o.site.overhead for o in b.options),
        "contracts": tuple(contracts), "available": np.array(available),
    }  # fmt: skip


def _constants(b: _Builder) -> float:
    """Yearly money that no design escapes: charges, the least lines, less all that contacts could bring."""
    s, (names, high, low) = b.scenario, b.commodities()
    talk: dict[str, Floats] = {}
    best = {w.contact_type: w.value_per_contact for w in s.worth}
    brought = 0.0
    for c, (_, kind) in enumerate(names):
        brought += best.get(kind, 0.0) * float(high[c] @ b.hours)
        fastest = min((k.aht_factor for k in s.skill_sets if kind in k.contact_types), default=0.0)
        answered = 1.0 - b.largest_abandonment(b.types[kind])
        load = low[c] * answered * connected_s(b.types[kind], fastest) / 3600.0
        talk[kind] = talk.get(kind, np.zeros(len(b.hours))) + load
    lines = least_trunks(s, talk) if s.trunks else {}
    rented = sum(t.rental_per_year * lines[t.name] for t in s.trunks)
    return sum(c.amount_per_year for c in s.charges) + rented - brought


def _lowest_price(tariff: Tariff | None) -> float:
    if tariff is None:
        return 0.0
    return min((t.price for t in tariff.tiers), default=tariff.price or 0.0)


def _groups_and_arcs(b: _Builder, names: tuple[tuple[str, str], ...], demand: Floats) -> dict[str, Any]:
    """Groups with their tables and costs, and arcs from commodities to groups."""
    group_names: list[tuple[str, str]] = []
    group_site: list[int] = []
    arcs: list[tuple[int, int, float, Floats]] = []
    agent_cost: list[Floats] = []
    tables: list[Table] = []
    cache: dict[tuple[str, ...], Table] = {}
    kinds: list[int] = []
    losses: list[Floats] = []
    for i, o in enumerate(b.options):
        for skill in b.scenario.skill_sets:
            if o.site.skill_sets is not None and skill.name not in o.site.skill_sets:
                continue
            mine = [
                c for c, (region, kind) in enumerate(names)
                if kind in skill.contact_types and _allowed(b, region, o.site.name)
            ]  # fmt: skip
            if not mine:
                continue
            served = sorted({names[c][1] for c in mine}, key=skill.contact_types.index)
            work = {k: b.types[k].aht_s * skill.aht_factor / 3600.0 for k in served}
            load = sum(demand[c] * work[names[c][1]] for c in mine)
            peak = sum(np.max(np.asarray(demand[c]) * work[names[c][1]]) for c in mine)
            g = len(group_names)
            tables.append(b.table(skill, served, max(peak, float(np.max(load))), cache))
            losses.append(b.losses(skill, served, tables[-1]))
            group_names.append((o.site.name, skill.name))
            group_site.append(i)
            agent_cost.append(_agent_cost(o, skill) * b.hours)
            arcs += [(c, g, work[names[c][1]], _arc_cost(b, o, names[c], work[names[c][1]])) for c in mine]
            kinds += [served.index(names[c][1]) for c in mine]
    most = max(len(t.inner) for t in tables) if tables else 1
    periods = len(b.hours)
    return {
        "group_names": tuple(group_names), "group_site": np.array(group_site, dtype=np.int64),
        "agent_cost": np.array(agent_cost).reshape(-1, periods),
        "inner": _padded([t.inner for t in tables], most), "outer": _padded([t.outer for t in tables], most),
        "largest_loss": _padded(losses, most), "modes": tuple(t.modes for t in tables), "arc_type": np.array(kinds, dtype=np.int64),
        "arc_commodity": np.array([a[0] for a in arcs], dtype=np.int64),
        "arc_group": np.array([a[1] for a in arcs], dtype=np.int64),
        "arc_work": np.array([a[2] for a in arcs], dtype=float),
        "arc_cost": np.array([a[3] for a in arcs]).reshape(-1, periods),
        "arc_most": np.array([demand[a[0]] for a in arcs], dtype=float).reshape(-1, periods),
    }  # fmt: skip


def _padded(tables: list[Floats], most: int) -> Floats:
    """Tables as rows of one array; beyond its own end a table stays constant (more agents certify no less)."""
    return np.array([np.concatenate((t, np.full(most - len(t), t[-1]))) for t in tables]).reshape(-1, most)


def _allowed(b: _Builder, region: str, site: str) -> bool:
    link = b.links.get((region, site))
    return link is None or link.allowed


def _agent_cost(o: _Option, skill: SkillSet) -> float:
    if o.tariff is None:
        return o.site.wage_per_hour / (1.0 - o.site.shrinkage) * skill.wage_factor
    return _lowest_price(o.tariff) if o.tariff.per == "agent_hour" else 0.0


def _arc_cost(b: _Builder, o: _Option, commodity: tuple[str, str], work: float) -> Floats:
    """Telecom on offered contacts; contract price on the contacts that are answered at least."""
    region, kind = commodity
    link = b.links.get((region, o.site.name))
    per_contact = link.cost_per_contact if link else 0.0
    if o.tariff is not None and o.tariff.per in ("contact", "minute"):
        units = 1.0 if o.tariff.per == "contact" else work * 60.0
        per_contact += _lowest_price(o.tariff) * units * (1.0 - b.largest_abandonment(b.types[kind]))
    if o.site.pay_per_contact or kind in b.toll:  # callers talk at least as long as the answered ones do
        talk = work * 3600.0 * connected_s(b.types[kind], 1.0) / b.types[kind].aht_s
        paid = o.site.pay_per_contact + b.toll.get(kind, 0.0) * talk / 60.0
        per_contact += paid * (1.0 - b.largest_abandonment(b.types[kind]))
    return per_contact * b.hours


def seats_or_enough(problem: Problem) -> Ints:
    """Seats of each option, with a safe finite number where they are unlimited."""
    most = problem.inner.shape[1] - 1
    groups = np.bincount(problem.group_site, minlength=len(problem.site_names))
    return np.where(problem.seats < 0, groups * most, problem.seats)
