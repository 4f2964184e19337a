"""Inverse questions on one pool: agents for targets, the binding target, the largest load, the gain of merging."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.errors import UnattainableError, UnstableError
from ccopt.kpis import MaxBlocking, MaxOccupancy, MaxResponse, Target
from ccopt.queueing.batch import HOUR, Codes, encode, fewest_agents_rows, most_loads, slack
from ccopt.queueing.checking import Floats, numbers, refuse, together
from ccopt.queueing.erlang import ErlangB, ErlangC, flat
from ccopt.queueing.erlang_a import ErlangA
from ccopt.queueing.interface import QueueModel, pool_of
from ccopt.queueing.search import meeting, required_by_search
from ccopt.queueing.target_lists import target_list

Ints = NDArray[np.int64]
MOST_AGENTS = 1e7


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Agents that meet a set of targets, and the target that asks for the last of them.

    ``binding`` is None where the load is zero or only stability asks for the agents; where one agent less would miss
    several targets it is the one that needs the most (in real agents).
    """

    agents: int
    binding: Target | None
    load: float


def pools_of(models: Sequence[ErlangA | ErlangC]) -> list[ErlangA | ErlangC]:
    """Plain pools as a list, at least one.

    Raises
    ------
    ValueError
        No pools, something else, or pools with lines or redials (what is merged of them is not said by the pools alone).
    """
    if isinstance(models, (str, bytes, Mapping)) or not isinstance(models, Iterable):
        refuse("models", models, "must be a list of ErlangC or ErlangA")
    try:
        listed = list(models)
    except TypeError:
        refuse("models", models, "must be a list of ErlangC or ErlangA")
    if not listed:
        msg = "models: at least one pool is needed"
        raise ValueError(msg)
    for i, m in enumerate(listed):
        if not _is_plain_queue(m):
            refuse(f"models[{i}]", m, "must be ErlangC, or ErlangA without lines and redials")
    return listed


def required_agents(model: QueueModel, targets: Sequence[Target]) -> int | Ints:
    """Fewest whole agents that meet every target.

    The search goes below the load where customers leave.

    Parameters
    ----------
    model
        ErlangB, ErlangC, ErlangA or any other model of one pool whose service does not fall with more agents; arrays in
        its fields give an array of agents.
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

    >>> from ccopt.kpis import MaxOccupancy, ServiceLevel
    >>> m = ErlangC(contacts_per_hour=200, aht_s=180)
    >>> required_agents(m, [ServiceLevel(0.8, 20), MaxOccupancy(0.85)])
    14
    """
    pool_of(model)
    listed = target_list(targets, least=1)
    if not _is_plain_queue(model):
        _refuse_waits(model, listed)
        return required_by_search(model, listed, int(MOST_AGENTS))
    rate, aht, patience = _fields(model)
    found = np.empty(rate.shape)
    for codes, here in _codes(listed, aht):
        r, h, p = flat(rate[here], aht[here], patience[here])
        found[here] = fewest_agents_rows(r, h, p, MOST_AGENTS, codes.kind, codes.bound, codes.awt_s, codes.basis)
    if (found < 0).any():
        i = tuple(int(k) for k in np.argwhere(found < 0)[0])
        msg = f"targets {listed}: more than {MOST_AGENTS:g} agents would be needed for a load of "
        raise UnattainableError(msg + f"{rate[i] * aht[i] / HOUR:g} erlangs", limit=MOST_AGENTS)
    whole = np.round(found).astype(np.int64)
    return int(whole) if whole.ndim == 0 else whole


def _is_plain_queue(model: object) -> bool:
    """Erlang C, or Erlang A without lines and redials: the compiled search knows them."""
    return isinstance(model, ErlangC) or (
        isinstance(model, ErlangA) and model.lines is None and not np.any(np.asarray(model.redial))
    )


def _fields(model: QueueModel) -> tuple[Floats, Floats, Floats]:
    """Rate per hour, handle time with ring time, patience (infinite: nobody leaves), of one shape."""
    leaves = isinstance(model, ErlangA)
    rate, aht, patience, ring = together(
        contacts_per_hour=numbers("contacts_per_hour", getattr(model, "contacts_per_hour", None)),  # type: ignore[arg-type]
        aht_s=numbers("aht_s", getattr(model, "aht_s", None), above=0.0),  # type: ignore[arg-type]
        patience_s=numbers("patience_s", model.patience_s if leaves else math.inf, above=0.0, infinite=True),  # type: ignore[attr-defined]
        ring_s=numbers("ring_s", model.ring_s if leaves else 0.0),  # type: ignore[attr-defined]
    )
    return rate, aht + ring, patience


def _codes(targets: Sequence[Target], aht: Floats) -> list[tuple[Codes, NDArray[np.bool_]]]:
    """Targets as numbers, with the entries they are for: a response time depends on the handle time."""
    everywhere = np.ones(aht.shape, dtype=bool)
    if aht.size == 0:
        return []
    if not any(isinstance(t, MaxResponse) for t in targets):
        return [(encode(targets, 0.0), everywhere)]
    return [(encode(targets, float(h)), np.asarray(aht == h)) for h in np.unique(aht)]


def _refuse_waits(model: QueueModel, targets: Sequence[Target]) -> None:
    for target in targets:
        if isinstance(model, ErlangB) and not isinstance(target, (MaxBlocking, MaxOccupancy)):
            msg = f"targets: {target} has no meaning in a loss system; use MaxBlocking or MaxOccupancy"
            raise ValueError(msg)  # noqa: TRY004  (one kind of error for wrong arguments)


def binding_target(model: QueueModel, targets: Sequence[Target]) -> Requirement:
    """Agents of one pool and the target that asks for the last of them.

    Raises
    ------
    UnattainableError, ValueError
        As `required_agents`; arrays in the model are refused.

    Examples
    --------
    >>> from ccopt.kpis import MaxOccupancy, ServiceLevel
    >>> m = ErlangC(contacts_per_hour=200, aht_s=180)
    >>> binding_target(m, [ServiceLevel(0.8, 20), MaxOccupancy(0.7)]).binding
    MaxOccupancy(at_most=0.7)
    """
    pool_of(model)
    listed = target_list(targets, least=1)
    found = required_agents(model, listed)
    if not isinstance(found, int):
        msg = f"model: has arrays of shape {found.shape}; the binding target is found for one pool at a time"
        raise ValueError(msg)  # noqa: TRY004  (one kind of error for wrong arguments)
    load = float(np.asarray(model.performance(max(found, 1), 0.0).load)) if found else 0.0
    missed = [t for t in listed if found > 0 and _missed(model, found - 1, t)]
    if len(missed) > 1 and _is_plain_queue(model):
        missed.sort(key=lambda t: _real_agents(model, t, found), reverse=True)
    return Requirement(agents=found, binding=missed[0] if missed else None, load=load)


def _missed(model: QueueModel, agents: int, target: Target) -> bool:
    """Whether so few agents have a steady state and miss the target (without one, stability binds)."""
    if agents == 0 and not isinstance(model, ErlangA):
        return True
    try:
        return not bool(meeting(model, np.array(agents), target))
    except (UnstableError, ValueError):
        return False


def _real_agents(model: QueueModel, target: Target, most: int) -> float:
    """Real number of agents, just below ``most`` at the most, at which a target is met."""
    rate, aht, patience = (float(x) for x in _fields(model))
    c = encode([target], aht)
    low, high = most - 1.0, float(most)
    for _ in range(50):
        middle = 0.5 * (low + high)
        kept = slack(rate, aht, patience, middle, HOUR, c.kind, c.bound, c.awt_s, c.basis)[0] >= 0.0
        low, high = (low, middle) if kept else (middle, high)
    return high


def largest_loads(
    agents: ArrayLike, *, aht_s: ArrayLike, targets: Sequence[Target], patience_s: ArrayLike | None = None
) -> Floats:
    """Most erlangs that each number of agents carries with all targets met; without targets load = agents.

    The result is rounded down: at it the targets hold as computed. 0 where no load meets them. All arguments are
    broadcast; the result has at least one dimension.

    Examples
    --------
    >>> from ccopt.kpis import ServiceLevel
    >>> largest_loads([14], aht_s=180, targets=[ServiceLevel(0.8, 20)]).round(6)
    array([10.868491])
    """
    n, aht, patience = together(
        agents=np.atleast_1d(numbers("agents", agents)), aht_s=numbers("aht_s", aht_s, above=0.0),
        patience_s=numbers("patience_s", math.inf if patience_s is None else patience_s, above=0.0, infinite=True),
    )  # fmt: skip
    listed = target_list(targets)
    out = np.empty(n.shape)
    for c, here in _codes(listed, aht):
        k, h, p = flat(n[here], aht[here], patience[here])
        out[here] = most_loads(k, h, p, c.kind, c.bound, c.awt_s, c.basis)
    return out


def largest_load(
    agents: ArrayLike, aht_s: ArrayLike, *, targets: Sequence[Target], patience_s: ArrayLike | None = None
) -> float | Floats:
    """Largest load in erlangs that the agents carry with all targets met (inverse of `required_agents`).

    Parameters
    ----------
    agents
        Agents, real numbers and arrays allowed.
    aht_s, patience_s
        Mean handle time and patience (None: nobody leaves) in seconds; arrays are broadcast.
    targets
        All must hold; without any the load may equal the agents.

    Examples
    --------
    >>> from ccopt.kpis import ServiceLevel
    >>> round(largest_load(agents=14, aht_s=180, targets=[ServiceLevel(0.8, 20)]), 6)
    10.868491
    """
    found = largest_loads(agents, aht_s=aht_s, targets=targets, patience_s=patience_s)
    scalar = np.ndim(agents) == 0 and np.ndim(aht_s) == 0 and (patience_s is None or np.ndim(patience_s) == 0)
    return float(found[0]) if scalar else found


def merge_gain(models: Sequence[ErlangA | ErlangC], targets: Sequence[Target]) -> int:
    """Agents saved when pools become one pool with the rate-weighted mean handle time.

    Patience of the merged pool is the rate-weighted harmonic mean (leaving rates average). The gain can be negative
    where handle times are very unlike: that is a finding, not an error.

    Raises
    ------
    ValueError
        No pools, or pools with lines or redials (what is merged of them is not said by the pools alone).

    Examples
    --------
    Ten pools of 10 erlangs at 80/20: 140 agents apart, 107 together.

    >>> from ccopt.kpis import ServiceLevel
    >>> merge_gain([ErlangC(contacts_per_hour=200, aht_s=180)] * 10, [ServiceLevel(0.8, 20)])
    33
    """
    models = pools_of(models)
    apart = sum(int(required_agents(m, targets)) for m in models)
    parts = [[float(x) for x in _fields(m)] for m in models]
    rates = np.array([p[0] for p in parts])
    total = float(rates.sum())
    if total == 0.0:
        return apart
    aht = float(rates @ [p[1] for p in parts]) / total
    theta = float(rates @ [1.0 / p[2] for p in parts]) / total
    merged: ErlangA | ErlangC
    if theta > 0.0:
        merged = ErlangA(contacts_per_hour=total, aht_s=aht, patience_s=1.0 / theta)
    else:
        merged = ErlangC(contacts_per_hour=total, aht_s=aht)
    return apart - int(required_agents(merged, targets))
