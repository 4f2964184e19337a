"""Lines stay on their side of the staircase at every load, and as close as they say."""

import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing import envelope, staircases

TARGETS = {
    "80/20": [cc.ServiceLevel(0.8, 20)], "abandonment": [cc.MaxAbandonment(0.05)], "two": [cc.ServiceLevel(0.9, 10), cc.MaxOccupancy(0.85)],
}  # fmt: skip


@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("patience", [None, 60.0, 600.0])
@pytest.mark.parametrize("tolerance", [0.25, 1.0, 5.0])
def test_lines_bound_the_staircase(targets, patience, tolerance):
    if patience is None and any(isinstance(t, cc.MaxAbandonment) for t in targets):
        patience = 120.0
    steps = staircases(150, aht_s=[150.0, 240.0], targets=targets, patience_s=patience)
    low, high = steps.least, steps.most
    assert (low <= high).all()
    for a in (low, high):
        lines = envelope(a, tolerance=tolerance)
        load = np.random.default_rng(3).uniform(a[a > 0][0] * 0.01, a[-1], 20_000)
        load = np.concatenate((load, a[a > 0]))
        agents = np.searchsorted(a, load)
        lower, upper = lines.at(load)
        assert (lower <= agents + 1e-9).all()
        assert (upper >= agents - 1e-9).all()
        assert (agents - lower).max() <= lines.error_below.max() + 1e-9
        assert (upper - agents).max() <= lines.error_above.max() + 1e-9
        assert max(lines.error_below.max(), lines.error_above.max()) <= 1.0 + tolerance + 1e-9 or tolerance < 1.0


def test_the_staircase_is_the_inverse_of_required_agents():
    a = staircases(40, aht_s=180, targets=TARGETS["80/20"]).least
    for k in range(1, 41):
        assert cc.required_agents(cc.ErlangC(contacts_per_hour=a[k] * 20, aht_s=180), TARGETS["80/20"]) <= k
        over = cc.ErlangC(contacts_per_hour=a[k] * 20 * (1 + 1e-8), aht_s=180)
        assert cc.required_agents(over, TARGETS["80/20"]) == k + 1


@pytest.mark.parametrize("loads", [[1, 2], [0, 2, 1], [0, 0], [0], [[0, 1]]])
def test_no_staircase_is_refused(loads):
    with pytest.raises(ValueError, match="must be"):
        envelope(loads)
