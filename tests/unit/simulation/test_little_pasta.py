"""Little's law, Poisson arrivals see time averages, and conservation: averages over time made from the rows of contacts.

The averages over contacts and the averages over time come from the same days but not by the same sums: the first count
contacts, the second integrate how many are there at every moment. Asked is 0.5 % (goal G3 of the register of hazards).
"""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ccopt.simulation import Simulator
from ccopt.simulation.records import ABANDONED, ANSWERED
from ccopt.simulation.tally import tally

sys.path.insert(0, str(Path(__file__).parent))
from pools import HOUR, pool

BAND = 0.005
AGENTS, AHT, PATIENCE = 50, 180.0, 120.0


def mean_over_time(begins, ends, window):
    """Mean number of intervals that cover a moment of the window."""
    inside = np.clip(ends, *window) - np.clip(begins, *window)
    return inside.sum() / (window[1] - window[0])


def present(times, begins, ends):
    """Number of intervals that have begun before, and not ended by, each of some times."""
    return np.searchsorted(np.sort(begins), times, "left") - np.searchsorted(np.sort(ends), times, "right")


def share_of_time(at_least, begins, ends, window):
    """Share of the window in which at least so many intervals lie over the moment."""
    times = np.concatenate((begins, ends))
    order = np.argsort(times, kind="stable")
    number = np.cumsum(np.concatenate((np.ones(begins.size), -np.ones(ends.size)))[order])
    edges = np.clip(np.append(times[order], math.inf), *window)
    return np.diff(edges)[number >= at_least].sum() / (window[1] - window[0])


def one_day(load, *, rich=None, hours=1000, rates=None):
    """A day of one pool, its parts, and the hours from the third to the last but two."""
    network = pool([load * HOUR / AHT], [AHT], [PATIENCE], [AGENTS], hours=hours)
    if rates is not None:
        edges = tuple(HOUR * h for h in range(hours + 1))
        source = replace(network.sources[0], contacts_per_hour=tuple(rates[h % len(rates)] for h in range(hours)))
        network = replace(network, edges_s=edges, sources=(source,))
    simulator = Simulator(network, seed=5, rich=rich)
    return simulator.day(0), simulator.tables, (2 * HOUR, (hours - 2) * HOUR)


@pytest.mark.parametrize("rich", [None, False, True], ids=["dedicated", "plain", "with timers"])
@pytest.mark.parametrize("load", [46.0, 60.0])
def test_little_for_queue_agents_and_system(load, rich):
    day, tables, window = one_day(load, rich=rich)
    begin, answer, end = day.entry_s, day.entry_s + day.wait_s, day.end_s
    mine = (begin >= window[0]) & (begin < window[1])
    rate = mine.sum() / (window[1] - window[0])
    served = mine & (day.status == ANSWERED)
    answered = day.status == ANSWERED
    assert mean_over_time(begin, answer, window) == pytest.approx(rate * day.wait_s[mine].mean(), rel=BAND)
    assert mean_over_time(begin, end, window) == pytest.approx(rate * (end - begin)[mine].mean(), rel=BAND)
    busy = mean_over_time(answer[answered], end[answered], window)
    assert busy == pytest.approx(served.sum() / (window[1] - window[0]) * (end - answer)[served].mean(), rel=BAND)
    counted = tally(day, tables, edges_s=np.array(window), awt_s=np.array([20.0])).busy_s.sum()
    assert counted == pytest.approx(busy * (window[1] - window[0]), rel=1e-9)


@pytest.mark.parametrize("rich", [None, True], ids=["dedicated", "with timers"])
def test_agents_are_busy_whenever_somebody_waits(rich):
    day = one_day(46.0, rich=rich, hours=100)[0]
    answer, answered = day.entry_s + day.wait_s, day.status == ANSWERED
    times = np.sort(np.concatenate((day.entry_s, answer, day.end_s)))
    times = 0.5 * (times[1:] + times[:-1])[np.diff(times) > 1e-6]  # between two events
    waiting, busy = present(times, day.entry_s, answer), present(times, answer[answered], day.end_s[answered])
    assert busy.max() == AGENTS
    assert (busy[waiting > 0] == AGENTS).all()
    assert (waiting > 0).sum() > 1000


@pytest.mark.parametrize("load", [46.0, 60.0])
def test_poisson_arrivals_see_time_averages(load):
    day, _, window = one_day(load)
    mine = (day.entry_s >= window[0]) & (day.entry_s < window[1])
    found = present(day.entry_s[mine], day.entry_s, day.end_s)
    assert ((found >= AGENTS) == (day.wait_s[mine] > 0)).all()  # who finds all agents busy waits, nobody else
    for at_least in (AGENTS - 5, AGENTS, AGENTS + 5):
        assert (found >= at_least).mean() == pytest.approx(share_of_time(at_least, day.entry_s, day.end_s, window), rel=BAND)
    assert found.mean() == pytest.approx(mean_over_time(day.entry_s, day.end_s, window), rel=BAND)


def test_arrivals_with_busy_hours_do_not_see_time_averages():
    day, _, window = one_day(0.0, rates=(600.0, 1200.0))
    mine = (day.entry_s >= window[0]) & (day.entry_s < window[1])
    found = present(day.entry_s[mine], day.entry_s, day.end_s)
    assert (found >= AGENTS).mean() > 1.2 * share_of_time(AGENTS, day.entry_s, day.end_s, window)


def test_who_leaves_is_the_queue_over_the_patience():
    # exponential patience: each waiting customer leaves at rate 1 / patience
    day, _, window = one_day(60.0)
    answer = day.entry_s + day.wait_s
    left = (day.status == ABANDONED) & (day.end_s >= window[0]) & (day.end_s < window[1])
    queue = mean_over_time(day.entry_s, answer, window)
    assert left.sum() / (window[1] - window[0]) == pytest.approx(queue / PATIENCE, rel=BAND)


def test_little_for_each_queue_of_a_network_with_overflow_and_priorities():
    network = pool([300.0, 500.0, 200.0], [180.0, 120.0, 240.0], [120.0, 60.0, math.inf], [14, 12, 25], hours=1000,
                   plans=[[0, 2], [1, 2], [2]], priority=[1, 0, 2])  # fmt: skip
    day = Simulator(network, seed=5).day(0)
    window = (2 * HOUR, 998 * HOUR)
    answer = day.entry_s + day.wait_s
    for q in range(3):
        mine = day.queue == q
        here = mine & (day.entry_s >= window[0]) & (day.entry_s < window[1])
        rate = here.sum() / (window[1] - window[0])
        assert mean_over_time(day.entry_s[mine], answer[mine], window) == pytest.approx(rate * day.wait_s[here].mean(), rel=BAND)
    for g, agents in enumerate((14, 12, 25)):
        mine = (day.status == ANSWERED) & (day.group == g)
        here = mine & (answer >= window[0]) & (answer < window[1])
        rate = here.sum() / (window[1] - window[0])
        busy = mean_over_time(answer[mine], day.end_s[mine], window)
        assert busy == pytest.approx(rate * (day.end_s - answer)[here].mean(), rel=BAND)
        assert 0.5 * agents < busy < agents
