"""Control variates: unbiased, honest intervals, and left out where they would hurt."""

from __future__ import annotations

import numpy as np
import pytest

from ccopt.queueing.controlled.control_variates import LARGEST_COEFFICIENT, _best_single, controlled_ratio, zero_mean


def _batches(rng, correlation, batches=40, expected=0.7):
    totals = rng.poisson(500, batches).astype(float)
    common = rng.normal(size=batches)
    own = rng.normal(size=batches)
    counts = totals * (0.8 + 0.03 * (correlation * common + np.sqrt(1 - correlation**2) * own))
    companion = totals * (0.7 + 0.03 * common)
    return counts, totals, zero_mean(companion, totals, expected)[:, None]


@pytest.mark.parametrize("correlation", [0.95, 0.5, 0.0])
def test_intervals_cover(correlation):
    # 400 independent replications; binomial 99.9 % band of 95 % coverage: 0.914..0.986
    rng = np.random.default_rng(5)
    hits = []
    for _ in range(400):
        found = controlled_ratio(*_batches(rng, correlation))
        hits.append(abs(found.value - 0.8) <= found.half_width)
    assert 0.914 <= np.mean(hits) <= 0.986


def test_companion_takes_noise_out():
    rng = np.random.default_rng(6)
    data = [_batches(rng, 0.95) for _ in range(100)]
    plain = np.std([controlled_ratio(c, n, y[:, :0]).value for c, n, y in data])
    better = np.std([controlled_ratio(c, n, y).value for c, n, y in data])
    assert better < 0.5 * plain  # theory: sqrt(1 - 0.95^2) = 0.31


def test_unrelated_companion_is_left_out():
    rng = np.random.default_rng(7)
    counts, totals, companion = _batches(rng, 0.0, expected=0.1)
    found = controlled_ratio(counts, totals, companion)
    assert found.value == pytest.approx(counts.sum() / totals.sum())


def test_identical_companion_is_exact():
    rng = np.random.default_rng(8)
    counts, totals, _ = _batches(rng, 0.0)
    found = controlled_ratio(counts, totals, zero_mean(counts, totals, 0.799)[:, None])
    assert found.value == pytest.approx(0.799, abs=2e-5)
    assert found.half_width == pytest.approx(0.0, abs=1e-4)


def test_of_companions_that_run_wild_together_the_better_one_is_taken_alone():
    rng = np.random.default_rng(9)
    x = rng.normal(size=40)
    worse, better = x + rng.normal(size=40), 2.5 * x
    beta, used = _best_single(x, np.stack([worse, better, 0.0 * x], axis=1), float(x @ x))
    assert beta == pytest.approx([0.0, 0.4, 0.0])  # x = 0.4 times the better one
    assert used.tolist() == [False, True, False]
    assert _best_single(x, 0.1 * x[:, None], float(x @ x))[0] == pytest.approx([LARGEST_COEFFICIENT])  # 10 is clipped
    assert _best_single(x, -x[:, None], float(x @ x))[0].tolist() == [0.0]  # none that pulls the wrong way


def test_needs_batches():
    with pytest.raises(ValueError, match="five batches"):
        controlled_ratio(np.ones(3), np.ones(3), np.ones((3, 0)))
