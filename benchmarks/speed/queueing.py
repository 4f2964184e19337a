"""Erlang C against peers on one grid: `python benchmarks/speed/queueing.py [--points 100000] [--peer-points 300]`.

Service level of M/M/n (180 s, 20 s) on a grid of loads 1 to 1,000 and agents above them. ccopt takes all points in one call; peers
take one at a time in Python, so they get a seeded sample of the same grid and their time is scaled to the grid. Accuracy is the largest
difference to Erlang B by the recursion in exact fractions, on 40 points. Peers that are not installed are left out.
"""

import argparse
import time
from fractions import Fraction

import numpy as np

import ccopt as cc

AHT, AWT, SEED = 180.0, 20.0, 7


def grid(points):
    rng = np.random.default_rng(SEED)
    load = rng.uniform(1.0, 1000.0, points)
    return load, np.floor(load + rng.uniform(0.2, 3.0, points) * np.sqrt(load)) + 1.0


def exact(load, agents):
    """Service level by the recursion of Erlang B in fractions of 200 bits (independent of both)."""
    a, b = Fraction(load), Fraction(1)
    for k in range(1, int(agents) + 1):
        b = Fraction(round(a * b / (k + a * b) * 2**200), 2**200)
    rho = a / int(agents)
    c = float(b / (1 - rho * (1 - b)))
    return 1.0 - c * np.exp(-(agents - load) * AWT / AHT)


def pyworkforce():
    from pyworkforce.queuing import ErlangC

    def one(load, agents):
        model = ErlangC(transactions=load * 20.0, aht=AHT / 60.0, asa=AWT / 60.0, interval=60, shrinkage=0.0)
        return model.service_level(int(agents))

    return one


def call_center_tools():
    from call_center_tools import erlang_c
    from call_center_tools.staffing import calc_service_level

    def one(load, agents):
        return calc_service_level(load, int(agents), erlang_c(load, int(agents)), AWT, AHT)

    return one


def ours(load, agents):
    return np.asarray(cc.ErlangC(contacts_per_hour=load * 20.0, aht_s=AHT).service_level(agents, AWT))


def agents_pyworkforce():
    from pyworkforce.queuing import ErlangC

    def one(load, _):
        model = ErlangC(transactions=load * 20.0, aht=AHT / 60.0, asa=AWT / 60.0, interval=60, shrinkage=0.0)
        return model.required_positions(service_level=0.8, max_occupancy=1.0)["raw_positions"]

    return one


def agents_call_center_tools():
    from call_center_tools import erlang_c
    from call_center_tools.staffing import calc_service_level

    def one(load, _):  # its own search from the load on, without the rest of its report
        n = int(load) + 1
        while calc_service_level(load, n, erlang_c(load, n), AWT, AHT) < 0.8:
            n += 1
        return n

    return one


def our_agents(load, _):
    return cc.required_agents(cc.ErlangC(contacts_per_hour=load * 20.0, aht_s=AHT), [cc.ServiceLevel(0.8, AWT)])


def cpu(work, repeats=3):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return max(min(times), 1e-9)


TASKS = {
    "service level": (ours, {"pyworkforce": pyworkforce, "call-center-tools": call_center_tools}),
    "agents for 80/20": (our_agents, {"pyworkforce": agents_pyworkforce, "call-center-tools": agents_call_center_tools}),
}


def rows(task, points, peer_points):
    """(library, answers per second, accuracy, times slower) of ccopt and of each peer that is installed."""
    mine, others = TASKS[task]
    load, agents = grid(points)
    mine(load[:100], agents[:100])
    spent = cpu(lambda: mine(load, agents)) / points
    sample = [(float(a), float(n)) for a, n in zip(load[:peer_points], agents[:peer_points], strict=True)]
    few = sample[:40]
    if task == "service level":
        known = np.array([exact(a, n) for a, n in few])
    else:  # the least number whose exact service level is enough
        known = mine(load[: len(few)], agents[: len(few)])
        ok = [exact(a, n) >= 0.8 > (exact(a, n - 1) if n - 1 > a else 0.0) for (a, _), n in zip(few, known, strict=True)]
        assert all(ok)
    table = [("ccopt", 1.0 / spent, float(np.abs(mine(load[: len(few)], agents[: len(few)]) - known).max()), 1.0)]
    for name, make in others.items():
        try:
            one = make()
        except ImportError:
            print(f"{name}: not installed, left out (pip install 'ccopt[bench]')")
            continue
        theirs = cpu(lambda one=one: [one(a, n) for a, n in sample], 2) / len(sample)
        error = float(np.abs(np.array([one(a, n) for a, n in few]) - known).max())
        table.append((name, 1.0 / theirs, error, theirs / spent))
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--peer-points", type=int, default=300)
    chosen = parser.parse_args()
    for task in TASKS:
        print(f"{task}, Erlang C, {chosen.points} points, loads 1 to 1000, CPU time of one core")
        print(f"{'library':<20} {'answers/s':>12} {'largest error':>14} {'times slower':>13}")
        for name, speed, error, ratio in rows(task, chosen.points, chosen.peer_points):
            print(f"{name:<20} {speed:>12.0f} {error:>14.1e} {ratio:>13.0f}")


if __name__ == "__main__":
    main()
