"""Moves of shares that the group model judges: never dearer than the start, limits kept, same seed same bytes."""

import threading
from dataclasses import replace

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation import Options
from ccopt.optimisation.aggregation import aggregate
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.construct import constructed
from ccopt.optimisation.exact_moves import ExactMoves, judged_at_once, shares_of
from ccopt.optimisation.limits import limits_of
from ccopt.optimisation.run import Run
from ccopt.optimisation.work import working
from ccopt.scenario.core import core_of


def moved(scenario, *, seed=0, judged_s=0.5, limits=()):
    """The first design and the one after so many nominal seconds of moves; work is counted, so that the clock plays no part."""
    core = core_of(scenario)
    p = build_problem(core, limits_of(core, limits))
    run = Run(core, p, Options(gap=1e-9, time_limit_s=1e6, limits=limits), interrupted=threading.Event())
    assert judged_at_once(p)
    with working(run.main):
        run.offer(constructed(aggregate(p, merge=True)), "first design")
        first = run.best
        ExactMoves(run, seed).search(seconds=judged_s)
    return first, run.best, run


def test_help_desk_costs_less_than_by_the_tables_and_the_evaluation_agrees():
    """Tables serve safe volumes in every tier; the judged design needs fewer agents."""
    s = cc.load_instance("help-desk-three-tiers")
    first, best, _ = moved(s, judged_s=2.0)
    seen = cc.evaluate(s, best.design)
    assert seen.meets_targets
    assert seen.cost_per_year == pytest.approx(best.account.cost_per_year, rel=1e-9)
    assert best.objective < 0.998 * first.objective


def test_one_move_in_five_empties_a_group():
    core = core_of(cc.load_instance("help-desk-three-tiers"))
    p = build_problem(core, limits_of(core))
    run = Run(core, p, Options(), interrupted=threading.Event())
    moves = ExactMoves(run, 1)
    share = np.zeros((len(p.arc_group), len(p.hours)))
    for c in range(len(p.commodity_names)):  # every contact in the group that serves most commodities
        mine = np.flatnonzero(p.arc_commodity == c)
        share[max(mine, key=lambda e: int((p.arc_group == p.arc_group[e]).sum()))] = 1.0
    emptied, several = 0, 0
    for _ in range(600):
        trial = share.copy()
        moves._move(trial)
        assert np.bincount(p.arc_commodity, weights=trial[:, 0]) == pytest.approx(1.0)
        less = trial.sum(axis=1) < share.sum(axis=1)
        for g in np.unique(p.arc_group[less]):
            whole = np.flatnonzero((p.arc_group == g) & share.any(axis=1))
            several += whole.size > 2
            emptied += whole.size > 2 and less[whole].all()
    assert several > 300
    assert 0.13 * several < emptied < 0.3 * several  # a chance of 0.2, and one type in all regions


def test_agents_of_moved_shares_stay_within_the_tables():
    core = core_of(cc.load_instance("help-desk-three-tiers"))
    p = build_problem(core, limits_of(core))
    moves = ExactMoves(Run(core, replace(p, inner=p.inner[:, :3]), Options(), interrupted=threading.Event()), 1)
    share = np.zeros((len(p.arc_group), len(p.hours)))
    share[[np.flatnonzero(p.arc_commodity == c)[0] for c in range(len(p.commodity_names))]] = 1.0
    assert (p.inner[:, 2].max() < moves.construction.group_of_arc @ (share * p.demand[p.arc_commodity])).any()  # more than any table says
    assert moves.solution(share).agents.max() == 2


def test_same_seed_same_moves():
    s = cc.load_instance("telecom")
    one, two = (moved(s, seed=3)[1].design.model_dump_json() for _ in range(2))
    assert one == two


def test_limits_of_the_planner_are_kept():
    s = cc.load_instance("telecom")
    free = moved(s, judged_s=1.5)[1]
    assert "vendor" in free.design.open_sites  # under one of its two forms
    assert len({(g.site, g.skill_set) for g in free.design.groups}) == len(free.design.groups)
    assert cc.evaluate(s, free.design).meets_targets
    kept = moved(s, judged_s=1.5, limits=(cc.ForceClosed(site="vendor"),))[1]
    assert "vendor" not in kept.design.open_sites
    assert free.objective < kept.objective


def test_shares_of_a_design_sum_to_one_and_give_its_cost_again():
    s = cc.load_instance("cross-selling-bank").model_copy(update={"cross_selling": ()})
    _, best, run = moved(s)
    share = shares_of(run.p, best.design)
    for c in range(len(run.p.commodity_names)):
        assert share[run.p.arc_commodity == c].sum(axis=0) == pytest.approx(1.0)
    again = run.judged(ExactMoves(run, 0).solution(share), "design")
    assert again.objective == pytest.approx(best.objective, rel=1e-9)
