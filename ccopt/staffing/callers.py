"""Callers who are rung back, and callers who are served by rank: groups that stand on the group model or beside it.

**Call-back** (virtual hold): of those who must wait, a share hangs up, keeps its place and never leaves; ringing back takes
an agent r seconds. As only who waits can leave, the wait is that of the group model with two kinds of patience, and the
mean handle time is

    h = h0 + r W sum(rates x accept) / sum(rates x answered),     W = probability to wait

a fixed point (`ccopt.queueing.models.virtual_hold` with everybody reached; Armony and Maglaras 2004). **Ranks**: exact
non-preemptive priorities where handle times and patience are alike (`ccopt.queueing.models.priority`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing import GroupPerformance
from ccopt.queueing.models.priority import priority_rows
from ccopt.staffing.group_types import TypeInGroup

Floats = NDArray[np.float64]
Model = Callable[..., GroupPerformance]
PASSES, CLOSE = 200, 1e-12
PER_CONTACT = ("answered_in_time", "abandonment", "abandoned_early", "virtual", "mean_wait_s")


def asked(
    kinds: Sequence[TypeInGroup], rates: Floats, agents: int, awt_s: Floats, model: Model, aht_s: float | None = None
) -> GroupPerformance:
    """The group model of contact types in order of arrival, call-backs included; ``aht_s`` replaces all handle times."""
    aht = _handle_times(kinds, aht_s)
    if not any(k.accept for k in kinds):
        return model(rates, aht, patience_s=_patience(kinds), agents=agents, awt_s=awt_s)
    found, _ = _with_ringing(kinds, rates, aht, agents, awt_s, model)
    return replace(found, load=float(rates @ aht) / 3600.0)


def one_server(
    kinds: Sequence[TypeInGroup], rates: Floats, agents: int, awt_s: Floats, model: Model, aht_s: float | None = None
) -> GroupPerformance:
    """`asked` before one server as fast as all agents: the same waits of those who must wait, who are more; loads of the group.

    See `ccopt.queueing.floors`. Agents, at least one.
    """
    handle = float(rates @ _handle_times(kinds, aht_s)) / float(rates.sum())
    if any(k.accept for k in kinds):
        handle = _with_ringing(kinds, rates, _handle_times(kinds, aht_s), agents, awt_s, model)[1]
    parts, used, stay, wait, accept = _parts(kinds, rates, awt_s)
    found = model(parts[used], np.full(int(used.sum()), handle / agents), patience_s=stay, agents=1, awt_s=wait)
    return replace(
        _joined(found, used, accept), load=found.load * agents, carried_load=found.carried_load * agents
    )  # fmt: skip


def _handle_times(kinds: Sequence[TypeInGroup], aht_s: float | None) -> Floats:
    return np.array([k.aht_s for k in kinds]) if aht_s is None else np.full(len(kinds), aht_s)


def _patience(kinds: Sequence[TypeInGroup]) -> Floats:
    return np.array([k.patience_s for k in kinds])


def _parts(kinds: Sequence[TypeInGroup], rates: Floats, awt_s: Floats) -> tuple[Floats, NDArray[np.bool_], Floats, Floats, Floats]:
    """Rates of those on the line and those rung back; which are in use, and of these patience and wait; shares that accept."""
    accept = np.array([k.accept for k in kinds])
    parts = np.concatenate([rates * (1.0 - accept), rates * accept])
    used = parts > 0.0
    stay = np.concatenate([_patience(kinds), np.full(len(kinds), math.inf)])[used]
    return parts, used, stay, np.tile(awt_s, 2)[used], accept


def _with_ringing(
    kinds: Sequence[TypeInGroup], rates: Floats, aht: Floats, agents: int, awt_s: Floats, model: Model
) -> tuple[GroupPerformance, float]:
    """The queue with call-backs, and its mean handle time: a fixed point."""
    parts, used, stay, wait, accept = _parts(kinds, rates, awt_s)
    ringing = float(rates @ np.array([k.accept * k.ring_back_s for k in kinds]))
    alone = float(rates @ aht) / float(rates.sum())
    handle = alone
    for _ in range(PASSES):
        found = model(parts[used], np.full(int(used.sum()), handle), patience_s=stay, agents=agents, awt_s=wait)
        served = float(parts[used] @ (1.0 - found.abandonment))
        longer = alone + found.delay_probability * ringing / served if served > 0.0 else alone
        if not found.stable or longer - handle <= CLOSE * handle:
            break
        handle = longer
    return _joined(found, used, accept), handle


def _joined(found: GroupPerformance, used: NDArray[np.bool_], accept: Floats) -> GroupPerformance:
    """Both parts of each contact type together."""
    size = len(accept)
    weight = np.stack([1.0 - accept, accept]) * used.reshape(2, size)

    def wide(values: Floats) -> Floats:
        out = np.zeros(2 * size)
        out[used] = values
        return out.reshape(2, size)

    mean = {name: (weight * wide(getattr(found, name))).sum(axis=0) for name in PER_CONTACT}
    answered = weight * (1.0 - wide(found.abandonment))
    with np.errstate(invalid="ignore"):
        asa = np.where(answered.sum(axis=0) > 0.0, (answered * wide(found.asa_s)).sum(axis=0) / answered.sum(axis=0), 0.0)
    return replace(found, **mean, asa_s=asa)


def ranked(
    kinds: Sequence[TypeInGroup], rates: Floats, agents: int, awt_s: Floats, model: Model
) -> GroupPerformance:
    """Exact priorities of types alike in handle time and patience; types of one priority wait in order of arrival."""
    handle, patience = kinds[0].aht_s, kinds[0].patience_s
    load = float(rates.sum()) * handle / 3600.0
    if agents <= 0 or (math.isinf(patience) and load >= agents):
        return asked(kinds, rates, agents, awt_s, model)
    order = sorted({k.priority for k in kinds})
    rank = np.array([order.index(k.priority) for k in kinds])
    total = np.bincount(rank, weights=rates) / 3600.0
    rows = {w: priority_rows(total, handle, patience, agents=agents, awt_s=w) for w in {float(w) for w in awt_s}}
    mine = [rows[float(w)][r] for w, r in zip(awt_s, rank, strict=True)]
    lost = np.array([r.abandonment for r in mine])
    carried = float(rates @ (1.0 - lost)) * handle / 3600.0
    return GroupPerformance(
        answered_in_time=np.array([r.in_time for r in mine]), abandonment=lost,
        abandoned_early=np.array([r.early for r in mine]), virtual=np.array([r.virtual for r in mine]),
        asa_s=np.array([r.served_wait_s for r in mine]) / (1.0 - lost), mean_wait_s=np.array([r.mean_wait_s for r in mine]),
        delay_probability=mine[0].wait, occupancy=carried / agents, load=load, carried_load=carried, stable=True,
    )  # fmt: skip
