"""Compiled searches on rows: agents for targets, largest load for agents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.kpis import (
    BASES,
    MaxAbandonment,
    MaxAsa,
    MaxBlocking,
    MaxOccupancy,
    MaxResponse,
    ServiceLevel,
    Target,
)
from ccopt.queueing.compiler import compiled
from ccopt.queueing.rows import erlang_a_row, erlang_c_row

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SERVICE, ASA, ABANDONMENT, OCCUPANCY = 0, 1, 2, 3
HOUR = 3600.0
BISECTIONS = 200
ROUNDING = 1e-14  # a load that is turned into a rate and back keeps its targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Targets as numbers: kind, bound, acceptable wait and basis."""

    kind: Ints
    bound: Floats
    awt_s: Floats
    basis: Ints


def encode(targets: Sequence[Target], aht_s: float) -> Codes:
    """Targets as numbers for compiled searches.

    Blocking never binds without finite lines. A response time counts as a service level: answered within the response
    time less the handle time.
    """
    rows: list[tuple[int, float, float, int]] = []
    for target in targets:
        if isinstance(target, ServiceLevel):
            rows.append((SERVICE, target.at_least, target.awt_s, BASES.index(target.basis)))
        elif isinstance(target, MaxAsa):
            rows.append((ASA, target.at_most_s, 0.0, 0))
        elif isinstance(target, MaxAbandonment):
            rows.append((ABANDONMENT, target.at_most, 0.0, 0))
        elif isinstance(target, MaxOccupancy):
            rows.append((OCCUPANCY, target.at_most, 0.0, 0))
        elif isinstance(target, MaxResponse):
            rows.append((SERVICE, target.share, max(0.0, target.max_response_h * 3600.0 - aht_s), 0))
        elif not isinstance(target, MaxBlocking):
            msg = f"targets: {target!r} is not a target"
            raise TypeError(msg)
    return Codes(
        kind=np.array([r[0] for r in rows], dtype=np.int64), bound=np.array([r[1] for r in rows], dtype=float),
        awt_s=np.array([r[2] for r in rows], dtype=float), basis=np.array([r[3] for r in rows], dtype=np.int64),
    )  # fmt: skip


@compiled
def service_level(basis: int, in_time: float, abandonment: float, early: float, virtual: float) -> float:
    """Service level of a basis (index in `ccopt.kpis.BASES`) from shares of offered contacts; 0 where undefined."""
    if basis == 0:
        return in_time
    if basis == 4:
        return virtual
    if basis == 3:
        return in_time + early
    below = 1.0 - abandonment if basis == 1 else 1.0 - early
    return in_time / below if below > 0.0 else 0.0


@compiled
def slack(
    rate: float, aht_s: float, patience_s: float, agents: float, unit: float,
    kind: Ints, bound: Floats, awt_s: Floats, basis: Ints,
) -> tuple[float, int]:  # fmt: skip
    """Smallest distance to a target (negative: missed) and which target it is; -1 and -inf without steady state."""
    load = rate * aht_s / unit
    patient = np.isinf(patience_s)
    if rate <= 0.0:
        return math.inf, -1
    if kind.size == 0:
        return agents - load, -1
    if agents <= 0.0 or (patient and load >= agents):
        return -math.inf, -1
    worst, which, seen = math.inf, -1, -1.0
    row = (0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0)
    for i in range(kind.size):
        if seen < 0.0 or (kind[i] == 0 and awt_s[i] != seen) or (kind[i] == 1 and not patient):
            seen = awt_s[i]
            if patient:
                row = erlang_c_row(rate, aht_s, agents, seen, unit)
            else:
                row = erlang_a_row(rate, aht_s, patience_s, agents, seen, unit, kind[i] == 1)
        if kind[i] == 0:
            gap = service_level(basis[i], row[1], row[2], row[3], row[4]) - bound[i]
        elif kind[i] == 1:
            gap = bound[i] - (row[5] / row[6] if row[6] > 0.0 else math.inf)
        elif kind[i] == 2:
            gap = bound[i] - row[2]
        else:
            gap = bound[i] - load * row[6] / agents
        if gap < worst:
            worst, which = gap, i
    return worst, which


@compiled
def first_guess(load: float, aht_s: float, patience_s: float, kind: Ints, bound: Floats, awt_s: Floats) -> tuple[float, float]:
    """Agents near those that are needed, and a first step: where the search starts, without effect on what it finds.

    Where customers stay, the delay probability is nearly exp(-1.26 x - 0.275 x^2) with load + x sqrt(load) agents (a fit to
    the limit of Halfin and Whitt, within 0.04 of the logarithm for x in 0.3..2.2), so a service level is a quadratic in x.
    """
    root = math.sqrt(load)
    if not np.isinf(patience_s):
        return max(1.0, math.ceil(load)), max(1.0, math.floor(0.5 * root))
    guess = 0.0
    for i in range(kind.size):
        if kind[i] == SERVICE and bound[i] < 1.0:
            linear = 1.26 + root * awt_s[i] / aht_s
            x = (math.sqrt(linear * linear - 1.1 * math.log(1.0 - bound[i])) - linear) / 0.55
            guess = max(guess, load + x * root)
        elif kind[i] == OCCUPANCY and bound[i] > 0.0:
            guess = max(guess, load / bound[i])
    if guess <= load:
        return max(1.0, math.ceil(load + root)), max(1.0, math.floor(0.5 * root))
    return max(1.0, math.ceil(guess)), 1.0


@compiled
def fewest_agents(
    rate: float, aht_s: float, patience_s: float, most: float, unit: float,
    kind: Ints, bound: Floats, awt_s: Floats, basis: Ints,
) -> float:  # fmt: skip
    """Least whole number of agents that meets all targets (-1: more than ``most`` are needed)."""
    if rate <= 0.0:
        return 0.0
    load = rate * aht_s / unit
    if kind.size == 0:
        return math.ceil(load * (1.0 - 1e-6))
    guess, step = first_guess(load, aht_s, patience_s, kind, bound, awt_s)
    gap = slack(rate, aht_s, patience_s, guess, unit, kind, bound, awt_s, basis)[0]
    if gap >= 0.0:
        high, low, above, below = guess, guess - step, gap, -math.inf
        while low > 0.0:
            gap = slack(rate, aht_s, patience_s, low, unit, kind, bound, awt_s, basis)[0]
            if gap < 0.0:
                below = gap
                break
            high, above = low, gap
            step *= 2.0
            low = high - step
        low = max(low, 0.0)
    else:
        low, high, above, below = guess, guess + step, -1.0, gap
        while above < 0.0:
            above = slack(rate, aht_s, patience_s, high, unit, kind, bound, awt_s, basis)[0]
            if above < 0.0:
                low, below = high, above
                step *= 2.0
                high = low + step
                if low > most:
                    return -1.0
    turn = 0
    while high - low > 1.0:  # by the line between the gaps, every third time by halving
        turn += 1
        middle: float = math.floor(0.5 * (low + high))
        if turn % 3 != 0 and below > -1e300 and above < 1e300:
            middle = min(max(math.floor(low - (high - low) * below / (above - below)), low + 1.0), high - 1.0)
        gap = slack(rate, aht_s, patience_s, middle, unit, kind, bound, awt_s, basis)[0]
        if gap >= 0.0:
            high, above = middle, gap
        else:
            low, below = middle, gap
    return high


@compiled
def most_load(
    agents: float, aht_s: float, patience_s: float,
    kind: Ints, bound: Floats, awt_s: Floats, basis: Ints,
) -> float:  # fmt: skip
    """Largest load in erlangs that meets all targets as computed (never above it); 0 where none does."""
    if agents <= 0.0:
        return 0.0
    if kind.size == 0:
        return agents
    low, high = 0.0, max(agents, 1e-3)
    while slack(high, aht_s, patience_s, agents, aht_s, kind, bound, awt_s, basis)[0] >= 0.0:
        low = high
        high *= 1.5
        if high > 1e9:
            return math.inf
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high or high - low <= 4e-16 * high:
            break
        if slack(middle, aht_s, patience_s, agents, aht_s, kind, bound, awt_s, basis)[0] >= 0.0:
            low = middle
        else:
            high = middle
    return low * (1.0 - ROUNDING)


@compiled
def most_loads(
    agents: Floats, aht_s: Floats, patience_s: Floats,
    kind: Ints, bound: Floats, awt_s: Floats, basis: Ints,
) -> Floats:  # fmt: skip
    """`most_load` over flat arrays."""
    out = np.empty(agents.size)
    for i in range(agents.size):
        out[i] = most_load(agents[i], aht_s[i], patience_s[i], kind, bound, awt_s, basis)
    return out


@compiled
def fewest_agents_rows(
    rate: Floats, aht_s: Floats, patience_s: Floats, most: float,
    kind: Ints, bound: Floats, awt_s: Floats, basis: Ints,
) -> Floats:  # fmt: skip
    """`fewest_agents` over flat arrays; rates per hour."""
    out = np.empty(rate.size)
    for i in range(rate.size):
        out[i] = fewest_agents(rate[i], aht_s[i], patience_s[i], most, HOUR, kind, bound, awt_s, basis)
    return out
