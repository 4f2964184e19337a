"""Blending, priorities, chat, retries and over-dispersed rates: published values, sparse chains and simulation."""

import heapq
import math
from collections import deque

import numpy as np
import pytest
from scipy import integrate, sparse
from scipy.sparse.linalg import splu

import ccopt as cc
from ccopt.queueing.models import (
    BlendedPool,
    ChatPool,
    CustomerClass,
    ExtendedErlangB,
    OverDispersed,
    PriorityPool,
)


def stationary(states, moves):
    """Stationary probabilities of a chain given by ``moves(state) -> [(next state, rate), ...]``."""
    index = {s: i for i, s in enumerate(states)}
    rows, columns, rates = [], [], []
    for s, i in index.items():
        for t, rate in moves(s):
            if rate > 0 and t in index:
                rows += [index[t], i]
                columns += [i, i]
                rates += [rate, -rate]
    size = len(states)
    q = sparse.coo_array((rates, (rows, columns)), shape=(size, size)).tolil()
    q[0, :] = 1.0
    p = splu(q.tocsc()).solve(np.eye(1, size)[0])
    return {s: p[i] for s, i in index.items()}


# blending --------------------------------------------------------------------------------------------------------------

def test_blending_of_erlang_cc_math():
    # ErlangCCmath 1.3.0: inbound 4 a minute, AHT 3 min, 16 agents, threshold 2, AWT 0.333 min; exact chain 3/7, 23/24, 10/9
    m = BlendedPool(contacts_per_hour=240, aht_s=180, threshold=2)
    p = m.performance(16, 0.333 * 60)
    assert (p.asa_s / 60, p.service_level, p.occupancy, m.outbound_per_hour(16) / 60) == pytest.approx(
        (3 / 7, 0.6334483, 23 / 24, 10 / 9), abs=5e-8)


@pytest.mark.parametrize("threshold", [0, 1, 4, 9])
def test_blending_against_its_chain(threshold):
    lam, n, theta = 7.0, 9, 0.5  # per handle time
    low = n - threshold

    def moves(x):
        down = min(x, n) + max(x - n, 0) * theta
        return [(x + 1, lam)] + ([(x - 1, down)] if x > low else [])

    p = stationary(list(range(low, 80)), moves)
    m = BlendedPool(contacts_per_hour=lam, aht_s=3600, threshold=threshold, patience_s=7200)
    found = m.performance(n, 360)
    assert found.delay_probability == pytest.approx(sum(v for x, v in p.items() if x >= n), rel=1e-10)
    assert found.queue_length == pytest.approx(sum(v * max(x - n, 0) for x, v in p.items()), rel=1e-10)
    assert found.occupancy * n == pytest.approx(sum(v * min(x, n) for x, v in p.items()), rel=1e-10)
    outbound = p[low] * low if threshold < n else 0.0
    assert m.outbound_per_hour(n) == pytest.approx(outbound, rel=1e-8, abs=1e-9)
    if threshold == n:
        assert found.service_level == pytest.approx(
            cc.ErlangA(contacts_per_hour=lam, aht_s=3600, patience_s=7200).performance(n, 360).service_level, rel=1e-12)


# priorities ------------------------------------------------------------------------------------------------------------

def gold_and_rest(gold, rest):
    return [CustomerClass(name="gold", contacts_per_hour=gold), CustomerClass(name="rest", contacts_per_hour=rest)]


def test_priorities_of_one_server():
    # Ciw, tests/test_simulation.py (priority against literature): sojourn 2 and 6; Hanisch, priority-queue-demo: gains
    ciw = PriorityPool(classes=gold_and_rest(0.2, 0.6), aht_s=3600).by_class(1)
    assert (ciw.mean_wait_s / 3600 + 1).tolist() == pytest.approx([2.0, 6.0], rel=1e-12)
    for rho, gain in ((0.5, 1.8), (0.8, 4.2), (0.9, 8.2)):
        found = PriorityPool(classes=gold_and_rest(0.2 * rho, 0.8 * rho), aht_s=3600).by_class(1)
        plain = cc.ErlangC(contacts_per_hour=rho, aht_s=3600).performance(1).asa_s
        assert plain / found.mean_wait_s[0] == pytest.approx(gain, rel=1e-12)


def test_waits_of_the_highest_class_are_exponential():
    # while all are busy the highest class sees M/M/1 with n mu: P(W > t) = C exp(-(n mu - lambda_1) t)  (Davis 1966)
    pool = PriorityPool(classes=gold_and_rest(80, 100), aht_s=180, of="gold")
    for t in (0.0, 10.0, 60.0, 300.0):
        wanted = cc.erlang_c(10, 9) * math.exp(-(10 / 180 - 80 / 3600) * t)
        assert pool.wait_tail(10, t) == pytest.approx(wanted, rel=1e-9)


def test_priorities_with_abandonment_against_a_chain():
    # states: busy agents, or waiting customers of both classes while all are busy; 3 agents, rates per handle time
    lam, n, theta, most = (1.5, 2.0), 3, 0.4, 45
    states = list(range(n)) + [(i, j) for i in range(most) for j in range(most)]

    def moves(s):
        if isinstance(s, int):
            return [(s + 1 if s + 1 < n else (0, 0), sum(lam)), (s - 1, float(s))]
        i, j = s
        down = [((i - 1, j), n)] if i else [((0, j - 1), n)] if j else [(n - 1, n)]
        return [((i + 1, j), lam[0]), ((i, j + 1), lam[1]), *down, ((i - 1, j), i * theta), ((i, j - 1), j * theta)]

    p = stationary(states, moves)
    waiting = {s: v for s, v in p.items() if not isinstance(s, int)}
    length = [sum(v * s[k] for s, v in waiting.items()) for k in (0, 1)]
    found = PriorityPool(classes=gold_and_rest(*lam), aht_s=3600, patience_s=9000).by_class(n)
    assert found.queue_length.tolist() == pytest.approx(length, rel=1e-9)
    assert found.abandonment.tolist() == pytest.approx([theta * q / r for q, r in zip(length, lam, strict=True)], rel=1e-9)
    assert found.delay_probability[0] == pytest.approx(sum(waiting.values()), rel=1e-9)


def simulate_priority(rates, aht, patience, agents, awt, hours, seed):
    rng = np.random.default_rng(seed)
    arrivals = sorted((t, k) for k, r in enumerate(rates) for t in rng.uniform(0, hours * 3600, rng.poisson(r * hours)))
    queues, ends, counts = [deque(), deque()], [], np.zeros((2, 3))
    for now, k in [*arrivals, (hours * 3600.0, -1)]:
        while ends and ends[0] <= now:
            then = heapq.heappop(ends)
            for c, q in enumerate(queues):
                while q and q[0][1] < then:
                    q.popleft()
                if q:
                    came, _ = q.popleft()
                    counts[c, 1] += then - came <= awt
                    counts[c, 2] += 1
                    heapq.heappush(ends, then + rng.exponential(aht))
                    break
        if k < 0:
            break
        counts[k, 0] += 1
        if len(ends) < agents:
            counts[k, 1:] += 1
            heapq.heappush(ends, now + rng.exponential(aht))
        else:
            queues[k].append((now, now + rng.exponential(patience)))
            # customers behind the head may leave earlier; they are dropped when they reach it
    return counts


def test_priority_service_levels_against_simulation():
    counts = simulate_priority((100.0, 140.0), 180.0, 240.0, 12, 30.0, 900, 3)
    found = PriorityPool(classes=gold_and_rest(100, 140), aht_s=180, patience_s=240).by_class(12, 30)
    assert found.service_level == pytest.approx(counts[:, 1] / counts[:, 0], abs=0.012)
    assert found.abandonment == pytest.approx(1 - counts[:, 2] / counts[:, 0], abs=0.008)


# chat ------------------------------------------------------------------------------------------------------------------

def test_chat_of_one_level_is_erlang_a():
    chat = ChatPool(contacts_per_hour=240, levels=(180.0,), patience_s=60).performance(14, 20)
    plain = cc.ErlangA(contacts_per_hour=240, aht_s=180, patience_s=60).performance(14, 20)
    for name in ("service_level", "abandonment", "asa_s", "mean_wait_s", "occupancy"):
        assert getattr(chat, name) == pytest.approx(getattr(plain, name), rel=1e-10), name


def test_chat_against_its_chain():
    n, handle, lam, theta = 4, (300.0, 360.0, 450.0), 100 / 3600, 1 / 240

    def speed(x):
        chats = [min(x, 3 * n) // n + (i < min(x, 3 * n) % n) for i in range(n)]
        return sum(c / handle[c - 1] for c in chats if c)

    p = stationary(list(range(120)), lambda x: [(x + 1, lam), (x - 1, speed(x) + max(x - 3 * n, 0) * theta)] if x else [(1, lam)])
    found = ChatPool(contacts_per_hour=100, levels=handle, patience_s=240).performance(n, 60)
    assert found.delay_probability == pytest.approx(sum(v for x, v in p.items() if x >= 3 * n), rel=1e-9)
    assert found.abandonment == pytest.approx(theta / lam * sum(v * max(x - 3 * n, 0) for x, v in p.items()), rel=1e-9)
    assert found.occupancy == pytest.approx(sum(v * min(x, n) for x, v in p.items()) / n, rel=1e-9)


def simulate_chat(rate, handle, patience, agents, awt, contacts, seed, silent=0.0, silent_s=0.0):
    """No chat is moved between agents; the work of a chat is exponential and all chats of an agent share its speed."""
    rng = np.random.default_rng(seed)
    now, counts, served, queue, chats = 0.0, np.zeros(3), 0, deque(), [[] for _ in range(agents)]
    speed = [0.0, *(1 / h for h in handle)]
    arrive = rng.exponential(3600 / rate)
    left = contacts
    while left:
        finish = [min(c) / speed[len(c)] if c else math.inf for c in chats]
        a = int(np.argmin(finish))
        step = min(finish[a], arrive - now)
        for c in chats:
            c[:] = [w - step * speed[len(c)] for w in c]
        now += step
        if finish[a] <= step:
            chats[a].remove(min(chats[a]))
        else:
            left -= 1
            counts[0] += 1
            queue.append((now, now + rng.exponential(patience), rng.random() < silent))
            arrive = now + rng.exponential(3600 / rate)
        while queue and min(len(c) for c in chats) < len(handle):
            came, gone, quiet = queue.popleft()
            if gone < now and not quiet:
                continue
            work = rng.exponential(1.0)
            if gone < now:
                work *= silent_s / handle[0]
            else:
                counts[1] += now - came <= awt
                served += 1
            min(chats, key=len).append(work)
    counts[2] = served
    return counts


def test_chat_without_moves_is_close():
    handle = (300.0, 360.0, 450.0)
    counts = simulate_chat(105, handle, 240.0, 4, 60.0, 25_000, 11)
    found = ChatPool(contacts_per_hour=105, levels=handle, patience_s=240).performance(4, 60)
    # levels differ by at most one in the model; the stated error is a point, the simulation's another
    assert found.service_level == pytest.approx(counts[1] / counts[0], abs=0.02)
    assert found.abandonment == pytest.approx(1 - counts[2] / counts[0], abs=0.015)


def test_silent_customers_are_close():
    handle = (300.0, 360.0)
    counts = simulate_chat(60, handle, 240.0, 3, 60.0, 25_000, 12, silent=0.5, silent_s=90.0)
    found = ChatPool(contacts_per_hour=60, levels=handle, patience_s=240, silent=0.5, silent_s=90.0).performance(3, 60)
    assert found.service_level == pytest.approx(counts[1] / counts[0], abs=0.03)
    assert found.abandonment == pytest.approx(1 - counts[2] / counts[0], abs=0.03)
    told = ChatPool(contacts_per_hour=60, levels=handle, patience_s=240).performance(3, 60)
    assert found.service_level < told.service_level


# retries ---------------------------------------------------------------------------------------------------------------

def test_retries_by_iteration_and_by_a_chain_with_slow_retries():
    load, n, r = 6.0, 7, 0.6
    found = ExtendedErlangB(contacts_per_hour=load, aht_s=3600, retry=r).performance(n)
    attempts = load
    for _ in range(3000):
        b = 1.0
        for k in range(1, n + 1):
            b = attempts * b / (k + attempts * b)
        attempts = load + r * attempts * b
    assert (found.load, found.blocking) == pytest.approx((attempts, b), rel=1e-12)
    # customers who try again after 30 handle times on average, in a chain of busy lines and customers in orbit
    back, most = 1 / 30, 140

    def moves(s):
        x, o = s
        stay = [((x, o + 1), load * r), ((x, o - 1), o * back * (1 - r))] if x == n else []
        seize = [((x + 1, o), load), ((x + 1, o - 1), o * back)] if x < n else []
        return [*stay, *seize, ((x - 1, o), float(x))]

    p = stationary([(x, o) for x in range(n + 1) for o in range(most)], moves)
    busy = sum(v for (x, _), v in p.items() if x == n)
    orbit = sum(v * o for (_, o), v in p.items())
    assert found.load == pytest.approx(load + back * orbit, rel=0.01)
    assert found.blocking == pytest.approx((load * busy + back * sum(v * o for (x, o), v in p.items() if x == n)) / (
        load + back * orbit), rel=0.03)


# over-dispersed --------------------------------------------------------------------------------------------------------

def test_over_dispersed_against_quadrature_and_draws():
    mean, scv, n = 240.0, 0.04, 13

    def at(rate):  # Erlang A by its chain, written apart
        lam, mu, theta = rate / 3600, 1 / 180, 1 / 120
        number = np.arange(1, 250)
        p = np.exp(np.concatenate([[0.0], np.cumsum(np.log(lam / (np.minimum(number, n) * mu + np.maximum(number - n, 0) * theta)))]))
        p /= p.sum()
        queue = p @ np.maximum(np.arange(250) - n, 0)
        return p[n:].sum(), theta * queue / lam, queue

    law = lambda x: x ** (1 / scv - 1) * math.exp(-x / scv) / math.gamma(1 / scv) / scv ** (1 / scv)  # noqa: E731
    wanted = [integrate.quad(lambda x, k=k: (x if k < 2 else 1.0) * law(x) * at(mean * x)[k], 1e-9, 3.5, limit=200)[0] for k in range(3)]
    found = OverDispersed(contacts_per_hour=mean, aht_s=180, patience_s=120, rate_scv=scv).performance(n)
    assert [found.delay_probability, found.abandonment, found.queue_length] == pytest.approx(wanted, rel=1e-8)
    rates = np.random.default_rng(2).gamma(1 / scv, scv, 200_000)
    level = cc.ErlangA(contacts_per_hour=mean * rates, aht_s=180, patience_s=120).performance(n).service_level
    assert found.service_level == pytest.approx(float(rates @ level / rates.sum()), abs=0.002)


def test_no_dispersion_is_erlang_a_and_more_is_worse():
    levels = [OverDispersed(contacts_per_hour=2000, aht_s=180, patience_s=180, rate_scv=v).performance(100).service_level
              for v in (0.0, 1e-6, 0.0025, 0.01, 0.04)]  # fmt: skip
    assert levels[0] == pytest.approx(cc.ErlangA(contacts_per_hour=2000, aht_s=180, patience_s=180).performance(100).service_level)
    assert levels[1] == pytest.approx(levels[0], abs=1e-4)
    assert levels == sorted(levels, reverse=True)
