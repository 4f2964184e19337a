"""Limits of a design checked without the solver."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from ccopt.design import Design
from ccopt.optimisation.problem import Floats, Problem

TOLERANCE = 1e-9


def broken_limits(p: Problem, design: Design) -> list[str]:
    """Limits on groups and sites that a design breaks, in words; empty when it keeps all."""
    agents = {(g.site, g.skill_set): np.array(g.agents, dtype=float) for g in design.groups}
    return [*_site_loss(p, agents), *_sizes(p, agents), *_site_sizes(p, agents), *_share(p, agents)]


def _site_loss(p: Problem, agents: dict[tuple[str, str], Floats]) -> list[str]:
    if p.site_loss is None:
        return []
    rule = p.site_loss
    can: dict[tuple[str, str], set[str]] = {}
    for c, g in zip(p.arc_commodity, p.arc_group, strict=True):
        can.setdefault(p.group_names[int(g)], set()).add(p.commodity_names[int(c)][1])
    work = np.full(len(p.commodity_names), np.inf)
    np.minimum.at(work, p.arc_commodity, p.arc_work)
    kinds = sorted({kind for _, kind in p.commodity_names})
    found = []
    for size in range(1, len(kinds) + 1) if len(kinds) <= 6 else (1, len(kinds)):
        for subset in map(set, combinations(kinds, size)):
            mine = [c for c, (_, kind) in enumerate(p.commodity_names) if kind in subset]
            need = rule.share * (work[mine][:, None] * p.demand[mine]).sum(axis=0)
            for lost in {site for site, _ in agents} - p.never_lost:
                left = np.zeros(len(p.hours))
                for (site, skill), n in agents.items():
                    if can.get((site, skill), set()) & subset:
                        left += n * (rule.relocatable if site == lost else rule.surge)
                if (left < need - TOLERANCE * need).any():
                    found.append(f"after the loss of {lost} {sorted(subset)} are not carried")
    return found


def _sizes(p: Problem, agents: dict[tuple[str, str], Floats]) -> list[str]:
    busiest = int(np.argmax(p.demand.sum(axis=0)))
    least = {name: int(p.min_group_size[g]) for g, name in enumerate(p.group_names)}
    return [
        f"group {site} / {skill} has {n[busiest]:g} agents, at least {least[site, skill]} are asked for"
        for (site, skill), n in agents.items()
        if n.any() and n[busiest] < least.get((site, skill), 0)
    ]


def _site_sizes(p: Problem, agents: dict[tuple[str, str], Floats]) -> list[str]:
    busiest = int(np.argmax(p.demand.sum(axis=0)))
    have = {name: sum(n[busiest] for (site, _), n in agents.items() if site == name) for name in p.min_site_agents}
    return [
        f"site {name} has {have[name]:g} agents, at least {least} are asked for"
        for name, least in p.min_site_agents.items()
        if have[name] < least
    ]


def _share(p: Problem, agents: dict[tuple[str, str], Floats]) -> list[str]:
    if p.max_share_at_site >= 1.0 or not agents:
        return []
    total = np.sum(list(agents.values()), axis=0)
    found = []
    for site in {s for s, _ in agents}:
        mine = np.sum([n for (s, _), n in agents.items() if s == site], axis=0)
        if (mine > p.max_share_at_site * total + TOLERANCE).any():
            found.append(f"site {site} holds more than {p.max_share_at_site:.0%} of the agents")
    return found
