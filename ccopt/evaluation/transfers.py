"""Judge offers that no chain holds, by warm transfer or between linked sites: the referee's simulation judges the design."""

from __future__ import annotations

import time
from dataclasses import replace

from ccopt.design import Design
from ccopt.kpis import Evaluation
from ccopt.scenario.entities import Scenario
from ccopt.simulation import simulate

REPLICATIONS = 20
CONTACTS = 4_000
FEWEST_CONTACTS, MOST_CONTACTS = 200, 400_000
NOTE = "offers by warm transfer or between linked sites are judged by simulation; a target counts as missed only where that is proven"


def sells_across(design: Design) -> bool:
    """Whether a design makes offers by warm transfer, or any where sites are linked."""
    return any(o.route == "transfer" or design.regime != "split" for o in design.offers)


def evaluate_transfers(
    scenario: Scenario, design: Design, *, budget_ms: float | None, half_width: float | None, seed: int
) -> Evaluation:
    """Judge a design with offers by warm transfer, within a time or until the service levels are narrow enough.

    The contacts of each of 20 replications are chosen after a pilot, or grow until no contact type's service level has a
    wider 95 % interval (at most 400,000 contacts a replication).
    """
    contacts = CONTACTS if budget_ms is None else _within(scenario, design, budget_ms, seed)
    while True:
        found = simulate(scenario, design, replications=REPLICATIONS, seed=seed, contacts=contacts)
        widest = max((r.half_width.get("service_level", 0.0) for r in found.contact_types if r.period), default=0.0)
        if half_width is None or widest <= half_width or contacts >= MOST_CONTACTS:
            return replace(found, notes=(*found.notes, NOTE))
        contacts = int(min(contacts * max(1.3 * (widest / half_width) ** 2, 1.5), MOST_CONTACTS))


def _within(scenario: Scenario, design: Design, budget_ms: float, seed: int) -> int:
    """Contacts per replication that a time budget allows, from the measured speed of a pilot."""
    for _ in range(2):  # the first run may compile
        start = time.perf_counter()
        simulate(scenario, design, replications=REPLICATIONS, seed=seed, contacts=FEWEST_CONTACTS)
        spent_ms = 1e3 * (time.perf_counter() - start)
    left = max(budget_ms - spent_ms, 0.0)
    return int(min(max(FEWEST_CONTACTS * left / spent_ms, FEWEST_CONTACTS), MOST_CONTACTS))
