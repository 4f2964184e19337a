"""Tests that test nothing: random mutants of the core, and the share that the tests find.

``python benchmarks/nightly/mutants.py [queueing] [optimiser] [--mutants 80] [--seed 1] [--first 0] [--only 3 17]`` changes one
operator, number or comparison at a time (Cosmic Ray, extra ``bench``) in a copy of the project and runs the tests of that
area until one fails, the quick ones first. A copy starts with the compiled kernels of the project, less those of every
module that imports the changed one, so that a mutant is always compiled afresh. Mutants inside annotations, of the compiler's
decorators, and of the star before keyword arguments are left out, and those that are not even Python. ``--first``, ``--last`` and
``--only`` run a part of the sample, numbered as in the whole one. ``--again LOG`` asks only about the survivors that an earlier
run printed to a file, put in by their text, so that the code may have changed elsewhere; ``--tests`` names the tests to ask.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import os
import re
import resource
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cosmic_ray.plugins
import numpy as np
from cosmic_ray.commands.init import _all_work_items as work_items
from cosmic_ray.mutating import mutate_code
from cosmic_ray.work_item import MutationSpec

ROOT = Path(__file__).parents[2]
SKIPPED = ("core/RemoveDecorator", "core/NoOp", "core/ExceptionReplacer")
LIBRARIES = ("scipy.stats", "scipy.optimize", "numba", "pyomo.environ", "highspy", "pandas", "networkx", "pydantic", "mpmath", "matplotlib")
SLOWEST = 900  # processor seconds of a stage, unless given: a mutant that never ends is found


@dataclass(frozen=True, slots=True)
class Area:
    """Modules to change, folders of the tests nearest to them, stages of tests to ask after those, and the share asked for."""

    modules: tuple[str, ...]
    nearest: tuple[str, ...]
    stages: tuple[tuple[str, ...], ...]
    asked: float


OPTIMISER = "tests/unit/optimisation/"
AREAS = {
    "queueing": Area(
        ("ccopt/queueing/**/*.py", "ccopt/staffing/*.py"), ("tests/unit/queueing", "tests/unit/staffing", "tests/unit/evaluation"),
        (("tests/unit/queueing", "tests/unit/staffing", "tests/unit/evaluation", "tests/oracle"),
         ("tests/unit/instances/test_by_hand.py", "tests/unit/instances/test_exact_service.py",
          "tests/unit/instances/test_tiny_optima.py", "tests/agreement/test_judges.py")), 0.85),
    "optimiser": Area(
        ("ccopt/optimisation/*.py",), ("tests/unit/optimisation", "tests/golden"),
        (("tests/golden", *(f"{OPTIMISER}test_{name}.py" for name in ("optimise", "headcount_rows", "relations", "limits"))),
         (*(f"{OPTIMISER}test_{name}.py" for name in (
             "design_search", "exact_moves", "opening", "proofs", "spare_agents", "waiting_bound", "infeasible")),
          "tests/unit/instances/test_tiny_optima.py"), ("tests/property",)), 0.75),
}  # fmt: skip


def idle_lines(source: str) -> set[tuple[int, int]]:
    """Every (line, column) inside an annotation, and of the stars before keywords: a mutant there changes nothing that runs."""
    places: set[tuple[int, int]] = set()
    lines_of = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.args.kwonlyargs:
            header = range(node.lineno, node.body[0].lineno)
            places |= {(line, found.start()) for line in header for found in re.finditer(r"\*(?=,)", lines_of[line - 1])}
        notes = [node.annotation] if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation else []
        notes += [node.returns] if isinstance(node, ast.FunctionDef) and node.returns else []
        for note in notes:
            lines = range(note.lineno, (note.end_lineno or note.lineno) + 1)
            places |= {(line, column) for line in lines for column in range(note.col_offset, note.end_col_offset or 0)}
    return places


def candidates(folder: Path, area: Area) -> list[MutationSpec]:
    """All mutants of an area, in a stable order."""
    modules = sorted(p for pattern in area.modules for p in folder.glob(pattern) if p.name != "__init__.py")
    idle = {str(p): idle_lines(p.read_text(encoding="utf-8")) for p in modules}
    specs = [item.mutations[0] for item in work_items(modules, {})]
    return [s for s in specs if s.operator_name not in SKIPPED and s.start_pos not in idle[str(s.module_path)]]


@cache
def importers(folder: Path) -> dict[str, frozenset[str]]:
    """Name of every module of the package: the modules that it imports (kernels import each other by module)."""
    found = {}
    for path in (folder / "ccopt").rglob("*.py"):
        name = ".".join(path.relative_to(folder).with_suffix("").parts)
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        named = {f"{n.module}.{a.name}" for n in nodes if isinstance(n, ast.ImportFrom) and n.module for a in n.names}
        named |= {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module}
        found[name] = frozenset(named)
    return found


def depends_on(folder: Path, changed: str) -> set[str]:
    """Modules that reach ``changed`` by their imports, itself included."""
    imports, reached, last = importers(folder), {changed}, 0
    while len(reached) > last:
        last = len(reached)
        reached |= {name for name, named in imports.items() if named & reached}
    return reached


def put(folder: Path, spec: MutationSpec) -> str | None:
    """Write the mutant into the copy, drop what was compiled from it; the difference, or None where it is not even Python."""
    path = Path(spec.module_path)
    source = path.read_text(encoding="utf-8")
    operator = cosmic_ray.plugins.get_operator(spec.operator_name)(**dict(spec.operator_args))
    mutated = mutate_code(source, operator, spec.occurrence)
    try:
        ast.parse(mutated)
    except SyntaxError:
        return None
    write(folder, path, mutated)
    where = str(path.relative_to(folder))
    return "\n".join(difflib.unified_diff(source.split("\n"), mutated.split("\n"), where, where, lineterm="", n=1))


def write(folder: Path, path: Path, mutated: str) -> None:
    """Change one file of the copy and drop the kernels of all modules that reach it."""
    times = (path.stat().st_atime, path.stat().st_mtime)
    path.write_text(mutated, encoding="utf-8")
    os.utime(path, times)  # as old as before: else `tests/conftest.py` drops every kernel
    for name in depends_on(folder, ".".join(path.relative_to(folder).with_suffix("").parts)):
        place = folder.joinpath(*name.split("."))
        for stale in place.parent.glob(f"__pycache__/{place.name}.*"):
            stale.unlink()


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant of an earlier run: the title that it was printed under, its file, and its lines before and after."""

    title: str
    where: str
    before: str
    after: str


def survivors(log: Path, area: str) -> dict[int, Survivor]:
    """Mutants of an area that an earlier run printed as not found, by their numbers in its sample."""
    found = {}
    for part in re.split(r"^(?=(?:queueing|optimiser)[ :]|== )", log.read_text(encoding="utf-8"), flags=re.MULTILINE):
        title, _, change = part.partition("\n")
        at = re.match(rf"{area} (\d+) (\S+ \S+) .*: SURVIVED$", title)
        lines = change.rstrip("\n").split("\n")[3:]  # after the two names and the place
        if at and lines:
            before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
            after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
            found[int(at[1])] = Survivor(at[2], at[2].partition(":")[0], before, after)
    return found


def put_again(folder: Path, mutant: Survivor) -> str | None:
    """Write a survivor of an earlier run into the copy; its changed lines, or None where the code is no longer the same."""
    path = folder / mutant.where
    source = path.read_text(encoding="utf-8") if path.exists() else ""
    if source.count(mutant.before) != 1:
        return None
    write(folder, path, source.replace(mutant.before, mutant.after))
    return mutant.after


def nearest(folder: Path, module: Path, tests: tuple[str, ...]) -> tuple[str, ...]:
    """The three files of tests that name most of what a module defines, or else the modules that import it: asked first."""
    imports, reached, last = importers(folder), {".".join(module.relative_to(folder).with_suffix("").parts)}, 0
    files = [p for t in tests for p in sorted((folder / t).rglob("test_*.py"))]
    while len(reached) > last:
        last = len(reached)
        named = {word for name in reached for word in (".".join(name.split(".")[-2:]), *defined(folder, name))}
        words = re.compile(rf"\b({'|'.join(sorted(named))})\b")
        counts = {p: len(set(words.findall(p.read_text(encoding="utf-8")))) for p in files}
        best = sorted((p for p in files if counts[p]), key=lambda p: -counts[p])[:3]
        if best:
            return tuple(str(p.relative_to(folder)) for p in best)
        reached |= {name for name, named in imports.items() if named & reached}
    return ()


def defined(folder: Path, name: str) -> list[str]:
    """Functions and classes of a module."""
    body = ast.parse(folder.joinpath(*name.split(".")).with_suffix(".py").read_text(encoding="utf-8")).body
    return [n.name for n in body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]


def found_by(folder: Path, stages: list[tuple[str, ...]], seconds: int = SLOWEST) -> str | None:
    """The stage and the test that notice, or None. Tests run in a fork, which has the libraries already."""
    for stage, tests in enumerate(stages):
        with tempfile.TemporaryFile("w+") as said:
            child = os.fork()
            if child == 0:
                tested(folder, tests, said.fileno(), seconds)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            said.seek(0)
            lines = said.read().splitlines()
        if code < 0:
            return f"stage {stage}: ended by signal {-code}"
        if code:
            told = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
            return f"stage {stage}: {(told or lines[-1:])[0][:140]}"
    return None


def tested(folder: Path, tests: tuple[str, ...], output: int, seconds: int) -> None:
    """In the fork: run tests of the copy and leave with their exit code."""
    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    for stream in (1, 2):
        os.dup2(output, stream)
    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(folder)
    sys.path.insert(0, str(folder))
    code = pytest.main(["-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests])
    sys.stdout.flush()
    os._exit(int(code))


def run(name: str, numbers: list[int], given: argparse.Namespace) -> str:
    """Kill a sample of mutants, or the survivors of an earlier run; what survives is printed as differences."""
    area, found, tried = AREAS[name], 0, 0
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "project"
        for part in ("ccopt", "tests", "benchmarks"):
            shutil.copytree(ROOT / part, folder / part)
        for file in ("pyproject.toml", "README.md"):
            shutil.copy2(ROOT / file, folder / file)
        every = [] if given.again else candidates(folder, area)
        order = np.random.default_rng(given.seed).permutation(len(every))[: given.mutants]
        again = survivors(given.again, name) if given.again else {}
        for number in [n for n in numbers if (n in again if given.again else n < len(order))]:
            began = time.monotonic()
            shutil.rmtree(folder / "ccopt")
            shutil.copytree(ROOT / "ccopt", folder / "ccopt")
            if given.again:
                path, title, change = folder / again[number].where, again[number].title, put_again(folder, again[number])
            else:
                spec = every[int(order[number])]
                path, change = Path(spec.module_path), put(folder, spec)
                title = f"{path.relative_to(folder)}:{spec.start_pos[0]} {spec.operator_name}"
            if change is None:
                print(f"{name} {number} {title}: left out, {'the code is another now' if given.again else 'no Python'}", flush=True)
                continue
            first = () if given.again else nearest(folder, path, area.nearest)
            stages = [tuple(given.tests)] if given.tests else [stage for stage in (first, *area.stages) if stage][: given.stages]
            who = found_by(folder, stages, given.seconds)
            tried += 1
            found += who is not None
            print(f"{name} {number} {title} {time.monotonic() - began:.0f} s: {who or 'SURVIVED'}", flush=True)
            if who is None:
                print(change, flush=True)
    possible = "the survivors of an earlier run" if given.again else f"{len(every)} possible"
    return f"{name}: {found} of {tried} mutants found ({found / max(tried, 1):.0%}, asked {area.asked:.0%}), of {possible}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*", default=list(AREAS))
    parser.add_argument("--mutants", type=int, default=80, help="size of the sample")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number to start at")
    parser.add_argument("--last", type=int, help="number to end at")
    parser.add_argument("--only", type=int, nargs="*", help="run these numbers of the sample")
    parser.add_argument("--stages", type=int, help="ask the first stages only, so that the share is a lower bound")
    parser.add_argument("--again", type=Path, metavar="LOG", help="ask about the survivors in the output of an earlier run")
    parser.add_argument("--tests", nargs="*", help="files or folders of tests to ask, in place of the stages")
    parser.add_argument("--seconds", type=int, default=SLOWEST, help="processor time of a stage, after which a mutant is found")
    given = parser.parse_args()
    last = given.mutants - 1 if given.last is None else given.last
    numbers = given.only or list(range(given.first, last + 1))
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in [run(name, numbers, given) for name in given.areas]:
        print(line, flush=True)


if __name__ == "__main__":
    main()
