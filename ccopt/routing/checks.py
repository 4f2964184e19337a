"""Check a design against its scenario: every problem of the document at once."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from ccopt.design import Design
from ccopt.errors import Problem, ScenarioError
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario

SHARE_TOLERANCE = 1e-6


def check_design(scenario: Scenario, design: Design) -> None:
    """Raise when a design does not fit its scenario.

    Names must exist, lists must have one entry per period, groups must stand at open sites that may have them, routes
    must lead to groups that can serve the contact type over links that are allowed, and shares of one region, contact
    type, kind (primary, escalation) and period must lie in 0..1 and sum to 1 (± 1e-6) where there is demand. Seats,
    labour pool and opening periods are promises, not form: `ccopt.evaluate` reports them as violations.

    Parameters
    ----------
    scenario
        A checked scenario.
    design
        The design to check.

    Raises
    ------
    ScenarioError
        With all problems.
    """
    scenario = core_of(scenario)
    problems = [
        *_sites(scenario, design),
        *_trunks(scenario, design),
        *_groups(scenario, design),
        *_routes(scenario, design),
        *_offers(scenario, design),
    ]
    if not problems:
        problems = list(_share_sums(scenario, design))
    if problems:
        raise ScenarioError(problems)


def _unknown(place: str, name: str, have: Iterable[str], what: str) -> Iterable[Problem]:
    names = list(have)
    if name not in names:
        shown = ", ".join(repr(n) for n in names[:8]) + (", ..." if len(names) > 8 else "")
        yield Problem(place=place, value=repr(name), rule=f"{what} not declared", remedy=f"have {shown or 'none'}")


def _repeats(place: str, names: Sequence[object]) -> Iterable[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(place=place, value=repr(name), rule=f"stands there {count} times", remedy="keep one entry")


def _sites(scenario: Scenario, design: Design) -> Iterable[Problem]:
    sites = {s.name: s for s in scenario.sites}
    yield from _repeats("open_sites", design.open_sites)
    for i, name in enumerate(design.open_sites):
        yield from _unknown(f"open_sites[{i}]", name, sites, "site")
        if name in sites and sites[name].tariffs and sites[name].tariff is None and name not in design.contracts:
            choices = ", ".join(repr(t.name) for t in sites[name].tariffs)
            yield Problem(place=f"contracts.{name}", value="", rule="site offers several tariffs and none is chosen",
                          remedy=f"name one of {choices}")  # fmt: skip
    for name, tariff in design.contracts.items():
        yield from _unknown(f"contracts.{name}", name, sites, "site")
        if name in sites:
            site = sites[name]
            have = [t.name for t in (*site.tariffs, *((site.tariff,) if site.tariff else ())) if t.name]
            yield from _unknown(f"contracts.{name}", tariff, have, "tariff")


def _trunks(scenario: Scenario, design: Design) -> Iterable[Problem]:
    for name in design.trunks:
        yield from _unknown(f"trunks.{name}", name, [t.name for t in scenario.trunks], "bank of lines")


def _groups(scenario: Scenario, design: Design) -> Iterable[Problem]:
    sites = {s.name: s for s in scenario.sites}
    skills = {k.name for k in scenario.skill_sets}
    periods = len(scenario.periods)
    yield from _repeats("groups", [(g.site, g.skill_set) for g in design.groups])
    for i, g in enumerate(design.groups):
        place = f"groups[{i}]"
        yield from _unknown(f"{place}.site", g.site, sites, "site")
        yield from _unknown(f"{place}.skill_set", g.skill_set, skills, "skill set")
        if g.site in sites:
            allowed = sites[g.site].skill_sets
            if allowed is not None and g.skill_set in skills and g.skill_set not in allowed:
                yield Problem(place=f"{place}.skill_set", value=repr(g.skill_set),
                              rule=f"site {g.site!r} may not have this skill set",
                              remedy=f"its skill_sets are {list(allowed)}")  # fmt: skip
            if g.site not in design.open_sites:
                yield Problem(place=f"{place}.site", value=repr(g.site), rule="group stands at a closed site",
                              remedy="add the site to open_sites or drop the group")  # fmt: skip
        if g.reserve is not None and len(g.reserve) != periods:
            yield Problem(place=f"{place}.reserve", value=f"{len(g.reserve)} numbers",
                          rule=f"needs one number for each of the {periods} periods")  # fmt: skip
        if len(g.agents) != periods:
            yield Problem(place=f"{place}.agents", value=f"{len(g.agents)} numbers",
                          rule=f"needs one number for each of the {periods} periods")  # fmt: skip


def _routes(scenario: Scenario, design: Design) -> Iterable[Problem]:
    serves = {k.name: set(k.contact_types) for k in scenario.skill_sets}
    types = [c.name for c in scenario.contact_types]
    regions = list(dict.fromkeys(d.region for d in scenario.demand))
    groups = {(g.site, g.skill_set) for g in design.groups}
    banned = {(k.region, k.site) for k in scenario.links if not k.allowed}
    periods = len(scenario.periods)
    for i, r in enumerate(design.routes):
        place = f"routes[{i}]"
        yield from _unknown(f"{place}.region", r.region, regions, "region")
        yield from _unknown(f"{place}.contact_type", r.contact_type, types, "contact type")
        if (r.site, r.skill_set) not in groups:
            yield Problem(place=place, value=f"{r.site}/{r.skill_set}", rule="route leads to a group that the design "
                          "does not have", remedy="add the group or drop the route")  # fmt: skip
        if r.skill_set in serves and r.contact_type in types and r.contact_type not in serves[r.skill_set]:
            yield Problem(place=f"{place}.skill_set", value=repr(r.skill_set),
                          rule=f"cannot serve {r.contact_type!r}",
                          remedy=f"it serves {sorted(serves[r.skill_set])}")  # fmt: skip
        if (r.region, r.site) in banned and any(x > 0 for x in r.share):
            yield Problem(place=place, value=f"{r.region} -> {r.site}", rule="link is not allowed",
                          remedy="route the contacts elsewhere")  # fmt: skip
        if len(r.share) != periods:
            yield Problem(place=f"{place}.share", value=f"{len(r.share)} numbers",
                          rule=f"needs one share for each of the {periods} periods")  # fmt: skip


def _offers(scenario: Scenario, design: Design) -> Iterable[Problem]:
    groups = {(g.site, g.skill_set) for g in design.groups}
    sold = [x.contact_type for x in scenario.cross_selling]
    for i, o in enumerate(design.offers):
        place = f"offers[{i}]"
        if (o.site, o.skill_set) not in groups:
            yield Problem(place=place, value=f"{o.site}/{o.skill_set}", rule="group not in the design")
        yield from _unknown(f"{place}.contact_type", o.contact_type, sold, "cross-selling of this contact type")
        if o.route == "transfer" and (o.to_site, o.to_skill_set) not in groups:
            yield Problem(place=place, value=f"{o.to_site}/{o.to_skill_set}",
                          rule="warm transfer needs a group of the design",
                          remedy="set to_site and to_skill_set")  # fmt: skip
        if isinstance(o.share, tuple) and len(o.share) != len(scenario.periods):
            yield Problem(place=f"{place}.share", value=f"{len(o.share)} numbers",
                          rule=f"needs one share for each of the {len(scenario.periods)} periods")  # fmt: skip


def own_demand(scenario: Scenario) -> dict[tuple[str, str], tuple[float, ...]]:
    """Contacts per hour that arrive from outside, by (region, contact type), one entry per period."""
    scenario = core_of(scenario)
    periods = len(scenario.periods)
    total: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * periods)
    for d in scenario.demand:
        rates = d.contacts_per_hour if isinstance(d.contacts_per_hour, tuple) else (d.contacts_per_hour,) * periods
        row = total[d.region, d.contact_type]
        for t, x in enumerate(rates):
            row[t] += x
    return {key: tuple(row) for key, row in total.items()}


def _escalated(scenario: Scenario, own: dict[tuple[str, str], tuple[float, ...]]) -> set[tuple[str, str, int]]:
    """(region, contact type, period) that escalated contacts can reach."""
    onward = defaultdict(list)
    for e in scenario.escalations:
        if e.share > 0:
            onward[e.from_type].append(e.to_type)
    reached: set[tuple[str, str, int]] = set()
    stack = [(r, c, t) for (r, c), row in own.items() for t, x in enumerate(row) if x > 0]
    while stack:
        region, kind, t = stack.pop()
        for to in onward[kind]:
            if (region, to, t) not in reached:
                reached.add((region, to, t))
                stack.append((region, to, t))
    return reached


def _share_sums(scenario: Scenario, design: Design) -> Iterable[Problem]:
    own = own_demand(scenario)
    needed = {("primary", r, c, t) for (r, c), row in own.items() for t, x in enumerate(row) if x > 0}
    needed |= {("escalation", r, c, t) for r, c, t in _escalated(scenario, own)}
    sums: dict[tuple[str, str, str, int], list[float]] = defaultdict(list)
    for route in design.routes:
        for t, x in enumerate(route.share):
            sums[route.kind, route.region, route.contact_type, t].append(x)
    for kind, region, name, t in sorted(needed):
        total = math.fsum(sums.get((kind, region, name, t), ()))
        if abs(total - 1.0) > SHARE_TOLERANCE:
            yield Problem(
                place=f"routes of kind {kind} for region {region!r}, contact type {name!r}, "
                f"period {scenario.periods[t].name!r}",
                value=f"sum of shares {total:g}",
                rule="must be 1 where there is demand",
            )
