"""Run many independent tasks on local processes so that one bad task costs one row.

Processes are started by *spawn* (no inherited threads or locks) and each uses one thread. Tasks travel in chunks of
about a second, with at most two chunks per worker under way. When a worker dies, the chunks that were under way are
suspects: each runs alone in a pool of one, halved until the task that kills its process is named.
"""

from __future__ import annotations

import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

Function = Callable[[Any], dict[str, Any]]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
LARGEST_CHUNK = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of task ``index``: ``status`` is ok, error (it raised) or lost (its process died)."""

    index: int
    status: str
    row: dict[str, Any]
    message: str = ""


def run_chunk(function: Function, tasks: Sequence[tuple[int, Any]]) -> tuple[float, list[Outcome]]:
    """Run tasks one after the other in this process; an error becomes an outcome."""
    start = time.perf_counter()
    outcomes = []
    for index, task in tasks:
        try:
            outcomes.append(Outcome(index=index, status="ok", row=function(task)))
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            outcomes.append(Outcome(index=index, status="error", row={}, message=text))
    return time.perf_counter() - start, outcomes


def _use_one_thread() -> None:
    for name in THREADS:
        os.environ[name] = "1"


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_use_one_thread)


class Chunker:
    """Cuts pending tasks into chunks that last about ``seconds`` each, from the time of the tasks seen so far.

    The last ones are smaller: no chunk holds more than half of what each worker has left, so that all workers end together.
    """

    def __init__(self, tasks: Sequence[Any], *, workers: int, seconds: float = 1.0) -> None:
        self._pending = deque(enumerate(tasks))
        self._workers = workers
        self._seconds = seconds
        self._spent = 0.0
        self._done = 0

    def __len__(self) -> int:
        return len(self._pending)

    def note(self, spent: float, tasks: int) -> None:
        """Learn from a finished chunk."""
        self._spent += spent
        self._done += tasks

    def next(self) -> list[tuple[int, Any]]:
        """The next chunk."""
        size = 1
        if self._done:
            share = math.ceil(len(self._pending) / (2 * self._workers))
            size = max(1, min(LARGEST_CHUNK, share, int(self._seconds * self._done / max(self._spent, 1e-6))))
        return [self._pending.popleft() for _ in range(min(size, len(self._pending)))]


def run_locally(function: Function, tasks: Sequence[Any], *, workers: int) -> Iterator[Outcome]:
    """Outcomes of all tasks, in the order in which they finish.

    Parameters
    ----------
    function
        Importable function of one task that returns a flat dictionary.
    tasks
        Picklable tasks.
    workers
        Processes; must be at least 1.

    Yields
    ------
    Outcome
        Exactly one per task.
    """
    if workers < 1:
        msg = f"workers = {workers}: must be at least 1"
        raise ValueError(msg)
    chunks = Chunker(tasks, workers=workers)
    while len(chunks):
        suspects: list[list[tuple[int, Any]]] = []
        yield from _until_broken(function, chunks, workers, suspects)
        for suspect in suspects:
            yield from _isolate(function, suspect)


def _until_broken(
    function: Function, chunks: Chunker, workers: int, suspects: list[list[tuple[int, Any]]]
) -> Iterator[Outcome]:
    """Run until all is done or a worker dies; chunks that were under way then are in ``suspects``."""
    under_way: dict[Future[tuple[float, list[Outcome]]], list[tuple[int, Any]]] = {}
    pool = _pool(workers)
    try:
        while len(chunks) or under_way:
            while len(chunks) and len(under_way) < 2 * workers:
                chunk = chunks.next()
                try:
                    under_way[pool.submit(run_chunk, function, chunk)] = chunk
                except BrokenProcessPool:
                    suspects += [chunk, *under_way.values()]
                    return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            broken = False
            for future in done:
                chunk = under_way.pop(future)
                try:
                    spent, outcomes = future.result()
                except BrokenProcessPool:
                    suspects.append(chunk)
                    broken = True
                    continue
                chunks.note(spent, len(outcomes))
                yield from outcomes
            if broken:
                suspects += under_way.values()
                return
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _isolate(function: Function, tasks: list[tuple[int, Any]]) -> Iterator[Outcome]:
    """Run suspects alone, halving until the task that kills its process is found."""
    with _pool(1) as pool:
        try:
            _, outcomes = pool.submit(run_chunk, function, tasks).result()
        except BrokenProcessPool:
            outcomes = None
    if outcomes is not None:
        yield from outcomes
    elif len(tasks) == 1:
        yield Outcome(index=tasks[0][0], status="lost", row={}, message="the process that ran it died")
    else:
        half = len(tasks) // 2
        yield from _isolate(function, tasks[:half])
        yield from _isolate(function, tasks[half:])
