"""Published numbers, each with its source, and relations that every model must keep."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

import ccopt as cc
from ccopt.queueing import group_performance, largest_loads


def test_erlang_c_of_the_r_package():
    # Chen (2024), R package ErlangC 0.1.0, README and tests: 100 calls in half an hour, 180 s, 20 s
    p = cc.ErlangC(contacts_per_hour=200, aht_s=180).performance(agents=np.array([11, 12, 13, 14]), awt_s=20)
    assert p.delay_probability == pytest.approx([0.6821182, 0.4493882, 0.2852705, 0.1741319], abs=5e-8)
    assert p.service_level == pytest.approx([0.3896138, 0.640158, 0.7955948, 0.88835], abs=5e-8)
    assert p.asa_s == pytest.approx([122.78127684408, 40.4449401868444, 17.1162271821896, 7.83593701177724], rel=1e-12)
    assert p.occupancy == pytest.approx([10 / 11, 10 / 12, 10 / 13, 10 / 14])


@pytest.mark.parametrize(("load", "alpha", "least"), [
    (1, 0.5, 2), (1, 0.2, 3), (1, 0.1, 3), (5, 0.5, 7), (5, 0.2, 8), (5, 0.1, 9), (10, 0.5, 12), (10, 0.2, 14),
    (10, 0.1, 16), (50, 0.5, 54), (50, 0.2, 58), (50, 0.1, 61), (100, 0.5, 106), (100, 0.2, 111), (100, 0.1, 115),
])  # fmt: skip
def test_least_agents_for_a_delay_probability(load, alpha, least):
    # Tijms (2003), A First Course in Stochastic Models, Table 5.3.2, p. 201
    assert cc.erlang_c(least, load) <= alpha < cc.erlang_c(least - 1, load)


def test_loss_systems():
    # erlanglib tests: B(10, 5) and B(10, 20); Hanisch, erlang-b-demo: lines for 1 % loss
    assert cc.erlang_b(10, 5) == pytest.approx(0.018384570336648136, rel=1e-14)
    assert cc.erlang_b(10, 20) == pytest.approx(0.5379631686320729, rel=1e-14)
    loads = np.array([5, 10, 20, 50, 100, 200])
    lines = cc.required_agents(cc.ErlangB(contacts_per_hour=loads, aht_s=3600), [cc.MaxBlocking(0.01)])
    assert lines.tolist() == [11, 18, 30, 64, 117, 221]


def test_garnett_mandelbaum_reiman_table_1():
    # GMR (2002), Table 1: 50 agents, 48 calls a minute, service 1 min, patience 2 min
    patient = cc.ErlangC(contacts_per_hour=2880, aht_s=60).performance(50)
    assert patient.asa_s == pytest.approx(20.8337, abs=5e-5)
    p = cc.ErlangA(contacts_per_hour=2880, aht_s=60, patience_s=120).performance(50)
    assert p.abandonment == pytest.approx(0.0309122, abs=5e-8)
    assert p.mean_wait_s == pytest.approx(3.70947, abs=5e-6)
    assert p.occupancy == pytest.approx(0.9303242, abs=5e-8)


@pytest.mark.parametrize(("basis", "level"), [
    ("virtual", 0.87976), ("offered", 0.86154), ("answered", 0.93072), ("offered_less_early_abandons", 0.90909),
    ("early_abandons_credited", 0.91385),
])  # fmt: skip
def test_five_meanings_of_a_service_level(basis, level):
    # 4 calls a minute, 3 min, 14 agents, patience 1 min, 20 s; recomputed by exact chain
    model = cc.ErlangA(contacts_per_hour=240, aht_s=180, patience_s=60)
    assert model.performance(14, 20, basis=basis).service_level == pytest.approx(level, abs=5e-6)


def test_redials_and_lines():
    # ErlangCCmath 1.3.0, Erlang X: 12 erlangs, 100 lines; half of the unserved call again (fixed point recomputed)
    model = cc.ErlangA(contacts_per_hour=240, aht_s=180, patience_s=60, lines=100, redial=0.5)
    p = model.performance(14, 20, basis="virtual")
    assert p.load == pytest.approx(4.1884023 * 3, rel=1e-7)
    assert (p.abandonment, p.service_level) == pytest.approx((0.0899638, 0.8533934), abs=5e-8)
    # M/M/30/40 at 28 erlangs, exact chain; the share within 0.1 by hand 0.6937131
    q = cc.ErlangA(contacts_per_hour=28 * 3600, aht_s=1, patience_s=math.inf, lines=40).performance(30, 0.1)
    assert (q.blocking, q.delay_probability, q.service_level) == pytest.approx((0.0292164, 0.4354302, 0.6937131), abs=5e-8)


@pytest.mark.parametrize("more", [{"patience_s": 200.0}, {"patience_s": 200.0, "lines": 12}, {"patience_s": math.inf, "lines": 12}])
def test_where_everybody_calls_again_all_first_calls_are_answered_in_the_end(more):
    # 10 erlangs of first calls: the answered attempts are 10 erlangs too, so 11 agents are busy 10 / 11 of the time
    model = cc.ErlangA(contacts_per_hour=200, aht_s=180, redial=1.0, **more)
    p = model.performance(11)
    assert p.occupancy == pytest.approx(10 / 11, rel=1e-12)
    assert p.load * (1 - p.abandonment - p.blocking) == pytest.approx(10, rel=1e-12)
    for agents in (9, 10):  # as many erlangs as agents, or more
        with pytest.raises(cc.UnstableError, match="redial = 1: redials grow without bound"):
            model.performance(agents)


def test_redials_of_many_pools_are_those_of_each():
    redial, agents = np.array([0.0, 1e-9, 0.3, 0.9, 1.0]), np.array([8, 10, 12, 5, 11])
    many = cc.ErlangA(contacts_per_hour=200, aht_s=180, patience_s=90, redial=redial).performance(agents)
    for i, (r, n) in enumerate(zip(redial, agents, strict=True)):
        one = cc.ErlangA(contacts_per_hour=200, aht_s=180, patience_s=90, redial=float(r)).performance(int(n))
        assert (many.load[i], many.abandonment[i]) == pytest.approx((one.load, one.abandonment), rel=1e-14)
        assert one.load == pytest.approx(10 / (1 - r * one.abandonment), rel=1e-12)  # all attempts: the first, and those again


def test_agents_may_be_fewer_than_erlangs_when_customers_leave():
    # brute force of the peers' survey: patience = AHT, 80/20 on offered with target AHT/9
    need = [cc.required_agents(cc.ErlangA(contacts_per_hour=a * 20, aht_s=180, patience_s=180), [cc.ServiceLevel(0.8, 20)])
            for a in (5, 20, 100, 500)]  # fmt: skip
    assert need == [7, 23, 99, 470]


def test_pooling_family():
    # 80/20 at 180 s: 5 ... 640 erlangs, and ten pools of 10 erlangs merged (recomputed on the instance of the R package)
    loads = np.array([5, 10, 20, 40, 80, 160, 320, 640])
    need = cc.required_agents(cc.ErlangC(contacts_per_hour=loads * 20, aht_s=180), [cc.ServiceLevel(0.8, 20)])
    assert need.tolist() == [8, 14, 24, 45, 87, 168, 329, 650]
    assert cc.merge_gain([cc.ErlangC(contacts_per_hour=200, aht_s=180)] * 10, [cc.ServiceLevel(0.8, 20)]) == 140 - 107


def quad_reference(rates, handle, patience, n, awt):
    """The group model by adaptive quadrature, written apart from the product."""
    lam, theta = np.array(rates) / 3600, 1 / np.array(patience)
    h = float((lam * handle).sum() / lam.sum())
    a = lam.sum() * h
    logs = [j * math.log(a) - math.lgamma(j + 1) for j in range(n)]
    top = max(logs)
    atom = sum(math.exp(x - top) for x in logs)
    scale = lam.sum() * math.exp(logs[-1] - top)

    def density(v):
        gone = [r * v if t == 0 else -r * math.expm1(-t * v) / t for r, t in zip(lam, theta, strict=True)]
        return scale * math.exp(sum(gone) - n * v / h)

    end = h
    while density(end) > 1e-17 * scale and end < 1e7:
        end *= 1.5
    cuts = sorted({*np.linspace(0, end, 50), min(awt, end)})

    def integral(weight, upto):
        return sum(integrate.quad(lambda v: weight(v) * density(v), x, y, epsrel=1e-12, epsabs=1e-18)[0]
                   for x, y in itertools.pairwise(cuts) if y <= upto * (1 + 1e-12))  # fmt: skip

    total = atom + integral(lambda _: 1.0, end)
    return [((atom + integral(lambda v, t=t: math.exp(-t * v), awt)) / total,
             integral(lambda v, t=t: -math.expm1(-t * v), end) / total) for t in theta]  # fmt: skip


def test_mixtures_against_quadrature():
    rng = np.random.default_rng(9)
    for _ in range(25):
        m = int(rng.integers(2, 4))
        rates, handle = rng.uniform(5, 200, m), rng.uniform(60, 600, m)
        patience = np.where(rng.random(m) < 0.3, np.inf, rng.uniform(30, 2000, m))
        load = float(rates @ handle) / 3600
        n = max(1, math.ceil(load * rng.uniform(0.9, 1.3)))
        h = 3600 * load / rates.sum()
        if rates[np.isinf(patience)].sum() / 3600 * h > 0.95 * n:
            continue
        found = group_performance(rates, handle, patience_s=patience, agents=n, awt_s=30.0)
        known = quad_reference(rates, handle, patience, n, 30.0)
        assert found.answered_in_time == pytest.approx([k[0] for k in known], rel=1e-9)
        assert found.abandonment == pytest.approx([k[1] for k in known], rel=1e-8, abs=1e-12)


@given(n=st.floats(0.5, 3000), load=st.floats(0.01, 4000))
@settings(max_examples=300, deadline=None)
def test_b_below_c_and_both_are_probabilities(n, load):
    b, c = cc.erlang_b(n, load), cc.erlang_c(n, load)
    assert 0 <= b <= c * (1 + 1e-12) <= 1 + 1e-12
    assert cc.erlang_b(n + 1, load) <= b
    # the recursion of Erlang B, independent of the kernel
    assert cc.erlang_b(n + 1, load) == pytest.approx(load * b / (n + 1 + load * b), rel=1e-10)


@given(n=st.integers(1, 400), rho=st.floats(0.1, 2.0), patience=st.floats(1.0, 1e5), awt=st.floats(0, 300))
@settings(max_examples=200, deadline=None)
def test_erlang_a_relations(n, rho, patience, awt):
    rate = rho * n * 20
    model = cc.ErlangA(contacts_per_hour=rate, aht_s=180, patience_s=patience)
    p = model.performance(n, awt)
    assert cc.erlang_b(n, p.load) * (1 - 1e-9) <= p.delay_probability <= 1
    assert p.delay_probability <= cc.erlang_c(n, p.load) + 1e-12
    assert 0 <= p.service_level <= 1 - p.abandonment + 1e-12
    assert p.abandonment == pytest.approx(p.mean_wait_s / patience, rel=1e-9)
    assert p.queue_length == pytest.approx(rate / 3600 * p.mean_wait_s)  # Little
    assert p.occupancy <= 1 + 1e-9
    more = model.performance(n + 1, awt)
    assert more.service_level >= p.service_level - 1e-12
    assert more.abandonment <= p.abandonment + 1e-12
    minutes = cc.ErlangA(contacts_per_hour=rate * 60, aht_s=3, patience_s=patience / 60).performance(n, awt / 60)
    assert minutes.service_level == pytest.approx(p.service_level, abs=1e-9)


@given(n=st.integers(1, 300), level=st.sampled_from([0.5, 0.8, 0.95]), awt=st.sampled_from([5, 20, 60]),
       patience=st.sampled_from([None, 60.0, 600.0]))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_largest_load_is_the_inverse_of_required_agents(n, level, awt, patience):
    targets = [cc.ServiceLevel(level, awt)]
    load = cc.largest_load(agents=n, aht_s=240, targets=targets, patience_s=patience)

    def need(erlangs):
        model = cc.ErlangA(contacts_per_hour=erlangs * 15, aht_s=240, patience_s=patience or math.inf)
        return cc.required_agents(model, targets)

    assert need(load) <= n < need(load * (1 + 1e-6) + 1e-9)


def test_overload_names_the_place_and_the_cure():
    with pytest.raises(cc.UnstableError, match=r"agents\[1\] = 14: the load is 15 .* at least 16"):
        cc.ErlangC(contacts_per_hour=[200, 300], aht_s=180).performance(14)


@pytest.mark.parametrize("target", [cc.ServiceLevel(1.0, 20), cc.MaxAsa(0.0), cc.MaxAbandonment(0.0), cc.MaxOccupancy(0.0)])
def test_unattainable_targets_say_so(target):
    with pytest.raises(cc.UnattainableError, match="no number of agents"):
        cc.required_agents(cc.ErlangA(contacts_per_hour=200, aht_s=180, patience_s=60), [target])


WRONG = [-1.0, float("nan"), float("inf"), "12", None, [1, -2], True]
CALLS = {
    "erlang_b agents": lambda v: cc.erlang_b(v, 5), "erlang_b load": lambda v: cc.erlang_b(5, v),
    "erlang_c agents": lambda v: cc.erlang_c(v, 5), "erlang_c load": lambda v: cc.erlang_c(5, v),
    "c rate": lambda v: cc.ErlangC(contacts_per_hour=v, aht_s=180).performance(14),
    "c aht": lambda v: cc.ErlangC(contacts_per_hour=20, aht_s=v).performance(14),
    "c agents": lambda v: cc.ErlangC(contacts_per_hour=20, aht_s=180).performance(v),
    "c awt": lambda v: cc.ErlangC(contacts_per_hour=20, aht_s=180).performance(14, v),
    "a patience": lambda v: cc.ErlangA(contacts_per_hour=20, aht_s=180, patience_s=v if v != float("inf") else -1).performance(14),
    "largest agents": lambda v: cc.largest_load(agents=v, aht_s=180, targets=[]),
    "largest aht": lambda v: largest_loads([3], aht_s=v, targets=[]),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_bad_numbers_are_named(name, value):
    with pytest.raises((ValueError, TypeError), match=r"must"):
        CALLS[name](value)


@pytest.mark.parametrize("make", [lambda: cc.ServiceLevel(80, 20), lambda: cc.MaxOccupancy(85), lambda: cc.MaxAbandonment(5)])
def test_percent_for_a_share_gets_the_likely_fix(make):
    with pytest.raises(ValueError, match="did you mean 0"):
        make()


def test_curves_and_agents_agree():
    curve = cc.staffing_curves(cc.load_instance("two-sites"), most_agents=30)[0]
    for load in (0.5, 3.0, 9.0):
        n = curve.agents_for(load)
        assert curve.inner[n] >= load > curve.inner[n - 1]
    with pytest.raises(ValueError, match="end of the curve"):
        curve.agents_for(1e6)
