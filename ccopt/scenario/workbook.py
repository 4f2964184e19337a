"""The scenario document as an Excel workbook: one sheet per list, one column per field, units in the names.

Numbers and text stand in their cells; a value that is itself a list or an object (targets, contact types of a skill set,
contacts per hour by period) stands as JSON text in one cell. The sheet ``scenario`` holds single values. Reading goes
through the same checks as JSON, and every fault names sheet and cell.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from ccopt.errors import Problem, ScenarioError
from ccopt.scenario.checks import validated
from ccopt.scenario.entities import Scenario
from ccopt.scenario.parsing import fail, parse_json

LARGEST_UNPACKED = 80 * 2**20
LARGEST_RATIO = 200
MOST_ROWS, MOST_COLUMNS = 100_000, 200
FIRST = "scenario"
LISTS = (
    "periods", "sites", "contact_types", "skill_sets", "demand", "links", "regions", "escalations", "cross_selling",
    "limits", "assumptions",
)  # fmt: skip
NOTES = {
    "periods": "Steady periods and their hours per year.",
    "sites": "kind: inhouse, outsourced, on_demand or home; money per year or per hour; shrinkage as 0.3.",
    "contact_types": "Handle time = ring_s + talk_s + hold_s + wrap_s; targets as a JSON list, shares as 0.8.",
    "skill_sets": 'contact_types as a JSON list such as ["sales", "support"].',
    "demand": "contacts_per_hour: one number, or a JSON list with one number per period.",
    "links": "Telecom cost per offered contact; allowed FALSE forbids the link.",
}


def write_workbook(scenario: Scenario, path: str | Path) -> Path:
    """Write a scenario as a workbook; reading it gives an equal scenario."""
    import xlsxwriter

    from ccopt.scenario.writing import write_whole

    raw = json.loads(scenario.model_dump_json(exclude_unset=True))
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(FIRST)
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 60)
        single = {k: v for k, v in raw.items() if k not in LISTS}
        for i, (key, value) in enumerate(single.items()):
            sheet.write_string(i, 0, key, bold)
            _write(sheet, i, 1, value)
        for key in LISTS:
            _list_sheet(book, bold, key, raw.get(key, []))
    target = Path(path)
    write_whole(target, buffer.getvalue())
    return target


def _list_sheet(book: Any, bold: Any, key: str, rows: list[dict[str, Any]]) -> None:
    sheet = book.add_worksheet(key)
    fields = list(dict.fromkeys(f for row in rows for f in row)) or list(_fields(key))
    for j, field in enumerate(fields):
        sheet.write_string(0, j, field, bold)
        for i, row in enumerate(rows, start=1):
            if field in row:
                _write(sheet, i, j, row[field])
    if key in NOTES:
        sheet.write_comment(0, 0, NOTES[key])
    if key == "sites" and "kind" in fields:
        column = fields.index("kind")
        sheet.data_validation(1, column, 500, column,
                              {"validate": "list", "source": ["inhouse", "outsourced", "on_demand", "home"]})  # fmt: skip
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(fields) - 1, 0), 18)


def _fields(key: str) -> tuple[str, ...]:
    inner = Scenario.model_fields[key].annotation
    model = next((a for a in getattr(inner, "__args__", ()) if hasattr(a, "model_fields")), None)
    return tuple(getattr(model, "model_fields", {}))


def _write(sheet: Any, i: int, j: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(i, j, value)
    elif isinstance(value, (int, float)):
        sheet.write_number(i, j, value)
    elif value is not None:
        sheet.write_string(i, j, value if isinstance(value, str) else json.dumps(value))


def write_template(path: str | Path) -> Path:
    """Write a workbook to fill in: an example that runs, with notes and drop-downs."""
    from ccopt.scenario.io import load_instance

    return write_workbook(load_instance("three-regions"), path)


def read_workbook(path: str | Path) -> Scenario:
    """Read and check a workbook.

    Raises
    ------
    ScenarioError
        Every fault with its sheet and cell.
    """
    file = Path(path)
    _refuse_bombs(file)
    sheets = _cells(file)
    if FIRST not in sheets:
        raise fail(file.name, f"has no sheet {FIRST!r}", f"have {list(sheets)[:12]}; `ccopt template` writes one")
    raw: dict[str, Any] = {}
    columns: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for i, row in enumerate(sheets[FIRST], start=1):
        if row and str(row[0]).strip():
            raw[str(row[0]).strip()] = _value(row[1] if len(row) > 1 else "", f'sheet "{FIRST}" cell B{i}', problems)
    for key in LISTS:
        rows = sheets.get(key) or []
        columns[key] = [str(c).strip() for c in rows[0]] if rows else []
        found = [_row(key, i, columns[key], row, problems) for i, row in enumerate(rows[1:], start=2)]
        kept = [r for r in found if r]
        if kept:
            raw[key] = kept
    unknown = [s for s in sheets if s not in (FIRST, *LISTS)]
    problems += [Problem(place=f'sheet "{s}"', value="", rule="unknown sheet", remedy="rename or remove it") for s in unknown]
    try:
        scenario = validated(raw)
    except ScenarioError as error:
        problems += [_located(p, columns) for p in error.problems]
        raise ScenarioError(problems) from None
    if problems:
        raise ScenarioError(problems)
    return scenario


def _row(key: str, i: int, fields: list[str], row: list[Any], problems: list[Problem]) -> dict[str, Any]:
    out = {}
    for j, field in enumerate(fields):
        cell = row[j] if j < len(row) else ""
        if field and not (isinstance(cell, str) and not cell.strip()):
            out[field] = _value(cell, f'sheet "{key}" cell {_letter(j)}{i}', problems, seconds=field.endswith("_s"))
    return out


def _value(  # noqa: PLR0911  (one return per kind of cell)
    cell: Any, place: str, problems: list[Problem], *, seconds: bool = False
) -> Any:
    """A cell as the document holds it: whole numbers as integers, JSON text parsed, durations in seconds."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, dt.timedelta) and seconds:
        return cell.total_seconds()
    if isinstance(cell, dt.time) and seconds:
        return cell.hour * 3600 + cell.minute * 60 + cell.second
    if isinstance(cell, (dt.date, dt.time, dt.timedelta)):
        problems.append(Problem(place=place, value=str(cell), rule="is a date or time", remedy="format the cell as text or number"))
        return None
    text = str(cell).strip()
    if text[:1] in ("[", "{"):
        try:
            return parse_json(text, place)
        except ScenarioError as error:
            problems.extend(error.problems)
            return None
    clock = re.fullmatch(r"(?:(\d+):)?(\d{1,3}):(\d{2})", text) if seconds else None
    if clock:
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
    if seconds and re.fullmatch(r"\d+,\d+", text):
        return float(text.replace(",", "."))
    return str(cell)


def _located(problem: Problem, columns: dict[str, list[str]]) -> Problem:
    """A problem of the document with its sheet and cell."""
    match = re.match(r"(\w+)\[(\d+)\](?:\.(\w+))?", problem.place)
    if not match or match[1] not in columns:
        return Problem(place=f'sheet "{FIRST}" {problem.place}', value=problem.value, rule=problem.rule, remedy=problem.remedy)
    field = match[3]
    at = _letter(columns[match[1]].index(field)) if field in columns[match[1]] else ""
    where = f'sheet "{match[1]}" ' + (f"cell {at}{int(match[2]) + 2}" if at else f"row {int(match[2]) + 2}")
    return Problem(place=f"{where} ({problem.place})", value=problem.value, rule=problem.rule, remedy=problem.remedy)


def _letter(j: int) -> str:
    text = ""
    j += 1
    while j:
        j, rest = divmod(j - 1, 26)
        text = chr(65 + rest) + text
    return text


def _refuse_bombs(file: Path) -> None:
    """Look at the zip directory only: sizes, names, encryption, external links."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (OSError, zipfile.BadZipFile) as error:
        raise fail(file.name, f"is no readable workbook: {error}", "save it as .xlsx without a password") from None
    unpacked = sum(e.file_size for e in entries)
    packed = max(sum(e.compress_size for e in entries), 1)
    if unpacked > LARGEST_UNPACKED or (unpacked > 2**20 and unpacked / packed > LARGEST_RATIO):
        raise fail(file.name, f"unpacks to {unpacked / 2**20:.0f} MiB", f"at most {LARGEST_UNPACKED // 2**20} MiB are read")
    if any("externalLinks" in e.filename or "vbaProject" in e.filename for e in entries):
        raise fail(file.name, "holds external links or macros", "save it as plain .xlsx")


def _cells(file: Path) -> dict[str, list[list[Any]]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise fail(file.name, "reading workbooks needs python-calamine", "install ccopt[excel]") from None
    try:
        book = CalamineWorkbook.from_path(file)
        sheets = {name: list(book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        raise fail(file.name, f"is no readable workbook: {error}", "save it as .xlsx without a password") from None
    for name, rows in sheets.items():
        if len(rows) > MOST_ROWS or any(len(r) > MOST_COLUMNS for r in rows[:1]):
            place = f'sheet "{name}"'
            raise fail(place, f"is larger than {MOST_ROWS} rows x {MOST_COLUMNS} columns")
    _refuse_uncalculated(file)
    return sheets


def _refuse_uncalculated(file: Path) -> None:
    """Formulas without a stored value would read as 0 or nothing."""
    formula = re.compile(rb"<c r=\"([A-Z]+\d+)\"[^>]*><f>[^<]*</f>(?:<v></v>|<v/>)?</c>")
    with zipfile.ZipFile(file) as archive:
        for entry in archive.namelist():
            if entry.startswith("xl/worksheets/sheet"):
                found = formula.search(archive.read(entry))
                if found:
                    place = f"{Path(entry).stem} cell {found[1].decode()}"
                    raise fail(place, "holds a formula that was never calculated", "open and save the workbook once")
