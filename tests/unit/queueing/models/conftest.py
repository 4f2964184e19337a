"""A simulation of one first come, first served pool that shares no formula with the models."""

import heapq

import numpy as np
import pytest


def first_come(arrive, service, patience, agents):
    """Wait of each contact and whether it was answered; each takes the agent who is free first, or leaves."""
    free = [0.0] * agents
    heapq.heapify(free)
    wait, answered = np.empty(arrive.size), np.empty(arrive.size, dtype=bool)
    for i in range(arrive.size):
        offered = max(free[0] - arrive[i], 0.0)
        answered[i] = offered <= 0.0 or offered < patience[i]
        wait[i] = offered if answered[i] else patience[i]
        if answered[i]:
            heapq.heapreplace(free, arrive[i] + offered + service[i])
    return wait, answered


@pytest.fixture(scope="session")
def fifo():
    return first_come
