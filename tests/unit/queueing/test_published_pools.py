"""More published numbers of one pool, each with its source."""

import math

import numpy as np
import pytest

import ccopt as cc


def test_call_center_tools_readme():
    # call-center-tools 1.0.0, README: 1000 calls an hour, 120 s, 80/20, occupancy at most 85 %
    model = cc.ErlangC(contacts_per_hour=1000, aht_s=120)
    assert cc.required_agents(model, [cc.ServiceLevel(0.8, 20), cc.MaxOccupancy(0.85)]) == 40
    p = model.performance(np.array([40, 35]), 20)
    assert p.delay_probability == pytest.approx([0.1907, 0.6965], abs=5e-5)
    assert p.service_level == pytest.approx([0.9372, 0.4724], abs=5e-5)
    assert p.asa_s == pytest.approx([3.43, 50.15], abs=5e-3)


def test_clausthal_calculator():
    # A-Herzog, Mini-Callcenter-Simulator, ErlangCTest: 3.5 a minute, 3 min, 13 agents; with patience 5 min
    assert cc.ErlangC(contacts_per_hour=210, aht_s=180).performance(13).asa_s == pytest.approx(26.56, abs=0.01)
    p = cc.ErlangA(contacts_per_hour=210, aht_s=180, patience_s=300).performance(13)
    assert p.mean_wait_s == pytest.approx(9.912803, abs=5e-7)
    assert p.abandonment == pytest.approx(0.0330427, abs=5e-8)


def test_gross_and_harris():
    # Gross & Harris as used by misken/qng (MIT): M/M/1 5/h, 6/h; M/M/3, lambda 6, mu 3
    one = cc.ErlangC(contacts_per_hour=5, aht_s=600)
    assert one.performance(1).queue_length == pytest.approx(4.1667, abs=5e-5)
    assert one.wait_tail(1, 3600) == pytest.approx(0.3065662, abs=5e-8)
    three = cc.ErlangC(contacts_per_hour=6, aht_s=1200).performance(3)
    assert (three.queue_length, three.delay_probability) == pytest.approx((8 / 9, 4 / 9), rel=1e-12)
    assert three.asa_s / 3600 == pytest.approx(4 / 27, rel=1e-12)


def test_cleveland():
    # Cleveland, Call Center Management on Fast Forward, recomputed: 250 calls in half an hour, 210 s, 20 s
    p = cc.ErlangC(contacts_per_hour=500, aht_s=210).performance(np.arange(30, 37), 20)
    assert p.service_level == pytest.approx([0.2352, 0.4522, 0.6129, 0.7304, 0.8151, 0.8751, 0.9170], abs=6e-5)
    assert p.asa_s == pytest.approx([208.65, 74.72, 37.57, 21.27, 12.73, 7.84, 4.89], abs=6e-3)
    # and his pooling table: 50/100/500/1000 calls in half an hour
    need = cc.required_agents(cc.ErlangC(contacts_per_hour=np.array([100, 200, 1000, 2000]), aht_s=210), [cc.ServiceLevel(0.8, 20)])
    assert need.tolist() == [9, 15, 65, 124]


def test_hanisch_erlang_a():
    # sebastian-hanisch/erlang-a-demo: service 3 min, patience 5 min, rho 0.95 and 1.3
    ten = cc.ErlangA(contacts_per_hour=190, aht_s=180, patience_s=300).performance(10)
    assert ten.abandonment == pytest.approx(0.090, abs=5e-4)
    assert ten.mean_wait_s / 60 == pytest.approx(0.45, abs=5e-3)
    n = np.array([4, 10, 50, 200])
    over = cc.ErlangA(contacts_per_hour=1.3 * n * 20, aht_s=180, patience_s=300).performance(n)
    assert over.abandonment == pytest.approx([0.285, 0.248, 0.231, 0.2308], abs=5e-4)
    assert cc.ErlangA(contacts_per_hour=1, aht_s=3600, patience_s=3600).performance(1).abandonment == pytest.approx(1 / math.e, rel=1e-13)


def test_finite_lines_of_hanisch_and_with_patience():
    # erlang-b-demo: M/M/10/(10+k), 9 erlangs, 3 min; and M/M/30/40+M at 28 erlangs, patience = handle time (exact chain)
    p = cc.ErlangA(contacts_per_hour=180, aht_s=180, patience_s=math.inf, lines=np.array([10, 12, 15, 20])).performance(10)
    assert p.blocking == pytest.approx([0.168, 0.106, 0.061, 0.030], abs=6e-4)
    assert p.asa_s / 60 == pytest.approx([0, 0.12, 0.38, 0.79], abs=6e-3)
    q = cc.ErlangA(contacts_per_hour=28 * 3600, aht_s=1, patience_s=1, lines=40).performance(30, 0.1)
    found = (q.blocking, q.abandonment, q.delay_probability, q.occupancy)
    assert found == pytest.approx((0.0066051, 0.0404928, 0.3629260, 0.8893753), abs=5e-8)


def test_identity_of_garnett_mandelbaum_reiman():
    # GMR (2002), p. 226: P(Ab) from B and P(wait)
    for lam, mu, theta, n in ((48, 1, 0.5, 50), (100, 1, 2, 95)):
        p = cc.ErlangA(contacts_per_hour=lam, aht_s=3600 / mu, patience_s=3600 / theta).performance(n)
        b, w, rho = cc.erlang_b(n, lam / mu), p.delay_probability, lam / (n * mu)
        assert p.abandonment == pytest.approx((1 - 1 / rho + (b / rho) / ((1 - b) / (1 - w) - 1 + b)) * w, rel=1e-11)


def test_economies_of_scale():
    # rho 0.75 fixed, 4 to 32 agents (recomputed); 3 % abandonment with patience = handle time
    c = np.array([4, 8, 16, 32])
    assert cc.erlang_c(c, 0.75 * c) == pytest.approx([0.5094340, 0.3569811, 0.2045739, 0.0828855], abs=5e-8)
    loads = np.array([5, 10, 20, 50, 100, 200])
    model = cc.ErlangA(contacts_per_hour=loads * 20, aht_s=180, patience_s=180)
    assert cc.required_agents(model, [cc.MaxAbandonment(0.03)]).tolist() == [8, 14, 24, 54, 103, 200]
