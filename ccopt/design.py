"""Decisions: `Design` (which sites, which groups, which routes) and `Plan` (a design with cost, bound and gap)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ccopt.scenario.base import Count, Name, Seconds, Share
from ccopt.showing import as_table, in_a_line, percent

if TYPE_CHECKING:
    import pandas as pd

RouteKind = Literal["primary", "overflow", "escalation", "transfer", "cross_sell"]
EndedBy = Literal["gap", "nothing_left", "clock", "keyboard"]
Regime = Literal["split", "overflow", "virtual"]


class _Decision(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AgentGroup(_Decision):
    """Agents with one skill set at one site, one number per period.

    ``reserve`` (per period): background work starts only while more agents than this are idle; 0 without it.
    """

    site: Name
    skill_set: Name
    agents: tuple[Count, ...]
    employed: Count | None = None
    reserve: tuple[Count, ...] | None = None


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

    def peaks(self) -> dict[str, int]:
        """Largest number of agents present in any period at each open site."""
        rows = {s: [g.agents for g in self.groups if g.site == s] for s in self.open_sites}
        return {s: max((sum(column) for column in zip(*agents, strict=True)), default=0) for s, agents in rows.items()}

    def to_frame(self, rows: Literal["groups", "routes", "offers"] = "groups") -> pd.DataFrame:
        """Groups, routes or offers as a pandas frame; numbers by period are columns.

        Raises
        ------
        ValueError
            There are no such rows.
        """
        import pandas as pd

        if rows not in ("groups", "routes", "offers"):
            msg = f"rows = {rows!r}: have ['groups', 'routes', 'offers']"
            raise ValueError(msg)
        return pd.DataFrame([_flat(r.model_dump()) for r in getattr(self, rows)])

    def _facts(self) -> list[tuple[str, object]]:
        return [("open_sites", self.open_sites), ("groups", len(self.groups)), ("routes", len(self.routes)),
                ("agents_at_peaks", sum(self.peaks().values())), ("regime", self.regime)]  # fmt: skip

    def __repr__(self) -> str:
        return in_a_line("Design", self._facts())

    __str__ = __repr__

    def _repr_html_(self) -> str:
        most = max((len(g.agents) for g in self.groups), default=0)
        head = ("site", "skill set", *(str(t + 1) for t in range(most)))
        return as_table("Design", self._facts(), head, [(g.site, g.skill_set, *g.agents) for g in self.groups])


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its tuples spread over columns ``agents_1``, ``agents_2``, ..."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, tuple):
            found |= {f"{key}_{t}": v for t, v in enumerate(value, start=1)}
        else:
            found[key] = value
    return found


class RunRecord(_Decision):
    """What is needed to repeat a run of the optimiser beside its options: where its clock or its user interfered.

    ``ends``: work of each thread when the clock or the keyboard ended it. ``cuts``: its solves that were cut short, each with
    the number of reports of the solver until its last point, the work after it and its bound. Both are empty where a run ended by
    its gap, or by itself, and no solve in it was cut short: then the seed is enough.
    """

    ended_by: EndedBy
    ends: dict[str, float] = Field(default_factory=dict)
    cuts: dict[str, tuple[tuple[int, int, float, float | None], ...]] = Field(default_factory=dict)


class Plan(_Decision):
    """A design with its yearly cost, the bound below every design, and the gap between the two.

    ``record`` says how to repeat the run that found it; it is written into run.json and is no part of the document.
    """

    design: Design
    cost_per_year: float
    revenue_per_year: float = 0.0
    costs: dict[str, Any]
    lower_bound: float | None
    gap: float | None
    status: str
    provenance: dict[str, Any] = Field(default_factory=dict)
    record: Annotated[RunRecord | None, Field(exclude=True, repr=False)] = None

    def to_frame(self) -> pd.DataFrame:
        """Cost per year by site (rows) and leaf (columns), with the peak of the agents."""
        import pandas as pd

        peaks = self.design.peaks()
        rows = [{"site": s, "agents_peak": peaks.get(s, 0), **leaves} for s, leaves in self.costs["sites"].items()]
        return pd.DataFrame(rows).fillna(0.0)

    def _facts(self) -> list[tuple[str, object]]:
        revenue = [("revenue_per_year", self.revenue_per_year)] if self.revenue_per_year else []
        return [("cost_per_year", self.cost_per_year), *revenue, ("lower_bound", self.lower_bound), ("gap", percent(self.gap)),
                ("open_sites", self.design.open_sites), ("agents_at_peaks", sum(self.design.peaks().values())),
                ("status", self.status)]  # fmt: skip

    def __repr__(self) -> str:
        return in_a_line("Plan", self._facts())

    __str__ = __repr__

    def _repr_html_(self) -> str:
        peaks = self.design.peaks()
        rows = [(s, peaks.get(s, 0), float(sum(x.values()))) for s, x in self.costs.get("sites", {}).items()]
        return as_table("Plan", self._facts(), ("site", "agents at peak", "cost per year"), rows)
