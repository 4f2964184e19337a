"""Compilation by numba where it is installed, plain Python otherwise: the same functions, the same numbers.

`compiled` marks a scalar function of numbers. The compiler is loaded with the first call, not with the import, and keeps
its work on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

HAVE_NUMBA = find_spec("numba") is not None
F = TypeVar("F", bound=Callable[..., Any])

if HAVE_NUMBA:
    import numba

    def compiled(function: F) -> F:
        """Compile a scalar function; it releases the interpreter lock."""
        return cast("F", numba.njit(function, cache=True, nogil=True, error_model="numpy"))

else:

    def compiled(function: F) -> F:
        """Keep the function as it is."""
        return function
