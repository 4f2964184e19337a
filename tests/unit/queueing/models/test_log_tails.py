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
    CustomerClass,
    GeneralPatience,
    GeneralPool,
    OverDispersed,
    PriorityPool,
    UniformPatience,
    VirtualHold,
    WeibullPatience,
)
from ccopt.queueing.models.ranked_tails import log_late

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


def ranks(of=None, patience_s=math.inf):
    names = ("gold", "silver", "rest")
    classes = [CustomerClass(name=n, contacts_per_hour=r) for n, r in zip(names, (40.0, 100.0, 60.0), strict=True)]
    return PriorityPool(classes=classes, aht_s=180.0, patience_s=patience_s, of=of)


@pytest.mark.parametrize(("of", "above", "own"), [("silver", 40, 100), ("rest", 140, 60)])
def test_ranks_by_the_transform_of_davis(of, above, own):
    """W given a wait: geometric number ahead (sigma), each a busy period of the classes above: (1 - sigma) b / (1 - sigma b).

    Inverted by Talbot's contour with 120 digits; b(s) is the root of a b^2 - (a + D + s) b + D = 0.
    """
    n, wait = 12, 4000.0
    with mp.workdps(120):
        a, r, drain = mp.mpf(above) / 3600, mp.mpf(above + own) / 3600, mp.mpf(n) / 180
        sigma = r / drain

        def late(s):
            b = (a + drain + s - mp.sqrt((a + drain + s) ** 2 - 4 * a * drain)) / (2 * a)
            return (1 - (1 - sigma) * b / (1 - sigma * b)) / s

        known = float(mp.log(mp.invertlaplace(late, wait, method="talbot", degree=150)))
    found = log_late(above / 3600, own / 3600, n / 180.0, 0.0, wait)
    assert found == pytest.approx(known, rel=1e-10)
    log_wait = cc.ErlangC(contacts_per_hour=200.0, aht_s=180.0).log_wait_tail(n, 0.0)
    assert ranks(of).log_wait_tail(n, wait) == pytest.approx(log_wait + known, rel=1e-10)


@pytest.mark.parametrize("patience", [math.inf, 100.0])
@pytest.mark.parametrize("of", ["gold", "silver", "rest", None])
def test_ranks_near_and_far(of, patience):
    model = ranks(of, patience)
    assert np.exp(model.log_wait_tail(12, [0.0, 20.0, 60.0])) == pytest.approx(model.wait_tail(12, [0.0, 20.0, 60.0]), rel=1e-9)
    far = model.log_wait_tail(12, [7_200.0, 14_400.0, 40_000.0])
    assert (np.diff(far) < 0).all()
    assert far[-1] < -100


def test_ranks_with_patience_and_nobody_above_are_erlang_a():
    """The recursion with next to nobody above against the quadrature without anybody, and against the kernel of Erlang A."""
    args = (0.05, 12 / 180.0, 1 / 100.0)
    assert log_late(1e-13, *args, 9000.0) == pytest.approx(log_late(0.0, *args, 9000.0), rel=1e-9)
    only = PriorityPool(classes=[CustomerClass(name="all", contacts_per_hour=200.0)], aht_s=180.0, patience_s=300.0)
    assert only.log_wait_tail(14, WAITS) == pytest.approx(cc.ErlangA(**POOL, patience_s=300.0).log_wait_tail(14, WAITS), rel=1e-9)


def test_ranks_say_what_they_cannot_reach():
    with pytest.raises(ValueError, match=r"wait_s = 1e\+09: takes more than"):
        ranks("rest").log_wait_tail(12, 1e9)


def test_general_pools_and_call_back_at_their_limits():
    kernel = cc.ErlangA(**POOL, patience_s=300.0).log_wait_tail(14, WAITS)
    two_moments = GeneralPool(**POOL, arrival_scv=1.0, handle_scv=1.0, patience=WeibullPatience(mean_s=300.0))
    assert two_moments.log_wait_tail(14, WAITS) == pytest.approx(kernel, rel=1e-9)
    assert VirtualHold(**POOL, patience_s=300.0, accept=0.0).log_wait_tail(14, WAITS) == pytest.approx(kernel, rel=1e-9)
    patient = cc.ErlangC(**POOL).log_wait_tail(14, WAITS)
    assert GeneralPool(**POOL, arrival_scv=1.0, handle_scv=1.0).log_wait_tail(14, WAITS) == pytest.approx(patient, rel=1e-9)
    assert VirtualHold(**POOL, patience_s=300.0, accept=1.0).log_wait_tail(14, WAITS) == pytest.approx(patient, rel=1e-9)
    assert GeneralPool(**POOL, arrival_scv=0.0, handle_scv=0.0).log_wait_tail(14, 20.0) == -math.inf
    with pytest.raises(cc.UnstableError):
        GeneralPool(**POOL, arrival_scv=1.0, handle_scv=0.5).log_wait_tail(9, 20.0)


@pytest.mark.parametrize("model", [
    GeneralPool(**POOL, arrival_scv=2.0, handle_scv=0.5), VirtualHold(**POOL, patience_s=100.0, accept=0.3, dial_s=20.0, reached=0.9),
    GeneralPool(**POOL, arrival_scv=2.0, handle_scv=0.5, patience=WeibullPatience(mean_s=100.0)),
])  # fmt: skip
def test_near_tails_are_the_tail(model):
    assert np.exp(model.log_wait_tail(12, WAITS[:3])) == pytest.approx(model.wait_tail(12, WAITS[:3]), rel=1e-9)
    assert -math.inf < model.log_wait_tail(12, 40_000.0) < -100
