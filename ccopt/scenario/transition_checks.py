"""Rules of the blocks ``soft_factors`` and ``transition``, on raw data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ccopt.errors import Problem
from ccopt.scenario.translation import shown

Raw = dict[str, Any]


def transition_problems(raw: Raw) -> Iterable[Problem]:
    """Sites that are not declared, a site named twice, a path without today's layout."""
    sites = [s["name"] for s in _rows(raw, "sites") if isinstance(s.get("name"), str)]
    for i, factor in enumerate(_rows(raw, "soft_factors")):
        yield from _sites(f"soft_factors[{i}].scores", _rows(factor, "scores"), sites)
    transition = raw.get("transition")
    if isinstance(transition, dict):
        yield from _sites("transition.leases", _rows(transition, "leases"), sites)
        if not raw.get("existing"):
            yield Problem(place="transition", value="", rule="needs today's layout", remedy="add the block existing")


def _rows(raw: Raw, key: str) -> list[Raw]:
    value = raw.get(key)
    return [r for r in value if isinstance(r, dict)] if isinstance(value, (list, tuple)) else []


def _sites(place: str, rows: list[Raw], known: list[str]) -> Iterable[Problem]:
    seen: set[str] = set()
    for i, row in enumerate(rows):
        site = row.get("site")
        if not isinstance(site, str):
            continue
        if site not in known:
            yield Problem(place=f"{place}[{i}].site", value=shown(site), rule="not declared", remedy=f"have {known[:20]}")
        if site in seen:
            yield Problem(place=f"{place}[{i}].site", value=shown(site), rule="stands twice", remedy="join the two rows")
        seen.add(site)
