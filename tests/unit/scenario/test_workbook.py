"""A planner's workbook: nothing lost, every fault at its cell, all at once, hostile files refused early."""

import datetime as dt
import random
import subprocess
import sys
import zipfile

import pytest
from workbooks import Formula, book_of, grids_of, letters

import ccopt as cc
from ccopt.scenario import read_scenario, write_template, write_workbook
from ccopt.scenario.checks import validated
from ccopt.scenario.workbook.guard import Caps
from ccopt.scenario.workbook.layout import FIRST, layout
from ccopt.scenario.workbook.reading import read_workbook

SOURCES = ("three-regions", "two-sites", "contracts", "help-desk-three-tiers", "resilient-regions")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("books")


@pytest.mark.parametrize("name", [i.name for i in cc.list_instances()])
def test_no_instance_loses_anything_in_a_workbook(folder, name):
    scenario = cc.load_instance(name)
    found = read_scenario(write_workbook(scenario, folder / "x.xlsx"))
    assert found == scenario
    assert found.model_dump_json() == scenario.model_dump_json()  # what the provenance hash is taken of


def odd_scenario():
    """Every awkward thing at once: digits, names with separators, tiers in two places, both forms of demand."""
    raw = {
        "schema_version": 1, "name": "odd; name", "title": "=1+1", "question": "[not JSON", "currency": "€",
        "periods": [{"name": "a: b", "hours_per_year": 0.1 + 0.2}, {"name": "12", "hours_per_year": 1e5 / 3}],
        "sites": [
            {"name": "=HYPERLINK(1)", "kind": "inhouse", "skill_sets": [], "wage_per_hour": 1 / 3, "seats": 7,
             "overhead": [{"role": "lead", "span": 10, "salary_per_year": 1e5}, {"role": "lead", "span": 30, "salary_per_year": 2e5}]},
            {"name": "007", "kind": "outsourced", "tariff": {"per": "contact", "tiers": [{"up_to": 10.0, "price": 2.0}, {"price": 1.0}]}},
            {"name": "x_x0041_", "kind": "outsourced", "skill_sets": ["a;b", "[c"], "tariffs": [
                {"name": "t", "per": "seat", "price": 2.0},
                {"name": "u", "per": "contact", "tiers": [{"up_to": 7.0, "price": 3.0}, {"price": 1.5}]}]}],
        "contact_types": [{"name": "sales, north", "talk_s": 1 / 3, "targets": [{"service_level": 0.8, "awt_s": 2 / 3}, {"max_occupancy": 0.9}]}],
        "skill_sets": [{"name": "a;b", "contact_types": ["sales, north"]}, {"name": "[c", "contact_types": ["sales, north"]}],
        "demand": [{"region": "TRUE", "contact_type": "sales, north", "contacts_per_hour": 12.5},
                   {"region": "r\u00e9gion \u65e5\u672c", "contact_type": "sales, north", "contacts_per_hour": [0.30000000000000004, 7]}],
    }  # fmt: skip
    return validated(raw)


def test_awkward_values_come_back_exactly(folder):
    scenario = odd_scenario()
    path = write_workbook(scenario, folder / "odd.xlsx")
    assert read_scenario(path) == scenario
    with zipfile.ZipFile(path) as archive:
        assert not any(b"<f>" in archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/sheet"))


def test_the_template_is_an_example_that_loads_with_notes_and_drop_downs(folder):
    from openpyxl import load_workbook

    path = write_template(folder / "t.xlsx")
    assert read_scenario(path).name == "three-regions"
    book = load_workbook(path)
    assert book.sheetnames == ["Guide", *(s.title for s in layout())]
    lists = {(s.title, str(v.sqref).split(":")[0]): v.formula1 for s in book for v in s.data_validations.dataValidation}
    kind = lists["Sites", "B2"]
    assert kind == '"inhouse,outsourced,on_demand,home"'
    assert "'Contact types'!$A$2:$A$1000" in lists["Demand", "B2"]
    assert [c.value for c in book["Demand"][1]] == ["region", "contact_type", "contacts_per_hour: peak", "contacts_per_hour: rest"]
    assert [c.value for c in book["Targets"][2]][:3] == ["sales", 0.8, 20]
    assert "Paid per agent and hour" in book["Sites"]["G1"].comment.text


def test_every_field_of_the_document_has_a_column():
    """Entities added later must appear in the workbook by themselves."""
    from pydantic import BaseModel

    from ccopt.scenario.entities import Scenario
    from ccopt.scenario.workbook.layout import _bare, _items

    def leaves(model, above=()):
        for name, field in model.model_fields.items():
            inner, _ = _bare(field.annotation)
            item = _items(inner)
            nested = next((m for m in (inner, item) if isinstance(m, type) and issubclass(m, BaseModel)), None)
            if nested:
                yield from leaves(nested, (*above, name))
            else:
                yield (*above, name)

    shown = {(*s.path, *c.path) for s in layout() for c in s.columns}
    assert set(leaves(Scenario)) <= shown
    assert all(len(s.title) <= 31 for s in layout())
    assert len({s.title.lower() for s in layout()}) == len(layout())


# ------------------------------------------------------------------------------------------------ corrupted workbooks
BAD = {
    "number": ["many", "1,200", True, "nan", dt.date(2026, 3, 1), "-", -1e30, 1e30],
    "integer": ["many", 1.5, -3.0, "1e3x"],
    "boolean": ["maybe", 7.0],
    "choice": ["inhous", 3.0],
    "text": [12.0, True, dt.datetime(2026, 3, 1)],
    "names": [5.0, "[1, 2", "nobody"],
    "numbers": ["many", "1,200", True, -5.0],
}  # fmt: skip


def corruptions():
    """One changed cell each: every kind of column of every sheet that the instances fill."""
    made, seen = [], set()
    for name in SOURCES:
        raw = cc.load_instance(name)
        for sheet in layout():
            for col in sheet.columns:
                if (sheet.title, col.header) in seen or not _used(raw, sheet, col):
                    continue
                seen.add((sheet.title, col.header))
                for bad in BAD.get(col.kind, []):
                    made.append((name, sheet.title, col.header, bad))
    return made


def _used(scenario, sheet, col):
    from ccopt.scenario.workbook.writing import rows_of

    raw = scenario.model_dump(mode="json", exclude_unset=True)
    rows = [raw] if not sheet.path else [r for _, r in rows_of(raw, sheet)]
    for row in rows[:1]:
        for part in col.path:
            row = row.get(part) if isinstance(row, dict) else None  # noqa: PLW2901
        if row is not None:
            return True
    return False


CASES = corruptions()


def test_there_are_enough_corrupted_workbooks():
    assert len(CASES) >= 100


def spoil(grids, sheet, header, bad):
    """Put a bad value into the first row of a column; returns its cell."""
    if sheet == FIRST:
        i = next(k for k, row in enumerate(grids[sheet]) if row[0] == header)
        grids[sheet][i][1] = bad
        return f"B{i + 1}"
    heads = [str(c) for c in grids[sheet][0]]
    j = next(k for k, h in enumerate(heads) if h == header or h.startswith(f"{header}: "))
    while len(grids[sheet][1]) <= j:
        grids[sheet][1].append("")
    grids[sheet][1][j] = bad
    return f"{letters(j)}2"


HARMLESS = {("Links", "cost_per_contact")}


@pytest.mark.parametrize(("name", "sheet", "header", "bad"), CASES, ids=lambda v: str(v)[:24])
def test_every_corrupted_cell_is_named(folder, name, sheet, header, bad):
    grids = grids_of(name, folder)
    cell = spoil(grids, sheet, header, bad)
    with pytest.raises(cc.ScenarioError) as error:
        read_scenario(book_of(grids, folder / "bad.xlsx"))
    places = [p.place for p in error.value.problems]
    assert any(f'sheet "{sheet}" cell {cell}' in p or f'sheet "{sheet}" cell {cell}' in str(q)
               for p, q in zip(places, error.value.problems, strict=True)), str(error.value)  # fmt: skip
    assert all(p.rule for p in error.value.problems)
    assert all("\n" not in str(p) for p in error.value.problems)


def changed(folder, change, name="three-regions"):
    grids = grids_of(name, folder)
    change(grids)
    return book_of(grids, folder / "changed.xlsx")


def put(sheet, i, j, value):
    def change(grids):
        row = grids[sheet][i]
        row.extend([""] * (j + 1 - len(row)))
        row[j] = value

    return change


STRUCTURE = {
    "misspelt column": (put("Sites", 0, 1, "kinds"), 'sheet "Sites" cell B1', "did you mean 'kind'"),
    "column twice": (put("Periods", 0, 1, "name"), 'sheet "Periods" cell B1', "stands already in A1"),
    "period not declared": (put("Demand", 0, 2, "contacts_per_hour: noon"), 'sheet "Demand" cell C1', "have ['peak', 'rest']"),
    "period left empty": (put("Demand", 1, 3, ""), 'sheet "Demand" cell D2', "empty in this period"),
    "no column name": (put("Periods", 1, 4, 3.0), 'sheet "Periods" cell E2', "under no column name"),
    "unknown site": (put("Links", 1, 1, "east"), 'sheet "Links" cell B2', "have ['north', 'south']"),
    "unknown owner": (put("Targets", 1, 0, "chat"), 'sheet "Targets" cell A2', "have ['sales', 'support']"),
    "no owner": (put("Targets", 1, 0, ""), 'sheet "Targets" row 2', "contact_type is empty"),
    "required left empty": (put("Sites", 1, 1, ""), 'sheet "Sites" cell B2', "is missing"),
    "same name": (put("Sites", 2, 0, "NORTH"), 'sheet "Sites" cell A3', 'looks like sheet "Sites" cell A2'),
    "unknown sheet": (lambda g: g.update(Staffing=[["x"]]), 'sheet "Staffing"', "unknown sheet"),
    "misspelt sheet": (lambda g: g.update(Site=g.pop("Sites")), 'sheet "Site"', "did you mean 'Sites'"),
    "unknown name": (put(FIRST, 3, 0, "titel"), 'sheet "Scenario" cell A4', "did you mean 'title'"),
    "formula not calculated": (put("Sites", 1, 5, Formula("=60*2")), 'sheet "Sites" cell F2', "never calculated"),
    "percent for share": (put("Targets", 1, 1, 80.0), 'sheet "Targets" cell B2', "did you mean 0.8"),
    "fraction of a day": (put("Contact types", 1, 3, 240 / 86400), 'sheet "Contact types" cell D2', "write 240 for seconds"),
    "minutes of 75": (put("Contact types", 1, 3, "1:75:00"), 'sheet "Contact types" cell D2', "is no time"),
    "service level without wait": (put("Targets", 1, 2, ""), 'sheet "Targets"', "awt_s"),
    "two kinds of promise": (put("Targets", 1, 4, 30.0), 'sheet "Targets" row 2', "exactly one target"),
    "blank rows do not shift places": (lambda g: (g["Sites"].insert(1, [""]), put("Sites", 3, 1, "inhous")(g)), 'sheet "Sites" cell B4', "must be"),
    "no demand": (lambda g: g.pop("Demand"), 'sheet "Demand"', "is missing"),
    "no first sheet": (lambda g: g.pop(FIRST), "changed.xlsx", "has no sheet 'Scenario'"),
}  # fmt: skip


@pytest.mark.parametrize("name", STRUCTURE)
def test_structural_faults_name_their_place(folder, name):
    change, place, words = STRUCTURE[name]
    with pytest.raises(cc.ScenarioError) as error:
        read_scenario(changed(folder, change))
    assert any(place in str(p) and words in str(p) for p in error.value.problems), str(error.value)


def test_all_faults_come_at_once(folder):
    def change(grids):
        for name in ("misspelt column", "unknown owner", "period left empty", "same name", "minutes of 75"):
            STRUCTURE[name][0](grids)

    with pytest.raises(cc.ScenarioError) as error:
        read_scenario(changed(folder, change))
    text = str(error.value)
    assert all(STRUCTURE[n][1] in text for n in ("misspelt column", "unknown owner", "period left empty", "same name", "minutes of 75"))


def test_merged_cells_and_errors_are_named(folder):
    path = book_of(grids_of("three-regions", folder), folder / "m.xlsx", merge=("Sites", "Y2:Z3"))
    with pytest.raises(cc.ScenarioError, match='sheet "Sites" cells Y2:Z3: are merged'):
        read_scenario(path)


@pytest.mark.parametrize(("cell", "seconds"), [
    (240.0, 240), ("240", 240), (dt.time(0, 4), 240), (dt.timedelta(hours=25), 90000), ("4:00", 240), ("0:04:00,5", 240.5),
    ("3,5", 3.5), (0.5, 0.5),
], ids=str)  # fmt: skip
def test_durations_in_their_disguises(folder, cell, seconds):
    path = changed(folder, put("Contact types", 1, 3, cell))
    assert read_scenario(path).contact_types[0].talk_s == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(("cell", "share"), [("0,8", 0.8), ("80 %", 0.8), ("0.8", 0.8), ("0,800", 0.8)])
def test_decimals_and_percent(folder, cell, share):
    assert read_scenario(changed(folder, put("Targets", 1, 1, cell))).contact_types[0].targets[0].service_level == share


def test_other_cases_and_marks_are_read(folder):
    def change(grids):
        grids["demand"] = grids.pop("Demand")
        grids["Sites"][0][0] = "Name *"
        grids["Sites"][1][1] = "InHouse"

    assert read_scenario(changed(folder, change)) == cc.load_instance("three-regions")


# ------------------------------------------------------------------------------------------------------ hostile files
def archive_with(path, parts, base=None):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        if base:
            with zipfile.ZipFile(base) as source:
                for name in source.namelist():
                    if name not in parts:
                        made.writestr(name, source.read(name))
        for name, content in parts.items():
            made.writestr(name, content)
    return path


@pytest.mark.parametrize(("part", "content", "words"), [
    ("xl/vbaProject.bin", b"x", "macros"), ("xl/externalLinks/externalLink1.xml", b"<a/>", "links to other workbooks"),
    ("xl/connections.xml", b"<a/>", "data connections"), ("xl/embeddings/oleObject1.bin", b"x", "embedded objects"),
    ("xl/sharedStrings.xml", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><sst>&a;</sst>', "entities"),
    ("xl/sharedStrings.xml", "<sst/>".encode("utf-16"), "not UTF-8"),
    ("xl/worksheets/sheet2.xml", b"0" * (30 * 2**20), "unpacks to 30 MiB"),
    ("xl/worksheets/sheet2.xml", b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">'
     b'<c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>', "cell XFD1048576: is beyond"),
    ("xl/worksheets/sheet2.xml", b'<worksheet><sheetData><row r="1"><c r="A1" t="e"><v>#REF!</v></c></row></sheetData></worksheet>',
     'cell A1: is #REF!'),
    ("xl/worksheets/sheet2.xml", b"<worksheet><sheetData><row", "is no readable workbook|missing"),
])  # fmt: skip
def test_hostile_parts_are_refused(folder, part, content, words):
    base = write_template(folder / "t.xlsx")
    with pytest.raises(cc.ScenarioError, match=words):
        read_scenario(archive_with(folder / "h.xlsx", {part: content}, base))


def test_archives_that_are_odd_as_archives_are_refused(folder):
    def refused(path, words, caps=None):
        with pytest.raises(cc.ScenarioError, match=words):
            read_workbook(path, caps=caps)

    base = write_template(folder / "t.xlsx")
    refused(base, "parts.*at most 3 are read", Caps(parts=3))
    refused(archive_with(folder / "none.xlsx", {"readme.txt": b"x"}), "is no workbook")
    twice = archive_with(folder / "twice.xlsx", {}, base)
    with zipfile.ZipFile(twice, "a") as made, pytest.warns(UserWarning, match="Duplicate name"):
        made.writestr("xl/workbook.xml", b"<workbook/>")
    refused(twice, "holds a part twice")
    raw = bytearray(base.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption in the directory
    (folder / "secret.xlsx").write_bytes(raw)
    refused(folder / "secret.xlsx", "is encrypted")


def test_caps_can_be_raised(folder):
    path = write_template(folder / "t.xlsx")
    with pytest.raises(cc.ScenarioError, match="unpacks to"):
        read_workbook(path, caps=Caps(unpacked=10_000))
    assert read_workbook(path, caps=Caps(unpacked=2**30)).name == "three-regions"


@pytest.mark.parametrize(("content", "words"), [
    (b"", "is no readable workbook"), (b"name;kind\n", "is no readable workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted or an old .xls"), (b"PK\x03\x04" + bytes(99), "is no readable"),
])  # fmt: skip
def test_files_that_are_no_workbooks(folder, content, words):
    path = folder / "no.xlsx"
    path.write_bytes(content)
    with pytest.raises(cc.ScenarioError, match=words):
        read_scenario(path)
    with pytest.raises(cc.ScenarioError):
        read_scenario(folder / "none.xlsx")


def test_a_bomb_costs_less_than_a_second_and_100_mb(folder):
    """155 KB that unpack to 150 MB; read in a process of its own, so that memory is the file's."""
    path = archive_with(folder / "bomb.xlsx", {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b"0" * (150 * 2**20)})
    code = (
        "import resource, sys, time\nimport ccopt\nfrom ccopt.scenario.workbook.reading import read_workbook\n"
        "before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()\n"
        "try:\n    read_workbook(sys.argv[1])\nexcept ccopt.ScenarioError as error:\n    text = str(error)\n"
        "print(time.monotonic() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, text)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    seconds, megabytes, text = done.stdout.split(" ", 2)
    assert "unpacks to" in text
    assert float(seconds) < 1.0
    assert float(megabytes) < 100.0


@pytest.mark.parametrize("cut", range(40))
def test_damaged_workbooks_are_refused_in_words(folder, cut):
    whole = write_template(folder / "t.xlsx").read_bytes()
    path = folder / "d.xlsx"
    at = len(whole) * cut // 40
    path.write_bytes(whole[:at] if cut % 2 else whole[:at] + bytes(40) + whole[at + 40 :])
    try:
        found = read_scenario(path)
    except cc.ScenarioError as error:
        found, lines = None, str(error).splitlines()
        wrong = len(lines) != len(error.problems)
    else:
        wrong = found != cc.load_instance("three-regions")  # the damage may hit nothing that matters
    assert not wrong


def test_random_cells_never_end_in_a_traceback(folder):
    draw = random.Random(5)
    values = ["", "x", "[1", "{}", "#1", 0.0, -1.0, 1e300, True, dt.time(3, 4), "name", "peak", "1;2", "nan", "1:2:3:4", "\u202e", "=1"]
    refused = 0
    for _ in range(60):
        grids = grids_of(draw.choice(SOURCES), folder)
        for _ in range(draw.randint(1, 6)):
            title = draw.choice([t for t, rows in grids.items() if t != "Guide" and rows])
            i = draw.randrange(len(grids[title]))
            put(title, i, draw.randrange(max(len(grids[title][i]), 1)), draw.choice(values))(grids)
        try:
            read_scenario(book_of(grids, folder / "f.xlsx"))
        except cc.ScenarioError as error:
            refused += bool(error.problems)
    assert refused > 30
