"""Rows on whole agents: by hand, by enumeration, and kept by designs."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.designs import exact
from ccopt.optimisation.family_rows import with_family_rows
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.headcount_rows import Cover, Loss, covers, fewest_whole, headcount_rows, whole_table
from ccopt.optimisation.limits import limits_of
from ccopt.optimisation.site_choice import best_sites

LOADS = {"a": 4.0, "b": 2.5}


def network(*, sites=3, share=None):
    """Two types with one handle time, a skill set for each and one for both, at every site."""
    document = {
        "schema_version": 1, "name": "rows", "periods": [{"name": "day", "hours_per_year": 1000}],
        "sites": [{"name": f"s{i}", "kind": "inhouse", "seats": 40, "wage_per_hour": 20 + i} for i in range(sites)],
        "contact_types": [{"name": c, "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]} for c in LOADS],
        "skill_sets": [{"name": "ka", "contact_types": ["a"]}, {"name": "kb", "contact_types": ["b"]},
                       {"name": "kab", "contact_types": ["a", "b"], "wage_factor": 1.1}],
        "demand": [{"region": "r", "contact_type": c, "contacts_per_hour": load * 12.0} for c, load in LOADS.items()],
    }  # fmt: skip
    if share is not None:
        document["limits"] = [{"kind": "survive_site_loss", "share": share}]
    return cc.Scenario.model_validate(document)


def rows_of(scenario):
    p = build_problem(scenario, limits_of(scenario))
    return p, with_family_rows(p, headcount_rows(p), time.monotonic() + 30)


def test_knapsack_of_groups_by_hand():
    table = np.array([0.0, 0.2, 0.8, 1.5])
    assert whole_table(table, 3, 5).tolist() == pytest.approx([0.0, 0.2, 0.8, 1.5, 1.7, 2.3])
    assert fewest_whole(table, 2, 1.5) == 4  # two pairs
    assert fewest_whole(np.array([0.0, 0.5]), 1, 1.2) == 3  # groups of one agent
    assert fewest_whole(np.array([0.0, 0.0, 0.0]), 2, 1.0) == -1


def test_family_rows_are_the_least_over_all_splits():
    p, rows = rows_of(network())
    table = p.outer.max(axis=0)
    alone = {c: int(np.searchsorted(table, load)) for c, load in LOADS.items()}
    found = {tuple(w[:3].round(9)): int(np.ceil(n[0] - 1e-6)) for w, n in zip(rows.weight, rows.agents, strict=True)}
    # all splits of the agents over the three skill sets, contacts of one type anywhere they can go
    counts = [
        (na, nb, nab)
        for na, nb, nab in itertools.product(range(12), repeat=3)
        if max(0.0, LOADS["a"] - table[na]) + max(0.0, LOADS["b"] - table[nb]) <= table[nab] + 1e-9
    ]
    assert found[1.0, 1.0, 1.0] == min(map(sum, counts))
    by_wage = next(n[0] for w, n in zip(rows.weight, rows.agents, strict=True) if w[2] > 1.0)
    assert by_wage == pytest.approx(min(na + nb + 1.1 * nab for na, nb, nab in counts), rel=1e-6)
    assert found[1.0, 0.0, 1.0] == alone["a"]
    assert found[0.0, 1.0, 1.0] == alone["b"]


@pytest.mark.parametrize(("need", "sites"), [(7.0, 2), (7.0, 4), (3.2, 3), (12.5, 5)])
def test_agents_after_a_loss_by_enumeration(need, sites):
    table = np.array([0.0, 0.2, 0.8, 1.5, 2.2, 3.0, 3.8, 4.6, 5.5, 6.4, 7.2, 8.1, 9.0, 9.9, 10.8])
    load = 9.0
    rule = Loss(need=np.array([need]), surge=1.0, held=1.0, sites=sites)
    splits = (s for s in itertools.product(range(15), repeat=sites) if list(s) == sorted(s, reverse=True))
    least = min(
        (sum(s) for s in splits if sum(s) - s[0] >= need and sum(table[k] for k in s) >= load), default=None
    )
    assert rule.fewest(lambda h: fewest_whole(table, h, load), 14, 0) <= least
    assert rule.fewest(lambda h: fewest_whole(table, h, load), 14, 0) >= least - 1  # sites may hold two groups in the row


@pytest.mark.parametrize("share", [None, 0.7])
def test_designs_keep_the_rows(share):
    scenario = network(share=share)
    p, rows = rows_of(scenario)
    plan = cc.optimise(scenario, gap=0.002, time_limit_s=20)
    agents = np.zeros((len(p.group_names), 1))
    for g in plan.design.groups:
        agents[p.group_names.index((g.site, g.skill_set))] = g.agents[0]
    assert (rows.weight @ agents >= rows.agents - 1e-6).all()
    assert plan.gap <= 0.002


def test_open_sites_seat_the_agents_of_all_families():
    p, rows = rows_of(network())
    [cover] = covers(p, rows)
    assert cover.agents == max(n[0] for w, n in zip(rows.weight, rows.agents, strict=True) if (w == 1.0).all())
    assert cover.seats.tolist() == [cover.agents] * 3  # 40 seats are more than all agents


@pytest.mark.parametrize("seed", range(5))
def test_sites_chosen_by_seats_are_the_best_of_all_sets(seed):
    rng = np.random.default_rng(seed)
    p = build_problem(network(sites=6))
    value = rng.normal(0.0, 100.0, 6)
    rule = Cover(seats=rng.integers(3, 20, 6).astype(float), agents=30.0)
    total, chosen = best_sites(p, value, [rule])
    every = [np.array(s, dtype=bool) for s in itertools.product((0, 1), repeat=6)]
    best = min(value[s].sum() for s in every if rule.seats[s].sum() >= rule.agents)
    assert total == pytest.approx(best)
    assert rule.seats[chosen].sum() >= rule.agents
    assert value[chosen].sum() == pytest.approx(total)


def random_problem(rng, kinds):
    """Three sites, small loads, skill sets of one or two types at random, the loss of any one site."""
    names = [f"c{i}" for i in range(kinds)]
    pairs = [names[i : i + 2] for i in range(0, kinds - 1, 2)]
    document = {
        "schema_version": 1, "name": "random", "periods": [{"name": "day", "hours_per_year": 1000}],
        "sites": [{"name": f"s{i}", "kind": "inhouse", "seats": int(rng.integers(14, 40)) + 6 * kinds, "wage_per_hour": 20}
                  for i in range(3)],
        "contact_types": [{"name": c, "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]} for c in names],
        "skill_sets": [{"name": "k" + "".join(s), "contact_types": s, "wage_factor": 1.0 + 0.05 * (len(s) - 1)}
                       for s in [*([c] for c in names), *pairs]],
        "demand": [{"region": "r", "contact_type": c, "contacts_per_hour": round(float(rng.uniform(6, 60)), 1)} for c in names],
        "limits": [{"kind": "survive_site_loss", "share": float(rng.choice([0.5, 0.7, 0.9]))}],
    }  # fmt: skip
    scenario = cc.Scenario.model_validate(document)
    return build_problem(scenario, limits_of(scenario))


@pytest.mark.parametrize(("seed", "kinds"), [(0, 2), (1, 3), (2, 4), (3, 7)])
def test_rows_hold_at_the_optimum_for_any_wages(seed, kinds):
    rng = np.random.default_rng(seed)
    p = random_problem(rng, kinds)
    rows = with_family_rows(p, headcount_rows(p), time.monotonic() + 20)
    for _ in range(3):
        priced = replace(p, agent_cost=rng.uniform(1.0, 2.0, p.agent_cost.shape) * p.agent_cost)
        found = exact(priced, compile_model(build_model(priced), priced), "inner", time_limit_s=10, gap=0.02, seed=0)
        assert found.solution is not None
        assert (rows.weight @ found.solution.agents >= rows.agents - 1e-6).all()
        for cover in covers(p, rows):
            assert cover.seats[found.solution.open_sites].sum() >= cover.agents
