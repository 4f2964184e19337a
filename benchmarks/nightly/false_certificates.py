"""Count false certificates on random tiny networks: ``python benchmarks/nightly/false_certificates.py [networks]``."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "property"))
from enumeration import verdict


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    began, wrong = time.monotonic(), 0
    for seed in range(count):
        for tiers in (False, True):
            found = verdict(seed, tiers=tiers)
            if found is not None:
                wrong += 1
                print(f"seed {seed} tiers {tiers}: {found}", flush=True)
    print(f"{2 * count} networks, {wrong} wrong, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
