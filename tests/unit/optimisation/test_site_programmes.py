"""Site programmes at given prices: what they count, by hand."""

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

import ccopt as cc
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.headcount_rows import headcount_rows
from ccopt.optimisation.lagrangian import SiteProgrammes
from ccopt.optimisation.limits import limits_of
from ccopt.optimisation.site_choice import cover_seats
from ccopt.optimisation.site_programmes import fill, site_plan


def test_contacts_that_are_surely_passed_on():
    scenario = cc.load_instance("tiny-tiers")
    p = build_problem(scenario, limits_of(scenario))
    programmes = SiteProgrammes(p, headcount_rows(p))
    rng = np.random.default_rng(1)
    programmes.flow[:] = rng.uniform(1, 9, programmes.flow.shape)
    programmes.agents[:] = rng.integers(0, p.outer.shape[1], programmes.agents.shape)
    on = rng.random(len(p.arc_group)) < 0.7
    expected = np.zeros_like(p.demand)
    for e in np.flatnonzero(on):
        for k, start in enumerate(p.escalation_from):
            if start == p.arc_commodity[e]:
                for t in range(len(p.hours)):
                    staff = programmes.agents[p.arc_group[e], t]
                    least = max(n for n in programmes.edges if n <= staff)  # losses are those of the least staff of its range
                    answered = programmes.flow[e, t] * (1 - p.largest_loss[p.arc_group[e], least])
                    expected[p.escalation_to[k], t] += p.escalation_share[k] * answered
    assert expected.max() > 0
    assert programmes.escalated(on) == pytest.approx(expected, rel=1e-12)


def most_income(profit, work, most, capacity):
    """The knapsack with parts, as a linear programme."""
    found = linprog(-np.asarray(profit), A_ub=[work], b_ub=[capacity], bounds=[(0, m) for m in most])
    return -found.fun


@pytest.mark.parametrize("seed", range(6))
def test_income_of_a_group_is_the_knapsack_with_parts(seed):
    rng = np.random.default_rng(seed)
    profit, work, most = rng.uniform(-1, 5, 5), rng.uniform(0.05, 0.5, 5), rng.uniform(1, 30, 5)
    capacity = np.sort(rng.uniform(0, 12, 8))
    value = np.zeros(8)
    fill(profit, work, most, np.argsort(-profit / work), capacity, value)
    assert value == pytest.approx([most_income(profit, work, most, c) for c in capacity], abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_value_of_a_site_is_the_best_of_all_numbers_of_agents(seed):
    """Two periods that share the seats, least numbers in every second case, and wages that a rebate makes a gain."""
    rng = np.random.default_rng(seed)
    most_agents, seats = 4, 5
    gain, work, most = rng.uniform(-2, 9, (6, 2)), rng.uniform(0.05, 0.3, 6), rng.uniform(1, 30, (6, 2))
    table = np.hstack([np.zeros((2, 1)), np.cumsum(rng.uniform(0.3, 1.0, (2, most_agents)), axis=1)])
    price, seat = rng.uniform(-2, 14, (2, 2)), rng.uniform(0, 4) * np.arange(seats + 1.0)
    low = rng.integers(0, 3, (2, 2)) * (seed % 2)
    agents, flow, steps = np.full((2, 2), 9), np.full((6, 2), 99.0), np.zeros(1, dtype=np.int64)
    found = site_plan(
        np.arange(2), np.array([0, 3, 6]), np.arange(6), gain, np.zeros((6, 2)), work, most, table, np.zeros((2, 1)),
        np.zeros(1, dtype=np.int64), price, np.full((2, 2), most_agents), low, seats, seat, 0.0, np.ones(2), agents, flow, steps,
    )  # fmt: skip

    def net(numbers, t):
        income = sum(most_income(gain[3 * g : 3 * g + 3, t], work[3 * g : 3 * g + 3], most[3 * g : 3 * g + 3, t], table[g, k])
                     for g, k in enumerate(numbers))  # fmt: skip
        return income - sum(price[g, t] * k for g, k in enumerate(numbers))

    every = list(itertools.product(range(most_agents + 1), repeat=2))
    best = [max((net(n, t), n) for n in every if sum(n) <= used and (np.array(n) >= low[:, t]).all()) if used >= low[:, t].sum()
            else (-np.inf, None) for used in range(seats + 1) for t in range(2)]  # fmt: skip
    nets = [best[2 * used][0] + best[2 * used + 1][0] - seat[used] for used in range(seats + 1)]
    assert found == pytest.approx(-max(nets), abs=1e-9)
    assert sum(net(tuple(agents[:, t]), t) for t in range(2)) - seat[agents.sum(axis=0).max()] == pytest.approx(-found, abs=1e-9)
    assert (agents >= low).all()
    for g, t in np.ndindex(2, 2):
        assert work[3 * g : 3 * g + 3] @ flow[3 * g : 3 * g + 3, t] <= table[g, agents[g, t]] + 1e-9
    assert steps[0] > 0


@pytest.mark.parametrize("seed", range(20))
def test_open_sites_with_enough_seats_are_the_cheapest_of_all_sets(seed):
    rng = np.random.default_rng(seed)
    sites = np.sort(rng.integers(0, 5, 7))
    start = np.searchsorted(sites, np.arange(6))
    seats, value = rng.integers(0, 9, 7), rng.uniform(-5, 20, 7)
    forced = rng.random(5) < 0.2
    need, chosen = int(rng.integers(1, 20)), np.zeros(7, dtype=bool)
    found = cover_seats(start, np.arange(7), forced, seats, value, need, chosen)
    sets = [np.array(on, dtype=bool) for on in itertools.product([0, 1], repeat=7)]
    kept = [on for on in sets if seats[on].sum() >= need and np.bincount(sites[on], minlength=5).max() <= 1
            and (np.bincount(sites[on], minlength=5)[forced] == 1).all()]  # fmt: skip
    assert found == pytest.approx(min((value[on].sum() for on in kept), default=np.inf))
    if kept:
        assert value[chosen].sum() == pytest.approx(found)
        assert any((on == chosen).all() for on in kept)


def test_agents_of_a_headcount_row_are_those_of_the_chosen_sites():
    scenario = cc.load_instance("tiny-tiers")
    p = build_problem(scenario, limits_of(scenario))
    rows = headcount_rows(p)
    programmes = SiteProgrammes(p, rows)
    programmes.agents[:] = np.random.default_rng(2).integers(1, 6, programmes.agents.shape)
    for chosen in itertools.product([False, True], repeat=len(p.site_names)):
        on = np.array(chosen)[p.group_site]
        expected = [[sum(rows.weight[m, g] * programmes.agents[g, t] for g in np.flatnonzero(on)) for t in range(len(p.hours))]
                    for m in range(len(rows.weight))]  # fmt: skip
        assert programmes.headcount(np.array(chosen), np.zeros((len(rows.weight), len(p.hours)))) == pytest.approx(np.array(expected))
