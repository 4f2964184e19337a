"""Frontiers: monotone, certified, repaired by their neighbours; the limits that a frontier may vary."""

import pytest

import ccopt as cc
from ccopt.studies.changes import with_target
from ccopt.studies.frontier_points import FrontierPoint, repaired
from ccopt.studies.frontiers import outside_in


@pytest.fixture(scope="module")
def levels():
    """Four service levels on the smallest instance; 80 % and 90 % need the same whole agents."""
    return cc.frontier(cc.load_instance("two-sites"), vary="service_level", over=[0.95, 0.7, 0.8, 0.9])


def test_stricter_never_costs_less_and_every_point_keeps_its_target(levels):
    assert [p.target for p in levels.points] == [0.7, 0.8, 0.9, 0.95]
    costs = [p.plan.cost_per_year for p in levels.points]
    assert costs == sorted(costs)
    assert [p.lower_bound for p in levels.points] == sorted(p.lower_bound for p in levels.points)
    for p in levels.points:
        assert p.status == "certified"
        assert p.lower_bound <= p.plan.cost_per_year
        changed = with_target(cc.load_instance("two-sites"), "service_level", p.target)
        assert cc.evaluate(changed, p.plan.design).meets_targets


def test_a_point_equals_a_plain_run_at_its_target(levels):
    changed = with_target(cc.load_instance("two-sites"), "service_level", 0.95)
    assert levels.points[-1].plan.cost_per_year == pytest.approx(cc.optimise(changed).cost_per_year, rel=1e-9)


def test_a_target_that_costs_the_same_as_a_stricter_one_is_dominated(levels):
    assert [p.dominated for p in levels.points] == [False, True, False, False]
    assert [p.target for p in levels.non_dominated()] == [0.7, 0.9, 0.95]


def test_best_quality_for_a_budget(levels):
    costs = [p.plan.cost_per_year for p in levels.points]
    assert levels.best_for(costs[2]) == (0.9, 0.95)
    assert levels.best_for(costs[0] / 2) == (None, 0.7)
    assert levels.best_for(1e9) == (0.95, None)


def test_frame_and_picture(levels):
    frame = levels.frame()
    assert list(frame["target"]) == [0.7, 0.8, 0.9, 0.95]
    assert (frame["service_level"] >= frame["target"]).all()
    assert levels.plot().get_xlabel() == "service level"


def test_a_plan_for_a_stricter_target_replaces_a_dearer_one_and_a_looser_bound_lifts_a_weaker_one():
    plan = cc.optimise(cc.load_instance("two-sites"))

    def point(target, cost, bound):
        return FrontierPoint(target=target, plan=plan.model_copy(update={"cost_per_year": cost}), objective=cost,
                             lower_bound=bound, gap=None, status="", came_from=target)  # fmt: skip

    strict, loose = repaired([point(0.9, 100.0, 60.0), point(0.8, 110.0, 90.0)])
    assert (loose.objective, loose.came_from, loose.dominated) == (100.0, 0.9, True)
    assert strict.lower_bound == 90.0


def test_points_from_the_outside_in_name_every_point_once():
    assert outside_in(1) == [0]
    assert outside_in(20)[:3] == [19, 0, 9]
    assert sorted(outside_in(20)) == list(range(20))


def test_what_is_known_is_not_solved_again():
    s = cc.load_instance("two-sites")
    plan, solved = cc.optimise(s), []
    found = cc.frontier(s, over=[0.7, 0.8, 0.9], known={0.8: plan}, progress=solved.append)
    assert [p.target for p in solved] == [0.7, 0.9]
    assert found.points[1].plan.cost_per_year == plan.cost_per_year
    # 80 % and 90 % need the same whole agents: the bound of 80 % lies below 90 % too
    assert found.points[2].lower_bound >= plan.lower_bound


def test_all_promises_move_by_the_same_points():
    s = cc.load_instance("two-sites")
    points = cc.frontier(s, "service_points", over=[-0.1, 0.0, 0.15]).points
    plain = cc.frontier(s, over=[0.7, 0.8, 0.95]).points
    assert [p.plan.cost_per_year for p in points] == pytest.approx([p.plan.cost_per_year for p in plain])
    with pytest.raises(ValueError, match="must stay between"):
        cc.frontier(s, "service_points", over=[0.3])


def test_sites_and_budget_as_limits_and_an_impossible_budget():
    s = cc.load_instance("ten-small-centers")
    found = cc.frontier(s, vary="min_sites", over=[1, 3])
    one, three = found.points
    assert one.plan.cost_per_year < three.plan.cost_per_year
    assert len(three.plan.design.open_sites) == 3
    poor = cc.frontier(s, vary="budget", over=[1000.0, 2 * one.plan.cost_per_year], time_limit_s=10)
    assert [p.status for p in poor.points] == ["certified", "infeasible"]
    assert poor.points[1].reason


def test_bad_questions_are_refused_before_the_first_solve():
    s = cc.load_instance("two-sites")
    with pytest.raises(ValueError, match="have \\["):
        cc.frontier(s, vary="happiness", over=[1])
    with pytest.raises(ValueError, match="at least one"):
        cc.frontier(s, over=[])
    with pytest.raises(ValueError, match="whole number"):
        cc.frontier(s, vary="max_sites", over=[1.5])
    with pytest.raises(cc.ScenarioError, match="no contact type has the promise max_abandonment"):
        cc.frontier(s, vary="max_abandonment", over=[0.1])
    with pytest.raises(cc.ScenarioError, match="not declared"):
        cc.frontier(s, vary=("service_level", "nobody"), over=[0.8])


def test_a_known_design_is_the_first_incumbent():
    s = cc.load_instance("two-sites")
    best = cc.optimise(s)
    seen = []
    again = cc.optimise(s, start=best.design, progress=seen.append)
    first = next(p for p in seen if p.incumbent is not None)
    assert (first.stage, first.incumbent) == ("known design", pytest.approx(best.cost_per_year))
    assert again.cost_per_year == best.cost_per_year
    ten = cc.load_instance("ten-small-centers")
    one = cc.optimise(ten)
    other = cc.optimise(ten, limits=[cc.ForceClosed(one.design.open_sites[0])], start=one.design)
    assert one.design.open_sites[0] not in other.design.open_sites


def test_least_agents_at_a_site():
    s = cc.load_instance("ten-small-centers")
    free = cc.optimise(s)
    idle = min({x.name for x in s.sites} - set(free.design.open_sites))
    used = cc.optimise(s, limits=[cc.MinAgentsAtSite(idle, 5)])
    assert sum(g.agents[0] for g in used.design.groups if g.site == idle) >= 5
    assert used.cost_per_year > free.cost_per_year
