"""Waits of the simulated contacts of a design, contact by contact, for indicators that need more than counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design
from ccopt.scenario.entities import Scenario
from ccopt.simulation.arrivals import Banks
from ccopt.simulation.contacts import Simulator
from ccopt.simulation.judge import seed_of, window_of
from ccopt.simulation.records import ABANDONED, ANSWERED, BLOCKED, NEVER_ANSWERED
from ccopt.simulation.translate import NO_AGENT, SALE, Translator

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeWaits:
    """Wait (N,) of contacts of one type and whether they were answered; who never is waits for ever."""

    wait_s: Floats
    answered: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Contacts of one period that arrived within ``hours``."""

    period: int
    hours: float
    contact_type: NDArray[np.str_]
    wait_s: Floats
    answered: NDArray[np.bool_]

    def of_type(self, name: str) -> TypeWaits:
        """Those of one contact type."""
        mine = self.contact_type == name
        return TypeWaits(wait_s=self.wait_s[mine], answered=self.answered[mine])


def simulated_waits(scenario: Scenario, design: Design, *, contacts: int, seed: int) -> Iterator[Waits]:
    """One long run of every period in which somebody calls.

    Parameters
    ----------
    scenario, design
        Checked documents.
    contacts
        To simulate in a period, after a warm-up.
    seed
        Of all random numbers.
    """
    translator = Translator(scenario, design)
    for t in range(len(scenario.periods)):
        warm, measured, cool = window_of(translator.network(t, 1.0), contacts)
        if measured <= 0.0:
            continue
        parts = translator.network(t, warm + measured + cool)
        day = Simulator(parts.network, seed=seed_of(seed, t), banks=Banks(0)).day(0)
        names = np.array(["" if what in (SALE, NO_AGENT) else name for name, _, what in parts.queue_of])
        counted = np.isin(day.status, (ANSWERED, ABANDONED, BLOCKED, NEVER_ANSWERED))
        here = counted & (day.arrival_s >= warm) & (day.arrival_s < warm + measured)
        yield Waits(period=t, hours=measured / 3600.0, contact_type=names[day.queue[here]], wait_s=day.wait_s[here],
                    answered=day.status[here] == ANSWERED)  # fmt: skip
