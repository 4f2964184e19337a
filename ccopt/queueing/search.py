"""Agents for targets by asking the model itself: lines, redials, loss systems and any other model of one pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccopt.errors import UnattainableError, UnstableError
from ccopt.kpis import Target
from ccopt.queueing.interface import QueueModel
from ccopt.queueing.judging import attained, bound_of, judged
from ccopt.queueing.solving import entry_of, shape_of

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def meeting(model: QueueModel, agents: Ints, target: Target) -> Bools:
    """Whether a target is met, per entry; not where there is no steady state."""
    bound, sign = bound_of(target)
    n: Any = agents if agents.ndim else int(agents)
    try:
        found = np.asarray(attained(judged(model, n, target), target), dtype=float)
    except UnstableError:
        if agents.ndim == 0:
            return np.array(False)
        return np.array([bool(meeting(entry_of(model, i), np.asarray(v), target)) for i, v in np.ndenumerate(agents)]).reshape(
            agents.shape
        )
    return np.asarray(sign * (found - bound) >= 0.0)


def _all_met(model: QueueModel, agents: Ints, targets: Sequence[Target]) -> Bools:
    met = np.ones(agents.shape, dtype=bool)
    for target in targets:
        met &= meeting(model, agents, target)
    return met


def required_by_search(model: QueueModel, targets: Sequence[Target], most: int) -> int | Ints:
    """Fewest whole agents, by doubling and halving in all entries at once.

    Raises
    ------
    UnattainableError
        Where even as many agents as lines, or ``most``, miss a target; ``limit`` is the indicator there.
    """
    shape = shape_of(model)
    lines = getattr(model, "lines", None)
    top = np.full(shape, most, dtype=np.int64)
    if lines is not None:
        top = np.broadcast_to(np.minimum(np.asarray(lines, dtype=np.int64), most), shape).copy()
    busy = np.broadcast_to(np.asarray(getattr(model, "contacts_per_hour", 1.0), dtype=float) > 0.0, shape)
    low, high = np.zeros(shape, dtype=np.int64), np.minimum(np.ones(shape, dtype=np.int64), top)
    met = _all_met(model, high, targets)
    while not met.all():
        stuck = ~met & (high >= top)
        if stuck.any():
            _refuse(model, targets, high, tuple(int(i) for i in np.argwhere(stuck)[0]))
        low = np.where(met, low, high)
        high = np.where(met, high, np.minimum(2 * high, top))
        met = met | _all_met(model, high, targets)
    while (high - low > 1).any():
        middle = np.maximum((low + high) // 2, 1)
        kept = _all_met(model, middle, targets)
        low, high = np.where(kept, low, middle), np.where(kept, middle, high)
    found = np.where(busy, high, 0)
    return int(found) if found.ndim == 0 else np.asarray(found, dtype=np.int64)


def _refuse(model: QueueModel, targets: Sequence[Target], agents: Ints, index: tuple[int, ...]) -> None:
    """Say what can be attained with as many agents as there are lines."""
    one = entry_of(model, index)
    n = int(agents[index])
    where = f"entry [{', '.join(map(str, index))}]: " if index else ""
    for target in targets:
        if not bool(meeting(one, np.asarray(n), target)):
            try:
                limit = float(np.asarray(attained(judged(one, n, target), target)))
            except UnstableError:
                limit = None
            reach = "no steady state" if limit is None else f"{limit:.6g}"
            what = f"the {n} lines" if getattr(one, "lines", None) is not None else f"{n} agents"
            msg = f"{where}{target} is not met even with as many agents as {what}; attainable is {reach}"
            if getattr(one, "lines", None) is not None:
                msg += "; give more lines or a looser target"
            raise UnattainableError(msg, limit=limit)
