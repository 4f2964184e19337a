"""Branch coverage by package: goal G18 of the register of hazards.

``python benchmarks/nightly/branches.py [suite] [kernels] [table] [--folder build/coverage] [--seconds 5]`` needs the extras
``test`` and ``bench``.

suite    the default tests with two workers, subprocesses measured too; compiled code cannot be traced, so that kernels are left out
kernels  the tests of kernels with the compiler switched off (``NUMBA_DISABLE_JIT=1``): the same functions as plain Python. A test ends
         after ``--seconds`` and counts as far as it came; what it fails there is no finding (a digit, a time limit)
table    branches of each package: Python from the first run, kernels from the second, never mixed; ``--missing`` lists those not taken
"""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import coverage
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
CORE = ("queueing", "staffing", "optimisation", "evaluation", "simulation", "routing", "scenario")
KERNEL_TESTS = (  # what comes far within seconds, too
    "tests/oracle", *(f"tests/unit/queueing/test_{name}.py" for name in (
        "oracles", "published", "published_pools", "published_rest", "solving", "waits", "staircases", "service_level", "bad_input")),
    *(f"tests/unit/simulation/test_{name}.py" for name in ("features", "entrances", "identity", "pools")),
    "tests/unit/staffing", "tests/unit/evaluation/test_call_kernel.py",
    *(f"tests/unit/optimisation/test_{name}.py" for name in ("site_programmes", "design_search", "contract_floor")),
)  # fmt: skip
SETTINGS = """[run]
branch = true
source_pkgs = ccopt
parallel = true
sigterm = true
patch = subprocess
data_file = {data}
[report]
exclude_also =
    if TYPE_CHECKING:
    {more}
"""
KERNELS = "^@(compiled|inlined|polynomial)"


class Patience:
    """Plugin: a test that the interpreter makes too long ends as a failure."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Any:
        """Around the body of a test."""
        def late(_signal: int, _frame: FrameType | None) -> None:
            raise TimeoutError

        signal.signal(signal.SIGALRM, late)
        signal.alarm(self.seconds)
        yield
        signal.alarm(0)


def settings(folder: Path, run: str, *, kernels: bool = False) -> Path:
    """File of settings of a run; with kernels, compiled functions count."""
    path = folder / f"{run}{'-kernels' if kernels else ''}.ini"
    text = SETTINGS.format(data=folder / f"{run}.data", more="" if kernels else KERNELS)
    path.write_text(text, encoding="utf-8")
    return path


def measured(folder: Path, run: str, words: list[str], **environment: str) -> None:
    """Run Python with measurement; the parts of all processes become one file."""
    tool = [sys.executable, "-m", "coverage"]
    rc = f"--rcfile={settings(folder, run)}"
    subprocess.run([*tool, "run", rc, *words], cwd=ROOT, check=False, env={**os.environ, **environment})
    subprocess.run([*tool, "combine", "-q", rc], cwd=ROOT, check=True)


class Row:
    """One record of a table, its fields as attributes: what compiled code sees (`numpy.recarray` has attributes of its own)."""

    __slots__ = ("_row",)

    def __init__(self, row: np.void) -> None:
        object.__setattr__(self, "_row", row)

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, "_row")[name]

    def __setattr__(self, name: str, value: object) -> None:
        object.__getattribute__(self, "_row")[name] = value


class Rows(np.ndarray[Any, Any]):
    """A table of records."""

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return Row(found) if isinstance(found, np.void) else found

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, object.__getattribute__(value, "_row") if isinstance(value, Row) else value)


def with_rows(make: Callable[..., Any]) -> Callable[..., Any]:
    """A function that makes arrays, and tables as `Rows`."""

    def made(*given: Any, **named: Any) -> Any:
        found = make(*given, **named)
        return found.view(Rows) if type(found) is np.ndarray and found.dtype.names else found

    return made


def interpreted(seconds: int) -> None:
    """In the run of kernels: what only the compiler knows becomes plain, then the tests."""
    import ccopt.compilation

    ccopt.compilation.borrowed = lambda rows: rows
    for name in ("zeros", "empty", "array", "full", "resize", "concatenate", "repeat", "empty_like", "zeros_like"):
        setattr(np, name, with_rows(getattr(np, name)))
    words = ["-q", "-n", "0", "-p", "no:cacheprovider", "-W", "default", "--tb", "no"]
    pytest.main([*words, *KERNEL_TESTS], plugins=[Patience(seconds)])


def counted(folder: Path, run: str, *, kernels: bool) -> dict[str, Any]:
    """Summary of every file of a run."""
    measured_run = coverage.Coverage(config_file=str(settings(folder, run, kernels=kernels)), data_file=str(folder / f"{run}.data"))
    measured_run.load()
    path = folder / f"{run}.json"
    measured_run.json_report(outfile=str(path), ignore_errors=True)
    files: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["files"]
    return files


def table(folder: Path, *, missing: bool) -> str:
    """One line per package: branches taken of all, in Python and in kernels."""
    python, whole = counted(folder, "suite", kernels=False), counted(folder, "kernels", kernels=True)
    without = counted(folder, "kernels", kernels=False)
    counts: dict[str, Counter[str]] = {}
    out = io.StringIO()
    for name, file in whole.items():
        parts = Path(name).parts
        package = parts[parts.index("ccopt") + 1].removesuffix(".py")
        plain, bare = python.get(name, {}).get("summary"), without.get(name, {}).get("summary")
        row = counts.setdefault(package, Counter())
        for kind, of, less in (("python", plain, None), ("kernels", file["summary"], bare)):
            for key, part in (("taken", "covered_branches"), ("all", "num_branches")):
                row[f"{kind} {key}"] += (of or {}).get(part, 0) - (less or {}).get(part, 0)
        if missing and python.get(name, {}).get("missing_branches"):
            print(f"  {name}: {python[name]['missing_branches']}", file=out)
    counts["core"] = sum((counts[p] for p in CORE if p in counts), Counter())
    counts["all"] = sum((row for p, row in counts.items() if p != "core"), Counter())
    for package, row in counts.items():
        words = [f"{kind} {row[f'{kind} taken']} of {row[f'{kind} all']} ({row[f'{kind} taken'] / row[f'{kind} all']:.1%})"
                 for kind in ("python", "kernels") if row[f"{kind} all"]]  # fmt: skip
        print(f"{package}: {', '.join(words)}", file=out)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["suite", "kernels", "table"], choices=["suite", "kernels", "table", "interpreted"])
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "coverage")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--missing", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if "suite" in given.parts:
        measured(given.folder, "suite", ["-m", "pytest", "-q", "-n", "2"])
    if "kernels" in given.parts:
        measured(given.folder, "kernels", [__file__, "interpreted", "--seconds", str(given.seconds)], NUMBA_DISABLE_JIT="1")
    if "interpreted" in given.parts:
        interpreted(given.seconds)
    if "table" in given.parts:
        print(table(given.folder, missing=given.missing), end="")


if __name__ == "__main__":
    main()
