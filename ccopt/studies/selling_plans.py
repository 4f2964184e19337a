"""Cross-selling in a plan: which offers, in which group, up to which threshold, and with how many more agents.

The search of layouts hands over its plan and a few designs of other structure (`selling_layouts`); in each, every group is
searched alone (`group_offers`), and the whole design is then judged again: a group that would break a promise or a limit
keeps its staff and sells nothing. In the best of them groups may then hand customers over to others (`transfer_offers`).
Revenue counts against cost; the bound of `optimise` allows for what offers can earn in the time of agents (E15).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ccopt.design import AgentGroup, Design, Offer, Plan, RunRecord
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation
from ccopt.optimisation import Found, Options, Progress, find_layouts, find_plan
from ccopt.optimisation.formulation import Extra
from ccopt.optimisation.limits import Limit
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.studies.group_offers import GroupOffers, net_of
from ccopt.studies.offer_budget import OfferBudget
from ccopt.studies.transfer_offers import TransferOffers

OFFERS_SHARE = 0.3  # of the time limit, kept for offers,
LATE_S = 1.0  # and seconds that a solver may see its own limit late,
MOST_SHARE = 0.5  # together at most
TRANSFERS_SHARE = 0.25  # of the time for offers, for those by warm transfer
LANES = "offers", "transfers"  # in the record of a run

Budgets = tuple[OfferBudget, OfferBudget]  # of offers at home, and of those by warm transfer


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
        A checked scenario. Where it has ``cross_selling``, three tenths of the time limit and a second (at most half) are
        kept for offers, which are added group by group and then between groups, and the bound allows for what offers by the
        same agent or by warm transfer can earn in the agents' time.
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
        Verified: every target holds per group and period under the group model, and in two simulations where customers are
        handed over. ``status`` is ``gap_reached``,
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
    kept = min(OFFERS_SHARE * options.time_limit_s + LATE_S, MOST_SHARE * options.time_limit_s)
    past = options.repeat
    found = find_layouts(scenario, replace(options, time_limit_s=options.time_limit_s - kept))
    asked = found.plan.provenance["options"] | {"time_limit_s": options.time_limit_s}
    plan = found.plan.model_copy(update={"provenance": found.plan.provenance | {"options": asked}})
    deadline = math.inf if past is not None else began + options.time_limit_s
    later = TRANSFERS_SHARE * kept
    own, handed = (
        OfferBudget(seconds, deadline=end, ends=None if past is None else past.ends.get(lane))
        for lane, seconds, end in zip(LANES, (kept - later, later), (deadline - later, deadline), strict=True)
    )
    return _ended(_offered(scenario, replace(found, plan=plan), plan.lower_bound, (own, handed)), (own, handed))


def _ended(plan: Plan, budgets: Budgets) -> Plan:
    """The plan with the work at which the clock ended the searches of offers in its record."""
    halted = {lane: b.halted for lane, b in zip(LANES, budgets, strict=True) if b.halted is not None}
    if not halted or plan.record is None:
        return plan
    record = plan.record.model_copy(update={"ends": plan.record.ends | halted})
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
    budgets = OfferBudget((1.0 - TRANSFERS_SHARE) * seconds), OfferBudget(TRANSFERS_SHARE * seconds)
    return _offered(scenario, Found(plan=plan, layouts=(), keeps=lambda *_: True), bound, budgets)


def _offered(scenario: Scenario, found: Found, bound: float | None, budgets: Budgets) -> Plan:
    """The best of the plan and the layouts once their groups sell."""
    plan, groups = found.plan, GroupOffers(scenario, budgets[0])
    bare = best = plan.design
    judged = evaluate(scenario, best)
    for layout in (*found.layouts, plan.design):
        design, seen = _sold(scenario, layout, groups, found.keeps)
        if net_of(seen) < net_of(judged):
            bare, best, judged = layout, design, seen
    budgets[1].seconds += max(budgets[0].left(), 0.0)  # what own offers had no use for
    best, judged = TransferOffers(scenario, budgets[1], found.keeps).improved(bare, best, judged)
    gap = None if bound is None else _share_of_cost(net_of(judged) - bound, judged.cost_per_year)
    goal = plan.provenance.get("options", {}).get("gap", 0.0)
    missed = plan.status == "gap_reached" and (gap is None or gap > goal)
    return plan.model_copy(update={
        "status": "best_found" if missed else plan.status, "design": best,
        "cost_per_year": judged.cost_per_year, "revenue_per_year": judged.revenue_per_year,
        "costs": judged.costs, "lower_bound": bound, "gap": gap,
    })  # fmt: skip


def _share_of_cost(distance: float, cost: float) -> float | None:
    """What is left to a bound as a share of the cost; None where something is left of a design that costs nothing."""
    if cost > 0.0:
        return distance / cost
    return 0.0 if distance <= 0.0 else None


def _sold(
    scenario: Scenario, design: Design, groups: GroupOffers, keeps: Callable[[Design, float], bool]
) -> tuple[Design, Evaluation]:
    """A design with the offers of each group that make it better and keep its promises and limits."""
    judged, trial = evaluate(scenario, design), design
    for group, rows in groups.chances(design):
        sold = groups.best(trial, group, rows)
        trial = trial if sold is None else _put(trial, *sold)
    if trial is design:
        return design, judged
    groups.budget.pays_whole(trial)  # what was found is judged, even where the time is over
    seen = evaluate(scenario, trial)
    if _better(seen, judged) and keeps(trial, seen.cost_per_year):
        return trial, seen
    return _sold_singly(scenario, design, judged, groups, keeps)


def _sold_singly(
    scenario: Scenario, design: Design, judged: Evaluation, groups: GroupOffers, keeps: Callable[[Design, float], bool]
) -> tuple[Design, Evaluation]:
    """Group by group, where all together break a promise or a limit."""
    for group, rows in groups.chances(design):
        sold = groups.best(design, group, rows)
        if sold is None:
            continue
        trial = _put(design, *sold)
        if not groups.budget.pays_whole(trial):
            break
        seen = evaluate(scenario, trial)
        if _better(seen, judged) and keeps(trial, seen.cost_per_year):
            design, judged = trial, seen
    return design, judged


def _better(seen: Evaluation, judged: Evaluation) -> bool:
    """Whether a design keeps its promises at less net cost than another."""
    return seen.meets_targets and net_of(seen) < net_of(judged)


def _put(design: Design, group: AgentGroup, offers: tuple[Offer, ...]) -> Design:
    """The design with another staff of a group and its offers."""
    groups = tuple(group if (g.site, g.skill_set) == (group.site, group.skill_set) else g for g in design.groups)
    others = tuple(o for o in design.offers if (o.site, o.skill_set) != (group.site, group.skill_set))
    return design.model_copy(update={"groups": groups, "offers": (*others, *offers)})
