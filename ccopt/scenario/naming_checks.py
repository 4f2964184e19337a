"""Rules of names: no two that look alike, no reference to nothing, one number per period."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from ccopt.errors import Problem
from ccopt.scenario.raw_rows import Raw, listed, names, reference, rows
from ccopt.scenario.translation import shown


def naming_problems(raw: Raw) -> Iterable[Problem]:
    """Problems of names, references and lengths of lists."""
    for rule in (_names, _references, _lengths):
        yield from rule(raw)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _names(raw: Raw) -> Iterable[Problem]:
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


def _references(raw: Raw) -> Iterable[Problem]:
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
            yield from reference(f"{key}[{i}].{field}", row.get(field), known)
    lists = [("skill_sets", "contact_types", types), ("sites", "skill_sets", skills), ("sites", "periods", periods)]
    for key, field, known in lists:
        for i, row in rows(raw, key):
            for j, value in enumerate(listed(row.get(field))):
                yield from reference(f"{key}[{i}].{field}[{j}]", value, known)
    today = raw.get("existing")
    if isinstance(today, dict):
        for j, value in enumerate(listed(today.get("open_sites"))):
            yield from reference(f"existing.open_sites[{j}]", value, sites)
        for part in ("groups", "assignments"):
            known_of = {"site": sites, "skill_set": skills, "region": regions, "contact_type": types}
            for i, row in rows(today, part):
                for field, known in known_of.items():
                    yield from reference(f"existing.{part}[{i}].{field}", row.get(field), known)


def _lengths(raw: Raw) -> Iterable[Problem]:
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
