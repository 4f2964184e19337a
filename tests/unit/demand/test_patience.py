import numpy as np
import pytest

from ccopt.demand.patience import fit_patience


def test_exponential_mean_by_hand():
    # 10 + 30 + 60 + 20 + 80 = 200 s of waiting, two left: 100 s each
    fit = fit_patience([10, 30, 60, 20, 80], [True, False, True, False, False])
    assert fit.mean_s == 100.0
    assert (fit.contacts, fit.left) == (5, 2)


def test_kaplan_meier_median_by_hand():
    # leave at 1, 2, 3 of 4, one answered at 4: survival 3/4, 1/2, 1/4 -> the median is 2
    fit = fit_patience([1, 2, 3, 4], [True, True, True, False])
    assert fit.median_s == 2.0


def test_no_median_when_most_stay():
    fit = fit_patience([5, 9, 9, 9], [True, False, False, False])
    assert fit.median_s is None


def test_zero_waits_carry_no_information():
    with_zeros = fit_patience([10, 30, 60, 0, 0], [True, False, True, False, True])
    without = fit_patience([10, 30, 60], [True, False, True])
    assert with_zeros.mean_s == without.mean_s
    assert with_zeros.left_at_once == 0.2


@pytest.mark.parametrize(("shape", "scale"), [(0.7, 100.0), (1.0, 250.0), (2.0, 60.0)])
def test_weibull_parameters_are_recovered_inside_their_interval(shape, scale):
    rng = np.random.default_rng(3)
    patience, wait = scale * rng.weibull(shape, 20_000), rng.exponential(scale, 20_000)
    fit = fit_patience(np.minimum(patience, wait), patience < wait)
    assert fit.weibull_shape_interval[0] <= shape <= fit.weibull_shape_interval[1]
    assert fit.weibull_scale_s == pytest.approx(scale, rel=0.05)


def test_exponential_interval_covers_95_percent():
    # 400 samples of 60 contacts, true mean 100: the exact interval holds for type II censoring, close enough here
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        patience, wait = rng.exponential(100, 60), rng.exponential(200, 60)
        low, high = fit_patience(np.minimum(patience, wait), patience < wait).mean_interval_s
        hits += low <= 100 <= high
    assert 0.91 <= hits / 400 <= 0.98  # binomial band of three standard errors


@pytest.mark.parametrize(
    ("waits", "left", "message"),
    [
        ([1.0, -2.0], [True, False], r"waits\[1\] = .*-2.0"),
        ([1.0, float("nan")], [True, False], "finite"),
        ([1.0], [True, False], "equal length"),
        ([1.0, 2.0], [False, False], "nobody left"),
        ([1.0, 2.0], [0.5, 1.0], "true or false"),
    ],
)
def test_bad_input(waits, left, message):
    with pytest.raises(ValueError, match=message):
        fit_patience(waits, left)
