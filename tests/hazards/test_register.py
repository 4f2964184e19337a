"""The register of hazards names every hazard once, with tests that exist."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = tomllib.loads((ROOT / "tests" / "hazards" / "register.toml").read_text(encoding="utf-8"))["hazard"]
BY_HAND = {47}  # mutants are too long for every run


def test_every_hazard_has_a_row():
    assert [r["number"] for r in ROWS] == list(range(1, 48))
    assert {r["number"] for r in ROWS if not r["tests"]} == BY_HAND
    assert all(r["tests"] or r["nightly"] for r in ROWS)


def test_the_tests_of_the_register_exist():
    missing = []
    for row in ROWS:
        for name in row["tests"]:
            path, _, function = name.partition("::")
            file = ROOT / path
            if not file.exists() or not re.search(rf"def {function}\b", file.read_text(encoding="utf-8")):
                missing.append((row["number"], name))
    assert not missing


def test_the_long_runs_of_the_register_exist():
    for row in ROWS:
        for command in row.get("nightly", ()):
            script, *parts = command.split()
            said = ast.get_docstring(ast.parse((ROOT / "benchmarks" / "nightly" / script).read_text(encoding="utf-8")))
            assert all(f"[{part}]" in said for part in parts), (row["number"], command)
