"""Where a design is closest to breaking a promise, and what the cheapest remedy costs."""

from __future__ import annotations

from dataclasses import dataclass

from ccopt.design import Design
from ccopt.errors import ScenarioError
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation, ServiceRow
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import ContactType, Scenario
from ccopt.studies.remedies import candidates

WORTH = 0.5  # a remedy must do this part of what one more agent does
KEPT = 1e-9  # margins below 0 by rounding
Spot = tuple[str, str, str | None, str | None, str | None]  # promise, contact type, site, skill set, period


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A change, what the year costs more with it, net of what customers then save or bring, and the margin of the spot then.

    ``harms``: promises that it breaks or breaks further elsewhere; such a remedy is never chosen.
    """

    what: str
    cost: float
    margin_after: float
    harms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakSpot:
    """A contact type in a group and period: its margin to the nearest promise, and what would widen it.

    ``margin`` is in shares of the promise (0.8 promised, 0.82 kept: 0.02; abandonment 5 % allowed, 4 % lost: 0.01);
    negative where it is broken. ``remedies`` are all that were judged, the chosen first, then the cheapest first.
    """

    place: str
    contact_type: str
    promise: str
    margin: float
    remedies: tuple[Remedy, ...]

    @property
    def remedy(self) -> str:
        """The cheapest remedy that helps."""
        return self.remedies[0].what

    @property
    def remedy_cost(self) -> float:
        """What it costs a year."""
        return self.remedies[0].cost

    @property
    def margin_after(self) -> float:
        """The margin with it."""
        return self.remedies[0].margin_after


def weak_spots(scenario: Scenario, design: Design, *, most: int = 5) -> tuple[WeakSpot, ...]:
    """The weakest spots of a design, the smallest margin first, each with remedies judged by evaluation.

    Chosen is the cheapest that harms no promise and keeps the promise of the spot; where none does, or where the promise is kept
    already, the cheapest that does at least half of what one more agent does. See `ccopt.studies.remedies`.

    Parameters
    ----------
    scenario, design
        Checked documents.
    most
        Spots at most; each costs some six evaluations.
    """
    base = evaluate(scenario, design)
    before = _by_promise(scenario, base)
    spots = sorted(_margins(scenario, base), key=lambda x: x[0])[:most]
    return tuple(
        WeakSpot(
            place=f"{cell.site}/{cell.skill_set} in {cell.period}", contact_type=cell.name, promise=promise, margin=margin,
            remedies=_remedies(scenario, design, cell, (promise, *_key(cell)), base, before),
        )
        for margin, promise, cell in spots
    )  # fmt: skip


def _remedies(
    scenario: Scenario, design: Design, cell: ServiceRow, spot: Spot, base: Evaluation, before: dict[Spot, float]
) -> tuple[Remedy, ...]:  # fmt: skip
    """All that apply, the chosen first; a remedy that the documents do not allow (a link, a skill set at a site) does not apply."""
    found = []
    for c in candidates(scenario, design, cell):
        try:
            after = evaluate(c.scenario, c.design)
        except ScenarioError:
            continue
        then = _by_promise(c.scenario, after)
        harms = sum(m < min(before.get(k, 0.0), 0.0) - KEPT for k, m in then.items() if k != spot)
        cost = (after.cost_per_year - after.revenue_per_year) - (base.cost_per_year - base.revenue_per_year)
        found.append(Remedy(what=c.what, cost=cost, margin_after=then[spot], harms=harms))
    agent, here = found[0], before[spot]
    enough = here + WORTH * (agent.margin_after - here)
    helps = [r for r in found if r.harms == 0 and r.margin_after >= enough]
    cures = [r for r in helps if r.margin_after >= -KEPT]
    chosen = min(cures or helps or [agent], key=lambda r: (r.cost, -r.margin_after))
    return (chosen, *sorted((r for r in found if r is not chosen), key=lambda r: r.cost))


def _by_promise(scenario: Scenario, judged: Evaluation) -> dict[Spot, float]:
    return {(promise, *_key(cell)): margin for margin, promise, cell in _margins(scenario, judged)}


def resolution_worth(scenario: Scenario, design: Design, *, points: float = 0.01) -> dict[str, float]:
    """Agent-hours a year that a rise of first-contact resolution frees, by contact type of the ``quality`` block.

    The load falls from x / (1 - q) to x / (1 - q') with q = returns (1 - resolution); agents are whole, so money follows
    in steps, and a plan made for the better figure says how much.
    """
    base, found = _carried(scenario, design), {}
    for i, q in enumerate(scenario.quality):
        better = q.model_copy(update={"first_contact_resolution": min(1.0, q.first_contact_resolution + points)})
        rows = tuple(better if j == i else other for j, other in enumerate(scenario.quality))
        found[q.contact_type] = base - _carried(scenario.model_copy(update={"quality": rows}), design)
    return found


def _carried(scenario: Scenario, design: Design) -> float:
    hours = {p.name: p.hours_per_year for p in scenario.periods}
    return sum(g.carried_load * hours[g.period] for g in evaluate(scenario, design).groups)


def _key(cell: ServiceRow) -> tuple[str, str | None, str | None, str | None]:
    return cell.name, cell.site, cell.skill_set, cell.period


def _margins(scenario: Scenario, judged: Evaluation) -> list[tuple[float, str, ServiceRow]]:
    kinds = {c.name: c for c in core_of(scenario).contact_types}
    return [row for cell in judged.cells for row in _of_cell(kinds[cell.name], cell)]


def _of_cell(kind: ContactType, cell: ServiceRow) -> list[tuple[float, str, ServiceRow]]:
    rows = []
    for entry in kind.targets:
        if entry.service_level is not None and entry.awt_s == cell.awt_s and cell.service_level is not None:
            rows.append((cell.service_level - entry.service_level, f"{entry.service_level:.0%} in {entry.awt_s:g} s", cell))
        if entry.max_abandonment is not None:
            rows.append((entry.max_abandonment - cell.abandonment, f"at most {entry.max_abandonment:.0%} abandon", cell))
        if entry.max_response_h is not None and cell.service_level is not None:
            share = 1.0 if entry.share is None else entry.share
            rows.append((cell.service_level - share, f"{share:.0%} within {entry.max_response_h:g} h", cell))
    return rows
