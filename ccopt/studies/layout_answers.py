"""What a report asks of a layout that stays: sliders, one figure at a time, the price of a point of service."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ccopt.design import Design
from ccopt.evaluation import evaluate
from ccopt.scenario.entities import Scenario
from ccopt.studies.changes import with_service_points
from ccopt.studies.uncertain_inputs import UncertainInput, uncertain_inputs
from ccopt.studies.what_if_grid import FACTORS, FixedLayout, WhatIfCell

POINTS = (-0.05, -0.02, 0.0, 0.02, 0.03)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """Cost per year of a fixed layout at both ends of the range of one figure; the staff keeps every promise."""

    name: str
    low: str
    high: str
    cost_low: float
    cost_high: float
    source: str = ""

    @property
    def width(self) -> float:
        """Distance between the two costs."""
        return abs(self.cost_high - self.cost_low)


MONEY_ONLY = ("wages", "shrinkage", "fixed_cost", "seat_cost", "link_cost")


def swings(layout: FixedLayout) -> tuple[Swing, ...]:
    """One figure at a time at both ends of its range, with the layout fixed; largest effect first.

    Ranges are those of `uncertain_inputs`: the scenario's assumptions, else defaults with a source.
    """
    rows = [
        Swing(name=u.words, low=_words(u, u.low), high=_words(u, u.high), cost_low=_swung(layout, u, u.low),
              cost_high=_swung(layout, u, u.high), source=u.source)
        for u in uncertain_inputs(layout.scenario)
    ]  # fmt: skip
    return tuple(sorted((r for r in rows if r.width > 0.005), key=lambda r: -r.width))


def _words(u: UncertainInput, value: float) -> str:
    return f"{100 * value:+.3g} points" if u.neutral == 0.0 else f"{100 * (value - 1):+.3g} %"


def _swung(layout: FixedLayout, u: UncertainInput, value: float) -> float:
    if u.name == "volume":
        return layout.cell(volume=value).cost_per_year
    if u.name == "aht":
        return layout.cell(handle_time=value).cost_per_year
    changed = u.change(layout.scenario, value)
    if u.name in MONEY_ONLY:
        return evaluate(changed, layout.design).cost_per_year
    return layout.cost(changed)


def price_of_service(layout: FixedLayout, *, points: Sequence[float] = POINTS) -> tuple[tuple[float, float], ...]:
    """(shift of every promised service level, cost per year) with the layout fixed; unattainable shifts are left out."""
    if all(e.service_level is None for c in layout.scenario.contact_types for e in c.targets):
        return ()
    found = []
    for shift in points:
        try:
            found.append((shift, layout.cost(with_service_points(layout.scenario, shift))))
        except ValueError as error:
            log.info("promises moved by %+.2f: %s", shift, error)
    return tuple(found)


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
        Lowest and highest saving against today over the same ranges, both layouts restaffed; None without today.
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
