"""Where a design is closest to breaking a promise, and what the cheapest remedy costs."""

from __future__ import annotations

from dataclasses import dataclass

from ccopt.design import Design
from ccopt.evaluation import evaluate
from ccopt.kpis import Evaluation, ServiceRow
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import ContactType, Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakSpot:
    """A contact type in a group and period: its margin to the nearest promise, and one more agent there.

    ``margin`` is in shares of the promise (0.8 promised, 0.82 kept: 0.02; abandonment 5 % allowed, 4 % lost: 0.01);
    negative where it is broken. ``remedy_cost`` is what the year costs more with one more agent in that group and period,
    net of what customers then save or bring; ``margin_after`` is the margin then.
    """

    place: str
    contact_type: str
    promise: str
    margin: float
    remedy: str
    remedy_cost: float
    margin_after: float


def weak_spots(scenario: Scenario, design: Design, *, most: int = 5) -> tuple[WeakSpot, ...]:
    """The weakest spots of a design, the smallest margin first, each with the cheapest whole remedy on the spot.

    Parameters
    ----------
    scenario, design
        Checked documents.
    most
        Spots at most; each costs one more evaluation.
    """
    base = evaluate(scenario, design)
    spots = sorted(_margins(scenario, base), key=lambda x: x[0])[:most]
    found = []
    for margin, promise, cell in spots:
        after = evaluate(scenario, _one_more(scenario, design, cell))
        then = min(m for m, p, c in _margins(scenario, after) if (p, _key(c)) == (promise, _key(cell)))
        cost = (after.cost_per_year - after.revenue_per_year) - (base.cost_per_year - base.revenue_per_year)
        found.append(
            WeakSpot(
                place=f"{cell.site}/{cell.skill_set} in {cell.period}", contact_type=cell.name, promise=promise, margin=margin,
                remedy="one more agent", remedy_cost=cost, margin_after=then,
            )
        )  # fmt: skip
    return tuple(found)


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


def _one_more(scenario: Scenario, design: Design, cell: ServiceRow) -> Design:
    at = next(t for t, p in enumerate(scenario.periods) if p.name == cell.period)
    groups = tuple(
        g.model_copy(update={"agents": tuple(n + (t == at) for t, n in enumerate(g.agents))})
        if (g.site, g.skill_set) == (cell.site, cell.skill_set) else g
        for g in design.groups
    )  # fmt: skip
    return design.model_copy(update={"groups": groups})
