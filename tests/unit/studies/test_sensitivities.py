"""Sensitivities: arithmetic of the fixed layout, ranges with a source, Sobol' indices of a cost that is known."""

import time

import pytest

import ccopt as cc
from ccopt.scenario.entities import Assumption
from ccopt.studies import changes
from ccopt.studies.fixed_layouts import restaffed
from ccopt.studies.uncertain_inputs import uncertain_inputs


@pytest.fixture(scope="module")
def towns():
    return cc.load_instance("two-sites")


@pytest.fixture(scope="module")
def plan(towns):
    return cc.optimise(towns)


def labour(plan):
    return sum(site.get("labour", 0.0) for site in plan.costs["sites"].values())


def test_wages_move_the_labour_and_nothing_else(towns, plan):
    found = cc.sensitivity(towns, plan, ranges={"wages": (0.9, 1.2)}, reoptimise=False)
    bar = next(b for b in found.bars if b.name == "wages")
    assert bar.low.fixed - found.base == pytest.approx(-0.1 * labour(plan))
    assert bar.high.fixed - found.base == pytest.approx(0.2 * labour(plan))
    assert bar.source == "given by the caller"


def test_bars_come_by_swing_and_the_best_layout_is_never_dearer(towns, plan):
    found = cc.sensitivity(towns, plan, gap=1e-6)
    swings = [b.swing for b in found.bars]
    assert swings == sorted(swings, reverse=True)
    assert found.base == pytest.approx(plan.cost_per_year)
    for bar in found.bars:
        for side in (bar.low, bar.high):
            assert side.regret >= -1e-6 * side.fixed
            assert side.best_bound <= side.best * (1 + 1e-9)
    assert len(found.frame()) == 2 * len(found.bars)
    assert len(found.plot().get_yticklabels()) == len(found.bars)


def test_ranges_come_from_assumptions_where_they_can_be_read(towns):
    rows = (
        Assumption(name="shrinkage", value="30 %", range="28 to 40 %", source="time sheets"),
        Assumption(name="patience of callers", value="600 s", range="450 to 900 s", source="fit"),
        Assumption(name="wages", value="18 to 26 an hour", range="15 to 35", source="no single value"),
    )
    patient = tuple(c.model_copy(update={"patience_s": 600.0}) for c in towns.contact_types)
    s = towns.model_copy(update={"assumptions": rows, "contact_types": patient})
    found = {u.name: u for u in uncertain_inputs(s)}
    assert (found["shrinkage"].low, found["shrinkage"].high) == pytest.approx((-0.02, 0.10))
    assert (found["patience"].low, found["patience"].high) == (0.75, 1.5)
    assert "time sheets" in found["shrinkage"].source
    assert "default" in found["wages"].source


def test_inputs_without_effect_are_left_out(towns):
    assert "patience" not in {u.name for u in uncertain_inputs(towns)}


def test_bad_ranges(towns, plan):
    with pytest.raises(ValueError, match="unknown"):
        cc.sensitivity(towns, plan, ranges={"weather": (0.9, 1.1)})
    with pytest.raises(ValueError, match="must hold 1"):
        cc.sensitivity(towns, plan, ranges={"volume": (1.1, 1.2)})
    with pytest.raises(ValueError, match="power of two"):
        cc.sobol_sensitivity(towns, plan, samples=20)


def test_fixed_layout_keeps_the_promises_with_the_fewest_agents(towns, plan):
    for factor in (0.6, 1.3, 2.0):
        changed = changes.with_volume(towns, factor)
        design = restaffed(changed, plan.design)
        [group] = design.groups
        model = cc.ErlangC(contacts_per_hour=70 * factor, aht_s=240)
        assert group.agents[0] == cc.required_agents(model, [cc.ServiceLevel(0.8, 20)])


def test_tiers_are_restaffed_until_every_promise_holds():
    s = cc.load_instance("tiny-tiers")
    design = cc.optimise(s).design
    busier = cc.what_if(s, design, volume=1.4)
    assert not [v for v in busier.evaluation.violations if "seats" not in v.limit]
    assert busier.agents_peak > cc.what_if(s, design).agents_peak


def test_what_if_is_fast_and_adds_up(towns, plan):
    cc.what_if(towns, plan.design)
    began = time.perf_counter()
    found = cc.what_if(towns, plan.design, volume=1.1, aht=1.05, wages=1.1, shrinkage=0.02)
    assert time.perf_counter() - began < 1.0
    assert found.row()["meets_targets"] is True
    assert cc.what_if(towns, plan.design, wages=2.0).cost_per_year == pytest.approx(plan.cost_per_year + labour(plan))


def test_global_indices_of_a_known_cost(towns, plan):
    """Wages and fixed cost only: labour L x, fixed F y, independent and uniform, so the shares are squares of the spreads.

    Variances of uniform inputs are (range)^2 / 12; with no interaction the first and total indices are equal.
    """
    still = {"volume": (1.0, 1.0), "aht": (1.0, 1.0), "shrinkage": (0.0, 0.0), "seat_cost": (1.0, 1.0),
             "link_cost": (1.0, 1.0)}  # fmt: skip
    ranges = still | {"wages": (0.9, 1.1), "fixed_cost": (0.5, 1.5)}
    fixed = sum(site.get("fixed", 0.0) for site in plan.costs["sites"].values())
    spread = {"wages": 0.2 * labour(plan), "fixed_cost": 1.0 * fixed}
    total = sum(v**2 for v in spread.values())
    found = cc.sobol_sensitivity(towns, plan, ranges=ranges, samples=256, seed=3)
    at = dict(zip(found.names, zip(found.first, found.total, strict=True), strict=True))
    for name, value in spread.items():
        assert at[name][0] == pytest.approx(value**2 / total, abs=0.08)
        assert at[name][1] == pytest.approx(value**2 / total, abs=0.08)
    assert found.mean == pytest.approx(plan.cost_per_year, rel=0.01)
    again = cc.sobol_sensitivity(towns, plan, ranges=ranges, samples=256, seed=3)
    assert again.first == found.first
    assert found.frame()["input"].iloc[0] in spread
