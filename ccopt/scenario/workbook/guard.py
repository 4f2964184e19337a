"""Refuse what is no plain workbook before any library parses it: bombs, macros, links, entities, uncalculated formulas.

Everything is decided from the directory of the zip file and from a bounded, streamed look at its parts, so that a hostile
file costs less than a second and less than 100 MB.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import unescape

from ccopt.errors import Problem, ScenarioError
from ccopt.scenario.parsing import fail

REMEDY = "save it as plain .xlsx without a password"
FOREIGN = {
    "externalLinks": "links to other workbooks", "vbaProject": "macros", "macrosheets": "macros", "activeX": "controls",
    "embeddings": "embedded objects", "connections": "data connections", "queryTables": "data connections",
}  # fmt: skip
CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
REFERENCE = re.compile(rb'\br="([A-Za-z]{1,4})(\d{1,9})"')
VALUE = re.compile(rb"<v>([^<]*)</v>|<is>")
MOST_SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Largest workbook that is read; pass your own to `read_workbook` for more."""

    unpacked: int = 24 * 2**20
    ratio: int = 200
    parts: int = 500
    rows: int = 100_000
    columns: int = 400
    cells: int = 1_000_000


def guarded(file: Path, caps: Caps) -> None:
    """Raise what is wrong with a file as a file.

    Raises
    ------
    ScenarioError
        No workbook, too large, or with parts that a scenario never needs.
    """
    try:
        _refuse_old(file)
        with zipfile.ZipFile(file) as archive:
            _directory(file, archive, caps)
            _parts(file, archive, caps)
    except ScenarioError:
        raise
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise fail(file.name, f"is no readable workbook: {str(error)[:120] or type(error).__name__}", REMEDY) from None
    except Exception as error:  # zlib.error and other codecs' own classes
        raise fail(file.name, f"is no readable workbook: {type(error).__name__}", REMEDY) from None


def _refuse_old(file: Path) -> None:
    with file.open("rb") as raw:
        if raw.read(8).startswith(b"\xd0\xcf\x11\xe0"):
            raise fail(file.name, "is encrypted or an old .xls", REMEDY)


def _directory(file: Path, archive: zipfile.ZipFile, caps: Caps) -> None:
    entries = archive.infolist()
    unpacked = sum(e.file_size for e in entries)
    packed = max(sum(e.compress_size for e in entries), 1)
    if unpacked > caps.unpacked or (unpacked > 2**20 and unpacked / packed > caps.ratio):
        rule = f"unpacks to {unpacked / 2**20:.0f} MiB from {packed / 2**20:.2f}"
        raise fail(file.name, rule, f"at most {caps.unpacked // 2**20} MiB and {caps.ratio} times the file are read")
    if len(entries) > caps.parts:
        raise fail(file.name, f"has {len(entries)} parts", f"at most {caps.parts} are read")
    names = [e.filename for e in entries]
    if len(set(names)) < len(names):
        raise fail(file.name, "holds a part twice", REMEDY)
    if any(e.flag_bits & 1 for e in entries):
        raise fail(file.name, "is encrypted", REMEDY)
    if "xl/workbook.xml" not in names:
        raise fail(file.name, "is no workbook (no xl/workbook.xml)", REMEDY)
    found = sorted({words for part, words in FOREIGN.items() if any(part.lower() in n.lower() for n in names)})
    if found:
        raise fail(file.name, f"holds {' and '.join(found)}", "save a copy without them")


def _parts(file: Path, archive: zipfile.ZipFile, caps: Caps) -> None:
    """Unpack every part once: sizes as declared, checksums right, no entities."""
    for entry in archive.infolist():
        with archive.open(entry) as part:
            first = part.read(4096)
            if entry.filename.endswith((".xml", ".rels")) and (b"<!" in first.replace(b"<!--", b"") or b"\0" in first):
                raise fail(file.name, f"{entry.filename} declares entities or is not UTF-8", REMEDY)
            read = len(first)
            while chunk := part.read(2**18):
                read += len(chunk)
                if read > caps.unpacked:
                    raise fail(file.name, f"{entry.filename} unpacks to more than it says", REMEDY)


def sheet_files(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Title and part of each worksheet."""
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<Relationship\b[^>]*>", links):
        key, target = re.search(r'\bId="([^"]*)"', tag), re.search(r'\bTarget="([^"]*)"', tag)
        if key and target:
            targets[key[1]] = target[1].lstrip("/")
    for tag in re.findall(r"<sheet\b[^>]*>", book):
        title, key = re.search(r'\bname="([^"]*)"', tag), re.search(r'\br:id="([^"]*)"', tag)
        if title and key and key[1] in targets:
            part = targets[key[1]]
            part = part if part.startswith("xl/") else f"xl/{part}"
            if part in archive.namelist():
                yield unescape(title[1], {"&quot;": '"', "&apos;": "'"}), part


def cell_problems(file: Path, caps: Caps) -> list[Problem]:
    """Cells outside the caps (raised), and formulas without a value, errors and merged cells (returned)."""
    problems: list[Problem] = []
    with zipfile.ZipFile(file) as archive:
        fresh = b'fullCalcOnLoad="1"' in archive.read("xl/workbook.xml")
        for title, part in sheet_files(archive):
            problems += _scan(title, archive.read(part), fresh, caps)
    return problems[:MOST_SHOWN]


def _scan(title: str, xml: bytes, fresh: bool, caps: Caps) -> list[Problem]:
    problems = []
    for count, found in enumerate(CELL.finditer(xml), start=1):
        at = REFERENCE.search(found[1])
        place = f'sheet "{title}" cell {at[1].decode()}{at[2].decode()}' if at else f'sheet "{title}"'
        if count > caps.cells or (at and (int(at[2]) > caps.rows or _index(at[1]) >= caps.columns)):
            raise fail(place, f"is beyond {caps.rows} rows x {caps.columns} columns or {caps.cells} cells",
                       "delete unused cells and formats")  # fmt: skip
        problem = _cell_problem(found[1], found[2] or b"", fresh)
        if problem:
            problems.append(Problem(place=place, value="", rule=problem[0], remedy=problem[1]))
    problems += [
        Problem(place=f'sheet "{title}" cells {ref.decode()}', value="", rule="are merged", remedy="unmerge them; one value per cell")
        for ref in re.findall(rb'<mergeCell\b[^>]*ref="([^"]*)"', xml)
    ]
    return problems


def _cell_problem(attributes: bytes, body: bytes, fresh: bool) -> tuple[str, str] | None:
    value = VALUE.search(body)
    if b"<f" in body:
        empty = value is None or not (value[1] or b"").strip()
        if empty or (fresh and value is not None and value[1] == b"0"):
            return "holds a formula that was never calculated", "open and save the workbook once in a spreadsheet program"
    if b't="e"' in attributes:
        shown = value[1].decode("utf-8", "replace") if value and value[1] else "an error"
        return f"is {shown}", "mend the formula or type the value"
    return None


def _index(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1
