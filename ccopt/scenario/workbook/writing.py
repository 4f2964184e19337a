"""Document to workbook: a guide, the single values, and one sheet per list with notes, drop-downs and units."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from ccopt.scenario.entities import Scenario
from ccopt.scenario.workbook.cells import cell_text
from ccopt.scenario.workbook.layout import FIRST, GUIDE, Column, Sheet, layout
from ccopt.scenario.workbook.notes import INTRODUCTION, choices_source, note_of, sheet_note, unit_of
from ccopt.scenario.workbook.rows import PERIOD_MARK
from ccopt.scenario.writing import write_whole

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LONGEST_TEXT = 32_767
ROWS_WITH_CHOICES = 2000
Row = tuple[tuple[str, ...], dict[str, Any]]


class ExactSheet(Worksheet):  # type: ignore[misc]
    """A worksheet that writes numbers with all their digits (the library keeps sixteen)."""

    def _xml_number_element(self, number: Any, attributes: Any = ()) -> None:
        attr = "".join(f' {key}="{value}"' for key, value in attributes)
        self.fh.write(f"<c{attr}><v>{number!r}</v></c>")


def write_workbook(scenario: Scenario, path: str | Path) -> Path:
    """Write a scenario as a workbook; reading it gives an equal scenario.

    Raises
    ------
    ValueError
        A text is longer than a cell can hold.
    """
    raw = json.loads(scenario.model_dump_json(exclude_unset=True))
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        book.set_properties({"title": f"{scenario.name}: scenario", "comments": "ccopt scenario"})
        style = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "must": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#DCEAF5"}),
            "key": book.add_format({"bold": True}), "soft": book.add_format({"font_color": "#5B6672", "text_wrap": True}),
            "big": book.add_format({"bold": True, "font_size": 14}), "text": book.add_format({"num_format": "@"}),
        }  # fmt: skip
        _guide(book, style)
        _single_values(book, style, raw)
        periods = [p["name"] for p in raw.get("periods", [])]
        for sheet in layout()[1:]:
            _list_sheet(book, style, sheet, list(rows_of(raw, sheet)), periods)
        book.get_worksheet_by_name(FIRST).activate()
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, buffer.getvalue())
    return target


def write_template(path: str | Path) -> Path:
    """Write a workbook to fill in: an example that runs, with notes, drop-downs and units."""
    from ccopt.scenario.io import load_instance

    return write_workbook(load_instance("three-regions"), path)


def rows_of(raw: Mapping[str, Any], sheet: Sheet) -> Iterator[Row]:
    """Rows of a sheet: the names of the rows that each belongs to, and its own fields."""
    chain = [*sheet.owners, sheet.path]
    entries: list[tuple[tuple[str, ...], Any]] = [((), raw)]
    start = 0
    for depth, path in enumerate(chain):
        below, start = path[start:], len(path)
        found = []
        for keys, entry in entries:
            inner: Any = entry
            for part in below:
                inner = (inner or {}).get(part) if isinstance(inner, dict) else None
            rows = inner if isinstance(inner, list) else []
            names = _names_of(rows)
            last = depth == len(chain) - 1
            found += [(keys if last else (*keys, n), row) for n, row in zip(names, rows, strict=True)]
        entries = found
    yield from entries


def _names_of(rows: list[dict[str, Any]]) -> list[str]:
    """The names of rows where they tell them apart, else their numbers."""
    names = [r.get("name") for r in rows]
    named = all(isinstance(n, str) and n.strip() and not n.startswith("#") for n in names) and len(set(names)) == len(names)
    return [str(n) for n in names] if named else [f"#{i}" for i in range(1, len(rows) + 1)]


def _get(row: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = row
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def _write(sheet: Any, i: int, j: int, column: Column, value: Any) -> None:
    shown = cell_text(column, value)
    if shown is None:
        return
    if isinstance(shown, float) and column.seconds and 0 < shown < 1 and round(shown, 5) != shown:
        shown = repr(shown)  # a number of this form would be taken for a fraction of a day
    if isinstance(shown, bool):
        sheet.write_boolean(i, j, shown)
    elif isinstance(shown, (int, float)):
        sheet.write_number(i, j, shown)
    elif len(shown) > LONGEST_TEXT:
        msg = f"{sheet.get_name()}, {column.header}: a cell holds at most {LONGEST_TEXT} letters, not {len(shown)}; use JSON"
        raise ValueError(msg)
    else:
        sheet.write_string(i, j, shown)


def _guide(book: Any, style: dict[str, Any]) -> None:
    sheet = book.add_worksheet(GUIDE)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 3, 16)
    sheet.set_column(4, 4, 90)
    sheet.write_string(0, 0, "How to fill in this workbook", style["big"])
    for i, line in enumerate(INTRODUCTION, start=1):
        sheet.write_string(i, 0, line)
    i = len(INTRODUCTION) + 2
    for j, text in enumerate(("sheet", "column", "unit or choice", "without it", "meaning")):
        sheet.write_string(i, j, text, style["head"])
    for part in layout():
        i += 1
        sheet.write_url(i, 0, f"internal:'{part.title}'!A1", string=part.title)
        sheet.write_string(i, 4, sheet_note(part), style["soft"])
        for key in part.keys:
            i += 1
            sheet.write_string(i, 1, key, style["key"])
            sheet.write_string(i, 2, "name")
            sheet.write_string(i, 4, f"Which {key} the row belongs to.")
        for column in part.columns:
            i += 1
            sheet.write_string(i, 1, column.header, style["key"])
            sheet.write_string(i, 2, unit_of(column))
            sheet.write_string(i, 3, "must be filled" if column.required else _default(column))
            sheet.write_string(i, 4, note_of(part, column))
    sheet.hide_gridlines(2)


def _default(column: Column) -> str:
    if column.default in (None, (), ""):
        return "none"
    return str(column.default).lower() if isinstance(column.default, bool) else str(column.default)


def _single_values(book: Any, style: dict[str, Any], raw: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(FIRST, ExactSheet)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, 2, 80)
    for j, text in enumerate(("field", "value", "meaning")):
        sheet.write_string(0, j, text, style["head"])
    first = layout()[0]
    for i, column in enumerate(first.columns, start=1):
        sheet.write_string(i, 0, column.header, style["must" if column.required else "key"])
        _write(sheet, i, 1, column, _get(raw, column.path))
        sheet.write_string(i, 2, note_of(first, column), style["soft"])
        _validate(sheet, column, (i, 1, i))
    sheet.freeze_panes(1, 0)


def _list_sheet(book: Any, style: dict[str, Any], sheet: Sheet, rows: list[Row], periods: list[str]) -> None:
    page = book.add_worksheet(sheet.title, ExactSheet)
    if not rows:
        page.set_tab_color("#C3CCD5")
    page.freeze_panes(1, 1)
    for j, key in enumerate(sheet.keys):
        page.write_string(0, j, key, style["must"])
        page.set_column(j, j, 18)
        for i, (keys, _) in enumerate(rows, start=1):
            page.write_string(i, j, keys[j])
    j = len(sheet.keys)
    for column in (*sheet.columns, *_stray_lists(sheet, rows)):
        for period in _spread(column, rows, periods):
            header = column.header if period is None else f"{column.header}{PERIOD_MARK}{periods[period]}"
            page.write_string(0, j, header, style["must" if column.required else "head"])
            page.write_comment(0, j, f"{note_of(sheet, column)} Unit: {unit_of(column)}.", {"width": 260, "height": 90})
            page.set_column(j, j, 20 if column.kind in ("text", "names") else 14)
            for i, (_, row) in enumerate(rows, start=1):
                value = _get(row, column.path)
                by_period = isinstance(value, list) and _fits(value, periods) and column.kind == "numbers"
                if period is not None:
                    _write(page, i, j, column, value[period] if by_period else None)
                elif not by_period:
                    _write(page, i, j, column, value)
            _validate(page, column, (1, j, ROWS_WITH_CHOICES))
            j += 1
    if rows:
        page.autofilter(0, 0, len(rows), j - 1)


def _fits(value: list[Any], periods: list[str]) -> bool:
    return len(value) == len(periods) and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value)


def _spread(column: Column, rows: list[Row], periods: list[str]) -> list[int | None]:
    """One column, or one per period, or both."""
    if column.kind != "numbers" or not periods or any(p != p.strip() for p in periods):
        return [None]
    values = [v for _, row in rows if (v := _get(row, column.path)) is not None]
    lists = [isinstance(v, list) and _fits(v, periods) for v in values]
    by_period: list[int | None] = [*range(len(periods))]
    if not values:
        return by_period
    return ([] if all(lists) else [None]) + (by_period if any(lists) else [])


def _stray_lists(sheet: Sheet, rows: list[Row]) -> list[Column]:
    """Lists of objects that are empty where leaving them out would mean something else."""
    depth = len(sheet.path)
    inner = [s for s in layout() if s.owners and s.owners[-1] == sheet.path]
    return [
        Column(path=s.path[depth:], kind="json") for s in inner
        if any(_get(row, s.path[depth:]) == [] for _, row in rows) and not _empty_by_default(sheet, s.path[depth:])
    ]  # fmt: skip


def _empty_by_default(sheet: Sheet, path: tuple[str, ...]) -> bool:
    field = sheet.model.model_fields.get(path[0])
    return len(path) > 1 or field is None or field.get_default(call_default_factory=True) == ()


def _validate(page: Any, column: Column, span: tuple[int, int, int]) -> None:
    first, j, last = span
    source = choices_source(column)
    if source:
        page.data_validation(first, j, last, j, {
            "validate": "list", "source": source, "error_type": "warning", "ignore_blank": True,
            "error_title": "not in the list", "error_message": "Choose from the list, or add the name to its own sheet first.",
        })  # fmt: skip
