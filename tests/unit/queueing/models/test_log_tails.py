"""Logarithms of tails below every float: by mpmath, by the kernel of Erlang A, and by closed forms."""

import math
from dataclasses import replace

import mpmath as mp
import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing.models import (
    BlendedPool,
    ChatPool,
    GeneralPatience,
    OverDispersed,
    UniformPatience,
    WeibullPatience,
)

POOL = {"contacts_per_hour": 200.0, "aht_s": 180.0}
WAITS = [0.0, 20.0, 600.0, 7200.0, 40_000.0]


@pytest.mark.parametrize("agents", [4, 10, 14, 60])
def test_exponential_patience_is_the_kernel_of_erlang_a(agents):
    kernel = cc.ErlangA(**POOL, patience_s=300.0).log_wait_tail(agents, WAITS)
    general = GeneralPatience(**POOL, patience=WeibullPatience(mean_s=300.0)).log_wait_tail(agents, WAITS)
    chat = ChatPool(contacts_per_hour=200.0, levels=(180.0,), patience_s=300.0).log_wait_tail(agents, WAITS)
    blended = BlendedPool(**POOL, threshold=agents, patience_s=300.0).log_wait_tail(agents, WAITS)
    assert kernel[-1] < -900 or agents == 4
    for found in (general, chat, blended):
        assert found == pytest.approx(kernel, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("law", "tail"), [
    (UniformPatience(low_s=20.0, high_s=200.0, at_once=0.1), lambda u: min(max((200 - u) / mp.mpf(180), 0), 1)),
    (WeibullPatience(mean_s=120.0, shape=0.7), lambda u: mp.exp(-((u * mp.gamma(1 + 1 / mp.mpf("0.7")) / 120) ** mp.mpf("0.7")))),
])  # fmt: skip
def test_general_patience_by_mpmath(law, tail):
    """log of the integral of exp(rate H - n v / h) beyond t over the whole, 30 digits, H by quadrature of the tail."""
    n, rate, aht, wait = 12, mp.mpf(200) / 3600, mp.mpf(180), 9000
    with mp.workdps(30):
        drain, stay = n / aht, 1 - mp.mpf(law.at_once)
        kinks = [k for k in (20, 200) if law.kinks()]

        def h(v):
            return stay * mp.quad(tail, [0, *(k for k in kinks if k < v), v])

        def mass(start, end):
            pieces = [start, *(start + (k if start == 0 else 0) for k in kinks if start == 0), start + (end - start) / 20, end]
            return mp.quad(lambda v: mp.exp(rate * h(v) - drain * v), sorted(set(map(mp.mpf, pieces))))

        load = rate * aht
        idle = sum(load**j / mp.factorial(j) for j in range(n)) / (load ** (n - 1) / mp.factorial(n - 1)) / rate
        whole = idle + mass(mp.mpf(0), mp.mpf(2500))
        known = float(mp.log(mass(mp.mpf(wait), mp.mpf(wait + 1500))) - mp.log(whole))
    found = GeneralPatience(**POOL, patience=law).log_wait_tail(n, wait)
    assert known < -400
    assert found == pytest.approx(known, rel=1e-9)


def test_blending_without_abandonment_by_its_chain():
    """Waiting is geometric in number, exponential in time: log P(wait) - (n - a) t / h, P(wait) from the birth-death chain."""
    n, load, threshold, wait = 16, 10.0, 3, 36_000.0
    weight = [1.0]  # states m .. n, downwards from m = n - threshold, in exact fractions of floats
    for j in range(n - threshold + 1, n + 1):
        weight.append(weight[-1] * load / j)
    waiting = weight[-1] / (1 - load / n)
    p = waiting / (sum(weight[:-1]) + waiting)
    found = BlendedPool(**POOL, threshold=threshold).log_wait_tail(n, wait)
    assert found == pytest.approx(math.log(p) - (n - load) * wait / 180.0, rel=1e-12)


def test_over_dispersed():
    m = OverDispersed(**POOL, patience_s=300.0, rate_scv=0.0)
    assert m.log_wait_tail(14, WAITS) == pytest.approx(cc.ErlangA(**POOL, patience_s=300.0).log_wait_tail(14, WAITS), rel=1e-12)
    spread = replace(m, rate_scv=0.05)
    assert np.exp(spread.log_wait_tail(14, WAITS[:3])) == pytest.approx(spread.wait_tail(14, WAITS[:3]), abs=1e-12)
    assert spread.log_wait_tail(14, 40_000.0) > m.log_wait_tail(14, 40_000.0) > -math.inf


def test_edges():
    m = BlendedPool(contacts_per_hour=[0.0, 200.0], aht_s=180.0, threshold=2, patience_s=60.0)
    assert m.log_wait_tail(14, 20.0)[0] == -math.inf
    assert GeneralPatience(**POOL, patience=WeibullPatience(mean_s=60.0)).log_wait_tail(0, 20.0) == 0.0
    with pytest.raises(cc.UnstableError):
        BlendedPool(**POOL, threshold=1).log_wait_tail(8, 20.0)
    silent = ChatPool(contacts_per_hour=500.0, levels=(180.0, 220.0), patience_s=120.0, silent=0.4, silent_s=60.0)
    for n in (8, 11, 14):
        assert np.exp(silent.log_wait_tail(n, [0.0, 30.0, 90.0])) == pytest.approx(silent.wait_tail(n, [0.0, 30.0, 90.0]), rel=1e-9)
        assert -math.inf < silent.log_wait_tail(n, 20_000.0) < -1000
