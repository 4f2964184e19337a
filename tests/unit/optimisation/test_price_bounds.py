"""Bounds by prices as runs ask for them: every way, with cuts that hold for the best design of the relaxation."""

import math

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation.aggregation import aggregate
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.designs import exact
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.headcount_rows import headcount_rows
from ccopt.optimisation.limits import limits_of
from ccopt.optimisation.price_bounds import bound_by_prices, seen_by_prices
from ccopt.scenario.core import core_of


class Clock:
    """Without an end, and a goal that is never reached; asked for so many steps."""

    goal = 0.0

    def __init__(self, steps):
        self.steps, self.told = steps, []

    def left(self):
        return 600.0

    def upper(self):
        return math.inf

    def raise_bound(self, bound, stage):
        self.told.append(bound)

    def stop(self):
        self.steps -= 1
        return self.steps < 0


NAMES = (
    "resilient-regions",  # losses of sites, two periods: subgradients from the prices of one, then sets
    "three-regions",  # two regions and periods
    "ten-small-centers",  # one period, nothing that prices do not see: parts
    "skills-and-languages", "tiny-tiers", "contracts",
)  # fmt: skip


def with_idle_site(scenario):
    """The same and a site that no region may call: an option without groups."""
    site = scenario.sites[0].model_copy(update={"name": "nowhere"})
    regions = dict.fromkeys(d.region for d in scenario.demand)
    shut = [{"region": r, "site": "nowhere", "allowed": False} for r in regions]
    raw = scenario.model_dump(mode="json", exclude_unset=True)
    raw["sites"] += [site.model_dump(mode="json", exclude_unset=True)]
    return cc.Scenario.model_validate(raw | {"links": [*raw.get("links", []), *shut]})


@pytest.mark.parametrize(("name", "idle"), [*((n, False) for n in NAMES), ("three-regions", True), ("ten-small-centers", True)])
def test_no_bound_and_no_cut_is_above_the_optimum(name, idle):
    scenario = core_of(cc.load_instance(name))
    scenario = with_idle_site(scenario) if idle else scenario
    p = aggregate(build_problem(scenario, limits_of(scenario))).problem
    assert not idle or len(p.site_names) > len(np.unique(p.group_site))
    clock = Clock(600)
    cuts = bound_by_prices(p, clock, clock.stop, headcount_rows(p))
    best = exact(p, compile_model(build_model(p, at_least_only=True), p), "outer", time_limit_s=60, gap=1e-7, seed=0).outcome
    optimum = best.objective + p.base_cost
    assert clock.told
    assert max(clock.told) <= optimum * (1 + 1e-7)
    opened = _opened(p, best)
    for const, value in cuts:
        assert const + float(value[opened].sum()) <= optimum * (1 + 1e-7)
    assert cuts or len(p.site_names) > 16 or (seen_by_prices(p) and len(p.hours) == 1)


def _opened(p, best):
    """Options that are open at the optimum."""
    compiled = compile_model(build_model(p, at_least_only=True), p)
    known = compiled.open_site >= 0
    out = np.zeros(len(p.site_names), dtype=bool)
    out[known] = best.point[compiled.open_site[known]] > 0.5
    return out
