"""Published and exactly solved cases, small (a larger table in benchmarks/published_cases.md)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

path = Path(__file__).parents[3] / "benchmarks" / "published_cases.py"
spec = importlib.util.spec_from_file_location("published_cases", path)
published_cases = sys.modules["published_cases"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(published_cases)


@pytest.mark.parametrize("name", list(published_cases.CASES))
def test_case(name):
    rows = list(published_cases.CASES[name](150_000))
    # 4.5 standard errors over about 95 numbers from a dozen or more days each
    assert not [r for r in rows if r.far() > 4.5]
    assert all(r.error < 0.6 * max(r.expected, 0.05) for r in rows if r.expected)
