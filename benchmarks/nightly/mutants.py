"""Tests that test nothing: random mutants of the core, and the share that the tests find.

``python benchmarks/nightly/mutants.py [queueing] [optimiser] [--mutants 40] [--seed 1]`` copies the committed project to a
temporary folder, changes one operator, number or comparison at a time (Cosmic Ray, extra ``bench``) and runs the tests of
that area. Mutants inside annotations and of things that no number depends on (decorators of the compiler) are left out.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cosmic_ray.commands.init import _all_work_items as work_items
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_item import MutationSpec, TestOutcome

ROOT = Path(__file__).parents[2]
SKIPPED = ("core/RemoveDecorator", "core/NoOp", "core/ExceptionReplacer")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """Modules to change, tests that must notice, and the share of found mutants that is asked for."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    asked: float


AREAS = {
    "queueing": Area(("ccopt/queueing/**/*.py",), ("tests/unit/queueing", "tests/oracle"), 0.85),
    "optimiser": Area(
        ("ccopt/optimisation/*.py",),
        ("tests/golden", "tests/unit/optimisation", "tests/property", "tests/unit/instances/test_tiny_optima.py"), 0.75),
}  # fmt: skip


def annotation_lines(source: str) -> set[tuple[int, int]]:
    """Every (line, column) inside an annotation: a mutant there changes nothing that runs."""
    places: set[tuple[int, int]] = set()
    for node in ast.walk(ast.parse(source)):
        notes = [node.annotation] if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation else []
        notes += [node.returns] if isinstance(node, ast.FunctionDef) and node.returns else []
        for note in notes:
            lines = range(note.lineno, (note.end_lineno or note.lineno) + 1)
            places |= {(line, column) for line in lines for column in range(note.col_offset, note.end_col_offset or 0)}
    return places


def candidates(folder: Path, area: Area) -> list[MutationSpec]:
    """All mutants of an area, in a stable order."""
    modules = sorted(p for pattern in area.modules for p in folder.glob(pattern) if p.name != "__init__.py")
    notes = {str(p): annotation_lines(p.read_text(encoding="utf-8")) for p in modules}
    specs = [item.mutations[0] for item in work_items(modules, {})]
    return [s for s in specs if s.operator_name not in SKIPPED and s.start_pos not in notes[str(s.module_path)]]


def run(name: str, mutants: int, seed: int) -> str:
    """Kill a sample of mutants; the survivors are printed as differences."""
    area = AREAS[name]
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "project"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        os.environ["PYTHONPATH"] = str(folder)
        os.chdir(folder)
        every = candidates(folder, area)
        order = np.random.default_rng(seed).permutation(len(every))[:mutants]
        command = f"{sys.executable} -m pytest -x -q -n 0 -p no:cacheprovider {' '.join(area.tests)}"
        found, tried = 0, 0
        for k in order:
            began = time.monotonic()
            result = mutate_and_test([every[int(k)]], command, 900.0)
            tried += 1
            found += result.test_outcome == TestOutcome.KILLED
            print(f"{name} {tried}: {result.test_outcome} {every[int(k)].operator_name} "
                  f"{Path(every[int(k)].module_path).relative_to(folder)} in {time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
            if result.test_outcome != TestOutcome.KILLED:
                print(result.diff, flush=True)
    return f"{name}: {found} of {tried} mutants found ({found / tried:.0%}, asked {area.asked:.0%}), of {len(every)} possible"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*", default=list(AREAS))
    parser.add_argument("--mutants", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for line in [run(name, given.mutants, given.seed) for name in given.areas]:
        print(line, flush=True)


if __name__ == "__main__":
    main()
