"""Limits of the planner as small objects, the same from Python, documents and the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ccopt.scenario.entities import LimitEntry, Scenario


@dataclass(frozen=True, slots=True)
class MaxSites:
    """At most this many open sites."""

    count: int


@dataclass(frozen=True, slots=True)
class MinSites:
    """At least this many open sites."""

    count: int


@dataclass(frozen=True, slots=True)
class ForceOpen:
    """The site is open."""

    site: str


@dataclass(frozen=True, slots=True)
class ForceClosed:
    """The site is closed."""

    site: str


@dataclass(frozen=True, slots=True)
class Budget:
    """Cost per year at most."""

    at_most: float


@dataclass(frozen=True, slots=True)
class MaxGroups:
    """At most this many agent groups, at one site or in all."""

    count: int
    site: str | None = None


@dataclass(frozen=True, slots=True)
class MinGroupSize:
    """An open group (of a skill set, at a site) has at least this many agents in the period with the most contacts."""

    agents: int
    skill_set: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class SurviveSiteLoss:
    """After the loss of any one open site the others still carry ``share`` of the load, skill by skill.

    ``surge`` multiplies the agents that remain; ``relocatable`` is the share of the lost agents that work elsewhere.
    Home-based sites cannot be lost as a building.
    """

    share: float = 1.0
    relocatable: float = 0.0
    surge: float = 1.0


@dataclass(frozen=True, slots=True)
class MaxShareAtSite:
    """No site (or not the named one) holds more than this share of all agents in any period."""

    share: float
    site: str | None = None


@dataclass(frozen=True, slots=True)
class LabourPool:
    """At most this many agents at a site at the same time."""

    site: str
    agents: int


@dataclass(frozen=True, slots=True)
class MinAgentsAtSite:
    """At least this many agents work at a site in the period with the most contacts."""

    site: str
    agents: int


@dataclass(frozen=True, slots=True)
class MaxChange:
    """At most this many sites differ from today's open sites (``existing.open_sites``)."""

    count: int


@dataclass(frozen=True, slots=True)
class QualityFloor:
    """A service level of at least this share for a contact type (None: each), over its contacts of every period.

    The waiting time is that of the type's first service-level target, 20 s without one. Designs keep the floor in every
    agent group; the bound leaves it out (the plan's certificate says so), so a gap under a floor is wider than it need be.
    """

    share: float
    contact_type: str | None = None


Limit = (
    MaxSites | MinSites | ForceOpen | ForceClosed | Budget | MaxGroups | MinGroupSize | SurviveSiteLoss | MaxShareAtSite
    | LabourPool | MinAgentsAtSite | MaxChange | QualityFloor
)  # fmt: skip


def _survive(e: LimitEntry) -> Limit:
    return SurviveSiteLoss(
        share=1.0 if e.share is None else e.share, relocatable=e.relocatable or 0.0, surge=e.surge or 1.0
    )


_FROM_ENTRY: dict[str, Callable[[Any], Limit]] = {
    "max_sites": lambda e: MaxSites(round(e.value)),
    "min_sites": lambda e: MinSites(round(e.value)),
    "force_open": lambda e: ForceOpen(e.site),
    "force_closed": lambda e: ForceClosed(e.site),
    "budget": lambda e: Budget(e.value),
    "max_groups": lambda e: MaxGroups(round(e.value), e.site),
    "min_group_size": lambda e: MinGroupSize(round(e.value), e.skill_set, e.site),
    "survive_site_loss": _survive,
    "max_share_at_site": lambda e: MaxShareAtSite(e.share if e.share is not None else e.value, e.site),
    "labour_pool": lambda e: LabourPool(e.site, round(e.value)),
    "min_agents_at_site": lambda e: MinAgentsAtSite(e.site, round(e.value)),
    "max_change": lambda e: MaxChange(round(e.value)),
    "quality_floor": lambda e: QualityFloor(e.share if e.share is not None else e.value, e.contact_type),
}


def limits_of(scenario: Scenario, more: Iterable[Limit] = ()) -> tuple[Limit, ...]:
    """Limits of the document followed by those of the caller.

    Raises
    ------
    ValueError
        A limit of the document that is no limit of the optimiser, or a limit on an unknown site.
    """
    found: list[Limit] = []
    for i, entry in enumerate(scenario.limits):
        if entry.kind not in _FROM_ENTRY:
            msg = f"limits[{i}].kind = {entry.kind!r}: have {sorted(_FROM_ENTRY)}"
            raise ValueError(msg)
        found.append(_FROM_ENTRY[entry.kind](entry))
    found += more
    sites = {s.name for s in scenario.sites}
    for limit in found:
        site = getattr(limit, "site", None)
        if site is not None and site not in sites:
            msg = f"{type(limit).__name__}: site {site!r} is not declared; have {sorted(sites)}"
            raise ValueError(msg)
    return tuple(found)
