"""What compiled walks over many arrays share: arrays without counted references, and functions compiled into their callers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import cgutils, types
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
COMPILES = not getattr(numba.config, "DISABLE_JIT", 0)  # what walks on borrowed arrays cannot run as plain Python


def compiled(function: F) -> F:
    """Compile on first use; kept on disk, releases the interpreter lock."""
    return cast("F", numba.njit(function, cache=True, nogil=True))


def is_ready(function: Callable[..., Any]) -> bool:
    """Whether a compiled function is in memory or on disk, so that calling it takes no time to compile."""
    kernel = cast("Any", function)
    return bool(kernel.signatures) or any(Path(kernel.stats.cache_path).glob(f"*.{kernel.__name__}-*.nbi"))


def inlined(function: F) -> F:
    """Compile into its callers: small steps of the walk, which get all of the state as their arguments."""
    return cast("F", numba.njit(function, cache=True, nogil=True, forceinline=True))


def _without_owners(_typing: Any, rows: Any) -> Any:
    """Body of `borrowed`: the arrays of a named tuple, their owners set to null."""
    null: Callable[..., Any] = cgutils.get_null_value

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        (found,) = values
        for i, kind in enumerate(signature.return_type.types):
            if isinstance(kind, types.Array):
                view = context.make_array(kind)(context, builder, builder.extract_value(found, i))
                view.meminfo = null(view.meminfo.type)
                view.parent = null(view.parent.type)
                found = builder.insert_value(found, view._getvalue(), i)  # noqa: SLF001
        return found

    return rows(rows), build


borrowed = cast("Callable[[T], T]", intrinsic(_without_owners))
"""The same named tuple with arrays that nobody counts references to (in compiled code only).

Counting costs more than the walk itself, and the compiler removes it where it sees that there is no owner. Whoever
borrows keeps the tuple itself alive.
"""
