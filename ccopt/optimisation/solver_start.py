"""The first solver of a process: its version, and no banner."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from functools import cache
from typing import Any

import highspy

from ccopt.errors import SolverError

OLDEST = (1, 15, 1)
BANNER = (b"Running HiGHS", b"Includes third-party")
_FIRST = threading.Lock()


@cache
def check_version() -> None:
    """Refuse versions of HiGHS that are known to return wrong optima.

    Raises
    ------
    SolverError
        highspy older than 1.15.1.
    """
    with _FIRST:
        h = _first_solver()
    found = (h.versionMajor(), h.versionMinor(), h.versionPatch())
    if found < OLDEST:
        msg = f"highspy {'.'.join(map(str, found))} returns wrong optima; install highspy >= 1.15.1"
        raise SolverError(msg, status="version")


def new_solver() -> Any:
    """A solver of HiGHS."""
    make: Any = highspy.Highs
    return make()


def _first_solver() -> Any:
    """The first solver of a process, without the banner that HiGHS prints to the file descriptor of stdout.

    What other threads print meanwhile is held back and printed after.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    with tempfile.TemporaryFile() as held:
        try:
            os.dup2(held.fileno(), 1)
            return new_solver()
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            held.seek(0)
            os.write(1, b"".join(line for line in held if not line.startswith(BANNER)))


def solver_version() -> str:
    """Version of HiGHS."""
    check_version()
    return str(new_solver().version())
