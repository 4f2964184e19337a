"""Indicators after the records: counts of contacts by interval of arrival, and busy time by interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccopt.simulation.compiler import compiled
from ccopt.simulation.contacts import Contacts
from ccopt.simulation.kernel import ABANDONED, ANSWERED, BLOCKED, CONTAINED, CUT, ELSEWHERE, HANDED, REFUSED, SOLD
from ccopt.simulation.tables import Tables

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
(
    OFFERED, ANSWERS, LOST, IN_TIME, EARLY, VIRTUAL, DELAYED, WAIT_ANSWERED, WAIT_ALL, BLOCKS, CONTAINS, CUTS, OFFERS,
    SALES,
) = range(14)  # fmt: skip
MEASURES = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of one day in P windows.

    Attributes
    ----------
    service
        (P, Q, MEASURES) by queue. ``OFFERED`` counts blocked contacts, not those that self-service contained; a contact
        that was cut off counts as answered. In time is within the queue's ``awt_s``, early is gone by then.
    busy_s
        (P, G) seconds of agents (of chat places) at work.
    answered, lost, sold
        (P, S, G) by source and group: that answered, whose queue it was, that sold.
    wait_all, displeasure
        (P, S, G) seconds waited and what the waits cost by the curve, by source and home group.
    """

    service: Floats
    busy_s: Floats
    answered: Floats
    lost: Floats
    sold: Floats
    wait_all: Floats
    displeasure: Floats


@compiled
def _interval(edges: Floats, time: float) -> int:
    """Window of a time; -1 outside of all."""
    if time < edges[0] or time >= edges[-1]:
        return -1
    return int(np.searchsorted(edges, time, side="right")) - 1


@compiled
def _count(
    c: Any, home: Ints, groups: int, sources: int, edges: Floats, awt: Floats, response: NDArray[np.bool_],
    curve_start: Ints, curve_wait: Floats, curve_cost: Floats,
) -> tuple[Floats, ...]:  # fmt: skip
    """The loop behind `tally`."""
    source, queue, arrival, entry, wait, offered, status, group, end, _, sale = c
    windows = edges.size - 1
    service = np.zeros((windows, home.size, MEASURES))
    busy = np.zeros((windows, groups))
    answered, lost = np.zeros((windows, sources, groups)), np.zeros((windows, sources, groups))
    sold, waited = np.zeros((windows, sources, groups)), np.zeros((windows, sources, groups))
    cost = np.zeros((windows, sources, groups))
    for i in range(source.size):
        state = status[i]
        served = state in (ANSWERED, CUT)
        if served:
            start = entry[i] + wait[i]
            for p in range(windows):
                if edges[p] < end[i] and edges[p + 1] > start:
                    busy[p, group[i]] += min(end[i], edges[p + 1]) - max(start, edges[p])
        p = _interval(edges, arrival[i])
        if p < 0 or state == ELSEWHERE:
            continue
        q = queue[i]
        row = service[p, q]
        if state == CONTAINED:
            row[CONTAINS] += 1.0
            continue
        row[OFFERED] += 1.0
        if state == BLOCKED:
            row[BLOCKS] += 1.0
            lost[p, source[i], home[q]] += 1.0
            continue
        if wait[i] > 0.0 or not served:
            row[DELAYED] += 1.0
        if offered[i] <= awt[q]:
            row[VIRTUAL] += 1.0
        stayed = wait[i] < np.inf
        if stayed:
            row[WAIT_ALL] += wait[i]
            waited[p, source[i], home[q]] += wait[i]
            lo, hi = curve_start[q], curve_start[q + 1]
            if hi > lo:
                cost[p, source[i], home[q]] += np.interp(wait[i], curve_wait[lo:hi], curve_cost[lo:hi])
                if wait[i] > curve_wait[hi - 1] and hi - lo > 1:
                    slope = (curve_cost[hi - 1] - curve_cost[hi - 2]) / (curve_wait[hi - 1] - curve_wait[hi - 2])
                    cost[p, source[i], home[q]] += slope * (wait[i] - curve_wait[hi - 1])
        if served:
            row[ANSWERS] += 1.0
            row[WAIT_ANSWERED] += wait[i]
            spent = end[i] - arrival[i] if response[q] else wait[i]
            if spent <= awt[q]:
                row[IN_TIME] += 1.0
            answered[p, source[i], group[i]] += 1.0
            if state == CUT:
                row[CUTS] += 1.0
            if sale[i] in (SOLD, REFUSED, HANDED):
                row[OFFERS] += 1.0
            if sale[i] == SOLD:
                row[SALES] += 1.0
                sold[p, source[i], group[i]] += 1.0
        else:
            lost[p, source[i], home[q]] += 1.0
            if state == ABANDONED:
                row[LOST] += 1.0
                if wait[i] <= awt[q]:
                    row[EARLY] += 1.0
    return service, busy, answered, lost, sold, waited, cost


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
    queues = tables.q_home.size
    if response is None:
        response = np.zeros(queues, dtype=np.bool_)
    if curves is None:
        curves = np.zeros(queues + 1, dtype=np.int64), np.zeros(0), np.zeros(0)
    columns = tuple(getattr(contacts, name) for name in (
        "source", "queue", "arrival_s", "entry_s", "wait_s", "offered_s", "status", "group", "end_s", "root", "sale"
    ))  # fmt: skip
    found = _count(
        columns, tables.q_home, tables.g_agents.size, tables.s_rate.shape[0], np.asarray(edges_s, dtype=np.float64),
        np.asarray(awt_s, dtype=np.float64), response, *curves,
    )  # fmt: skip
    names = ("service", "busy_s", "answered", "lost", "sold", "wait_all", "displeasure")
    return Tally(**dict(zip(names, found, strict=True)))
