"""Which inputs are uncertain, how far, and who says so: defaults with a source, replaced by the scenario's assumptions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ccopt.scenario.entities import Assumption, Scenario
from ccopt.studies import changes

Change = Callable[[Scenario, float], Scenario]
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)?")
PAIR = re.compile(r"(\d+(?:\.\d+)?)\s*(?:to|-|–)\s*(\d+(?:\.\d+)?)")
FARTHEST = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainInput:
    """One input with its range.

    Attributes
    ----------
    name, words
        Short name and what it means.
    neutral, low, high
        Value that changes nothing, and the ends: factors, or points as a share for shrinkage.
    source
        Where the range comes from.
    change
        Puts a value into a scenario.
    """

    name: str
    words: str
    neutral: float
    low: float
    high: float
    source: str
    change: Change


PRACTICE = "default of ccopt: range quoted by practitioners, not measured here"
ASSUMED = "default of ccopt: assumption"
DEFAULTS = (
    UncertainInput(name="volume", words="all contacts", neutral=1.0, low=0.9, high=1.1, source=ASSUMED,
                   change=changes.with_volume),
    UncertainInput(name="aht", words="handle time", neutral=1.0, low=0.9, high=1.1, source=ASSUMED,
                   change=changes.with_handle_time),
    UncertainInput(name="wages", words="wages and hourly prices", neutral=1.0, low=0.95, high=1.1, source=ASSUMED,
                   change=changes.with_wages),
    UncertainInput(name="patience", words="patience of customers", neutral=1.0, low=0.5, high=2.0,
                   source="default of ccopt: rarely measured; half to double", change=changes.with_patience),
    UncertainInput(name="shrinkage", words="shrinkage, points", neutral=0.0, low=-0.05, high=0.05, source=PRACTICE,
                   change=changes.with_shrinkage),
    UncertainInput(name="fixed_cost", words="fixed cost of sites", neutral=1.0, low=0.8, high=1.2, source=ASSUMED,
                   change=changes.with_fixed_cost),
    UncertainInput(name="seat_cost", words="cost of seats", neutral=1.0, low=0.8, high=1.2, source=ASSUMED,
                   change=changes.with_seat_cost),
    UncertainInput(name="link_cost", words="telecom per contact", neutral=1.0, low=0.5, high=1.5, source=ASSUMED,
                   change=changes.with_link_cost),
)  # fmt: skip
KEYWORDS = {
    "volume": ("level of demand", "volume", "demand"), "aht": ("handle time",),
    "wages": ("wage", "paid hour", "price of an agent hour"), "patience": ("patience",), "shrinkage": ("shrinkage",),
    "fixed_cost": ("fixed cost",), "seat_cost": ("seat",), "link_cost": ("link cost", "telecom"),
}  # fmt: skip


def uncertain_inputs(
    scenario: Scenario, ranges: Mapping[str, tuple[float, float]] | None = None
) -> tuple[UncertainInput, ...]:
    """The inputs that matter to a scenario, with their ranges.

    Parameters
    ----------
    scenario
        Inputs without effect (no patience, no links, no seats cost) are left out. A row of ``assumptions`` whose name
        speaks of the input, whose value starts with one number and whose range is "a to b" in the same unit, replaces
        the default range.
    ranges
        Ranges of the caller by name; they go before everything else. Two equal ends leave the input out.

    Raises
    ------
    ValueError
        A name is unknown, or a range does not hold the neutral value.
    """
    known = {u.name: u for u in DEFAULTS}
    for name, (low, high) in (ranges or {}).items():
        if name not in known:
            msg = f"ranges: {name!r} is unknown; have {sorted(known)}"
            raise ValueError(msg)
        if not low <= known[name].neutral <= high or not math.isfinite(low + high):
            msg = f"ranges: {name} = ({low!r}, {high!r}) must hold {known[name].neutral:g} and be finite"
            raise ValueError(msg)
    out = []
    for u in DEFAULTS:
        if ranges and u.name in ranges:
            low, high = ranges[u.name]
            if low == high:  # an input that stays as it is
                continue
            out.append(replace(u, low=low, high=high, source="given by the caller"))
        elif _matters(scenario, u.name):
            out.append(_from_assumptions(scenario.assumptions, u))
    return tuple(out)


def _matters(scenario: Scenario, name: str) -> bool:
    tests = {
        "wages": any(s.wage_per_hour > 0 or _by_hour(s) for s in scenario.sites),
        "patience": any(c.patience_s is not None for c in scenario.contact_types),
        "shrinkage": any(s.shrinkage > 0 and s.wage_per_hour > 0 for s in scenario.sites),
        "fixed_cost": any(s.fixed_cost_per_year > 0 for s in scenario.sites),
        "seat_cost": any(s.seat_cost_per_year > 0 for s in scenario.sites),
        "link_cost": any(k.cost_per_contact > 0 for k in scenario.links),
    }
    return tests.get(name, True)


def _by_hour(site: object) -> bool:
    tariffs = (*((site.tariff,) if site.tariff else ()), *site.tariffs)  # type: ignore[attr-defined]
    return any(t.per == "agent_hour" for t in tariffs)


def _from_assumptions(rows: tuple[Assumption, ...], u: UncertainInput) -> UncertainInput:
    for row in rows:
        if any(k in row.name.casefold() for k in KEYWORDS[u.name]):
            found = _parsed(row, u)
            if found is not None:
                return replace(u, low=found[0], high=found[1], source=f"assumption '{row.name}': {row.range}; {row.source}")
    return u


def _parsed(row: Assumption, u: UncertainInput) -> tuple[float, float] | None:
    """Ends of a range as factors (points for shrinkage), None where value and range cannot be read with certainty."""
    numbers = NUMBER.findall(row.value)
    pair = PAIR.search(row.range)
    if len(numbers) != 1 or pair is None or PAIR.search(row.value):
        return None
    value, low, high = (float(x.replace(",", ".")) for x in (numbers[0], pair[1], pair[2]))
    if u.name == "shrinkage":
        scale = 100.0 if "%" in row.value or value > 1.0 else 1.0
        low, high = (low - value) / scale, (high - value) / scale
    elif value <= 0.0:
        return None
    else:
        low, high = low / value, high / value
    inside = low <= u.neutral <= high and low < high and max(abs(low), abs(high)) <= FARTHEST
    return (low, high) if inside else None
