"""The queue of one agent group, chosen by what its contact types are: calls, chats, background work.

- calls (and any mix): the group model, first come, first served M/M/n+G with the mean handle time;
- types of unlike priority: exact non-preemptive ranks where handle times and patience are alike (`callers.ranked`), else
  controlled simulation (`simulated_ranks`); chats and types beside background work are served in the order of arrival;
- call-back: who accepts never leaves, and ringing back takes time (`callers.asked`);
- chats alike: several at once, exact chain by levels (`ccopt.queueing.floors.chat_performance`); chats mixed with other
  types take 1/c of an agent for the handle time of c chats;
- background work beside others: a threshold, so that idle agents do it (`ccopt.queueing.floors.blended_performance`),
  with the mean handle time of all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ccopt.kpis import MaxAbandonment, MaxAsa, MaxOccupancy, MaxResponse, ServiceLevel, Target, service_level_of
from ccopt.queueing import GroupPerformance, group_performance
from ccopt.queueing.controlled.effort import RunOptions
from ccopt.queueing.floors import blended_performance, chat_performance
from ccopt.staffing.callers import asked, one_server, ranked
from ccopt.staffing.group_types import TypeInGroup, are_chats, is_blended, is_ranked, is_simulated
from ccopt.staffing.simulated_ranks import DEFAULT, SimulatedPerformance, simulated

Floats = NDArray[np.float64]
Model = Callable[..., GroupPerformance]
TOLERANCE = 1e-12
LOAD_TOLERANCE = 1e-6
STEPS = 60


def queue_of(
    kinds: Sequence[TypeInGroup], rates: Floats, agents: int, awt_s: Floats, model: Model = group_performance,
    options: RunOptions = DEFAULT,
) -> GroupPerformance:  # fmt: skip
    """Indicators of a group for the contact types in use (all rates above 0); ``options`` where it must be simulated."""
    if kinds and is_blended(kinds):
        return _blended(kinds, rates, agents, awt_s, model)
    if kinds and is_ranked(kinds):
        return ranked(kinds, rates, agents, awt_s, model)
    if kinds and are_chats(kinds) and agents > 0:
        beneath = one_server(kinds, rates, agents, awt_s, model)
        return chat_performance(beneath, contacts_per_hour=float(rates.sum()), agents=agents, levels_s=kinds[0].levels_s)
    found = asked(kinds, rates, agents, awt_s, model)
    if kinds and is_simulated(kinds) and agents > 0 and found.stable:
        return simulated(kinds, rates, agents, awt_s, options)
    return found


def _blended(
    kinds: Sequence[TypeInGroup], rates: Floats, agents: int, awt_s: Floats, model: Model, reserve: int | None = None
) -> GroupPerformance:
    """Foreground with the largest threshold that still does the background work in time.

    Background work without a promise is done at the pace at which it arrives; its wait is then not defined (infinite).
    """
    behind = np.array([k.background for k in kinds])
    aht = np.array([k.aht_s for k in kinds])
    handle = float(rates @ aht) / float(rates.sum())
    front = [k for k in kinds if not k.background]
    y, x = float(rates[behind] @ aht[behind]) / 3600.0, float(rates[~behind] @ aht[~behind]) / 3600.0
    alone = one_server(front, rates[~behind], max(agents, 1), awt_s[~behind], model, handle)
    part = max(_needed(k, y, handle) for k in kinds if k.background)
    busy = float(rates[~behind].sum()) * handle / 3600.0
    scale = float(rates[behind].sum()) * handle / 3600.0 / y  # background erlangs at the mean handle time of all
    found, threshold = blended_performance(alone, load=busy, agents=agents, background=part * scale)
    if reserve is not None and math.floor(threshold) < reserve:
        threshold = -1.0
    shape = len(kinds)
    if threshold < 0:
        return replace(asked(kinds, rates, 0, awt_s, model), occupancy=1.0 if agents else 0.0, load=x + y,
                       carried_load=min(float(agents), x + y), stable=False)  # fmt: skip

    def both(values: Floats, other: float | Floats) -> Floats:
        out = np.empty(shape)
        out[~behind], out[behind] = values, other
        return out

    spare = max(part - y, 0.0) / handle
    late = y / part * np.exp(-np.minimum(spare * awt_s[behind], 700.0))
    wait = y / part / spare if spare > 0.0 else math.inf
    lost = rates[~behind] @ (aht[~behind] * found.abandonment) / 3600.0
    carried = x - float(lost) + y
    return GroupPerformance(
        answered_in_time=both(found.answered_in_time, 1.0 - late), abandonment=both(found.abandonment, 0.0),
        abandoned_early=both(found.abandoned_early, 0.0), virtual=both(found.virtual, 1.0 - late),
        asa_s=both(found.asa_s, wait), mean_wait_s=both(found.mean_wait_s, wait),
        delay_probability=found.delay_probability, occupancy=carried / agents if agents else 0.0, load=x + y,
        carried_load=carried, stable=True,
    )  # fmt: skip


def largest_reserve(kinds: Sequence[TypeInGroup], rates: Floats, agents: int) -> int:
    """Most agents to keep free of background work so that it is still done in time; 0 where there is none beside others.

    Rates of all types in use, all above 0.
    """
    low, high = 0, agents
    if not kinds or not is_blended(kinds):
        return 0
    while high > low:
        middle = (low + high + 1) // 2
        found = _blended(kinds, rates, agents, np.full(len(kinds), 20.0), group_performance, middle)
        low, high = (middle, high) if found.stable else (low, middle - 1)
    return low


def _needed(kind: TypeInGroup, load: float, handle_s: float) -> float:
    """Erlangs of background capacity so that a response time holds: load / X exp(-(X - load) r / h) <= 1 - share."""
    needed = load
    for t in kind.targets:
        if isinstance(t, MaxResponse):
            wait, late = wait_of(t, kind.aht_s), max(1.0 - t.share, TOLERANCE)
            low, high = load, load + handle_s / max(wait, 1e-9) * 40.0 + load
            for _ in range(STEPS):
                x = 0.5 * (low + high)
                if load / x * math.exp(-min((x - load) * wait / handle_s, 700.0)) > late:
                    low = x
                else:
                    high = x
            needed = max(needed, high)
    return needed


def keeps(kinds: Sequence[TypeInGroup], rates: Floats, agents: int, model: Model = group_performance) -> bool:
    """Whether all targets of all types in use hold; without targets, whether the agents carry the load."""
    load = sum(float(r) * k.aht_s for r, k in zip(rates, kinds, strict=True)) / 3600.0
    targets = [(i, t) for i, k in enumerate(kinds) for t in k.targets]
    if not targets and not is_blended(kinds) and not are_chats(kinds) and not any(k.accept for k in kinds):
        return agents >= load * (1.0 - LOAD_TOLERANCE)
    waits = [wait_of(t, kinds[i].aht_s) for i, t in targets] or [20.0]
    for awt in sorted(set(waits)):
        found = queue_of(kinds, rates, agents, np.full(len(kinds), awt), model)
        if not found.stable:
            return False
        if not all(_met(found, i, t) for (i, t), w in zip(targets, waits, strict=False) if w == awt):
            return False
    return True


def wait_of(target: Target, aht_s: float) -> float:
    """The wait at which a target looks: its own, a response time less the handle time, 20 s without either."""
    if isinstance(target, ServiceLevel):
        return target.awt_s
    if isinstance(target, MaxResponse):
        return max(0.0, target.max_response_h * 3600.0 - aht_s)
    return 20.0


def _met(found: GroupPerformance, i: int, target: Target) -> bool:
    """Whether a target holds; by the unfavourable end of the interval where the group was simulated."""
    width = found.half_width if isinstance(found, SimulatedPerformance) else {}

    def unsure(name: str) -> float:
        return float(width[name][i]) if name in width else 0.0

    if isinstance(target, ServiceLevel):
        answered, early = 1.0 - float(found.abandonment[i]), float(found.abandoned_early[i])
        level = service_level_of(
            target.basis, answered_in_time=float(found.answered_in_time[i]), answered=answered,
            abandoned_early=early, virtual=float(found.virtual[i]),
        )  # fmt: skip
        of = {"answered": answered, "offered_less_early_abandons": 1.0 - early}.get(target.basis, 1.0)
        return level is not None and level - unsure("service_level") / of >= target.at_least - TOLERANCE
    if isinstance(target, MaxResponse):
        return float(found.answered_in_time[i]) - unsure("service_level") >= target.share - TOLERANCE
    if isinstance(target, MaxAsa):
        return float(found.asa_s[i]) + unsure("asa_s") <= target.at_most_s + TOLERANCE
    if isinstance(target, MaxAbandonment):
        return float(found.abandonment[i]) + unsure("abandonment") <= target.at_most + TOLERANCE
    if isinstance(target, MaxOccupancy):
        more = float(width["occupancy"][0]) if width else 0.0
        return found.carried_load > 0.0 and found.occupancy + more <= target.at_most + TOLERANCE
    return True


def most_load(
    kinds: Sequence[TypeInGroup], share: Floats, agents: int, *, start: float, tolerance: float
) -> tuple[float, float]:
    """Largest load that agents certify for a mix of load shares: (certified, not certified), apart by the tolerance."""
    per_erlang = share / np.array([k.aht_s for k in kinds]) * 3600.0
    low, step = start, 1.5
    if start > 0.0 and not keeps(kinds, per_erlang * start, agents):
        low = 0.0
    while keeps(kinds, per_erlang * (low + step), agents):
        low, step = low + step, 1.5 * step
    high = low + step
    while high - low > tolerance * max(high, 1e-9):
        middle = 0.5 * (low + high)
        if keeps(kinds, per_erlang * middle, agents):
            low = middle
        else:
            high = middle
    return low, high
