"""Early proofs: that no design exists, and a bound that is there before any solver has run; counted in work, not in seconds."""

import json
import math
import threading
from dataclasses import replace

import pytest

import ccopt as cc
from ccopt.design import RunRecord
from ccopt.optimisation import Options, find_plan, pipeline
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.limits import limits_of
from ccopt.optimisation.metering import Meter, Outcome, Watch
from ccopt.optimisation.proofs import cheap_bound, proven_infeasible
from ccopt.optimisation.run import Run
from ccopt.optimisation.work import Lane

HOURS = 2000.0


def scenario(**changes):
    """12 erlangs of one type; two sites at 20 and 22 an hour, 10,000 each while open."""
    base = {
        "schema_version": 1, "name": "one", "periods": [{"name": "p", "hours_per_year": HOURS}],
        "sites": [
            {"name": n, "kind": "inhouse", "wage_per_hour": w, "seats": 30, "fixed_cost_per_year": 10_000}
            for n, w in (("a", 20), ("b", 22))
        ],
        "contact_types": [{"name": "c", "talk_s": 300, "targets": [{"max_occupancy": 0.8}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "demand": [{"region": "r", "contact_type": "c", "contacts_per_hour": 144}],
    }  # fmt: skip
    return cc.Scenario.model_validate(json.loads(json.dumps(base)) | changes)


def problem(s, limits=()):
    return build_problem(s, limits_of(s, limits))


def test_the_cheap_bound_is_the_wages_at_the_best_rate_of_an_agent():
    # at most 0.8 erlangs an agent: 12 erlangs are at least 15 agents at 20 an hour; no site is forced open
    assert cheap_bound(problem(scenario())) == pytest.approx(15 * 20 * HOURS, rel=1e-6)
    assert cheap_bound(problem(scenario(), [cc.MinSites(2)])) == pytest.approx(15 * 20 * HOURS + 20_000, rel=1e-6)
    assert math.isinf(cheap_bound(replace(problem(scenario(), [cc.ForceOpen("a")]), max_sites=0)))


@pytest.mark.parametrize("name", ["three-regions", "two-sites", "tiny-tiers", "outsourcer", "skills-and-languages"])
def test_the_cheap_bound_is_below_a_plan(name):
    found = cc.load_instance(name)
    plan = find_plan(found, Options(gap=0.2, time_limit_s=20))
    assert 0.5 * plan.cost_per_year < cheap_bound(problem(found)) <= plan.cost_per_year - plan.revenue_per_year


def test_a_run_without_time_has_a_bound_and_a_design():
    plan = find_plan(cc.load_instance("three-regions"), Options(gap=0.0, time_limit_s=0.01))
    assert plan.status == "time_limit"
    assert 0.0 < plan.lower_bound <= plan.cost_per_year
    assert cc.evaluate(cc.load_instance("three-regions"), plan.design).meets_targets


@pytest.mark.parametrize(
    ("limits", "empty"),
    [([], False), ([cc.MaxSites(1), cc.MaxShareAtSite(0.6)], True), ([cc.MaxGroups(1), cc.MinSites(2)], False),
     ([cc.MinGroupSize(31)], True), ([cc.Budget(400_000.0)], True), ([cc.Budget(700_000.0)], False)],
)  # fmt: skip
def test_no_design_is_proven_where_there_is_none(limits, empty):
    assert proven_infeasible(problem(scenario(), limits)) is empty


@pytest.mark.parametrize(("bound", "empty"), [(600_000.0, False), (620_000.0, True), (math.inf, True)])
def test_only_a_bound_above_the_budget_says_that_there_is_no_design(bound, empty):
    limits = (cc.Budget(610_000.0),)
    run = Run(scenario(), problem(scenario(), limits), Options(limits=limits), interrupted=threading.Event())
    run.raise_bound(bound, "bound")
    assert run.empty is empty


@pytest.mark.parametrize("path", [None, "segments", "prices"])
@pytest.mark.parametrize("limit", [cc.Budget(605_000.0), cc.MaxShareAtSite(0.4), cc.MinGroupSize(31)])
def test_a_run_without_a_design_ends_with_its_proof_and_not_with_its_time(path, limit, monkeypatch):
    # 15 agents at 20 an hour and the site are 610,000; an hour would not be waited for
    if path is not None:
        monkeypatch.setattr(pipeline, "STEP_BINARIES", -1)
        monkeypatch.setattr(pipeline, "fits", lambda _: path == "segments")
    monkeypatch.setattr(pipeline, "_large", lambda *_: pytest.fail("the search went on after the proof"))
    with pytest.raises(cc.InfeasibleError):
        find_plan(scenario(), Options(limits=(limit,), time_limit_s=3600.0))


def test_exact_programmes_end_a_run_whose_gap_cannot_be_reached(monkeypatch):
    """Floors of quality are left out of the bound: the gap stays, and nothing is left to do."""
    monkeypatch.setattr(pipeline, "_large", lambda *_: pytest.fail("prices cannot raise an exact bound"))
    plan = find_plan(scenario(), Options(limits=(cc.QualityFloor(0.99),), gap=1e-6, time_limit_s=3600.0))
    assert plan.status == "best_found"
    assert plan.gap > 0.01


FOUND = Outcome(status="time_limit", point=None, objective=math.inf, bound=7.0)


def meter(lane, stop=None):
    return Meter(lane, Watch(stop=stop), 10, 60.0)


def test_a_repetition_takes_no_point_that_the_cut_solve_had_not_told():
    """Near its end a solver reports as the clock falls, so only its points are counted, and not its looks at the clock."""
    first = meter(Lane(name="a", deadline=math.inf))
    first.progress(1.0, 0)
    first.better(9.0, "point")
    first.progress(2.0, 0)  # the solver looks at the clock once more and ends
    told = first.settled(FOUND, 5)
    [cut] = first.lane.cuts
    again = meter(Lane(name="a", deadline=math.inf, known={0: cut}))
    again.progress(1.0, 0)
    again.better(9.0, "point")
    again.better(8.0, "a better one, where the first run had ended")
    assert again.progress(7.5, 0)
    same = again.settled(replace(FOUND, bound=7.5), 8)
    assert (same.point, same.objective, same.bound) == (told.point, told.objective, told.bound) == ("point", 9.0, 7.0)
    assert again.lane.spent == first.lane.spent


@pytest.mark.parametrize(("halted", "written"), [(None, 0), (0.5, 1)])
def test_a_solve_that_the_real_clock_stopped_is_written_down(halted, written):
    lane = Lane(name="a", deadline=math.inf, halted=halted)
    mine = meter(lane, stop=lambda: True)
    assert mine.progress(1.0, 0)
    mine.settled(replace(FOUND, status="stopped"), 5)
    assert len(RunRecord(ended_by="clock", cuts={"a": tuple(lane.cuts)}).cuts["a"]) == written


def test_points_of_the_outer_programme_are_offered_as_designs(monkeypatch):
    """Where tables for bounds and designs are alike, one exact programme gives bound and design: no search is needed."""
    monkeypatch.setattr(pipeline, "STEP_BINARIES", -1)
    monkeypatch.setattr(pipeline, "constructed", lambda _: None)
    monkeypatch.setattr(pipeline.DesignSearch, "search", lambda *_, **__: None)
    monkeypatch.setattr(pipeline.CompactDesigns, "search", lambda *_, **__: None)
    monkeypatch.setattr(pipeline, "_large", lambda *_: pytest.fail("the programme was not solved to the gap"))
    plan = find_plan(scenario(), Options(gap=1e-6, time_limit_s=3600.0))
    assert plan.status == "gap_reached"
    assert plan.cost_per_year == pytest.approx(15 * 20 * HOURS + 10_000)
