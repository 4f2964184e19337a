"""Compile the kernels: ``python tests/kernels.py plans`` and, at the same time, ``python tests/kernels.py judges``.

Numba keeps its work on disk. Two workers that start without it compile the same functions at the same time, and so does every
process that they start; two processes with half of the functions each are done in half of that time.
"""

import importlib.util
import sys
from pathlib import Path

import ccopt as cc


def plans() -> None:
    """Staffing tables, annealing, bounds, queueing models over arrays."""
    from ccopt.optimisation.build import build_problem
    from ccopt.optimisation.lagrangian import lagrangian_bound

    cc.optimise(cc.load_instance("three-regions"), gap=0.2, time_limit_s=60)
    lagrangian_bound(build_problem(cc.load_instance("two-sites")), deadline=1e18, max_evaluations=3)
    for formula in (cc.erlang_b, cc.erlang_c, cc.log_erlang_b, cc.log_erlang_c):
        formula([3.0, 4.0], [2.0, 3.0])
    waiting = cc.ErlangC(contacts_per_hour=[60.0, 70.0], aht_s=180.0)
    waiting.service_level(5, 20.0)
    for model in (waiting, cc.ErlangA(contacts_per_hour=[60.0, 70.0], aht_s=180.0, patience_s=120.0)):
        model.performance(5, 20.0)
        model.log_wait_tail(5, 20.0)
    cc.ErlangA(contacts_per_hour=60.0, aht_s=180.0, patience_s=120.0, lines=9).performance(5, 20.0)


def judges() -> None:
    """Simulation with and without timers, networks with overflow, days that change."""
    from ccopt.simulation import Simulator

    beside = Path(__file__).parent / "unit" / "simulation" / "random_networks.py"
    spec = importlib.util.spec_from_file_location("random_networks", beside)
    random_networks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(random_networks)
    for rich in (True, False):
        Simulator(random_networks.random_network(1, rich=rich), seed=1, rich=rich).day(0)
    s = cc.load_instance("two-sites")
    today = cc.baseline(s)
    cc.evaluate(s, today)
    cc.simulate(s, today, replications=2)
    cc.compare_regimes(s, today)
    cc.TimeVaryingPool(contacts_per_hour=[60.0, 90.0], aht_s=180.0, interval_s=900.0, patience_s=120.0).performance(5, 20.0)


if __name__ == "__main__":
    {"plans": plans, "judges": judges}[sys.argv[1]]()
