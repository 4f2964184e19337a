"""Overflow, square-root staffing, dimensioning, structure laws and derivatives: published numbers and other routes."""

import itertools
import math

import mpmath as mp
import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing.derivatives import derivative
from ccopt.queueing.overflow import equivalent_group, lost_overflow, overflow_moments
from ccopt.queueing.square_root import dimension, garnett, halfin_whitt, safety_factor, square_root_agents
from ccopt.queueing.structure import (
    agents_by_sites,
    pooling_of_unlike_calls,
    price_of_dedication,
    square_root_error,
    value_of_forecast,
)

PROMISE = [cc.ServiceLevel(0.8, 20)]


def chain(states, moves):
    index = {s: i for i, s in enumerate(states)}
    q = np.zeros((len(states), len(states)))
    for s, i in index.items():
        for t, rate in moves(s):
            if rate:
                q[i, index[t]] += rate
                q[i, i] -= rate
    q[:, 0] = 1.0
    return dict(zip(states, np.linalg.solve(q.T, np.eye(1, len(states))[0]), strict=True))


# overflow --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("load", "agents", "moments"), [
    (5, 5, (1.424339, 2.333179, 1.638079)), (10, 10, (2.145823, 4.362447, 2.032995)), (10, 12, (1.197392, 2.616349, 2.185040)),
])  # fmt: skip
def test_kosten_moments(load, agents, moments):
    # recomputed for the list of cases from Kosten and Riordan, checked there against a chain
    found = overflow_moments(agents, load)
    assert (found.mean, found.variance, found.peakedness) == pytest.approx(moments, abs=6e-7)


def test_kosten_moments_against_a_chain():
    p = chain(list(itertools.product(range(6), range(40))), lambda s: [
        ((s[0] + 1, s[1]) if s[0] < 5 else (s[0], min(s[1] + 1, 39)), 5.0 if s[0] < 5 or s[1] < 39 else 0.0),
        ((s[0] - 1, s[1]), float(s[0])), ((s[0], s[1] - 1), float(s[1]))])
    mean = sum(v * s[1] for s, v in p.items())
    second = sum(v * s[1] ** 2 for s, v in p.items())
    found = overflow_moments(5, 5)
    assert (found.mean, found.variance) == pytest.approx((mean, second - mean**2), rel=1e-10)


@pytest.mark.parametrize(("method", "lost"), [
    ("equivalent", 1.186053), ("rapp", 1.189448), ("hayward", 1.128521), ("poisson", 0.933367),
])  # fmt: skip
def test_lost_overflow(method, lost):
    # list of cases: (5,5),(5,5) into 3, exact 1.165094; equivalent system (7.355183, 5.615968)
    assert lost_overflow([(5, 5), (5, 5)], 3, method=method) == pytest.approx(lost, abs=6e-7)
    one = overflow_moments(5, 5)
    assert equivalent_group(2 * one.mean, 2 * one.variance) == pytest.approx((7.355183, 5.615968), abs=6e-7)


def test_exact_loss_behind_two_groups():
    def moves(s):
        a, b, c = s
        to_a = (a + 1, b, c) if a < 5 else (a, b, c + 1) if c < 3 else None
        to_b = (a, b + 1, c) if b < 5 else (a, b, c + 1) if c < 3 else None
        ups = [(t, 5.0) for t in (to_a, to_b) if t]
        return [*ups, ((a - 1, b, c), float(a)), ((a, b - 1, c), float(b)), ((a, b, c - 1), float(c))]

    p = chain(list(itertools.product(range(6), range(6), range(4))), moves)
    exact = 5 * sum(v * ((s[0] == 5) + (s[1] == 5)) for s, v in p.items() if s[2] == 3)
    assert exact == pytest.approx(1.165094, abs=6e-7)
    assert lost_overflow([(5, 5), (5, 5)], 3) == pytest.approx(exact, rel=0.02)
    assert lost_overflow([(5, 5), (5, 5)], 3, method="hayward") == pytest.approx(exact, rel=0.035)


def test_equivalent_group_of_one_group_is_itself():
    found = overflow_moments(12, 10)
    assert equivalent_group(found.mean, found.variance) == pytest.approx((10, 12), rel=1e-8)
    with pytest.raises(ValueError, match="smooth"):
        equivalent_group(2.0, 1.5)


# square root -----------------------------------------------------------------------------------------------------------

def test_halfin_whitt_values():
    # Hanisch, square-root-staffing-demo: beta for 80/50/20/10/5 %; the rest recomputed
    wanted = {0.9: 0.082876, 0.8: 0.172807, 0.7: 0.271485, 0.6: 0.381342, 0.5: 0.506054, 0.4: 0.651624, 0.3: 0.828945,
              0.2: 1.061516, 0.1: 1.420187, 0.05: 1.739836, 0.02: 2.116740, 0.01: 2.374888}  # fmt: skip
    assert [safety_factor(p) for p in wanted] == pytest.approx(list(wanted.values()), abs=6e-7)
    assert halfin_whitt([0.5, 1.0, 1.5, 2.0]) == pytest.approx([0.504539, 0.223361, 0.084690, 0.026881], abs=6e-7)
    assert halfin_whitt([-1.0, 0.0]).tolist() == [1.0, 1.0]


def test_garnett_values():
    # recomputed for the list: columns beta -1/0/1/2
    for ratio, row in {0.5: (0.93123, 0.58579, 0.17896, 0.02440), 1: (0.84134, 0.5, 0.15866, 0.02275),
                       2: (0.72519, 0.41421, 0.13564, 0.02051)}.items():  # fmt: skip
        assert garnett([-1.0, 0.0, 1.0, 2.0], ratio) == pytest.approx(row, abs=6e-6)
    # exact against the limit: three pools of the list
    for load, n, ratio, exact in ((100, 110, 0.5, 0.19127), (400, 410, 0.25, 0.40641), (1000, 1000, 2, 0.41916)):
        p = cc.ErlangA(contacts_per_hour=load, aht_s=3600, patience_s=3600 / ratio).performance(n)
        assert p.delay_probability == pytest.approx(exact, abs=6e-6)
        assert garnett((n - load) / math.sqrt(load), ratio) == pytest.approx(exact, abs=0.015)
    assert garnett(safety_factor(0.3, aht_over_patience=2.0), 2.0) == pytest.approx(0.3, abs=1e-12)


def test_square_root_rule_against_the_table_of_tijms():
    # Tijms (2003), Table 5.3.2: exact / rule
    table = {0.5: ((1, 2, 2), (5, 7, 7), (10, 12, 12), (50, 54, 54), (100, 106, 106)),
             0.2: ((1, 3, 3), (5, 8, 8), (10, 14, 14), (50, 58, 58), (100, 111, 111)),
             0.1: ((1, 3, 3), (5, 9, 9), (10, 16, 15), (50, 61, 61), (100, 115, 115))}  # fmt: skip
    for alpha, rows in table.items():
        found = square_root_error([r[0] for r in rows], alpha)
        assert [(f.exact, math.ceil(f.rule)) for f in found] == [(e, s) for _, e, s in rows]
    # list of cases: P(wait) <= 0.2 at 20, 500, 1000 erlangs: 26, 525, 1034 (rule 25, 524)
    found = square_root_error([20, 500, 1000], 0.2)
    assert [f.exact for f in found] == [26, 525, 1034]
    assert [math.ceil(f.rule) for f in found[:2]] == [25, 524]
    # the saving of merging two equal centers is (2 - sqrt 2) k sqrt R  (same page)
    two, one = 2 * square_root_agents(50, 0.2), square_root_agents(100, 0.2)
    assert two - one == pytest.approx((2 - math.sqrt(2)) * safety_factor(0.2) * math.sqrt(50))


def test_dimensioning():
    # recomputed with the definitions of Borst, Mandelbaum and Reiman (2004): y*(r) and exact optima of agents + r Lq
    for r, beta, wait in ((0.5, 0.63883, 0.40811), (1, 0.84199, 0.29351), (2, 1.07496, 0.19517), (10, 1.66741, 0.05889)):
        found = dimension(100.0, r)
        assert (found.beta, found.delay_probability) == pytest.approx((beta, wait), abs=6e-6)
    loads = (10, 50, 100, 200, 500, 1000)
    assert [dimension(a, 1.0).agents for a in loads] == [13, 56, 108, 212, 519, 1027]
    assert [dimension(a, 10.0).agents for a in loads] == [16, 62, 117, 224, 538, 1053]
    grid = [dimension(a, r) for a in (1, 3, 10, 30, 100, 300, 1000) for r in (0.1, 1.0, 10.0, 100.0)]
    assert max(abs(d.rule - d.agents) for d in grid) <= 1


def test_l_l_bean():
    # Anupindi et al., Example 8.7: 20 calls an hour of 2.5 min, agent 20 $/h, waiting 120 $/h: the optimum is 2 agents
    assert dimension(20 * 2.5 / 60, 6.0).agents == 2


# structure -------------------------------------------------------------------------------------------------------------

def test_sites_against_agents():
    rows = agents_by_sites(100.0, [1, 2, 5, 10], aht_s=180, targets=PROMISE)
    assert (rows[0].agents, rows[-1].agents) == (107, 140)  # list of cases, d1
    assert [r.agents for r in rows] == sorted(r.agents for r in rows)
    clients = [cc.ErlangC(contacts_per_hour=20 * a, aht_s=180) for a in (3, 6, 9, 12, 20)]
    found = price_of_dedication(clients, PROMISE)
    assert (found.dedicated, found.shared) == (66, 56)  # list of cases, d1
    with pytest.raises(ValueError, match="sites = 0"):
        agents_by_sites(10.0, [0], aht_s=180, targets=PROMISE)


def test_pooling_unlike_calls_hurts():
    # van Dijk & van der Sluis (2008): unpooled 2.49/25.0/4.55 min, pooled 6.15 (exact 2.5/25/4.545; simulated 6.119 +- 0.03)
    found = pooling_of_unlike_calls([50, 5], [60, 600], agents=[1, 1])
    assert (found.apart_s / 60).tolist() == pytest.approx([2.5, 25.0], rel=1e-12)
    assert found.apart_mean_s / 60 == pytest.approx(50 / 11, rel=1e-12)
    assert found.pooled_s / 60 == pytest.approx(6.119, rel=0.05)
    assert not found.pooling_helps
    # like calls: pooling helps
    assert pooling_of_unlike_calls([20, 20], [120, 120], agents=[1, 1], handle_scv=1.0).pooling_helps
    with pytest.raises(cc.UnstableError):
        pooling_of_unlike_calls([70, 5], [60, 600], agents=[1, 1])


def test_a_better_forecast_saves_agents():
    line = cc.ErlangA(contacts_per_hour=2000, aht_s=180, patience_s=180)
    rows = value_of_forecast(line, PROMISE)
    assert rows[0].agents == cc.required_agents(line, PROMISE) == 99
    assert [r.agents for r in rows] == sorted(r.agents for r in rows)
    assert rows[-1].agents > rows[0].agents + 5
    with pytest.raises(ValueError, match=r"did you mean 0\.05"):
        value_of_forecast(line, PROMISE, errors=[5.0])


# derivatives -----------------------------------------------------------------------------------------------------------

def big(x):
    return mp.mpf(x)


def exact_c(n, rate, h, t):
    """Service level and mean wait of Erlang C."""
    a = rate * h / 3600
    b = mp.power(a, n) * mp.e**-a / mp.gammainc(n + 1, a)
    c = b / (1 - a / n * (1 - b))
    return 1 - c * mp.e ** (-(n - a) * t / h), c * h / (n - a)


def exact_a(n, rate, h, m, t):
    """In time and abandonment of Erlang A from incomplete gamma functions."""
    lam, theta = rate / 3600, 1 / m
    s, x = n * m / h, lam * m
    idle = mp.gammainc(n, lam * h) * mp.e ** (lam * h) / mp.power(lam * h, n - 1)  # 1 / B(n - 1)
    tail = lambda c, y: mp.gammainc(c, 0, y) * mp.power(x, -s) * mp.e**x * m  # noqa: E731  (integral of e^(-c' v) density)
    whole = tail(s, x)
    scale = 1 / (idle + lam * whole)
    left = x * mp.e ** (-theta * t)
    stay = mp.gammainc(s + 1, 0, x) * mp.power(x, -s - 1) * mp.e**x * m
    stay_late = mp.gammainc(s + 1, 0, left) * mp.power(x, -s - 1) * mp.e**x * m
    return scale * (idle + lam * (stay - stay_late)), lam * scale * (whole - stay)


@pytest.mark.parametrize(("n", "rate", "h", "t"), [(14, 200, 180, 20), (7.5, 60, 300, 45), (1030, 20000, 180, 10), (101, 2000, 180, 60)])
def test_derivatives_of_erlang_c(n, rate, h, t):
    mp.mp.dps = 40
    place = {"agents": n, "contacts_per_hour": rate, "aht_s": h, "awt_s": t}
    for k, by in enumerate(place):
        found = derivative(cc.ErlangC(contacts_per_hour=rate, aht_s=h), n, t, by=by)
        for name, index in (("service_level", 0), ("asa_s", 1)):
            if by == "awt_s" and name == "asa_s":
                continue
            args = [big(x) for x in place.values()]
            wanted = mp.diff(lambda x, k=k, args=args, i=index: exact_c(*[x if j == k else a for j, a in enumerate(args)])[i], args[k])
            assert getattr(found, name) == pytest.approx(float(wanted), rel=1e-8), (by, name)


@pytest.mark.parametrize(("n", "rate", "h", "m", "t"), [(14, 240, 180, 60, 20), (9.5, 240, 180, 400, 30), (103, 2000, 180, 180, 15)])
def test_derivatives_of_erlang_a(n, rate, h, m, t):
    mp.mp.dps = 60
    place = {"agents": n, "contacts_per_hour": rate, "aht_s": h, "patience_s": m, "awt_s": t}
    model = cc.ErlangA(contacts_per_hour=rate, aht_s=h, patience_s=m)
    assert [float(x) for x in exact_a(*(big(x) for x in place.values()))] == pytest.approx(
        [model.performance(n, t).service_level, model.performance(n, t).abandonment], rel=1e-11)
    for k, by in enumerate(place):
        found = derivative(model, n, t, by=by)
        for name, index in (("service_level", 0), ("abandonment", 1)):
            if by == "awt_s" and name == "abandonment":
                continue
            args = [big(x) for x in place.values()]
            wanted = mp.diff(lambda x, k=k, args=args, i=index: exact_a(*[x if j == k else a for j, a in enumerate(args)])[i], args[k])
            assert getattr(found, name) == pytest.approx(float(wanted), rel=1e-8), (by, name)


def test_derivatives_of_erlang_b_in_closed_form():
    # dB/da = B (n / a - 1 + B)
    for n, a in ((10, 8.0), (200, 210.0), (1.5, 3.0)):
        b = cc.erlang_b(n, a)
        found = derivative(cc.ErlangB(contacts_per_hour=a * 20, aht_s=180), n, 20, by="load")
        assert found.blocking == pytest.approx(b * (n / a - 1 + b), rel=1e-9)


def test_derivative_at_the_edge_is_refused():
    with pytest.raises(ValueError, match="end of its range"):
        derivative(cc.ErlangC(contacts_per_hour=200, aht_s=180), 14, 0.0, by="awt_s")
    with pytest.raises(ValueError, match="by = 'patience_s'"):
        derivative(cc.ErlangC(contacts_per_hour=200, aht_s=180), 14, by="patience_s")
