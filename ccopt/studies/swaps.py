"""One site in the place of another: a first plan for a layout in which a decision is turned round.

The groups and shares of an open site move as they are to a closed one. Nothing is promised: the solver that takes the plan
as its start checks links, seats, skills and limits, restaffs it, and goes on from there.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from ccopt.costs import cost_of, seats_used
from ccopt.design import Design
from ccopt.errors import ScenarioError
from ccopt.routing.flows import propagate
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario


def swapped(design: Design, old: str, new: str) -> Design:
    """The design with everything of one site at another.

    Examples
    --------
    >>> import ccopt as cc
    >>> plan = cc.baseline(cc.load_instance("ten-small-centers"))
    >>> "Ashby" in swapped(plan, "Ashby", "Zeal").open_sites
    False
    """
    return design.model_copy(update={
        "open_sites": tuple(new if s == old else s for s in design.open_sites),
        "groups": tuple(g.model_copy(update={"site": new}) if g.site == old else g for g in design.groups),
        "routes": tuple(r.model_copy(update={"site": new}) if r.site == old else r for r in design.routes),
        "contracts": {s: c for s, c in design.contracts.items() if s != old},
    })  # fmt: skip


def best_swap(
    scenario: Scenario, design: Design, site: str, *, keep: Collection[str] = (), banned: Collection[str] = ()
) -> Design | None:
    """The cheapest swap that turns the status of a site round; None where none fits.

    Parameters
    ----------
    scenario, design
        A plan of the scenario, with fixed shares and without offers.
    site
        An open site is replaced by a closed one, a closed site takes the place of an open one.
    keep
        Open sites that must stay.
    banned
        Closed sites that must stay closed.
    """
    if design.regime != "split" or design.offers:
        return None
    opened, every = set(design.open_sites), [s.name for s in scenario.sites]
    pairs = [(site, n) for n in every if n not in opened and n not in banned] if site in opened else [(o, site) for o in opened - {*keep}]
    core = core_of(scenario)
    tried = [(_cost(core, d), d) for d in (swapped(design, o, n) for o, n in pairs if _room(scenario, design, o, n))]
    cost, best = min(tried, key=lambda x: x[0], default=(math.inf, None))
    return best if math.isfinite(cost) else None


def _room(scenario: Scenario, design: Design, old: str, new: str) -> bool:
    """Whether the other site has one contract form, the skills, and seats and people enough."""
    site = next(s for s in scenario.sites if s.name == new)
    skills = {g.skill_set for g in design.groups if g.site == old}
    able = not site.skill_sets or skills <= set(site.skill_sets)
    room = min((n for n in (site.seats, site.labour_pool) if n is not None), default=math.inf)
    return not site.tariffs and able and seats_used(scenario, design, old) <= room


def _cost(core: Scenario, design: Design) -> float:
    """Cost with the same agents, every offered contact answered; infinite where a link is not allowed."""
    banned = {(k.region, k.site) for k in core.links if not k.allowed}
    if any((r.region, r.site) in banned for r in design.routes if any(r.share)):
        return math.inf
    try:
        account = cost_of(core, design, propagate(core, design, lambda *_: 1.0))
    except ScenarioError:
        return math.inf
    return account.cost_per_year - account.revenue_per_year
