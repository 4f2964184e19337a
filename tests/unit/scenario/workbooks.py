"""Workbooks for tests: grids of cells out of a written scenario, changed and written again."""

import functools
import io

import xlsxwriter
from python_calamine import CalamineWorkbook

import ccopt as cc
from ccopt.scenario import write_workbook

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Formula(str):
    """A formula that no program has calculated."""


@functools.cache
def _grids(name, folder):
    path = write_workbook(cc.load_instance(name), folder / f"{name}.xlsx")
    book = CalamineWorkbook.from_path(path)
    return {s: book.get_sheet_by_name(s).to_python(skip_empty_area=False) for s in book.sheet_names}


def grids_of(name, folder):
    """Sheets of a packaged instance as lists of rows that may be changed."""
    return {s: [list(r) for r in rows] for s, rows in _grids(name, folder).items()}


def book_of(grids, path, merge=None):
    """Write grids as a workbook; `Formula` cells stay without a value."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        clock, span = book.add_format({"num_format": "h:mm:ss"}), book.add_format({"num_format": "[h]:mm:ss"})
        for title, rows in grids.items():
            sheet = book.add_worksheet(title)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if isinstance(cell, Formula):
                        sheet.write_formula(i, j, cell, None, "")
                    elif isinstance(cell, str) and cell:
                        sheet.write_string(i, j, cell)
                    elif isinstance(cell, bool):
                        sheet.write_boolean(i, j, cell)
                    elif isinstance(cell, (int, float)):
                        sheet.write_number(i, j, cell)
                    elif type(cell).__name__ == "timedelta":
                        sheet.write_datetime(i, j, cell, span)
                    elif cell not in ("", None):
                        sheet.write_datetime(i, j, cell, clock)
            if merge and merge[0] == title:
                sheet.merge_range(merge[1], "merged")
    path.write_bytes(buffer.getvalue())
    return path


def column(grids, sheet, header):
    """Number of the column with a header."""
    return [str(c) for c in grids[sheet][0]].index(header)


def letters(j):
    """Column letters of a small number."""
    return (chr(64 + j // 26) if j >= 26 else "") + chr(65 + j % 26)
