"""Count false certificates on random tiny networks, every way of the optimiser.

``python benchmarks/nightly/false_certificates.py [networks] [steps|segments|prices|own ...] [--first SEED]
[--offers | --losses]``: half of the networks have one tier, half two; with ``--offers`` all have one tier and sell after
service, and are enumerated with staff, thresholds and sellers of their own; with ``--losses`` all have one tier and survive
the loss of any one site. One line for each false one, and a last line with the counts, the least seed and the largest.
"""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "property"))
from enumeration import selling_verdict, verdict
from losses import loss_verdict


def count(path: str, networks: int, first: int) -> int:
    """False certificates of one way, printed as they are found."""
    began, wrong = time.monotonic(), 0
    seeds = range(first, first + networks // 2)
    for seed in seeds:
        for tiers in (False, True):
            found = verdict(seed, tiers=tiers, path=None if path == "own" else path, time_limit_s=3)
            if found is not None:
                wrong += 1
                print(f"{path}: seed {seed} tiers {tiers}: {found}", flush=True)
        if (seed - first) % 10 == 9:
            print(f"{path}: {2 * (seed - first + 1)} networks so far, {wrong} wrong", file=sys.stderr, flush=True)
    print(f"{path}: seeds {seeds.start} to {seeds.stop - 1}, {2 * len(seeds)} networks, {wrong} wrong, "
          f"{time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
    return wrong


def count_one_tier(judge: Callable[..., str | None], what: str, path: str, networks: int, first: int) -> int:
    """False certificates of one way on networks of one tier."""
    began, wrong = time.monotonic(), 0
    for seed in range(first, first + networks):
        found = judge(seed, path=None if path == "own" else path, time_limit_s=3)
        if found is not None:
            wrong += 1
            print(f"{path} with {what}: seed {seed}: {found}", flush=True)
        if (seed - first) % 10 == 9:
            print(f"{path} with {what}: {seed - first + 1} networks so far, {wrong} wrong", file=sys.stderr, flush=True)
    print(f"{path} with {what}: seeds {first} to {first + networks - 1}, {wrong} wrong, {time.monotonic() - began:.0f} s", flush=True)
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", type=int, nargs="?", default=1000)
    parser.add_argument("ways", nargs="*", default=["own", "segments"])
    parser.add_argument("--first", type=int, default=0)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--offers", action="store_true")
    kind.add_argument("--losses", action="store_true")
    asked = parser.parse_args()
    counted = count
    if asked.offers:
        counted = partial(count_one_tier, selling_verdict, "offers")
    elif asked.losses:
        counted = partial(count_one_tier, loss_verdict, "losses")
    sys.exit(1 if sum(counted(path, asked.networks, asked.first) for path in asked.ways) else 0)


if __name__ == "__main__":
    main()
