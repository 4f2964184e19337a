"""Decisions: `Design` (which sites, which groups, which routes) and `Plan` (a design with cost, bound and gap)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ccopt.scenario.base import Count, Name, Seconds, Share

RouteKind = Literal["primary", "overflow", "escalation", "transfer", "cross_sell"]
Regime = Literal["split", "overflow", "virtual"]


class _Decision(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AgentGroup(_Decision):
    """Agents with one skill set at one site, one number per period."""

    site: Name
    skill_set: Name
    agents: tuple[Count, ...]
    employed: Count | None = None


class Route(_Decision):
    """A share, per period, of the contacts of a region and type that goes to a group."""

    region: Name
    contact_type: Name
    site: Name
    skill_set: Name
    kind: RouteKind = "primary"
    rank: Annotated[int, Field(strict=True, ge=1, le=1000)] = 1
    share: tuple[Annotated[float, Field(strict=True, ge=-1e-6, le=1 + 1e-6, allow_inf_nan=False)], ...]
    after_s: Seconds | None = None


class Offer(_Decision):
    """Cross-selling in a group: a share of the contacts gets an offer while the state is at most ``threshold``."""

    site: Name
    skill_set: Name
    contact_type: Name
    share: Share | tuple[Share, ...] = 1.0
    threshold: Count | None = None
    route: Literal["own", "transfer"] = "own"
    to_site: Name | None = None
    to_skill_set: Name | None = None


class Design(_Decision):
    """A layout: open sites, agent groups, routes, offers, contract forms, lines (``trunks``) and the regime between sites."""

    open_sites: tuple[Name, ...]
    groups: tuple[AgentGroup, ...] = ()
    routes: tuple[Route, ...] = ()
    offers: tuple[Offer, ...] = ()
    contracts: dict[str, str] = Field(default_factory=dict)
    trunks: dict[str, Count] = Field(default_factory=dict)
    regime: Regime = "split"


class Plan(_Decision):
    """A design with its yearly cost, the bound below every design, and the gap between the two."""

    design: Design
    cost_per_year: float
    revenue_per_year: float = 0.0
    costs: dict[str, Any]
    lower_bound: float | None
    gap: float | None
    status: str
    provenance: dict[str, Any] = Field(default_factory=dict)
