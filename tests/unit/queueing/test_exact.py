"""Differences in two floats against fifty digits."""

import mpmath
import numpy as np
import pytest

from ccopt.queueing.exact import decay_deficit, decay_less_one, relative_excess, thinned

TIMES = [0.0, 1e-300, 1e-12, 1e-3, 0.01, 0.015625, 0.1, 0.49, 0.5, 0.51, 2.0, 40.0, 699.0]


@pytest.mark.parametrize("t", TIMES)
def test_decay_deficit(t):
    with mpmath.workdps(50 if t > 1e-20 else 700):
        assert decay_deficit(t) == pytest.approx(float(mpmath.mpf(t) - 1 + mpmath.exp(-mpmath.mpf(t))), rel=2e-15, abs=0)


@pytest.mark.parametrize("t", TIMES)
@pytest.mark.parametrize("low", [0.0, 3e-17])
def test_decay_less_one_in_two_floats(t, low):
    with mpmath.workdps(700):
        exact = mpmath.expm1(-(mpmath.mpf(t) + mpmath.mpf(low * t)))
        high, rest = decay_less_one(t, low * t)
        assert abs(mpmath.mpf(high) + mpmath.mpf(rest) - exact) <= 1e-29 * abs(exact)


def test_thinned_where_the_two_nearly_cancel():
    rng = np.random.default_rng(1)
    with mpmath.workdps(50):
        for d in 10 ** rng.uniform(-9, 1, 200):
            t = abs(float(np.log1p(d) * (1 + rng.normal() * 10 ** rng.uniform(-15, 0))))  # (1 + d) exp(-t) near 1
            exact = (1 + mpmath.mpf(d)) * mpmath.exp(-mpmath.mpf(t)) - 1
            assert abs(thinned(d, 0.0, t, 0.0) - exact) <= 1e-15 * abs(exact) + 1e-31
    assert thinned(0.5, 0.0, 701.0, 0.0) == -1.0


def test_relative_excess_of_a_load_that_is_nearly_the_agents():
    rng = np.random.default_rng(2)
    for _ in range(200):
        agents, aht = float(rng.integers(1, 10**6)), float(rng.uniform(1, 1000))
        rate = agents * 3600.0 / aht * (1 + rng.normal() * 10 ** rng.uniform(-15, -1))
        with mpmath.workdps(50):
            exact = mpmath.mpf(rate) * mpmath.mpf(aht) / 3600 / mpmath.mpf(agents) - 1
            high, low = relative_excess(rate, aht, agents, 3600.0)
            assert abs(mpmath.mpf(high) + mpmath.mpf(low) - exact) <= 1e-30 * max(1, abs(exact))
