"""Blocks ``soft_factors`` (what is weighed beside the money) and ``transition`` (how today becomes the plan)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ccopt.scenario.base import Document, Money, Name, Share

Months = Annotated[int, Field(strict=True, ge=0, le=120)]
Score = Annotated[float, Field(strict=True, ge=0, le=10, allow_inf_nan=False)]
Weight = Annotated[float, Field(strict=True, gt=0, le=1000, allow_inf_nan=False)]


class SiteScore(Document):
    """How well a site does on a soft factor, from 0 (worst) to 10 (best)."""

    site: Name
    score: Score


class SoftFactor(Document):
    """Something that matters and is no money, such as risk or reputation: its weight, and a score for each site."""

    name: Name
    weight: Weight = 1.0
    scores: tuple[SiteScore, ...] = ()
    source: str = ""


class Lease(Document):
    """Rent of a site runs to the end of ``end_month`` (months from the start); ``exit_cost`` buys it out earlier."""

    site: Name
    end_month: Months
    exit_cost: Money | None = None


class Transition(Document):
    """How today's layout becomes the plan. Every figure left out takes a default with source and range.

    Attributes
    ----------
    months
        Length of the path.
    hiring_months, training_months
        From the decision to the first day of training; from there to the first contact.
    learning
        Productivity in the first, second, ... month of work; full after the last.
    first_year_attrition, later_attrition
        Share that leaves in a year, in the first year and after.
    paid_hours_per_year
        Paid hours of a full-time agent.
    hiring_cost, severance_months
        Money per hire (search, onboarding, trainer); pay for leaving, in months.
    move_share
        Share of the staff of a closing site that moves to another site at most; ``moving_cost`` for each.
    overlap_months, overlap_share
        Knowledge transfer: so long a closing site keeps that share of its staff after its contacts have moved.
    build_months
        From the decision to the first contact at a new site.
    leases
        Ends of leases of today's sites.
    """

    months: Annotated[int, Field(strict=True, ge=1, le=120)] = 24
    hiring_months: Months = 1
    training_months: Months = 1
    learning: tuple[Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False)], ...] = (0.6, 0.75, 0.9)
    first_year_attrition: Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)] = 0.4
    later_attrition: Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)] = 0.2
    paid_hours_per_year: Annotated[float, Field(strict=True, gt=0, le=8760, allow_inf_nan=False)] = 1800.0
    hiring_cost: Money = 3000.0
    severance_months: Annotated[float, Field(strict=True, ge=0, le=120, allow_inf_nan=False)] = 3.0
    move_share: Share = 0.1
    moving_cost: Money = 5000.0
    overlap_months: Months = 1
    overlap_share: Share = 0.1
    build_months: Months = 3
    waves_per_month: Annotated[int, Field(strict=True, ge=1, le=100)] = 1
    leases: tuple[Lease, ...] = ()


