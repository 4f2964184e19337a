"""Agents at work, read off what they did.

Logs name who served each contact but not who was logged in. An agent counts as present while serving, and between two
services of one day while nobody waits: an agent without work beside a waiting customer is on a break. Before the first
and after the last service of a day nothing is known and nothing is assumed. ``longest_gap_s`` ends a shift.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SECONDS_PER_DAY = 86_400
SPILL = 4 * 3600  # services that run past midnight


def _seconds(times: pd.Series, day: pd.Timestamp) -> NDArray[np.int64]:
    return np.asarray((times - day).dt.total_seconds().round(), dtype=np.int64)


def _waiting(contacts: pd.DataFrame, day: pd.Timestamp) -> NDArray[np.int64]:
    """Customers in queue in each second of a day."""
    queued = contacts[contacts["wait_s"] > 0]
    steps = np.zeros(SECONDS_PER_DAY + SPILL + 1, dtype=np.int64)
    start = _seconds(queued["arrived"], day)
    end = np.minimum(start + queued["wait_s"].to_numpy(dtype=np.int64), steps.size - 1)
    np.add.at(steps, start, 1)
    np.add.at(steps, end, -1)
    return np.cumsum(steps)


def agents_present(
    contacts: pd.DataFrame, *, minutes: int = 30, longest_gap_s: float = np.inf, ignore_while_waiting: bool = True
) -> pd.DataFrame:
    """Mean number of agents at work per day (rows) and interval (columns, minutes after midnight).

    Parameters
    ----------
    contacts
        Frame of a `ContactLog` (one queue: agents of separate groups in separate calls).
    minutes
        Length of an interval; divides a day.
    longest_gap_s
        Idle time after which an agent counts as gone home.
    ignore_while_waiting
        Whether idle time beside waiting customers counts as a break (see the module).
    """
    served = contacts[contacts["answered"] & contacts["agent"].notna() & (contacts["handle_s"] > 0)]
    rows: dict[pd.Timestamp, NDArray[np.float64]] = {}
    for day, block in contacts.groupby(contacts["arrived"].dt.normalize()):
        stamp = pd.Timestamp(str(day))
        free = _waiting(block, stamp) == 0 if ignore_while_waiting else np.ones(SECONDS_PER_DAY + SPILL + 1, dtype=bool)
        mine = served.loc[served.index.intersection(block.index)]
        present = np.zeros(SECONDS_PER_DAY + SPILL + 1)
        for _, work in mine.groupby("agent"):
            present += _one_agent(work, stamp, free, longest_gap_s)
        rows[stamp] = present[:SECONDS_PER_DAY].reshape(-1, 60 * minutes).mean(axis=1)
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(range(0, 1440, minutes)))


def _one_agent(
    work: pd.DataFrame, day: pd.Timestamp, free: NDArray[np.bool_], longest_gap_s: float
) -> NDArray[np.float64]:
    present = np.zeros(free.size)
    start = _seconds(work["arrived"] + pd.to_timedelta(work["wait_s"], unit="s"), day)
    order = np.argsort(start, kind="stable")
    start = start[order]
    end = np.minimum(start + work["handle_s"].to_numpy(dtype=np.int64)[order], free.size)
    for i in range(start.size):
        present[start[i] : end[i]] = 1.0
        if i + 1 < start.size and 0 < start[i + 1] - end[i] <= longest_gap_s:
            gap = slice(end[i], start[i + 1])
            present[gap] = np.maximum(present[gap], free[gap])
    return present
