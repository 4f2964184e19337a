"""Pydantic's errors in the house's words: place, value, rule, remedy."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from ccopt.errors import Problem
from ccopt.scenario.entities import Scenario

SHORT = 60


def place_of(location: tuple[Any, ...]) -> str:
    """``sites[0].wage_per_hour`` from a location; names of union branches are left out."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        elif not (part.startswith(("function-", "tuple[", "constrained-", "float", "lax-")) or part in ("int", "str")):
            text += ("." if text else "") + part
    return text


def shown(value: Any) -> str:
    """A value, shortened for one line."""
    text = repr(value).replace("\n", " ")
    return text if len(text) <= SHORT else text[: SHORT - 3] + "..."


def problems_of(error: ValidationError, document: type[BaseModel] = Scenario) -> list[Problem]:
    """Problems of a validation error of a document, one per place and rule."""
    found: dict[tuple[str, str], Problem] = {}
    for e in error.errors():
        if e["type"] == "too_short" and e.get("input"):
            continue  # the list is empty only because its rows are faulty, and they are named
        problem = _problem(e, document)
        found.setdefault((problem.place, problem.rule), problem)
    return list(found.values())


def _fields(location: tuple[Any, ...], document: type[BaseModel]) -> list[str]:
    """Field names of the model that holds a location."""
    model: Any = document
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        fields = getattr(model, "model_fields", {})
        if part not in fields:
            continue
        inner = _model_in(fields[part].annotation)
        model = inner or model
    return list(getattr(model, "model_fields", {}))


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def _problem(e: Any, document: type[BaseModel]) -> Problem:
    kind, location, value = e["type"], tuple(e["loc"]), e.get("input")
    place = place_of(location)
    context = e.get("ctx", {})
    if kind == "missing":
        return Problem(place=place, value="", rule="is missing", remedy="add it")
    if kind == "extra_forbidden":
        near = get_close_matches(str(location[-1]), _fields(location, document), n=1)
        return Problem(place=place, value=shown(value), rule="unknown key",
                       remedy=f"did you mean {near[0]!r}?" if near else "remove it")  # fmt: skip
    limit = context.get("le", context.get("lt"))
    if kind in ("less_than_equal", "less_than") and limit == 1 and _number(value) and 1 < value <= 100:
        return Problem(place=place, value=shown(value), rule="must be a share between 0 and 1",
                       remedy=f"did you mean {value / 100:g}?")  # fmt: skip
    words = {
        "greater_than_equal": f"must be at least {context.get('ge')}", "greater_than": f"must be above {context.get('gt')}",
        "less_than_equal": f"must be at most {context.get('le')}", "less_than": f"must be below {context.get('lt')}",
        "finite_number": "must be a finite number", "float_type": "must be a number", "int_type": "must be a whole number",
        "int_from_float": "must be a whole number", "string_type": "must be text", "bool_type": "must be true or false",
        "literal_error": f"must be {context.get('expected')}", "tuple_type": "must be a list",
        "model_type": "must be an object", "dict_type": "must be an object", "too_short": "must not be empty",
        "string_too_short": "must not be empty", "string_too_long": f"is longer than {context.get('max_length')} letters",
    }  # fmt: skip
    return Problem(place=place, value=shown(value), rule=words.get(kind, e["msg"]))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
