"""The layouts between today and the plan: contacts move in waves, one closing site after the other.

The rule: new sites are built and new agents hired first; then the contacts of one closing site after the other move to
the groups of the plan (sites in the order of their leases, then the dearest first); contacts that only change group
move with the last wave, or with the first where that keeps more promises. In every month each region and contact type
follows either today's shares or those of the plan, and every group has the fewest agents that keep all promises.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ccopt.design import AgentGroup, Design, Route
from ccopt.errors import Problem, ScenarioError
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation
from ccopt.scenario.entities import Scenario
from ccopt.scenario.transition import Transition
from ccopt.studies.fixed_layouts import restaffed

Commodity = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMove:
    """What happens to a site: ``open``, ``close`` or ``keep``; first and last month of each phase (0: before the start).

    ``build_from`` to ``ready`` for a new site; ``moved`` is the month in which the contacts of a closing site have left,
    ``end`` the first month in which it is shut (None: it stays).
    """

    site: str
    action: str
    ready: int
    moved: int | None
    end: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A layout that holds from a month on: design, evaluation."""

    month: int
    design: Design
    evaluation: Evaluation


def stages(
    scenario: Scenario, today: Design, plan: Design, rules: Transition, *, wait: int = 0
) -> tuple[tuple[Stage, ...], tuple[SiteMove, ...]]:
    """The layouts in their order and the fate of every site; the order of waves that breaks fewer promises.

    ``wait`` holds the first wave back by so many months, so that more people can be hired before it.

    Raises
    ------
    ScenarioError
        The path is longer than its months.
    """
    tried = [_staged(scenario, today, plan, rules, regroup_first=first, wait=wait) for first in (False, True)]
    return min(tried, key=lambda t: sum(not s.evaluation.meets_targets for s in t[0]))


def _staged(
    scenario: Scenario, today: Design, plan: Design, rules: Transition, *, regroup_first: bool, wait: int
) -> tuple[tuple[Stage, ...], tuple[SiteMove, ...]]:
    opening = [s for s in plan.open_sites if s not in today.open_sites]
    closing = [s for s in today.open_sites if s not in plan.open_sites]
    lead = max(rules.build_months if opening else 0, rules.hiring_months + rules.training_months) + wait
    waves = _wave_months(scenario, closing, rules, lead + 1)
    last = max(waves.values(), default=lead + 1)
    if last + rules.overlap_months > rules.months:
        problem = Problem(place="transition.months", value=str(rules.months), remedy="give more months or more waves a month",
                          rule=f"the path needs {last + rules.overlap_months} months")  # fmt: skip
        raise ScenarioError([problem])
    cut = _cutover(today, plan, waves, last if not regroup_first else lead + 1)
    moves = [SiteMove(site=s, action="open", ready=lead + 1, moved=None, end=None) for s in opening]
    moves += [SiteMove(site=s, action="close", ready=0, moved=m, end=m + rules.overlap_months) for s, m in waves.items()]
    moves += [SiteMove(site=s, action="keep", ready=0, moved=None, end=None) for s in today.open_sites if s in plan.open_sites]
    found = []
    for month in sorted({1, *cut.values(), *(m.end for m in moves if m.end is not None), *(m.ready for m in moves if m.ready)}):
        opened = [m.site for m in moves if m.ready <= month and (m.end is None or month < m.end)]
        moved = {c for c, m in cut.items() if m <= month}
        design = restaffed(scenario, _mixed(today, plan, moved, opened))
        found.append(Stage(month=month, design=design, evaluation=evaluate(scenario, design)))
    return tuple(found), tuple(moves)


def _wave_months(scenario: Scenario, closing: list[str], rules: Transition, first: int) -> dict[str, int]:
    """Month in which the contacts of each closing site move."""
    leases = {x.site: x for x in rules.leases}
    fixed = {s.name: s.fixed_cost_per_year for s in scenario.sites}

    def earliest(site: str) -> int:
        lease = leases.get(site)
        if lease is None:
            return 0
        rent_left = max(0, lease.end_month - first) * fixed[site] / 12.0
        bought_out = lease.exit_cost is not None and lease.exit_cost < rent_left
        return 0 if bought_out else max(0, lease.end_month - rules.overlap_months)

    order = sorted(closing, key=lambda s: (earliest(s), -fixed[s]))
    return {s: max(first + i // rules.waves_per_month, earliest(s)) for i, s in enumerate(order)}


def _cutover(today: Design, plan: Design, waves: dict[str, int], regroup: int) -> dict[Commodity, int]:
    """Month in which each region and contact type takes the shares of the plan."""
    out: dict[Commodity, int] = {}
    for r in today.routes:
        key = (r.region, r.contact_type)
        if r.site in waves and any(r.share):
            out[key] = min(out.get(key, math.inf), waves[r.site])  # type: ignore[assignment]
    now, then = _shares(today), _shares(plan)
    for key in {*now, *then}:
        if key not in out and now.get(key) != then.get(key):
            out[key] = regroup
    return out


def _shares(design: Design) -> dict[Commodity, frozenset[tuple[object, ...]]]:
    out: dict[Commodity, set[tuple[object, ...]]] = {}
    for r in design.routes:
        if any(r.share):
            out.setdefault((r.region, r.contact_type), set()).add((r.site, r.skill_set, r.kind, r.share))
    return {k: frozenset(v) for k, v in out.items()}


def _mixed(today: Design, plan: Design, moved: set[Commodity], opened: list[str]) -> Design:
    """Shares of the plan for what has moved, of today for the rest; groups of both where routes lead."""
    routes: list[Route] = [r for r in plan.routes if (r.region, r.contact_type) in moved]
    routes += [r for r in today.routes if (r.region, r.contact_type) not in moved]
    known = {(g.site, g.skill_set): g for g in (*plan.groups, *today.groups)}
    used = dict.fromkeys((r.site, r.skill_set) for r in routes)
    groups: list[AgentGroup] = [known[k] for k in used if k in known]
    sites = tuple(dict.fromkeys([*opened, *(s for s, _ in used)]))
    contracts = {s: name for d in (today, plan) for s, name in d.contracts.items() if s in sites}
    return Design(open_sites=sites, groups=tuple(groups), routes=tuple(routes), contracts=contracts, regime="split")
