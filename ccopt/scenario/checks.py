"""Rules that need more than one field, checked on raw data so that they run even where types are wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, TypeGuard

from pydantic import ValidationError

from ccopt.errors import Problem, ScenarioError
from ccopt.scenario.base import MONEY_LIMIT
from ccopt.scenario.entities import Scenario
from ccopt.scenario.kind_checks import kind_problems
from ccopt.scenario.limit_checks import limit_problems
from ccopt.scenario.shift_checks import shift_problems
from ccopt.scenario.transition_checks import transition_problems
from ccopt.scenario.translation import problems_of, shown

Rule = Callable[[dict[str, Any]], Iterable[Problem]]
HANDLE_PARTS = ("ring_s", "talk_s", "hold_s", "wrap_s")
TARGET_KINDS = ("service_level", "max_asa_s", "max_abandonment", "max_occupancy", "max_blocking", "max_response_h")


def check(scenario: Scenario | dict[str, Any]) -> None:
    """Check a scenario or raw data; every problem at once.

    Raises
    ------
    ScenarioError
        With all problems.
    """
    raw = scenario.model_dump(mode="json", exclude_unset=True) if isinstance(scenario, Scenario) else scenario
    found = list(cross_problems(raw))
    if found:
        raise ScenarioError(found)


def validated(raw: Any) -> Scenario:
    """A scenario from raw data with all checks.

    Raises
    ------
    ScenarioError
        With the problems of fields and of references together.
    """
    if not isinstance(raw, dict):
        raise ScenarioError([Problem(place="document", value=shown(raw), rule="must be an object")])
    problems: list[Problem] = []
    if raw.get("calendar") is not None:
        raw, problems = calendar_first(raw)
    scenario = None
    try:
        scenario = Scenario.model_validate(raw)
    except ValidationError as error:
        problems += problems_of(error)
    except RecursionError:
        problems.append(Problem(place="document", value="", rule="is nested too deeply"))
    seen = {p.place for p in problems}
    problems += [p for p in cross_problems(raw) if p.place not in seen]
    if problems or scenario is None:
        raise ScenarioError(problems)
    return scenario


def calendar_first(raw: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Raw data with the periods of its calendar; a calendar with faults goes out, so that the rest is still checked."""
    from ccopt.scenario.periods import with_periods

    try:
        made, problems = with_periods(raw)
    except (KeyError, TypeError, AttributeError):  # sites or contact types are faulty, and are named as such
        made, problems = raw, []
    if problems:
        calendar = raw["calendar"]
        rated = rows(calendar, "profiles") if isinstance(calendar, dict) else []
        pairs = {(str(r.get("region")), str(r.get("contact_type"))) for _, r in rated}
        stand_in = {
            "periods": [{"name": "calendar", "hours_per_year": 1.0}],
            "demand": [{"region": r, "contact_type": c, "contacts_per_hour": 1.0} for r, c in sorted(pairs)],
        }
        made = {k: v for k, v in raw.items() if k != "calendar"} | {k: v for k, v in stand_in.items() if k not in raw}
    return made, problems


def cross_problems(raw: dict[str, Any]) -> Iterable[Problem]:
    """Problems of references, duplicates and combinations."""
    for rule in (_names, _references, _lengths, _money, _handle_times, _targets, _escalations, _served):
        yield from rule(raw)
    yield from kind_problems(raw)
    yield from shift_problems(raw)
    yield from limit_problems(raw)
    yield from transition_problems(raw)


def rows(raw: dict[str, Any], key: str) -> list[tuple[int, dict[str, Any]]]:
    """Rows of a list that are objects, with their index."""
    value = raw.get(key)
    return [(i, r) for i, r in enumerate(value) if isinstance(r, dict)] if isinstance(value, (list, tuple)) else []


def listed(value: Any) -> tuple[Any, ...]:
    """The items of a list, nothing of anything else (its type is reported elsewhere)."""
    return tuple(value) if isinstance(value, (list, tuple)) else ()


def is_number(value: Any) -> TypeGuard[float]:
    """A number of ordinary size, so that arithmetic with it cannot fail."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < MONEY_LIMIT


def texts(value: Any) -> set[str]:
    """The texts in a list."""
    return {v for v in listed(value) if isinstance(v, str)}


def names(raw: dict[str, Any], key: str) -> list[str]:
    """Names of a list."""
    return [r["name"] for _, r in rows(raw, key) if isinstance(r.get("name"), str)]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _names(raw: dict[str, Any]) -> Iterable[Problem]:
    for key in ("periods", "sites", "contact_types", "skill_sets", "regions"):
        first: dict[str, int] = {}
        for i, row in rows(raw, key):
            name = row.get("name")
            if not isinstance(name, str):
                continue
            yield from _name_rule(name, f"{key}[{i}].name")
            folded = _folded(name)
            if folded in first:
                yield Problem(place=f"{key}[{i}].name", value=shown(name), remedy="rename one of them",
                              rule=f"looks like {key}[{first[folded]}].name")  # fmt: skip
            first.setdefault(folded, i)
    pairs: dict[tuple[Any, Any], int] = {}
    for key, fields in (("demand", ("region", "contact_type")), ("links", ("region", "site"))):
        pairs = {}
        for i, row in rows(raw, key):
            pair = (str(row.get(fields[0])), str(row.get(fields[1])))
            if pair in pairs:
                yield Problem(place=f"{key}[{i}]", value=shown(pair), rule=f"stands already in {key}[{pairs[pair]}]",
                              remedy="join the two rows")  # fmt: skip
            pairs.setdefault(pair, i)
    for i, row in rows(raw, "demand"):
        if isinstance(row.get("region"), str):
            yield from _name_rule(row["region"], f"demand[{i}].region")


def _name_rule(name: str, place: str) -> Iterable[Problem]:
    if not name.strip():
        yield Problem(place=place, value=shown(name), rule="must not be blank")
    elif any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        yield Problem(place=place, value=shown(name), rule="must not contain control characters", remedy="retype it")


def some(known: list[str]) -> str:
    """The first names of a list, long ones cut."""
    return "[" + ", ".join(shown(k) for k in known[:20]) + (", ...]" if len(known) > 20 else "]")


def _reference(place: str, value: Any, known: list[str]) -> Iterable[Problem]:
    if isinstance(value, str) and value not in known:
        yield Problem(place=place, value=shown(value), rule="not declared", remedy=f"have {some(known)}")


def _references(raw: dict[str, Any]) -> Iterable[Problem]:
    types, sites, skills = names(raw, "contact_types"), names(raw, "sites"), names(raw, "skill_sets")
    periods = names(raw, "periods")
    regions = list(dict.fromkeys(r["region"] for _, r in rows(raw, "demand") if isinstance(r.get("region"), str)))
    single = [
        ("demand", "contact_type", types), ("links", "region", regions), ("links", "site", sites),
        ("escalations", "from_type", types), ("escalations", "to_type", types), ("cross_selling", "contact_type", types),
        ("limits", "site", sites), ("limits", "skill_set", skills), ("limits", "contact_type", types),
        ("uncertainty", "contact_type", types),
    ]  # fmt: skip
    for key, field, known in single:
        for i, row in rows(raw, key):
            yield from _reference(f"{key}[{i}].{field}", row.get(field), known)
    lists = [("skill_sets", "contact_types", types), ("sites", "skill_sets", skills), ("sites", "periods", periods)]
    for key, field, known in lists:
        for i, row in rows(raw, key):
            for j, value in enumerate(listed(row.get(field))):
                yield from _reference(f"{key}[{i}].{field}[{j}]", value, known)
    today = raw.get("existing")
    if isinstance(today, dict):
        for j, value in enumerate(listed(today.get("open_sites"))):
            yield from _reference(f"existing.open_sites[{j}]", value, sites)
        for part in ("groups", "assignments"):
            known_of = {"site": sites, "skill_set": skills, "region": regions, "contact_type": types}
            for i, row in rows(today, part):
                for field, known in known_of.items():
                    yield from _reference(f"existing.{part}[{i}].{field}", row.get(field), known)


def _lengths(raw: dict[str, Any]) -> Iterable[Problem]:
    count = len(raw["periods"]) if isinstance(raw.get("periods"), (list, tuple)) else None
    for i, row in rows(raw, "demand"):
        rate = row.get("contacts_per_hour")
        if count is not None and isinstance(rate, (list, tuple)) and len(rate) != count:
            yield Problem(place=f"demand[{i}].contacts_per_hour", value=f"{len(rate)} numbers",
                          rule=f"must have one number per period ({count})")  # fmt: skip
    today = raw.get("existing")
    for i, row in rows(today, "groups") if isinstance(today, dict) else []:
        agents = row.get("agents")
        if count is not None and isinstance(agents, (list, tuple)) and len(agents) != count:
            yield Problem(place=f"existing.groups[{i}].agents", value=f"{len(agents)} numbers",
                          rule=f"must have one number per period ({count})")  # fmt: skip


def _money(raw: dict[str, Any]) -> Iterable[Problem]:
    for i, row in rows(raw, "sites"):
        tariffs = listed(row.get("tariffs"))
        if row.get("wage_per_hour") and (row.get("tariff") or tariffs):
            yield Problem(place=f"sites[{i}].tariff", value="", rule="excludes wage_per_hour",
                          remedy="keep the tariff of an outsourcer or the wage of own staff")  # fmt: skip
        if row.get("tariff") and tariffs:
            yield Problem(place=f"sites[{i}].tariffs", value="", rule="excludes tariff", remedy="keep the list")
        found = [(f"sites[{i}].tariff", row.get("tariff"))]
        found += [(f"sites[{i}].tariffs[{j}]", t) for j, t in enumerate(tariffs)]
        seen: set[str] = set()
        for place, tariff in found:
            if not isinstance(tariff, dict):
                continue
            yield from _tariff(place, tariff)
            if place.endswith("]"):
                name = tariff.get("name")
                if not isinstance(name, str) or not name or name in seen:
                    yield Problem(place=f"{place}.name", value=shown(name), rule="must be a name of its own")
                else:
                    seen.add(name)


def _tariff(place: str, tariff: dict[str, Any]) -> Iterable[Problem]:
    tiers = listed(tariff.get("tiers"))
    if (tariff.get("price") is None) == (not tiers):
        yield Problem(place=place, value="", rule="needs either a price or tiers")
    ends = [t.get("up_to") for t in tiers if isinstance(t, dict)]
    if ends and ends[-1] is not None:
        yield Problem(place=f"{place}.tiers[{len(ends) - 1}].up_to", value=shown(ends[-1]), rule="must be open",
                      remedy="leave out up_to in the last tier")  # fmt: skip
    numbers = [e for e in ends[:-1] if is_number(e)]
    if len(numbers) != len(ends[:-1]) or any(b <= a for a, b in pairwise(numbers)):
        yield Problem(place=f"{place}.tiers", value=shown(ends), rule="up_to must rise from tier to tier")


def _handle_times(raw: dict[str, Any]) -> Iterable[Problem]:
    for i, row in rows(raw, "contact_types"):
        if rows(row, "chat_levels"):
            continue
        parts = [row.get(p) for p in HANDLE_PARTS if row.get(p) is not None]
        numbers = [p for p in parts if is_number(p)]
        if not parts or (len(numbers) == len(parts) and sum(numbers) <= 0):
            yield Problem(place=f"contact_types[{i}]", value=shown(row.get("name")), rule="has no handle time",
                          remedy="give at least one of ring_s, talk_s, hold_s, wrap_s above 0")  # fmt: skip


def _targets(raw: dict[str, Any]) -> Iterable[Problem]:
    for i, row in rows(raw, "contact_types"):
        for j, entry in rows(row, "targets"):
            place = f"contact_types[{i}].targets[{j}]"
            kinds = [k for k in TARGET_KINDS if entry.get(k) is not None]
            if len(kinds) != 1:
                yield Problem(place=place, value=shown(kinds), rule="must hold exactly one target",
                              remedy=f"one of {list(TARGET_KINDS)} per entry")  # fmt: skip
                continue
            if kinds == ["service_level"] and entry.get("awt_s") is None:
                yield Problem(place=f"{place}.awt_s", value="", rule="is missing", remedy="the 20 in 80/20")
            stray = {"awt_s", "basis"} if kinds != ["service_level"] else set()
            stray |= {"share"} if kinds != ["max_response_h"] else set()
            for field in sorted(k for k in stray if entry.get(k) is not None):
                yield Problem(place=f"{place}.{field}", value=shown(entry[field]), rule=f"does not belong to {kinds[0]}")


def _escalations(raw: dict[str, Any]) -> Iterable[Problem]:
    out: dict[str, list[tuple[int, str]]] = {}
    total: dict[str, float] = {}
    for i, row in rows(raw, "escalations"):
        a, b, share = row.get("from_type"), row.get("to_type"), row.get("share")
        if isinstance(a, str) and isinstance(b, str):
            out.setdefault(a, []).append((i, b))
        if isinstance(a, str) and is_number(share):
            total[a] = total.get(a, 0.0) + share
            if total[a] > 1.0 + 1e-9:
                yield Problem(place=f"escalations[{i}].share", value=shown(share), rule=f"shares out of {a!r} exceed 1")
    for start in out:
        path, stack = set(), [start]
        while stack:
            for i, b in out.get(stack.pop(), ()):
                if b == start:
                    yield Problem(place=f"escalations[{i}]", value=f"{start!r} -> ... -> {b!r}", rule="goes in a circle",
                                  remedy="remove one step; repeat contacts are journeys")  # fmt: skip
                    path.add(b)
                elif b not in path:
                    path.add(b)
                    stack.append(b)
            if start in path:
                break


def _served(raw: dict[str, Any]) -> Iterable[Problem]:
    skills = {r["name"]: texts(r.get("contact_types")) for _, r in rows(raw, "skill_sets") if isinstance(r.get("name"), str)}
    known = set(names(raw, "contact_types"))
    served = set().union(*skills.values()) if skills else set()
    banned = {(str(r.get("region")), str(r.get("site"))) for _, r in rows(raw, "links") if r.get("allowed") is False}
    sites = [(str(r.get("name")), r.get("skill_sets")) for _, r in rows(raw, "sites")]
    for i, row in rows(raw, "demand"):
        kind, region = row.get("contact_type"), row.get("region")
        if not isinstance(kind, str) or kind not in known:
            continue
        if kind not in served:
            yield Problem(place=f"demand[{i}].contact_type", value=shown(kind), rule="no skill set serves it",
                          remedy="add it to a skill set")  # fmt: skip
            continue
        able = [
            name for name, allowed in sites
            if (str(region), name) not in banned
            and any(kind in skills.get(k, ()) for k in (skills if allowed is None else texts(allowed)))
        ]  # fmt: skip
        if sites and not able:
            yield Problem(place=f"demand[{i}]", value=shown(region), rule=f"no allowed site serves {kind!r} of this region",
                          remedy="allow a link, or give a site a skill set")  # fmt: skip


def warnings_of(scenario: Scenario) -> tuple[str, ...]:
    """What is allowed but looks like another unit."""
    found = []
    for c in scenario.contact_types:
        if 0 < c.aht_s < 15 and c.channel in ("voice", "callback", "video"):
            found.append(f"contact type {c.name!r}: handle time {c.aht_s:g} s; minutes entered as seconds?")
        if c.patience_s is not None and c.patience_s < 3:
            found.append(f"contact type {c.name!r}: patience {c.patience_s:g} s; minutes entered as seconds?")
    found += [
        f"site {s.name!r}: shrinkage 0 with a wage; 0.25 to 0.4 is usual"
        for s in scenario.sites if s.shrinkage == 0 and s.wage_per_hour > 0
    ]  # fmt: skip
    return tuple(found)
