"""The table of rows, instances and tests: every row has an instance and a test that exist; none is open."""

import re
from pathlib import Path

from ccopt.scenario.instances.catalogue import read_catalogue
from ccopt.scenario.instances.writing import HERE

HOME = Path(__file__).parent
ROWS = {
    "Sites and contracts", "Work", "Channels", "Structure", "People", "Time", "Money and quality", "Indicators", "Demand"
}  # fmt: skip


def table():
    lines = (HERE / "README.md").read_text(encoding="utf-8").splitlines()
    cells = [[c.strip() for c in x.strip("|").split("|")] for x in lines if x.startswith("| ")]
    return cells[1:]


def test_every_row_of_the_plan_has_an_instance_and_a_test():
    assert {row for row, *_ in table()} == ROWS
    assert all(len(cells) == 4 and all(cells) for cells in table())


def test_every_instance_and_test_of_the_table_exists():
    names = {r["name"] for r in read_catalogue()}
    for _, _, instance, test in table():
        assert instance in names, instance
        file, function = test.split("::")
        path = HOME / file if "/" not in file else HOME.parents[2] / file
        assert re.search(rf"def {function}\(", path.read_text(encoding="utf-8")), test


def test_catalogue_uses_the_rows_of_the_plan():
    assert {row for r in read_catalogue() for row in r["rows"]} <= ROWS


def test_readme_is_short():
    lines = (HERE / "README.md").read_text(encoding="utf-8").splitlines()
    assert len([x for x in lines if not x.startswith("|")]) <= 40  # the table grows with the rows of the plan
