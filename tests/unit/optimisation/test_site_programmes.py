"""Site programmes at given prices: what they count, by hand."""

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.headcount_rows import headcount_rows
from ccopt.optimisation.lagrangian import SiteProgrammes
from ccopt.optimisation.limits import limits_of


def test_contacts_that_are_surely_passed_on():
    scenario = cc.load_instance("tiny-tiers")
    p = build_problem(scenario, limits_of(scenario))
    programmes = SiteProgrammes(p, headcount_rows(p))
    rng = np.random.default_rng(1)
    programmes.flow[:] = rng.uniform(1, 9, programmes.flow.shape)
    programmes.agents[:] = rng.integers(0, p.outer.shape[1], programmes.agents.shape)
    on = rng.random(len(p.arc_group)) < 0.7
    expected = np.zeros_like(p.demand)
    for e in np.flatnonzero(on):
        for k, start in enumerate(p.escalation_from):
            if start == p.arc_commodity[e]:
                for t in range(len(p.hours)):
                    staff = programmes.agents[p.arc_group[e], t]
                    least = max(n for n in programmes.edges if n <= staff)  # losses are those of the least staff of its range
                    answered = programmes.flow[e, t] * (1 - p.largest_loss[p.arc_group[e], least])
                    expected[p.escalation_to[k], t] += p.escalation_share[k] * answered
    assert expected.max() > 0
    assert programmes.escalated(on) == pytest.approx(expected, rel=1e-12)
