"""The leaderboard runs small, and the controlled simulation leads it."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np


def test_controlled_simulation_leads(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[3] / "benchmarks"))
    board = importlib.import_module("approximations")
    rows = board.bench(150_000, smoke=True)
    mean = {m: np.mean([r["mean_error"] for r in rows if r["method"] == m]) for m in board.METHODS}
    best_formula = min(mean[m] for m in ("independent groups", "one pool per component", "Poisson overflow"))
    assert mean["controlled 50k"] < 0.5 * best_formula
    assert mean["controlled 50k"] < mean["simulation 50k"] + 0.1
    assert "mean error by design" in board.table(rows)


def test_fourteen_designs_fit_their_scenarios(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[3] / "benchmarks"))
    designs = importlib.import_module("routed_designs")
    from ccopt.routing import check_design

    assert len(designs.layouts()) == 14
    assert len(list(designs.settings())) == 12
    for layout in designs.layouts():
        check_design(*designs.documents(layout, next(designs.settings())))
