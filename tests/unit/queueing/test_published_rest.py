"""Published numbers of one pool that no other file holds: one test per source, the source in the first line."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import ccopt as cc
from ccopt.queueing.models import BlendedPool, CustomerClass, ExtendedErlangB, PriorityPool


def test_erlang_b_values_and_its_inverse():
    # erlanglib tests: B(10, 20); least lines for 1 %: 10 erlangs -> 18, 708 -> 736, 5 -> 11; pyworkforce: 10 erlangs at 2 % -> 17
    assert cc.erlang_b(10, 20) == pytest.approx(0.5379631686320729, rel=1e-13)
    for load, blocking, lines in ((10, 0.01, 18), (708, 0.01, 736), (5, 0.01, 11), (10, 0.02, 17), (17, 0.01, 27)):
        assert cc.required_agents(cc.ErlangB(contacts_per_hour=load * 20, aht_s=180), [cc.MaxBlocking(blocking)]) == lines
    assert [cc.erlang_b(n, 1) for n in (1, 2)] == pytest.approx([0.5, 0.2], rel=1e-14)
    # erlang.com calculator manual: 15 lines at 1 % carry at most 8.108 erlangs
    assert cc.solve_for("load", cc.ErlangB(contacts_per_hour=1, aht_s=180), agents=15, target=cc.MaxBlocking(0.01)) == pytest.approx(8.108, abs=6e-4)


def test_hanisch_erlang_b_demo():
    # sebastian-hanisch/erlang-b-demo: 20 servers, 18 erlangs: 10.9 % lost; with ten places 2.3 % and 0.3 min; 24 erlangs 25.7 %
    assert cc.erlang_b(20, 18) == pytest.approx(0.109, abs=5e-4)
    assert cc.erlang_b(20, 24) == pytest.approx(0.257, abs=5e-4)
    p = cc.ErlangA(contacts_per_hour=360, aht_s=180, patience_s=math.inf, lines=30).performance(20)
    assert p.blocking == pytest.approx(0.023, abs=5e-4)
    assert p.asa_s / 60 == pytest.approx(0.3, abs=0.05)


def test_rossetti():
    # Rossetti, Simulation Modeling and Arena, appendix: M/M/c, 0.5 a minute, 1.75 min: P(N >= 4) for c = 1..4 is C rho^(4-c)
    load = 0.875
    found = [cc.erlang_c(c, load) * (load / c) ** (4 - c) for c in (1, 2, 3, 4)]
    assert found == pytest.approx([0.586182, 0.050972, 0.019034, 0.013022], abs=6e-7)
    # 40 an hour, one hour each, ten places: 30.3075 lost an hour
    assert 40 * cc.ErlangB(contacts_per_hour=40, aht_s=3600).performance(10).blocking == pytest.approx(30.3075, abs=5e-5)


def test_web_example_of_55_agents():
    # widely used worked example: 360 calls in half an hour, 4 min, 55 agents, 15 s (outputs recomputed)
    p = cc.ErlangC(contacts_per_hour=720, aht_s=240).performance(55, 15)
    assert (p.load, p.occupancy) == pytest.approx((48.0, 48 / 55))
    assert (p.delay_probability, p.service_level) == pytest.approx((0.238701, 0.845883), abs=6e-7)
    assert p.asa_s == pytest.approx(8.184, abs=6e-4)


def test_cheapest_number_of_agents_at_llbean():
    # Anupindi et al., Managing Business Process Flows, Example 8.7: 20 calls an hour, 2.5 min, 20 $/h an agent, 2 $/min a waiting caller
    c = np.arange(1, 5)
    queue = cc.ErlangC(contacts_per_hour=20, aht_s=150).performance(c).queue_length
    assert queue == pytest.approx([4.16667, 0.17507, 0.02220, 0.00290], abs=6e-6)
    cost = 20 * c + 120 * queue
    assert cost == pytest.approx([520.00, 61.01, 62.66, 80.35], abs=6e-3)
    assert c[np.argmin(cost)] == 2


def test_priorities_of_ciw_and_hanisch():
    # Ciw, tests/test_simulation.py: M/M/1, rates 0.2 (high) and 0.6, mu 1, not interrupted: sojourn 2 and 6
    two = PriorityPool(classes=[CustomerClass(name="high", contacts_per_hour=0.2), CustomerClass(name="low", contacts_per_hour=0.6)], aht_s=3600.0)
    assert np.asarray(two.by_class(1).mean_wait_s) / 3600 + 1 == pytest.approx([2.0, 6.0], rel=1e-9)
    # Hanisch, priority-queue-demo: rho 0.9, a fifth high: 1.09756 and 10.97561; the high class gains (1 - p rho) / (1 - rho)
    for rho, gain in ((0.5, 1.8), (0.8, 4.2), (0.9, 8.2)):
        classes = [CustomerClass(name="high", contacts_per_hour=0.2 * rho), CustomerClass(name="low", contacts_per_hour=0.8 * rho)]
        waits = np.asarray(PriorityPool(classes=classes, aht_s=3600.0).by_class(1).mean_wait_s) / 3600
        assert rho / (1 - rho) / waits[0] == pytest.approx(gain, rel=1e-9)
    assert waits == pytest.approx([1.09756, 10.97561], abs=6e-6)


def test_garnett_mandelbaum_reiman_table_1():
    # GMR (2002), Table 1: 50 agents, 48 a minute, one minute, patience two minutes; Erlang C 20.8 s, 90th percentile 58.1 s, queue 17
    c = cc.ErlangC(contacts_per_hour=2880, aht_s=60)
    p = c.performance(50)
    assert (p.asa_s, p.queue_length, p.occupancy) == pytest.approx((20.8337, 16.6669, 0.96), abs=6e-5)
    assert c.wait_tail(50, 58.1387) == pytest.approx(0.1, abs=1e-6)
    q = cc.ErlangA(contacts_per_hour=2880, aht_s=60, patience_s=120).performance(50)
    assert (q.abandonment, q.occupancy, q.delay_probability) == pytest.approx((0.0309122, 0.9303242, 0.4677741), abs=6e-8)
    assert (q.mean_wait_s, q.queue_length) == pytest.approx((3.70947, 2.967576), abs=6e-6)


def test_erlang_x_of_erlang_c_cmath():
    # ErlangCCmath 1.3.0: 4 a minute, 3 min, patience 1 min, 100 lines, 14 agents, 0.333 min: E[V] 0.10044 min, 87.97 %, 7.43 %, 79.34 %
    m = cc.ErlangA(contacts_per_hour=240, aht_s=180, patience_s=60, lines=100)
    p = m.performance(14, 0.333 * 60, basis="virtual")
    assert (p.service_level, p.abandonment, p.occupancy) == pytest.approx((0.879661, 0.0743252, 0.7934355), abs=6e-7)
    assert p.blocking == pytest.approx(1.4e-87, rel=0.05)


def test_blending_of_erlang_c_cmath_as_a_model():
    # ErlangCCmath 1.3.0: 4 a minute, 3 min, 16 agents, threshold 2: ASA 0.43, SL 63.34 %, occupancy 95.83 %, 1.11 outbound a minute
    m = BlendedPool(contacts_per_hour=240, aht_s=180, threshold=2)
    p = m.performance(16, 0.333 * 60)
    assert (p.asa_s / 60, p.service_level, p.occupancy) == pytest.approx((3 / 7, 0.6334483, 23 / 24), abs=6e-8)
    assert m.outbound_per_hour(16) / 60 == pytest.approx(10 / 9, rel=1e-9)


def test_pyworkforce_abandonment():
    # pyworkforce, queuing/tests/test_abandonment.py (MIT): 100 in 30 min, 3 min, patience 5 min, 20 s, 14 agents
    m = cc.ErlangA(contacts_per_hour=200, aht_s=180, patience_s=300)
    p = m.performance(14, 20)
    assert (p.delay_probability, p.abandonment, p.occupancy) == pytest.approx((0.14526, 0.013984, 0.704297), abs=6e-6)
    assert (p.mean_wait_s / 60, p.service_level) == pytest.approx((0.069919, 0.916792), abs=6e-7)
    # its documentation: service level 0.8, occupancy 0.85, abandonment 0.05 -> 13 agents, 0.858, 0.750, 0.025, 0.226, 0.125
    targets = [cc.ServiceLevel(0.8, 20), cc.MaxOccupancy(0.85), cc.MaxAbandonment(0.05)]
    assert cc.required_agents(m, targets) == 13
    q = m.performance(13, 20)
    found = (q.service_level, q.occupancy, q.abandonment, q.delay_probability, q.mean_wait_s / 60)
    assert found == pytest.approx((0.858, 0.750, 0.025, 0.226, 0.125), abs=6e-4)


def test_hanisch_erlang_a_demo_rest():
    # sebastian-hanisch/erlang-a-demo, rho 0.95: patience 1 min 13.6 % and 0.14 min, occupancy 82 %; 30 min 4.3 %; C against A waits
    ten = {m: cc.ErlangA(contacts_per_hour=190, aht_s=180, patience_s=60 * m).performance(10) for m in (1, 5, 30)}
    assert [ten[m].abandonment for m in (1, 30)] == pytest.approx([0.136, 0.043], abs=5e-4)
    assert (ten[1].mean_wait_s / 60, ten[1].occupancy) == pytest.approx((0.14, 0.82), abs=5e-3)
    n = np.array([4, 10, 50])
    patient = cc.ErlangC(contacts_per_hour=0.95 * n * 20, aht_s=180).performance(n)
    leaving = cc.ErlangA(contacts_per_hour=0.95 * n * 20, aht_s=180, patience_s=300).performance(n)
    assert patient.mean_wait_s / 60 == pytest.approx([13.4, 4.95, 0.75], abs=0.05)
    assert leaving.mean_wait_s / 60 == pytest.approx([0.77, 0.45, 0.15], abs=5e-3)
    # overload 1.3: occupancy 97.8 % with ten; 1.1: 20.9, 15.3, 10.4, 9.2 %
    assert cc.ErlangA(contacts_per_hour=260, aht_s=180, patience_s=300).performance(10).occupancy == pytest.approx(0.978, abs=5e-4)
    k = np.array([4, 10, 50, 200])
    over = cc.ErlangA(contacts_per_hour=1.1 * k * 20, aht_s=180, patience_s=300).performance(k)
    assert over.abandonment == pytest.approx([0.209, 0.153, 0.104, 0.092], abs=5e-4)


def test_hanisch_square_root_staffing_demo():
    # the same author, square-root-staffing-demo: service 3 min, patience 5 min; 10 erlangs with 14 agents, 100 with 110, 1000 with 1032
    assert [cc.erlang_c(n, a) for a, n in ((10, 14), (100, 110), (1000, 1032))] == pytest.approx([0.174, 0.237, 0.223], abs=5e-4)
    two = cc.ErlangA(contacts_per_hour=np.array([2000.0, 20000.0]), aht_s=180, patience_s=300).performance([110, 1032])
    assert two.abandonment == pytest.approx([0.0067, 0.0020], abs=5e-5)
    short = cc.ErlangA(contacts_per_hour=2000, aht_s=180, patience_s=300).performance(90)
    assert (short.delay_probability, short.abandonment, short.occupancy) == pytest.approx((0.919, 0.1044, 0.995), abs=5e-4)
    for load, share, least in ((100, 0.5, 106), (20, 0.2, 26), (100, 0.2, 111), (500, 0.2, 525), (1000, 0.2, 1034)):
        assert cc.erlang_c(least, load) <= share < cc.erlang_c(least - 1, load)


def test_waits_at_the_same_occupancy():
    # recomputed for the list of cases: rho 0.75, 4 to 32 agents, wait over handle time
    c = np.array([4, 8, 16, 32])
    p = cc.ErlangC(contacts_per_hour=0.75 * c, aht_s=3600).performance(c)
    assert p.asa_s / 3600 == pytest.approx([0.5094340, 0.1784905, 0.0511435, 0.0103607], abs=6e-8)


@pytest.mark.parametrize(("rate", "speed", "cost"), [(10, 24.142136, 38.284271), (40, 68.284271, 96.568542)])
def test_speed_of_one_server_of_castillo_ingolfsson_sim(rate, speed, cost):
    # Castillo, Ingolfsson, Sim (2009): c mu + w lambda / (mu - lambda), c 1, w 20: mu* = lambda + sqrt(w lambda / c); pools by the model
    def total(mu):
        p = cc.ErlangC(contacts_per_hour=rate, aht_s=3600.0 / mu).performance(1)
        return mu + 20.0 * (p.queue_length + p.load)  # contacts present: lambda / (mu - lambda)

    found = minimize_scalar(total, bounds=(rate * 1.01, rate * 6), method="bounded", options={"xatol": 1e-9})
    assert found.x == pytest.approx(speed, abs=1e-4)
    assert found.fun == pytest.approx(cost, abs=6e-7)


@pytest.mark.parametrize("agents", [8, 12, 15])
def test_retries_are_redials_without_waiting(agents):
    # Erlang X without waiting places is extended Erlang B: another kernel (finite lines) and another fixed point (bisection)
    found = ExtendedErlangB(contacts_per_hour=200, aht_s=180, retry=0.4).performance(agents).blocking
    redials = cc.ErlangA(contacts_per_hour=200, aht_s=180, patience_s=math.inf, lines=agents, redial=0.4).performance(agents)
    assert found == pytest.approx(redials.blocking, rel=1e-10)
