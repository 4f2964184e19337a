"""Contact by contact equal to a plain event list, on random networks with shared random numbers."""

from __future__ import annotations

import numpy as np
import pytest

from ccopt.simulation.contacts import SALE, STATUS, Simulator
from tests_simulation import Plain, random_network


def differences(seed, *, rich):
    """What differs between the two simulators of a random network; empty when nothing does."""
    network = random_network(seed, rich=rich)
    simulator = Simulator(network, seed=seed, rich=rich)
    fast = simulator.day(0)
    slow = Plain(network, simulator.bank(0)).run()
    if fast.source.size != len(slow):
        return [f"{fast.source.size} contacts, not {len(slow)}"]
    groups, queues = [g.name for g in network.groups], [q.name for q in network.queues]
    found = []
    for i, c in enumerate(slow):
        status = STATUS[fast.status[i]]
        group = groups[fast.group[i]] if status in ("answered", "cut") else None
        queue = queues[fast.queue[i]] if status not in ("blocked", "contained", "elsewhere") else c.queue
        if (status, group, queue, int(fast.root[i])) != (c.status, c.group, c.queue, c.root):
            found.append((i, status, group, queue, c))
        elif rich and SALE[fast.sale[i]] != c.sale:
            found.append((i, SALE[fast.sale[i]], c))
        elif status in ("answered", "abandoned") and not np.isclose(fast.wait_s[i], c.wait, rtol=0, atol=1e-6):
            found.append((i, fast.wait_s[i], c))
        elif np.isfinite(c.end) and not np.isclose(fast.end_s[i], c.end, rtol=0, atol=1e-6):
            found.append((i, fast.end_s[i], c))
    return found
