"""The pool of the companions against Erlang A and against a plain event list."""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from ccopt.queueing.controlled.bank import Bank
from ccopt.queueing.controlled.companions import components, pool_waits
from ccopt.queueing.controlled.counting import batch_of


def _calls(n=200_000, rate=0.1, seed=3):
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.exponential(1 / rate, n)), rng.exponential(1.0, n), rng.exponential(1.0, n)


def test_call_by_call_against_a_plain_list():
    arrival, service, patience = _calls(3000)
    free = [0.0] * 7
    expected = []
    for a, s, p in zip(arrival, service * 80, patience * 60, strict=True):
        wait = max(0.0, free[0] - a)
        expected.append(wait)
        if wait <= p:
            heapq.heapreplace(free, a + wait + s)
    assert pool_waits(arrival, service * 80, patience * 60, 7).tolist() == expected


def test_mean_service_is_the_group_model(oracle):
    arrival, service, patience = _calls()
    waits = pool_waits(arrival, service * 90, patience * 120, 9)[2000:]
    stays = patience[2000:] * 120
    model = oracle([360.0], [90.0], patience_s=[120.0], agents=9, awt_s=[20.0])
    in_time = np.mean((waits <= 20) & (waits <= stays))
    # 198,000 correlated calls: standard error about 0.002
    assert in_time == pytest.approx(float(model.answered_in_time[0]), abs=0.008)
    assert np.mean(waits > stays) == pytest.approx(float(model.abandonment[0]), abs=0.006)


def test_components_of_a_chain_and_an_island():
    table = np.zeros((4, 4), dtype=bool)
    table[0, 0] = table[0, 1] = table[1, 1] = table[2, 2] = True
    parts = [(c.tolist(), g.tolist()) for c, g in components(table)]
    assert parts == [([0, 1], [0, 1]), ([2], [2])]


def test_batches_leave_out_the_warm_up():
    index = np.array([batch_of(t, 20.0, 100.0, 4) for t in range(102)])
    assert (index[:20] == -1).all()
    assert index[101] == -1
    assert [int((index == k).sum()) for k in range(4)] == [20, 20, 20, 21]


def test_the_bank_keeps_the_latest_draws_within_its_room(monkeypatch):
    monkeypatch.setattr("ccopt.queueing.controlled.bank.MOST_NUMBERS", 5 * 250)
    bank = Bank()
    first, second = (bank.units(1, p, 100, slots=100, flipped=False) for p in (0, 1))
    assert bank.units(1, 0, 100, slots=100, flipped=False) is first
    bank.units(1, 2, 100, slots=100, flipped=False)  # the second was asked for longest ago
    assert bank.units(1, 0, 100, slots=100, flipped=False) is first
    again = bank.units(1, 1, 100, slots=100, flipped=False)
    assert again is not second
    assert (again.service == second.service).all()
