"""What a sweep costs beside its tasks: ``python benchmarks/speed/sweeps.py [--workers 2] [--cluster] [--seconds 60] [--scenarios 100000]``.

Tasks that sleep for 1 s and for 10 ms, as many as fill ``--seconds`` of every worker, so that the ideal is known and a busy
machine disturbs little: overhead is the wall clock of the whole sweep, start of the processes and table of rows included,
over the ideal. Beside it the time until the first row, and the same tasks in a plain process pool (chunks of a second cut by
hand, nothing kept, no guard against a process that dies). Then ``--scenarios`` tasks that do nothing, streamed to a folder:
time of each and growth of the driver's largest memory. ``--cluster`` adds a dask.distributed cluster on this machine,
``--smoke`` runs small.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from ccopt.studies.sweeps import Task, sweep

LENGTHS_S = (1.0, 0.01)
ASKED = {1.0: 0.05, 0.01: 0.15}


def nap(task: Task) -> dict[str, Any]:
    """Sleep as long as the task says."""
    wanted = json.loads(task.scenario)
    time.sleep(wanted["seconds"])
    return {"n": wanted["n"]}


def naps(numbers: range, seconds: float) -> list[Task]:
    return [Task(scenario=json.dumps({"name": f"s{n}", "n": n, "seconds": seconds})) for n in numbers]


def nap_chunk(chunk: list[Task]) -> list[dict[str, Any]]:
    return [nap(task) for task in chunk]


def by_sweep(tasks: list[Task], executor: Any) -> tuple[float, float]:
    """Seconds of the whole, and until the first row."""
    began, first = time.perf_counter(), []
    rows = sweep(tasks, function=nap, executor=executor, progress=lambda _: first or first.append(time.perf_counter() - began))
    assert list(rows["n"]) == list(range(len(tasks)))
    return time.perf_counter() - began, first[0]


def by_plain_pool(tasks: list[Task], workers: int, seconds: float) -> float:
    began, size = time.perf_counter(), math.ceil(1.0 / seconds)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        rows = [row for rows in pool.map(nap_chunk, [tasks[i : i + size] for i in range(0, len(tasks), size)]) for row in rows]
    assert [r["n"] for r in rows] == list(range(len(tasks)))
    return time.perf_counter() - began


def compared(workers: int, fill_s: float, client: Any) -> None:
    """One line per length of task and way."""
    for seconds in LENGTHS_S:
        tasks = naps(range(max(round(fill_s * workers / seconds), 2 * workers)), seconds)
        ideal = len(tasks) * seconds / workers
        for way, executor in (("processes", workers), ("cluster", client)) if client else (("processes", workers),):
            spent, first = by_sweep(tasks, executor)
            print(f"{len(tasks)} x {seconds:g} s, {workers} workers, {way}: {spent:.2f} s for {ideal:.2f} s, overhead "
                  f"{spent / ideal - 1:.1%} (asked {ASKED[seconds]:.0%}), first row {first - seconds:.2f} s late", flush=True)  # fmt: skip
        plain = by_plain_pool(tasks, workers, seconds)
        print(f"  plain pool: {plain:.2f} s, overhead {plain / ideal - 1:.1%}", flush=True)


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def streamed(scenarios: int, workers: int) -> None:
    """Tasks that do nothing: milliseconds of each, and what the driver's memory grows by."""
    with tempfile.TemporaryDirectory() as folder:
        sweep(naps(range(600), 0.0), function=nap, executor=workers, store=f"{folder}/warm")
        tasks = naps(range(scenarios), 0.0)
        before, began, spent = memory_mb(), time.perf_counter(), time.process_time()
        rows = sweep(tasks, function=nap, executor=workers, store=f"{folder}/rows")
        took, spent = time.perf_counter() - began, time.process_time() - spent
    assert list(rows["n"]) == list(range(scenarios))
    print(f"{scenarios} empty scenarios, {workers} workers: {took:.1f} s, {1000 * took / scenarios:.2f} ms each "
          f"({1000 * spent / scenarios:.2f} ms of the driver's processor), memory {before:.0f} MB before and "
          f"{memory_mb() - before:.0f} MB more (asked 100)", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60.0, help="ideal length of each sweep")
    parser.add_argument("--scenarios", type=int, default=100_000)
    parser.add_argument("--cluster", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    asked = parser.parse_args()
    fill, scenarios = (0.5, 300) if asked.smoke else (asked.seconds, asked.scenarios)
    if asked.cluster:
        from distributed import Client, LocalCluster

        with LocalCluster(n_workers=asked.workers, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
            compared(asked.workers, fill, client)
    else:
        compared(asked.workers, fill, None)
    streamed(scenarios, asked.workers)


if __name__ == "__main__":
    main()
