"""Why this many agents: the load, what the promises ask, and what one agent fewer would miss."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ccopt.design import Design
from ccopt.kpis import MaxAbandonment, MaxAsa, MaxOccupancy, MaxResponse, ServiceLevel, Target, service_level_of
from ccopt.queueing import GroupPerformance
from ccopt.scenario.entities import Scenario
from ccopt.staffing.network_model import NetworkModel

DEFAULT_AWT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A promise that one agent fewer breaks: what is asked, what holds now, what would hold."""

    contact_type: str
    target: Target
    now: float | None
    one_fewer: float | None

    def words(self) -> str:
        """The promise as a phrase, such as ``calls: 76.6 % in 20 s instead of 80.0 %``."""
        t = self.target
        if isinstance(t, MaxAsa):
            fewer = "a queue that grows without end" if self.one_fewer is None else f"a mean wait of {self.one_fewer:.1f} s"
            return f"{self.contact_type}: {fewer} instead of at most {t.at_most_s:g} s"
        fewer = "the queue would grow without end" if self.one_fewer is None else f"{self.one_fewer:.2%}"
        if self.one_fewer is None:
            return f"{self.contact_type}: {fewer}"
        if isinstance(t, ServiceLevel):
            return f"{self.contact_type}: {fewer} in {t.awt_s:g} s instead of {t.at_least:.2%}"
        if isinstance(t, MaxResponse):
            return f"{self.contact_type}: {fewer} within {t.max_response_h:g} h instead of {t.share:.2%}"
        what = {"MaxAbandonment": "abandonment", "MaxOccupancy": "occupancy"}.get(type(t).__name__, "blocking")
        return f"{self.contact_type}: {what} {fewer} instead of at most {t.at_most:.2%}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingReason:
    """One group in one period: inputs of the formula, and the promises that set the number of agents.

    ``needed`` is the least number that keeps every promise; more agents than that are spare (a limit asks for them).
    """

    site: str
    skill_set: str
    period: str
    contacts_per_hour: float
    aht_s: float
    load: float
    agents: int
    needed: int
    model: str
    missed: tuple[Missed, ...]

    def sentence(self) -> str:
        """The reason in one sentence."""
        head = (
            f"{self.site} / {self.skill_set}, {self.period}: {self.contacts_per_hour:,.1f} contacts an hour x "
            f"{self.aht_s:,.0f} s / 3600 = {self.load:.2f} erlangs; {self.agents} agent{'' if self.agents == 1 else 's'} ({self.model})"
        )
        spare = f", {self.agents - self.needed} more than the promises ask" if self.agents > self.needed else ""
        if self.needed <= 1:
            return f"{head}{spare}: there are contacts, so one is needed"
        if not self.missed:
            return f"{head}{spare}: with {self.needed - 1} the agents would be fewer than the load"
        return f"{head}{spare}: with {self.needed - 1}, " + "; ".join(m.words() for m in self.missed)


def staffing_reasons(scenario: Scenario, design: Design, site: str | None = None) -> tuple[StaffingReason, ...]:
    """Why each group (of a site) has its agents, in every period with contacts.

    Parameters
    ----------
    scenario, design
        Checked documents; the design is taken as a fixed split.
    site
        Only groups of this site.
    """
    model = NetworkModel(scenario, design)
    if not len(model.agents):
        return ()
    rates, _ = model.settled(model.agents)
    return tuple(
        _reason(scenario, model, g, t, rates[g, :, t])
        for g, t in np.ndindex(*model.agents.shape)
        if rates[g, :, t].sum() > 0.0 and (site is None or model.network.groups[g][0] == site)
    )


def reasons_frame(reasons: Iterable[StaffingReason]) -> pd.DataFrame:
    """One row per group and period."""
    return pd.DataFrame([
        {
            "site": r.site, "skill_set": r.skill_set, "period": r.period, "contacts_per_hour": r.contacts_per_hour,
            "aht_s": r.aht_s, "load": r.load, "agents": r.agents, "needed": r.needed, "model": r.model,
            "one_fewer_misses": "; ".join(m.words() for m in r.missed),
        }
        for r in reasons
    ])  # fmt: skip


def _reason(scenario: Scenario, model: NetworkModel, g: int, t: int, rates: np.ndarray) -> StaffingReason:
    used = np.flatnonzero(rates > 0.0)
    agents = int(model.agents[g, t])
    load = math.fsum(float(rates[c]) * model.kinds[g][c].aht_s / 3600.0 for c in used)
    needed = model.fewest(g, rates, agents, agents) or agents
    missed = [
        Missed(contact_type=scenario.contact_types[c].name, target=target, now=now, one_fewer=fewer)
        for i, c in enumerate(used)
        for target in model.kinds[g][c].targets
        for now in [_value(model, g, rates, (needed, i), target)]
        for fewer in [_value(model, g, rates, (needed - 1, i), target)]
        if needed > 0 and not _holds(target, fewer)
    ]
    total = float(rates[used].sum())
    skill_site, skill = model.network.groups[g]
    patient = [math.isinf(model.kinds[g][c].patience_s) for c in used]
    name = "Erlang C" if all(patient) else "Erlang A"
    return StaffingReason(
        site=skill_site, skill_set=skill, period=scenario.periods[t].name, contacts_per_hour=total,
        aht_s=3600.0 * load / total, load=load, agents=agents, needed=needed,
        model=name if len(used) == 1 else f"{name} with the mean handle time of {len(used)} types", missed=tuple(missed),
    )  # fmt: skip


def _value(model: NetworkModel, g: int, rates: np.ndarray, at: tuple[int, int], target: Target) -> float | None:
    """What a target measures with so many agents; None without a steady state."""
    agents, i = at
    if agents <= 0:
        return None
    used = np.flatnonzero(rates > 0.0)
    _, found = model.one(g, rates, agents, _wait(target, model.kinds[g][int(used[i])].aht_s))
    return _measured(found, i, target) if found.stable else None


def _wait(target: Target, aht_s: float) -> float:
    if isinstance(target, ServiceLevel):
        return target.awt_s
    if isinstance(target, MaxResponse):
        return max(0.0, target.max_response_h * 3600.0 - aht_s)
    return DEFAULT_AWT_S


def _measured(found: GroupPerformance, i: int, target: Target) -> float | None:
    if isinstance(target, ServiceLevel):
        return service_level_of(
            target.basis, answered_in_time=float(found.answered_in_time[i]), answered=1.0 - float(found.abandonment[i]),
            abandoned_early=float(found.abandoned_early[i]), virtual=float(found.virtual[i]),
        )  # fmt: skip
    if isinstance(target, MaxResponse):
        return float(found.answered_in_time[i])
    if isinstance(target, MaxAsa):
        return float(found.asa_s[i])
    if isinstance(target, MaxAbandonment):
        return float(found.abandonment[i])
    return float(found.occupancy) if isinstance(target, MaxOccupancy) else 0.0


def _holds(target: Target, value: float | None) -> bool:
    if value is None:
        return False
    if isinstance(target, ServiceLevel):
        return value >= target.at_least - 1e-12
    if isinstance(target, MaxResponse):
        return value >= target.share - 1e-12
    return value <= (target.at_most_s if isinstance(target, MaxAsa) else target.at_most) + 1e-12
