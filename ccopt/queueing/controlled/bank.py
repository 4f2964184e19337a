"""Random numbers of a period, drawn once per seed and reused for every design (common random numbers)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.controlled.call_kernel import Calls
from ccopt.queueing.controlled.period_lines import PeriodLines

Floats = NDArray[np.float64]

MOST_NUMBERS = 12_000_000  # kept, of 8 bytes each


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Unit exponentials and uniforms: times between N arrivals, their line, and for M slots service, patience, fate."""

    between: Floats
    line: Floats
    service: Floats
    patience: Floats
    fate: Floats


class Bank:
    """Keeps the latest draws, so that designs of one scenario are compared on the same luck; threads may share it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int, int, int, bool], Units] = OrderedDict()
        self._lock = Lock()

    def units(self, seed: int, period: int, contacts: int, *, slots: int, flipped: bool) -> Units:
        """Draws of one stream; ``flipped`` is the antithetic stream (u becomes 1 - u)."""
        key = (seed, period, contacts, slots, flipped)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, period])))
        u = rng.random((2, contacts)), rng.random((3, slots))
        outer, inner = (1.0 - a if flipped else a for a in u)
        made = Units(between=_exponential(outer[0]), line=outer[1], service=_exponential(inner[0]),
                     patience=_exponential(inner[1]), fate=inner[2])  # fmt: skip
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > 1 and sum(2 * n + 3 * m for _, _, n, m, _ in self._kept) > MOST_NUMBERS:
                self._kept.popitem(last=False)
        return made


def _exponential(u: Floats) -> Floats:
    found: Floats = -np.log1p(-np.clip(u, 1e-16, 1.0 - 1e-16))
    return found


def scaled_calls(lines: PeriodLines, units: Units) -> Calls:
    """Calls of a period: Poisson arrivals at the total rate, lines by their shares."""
    rate = lines.outside / 3600.0
    total = float(rate.sum())
    until = np.cumsum(rate) / total
    until[np.flatnonzero(rate)[-1] :] = 1.0
    line = np.searchsorted(until, units.line, side="right").astype(np.int64)
    return Calls(np.cumsum(units.between) / total, line, units.service, units.patience, units.fate)
