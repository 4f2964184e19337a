"""Any one quantity of a pool from the others: the value at which a target is met exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.errors import UnattainableError, UnstableError
from ccopt.kpis import ServiceLevel, Target
from ccopt.queueing.checking import Floats, choice, number, numbers, refuse
from ccopt.queueing.interface import QueueModel, pool_of
from ccopt.queueing.judging import attained, bound_of, judged
from ccopt.queueing.performance import Value

RANGES = {
    "agents": (1e-6, 1e7), "load": (1e-9, 1e9), "contacts_per_hour": (1e-9, 1e12), "aht_s": (1e-6, 1e9),
    "patience_s": (1e-6, 1e12), "awt_s": (1e-6, 1e9), "redial": (1e-9, 1.0), "ring_s": (1e-6, 1e9), "lines": (1, 100_000),
    **dict.fromkeys(("retry", "accept", "reached", "silent"), (1e-9, 1.0)),
}  # fmt: skip
WHOLE = ("lines", "threshold", "concurrency")
LOCAL = ("threshold", "concurrency")  # their range depends on the pool
SCAN = 73
HALVINGS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """One unknown of one model with one target."""

    unknown: str
    model: QueueModel
    agents: ArrayLike | None
    target: Target

    def gap(self, value: NDArray[Any]) -> Floats:
        """Distance to the target, positive where it is met; -inf where there is no steady state, NaN where no number comes out.

        The second is so far from any pool that a model's integrals or chains do not settle: a scan passes over it.
        """
        try:
            return self._gap(value)
        except (UnstableError, ArithmeticError) as error:
            if value.ndim == 0:
                return np.array(-math.inf if isinstance(error, UnstableError) else math.nan)
            return np.array([self._at(i).gap(np.asarray(v)) for i, v in np.ndenumerate(value)]).reshape(value.shape)

    def _gap(self, value: NDArray[Any]) -> Floats:
        v: Any = value if value.ndim else (int(value) if self.unknown in WHOLE else float(value))
        model, agents, awt = self.model, self.agents, None
        if self.unknown == "agents":
            agents = v
        elif self.unknown == "awt_s":
            awt = v
        elif self.unknown == "load":
            handle = np.asarray(getattr(model, "aht_s", 0.0)) + np.asarray(getattr(model, "ring_s", 0.0))
            model = _with(model, "contacts_per_hour", v * 3600.0 / (handle if value.ndim else float(handle)))
        elif self.unknown == "concurrency":
            if value.ndim:
                return np.array([self._at(i).gap(np.asarray(k)) for i, k in np.ndenumerate(value)]).reshape(value.shape)
            model = _with(model, "levels", model.levels.handle_s[:v])  # type: ignore[attr-defined]
        else:
            model = _with(model, self.unknown, v)
        bound, sign = bound_of(self.target)
        found = np.asarray(attained(judged(model, cast("ArrayLike", agents), self.target, awt), self.target), dtype=float)
        return np.asarray(sign * (found - bound))

    def _at(self, index: tuple[int, ...]) -> _Question:
        """The same question for one entry of the arrays."""
        shape = self.shape()
        return replace(self, model=entry_of(self.model, index, shape), agents=_one(self.agents, index, shape))

    def shape(self) -> tuple[int, ...]:
        """Common shape of all arrays but the unknown."""
        known = [np.shape(getattr(self.model, n)) for n in _numeric(self.model) if n != self._field()]
        return np.broadcast_shapes(*known, np.shape(cast("Any", self.agents)) if self.unknown != "agents" else ())

    def _field(self) -> str:
        return "contacts_per_hour" if self.unknown == "load" else self.unknown


def _numeric(model: object) -> list[str]:
    """Fields of a model that hold numbers or arrays of numbers."""
    found = []
    for f in fields(model):  # type: ignore[arg-type]
        value = getattr(model, f.name)
        if isinstance(value, (int, float, np.ndarray, np.number, list, tuple)):
            try:
                kind = np.asarray(value).dtype.kind
            except ValueError:
                refuse(f.name, value, "must be a number or an array of numbers of one shape")
            if kind in "fiu":
                found.append(f.name)
    return found


def shape_of(model: QueueModel) -> tuple[int, ...]:
    """Common shape of the fields of a model."""
    return np.broadcast_shapes(*[np.shape(getattr(model, n)) for n in _numeric(model)])


def _one(value: Any, index: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    if value is None or isinstance(value, (str, bool)) or np.ndim(value) == 0:
        return value
    picked = np.broadcast_to(np.asarray(value), shape)[index]
    return int(picked) if np.issubdtype(picked.dtype, np.integer) else float(picked)


def entry_of(model: QueueModel, index: tuple[int, ...], shape: tuple[int, ...] | None = None) -> QueueModel:
    """The model of one entry of the arrays in its fields."""
    shape = shape_of(model) if shape is None else shape
    for name in _numeric(model):
        model = _with(model, name, _one(getattr(model, name), index, shape))
    return model


def _with(model: QueueModel, name: str, value: Any) -> QueueModel:
    return replace(model, **{name: value})  # type: ignore[type-var]


def solve_for(
    unknown: str, model: QueueModel, *, target: Target, agents: ArrayLike | None = None,
    within: tuple[float, float] | None = None,
) -> Value | NDArray[np.int64] | int:  # fmt: skip
    """Any one quantity from the rest: the value at which a target is met exactly.

    Parameters
    ----------
    unknown
        ``agents`` (real), ``load``, ``awt_s``, or the name of a field of the model: ``contacts_per_hour``, ``aht_s``,
        ``patience_s``, ``redial``, ``ring_s``, ``lines``, and for other models ``threshold`` (looked for up to twice the agents),
        ``concurrency`` (how many of the levels of a chat are used), ``retry`` and the like.
        What the model holds there is ignored.
    model
        Any model of one pool; its fields may be arrays.
    target
        One target; for ``awt_s`` the wait in it is ignored.
    agents
        Number of agents (not where they are the unknown); arrays are broadcast with the model's.
    within
        Where to look; needed for fields that have no usual range.

    Returns
    -------
    float, int or array
        For real unknowns the smallest value in the range at which the indicator equals its bound (to 1e-10, usually to
        the last digits). For whole unknowns (lines, threshold, concurrency) the last value that meets the target on the
        side where it is met.

    Raises
    ------
    UnattainableError
        The target is met, or missed, everywhere in the range; ``limit`` is the indicator closest to the bound.
    ValueError
        An unknown that the model does not have, or arguments out of range.

    Examples
    --------
    How long do customers wait before the 20 % of latest answers begin, and what load do 14 agents carry at 80/20?

    >>> from ccopt.queueing import ErlangC
    >>> m = ErlangC(contacts_per_hour=200, aht_s=180)
    >>> round(solve_for("awt_s", m, agents=13, target=ServiceLevel(0.8, 20)), 4)
    21.3072
    >>> round(solve_for("load", m, agents=14, target=ServiceLevel(0.8, 20)), 6)
    10.868491
    """
    question = _checked(unknown, model, target, agents)
    low, high = _range(question, within)
    shape = question.shape()
    if unknown in WHOLE:
        found = _whole(question, np.full(shape, math.ceil(low)), np.full(shape, math.floor(high)))
        return int(found) if found.ndim == 0 else found
    left, right, sign = _bracket(question, low, high)
    for _ in range(HALVINGS):
        middle = 0.5 * (left + right)
        if ((middle <= left) | (middle >= right)).all():
            break
        same = np.sign(question.gap(middle)) == sign
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    nearer = np.abs(question.gap(left)) <= np.abs(question.gap(right))
    found_at = np.asarray(np.where(nearer, left, right))
    return float(found_at) if found_at.ndim == 0 else found_at


def _checked(unknown: str, model: QueueModel, target: Target, agents: ArrayLike | None) -> _Question:
    pool_of(model)
    names: list[str] = [f.name for f in fields(model)]  # type: ignore[arg-type]
    more = (["load"] if {"contacts_per_hour", "aht_s"} <= set(names) else []) + (["concurrency"] if "levels" in names else [])
    choice("unknown", unknown, ["agents", "awt_s", *more, *names])
    if unknown == "agents" and agents is not None:
        msg = "agents are the unknown; leave the argument out"
        raise ValueError(msg)
    if unknown != "agents":
        if agents is None:
            msg = f"agents = None: must be given to solve for {unknown}"
            raise ValueError(msg)
        numbers("agents", agents)
    if not isinstance(target, Target):
        msg = f"target = {target!r}: must be one target such as ServiceLevel(0.8, 20)"
        raise ValueError(msg)  # noqa: TRY004  (one kind of error for wrong arguments)
    if unknown == "awt_s" and not isinstance(target, ServiceLevel):
        msg = f"target = {target!r}: only a ServiceLevel depends on awt_s"
        raise ValueError(msg)
    plain_agents = agents if agents is None or np.ndim(agents) == 0 else np.asarray(agents)
    return _Question(unknown=unknown, model=model, agents=plain_agents, target=target)


def _range(question: _Question, within: tuple[float, float] | None) -> tuple[float, float]:
    name = question.unknown
    if within is None and name not in RANGES and name not in LOCAL:
        msg = f"within = None: must be given for {name}, for example within=(1, 10)"
        raise ValueError(msg)
    if within is not None and (not isinstance(within, (tuple, list, np.ndarray)) or len(within) != 2):
        refuse("within", within, "must be two finite numbers, 0 <= low < high")
    low, high = (number("within", x) for x in within) if within is not None else _usual(question)
    if not low < high:
        refuse("within", within, "must be two finite numbers, 0 <= low < high")
    return low, high


def _usual(question: _Question) -> tuple[float, float]:
    """Where to look for an unknown: its usual range, or what the model and the agents allow."""
    name = question.unknown
    agents = 0.0 if question.agents is None else float(np.max(np.asarray(question.agents, dtype=float)))
    if name == "threshold":
        return 0.0, max(2.0 * agents, 1.0)
    if name == "concurrency":
        return 1.0, float(len(question.model.levels.handle_s))  # type: ignore[attr-defined]
    low, high = RANGES[name]
    return (max(low, agents), high) if name == "lines" else (low, high)


def _bracket(question: _Question, low: float, high: float) -> tuple[Floats, Floats, Floats]:
    """Per entry the first interval of a scan in which the gap changes its sign."""
    shape = question.shape()
    points = np.geomspace(max(low, high * 1e-18), high, SCAN)
    if low == 0.0:
        points = np.concatenate(([0.0], points))
    gaps = np.array([np.broadcast_to(question.gap(np.full(shape, p)), shape) for p in points])
    change = (np.sign(gaps[1:]) != np.sign(gaps[:-1])) & ~np.isnan(gaps[1:]) & ~np.isnan(gaps[:-1])
    if not change.any(axis=0).all():
        _refuse(question, points, gaps, change)
    first = change.argmax(axis=0)
    sign = np.take_along_axis(np.sign(gaps), first[None, ...], axis=0)[0]
    return np.asarray(points[first], dtype=float), np.asarray(points[first + 1], dtype=float), np.asarray(sign)


def _refuse(question: _Question, points: Floats, gaps: Floats, change: NDArray[np.bool_]) -> None:
    """Say that a target is met or missed everywhere, and what comes closest."""
    index = tuple(int(i) for i in np.argwhere(~change.any(axis=0))[0])
    column = gaps.reshape(len(points), -1)[:, int(np.ravel_multi_index(index, gaps.shape[1:])) if index else 0]
    bound, sign = bound_of(question.target)
    best = int(np.nanargmin(np.abs(column)))
    limit = bound + sign * float(column[best])
    where = f" (entry [{', '.join(map(str, index))}])" if index else ""
    word = "met" if column[best] >= 0.0 else "missed"
    msg = (
        f"{question.unknown}{where}: {question.target} is {word} everywhere from {points[0]:g} to {points[-1]:g}; the value "
        f"closest to the bound is {limit:.6g}, at {question.unknown} = {points[best]:g}"
    )
    raise UnattainableError(msg, limit=limit)


def _whole(question: _Question, low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """Last whole value on the side where the target is met."""
    at_low, at_high = question.gap(low), question.gap(high)
    met_low, met_high = at_low >= 0.0, at_high >= 0.0
    if (met_low == met_high).any():
        ends = np.array([low, high], dtype=float)
        _refuse(question, ends.reshape(2, -1)[:, 0], np.array([at_low, at_high]), (met_low != met_high)[None, ...])
    while (high - low > 1).any():
        middle = (low + high) // 2
        same = (question.gap(middle) >= 0.0) == met_low
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.asarray(np.where(met_low, low, high), dtype=np.int64)
