"""Every feature of the simulator against an exact model that is solved here, or against its rule in words."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from ccopt.queueing import erlang_b
from ccopt.simulation import (
    Change,
    Follow,
    Group,
    Law,
    Network,
    Offer,
    Queue,
    Redial,
    SelfService,
    Simulator,
    Source,
    Way,
)
from ccopt.simulation.contacts import SALE, STATUS
from ccopt.simulation.tally import (
    ANSWERS,
    BLOCKS,
    CONTAINS,
    DELAYED,
    IN_TIME,
    LOST,
    OFFERED,
    OFFERS,
    SALES,
    WAIT_ALL,
)

sys.path.insert(0, str(Path(__file__).parent))
from pools import HOUR, counts, inside, pool

S = {name: i for i, name in enumerate(STATUS)}


def stationary(rates, size):
    """Stationary vector of a chain given by (from, to, rate) triples."""
    q = np.zeros((size, size))
    for a, b, rate in rates:
        q[a, b] += rate
        q[a, a] -= rate
    a = np.vstack([q.T[:-1], np.ones(size)])
    return np.linalg.solve(a, np.append(np.zeros(size - 1), 1.0))


def one(queue, *, rate, hours, groups=(), source=None, **more):
    """A network with one source and queue."""
    s = source or Source(name="s", queues=((queue.name, 1.0),), contacts_per_hour=rate)
    return Network(edges_s=(0.0, hours * HOUR), sources=(s,), queues=(queue,), groups=groups or (Group(name="g", agents=1),), **more)


def test_overflow_after_a_wait_is_a_queue_with_constant_patience():
    # M/M/1, services of 1 min, 48/h; after 60 s a large second group opens: who waits longer than 60 s goes there.
    # virtual wait: density c exp(-(mu - lam) v) below d = 1, c e^{lam d} exp(-mu v) beyond, atom c / lam
    lam, mu, d = 0.8, 1.0, 1.0
    below = (1 - math.exp(-(mu - lam) * d)) / (mu - lam)
    beyond = math.exp(lam * d) * math.exp(-mu * d) / mu
    exact = beyond / (1 / lam + below + beyond)
    q = Queue(name="q", ways=(Way(group="g", handle_s=60.0), Way(group="far", handle_s=60.0, rank=2, after_s=60.0)))
    x = Simulator(one(q, rate=48.0, hours=60, groups=(Group(name="g", agents=1), Group(name="far", agents=400))), seed=1)
    far = np.array([[(c.group == 1).sum(), c.group.size, np.ptp(c.wait_s[c.group == 1])] for c in x.days(30)])
    inside(far[:, 0], far[:, 1], exact)
    assert far[:, 2].max() < 1e-6  # everybody who goes there has waited exactly 60 s


def test_finite_lines_are_erlang_b():
    network = pool([300.0], [120.0], [math.inf], [100], hours=42, trunks=(("t", 12),))
    network = Network(**{f: getattr(network, f) for f in network.__slots__} | {"sources": (
        Source(name="s", queues=(("q0", 1.0),), contacts_per_hour=300.0, trunk="t"),)})  # fmt: skip
    x = counts(network, days=30, window=(HOUR, 41 * HOUR))[0][:, 0]
    inside(x[:, BLOCKS], x[:, OFFERED], float(erlang_b(12, 10.0)))


def test_self_service_contains_its_share_and_blocks_by_its_ports():
    source = Source(name="s", queues=(("q", 1.0),), contacts_per_hour=360.0, self_service="menu")
    network = one(Queue(name="q", ways=(Way(group="g", handle_s=60.0),)), rate=0, hours=42, source=source,
                  groups=(Group(name="g", agents=100),), self_services=(SelfService(name="menu", mean_s=50.0, contained=0.3, ports=8),))  # fmt: skip
    x = counts(network, days=30, window=(HOUR, 41 * HOUR))[0][:, 0]
    inside(x[:, BLOCKS], x[:, OFFERED] + x[:, CONTAINS], float(erlang_b(8, 5.0)))
    inside(x[:, CONTAINS], x[:, CONTAINS] + x[:, ANSWERS], 0.3)


def test_redials_are_the_chain_with_an_orbit():
    # two agents, no waiting (patience 0): who is lost comes back with probability 0.6 after 2 services
    lam, mu, back, share, most = 1.5, 1.0, 0.5, 0.6, 40

    def at(i, j):
        return i * most + j

    rates = []
    for i in range(3):
        for j in range(most):
            if i < 2:
                rates.append((at(i, j), at(i + 1, j), lam))
                if j:
                    rates.append((at(i, j), at(i + 1, j - 1), j * back))
            else:
                if j + 1 < most:
                    rates.append((at(i, j), at(i, j + 1), lam * share))
                if j:
                    rates.append((at(i, j), at(i, j - 1), j * back * (1 - share)))
            if i:
                rates.append((at(i, j), at(i - 1, j), i * mu))
    p = stationary(rates, 3 * most).reshape(3, most)
    answered = float((p.sum(axis=1) @ [0, 1, 2]) * mu)
    attempts = lam + float((p * np.arange(most)).sum() * back)
    source = Source(name="s", queues=(("q", 1.0),), contacts_per_hour=90.0, redial=Redial(abandoned=share, delay_s=120.0))
    network = one(Queue(name="q", ways=(Way(group="g", handle_s=60.0),), patience_s=0.0), rate=0, hours=52, source=source,
                  groups=(Group(name="g", agents=2),))  # fmt: skip
    found, _, hours = counts(network, days=30, window=(HOUR, 51 * HOUR))
    inside(found[:, 0, OFFERED], hours * 60, attempts)
    inside(found[:, 0, ANSWERS], hours * 60, answered)


def test_transfers_with_feedback_follow_the_traffic_equations():
    # a -> b with 0.5, b -> a with 0.2, b -> b with 0.1; 30 an hour enter a: x_a = 30 + 0.2 x_b, x_b = 0.5 x_a + 0.1 x_b
    x_a, x_b = np.linalg.solve([[1.0, -0.2], [-0.5, 0.9]], [30.0, 0.0])
    queues = (Queue(name="a", ways=(Way(group="ga", handle_s=60.0),), follows=(Follow(source="b", share=0.5),)),
              Queue(name="b", ways=(Way(group="gb", handle_s=90.0),), follows=(Follow(source="a", share=0.2), Follow(source="b", share=0.1))))  # fmt: skip
    network = Network(edges_s=(0.0, 52 * HOUR), queues=queues, groups=(Group(name="ga", agents=3), Group(name="gb", agents=3)),
                      sources=(Source(name="a", queues=(("a", 1.0),), contacts_per_hour=30.0), Source(name="b", queues=(("b", 1.0),))))  # fmt: skip
    found, busy, hours = counts(network, days=30, window=(HOUR, 51 * HOUR))
    inside(found[:, 0, OFFERED], hours, x_a)
    inside(found[:, 1, OFFERED], hours, x_b)
    inside(busy[:, 1], hours, x_b * 90 / 3600)


def test_a_repeat_comes_later_and_a_journey_is_shorter():
    queues = (Queue(name="a", ways=(Way(group="g", handle_s=60.0),), service_law=Law(kind="deterministic"),
                    follows=(Follow(source="b", share=0.4, delay_s=1800.0, handle_factor=0.5),)),
              Queue(name="b", ways=(Way(group="g", handle_s=100.0),), service_law=Law(kind="deterministic")))  # fmt: skip
    network = Network(edges_s=(0.0, 200 * HOUR), queues=queues, groups=(Group(name="g", agents=50),),
                      sources=(Source(name="a", queues=(("a", 1.0),), contacts_per_hour=60.0), Source(name="b", queues=(("b", 1.0),))))  # fmt: skip
    c = Simulator(network, seed=2).day()
    second = c.queue == 1
    assert second.sum() / (~second).sum() == pytest.approx(0.4, abs=0.015)
    assert (c.end_s - c.entry_s)[second] == pytest.approx(50.0)
    assert (c.arrival_s[second] - c.end_s[c.root[second]]).mean() == pytest.approx(1800.0, rel=0.05)


@pytest.mark.parametrize("rate", [60.0, 120.0])
def test_chats_of_one_agent_are_a_birth_and_death_process(rate):
    # one agent with up to three chats, each 1, 1.5, 1.8 min while 1, 2, 3 are open; patience of those who wait 2 min
    factor = np.array([1.0, 1.5, 1.8])
    p = np.ones(60)
    for k in range(1, 60):
        inhand = min(k, 3)
        p[k] = p[k - 1] * (rate / 60) / (inhand / factor[inhand - 1] + (k - inhand) / 2)
    p /= p.sum()
    q = Queue(name="q", ways=(Way(group="g", handle_s=60.0),), patience_s=120.0)
    network = one(q, rate=rate, hours=42, groups=(Group(name="g", agents=1, level_factor=tuple(factor)),))
    found, busy, hours = counts(network, days=30, window=(HOUR, 41 * HOUR))
    x = found[:, 0]
    inside(x[:, DELAYED], x[:, OFFERED], p[3:].sum())
    inside(x[:, LOST], x[:, OFFERED], (p[3:] * np.arange(57)).sum() / 2 / (rate / 60))
    inside(busy[:, 0], hours, (np.minimum(np.arange(60), 3) * p).sum())


def test_chats_of_two_agents_follow_the_chain_of_their_levels():
    # least loaded agent first; state (i, j) chats of the two, no waiting (patience 0)
    lam, factor = 2.5, np.array([1.0, 1.6])

    def at(i, j):
        return 3 * i + j

    rates = []
    for i in range(3):
        for j in range(3):
            if i <= j and i < 2:
                rates.append((at(i, j), at(i + 1, j), lam))
            elif j < i and j < 2:
                rates.append((at(i, j), at(i, j + 1), lam))
            if i:
                rates.append((at(i, j), at(i - 1, j), i / factor[i - 1]))
            if j:
                rates.append((at(i, j), at(i, j - 1), j / factor[j - 1]))
    p = stationary(rates, 9)
    network = one(Queue(name="q", ways=(Way(group="g", handle_s=60.0),), patience_s=0.0), rate=60 * lam, hours=42,
                  groups=(Group(name="g", agents=2, level_factor=tuple(factor)),))  # fmt: skip
    x = counts(network, days=30, window=(HOUR, 41 * HOUR))[0][:, 0]
    inside(x[:, LOST], x[:, OFFERED], p[8])


def test_deferrable_work_is_done_by_its_due_time():
    # M/M/1 in order of arrival: time until done is exponential with rate mu - lam: P(<= 2 h) = 1 - exp(-0.5 * 2)
    network = one(Queue(name="q", ways=(Way(group="g", handle_s=HOUR),)), rate=0.5, hours=4200)
    x = counts(network, days=30, window=(100 * HOUR, 4100 * HOUR), awt_s=2 * HOUR, response=np.array([True]))[0][:, 0]
    inside(x[:, IN_TIME], x[:, OFFERED], 1 - math.exp(-1.0))


def test_letters_between_calls_keep_agents_free():
    # letters are taken only while more than one of three agents is idle: calls see at most one agent with a letter
    queues = (Queue(name="calls", ways=(Way(group="g", handle_s=120.0),), patience_s=60.0),
              Queue(name="letters", priority=2, ways=(Way(group="g", handle_s=300.0, reserve=1),)))  # fmt: skip
    network = Network(edges_s=(0.0, 100 * HOUR), queues=queues, groups=(Group(name="g", agents=3),), sources=(
        Source(name="c", queues=(("calls", 1.0),), contacts_per_hour=20.0), Source(name="l", queues=(("letters", 1.0),), contacts_per_hour=6.0)))  # fmt: skip
    c = Simulator(network, seed=4).day()
    served = c.status == S["answered"]
    start = c.entry_s + c.wait_s
    for i in np.flatnonzero(served & (c.queue == 1))[:200]:
        working = served & (start < start[i]) & (c.end_s > start[i] + 1e-9)
        assert working.sum() <= 1
    assert served[c.queue == 1].all()


def test_who_is_busy_at_the_end_of_a_shift_finishes_and_leaves():
    q = Queue(name="q", ways=(Way(group="g", handle_s=600.0),), patience_s=300.0)
    network = Network(edges_s=(0.0, HOUR, 2 * HOUR), queues=(q,), groups=(Group(name="g", agents=(5, 2)),),
                      sources=(Source(name="s", queues=(("q", 1.0),), contacts_per_hour=60.0),))  # fmt: skip
    for c in Simulator(network, seed=6).days(20):
        served = c.status == S["answered"]
        start, end = (c.entry_s + c.wait_s)[served], c.end_s[served]
        for now in (HOUR - 1, HOUR + 1, HOUR + 300, HOUR + 900, 1.9 * HOUR):
            at_work = ((start <= now) & (end > now)).sum()
            assert at_work <= 5
        later = start[start > HOUR]
        for now in later:  # nobody starts a contact while more than two are at work
            assert ((start < now) & (end > now + 1e-9)).sum() < 2


def test_the_loss_of_a_site_cuts_its_calls_and_another_takes_over():
    at, switch = HOUR, HOUR + 600
    q = Queue(name="q", patience_s=900.0, ways=(Way(group="lost", handle_s=300.0), Way(group="other", handle_s=300.0, rank=2, open_s=switch)))
    source = Source(name="s", queues=(("q", 1.0),), contacts_per_hour=60.0, redial=Redial(abandoned=1.0, delay_s=60.0))
    network = one(q, rate=0, hours=2, source=source, groups=(Group(name="lost", agents=8), Group(name="other", agents=8)),
                  changes=(Change(at_s=at, group="lost", agents=0, cut=True),))  # fmt: skip
    cut = 0
    for c in Simulator(network, seed=6).days(10):
        start = c.entry_s + c.wait_s
        gone = c.status == S["cut"]
        cut += gone.sum()
        assert (c.end_s[gone] == at).all()
        assert not ((c.group == 0) & (start > at)).any()
        assert not ((c.group == 1) & (start < switch)).any()
        number = np.arange(c.root.size)
        assert all(((c.root == c.root[i]) & (number > i)).any() for i in number[gone])  # all of them call again
        first = start[c.group == 1].min()
        assert first == pytest.approx(switch)  # somebody waited for the switch
    assert cut > 20


def test_warm_transfer_sells_only_while_the_other_group_is_quiet():
    # handed over only while at most one contact is in the selling group of two: nobody waits there. Sellers: birth and
    # death of offers at rate 30 / h, 4 min; offered while at most 1 is there
    offer = Offer(share=0.5, success=0.4, threshold=1, to="sale")
    queues = (Queue(name="calls", ways=(Way(group="g", handle_s=60.0, offer=offer),)),
              Queue(name="sale", ways=(Way(group="sellers", handle_s=240.0),)))  # fmt: skip
    network = Network(edges_s=(0.0, 102 * HOUR), queues=queues, groups=(Group(name="g", agents=60), Group(name="sellers", agents=2)), sources=(
        Source(name="calls", queues=(("calls", 1.0),), contacts_per_hour=60.0), Source(name="sale", queues=(("sale", 1.0),))))  # fmt: skip
    found, _, hours = counts(network, days=30, window=(HOUR, 101 * HOUR))
    blocked = float(erlang_b(2, 2.0))  # 30 offers an hour x 4 min
    inside(found[:, 0, OFFERS], hours, 30 * (1 - blocked))
    inside(found[:, 1, SALES], hours, 30 * (1 - blocked) * 0.4)
    assert found[:, 1, WAIT_ALL].sum() == 0


def test_groups_of_equal_rank_by_longest_idle_share_evenly():
    ways = tuple(Way(group=g, handle_s=60.0) for g in ("a", "b"))
    served = {}
    for choice in ("longest_idle", "in_order", "most_idle"):
        network = one(Queue(name="q", ways=ways), rate=60.0, hours=100, groups=(Group(name="a", agents=2), Group(name="b", agents=6)), group_choice=choice)
        c = Simulator(network, seed=8).day()
        served[choice] = (c.group == 0).mean()
    assert served["in_order"] > 0.6  # the first as long as it has an idle agent
    assert served["longest_idle"] == pytest.approx(0.25, abs=0.03)  # agents take turns: 2 of 8
    assert served["most_idle"] < 0.1  # the second has more idle agents nearly always


def test_offers_are_recorded_with_their_end():
    offer = Offer(share=1.0, extra_s=100.0, success=0.3, law=Law(kind="deterministic"))
    q = Queue(name="q", ways=(Way(group="g", handle_s=50.0, offer=offer),), service_law=Law(kind="deterministic"))
    c = Simulator(one(q, rate=60.0, hours=50, groups=(Group(name="g", agents=50),)), seed=1).day()
    assert (c.end_s - c.entry_s) == pytest.approx(150.0)
    assert (c.sale == SALE.index("sold")).mean() == pytest.approx(0.3, abs=0.03)
    assert set(c.sale) <= {SALE.index("sold"), SALE.index("refused")}
