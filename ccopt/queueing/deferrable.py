"""Deferrable work with a due time: backlog and answers in time when capacity changes over the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.errors import UnattainableError
from ccopt.queueing.checking import number, numbers, refuse, together

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Deferrable work through the intervals; arrays of shape (T,).

    ``answered_in_time`` is the share of the interval's arrivals finished within the due time, ``response_s`` their mean
    time to the answer, ``longest_s`` the longest; infinite where work is left at the end. ``backlog`` is the number of
    open contacts at the end of each interval, ``occupancy`` work done over agent time.
    """

    answered_in_time: Floats
    response_s: Floats
    longest_s: Floats
    backlog: Floats
    occupancy: Floats


def deferrable_backlog(
    contacts_per_hour: ArrayLike, agents: ArrayLike, *, aht_s: float, interval_s: float, due_s: float, open_contacts: float = 0.0
) -> Backlog:
    r"""First come, first served fluid of work that nobody abandons (e-mail, post, social, back office).

    Arrivals and capacity flow evenly within each interval. With A the cumulated arrivals and D the cumulated departures,
    a contact that is number x in line waits :math:`D^{-1}(x) - A^{-1}(x)`, and takes its handle time.

    Parameters
    ----------
    contacts_per_hour, agents
        Shape (T,), or one number of agents; agents may be real (those who are left over from calls) and 0 at night.
    aht_s, interval_s, due_s
        Handle time, length of an interval, due time from arrival to answer, in seconds.
    open_contacts
        Contacts that are open at the start, older than all arrivals.

    Notes
    -----
    Chance is left out: right for due times of many handle times, as for work due in hours; for due times near the handle
    time use Erlang C with an acceptable wait of due time less handle time.

    References
    ----------
    G. F. Newell (1982), Applications of Queueing Theory, chapter 2 (cumulative arrivals and departures).

    Examples
    --------
    A hundred mails come in the first of two hours; five agents need five minutes for each:

    >>> found = deferrable_backlog([100, 0], 5, aht_s=300, interval_s=3600, due_s=1800)
    >>> found.backlog, found.answered_in_time.round(3)
    (array([40.,  0.]), array([0.625, 1.   ]))
    """
    rates, staff = together(contacts_per_hour=numbers("contacts_per_hour", contacts_per_hour), agents=numbers("agents", agents))
    if rates.ndim != 1 or rates.size == 0:
        msg = f"contacts_per_hour = {contacts_per_hour!r}: must be a list of rates, one per interval"
        raise ValueError(msg)
    aht, length = (number(n, v, above=0.0) for n, v in (("aht_s", aht_s), ("interval_s", interval_s)))
    due, start = number("due_s", due_s), number("open_contacts", open_contacts)
    arrive, serve = rates / 3600.0, staff / aht
    times, done, open_now = [0.0], [0.0], start
    backlog = np.empty(rates.size)
    for i in range(rates.size):
        empty = open_now / (serve[i] - arrive[i]) if serve[i] > arrive[i] else np.inf
        step = min(empty, length)
        pieces = [(step, serve[i] if open_now > 0.0 else min(serve[i], arrive[i])), (length - step, min(serve[i], arrive[i]))]
        for duration, speed in pieces:
            if duration > 0.0:
                times.append(times[-1] + duration)
                done.append(done[-1] + speed * duration)
        open_now = max(open_now + (arrive[i] - serve[i]) * step, 0.0) if step < np.inf else open_now
        open_now = 0.0 if step < length else open_now
        backlog[i] = open_now
    came = start + np.concatenate([[0.0], np.cumsum(arrive * length)])
    rows = [_interval(i, came, length, (np.array(times), np.array(done)), aht=aht, due=due) for i in range(rates.size)]
    work = np.diff(np.interp(np.arange(rates.size + 1) * length, times, done)) * aht
    return Backlog(
        answered_in_time=np.array([r[0] for r in rows]), response_s=np.array([r[1] for r in rows]),
        longest_s=np.array([r[2] for r in rows]), backlog=backlog,
        occupancy=np.divide(work, staff * length, out=np.zeros_like(work), where=staff > 0.0),
    )  # fmt: skip


def _interval(
    i: int, came: Floats, length: float, departures: tuple[Floats, Floats], *, aht: float, due: float
) -> tuple[float, float, float]:
    """Share in time, mean and longest response of the arrivals of interval i."""
    times, done = departures
    low, high = float(came[i]), float(came[i + 1])
    if high <= low:
        return 1.0, aht, aht
    marks = np.unique(np.concatenate([[low, high], done[(done > low) & (done < high)]]))
    arrival = i * length + (marks - low) / (high - low) * length
    leave = _leaves(marks, times, done)
    wait = np.maximum(leave - arrival, 0.0)
    limit = max(due - aht, 0.0)
    share, total, longest = 0.0, 0.0, 0.0
    for k in range(marks.size - 1):
        a, b, weight = wait[k], _before(marks[k + 1], times, done) - arrival[k + 1], (marks[k + 1] - marks[k]) / (high - low)
        b = max(b, 0.0)
        longest = max(longest, a, b)
        if np.isinf(a) or np.isinf(b):
            total = np.inf
            continue
        within = 1.0 if max(a, b) <= limit else 0.0 if min(a, b) >= limit else (limit - min(a, b)) / abs(b - a)
        share += weight * within
        total += weight * 0.5 * (a + b)
    return share, total + aht, float(longest) + aht


def _leaves(marks: Floats, times: Floats, done: Floats) -> Floats:
    """When the work just after each mark is taken: the last time with that many departures."""
    k = np.searchsorted(done, marks, side="right")
    inside = k < done.size
    k = np.minimum(k, done.size - 1)
    slope = np.divide(times[k] - times[k - 1], done[k] - done[k - 1], out=np.zeros_like(marks), where=done[k] > done[k - 1])
    found = times[k - 1] + (marks - done[k - 1]) * slope
    return np.where(inside, found, np.where(marks <= done[-1] * (1.0 + 1e-12), times[-1], np.inf))


def _before(mark: float, times: Floats, done: Floats) -> float:
    """When the work just before a mark is taken: the first time with that many departures."""
    if mark > done[-1] * (1.0 + 1e-12) + 1e-12:
        return float(np.inf)
    k = int(np.searchsorted(done, mark * (1.0 - 1e-15), side="left"))
    if k == 0 or k >= done.size:
        return float(times[min(k, done.size - 1)])
    return float(times[k - 1] + (mark - done[k - 1]) / (done[k] - done[k - 1]) * (times[k] - times[k - 1]))


def deferrable_agents(
    contacts_per_hour: ArrayLike, *, aht_s: float, interval_s: float, due_s: float, share: float = 0.9, open_hours: ArrayLike = 1.0
) -> float:
    """Constant number of agents (real) in the open intervals that answers a share of all contacts within the due time.

    ``open_hours`` is 1 or 0 per interval (or the share of the staff that is present).

    Raises
    ------
    UnattainableError
        Contacts that come when the rest of the day is closed cannot be answered in time.

    Examples
    --------
    >>> round(deferrable_agents([100, 0], aht_s=300, interval_s=3600, due_s=1800, share=1.0), 3)
    5.882
    """
    rates, given = numbers("contacts_per_hour", contacts_per_hour), numbers("open_hours", open_hours)
    for name, value in (("aht_s", aht_s), ("interval_s", interval_s)):
        number(name, value, above=0.0)
    number("due_s", due_s)
    if given.shape not in ((), rates.shape):
        refuse("open_hours", open_hours, "must be one number, or one per interval")
    present = np.broadcast_to(given, rates.shape)
    wanted = number("share", share)
    if wanted > 1.0:
        msg = f"share = {wanted:g}: must be a share between 0 and 1"
        raise ValueError(msg)
    total = float(rates.sum())

    def attained(n: float) -> float:
        found = deferrable_backlog(rates, n * present, aht_s=aht_s, interval_s=interval_s, due_s=due_s)
        return float(rates @ found.answered_in_time) / total if total > 0.0 else 1.0

    least = float(present[present > 0.0].min()) if (present > 0.0).any() else 1.0
    high = 4.0 * max(float(rates.sum()) * float(aht_s) / 3600.0 / least, 1e-9)
    if attained(high) < wanted - 1e-12:
        msg = f"share = {wanted:g}: attainable is {attained(high):.6g}, contacts come when nobody is there before they are due"
        raise UnattainableError(msg, limit=attained(high))
    low = 0.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if attained(middle) >= wanted - 1e-12 else (middle, high)
    return high
