"""(E11) for many contact types: the contacts that remain after a loss, routed from types to skills.

A row for each of 2^k subsets of the kinds of load is too much beyond six kinds. By the theorem of max flow and min cut (Ford and
Fulkerson 1956) all of them hold exactly where the load of the types flows to the agents who can serve them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import networkx as nx
import numpy as np
import pyomo.environ as pyo
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from ccopt.optimisation.loss_rows import TOLERANCE, LossRows, skills_of
from ccopt.optimisation.problem import Floats, Ints, Problem

UNITS = 5e8
Skills = frozenset[str]
Case = tuple[str, Floats, dict[str, Floats]]


def losses(p: Problem, rows: LossRows) -> Iterator[Case]:
    """Each loss: the site, the weights (G,) of the agents that remain, and the erlangs (T,) of every kind of load (`LossRows`)."""
    rule = p.site_loss
    if rule is None:
        return
    site_of = np.array([site for site, _ in p.group_names])
    need = {kinds[0]: rows.need[r] for r, kinds in enumerate(rows.kinds) if len(kinds) == 1}
    for lost in rows.sites:
        yield lost, np.where(site_of == lost, rule.relocatable, rule.surge) / p.slowness, need


def loss_flow_rows(m: Any, p: Problem, rows: LossRows) -> None:
    """The load of every type after every loss flows to skills, and skills take no more than their agents."""
    can = skills_of(p)
    cases = list(losses(p, rows))
    arcs = [
        (i, kind, k, t)
        for i, (_, _, need) in enumerate(cases) for kind in need
        for k, skills in enumerate(sorted(set(can), key=sorted)) if kind in skills
        for t in range(len(p.hours))
    ]  # fmt: skip
    m.after_loss = pyo.Var(arcs, domain=pyo.NonNegativeReals)
    by_kind: dict[tuple[int, str, int], list[Any]] = {}
    by_skill: dict[tuple[int, int, int], list[Any]] = {}
    for i, kind, k, t in arcs:
        by_kind.setdefault((i, kind, t), []).append(m.after_loss[i, kind, k, t])
        by_skill.setdefault((i, k, t), []).append(m.after_loss[i, kind, k, t])
    order = sorted(set(can), key=sorted)

    def carried(m: Any, i: int, kind: str, t: int) -> Any:
        return pyo.quicksum(by_kind[i, kind, t]) >= float(cases[i][2][kind][t])

    def room(m: Any, i: int, k: int, t: int) -> Any:
        able = [g for g, skills in enumerate(can) if skills == order[k] and cases[i][1][g] > 0.0]
        return pyo.quicksum(by_skill[i, k, t]) <= pyo.quicksum(float(cases[i][1][g]) * m.n[g, t] for g in able)

    m.loss_carried = pyo.Constraint(list(by_kind), rule=carried)
    m.loss_room = pyo.Constraint(list(by_skill), rule=room)


def flow_size(p: Problem, rows: LossRows) -> int:
    """Variables that `loss_flow_rows` would add."""
    return len(rows.sites) * len(p.hours) * sum(len(skills) for skills in set(skills_of(p)))


def not_carried(p: Problem, rows: LossRows, present: Floats) -> list[str]:
    """Losses after which agents (G, T) do not carry the load, by a greatest flow for each loss and period, in words."""
    found = []
    for lost, periods in groupby(overloaded(p, rows, present), key=lambda x: x[0]):
        found.append(f"after the loss of {lost} the contacts are not carried in {len(list(periods))} periods")
    return found


def overloaded(p: Problem, rows: LossRows, present: Floats) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Site, period and contact types whose load is more than those who can serve them carry after the loss of the site.

    The types come from the least cut. Sites without agents are lost without loss and are looked at once.
    """
    can = skills_of(p)
    skills = sorted(set(can), key=sorted)
    of_group = np.array([skills.index(x) for x in can])
    seen: set[bytes] = set()
    for lost, weight, need in losses(p, rows):
        kinds = list(need)
        arcs = np.array([(i, k) for i, kind in enumerate(kinds) for k, mine in enumerate(skills) if kind in mine]).reshape(-1, 2)
        for t in range(len(p.hours)):
            room = np.bincount(of_group, weights=weight * present[:, t], minlength=len(skills)).astype(float)
            load = np.array([float(need[k][t]) for k in kinds])
            key = room.tobytes() + load.tobytes()
            if key in seen:
                continue
            cut = _cut(load, room, arcs)
            if not cut:
                seen.add(key)
            elif not _flows(dict(zip(kinds, load.tolist(), strict=True)), can, weight * present[:, t]):
                yield lost, t, tuple(sorted(kinds[i] for i in cut))


def _cut(load: Floats, room: Floats, arcs: Ints) -> list[int]:
    """Types on the side of the source of a least cut, empty where all the load flows.

    Whole numbers, loads rounded up and rooms down, so that "it flows" is sure and "it does not" may err by one part in 1e8.
    """
    scale = UNITS / max(float(load.sum()), float(room.sum()), 1e-12)
    ends = np.concatenate((np.ceil(load * scale), np.full(len(arcs), 2.0 * UNITS), np.floor(room * scale))).astype(np.int32)
    kinds, sink = len(load), 1 + len(load) + len(room)
    tail = np.concatenate((np.zeros(kinds, dtype=np.int64), 1 + arcs[:, 0], 1 + kinds + np.arange(len(room))))
    head = np.concatenate((1 + np.arange(kinds), 1 + kinds + arcs[:, 1], np.full(len(room), sink)))
    graph = sparse.csr_array((ends, (tail, head)), shape=(sink + 1, sink + 1))
    found = maximum_flow(graph, 0, sink)
    if found.flow_value >= int(ends[:kinds].sum()):
        return []
    residual: Any = sparse.csr_array(graph - found.flow)
    residual.eliminate_zeros()
    reached = breadth_first_order(residual, 0, return_predecessors=False)
    return [int(i) - 1 for i in reached if 0 < i <= kinds]


def _flows(need: dict[str, float], can: list[Skills], room: Floats) -> bool:
    graph: nx.DiGraph[Any] = nx.DiGraph()
    by_skill: dict[Skills, float] = {}
    for skills, free in zip(can, room.tolist(), strict=True):
        by_skill[skills] = by_skill.get(skills, 0.0) + free
    for kind, load in need.items():
        graph.add_edge("load", ("type", kind), capacity=load)
        for skills in by_skill:
            if kind in skills:
                graph.add_edge(("type", kind), skills)
    for skills, free in by_skill.items():
        graph.add_edge(skills, "agents", capacity=free)
    total = float(np.sum(list(need.values())))
    return total <= 0.0 or nx.maximum_flow_value(graph, "load", "agents") >= total * (1.0 - TOLERANCE) - 1e-9
