"""The same on a dask.distributed cluster that already runs (its client, or the address of its scheduler)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ccopt.errors import CcoptError, import_extra
from ccopt.studies.sweeps.engine import Chunker, Function, Outcome, run_chunk

Chunk = list[tuple[int, Any]]


class SchedulerLostError(CcoptError):
    """The scheduler of the cluster is gone; finished rows are in the store, so run again to resume."""


@contextmanager
def _lost_in_words(client: Any) -> Iterator[None]:
    """Whatever the engine raises once its connection is gone becomes one error.

    Which type that is depends on the moment and on the version: cancelled futures, closed streams, closed clients.
    """
    cancelled: Any = import_extra("distributed.client", "distributed").FutureCancelledError
    try:
        yield
    except Exception as error:
        if client.status == "running" and not isinstance(error, (cancelled, OSError)):
            raise
        msg = f"the scheduler is gone ({type(error).__name__}); finished rows are kept, run again to resume"
        raise SchedulerLostError(msg) from error


def _check_workers(client: Any) -> int:
    with _lost_in_words(client):
        workers = client.scheduler_info(n_workers=-1)["workers"]
        if client.status != "running":  # without a connection the client answers from an empty memory
            raise ConnectionError(client.status)
    if not workers:
        msg = "the cluster has no workers: start some with `dask worker ADDRESS --nthreads 1`"
        raise ValueError(msg)
    busy = [name for name, w in workers.items() if w["nthreads"] != 1]
    if busy:
        msg = f"workers must have one thread each (`--nthreads 1`), or solvers block each other: {busy[:3]}"
        raise ValueError(msg)
    return len(workers)


def connect(address: str) -> Any:
    """Client of a scheduler such as ``tcp://127.0.0.1:8786``.

    Raises
    ------
    SchedulerLostError
        Nothing answers at the address.
    """
    distributed: Any = import_extra("distributed", "distributed")
    try:
        return distributed.Client(address, timeout="10s", set_as_default=False)
    except OSError as error:
        msg = f"no scheduler answers at {address}: {error}"
        raise SchedulerLostError(msg) from error


class _Cluster:
    """Submits chunks to a client, and reads what came of them."""

    def __init__(self, function: Function, client: Any) -> None:
        distributed: Any = import_extra("distributed", "distributed")
        self._function, self._client = function, client
        self._killed: Any = import_extra("distributed.scheduler", "distributed").KilledWorker
        self.finished: Any = distributed.as_completed(loop=client.loop)

    def submit(self, chunk: Chunk) -> Any:
        with _lost_in_words(self._client):
            return self._client.submit(run_chunk, self._function, chunk, pure=False)

    def result(self, future: Any) -> tuple[float, list[Outcome]] | None:
        """Seconds and outcomes of a chunk; None when workers died while it was theirs."""
        with _lost_in_words(self._client):
            try:
                spent, outcomes = future.result()
            except self._killed:
                return None
            return spent, outcomes


def run_on_cluster(function: Function, tasks: Sequence[Any], *, client: Any) -> Iterator[Outcome]:
    """Outcomes of all tasks on a cluster.

    Chunks of dead workers run again. A chunk whose workers died more often than the scheduler allows is a suspect: it may
    only have waited where another killed. Suspects run last and one at a time, halved until the task is named.
    """
    cluster = _Cluster(function, client)
    workers = _check_workers(client)
    chunks = Chunker(tasks, workers=workers)
    under_way: dict[str, Chunk] = {}
    suspects: list[Chunk] = []
    while len(chunks) or under_way:
        while len(chunks) and len(under_way) < 2 * workers:
            chunk = chunks.next()
            future = cluster.submit(chunk)
            under_way[future.key] = chunk
            cluster.finished.add(future)
        future = next(cluster.finished)
        chunk = under_way.pop(future.key)
        done = cluster.result(future)
        if done is None:
            suspects.append(chunk)
            continue
        chunks.note(done[0], len(done[1]))
        yield from done[1]
    yield from _isolated(cluster, suspects)


def run_at_address(function: Function, tasks: Sequence[Any], *, address: str) -> Iterator[Outcome]:
    """The same with a client that lives as long as the sweep."""
    client = connect(address)
    try:
        yield from run_on_cluster(function, tasks, client=client)
    finally:
        client.close(timeout=2)


def _isolated(cluster: _Cluster, suspects: list[Chunk]) -> Iterator[Outcome]:
    while suspects:
        chunk = suspects.pop()
        done = cluster.result(cluster.submit(chunk))
        if done is not None:
            yield from done[1]
        elif len(chunk) == 1:
            yield Outcome(index=chunk[0][0], status="lost", row={}, message="every process that ran it died")
        else:
            half = len(chunk) // 2
            suspects += [chunk[half:], chunk[:half]]
