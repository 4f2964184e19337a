"""What a frontier can vary: promises to customers and limits of the planner, each with the side that is stricter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ccopt.optimisation import (
    Budget,
    MaxGroups,
    MaxShareAtSite,
    MaxSites,
    MinSites,
    SurviveSiteLoss,
)
from ccopt.optimisation.limits import Limit
from ccopt.scenario.entities import Scenario
from ccopt.studies.changes import with_service_points, with_target

Posed = tuple[Scenario, tuple[Limit, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Varied:
    """A quantity of a frontier: its name, whether larger is stricter, and how a value is put into a problem."""

    name: str
    larger_is_stricter: bool
    is_promise: bool
    pose: Callable[[Scenario, float], Posed]

    def strictest_first(self, values: Sequence[float]) -> list[float]:
        """Distinct values from the strictest to the loosest."""
        return sorted(set(values), reverse=self.larger_is_stricter)


LARGER_IS_STRICTER = {
    "service_level": True, "awt_s": False, "max_asa_s": False, "max_abandonment": False, "max_occupancy": False,
    "max_blocking": False, "max_response_h": False,
}  # fmt: skip
ALIASES = {"awt": "awt_s", "max_asa": "max_asa_s", "asa_s": "max_asa_s", "abandonment": "max_abandonment",
           "occupancy": "max_occupancy"}  # fmt: skip
LIMITS: dict[str, tuple[bool, Callable[[float], Limit]]] = {
    "max_sites": (False, lambda v: MaxSites(_whole("max_sites", v))),
    "min_sites": (True, lambda v: MinSites(_whole("min_sites", v))),
    "max_groups": (False, lambda v: MaxGroups(_whole("max_groups", v))),
    "max_share_at_site": (False, MaxShareAtSite),
    "survive_site_loss": (True, lambda v: SurviveSiteLoss(share=v)),
    "budget": (False, Budget),
}


def _whole(name: str, value: float) -> int:
    if value != round(value):
        msg = f"over: {name} = {value!r} must be a whole number"
        raise ValueError(msg)
    return round(value)


def varied(vary: str | Sequence[str]) -> Varied:
    """The quantity of a name; names of contact types after the name of a promise restrict it to them.

    Raises
    ------
    ValueError
        The name is neither a promise nor a limit.

    Examples
    --------
    >>> varied("service_level").strictest_first([0.7, 0.9, 0.8])
    [0.9, 0.8, 0.7]
    """
    name, *types = [vary] if isinstance(vary, str) else list(vary)
    name = ALIASES.get(name, name)
    if name == "service_points" and not types:
        return Varied(name=name, larger_is_stricter=True, is_promise=True, pose=lambda s, v: (with_service_points(s, v), ()))
    if name in LARGER_IS_STRICTER:
        return Varied(name=name, larger_is_stricter=LARGER_IS_STRICTER[name], is_promise=True,
                      pose=partial(_promise, name, types or None))  # fmt: skip
    if name in LIMITS and not types:
        stricter, make = LIMITS[name]
        return Varied(name=name, larger_is_stricter=stricter, is_promise=False, pose=lambda s, v: (s, (make(v),)))
    msg = f"vary = {name!r}: have {sorted([*LARGER_IS_STRICTER, 'service_points']) + sorted(LIMITS)}"
    raise ValueError(msg)


def _promise(field: str, types: list[str] | None, scenario: Scenario, value: float) -> Posed:
    return with_target(scenario, field, value, types), ()
