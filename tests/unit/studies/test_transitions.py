"""The path: promises and heads in every month, flows of heads that add up, money that adds up, pay-back by hand."""

import math

import numpy as np
import pytest

import ccopt as cc
from ccopt.scenario.transition import Lease, Transition
from ccopt.studies.path_staffing import heads_needed, monthly_survival
from ccopt.studies.transitions import PathMonth, _payback


@pytest.fixture(scope="module")
def ten():
    return cc.load_instance("ten-small-centers")


@pytest.fixture(scope="module")
def plan(ten):
    return cc.optimise(ten)


@pytest.fixture(scope="module")
def path(ten, plan):
    return cc.transition_path(ten, plan)


def test_every_month_keeps_its_promises_and_the_last_layout_is_the_plan(path, plan, ten):
    assert path.keeps_promises
    for stage in path.stages:
        assert cc.evaluate(ten, stage.design).meets_targets
    last = path.stages[-1].design
    assert last.open_sites == plan.design.open_sites
    assert sum(g.agents[0] for g in last.groups) == sum(g.agents[0] for g in plan.design.groups)
    assert len(path.months[0].open_sites) == 10
    assert len(path.months[-1].open_sites) == 1


def test_productive_heads_cover_the_need_of_each_group_in_each_month(path):
    """Counted anew from the hires: survival of the first year times productivity of the month of work."""
    s, rules = path.staffing, Transition()
    first = monthly_survival(rules.first_year_attrition)
    productive = [0.6, 0.75, 0.9]
    for g in range(len(s.groups)):
        for m in range(rules.months):
            heads = s.experienced[g, m] + sum(
                s.starts[g, a] * first ** min(m - a, 12) * monthly_survival(rules.later_attrition) ** max(m - a - 12, 0)
                * (productive[m - a] if m - a < 3 else 1.0)
                for a in range(m + 1)
            )
            assert heads >= s.needed[g, m] - 1e-6


def test_experienced_heads_add_up_over_the_months(path):
    """Before = survivors + let go + moved out - moved in, over all groups."""
    s = path.staffing
    stay = monthly_survival(0.2)
    for m in range(1, 24):
        moved_out = s.moved_in[:, m].sum()  # everyone who arrives has left somewhere
        now = s.experienced[:, m].sum() + s.let_go[:, m].sum() + moved_out - s.moved_in[:, m].sum()
        assert now == pytest.approx(stay * s.experienced[:, m - 1].sum(), rel=1e-6)


def test_nobody_works_at_a_site_that_is_shut(path):
    heads = path.heads_by_group()
    for move in path.moves:
        if move.end is not None:
            assert heads.loc[move.site].loc[:, move.end :].to_numpy().max() == pytest.approx(0.0, abs=1e-6)


def test_money_adds_up_and_closing_costs_come_once(path, ten):
    frame = path.frame()
    saving = path.today_per_month - frame["running"] - frame["pay"] - frame["one_off"]
    assert np.allclose(saving, frame["saving"])
    assert np.allclose(frame["saving"].cumsum(), frame["cumulative"])
    hires, moved = frame["starts"].sum(), frame["moved_in"].sum()
    assert path.one_off == pytest.approx(9 * 100_000 + 3000 * hires + 5000 * moved)  # closing_cost holds the severance
    assert path.payback_month == frame.loc[frame["cumulative"] < 0, "month"].max() + 1


def test_heads_by_hand(ten, plan):
    """107 agents present in 2,500 hours, shrinkage 0.3: the peak needs 107 / 0.7 = 152.9, the hours 107 x 2500 / 0.7 / 1800 = 212.3."""
    [heads] = heads_needed(ten, plan.design, Transition()).values()
    assert heads == pytest.approx(107 * 2500 / 0.7 / 1800)
    [shorter] = heads_needed(ten, plan.design, Transition(paid_hours_per_year=2600.0)).values()
    assert shorter == pytest.approx(107 / 0.7)


def test_a_lease_holds_a_site_and_can_be_bought_out(ten, plan):
    [last] = plan.design.open_sites
    site = next(s.name for s in ten.sites if s.name != last)

    def end(lease):
        found = cc.transition_path(ten, plan, rules=Transition(leases=(lease,)))
        return next(m.end for m in found.moves if m.site == site), found

    assert end(Lease(site=site, end_month=20))[0] == 20
    early, found = end(Lease(site=site, end_month=20, exit_cost=1000.0))
    assert early < 20
    free = cc.transition_path(ten, plan)
    assert found.one_off - free.one_off == pytest.approx(1000.0, abs=1e-3 * free.one_off)


def test_no_attrition_and_no_learning_need_no_more_heads_than_the_layouts(ten, plan):
    rules = Transition(first_year_attrition=0.0, later_attrition=0.0, learning=(), overlap_share=0.0)
    path = cc.transition_path(ten, plan, rules=rules)
    assert path.keeps_promises
    for m in path.months:
        assert m.heads - m.training <= m.needed + len(path.moves) + 1  # hires are whole


def test_a_path_that_does_not_fit_names_the_months(ten, plan):
    with pytest.raises(cc.ScenarioError, match="the path needs 12 months"):
        cc.transition_path(ten, plan, rules=Transition(months=6))
    with pytest.raises(cc.ScenarioError, match="existing"):
        cc.transition_path(ten.model_copy(update={"existing": None}), plan)


def test_payback_by_hand():
    def month(i, cumulative):
        zero = dict.fromkeys(PathMonth.__slots__, 0.0)
        return PathMonth(**(zero | {"month": i, "open_sites": (), "meets_targets": True, "violations": (), "cumulative": cumulative}))

    assert _payback((month(1, -5.0), month(2, 1.0)), 3.0) == (2, False)
    assert _payback((month(1, 1.0), month(2, -7.0)), 3.0) == (2 + math.ceil(7 / 3), True)
    assert _payback((month(1, -1.0),), 0.0) == (None, False)


def test_pictures_and_register(path):
    assert len(path.gantt().get_yticklabels()) == 10
    assert path.headcount().get_ylabel() == "heads on the payroll"
    names = {name for name, *_ in path.rules}
    assert {"learning", "later_attrition", "severance_months"} <= names
    assert all(source for *_, source in path.rules)
    assert "pays back" in path.sentence()
