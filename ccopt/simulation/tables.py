"""A network as the arrays that the kernel reads; all faults of the network at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccopt.simulation.faults import faults_of
from ccopt.simulation.laws import Law
from ccopt.simulation.network import Group, Network, PerInterval, Queue, Source, Way

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CHOICES = ("most_idle", "longest_idle", "in_order")
ALWAYS, NEVER = 2**62, -1


class Tables(NamedTuple):
    """Arrays by source (``s_``), queue (``q_``), way (``w_``), its offer (``x_``), group (``g_``), self-service (``v_``), law, change.

    Compressed rows: entries of source i are ``s_start[i] .. s_start[i + 1]``, and so on. Where a number belongs to an
    interval it has a second axis of intervals.
    """

    edges_s: Floats
    s_rate: Floats
    s_busyness: Ints
    busyness: Floats
    s_start: Ints
    s_queue: Ints
    s_until: Floats
    s_trunk: Ints
    s_self: Ints
    s_again: Floats  # (S, 3): abandoned, blocked, delay
    trunks: Ints
    v_mean_s: Floats
    v_contained: Floats
    v_ports: Ints
    v_law: Ints
    q_priority: Ints
    q_patience_s: Floats
    q_patience_law: Ints
    q_service_law: Ints
    q_home: Ints
    q_endless: Ints
    q_source: Ints
    f_start: Ints
    f_source: Ints
    f_until: Floats
    f_delay_s: Floats
    f_factor: Floats
    x_share: Floats
    x_extra_s: Floats
    x_success: Floats
    x_threshold: Ints
    x_source: Ints
    x_group: Ints
    x_law: Ints
    w_start: Ints
    w_group: Ints
    w_rank: Ints
    w_pull: Ints
    w_after_s: Floats
    w_reserve: Ints
    w_open_s: Floats
    w_close_s: Floats
    w_handle_s: Floats
    g_start: Ints
    g_queue: Ints
    g_way: Ints
    g_agents: Ints
    g_levels: Ints
    g_factor: Floats
    g_most: Ints
    c_time: Floats
    c_group: Ints
    c_agents: Ints
    c_cut: NDArray[np.bool_]
    law_kind: Ints
    law_shape: Floats
    law_zero: Floats
    law_start: Ints
    law_values: Floats
    choice: int
    horizon_s: float


def _starts(sizes: Sequence[int]) -> Ints:
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _floats(values: Sequence[float] | Sequence[Sequence[float]]) -> Floats:
    return np.array(values, dtype=np.float64)


def per_interval(value: PerInterval, intervals: int) -> list[float]:
    """One number per interval."""
    return [float(x) for x in value] if isinstance(value, tuple) else [float(value)] * intervals


class _Laws:
    """Distinct laws in order of first use."""

    def __init__(self) -> None:
        self.rows: dict[Law, int] = {}

    def of(self, law: Law) -> int:
        return self.rows.setdefault(law, len(self.rows))

    def arrays(self) -> tuple[Ints, Floats, Floats, Ints, Floats]:
        codes = [law.code() for law in self.rows]
        values = [np.array(law.values) / np.mean(law.values) if law.values else np.zeros(0) for law in self.rows]
        flat = np.concatenate(values) if values else np.zeros(0)
        return (
            _ints([c for c, _ in codes]), _floats([s for _, s in codes]), _floats([law.zero_share for law in self.rows]),
            _starts([v.size for v in values]), np.ascontiguousarray(flat, dtype=np.float64),
        )  # fmt: skip


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
    laws = _Laws()
    names = {
        "s": [s.name for s in network.sources], "q": [q.name for q in network.queues], "t": [n for n, _ in network.trunks],
        "g": [g.name for g in network.groups], "v": [v.name for v in network.self_services],
    }  # fmt: skip
    at = {kind: {name: i for i, name in enumerate(row)} for kind, row in names.items()}
    intervals = len(network.edges_s) - 1
    parts: dict[str, object] = {
        "edges_s": _floats(network.edges_s), "busyness": _floats(network.busyness),
        "trunks": _ints([n for _, n in network.trunks]), "choice": CHOICES.index(network.group_choice),
        "horizon_s": float(network.edges_s[-1]),
    }  # fmt: skip
    parts |= _sources(network.sources, at, intervals)
    parts |= _queues(network, at, laws, intervals)
    parts |= _ways(network, at["g"], intervals)
    parts |= _offers(network, at, laws)
    parts |= _groups(network.groups, network, at["g"])
    parts |= {
        "v_mean_s": _floats([v.mean_s for v in network.self_services]),
        "v_contained": _floats([v.contained for v in network.self_services]),
        "v_ports": _ints([ALWAYS if v.ports is None else v.ports for v in network.self_services]),
        "v_law": _ints([laws.of(v.law) for v in network.self_services]),
    }
    kind, shape, zero, start, values = laws.arrays()
    parts |= {"law_kind": kind, "law_shape": shape, "law_zero": zero, "law_start": start, "law_values": values}
    return Tables(**parts)  # type: ignore[arg-type]


def _sources(sources: Sequence[Source], at: dict[str, dict[str, int]], intervals: int) -> dict[str, object]:
    until = [np.cumsum([share for _, share in s.queues]) for s in sources]
    for row in until:
        row[-1] = 1.0
    again = [(s.redial.abandoned, s.redial.blocked, s.redial.delay_s) if s.redial else (0.0, 0.0, 0.0) for s in sources]
    return {
        "s_rate": _floats([per_interval(s.contacts_per_hour, intervals) for s in sources]).reshape(-1, intervals) / 3600.0,
        "s_busyness": _ints([-1 if s.busyness is None else s.busyness for s in sources]),
        "s_start": _starts([len(s.queues) for s in sources]),
        "s_queue": _ints([at["q"][name] for s in sources for name, _ in s.queues]),
        "s_until": np.concatenate(until),
        "s_trunk": _ints([-1 if s.trunk is None else at["t"][s.trunk] for s in sources]),
        "s_self": _ints([-1 if s.self_service is None else at["v"][s.self_service] for s in sources]),
        "s_again": _floats(again).reshape(-1, 3),
    }  # fmt: skip


def _queues(network: Network, at: dict[str, dict[str, int]], laws: _Laws, intervals: int) -> dict[str, object]:
    queues = network.queues
    home = [at["g"][ordered_ways(q)[0].group] for q in queues]
    source = [next((i for i, s in enumerate(network.sources) if q.name in dict(s.queues)), -1) for q in queues]
    until = [np.minimum(np.cumsum([f.share for f in q.follows]), 1.0) for q in queues]
    return {
        "q_priority": _ints([q.priority for q in queues]),
        "q_patience_s": _floats([per_interval(q.patience_s, intervals) for q in queues]),
        "q_patience_law": _ints([laws.of(q.patience_law) for q in queues]),
        "q_service_law": _ints([laws.of(q.service_law) for q in queues]),
        "q_home": _ints(home),
        "q_endless": _ints([0 if q.endless is None else ALWAYS if q.endless < 0 else q.endless for q in queues]),
        "q_source": _ints(source),
        "f_start": _starts([len(q.follows) for q in queues]),
        "f_source": _ints([at["s"][f.source] for q in queues for f in q.follows]),
        "f_until": np.concatenate([*until, np.zeros(0)]),
        "f_delay_s": _floats([f.delay_s for q in queues for f in q.follows]),
        "f_factor": _floats([f.handle_factor for q in queues for f in q.follows]),
    }


def _ways(network: Network, at: dict[str, int], intervals: int) -> dict[str, object]:
    rows = [(i, w) for i, q in enumerate(network.queues) for w in ordered_ways(q)]
    by_group = sorted((at[w.group], i, k) for k, (i, w) in enumerate(rows))
    endless = [q.endless is not None for q in network.queues]
    horizon = network.edges_s[-1]
    return {
        "w_start": _starts([len(q.ways) for q in network.queues]),
        "w_group": _ints([at[w.group] for _, w in rows]),
        "w_rank": _ints([w.rank for _, w in rows]),
        "w_pull": _ints([w.pull for _, w in rows]),
        "w_after_s": _floats([w.after_s for _, w in rows]),
        "w_reserve": _ints([w.reserve for _, w in rows]),
        "w_open_s": _floats([w.open_s for _, w in rows]),
        "w_close_s": _floats([min(w.close_s, horizon) if endless[i] else w.close_s for i, w in rows]),
        "w_handle_s": _floats([per_interval(w.handle_s, intervals) for _, w in rows]),
        "g_start": _starts(np.bincount([g for g, _, _ in by_group], minlength=len(network.groups)).tolist()),
        "g_queue": _ints([i for _, i, _ in by_group]),
        "g_way": _ints([k for _, _, k in by_group]),
    }


def _offers(network: Network, at: dict[str, dict[str, int]], laws: _Laws) -> dict[str, object]:
    ways = [w for q in network.queues for w in ordered_ways(q)]
    offers = [w.offer for w in ways]
    groups = [at["g"][w.group] for w in ways]
    home = [at["g"][ordered_ways(q)[0].group] for q in network.queues]
    first = [home[at["q"][s.queues[0][0]]] for s in network.sources]
    to = [-1 if o is None or o.to is None else at["s"][o.to] for o in offers]
    return {
        "x_share": _floats([0.0 if o is None else o.share for o in offers]),
        "x_extra_s": _floats([0.0 if o is None else o.extra_s for o in offers]),
        "x_success": _floats([0.0 if o is None else o.success for o in offers]),
        "x_threshold": _ints([NEVER if o is None else ALWAYS if o.threshold is None else o.threshold for o in offers]),
        "x_source": _ints(to),
        "x_group": _ints([h if s < 0 else first[s] for h, s in zip(groups, to, strict=True)]),
        "x_law": _ints([laws.of(o.law if o else Law()) for o in offers]),
    }


def _groups(groups: Sequence[Group], network: Network, at: dict[str, int]) -> dict[str, object]:
    start, most, changes = [], [], []
    for i, g in enumerate(groups):
        levels = g.agents if isinstance(g.agents, tuple) else (g.agents,)
        start.append(levels[0])
        changes += [(network.edges_s[k], i, n, False) for k, n in enumerate(levels) if k and n != levels[k - 1]]
        most.append(max(*levels, *(c.agents for c in network.changes if c.group == g.name), 0))
    changes += [(c.at_s, at[c.group], c.agents, c.cut) for c in network.changes]
    changes.sort(key=lambda c: c[:2])
    width = max((len(g.level_factor) for g in groups), default=1)
    factor = [[*g.level_factor, *[math.inf] * (width - len(g.level_factor))] for g in groups]
    return {
        "g_agents": _ints(start), "g_levels": _ints([len(g.level_factor) for g in groups]),
        "g_factor": _floats(factor).reshape(-1, width), "g_most": _ints(most),
        "c_time": _floats([c[0] for c in changes]), "c_group": _ints([c[1] for c in changes]),
        "c_agents": _ints([c[2] for c in changes]), "c_cut": np.array([c[3] for c in changes], dtype=np.bool_),
    }  # fmt: skip
