"""The same on a dask.distributed cluster that already runs (its client, or the address of its scheduler)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ccopt.errors import CcoptError, import_extra
from ccopt.studies.sweeps.engine import Chunker, Function, Outcome, run_chunk


class SchedulerLostError(CcoptError):
    """The scheduler of the cluster is gone; finished rows are in the store, so run again to resume."""


def _check_workers(client: Any) -> int:
    workers = client.scheduler_info(n_workers=-1)["workers"]
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


def run_on_cluster(function: Function, tasks: Sequence[Any], *, client: Any) -> Iterator[Outcome]:
    """Outcomes of all tasks on a cluster; chunks of dead workers run again, a task that kills its workers is lost."""
    distributed: Any = import_extra("distributed", "distributed")
    killed: Any = import_extra("distributed.scheduler", "distributed").KilledWorker
    cancelled: Any = import_extra("distributed.client", "distributed").FutureCancelledError
    workers = _check_workers(client)
    chunks = Chunker(tasks)
    retry: list[list[tuple[int, Any]]] = []
    under_way: dict[str, list[tuple[int, Any]]] = {}
    stream: Any = distributed.as_completed(loop=client.loop)

    def fill() -> None:
        while (retry or len(chunks)) and len(under_way) < 2 * workers:
            chunk = retry.pop() if retry else chunks.next()
            future = client.submit(run_chunk, function, chunk, pure=False)
            under_way[future.key] = chunk
            stream.add(future)

    fill()
    while under_way:
        future = next(stream)
        chunk = under_way.pop(future.key)
        try:
            spent, outcomes = future.result()
        except killed:
            if len(chunk) == 1:
                yield Outcome(index=chunk[0][0], status="lost", row={}, message="every process that ran it died")
            else:
                half = len(chunk) // 2
                retry += [chunk[:half], chunk[half:]]
        except (cancelled, OSError) as error:
            msg = f"the scheduler is gone ({type(error).__name__}); finished rows are kept, run again to resume"
            raise SchedulerLostError(msg) from error
        else:
            chunks.note(spent, len(outcomes))
            yield from outcomes
        fill()
