"""Compile the kernels before anything waits for them: while an image is built, on a new machine, before short time limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from ccopt.queueing.compiler import HAVE_NUMBA

Part = Literal["plans", "judges"]


def compile_kernels(*parts: Part) -> float:
    """Compile what `optimise`, `evaluate` and `simulate` need; the compiler keeps its work beside the package.

    The first run after an installation or an update compiles its kernels while its clock runs, so that a time limit of
    seconds is overrun. Compiled before, it is not, but for kernels that few scenarios need (chats, background work).
    Takes one to two minutes of one processor, or seconds where all is compiled already; two processes with one part
    each take half of that.

    Parameters
    ----------
    *parts
        ``plans`` (what `optimise` needs), ``judges`` (what `evaluate` and `simulate` need); none: both.

    Returns
    -------
    float
        Seconds; 0 where numba is off (``CCOPT_NUMBA=0``).

    Raises
    ------
    ValueError
        A part that is none.

    Examples
    --------
    >>> compile_kernels("judges") >= 0.0
    True
    """
    work: dict[Part, Callable[[], None]] = {"plans": _plans, "judges": _judges}
    unknown = sorted(set(parts) - set(work))
    if unknown:
        msg = f"parts = {unknown}: have {sorted(work)}"
        raise ValueError(msg)
    began = time.monotonic()
    if not HAVE_NUMBA:
        return 0.0
    for part in parts or tuple(work):
        work[part]()
    return time.monotonic() - began


def _plans() -> None:
    """Staffing tables, annealing, bounds, queueing models over arrays."""
    import ccopt as cc
    from ccopt.optimisation.build import build_problem
    from ccopt.optimisation.lagrangian import lagrangian_bound
    from ccopt.queueing.selling import SellingGroup
    from ccopt.queueing.selling_waits import selling_waits

    cc.optimise(cc.load_instance("three-regions"), gap=0.2, time_limit_s=60)
    cc.optimise(cc.load_instance("outsourcer"), gap=0.0, time_limit_s=3)  # gets as far as annealing
    lagrangian_bound(build_problem(cc.load_instance("two-sites")), deadline=1e18, max_evaluations=3)
    sells = SellingGroup(contacts_per_hour=60.0, aht_s=180.0, agents=5, extra_s=60.0, share=0.5)
    for threshold in (3, None):
        selling_waits(sells, threshold=threshold, awt_s=20.0)
    for formula in (cc.erlang_b, cc.erlang_c, cc.log_erlang_b, cc.log_erlang_c):
        formula([3.0, 4.0], [2.0, 3.0])
    waiting = cc.ErlangC(contacts_per_hour=[60.0, 70.0], aht_s=180.0)
    waiting.service_level(5, 20.0)
    for model in (waiting, cc.ErlangA(contacts_per_hour=[60.0, 70.0], aht_s=180.0, patience_s=120.0)):
        model.performance(5, 20.0)
        model.log_wait_tail(5, 20.0)
    cc.ErlangA(contacts_per_hour=60.0, aht_s=180.0, patience_s=120.0, lines=9).performance(5, 20.0)


def _judges() -> None:
    """Simulation with and without timers, networks with overflow, days that change."""
    import ccopt as cc
    from ccopt.queueing import group_performance
    from ccopt.simulation import Group, Network, Queue, Simulator, Source, Way

    shared = Network(
        edges_s=(0.0, 3600.0),
        sources=(Source(name="calls", queues=(("calls", 1.0),), contacts_per_hour=60.0),),
        queues=(Queue(name="calls", ways=(Way(group="a", handle_s=180.0), Way(group="b", handle_s=200.0)), patience_s=120.0),),
        groups=(Group(name="a", agents=2), Group(name="b", agents=2)),
    )  # fmt: skip
    for rich in (True, False):
        Simulator(shared, seed=1, rich=rich).day(0)
    group_performance([30.0, 20.0], [180.0, 240.0], patience_s=[60.0, 90.0], agents=4, awt_s=20.0)
    scenario = cc.load_instance("two-sites")
    today = cc.baseline(scenario)
    cc.evaluate(scenario, today)
    cc.simulate(scenario, today, replications=2)
    cc.compare_regimes(scenario, today)
    cc.TimeVaryingPool(contacts_per_hour=[60.0, 90.0], aht_s=180.0, interval_s=900.0, patience_s=120.0).performance(5, 20.0)
