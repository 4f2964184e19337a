"""The benchmarks of the optimiser run small: they start, and what they compare agrees."""

import csv
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def script(*words):
    path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    return subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": path}).stdout  # fmt: skip


def test_three_ways_to_one_solver_have_one_optimum():
    lines = script(ROOT / "benchmarks" / "speed" / "optimiser.py", "--smoke").splitlines()
    optima = {line.split("optimum ")[1].split()[0] for line in lines if "optimum" in line}
    assert len([line for line in lines if "optimum" in line]) == 3
    assert len({round(float(x), 2) for x in optima}) == 1


def test_memory_and_time_over_size_are_written_with_their_slopes(tmp_path):
    out = script(ROOT / "benchmarks" / "optimiser" / "scaling.py", "--smoke", "--output", tmp_path)
    assert "slopes over the three largest sizes" in out
    with (tmp_path / "scaling.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [r["sites"] for r in rows] == ["5", "8"]
    assert (tmp_path / "scaling.svg").stat().st_size > 1000
