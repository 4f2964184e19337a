"""M/M/n+G: Erlang A, mpmath quadrature of the textbook formula, and simulation."""

import math

import mpmath as mp
import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing.models import (
    DeterministicPatience,
    EmpiricalPatience,
    GeneralPatience,
    LognormalPatience,
    UniformPatience,
    WeibullPatience,
)


@pytest.mark.parametrize(("agents", "patience", "awt"), [(14, 60.0, 20.0), (5, 600.0, 20.0), (900, 180.0, 5.0), (11.5, 18.0, 60.0)])
@pytest.mark.parametrize("basis", ["offered", "answered", "offered_less_early_abandons", "early_abandons_credited", "virtual"])
def test_exponential_patience_is_erlang_a(agents, patience, awt, basis):
    rate = 20 * agents
    found = GeneralPatience(contacts_per_hour=rate, aht_s=180, patience=WeibullPatience(mean_s=patience)).performance(agents, awt, basis=basis)
    wanted = cc.ErlangA(contacts_per_hour=rate, aht_s=180, patience_s=patience).performance(agents, awt, basis=basis)
    for name in ("service_level", "delay_probability", "abandonment", "asa_s", "mean_wait_s", "occupancy", "queue_length"):
        assert getattr(found, name) == pytest.approx(getattr(wanted, name), rel=1e-10), name


def reference(lam, mu, n, law, awt):
    """Zeltyn & Mandelbaum (2005), section 3, in 30 digits: J, J(T), epsilon, J1, J_H by mpmath."""
    mp.mp.dps = 30
    lam, mu = mp.mpf(lam), mp.mpf(mu)
    tail, integral, kinks, end = law
    density = lambda x: mp.e ** (lam * integral(x) - n * mu * x)  # noqa: E731
    cuts = sorted({mp.mpf(0), *kinks, mp.mpf(awt), *(mp.mpf(end) * k / 12 for k in range(13))})
    epsilon = mp.quad(lambda t: mp.e**-t * (1 + t * mu / lam) ** (n - 1), [0, 20, 100, 400])
    whole = mp.quad(density, cuts)
    after = mp.quad(density, [c for c in cuts if c >= awt])
    scale = 1 / (epsilon + lam * whole)
    abandon = scale * lam * mp.quad(lambda x: (1 - tail(x)) * density(x), cuts)
    in_time = scale * (epsilon + lam * mp.quad(lambda x: tail(x) * density(x), [c for c in cuts if c <= awt]))
    wait = scale * lam * mp.quad(lambda x: integral(x) * density(x), cuts)
    # the balance of the source: P(Ab) = (1 + (lam - n mu) J) / (epsilon + lam J)
    assert abs(abandon - (1 + (lam - n * mu) * whole) * scale) < mp.mpf(10) ** -12
    return [float(x) for x in (scale * lam * whole, abandon, in_time, scale * lam * after, wait)]


def lognormal(mean, scv):
    sigma = mp.sqrt(mp.log(1 + mp.mpf(scv)))
    z = lambda x: (mp.log(x / mp.mpf(mean)) + sigma**2 / 2) / sigma  # noqa: E731
    tail = lambda x: mp.ncdf(-z(x)) if x > 0 else mp.mpf(1)  # noqa: E731
    return tail, lambda x: x * tail(x) + mean * mp.ncdf(z(x) - sigma) if x > 0 else mp.mpf(0)


CASES = {
    "deterministic": (DeterministicPatience(mean_s=60), (lambda x: mp.mpf(x < 60), lambda x: min(x, mp.mpf(60)), [mp.mpf(60)], 600)),
    "uniform": (UniformPatience(low_s=10, high_s=100), (
        lambda x: min(max((100 - x) / mp.mpf(90), 0), 1),
        lambda x: min(x, mp.mpf(100)) - max(min(x, mp.mpf(100)) - 10, 0) ** 2 / 180, [mp.mpf(10), mp.mpf(100)], 700)),
    "lognormal": (LognormalPatience(mean_s=60, scv=2), (*lognormal(60, 2), [], 900)),
    "weibull": (WeibullPatience(mean_s=60, shape=2), (
        lambda x: mp.e ** -((x * mp.gamma(1.5) / 60) ** 2),
        lambda x: 30 * mp.gammainc(mp.mpf(1) / 2, 0, (x * mp.gamma(1.5) / 60) ** 2) / mp.gamma(1.5), [], 700)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("agents", [9, 14])
def test_against_mpmath(name, agents):
    law, exact = CASES[name]
    p = GeneralPatience(contacts_per_hour=240, aht_s=180, patience=law)
    row = p.row(agents, 20.0, {"contacts_per_hour": 240.0, "aht_s": 180.0})
    wanted = reference(mp.mpf(240) / 3600, mp.mpf(1) / 180, agents, exact, 20)
    assert [row.wait, row.abandonment, row.in_time, 1 - row.virtual, row.mean_wait_s] == pytest.approx(wanted, rel=1e-10)


LAWS = {
    "deterministic": (DeterministicPatience(mean_s=40, at_once=0.2), lambda r, k: np.full(k, 40.0)),
    "weibull": (WeibullPatience(mean_s=60, shape=0.6, at_once=0.1), lambda r, k: 60 / math.gamma(1 + 1 / 0.6) * r.weibull(0.6, k)),
    "empirical": (EmpiricalPatience(times_s=[30, 90], survival=[0.7, 0.0]), lambda r, k: np.where(
        r.random(k) < 0.3, r.uniform(0, 30, k), r.uniform(30, 90, k))),
}  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_against_simulation(fifo, name):
    law, draw = LAWS[name]
    rng = np.random.default_rng(5)
    k, start = 250_000, 2_000
    arrive = np.cumsum(rng.exponential(15.0, k))
    patience = np.where(rng.random(k) < law.at_once, 0.0, draw(rng, k))
    wait, answered = fifo(arrive, rng.exponential(180.0, k), patience, 11)
    wait, answered = wait[start:], answered[start:]
    p = GeneralPatience(contacts_per_hour=240, aht_s=180, patience=law).performance(11, 20)
    credited = GeneralPatience(contacts_per_hour=240, aht_s=180, patience=law).performance(11, 20, basis="early_abandons_credited")
    # standard errors of shares are near 0.002 (contacts in a busy spell hang together): five of them
    assert p.service_level == pytest.approx((answered & (wait <= 20)).mean(), abs=0.01)
    assert credited.service_level == pytest.approx((wait <= 20).mean(), abs=0.01)
    assert p.abandonment == pytest.approx(1 - answered.mean(), abs=0.01)
    assert p.mean_wait_s == pytest.approx(wait.mean(), rel=0.03)
    assert p.asa_s == pytest.approx(wait[answered].mean(), rel=0.03)


def test_laws_integrate_their_tails():
    x = np.linspace(0.0, 400.0, 400_001)
    for law in (DeterministicPatience(mean_s=60), UniformPatience(low_s=10, high_s=100), LognormalPatience(mean_s=60, scv=2),
                WeibullPatience(mean_s=60, shape=0.7), EmpiricalPatience(times_s=[0.0, 10, 60, 100], survival=[0.95, 0.9, 0.5, 0.3])):  # fmt: skip
        tail = law.tail(x)
        trapezia = np.concatenate([[0.0], np.cumsum(0.5 * (tail[1:] + tail[:-1]) * np.diff(x))])
        assert np.abs(law.integral(x) - trapezia).max() < 2e-3
        assert float(law.integral(np.array([1e9]))[0]) == pytest.approx(law.mean_s, rel=1e-9)


def test_few_agents_in_deep_overload():
    # a hundred times the load: all but n / a of the contacts leave
    p = GeneralPatience(contacts_per_hour=20_000, aht_s=180, patience=LognormalPatience(mean_s=600, scv=1)).performance(10)
    assert p.abandonment == pytest.approx(1 - 10 / 1000, rel=1e-6)
    assert p.occupancy == pytest.approx(1.0, rel=1e-6)
