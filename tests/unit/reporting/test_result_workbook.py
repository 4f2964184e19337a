"""The result workbook: formulas that a spreadsheet program recalculates to the judge's numbers, charts, no text as formula."""

import os
import re
import shutil
import subprocess
import zipfile
from html import unescape

import pytest
from python_calamine import CalamineWorkbook

FORMULA_WORDS = {"SUM", "ROUNDUP", "MIN", "MAX", "POISSON", "GAMMADIST", "GAMMALN", "EXP", "LN", "TRUE", "FALSE", "SUMPRODUCT", "ABS",
                 "Costs", "Staff"}  # fmt: skip


@pytest.fixture(scope="session")
def office():
    """LibreOffice: the system's; in CI it is installed where this process may."""
    path = shutil.which("soffice") or shutil.which("libreoffice")
    if path is None and os.environ.get("CI") and os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "libreoffice-calc"]):
            subprocess.run(["apt-get", *words], check=False, capture_output=True, timeout=900)
        path = shutil.which("soffice")
    if path is None:
        pytest.skip("no LibreOffice on this machine (300 MB; apt-get install libreoffice-calc)")
    return path


def without_values(source, target):
    """The workbook with every stored result of a formula taken out: what is read later was calculated."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", content)
            new.writestr(name, content)


@pytest.mark.spreadsheet
def test_a_spreadsheet_program_calculates_the_same_numbers(books, office, tmp_path):
    without_values(books[0], tmp_path / "bare.xlsx")
    done = subprocess.run(
        [office, "--headless", "--norestore", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--convert-to", "xlsx",
         "--outdir", str(tmp_path / "out"), str(tmp_path / "bare.xlsx")], capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    assert (tmp_path / "out" / "bare.xlsx").exists(), done.stderr
    mine, theirs = CalamineWorkbook.from_path(books[0]), CalamineWorkbook.from_path(tmp_path / "out" / "bare.xlsx")
    assert mine.sheet_names == theirs.sheet_names
    compared = 0
    for name in mine.sheet_names:
        a = mine.get_sheet_by_name(name).to_python(skip_empty_area=False)
        b = theirs.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for i, row in enumerate(a):
            for j, value in enumerate(row):
                if isinstance(value, float):
                    compared += 1
                    assert b[i][j] == pytest.approx(value, rel=1e-9, abs=1e-9), (name, i, j)
                elif value != "":
                    assert b[i][j] == value, (name, i, j)
    assert compared > 50


def test_service_of_single_type_groups_is_live_and_right(case, books):
    with zipfile.ZipFile(books[0]) as archive:
        text = archive.read("xl/worksheets/sheet2.xml").decode()
    live = re.findall(r'<c r="R(\d+)"[^>]*><f>([^<]*)</f><v>([^<]*)</v>', text)
    rows = {(r.site, r.skill_set, r.period): r for r in case.judged.cells if r.contacts_per_hour > 0}
    singles = {k for k in rows if sum((r.site, r.skill_set, r.period) == k for r in case.judged.cells if r.contacts_per_hour > 0) == 1}
    if case.scenario.name == "ivr-and-lines":  # few lines block calls: the formulas of a pool without lines do not hold
        assert not live
        return
    assert live
    assert len(live) == len(singles)
    staff = CalamineWorkbook.from_path(books[0]).get_sheet_by_name("Staff").to_python()
    for r in staff[1:]:
        if r[22] == "formula":
            assert r[17] == pytest.approx(rows[r[0], r[1], r[2]].service_level, abs=1e-7)
            assert r[18] < r[17]


def test_formulas_hold_only_functions_and_cells(books):
    with zipfile.ZipFile(books[0]) as archive:
        names = archive.namelist()
        formulas = [unescape(f.decode()) for n in names if n.startswith("xl/worksheets/sheet")
                    for f in re.findall(rb"<f>(.*?)</f>", archive.read(n))]  # fmt: skip
    assert formulas
    for f in formulas:
        words = set(re.findall(r"[A-Za-z_]{2,}", re.sub(r"\$?[A-Z]{1,2}\$?\d+", "", f)))
        assert words <= FORMULA_WORDS, f
    assert sum(n.startswith("xl/charts/chart") for n in names) >= 3
    assert not [n for n in names if "externalLink" in n or "vba" in n]


def test_sheet_names_are_legal_and_unique(books):
    names = CalamineWorkbook.from_path(books[0]).sheet_names
    assert all(0 < len(n) <= 31 and not set(n) & set("[]:*?/\\") for n in names)
    assert len({n.lower() for n in names}) == len(names)
