"""Contact by contact equal to a plain event list, on random networks with shared random numbers."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from plain_simulator import differences
from random_networks import random_network

from ccopt.simulation import Simulator
from ccopt.simulation.dedicated import stands_apart
from ccopt.simulation.records import ANSWERED
from ccopt.simulation.tables import tables_of


@pytest.mark.parametrize("block", range(5))
def test_plain_networks(block):
    wrong = {seed: found for seed in range(100 * block, 100 * block + 100) if (found := differences(seed, rich=False))}
    assert not wrong


@pytest.mark.parametrize("block", range(5))
def test_networks_with_every_feature(block):
    # 2,000 more in benchmarks/nightly
    wrong = {seed: found for seed in range(60 * block, 60 * block + 60) if (found := differences(seed, rich=True))}
    assert not wrong


def _apart(seed):
    """A random network in which every queue leads to its first group only and nothing follows."""
    net = random_network(seed, rich=False)
    queues = tuple(replace(q, ways=q.ways[:1], follows=(), priority=1) for q in net.queues)
    return replace(net, queues=queues)


def test_groups_that_stand_apart_need_no_events():
    for seed in range(150):
        network = _apart(seed)
        fast, walked = (Simulator(network, seed=seed, rich=rich).day(0) for rich in (None, False))
        for name in ("source", "queue", "status", "wait_s", "offered_s", "end_s", "root", "entry_s"):
            assert (getattr(fast, name) == getattr(walked, name)).all(), (seed, name)
        served = fast.status == ANSWERED
        assert (fast.group[served] == walked.group[served]).all()


def test_which_networks_stand_apart():
    assert stands_apart(tables_of(_apart(3)))
    shared = [seed for seed in range(40) if not stands_apart(tables_of(random_network(seed, rich=False)))]
    assert len(shared) > 20
    unequal = _apart(3)
    twice = replace(unequal, queues=tuple(replace(q, ways=(replace(q.ways[0], group="g0"),), priority=i)
                                          for i, q in enumerate(unequal.queues)))  # fmt: skip
    assert len(twice.queues) > 1
    assert not stands_apart(tables_of(twice))


def test_both_kernels_agree_on_plain_networks():
    for seed in range(40):
        network = random_network(seed, rich=False)
        a, b = (Simulator(network, seed=seed, rich=rich).day(0) for rich in (False, True))
        for name in ("queue", "status", "group", "wait_s", "offered_s", "root"):
            assert (getattr(a, name) == getattr(b, name)).all(), (seed, name)
