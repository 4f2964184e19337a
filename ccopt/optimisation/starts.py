"""A known design as the first incumbent: checked against sites, links and limits, restaffed to the targets."""

from __future__ import annotations

import numpy as np

from ccopt.design import Design
from ccopt.errors import ScenarioError
from ccopt.optimisation.certificate import broken_limits
from ccopt.optimisation.decode import trim
from ccopt.optimisation.problem import Problem
from ccopt.routing.checks import check_design
from ccopt.scenario.entities import Scenario


def fitting(scenario: Scenario, p: Problem, start: Design) -> Design | None:
    """The design with the fewest agents that keep the targets of this scenario; None where it does not fit.

    The layout (sites, groups, shares) stays. It does not fit where it uses a link, site or period that is not allowed,
    breaks a limit on sites or groups, needs more seats than there are, or is no fixed split.
    """
    if start.regime != "split" or start.offers or not _sites_fit(p, start) or not _routes_fit(p, start):
        return None
    try:
        check_design(scenario, start)
    except ScenarioError:
        return None
    staffed, fits = trim(scenario, p, start)
    return staffed if fits and not broken_limits(p, staffed) and _works_when_open(p, staffed) else None


def _sites_fit(p: Problem, start: Design) -> bool:
    opened = set(start.open_sites)
    forced = {p.site_names[s] for s in np.flatnonzero(p.must_open)}
    closed = {p.site_names[s] for s in np.flatnonzero(p.must_close)}
    known = opened <= set(p.site_names) and all(
        (s, start.contracts.get(s)) in set(zip(p.site_names, p.site_contracts, strict=True)) for s in opened
    )
    return known and forced <= opened and not closed & opened and p.min_sites <= len(opened) <= p.max_sites


def _routes_fit(p: Problem, start: Design) -> bool:
    arcs = {
        (*p.commodity_names[int(c)], *p.group_names[int(g)]) for c, g in zip(p.arc_commodity, p.arc_group, strict=True)
    }
    used = [r for r in start.routes if any(r.share)]
    kinds = {r.kind for r in used} <= {"primary", "escalation"}
    return kinds and all((r.region, r.contact_type, r.site, r.skill_set) in arcs for r in used)


def _works_when_open(p: Problem, design: Design) -> bool:
    option = {(n, c): s for s, (n, c) in enumerate(zip(p.site_names, p.site_contracts, strict=True))}
    return all(
        p.available[option[g.site, design.contracts.get(g.site)], t]
        for g in design.groups
        for t in np.flatnonzero(np.array(g.agents))
    )
