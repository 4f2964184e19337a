"""Lines of a period: contacts that queue together because type, groups, ranks and what follows are the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design, Regime, Route
from ccopt.evaluation.group_results import handle_times
from ccopt.queueing.controlled.call_kernel import AT_ONCE_S, Lines
from ccopt.queueing.controlled.period_lines import PeriodLines
from ccopt.routing.checks import own_demand
from ccopt.routing.flows import Network
from ccopt.scenario.entities import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Way = tuple[int, int, float]  # group, rank, delay in seconds
Onward = tuple[tuple[int, float], ...]  # line, probability
Key = tuple[int, int, bool, tuple[Way, ...], Onward, bool]  # type, home, inner, ways, onward, rung back


@dataclass(slots=True)
class _Book:
    """Lines under construction."""

    scenario: Scenario
    network: Network
    period: int
    regime: Regime
    routes: dict[tuple[str, str, str], list[Route]]
    index: dict[Key, int] = field(default_factory=dict)
    outside: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    regions: dict[int, dict[str, float]] = field(default_factory=dict)
    level: dict[int, int] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    open_types: list[str] = field(default_factory=list)

    def enter(self, region: str, contact_type: str, kind: str) -> list[tuple[int, float]]:
        """Lines and shares of a region's contacts of a type; makes them, and those that follow, on first use."""
        if contact_type in self.open_types:
            msg = f"escalations of {contact_type!r} come back to it; a routed network needs chains that end"
            raise ValueError(msg)
        self.open_types.append(contact_type)
        onward = self._onward(region, contact_type)
        self.open_types.pop()
        c = self.network.contact_types.index(contact_type)
        back = self.scenario.contact_types[c].callback
        accept, ring = (back.accept, back.ring_back_s) if back else (0.0, 0.0)
        found = []
        for home, share, ways in self._ways(region, contact_type, kind):
            rung = (*((g, rank, max(d, AT_ONCE_S)) for g, rank, d in ways), *(w for w in ways if w[2] < AT_ONCE_S))
            for part, mine, called in ((1.0 - accept, ways, False), (accept, rung if ring else ways, True)):
                if part > 0.0:
                    key = (c, home, kind == "escalation", mine, onward, called)
                    found.append((self._line(key), part * share))
        return found

    def _onward(self, region: str, contact_type: str) -> Onward:
        found: dict[int, float] = defaultdict(float)
        for e in self.scenario.escalations:
            if e.from_type == contact_type and e.share > 0:
                for line, share in self.enter(region, e.to_type, "escalation"):
                    found[line] += e.share * share
        return tuple(sorted(found.items()))

    def _ways(self, region: str, contact_type: str, kind: str) -> list[tuple[int, float, tuple[Way, ...]]]:
        """(home group, share, ways) of each line under the regime."""
        t = self.period
        first = [r for r in self.routes.get((region, contact_type, kind), []) if r.share[t] > 0]
        more = [r for r in self.routes.get((region, contact_type, "overflow"), []) if r.share[t] > 0]
        at = {name: i for i, name in enumerate(self.network.groups)}
        group = [at[r.site, r.skill_set] for r in (*first, *more)]
        if self.regime == "virtual":
            ranks: dict[int, int] = {}
            for g, r in zip(group, (*first, *more), strict=True):
                ranks[g] = min(r.rank, ranks.get(g, r.rank))
            ways = tuple(sorted(((g, rank, 0.0) for g, rank in ranks.items()), key=lambda w: (w[1], w[0])))
            return [(ways[0][0] if len(ways) == 1 else -1, 1.0, ways)]
        rows = []
        for r, home in zip(first, group, strict=False):
            ways_of = {home: (home, 0, 0.0)}
            for g, other in zip(group[len(first) :], more, strict=True):
                if self.regime == "overflow" and g not in ways_of:
                    ways_of[g] = (g, other.rank, other.after_s or 0.0)
            rows.append((home, r.share[t], tuple(sorted(ways_of.values(), key=lambda w: (w[1], w[0])))))
        return rows

    def _line(self, key: Key) -> int:
        if key not in self.index:
            line = self.index[key] = len(self.index)
            self.keys.append(key)
            self.regions[line] = defaultdict(float)
            self.level[line] = 1 + max((self.level[n] for n, _ in key[4]), default=-1)
        return self.index[key]

    def spread(self, region: str, line: int, rate: float) -> None:
        """Add a region's contacts to a line and to all that follow."""
        self.regions[line][region] += rate
        for after, share in self.keys[line][4]:
            self.spread(region, after, rate * share)


def build_lines(scenario: Scenario, design: Design, network: Network, period: int) -> PeriodLines:
    """Lines of a checked design in a period.

    Under ``split`` a contact can use its group only; under ``overflow`` its group first, then the overflow routes by
    rank, at once or after their delay, and free agents take contacts of their own queue before those of others; under
    ``virtual`` all its routes, by rank, from one queue in the order of arrival.

    Raises
    ------
    ValueError
        Escalations that come back to their own contact type.
    """
    routes: dict[tuple[str, str, str], list[Route]] = defaultdict(list)
    for r in design.routes:
        routes[r.region, r.contact_type, r.kind].append(r)
    book = _Book(scenario, network, period, design.regime, dict(routes))
    entries = []
    for (region, contact_type), row in own_demand(scenario).items():
        if row[period] > 0:
            entries += [(region, line, row[period] * s) for line, s in book.enter(region, contact_type, "primary")]
    for region, line, rate in entries:
        book.outside[line] += rate
        book.spread(region, line, rate)
    keys = book.keys
    return PeriodLines(
        arrays=_arrays(scenario, network, keys, own_first=design.regime != "virtual"),
        contact_type=np.array([k[0] for k in keys], dtype=np.int64),
        home=np.array([k[1] for k in keys], dtype=np.int64),
        outside=np.array([book.outside[i] for i in range(len(keys))]),
        regions=tuple(dict(book.regions[i]) for i in range(len(keys))),
        inner=np.array([k[2] for k in keys], dtype=bool),
        depth=max(book.level.values(), default=0),
    )


def _arrays(
    scenario: Scenario, network: Network, keys: list[Key], *, own_first: bool
) -> Lines:
    aht_s = handle_times(scenario, network)
    ways = [(line, w) for line, k in enumerate(keys) for w in k[3]]
    onward = [(line, to, p) for line, k in enumerate(keys) for to, p in k[4]]
    by_group = sorted((w[0], line, r) for r, (line, w) in enumerate(ways))

    def starts(owners: list[int], size: int) -> Ints:
        return np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=size))]).astype(np.int64)

    def ints(values: list[int]) -> Ints:
        return np.array(values, dtype=np.int64)

    until: list[float] = []
    for i, (line, _, p) in enumerate(onward):
        until.append(p + (until[-1] if i and onward[i - 1][0] == line else 0.0))
    return Lines(
        priority=ints([scenario.contact_types[k[0]].priority for k in keys]),
        patience_s=np.array([np.inf if k[5] else scenario.contact_types[k[0]].patience_s or np.inf for k in keys]),
        route_start=starts([line for line, _ in ways], len(keys)), route_group=ints([w[0] for _, w in ways]),
        route_rank=ints([w[1] for _, w in ways]),
        route_pull=ints([int(own_first and w[0] != keys[line][1]) for line, w in ways]),
        route_after_s=np.array([w[2] for _, w in ways], dtype=float),
        route_aht_s=np.array([aht_s[w[0], keys[line][0]] + _ringing_s(scenario, keys[line], w) for line, w in ways]),
        group_start=starts([g for g, _, _ in by_group], len(network.groups)),
        group_line=ints([line for _, line, _ in by_group]), group_route=ints([r for _, _, r in by_group]),
        onward_start=starts([line for line, _, _ in onward], len(keys)),
        onward_line=ints([to for _, to, _ in onward]), onward_until=np.array(until, dtype=float),
    )  # fmt: skip


def _ringing_s(scenario: Scenario, key: Key, way: Way) -> float:
    """Seconds of ringing back on a way that only contacts who had to wait take."""
    back = scenario.contact_types[key[0]].callback
    return back.ring_back_s if back is not None and key[5] and way[2] >= AT_ONCE_S else 0.0
