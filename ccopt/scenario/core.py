"""The core of a scenario: optional blocks turned into demand, escalations, handle times, trunks and worth.

Every judge calls `core_of` first, so that optimiser, evaluation and simulation answer the same question. With

    λ = demand + mailings + channel shifts          contacts per hour that seek the company
    x = λ / (1 - q (1 - s))                         attempts; q: share followed by another attempt (`Quality.again`)
    y = x (1 - s)                                   contacts for agents, where s = what self-service contains

agents get y, the voice computer holds x t erlangs (t hours in its menus). Campaigns add list x hit rate over the hours
of their window; the handle time of a reached person grows by the misses before it. Journeys become escalations; what
a tier decides by its own authority is not handed on. The margin of a back-tested model error makes targets stricter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ccopt.scenario.entities import ContactType, Demand, Escalation, Scenario, SkillSet, TargetEntry
from ccopt.scenario.kinds import Campaign, Charge, Trunk, Worth
from ccopt.scenario.model_error import MARGINS

BLOCKS = ("journeys", "channel_shifts", "quality", "mailings", "campaigns", "self_service")
Rows = dict[tuple[str, str], list[float]]


def core_of(scenario: Scenario) -> Scenario:
    """The scenario without optional blocks that optimiser and judges work on; itself where there are none.

    Parameters
    ----------
    scenario
        A checked scenario.

    Returns
    -------
    Scenario
        The same names of sites, contact types, skill sets, regions and periods, so that a design of one is a design of
        the other. ``core_of(core_of(s)) == core_of(s)``.

    Examples
    --------
    >>> from ccopt.scenario import load_instance
    >>> s = load_instance("three-regions")
    >>> core_of(s) is s
    True
    """
    if not (
        any(getattr(scenario, b) for b in BLOCKS)
        or any(k.tenure for k in scenario.skill_sets)
        or any(e.handover_s or e.authority for e in scenario.escalations)
        or any(c.chat_levels and c.talk_s != c.chat_levels[-1].handle_s / c.chat_levels[-1].chats for c in scenario.contact_types)
    ):
        return _with_margins(scenario)
    scenario = _with_margins(scenario)
    work = _Work(scenario)
    return scenario.model_copy(update={
        "demand": work.demand(),
        "contact_types": tuple(_handled(scenario, c) for c in scenario.contact_types),
        "skill_sets": tuple(_experienced(k) for k in scenario.skill_sets),
        "escalations": (*map(_handed_over, scenario.escalations), *(
            Escalation(from_type=j.from_type, to_type=j.to_type, share=j.share) for j in scenario.journeys
        )),
        "trunks": (*scenario.trunks, *work.trunks()),
        "worth": _worth(scenario),
        "charges": (*scenario.charges, *_charges(scenario)),
        **dict.fromkeys(BLOCKS, ()),
    })  # fmt: skip


def attempts_of(scenario: Scenario) -> Rows:
    """Attempts per hour by region and contact type in every period, before self-service; campaigns are not among them."""
    return _Work(scenario).attempts


def _with_margins(scenario: Scenario) -> Scenario:
    """The scenario with targets that hold although the model is off by so many of its errors; itself without a margin."""
    error = scenario.model_error
    if error is None or error.safety == 0.0:
        return scenario

    def stricter(entry: TargetEntry) -> TargetEntry:
        margins = {
            name: value + sign * error.safety * getattr(error, field)
            for name, (field, sign) in MARGINS.items() if (value := getattr(entry, name)) is not None
        }  # fmt: skip
        return entry.model_copy(update=margins)

    kinds = tuple(
        c.model_copy(update={"targets": tuple(stricter(e) for e in c.targets)}) for c in scenario.contact_types
    )
    kept = error.model_copy(update={"safety": 0.0})
    return scenario.model_copy(update={"contact_types": kinds, "model_error": kept})


@dataclass(slots=True)
class _Work:
    """Contacts by region and type: what seeks the company, what is tried, what reaches agents."""

    scenario: Scenario
    attempts: Rows = field(default_factory=dict)
    to_agents: Rows = field(default_factory=dict)

    def __post_init__(self) -> None:
        own = _sought(self.scenario)
        contained = _contained(self.scenario)
        again = {q.contact_type: q.again for q in self.scenario.quality}
        for (region, kind), row in own.items():
            s, q = contained.get(kind, 0.0), again.get(kind, 0.0)
            self.attempts[region, kind] = [v / (1.0 - q * (1.0 - s)) for v in row]
            self.to_agents[region, kind] = [v * (1.0 - s) for v in self.attempts[region, kind]]

    def demand(self) -> tuple[Demand, ...]:
        """Demand for agents, campaigns included."""
        rows = {key: list(row) for key, row in self.to_agents.items()}
        for c in self.scenario.campaigns:
            _spread(self.scenario, rows, (c.region, c.contact_type), c.list_per_year * c.hit_rate, c.periods)
        return tuple(
            Demand(region=r, contact_type=c, contacts_per_hour=tuple(float(v) for v in row))
            for (r, c), row in rows.items()
        )

    def trunks(self) -> Iterable[Trunk]:
        """Ports and lines of the voice computers; types of a menu hold a line also while they wait and talk."""
        for service in self.scenario.self_service:
            load = [0.0] * len(self.scenario.periods)
            for menu in service.menus:
                for (_, kind), row in self.attempts.items():
                    if kind == menu.contact_type:
                        load = [a + menu.share * v * menu.time_s / 3600.0 for a, v in zip(load, row, strict=True)]
            kinds = tuple(dict.fromkeys(m.contact_type for m in service.menus))
            one = {"max_blocking": service.max_blocking, "erlangs": tuple(load)}
            yield Trunk(name=f"{service.name}: ports", rental_per_year=service.port_rental_per_year, **one)
            yield Trunk(
                name=f"{service.name}: lines", rental_per_year=service.line_rental_per_year, contact_types=kinds, **one
            )


def _sought(scenario: Scenario) -> Rows:
    """Contacts per hour that seek the company: demand, mailings, then shifts between channels."""
    rows: Rows = {}
    size = len(scenario.periods)
    for d in scenario.demand:
        rate = d.contacts_per_hour if isinstance(d.contacts_per_hour, tuple) else (d.contacts_per_hour,) * size
        row = rows.setdefault((d.region, d.contact_type), [0.0] * size)
        rows[d.region, d.contact_type] = [a + b for a, b in zip(row, rate, strict=True)]
    for m in scenario.mailings:
        _spread(scenario, rows, (m.region, m.contact_type), m.pieces_per_year * m.response, m.periods)
    moved: list[tuple[tuple[str, str], list[float]]] = []
    left = {key: list(row) for key, row in rows.items()}
    for shift in scenario.channel_shifts:
        for (region, kind), row in rows.items():
            if kind == shift.from_type and shift.region in (None, region):
                part = [shift.share * v for v in row]
                left[region, kind] = [a - b for a, b in zip(left[region, kind], part, strict=True)]
                moved.append(((region, shift.to_type), part))
    for key, part in moved:
        left[key] = [a + b for a, b in zip(left.get(key, [0.0] * size), part, strict=True)]
    return {key: [max(0.0, v) for v in row] for key, row in left.items()}


def _spread(
    scenario: Scenario, rows: Rows, key: tuple[str, str], contacts_per_year: float, periods: tuple[str, ...] | None
) -> None:
    """Add yearly contacts evenly over the hours of the periods of a window."""
    open_ = [periods is None or p.name in periods for p in scenario.periods]
    hours = sum(p.hours_per_year for p, o in zip(scenario.periods, open_, strict=True) if o)
    row = rows.setdefault(key, [0.0] * len(open_))
    rows[key] = [v + (contacts_per_year / hours if o else 0.0) for v, o in zip(row, open_, strict=True)]


def _contained(scenario: Scenario) -> Mapping[str, float]:
    """Share of each contact type that ends in the voice computer."""
    kept: dict[str, float] = {}
    for service in scenario.self_service:
        for m in service.menus:
            kept[m.contact_type] = kept.get(m.contact_type, 1.0) * (1.0 - m.share * m.containment)
    return {kind: 1.0 - share for kind, share in kept.items()}


def _handled(scenario: Scenario, kind: ContactType) -> ContactType:
    """A contact type with the handle time that journeys and misses leave; ring, talk, hold and wrap scale together."""
    factor = 1.0
    for j in scenario.journeys:
        if j.to_type == kind.name:
            factor = j.handle_factor
    misses = _miss_s(scenario.campaigns, kind.name)
    outbound = any(c.contact_type == kind.name for c in scenario.campaigns)
    if kind.chat_levels:
        levels = tuple(x.model_copy(update={"handle_s": factor * x.handle_s}) for x in kind.chat_levels)
        alone = {"ring_s": None, "talk_s": levels[-1].handle_s / levels[-1].chats, "hold_s": None, "wrap_s": None}
        return kind.model_copy(update={**alone, "chat_levels": levels})
    over = sum(
        e.share * ((1.0 - e.authority) * e.handover_s + e.authority * e.decide_s)
        for e in scenario.escalations if e.from_type == kind.name
    )  # fmt: skip
    if factor == 1.0 and not outbound and over == 0.0:
        return kind
    parts = {p: factor * v for p in ("ring_s", "talk_s", "hold_s", "wrap_s") if (v := getattr(kind, p)) is not None}
    if misses + over > 0.0:
        parts["wrap_s"] = parts.get("wrap_s", 0.0) + misses + over
    return kind.model_copy(update={**parts, "background": kind.background or outbound})


def _handed_over(step: Escalation) -> Escalation:
    """What is left of an escalation where agents decide a part themselves; its times are in the handle times."""
    left = {"share": step.share * (1.0 - step.authority), "handover_s": 0.0, "authority": 0.0, "decide_s": 0.0}
    return step.model_copy(update=left)


def _miss_s(campaigns: Iterable[Campaign], kind: str) -> float:
    """Seconds of misses before a person is reached: a geometric number of them, (1 - hit) / hit on average."""
    mine = [c for c in campaigns if c.contact_type == kind]
    reached = sum(c.list_per_year * c.hit_rate for c in mine)
    return sum(c.list_per_year * (1.0 - c.hit_rate) * c.miss_s for c in mine) / reached if reached > 0.0 else 0.0


def _experienced(skill: SkillSet) -> SkillSet:
    """A skill set with the mean speed and wage of its staff: rates add, so speed is the mean of 1 / factor."""
    if not skill.tenure:
        return skill
    speed = sum(t.share / t.aht_factor for t in skill.tenure)
    wage = sum(t.share * t.wage_factor for t in skill.tenure)
    update = {"aht_factor": skill.aht_factor / speed, "wage_factor": skill.wage_factor * wage, "tenure": ()}
    return skill.model_copy(update=update)


def _worth(scenario: Scenario) -> tuple[Worth, ...]:
    """Worth of contacts, with what people reached by campaigns buy."""
    rows = {w.contact_type: w for w in scenario.worth}
    for kind in dict.fromkeys(c.contact_type for c in scenario.campaigns):
        mine = [c for c in scenario.campaigns if c.contact_type == kind]
        reached = sum(c.list_per_year * c.hit_rate for c in mine)
        value = sum(c.list_per_year * c.hit_rate * c.success * c.value for c in mine) / reached if reached else 0.0
        old = rows.get(kind, Worth(contact_type=kind))
        rows[kind] = old.model_copy(update={"value_per_contact": old.value_per_contact + value})
    return tuple(rows.values())


def _charges(scenario: Scenario) -> Iterable[Charge]:
    """Yearly amounts that no decision changes: letters, numbers."""
    for m in scenario.mailings:
        if m.cost_per_piece > 0.0:
            yield Charge(name=f"mailing {m.name}", amount_per_year=m.pieces_per_year * m.cost_per_piece)
    for s in scenario.self_service:
        if s.number_rental_per_year > 0.0:
            yield Charge(name=f"{s.name}: numbers", amount_per_year=s.number_rental_per_year)
