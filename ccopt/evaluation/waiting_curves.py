"""Dissatisfaction of waiting customers as a curve of the wait.

A curve D maps seconds of waiting to the share of customers who are dissatisfied; who gives up counts as dissatisfied.
With F(t) the share answered within t, the dissatisfied share is 1 - F(∞) + ∫ D(t) dF(t). Without a curve of the client
the scenario's own patience speaks: D(t) = 1 - exp(-t / patience), the share of customers who would have left by t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design
from ccopt.evaluation.group_models import solve_groups
from ccopt.evaluation.group_results import GroupModel, handle_times
from ccopt.evaluation.judge import default_model
from ccopt.evaluation.referee import kinds_served
from ccopt.routing import check_design
from ccopt.routing.flows import network_arrays
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import ContactType, Scenario
from ccopt.simulation.waits import simulated_waits

GRID = 96
CONTACTS, SEED = 60_000, 7

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitCurve:
    """Share of customers dissatisfied after a wait: straight lines between points, flat before and after.

    Attributes
    ----------
    wait_s, share
        Points with rising waits; shares in 0..1 that do not fall.
    source
        Where the curve comes from.
    """

    wait_s: tuple[float, ...]
    share: tuple[float, ...]
    source: str

    def __post_init__(self) -> None:
        if len(self.wait_s) != len(self.share) or len(self.wait_s) < 1:
            msg = f"curve with {len(self.wait_s)} waits and {len(self.share)} shares: needs as many of each"
            raise ValueError(msg)
        if any(b <= a for a, b in zip(self.wait_s[:-1], self.wait_s[1:], strict=True)):
            msg = f"wait_s = {self.wait_s}: waits must rise"
            raise ValueError(msg)
        rising = all(b >= a for a, b in zip(self.share[:-1], self.share[1:], strict=True))
        if not rising or not 0 <= self.share[0] <= self.share[-1] <= 1:
            msg = f"share = {self.share}: shares in 0..1 that do not fall"
            raise ValueError(msg)

    def __call__(self, wait_s: Floats) -> Floats:
        """Share dissatisfied after each wait."""
        found: Floats = np.interp(wait_s, self.wait_s, self.share)
        return found


def dissatisfaction(
    scenario: Scenario, design: Design, *, curves: dict[str, WaitCurve] | None = None, model: GroupModel | None = None
) -> dict[str, float | None]:
    """Share of dissatisfied customers per contact type over the year.

    From the group models where every group is a queue of its own in the order of arrival, else from simulated waits.

    Parameters
    ----------
    scenario, design
        Documents; the design is checked first.
    curves
        Curve of each contact type; the default of the module for types without one. A type that has neither a curve
        nor patience is None.
    model
        Group model; `ccopt.queueing.group_performance` when None. Not used where sites are linked.

    Returns
    -------
    dict
        Contact type -> share in 0..1, or None.
    """
    check_design(scenario, design)
    scenario = core_of(scenario)
    ranked = any(len({k.priority for k in mine}) > 1 for mine in kinds_served(scenario, design).values())
    linked = design.regime != "split" or design.offers or ranked
    count = _simulated if linked else _by_models
    unhappy, offered = count(scenario, design, curves or {}, model)
    known = [c.patience_s is not None or c.name in (curves or {}) for c in scenario.contact_types]
    return {
        c.name: float(unhappy[i] / offered[i]) if known[i] and offered[i] > 0 else None
        for i, c in enumerate(scenario.contact_types)
    }


def _by_models(
    scenario: Scenario, design: Design, curves: dict[str, WaitCurve], model: GroupModel | None
) -> tuple[Floats, Floats]:
    """Dissatisfied and offered contacts of the year by contact type, from the group models."""
    groups = _Groups(scenario, design, model or default_model(), curves)
    unhappy, offered = np.zeros(len(groups.patience_s)), np.zeros(len(groups.patience_s))
    for g, t in np.argwhere(groups.results.rates.sum(axis=1) > 0):
        used = np.flatnonzero(groups.results.rates[g, :, t] > 0)
        weight = groups.results.rates[g, used, t] * scenario.periods[t].hours_per_year
        offered[used] += weight
        unhappy[used] += weight * groups.dissatisfied(int(g), int(t), used)
    return unhappy, offered


def _simulated(
    scenario: Scenario, design: Design, curves: dict[str, WaitCurve], _model: GroupModel | None
) -> tuple[Floats, Floats]:
    """The same from the waits of simulated contacts; who is not answered counts as dissatisfied."""
    unhappy, offered = np.zeros(len(scenario.contact_types)), np.zeros(len(scenario.contact_types))
    for waits in simulated_waits(scenario, design, contacts=CONTACTS, seed=SEED):
        hours = scenario.periods[waits.period].hours_per_year
        for c, kind in enumerate(scenario.contact_types):
            mine = waits.of_type(kind.name)
            level = _level(kind, curves.get(kind.name), mine.wait_s)
            if level is not None:
                offered[c] += hours * len(level) / waits.hours
                unhappy[c] += hours * float(np.where(mine.answered, level, 1.0).sum()) / waits.hours
    return unhappy, offered


class _Groups:
    """Group models of a design, asked for the share answered within any wait."""

    def __init__(self, scenario: Scenario, design: Design, model: GroupModel, curves: dict[str, WaitCurve]) -> None:
        network = network_arrays(scenario, design)
        self.agents = np.array([g.agents for g in design.groups], dtype=np.int64).reshape(-1, len(scenario.periods))
        self.results = solve_groups(scenario, network, self.agents, model)
        self.patience_s = np.array([c.patience_s or np.inf for c in scenario.contact_types])
        self.aht_s = handle_times(scenario, network)
        self.model = model
        self.chosen = [(c, curves.get(c.name)) for c in scenario.contact_types]

    def within(self, g: int, t: int, used: NDArray[np.int64], wait_s: float) -> Floats:
        """Share of each type answered within a wait."""
        return self.model(
            self.results.rates[g, used, t], self.aht_s[g][used], patience_s=self.patience_s[used],
            agents=int(self.agents[g, t]), awt_s=np.full(len(used), wait_s),
        ).answered_in_time  # fmt: skip

    def dissatisfied(self, g: int, t: int, used: NDArray[np.int64]) -> Floats:
        """Dissatisfied share of each type in one group and period; all of them where the queue has no end."""
        if not self.results.stable[g, t]:
            return np.ones(len(used))
        chosen = [self.chosen[c] for c in used]
        waits = self.results.mean_wait_s[g, used, t]
        wait_s = float(waits[np.isfinite(waits)].max(initial=0.0))  # background work has no wait
        grid = _grid(float(self.aht_s[g][used].max()), wait_s, [c for _, c in chosen])
        answered = np.array([self.within(g, t, used, float(w)) for w in grid])
        return _expected(chosen, grid, answered, 1.0 - self.results.abandonment[g, used, t])


def _grid(aht_s: float, wait_s: float, curves: Sequence[WaitCurve | None]) -> Floats:
    """Waits from 0 on, dense where customers wait, with the corners of the curves."""
    reach = max(aht_s, 40.0 * wait_s, 600.0)
    corners = [w for c in curves if c is not None for w in c.wait_s if w <= reach]
    return np.unique(np.concatenate([[0.0], np.geomspace(0.05, reach, GRID), corners]))


def _expected(
    chosen: Sequence[tuple[ContactType, WaitCurve | None]], grid: Floats, within: Floats, answered: Floats
) -> Floats:
    """Dissatisfied share of each type: who gives up, and who is answered weighted by the curve (trapezoid in F)."""
    out = np.empty(len(chosen))
    for k, (contact_type, curve) in enumerate(chosen):
        level = _level(contact_type, curve, grid)
        if level is None:
            out[k] = np.nan
            continue
        steps = np.diff(within[:, k])
        beyond = max(float(answered[k] - within[-1, k]), 0.0)
        served = float(level[0] * within[0, k] + (0.5 * (level[1:] + level[:-1])) @ steps + level[-1] * beyond)
        out[k] = 1.0 - float(answered[k]) + served
    return out


def _level(contact_type: ContactType, curve: WaitCurve | None, wait_s: Floats) -> Floats | None:
    """Share dissatisfied after waits, by the curve or the patience; None where neither is known."""
    if curve is not None:
        return curve(wait_s)
    if contact_type.patience_s is not None:
        found: Floats = -np.expm1(-wait_s / contact_type.patience_s)
        return found
    return None
