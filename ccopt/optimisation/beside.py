"""Work in a thread and lane of its own beside the search of designs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ccopt.optimisation.run import Run
from ccopt.optimisation.work import working


@contextmanager
def beside(run: Run, work: Callable[[], None]) -> Iterator[None]:
    """Run ``work`` in a thread and lane beside the block, and wait for it to end."""
    other = run.fork("bound")
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            with working(other):
                work()
        except KeyboardInterrupt:  # raised by a callback of progress
            run.interrupted = True
        except Exception as error:
            failed.append(error)

    worker = threading.Thread(target=guarded, name="bound", daemon=True)
    worker.start()
    try:
        yield
    except KeyboardInterrupt:
        run.interrupted = True
    finally:
        _wait(run, worker)
    if failed:
        raise failed[0]
    run.join(other)


def _wait(run: Run, worker: threading.Thread) -> None:
    """Until the worker has ended; an interrupt asks it to."""
    while worker.is_alive():
        try:
            worker.join(timeout=0.1)
        except KeyboardInterrupt:
            run.interrupted = True
