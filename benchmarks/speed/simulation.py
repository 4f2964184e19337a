"""Contacts per second of the simulator, random numbers included, against Ciw and SimPy in one run.

``python benchmarks/speed/simulation.py`` (extra ``bench``); times are processor times of one thread, best of three, after
compilation. The peers simulate the same M/M/50+M and keep a record of each call; their shares of lost calls are printed so
that everybody is seen to do the same work. A peer's speed does not depend on the length of its run (``--peer-calls``).
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable

import numpy as np

from ccopt.simulation import Group, Network, Queue, Simulator, Source, Way
from ccopt.simulation.records import ABANDONED

AGENTS, HANDLE_S, PATIENCE_S, LOAD = 50, 180.0, 120.0, 48.0
CALLS = 100_000


def pool(calls: int = CALLS) -> Network:
    """M/M/50+M at 96 % load."""
    rate = LOAD / HANDLE_S * 3600.0
    return Network(
        edges_s=(0.0, calls / rate * 3600.0),
        sources=(Source(name="calls", queues=(("calls", 1.0),), contacts_per_hour=rate),),
        queues=(Queue(name="calls", ways=(Way(group="g", handle_s=HANDLE_S),), patience_s=PATIENCE_S),),
        groups=(Group(name="g", agents=AGENTS),),
    )


def skills(contact_types: int = 50, groups: int = 50, agents: int = 1000, *, calls: int = CALLS, seed: int = 0) -> Network:
    """Random skills, two to five contact types a group, patience two handle times, load 95 %."""
    rng = np.random.default_rng(seed)
    staff = np.maximum(1, rng.multinomial(agents, rng.dirichlet(np.full(groups, 5.0))))
    ways: list[list[int]] = [[] for _ in range(contact_types)]
    for g in range(groups):
        for c in rng.permutation(contact_types)[: rng.integers(2, 6)]:
            ways[c].append(g)
    for row in ways:
        if not row:
            row.append(int(rng.integers(groups)))
    weight = np.array([sum(staff[g] for g in row) for row in ways], dtype=float)
    rates = weight / weight.sum() * staff.sum() * 0.95 / 300.0 * 3600.0
    size = range(contact_types)
    return Network(
        edges_s=(0.0, calls / float(rates.sum()) * 3600.0),
        sources=tuple(Source(name=f"s{c}", queues=((f"q{c}", 1.0),), contacts_per_hour=float(rates[c])) for c in size),
        queues=tuple(Queue(name=f"q{c}", patience_s=600.0, ways=tuple(
            Way(group=f"g{g}", handle_s=300.0, rank=i + 1) for i, g in enumerate(ways[c]))) for c in size),
        groups=tuple(Group(name=f"g{g}", agents=int(n)) for g, n in enumerate(staff)),
    )  # fmt: skip


def threads(network: Network, *, days: int, threads: int) -> tuple[float, float]:
    """Contacts per second of wall clock with several replications at a time, and share lost."""
    Simulator(network, seed=1).day(0)
    best = 0.0
    for seed in (11, 12, 13):  # other contacts each time: a day that was drawn before is kept
        began, count, lost = time.perf_counter(), 0, 0
        for found in Simulator(network, seed=seed).days(days * threads, threads=threads):
            count += found.courses.size
            lost += int((found.courses["status"] == ABANDONED).sum())
        best = max(best, count / (time.perf_counter() - began))
    return best, lost / count


def ours(network: Network, *, days: int, rich: bool | None = None) -> tuple[float, float]:
    """Contacts per second of processor time and share lost; every day draws its own numbers."""
    simulator = Simulator(network, seed=1, rich=rich)
    simulator.day(0)
    best, number, lost, day = 0.0, 0, 0, 0
    for _ in range(3):
        began, count = time.process_time(), 0
        for _ in range(days):
            day += 1
            found = simulator.day(day)
            count += found.courses.size
            lost += int((found.courses["status"] == ABANDONED).sum())
        best, number = max(best, count / (time.process_time() - began)), number + count
    return best, lost / number


def simpy_pool(calls: int) -> tuple[float, float]:
    """The pool in SimPy, which keeps for each call what ccopt and Ciw keep."""
    import simpy

    rng = random.Random(1)
    env = simpy.Environment()
    agents = simpy.Resource(env, AGENTS)
    records: list[tuple[float, float, float, str]] = []  # arrival, wait, end, status

    def call() -> object:
        came = env.now
        with agents.request() as asked:
            yield asked | env.timeout(rng.expovariate(1 / PATIENCE_S))
            start = env.now
            if not asked.triggered:
                records.append((came, start - came, start, "abandoned"))
                return
            yield env.timeout(rng.expovariate(1 / HANDLE_S))
            records.append((came, start - came, env.now, "answered"))

    def arrivals() -> object:
        for _ in range(calls):
            yield env.timeout(rng.expovariate(LOAD / HANDLE_S))
            env.process(call())

    env.process(arrivals())
    began = time.process_time()
    env.run()
    spent = time.process_time() - began
    return calls / spent, sum(status == "abandoned" for *_, status in records) / calls


def ciw_pool(calls: int) -> tuple[float, float]:
    """The pool in Ciw."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(LOAD / HANDLE_S)], number_of_servers=[AGENTS],
        service_distributions=[ciw.dists.Exponential(1 / HANDLE_S)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE_S)],
    )  # fmt: skip
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    began = time.process_time()
    simulation.simulate_until_max_time(calls / (LOAD / HANDLE_S))
    spent = time.process_time() - began
    records = simulation.get_all_records()
    return len(records) / spent, sum(r.record_type == "renege" for r in records) / len(records)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="tiny")
    parser.add_argument("--peer-calls", type=int, default=20_000, help="length of a peer's run")
    given = parser.parse_args()
    few = given.smoke
    days = 1 if few else 15
    peer_calls = 400 if few else given.peer_calls
    rows: list[tuple[str, tuple[float, float]]] = [
        ("M/M/50+M", ours(pool(2000 if few else CALLS), days=days)),
        ("M/M/50+M, kernel with timers", ours(pool(2000 if few else CALLS), days=days, rich=True)),
        ("50 contact types x 50 groups x 1,000 agents", ours(skills(calls=2000 if few else CALLS), days=days)),
    ]
    rows.append(("M/M/50+M, two replications at a time (wall clock)", threads(pool(2000 if few else CALLS), days=days, threads=2)))
    peers: dict[str, Callable[[int], tuple[float, float]]] = {"SimPy": simpy_pool, "Ciw": ciw_pool}
    for name, run in peers.items():
        rows.append((f"M/M/50+M in {name}", max((run(peer_calls) for _ in range(1 if few else 3)), key=lambda x: x[0])))
    first = rows[0][1][0]
    print("| model | contacts a second | share lost | M/M/50+M of ccopt is faster by |\n|---|---|---|---|")
    for name, (speed, lost) in rows:
        print(f"| {name} | {speed:,.0f} | {lost:.4f} | {first / speed:,.0f} x |")


if __name__ == "__main__":
    main()
