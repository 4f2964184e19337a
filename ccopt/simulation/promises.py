"""What a target speaks of in simulated rows, and the record of a miss."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ccopt.kpis import (
    GroupRow,
    MaxAbandonment,
    MaxAsa,
    MaxBlocking,
    MaxOccupancy,
    MaxResponse,
    ServiceLevel,
    ServiceRow,
    Target,
    Violation,
)


def indicator_of(target: Target) -> str:
    """Name of the indicator that a target bounds."""
    if isinstance(target, (ServiceLevel, MaxResponse)):
        return "service_level"
    if isinstance(target, MaxAbandonment):
        return "abandonment"
    if isinstance(target, MaxAsa):
        return "asa_s"
    return "occupancy" if isinstance(target, MaxOccupancy) else "blocking"


def busiest(cell: ServiceRow, groups: Sequence[GroupRow], serving: Sequence[str]) -> GroupRow | None:
    """The group of a cell; the busiest with the skill where one queue stands for several groups."""
    mine = [
        g for g in groups
        if g.period == cell.period and g.skill_set in serving and (cell.site in (None, g.site))
        and (cell.skill_set in (None, g.skill_set))
    ]  # fmt: skip
    return max(mine, key=lambda g: g.occupancy, default=None)


def measured(cell: ServiceRow, group: GroupRow | None, target: Target) -> tuple[float, float] | None:
    """Value and 95 % half-width of what a target speaks of; None where the cell did not measure it."""
    name = indicator_of(target)
    if isinstance(target, MaxOccupancy):
        if group is None or group.agents:
            return None if group is None else (group.occupancy, group.half_width.get(name, 0.0))
        return math.inf, 0.0  # contacts, and nobody to answer them
    if isinstance(target, ServiceLevel) and (target.awt_s, target.basis) != (cell.awt_s, cell.basis):
        return None
    value: float | None = getattr(cell, name)
    width = cell.half_width.get(name)
    if value is None or (width is None and not isinstance(target, MaxBlocking)):
        return None
    return value, width or 0.0


def bound_of(target: Target) -> float:
    """The number of a target."""
    if isinstance(target, ServiceLevel):
        return target.at_least
    if isinstance(target, MaxResponse):
        return target.share
    return target.at_most_s if isinstance(target, MaxAsa) else target.at_most


def at_least(target: Target) -> bool:
    """Whether a target bounds from below."""
    return isinstance(target, (ServiceLevel, MaxResponse))


def kept(target: Target, actual: float) -> bool:
    """Whether a value keeps a target."""
    return actual >= bound_of(target) if at_least(target) else actual <= bound_of(target)


def violation(cell: ServiceRow, target: Target, actual: float) -> Violation:
    """The record of a missed target."""
    where = f"{cell.site} / {cell.skill_set}" if cell.site else "one queue"
    place = f"{where} / {cell.name} / {cell.period}"
    return Violation(
        place=place, limit=type(target).__name__, required=bound_of(target), actual=actual,
        message=f"{place}: {type(target).__name__} {actual:.4g}, promised {bound_of(target):.4g}",
    )  # fmt: skip
