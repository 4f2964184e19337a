"""Contact by contact equal to a plain event list: random networks by the thousand.

``python benchmarks/nightly/simulator_identity.py --networks 2000`` runs as many plain and as many rich networks, with
seeds beyond those of the default tests.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "unit" / "simulation"))

from plain_simulator import differences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=2000)
    count = parser.parse_args().networks
    for rich in (False, True):
        wrong = [seed for seed in range(10_000, 10_000 + count) if differences(seed, rich=rich)]
        print(f"{'every feature' if rich else 'plain'}: {count - len(wrong)} of {count} identical; other: {wrong[:20]}", flush=True)


if __name__ == "__main__":
    main()
