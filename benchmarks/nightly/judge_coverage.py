"""Do the judge's 95 % intervals cover? 14 designs x 6 settings x 12 seeds against long runs.

``python benchmarks/nightly/judge_coverage.py [--contacts N]`` prints the share of contact types whose long-run service
level lies in the interval, per design and in all (about three minutes). The band for 93 to 97 % is the goal.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from routed_designs import documents, layouts, settings

from ccopt.evaluation.judge import evaluate_routed
from ccopt.queueing.controlled.effort import RunOptions


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=40_000)
    parser.add_argument("--truth", type=int, default=1_500_000)
    options = parser.parse_args()
    every: list[bool] = []
    for layout in layouts():
        hits: list[bool] = []
        for setting in list(settings())[::2]:
            scenario, design = documents(layout, setting)
            truth = evaluate_routed(scenario, design, options=RunOptions(contacts=options.truth, seed=1)).contact_types
            for seed in range(12):
                rows = evaluate_routed(
                    scenario, design, options=RunOptions(contacts=options.contacts, seed=100 + seed)
                ).contact_types
                hits += [
                    abs((r.service_level or 0.0) - (t.service_level or 0.0))
                    <= np.hypot(r.half_width["service_level"], t.half_width["service_level"]) + 1e-9
                    for r, t in zip(rows, truth, strict=True)
                    if r.period is not None
                ]
        every += hits
        print(f"{layout.name:26s} {100 * np.mean(hits):6.1f} % of {len(hits)}", flush=True)
    print(f"{'all':26s} {100 * np.mean(every):6.1f} % of {len(every)}")


if __name__ == "__main__":
    main()
