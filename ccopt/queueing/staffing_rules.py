"""Inverse questions on one pool: agents for targets, the binding target, the largest load, the gain of merging."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.errors import UnattainableError
from ccopt.kpis import MaxAbandonment, MaxAsa, MaxBlocking, MaxOccupancy, ServiceLevel, Target
from ccopt.queueing.batch import Codes, encode, fewest_agents_rows, most_loads, slack
from ccopt.queueing.checking import numbers
from ccopt.queueing.erlang import ErlangA, ErlangB, ErlangC
from ccopt.queueing.kernel import erlang_b_value

Ints = NDArray[np.int64]
Model = ErlangA | ErlangB | ErlangC
MOST_AGENTS = 1e7


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Agents that meet a set of targets, and the target that one agent less would miss first.

    ``binding`` is None where the load is zero or only stability asks for the agents.
    """

    agents: int
    binding: Target | None
    load: float


def _codes(targets: Sequence[Target], aht_s: float) -> Codes:
    for target in targets:
        _refuse_impossible(target)
    return encode(targets, aht_s)


def _refuse_impossible(target: Target) -> None:
    """Targets that no number of agents meets when there is any load."""
    if isinstance(target, ServiceLevel) and target.at_least >= 1.0:
        msg = (
            "service level = 1.0: some contacts always wait or leave, so no number of agents attains it; "
            "shares below 1 such as 0.99 can be met"
        )
        raise UnattainableError(msg, limit=1.0)
    if isinstance(target, MaxAsa) and target.at_most_s == 0.0:
        msg = "ASA = 0 s: some contacts always wait, so no number of agents attains it; small values above 0 can be met"
        raise UnattainableError(msg, limit=0.0)
    if isinstance(target, (MaxAbandonment, MaxBlocking, MaxOccupancy)) and target.at_most == 0.0:
        msg = f"{target}: no number of agents brings it to exactly 0; small positive values can be met"
        raise UnattainableError(msg, limit=0.0)


def required_agents(model: Model, targets: Sequence[Target]) -> int | Ints:
    """Fewest whole agents that meet every target.

    The search goes below the load where customers leave. With ``ErlangB`` the targets are blocking and occupancy.

    Parameters
    ----------
    model
        ErlangB, ErlangC or ErlangA; arrays of rates and times give an array of agents.
    targets
        At least one target; all must hold.

    Raises
    ------
    UnattainableError
        A target that no number of agents meets; ``limit`` is what can be reached.
    ValueError
        No targets, or values out of range.

    Examples
    --------
    Case of the R package ErlangC and of pyworkforce: 80 % in 20 s, occupancy at most 85 %.

    >>> from ccopt.kpis import MaxOccupancy
    >>> m = ErlangC(contacts_per_hour=200, aht_s=180)
    >>> required_agents(m, [ServiceLevel(0.8, 20), MaxOccupancy(0.85)])
    14
    """
    if not targets:
        msg = "targets: at least one target is needed"
        raise ValueError(msg)
    if isinstance(model, ErlangB):
        return _lines(model, targets)
    patience: ArrayLike = math.inf
    if isinstance(model, ErlangA):
        if model.lines is not None or model.redial:
            return _by_search(model, targets)
        patience = model.patience_s
    rate, aht, patient = np.broadcast_arrays(
        numbers("contacts_per_hour", model.contacts_per_hour),
        np.asarray(numbers("aht_s", model.aht_s, above=0.0)) + (model.ring_s if isinstance(model, ErlangA) else 0.0),
        numbers("patience_s", patience, above=0.0, infinite=True),
    )
    codes = _codes(targets, float(aht.ravel()[0]) if aht.size else 0.0)
    per_s, handle, stay = (np.ascontiguousarray(x, dtype=float).ravel() for x in (rate / 3600.0, aht, patient))
    found = fewest_agents_rows(per_s, handle, stay, MOST_AGENTS, codes.kind, codes.bound, codes.awt_s, codes.basis)
    if (found < 0).any():
        i = int(np.flatnonzero(found < 0)[0])
        msg = f"targets {list(targets)}: more than {MOST_AGENTS:g} agents would be needed for a load of "
        raise UnattainableError(msg + f"{per_s[i] * handle[i]:g} erlangs", limit=None)
    whole = np.round(found).astype(np.int64).reshape(rate.shape)
    return int(whole) if whole.ndim == 0 else whole


def _lines(model: ErlangB, targets: Sequence[Target]) -> int | Ints:
    load = np.asarray(numbers("contacts_per_hour", model.contacts_per_hour)) * numbers("aht_s", model.aht_s, above=0.0)
    for target in targets:
        _refuse_impossible(target)
        if not isinstance(target, (MaxBlocking, MaxOccupancy)):
            msg = f"targets: {target} has no meaning in a loss system; use MaxBlocking or MaxOccupancy"
            raise ValueError(msg)  # noqa: TRY004  (a value of the wrong kind of model, not a programming error)

    def fewest(a: float) -> int:
        def misses(n: int) -> bool:
            blocking = erlang_b_value(float(n), a)
            carried = a * (1.0 - blocking) / n if n else 1.0
            return any(
                (blocking if isinstance(t, MaxBlocking) else carried) > t.at_most
                for t in targets
                if isinstance(t, (MaxBlocking, MaxOccupancy))
            )

        if a == 0.0:
            return 0
        low, high = 0, 1
        while misses(high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if misses(middle) else (low, middle)
        return high

    whole = np.vectorize(fewest, otypes=[np.int64])(np.asarray(load) / 3600.0)
    return int(whole) if whole.ndim == 0 else np.asarray(whole)


def _by_search(model: ErlangA, targets: Sequence[Target]) -> int:
    """One pool with finite lines or redials: every question goes to the model itself."""
    if any(np.ndim(x) for x in (model.contacts_per_hour, model.aht_s, model.patience_s)):
        msg = "model: with lines or redials the search takes one pool at a time, not arrays"
        raise ValueError(msg)
    for target in targets:
        _refuse_impossible(target)
    most = model.lines if model.lines is not None else int(MOST_AGENTS)
    low, high = 0, 1
    while not _meets(model, high, targets):
        if high >= most:
            msg = f"targets {list(targets)}: not met even with as many agents as lines ({most})"
            raise UnattainableError(msg, limit=most)
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _meets(model, middle, targets) else (middle, high)
    return high


def _meets(model: ErlangA, agents: int, targets: Sequence[Target]) -> bool:
    for t in targets:
        awt = t.awt_s if isinstance(t, ServiceLevel) else 0.0
        p = model.performance(agents, awt, basis=t.basis if isinstance(t, ServiceLevel) else "offered")
        if isinstance(t, ServiceLevel):
            kept = p.service_level >= t.at_least
        elif isinstance(t, MaxAsa):
            kept = p.asa_s <= t.at_most_s
        elif isinstance(t, MaxAbandonment):
            kept = p.abandonment <= t.at_most
        elif isinstance(t, MaxOccupancy):
            kept = p.occupancy <= t.at_most
        else:
            kept = isinstance(t, MaxBlocking) and p.blocking <= t.at_most
        if not kept:
            return False
    return True


def binding_target(model: ErlangA | ErlangC, targets: Sequence[Target]) -> Requirement:
    """Agents of one pool and the target that one agent less would miss first.

    Examples
    --------
    >>> from ccopt.kpis import MaxOccupancy
    >>> m = ErlangC(contacts_per_hour=200, aht_s=180)
    >>> binding_target(m, [ServiceLevel(0.8, 20), MaxOccupancy(0.7)]).binding
    MaxOccupancy(at_most=0.7)
    """
    agents = int(required_agents(model, targets))
    rate, aht = float(np.asarray(model.contacts_per_hour)) / 3600.0, float(np.asarray(model.aht_s))
    patience = float(np.asarray(model.patience_s)) if isinstance(model, ErlangA) else math.inf
    missed: Target | None = None
    worst = 0.0
    for target in targets:
        c = encode([target], aht)
        gap = slack(rate, aht, patience, agents - 1.0, c.kind, c.bound, c.awt_s, c.basis)[0] if c.kind.size else 0.0
        if -math.inf < gap < worst:
            worst, missed = gap, target
    return Requirement(agents=agents, binding=missed, load=rate * aht)


def largest_loads(
    agents: ArrayLike, *, aht_s: float, targets: Sequence[Target], patience_s: float | None = None
) -> NDArray[np.float64]:
    """Most erlangs that each number of agents carries with all targets met; without targets load = agents.

    The result is rounded down: at it the targets hold as computed. 0 where no load meets them.

    Examples
    --------
    >>> largest_loads([14], aht_s=180, targets=[ServiceLevel(0.8, 20)]).round(6)
    array([10.868491])
    """
    n = np.atleast_1d(numbers("agents", agents)).astype(float)
    aht = float(numbers("aht_s", aht_s, above=0.0))
    patience = math.inf if patience_s is None else float(numbers("patience_s", patience_s, above=0.0, infinite=True))
    c = _codes(targets, aht)
    return np.asarray(
        most_loads(np.ascontiguousarray(n.ravel()), aht, patience, c.kind, c.bound, c.awt_s, c.basis)
    ).reshape(n.shape)


def largest_load(
    agents: ArrayLike, aht_s: float, *, targets: Sequence[Target], patience_s: float | None = None
) -> float | NDArray[np.float64]:
    """Largest load in erlangs that the agents carry with all targets met (inverse of `required_agents`).

    Parameters
    ----------
    agents
        Agents, real numbers and arrays allowed.
    aht_s, patience_s
        Mean handle time and patience (None: nobody leaves) in seconds.
    targets
        All must hold; without any the load may equal the agents.

    Examples
    --------
    >>> round(largest_load(agents=14, aht_s=180, targets=[ServiceLevel(0.8, 20)]), 6)
    10.868491
    """
    found = largest_loads(agents, aht_s=aht_s, targets=targets, patience_s=patience_s)
    return float(found[0]) if np.ndim(agents) == 0 else found


def merge_gain(models: Sequence[ErlangA | ErlangC], targets: Sequence[Target]) -> int:
    """Agents saved when pools become one pool with the rate-weighted mean handle time.

    Patience of the merged pool is the rate-weighted harmonic mean (leaving rates average). The gain can be negative
    where handle times are very unlike: that is a finding, not an error.

    Examples
    --------
    Ten pools of 10 erlangs at 80/20: 140 agents apart, 107 together.

    >>> merge_gain([ErlangC(contacts_per_hour=200, aht_s=180)] * 10, [ServiceLevel(0.8, 20)])
    33
    """
    if not models:
        msg = "models: at least one pool is needed"
        raise ValueError(msg)
    apart = sum(int(required_agents(m, targets)) for m in models)
    rates = np.array([float(np.asarray(m.contacts_per_hour)) for m in models])
    total = float(rates.sum())
    if total == 0.0:
        return apart
    aht = float(rates @ [float(np.asarray(m.aht_s)) for m in models]) / total
    leaving = [1.0 / float(np.asarray(m.patience_s)) if isinstance(m, ErlangA) else 0.0 for m in models]
    theta = float(rates @ leaving) / total
    merged: ErlangA | ErlangC
    if theta > 0.0:
        merged = ErlangA(contacts_per_hour=total, aht_s=aht, patience_s=1.0 / theta)
    else:
        merged = ErlangC(contacts_per_hour=total, aht_s=aht)
    return apart - int(required_agents(merged, targets))
