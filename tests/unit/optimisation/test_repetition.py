"""The same plan, to the byte, from the same seed: whichever thread is faster, and where the clock ended the first run."""

import importlib.util
import json
import time
from pathlib import Path

import pytest

import ccopt as cc
from ccopt.costs import Account
from ccopt.design import AgentGroup, Design, RunRecord
from ccopt.optimisation import Options, find_plan
from ccopt.optimisation.findings import Best, Finding, Findings

spec = importlib.util.spec_from_file_location("enumeration", Path(__file__).parents[2] / "property" / "enumeration.py")
enumeration = importlib.util.module_from_spec(spec)
spec.loader.exec_module(enumeration)


def slowed(*stages):
    """A progress callback that delays the thread of some stages."""

    def note(p):
        if p.stage.startswith(stages):
            time.sleep(0.005)

    return note


@pytest.mark.parametrize(("path", "gap"), [("segments", 0.01), ("prices", 0.1)])
def test_a_run_that_ends_by_its_gap_gives_the_same_bytes_whichever_thread_is_slow(path, gap):
    scenario = cc.load_instance("three-regions")
    with enumeration.forced(path):
        plans = [
            find_plan(scenario, Options(gap=gap, time_limit_s=300, progress=note))
            for note in (None, slowed("bound"), slowed("design", "annealing"))
        ]
    assert {p.status for p in plans} == {"gap_reached"}
    assert not any(p.record.cuts or p.record.ends for p in plans)
    assert len({p.model_dump_json() for p in plans}) == 1


@pytest.mark.parametrize("path", ["steps", "segments", "prices"])
def test_the_record_of_a_run_that_the_clock_ended_repeats_its_bytes(path):
    scenario = cc.load_instance("help-desk-three-tiers")
    with enumeration.forced(path):
        find_plan(scenario, Options(gap=0.5, time_limit_s=60))  # compiles what the clock would else run over
        first = find_plan(scenario, Options(gap=0.0, time_limit_s=2))
        record = RunRecord.model_validate(json.loads(first.record.model_dump_json()))
        again = find_plan(scenario, Options(gap=0.0, time_limit_s=2, repeat=record, progress=slowed("bound")))
    assert again.model_dump_json() == first.model_dump_json()
    assert again.record.ended_by == first.record.ended_by


def best(cost, sites, groups=()):
    design = Design(open_sites=sites, groups=tuple(AgentGroup(site=s, skill_set=k, agents=n) for s, k, n in groups))
    return Best(design=design, account=Account(cost_per_year=cost, revenue_per_year=0.0, costs={}))


@pytest.mark.parametrize(
    ("taken", "left", "why"),
    [
        (best(99.0, ("a", "b")), best(100.0, ("a",)), "cheaper"),
        (best(100.0, ("b",)), best(100.0 - 1e-8, ("a", "b")), "equal within 1e-9: fewer sites"),
        (best(100.0, ("a",), [("a", "z", (9,))]), best(100.0, ("a",), [("a", "k", (4,)), ("a", "z", (5,))]), "fewer groups"),
        (best(100.0, ("a",)), best(100.0, ("b",)), "first by name"),
        (best(100.0, ("a",), [("a", "k", (4,))]), best(100.0, ("a",), [("a", "k", (5,))]), "fewer agents in the first group"),
    ],
)
def test_ties_are_broken_by_the_stated_rule(taken, left, why):
    assert taken.beats(left), why
    assert not left.beats(taken), why


def test_the_run_ends_where_the_findings_reach_the_gap_whatever_the_order_they_come_in():
    # a: design of 100 at work 5; b: bound 99.5 at work 3 and 99.9 at work 7; goal 1 %: reached at 5 with the bound of 3
    found = [
        Finding(at=5.0, lane="a", best=best(100.0, ("a",))), Finding(at=3.0, lane="b", bound=99.5),
        Finding(at=7.0, lane="b", bound=99.9), Finding(at=6.0, lane="a", best=best(99.95, ("b",))),
    ]  # fmt: skip
    for order in ([0, 1, 2, 3], [2, 3, 1, 0], [3, 2, 0, 1]):
        all_found = Findings(goal=0.01)
        for i in order:
            all_found.add(found[i])
        design, bound = all_found.taken()
        assert (all_found.reached, design.objective, bound) == (5.0, 100.0, 99.5)


def test_what_a_solver_told_counts_only_as_far_as_its_end_proves_it():
    all_found = Findings(goal=0.01)
    all_found.add(Finding(at=1.0, lane="a", best=best(100.0, ("a",))))
    all_found.add(Finding(at=2.0, lane="b", bound=99.5, proven=False))
    assert all_found.reached == 2.0
    assert all_found.taken()[1] == float("-inf")


@pytest.mark.parametrize("seconds", [0.01, 3.0])
def test_offers_end_by_the_clock_and_are_repeated_from_the_record(seconds):
    scenario = cc.load_instance("cross-selling-bank")
    first = cc.optimise(scenario, gap=0.0, time_limit_s=seconds)
    if seconds < 1.0:  # the clock was over before the first group: none sells
        assert first.record.ends["offers"] == 0.0
        assert not first.design.offers
    again = cc.repeat_plan(scenario, first.record, gap=0.0, time_limit_s=seconds)
    assert again.model_dump_json() == first.model_dump_json()
