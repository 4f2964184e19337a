"""How values look in a console and in a notebook: one line of facts, one small table; names are escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

MOST_ROWS = 30
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
    shown = "".join(
        "<tr>" + "".join(f"<td style='text-align:{_side(c)}'>{escape(_cell(c))}</td>" for c in row) + "</tr>" for row in body[:MOST_ROWS]
    )
    if len(body) > MOST_ROWS:
        shown += f"<tr><td colspan='{len(head)}'>{len(body) - MOST_ROWS} more rows</td></tr>"
    line = " · ".join(f"{escape(k.replace('_', ' '))} <b>{escape(_cell(v))}</b>" for k, v in facts)
    heads = "".join(f"<th style='text-align:left'>{escape(h)}</th>" for h in head)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{shown}</tbody></table>" if head else ""
    return f"<div><p><b>{escape(title)}</b><br>{line}</p>{table}</div>"


def _cell(value: object) -> str:
    if value is None:
        return "\u2013"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _side(value: object) -> str:
    return "right" if isinstance(value, (int, float)) and not isinstance(value, bool) else "left"


def percent(value: float | None) -> Words:
    """A share in words; a dash where there is none."""
    return Words("\u2013" if value is None else f"{100 * value:.2f} %")
