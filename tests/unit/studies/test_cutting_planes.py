"""Cutting planes against enumeration on a judge without noise."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from ccopt.studies.cutting_planes import staff_by_cuts
from ccopt.studies.staffing_search import StaffingTask


def _erlang_c_margin(load, agents, target=0.8, wait=20 / 300):
    """Service level of a pool less its target; real agents by interpolation, an independent Erlang B recursion."""
    def level(n):
        if n <= load:
            return 0.35 * n / load
        b = 1.0
        for k in range(1, n + 1):
            b = load * b / (k + load * b)
        c = b / (1 - load / n * (1 - b))
        return 1 - c * np.exp(-(n - load) * wait)

    low = int(np.floor(agents))
    part = agents - low
    return (1 - part) * level(low) + part * level(low + 1) - target


def _judge(agents):
    """Two types with own groups and a flexible third that helps each with half of its agents."""
    return np.array([_erlang_c_margin(6.0, agents[0] + 0.45 * agents[2]),
                     _erlang_c_margin(9.0, agents[1] + 0.45 * agents[2])])  # fmt: skip


def _task(cost):
    return StaffingTask(cost=np.array(cost), low=np.zeros(3, dtype=np.int64), high=np.full(3, 20, dtype=np.int64),
                        rows=np.array([[1.0, 1.0, 1.0]]), row_low=np.array([13.5]), row_high=np.array([60.0]))  # fmt: skip


@pytest.mark.parametrize("cost", [[1.0, 1.0, 1.05], [1.0, 1.0, 0.85], [1.3, 1.0, 1.0]])
def test_close_to_enumeration(cost):
    task = _task(cost)
    best = min(float(np.dot(cost, n)) for n in product(range(21), repeat=3) if sum(n) >= 13.5 and (_judge(n) >= 0).all())
    found = staff_by_cuts(task, _judge, np.array([10, 13, 4]))
    assert (found.margins >= 0).all()
    assert found.cost <= best * 1.04
    assert found.cost < task.cost @ [10, 13, 4]


def test_never_worse_than_the_start():
    assert (_judge([10, 13, 0]) >= 0).all()
    found = staff_by_cuts(_task([1.0, 1.0, 1.05]), _judge, np.array([10, 13, 0]), iterations=0)
    assert found.cost <= 23.0


def test_a_start_that_breaks_promises_is_scaled_up():
    assert (_judge([8, 11, 0]) < 0).any()
    found = staff_by_cuts(_task([1.0, 1.0, 1.05]), _judge, np.array([8, 11, 0]))
    assert (found.margins >= 0).all()


def test_stops_when_told():
    calls = []

    def judge(agents):
        calls.append(1)
        return _judge(agents)

    found = staff_by_cuts(_task([1.0, 1.0, 1.05]), judge, np.array([10, 13, 4]), stop=lambda: len(calls) > 5)
    assert (found.margins >= 0).all()
    assert len(calls) < 15
