"""Which sheets and columns a scenario has, derived from its pydantic models.

One sheet per list, one column per field; an object inside a row is flattened (``tariff.per``), a list of objects inside
a row becomes a sheet of its own whose first columns name the row that it belongs to. New entities need no line here.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ccopt.scenario.entities import Scenario

FIRST = "Scenario"
GUIDE = "Guide"
LONGEST_TITLE = 31
DEEPEST_ROW = 3
TITLES: dict[tuple[str, ...], str] = {
    ("contact_types", "targets"): "Targets", ("sites", "tariffs"): "Site tariffs", ("sites", "overhead"): "Site overhead",
    ("sites", "tariff", "tiers"): "Tariff tiers", ("sites", "tariffs", "tiers"): "Site tariffs tiers",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a sheet: a field of a row, or of an object inside the row.

    ``kind`` is ``number``, ``integer``, ``text``, ``boolean``, ``choice``, ``names`` (a list of texts), ``numbers``
    (a list of numbers, one column per period where it fits), ``date``, ``time`` or ``json``.
    """

    path: tuple[str, ...]
    kind: str
    choices: tuple[Any, ...] = ()
    required: bool = False
    scalar: bool = False
    default: Any = None
    field: FieldInfo | None = None

    @property
    def header(self) -> str:
        """Text in the first row."""
        return ".".join(self.path)

    @property
    def seconds(self) -> bool:
        """Whether Excel's times of day and durations mean seconds here."""
        return self.path[-1].endswith("_s") and self.kind == "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: a list of the document, or single values (``path`` empty).

    ``owners`` are the lists above, outermost first; each has a column that names its row.
    """

    title: str
    path: tuple[str, ...]
    model: type[BaseModel]
    owners: tuple[tuple[str, ...], ...]
    columns: tuple[Column, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Headers of the columns that name the rows above: ``site``, ``contact_type``."""
        own = {c.header for c in self.columns}
        names = (singular(o[-1]) for o in self.owners)
        return tuple(f"parent {n}" if n in own else n for n in names)


def singular(word: str) -> str:
    """``sites`` as ``site``."""
    return word[:-3] + "y" if word.endswith("ies") else word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _title(path: tuple[str, ...]) -> str:
    if path in TITLES:
        return TITLES[path]
    words = [singular(p) for p in path[:-1]] + [path[-1]]
    text = " ".join(words).replace("_", " ")
    return text[:1].upper() + text[1:]


def _bare(annotation: Any) -> tuple[Any, bool]:
    """An annotation without Annotated and None, and whether None was allowed."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        kept = [a for a in get_args(annotation) if a is not type(None)]
        if len(kept) == 1:
            return _bare(kept[0])[0], True
        return tuple(_bare(a)[0] for a in kept), len(kept) < len(get_args(annotation))
    return annotation, False


def _model(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _items(annotation: Any) -> Any:
    """The element type of ``tuple[X, ...]``, else None."""
    if get_origin(annotation) in (tuple, list):
        inner = get_args(annotation)
        if get_origin(annotation) is list or (len(inner) == 2 and inner[1] is Ellipsis):
            return _bare(inner[0])[0]
        if inner and all(_bare(a)[0] in (int, float) for a in inner):
            return float
    return None


SIMPLE = {float: "number", int: "integer", bool: "boolean", str: "text", dt.date: "date", dt.time: "time"}


def _kind(annotation: Any) -> tuple[str, tuple[Any, ...], bool]:
    """Kind, choices, and whether a single number may stand for a list of numbers."""
    if isinstance(annotation, tuple):
        lists = [_items(a) for a in annotation if _items(a) is not None]
        if any(x in (int, float) for x in lists) and any(a in (int, float) for a in annotation):
            return "numbers", (), True
        simple = {a for a in annotation if a in (int, float)}
        return ("number", (), False) if len(simple) == len(annotation) else ("json", (), False)
    if annotation in SIMPLE:
        return SIMPLE[annotation], (), False
    if get_origin(annotation) is Literal:
        return "choice", get_args(annotation), False
    item = _items(annotation)
    if item is str or get_origin(item) is Literal:
        return "names", (get_args(item) if item is not str else ()), False
    return ("numbers", (), False) if item in (int, float) else ("json", (), False)


def _columns(model: type[BaseModel], above: tuple[str, ...] = (), required: bool = True) -> Iterator[Column]:
    """Columns of a model; lists of objects are left to sheets of their own."""
    for name, field in model.model_fields.items():
        annotation, _ = _bare(field.annotation)
        inner = _model(annotation)
        path = (*above, name)
        needed = required and field.is_required()
        if inner is not None and len(above) < DEEPEST_ROW:
            yield from _columns(inner, path, needed)
        elif _model(_items(annotation)) is None or len(above) >= DEEPEST_ROW:
            kind, choices, scalar = _kind(annotation)
            default = None if field.is_required() else field.get_default(call_default_factory=True)
            yield Column(path=path, kind=kind, choices=choices, scalar=scalar, required=needed, field=field,
                         default=default)  # fmt: skip


def _lists(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """Lists of objects directly in a model or in an object inside it."""
    for name, field in model.model_fields.items():
        annotation, _ = _bare(field.annotation)
        inner, item = _model(annotation), _model(_items(annotation))
        if item is not None and len(above) < DEEPEST_ROW:
            yield (*above, name), item
        elif inner is not None and len(above) < DEEPEST_ROW:
            yield from _lists(inner, (*above, name))


def _sheets(
    model: type[BaseModel], path: tuple[str, ...], owners: tuple[tuple[str, ...], ...]
) -> Iterator[tuple[tuple[str, ...], type[BaseModel], tuple[tuple[str, ...], ...]]]:
    for below, item in _lists(model):
        here = (*path, *below)
        if len(owners) > DEEPEST_ROW:
            return
        yield here, item, owners
        yield from _sheets(item, here, (*owners, here))


@lru_cache(maxsize=1)
def layout() -> tuple[Sheet, ...]:
    """All sheets of a scenario, the single values first."""
    found = [Sheet(title=FIRST, path=(), model=Scenario, owners=(), columns=tuple(_columns(Scenario)))]
    taken = {FIRST.lower(), GUIDE.lower()}
    for path, model, owners in _sheets(Scenario, (), ()):
        title = _title(path)[:LONGEST_TITLE]
        number = 2
        while title.lower() in taken:
            title = f"{title[: LONGEST_TITLE - 3]} {number}"
            number += 1
        taken.add(title.lower())
        found.append(Sheet(title=title, path=path, model=model, owners=owners, columns=tuple(_columns(model))))
    return tuple(found)


def normal(text: str) -> str:
    """A header or sheet name for comparison: lower case, blanks and hyphens as underscores."""
    return text.strip().rstrip("*").strip().lower().replace(" ", "_").replace("-", "_")
