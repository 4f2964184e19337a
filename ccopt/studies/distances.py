"""How far two designs are apart: sites, groups, and the agent-hours that would have to move."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ccopt.design import Design
from ccopt.scenario.entities import Scenario

Group = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """What changes from one design to another.

    Attributes
    ----------
    opened, closed
        Sites that only the second, only the first has.
    contracts_changed
        Sites under another contract form.
    groups_changed
        Groups (site and skill set) that only one of the two has.
    agents_moved
        Share of the agent-hours that are in another group: 0 is the same
        staff, 1 is nothing in common. One less the common hours over the larger total.
    """

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    contracts_changed: tuple[str, ...]
    groups_changed: int
    agents_moved: float


def agent_hours(scenario: Scenario, design: Design) -> dict[Group, float]:
    """Agent-hours a year of each group that has any."""
    out: dict[Group, float] = {}
    for g in design.groups:
        hours = math.fsum(n * p.hours_per_year for n, p in zip(g.agents, scenario.periods, strict=True))
        if hours > 0.0:
            out[g.site, g.skill_set] = out.get((g.site, g.skill_set), 0.0) + hours
    return out


def distance(scenario: Scenario, first: Design, second: Design) -> Distance:
    """What changes from the first design to the second.

    Examples
    --------
    >>> from ccopt.design import AgentGroup
    >>> from ccopt.scenario import load_instance
    >>> a, b = (
    ...     Design(open_sites=(s,), groups=(AgentGroup(site=s, skill_set="all", agents=(9,)),)) for s in ("west", "east")
    ... )
    >>> d = distance(load_instance("two-sites"), a, b)
    >>> d.opened, d.closed, d.agents_moved
    (('east',), ('west',), 1.0)
    """
    before, after = agent_hours(scenario, first), agent_hours(scenario, second)
    common = math.fsum(min(before.get(g, 0.0), h) for g, h in after.items())
    largest = max(math.fsum(before.values()), math.fsum(after.values()))
    old, new = set(first.open_sites), set(second.open_sites)
    return Distance(
        opened=tuple(sorted(new - old)), closed=tuple(sorted(old - new)),
        contracts_changed=tuple(sorted(s for s in old & new if first.contracts.get(s) != second.contracts.get(s))),
        groups_changed=len(set(before) ^ set(after)), agents_moved=1.0 - common / largest if largest > 0.0 else 0.0,
    )  # fmt: skip
