"""Limits of a design checked without the solver."""

from __future__ import annotations

import numpy as np

from ccopt.design import Design
from ccopt.optimisation.loss_flows import not_carried
from ccopt.optimisation.loss_rows import loss_rows
from ccopt.optimisation.problem import Floats, Problem

TOLERANCE = 1e-9


def broken_limits(p: Problem, design: Design) -> list[str]:
    """Limits on groups and sites that a design breaks, in words; empty when it keeps all."""
    agents = {(g.site, g.skill_set): np.array(g.agents, dtype=float) for g in design.groups}
    return [*_sites(p, design), *_site_loss(p, agents), *_sizes(p, agents), *_site_sizes(p, agents), *_share(p, agents),
            *_equipped(p, agents)]  # fmt: skip


def _sites(p: Problem, design: Design) -> list[str]:
    """Counts of sites and groups, forced sites, change from today."""
    opened = set(design.open_sites)
    found = []
    if not p.min_sites <= len(opened) <= p.max_sites:
        found.append(f"{len(opened)} open sites, asked for {p.min_sites} to {p.max_sites}")
    missing = {p.site_names[s] for s in np.flatnonzero(p.must_open)} - opened
    banned = {p.site_names[s] for s in np.flatnonzero(p.must_close)} & opened
    found += [f"site {name} must be open" for name in sorted(missing)]
    found += [f"site {name} must be closed" for name in sorted(banned)]
    if p.max_change is not None and len(opened ^ p.today) > p.max_change:
        found.append(f"{len(opened ^ p.today)} sites differ from today, at most {p.max_change} may")
    for site, most in p.max_groups.items():
        groups = sum(any(g.agents) for g in design.groups if site in (None, g.site))
        if groups > most:
            found.append(f"{groups} agent groups{'' if site is None else f' at {site}'}, at most {most} may be")
    return found


def _site_loss(p: Problem, agents: dict[tuple[str, str], Floats]) -> list[str]:
    rows = loss_rows(p)
    if not len(rows.need) or {site for (site, _), n in agents.items() if n.any()} <= p.never_lost:
        return []
    present = np.zeros((len(p.group_names), len(p.hours)))
    for name, n in agents.items():
        present[p.group_names.index(name)] = n
    if not rows.complete:
        return not_carried(p, rows, present)
    short = (rows.weight @ present < rows.need * (1.0 - TOLERANCE)).any(axis=1)
    return [f"after the loss of {rows.lost[r]} {list(rows.kinds[r])} are not carried" for r in np.flatnonzero(short)]


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


def _equipped(p: Problem, agents: dict[tuple[str, str], Floats]) -> list[str]:
    found = []
    for kind in p.equipped:
        mine = [agents[p.group_names[g]] for g in kind.groups if p.group_names[g] in agents]
        used = float(np.sum(mine, axis=0).max()) if mine else 0.0
        if 0 <= kind.seats < used:
            found.append(f"site {p.site_names[kind.site]} uses {used:g} equipped seats {kind.name!r}, it has {kind.seats}")
    return found


def _share(p: Problem, agents: dict[tuple[str, str], Floats]) -> list[str]:
    if not p.max_share_at_site or not agents:
        return []
    total = np.sum(list(agents.values()), axis=0)
    found = []
    for site, share in p.max_share_at_site.items():
        mine = np.sum([n for (s, _), n in agents.items() if s == site], axis=0)
        if np.any(mine > share * total + TOLERANCE):
            found.append(f"site {site} holds more than {share:.0%} of the agents")
    return found
