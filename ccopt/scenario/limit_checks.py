"""Rules of the limits of a planner, on raw data: which fields a kind of limit needs, and which do not belong to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ccopt.errors import Problem
from ccopt.scenario.translation import shown

WHOLE, AMOUNT, SHARE = "a whole number", "an amount", "a share between 0 and 1"
# kind: what ``value`` (or ``share``) is, fields that it needs besides, fields that it may have
FIELDS: dict[str, tuple[str | None, tuple[str, ...], tuple[str, ...]]] = {
    "max_sites": (WHOLE, (), ()), "min_sites": (WHOLE, (), ()), "max_groups": (WHOLE, (), ("site",)), "max_change": (WHOLE, (), ()),
    "force_open": (None, ("site",), ()), "force_closed": (None, ("site",), ()), "budget": (AMOUNT, (), ()),
    "quality_floor": (SHARE, (), ("contact_type",)), "min_group_size": (WHOLE, (), ("skill_set", "site")),
    "survive_site_loss": (None, (), ("share", "surge", "relocatable")), "max_share_at_site": (SHARE, (), ("site",)),
    "labour_pool": (WHOLE, ("site",), ()), "min_agents_at_site": (WHOLE, ("site",), ()),
}  # fmt: skip


def limit_problems(raw: dict[str, Any]) -> Iterable[Problem]:
    """Problems of the rows of ``limits``."""
    listed = raw.get("limits")
    for i, row in enumerate(listed if isinstance(listed, (list, tuple)) else ()):
        kind = row.get("kind") if isinstance(row, dict) else None
        if not isinstance(kind, str) or kind not in FIELDS:
            continue
        what, needed, allowed = FIELDS[kind]
        place = f"limits[{i}]"
        given = {k for k, v in row.items() if v is not None and k != "kind"}
        if what is not None:
            yield from _amount(place, row, kind, what)
        for field in needed:
            if field not in given:
                yield Problem(place=f"{place}.{field}", value="", rule="is missing", remedy=f"{kind} needs it")
        own = {*needed, *allowed, *(("value",) if what else ()), *(("share",) if what == SHARE else ())}
        for field in sorted((given - own) & {"value", "site", "skill_set", "contact_type", "share", "surge", "relocatable"}):
            yield Problem(place=f"{place}.{field}", value=shown(row[field]), rule=f"does not belong to {kind}", remedy="remove it")
        if kind == "max_change" and not isinstance(raw.get("existing"), dict):
            yield Problem(place=place, value=shown(kind), rule="counts changes from today, and the scenario has no today",
                          remedy="add the block existing")  # fmt: skip


def _amount(place: str, row: dict[str, Any], kind: str, what: str) -> Iterable[Problem]:
    """The number of a limit: in ``value``, a share also in ``share``."""
    field = "share" if what == SHARE and row.get("share") is not None else "value"
    value = row.get(field)
    if value is None:
        yield Problem(place=f"{place}.{field}", value="", rule="is missing", remedy=f"{kind} needs {what}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if what == WHOLE and value != value // 1:
            yield Problem(place=f"{place}.{field}", value=shown(value), rule=f"must be {what}")
        if what == SHARE and value > 1:
            yield Problem(place=f"{place}.{field}", value=shown(value), rule=f"must be {what}",
                          remedy=f"did you mean {value / 100:g}?" if value <= 100 else "")  # fmt: skip
