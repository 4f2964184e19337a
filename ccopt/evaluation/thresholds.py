"""Best threshold of every group that sells: the exact chain over all periods, promises kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ccopt.design import AgentGroup, Design
from ccopt.errors import UnstableError
from ccopt.evaluation.judge import evaluate
from ccopt.kpis import MaxAbandonment, MaxAsa, MaxOccupancy, ServiceLevel, Target, service_level_of
from ccopt.queueing.selling import Selling, SellingGroup, selling_chain
from ccopt.queueing.selling_waits import selling_waits
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import ContactType, Scenario

STEPS = 24
NEVER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class BestThreshold:
    """The threshold of one group with its yearly account against never selling.

    ``threshold`` None is always, -1 never; ``keeps`` says whether all promises of its contact types hold with it (never
    selling is returned where none keeps them). ``net_per_year`` is revenue less the worth of added lost contacts.
    """

    site: str
    skill_set: str
    threshold: int | None
    keeps: bool
    offers_per_year: float
    revenue_per_year: float
    net_per_year: float
    added_wait_s: float
    added_load: float


@dataclass(frozen=True, slots=True)
class _Period:
    group: SellingGroup
    hours: float
    success: float
    revenue: float
    lost_value: float
    types: tuple[ContactType, ...]


def best_thresholds(scenario: Scenario, design: Design) -> tuple[BestThreshold, ...]:
    """Best threshold for each group of a design whose agents make offers themselves.

    Every threshold up to the agents is tried (in steps for large groups, then one by one around the best) in all periods;
    the best is the one of largest net value among those that keep every service level, ASA, abandonment and occupancy
    target of the group. Contact types of one group are merged as in the judge: one mean handle time, offer and patience.

    Parameters
    ----------
    scenario, design
        Checked documents; for offers by warm transfer see `transfer_thresholds`.

    Returns
    -------
    tuple of BestThreshold
        In the order of the design's groups.
    """
    core = core_of(scenario)
    rows = []
    for group in design.groups:
        periods = _periods(core, design, group)
        if periods:
            rows.append(_best(group, periods))
    return tuple(rows)


def _periods(scenario: Scenario, design: Design, group: AgentGroup) -> list[_Period]:
    """The work of a group in each period in which it has contacts, agents and offers."""
    place = (group.site, group.skill_set)
    offers = {o.contact_type: o for o in design.offers if (o.site, o.skill_set) == place and o.route == "own"}
    if not offers:
        return []
    sold = {x.contact_type: x for x in scenario.cross_selling}
    kinds = {c.name: c for c in scenario.contact_types}
    lost = {w.contact_type: w.lost_value for w in scenario.worth}
    factor = next(k.aht_factor for k in scenario.skill_sets if k.name == group.skill_set)
    cells = [c for c in evaluate(scenario, design).cells if (c.site, c.skill_set) == place and c.contacts_per_hour > 0]
    found = []
    for t, period in enumerate(scenario.periods):
        mine = [c for c in cells if c.period == period.name]
        if not mine or not group.agents[t]:
            continue
        rate = np.array([c.contacts_per_hour for c in mine])
        types = tuple(kinds[c.name] for c in mine)
        share = np.array([_share(offers[c.name].share, t) if c.name in offers else 0.0 for c in mine])
        asked = rate * share
        if asked.sum() <= 0:
            continue
        leave = float(rate @ [1.0 / c.patience_s if c.patience_s else 0.0 for c in types]) / float(rate.sum())
        part = asked / asked.sum()
        sales = [sold.get(c.name) for c in mine]
        extra, success, revenue = (
            float(part @ [getattr(x, n) if x else 0.0 for x in sales]) for n in ("extra_s", "success", "revenue")
        )
        work = SellingGroup(
            contacts_per_hour=float(rate.sum()), aht_s=float(rate @ [c.aht_s * factor for c in types]) / float(rate.sum()),
            agents=group.agents[t], extra_s=extra, share=float(asked.sum() / rate.sum()),
            patience_s=1.0 / leave if leave > 0 else math.inf,
        )  # fmt: skip
        value = float(rate @ [lost.get(c.name, 0.0) for c in types]) / float(rate.sum())
        found.append(_Period(work, period.hours_per_year, success, revenue, value, types))
    return found


def _share(share: float | tuple[float, ...], t: int) -> float:
    return share[t] if isinstance(share, tuple) else share


def _best(group: AgentGroup, periods: Sequence[_Period]) -> BestThreshold:
    most = max(p.group.agents for p in periods)
    step = max(1, most // STEPS)
    tried = {t: _account(group, periods, t) for t in (NEVER, *range(0, most + 1, step), None)}
    around = _top(tried).threshold
    if step > 1 and around is not None:
        tried |= {t: _account(group, periods, t) for t in range(max(around - step + 1, 0), around + step) if t not in tried}
    return _top(tried)


def _top(tried: dict[int | None, BestThreshold]) -> BestThreshold:
    return max((a for a in tried.values() if a.keeps), key=lambda a: a.net_per_year, default=tried[NEVER])


def _account(group: AgentGroup, periods: Sequence[_Period], threshold: int | None) -> BestThreshold:
    """One threshold over the year; not kept where a period has no steady state."""
    offers = revenue = net = wait = load = contacts = hours = 0.0
    keeps = True
    for p in periods:
        try:
            now, base = (selling_chain(p.group, threshold=t) for t in (threshold, NEVER))
        except UnstableError:
            keeps = False
            continue
        keeps = keeps and _kept(p, threshold)
        gain = now.offers_per_hour * p.success * p.revenue
        lost = (now.abandonment - base.abandonment) * p.group.contacts_per_hour * p.lost_value
        offers, revenue = offers + now.offers_per_hour * p.hours, revenue + gain * p.hours
        net += (gain - lost) * p.hours
        contacts += p.group.contacts_per_hour * p.hours
        wait += (now.mean_wait_s - base.mean_wait_s) * p.group.contacts_per_hour * p.hours
        load, hours = load + now.selling_load * p.hours, hours + p.hours
    return BestThreshold(
        site=group.site, skill_set=group.skill_set, threshold=threshold, keeps=keeps, offers_per_year=offers,
        revenue_per_year=revenue, net_per_year=net, added_wait_s=wait / contacts if contacts else 0.0,
        added_load=load / hours if hours else 0.0,
    )  # fmt: skip


def _kept(p: _Period, threshold: int | None) -> bool:
    """Whether the targets of all contact types of a period hold."""
    now = selling_chain(p.group, threshold=threshold)
    targets = {e.target() for kind in p.types for e in kind.targets}
    return all(_holds(p, now, threshold, target) for target in targets)


def _holds(p: _Period, now: Selling, threshold: int | None, target: Target) -> bool:
    if isinstance(target, ServiceLevel):
        waits = selling_waits(p.group, threshold=threshold, awt_s=target.awt_s)
        level = service_level_of(
            target.basis, answered_in_time=waits.answered_in_time, answered=1.0 - now.abandonment,
            abandoned_early=waits.abandoned_early, virtual=waits.virtual,
        )  # fmt: skip
        return level is None or level >= target.at_least
    if isinstance(target, MaxAsa):
        return selling_waits(p.group, threshold=threshold, awt_s=0.0).asa_s <= target.at_most_s
    if isinstance(target, MaxAbandonment):
        return now.abandonment <= target.at_most
    return not isinstance(target, MaxOccupancy) or now.occupancy <= target.at_most
