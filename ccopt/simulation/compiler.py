"""Compilation of the event kernel by numba: kept on disk, releases the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile on first use."""
    return cast("F", numba.njit(function, cache=True, nogil=True))
