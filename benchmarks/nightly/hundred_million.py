"""10^8 simulated contacts against exact values: Erlang A in one pool, and the threshold rule of cross-selling (g1).

``python benchmarks/nightly/hundred_million.py [--contacts N]`` prints expected, got and the distance in
standard errors; three are allowed. Days are independent runs, the first hours of each are left out. About two minutes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from published_cases import HOUR, Days, network

import ccopt as cc
from ccopt.simulation import Offer, Way
from ccopt.simulation.tally import DELAYED, IN_TIME, LOST, OFFERED, OFFERS, WAIT_ALL

Found = dict[str, tuple[tuple[float, float], float]]
DAY_CONTACTS = 250_000


def erlang_a(contacts: int) -> tuple[str, Found, int]:
    """M/M/50+M at 96 % load: 960 contacts an hour of 180 s, patience 120 s; exact from the stationary chain."""
    hours = DAY_CONTACTS / 960.0
    net = network([960.0], [[Way(group="g0", handle_s=180.0)]], [50], hours=hours, patience=[120.0])
    d = Days(net, max(contacts // DAY_CONTACTS, 12), window=(HOUR, (hours - 1.0) * HOUR))
    p = cc.ErlangA(contacts_per_hour=960.0, aht_s=180.0, patience_s=120.0).performance(agents=50, awt_s=20.0)
    x = d.x[:, 0]
    return "Erlang A, 50 agents, 48 erlangs", {
        "service level": (d.ratio(x[:, IN_TIME], x[:, OFFERED]), p.service_level),
        "abandonment": (d.ratio(x[:, LOST], x[:, OFFERED]), p.abandonment),
        "mean wait s": (d.ratio(x[:, WAIT_ALL], x[:, OFFERED]), p.mean_wait_s),
        "P(wait)": (d.ratio(x[:, DELAYED], x[:, OFFERED]), p.delay_probability),
        "occupancy": (d.ratio(d.busy[:, 0], 50.0 * d.hours), p.occupancy),
    }, int(x[:, OFFERED].sum())  # fmt: skip


def threshold_rule(contacts: int) -> tuple[str, Found, int]:
    """g1 at threshold 9: 12 agents, 8 erlangs, half of the callers candidates, an offer half a service (exact chain)."""
    hours = DAY_CONTACTS / 8.0
    offer = Offer(share=0.5, extra_s=1800.0, threshold=9)
    net = network([8.0], [[Way(group="g0", handle_s=HOUR, offer=offer)]], [12], hours=hours)
    d = Days(net, max(contacts // DAY_CONTACTS, 12), window=(20 * HOUR, (hours - 20.0) * HOUR))
    x = d.x[:, 0]
    return "g1, threshold 9", {
        "offers per hour": (d.ratio(x[:, OFFERS], d.hours), 1.866294),
        "queue": (d.ratio(x[:, WAIT_ALL] / HOUR, d.hours), 0.329194),
        "P(wait)": (d.ratio(x[:, DELAYED], x[:, OFFERED]), 0.173592),
        "busy agents": (d.ratio(d.busy[:, 0], d.hours), 8.0 + 1.866294 / 2),
    }, int(x[:, OFFERED].sum())  # fmt: skip


def rows(contacts: int) -> Iterator[str]:
    for case in (erlang_a, threshold_rule):
        began = time.perf_counter()
        name, found, seen = case(contacts)
        spent = time.perf_counter() - began
        for quantity, ((got, error), exact) in found.items():
            far = abs(got - exact) / error
            yield f"| {name} | {seen:,} | {quantity} | {exact:.6g} | {got:.6g} | {error:.2g} | {far:.1f} | {spent:.0f} s |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000_000)
    contacts = parser.parse_args().contacts
    print("| case | contacts | quantity | exact | got | standard error | apart, in se | time |\n|---|---|---|---|---|---|---|---|")
    for row in rows(contacts):
        print(row, flush=True)


if __name__ == "__main__":
    main()
