"""Rules that need more than one field, checked on raw data so that they run even where types are wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from ccopt.errors import Problem, ScenarioError
from ccopt.scenario.entities import Scenario
from ccopt.scenario.kind_checks import kind_problems
from ccopt.scenario.limit_checks import limit_problems
from ccopt.scenario.margin_checks import margin_problems
from ccopt.scenario.naming_checks import naming_problems
from ccopt.scenario.raw_rows import rows
from ccopt.scenario.shift_checks import shift_problems
from ccopt.scenario.transition_checks import transition_problems
from ccopt.scenario.translation import problems_of, shown
from ccopt.scenario.value_checks import value_problems

PARTS = (naming_problems, value_problems, kind_problems, shift_problems, margin_problems, limit_problems, transition_problems)


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
    for part in PARTS:
        yield from part(raw)


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
