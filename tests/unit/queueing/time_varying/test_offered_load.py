"""Modified offered load: closed form of a sine, quadrature, and limits."""

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from ccopt.queueing.time_varying import modified_offered_load, sine_offered_load


@pytest.mark.parametrize(("minutes", "lag", "damping", "offset"), [
    (20, 2.405767, 0.727727, 3.429334), (60, 2.906766, 0.954028, 1.498584), (240, 2.993854, 0.996930, 0.391493),
    (1440, 2.999829, 0.999914, 0.065444),
])  # fmt: skip
def test_sine(minutes, lag, damping, offset):
    # Hanisch, time-varying-arrivals-demo (recomputed): load 100, swing 50 %, service 3 min; offset in units of sqrt(100)
    found = sine_offered_load(100.0, 0.5, period_s=minutes * 60.0, aht_s=180.0)
    assert (found.lag_s / 60, found.damping, found.offset / 10) == pytest.approx((lag, damping, offset), abs=6e-7)


def test_sine_with_omega_equal_mu():
    found = sine_offered_load(100.0, 0.5, period_s=2 * np.pi * 180.0, aht_s=180.0)
    assert (found.damping, found.lag_s / 60) == pytest.approx((0.5**0.5, 2.356194), abs=1e-6)


@pytest.mark.parametrize("scv", [0.0, 0.4, 1.0, 3.0])
@pytest.mark.parametrize("start", ["empty", "steady", "periodic"])
def test_against_quadrature(scv, start):
    rates, mean, length = np.array([100.0, 160.0, 300.0, 200.0, 50.0]), 1800.0, 900.0
    law = stats.gamma(1 / scv, scale=mean * scv) if scv else None

    def rate(t):
        i = int(np.floor(t / length))
        if start == "periodic":
            return rates[i % 5] / 3600
        return (rates[i] if i >= 0 else rates[0] if start == "steady" else 0.0) / 3600

    def load(t):
        # one piece per interval, as the rate jumps
        tail = (lambda u: float(u < mean)) if law is None else law.sf
        first = -1 if start == "empty" else -60 if scv <= 1 else -160
        total, edges = 0.0, [i * length for i in range(first, int(np.ceil(t / length)))] + [t]
        for low, high in itertools.pairwise(edges):
            kink = [t - mean] if law is None and low < t - mean < high else None
            total += rate(0.5 * (low + high)) * integrate.quad(lambda s: tail(t - s), low, high, points=kink)[0]
        return total

    ends = modified_offered_load(rates, mean, interval_s=length, handle_scv=scv, start=start, at="end")
    for i in (0, 4):
        assert ends[i] == pytest.approx(load((i + 1) * length), rel=2e-6)
    if scv == 1.0 and start == "empty":
        means = modified_offered_load(rates, mean, interval_s=length, handle_scv=scv, start=start)
        x, w = np.polynomial.legendre.leggauss(12)
        for i in (0, 3):
            points = [load(length * (i + 0.5 + 0.5 * u)) for u in x]
            assert means[i] == pytest.approx(0.5 * float(w @ points), rel=1e-6)


def test_a_steady_start_has_the_handle_time_of_the_first_interval():
    # exponential services, by hand: at the end of interval 1 those of interval 0 (and before) are left with exp(-L / h0)
    rates, aht, length = np.array([100.0, 160.0]), np.array([1800.0, 600.0]), 900.0
    ends = modified_offered_load(rates, aht, interval_s=length, start="steady", at="end")
    before = 100 / 3600 * 1800.0
    own = 160 / 3600 * 600.0 * (1 - np.exp(-length / 600.0))
    assert ends == pytest.approx([before, before * np.exp(-length / 1800.0) + own], rel=1e-12)
    empty = modified_offered_load(rates, aht, interval_s=length, start="empty", at="end")
    assert ends - empty == pytest.approx(before * np.exp([-length / 1800.0, -2 * length / 1800.0]), rel=1e-12)


def test_a_constant_rate_is_its_load():
    # rate x handle time, whatever the law of handle times
    for scv in (0.0, 0.5, 2.0):
        for start in ("steady", "periodic"):
            found = modified_offered_load([[120.0] * 4, [60.0] * 4], 300.0, interval_s=1800.0, handle_scv=scv, start=start)
            assert found == pytest.approx(np.array([[10.0] * 4, [5.0] * 4]), rel=1e-12)


def test_handle_times_by_interval_of_arrival():
    # two rows with one handle time each add up to a row that mixes them
    both = modified_offered_load([100.0, 80.0], [300.0, 600.0], interval_s=900.0)
    parts = modified_offered_load([[100.0, 0.0], [0.0, 80.0]], [[300.0], [600.0]], interval_s=900.0)
    assert both == pytest.approx(parts.sum(axis=0), rel=1e-12)


@pytest.mark.parametrize(("change", "words"), [
    ({"contacts_per_hour": 3.0}, "one per interval"), ({"start": "x"}, "start"), ({"at": "peak"}, "at = 'peak'"),
    ({"handle_scv": -1.0}, "handle_scv"), ({"aht_s": 0.0}, "aht_s"), ({"contacts_per_hour": [float("nan")]}, "NaN"),
])  # fmt: skip
def test_bad_input_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        modified_offered_load(**{"contacts_per_hour": [10.0], "aht_s": 60.0, "interval_s": 900.0, **change})


def test_a_swing_above_the_mean_is_refused():
    with pytest.raises(ValueError, match="amplitude"):
        sine_offered_load(10.0, 1.5, period_s=60.0, aht_s=60.0)
