"""Read JSON and TOML text strictly: every fault becomes a problem with its place."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path
from typing import Any

from ccopt.errors import Problem, ScenarioError

LARGEST_FILE = 64 * 1024 * 1024
DEEPEST = 60


def fail(place: str, rule: str, remedy: str = "", value: str = "") -> ScenarioError:
    """An error with one problem."""
    return ScenarioError([Problem(place=place, value=value, rule=rule, remedy=remedy)])


def read_text(path: Path) -> str:
    """The text of a file in UTF-8 (a byte order mark is allowed).

    Raises
    ------
    ScenarioError
        Missing, unreadable, too large, or not UTF-8.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise fail(path.name, f"is larger than {LARGEST_FILE // 2**20} MiB", "split the scenario")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise fail(str(path), f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise fail(path.name, f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from None


class _RepeatedError(Exception):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedError(key)
        found[key] = value
    return found


def _constant(text: str) -> float:
    msg = f"{text} is no number here"
    raise ValueError(msg)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        msg = f"{text[:30]} is too large"
        raise ValueError(msg)
    return value


def parse_json(text: str, name: str) -> Any:
    """Strict JSON: no repeated keys, no NaN or Infinity, no overflow, no bottomless nesting."""
    try:
        return json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float)
    except json.JSONDecodeError as error:
        place = f"{name} line {error.lineno} column {error.colno}"
        raise fail(place, "is not JSON: " + error.msg) from None
    except _RepeatedError as error:
        place = f"{name}: {error}"
        raise fail(place, "key stands twice in one object", "keep one of them") from None
    except RecursionError:
        raise fail(name, "is nested too deeply") from None
    except ValueError as error:
        raise fail(name, str(error)[:200], "write a finite number") from None


def parse_toml(text: str, name: str) -> Any:
    """TOML as plain data; infinite numbers are refused."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise fail(name, f"is not TOML: {error}") from None
    except (RecursionError, ValueError) as error:
        raise fail(name, f"is not TOML: {type(error).__name__}") from None
    _refuse_infinite(found, name)
    return found


def _refuse_infinite(value: Any, place: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise fail(place, f"{value} is no number here", "write a finite number")
    if isinstance(value, dict):
        for k, v in value.items():
            _refuse_infinite(v, f"{place}.{k}")
    if isinstance(value, list):
        for i, v in enumerate(value):
            _refuse_infinite(v, f"{place}[{i}]")


def depth(value: Any, level: int = 0) -> int:
    """Nesting depth of plain data, cut at `DEEPEST`."""
    if level > DEEPEST or not isinstance(value, (dict, list)):
        return level
    inner = value.values() if isinstance(value, dict) else value
    return max((depth(v, level + 1) for v in inner), default=level)
