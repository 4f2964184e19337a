"""Judge what neither a model of one group nor the controlled simulation holds: the referee's simulation judges the design.

Offers by warm transfer, between linked sites or beside priorities; priorities among chats or beside background work.
"""

from __future__ import annotations

import time
from dataclasses import replace

from ccopt.design import Design
from ccopt.kpis import Evaluation
from ccopt.scenario.entities import Scenario
from ccopt.simulation import simulate
from ccopt.staffing.group_types import TypeInGroup, ranks_left_out, type_in_group

REPLICATIONS = 20
CONTACTS = 4_000
FEWEST_CONTACTS, MOST_CONTACTS = 200, 400_000
NOTE = "{} are judged by simulation; a target counts as missed only where that is proven"


def why_simulated(scenario: Scenario, design: Design) -> str | None:
    """What in a design no model of one group holds, in words; None where there is nothing."""
    if any(o.route == "transfer" or design.regime != "split" for o in design.offers):
        return "offers by warm transfer or between linked sites"
    kinds = kinds_served(scenario, design)
    selling = {(o.site, o.skill_set) for o in design.offers}
    if any(len({k.priority for k in mine}) > 1 for place, mine in kinds.items() if place in selling):
        return "offers beside priorities"
    if any(ranks_left_out(mine) for mine in kinds.values()):
        return "priorities among chats or beside background work"
    return None


def kinds_served(scenario: Scenario, design: Design) -> dict[tuple[str, str], list[TypeInGroup]]:
    """The contact types that may reach each group."""
    kinds = {c.name: c for c in scenario.contact_types}
    factor = {k.name: k.aht_factor for k in scenario.skill_sets}
    served: dict[tuple[str, str], dict[str, None]] = {}
    for r in design.routes:
        if any(r.share):
            served.setdefault((r.site, r.skill_set), {})[r.contact_type] = None
    return {p: [type_in_group(kinds[c], factor[p[1]]) for c in names] for p, names in served.items()}


def evaluate_by_referee(
    scenario: Scenario, design: Design, *, budget_ms: float | None, half_width: float | None, seed: int,
    why: str,
) -> Evaluation:  # fmt: skip
    """Judge a design that no model holds, ``why`` says what, within a time or until the service levels are narrow enough.

    The contacts of each of 20 replications are chosen after a pilot, or grow until no contact type's service level has a
    wider 95 % interval (at most 400,000 contacts a replication).
    """
    contacts = CONTACTS if budget_ms is None else _within(scenario, design, budget_ms, seed)
    while True:
        found = simulate(scenario, design, replications=REPLICATIONS, seed=seed, contacts=contacts)
        widest = max((r.half_width.get("service_level", 0.0) for r in found.contact_types if r.period), default=0.0)
        if half_width is None or widest <= half_width or contacts >= MOST_CONTACTS:
            return replace(found, notes=(*found.notes, NOTE.format(why)))
        contacts = int(min(contacts * max(1.3 * (widest / half_width) ** 2, 1.5), MOST_CONTACTS))


def _within(scenario: Scenario, design: Design, budget_ms: float, seed: int) -> int:
    """Contacts per replication that a time budget allows, from the measured speed of a pilot."""
    for _ in range(2):  # the first run may compile
        start = time.perf_counter()
        simulate(scenario, design, replications=REPLICATIONS, seed=seed, contacts=FEWEST_CONTACTS)
        spent_ms = 1e3 * (time.perf_counter() - start)
    left = max(budget_ms - spent_ms, 0.0)
    return int(min(max(FEWEST_CONTACTS * left / spent_ms, FEWEST_CONTACTS), MOST_CONTACTS))
