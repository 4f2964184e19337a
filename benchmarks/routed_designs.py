"""Fourteen routed designs and twelve settings on which ways to judge a network are compared.

Contacts of equal mean handle time (240 s, unless the design says otherwise), service within 20 s (a twelfth of it),
exponential patience of half or twice the handle time, offered load of 0.85, 0.95 or 1.05 of the agents, and pools of
their base size or four times that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations, product

import numpy as np

from ccopt.design import AgentGroup, Design, Route
from ccopt.scenario.entities import Scenario

AHT_S, AWT_S = 240.0, 20.0
LOADS, PATIENCES, SIZES = (0.85, 0.95, 1.05), (0.5, 2.0), (1, 4)


@dataclass(frozen=True)
class Layout:
    """Relative demand per type, agents and skills per group, ranks of groups per type (first = own group)."""

    name: str
    demand: tuple[float, ...]
    agents: tuple[int, ...]
    ranks: tuple[tuple[int, ...], ...]
    aht: tuple[float, ...] = ()
    priority: tuple[int, ...] = field(default=())

    def skills(self, group: int) -> list[int]:
        """Types that a group serves."""
        return [c for c, row in enumerate(self.ranks) if group in row]


@dataclass(frozen=True)
class Setting:
    """Offered load over agents, patience over handle time, factor on the pools."""

    load: float
    patience: float
    size: int


def settings() -> Iterator[Setting]:
    for load, patience, size in product(LOADS, PATIENCES, SIZES):
        yield Setting(load, patience, size)


def layouts() -> list[Layout]:
    return [
        Layout("V priority", (1, 1, 1), (24,), ((0,), (0,), (0,)), priority=(1, 2, 3)),
        Layout("dedicated", (1, 1.5, 0.7), (10, 15, 8), ((0,), (1,), (2,))),
        Layout("N", (1.3, 0.7), (12, 14), ((0, 1), (1,)), priority=(2, 1)),
        Layout("N unequal handle times", (1.3, 0.7), (12, 14), ((0, 1), (1,)), aht=(0.6, 1.8), priority=(2, 1)),
        Layout("W balanced", (1, 1, 1), (15, 15), ((0,), (0, 1), (1,))),
        Layout("W unbalanced", (1.4, 0.6, 0.6), (13, 15), ((0,), (0, 1), (1,))),
        Layout("X own first", (1, 1), (14, 14), ((0, 1), (1, 0))),
        Layout("4-chain", (1, 1, 1, 1), (10,) * 4, tuple((i, (i + 1) % 4) for i in range(4))),
        Layout("6-chain unbalanced", (1.4, 0.7, 1.2, 0.8, 1.1, 0.8), (10,) * 6,
               tuple((i, (i + 1) % 6) for i in range(6))),
        Layout("full flexibility", (1, 1, 1, 0.5, 0.5, 2), (30,), ((0,),) * 6),
        _two_skills(),
        _four_sites(),
        _random(20, 30),
        Layout("specialists and backup", (1, 1.2, 0.8, 1, 1), (9, 9, 9, 9, 9, 8),
               tuple((i, 5) for i in range(5))),
    ]  # fmt: skip


def _two_skills() -> Layout:
    """Six types, one group for each ordered pair (main, other skill)."""
    pairs = list(permutations(range(6), 2))
    ranks = tuple(
        tuple([g for g, p in enumerate(pairs) if p[0] == c] + [g for g, p in enumerate(pairs) if p[1] == c])
        for c in range(6)
    )
    return Layout("two skills per agent", (1,) * 6, (2,) * 30, ranks)


def _four_sites() -> Layout:
    """Four sites with three skills each; contacts overflow to the next site."""
    ranks = tuple((3 * s + k, 3 * ((s + 1) % 4) + k) for s in range(4) for k in range(3))
    return Layout("four sites, three skills", (1.2, 1, 0.8) * 2 + (1, 1, 1) * 2, (8,) * 12, ranks)


def _random(types: int, groups: int, seed: int = 11) -> Layout:
    """Random skills: every group serves one to four types, every type has a group of its own."""
    rng = np.random.default_rng(seed)
    can = np.zeros((types, groups), dtype=bool)
    can[np.arange(types), np.arange(types)] = True
    for g in range(groups):
        can[rng.choice(types, size=rng.integers(1, 4), replace=False), g] = True
    agents = tuple(int(n) for n in rng.integers(4, 12, groups))
    weight = np.array([sum(agents[g] / can[:, g].sum() for g in np.flatnonzero(can[c])) for c in range(types)])
    ranks = tuple(tuple(int(g) for g in rng.permutation(np.flatnonzero(can[c]))) for c in range(types))
    return Layout("random 20 x 30", tuple(float(x) for x in weight), agents, ranks)


def documents(layout: Layout, setting: Setting) -> tuple[Scenario, Design]:
    """Scenario and design of a layout in a setting: one region, one period, one site per group."""
    types = range(len(layout.demand))
    aht = [AHT_S * (layout.aht[c] if layout.aht else 1.0) for c in types]
    agents = [n * setting.size for n in layout.agents]
    weight = sum(w * h for w, h in zip(layout.demand, aht, strict=True))
    rate = 3600.0 * setting.load * sum(agents) / weight
    scenario = Scenario.model_validate({
        "schema_version": 1, "name": layout.name, "periods": [{"name": "hour", "hours_per_year": 1000.0}],
        "sites": [{"name": f"s{g}", "kind": "inhouse", "wage_per_hour": 20.0} for g in range(len(agents))],
        "contact_types": [
            {"name": f"c{c}", "talk_s": aht[c], "patience_s": AHT_S * setting.patience,
             "priority": layout.priority[c] if layout.priority else 1,
             "targets": [{"service_level": 0.8, "awt_s": AWT_S}]} for c in types],
        "skill_sets": [{"name": f"k{g}", "contact_types": [f"c{c}" for c in layout.skills(g)]}
                       for g in range(len(agents))],
        "demand": [{"region": "r", "contact_type": f"c{c}", "contacts_per_hour": float(rate * w)}
                   for c, w in enumerate(layout.demand)],
    })  # fmt: skip
    routes = [
        Route(region="r", contact_type=f"c{c}", site=f"s{g}", skill_set=f"k{g}", rank=i + 1, share=(1.0,),
              kind="primary" if i == 0 else "overflow")
        for c, row in enumerate(layout.ranks) for i, g in enumerate(row)
    ]  # fmt: skip
    design = Design(
        open_sites=tuple(f"s{g}" for g in range(len(agents))),
        groups=tuple(AgentGroup(site=f"s{g}", skill_set=f"k{g}", agents=(n,)) for g, n in enumerate(agents)),
        routes=tuple(routes), regime="overflow",
    )  # fmt: skip
    return scenario, design
