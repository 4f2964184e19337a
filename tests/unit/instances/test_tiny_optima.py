"""The optimum of the tiny instances by enumeration, independent of the optimiser's tables and programmes.

For every pair of whole agents per site the largest rate that a group may take is found by bisection on
`ccopt.queueing.group_performance` (the judge's model); flows between two sites are a fractional knapsack. Seats couple
the periods, so the enumeration runs over seats as well.
"""

import itertools
import math
from functools import cache

import pytest

import ccopt as cc
from ccopt.kpis import MaxAbandonment, ServiceLevel
from ccopt.queueing import group_performance

MOST = 12


def holds(rate, aht_s, patience_s, agents, targets):
    """Do all targets hold in a group of one contact type?"""
    awt = next((t.awt_s for t in targets if isinstance(t, ServiceLevel)), 20.0)
    p = group_performance(rate, aht_s, patience_s=patience_s, agents=agents, awt_s=awt)
    if not p.stable:
        return False
    kept = {ServiceLevel: lambda t: p.answered_in_time[0] >= t.at_least, MaxAbandonment: lambda t: p.abandonment[0] <= t.at_most}
    return all(kept[type(t)](t) for t in targets)


@cache
def largest_rate(aht_s, patience_s, agents, targets):
    """Contacts per hour that so many agents may take, by bisection to 1e-9."""
    if agents == 0:
        return 0.0
    low, high = 0.0, 3600.0 / aht_s * agents * 2
    for _ in range(80):
        mid = (low + high) / 2
        low, high = (mid, high) if holds(mid, aht_s, patience_s, agents, targets) else (low, mid)
    return low


def cheapest_flow(rates, link, caps):
    """Least link cost per hour for two regions over two sites with capacities, None when it does not fit."""
    if sum(rates) > sum(caps) + 1e-9:
        return None
    # start with everything at site 0, move what is over (or cheaper) to site 1 in the order of its extra cost
    extra = sorted((link[r][1] - link[r][0], rates[r]) for r in range(2))
    cost = sum(link[r][0] * rates[r] for r in range(2))
    must, room = max(0.0, sum(rates) - caps[0]), caps[1]
    moved = 0.0
    for price, rate in extra:
        amount = min(rate, room - moved) if price < 0 else min(rate, max(0.0, must - moved))
        cost += price * amount
        moved += amount
    return cost


def enumerate_optimum(s):
    """Least cost per year over sites, seats, agents and flows of a two-site scenario with one skill set per type."""
    sites = s.sites
    link = {(k.region, k.site): k.cost_per_contact for k in s.links}
    regions = list(dict.fromkeys(d.region for d in s.demand))
    rates = {(d.region, d.contact_type): d.contacts_per_hour if isinstance(d.contacts_per_hour, tuple) else (d.contacts_per_hour,) * len(s.periods) for d in s.demand}
    for e in s.escalations:  # nobody abandons in the first tier of the tiny instances, so answered = offered
        for r in regions:
            rates[r, e.to_type] = tuple(e.share * x for x in rates[r, e.from_type])
    prices = [[link.get((r, x.name), 0.0) for x in sites] for r in regions]

    def options(kind, t):
        """(agents at site 0, agents at site 1) -> staff and link cost of the period."""
        skill = next(k for k in s.skill_sets if kind.name in k.contact_types)
        targets = tuple(e.target() for e in kind.targets)
        found = {}
        for n in itertools.product(range(MOST + 1), repeat=2):
            caps = [largest_rate(kind.aht_s, kind.patience_s or math.inf, k, targets) for k in n]
            flow = cheapest_flow([rates[r, kind.name][t] for r in regions], prices, caps)
            if flow is None or any(n[i] > (x.seats or 0) for i, x in enumerate(sites)):
                continue
            staff = sum(k * x.wage_per_hour / (1 - x.shrinkage) * skill.wage_factor for k, x in zip(n, sites, strict=True))
            found[n] = (staff + flow) * s.periods[t].hours_per_year
        return found

    def period(t):
        """Present agents per site -> least cost, over the split between the tiers."""
        best = {(0, 0): 0.0}
        for kind in s.contact_types:
            step = {}
            for (a, b), (n, c) in itertools.product(best, options(kind, t).items()):
                key = (a + n[0], b + n[1])
                if all(k <= (x.seats or 0) for k, x in zip(key, sites, strict=True)):
                    step[key] = min(step.get(key, math.inf), best[a, b] + c)
            best = step
        return best

    plans = [period(t) for t in range(len(s.periods))]
    least = math.inf
    for u in itertools.product(range(sites[0].seats + 1), range(sites[1].seats + 1)):
        fit = [min((c for k, c in plan.items() if k[0] <= u[0] and k[1] <= u[1]), default=math.inf) for plan in plans]
        fixed = sum((x.fixed_cost_per_year + x.seat_cost_per_year * k) * (k > 0) for x, k in zip(sites, u, strict=True))
        least = min(least, sum(fit) + fixed)
    return least


@pytest.mark.parametrize("name", ["two-sites", "tiny-tiers"])
def test_optimiser_finds_the_enumerated_optimum(name):
    s = cc.load_instance(name)
    least = enumerate_optimum(s)
    plan = cc.optimise(s, gap=1e-6, time_limit_s=20)
    assert plan.cost_per_year == pytest.approx(least, rel=1e-6)
    assert plan.lower_bound <= least * (1 + 1e-9)


def test_catalogue_states_the_enumerated_optimum():
    from ccopt.scenario.instances.catalogue import read_catalogue

    known = {row["name"]: row["best_known"] for row in read_catalogue()}
    for name in ("two-sites", "tiny-tiers"):
        assert known[name]["cost_per_year"] == pytest.approx(enumerate_optimum(cc.load_instance(name)), rel=1e-6)
        assert known[name]["status"] == "optimal"
