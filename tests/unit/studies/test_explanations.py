"""Explanations: splits that sum to the total, flips checked by re-solving on both sides, honest about gaps."""

import math

import pytest

import ccopt as cc
from ccopt.studies.changes import with_blocks, with_fixed_cost, with_prices, with_volume
from ccopt.studies.cost_splits import split_costs, to_the_cent
from ccopt.studies.re_solving import Range, Solved, difference
from ccopt.studies.staffing_reasons import reasons_frame, staffing_reasons
from ccopt.studies.tipping_points import difference_or_none


@pytest.fixture(scope="module")
def towns():
    return cc.load_instance("two-sites")


@pytest.fixture(scope="module")
def plan(towns):
    return cc.optimise(towns, gap=1e-6)


@pytest.fixture(scope="module")
def why(towns, plan):
    """The closed town, with everything asked."""
    return cc.explain(towns, plan, site="west", gap=1e-6)


def cheaper_status(scenario, site="west"):
    """Whether the site is in use in the optimum, by two re-solves that share nothing with the study."""
    used = cc.optimise(scenario, limits=[cc.MinAgentsAtSite(site, 1)], gap=1e-6).cost_per_year
    closed = cc.optimise(scenario, limits=[cc.ForceClosed(site)], gap=1e-6).cost_per_year
    return used < closed


def test_the_difference_is_that_of_the_two_plans_and_its_causes_sum_to_the_cent(towns, plan, why):
    assert (why.verdict, why.is_open) == ("proven", False)
    assert "west" in why.other.design.open_sites
    assert why.difference.found == pytest.approx(why.other.cost_per_year - plan.cost_per_year)
    assert why.difference.low <= why.difference.found <= why.difference.high
    assert math.fsum(c.amount for c in why.split.causes) == pytest.approx(why.split.difference, abs=1e-6)
    assert why.split.difference == round(why.difference.found, 2)
    fixed = next(c.amount for c in why.split.causes if c.name == "fixed")
    assert fixed == next(s.fixed_cost_per_year for s in towns.sites if s.name == "west")
    assert why.frame()["amount"].iloc[-1] == why.split.difference


def test_the_forced_site_is_really_used(why):
    assert sum(g.agents[0] for g in why.other.design.groups if g.site == "west") >= 1


@pytest.mark.parametrize("quantity", ["fixed cost", "price", "volume"])
def test_a_flip_is_one_on_both_sides(towns, why, quantity):
    flip = next(f for f in why.flips if f.quantity == quantity)
    assert flip.certified
    change = {"fixed cost": with_fixed_cost, "price": with_prices}.get(quantity)

    def at(x):
        return with_volume(towns, x) if change is None else change(towns, x / flip.now, "west")

    low, high = (flip.low * 0.999, flip.high * 1.001) if quantity == "fixed cost" else (flip.low, flip.high)
    assert low < flip.at < high
    assert cheaper_status(at(low))
    assert not cheaper_status(at(high))


def test_an_open_site_that_cannot_be_closed_says_which_limit(towns, plan):
    found = cc.explain(towns, plan, site="east", depth="split")
    assert found.verdict == "impossible"
    assert "seats" in found.sentence()
    assert found.other is None


def test_an_open_site_flips_by_a_higher_rent():
    s = cc.load_instance("ten-small-centers")
    best = cc.optimise(s, gap=1e-6)
    [site] = best.design.open_sites
    why = cc.explain(s, best, site=site, depth="split", gap=1e-6)
    flip = next(f for f in why.flips if f.quantity == "fixed cost")
    dearer = with_fixed_cost(s, (flip.high * 1.001) / flip.now, site)
    assert site not in cc.optimise(dearer, gap=1e-6).design.open_sites
    assert site in cc.optimise(with_fixed_cost(s, (flip.low * 0.999) / flip.now, site), gap=1e-6).design.open_sites


def test_a_difference_within_the_gaps_is_undecided(towns, plan):
    """The bound of the turned decision lies below the plan: 100 more found, but perhaps 50 less."""
    span = difference(Solved(plan=plan, cost=1100.0, bound=950.0), Solved(plan=plan, cost=1000.0, bound=990.0))
    assert (span.found, span.low, span.high, span.decided) == (100.0, -50.0, 110.0, False)
    assert Range(found=1.0, low=0.5, high=2.0).decided
    nothing = Solved(plan=None, cost=math.inf, bound=-math.inf)
    assert math.isnan(difference_or_none(nothing, Solved(plan=plan, cost=1.0, bound=1.0)).found)


def test_a_bad_plan_is_called_beaten(towns, plan):
    both = cc.optimise(towns, limits=[cc.MinAgentsAtSite("west", 1)])
    found = cc.explain(towns, both, site="west", depth="split")
    assert found.verdict == "plan beaten"
    assert found.difference.found == pytest.approx(plan.cost_per_year - both.cost_per_year)


def test_a_bare_design_can_be_explained(towns, plan):
    assert cc.explain(towns, plan.design, site="west", depth="split").plan.cost_per_year == plan.cost_per_year


def test_unknown_site_is_one_located_fault(towns, plan):
    with pytest.raises(cc.ScenarioError) as error:
        cc.explain(towns, plan, site="atlantis")
    [problem] = error.value.problems
    assert "atlantis" in str(problem)
    assert "west" in problem.remedy


def test_why_eight_agents(towns, plan):
    """70 contacts an hour of 240 s are 4.667 erlangs; Erlang C gives 79.4 % with 7 agents and 90.7 % with 8."""
    [reason] = staffing_reasons(towns, plan.design)
    assert (reason.agents, reason.needed) == (8, 8)
    assert reason.load == pytest.approx(70 * 240 / 3600)
    [missed] = reason.missed
    for n, value in ((7, missed.one_fewer), (8, missed.now)):
        model = cc.ErlangC(contacts_per_hour=70, aht_s=240)
        assert value == pytest.approx(model.performance(agents=n, awt_s=20).service_level)
    assert "79.41%" in reason.sentence()
    assert len(reasons_frame([reason])) == 1


def test_spare_agents_are_named(towns, plan):
    more = plan.design.model_copy(update={"groups": tuple(g.model_copy(update={"agents": (10,)}) for g in plan.design.groups)})
    [reason] = staffing_reasons(towns, more)
    assert (reason.agents, reason.needed) == (10, 8)
    assert "2 more than the promises ask" in reason.sentence()


def test_labour_splits_into_work_pooling_and_wages():
    """Same site and wage, two agents more: all of it is pooling (the load stays)."""
    s = cc.load_instance("two-sites")
    best = cc.optimise(s).design
    more = best.model_copy(update={"groups": tuple(g.model_copy(update={"agents": (10,)}) for g in best.groups)})
    site = next(x for x in s.sites if x.name == "east")
    split = split_costs(s, best, more)
    amounts = {c.name: c.amount for c in split.causes}
    hours = 2 * s.periods[0].hours_per_year
    assert amounts["pooling"] == pytest.approx(hours * site.wage_per_hour / (1 - site.shrinkage), abs=0.01)
    assert "work" not in amounts
    assert "wages" not in amounts


def test_cents_always_sum():
    found = to_the_cent({"a": 0.004, "b": 0.004, "c": 0.004}, 0.012)
    assert sum(round(100 * c.amount) for c in found.causes) == round(100 * found.difference) == 1


def test_marginal_prices_come_with_the_explanation(why):
    assert why.prices[0].what == "one point more of every service level"
    assert why.prices[0].change.found >= -1e-6
    assert "nothing" in why.prices[0].sentence()  # 8 agents give 90.7 %, so 81 % costs no more


def test_one_more_seat_where_seats_bind():
    """The cheap town has seats for a part only; the price of a seat is what moving one agent there saves."""
    s = cc.load_instance("two-sites")
    raw = [x.model_dump(mode="json", exclude_unset=True) for x in s.sites]
    for site in raw:
        if site["name"] == "east":
            site["seats"] = 8
    tight = with_blocks(s, sites=raw)
    why = cc.explain(tight, cc.optimise(tight, gap=1e-6), site="east", gap=1e-6)
    assert [b.limit for b in why.binding] == ["seats of east"]
    seat = next(p for p in why.prices if "seat at east" in p.what)
    assert seat.change.found <= 1e-6


def test_a_rent_that_cannot_open_a_site_is_no_flip(towns):
    """Open costs 40,000 more, the rent is 30,000: even free it is 10,000 too dear; certain only if the bound says so too."""
    from ccopt.studies.re_solving import ReSolver
    from ccopt.studies.tipping_points import Question, fixed_cost_flip

    resolver = ReSolver(gap=0.01, time_limit_s=1.0, limits=(), seed=0)
    q = Question(scenario=towns, site="west", is_open=False, agents=1, resolver=resolver, seconds=1.0)
    sure = fixed_cost_flip(q, Range(found=40_000.0, low=35_000.0, high=41_000.0))
    assert (sure.at, sure.certified) == (None, True)
    assert "subsidised by at least 5,000" in sure.sentence
    open_question = fixed_cost_flip(q, Range(found=40_000.0, low=20_000.0, high=41_000.0))
    assert (open_question.at, open_question.certified) == (None, False)
    assert "leave 0 to 10,000 open" in open_question.sentence
