"""A network as the arrays that the kernel reads; all faults of the network at once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccopt.simulation import records as rec
from ccopt.simulation.faults import faults_of
from ccopt.simulation.laws import Law
from ccopt.simulation.network import Group, Network, PerInterval, Queue, Way

Floats = NDArray[np.float64]
Rows = NDArray[Any]
CHOICES = ("most_idle", "longest_idle", "in_order")
ALWAYS, NEVER = 2**62, -1


class Tables(NamedTuple):
    """A network of P intervals as rows (see `records`) and numbers.

    Attributes
    ----------
    edges_s
        (P + 1,) ends of the intervals.
    rates, busyness_of, busyness
        (S, P) contacts per second of a source; its common factor or -1; shapes of the factors.
    sources, shares
        A source's queues by cumulative share.
    queues, follows, patience_s
        What answered contacts become, by cumulative share; (Q, P) mean patience.
    ways, offers, handle_s
        By queue and rank; an offer for every way; (W, P) mean handle time.
    groups, served, level_factor
        Queues and ways by group; (G, levels) factor on the handle time by chats in hand.
    """

    edges_s: Floats
    rates: Floats
    busyness_of: NDArray[np.int64]
    busyness: Floats
    sources: Rows
    shares: Rows
    queues: Rows
    follows: Rows
    patience_s: Floats
    ways: Rows
    offers: Rows
    handle_s: Floats
    groups: Rows
    served: Rows
    level_factor: Floats
    trunks: NDArray[np.int64]
    self_services: Rows
    changes: Rows
    laws: Rows
    law_values: Floats
    choice: int
    horizon_s: float


def _floats(values: Iterable[float]) -> Floats:
    return np.array(list(values), dtype=np.float64)


def _rows(values: Iterable[tuple[float, ...]], dtype: np.dtype[Any]) -> Rows:
    return np.array(list(values), dtype=dtype)


def _spans(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """First and last (beyond) of consecutive parts."""
    ends = np.cumsum([0, *sizes]).tolist()
    return list(itertools.pairwise(ends))


def per_interval(value: PerInterval, intervals: int) -> list[float]:
    """One number per interval."""
    return [float(x) for x in value] if isinstance(value, tuple) else [float(value)] * intervals


def _intervals(values: Sequence[PerInterval], intervals: int) -> Floats:
    return np.array([per_interval(v, intervals) for v in values], dtype=np.float64).reshape(-1, intervals)


class _Laws:
    """Distinct laws in order of first use."""

    def __init__(self) -> None:
        self.rows: dict[Law, int] = {}

    def of(self, law: Law) -> int:
        return self.rows.setdefault(law, len(self.rows))

    def arrays(self) -> tuple[Rows, Floats]:
        values = [np.array(law.values) / np.mean(law.values) if law.values else np.zeros(0) for law in self.rows]
        spans = _spans([v.size for v in values])
        rows = _rows(((*law.code(), law.zero_share, *s) for law, s in zip(self.rows, spans, strict=True)), rec.LAW)
        return rows, np.concatenate([*values, np.zeros(0)])


class _Index:
    """Places of names."""

    def __init__(self, network: Network) -> None:
        self.source = {s.name: i for i, s in enumerate(network.sources)}
        self.queue = {q.name: i for i, q in enumerate(network.queues)}
        self.group = {g.name: i for i, g in enumerate(network.groups)}
        self.trunk = {name: i for i, (name, _) in enumerate(network.trunks)}
        self.self_service = {v.name: i for i, v in enumerate(network.self_services)}
        self.home = [self.group[ordered_ways(q)[0].group] for q in network.queues]


def ordered_ways(queue: Queue) -> list[Way]:
    """Ways by rank, in document order among equals."""
    return sorted(queue.ways, key=lambda w: w.rank)


def tables_of(network: Network) -> Tables:
    """Arrays of a network.

    Raises
    ------
    ValueError
        With every fault: unknown names, shares that do not sum, negative numbers, wrong lengths.
    """
    problems = faults_of(network)
    if problems:
        raise ValueError("; ".join(problems))
    laws, at, intervals = _Laws(), _Index(network), len(network.edges_s) - 1
    parts: dict[str, Any] = {
        "edges_s": _floats(network.edges_s), "busyness": _floats(network.busyness),
        "trunks": np.array([n for _, n in network.trunks], dtype=np.int64),
        "choice": CHOICES.index(network.group_choice), "horizon_s": float(network.edges_s[-1]),
    }  # fmt: skip
    parts |= _sources(network, at, intervals)
    parts |= _queues(network, at, laws, intervals)
    parts |= _ways(network, at, intervals)
    parts["offers"] = _offers(network, at, laws)
    parts |= _groups(network, at)
    parts["changes"] = _changes(network, at)
    parts["self_services"] = _rows(
        (
            (v.mean_s, v.contained, ALWAYS if v.ports is None else v.ports, at.self_service[v.ports_of or v.name], laws.of(v.law))
            for v in network.self_services
        ),
        rec.SELF_SERVICE,
    )
    parts["laws"], parts["law_values"] = laws.arrays()
    return Tables(**parts)


def _sources(network: Network, at: _Index, intervals: int) -> dict[str, Any]:
    rows, shares = [], []
    for s, (first, last) in zip(network.sources, _spans([len(s.queues) for s in network.sources]), strict=True):
        trunk = -1 if s.trunk is None else at.trunk[s.trunk]
        machine = -1 if s.self_service is None else at.self_service[s.self_service]
        again = (s.redial.abandoned, s.redial.blocked, s.redial.delay_s) if s.redial else (0.0, 0.0, 0.0)
        rows.append((first, last, trunk, machine, *again))
        until = np.cumsum([share for _, share in s.queues])
        until[-1] = 1.0
        shares += [(at.queue[name], u) for (name, _), u in zip(s.queues, until, strict=True)]
    return {
        "rates": _intervals([s.contacts_per_hour for s in network.sources], intervals) / 3600.0,
        "busyness_of": np.array([-1 if s.busyness is None else s.busyness for s in network.sources], dtype=np.int64),
        "sources": _rows(rows, rec.SOURCE), "shares": _rows(shares, rec.SHARE),
    }  # fmt: skip


def _queues(network: Network, at: _Index, laws: _Laws, intervals: int) -> dict[str, Any]:
    queues = network.queues
    rows, follows = [], []
    ways, next_ones = _spans([len(q.ways) for q in queues]), _spans([len(q.follows) for q in queues])
    for i, q in enumerate(queues):
        patience, service = laws.of(q.patience_law), laws.of(q.service_law)
        endless = 0 if q.endless is None else ALWAYS if q.endless < 0 else q.endless
        source = next((k for k, s in enumerate(network.sources) if q.name in dict(s.queues)), -1)
        rows.append((*ways[i], *next_ones[i], q.priority, patience, service, at.home[i], endless, source))
        until = np.minimum(np.cumsum([f.share for f in q.follows]), 1.0)
        follows += [
            (at.source[f.source], u, f.delay_s, f.handle_factor) for f, u in zip(q.follows, until, strict=True)
        ]
    return {
        "queues": _rows(rows, rec.QUEUE), "follows": _rows(follows, rec.FOLLOW),
        "patience_s": _intervals([q.patience_s for q in queues], intervals),
    }  # fmt: skip


def _ways(network: Network, at: _Index, intervals: int) -> dict[str, Any]:
    horizon = network.edges_s[-1]
    rows, handle = [], []
    for q in network.queues:
        for w in ordered_ways(q):
            close = min(w.close_s, horizon) if q.endless is not None else w.close_s
            rows.append((at.group[w.group], w.rank, w.pull, w.after_s, w.reserve, w.open_s, close))
            handle.append(w.handle_s)
    return {"ways": _rows(rows, rec.WAY), "handle_s": _intervals(handle, intervals)}


def _offers(network: Network, at: _Index, laws: _Laws) -> Rows:
    rows = []
    for q in network.queues:
        for w in ordered_ways(q):
            o, here = w.offer, at.group[w.group]
            if o is None:
                rows.append((0.0, 0.0, 0.0, NEVER, -1, here, laws.of(Law())))
                continue
            threshold = ALWAYS if o.threshold is None else o.threshold
            to = -1 if o.to is None else at.source[o.to]
            seller = here if to < 0 else at.home[at.queue[network.sources[to].queues[0][0]]]
            rows.append((o.share, o.extra_s, o.success, threshold, to, seller, laws.of(o.law)))
    return _rows(rows, rec.OFFER)


def _groups(network: Network, at: _Index) -> dict[str, Any]:
    groups = network.groups
    ways = [(i, w) for i, q in enumerate(network.queues) for w in ordered_ways(q)]
    served = sorted((at.group[w.group], i, k) for k, (i, w) in enumerate(ways))
    sizes = np.bincount([g for g, _, _ in served], minlength=len(groups)).tolist()
    rows = []
    for g, span in zip(groups, _spans(sizes), strict=True):
        levels = _agents(g)
        most = max(*levels, *(c.agents for c in network.changes if c.group == g.name), 0)
        rows.append((*span, levels[0], len(g.level_factor), most))
    width = max((len(g.level_factor) for g in groups), default=1)
    factor = [[*g.level_factor, *[math.inf] * (width - len(g.level_factor))] for g in groups]
    return {
        "groups": _rows(rows, rec.GROUP), "served": _rows(((q, w) for _, q, w in served), rec.SERVED),
        "level_factor": np.array(factor, dtype=np.float64).reshape(-1, width),
    }  # fmt: skip


def _agents(group: Group) -> tuple[int, ...]:
    return group.agents if isinstance(group.agents, tuple) else (group.agents,)


def _changes(network: Network, at: _Index) -> Rows:
    found: list[tuple[float, int, int, bool]] = []
    for i, g in enumerate(network.groups):
        levels = _agents(g)
        found += [(network.edges_s[k], i, n, False) for k, n in enumerate(levels) if k and n != levels[k - 1]]
    found += [(c.at_s, at.group[c.group], c.agents, c.cut) for c in network.changes]
    return _rows(sorted(found, key=lambda c: c[:2]), rec.CHANGE)
