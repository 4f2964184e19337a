"""What if: the layout stays, the staff follows. Volume, handle time and promises change; sites, groups and shares do not.

Answers in milliseconds per question, so that a mailed report can carry a whole grid of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ccopt.costs import leaves, seats_used, tariff_in_force
from ccopt.design import Design
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation
from ccopt.scenario.entities import Scenario
from ccopt.staffing.network_model import Ints, NetworkModel
from ccopt.studies.changes import with_handle_time, with_volume
from ccopt.studies.fixed_layouts import settled_staff

FACTORS = (0.8, 0.9, 1.0, 1.1, 1.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfCell:
    """One point of the grid.

    Attributes
    ----------
    volume, handle_time
        Factors on all contacts and on all handle times.
    cost_per_year, wages_per_year
        With the staff that keeps every promise; ``wages_per_year`` is the part that a wage factor multiplies.
    agents
        Sum over sites of the agents at the site's peak; ``seats_short`` of them have no seat.
    service_level, abandonment, broken
        With the staff of the plan unchanged: lowest service level of a promised contact type in a period (None without
        promises), share of all contacts lost, promises broken.
    """

    volume: float
    handle_time: float
    cost_per_year: float
    wages_per_year: float
    agents: int
    seats_short: int
    service_level: float | None
    abandonment: float
    broken: int


class FixedLayout:
    """A design whose agents follow a changed scenario.

    The plan's own margin stays: agents = plan + (fewest now - fewest then), so that nothing changes where the scenario
    does not. Only the fixed split has a staffing rule per group; other regimes are refused.

    Raises
    ------
    ValueError
        The sites of the design are linked.
    """

    def __init__(self, scenario: Scenario, design: Design) -> None:
        if design.regime != "split":
            msg = f"regime = {design.regime!r}: only a fixed split can be restaffed group by group"
            raise ValueError(msg)
        self.scenario, self.design = scenario, design
        self._load: NDArray[np.float64] | None = None
        self._base = self.fewest(scenario)
        self._judged = lru_cache(maxsize=256)(self._judge)

    def fewest(self, scenario: Scenario) -> Ints:
        """Fewest agents (G, T) that keep every promise of a scenario with the shares of the design."""
        model = NetworkModel(scenario, self.design)
        return settled_staff(model, self._guess(model), model.ones(), _fewest)

    def _guess(self, model: NetworkModel) -> Ints:
        """The plan's agents in proportion to the load."""
        load = np.einsum("gct,gc->gt", model.rates(model.ones()), [[k.aht_s for k in row] for row in model.kinds]) / 3600.0
        if self._load is None:
            self._load = load
        ratio = np.divide(load, self._load, out=np.ones_like(load), where=self._load > 0.0)
        guess: Ints = np.rint(model.agents * ratio).astype(np.int64)
        return guess

    def restaffed(self, scenario: Scenario) -> Design:
        """The design with the staff for a changed scenario."""
        change = self.fewest(scenario) - self._base
        groups = tuple(
            g.model_copy(update={"agents": tuple(max(0, n + int(d)) for n, d in zip(g.agents, change[i], strict=True))})
            for i, g in enumerate(self.design.groups)
        )
        return self.design.model_copy(update={"groups": groups})

    def _judge(self, volume: float, handle_time: float) -> tuple[Evaluation, Evaluation, Design]:
        changed = with_handle_time(with_volume(self.scenario, volume), handle_time)
        design = self.restaffed(changed)
        return evaluate(changed, design), evaluate(changed, self.design), design

    def cell(self, volume: float = 1.0, handle_time: float = 1.0) -> WhatIfCell:
        """The answer for one pair of factors."""
        staffed, same, design = self._judged(volume, handle_time)
        seats = {s.name: s.seats for s in self.scenario.sites}
        used = {s: seats_used(self.scenario, design, s) for s in design.open_sites}
        promised = {c.name for c in self.scenario.contact_types if any(e.service_level is not None for e in c.targets)}
        levels = [
            r.service_level for r in same.contact_types
            if r.name in promised and r.period is not None and r.contacts_per_hour > 0 and r.service_level is not None
        ]  # fmt: skip
        return WhatIfCell(
            volume=volume, handle_time=handle_time, cost_per_year=math.fsum(leaves(staffed.costs)), wages_per_year=self._hourly(staffed),
            agents=sum(used.values()),
            seats_short=sum(max(0, n - have) for s, n in used.items() if (have := seats[s]) is not None),
            service_level=min(levels, default=None), abandonment=lost_share(self.scenario, same), broken=len(same.violations),
        )  # fmt: skip

    def _hourly(self, judged: Evaluation) -> float:
        """The part of the cost that a wage factor multiplies: labour, and contracts by the agent-hour above their minimum."""
        sites = {s.name: s for s in self.scenario.sites}
        total = 0.0
        for name, row in judged.costs["sites"].items():
            total += float(row.get("labour", 0.0))
            tariff = tariff_in_force(sites[name], self.design) if name in self.design.open_sites else None
            amount = float(row.get("contract", 0.0))
            if tariff is not None and tariff.per == "agent_hour" and amount > tariff.minimum:
                total += amount
        return total

    def cost(self, scenario: Scenario) -> float:
        """Cost per year with the staff for a changed scenario."""
        return evaluate(scenario, self.restaffed(scenario)).cost_per_year


def _fewest(model: NetworkModel, g: int, rates: np.ndarray, guess: int) -> int:
    load = sum(float(r) * model.kinds[g][c].aht_s for c, r in enumerate(rates)) / 3600.0
    if load <= 0.0:
        return 0
    start = guess or math.ceil(load + math.sqrt(load))
    found = model.fewest(g, rates, start, math.ceil(3 * load + 50))
    if found is None:
        msg = f"group {model.network.groups[g]}: no number of agents keeps its promises at {load:.3g} erlangs"
        raise ValueError(msg)
    return found


def lost_share(scenario: Scenario, judged: Evaluation) -> float:
    """Share of all contacts of the year that abandon."""
    hours = {p.name: p.hours_per_year for p in scenario.periods}
    rows = [(r, r.contacts_per_hour * hours[r.period]) for r in judged.contact_types if r.period is not None]
    total = math.fsum(x for _, x in rows)
    return math.fsum(r.abandonment * x for r, x in rows) / total if total > 0.0 else 0.0


def what_if(
    scenario: Scenario, design: Design, *, volume: Sequence[float] = FACTORS, handle_time: Sequence[float] = FACTORS
) -> tuple[WhatIfCell, ...]:
    """Answers on a grid of volume and handle time, row by row; wages need no grid, because cost is linear in them.

    Examples
    --------
    >>> import ccopt as cc
    >>> s = cc.load_instance("two-sites")
    >>> now, more = what_if(s, cc.baseline(s), volume=(1.0, 1.2), handle_time=(1.0,))
    >>> more.cost_per_year > now.cost_per_year
    True
    """
    layout = FixedLayout(scenario, design)
    return tuple(layout.cell(v, h) for v in volume for h in handle_time)
