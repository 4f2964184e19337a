"""Checks of arguments: place, value, rule, remedy.

A legal value is never second-guessed: a handle time of 4 s, a patience of 3 s or an acceptable wait of 0.33 s are allowed and no
warning is given, because short automated contacts have them (`ccopt.scenario.hints` hints at such values in documents and at the
command line, where people type them). What was probably meant is said where a value is refused anyway: a
share of 80 (0.8), a time written as text or as a time span ("4:00" is 240), a handle time in seconds that was multiplied
by 60 once too often and overloads the pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
T = TypeVar("T")
PLAIN = (float, int)
LARGEST = 1e15  # beyond it no unit of a contact center makes sense, and squares stay far from overflow
SMALLEST = 1e-15
HINTS = {
    "aht_s": "give the mean handle time in seconds (4 minutes are 240)",
    "patience_s": "give the mean patience in seconds, math.inf where nobody leaves; a patience of 0 is a loss system (ErlangB)",
    "awt_s": "give the acceptable wait in seconds (a third of a minute is 20)",
    "wait_s": "give the wait in seconds",
    "ring_s": "give the ring time in seconds",
    "contacts_per_hour": "give contacts per hour (100 in half an hour are 200)",
    "load": "give erlangs: contacts_per_hour x aht_s / 3600",
    "agents": "give the number of agents, 0 or more",
}


def is_plain(*values: object) -> bool:
    """Whether all values are plain floats or ints within 0..LARGEST (what the fast path of scalar calls takes)."""
    for value in values:  # noqa: SIM110  (half the time of all() with a generator)
        if type(value) not in PLAIN or not 0.0 <= value <= LARGEST:  # type: ignore[operator]
            return False
    return True


def refuse(name: str, value: object, rule: str, remedy: str = "") -> NoReturn:
    """Raise the error for one bad value: place, value, rule, remedy.

    Raises
    ------
    ValueError
        Always.
    """
    remedy = remedy or HINTS.get(name.partition("[")[0], "")
    msg = f"{name} = {value!r}: {rule}" + (f"; {remedy}" if remedy else "")
    raise ValueError(msg)


def numbers(name: str, value: ArrayLike, *, above: float | None = None, infinite: bool = False) -> Floats:
    """An array of floats, not negative (or greater than ``above``), finite unless ``infinite``, at most 1e15.

    Raises
    ------
    ValueError
        Naming the argument, the first offending value, its index and the likely remedy.
    """
    try:
        raw = np.asarray(value)
    except ValueError:
        refuse(name, value, "must be a number or an array of numbers of one shape")
    if raw.dtype == bool or raw.dtype.kind not in "fiu":
        refuse(name, value, "must be a number", _text_hint(name, value))
    array: Floats = raw.astype(float)
    bad = np.isnan(array) | (array < 0.0 if above is None else array <= above)
    if above is not None:
        bad |= array < SMALLEST
    bad |= (array > LARGEST) & ~np.isinf(array) if infinite else array > LARGEST
    if bad.any():
        index = np.argwhere(bad)[0]
        where = f"[{', '.join(str(i) for i in index)}]" if index.size else ""
        refuse(name + where, float(array[tuple(index)]), _rule(float(array[tuple(index)]), above))
    return array


def number(name: str, value: ArrayLike, *, above: float | None = None, infinite: bool = False) -> float:
    """One number that keeps the rules of `numbers`.

    Raises
    ------
    ValueError
        Naming the argument, the value and the likely remedy.
    """
    array = numbers(name, value, above=above, infinite=infinite)
    if array.ndim:
        refuse(name, value, "must be one number")
    return float(array)


def choice(name: str, value: object, allowed: Sequence[str]) -> str:
    """One of several words.

    Raises
    ------
    ValueError
        Naming the argument, the value and the words.
    """
    if not isinstance(value, str) or value not in allowed:
        refuse(name, value, f"must be one of {list(allowed)}")
    return value


def members(name: str, value: object, kind: type[T], example: str) -> list[T]:
    """A list of things of one kind.

    Raises
    ------
    ValueError
        Naming the argument, the first entry of another kind, and what to give.
    """
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        refuse(name, value, f"must be a list such as {example}")
    try:
        listed = list(value)
    except TypeError:
        refuse(name, value, f"must be a list such as {example}")
    for i, entry in enumerate(listed):
        if not isinstance(entry, kind):
            refuse(f"{name}[{i}]", entry, f"must be a {kind.__name__}; give a list such as {example}")
    return listed


def _rule(found: float, above: float | None) -> str:
    if np.isnan(found):
        return "must be a number, not NaN"
    if np.isinf(found) and found > 0.0:
        return "must be finite"
    if found > LARGEST:
        return f"must be at most {LARGEST:g}"
    if above is None:
        return "must not be negative"
    return f"must be greater than {above:g}" if found <= above else f"must be at least {SMALLEST:g}"


def _text_hint(name: str, value: object) -> str:
    """What was probably meant by something that is no number."""
    if isinstance(value, (timedelta, np.timedelta64)) and name.endswith("_s"):
        span = value.total_seconds() if isinstance(value, timedelta) else float(value / np.timedelta64(1, "s"))
        return f"give seconds: did you mean {span:g}?"
    if isinstance(value, str):
        parts = value.split(":")
        if name.endswith("_s") and 2 <= len(parts) <= 3 and all(p.isdigit() for p in parts):
            seconds = sum(int(p) * 60**k for k, p in enumerate(reversed(parts)))
            return f"give seconds: did you mean {seconds}?"
        if value.endswith("%") and value[:-1].replace(".", "", 1).isdigit():
            return f"give a share: did you mean {float(value[:-1]) / 100.0:g}?"
        return "give the number itself, not text"
    return "give 0 where there is none" if value is None else ""


def shares(name: str, value: ArrayLike) -> Floats:
    """An array of shares between 0 and 1.

    Raises
    ------
    ValueError
        Naming the argument, the value and, for a percentage, the share that was probably meant.
    """
    array = numbers(name, value)
    if (array > 1.0).any():
        found = float(array[array > 1.0].ravel()[0])
        hint = f"did you mean {found / 100.0:g}?" if found <= 100.0 else ""
        refuse(name, found, "must be a share between 0 and 1", hint)
    return array


def whole(name: str, value: ArrayLike, *, least: int = 0) -> NDArray[np.int64]:
    """An array of whole numbers, at least ``least``.

    Raises
    ------
    ValueError
        Naming the argument and the first value that is not whole or too small.
    """
    array = numbers(name, value)
    bad = (array != np.floor(array)) | (array < least)
    if bad.any():
        refuse(name, float(array[bad].ravel()[0]), f"must be a whole number, at least {least}")
    return array.astype(np.int64)


def together(**arguments: Any) -> list[Floats]:
    """Arguments of one shape: those that have it already as they are, the others as views that cannot be written to.

    Raises
    ------
    ValueError
        Naming the arguments whose shapes do not fit together.
    """
    arrays = [np.asarray(a, dtype=float) for a in arguments.values()]
    try:
        shape = np.broadcast(*arrays).shape
    except ValueError as error:
        found = ", ".join(f"{name} {np.shape(a)}" for name, a in arguments.items())
        msg = f"shapes do not fit together: {found}; arrays must be of one shape or broadcast to one"
        raise ValueError(msg) from error
    return [a if a.shape == shape else np.broadcast_to(a, shape) for a in arrays]
