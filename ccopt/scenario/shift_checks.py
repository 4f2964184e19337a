"""Rules of the ``shifts`` block that need more than one field, on raw data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ccopt.errors import Problem


def shift_problems(raw: dict[str, Any]) -> Iterator[Problem]:
    """Names, references, breaks within the shift, and lengths of lists."""
    block = raw.get("shifts")
    if not isinstance(block, dict):
        return
    away = block.get("shrinkage_by_hour")
    if isinstance(away, (list, tuple)) and len(away) != 24:
        yield Problem(place="shifts.shrinkage_by_hour", value=f"{len(away)} numbers", rule="must be one number or 24")
    patterns = block.get("patterns")
    sites = [s.get("name") for s in _rows(raw.get("sites"))]
    seen: set[str] = set()
    for i, p in enumerate(_rows(patterns)):
        place = f"shifts.patterns[{i}]"
        name = str(p.get("name"))
        if name in seen:
            yield Problem(place=f"{place}.name", value=repr(name), rule="stands twice", remedy="rename one of them")
        seen.add(name)
        for site in p.get("sites") or ():
            if site not in sites:
                yield Problem(place=f"{place}.sites", value=repr(site), rule="not declared", remedy=f"have {sites[:20]}")
        first, last = p.get("first_start", "00:00"), p.get("last_start", "24:00")
        if isinstance(first, str) and isinstance(last, str) and last < first:
            yield Problem(place=f"{place}.last_start", value=repr(last), rule=f"is before first_start {first}",
                          remedy="shifts may run past midnight; starts may not")  # fmt: skip
        yield from _breaks(p, place)


def _breaks(pattern: dict[str, Any], place: str) -> Iterator[Problem]:
    length = pattern.get("length_h")
    for j, b in enumerate(_rows(pattern.get("breaks"))):
        after, minutes = b.get("after_h"), b.get("minutes")
        numbers = [v for v in (length, after, minutes) if isinstance(v, (int, float)) and not isinstance(v, bool)]
        if len(numbers) == 3 and numbers[1] + numbers[2] / 60 > numbers[0] + 1e-9:
            yield Problem(place=f"{place}.breaks[{j}]", value=f"after {after} h, {minutes} min",
                          rule=f"ends after the shift of {length} h")  # fmt: skip


def _rows(value: Any) -> list[dict[str, Any]]:
    return [r for r in value if isinstance(r, dict)] if isinstance(value, (list, tuple)) else []
