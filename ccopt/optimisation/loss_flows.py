"""(E11) for many contact types: the contacts that remain after a loss, routed from types to skills.

A row for each of 2^k subsets of the types is too much beyond six types. By the theorem of max flow and min cut (Ford and
Fulkerson 1956) all of them hold exactly where the load of the types flows to the agents who can serve them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
import pyomo.environ as pyo

from ccopt.optimisation.loss_rows import TOLERANCE, LossRows
from ccopt.optimisation.problem import Floats, Problem

Skills = frozenset[str]
Case = tuple[str, Floats, dict[str, Floats]]


def skills_of(p: Problem) -> list[Skills]:
    """The contact types that each group can serve."""
    can: list[set[str]] = [set() for _ in p.group_names]
    for c, g in zip(p.arc_commodity, p.arc_group, strict=True):
        can[int(g)].add(p.commodity_names[int(c)][1])
    return [frozenset(x) for x in can]


def losses(rows: LossRows) -> Iterator[Case]:
    """Each loss: the site, the weights (G,) of the agents that remain, and the erlangs (T,) of every contact type."""
    for lost in dict.fromkeys(rows.lost):
        mine = [r for r, name in enumerate(rows.lost) if name == lost]
        need = {rows.kinds[r][0]: rows.need[r] for r in mine if len(rows.kinds[r]) == 1}
        yield lost, rows.weight[mine].max(axis=0), need


def loss_flow_rows(m: Any, p: Problem, rows: LossRows) -> None:
    """The load of every type after every loss flows to skills, and skills take no more than their agents."""
    can = skills_of(p)
    cases = list(losses(rows))
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


def not_carried(p: Problem, rows: LossRows, present: Floats) -> list[str]:
    """Losses after which agents (G, T) do not carry the load, by a greatest flow for each loss and period, in words."""
    can = skills_of(p)
    found = []
    for lost, weight, need in losses(rows):
        short = [t for t in range(len(p.hours)) if not _flows({k: float(v[t]) for k, v in need.items()}, can, weight * present[:, t])]
        if short:
            found.append(f"after the loss of {lost} the contacts are not carried in {len(short)} periods")
    return found


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
