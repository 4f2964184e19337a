"""The rows of one sheet: headers to fields, cells to values, rows to the rows that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ccopt.errors import Problem
from ccopt.scenario.translation import shown
from ccopt.scenario.workbook.cells import CellError, blank, parse_cell
from ccopt.scenario.workbook.layout import Column, Sheet, layout, normal

PERIOD_MARK = ": "
Grid = list[list[Any]]


def letter(j: int) -> str:
    """Column letters of a zero-based number."""
    text, j = "", j + 1
    while j:
        j, rest = divmod(j - 1, 26)
        text = chr(65 + rest) + text
    return text


def cell_name(title: str, i: int, j: int) -> str:
    """``sheet "Demand" cell C7`` of zero-based row and column."""
    return f'sheet "{title}" cell {letter(j)}{i + 1}'


@dataclass(slots=True)
class Reader:
    """What has been read so far: the raw document, where each value stood, and the problems."""

    raw: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    headers: dict[str, tuple[str, int, dict[str, int]]] = field(default_factory=dict)
    rows: dict[tuple[str, ...], list[tuple[tuple[str, ...], str, dict[str, Any]]]] = field(default_factory=dict)
    periods: list[str] = field(default_factory=list)
    spoiled: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def fault(self, place: str, value: Any, rule: str, remedy: str = "") -> None:
        """Note a problem of a cell; later complaints about the same cell are dropped."""
        self.spoiled.add(place)
        self.problems.append(Problem(place=place, value="" if value == "" else shown(value), rule=rule, remedy=remedy))


def list_columns(sheet: Sheet) -> dict[str, Column]:
    """A list of objects may also stand as JSON text in the row that it belongs to."""
    depth = len(sheet.path)
    return {
        normal(".".join(s.path[depth:])): Column(path=s.path[depth:], kind="json") for s in layout()
        if len(s.path) > depth and s.path[:depth] == sheet.path and len(s.owners) == len(sheet.owners) + (depth > 0)
    }  # fmt: skip


def put(reader: Reader, target: dict[str, Any], column: Column, cell: Any, place: str) -> None:
    """Parse a cell into its place in a row; a cell already found broken stays out."""
    if place in reader.spoiled:
        return
    try:
        value = parse_cell(column, cell)
    except CellError as error:
        reader.fault(place, cell, error.rule, error.remedy)
        return
    for part in column.path[:-1]:
        target = target.setdefault(part, {})
    target[column.path[-1]] = value


@dataclass(frozen=True, slots=True)
class _Head:
    """What a column of a sheet holds: a key, a field, or a field in one period."""

    key: int | None = None
    column: Column | None = None
    period: int | None = None


def _heads(reader: Reader, sheet: Sheet, title: str, first: list[Any]) -> dict[int, _Head]:
    columns = {normal(c.header): c for c in sheet.columns} | list_columns(sheet)
    keys = {normal(k): n for n, k in enumerate(sheet.keys)}
    heads: dict[int, _Head] = {}
    taken: dict[Any, int] = {}
    for j, cell in enumerate(first):
        if blank(cell):
            continue
        field_text, mark, period = str(cell).partition(PERIOD_MARK)
        column = columns.get(normal(field_text))
        head, rule, remedy = None, "", ""
        if mark and column is not None and column.kind == "numbers":
            if period.strip() in reader.periods:
                head = _Head(column=column, period=reader.periods.index(period.strip()))
            else:
                rule, remedy = "period is not declared", f"have {reader.periods[:12]}"
        elif normal(str(cell)) in keys:
            head = _Head(key=keys[normal(str(cell))])
        elif normal(str(cell)) in columns:
            head = _Head(column=columns[normal(str(cell))])
        else:
            near = get_close_matches(normal(str(cell)), [*columns, *keys], n=1)
            rule, remedy = "unknown column", f"did you mean {near[0]!r}?" if near else "row 1 holds the column names; remove it"
        same = (head.key, head.column.header if head.column else None, head.period) if head else None
        if same in taken and head:
            head, rule, remedy = None, f"column stands already in {letter(taken[same])}1", "remove one of them"
        if head is None:
            reader.fault(cell_name(title, 0, j), cell, rule, remedy)
        else:
            taken[same] = j
            heads[j] = head
    return heads


def read_rows(reader: Reader, sheet: Sheet, title: str, grid: Grid) -> None:
    """Add the rows of a sheet to the document."""
    heads = _heads(reader, sheet, title, grid[0]) if grid else {}
    kept = reader.rows.setdefault(sheet.path, [])
    counts: dict[str, int] = {}
    for i, row in enumerate(grid[1:], start=1):
        cells = {j: row[j] for j in range(len(row)) if not blank(row[j])}
        for j in set(cells) - set(heads):
            if j >= len(grid[0]) or blank(grid[0][j]):
                reader.fault(cell_name(title, i, j), cells[j], "stands under no column name", "name the column in row 1 or clear the cell")
        cells = {j: c for j, c in cells.items() if j in heads}
        if not cells:
            continue
        owner = _owner(reader, sheet, title, i, {heads[j].key: (j, c) for j, c in cells.items() if heads[j].key is not None})
        if owner is None:
            continue
        document, prefix, keys = owner
        below = sheet.path[len(sheet.owners[-1]) if sheet.owners else 0 :]
        entries = _entries(document, below)
        if entries is None:
            where = f'sheet "{title}" row {i + 1}'
            reader.fault(where, "", f"{below[-1]} stands already as JSON in the row above", "keep one of the two")
            continue
        path = ".".join([*([prefix] if prefix else []), *below]) + f"[{len(entries)}]"
        entry: dict[str, Any] = {}
        entries.append(entry)
        reader.places[path] = f'sheet "{title}" row {i + 1}'
        reader.headers[path] = (title, i, {h.column.header: j for j, h in sorted(heads.items(), reverse=True) if h.column})
        _fill(reader, entry, path, cells, heads, (title, i))
        name = str(entry.get("name", "")) or f"#{counts.get(prefix, 0) + 1}"
        counts[prefix] = counts.get(prefix, 0) + 1
        kept.append(((*keys, name), path, entry))


def _entries(document: dict[str, Any], below: tuple[str, ...]) -> list[dict[str, Any]] | None:
    """The list that a row joins; None where something else stands there."""
    for part in below[:-1]:
        inner = document.setdefault(part, {})
        if not isinstance(inner, dict):
            return None
        document = inner
    found = document.setdefault(below[-1], [])
    return found if isinstance(found, list) else None


def _owner(
    reader: Reader, sheet: Sheet, title: str, i: int, keys: Mapping[int | None, tuple[int, Any]]
) -> tuple[dict[str, Any], str, tuple[str, ...]] | None:
    """The row above that a row belongs to, its place in the document, and its names."""
    if not sheet.owners:
        return reader.raw, "", ()
    names = []
    for n, key in enumerate(sheet.keys):
        if n not in keys:
            reader.fault(f'sheet "{title}" row {i + 1}', "", f"column {key} is empty", f"name the {key} that the row belongs to")
            return None
        names.append(str(keys[n][1]).strip() if not isinstance(keys[n][1], str) else keys[n][1])
    above = reader.rows.get(sheet.owners[-1], [])
    number: dict[tuple[str, ...], int] = {}
    for have, path, entry in above:
        number[have[:-1]] = number.get(have[:-1], 0) + 1
        if have == tuple(names) or (*have[:-1], f"#{number[have[:-1]]}") == tuple(names):
            return entry, path, have
    have_names = list(dict.fromkeys(h[-1] for h, _, _ in above))[:12]
    j = keys[len(names) - 1][0]
    reader.fault(cell_name(title, i, j), names[-1], f"{sheet.keys[-1]} is not declared", f"have {have_names}")
    return None


def _fill(
    reader: Reader, entry: dict[str, Any], path: str, cells: Mapping[int, Any], heads: Mapping[int, _Head], at: tuple[str, int]
) -> None:
    """Fields of a row; per-period columns are gathered into lists."""
    lists: dict[str, dict[int, tuple[int, Any]]] = {}
    for j, cell in cells.items():
        column = heads[j].column
        if column is None:
            continue
        place = cell_name(*at, j)
        period = heads[j].period
        if period is None:
            reader.places.setdefault(f"{path}.{column.header}", place)
            put(reader, entry, column, cell, place)
        else:
            reader.places[f"{path}.{column.header}[{period}]"] = place
            lists.setdefault(column.header, {})[period] = (j, cell)
    for header, found in lists.items():
        _period_list(reader, entry, path, header, found, heads, at)


def _period_list(
    reader: Reader, entry: dict[str, Any], path: str, header: str, found: Mapping[int, tuple[int, Any]],
    heads: Mapping[int, _Head], at: tuple[str, int],
) -> None:  # fmt: skip
    column = next(h.column for h in heads.values() if h.column and h.column.header == header)
    first = cell_name(*at, min(j for j, _ in found.values()))
    if column.header in _flat(entry):
        reader.fault(first, "", f"{header} stands as one number and by period", "clear one of the two")
        return
    missing = [reader.periods[t] for t in range(len(reader.periods)) if t not in found]
    if missing:
        where = {h.period: j for j, h in heads.items() if h.column and h.column.header == header}
        empty = [cell_name(*at, where[reader.periods.index(m)]) if reader.periods.index(m) in where else f"{first}: no column for {m}"
                 for m in missing]  # fmt: skip
        for place in empty:
            reader.fault(place, "", f"{header} is empty in this period", "one number per period; 0 is allowed")
        return
    values = []
    for t in range(len(reader.periods)):
        j, cell = found[t]
        try:
            values.append(_single(column, cell))
        except CellError as error:
            reader.fault(cell_name(*at, j), cell, error.rule, error.remedy)
            values.append(0)
    reader.places.setdefault(f"{path}.{header}", first)
    target = entry
    for part in column.path[:-1]:
        target = target.setdefault(part, {})
    target[column.path[-1]] = values


def _single(column: Column, cell: Any) -> Any:
    return parse_cell(Column(path=column.path, kind="number"), cell)


def _flat(entry: Mapping[str, Any], above: str = "") -> set[str]:
    found = set()
    for key, value in entry.items():
        found.add(above + key)
        if isinstance(value, dict):
            found |= _flat(value, f"{above}{key}.")
    return found
