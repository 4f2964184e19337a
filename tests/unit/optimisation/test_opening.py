"""Open, keep, close and merge sites: the decision turns where the arithmetic by hand says."""

import pytest

import ccopt as cc

HOURS = 2000.0
AGENTS = 4  # Erlang C, 20 contacts of 300 s (1.67 erlangs): 3 agents answer 68 % within 20 s, 4 answer 90 % (80 % promised)
TWICE = 6  # 40 contacts (3.33 erlangs): 5 agents answer 75 %, 6 answer 89 %


def document(*, old, new, years=3, rate=20.0, today=("old",)):
    """An existing site and one that may be opened; the wage is 20 an hour."""
    return cc.Scenario.model_validate({
        "schema_version": 1, "name": "move", "periods": [{"name": "day", "hours_per_year": HOURS}],
        "sites": [{"name": "old", "kind": "inhouse", "wage_per_hour": 20, **old},
                  {"name": "new", "kind": "inhouse", "wage_per_hour": 20, **new}],
        "contact_types": [{"name": "c", "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "demand": [{"region": "r", "contact_type": "c", "contacts_per_hour": rate}],
        "existing": {"open_sites": list(today),
                     "assignments": [{"region": "r", "contact_type": "c", "site": today[0], "skill_set": "k"}]},
        "horizon": {"years": years},
    })  # fmt: skip


def solved(scenario, **options):
    plan = cc.optimise(scenario, gap=1e-7, time_limit_s=30, **options)
    assert cc.evaluate(scenario, plan.design).cost_per_year == pytest.approx(plan.cost_per_year, rel=1e-9)
    assert plan.gap <= 1e-6
    return plan


@pytest.mark.parametrize(
    ("one_off", "site", "cost"),
    [
        (59_000.0, "new", AGENTS * 20 * HOURS + 30_000 + 59_000 / 3),  # moving saves 20,000 a year: 60,000 over three years
        (61_000.0, "old", AGENTS * 20 * HOURS + 50_000),
    ],
)
@pytest.mark.parametrize("split", [0.0, 0.5, 1.0])
def test_a_move_pays_when_the_rent_saved_over_the_horizon_exceeds_closing_and_opening(one_off, site, cost, split):
    """Rent 50,000 against 30,000; the one-off money is opening cost, closing cost or a part of each."""
    scenario = document(old={"fixed_cost_per_year": 50_000, "closing_cost": split * one_off},
                        new={"fixed_cost_per_year": 30_000, "opening_cost": (1 - split) * one_off})  # fmt: skip
    plan = solved(scenario)
    assert plan.design.open_sites == (site,)
    assert plan.cost_per_year == pytest.approx(cost)


def test_a_longer_horizon_makes_the_move_pay():
    money = {"old": {"fixed_cost_per_year": 50_000, "closing_cost": 90_000}, "new": {"fixed_cost_per_year": 30_000}}
    assert solved(document(**money, years=4)).design.open_sites == ("old",)  # 90,000 / 4 = 22,500 > 20,000
    assert solved(document(**money, years=5)).design.open_sites == ("new",)  # 90,000 / 5 = 18,000 < 20,000


@pytest.mark.parametrize(("closing", "sites"), [(95_000.0, 1), (97_000.0, 2)])
def test_two_sites_merge_when_what_pooling_and_rent_save_exceeds_the_closing_cost(closing, sites):
    """Two sites of today, 40 contacts an hour, rents of 32,000: 6 agents at one of them serve all.

    An empty site of today costs its rent of 32,000 a year; closing it costs ``closing`` once, 95,000 / 3 = 31,667 or
    97,000 / 3 = 32,333 a year over three years.
    """
    rent = {"fixed_cost_per_year": 32_000, "closing_cost": closing}
    scenario = document(old=rent, new=rent, rate=40.0, today=("old", "new"))
    plan = solved(scenario, limits=[cc.MinSites(1)])
    assert sum(sum(g.agents) for g in plan.design.groups) == TWICE
    by_hand = TWICE * 20 * HOURS + min(32_000 + closing / 3, 64_000)
    assert plan.cost_per_year == pytest.approx(by_hand)
    assert len(plan.design.open_sites) == sites
