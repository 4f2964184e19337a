"""Search for designs: the cost of the annealing against a sum by hand, parts by programmes, representative periods."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation.annealing import LOSS_PRICE, OVER_PRICE, Annealing
from ccopt.optimisation.annealing_moves import propose
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.certificate import broken_limits
from ccopt.optimisation.construct import Construction
from ccopt.optimisation.decode import serves_all
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.limits import limits_of
from ccopt.optimisation.local_programmes import LocalProgrammes, ranges
from ccopt.optimisation.local_search import LocalSearch
from ccopt.optimisation.loss_rows import loss_rows
from ccopt.optimisation.representative import representative
from ccopt.optimisation.work import now as work_now
from ccopt.scenario.entities import Tariff

FILE = Path(__file__).resolve().parents[3] / "benchmarks" / "optimiser" / "networks.py"
spec = importlib.util.spec_from_file_location("search_networks", FILE)
networks = importlib.util.module_from_spec(spec)
sys.modules["search_networks"] = networks
spec.loader.exec_module(networks)


def problem(variants, **size):
    counts = {"sites": 4, "types": 5, "skills": 7, "periods": 1, "per_site": 7, "seconds": 4, "target": 0.01} | size
    scenario = networks.network(networks.Size(**counts), 7, variants)
    return scenario, build_problem(scenario, limits_of(scenario, ()))


def certified(p, flows):
    """Agents that the flows of each cell need, by a plain walk through the table."""
    load = np.zeros((len(p.group_names), len(p.hours)))
    np.add.at(load, p.arc_group, p.arc_work[:, None] * flows)
    return np.array([[next(k for k, a in enumerate(p.inner[g]) if a >= x * (1 - 1e-9)) for x in load[g]] for g in range(len(load))])


def tiered(tariff, units):
    """Yearly amount of a contract with marginal tiers and a minimum."""
    amount, start = 0.0, 0.0
    for tier in tariff.tiers:
        end = np.inf if tier.up_to is None else tier.up_to
        amount += tier.price * max(0.0, min(units, end) - start)
        start = end
    return max(tariff.minimum, amount)


@pytest.mark.parametrize("variants", [(), ("contracts",), ("resilient",), ("contracts", "resilient")])
@pytest.mark.parametrize("periods", [1, 3])
def test_cost_of_the_annealing_is_the_sum_over_the_design(variants, periods):
    _, p = problem(variants, periods=periods)
    annealing = Annealing(p, 4.0)
    start = annealing.start(Construction(p).spread(~p.must_close))
    cost, choice = annealing.run(start, ~p.must_close, moves=3000, hot=1e5, seed=1)
    flows = annealing.flows(choice)
    agents = certified(p, flows)
    present = np.zeros((len(p.site_names), periods))
    np.add.at(present, p.group_site, agents)
    used = present.max(axis=1)
    total = (p.agent_cost * agents).sum() + (p.arc_cost * flows).sum() + (p.site_cost + p.seat_cost * used)[used > 0].sum()
    most, usual = p.agent_cost.max(axis=0), np.median(p.agent_cost, axis=0)
    total += (np.maximum(present - p.seats[:, None], 0.0) * OVER_PRICE * most).sum()
    rows = loss_rows(p)
    for kinds in dict.fromkeys(rows.kinds):
        mine = [i for i, k in enumerate(rows.kinds) if k == kinds]
        missing = np.maximum(rows.need[mine] - rows.weight[mine] @ agents, 0.0).max(axis=0)
        total += (np.ceil(missing - 1e-7) * LOSS_PRICE * usual).sum()  # agents are whole
    for s, tariff in enumerate(p.contracts):
        if tariff is not None and used[s] > 0:
            units = float(present[s] @ p.hours)
            total += tiered(tariff, units) - min(t.price for t in tariff.tiers) * units
    twice = sum(max(0, sum(used[s] > 0 for s in group) - 1) for group in p.exclusive)
    assert cost == pytest.approx(total + twice * annealing.network.twice_price, rel=1e-9)


@pytest.mark.parametrize("per", ["agent_hour", "seat", "licence", "contact", "minute"])
def test_annealing_counts_the_units_that_a_contract_pays_for(per):
    """One design, with a contract at its largest site and without: all units at one price; beyond it would be half."""
    _, p = problem((), periods=3)
    annealing = Annealing(p, 4.0)
    start = annealing.start(Construction(p).spread(~p.must_close))
    free, choice = annealing.run(start, ~p.must_close, moves=0, hot=1e5, seed=1)
    flows = annealing.flows(choice)
    present = np.zeros((len(p.site_names), 3))
    np.add.at(present, p.group_site, certified(p, flows))
    s = int(present.max(axis=1).argmax())
    answered = flows * (p.answered_low[p.arc_commodity])[:, None] * (p.group_site[p.arc_group] == s)[:, None] * p.hours
    units = {
        "agent_hour": present[s] @ p.hours, "seat": present[s].max(), "licence": present[s].max(), "contact": answered.sum(),
        "minute": 60.0 * (answered * p.arc_work[:, None]).sum(),
    }[per]  # fmt: skip
    price = 1e6 / units
    tariff = Tariff(per=per, tiers=[{"up_to": 2 * units, "price": price}, {"price": price / 2}])
    with_it = Annealing(replace(p, contracts=tuple(tariff if i == s else None for i in range(len(p.site_names)))), 4.0)
    paid, _ = with_it.run(start, ~p.must_close, moves=0, hot=1e5, seed=1)
    assert paid - free == pytest.approx(1_000_000.0 - 500_000.0, rel=1e-6)  # the lowest price is in the costs of agents and contacts


def test_same_seed_same_choice_and_closed_sites_stay_closed():
    _, p = problem(())
    annealing = Annealing(p, 6.0)
    allowed = np.arange(len(p.site_names)) > 0
    start = annealing.start(Construction(p).spread(allowed))
    runs = [annealing.run(start, allowed, moves=20_000, hot=1e5, seed=3) for _ in range(2)]
    assert runs[0][0] == runs[1][0]
    assert (runs[0][1] == runs[1][1]).all()
    assert not annealing.flows(runs[0][1])[p.group_site[p.arc_group] == 0].any()


@pytest.mark.parametrize("variants", [(), ("contracts", "resilient")])
def test_part_of_a_design_by_programme_keeps_the_rest_and_costs_no_more(variants):
    _, p = problem(variants, periods=2)
    built = Construction(p).search()
    assert built is not None
    compiled = compile_model(build_model(replace(p, demand_low=p.demand), at_least_only=True), p)
    programmes = LocalProgrammes(p, compiled)
    no_site = np.zeros(len(p.site_names), dtype=bool)
    cells = np.repeat(built.open_sites[p.group_site][:, None], 2, axis=1)
    same, _ = programmes.solve(built, np.zeros_like(cells), no_site, time_limit_s=5, gap=1e-4, seed=0)
    assert same is not None
    assert (same.agents == built.agents).all()
    found, _ = programmes.solve(built, cells, no_site, time_limit_s=5, gap=1e-4, seed=0)
    assert found is not None
    assert found.cost <= same.cost * (1 + 1e-9)
    assert (found.agents >= certified(p, np.maximum(found.flows, 0.0) * (1 - 1e-6))).all()
    rows = loss_rows(p)
    assert (rows.weight @ found.agents >= rows.need * (1 - 1e-7)).all()


def test_search_by_parts_goes_down_step_by_step():
    _, p = problem((), periods=2)
    built = Construction(p).search()
    assert built is not None
    compiled = compile_model(build_model(replace(p, demand_low=p.demand), at_least_only=True), p)
    told = []
    search = LocalSearch(p, compiled, seed=1, gap=1e-3, stop=lambda: len(told) == 2, offer=told.append)
    found = search.run(built, deadline=work_now() + 60)
    assert found is told[1]
    assert told[1].cost < told[0].cost < built.cost
    assert (found.agents >= certified(p, np.maximum(found.flows, 0.0) * (1 - 1e-6))).all()


@pytest.mark.parametrize("now", [0, 1, 3, 20])
@pytest.mark.parametrize("top", [1, 2, 9, 60])
def test_ranges_cover_every_number_of_agents_once(now, top):
    found = ranges(now, top)
    assert [n for low, high, _ in found for n in range(low, high + 1)] == list(range(1, top + 1))
    assert all(low <= k <= high for low, high, k in found)


def test_representative_periods_keep_hours_contacts_and_money_per_contact():
    _, p = problem(("tiers",), periods=12)
    small = representative(p, 3)
    q = small.problem
    assert len(q.hours) == 3
    assert q.hours.sum() == pytest.approx(p.hours.sum(), rel=1e-12)
    assert q.demand @ q.hours == pytest.approx(p.demand @ p.hours, rel=1e-12)
    assert q.arc_cost.sum(axis=1) == pytest.approx(p.arc_cost.sum(axis=1), rel=1e-12)
    assert q.demand.sum(axis=0).max() == pytest.approx(p.demand.sum(axis=0).max(), rel=1e-12)  # the busiest stays alone
    spread = Construction(q).spread(~q.must_close)
    wide = small.expand(replace(Construction(q).search(), flows=spread))
    served = np.zeros_like(p.demand)
    np.add.at(served, p.arc_commodity, wide.flows)
    assert served == pytest.approx(p.demand, rel=1e-9)


def test_resilient_network_gets_a_design_near_its_bound_and_keeps_the_loss_of_any_site():
    scenario, p = problem(("resilient",), sites=5, types=8, skills=12)
    plan = cc.optimise(scenario, gap=0.02, time_limit_s=6, seed=0)
    built = Construction(p).search()
    assert plan.cost_per_year < built.cost + p.base_cost
    agents = np.zeros((len(p.group_names), 1))
    for g in plan.design.groups:
        agents[p.group_names.index((g.site, g.skill_set))] = np.array(g.agents)
    rows = loss_rows(p)
    assert (rows.weight @ agents >= rows.need * (1 - 1e-9)).all()


def test_a_site_opens_for_agents_who_are_missing_after_a_loss():
    """Two sites whose seats are all taken by the agents of the contacts: spare ones need another site."""
    _, p = problem(("resilient",))
    opened = np.arange(len(p.site_names)) < 2
    flow = Construction(p).spread(opened)
    present = np.bincount(p.group_site, weights=Construction(p).needed(flow)[:, 0], minlength=len(p.site_names))
    p = replace(p, seats=np.where(opened, present, p.seats).astype(np.int64))
    construction = Construction(p)
    found = construction.completed(flow, opened)
    assert found is not None
    assert found.open_sites[:2].all()
    assert found.open_sites.sum() > 2
    rows = loss_rows(p)
    assert (rows.weight @ found.agents >= rows.need * (1 - 1e-9)).all()
    assert opened.sum() == 2  # the argument stays as it was
    assert Construction(replace(p, max_sites=2)).completed(flow, opened) is None


def over_the_limits(p, agents):
    """What sizes, numbers of groups and shares are missed by, counted group by group: open groups too many, agents too many."""
    busiest = int(np.argmax(p.demand.sum(axis=0)))
    names = np.array([site for site, _ in p.group_names])
    used = agents.any(axis=1)
    groups = sum(max(0, int((used & ((names == site) | (site is None))).sum()) - most) for site, most in p.max_groups.items())
    beyond = np.zeros(agents.shape[1])
    for site, share in p.max_share_at_site.items():
        beyond += np.maximum(0.0, agents[names == site].sum(axis=0) - share * agents.sum(axis=0))
    away = used & (agents[:, busiest] == 0)
    return groups, beyond, float((away * p.min_group_size).sum()), busiest


@pytest.mark.parametrize("periods", [1, 3])
@pytest.mark.parametrize(
    "limit", [cc.MaxGroups(count=3), cc.MaxGroups(count=1, site="s1"), cc.MaxShareAtSite(share=0.4), cc.MinGroupSize(agents=7)], ids=repr
)
def test_annealing_pays_for_what_sizes_and_shares_miss(limit, periods):
    scenario, free = problem((), periods=periods)
    p = build_problem(scenario, limits_of(scenario, (limit,)))
    cost = {}
    for q in (free, p):
        annealing = Annealing(q, 4.0)
        start = annealing.start(Construction(q).spread(~q.must_close))
        cost[q is p], choice = annealing.run(start, ~q.must_close, moves=0, hot=1e5, seed=1)
    flows = annealing.flows(choice)
    agents = certified(p, flows)
    groups, beyond, away, busiest = over_the_limits(p, agents)
    most = p.agent_cost.max(axis=0)
    extra = groups * annealing.network.group_price + float(beyond @ most) * OVER_PRICE + away * most[busiest] * OVER_PRICE
    small = agents[:, busiest] > 0
    agents[small, busiest] = np.maximum(agents[small, busiest], p.min_group_size[small])
    if p.min_group_size.any():  # least sizes cost wages and seats
        assert cost[True] >= cost[False] + extra
    else:
        assert cost[True] == pytest.approx(cost[False] + extra, rel=1e-9)


@pytest.mark.parametrize(
    "limit",
    [cc.MaxGroups(count=22), cc.MaxGroups(count=2, site="s1"), cc.MaxShareAtSite(share=0.25), cc.MinGroupSize(agents=6), cc.ForceOpen("s0"),
     cc.MinAgentsAtSite("s1", 9)],
    ids=repr,
)  # fmt: skip
def test_large_networks_get_designs_under_limits_on_sizes_groups_and_shares(limit):
    scenario = networks.network(replace(networks.SIZES["medium12"], sites=8, periods=4), 1)
    plan = cc.optimise(scenario, gap=0.02, time_limit_s=12, limits=[limit])
    assert not broken_limits(build_problem(scenario, limits_of(scenario, (limit,))), plan.design)
    assert not cc.feasibility(scenario, plan.design, limits=[limit])


def test_where_units_start_depends_on_shares_and_not_on_how_many_call():
    _, p = problem((), periods=2)
    annealing = Annealing(p, 4.0)
    flow = np.random.default_rng(3).uniform(0.1, 1.0, (len(p.arc_group), len(p.hours)))
    start = annealing.start(flow)
    assert len(np.unique(start)) > 1
    assert (annealing.start(1e-3 * flow) == start).all()
    assert (annealing.start(1e3 * flow) == start).all()


def test_a_point_that_leaves_contacts_out_is_not_a_design():
    _, p = problem(())
    built = Construction(p).search()
    assert serves_all(p, built)
    for c in range(len(p.commodity_names)):
        flows = np.where((p.arc_commodity == c)[:, None], 0.0, built.flows)
        assert serves_all(p, replace(built, flows=flows)) == (not p.demand[c].any())


def test_sites_that_are_not_free_stay_as_they_are():
    _, p = problem(())
    built = Construction(p).search()
    compiled = compile_model(build_model(replace(p, demand_low=p.demand), at_least_only=True), p)
    programmes = LocalProgrammes(p, compiled)
    for free_site in range(len(p.site_names)):
        sites = np.arange(len(p.site_names)) == free_site
        value = programmes._values(built, np.ones_like(built.agents, dtype=bool), sites)
        places = compiled.open_site
        fixed = places >= 0
        assert np.isnan(value[places[fixed & sites]]).all()
        assert (value[places[fixed & ~sites]] == built.open_sites[fixed & ~sites]).all()


def test_all_units_of_a_site_move_to_one_other_site_where_it_can_serve_them_all():
    units, sites = 5, 6
    moved, random, several = np.zeros((units, 3), dtype=np.int64), np.array([12345]), 0
    for _ in range(20_000):
        count = propose(
            np.arange(0, sites * units + 1, sites), np.arange(sites * units), np.tile(np.arange(sites), units), np.arange(sites),
            np.ones((sites, 1), dtype=bool), np.ones(sites, dtype=bool), np.ones(sites, dtype=bool), np.ones((units, 1)),
            np.zeros((units, 1), dtype=np.int64), random, moved,
        )  # fmt: skip
        several += count > 1
        assert len(set(moved[:count, 2])) <= 1
        assert 0 not in moved[:count, 2]
    assert several > 500
