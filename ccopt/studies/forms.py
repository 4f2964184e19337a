"""Which form of contract is cheapest at which volume, and where two forms cost the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from ccopt.costs import cost_of
from ccopt.design import AgentGroup, Design, Route
from ccopt.kpis import FlowRow
from ccopt.routing.checks import own_demand
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario, Site
from ccopt.staffing.network_model import NetworkModel

MOST_AGENTS = 5000
STEPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FormsRow:
    """The yearly amount of every form at one volume; ``agents`` per period keep the promises.

    ``agents_of`` holds them by form where forms differ in who works (empty: all alike).
    """

    volume: float
    contacts_per_year: float
    agents: tuple[int, ...]
    amounts: dict[str, float]
    agents_of: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def cheapest(self) -> str:
        """The form with the least amount; of equal ones the first of the price list."""
        return min(self.amounts, key=lambda name: self.amounts[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """The cheapest form changes between two volumes that differ by less than a millionth."""

    volume: float
    contacts_per_year: float
    below: str
    above: str


def contract_forms(scenario: Scenario, site: str, volumes: Sequence[float]) -> tuple[FormsRow, ...]:
    """Amounts of all forms of a site for multiples of the demand that it may take.

    One group serves all of it: the skill set with the most contact types, staffed by the group model for each volume;
    seats are ignored, so that forms are compared and not the building.

    Parameters
    ----------
    scenario
        A checked scenario.
    site
        A site with ``tariffs``.
    volumes
        Multiples of the demand, above 0.

    Raises
    ------
    ValueError
        A site without a choice of forms, or one that may serve nothing.

    Examples
    --------
    >>> import ccopt
    >>> rows = contract_forms(ccopt.load_instance("contracts"), "vendor steady", [0.1, 1.0])
    >>> [r.cheapest for r in rows]
    ['by contact', 'by seat']
    """
    study = _Contracts(core_of(scenario), site)
    return tuple(study.row(float(v)) for v in volumes)


def break_evens(scenario: Scenario, site: str, volumes: Sequence[float]) -> tuple[BreakEven, ...]:
    """Volumes at which the cheapest form changes, by bisection between neighbours of a rising grid of multiples.

    Between two grid points at most one change is found; whole agents make amounts jump, so a change may be a jump.
    """
    return changes(_Contracts(core_of(scenario), site).row, volumes)


def changes(row_of: Callable[[float], FormsRow], volumes: Sequence[float]) -> tuple[BreakEven, ...]:
    """Changes of the cheapest form over a rising grid of multiples."""
    grid = [row_of(float(v)) for v in volumes]
    found = []
    for low, high in pairwise(grid):
        a, b = low, high
        if a.cheapest == b.cheapest:
            continue
        for _ in range(STEPS):
            if b.volume - a.volume <= 1e-7 * b.volume:
                break
            middle = row_of(0.5 * (a.volume + b.volume))
            a, b = (middle, b) if middle.cheapest == a.cheapest else (a, middle)
        found.append(BreakEven(volume=b.volume, contacts_per_year=b.contacts_per_year, below=a.cheapest, above=b.cheapest))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffed:
    """A site that takes all contacts of a volume: the design with the fewest agents, and its flows."""

    scenario: Scenario
    design: Design
    flows: list[FlowRow]
    agents: tuple[int, ...]

    @property
    def contacts_per_year(self) -> float:
        """Contacts offered a year."""
        hours = [p.hours_per_year for p in self.scenario.periods]
        return sum(h * x for r in self.flows for h, x in zip(hours, r.offered, strict=True))


class FormStudy:
    """One site that takes all contacts which it may serve, at any multiple of them, in the periods of ``keep``."""

    def __init__(self, scenario: Scenario, site: Site, keep: Sequence[bool]) -> None:
        self.scenario, self.site = scenario, site
        self.skill_set, demand = _work(scenario, site)
        self.demand = {
            key: tuple(x if k else 0.0 for x, k in zip(row, keep, strict=True)) for key, row in demand.items()
        }

    def staffed(self, volume: float) -> Staffed:
        """The fewest agents that keep the promises in each period."""
        if volume <= 0.0 or not np.isfinite(volume):
            msg = f"volume = {volume!r}: must be above 0"
            raise ValueError(msg)
        s = self._scaled(volume)
        periods = len(s.periods)
        here = {"site": self.site.name, "skill_set": self.skill_set, "share": (1.0,) * periods}
        routes = tuple(Route(region=r, contact_type=c, **here) for r, c in self.demand)
        group = AgentGroup(site=self.site.name, skill_set=self.skill_set, agents=(1,) * periods)
        design = Design(open_sites=(self.site.name,), groups=(group,), routes=routes)
        model = NetworkModel(s, design)
        rates = model.rates(model.ones())
        agents = []
        for t in range(periods):
            load = sum(float(rates[0, c, t]) * model.kinds[0][c].aht_s for c in range(rates.shape[1])) / 3600.0
            agents.append(model.fewest(0, rates[0, :, t], max(1, round(load)), MOST_AGENTS) or 0)
        design = design.model_copy(update={"groups": (group.model_copy(update={"agents": tuple(agents)}),)})
        model = NetworkModel(s, design)
        flows = model.flows(model.settled(model.agents)[1])
        return Staffed(scenario=s, design=design, flows=flows, agents=tuple(agents))

    def _scaled(self, volume: float) -> Scenario:
        rows = tuple(
            d.model_copy(update={"contacts_per_hour": tuple(volume * x for x in self.demand[d.region, d.contact_type])})
            for d in self.scenario.demand
            if (d.region, d.contact_type) in self.demand
        )
        return self.scenario.model_copy(update={"demand": rows, "escalations": ()})


class _Contracts:
    """The tariffs of one site: what they alone cost."""

    def __init__(self, scenario: Scenario, name: str) -> None:
        site = next((s for s in scenario.sites if s.name == name), None)
        if site is None or not site.tariffs:
            have = [s.name for s in scenario.sites if s.tariffs]
            msg = f"site = {name!r}: needs a site with tariffs; have {have}"
            raise ValueError(msg)
        self.site = site
        self.study = FormStudy(scenario, site, [True] * len(scenario.periods))
        self.known: dict[float, FormsRow] = {}

    def row(self, volume: float) -> FormsRow:
        """Staff and amounts at a multiple of the demand."""
        if volume not in self.known:
            self.known[volume] = self._row(volume)
        return self.known[volume]

    def _row(self, volume: float) -> FormsRow:
        found = self.study.staffed(volume)
        amounts = {}
        for tariff in self.site.tariffs:
            chosen = found.design.model_copy(update={"contracts": {self.site.name: str(tariff.name)}})
            amounts[str(tariff.name)] = cost_of(found.scenario, chosen, found.flows).costs["sites"][self.site.name]["contract"]
        return FormsRow(volume=volume, agents=found.agents, amounts=amounts, contacts_per_year=found.contacts_per_year)


def _work(scenario: Scenario, site: Site) -> tuple[str, dict[tuple[str, str], tuple[float, ...]]]:
    """The skill set and the demand of the comparison."""
    banned = {k.region for k in scenario.links if k.site == site.name and not k.allowed}
    own = {key: row for key, row in own_demand(scenario).items() if key[0] not in banned and any(row)}
    able = [k for k in scenario.skill_sets if site.skill_sets is None or k.name in site.skill_sets]
    counted = [(sum(c in k.contact_types for _, c in own), k) for k in able]
    most, best = max(counted, key=lambda x: x[0], default=(0, None))
    if best is None or most == 0:
        msg = f"site = {site.name!r}: may serve no contact type of the scenario"
        raise ValueError(msg)
    return best.name, {key: row for key, row in own.items() if key[1] in best.contact_types}
