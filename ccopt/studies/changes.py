"""Named changes of a scenario: what the studies vary, one function for each.

Every change gives a new checked scenario and leaves the given one alone. Factors multiply (1.1 is 10 % more); shrinkage
is shifted by points, because it is a share. A change keeps what the planner wrote otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from ccopt.errors import Problem, ScenarioError
from ccopt.scenario.checks import validated
from ccopt.scenario.entities import Scenario

Raw = dict[str, Any]
LARGEST_SHRINKAGE = 0.95
HIGHEST_LEVEL = 0.999


def with_blocks(scenario: Scenario, **blocks: Any) -> Scenario:
    """A checked copy with some blocks of the document replaced."""
    return validated(raw_of(scenario) | blocks)


def raw_of(scenario: Scenario) -> Raw:
    """The document as plain data, only what was written."""
    raw: Raw = json.loads(scenario.model_dump_json(exclude_unset=True))
    return raw


def with_volume(scenario: Scenario, factor: float) -> Scenario:
    """All contacts times a factor."""
    raw = raw_of(scenario)
    for row in raw["demand"]:
        row["contacts_per_hour"] = _times(row["contacts_per_hour"], factor)
    return validated(raw)


def with_handle_time(scenario: Scenario, factor: float) -> Scenario:
    """All parts of all handle times times a factor."""
    raw = raw_of(scenario)
    for row in raw["contact_types"]:
        for part in ("ring_s", "talk_s", "hold_s", "wrap_s"):
            if row.get(part) is not None:
                row[part] *= factor
        for level in row.get("chat_levels", []):
            level["handle_s"] *= factor
    return validated(raw)


def with_patience(scenario: Scenario, factor: float) -> Scenario:
    """Patience times a factor where customers leave."""
    raw = raw_of(scenario)
    for row in raw["contact_types"]:
        if row.get("patience_s") is not None:
            row["patience_s"] *= factor
    return validated(raw)


def with_wages(scenario: Scenario, factor: float, site: str | None = None) -> Scenario:
    """Wages times a factor (of one site, or of all), and the prices of contracts paid by the hour."""

    def change(row: Raw) -> None:
        if "wage_per_hour" in row:
            row["wage_per_hour"] *= factor
        for tariff in _tariffs(row):
            if tariff["per"] == "agent_hour":
                _scale_prices(tariff, factor)

    return _each_site(scenario, change, site)


def with_prices(scenario: Scenario, factor: float, site: str | None = None) -> Scenario:
    """What an agent or a contact costs at a site times a factor: wages and every contract price, minimums stay."""

    def change(row: Raw) -> None:
        if "wage_per_hour" in row:
            row["wage_per_hour"] *= factor
        for tariff in _tariffs(row):
            _scale_prices(tariff, factor)

    return _each_site(scenario, change, site)


def with_shrinkage(scenario: Scenario, points: float, site: str | None = None) -> Scenario:
    """Shrinkage shifted by a share (0.05 turns 0.30 into 0.35) where a site has some."""

    def change(row: Raw) -> None:
        if row.get("shrinkage"):
            row["shrinkage"] = min(max(row["shrinkage"] + points, 0.0), LARGEST_SHRINKAGE)

    return _each_site(scenario, change, site)


def with_fixed_cost(scenario: Scenario, factor: float, site: str | None = None) -> Scenario:
    """Fixed cost of a site, or of all, times a factor."""

    def change(row: Raw) -> None:
        row["fixed_cost_per_year"] = row.get("fixed_cost_per_year", 0.0) * factor

    return _each_site(scenario, change, site)


def with_seat_cost(scenario: Scenario, factor: float, site: str | None = None) -> Scenario:
    """Cost of a seat times a factor."""

    def change(row: Raw) -> None:
        row["seat_cost_per_year"] = row.get("seat_cost_per_year", 0.0) * factor

    return _each_site(scenario, change, site)


def with_link_cost(scenario: Scenario, factor: float) -> Scenario:
    """Telecom cost per contact times a factor."""
    raw = raw_of(scenario)
    for row in raw.get("links", []):
        row["cost_per_contact"] = row.get("cost_per_contact", 0.0) * factor
    return validated(raw)


def with_seats(scenario: Scenario, more: int, site: str) -> Scenario:
    """More (or fewer) seats at a site that has a number of seats."""

    def change(row: Raw) -> None:
        if row.get("seats") is not None:
            row["seats"] = max(row["seats"] + more, 0)

    return _each_site(scenario, change, site)


def without_group(scenario: Scenario, site: str, skill_set: str) -> Scenario:
    """The skill set may not work at the site."""
    names = [k.name for k in scenario.skill_sets]

    def change(row: Raw) -> None:
        row["skill_sets"] = [k for k in row.get("skill_sets") or names if k != skill_set]

    return _each_site(scenario, change, site)


def with_service_points(scenario: Scenario, shift: float) -> Scenario:
    """Every promised service level moved by a share (0.02 turns 0.80 into 0.82).

    Raises
    ------
    ValueError
        A level would leave 0..0.999, or nothing promises one.
    """
    raw = raw_of(scenario)
    entries = [e for row in raw["contact_types"] for e in row.get("targets", []) if e.get("service_level") is not None]
    moved = [e["service_level"] + shift for e in entries]
    if not moved or not 0.0 < min(moved) <= max(moved) <= HIGHEST_LEVEL:
        msg = f"service levels moved by {shift:+.3g}: every one must stay between 0 and {HIGHEST_LEVEL}, and there must be one"
        raise ValueError(msg)
    for entry, level in zip(entries, moved, strict=True):
        entry["service_level"] = level
    return validated(raw)


def with_target(scenario: Scenario, field: str, value: float, contact_types: Sequence[str] | None = None) -> Scenario:
    """One promise set to a value, for the contact types that have it (or only for those named, which get it anew).

    Parameters
    ----------
    field
        Field of a target entry: ``service_level``, ``awt_s``, ``max_asa_s``, ``max_abandonment``, ``max_occupancy``,
        ``max_blocking``, ``max_response_h``.
    value
        The new value, in the unit of the field.
    contact_types
        Names, or None for all that have the promise.

    Raises
    ------
    ScenarioError
        No contact type has the promise, or a name is not declared.
    """
    raw = raw_of(scenario)
    names = [c["name"] for c in raw["contact_types"]]
    unknown = [n for n in contact_types or () if n not in names]
    if unknown:
        raise ScenarioError([Problem(place="contact_types", value=repr(n), rule="not declared", remedy=f"have {names}")
                             for n in unknown])  # fmt: skip
    changed = 0
    for row in raw["contact_types"]:
        if contact_types is not None and row["name"] not in contact_types:
            continue
        entries = row.setdefault("targets", []) if contact_types is not None else row.get("targets", [])
        mine = [e for e in entries if e.get(field) is not None]
        if not mine and contact_types is not None and field not in ("awt_s", "service_level"):
            entries.append({field: value})
            changed += 1
        for entry in mine:
            entry[field] = value
            changed += 1
    if not changed:
        rule = f"no contact type has the promise {field}"
        remedy = "add it to the targets of the contact types"
        raise ScenarioError([Problem(place="contact_types", value="", rule=rule, remedy=remedy)])
    return validated(raw)


def _each_site(scenario: Scenario, change: Callable[[Raw], None], site: str | None) -> Scenario:
    raw = raw_of(scenario)
    if site is not None:
        require_site(scenario, site)
    for row in raw["sites"]:
        if site is None or row["name"] == site:
            change(row)
    return validated(raw)


def require_site(scenario: Scenario, site: str) -> None:
    """Raise `ScenarioError` where a site is not declared."""
    names = [s.name for s in scenario.sites]
    if site not in names:
        raise ScenarioError([Problem(place="site", value=repr(site), rule="not declared", remedy=f"have {names}")])


def _tariffs(row: Raw) -> list[Raw]:
    single = row.get("tariff")
    return [*([single] if single else []), *(row.get("tariffs") or [])]


def _scale_prices(tariff: Raw, factor: float) -> None:
    if tariff.get("price") is not None:
        tariff["price"] *= factor
    for tier in tariff.get("tiers", []):
        tier["price"] *= factor


def _times(value: Any, factor: float) -> Any:
    return [v * factor for v in value] if isinstance(value, list) else value * factor
