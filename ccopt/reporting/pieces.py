"""What a page is made of: sections with text, figures and tables; and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Head of a table column; ``term`` leads to a definition."""

    label: str
    number: bool = False
    term: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text. ``marks`` gives a row and column a class (``ok``, ``bad``); the last row may be a total.

    ``fold`` hides the table behind these words on the screen; print shows it.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)
    total: bool = False
    caption: str = ""
    fold: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """An SVG and what stands below it."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the page. ``widget`` names a part of the template; ``folded`` ones open on a click."""

    key: str
    title: str
    text: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    widget: str = ""
    side_by_side: bool = False
    folded: bool = False


def columns(*names: str) -> tuple[Column, ...]:
    """Heads in short form: ``#`` in front means numbers, ``@term`` behind leads to a definition.

    Examples
    --------
    >>> columns("site", "#agents@agents")[1]
    Column(label='agents', number=True, term='agents')
    """
    found = []
    for name in names:
        label, _, term = name.partition("@")
        found.append(Column(label=label.removeprefix("#"), number=label.startswith("#"), term=term))
    return tuple(found)


def money(value: float) -> str:
    """Money with thousands and two decimals."""
    return f"{value:,.2f}".replace("-", "−") if round(value, 2) else "0.00"


def percent(value: float | None, digits: int = 1) -> str:
    """A share in percent; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def seconds(value: float | None) -> str:
    """Seconds with one decimal; a dash where there is none."""
    return "–" if value is None else f"{value:,.1f} s"


def count(value: float | None) -> str:
    """A whole number; a dash where there is none."""
    return "–" if value is None else f"{value:,.0f}"


def millions(value: float, currency: str) -> str:
    """Money in words: millions from one million on."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.2f} million {currency}"
    return f"{value:,.0f} {currency}"


def between(low: float, high: float, currency: str) -> str:
    """Two amounts in words, the unit said once.

    Examples
    --------
    >>> between(20.31e6, 26.71e6, "GBP"), between(900.0, 1200.0, "EUR")
    ('20.31 to 26.71 million GBP', '900 to 1,200 EUR')
    """
    if min(abs(low), abs(high)) >= 1e6:
        return f"{low / 1e6:,.2f} to {high / 1e6:,.2f} million {currency}"
    return f"{low:,.0f} to {high:,.0f} {currency}"


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names in a sentence."""
    if not names:
        return "none"
    kept = [*names] if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} more"]
    return ", ".join(kept[:-1]) + (f" and {kept[-1]}" if len(kept) > 1 else kept[0])


def to_the_cent(values: Sequence[float]) -> list[float]:
    """Values rounded to cents whose sum is the rounded sum: what is printed adds up.

    Examples
    --------
    >>> to_the_cent([0.333, 0.333, 0.334])
    [0.33, 0.33, 0.34]
    >>> to_the_cent([1.004, 1.004, 1.004])
    [1.01, 1.0, 1.0]
    """
    cents = [round(100 * v) for v in values]
    left = round(100 * sum(values)) - sum(cents)
    order = sorted(range(len(values)), key=lambda i: (cents[i] - 100 * values[i]) * (1 if left > 0 else -1))
    for i in order[: abs(left)]:
        cents[i] += 1 if left > 0 else -1
    return [c / 100 for c in cents]
