"""Entities of a scenario document: what is given.

Frozen pydantic models; unknown keys are refused; numbers are strict (no ``"3"``, no ``true``) and finite. Rules that
need more than one field stand in `ccopt.scenario.checks`. Units are part of the names. The parts of a document stand in
`sites`, `contacts`, `kinds`, `planning`, `calendar`, `shifts`, `transition`, `uncertainty`; this module is their door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from ccopt.scenario.base import Document, Hours, Name
from ccopt.scenario.calendar import Calendar
from ccopt.scenario.contacts import ContactType, CrossSelling, Demand, Escalation, SkillSet, TargetEntry
from ccopt.scenario.kinds import (
    Campaign,
    ChannelShift,
    Charge,
    Journey,
    Mailing,
    Quality,
    SelfService,
    Trunk,
    Worth,
)
from ccopt.scenario.model_error import ModelError
from ccopt.scenario.planning import Assignment, Assumption, Existing, ExistingGroup, Horizon, LimitEntry
from ccopt.scenario.shifts import Shifts
from ccopt.scenario.sites import Link, Overhead, Site, Tariff, Tier
from ccopt.scenario.transition import SoftFactor, Transition
from ccopt.scenario.uncertainty import Uncertainty
from ccopt.showing import as_table, in_a_line

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Assignment", "Assumption", "ContactType", "CrossSelling", "Demand", "Escalation", "Existing", "ExistingGroup", "Horizon",
    "LimitEntry", "Link", "Overhead", "Period", "Region", "Scenario", "Site", "SkillSet", "TargetEntry", "Tariff", "Tier",
]  # fmt: skip


def _whole_number(value: object) -> object:
    """``true`` equals 1 in Python, and is no version."""
    return None if isinstance(value, bool) else value


class Period(Document):
    """A steady period with its weight in hours per year."""

    name: Name
    hours_per_year: Hours


class Region(Document):
    """Where demand comes from; coordinates are for the map."""

    name: Name
    latitude: Annotated[float, Field(strict=True, ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(strict=True, ge=-180, le=180)] | None = None


class Scenario(Document):
    """What is given: periods, sites, contact types, skill sets, demand, links and optional blocks."""

    schema_version: Annotated[Literal[1], BeforeValidator(_whole_number)]
    name: Name
    title: str = ""
    question: str = ""
    currency: Annotated[str, Field(min_length=1, max_length=10)] = "EUR"
    periods: Annotated[tuple[Period, ...], Field(min_length=1)]
    sites: Annotated[tuple[Site, ...], Field(min_length=1)]
    contact_types: Annotated[tuple[ContactType, ...], Field(min_length=1)]
    skill_sets: Annotated[tuple[SkillSet, ...], Field(min_length=1)]
    demand: Annotated[tuple[Demand, ...], Field(min_length=1)]
    links: tuple[Link, ...] = ()
    regions: tuple[Region, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    cross_selling: tuple[CrossSelling, ...] = ()
    limits: tuple[LimitEntry, ...] = ()
    existing: Existing | None = None
    horizon: Horizon = Horizon()
    journeys: tuple[Journey, ...] = ()
    channel_shifts: tuple[ChannelShift, ...] = ()
    quality: tuple[Quality, ...] = ()
    mailings: tuple[Mailing, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    self_service: tuple[SelfService, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    worth: tuple[Worth, ...] = ()
    charges: tuple[Charge, ...] = ()
    calendar: Calendar | None = None
    uncertainty: tuple[Uncertainty, ...] = ()
    model_error: ModelError | None = None
    shifts: Shifts | None = None
    soft_factors: tuple[SoftFactor, ...] = ()
    transition: Transition | None = None
    assumptions: tuple[Assumption, ...] = ()

    def to_frame(self, rows: str = "sites") -> pd.DataFrame:
        """A list of the document (``sites``, ``demand``, ``assumptions``, ...) as a pandas frame.

        Raises
        ------
        ValueError
            The document has no such list.
        """
        import pandas as pd

        lists = [k for k in type(self).model_fields if isinstance(getattr(self, k), tuple)]
        if rows not in lists:
            msg = f"rows = {rows!r}: have {lists}"
            raise ValueError(msg)
        return pd.DataFrame([r.model_dump(exclude_defaults=True) for r in getattr(self, rows)])

    def _facts(self) -> list[tuple[str, object]]:
        lists = ("periods", "sites", "contact_types", "skill_sets", "demand", "links")
        more = tuple(k for k, v in self if k not in (*lists, "regions", "assumptions") and isinstance(v, tuple) and v)
        return [("name", self.name), *((k, len(getattr(self, k))) for k in lists), ("also", more), ("currency", self.currency)]

    def __repr__(self) -> str:
        return in_a_line("Scenario", self._facts())

    __str__ = __repr__

    def _repr_html_(self) -> str:
        rows = [(s.name, s.kind, s.seats, s.wage_per_hour, s.fixed_cost_per_year, s.shrinkage) for s in self.sites]
        head = ("site", "kind", "seats", "wage per hour", "fixed cost per year", "shrinkage")
        return as_table(f"Scenario {self.title or self.name}", self._facts(), head, rows)
