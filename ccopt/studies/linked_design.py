"""The linked form of a plan: candidate groups, overflow routes, and the price of one more agent."""

from __future__ import annotations

from ccopt.costs import tariff_in_force
from ccopt.design import AgentGroup, Design, Regime
from ccopt.evaluation.regimes import with_backups
from ccopt.scenario.entities import Scenario, Site

MOST_CANDIDATES = 24


def linked_design(scenario: Scenario, design: Design, regime: Regime) -> Design:
    """The design with candidate groups (no agents yet) and overflow routes to all of them."""
    have = {(g.site, g.skill_set) for g in design.groups}
    sites = {s.name: s for s in scenario.sites}
    extra = [
        (site, k.name)
        for site in design.open_sites
        for k in scenario.skill_sets
        if (site, k.name) not in have and k.name in (sites[site].skill_sets or (k.name,))
    ]
    groups = design.groups
    if len(groups) + len(extra) <= MOST_CANDIDATES:
        none = tuple(0 for _ in scenario.periods)
        groups = (*groups, *(AgentGroup(site=s, skill_set=k, agents=none) for s, k in extra))
    staffed = design.model_copy(update={"groups": groups, "regime": regime})
    return with_backups(scenario, staffed, idle=True)


def without_empty(design: Design) -> Design:
    """Drop groups without agents that only overflow reaches, and routes to them."""
    home = {(r.site, r.skill_set) for r in design.routes if r.kind != "overflow"}
    kept = {(g.site, g.skill_set) for g in design.groups if any(g.agents) or (g.site, g.skill_set) in home}
    groups = tuple(g for g in design.groups if (g.site, g.skill_set) in kept)
    routes = tuple(r for r in design.routes if (r.site, r.skill_set) in kept)
    return design.model_copy(update={"groups": groups, "routes": routes})


def agent_price(site: Site, design: Design, hours: float, wage_factor: float, *, peak: bool) -> float:
    """Money per year of one agent present for ``hours`` a year, with seat and overhead share at the peak.

    Examples
    --------
    >>> site = Site(name="a", kind="inhouse", wage_per_hour=20.0, shrinkage=0.2, seat_cost_per_year=1000.0)
    >>> round(agent_price(site, Design(open_sites=("a",)), 100.0, 1.1, peak=True), 6)
    3750.0
    """
    tariff = tariff_in_force(site, design)
    price = 0.0
    if tariff is None:
        price = site.wage_per_hour / (1.0 - site.shrinkage) * wage_factor * hours
    elif tariff.per == "agent_hour":
        price = (tariff.price if tariff.price is not None else tariff.tiers[0].price) * hours
    elif peak and tariff.per in ("seat", "licence"):
        price = tariff.price if tariff.price is not None else tariff.tiers[0].price
    if peak:
        price += site.seat_cost_per_year + sum(o.salary_per_year / o.span for o in site.overhead)
    return price
