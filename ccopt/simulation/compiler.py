"""Compilation of the event kernel by numba; plain Python where numba is missing (slow, same numbers)."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

if find_spec("numba") is not None:
    import numba

    def compiled(function: F) -> F:
        """Compile; the result is kept on disk and releases the interpreter lock."""
        return cast("F", numba.njit(function, cache=True, nogil=True))

else:

    def compiled(function: F) -> F:
        """Keep the function as it is."""
        return function
