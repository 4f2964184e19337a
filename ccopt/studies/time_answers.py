"""What time hides from a plan: its periods against the calendar, the inside of the busiest day, what shifts pay."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ccopt.design import Design
from ccopt.errors import InfeasibleError
from ccopt.scenario.entities import Scenario
from ccopt.studies.calendar_errors import calendar_error
from ccopt.studies.inside_plan import busiest_day
from ccopt.studies.paying_shifts import paid_hours

SHIFT_GAP, SHIFT_LIMIT_S = 0.01, 1.0


def time_studies(scenario: Scenario, design: Design) -> tuple[list[Any], list[str]]:
    """Results for ``studies`` of `report`, and why some are left out; nothing without a calendar or for linked sites."""
    if scenario.calendar is None or design.regime != "split":
        return [], []
    tried: list[Callable[..., Any]] = [calendar_error, busiest_day]
    if scenario.shifts is not None:
        tried.append(partial(paid_hours, gap=SHIFT_GAP, time_limit_s=SHIFT_LIMIT_S))
    found, reasons = [], []
    for study in tried:
        try:
            found.append(study(scenario, design))
        except (ValueError, InfeasibleError) as error:
            reasons.append(str(error))
    return found, reasons
