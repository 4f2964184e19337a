"""Compilation by numba where it is installed, plain Python otherwise: the same functions, the same numbers to 2e-13.

`compiled` marks a function of numbers and arrays. The compiler is imported with the first call, not with the import of this
package, and keeps its work on disk. ``CCOPT_NUMBA=0`` in the environment (or numba's own ``NUMBA_DISABLE_JIT=1``) turns it off;
the loops over arrays are then done by ``vector``.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

HAVE_NUMBA = (
    find_spec("numba") is not None
    and os.environ.get("CCOPT_NUMBA", "1") != "0"
    and os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")
)
F = TypeVar("F", bound=Callable[..., Any])


class Compiled:
    """A function that is compiled at its first call, also when another compiled function calls it."""

    def __init__(self, function: Callable[..., Any], *, contract: bool = False) -> None:
        self._dispatcher: Any = None
        self._contract = contract
        self._function = function
        functools.update_wrapper(self, function)

    def dispatcher(self) -> Any:
        """Numba's dispatcher of the function; releases the interpreter lock, divides as numpy does."""
        if self._dispatcher is None:
            numba = _compiler()
            self._dispatcher = numba.njit(
                self._function, cache=True, nogil=True, error_model="numpy",
                fastmath={"contract"} if self._contract else False,
            )  # fmt: skip
        return self._dispatcher

    def __call__(self, *arguments: Any) -> Any:
        """Call the compiled function."""
        return (self._dispatcher or self.dispatcher())(*arguments)


@functools.cache
def _compiler() -> Any:
    """The compiler, told that a `Compiled` among the globals of a function stands for its dispatcher."""
    import numba
    from numba.extending import typeof_impl

    @typeof_impl.register(Compiled)
    def _(value: Compiled, _context: Any) -> Any:
        return numba.types.Dispatcher(value.dispatcher())

    return numba


def compiled(function: F) -> F:
    """Compile a function with numba at its first call; without numba keep it as it is."""
    return cast("F", Compiled(function)) if HAVE_NUMBA else function


def polynomial(function: F) -> F:
    """`compiled`, with products and sums contracted to one rounding: for sums of terms, never for exact differences."""
    return cast("F", Compiled(function, contract=True)) if HAVE_NUMBA else function
