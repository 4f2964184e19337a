"""Contacts that designs serve and that every design serves: own demand, escalation, and what may be lost."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ccopt.optimisation.problem import Floats
from ccopt.queueing import ErlangA
from ccopt.routing.checks import own_demand
from ccopt.scenario.entities import ContactType, Scenario, SkillSet
from ccopt.staffing.group_types import TypeInGroup, type_in_group
from ccopt.staffing.tables import Table, staffing_table


def types_in_group(scenario: Scenario, skill_set: SkillSet, served: Sequence[str]) -> list[TypeInGroup]:
    """The contact types of a group as its queue sees them."""
    by_name = {c.name: c for c in scenario.contact_types}
    return [type_in_group(by_name[name], skill_set.aht_factor) for name in skill_set.contact_types if name in served]


def loss_by_promise(kind: ContactType) -> float:
    """Largest share that may abandon by the promises of a type alone, under any model of its group."""
    found = 1.0
    for entry in kind.targets:
        if entry.max_abandonment is not None:
            found = min(found, entry.max_abandonment)
        if entry.service_level is not None and (entry.basis or "offered") == "offered":
            found = min(found, 1.0 - entry.service_level)
    return found


def mixed_types(scenario: Scenario) -> set[str]:
    """Types that may share a group with one that is sold to and one that leaves: its judge has one patience for all."""
    sold = {x.contact_type for x in scenario.cross_selling}
    leaves = {c.name for c in scenario.contact_types if c.patience_s is not None}
    sets = [set(k.contact_types) for k in scenario.skill_sets]
    return set().union(*(names for names in sets if names & sold and names & leaves))


class Volumes:
    """Volumes of a scenario; what was computed once is kept."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.hours = np.array([p.hours_per_year for p in scenario.periods])
        self.types = {c.name: c for c in scenario.contact_types}
        self.sold = {x.contact_type for x in scenario.cross_selling}  # offers change who leaves: no edge of a table there
        self.mixed = mixed_types(scenario)
        self.known_losses: dict[tuple[str, ...], Floats] = {}
        self.known_largest: dict[str, float] = {}

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
        shape = (len(names), len(self.hours))  # of nobody too
        return names, np.array([high[k] for k in names]).reshape(shape), np.array([low[k] for k in names]).reshape(shape)

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
            stays = kind.patience_s is None and kind.name not in self.mixed
            self.known_largest[kind.name] = 0.0 if stays else self._largest_abandonment(kind)
        return self.known_largest[kind.name]

    def _largest_abandonment(self, kind: ContactType) -> float:
        found = loss_by_promise(kind)
        mine = [k for k in self.scenario.skill_sets if kind.name in k.contact_types]
        if not {kind.name} & (self.sold | self.mixed) and all(len(k.contact_types) == 1 for k in mine):
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
            if len(types) == 1 and not self.sold & {*names} and math.isfinite(types[0].patience_s):
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
