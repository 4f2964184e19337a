"""From scenario and design to the network of one period."""

from __future__ import annotations

import math

import numpy as np

from ccopt.design import Design, Route
from ccopt.routing.flows import network_arrays
from ccopt.scenario.entities import ContactType, Scenario
from ccopt.simulation.network import Network

DEFAULT_AWT_S = 20.0


def awt_of(contact_type: ContactType) -> float:
    """Acceptable wait of the first service-level target; a response time less the handle time; 20 s without either."""
    for entry in contact_type.targets:
        if entry.service_level is not None and entry.awt_s is not None:
            return entry.awt_s
    for entry in contact_type.targets:
        if entry.max_response_h is not None:
            return max(0.0, entry.max_response_h * 3600.0 - contact_type.aht_s)
    return DEFAULT_AWT_S


class Translator:
    """Networks of a design, period by period."""

    def __init__(self, scenario: Scenario, design: Design) -> None:
        self.scenario, self.design = scenario, design
        arrays = network_arrays(scenario, design)
        self.groups, self.regions, self.types = arrays.groups, arrays.regions, arrays.contact_types
        self.demand = arrays.demand
        self.escalation = arrays.escalation
        factor = {k.name: k.aht_factor for k in scenario.skill_sets}
        aht = np.array([c.aht_s for c in scenario.contact_types])
        self.handle = np.array([aht * factor[skill] for _, skill in self.groups]).reshape(-1, len(aht))
        self.patience = np.array([c.patience_s or math.inf for c in scenario.contact_types])
        self.priority = np.array([c.priority for c in scenario.contact_types], dtype=np.int64)
        self.awt = np.array([awt_of(c) for c in scenario.contact_types])
        at = {name: i for i, name in enumerate(self.groups)}
        self.routes: dict[tuple[str, str, str], list[tuple[Route, int]]] = {}
        for route in design.routes:
            key = (route.region, route.contact_type, route.kind)
            self.routes.setdefault(key, []).append((route, at[route.site, route.skill_set]))

    def network(self, period: int) -> Network:
        """The network of one period. Classes are (region, type) from outside, then escalated ones."""
        classes = [(r, c, kind) for kind in ("primary", "escalation") for r in self.regions for c in self.types]
        index = {key: i for i, key in enumerate(classes)}
        rate = np.zeros(len(classes))
        plans: list[list[int]] = []
        shares: list[float] = []
        start = [0]
        for key in classes:
            region, kind, route_kind = key
            own, cumulative = self._plans(key, period)
            plans += own
            shares += cumulative
            start.append(len(plans))
            if route_kind == "primary":
                rate[index[key]] = self.demand[self.regions.index(region), self.types.index(kind), period] / 3600.0
        width = max((len(p) for p in plans), default=1)
        onward = self._onward(classes, index)
        return Network(
            rate=rate, kind=np.array([self.types.index(c) for _, c, _ in classes], dtype=np.int64),
            plan_start=np.array(start, dtype=np.int64), plan_class_share=np.array(shares),
            plan_groups=np.array([p + [-1] * (width - len(p)) for p in plans], dtype=np.int64).reshape(-1, width),
            agents=np.array([g.agents[period] for g in self.design.groups], dtype=np.int64), handle_s=self.handle,
            patience_s=self.patience, priority=self.priority, next_class=onward[0], next_share=onward[1],
            awt_s=self.awt,
        )  # fmt: skip

    def _plans(self, key: tuple[str, str, str], period: int) -> tuple[list[list[int]], list[float]]:
        """Plans of a class and their cumulative shares."""
        region, kind, _ = key
        mine = [(r, g) for r, g in self.routes.get(key, []) if r.share[period] > 0.0]
        if not mine:
            return [], []
        overflow = sorted(self.routes.get((region, kind, "overflow"), []), key=lambda x: x[0].rank)
        if self.design.regime == "virtual":
            every = [g for _, g in sorted(mine, key=lambda x: -x[0].share[period])]
            return [every + [g for _, g in overflow if g not in every]], [1.0]
        total = sum(r.share[period] for r, _ in mine)
        cumulative = np.cumsum([r.share[period] / total for r, _ in mine])
        cumulative[-1] = 1.0
        further = [g for _, g in overflow] if self.design.regime == "overflow" else []
        return [[g, *(o for o in further if o != g)] for _, g in mine], cumulative.tolist()

    def _onward(
        self, classes: list[tuple[str, str, str]], index: dict[tuple[str, str, str], int]
    ) -> tuple[np.ndarray, np.ndarray]:
        width = max(1, int((self.escalation > 0.0).sum(axis=1).max(initial=0)))
        to = np.full((len(classes), width), -1, dtype=np.int64)
        share = np.zeros((len(classes), width))
        for i, (region, kind, _) in enumerate(classes):
            total = 0.0
            for j, c in enumerate(np.flatnonzero(self.escalation[self.types.index(kind)])):
                total += self.escalation[self.types.index(kind), c]
                to[i, j], share[i, j] = index[region, self.types[c], "escalation"], total
        return to, share

    def generations(self) -> int:
        """Longest chain of escalations plus one (a cycle is cut after as many steps as there are types)."""
        depth, reach = 1, self.escalation > 0.0
        now = np.ones(len(self.types), dtype=bool)
        for _ in self.types:
            now = np.asarray((now[:, None] & reach).any(axis=0), dtype=bool)
            if not now.any():
                break
            depth += 1
        return depth
