"""How much to simulate: so many contacts, within a time, or until the service levels are narrow enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ccopt.queueing.controlled.estimates import PeriodResult, lines_of

CONTACTS = 60_000
MOST_CONTACTS = 8_000_000
FEWEST_CONTACTS = 1600
PILOT = 8_000

Run = Callable[[int], PeriodResult]
"""A period simulated with so many contacts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How much to simulate: contacts per period, or until a time or a half-width of the service level is reached."""

    contacts: int = CONTACTS
    budget_ms: float | None = None
    half_width: float | None = None
    seed: int = 7


def contacts_within(pilot: Callable[[int], object], budget_ms: float, parts: int) -> int:
    """Contacts for each of several parts that a time allows, from the measured speed of a pilot."""
    for _ in range(2):  # the first run may compile
        start = time.perf_counter()
        pilot(PILOT)
        pilot_ms = 1e3 * (time.perf_counter() - start)
    left = max(budget_ms - pilot_ms, 0.0) / parts
    return int(min(max(PILOT * left / pilot_ms, FEWEST_CONTACTS), MOST_CONTACTS))


def narrow_enough(run: Run, contacts: int, half_width: float | None) -> PeriodResult:
    """Run, and again with more contacts until the widest service level of a contact type is narrow enough."""
    result = run(contacts)
    while half_width is not None and result.contacts < MOST_CONTACTS:
        kinds = set(result.lines.contact_type.tolist())
        widest = max(result.level(lines_of(result, c), 0, "offered").half_width for c in kinds)
        if widest <= half_width:
            break
        grow = min(max(1.3 * (widest / half_width) ** 2, 1.5), 16.0)
        result = run(int(min(result.contacts * grow, MOST_CONTACTS)))
    return result
