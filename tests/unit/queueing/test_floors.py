"""Blended work and chats against published values and birth-death chains solved here."""

import math

import numpy as np
import pytest

from ccopt.queueing import group_performance
from ccopt.queueing.floors import blended_performance, chat_performance


def steady(birth, death, lowest, highest):
    """Stationary probabilities of a birth-death chain on lowest..highest."""
    p = np.zeros(highest + 1)
    p[lowest] = 1.0
    for j in range(lowest + 1, highest + 1):
        p[j] = p[j - 1] * birth / death(j)
    return p / p.sum()


def test_blending_example_of_erlang_c_cmath():
    """ErlangCCmath's printed example: 240 an hour, 180 s, 16 agents, threshold 2: 63.34 % in 0.333 min, 1.11 outbound a
    minute, occupancy 95.83 %; by the chain 0.6334483 in 0.333 min, ASA 3/7 min."""
    alone = group_performance(240.0, 180.0 / 16, patience_s=math.inf, agents=1, awt_s=0.333 * 60)
    found, threshold = blended_performance(alone, load=12.0, agents=16, background=10 / 3)
    assert threshold == pytest.approx(2.0, abs=1e-9)
    assert found.answered_in_time[0] == pytest.approx(0.6334483, abs=5e-8)
    assert found.asa_s[0] / 60 == pytest.approx(3 / 7, rel=1e-12)
    assert (16 * found.carried_load + 10 / 3) / 16 == pytest.approx(23 / 24, rel=1e-12)  # the one server's load is a 16th


@pytest.mark.parametrize(("agents", "load", "theta", "lowest", "q"), [(6, 4.0, 0.5, 3, 0.4), (10, 9.5, 2.0, 8, 0.0), (3, 5.0, 1.0, 1, 0.9)])
def test_blending_with_impatience_is_the_chain(agents, load, theta, lowest, q):
    """Chain: never below ``lowest`` busy agents; in the state above it a free agent starts work with probability q."""

    def death(j):
        rate = min(j, agents) + theta * max(j - agents, 0)
        return rate * (1.0 - q) if j == lowest + 1 else rate

    p = steady(load, death, lowest, 400)
    background = lowest * p[lowest] + q * (lowest + 1) * p[lowest + 1]
    waits, queue = p[agents:].sum(), (p[agents:] * np.arange(400 - agents + 1)).sum()
    alone = group_performance(load, 3600.0 / agents, patience_s=3600.0 / theta, agents=1, awt_s=60.0)
    found, threshold = blended_performance(alone, load=load, agents=agents, background=background)
    assert threshold == pytest.approx(agents - lowest - q, abs=1e-7)
    assert found.delay_probability == pytest.approx(waits, rel=1e-8)
    assert found.abandonment[0] == pytest.approx(theta * queue / load, rel=1e-8)


def test_more_background_work_than_agents_is_refused():
    alone = group_performance(240.0, 180.0 / 16, patience_s=math.inf, agents=1, awt_s=20.0)
    assert blended_performance(alone, load=12.0, agents=16, background=4.01)[1] == -1.0


def test_no_background_work_changes_nothing():
    alone = group_performance(240.0, 180.0 / 16, patience_s=math.inf, agents=1, awt_s=20.0)
    calls = group_performance(240.0, 180.0, patience_s=math.inf, agents=16, awt_s=20.0)
    found, threshold = blended_performance(alone, load=12.0, agents=16, background=0.0)
    assert threshold == 16
    assert found.answered_in_time == pytest.approx(calls.answered_in_time, rel=1e-12)


@pytest.mark.parametrize("levels", [(300.0, 500.0), (320.0, 400.0, 520.0)])
def test_chats_are_the_chain_by_levels(levels):
    """Chain over chats in hand, spread evenly: j chats on n agents complete at (n - r) k / h_k + r (k + 1) / h_(k+1)."""
    n, c, rate, theta = 8, len(levels), 200.0, 1 / 100
    done = [0.0, *(k / h for k, h in enumerate(levels, 1)), 0.0]

    def death(j):
        k, r = divmod(min(j, n * c), n)
        return (n - r) * done[k] + r * done[k + 1] + theta * max(j - n * c, 0)

    p = steady(rate / 3600, death, 0, 500)
    beneath = group_performance(rate, levels[-1] / c / n, patience_s=100.0, agents=1, awt_s=20.0)
    found = chat_performance(beneath, contacts_per_hour=rate, agents=n, levels_s=levels)
    assert found.delay_probability == pytest.approx(p[n * c :].sum(), rel=1e-9)
    queue = (p[n * c :] * np.arange(500 - n * c + 1)).sum()
    assert found.abandonment[0] == pytest.approx(theta * queue * 3600 / rate, rel=1e-9)


def test_one_chat_at_a_time_is_a_call():
    calls = group_performance(100.0, 300.0, patience_s=200.0, agents=9, awt_s=20.0)
    beneath = group_performance(100.0, 300.0 / 9, patience_s=200.0, agents=1, awt_s=20.0)
    found = chat_performance(beneath, contacts_per_hour=100.0, agents=9, levels_s=[300.0])
    assert found.answered_in_time == pytest.approx(calls.answered_in_time, rel=1e-12)


@pytest.mark.parametrize("load", [1.0, 0.01])
def test_a_light_foreground_beside_much_background_keeps_its_digits(load):
    """100 agents of whom 99.5 erlangs of background work leave half a one free: P(wait) and the service level by the chain.

    Alone one contact in 10^150 would wait; the chain moves between 99 and 100 busy agents only (nobody leaves), and who waits
    waits an exponential time at rate (n - a) / h.
    """
    n, lowest, q = 100, 99, 0.4

    def death(j):
        return min(j, n) * (1.0 - q if j == lowest + 1 else 1.0)

    p = steady(load, death, lowest, 400)
    background = lowest * p[lowest] + q * (lowest + 1) * p[lowest + 1]
    beneath = group_performance(load, 3600.0 / n, patience_s=math.inf, agents=1, awt_s=20.0)
    found, threshold = blended_performance(beneath, load=load, agents=n, background=background)
    wait = p[n:].sum()
    assert threshold == pytest.approx(n - lowest - q, abs=1e-6)
    assert found.delay_probability == pytest.approx(wait, rel=1e-7)
    assert 1.0 - found.answered_in_time[0] == pytest.approx(wait * math.exp(-(n - load) * 20.0 / 3600.0), rel=1e-7)
    assert found.asa_s[0] == pytest.approx(wait * 3600.0 / (n - load), rel=1e-7)
