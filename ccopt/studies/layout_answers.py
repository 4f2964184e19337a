"""What a report asks of a layout that stays: sliders, one figure at a time, the price of a point of service."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ccopt.design import Design
from ccopt.evaluation import evaluate
from ccopt.scenario.entities import Scenario
from ccopt.studies.changes import with_handle_time, with_patience, with_shrinkage, with_volume, with_wages
from ccopt.studies.what_if_grid import FACTORS, FixedLayout, WhatIfCell

POINTS = (-0.05, -0.02, 0.0, 0.02, 0.03)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """Cost per year of a fixed layout when one figure changes down and up; the staff keeps every promise."""

    name: str
    low: str
    high: str
    cost_low: float
    cost_high: float

    @property
    def width(self) -> float:
        """Distance between the two costs."""
        return abs(self.cost_high - self.cost_low)


Change = Callable[[Scenario, float], Scenario]
CHANGES: tuple[tuple[str, Change, float, float, str], ...] = (
    ("volume", with_volume, 0.9, 1.1, "%"), ("handle time", with_handle_time, 0.9, 1.1, "%"),
    ("wages and hourly prices", with_wages, 0.9, 1.1, "%"), ("shrinkage", with_shrinkage, -0.05, 0.05, "points"),
    ("patience", with_patience, 0.75, 1.25, "%"),
)  # fmt: skip
MONEY_ONLY = ("wages and hourly prices", "shrinkage")


def swings(layout: FixedLayout) -> tuple[Swing, ...]:
    """One figure at a time, down and up, with the layout fixed; largest effect first."""
    scenario, rows = layout.scenario, []
    for name, change, low, high, unit in CHANGES:
        if name == "patience" and all(c.patience_s is None for c in scenario.contact_types):
            continue
        costs = [_swung(layout, name, change, v) for v in (low, high)]
        words = [f"{100 * v:+.0f} points" if unit == "points" else f"{100 * (v - 1):+.0f} %" for v in (low, high)]
        rows.append(Swing(name=name, low=words[0], high=words[1], cost_low=costs[0], cost_high=costs[1]))
    return tuple(sorted((r for r in rows if r.width > 0.005), key=lambda r: -r.width))


def _swung(layout: FixedLayout, name: str, change: Change, value: float) -> float:
    if name == "volume":
        return layout.cell(volume=value).cost_per_year
    if name == "handle time":
        return layout.cell(handle_time=value).cost_per_year
    changed = change(layout.scenario, value)
    if name in MONEY_ONLY:
        return evaluate(changed, layout.design).cost_per_year
    return layout.cost(changed)


def price_of_service(layout: FixedLayout, *, points: Sequence[float] = POINTS) -> tuple[tuple[float, float], ...]:
    """(shift of every promised service level, cost per year) with the layout fixed; unattainable shifts are left out."""
    if all(e.service_level is None for c in layout.scenario.contact_types for e in c.targets):
        return ()
    found = []
    for shift in points:
        changed = _shifted(layout.scenario, shift)
        if changed is None:
            continue
        try:
            found.append((shift, layout.cost(changed)))
        except ValueError as error:
            log.info("promises moved by %+.2f: %s", shift, error)
    return tuple(found)


def _shifted(scenario: Scenario, shift: float) -> Scenario | None:
    """All promised service levels moved by so many points; None where one leaves 0..0.999."""
    types = []
    for c in scenario.contact_types:
        targets = []
        for e in c.targets:
            level = None if e.service_level is None else e.service_level + shift
            if level is not None and not 0.0 < level <= 0.999:
                return None
            targets.append(e if level is None else e.model_copy(update={"service_level": level}))
        types.append(c.model_copy(update={"targets": tuple(targets)}))
    return scenario.model_copy(update={"contact_types": tuple(types)})


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutAnswers:
    """What a report asks of a fixed layout.

    Attributes
    ----------
    grid
        Cells of the sliders; empty where they would have taken too long.
    swings
        One figure at a time.
    saving_range
        Lowest and highest saving against today over the same changes, both layouts restaffed; None without today.
    price
        (shift of promises in share, cost per year).
    note
        Why something is missing.
    """

    grid: tuple[WhatIfCell, ...] = ()
    swings: tuple[Swing, ...] = ()
    saving_range: tuple[float, float] | None = None
    price: tuple[tuple[float, float], ...] = ()
    note: str = ""


def answers_for(scenario: Scenario, plan: Design, *, today: Design | None = None, budget_s: float = 60.0) -> LayoutAnswers:
    """Grid, tornado, price of service and range of the saving, as far as they fit into the time.

    Parameters
    ----------
    scenario, plan
        Documents.
    today
        The layout to save against.
    budget_s
        Roughly the longest processor time; a large network gets a coarser grid or none, and the note says so.
    """
    if plan.regime != "split":
        return LayoutAnswers(note="The sites are linked: no staffing rule per group, so there are no sliders.")
    began = time.process_time()
    try:
        layout = FixedLayout(scenario, plan)
        layout.cell()  # compiles what is not yet compiled
        warm = time.process_time()
        layout.cell(volume=1.1)
        each = time.process_time() - warm
        if 12 * each > budget_s:
            return LayoutAnswers(note=f"A grid of what-if answers would take {25 * each:.0f} s on this network and was left out.")
        found = swings(layout)
        span = _saving_range(scenario, plan, today, found) if today is not None and today.regime == "split" else None
        price = price_of_service(layout)
        left = budget_s - (time.process_time() - began)
        steps = FACTORS if 25 * each < left else FACTORS[::2]
        grid = tuple(layout.cell(v, h) for v in steps for h in steps)
    except ValueError as error:
        return LayoutAnswers(note=f"No what-if answers: {error}")
    return LayoutAnswers(grid=grid, swings=found, saving_range=span, price=price)


def _saving_range(
    scenario: Scenario, plan: Design, today: Design, found: Sequence[Swing]
) -> tuple[float, float]:
    """Lowest and highest saving over the swings."""
    base = evaluate(scenario, today).cost_per_year - evaluate(scenario, plan).cost_per_year
    mine = {s.name: s for s in found}
    savings = [base]
    for other in swings(FixedLayout(scenario, today)):
        if other.name in mine:
            savings += [other.cost_low - mine[other.name].cost_low, other.cost_high - mine[other.name].cost_high]
    return min(savings), max(savings)
