"""The kernel against exact models of one pool (imported here only)."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

import ccopt as cc
from ccopt.simulation import Group, Law, Network, Queue, Simulator, Source, Way
from ccopt.simulation.tally import (
    ANSWERS,
    DELAYED,
    IN_TIME,
    LOST,
    OFFERED,
    VIRTUAL,
    WAIT_ALL,
    WAIT_ANSWERED,
)

sys.path.insert(0, str(Path(__file__).parent))
from pools import HOUR, counts, inside, pool


@pytest.mark.parametrize(("agents", "load", "patience"), [(10, 9.0, 120.0), (50, 52.0, 60.0), (5, 3.0, math.inf)])
def test_one_pool_is_erlang_a_or_c(agents, load, patience):
    network = pool([load * 20], [180.0], [patience], [agents], hours=62)
    found, busy, hours = counts(network, days=30, window=(HOUR, 61 * HOUR))
    x = found[:, 0]
    exact = cc.ErlangA(contacts_per_hour=load * 20, aht_s=180, patience_s=patience)
    p, v = exact.performance(agents, 20), exact.performance(agents, 20, basis="virtual")
    inside(x[:, IN_TIME], x[:, OFFERED], p.service_level)
    inside(x[:, LOST], x[:, OFFERED], p.abandonment)
    inside(x[:, DELAYED], x[:, OFFERED], p.delay_probability)
    inside(x[:, VIRTUAL], x[:, OFFERED], v.service_level)
    inside(x[:, WAIT_ANSWERED], x[:, ANSWERS], p.asa_s)
    inside(x[:, WAIT_ALL], x[:, OFFERED], p.mean_wait_s)
    inside(busy[:, 0], hours * agents, p.occupancy)


@pytest.mark.parametrize("rich", [False, True])
def test_non_preemptive_priority_of_one_server(rich):
    # Ciw, tests of priorities against literature (case a18): rates 0.2 and 0.6, service 1: time in system 2.0 and 6.0
    network = pool([720.0, 2160.0], [1.0, 1.0], [math.inf] * 2, [1], hours=9, priority=[0, 1])
    found, _, _ = counts(network, days=40, window=(0.1 * HOUR, 8.5 * HOUR), rich=rich)
    inside(found[:, 0, WAIT_ANSWERED] + found[:, 0, ANSWERS], found[:, 0, ANSWERS], 2.0)
    inside(found[:, 1, WAIT_ANSWERED] + found[:, 1, ANSWERS], found[:, 1, ANSWERS], 6.0)


def test_priority_at_high_load():
    # sebastian-hanisch priority-queue-demo (case a18): rho 0.9, 20 % high: waits 1.09756 and 10.97561 services
    network = pool([648.0, 2592.0], [1.0, 1.0], [math.inf] * 2, [1], hours=42, priority=[0, 1])
    found, _, _ = counts(network, days=30, window=(0.5 * HOUR, 41 * HOUR))
    inside(found[:, 0, WAIT_ANSWERED], found[:, 0, ANSWERS], 1.09756)
    inside(found[:, 1, WAIT_ANSWERED], found[:, 1, ANSWERS], 10.97561)


def test_one_virtual_queue_over_two_sites_is_one_pool():
    # two groups of 5 that both may serve both classes are one pool of 10
    network = pool([80.0, 90.0], [180.0] * 2, [100.0] * 2, [5, 5], hours=62, plans=[[0, 1], [1, 0]])
    x = counts(network, days=30, window=(HOUR, 61 * HOUR))[0].sum(axis=1)
    exact = cc.ErlangA(contacts_per_hour=170, aht_s=180, patience_s=100).performance(10, 20)
    inside(x[:, IN_TIME], x[:, OFFERED], exact.service_level)
    inside(x[:, LOST], x[:, OFFERED], exact.abandonment)


def test_every_contact_is_counted_once():
    x = counts(pool([160.0], [180.0], [60.0], [7], hours=5), days=5)[0][:, 0]
    assert (x[:, OFFERED] == x[:, ANSWERS] + x[:, LOST]).all()


@pytest.mark.parametrize("rich", [False, True])
def test_nobody_there_means_everybody_leaves(rich):
    x = counts(pool([40.0], [180.0], [60.0], [0], hours=5), days=3, rich=rich)[0][:, 0]
    assert x[:, ANSWERS].sum() == 0
    assert (x[:, LOST] == x[:, OFFERED]).all()
    forever = counts(pool([40.0], [180.0], [math.inf], [0], hours=5), days=1, rich=rich)[0][:, 0]
    assert forever[0, OFFERED] == forever[0, DELAYED] > 0
    assert forever[0, ANSWERS] == forever[0, LOST] == 0


@pytest.mark.parametrize(("law", "scv"), [
    (Law(kind="deterministic"), 0.0), (Law(kind="lognormal", shape=1.5), 1.5), (Law(kind="gamma", shape=2.5), 0.4),
    (Law(kind="gamma", shape=0.5), 2.0), (Law(kind="uniform", shape=1.0), 1 / 3),
    (Law(kind="weibull", shape=0.8), math.gamma(1 + 2 / 0.8) / math.gamma(1 + 1 / 0.8) ** 2 - 1),
    (Law(kind="empirical", values=(60.0, 120.0, 360.0)), (60**2 + 120**2 + 360**2) / 3 / 180**2 - 1),
], ids=lambda x: x.kind if isinstance(x, Law) else f"{x:.2f}")  # fmt: skip
def test_mean_wait_of_one_server_by_pollaczek_and_khinchine(law, scv):
    # W = rho (1 + scv) / 2 / (1 - rho) services, rho 0.7
    network = Network(
        edges_s=(0.0, 210 * HOUR), sources=(Source(name="s", queues=(("q", 1.0),), contacts_per_hour=14.0),),
        queues=(Queue(name="q", ways=(Way(group="g", handle_s=180.0),), service_law=law),), groups=(Group(name="g", agents=1),))  # fmt: skip
    x = counts(network, days=40, window=(5 * HOUR, 205 * HOUR))[0][:, 0]
    inside(x[:, WAIT_ALL] / 180.0, x[:, OFFERED], 0.7 * (1 + scv) / 2 / 0.3)


def test_patience_with_mass_at_zero():
    # M/M/1 with load 1, service 1: those who must wait leave at once with probability 0.4, else patience of mean 1.
    # birth-death: state k >= 1, births lam = 1 to k = 1; from k >= 1 births 0.6, deaths 1 + (k - 1)
    network = Network(
        edges_s=(0.0, 50 * HOUR), sources=(Source(name="s", queues=(("q", 1.0),), contacts_per_hour=60.0),),
        queues=(Queue(name="q", ways=(Way(group="g", handle_s=60.0),), patience_s=60.0, patience_law=Law(zero_share=0.4)),),
        groups=(Group(name="g", agents=1),))  # fmt: skip
    x = counts(network, days=40, window=(HOUR, 49 * HOUR))[0][:, 0]
    p = np.ones(60)
    for k in range(1, 60):
        p[k] = p[k - 1] * (1.0 if k == 1 else 0.6) / k
    p /= p.sum()
    inside(x[:, DELAYED], x[:, OFFERED], 1 - p[0])
    inside(x[:, LOST], x[:, OFFERED], 1 - (1 - p[0]))  # answered per unit time = P(busy)


def test_same_seed_same_contacts_whatever_the_design():
    few, many = (Simulator(pool([100.0, 50.0], [180.0] * 2, [60.0] * 2, [n], hours=8), seed=3).day(2) for n in (7, 8))
    for name in ("source", "arrival_s", "queue"):
        assert (getattr(few, name) == getattr(many, name)).all()
    both = (few.status == 1) & (many.status == 1)
    served = [c.end_s - c.entry_s - c.wait_s for c in (few, many)]
    assert np.allclose(served[0][both], served[1][both], atol=1e-6)
    assert not np.array_equal(few.arrival_s, Simulator(pool([100.0, 50.0], [180.0] * 2, [60.0] * 2, [7], hours=8), seed=4).day(2).arrival_s)


def test_arrivals_are_poisson_with_gamma_days():
    # variance of a gamma-mixed Poisson count: m + m^2 / shape
    network = Network(
        edges_s=(0.0, HOUR, 3 * HOUR), busyness=(25.0,),
        sources=(Source(name="s", queues=(("q", 1.0),), contacts_per_hour=(60.0, 20.0), busyness=0),
                 Source(name="t", queues=(("q", 1.0),), contacts_per_hour=(0.0, 50.0))),
        queues=(Queue(name="q", ways=(Way(group="g", handle_s=1.0),)),), groups=(Group(name="g", agents=5),))  # fmt: skip
    simulator = Simulator(network, seed=5)
    n = np.array([[((b := simulator.bank(d).origins)["source"] == 0).sum(), (b["source"] == 1).sum(), (b["time_s"] < HOUR).sum()] for d in range(1500)])
    mean, var = n.mean(axis=0), n.var(axis=0, ddof=1)
    assert mean == pytest.approx([100.0, 100.0, 60.0], rel=0.03)
    assert var[0] == pytest.approx(100 + 100**2 / 25, rel=0.15)
    assert var[1] == pytest.approx(100, rel=0.15)


def test_faults_of_a_network_come_all_at_once():
    bad = Network(edges_s=(0.0, 10.0), sources=(Source(name="a", queues=(("x", 0.5),), contacts_per_hour=-1.0),),
                  queues=(Queue(name="q", ways=(Way(group="nobody", handle_s=10.0),)),), groups=(Group(name="g", agents=-1),))  # fmt: skip
    with pytest.raises(ValueError, match=r"contacts_per_hour = -1.*queue 'x' not declared.*sum to 1.*group 'nobody'.*agents = -1"):
        Simulator(bad)
