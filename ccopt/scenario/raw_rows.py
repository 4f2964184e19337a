"""Reading raw data of unknown types: rows, lists, numbers, names, and references between them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeGuard

from ccopt.errors import Problem
from ccopt.scenario.base import MONEY_LIMIT
from ccopt.scenario.translation import shown

Raw = dict[str, Any]


def rows(raw: Raw, key: str) -> list[tuple[int, Raw]]:
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


def names(raw: Raw, key: str) -> list[str]:
    """Names of a list."""
    return [r["name"] for _, r in rows(raw, key) if isinstance(r.get("name"), str)]


def some(known: list[str]) -> str:
    """The first names of a list, long ones cut."""
    return "[" + ", ".join(shown(k) for k in known[:20]) + (", ...]" if len(known) > 20 else "]")


def reference(place: str, value: Any, known: list[str]) -> Iterable[Problem]:
    """A problem where a text names nothing that is declared."""
    if isinstance(value, str) and value not in known:
        yield Problem(place=place, value=shown(value), rule="not declared", remedy=f"have {some(known)}")
