"""Workbook to document: every fault with sheet, cell, rule and remedy, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from ccopt.errors import Problem, ScenarioError
from ccopt.scenario.checks import validated
from ccopt.scenario.entities import Scenario
from ccopt.scenario.parsing import fail
from ccopt.scenario.workbook.cells import blank
from ccopt.scenario.workbook.guard import Caps, cell_problems, guarded
from ccopt.scenario.workbook.layout import FIRST, GUIDE, Sheet, layout, normal
from ccopt.scenario.workbook.rows import Grid, Reader, cell_name, list_columns, put, read_rows

DOCUMENT_PLACE = re.compile(r"[a-z_]+\[\d+\](?:\.\w+(?:\[\d+\])?)*")


def read_workbook(path: str | Path, *, caps: Caps | None = None) -> Scenario:
    """Read and check a workbook.

    Parameters
    ----------
    path
        A plain .xlsx file with the sheets of ``ccopt template``.
    caps
        Largest file that is read; see `ccopt.scenario.workbook.guard.Caps`.

    Raises
    ------
    ScenarioError
        Every fault with its sheet and cell.
    """
    file, limits = Path(path), caps or Caps()
    guarded(file, limits)
    broken = cell_problems(file, limits)
    grids = _grids(file)
    reader = Reader()
    for problem in broken:
        reader.spoiled.add(problem.place)
        reader.problems.append(problem)
    found = _matched(reader, file, grids)
    _single_values(reader, *found[FIRST])
    reader.periods = _period_names(found)
    for sheet in layout()[1:]:
        if sheet.title in found:
            read_rows(reader, sheet, *found[sheet.title][1:])
    try:
        scenario = validated(reader.raw)
    except ScenarioError as error:
        reader.problems += [p for p in (_located(reader, p) for p in error.problems) if p is not None]
    if reader.problems:
        raise ScenarioError(reader.problems)
    return scenario


def _grids(file: Path) -> dict[str, Grid]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise fail(file.name, "reading workbooks needs python-calamine", "install ccopt[excel]") from None
    try:
        book = CalamineWorkbook.from_path(file)
        return {name: list(book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        raise fail(file.name, f"is no readable workbook: {str(error)[:120]}", "save it as .xlsx without a password") from None


def _matched(reader: Reader, file: Path, grids: Mapping[str, Grid]) -> dict[str, tuple[Sheet, str, Grid]]:
    """Known sheets by their title; unknown ones are problems."""
    known = {normal(s.title): s for s in layout()}
    found: dict[str, tuple[Sheet, str, Grid]] = {}
    for title, grid in grids.items():
        sheet = known.get(normal(title))
        if sheet is None:
            if normal(title) != normal(GUIDE) and any(not blank(c) for row in grid for c in row):
                near = get_close_matches(normal(title), list(known), n=1)
                remedy = f"did you mean {known[near[0]].title!r}?" if near else "rename or remove it"
                reader.fault(f'sheet "{title}"', "", "unknown sheet", remedy)
        elif sheet.title in found:
            reader.fault(f'sheet "{title}"', "", f"stands already as {found[sheet.title][1]!r}", "remove one of them")
        else:
            found[sheet.title] = (sheet, title, grid)
    if FIRST not in found:
        raise fail(file.name, f"has no sheet {FIRST!r}", f"have {list(grids)[:12]}; `ccopt template` writes one")
    return found


def _single_values(reader: Reader, sheet: Sheet, title: str, grid: Grid) -> None:
    """Names in column A, values in column B."""
    columns = {normal(c.header): c for c in sheet.columns} | list_columns(sheet)
    lines: dict[str, int] = {}
    for i, row in enumerate(grid):
        key = normal(str(row[0])) if row else ""
        cell = row[1] if len(row) > 1 else ""
        if not key or (key in ("field", "name_of_the_value") and i == 0):
            continue
        column = columns.get(key)
        if column is None:
            near = get_close_matches(key, list(columns), n=1)
            reader.fault(cell_name(title, i, 0), row[0], "unknown name", f"did you mean {near[0]!r}?" if near else "remove the row")
        elif key in lines:
            reader.fault(cell_name(title, i, 0), row[0], f"stands already in row {lines[key] + 1}", "remove one of them")
        else:
            lines[key] = i
            reader.places[column.header] = cell_name(title, i, 1)
            if not blank(cell):
                put(reader, reader.raw, column, cell, cell_name(title, i, 1))


def _period_names(found: Mapping[str, tuple[Sheet, str, Grid]]) -> list[str]:
    grid = found["Periods"][2] if "Periods" in found else []
    heads = [normal(str(c)) for c in grid[0]] if grid else []
    j = heads.index("name") if "name" in heads else None
    return [] if j is None else [str(r[j]) for r in grid[1:] if j < len(r) and not blank(r[j])]


def _where(reader: Reader, place: str) -> Iterator[str]:
    """Cells for a place of the document, the most exact first."""
    if place in reader.places:
        yield reader.places[place]
    row = place
    while row:
        if row in reader.headers:
            title, i, columns = reader.headers[row]
            rest = re.sub(r"\[\d+\]", "", place[len(row) + 1 :])
            while rest:
                if rest in columns:
                    yield cell_name(title, i, columns[rest])
                rest = rest.rpartition(".")[0]
        if row in reader.places:
            yield reader.places[row]
        row = row[: max(row.rfind("."), row.rfind("["), 0)]


def _located(reader: Reader, problem: Problem) -> Problem | None:
    """A problem of the document at its sheet and cell; None where that cell has been named already."""
    head = re.match(r"[\w.\[\]]+", problem.place)
    place = next(_where(reader, head[0]), None) if head else None
    if place is None:
        sheet = next((s for s in layout() if s.path and ".".join(s.path) == problem.place), None)
        place = f'sheet "{sheet.title}"' if sheet else f'sheet "{FIRST}" {problem.place}'
    if place in reader.spoiled:
        return None

    def spoken(text: str) -> str:
        return DOCUMENT_PLACE.sub(lambda m: next(_where(reader, m[0]), m[0]), text)

    shown_place = f"{place} ({problem.place})" if head and "[" in problem.place else place
    return Problem(place=shown_place, value=problem.value, rule=spoken(problem.rule), remedy=spoken(problem.remedy))
