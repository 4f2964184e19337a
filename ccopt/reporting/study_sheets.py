"""Sheets of the studies: the numbers behind the sections of the page, to sort and calculate with, and native charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ccopt.reporting.facts import Facts
from ccopt.reporting.list_sheets import write_table

MONEY = frozenset((
    "cost per year", "revenue per year", "lower bound", "amount", "fixed", "change fixed", "best", "best bound", "regret",
    "extra cost", "running", "pay", "one off", "saving", "cumulative",
))  # fmt: skip
SHARES = frozenset((
    "gap", "service level", "abandonment", "extra share", "distance", "steady", "exact", "exact corrected", "worst", "worst corrected",
    "service level periods", "service level intervals", "abandonment periods", "abandonment intervals", "contacts missed",
))  # fmt: skip


def _framed(result: Any) -> pd.DataFrame:
    return pd.DataFrame(result.frame())


def _reasons(result: Any) -> pd.DataFrame:
    frame = _framed(result)
    frame.insert(0, "site", result.site)
    frame.insert(1, "verdict", result.verdict)
    return frame


def _paid(result: Any) -> pd.DataFrame:
    return pd.DataFrame(result.groups)


def _variances(result: Any) -> pd.DataFrame:
    rows = [{"site": site, "skill_set": skills, "variance": v} for (site, skills), v in result.variance.items()]
    return pd.DataFrame(rows)


SHEETS: Mapping[str, tuple[str, Callable[[Any], pd.DataFrame]]] = {
    "Frontier": ("Frontier", _framed), "Alternatives": ("Alternatives", _framed), "Explanation": ("Why", _reasons),
    "Sensitivity": ("Sensitivity", _framed), "GlobalSensitivity": ("Sensitivity together", _framed),
    "TransitionPath": ("Path", _framed),
    "CalendarError": ("Periods", lambda r: r.service.rename_axis("contact type").reset_index()),
    "InsideDay": ("Inside a day", lambda r: r.table), "PaidHours": ("Shifts", _paid), "ShiftPlan": ("Shifts", lambda r: _paid(r.paid)),
    "SafePlan": ("Uncertain demand", _variances),
}  # fmt: skip
CHARTS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "Frontier": ("scatter", "target", ("cost per year", "lower bound")), "Path": ("line", "month", ("heads", "needed")),
}  # fmt: skip


def write_studies(book: Any, style: dict[str, Any], f: Facts) -> None:
    """One sheet per kind of study; results of the same kind stand below each other."""
    found: dict[str, list[pd.DataFrame]] = {}
    for result in f.studies:
        if type(result).__name__ in SHEETS:
            name, frame_of = SHEETS[type(result).__name__]
            found.setdefault(name, []).append(frame_of(result))
    for name, frames in found.items():
        frame = pd.concat([x for x in frames if len(x)] or frames, ignore_index=True)
        head = [str(c).replace("_", " ") for c in frame.columns]
        rows = [[_cell(v) for v in row] for row in frame.itertuples(index=False, name=None)]
        kinds = {j: _kind(h) for j, h in enumerate(head) if pd.api.types.is_float_dtype(frame.iloc[:, j]) and h != "target"}
        sheet = book.add_worksheet(name)
        write_table(sheet, style, head, rows, kinds)
        if name in CHARTS and rows:
            _chart(book, sheet, head, len(rows))


def _kind(head: str) -> str:
    return "money" if head in MONEY else "percent2" if head in SHARES else "two"


def _cell(value: Any) -> Any:
    """What a cell can hold: no NaN, yes and no in words, whole objects as text."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if pd.api.types.is_scalar(value):
        return None if pd.isna(value) else value.item() if hasattr(value, "item") else value
    return str(value)


def _chart(book: Any, sheet: Any, head: list[str], n: int) -> None:
    kind, along, shown = CHARTS[sheet.get_name()]
    chart = book.add_chart({"type": kind} | ({"subtype": "straight_with_markers"} if kind == "scatter" else {}))
    x = head.index(along)
    for column in shown:
        j = head.index(column)
        chart.add_series({
            "name": [sheet.get_name(), 0, j], "categories": [sheet.get_name(), 1, x, n, x], "values": [sheet.get_name(), 1, j, n, j],
        })  # fmt: skip
    chart.set_title({"name": f"{shown[0].capitalize()} by {along}"})
    chart.set_x_axis({"name": along})
    chart.set_size({"width": 760, "height": 380})
    sheet.insert_chart(n + 2, 0, chart)
