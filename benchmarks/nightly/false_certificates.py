"""Count false certificates on random tiny networks, every way of the optimiser.

``python benchmarks/nightly/false_certificates.py [networks] [steps|segments|prices|own ...]``
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "property"))
from enumeration import verdict


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    for path in sys.argv[2:] or ("own", "segments"):
        began, wrong = time.monotonic(), 0
        for seed in range(count // 2):
            for tiers in (False, True):
                found = verdict(seed, tiers=tiers, path=None if path == "own" else path, time_limit_s=3)
                if found is not None:
                    wrong += 1
                    print(f"{path}: seed {seed} tiers {tiers}: {found}", flush=True)
        print(f"{path}: {2 * (count // 2)} networks, {wrong} wrong, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
