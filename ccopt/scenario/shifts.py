"""The ``shifts`` block: which shifts may be paid, so that agents at work become paid hours."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ccopt.scenario.base import Document, Name
from ccopt.scenario.calendar import Clock

ShiftHours = Annotated[float, Field(strict=True, gt=0, le=24, allow_inf_nan=False)]

BelowOne = Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)]


class ShiftBreak(Document):
    """A break that begins ``after_h`` hours into the shift; unpaid ones are not in the paid hours."""

    after_h: ShiftHours
    minutes: Annotated[int, Field(strict=True, ge=5, le=240)]
    paid: bool = True


class ShiftPattern(Document):
    """Shifts of one length that may begin every ``step_min`` minutes between two local times.

    ``kinds`` limits the pattern to kinds of site (home agents may work shorter shifts), ``sites`` to named ones.
    """

    name: Name
    length_h: ShiftHours
    first_start: Clock = "00:00"
    last_start: Clock = "24:00"
    step_min: Literal[15, 30, 60] = 60
    breaks: tuple[ShiftBreak, ...] = ()
    kinds: tuple[Literal["inhouse", "outsourced", "on_demand", "home"], ...] | None = None
    sites: tuple[Name, ...] | None = None


class Shifts(Document):
    """Patterns, and the weekly hours of a full-time contract (for full-time equivalents).

    ``shrinkage_by_hour`` is the share of the people on shift who are not at work, one number or 24 for the local hours;
    absence from whole shifts (holidays, illness, training days) is the ``shrinkage`` of the site.
    """

    patterns: Annotated[tuple[ShiftPattern, ...], Field(min_length=1)]
    shrinkage_by_hour: BelowOne | tuple[BelowOne, ...] = 0.0
    full_time_h_per_week: Annotated[float, Field(strict=True, gt=0, le=80, allow_inf_nan=False)] = 38.0
