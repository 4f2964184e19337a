"""Groups with their staffing tables and costs, and arcs from commodities to groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ccopt.costs import connected_s
from ccopt.optimisation.problem import Floats
from ccopt.optimisation.site_options import Option, lowest_price
from ccopt.optimisation.volumes import Volumes, types_in_group
from ccopt.queueing import ErlangA, required_agents
from ccopt.scenario.entities import Scenario, SkillSet
from ccopt.staffing.group_types import TypeInGroup
from ccopt.staffing.tables import Table, staffing_table

SPARE_AGENTS = 2
TABLE_ROUNDS = 5
Name = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arc:
    commodity: int
    group: int
    work: float
    cost: Floats
    kind: int


@dataclass(slots=True)
class _Rows:
    """Rows of the groups and arcs, one entry each."""

    names: list[Name] = field(default_factory=list)
    site: list[int] = field(default_factory=list)
    agent_cost: list[Floats] = field(default_factory=list)
    slowness: list[float] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    losses: list[Floats] = field(default_factory=list)
    arcs: list[_Arc] = field(default_factory=list)


class _Tables:
    """Staffing tables by skill set and the contact types that it serves."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.known: dict[tuple[str, ...], Table] = {}

    def table(self, skill: SkillSet, names: Sequence[str], peak: float) -> Table:
        """Staffing table that reaches the peak load, or the most agents that the seats of any site allow."""
        key = (skill.name, *names)
        if key in self.known and self.known[key].inner[-1] >= peak:  # links may let another site reach more load
            return self.known[key]
        types = types_in_group(self.scenario, skill, names)
        most = math.ceil(max(_enough(t, peak) for t in types) * (1.1 if len(types) > 1 else 1.0)) + SPARE_AGENTS
        self.known[key] = staffing_table(types, most)
        for _ in range(TABLE_ROUNDS):  # mixes may need more agents than any type alone
            if self.known[key].inner[-1] >= peak:
                break
            most = math.ceil(1.3 * most)
            self.known[key] = staffing_table(types, most)
        return self.known[key]


def _enough(kind: TypeInGroup, load: float) -> int:
    """Agents that carry a load of one type alone."""
    if not kind.targets:
        return math.ceil(load) + 1
    model = ErlangA(contacts_per_hour=load * 3600.0 / kind.aht_s, aht_s=kind.aht_s, patience_s=kind.patience_s)
    return int(required_agents(model, list(kind.targets)))


def group_arrays(
    scenario: Scenario, options: Sequence[Option], volumes: Volumes, names: tuple[Name, ...], demand: Floats
) -> dict[str, Any]:
    """Arrays of `Problem` on groups and arcs."""
    money = _Money(scenario, volumes)
    tables = _Tables(scenario)
    rows = _Rows()
    for i, o in enumerate(options):
        for skill in scenario.skill_sets:
            if o.site.skill_sets is not None and skill.name not in o.site.skill_sets:
                continue
            mine = [
                c for c, (region, kind) in enumerate(names)
                if kind in skill.contact_types and money.allowed(region, o.site.name)
            ]  # fmt: skip
            if mine:
                rows.site.append(i)
                _add_group(rows, o, skill, (mine, names, demand), money=money, tables=tables)
    return _arrays(rows, demand)


def _add_group(
    rows: _Rows, o: Option, skill: SkillSet, contacts: tuple[list[int], tuple[Name, ...], Floats], *, money: _Money,
    tables: _Tables,
) -> None:  # fmt: skip
    """One group that may serve the commodities ``contacts[0]``, with its arcs."""
    mine, names, demand = contacts
    volumes = money.volumes
    served = sorted({names[c][1] for c in mine}, key=skill.contact_types.index)
    work = {k: volumes.types[k].aht_s * skill.aht_factor / 3600.0 for k in served}
    load = sum(demand[c] * work[names[c][1]] for c in mine)
    peak = sum(np.max(np.asarray(demand[c]) * work[names[c][1]]) for c in mine)
    table = tables.table(skill, served, max(peak, float(np.max(load))))
    rows.arcs += [
        _Arc(commodity=c, group=len(rows.names), work=work[names[c][1]], kind=served.index(names[c][1]),
             cost=money.of_contact(o, names[c], work[names[c][1]]))
        for c in mine
    ]  # fmt: skip
    rows.tables.append(table)
    rows.losses.append(volumes.losses(skill, served, table))
    rows.names.append((o.site.name, skill.name))
    rows.slowness.append(skill.aht_factor)
    rows.agent_cost.append(money.of_agent(o, skill) * volumes.hours)


def _arrays(rows: _Rows, demand: Floats) -> dict[str, Any]:
    most = max((len(t.inner) for t in rows.tables), default=1)
    periods = demand.shape[1]
    arcs = rows.arcs
    return {
        "group_names": tuple(rows.names), "group_site": np.array(rows.site, dtype=np.int64),
        "agent_cost": np.array(rows.agent_cost).reshape(-1, periods), "slowness": np.array(rows.slowness, dtype=float),
        "inner": padded([t.inner for t in rows.tables], most), "outer": padded([t.outer for t in rows.tables], most),
        "largest_loss": padded(rows.losses, most), "modes": tuple(t.modes for t in rows.tables),
        "arc_type": np.array([a.kind for a in arcs], dtype=np.int64),
        "arc_commodity": np.array([a.commodity for a in arcs], dtype=np.int64),
        "arc_group": np.array([a.group for a in arcs], dtype=np.int64),
        "arc_work": np.array([a.work for a in arcs], dtype=float),
        "arc_cost": np.array([a.cost for a in arcs]).reshape(-1, periods),
        "arc_most": np.array([demand[a.commodity] for a in arcs], dtype=float).reshape(-1, periods),
    }  # fmt: skip


def padded(tables: Sequence[Floats], most: int) -> Floats:
    """Tables as rows of one array; beyond its own end a table stays constant (more agents certify no less)."""
    return np.array([np.concatenate((t, np.full(most - len(t), t[-1]))) for t in tables]).reshape(-1, most)


class _Money:
    """Prices of agents and contacts."""

    def __init__(self, scenario: Scenario, volumes: Volumes) -> None:
        self.volumes = volumes
        self.links = {(k.region, k.site): k for k in scenario.links}
        self.toll = {w.contact_type: w.toll_free_per_minute for w in scenario.worth if w.toll_free_per_minute}

    def allowed(self, region: str, site: str) -> bool:
        """Whether contacts of the region may go to the site."""
        link = self.links.get((region, site))
        return link is None or link.allowed

    @staticmethod
    def of_agent(o: Option, skill: SkillSet) -> float:
        """Money per hour of an agent present."""
        if o.tariff is None:
            return o.site.wage_per_hour / (1.0 - o.site.shrinkage) * skill.wage_factor
        return lowest_price(o.tariff) if o.tariff.per == "agent_hour" else 0.0

    def of_contact(self, o: Option, commodity: Name, work: float) -> Floats:
        """Telecom on offered contacts; contract price on the contacts that are answered at least."""
        region, kind = commodity
        v = self.volumes
        link = self.links.get((region, o.site.name))
        per_contact = link.cost_per_contact if link else 0.0
        answered = 1.0 - v.largest_abandonment(v.types[kind])
        if o.tariff is not None and o.tariff.per in ("contact", "minute"):
            units = 1.0 if o.tariff.per == "contact" else work * 60.0
            per_contact += lowest_price(o.tariff) * units * answered
        if o.site.pay_per_contact or kind in self.toll:  # callers talk at least as long as the answered ones do
            talk = work * 3600.0 * connected_s(v.types[kind], 1.0) / v.types[kind].aht_s
            per_contact += (o.site.pay_per_contact + self.toll.get(kind, 0.0) * talk / 60.0) * answered
        return per_contact * v.hours
