"""Entities of planning: the layout of today, the limits of the planner, the horizon, what was assumed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ccopt.scenario.base import MONEY_LIMIT, Count, Document, Name, Share


class Horizon(Document):
    """Years over which one-off costs are spread."""

    years: Annotated[float, Field(strict=True, gt=0, le=100, allow_inf_nan=False)] = 5.0


class Assignment(Document):
    """Today: the contacts of a region and type go to a group."""

    region: Name
    contact_type: Name
    site: Name
    skill_set: Name
    share: Share = 1.0


class ExistingGroup(Document):
    """Today: a group, and its agents per period where known (else staffed to the targets)."""

    site: Name
    skill_set: Name
    agents: tuple[Count, ...] | None = None


class Existing(Document):
    """The layout of today."""

    open_sites: tuple[Name, ...]
    groups: tuple[ExistingGroup, ...] = ()
    assignments: tuple[Assignment, ...] = ()


class LimitEntry(Document):
    """A limit of the planner, as a document: ``kind`` names it (``max_sites``, ``survive_site_loss``, ...)."""

    kind: Literal[
        "max_sites", "min_sites", "force_open", "force_closed", "budget", "quality_floor", "max_groups",
        "min_group_size", "survive_site_loss", "max_share_at_site", "labour_pool", "max_change", "min_agents_at_site",
    ]  # fmt: skip
    value: Annotated[float, Field(strict=True, ge=0, le=MONEY_LIMIT, allow_inf_nan=False)] | None = None
    site: Name | None = None
    skill_set: Name | None = None
    contact_type: Name | None = None
    share: Share | None = None
    surge: Annotated[float, Field(strict=True, ge=1, le=10, allow_inf_nan=False)] | None = None
    relocatable: Share | None = None


class Assumption(Document):
    """A figure that somebody assumed: value, range and source, for the register in the report."""

    name: Name
    value: str
    range: str = ""
    source: str
