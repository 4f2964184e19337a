"""How values look in a console and in a notebook: one line of facts, one small table; names are escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

MOST_ROWS = 30
ROOM = "padding:2px 10px 2px 0"
Facts = Sequence[tuple[str, object]]


def in_a_line(kind: str, facts: Facts) -> str:
    """``Plan(cost_per_year=4,759,264.00, gap=0.00 %)``.

    Examples
    --------
    >>> in_a_line("Plan", [("cost_per_year", 1234.5), ("sites", ("north", "south")), ("gap", None)])
    "Plan(cost_per_year=1,234.50, sites=('north', 'south'), gap=None)"
    """
    return f"{kind}({', '.join(f'{k}={_short(v)}' for k, v in facts)})"


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, tuple) and len(value) > 8:
        return f"({', '.join(map(repr, value[:7]))}, ... {len(value) - 7} more)"
    return value if isinstance(value, Words) else repr(value)


class Words(str):
    """Text that a line shows without quotes."""

    __slots__ = ()


def as_table(title: str, facts: Facts, head: Sequence[str] = (), rows: Iterable[Sequence[object]] = ()) -> str:
    """A small HTML table under a line of facts; everything is escaped."""
    body = list(rows)
    sides = [_side(c) for c in body[0]] if body else ["left"] * len(head)
    shown = "".join(
        "<tr>" + "".join(f"<td style='text-align:{side};{ROOM}'>{escape(_cell(c))}</td>" for c, side in zip(row, sides, strict=True))
        + "</tr>" for row in body[:MOST_ROWS]
    )  # fmt: skip
    if len(body) > MOST_ROWS:
        shown += f"<tr><td colspan='{len(head)}'>{len(body) - MOST_ROWS} more rows</td></tr>"
    line = " · ".join(f"{escape(k.replace('_', ' '))} <b>{escape(_cell(v))}</b>" for k, v in facts if v != ())
    heads = "".join(f"<th style='text-align:{side};{ROOM}'>{escape(h)}</th>" for h, side in zip(head, sides, strict=True))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{shown}</tbody></table>" if head else ""
    return f"<div><p><b>{escape(title)}</b><br>{line}</p>{table}</div>"


def _cell(value: object) -> str:
    if value is None:
        return "\u2013"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _side(value: object) -> str:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return "right" if number or isinstance(value, Words) else "left"


def counted(number: float, noun: str) -> str:
    """A whole number with its noun.

    Examples
    --------
    >>> counted(1, "site"), counted(1200, "seat")
    ('1 site', '1,200 seats')
    """
    return f"{number:,.0f} {noun}{'' if number == 1 else 's'}"


def percent(value: float | None) -> Words:
    """A share in words; a dash where there is none."""
    return Words("\u2013" if value is None else f"{100 * value:.2f} %")
