"""Soft factors stand beside the money; sites of a path and of scores must exist."""

import pytest

import ccopt as cc
from ccopt.scenario import read_scenario, write_workbook
from ccopt.studies.changes import raw_of, with_blocks
from ccopt.studies.soft_factors import soft_scores

FACTORS = [
    {"name": "risk", "weight": 3.0, "scores": [{"site": "east", "score": 4.0}, {"site": "west", "score": 8.0}]},
    {"name": "reputation", "weight": 1.0, "scores": [{"site": "east", "score": 10.0}]},
]


def test_scores_are_weighted_by_agent_hours_and_never_touch_the_cost():
    """East 8 agents, risk 4 (weight 3) and reputation 10 (weight 1): (3 x 4 + 10) / 4 = 5.5."""
    plain = cc.load_instance("two-sites")
    s = with_blocks(plain, soft_factors=FACTORS)
    plan = cc.optimise(s)
    assert plan.cost_per_year == cc.optimise(plain).cost_per_year
    both = cc.optimise(s, limits=[cc.MinAgentsAtSite("west", 2)])
    table = soft_scores(s, {"plan": plan, "both": both})
    assert table.loc["plan", "score"] == pytest.approx(5.5)
    agents = {g.site: g.agents[0] for g in both.design.groups}
    risk = (4 * agents["east"] + 8 * agents["west"]) / sum(agents.values())
    assert table.loc["both", "risk"] == pytest.approx(risk)
    assert table.loc["both", "scored"] == pytest.approx((sum(agents.values()) + agents["east"]) / (2 * sum(agents.values())))
    assert table.loc["plan", "cost_per_year"] == plan.cost_per_year


def test_unknown_sites_are_located():
    raw = {k: v for k, v in raw_of(cc.load_instance("two-sites")).items() if k != "existing"}
    bad = [{"name": "risk", "scores": [{"site": "mars", "score": 4.0}, {"site": "east", "score": 1.0}, {"site": "east", "score": 2.0}]}]
    with pytest.raises(cc.ScenarioError) as error:
        cc.check(raw | {"soft_factors": bad, "transition": {"leases": [{"site": "venus", "end_month": 3}]}})
    assert [p.place for p in error.value.problems] == [
        "soft_factors[0].scores[0].site", "soft_factors[0].scores[2].site", "transition.leases[0].site", "transition"]  # fmt: skip


def test_both_blocks_survive_the_workbook(tmp_path):
    s = with_blocks(cc.load_instance("ten-small-centers"), soft_factors=[
        {"name": "risk", "weight": 2.0, "scores": [{"site": "Ashby", "score": 4.0}]}],
        transition={"months": 12, "learning": [0.5, 0.8], "leases": [{"site": "Birch", "end_month": 6, "exit_cost": 1000.0}]})  # fmt: skip
    path = tmp_path / "s.xlsx"
    write_workbook(s, path)
    again = read_scenario(path)
    assert again.soft_factors == s.soft_factors
    assert again.transition == s.transition
