"""A synthetic log in the layout of the Anonymous Bank, with known parameters, because the real rows may not ship."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from bank_rows import HEAD, call


@pytest.fixture
def write_log(tmp_path: Path):
    def write(rows: list[str]) -> Path:
        path = tmp_path / "log.txt"
        path.write_text("\n".join(["\t".join(HEAD.split()), *rows]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def steady_month(write_log) -> Path:
    """Four weeks, 8 to 12 h: Poisson 40 contacts per hour times a gamma day factor (variance 0.04), patience 300 s."""
    rng = np.random.default_rng(11)
    rows = []
    for day in range(3, 31):
        factor = rng.gamma(25.0, 1 / 25.0)
        n = rng.poisson(160 * factor)
        for at in np.sort(rng.integers(8 * 3600, 12 * 3600, n)):
            wait, patience = (round(x) for x in (rng.exponential(60), rng.exponential(300)))
            kind = "PS" if rng.random() < 0.7 else "NW"
            left = patience < wait
            rows.append(
                call(f"9901{day:02d}", kind, int(at), min(wait, patience), "HANG" if left else "AGENT",
                     int(rng.lognormal(4.8, 0.9)) + 1, f"A{rng.integers(6)}")
            )  # fmt: skip
    return write_log(rows)
