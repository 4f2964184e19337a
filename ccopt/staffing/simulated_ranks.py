"""A group whose contact types differ in priority and in handle time or patience: no formula is exact, so it is simulated.

Non-preemptive ranks, in the order of arrival within a rank. The contacts are walked by the controlled simulation of
`ccopt.queueing.controlled`, with one Erlang A pool on the same contacts as control variate; who is rung back keeps the
place and never leaves. Equal seeds give equal luck to all numbers of agents and all rates, so that the fewest agents that
keep a promise can be searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing import GroupPerformance, group_performance
from ccopt.queueing.controlled.bank import Bank
from ccopt.queueing.controlled.call_kernel import AT_ONCE_S, Lines
from ccopt.queueing.controlled.control_variates import Estimate
from ccopt.queueing.controlled.effort import RunOptions, narrow_enough
from ccopt.queueing.controlled.estimates import PeriodResult, lines_of, run_lines
from ccopt.queueing.controlled.period_lines import PeriodLines
from ccopt.staffing.group_types import TypeInGroup

Floats = NDArray[np.float64]
DEFAULT = RunOptions()
KEPT = 4096
BANK = Bank()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedPerformance(GroupPerformance):
    """A group model's record with half-widths of 95 % confidence, arrays over contact types (``occupancy``: one number)."""

    half_width: dict[str, Floats] = field(default_factory=dict)


class _Part(NamedTuple):
    """Contacts of a type that are served alike; ``ways``: (opens after, handle time)."""

    kind: int
    rate: float
    priority: int
    patience_s: float
    ways: tuple[tuple[float, float], ...]


def simulated(
    kinds: Sequence[TypeInGroup], rates: Floats, agents: int, awt_s: Floats, options: RunOptions = DEFAULT
) -> SimulatedPerformance:
    """Indicators of the contact types in use (all rates above 0); the group has agents and a steady state."""
    parts = tuple(p for i, k in enumerate(kinds) for p in _parts(i, k, float(rates[i])))
    aht = tuple(k.aht_s for k in kinds)
    return _remembered(parts, aht, agents, tuple(float(w) for w in awt_s), options)


def _parts(i: int, kind: TypeInGroup, rate: float) -> list[_Part]:
    """Those who stay on the line, and those who are rung back."""
    at_once = (0.0, kind.aht_s)
    back = ((AT_ONCE_S, kind.aht_s + kind.ring_back_s), at_once) if kind.ring_back_s else (at_once,)
    both = [
        _Part(i, rate * (1.0 - kind.accept), kind.priority, kind.patience_s, (at_once,)),
        _Part(i, rate * kind.accept, kind.priority, np.inf, back),
    ]
    return [p for p in both if p.rate > 0.0]


@lru_cache(maxsize=KEPT)
def _remembered(
    parts: tuple[_Part, ...], aht_s: tuple[float, ...], agents: int, awt_s: tuple[float, ...], options: RunOptions
) -> SimulatedPerformance:
    lines = _lines(parts)
    waits = np.array([[awt_s[p.kind] for p in parts]])

    def run(contacts: int) -> PeriodResult:
        return run_lines(lines, np.array([agents]), waits, bank=BANK, stream=(options.seed, 0), contacts=contacts,
                         model=group_performance)  # fmt: skip

    result = narrow_enough(run, options.contacts, options.half_width)
    return _performance(result, np.array(aht_s), agents)


def _lines(parts: tuple[_Part, ...]) -> PeriodLines:
    """One group, a line for each part."""
    ways = [(line, after, aht) for line, p in enumerate(parts) for after, aht in p.ways]
    size, count = len(parts), len(ways)
    none = np.zeros(0, dtype=np.int64)
    owner = np.array([line for line, _, _ in ways], dtype=np.int64)
    arrays = Lines(
        priority=np.array([p.priority for p in parts], dtype=np.int64), patience_s=np.array([p.patience_s for p in parts]),
        route_start=np.searchsorted(owner, np.arange(size + 1)).astype(np.int64),
        route_group=np.zeros(count, dtype=np.int64), route_rank=np.zeros(count, dtype=np.int64),
        route_pull=np.zeros(count, dtype=np.int64), route_after_s=np.array([after for _, after, _ in ways]),
        route_aht_s=np.array([aht for _, _, aht in ways]), group_start=np.array([0, count], dtype=np.int64),
        group_line=owner, group_route=np.arange(count, dtype=np.int64), onward_start=np.zeros(size + 1, dtype=np.int64),
        onward_line=none, onward_until=np.zeros(0),
    )  # fmt: skip
    return PeriodLines(
        arrays=arrays, contact_type=np.array([p.kind for p in parts], dtype=np.int64), home=np.zeros(size, dtype=np.int64),
        outside=np.array([p.rate for p in parts]), regions=tuple({"": p.rate} for p in parts),
        inner=np.zeros(size, dtype=bool), depth=0,
    )  # fmt: skip


def _performance(result: PeriodResult, aht_s: Floats, agents: int) -> SimulatedPerformance:
    """The record of a group from its simulated lines."""
    counts = result.counts
    chosen = [lines_of(result, i) for i in range(len(aht_s))]
    rates = np.array([result.lines.outside[mine].sum() for mine in chosen])

    def each(estimates: Sequence[Estimate]) -> tuple[Floats, Floats]:
        return np.array([e.value for e in estimates]), np.array([e.half_width for e in estimates])

    level, level_width = each([result.level(mine, 0, "offered") for mine in chosen])
    lost, lost_width = each([result.abandonment(mine) for mine in chosen])
    asa, asa_width = each([result.plain(counts.wait_answered, counts.answered, mine) for mine in chosen])
    wait, wait_width = each([result.plain(counts.wait_all, counts.offered, mine) for mine in chosen])
    early, _ = each([result.plain(counts.early[0], counts.offered, mine) for mine in chosen])
    every = np.arange(len(result.lines.outside))
    busy = result.occupancy(0)
    return SimulatedPerformance(
        answered_in_time=level, abandonment=lost, abandoned_early=np.minimum(early, lost),
        virtual=np.array([result.level(mine, 0, "virtual").value for mine in chosen]), asa_s=asa, mean_wait_s=wait,
        delay_probability=result.plain(counts.delayed, counts.offered, every).value, occupancy=busy.value,
        load=float(rates @ aht_s) / 3600.0, carried_load=busy.value * agents, stable=True,
        half_width={"service_level": level_width, "abandonment": lost_width, "asa_s": asa_width, "mean_wait_s": wait_width,
                    "occupancy": np.array([busy.half_width])},
    )  # fmt: skip
