"""Cross-selling in a plan: which offers, in which group, up to which threshold, and with how many more agents.

Every group is searched alone: the contact types with the most money per second of an offer come first, thresholds from
"always" down to a few below the agents, and agents are added until every promise holds and as long as one more brings
more than it costs. The whole design is then judged again; a group that would break a promise keeps its staff and sells
nothing. Revenue counts against cost; the bound of `optimise` allows for what offers can earn in the time of agents (E15).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ccopt.design import AgentGroup, Design, Offer, Plan, Route, RunRecord
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation
from ccopt.optimisation import Options, Progress, find_plan
from ccopt.optimisation.formulation import Extra
from ccopt.optimisation.limits import Limit
from ccopt.routing.flows import propagate
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import CrossSelling, Scenario
from ccopt.studies.offer_budget import OfferBudget

BELOW = (0, 2, 4)
MOST_ADDED = 15
OFFERS_SHARE = 0.2  # of the time limit, kept for offers
LANE = "offers"  # in the record of a run


def optimise(
    scenario: Scenario,
    *,
    gap: float = 0.005,
    time_limit_s: float = 60.0,
    limits: Sequence[Limit] = (),
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
    extra: Extra | None = None,
    start: Design | None = None,
) -> Plan:
    """The cheapest design found, with its offers, a bound below every design and the gap between the two.

    Parameters
    ----------
    scenario
        A checked scenario. Where it has ``cross_selling``, a fifth of the time limit is kept for offers, which are
        added group by group, and the bound allows for what offers by the same agent can earn in the agents' time.
    gap
        Stop when (objective - lower bound) / cost is at most this.
    time_limit_s
        Stop after so many seconds with the best plan.
    limits
        Further limits of the planner, beside those of the document.
    seed
        The same seed gives the same plan, to the byte, where a run ends by its gap and the clock has cut no solve short;
        `repeat_plan` repeats other runs from their record.
    progress
        Called with a `Progress` when something better is known.
    extra
        Called with the Pyomo model and the problem before compilation, for the user's own constraints. The bound then
        comes from the formulation where it is small enough, and holds without the extra constraints elsewhere.
    start
        A design known before, such as the plan of a similar scenario: restaffed to the targets of this one it is the
        first incumbent. Ignored where its layout breaks a limit.

    Returns
    -------
    Plan
        Verified: every target holds per group and period under the group model. ``status`` is ``gap_reached``,
        ``time_limit``, ``interrupted`` or ``best_found`` (nothing left to try). Of the designs found the cheapest is taken;
        among equals (1e-9) the one with fewer open sites, then fewer groups, then the names in alphabetical order.

    Raises
    ------
    InfeasibleError
        No design meets all limits: the families of limits in conflict and the cheapest repair.
    SolverError
        The time ended before any design was found, with advice.
    """
    return with_offers(scenario, Options(
        gap=gap, time_limit_s=time_limit_s, limits=tuple(limits), seed=seed, progress=progress, extra=extra, start=start
    ))  # fmt: skip


def repeat_plan(
    scenario: Scenario, record: RunRecord, *, gap: float = 0.005, time_limit_s: float = 60.0, limits: Sequence[Limit] = (),
    seed: int = 0,
) -> Plan:  # fmt: skip
    """The plan of an earlier run of `optimise`, byte by byte, however fast this machine is.

    Parameters
    ----------
    scenario, gap, time_limit_s, limits, seed
        Those of the earlier run.
    record
        Its ``plan.record``, which ``ccopt run`` writes into run.json.

    Examples
    --------
    >>> import ccopt as cc
    >>> scenario = cc.load_instance("two-sites")
    >>> plan = cc.optimise(scenario, gap=0.0, time_limit_s=2)
    >>> cc.repeat_plan(scenario, plan.record, gap=0.0, time_limit_s=2).model_dump_json() == plan.model_dump_json()
    True
    """
    options = Options(gap=gap, time_limit_s=time_limit_s, limits=tuple(limits), seed=seed, repeat=record)
    return with_offers(scenario, options)


def with_offers(scenario: Scenario, options: Options) -> Plan:
    """The plan of a run with its offers, where the scenario sells."""
    if not scenario.cross_selling:
        return find_plan(scenario, options)
    began = time.monotonic()
    kept, past = OFFERS_SHARE * options.time_limit_s, options.repeat
    plan = find_plan(scenario, replace(options, time_limit_s=options.time_limit_s - kept))
    asked = plan.provenance["options"] | {"time_limit_s": options.time_limit_s}
    plan = plan.model_copy(update={"provenance": plan.provenance | {"options": asked}})
    deadline = math.inf if past is not None else began + options.time_limit_s
    budget = OfferBudget(kept, deadline=deadline, ends=None if past is None else past.ends.get(LANE))
    return _ended(_offered(scenario, plan, plan.lower_bound, budget), budget)


def _ended(plan: Plan, budget: OfferBudget) -> Plan:
    """The plan with the work at which the clock ended the search of offers in its record."""
    if budget.halted is None or plan.record is None:
        return plan
    record = plan.record.model_copy(update={"ends": plan.record.ends | {LANE: budget.halted}})
    return plan.model_copy(update={"record": record, "status": "time_limit" if plan.status == "best_found" else plan.status})


def most_revenue(scenario: Scenario) -> float:
    """Money a year if every contact of a type with offers got one: no design earns more by offers."""
    core = core_of(scenario)
    worth = {x.contact_type: x.success * x.revenue for x in core.cross_selling}
    hours = [p.hours_per_year for p in core.periods]
    high: dict[str, float] = {}
    for d in core.demand:
        rate = d.contacts_per_hour if isinstance(d.contacts_per_hour, tuple) else (d.contacts_per_hour,) * len(hours)
        high[d.contact_type] = high.get(d.contact_type, 0.0) + sum(h * x for h, x in zip(hours, rate, strict=True))
    for _ in core.contact_types:  # escalated contacts, along chains without circles
        more: dict[str, float] = {}
        for e in core.escalations:
            more[e.to_type] = more.get(e.to_type, 0.0) + e.share * high.get(e.from_type, 0.0)
        own = {c: sum(x for k, x in _own(core, hours).items() if k == c) for c in high | more}
        high = {c: own.get(c, 0.0) + more.get(c, 0.0) for c in own}
    return sum(w * high.get(c, 0.0) for c, w in worth.items())


def _own(core: Scenario, hours: list[float]) -> dict[str, float]:
    total: dict[str, float] = {}
    for d in core.demand:
        rate = d.contacts_per_hour if isinstance(d.contacts_per_hour, tuple) else (d.contacts_per_hour,) * len(hours)
        total[d.contact_type] = total.get(d.contact_type, 0.0) + sum(h * x for h, x in zip(hours, rate, strict=True))
    return total


def plan_offers(scenario: Scenario, plan: Plan, *, seconds: float = math.inf) -> Plan:
    """The plan with the offers that pay, group by group; its bound then holds for designs with offers too, whatever they take.

    Parameters
    ----------
    scenario
        A checked scenario with ``cross_selling``.
    plan
        A plan of the fixed split without offers.
    seconds
        Nominal seconds of work, the same on every machine; groups that it does not reach sell nothing.
    """
    bound = None if plan.lower_bound is None else plan.lower_bound - most_revenue(scenario)
    return _offered(scenario, plan, bound, OfferBudget(seconds))


def _offered(scenario: Scenario, plan: Plan, bound: float | None, budget: OfferBudget) -> Plan:
    best, judged = plan.design, evaluate(scenario, plan.design)
    for group in plan.design.groups:
        found = _group_offers(scenario, best, group, budget)
        if found is None:
            continue
        trial = _put(best, *found)
        seen = evaluate(scenario, trial)
        if seen.meets_targets and _net(seen) < _net(judged):
            best, judged = trial, seen
    gap = None if bound is None else (_net(judged) - bound) / judged.cost_per_year
    goal = plan.provenance.get("options", {}).get("gap", 0.0)
    missed = plan.status == "gap_reached" and (gap is None or gap > goal)
    return plan.model_copy(update={
        "status": "best_found" if missed else plan.status, "design": best,
        "cost_per_year": judged.cost_per_year, "revenue_per_year": judged.revenue_per_year,
        "costs": judged.costs, "lower_bound": bound, "gap": gap,
    })  # fmt: skip


def _net(judged: Evaluation) -> float:
    return judged.cost_per_year - judged.revenue_per_year


def _put(design: Design, group: AgentGroup, offers: tuple[Offer, ...]) -> Design:
    """The design with another staff of a group and its offers."""
    groups = tuple(group if (g.site, g.skill_set) == (group.site, group.skill_set) else g for g in design.groups)
    others = tuple(o for o in design.offers if (o.site, o.skill_set) != (group.site, group.skill_set))
    return design.model_copy(update={"groups": groups, "offers": (*others, *offers)})


def _group_offers(
    scenario: Scenario, design: Design, group: AgentGroup, budget: OfferBudget
) -> tuple[AgentGroup, tuple[Offer, ...]] | None:
    """The best staff and offers of one group judged alone, None where it should not sell."""
    alone = None if budget.over() else _alone(scenario, design, group)
    if alone is None:
        return None
    small, bare = alone
    kinds = {d.contact_type for d in small.demand}
    ranked = sorted((x for x in scenario.cross_selling if x.contact_type in kinds), key=_rate, reverse=True)
    best, value = None, _net(evaluate(small, bare))
    for count in range(1, len(ranked) + 1):
        for threshold in (None, *(max(group.agents) - b for b in BELOW if max(group.agents) > b)):
            offers = tuple(
                Offer(site=group.site, skill_set=group.skill_set, contact_type=x.contact_type, threshold=threshold)
                for x in ranked[:count]
            )
            found = _staffed(small, bare, group, offers, budget)
            if found is not None and found[1] < value:
                best, value = (found[0], offers), found[1]
    return best


def _rate(x: CrossSelling) -> float:
    return x.success * x.revenue / max(x.extra_s, 1e-9)


def _staffed(
    small: Scenario, bare: Design, group: AgentGroup, offers: tuple[Offer, ...], budget: OfferBudget
) -> tuple[AgentGroup, float] | None:
    """Agents added where a promise breaks, then as long as one more in a period pays."""
    now = group
    for _ in range(MOST_ADDED):
        if not budget.pays(now):
            return None
        try:
            seen = evaluate(small, _put(bare, now, offers))
        except ValueError:  # so near to overload that the chain of the group would be too large: no offers
            return None
        short = {v.place.rsplit(" in ", 1)[-1] for v in seen.violations}
        if not short:
            break
        now = _more(small, now, short)
    else:
        return None
    value = _net(seen)
    for period in [p.name for p in small.periods] * 2:
        trial = _more(small, now, {period})
        if not budget.pays(trial):
            break
        seen = evaluate(small, _put(bare, trial, offers))
        if seen.meets_targets and _net(seen) < value:
            now, value = trial, _net(seen)
    return now, value


def _more(small: Scenario, group: AgentGroup, periods: set[str]) -> AgentGroup:
    agents = tuple(n + (p.name in periods) for n, p in zip(group.agents, small.periods, strict=True))
    return group.model_copy(update={"agents": agents})


def _alone(scenario: Scenario, design: Design, group: AgentGroup) -> tuple[Scenario, Design] | None:
    """A scenario in which only this group exists, with the contacts that reach it and the seats that others leave."""
    core = core_of(scenario)
    rows = [r for r in propagate(core, design, lambda *_: 1.0) if (r.site, r.skill_set) == (group.site, group.skill_set)]
    if not rows or not any(x.contact_type == r.contact_type for x in core.cross_selling for r in rows):
        return None
    site = next(s for s in core.sites if s.name == group.site)
    taken = [
        sum(g.agents[t] for g in design.groups if g.site == group.site and g is not group) for t in range(len(core.periods))
    ]
    seats = None if site.seats is None else site.seats - max(taken)
    demand = tuple(
        type(core.demand[0])(region=r.region, contact_type=r.contact_type, contacts_per_hour=tuple(r.offered)) for r in rows
    )
    kinds = {r.contact_type for r in rows}
    small = core.model_copy(update={
        "sites": (site.model_copy(update={"seats": seats, "fixed_cost_per_year": 0.0}),), "demand": demand,
        "links": tuple(k for k in core.links if k.site == site.name), "escalations": (), "existing": None, "trunks": (),
        "charges": (), "cross_selling": tuple(x for x in core.cross_selling if x.contact_type in kinds),
    })  # fmt: skip
    here = {"site": group.site, "skill_set": group.skill_set, "share": (1.0,) * len(core.periods)}
    routes = tuple(Route(region=r.region, contact_type=r.contact_type, **here) for r in rows)
    contracts = {k: v for k, v in design.contracts.items() if k == site.name}
    return small, Design(open_sites=(site.name,), groups=(group,), routes=routes, contracts=contracts)
