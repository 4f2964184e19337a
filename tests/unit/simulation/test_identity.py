"""Contact by contact equal to a plain event list, on random networks with shared random numbers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from plain_simulator import differences
from random_networks import random_network

from ccopt.simulation import Simulator


@pytest.mark.parametrize("block", range(5))
def test_plain_networks(block):
    wrong = {seed: found for seed in range(100 * block, 100 * block + 100) if (found := differences(seed, rich=False))}
    assert not wrong


@pytest.mark.parametrize("block", range(5))
def test_networks_with_every_feature(block):
    # 2,000 more in benchmarks/nightly
    wrong = {seed: found for seed in range(60 * block, 60 * block + 60) if (found := differences(seed, rich=True))}
    assert not wrong


def test_both_kernels_agree_on_plain_networks():
    for seed in range(40):
        network = random_network(seed, rich=False)
        a, b = (Simulator(network, seed=seed, rich=rich).day(0) for rich in (False, True))
        for name in ("queue", "status", "group", "wait_s", "offered_s", "root"):
            assert (getattr(a, name) == getattr(b, name)).all(), (seed, name)
