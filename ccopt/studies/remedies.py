"""What may strengthen one agent group in one period: changes of a design (or of an offer to customers), ready to be judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ccopt.design import AgentGroup, Design, Route, RouteKind
from ccopt.kpis import ServiceRow
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.scenario.kinds import CallBack

MOVED = 0.1  # of the contacts of the spot, to another group
RUNG_BACK = 0.5  # of those who must wait accept to be rung back (assumption)
OTHERS = 2  # groups tried for each kind of remedy, those with the most agents


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A remedy in words, and the documents with it."""

    what: str
    scenario: Scenario
    design: Design


def candidates(scenario: Scenario, design: Design, cell: ServiceRow) -> Iterator[Candidate]:
    """Remedies that apply to a contact type in a group and period.

    One more agent; one agent of another group of the site trained for this group; a tenth of the contacts to another group that has
    the skill; an offer to ring back half of those who must wait, where there is none yet.
    """
    at = next(t for t, p in enumerate(scenario.periods) if p.name == cell.period)
    here = next(g for g in design.groups if (g.site, g.skill_set) == (cell.site, cell.skill_set))
    yield Candidate(what="one more agent", scenario=scenario, design=_with_agents(design, {here: 1}, at))
    others = sorted((g for g in design.groups if g is not here and g.agents[at] > 0), key=lambda g: (-g.agents[at], g.site, g.skill_set))
    for other in [g for g in others if g.site == here.site][:OTHERS]:
        yield Candidate(
            what=f"train one agent of {other.skill_set} as {here.skill_set}", scenario=scenario,
            design=_with_agents(design, {here: 1, other: -1}, at),
        )  # fmt: skip
    can = {k.name: k.contact_types for k in scenario.skill_sets}
    for other in [g for g in others if cell.name in can[g.skill_set]][:OTHERS]:
        yield Candidate(
            what=f"send {MOVED:.0%} of them to {other.site}/{other.skill_set}", scenario=scenario,
            design=design.model_copy(update={"routes": _moved(design.routes, cell.name, here, other, at)}),
        )  # fmt: skip
    yield from _ring_back(scenario, design, cell)


def _with_agents(design: Design, more: dict[AgentGroup, int], at: int) -> Design:
    groups = tuple(
        g.model_copy(update={"agents": tuple(n + more.get(g, 0) * (t == at) for t, n in enumerate(g.agents))}) for g in design.groups
    )
    return design.model_copy(update={"groups": groups})


def _moved(routes: Sequence[Route], name: str, here: AgentGroup, other: AgentGroup, at: int) -> tuple[Route, ...]:
    """Routes with a part of the shares of one group and period given to another, region by region."""
    moved: dict[tuple[str, str], float] = {}
    kinds: dict[tuple[str, str], RouteKind] = {}
    out = []
    for r in routes:
        if r.contact_type == name and r.kind in ("primary", "escalation") and (r.site, r.skill_set) == (here.site, here.skill_set):
            moved[r.region, r.kind] = MOVED * r.share[at]
            kinds[r.region, r.kind] = r.kind
            out.append(r.model_copy(update={"share": _changed(r.share, at, -MOVED * r.share[at])}))
        else:
            out.append(r)
    for k, r in enumerate(out):
        if r.contact_type == name and (r.site, r.skill_set) == (other.site, other.skill_set) and (r.region, r.kind) in moved:
            out[k] = r.model_copy(update={"share": _changed(r.share, at, moved.pop((r.region, r.kind)))})
    for key, share in moved.items():
        shares = _changed((0.0,) * len(here.agents), at, share)
        out.append(
            Route(region=key[0], contact_type=name, site=other.site, skill_set=other.skill_set, kind=kinds[key], share=shares)
        )  # fmt: skip
    return tuple(out)


def _changed(share: Sequence[float], at: int, by: float) -> tuple[float, ...]:
    return tuple(x + by * (t == at) for t, x in enumerate(share))


def _ring_back(scenario: Scenario, design: Design, cell: ServiceRow) -> Iterator[Candidate]:
    kind = next((c for c in scenario.contact_types if c.name == cell.name), None)
    if kind is None or kind.callback is not None or kind.background or kind.chat_levels or kind.channel != "voice":
        return
    if kind.patience_s is None or len({c.priority for c in core_of(scenario).contact_types}) > 1:
        return
    offered = kind.model_copy(update={"callback": CallBack(accept=RUNG_BACK)})
    types = tuple(offered if c is kind else c for c in scenario.contact_types)
    yield Candidate(
        what=f"offer to ring back ({RUNG_BACK:.0%} of those who must wait accept; all sites)",
        scenario=scenario.model_copy(update={"contact_types": types}), design=design,
    )  # fmt: skip
