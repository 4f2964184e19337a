"""What stands before the agents of a scenario: lines, ports and menus of self-service.

The core of a scenario has contacts for agents only, and lines as a load. Here the attempts themselves are simulated: who
passes a menu takes a port there and may end in it; who finds no line or no port free is blocked. A bank of lines that
the design does not number is taken as large enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ccopt.design import Design
from ccopt.errors import Problem, ScenarioError
from ccopt.scenario.core import attempts_of
from ccopt.scenario.entities import Scenario
from ccopt.scenario.kinds import Menu, Trunk
from ccopt.simulation.network import SelfService, Source

OTHER_LOAD_S = 180.0  # blocking does not depend on how long the other load holds its lines, only on its erlangs


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """How contacts of a type come in: their bank of lines, their menu and what names it."""

    trunk: str | None = None
    menu: Menu | None = None
    self_service: str | None = None


class Entrances:
    """Entrances of a design by contact type; ``core`` is the core of the scenario.

    Raises
    ------
    ScenarioError
        A contact type that passes several menus or stands in several banks of lines, which is not simulated.
    """

    def __init__(self, scenario: Scenario, core: Scenario, design: Design) -> None:
        problems = tuple(_problems(scenario, core))
        if problems:
            raise ScenarioError(problems)
        self.attempts = attempts_of(scenario)
        self.banks = {t.name: t for t in core.trunks if t.name in design.trunks}
        self.trunks = tuple((name, design.trunks[name]) for name, t in self.banks.items() if t.contact_types)
        self.machines = tuple(_machines(scenario, design))
        self.of = {c.name: _entrance(c.name, scenario, self.banks.values()) for c in core.contact_types}

    def split(self, region: str, contact_type: str, period: int, to_agents: float) -> tuple[float, float]:
        """Contacts per hour that pass the menu of their type, and those that go to its agents at once."""
        menu = self.of[contact_type].menu
        if menu is None:
            return to_agents, 0.0
        row = self.attempts.get((region, contact_type))
        passing = menu.share * row[period] if row else 0.0
        return passing, max(to_agents - passing * (1.0 - menu.containment), 0.0)

    def other_load(self, period: int, queue: str) -> Iterable[Source]:
        """Contacts that hold lines of a bank and need no agent; of self-service the menus themselves do."""
        for name, _ in self.trunks:
            erlangs = self.banks[name].erlangs
            load = erlangs[period] if isinstance(erlangs, tuple) else erlangs
            if load > 0.0 and not name.endswith(": lines"):
                yield Source(name=f"other load of {name}", queues=((queue, 1.0),), trunk=name, self_service=OTHER,
                             contacts_per_hour=load / OTHER_LOAD_S * 3600.0)  # fmt: skip


    def notes(self, core: Scenario) -> tuple[str, ...]:
        """What a reader must know: lines that are taken as large enough, chats that share their agents."""
        free = sorted(t.name for t in core.trunks if t.name not in self.banks)
        found = [f"lines that the design does not number block nobody: {', '.join(free)}"] if free else []
        chats = {c.name: tuple(x.handle_s for x in c.chat_levels) for c in core.contact_types}
        mixed = [k.name for k in core.skill_sets if len({chats[c] for c in k.contact_types}) > 1
                 and any(len(chats[c]) > 1 for c in k.contact_types)]  # fmt: skip
        if mixed:
            found.append(f"chats beside other types take their part of an agent one at a time: {', '.join(sorted(mixed))}")
        return tuple(found)


OTHER = "other load"


def _machines(scenario: Scenario, design: Design) -> Iterable[SelfService]:
    yield SelfService(name=OTHER, mean_s=OTHER_LOAD_S, contained=1.0)
    for service in scenario.self_service:
        first = _named(service.name, service.menus[0].contact_type)
        for menu in service.menus:
            name = _named(service.name, menu.contact_type)
            yield SelfService(name=name, mean_s=menu.time_s, contained=menu.containment,
                              ports=design.trunks.get(f"{service.name}: ports"),
                              ports_of=None if name == first else first)  # fmt: skip


def _named(service: str, contact_type: str) -> str:
    return f"{service} / {contact_type}"


def _entrance(contact_type: str, scenario: Scenario, banks: Iterable[Trunk]) -> Entrance:
    trunk = next((t.name for t in banks if contact_type in t.contact_types), None)
    for service in scenario.self_service:
        for menu in service.menus:
            if menu.contact_type == contact_type:
                return Entrance(trunk=trunk, menu=menu, self_service=_named(service.name, contact_type))
    return Entrance(trunk=trunk)


def _problems(scenario: Scenario, core: Scenario) -> Iterable[Problem]:
    menus = Counter(m.contact_type for v in scenario.self_service for m in v.menus)
    banks = Counter(c for t in core.trunks for c in t.contact_types)
    for name, count in menus.items():
        if count > 1:
            yield Problem(place="self_service.menus", value=repr(name), rule=f"{count} menus of one contact type",
                          remedy="simulation follows one menu; merge them, or evaluate the design")  # fmt: skip
    for name, count in banks.items():
        if count > 1:
            yield Problem(place="trunks.contact_types", value=repr(name), rule=f"stands in {count} banks of lines",
                          remedy="simulation follows one bank; merge them, or evaluate the design")  # fmt: skip
