"""What one point of service, one seat, one skill costs: a re-solve each, undecided where the gaps are larger."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from ccopt.costs import seats_used
from ccopt.design import Plan
from ccopt.errors import ScenarioError
from ccopt.scenario.checks import validated
from ccopt.scenario.entities import Scenario
from ccopt.studies.changes import raw_of, with_seats, without_group
from ccopt.studies.distances import agent_hours
from ccopt.studies.re_solving import Range, ReSolver, difference, solved

POINT = 0.01
CENTS = 0.5
MOST_SEAT_QUESTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalPrice:
    """The change of the yearly cost when one thing moves by one step."""

    what: str
    change: Range | None
    note: str = ""

    def sentence(self) -> str:
        """The price in words, or that the gaps hide it."""
        return f"{self.what}: {self.worth()}"

    def worth(self) -> str:
        """What the step is worth, without its name."""
        if self.change is None:
            return self.note
        d = self.change
        if max(abs(d.low), abs(d.high)) < CENTS:
            return "changes nothing"
        if d.decided and d.high - d.low < 1.0:
            return f"{d.found:+,.0f} a year"
        if d.decided:
            return f"{d.found:+,.0f} a year (certified {d.low:+,.0f} to {d.high:+,.0f})"
        return f"{d.found:+,.0f} a year found, undecided within the gaps ({d.low:+,.0f} to {d.high:+,.0f})"


def marginal_prices(
    scenario: Scenario, plan: Plan, resolver: ReSolver, *, seconds: float, site: str | None = None
) -> tuple[MarginalPrice, ...]:
    """Prices of one point of service level, one more seat where seats bind, and the broadest skill of a site.

    Parameters
    ----------
    scenario, plan
        The plan and its scenario.
    resolver
        The clock, limits and seed of the study.
    seconds
        For all of them together.
    site
        Site whose broadest group is taken away (None: the open site with the most agents).
    """
    asked: list[tuple[str, Scenario | None]] = [("one point more of every service level", _points(scenario))]
    full = [
        s.name for s in scenario.sites
        if s.seats and s.name in plan.design.open_sites and seats_used(scenario, plan.design, s.name) >= s.seats
    ]  # fmt: skip
    asked += [(f"one more seat at {name}", with_seats(scenario, 1, name)) for name in full[:MOST_SEAT_QUESTIONS]]
    key = _broadest(scenario, plan, site)
    if key is not None:
        asked.append((f"no skill set {key[1]!r} at {key[0]}", _without(scenario, key)))
    out = []
    end = time.monotonic() + seconds
    for i, (what, changed) in enumerate(asked):
        if changed is None:
            out.append(MarginalPrice(what=what, change=None, note="does not apply here"))
            continue
        found = resolver.solve(changed, seconds=max(0.5, (end - time.monotonic()) / (len(asked) - i)), start=plan.design)
        if found.plan is None:
            note = "no design keeps all limits (" + "; ".join(found.reason) + ")" if found.infeasible else "not found in time"
            out.append(MarginalPrice(what=what, change=None, note=note))
        else:
            out.append(MarginalPrice(what=what, change=difference(found, solved(plan))))
    return tuple(out)


def _points(scenario: Scenario) -> Scenario | None:
    raw = raw_of(scenario)
    changed = False
    for row in raw["contact_types"]:
        for entry in row.get("targets", []):
            if entry.get("service_level") is not None and entry["service_level"] + POINT < 1.0:
                entry["service_level"] += POINT
                changed = True
    return validated(raw) if changed else None


def _broadest(scenario: Scenario, plan: Plan, site: str | None) -> tuple[str, str] | None:
    """The group of a site that serves the most contact types, the larger one where several do."""
    hours = agent_hours(scenario, plan.design)
    if not hours:
        return None
    if site is None:
        total = {s: math.fsum(h for (n, _), h in hours.items() if n == s) for s, _ in hours}
        site = max(total, key=lambda s: total[s])
    kinds = {k.name: len(k.contact_types) for k in scenario.skill_sets}
    mine = [g for g in hours if g[0] == site]
    return max(mine, key=lambda g: (kinds[g[1]], hours[g]), default=None)


def _without(scenario: Scenario, key: tuple[str, str]) -> Scenario | None:
    try:
        return without_group(scenario, *key)
    except ScenarioError:  # nobody else could serve its contacts
        return None
