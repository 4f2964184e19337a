"""A synthetic log in the layout of the Anonymous Bank, with known parameters, because the real rows may not ship."""

from pathlib import Path

import numpy as np
import pytest

HEAD = "vru+line call_id customer_id priority type date vru_entry vru_exit vru_time q_start q_exit q_time outcome ser_start ser_exit ser_time server"


def clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def call(date="990103", kind="PS", at=36_000, wait=0, outcome="AGENT", service=120, server="ANNA") -> str:
    queue = (clock(at), clock(at + wait)) if wait else ("0:00:00", "0:00:00")
    served = (clock(at + wait), clock(at + wait + service)) if outcome == "AGENT" else ("0:00:00", "0:00:00")
    fields = ["AA0101", "1", "0", "0", kind, date, clock(at - 5), clock(at), "5", *queue, str(wait), outcome,
              *served, str(service if outcome == "AGENT" else 0), server if outcome == "AGENT" else "NO_SERVER"]  # fmt: skip
    return "\t".join(fields)


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
