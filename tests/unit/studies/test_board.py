"""What a board asks, in one go: every study once, in order, inside the time, with reasons where there is no answer."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import ccopt as cc
from ccopt.studies.board import ALL_STUDIES, DEFAULT_STUDIES, NotAnswered, board_studies, check_studies, near_decisions
from ccopt.studies.changes import with_blocks


@pytest.fixture(scope="module")
def two():
    scenario = cc.load_instance("two-sites")
    return scenario, cc.optimise(scenario), cc.baseline(scenario)


@pytest.fixture(scope="module")
def everything(two):
    scenario, plan, today = two
    return board_studies(scenario, plan, today=today, time_limit_s=30.0)


def test_the_default_answers_every_question_of_a_board(everything):
    names = [type(x).__name__ for x in everything]
    assert names[0] == "LayoutAnswers"
    assert {"StressRow", "TransitionPath", "Frontier", "Alternatives"} <= set(names)
    assert names.count("Explanation") == 2
    assert not [x for x in everything if isinstance(x, NotAnswered)]


def test_the_report_shows_them_all(two, everything):
    scenario, plan, today = two
    judged, now = cc.evaluate(scenario, plan.design), cc.evaluate(scenario, today)
    page = cc.report(scenario=scenario, plan=plan, evaluation=judged, today=now, today_design=today, studies=everything).html()
    for key in ("cost", "sites", "routing", "staff", "whatif", "tornado", "loss", "scorecard", "path", "frontier", "alternatives",
                "assumptions", "definitions"):  # fmt: skip
        assert f'<section id="{key}"' in page, key
    assert page.count('<section id="why-') == 2
    assert 'id="what-if-volume"' in page
    assert 'id="what-if-time"' in page
    assert 'id="what-if-wage"' in page
    assert '<section id="unanswered"' not in page


def test_names_in_a_report_are_run_and_a_bare_plan_is_judged(two):
    scenario, plan, _ = two
    report = cc.report(scenario=scenario, plan=plan, studies=["losses", "path"], study_time_s=10.0)
    assert report.facts.simulation is not None
    assert report.facts.today.cost_per_year == pytest.approx(cc.evaluate(scenario, cc.baseline(scenario)).cost_per_year)
    assert len(report.facts.losses) == len(plan.design.open_sites)
    assert [type(x).__name__ for x in report.facts.studies] == ["TransitionPath"]


def test_what_has_no_answer_says_why(two):
    scenario, plan, _ = two
    (path,) = board_studies(scenario, plan, ["path"])
    assert path == NotAnswered(name="path", reason="the scenario has no layout of today (block existing)")
    s = cc.load_instance("two-sites")
    bare = with_blocks(s, contact_types=[c.model_dump(mode="json", exclude_unset=True) | {"targets": []} for c in s.contact_types])
    (none,) = board_studies(bare, cc.optimise(bare, time_limit_s=10), ["frontier"])
    assert none.reason == "no contact type promises a service level"
    page = cc.report(scenario=scenario, plan=plan, evaluation=cc.evaluate(scenario, plan.design), studies=[path]).html()
    assert "Asked and not answered" in page
    assert "no layout of today" in page


def test_the_order_is_fixed_and_bad_names_are_refused_together(two):
    scenario, _, _ = two
    assert check_studies(scenario, ["explain:west", "losses", "losses", "what-if"]) == ["what-if", "losses", "explain:west"]
    assert set(DEFAULT_STUDIES) < set(ALL_STUDIES)
    with pytest.raises(cc.ScenarioError) as found:
        check_studies(scenario, ["happiness", "path:west"])
    assert len(found.value.problems) == 2
    with pytest.raises(cc.ScenarioError, match="not declared"):
        check_studies(scenario, ["explain:nowhere"])


def test_sites_that_are_worth_explaining(two, everything):
    scenario, plan, today = two
    assert near_decisions(scenario, plan, (), today) == ["west", "east"]
    ten = cc.load_instance("ten-small-centers")
    best = cc.optimise(ten)
    closed, kept = near_decisions(ten, best, (), cc.baseline(ten))
    assert closed not in best.design.open_sites
    assert kept in best.design.open_sites


def test_what_an_explanation_finds_is_an_alternative_too(two, monkeypatch):
    """The search of alternatives finds nothing (as in too little time); the layout with the closed site open is one."""
    scenario, plan, _ = two
    monkeypatch.setattr("ccopt.studies.board.alternatives", lambda s, k, **more: replace(cc.alternatives(s, k, **more), found=()))
    monkeypatch.setattr("ccopt.studies.board.WITHIN", 0.5)
    (closed,) = {s.name for s in scenario.sites} - set(plan.design.open_sites)
    found, why = board_studies(scenario, plan, ["alternatives", f"explain:{closed}"], time_limit_s=20.0)
    assert [a.plan.design for a in found.found] == [why.other.design]
    assert found.found[0].extra_cost == pytest.approx(why.difference.found)


def test_an_interrupt_ends_the_study_under_way_only(two, monkeypatch):
    scenario, plan, today = two

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ccopt.studies.board.transition_path", stop)
    path, answers = board_studies(scenario, plan, ["path", "alternatives"], today=today, time_limit_s=10.0)
    assert path.reason == "interrupted"
    assert answers.complete


def test_studies_that_search_stop_when_their_time_is_over(two):
    scenario, plan, _ = two
    found = board_studies(scenario, plan, ["frontier", "alternatives", "explain"], time_limit_s=0.0)
    frontier, alternatives, *explained = found
    assert [p.status for p in frontier.points].count("none") + len(frontier.non_dominated()) >= 1
    assert alternatives.solves <= 1
    assert all(x.solves <= 1 for x in explained)


@pytest.mark.parametrize("what", ["what-if", "frontier"])
def test_the_benchmark_of_a_board_runs_small(what):
    script = Path(__file__).parents[3] / "benchmarks" / "board.py"
    done = subprocess.run([sys.executable, str(script), what, "--smoke"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert " s" in done.stdout.splitlines()[-1]


def test_every_column_of_numbers_leads_to_a_definition(two, everything):
    scenario, plan, today = two
    judged, now = cc.evaluate(scenario, plan.design), cc.evaluate(scenario, today)
    page = cc.report(scenario=scenario, plan=plan, evaluation=judged, today=now, today_design=today, studies=everything).html()
    heads = re.findall(r'<th scope="col" class="n">(.*?)</th>', page)
    assert len(heads) > 40
    assert not [h for h in heads if "#def-" not in h]
    assert not [key for key in re.findall(r'href="#(def-[\w]+)"', page) if f'id="{key}"' not in page]
