"""Every limit of a design checked without the solver: a list of violations with their distance."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from ccopt.costs import seats_used
from ccopt.design import Design
from ccopt.evaluation.group_results import handle_times
from ccopt.evaluation.judge import evaluate
from ccopt.kpis import Evaluation, Violation
from ccopt.routing.flows import network_arrays, solve_traffic
from ccopt.scenario.entities import LimitEntry, Scenario

COST_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a limit looks at."""

    scenario: Scenario
    design: Design
    evaluation: Evaluation


def feasibility(
    scenario: Scenario, design: Design, *, limits: Sequence[LimitEntry | Any] = ()
) -> tuple[Violation, ...]:
    """Check a design against targets, sites and limits, without a solver for the design.

    Parameters
    ----------
    scenario, design
        Documents; the design is checked first.
    limits
        Further limits beside ``scenario.limits``: entries of the document, or the objects of `ccopt.MaxSites` and its
        like.

    Returns
    -------
    tuple of Violation
        Empty for a feasible design; ``required`` less ``actual`` is the distance.

    Raises
    ------
    ScenarioError
        The design does not fit the scenario.
    """
    evaluation = evaluate(scenario, design)
    case = Case(scenario=scenario, design=design, evaluation=evaluation)
    found = list(evaluation.violations)
    for limit in (*scenario.limits, *limits):
        entry = entry_of(limit)
        found += CHECKS[entry.kind](case, entry)
    return tuple(found)


def entry_of(limit: LimitEntry | Any) -> LimitEntry:
    """The document entry of a limit object: class name in snake case, its amount as ``value``.

    Raises
    ------
    ValueError
        An object that is no limit.
    """
    if isinstance(limit, LimitEntry):
        return limit
    if not is_dataclass(limit) or isinstance(limit, type):
        msg = f"limits: {limit!r} is no limit; have {sorted(CHECKS)}"
        raise ValueError(msg)
    kind = re.sub(r"(?<!^)(?=[A-Z])", "_", type(limit).__name__).lower()
    given = {AMOUNTS.get(f.name, f.name): getattr(limit, f.name) for f in fields(limit)}
    known = {name: v for name, v in given.items() if name in LimitEntry.model_fields and v is not None}
    numbers = {name: float(v) if isinstance(v, int) else v for name, v in known.items()}
    return LimitEntry.model_validate({"kind": kind, **numbers})


AMOUNTS = {"count": "value", "at_most": "value", "agents": "value", "at_least": "value"}


def _over(place: str, limit: str, required: float, actual: float) -> Iterable[Violation]:
    if actual > required * (1 + COST_TOLERANCE if limit == "budget" else 1) + 1e-9:
        yield Violation(place=place, limit=limit, required=required, actual=actual,
                        message=f"{place}: {limit} allows at most {required:g}, the design has {actual:g}")  # fmt: skip


def _under(place: str, limit: str, required: float, actual: float) -> Iterable[Violation]:
    if actual < required - 1e-9:
        yield Violation(place=place, limit=limit, required=required, actual=actual,
                        message=f"{place}: {limit} needs at least {required:g}, the design has {actual:g}")  # fmt: skip


def _site_count(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    sites = float(len(case.design.open_sites))
    compare = _over if entry.kind == "max_sites" else _under
    yield from compare("network", entry.kind, _value(entry), sites)


def _forced(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    site = entry.site or ""
    is_open = site in case.design.open_sites
    if is_open != (entry.kind == "force_open"):
        yield Violation(
            place=site, limit=entry.kind, required=float(not is_open), actual=float(is_open),
            message=f"{site}: must be {'open' if entry.kind == 'force_open' else 'closed'}",
        )  # fmt: skip


def _budget(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    yield from _over("network", "budget", _value(entry), case.evaluation.cost_per_year)


def _group_count(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    used = [g for g in case.design.groups if any(g.agents) and entry.site in (None, g.site)]
    yield from _over(entry.site or "network", "max_groups", _value(entry), float(len(used)))


def _group_size(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    for g in case.design.groups:
        if entry.site in (None, g.site) and entry.skill_set in (None, g.skill_set) and any(g.agents):
            size = max(g.agents) if g.employed is None else g.employed
            yield from _under(f"{g.site}/{g.skill_set}", "min_group_size", _value(entry), float(size))


def _share_at_site(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    limit = entry.share if entry.share is not None else _value(entry)
    for t, period in enumerate(case.scenario.periods):
        total = sum(g.agents[t] for g in case.design.groups)
        for site in case.design.open_sites:
            here = sum(g.agents[t] for g in case.design.groups if g.site == site)
            if total and entry.site in (None, site):
                yield from _over(f"{site} in {period.name}", "max_share_at_site", limit, here / total)


def _site_agents(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    peak = case.design.peaks().get(entry.site or "", 0)
    yield from _under(entry.site or "", "min_agents_at_site", _value(entry), float(peak))


def _labour_pool(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    for site in case.design.open_sites:
        if entry.site in (None, site):
            groups = [
                g for g in case.design.groups if g.site == site and entry.skill_set in (None, g.skill_set)
            ]
            peak = max((sum(g.agents[t] for g in groups) for t in range(len(case.scenario.periods))), default=0)
            yield from _over(site, "labour_pool", _value(entry), float(peak))


def _quality_floor(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    floor = entry.share if entry.share is not None else _value(entry)
    for row in case.evaluation.contact_types:
        if row.period is not None and entry.contact_type in (None, row.name) and row.contacts_per_hour > 0:
            yield from _under(f"{row.name} in {row.period}", "quality_floor", floor, row.service_level or 0.0)


def _change(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    now = set(case.scenario.existing.open_sites) if case.scenario.existing else set()
    changed = now.symmetric_difference(case.design.open_sites)
    yield from _over("network", "max_change", _value(entry), float(len(changed)))


def _site_loss(case: Case, entry: LimitEntry) -> Iterable[Violation]:
    required = entry.share if entry.share is not None else 1.0
    surge, relocatable = entry.surge or 1.0, entry.relocatable or 0.0
    home = {s.name for s in case.scenario.sites if s.kind == "home"}
    for site in case.design.open_sites:
        if seats_used(case.scenario, case.design, site) == 0 or entry.site not in (None, site) or site in home:
            continue
        for t, period in enumerate(case.scenario.periods):
            left = surviving_share(case.scenario, case.design, site, t, surge=surge, relocatable=relocatable)
            yield from _under(f"loss of {site} in {period.name}", "survive_site_loss", required, left)


def surviving_share(
    scenario: Scenario, design: Design, lost: str, period: int, *, surge: float = 1.0, relocatable: float = 0.0
) -> float:
    """Largest share of every contact type's load that the other sites can carry after a loss, at most 1.

    The linear programme max z with Σ_g x[c, g] = z · rate_c and Σ_c x[c, g] h[c, g] <= capacity_g, skill by skill and
    over allowed links; capacity is ``surge`` x agents, and ``relocatable`` x agents in the groups of the lost site.
    """
    from scipy.optimize import linprog

    network = network_arrays(scenario, design)
    answered = np.ones((len(network.groups), len(network.contact_types), network.demand.shape[2]))
    need = _needs(scenario, network, solve_traffic(network, answered), period)
    hours = handle_times(scenario, network) / 3600.0
    can = {k.name: set(k.contact_types) for k in scenario.skill_sets}
    banned = {(k.region, k.site) for k in scenario.links if not k.allowed}
    shut = {s.name for s in scenario.sites if s.periods and scenario.periods[period].name not in s.periods}
    capacity = np.array([
        g.agents[period] * (relocatable if g.site == lost else surge) * (g.site not in shut) for g in design.groups
    ])  # fmt: skip
    arcs = [
        (k, g, c)
        for k, (region, c, _) in enumerate(need)
        for g, (site, skill_set) in enumerate(network.groups)
        if network.contact_types[c] in can[skill_set] and (region, site) not in banned and capacity[g] > 0
    ]
    if not need:
        return 1.0
    balance = np.zeros((len(need), len(arcs) + 1))
    work = np.zeros((len(network.groups), len(arcs) + 1))
    for i, (k, g, c) in enumerate(arcs):
        balance[k, i] = 1.0
        work[g, i] = hours[g, c]
    balance[:, -1] = [-rate for _, _, rate in need]
    objective = np.zeros(len(arcs) + 1)
    objective[-1] = -1.0
    bounds = [(0.0, None)] * len(arcs) + [(0.0, 1.0)]
    found = linprog(objective, A_ub=work, b_ub=capacity, A_eq=balance, b_eq=np.zeros(len(need)), bounds=bounds)
    if found.status != 0 or found.x is None:
        msg = f"capacity after the loss of {lost!r} could not be computed: {found.message}"
        raise ArithmeticError(msg)
    return float(found.x[-1])


def _needs(scenario: Scenario, network: Any, traffic: Any, period: int) -> list[tuple[str, int, float]]:
    """(region, contact type index, contacts per hour); all regions as one where every link is allowed."""
    banned = any(not k.allowed for k in scenario.links)
    total: dict[tuple[str, int], list[float]] = {}
    for arcs, flow in ((network.primary, traffic.primary), (network.escalated, traffic.escalated)):
        for n in range(len(arcs.group)):
            region = network.regions[arcs.region[n]] if banned else ""
            total.setdefault((region, int(arcs.contact_type[n])), []).append(float(flow[n, period]))
    sums = {key: math.fsum(rows) for key, rows in total.items()}
    return [(region, c, rate) for (region, c), rate in sums.items() if rate > 0]


def _value(entry: LimitEntry) -> float:
    if entry.value is None:
        msg = f"limit {entry.kind!r} needs a value"
        raise ValueError(msg)
    return entry.value


CHECKS: dict[str, Callable[[Case, LimitEntry], Iterable[Violation]]] = {
    "max_sites": _site_count, "min_sites": _site_count, "force_open": _forced, "force_closed": _forced,
    "budget": _budget, "quality_floor": _quality_floor, "max_groups": _group_count, "min_group_size": _group_size,
    "survive_site_loss": _site_loss, "max_share_at_site": _share_at_site, "labour_pool": _labour_pool,
    "max_change": _change, "min_agents_at_site": _site_agents,
}  # fmt: skip
