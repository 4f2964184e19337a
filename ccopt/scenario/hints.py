"""Values that are legal but far from what is usual, because a unit was probably mistaken: hints, never refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ccopt.errors import Problem
from ccopt.scenario.entities import Scenario
from ccopt.scenario.translation import shown


class Usual(NamedTuple):
    """Values between ``low`` and ``high`` need no second look; what was probably meant below and above."""

    low: float
    high: float
    below: str = ""
    above: str = ""


USUAL: dict[str, Usual] = {
    "aht_s": Usual(10.0, 14_400.0, "seconds are meant; 4 minutes are 240", "seconds are meant, not milliseconds"),
    "patience_s": Usual(5.0, 86_400.0, "seconds are meant; 2 minutes are 120", "seconds are meant; leave it out where nobody leaves"),
    "awt_s": Usual(2.0, 86_400.0, "seconds are meant; a third of a minute is 20", "seconds are meant; hours go into max_response_h"),
    "max_asa_s": Usual(1.0, 86_400.0, "seconds are meant; half a minute is 30", "seconds are meant"),
    "max_response_h": Usual(0.05, 720.0, "hours are meant", "hours are meant; 3 days are 72"),
    "service_level": Usual(0.2, 1.0, "a share is meant; 80 % are 0.8"),
    "max_occupancy": Usual(0.2, 1.0, "a share is meant; 85 % are 0.85"),
    "wage_per_hour": Usual(0.0, 1_000.0, "", "an hour's pay is meant, not a month's"),
    "shrinkage": Usual(0.0, 0.6, "", "the share of paid time that is not at work; 30 % are 0.3"),
    "contacts_per_hour": Usual(0.0, 100_000.0, "", "contacts an hour are meant, not a day or a year"),
}


def unusual(place: str, name: str, value: float | None) -> Iterator[Problem]:
    """A hint where a value lies outside what is usual; 0 and values that are not given need none.

    Examples
    --------
    >>> [str(h) for h in unusual("contact_types[0]", "aht_s", 4.0)]
    ['contact_types[0] = 4.0: is unusually small for aht_s; seconds are meant; 4 minutes are 240']
    """
    usual = USUAL[name]
    if not value or usual.low <= value <= usual.high:
        return
    small = value < usual.low
    rule = f"is unusually {'small' if small else 'large'} for {name}"
    yield Problem(place=place, value=shown(value), rule=rule, remedy=usual.below if small else usual.above)


def hints_of(scenario: Scenario) -> list[Problem]:
    """Hints for a checked scenario: each names the place, the value and the unit that is meant."""
    found: list[Problem] = []
    for i, kind in enumerate(scenario.contact_types):
        place = f"contact_types[{i}]"
        found += [*unusual(place, "aht_s", kind.aht_s), *unusual(f"{place}.patience_s", "patience_s", kind.patience_s)]
        for j, entry in enumerate(kind.targets):
            for name in ("service_level", "awt_s", "max_asa_s", "max_occupancy", "max_response_h"):
                found += unusual(f"{place}.targets[{j}].{name}", name, getattr(entry, name))
    for i, site in enumerate(scenario.sites):
        for name in ("wage_per_hour", "shrinkage"):
            found += unusual(f"sites[{i}].{name}", name, getattr(site, name))
    for i, row in enumerate(scenario.demand):
        rates = row.contacts_per_hour if isinstance(row.contacts_per_hour, tuple) else (row.contacts_per_hour,)
        numbers = [float(x) for x in rates if isinstance(x, (int, float))]
        found += unusual(f"demand[{i}].contacts_per_hour", "contacts_per_hour", max(numbers, default=0.0))
    return found
