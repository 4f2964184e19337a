"""What a board waits for: ``python benchmarks/board.py report|what-if|frontier [--smoke]``; prints one line of figures.

- ``report``: from the workbook of the largest packaged instance to report.html and result.xlsx by ``ccopt run``;
- ``what-if``: one answer on the fixed layout of today of nhs111, processor seconds, best of five;
- ``frontier``: 20 certified points of cost against service level at medium (one period), gap and seconds.

``--smoke`` takes the smallest instance and a few seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import ccopt as cc

sys.path.insert(0, str(Path(__file__).parent / "optimiser"))
CHANGES = ({"volume": 1.1}, {"aht": 1.1}, {"wages": 1.1}, {"volume": 0.8, "aht": 1.05}, {"volume": 1.4})


def report(smoke: bool) -> str:
    """Seconds by stage of `ccopt run` on a workbook."""
    from ccopt.cli import main
    from ccopt.scenario import write_workbook

    name = "two-sites" if smoke else "nhs111"
    with tempfile.TemporaryDirectory() as folder:
        book = write_workbook(cc.load_instance(name), Path(folder) / "client.xlsx")
        began = time.monotonic()
        try:
            main(["run", str(book), "-o", folder, *(["--time-limit", "5", "--study-time", "5"] if smoke else [])])
        except SystemExit as ended:
            code = ended.code
        whole = time.monotonic() - began
        seconds = json.loads((Path(folder) / "run.json").read_text(encoding="utf-8"))["seconds"]
        size = (Path(folder) / "report.html").stat().st_size
    stages = ", ".join(f"{k} {v:.1f}" for k, v in seconds.items())
    return f"{name}: exit {code}, {whole:.0f} s from workbook to report ({stages}), page {size:,} bytes"


def what_if(smoke: bool) -> str:
    """Processor seconds of one answer."""
    s = cc.load_instance("two-sites" if smoke else "nhs111")
    now = cc.baseline(s)
    cc.what_if(s, now)
    found = []
    for change in CHANGES:
        runs = []
        for _ in range(1 if smoke else 5):
            began = time.process_time()
            cc.what_if(s, now, **change)
            runs.append(time.process_time() - began)
        found.append(f"{change}: {min(runs):.2f} s")
    return f"{s.name}: " + ", ".join(found)


def frontier(smoke: bool, seed: int = 1) -> str:
    """Gaps of 20 points."""
    from networks import SIZES, network

    s = network(SIZES["tiny" if smoke else "medium"], seed)
    regions = {d.region for d in s.demand}
    s = s.model_copy(update={"links": tuple(k for k in s.links if k.region in regions)})
    over = [round(float(x), 4) for x in np.linspace(0.70, 0.93, 3 if smoke else 20)]

    def tell(p: Any) -> None:
        print(f"  {p.target:g}: {p.objective}, bound {p.lower_bound}, gap {p.gap}", flush=True)

    began = time.monotonic()
    points = cc.frontier(s, over=over, gap=0.01, time_limit_s=4.0 if smoke else 300.0, progress=tell).points
    whole = time.monotonic() - began
    gaps = [p.gap for p in points if p.gap is not None]
    sure = sum(p.status == "certified" for p in points)
    rows = "; ".join(f"{p.target:g} {p.gap:.2%}" for p in points if p.gap is not None)
    return (f"{s.name}: {whole:.0f} s, {sure} of {len(points)} points certified to 1 %, largest gap {max(gaps, default=1.0):.2%} "
            f"(load {os.getloadavg()[0]:.1f}): {rows}")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["report", "what-if", "frontier"])
    parser.add_argument("--smoke", action="store_true")
    asked = parser.parse_args()
    print({"report": report, "what-if": what_if, "frontier": frontier}[asked.what](asked.smoke))
