"""Indicators after the records: counts of contacts by interval of arrival, and busy time by interval."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccopt.compilation import compiled
from ccopt.simulation.contacts import Contacts
from ccopt.simulation.records import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CONTAINED,
    CUT,
    ELSEWHERE,
    HANDED,
    REFUSED,
    SOLD,
    Rows,
)
from ccopt.simulation.tables import Tables

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
(
    OFFERED, ANSWERS, LOST, IN_TIME, EARLY, VIRTUAL, DELAYED, WAIT_ANSWERED, WAIT_ALL, BLOCKS, CONTAINS, CUTS, OFFERS,
    SALES,
) = range(14)  # fmt: skip
MEASURES = 14


class Tally(NamedTuple):
    """Counts of one day in P windows.

    Attributes
    ----------
    service
        (P, Q, MEASURES) by queue. ``OFFERED`` counts blocked contacts, not those that self-service contained; a contact
        that was cut off counts as answered. In time is within the queue's ``awt_s``, early is gone by then.
    busy_s
        (P, G) seconds of agents (of chat places) at work.
    answered, lost, contained, sold
        (P, S, G) by source and group: that answered, whose queue it was (lost, or ended in self-service), that sold.
    wait_all, displeasure
        (P, S, G) seconds waited and what the waits cost by the curve, by source and home group.
    """

    service: Floats
    busy_s: Floats
    answered: Floats
    lost: Floats
    contained: Floats
    sold: Floats
    wait_all: Floats
    displeasure: Floats


class _Rules(NamedTuple):
    """Windows, and by queue the acceptable wait, whether it bounds the whole time, and the curve of what a wait costs."""

    edges_s: Floats
    home: Ints
    awt_s: Floats
    response: NDArray[np.bool_]
    curve_start: Ints
    curve_wait: Floats
    curve_cost: Floats


@compiled
def _window(edges: Floats, time: float) -> int:
    """Window of a time; -1 outside of all."""
    if time < edges[0] or time >= edges[-1]:
        return -1
    return int(np.searchsorted(edges, time, side="right")) - 1


@compiled
def _cost_of(rules: _Rules, queue: int, wait: float) -> float:
    """What a wait costs: straight between the corners and beyond."""
    lo, hi = rules.curve_start[queue], rules.curve_start[queue + 1]
    if hi == lo:
        return 0.0
    found = np.interp(wait, rules.curve_wait[lo:hi], rules.curve_cost[lo:hi])
    if wait > rules.curve_wait[hi - 1] and hi - lo > 1:
        run = rules.curve_wait[hi - 1] - rules.curve_wait[hi - 2]
        found += (rules.curve_cost[hi - 1] - rules.curve_cost[hi - 2]) / run * (wait - rules.curve_wait[hi - 1])
    return float(found)


@compiled
def _at_work(c: Tally, edges: Floats, group: int, start: float, end: float) -> None:
    """Seconds of a service in every window."""
    for p in range(edges.size - 1):
        if edges[p] < end and edges[p + 1] > start:
            c.busy_s[p, group] += min(end, edges[p + 1]) - max(start, edges[p])


@compiled
def _waited(c: Tally, rules: _Rules, p: int, course: Any, source: int) -> None:
    """A contact that came to an agent or waited for one."""
    q, row = course.queue, c.service[p, course.queue]
    if course.wait_s > 0.0 or course.status not in (ANSWERED, CUT):
        row[DELAYED] += 1.0
    if course.offered_s <= rules.awt_s[q]:
        row[VIRTUAL] += 1.0
    if course.wait_s < np.inf:
        row[WAIT_ALL] += course.wait_s
        c.wait_all[p, source, rules.home[q]] += course.wait_s
        c.displeasure[p, source, rules.home[q]] += _cost_of(rules, q, course.wait_s)


@compiled
def _served(c: Tally, rules: _Rules, p: int, course: Any, origin: Any, sale: int) -> None:
    """A contact that came to an agent."""
    row = c.service[p, course.queue]
    row[ANSWERS] += 1.0
    row[WAIT_ANSWERED] += course.wait_s
    spent = course.end_s - origin.time_s if rules.response[course.queue] else course.wait_s
    if spent <= rules.awt_s[course.queue]:
        row[IN_TIME] += 1.0
    c.answered[p, origin.source, course.group] += 1.0
    if course.status == CUT:
        row[CUTS] += 1.0
    if sale in (SOLD, REFUSED, HANDED):
        row[OFFERS] += 1.0
    if sale == SOLD:
        row[SALES] += 1.0
        c.sold[p, origin.source, course.group] += 1.0


@compiled
def _count(c: Tally, rules: _Rules, origins: Rows, courses: Rows, sales: NDArray[np.int8]) -> None:
    """The loop behind `tally`."""
    for i in range(origins.size):
        origin, course = origins[i], courses[i]
        served = course.status in (ANSWERED, CUT)
        if served:
            _at_work(c, rules.edges_s, course.group, course.entry_s + course.wait_s, course.end_s)
        p = _window(rules.edges_s, origin.time_s)
        if p < 0 or course.status == ELSEWHERE:
            continue
        row = c.service[p, course.queue]
        if course.status == CONTAINED:
            row[CONTAINS] += 1.0
            c.contained[p, origin.source, rules.home[course.queue]] += 1.0
            continue
        row[OFFERED] += 1.0
        if course.status == BLOCKED:
            row[BLOCKS] += 1.0
        else:
            _waited(c, rules, p, course, origin.source)
        if served:
            _served(c, rules, p, course, origin, sales[i])
            continue
        c.lost[p, origin.source, rules.home[course.queue]] += 1.0
        if course.status == ABANDONED:
            row[LOST] += 1.0
            if course.wait_s <= rules.awt_s[course.queue]:
                row[EARLY] += 1.0


def tally(
    contacts: Contacts, tables: Tables, *, edges_s: Floats, awt_s: Floats, response: NDArray[np.bool_] | None = None,
    curves: tuple[NDArray[np.int64], Floats, Floats] | None = None,
) -> Tally:  # fmt: skip
    """Count the contacts of a day.

    Parameters
    ----------
    contacts, tables
        From `Simulator`.
    edges_s
        (P + 1,) ends of the windows.
    awt_s
        (Q,) acceptable wait of each queue.
    response
        (Q,) whether ``awt_s`` bounds arrival to end of service instead of the wait (deferrable work).
    curves
        Cost of a wait by queue: starts (Q + 1,), waits and costs at the corners; straight in between and beyond.
    """
    queues, groups, sources, windows = tables.queues.size, tables.groups.size, tables.sources.size, len(edges_s) - 1
    if response is None:
        response = np.zeros(queues, dtype=np.bool_)
    if curves is None:
        curves = np.zeros(queues + 1, dtype=np.int64), np.zeros(0), np.zeros(0)
    by_place = [np.zeros((windows, sources, groups)) for _ in range(6)]
    counts = Tally(np.zeros((windows, queues, MEASURES)), np.zeros((windows, groups)), *by_place)
    home = np.ascontiguousarray(tables.queues["home"])
    rules = _Rules(np.asarray(edges_s, dtype=np.float64), home, np.asarray(awt_s, dtype=np.float64), response, *curves)
    _count(counts, rules, contacts.origins, contacts.courses, contacts.sale)
    return counts
