"""From a scenario and limits to the arrays of the model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ccopt.optimisation.equipped import equipped_kinds
from ccopt.optimisation.floors import bounded_without, with_floors
from ccopt.optimisation.group_arrays import group_arrays, padded
from ccopt.optimisation.limits import (
    Budget,
    ForceClosed,
    ForceOpen,
    Limit,
    MaxChange,
    MaxGroups,
    MaxShareAtSite,
    MaxSites,
    MinAgentsAtSite,
    MinGroupSize,
    MinSites,
    QualityFloor,
    SurviveSiteLoss,
)
from ccopt.optimisation.problem import Ints, Problem, SiteLoss
from ccopt.optimisation.site_options import options_of, pooled, site_arrays
from ccopt.optimisation.volumes import Volumes
from ccopt.routing.checks import own_demand
from ccopt.scenario.entities import Scenario


def build_problem(scenario: Scenario, limits: Sequence[Limit] = ()) -> Problem:
    """Arrays of the optimisation model of a checked scenario with limits."""
    tight = with_floors(scenario, limits)
    if tight is scenario:
        return _problem(scenario, limits)
    return bounded_without(_problem(tight, limits), _problem(scenario, limits))


def promised_problem(p: Problem, promised: Scenario, limits: Sequence[Limit]) -> Problem:
    """The problem whose bounds keep the floors of quality too, as every design does: no design of it, no design at all."""
    rest = [v for v in limits if not isinstance(v, QualityFloor)]
    return p if len(rest) == len(limits) else _problem(promised, rest)


def _problem(scenario: Scenario, limits: Sequence[Limit]) -> Problem:
    volumes, options = Volumes(scenario), options_of(scenario)
    names, demand, demand_low = volumes.commodities()
    rows = group_arrays(scenario, options, volumes, names, demand)
    size = _least_sizes(rows["group_names"], limits)
    sites = site_arrays(scenario, options, volumes, limits)
    asked = max(*_least_agents(limits).values(), _most_after_loss(rows, limits), 0)
    if (sites["seats"] >= 0).all():
        asked = min(asked, int(sites["seats"].max(initial=0)))
    wide = max(rows["inner"].shape[1], int(size.max(initial=0)) + 1, asked + 1)
    for table in ("inner", "outer", "largest_loss"):  # limits may ask for more agents than the contacts need
        rows[table] = padded(list(rows[table]), wide)
    return Problem(
        site_names=tuple(o.site.name for o in options), site_contracts=tuple(o.contract for o in options),
        commodity_names=names, hours=volumes.hours, demand=demand, demand_low=demand_low,
        exclusive=tuple(
            tuple(i for i, o in enumerate(options) if o.site.name == s.name) for s in scenario.sites if len(s.tariffs) > 1
        ),
        min_group_size=size, pooled=frozenset(o.site.name for o in options if pooled(o.site, limits)),
        today=frozenset(scenario.existing.open_sites) if scenario.existing else frozenset(),
        never_lost=frozenset(s.name for s in scenario.sites if s.kind == "home"),
        answered_low=np.array([1.0 - volumes.largest_abandonment(volumes.types[kind]) for _, kind in names]),
        **_site_limits(scenario, [o.site.name for o in options], limits), **_escalation_arrays(scenario, volumes, names),
        equipped=equipped_kinds(scenario, options, rows["group_names"], rows["group_site"]),
        **rows, **sites,
    )  # fmt: skip


def _most_after_loss(rows: dict[str, Any], limits: Sequence[Limit]) -> int:
    """Agents of a group that alone carry all its contacts after a loss: those of its site, if need be, that work elsewhere.

    Where many may leave, fewer keep the promises.
    """
    load = np.zeros(rows["agent_cost"].shape)
    np.add.at(load, rows["arc_group"], rows["arc_work"][:, None] * rows["arc_most"])
    peak = float(load.max(initial=0.0))
    most = 0.0
    for v in limits:
        if isinstance(v, SurviveSiteLoss):
            most = max([most, *(v.share * peak / part for part in (v.surge, v.relocatable) if part > 0.0)])
    return math.ceil(most)


def _site_limits(scenario: Scenario, sites: Sequence[str], limits: Sequence[Limit]) -> dict[str, Any]:
    """Limits on sites and money. All limits hold together: of several of a kind the tightest counts."""
    losses = [v for v in limits if isinstance(v, SurviveSiteLoss)]
    changes = [v.count for v in limits if isinstance(v, MaxChange)]
    return {
        "must_open": np.array([any(v == ForceOpen(s) or _asks_for_agents(v, s) for v in limits) for s in sites]),
        "must_close": np.array([any(v == ForceClosed(s) for v in limits) for s in sites]),
        "min_sites": max((v.count for v in limits if isinstance(v, MinSites)), default=0),
        "max_sites": min([len(scenario.sites), *(v.count for v in limits if isinstance(v, MaxSites))]),
        "max_groups": _most_groups(limits), "max_share_at_site": _most_shares(sites, limits),
        "budget": min((v.at_most for v in limits if isinstance(v, Budget)), default=math.inf),
        "site_loss": SiteLoss(share=losses[-1].share, relocatable=losses[-1].relocatable, surge=losses[-1].surge)
        if losses
        else None,
        "max_change": min(changes, default=None),
        "min_site_agents": _least_agents(limits),
    }  # fmt: skip


def _most_groups(limits: Sequence[Limit]) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for v in limits:
        if isinstance(v, MaxGroups):
            found[v.site] = min(found.get(v.site, v.count), v.count)
    return found


def _most_shares(sites: Sequence[str], limits: Sequence[Limit]) -> dict[str, float]:
    """Sites with a share below 1."""
    found: dict[str, float] = {}
    for v in limits:
        if isinstance(v, MaxShareAtSite) and v.share < 1.0:
            found |= {s: min(found.get(s, 1.0), v.share) for s in sites if v.site in (None, s)}
    return found


def _least_agents(limits: Sequence[Limit]) -> dict[str, int]:
    found: dict[str, int] = {}
    for v in limits:
        if isinstance(v, MinAgentsAtSite):
            found[v.site] = max(found.get(v.site, 0), v.agents)
    return found


def _least_sizes(groups: Sequence[tuple[str, str]], limits: Sequence[Limit]) -> Ints:
    """Least agents of each group where it is open."""
    size = np.zeros(len(groups), dtype=np.int64)
    for v in limits:
        if isinstance(v, MinGroupSize):
            mine = np.array([v.skill_set in (None, skill) and v.site in (None, site) for site, skill in groups], dtype=bool)
            size[mine] = np.maximum(size[mine], v.agents)
    return size


def _asks_for_agents(limit: Limit, site: str) -> bool:
    return isinstance(limit, MinAgentsAtSite) and limit.site == site and limit.agents > 0


def _escalation_arrays(scenario: Scenario, volumes: Volumes, names: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Own demand and the escalations between commodities."""
    own = own_demand(scenario)
    at = {name: c for c, name in enumerate(names)}
    zero = (0.0,) * len(volumes.hours)
    found = [
        (c, at[region, e.to_type], e.share) for (region, kind), c in at.items() for e in scenario.escalations
        if e.from_type == kind and (region, e.to_type) in at
    ]  # fmt: skip
    return {
        "own_demand": np.array([own.get(n, zero) for n in names], dtype=float).reshape(-1, len(volumes.hours)),
        "escalation_from": np.array([f[0] for f in found], dtype=np.int64),
        "escalation_to": np.array([f[1] for f in found], dtype=np.int64),
        "escalation_share": np.array([f[2] for f in found], dtype=float),
    }  # fmt: skip


def seats_or_enough(problem: Problem) -> Ints:
    """Seats of each option, with a safe finite number where they are unlimited."""
    most = problem.inner.shape[1] - 1
    groups = np.bincount(problem.group_site, minlength=len(problem.site_names))
    return np.where(problem.seats < 0, groups * most, problem.seats)
