"""What the models of this folder share: one row per pool, and the arrays of `Performance` made of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.kpis import Basis
from ccopt.queueing.checking import numbers
from ccopt.queueing.performance import Performance, Value
from ccopt.queueing.shares import service_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Indicators of one pool: shares of offered contacts, waits in seconds per offered contact.

    ``served_wait_s`` is the wait of answered, ``mean_wait_s`` of all contacts, both per offered one; ``busy`` the mean
    number of agents at work, whatever they work on.
    """

    wait: float
    in_time: float
    abandonment: float
    early: float
    virtual: float
    served_wait_s: float
    mean_wait_s: float
    blocking: float
    load: float
    busy: float
    queue_length: float


def idle_row() -> Row:
    """No contacts: everybody who came would be answered at once."""
    return Row(
        wait=0.0, in_time=1.0, abandonment=0.0, early=0.0, virtual=1.0, served_wait_s=0.0, mean_wait_s=0.0,
        blocking=0.0, load=0.0, busy=0.0, queue_length=0.0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """How a field is checked: lower limit, whether it may be infinite, whether it is a share (``why_not_one``: and why not 1) or whole."""

    above: float | None = None
    infinite: bool = False
    share: bool = False
    whole: bool = False
    why_not_one: str = ""


RATE, TIME, LONG, SHARE, WHOLE = Rule(), Rule(above=0.0), Rule(above=0.0, infinite=True), Rule(share=True), Rule(whole=True)


def checked(name: str, value: ArrayLike, rule: Rule) -> Floats:
    """Numbers that keep a rule.

    Raises
    ------
    ValueError
        Naming the argument, the value and the rule.
    """
    array = numbers(name, value, above=rule.above, infinite=rule.infinite)
    if rule.share and (array > 1.0).any():
        worst = float(array.max())
        hint = f"; did you mean {worst / 100:g}?" if worst <= 100.0 else ""
        msg = f"{name} = {worst:g}: must be a share between 0 and 1{hint}"
        raise ValueError(msg)
    if rule.why_not_one and (array == 1.0).any():
        msg = f"{name} = 1: must be less than 1: {rule.why_not_one}"
        raise ValueError(msg)
    if rule.whole and (array != np.round(array)).any():
        msg = f"{name} = {float(array[array != np.round(array)].ravel()[0]):g}: must be a whole number"
        raise ValueError(msg)
    return array


class PoolModel:
    """Interface of `ccopt.queueing.QueueModel` on top of one function that computes a row."""

    __slots__ = ()
    rules: ClassVar[Mapping[str, Rule]]
    whole_agents: ClassVar[bool] = False

    def row(self, agents: float, awt_s: float, values: Mapping[str, float]) -> Row:
        """One pool; ``values`` are the numeric fields."""
        raise NotImplementedError

    def _rows(self, agents: ArrayLike, awt_s: ArrayLike, name: str) -> tuple[NDArray[Any], tuple[int, ...]]:
        return self._each(agents, awt_s, name, self.row)

    def _each(
        self, agents: ArrayLike, awt_s: ArrayLike, name: str, function: Callable[[float, float, Mapping[str, float]], object]
    ) -> tuple[NDArray[Any], tuple[int, ...]]:
        """A function of agents, wait and fields for every pool of the arrays, and their shape."""
        given = {key: checked(key, getattr(self, key), rule) for key, rule in self.rules.items()}
        given["agents"] = checked("agents", agents, WHOLE if self.whole_agents else RATE)
        given[name] = checked(name, awt_s, RATE)
        try:
            spread = np.broadcast_arrays(*given.values())
        except ValueError as error:
            shapes = ", ".join(f"{key} {np.shape(v)}" for key, v in given.items())
            msg = f"shapes do not fit together: {shapes}; arrays must be of one shape or broadcast to one"
            raise ValueError(msg) from error
        shape = spread[0].shape
        rows = np.empty(shape, dtype=object)
        for index in np.ndindex(shape):
            values = {key: float(v[index]) for key, v in zip(given, spread, strict=True)}
            n, awt = values.pop("agents"), values.pop(name)
            rows[index] = function(n, awt, values)
        given["agents"] = spread[list(given).index("agents")]
        return rows, shape

    def performance(self, agents: ArrayLike, awt_s: ArrayLike = 20.0, *, basis: Basis = "offered") -> Performance:
        """Indicators with this many agents; all numeric fields and arguments may be arrays and are broadcast.

        Raises
        ------
        ValueError
            Values out of range, or shapes that do not fit.
        UnstableError
            More load than agents and nobody leaves.
        """
        rows, shape = self._rows(agents, awt_s, "awt_s")
        n = np.broadcast_to(np.asarray(agents, dtype=float), shape)
        return assembled(rows, n, basis)

    def wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """Share of offered contacts whose offered wait (of a customer who never leaves) is longer than ``wait_s``."""
        rows, _ = self._rows(agents, wait_s, "wait_s")
        return plain(picked(rows, lambda r: max(1.0 - r.virtual - r.blocking, 0.0)))


def picked(rows: NDArray[Any], value: Callable[[Row], float]) -> Floats:
    """One number of every row."""
    return np.array([value(r) for r in rows.ravel()], dtype=float).reshape(rows.shape)


def plain(array: Floats) -> Value:
    """A float where the array has no dimension."""
    return float(array) if array.ndim == 0 else array


def assembled(rows: NDArray[Any], agents: Floats, basis: Basis) -> Performance:
    """The record of many rows."""
    a = {f.name: picked(rows, lambda r, name=f.name: float(getattr(r, name))) for f in fields(Row)}  # type: ignore[misc]
    served = 1.0 - a["abandonment"] - a["blocking"]
    service = service_of(basis, a["in_time"], a["abandonment"], a["early"], a["virtual"])
    return Performance(
        delay_probability=plain(a["wait"]), service_level=plain(service),
        asa_s=plain(np.divide(a["served_wait_s"], served, out=np.zeros_like(served), where=served > 1e-300)),
        mean_wait_s=plain(a["mean_wait_s"]), abandonment=plain(a["abandonment"]), blocking=plain(a["blocking"]),
        occupancy=plain(np.divide(a["busy"], agents, out=np.zeros_like(served), where=agents > 0.0)),
        queue_length=plain(a["queue_length"]), load=plain(a["load"]),
    )  # fmt: skip
