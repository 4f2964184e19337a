"""Sizes of groups and sites while a design is made: agents that a site must have, groups and shares that it may have."""

from __future__ import annotations

import numpy as np

from ccopt.optimisation.problem import Ints, Problem

SHARE_SLACK = 1e-9  # agents


def fill_sites(p: Problem, agents: Ints, busiest: int) -> None:
    """Add agents (G, T) at sites that must have so many in the busiest period, in their cheapest open group."""
    names = np.array([site for site, _ in p.group_names])
    for name, least in p.min_site_agents.items():
        mine = np.flatnonzero(names == name)
        missing = least - int(agents[mine, busiest].sum())
        if mine.size and missing > 0:
            idle = ~agents[mine].any(axis=1)
            agents[mine[np.lexsort((p.agent_cost[mine, busiest], idle))[0]], busiest] += missing


def uneven(p: Problem, agents: Ints) -> bool:
    """Whether there are more groups than there may be, or a site holds more than its share of the agents (G, T)."""
    names = np.array([site for site, _ in p.group_names])
    used = np.flatnonzero(agents.any(axis=1))
    for site, most in p.max_groups.items():
        if (used.size if site is None else int((names[used] == site).sum())) > most:
            return True
    whole = agents.sum(axis=0)
    shares = p.max_share_at_site.items()
    return any(bool((agents[names == site].sum(axis=0) > share * whole + SHARE_SLACK).any()) for site, share in shares)
