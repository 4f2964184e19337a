"""Derivatives of every indicator by agents, rate, handle time, patience and acceptable wait, for any smooth model."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ccopt.kpis import Basis
from ccopt.queueing.checking import number
from ccopt.queueing.interface import QueueModel, pool_of
from ccopt.queueing.performance import Performance

Floats = NDArray[np.float64]
By = Literal["agents", "load", "contacts_per_hour", "aht_s", "patience_s", "awt_s"]
POINTS = 18


def derivative(model: QueueModel, agents: float, awt_s: float = 20.0, *, by: By, basis: Basis = "offered") -> Performance:
    r"""Derivative of every indicator by one quantity.

    The model is evaluated at 18 Chebyshev points around the place, on a scale on which it is analytic with room to spare
    (:math:`\sqrt{a}` agents, never beyond the point where it ceases to be stable); the interpolant is differentiated. The
    truncation error is below 1e-11 of the scale of the indicator; what counts is the accuracy of the model (1e-13).

    Parameters
    ----------
    model
        A model with real agents; its fields are single numbers.
    agents, awt_s
        Where; a wait of 0 and 0 agents have no two sides and are refused for ``by`` themselves.
    by
        ``agents``; ``load`` (erlangs at a fixed handle time); ``contacts_per_hour``; ``aht_s``; ``patience_s``; ``awt_s``.
    basis
        Of the service level.

    Returns
    -------
    Performance
        Of derivatives, per unit of ``by``.

    Raises
    ------
    ValueError
        A quantity that the model does not have, or a place on the edge of its range.

    Examples
    --------
    What one more agent buys at 14 agents and 10 erlangs, in points of service, on the margin:

    >>> from ccopt.queueing import ErlangC
    >>> d = derivative(ErlangC(contacts_per_hour=200, aht_s=180), 14, 20, by="agents")
    >>> round(100 * d.service_level, 3)
    6.977
    """
    pool_of(model)
    allowed = ("agents", "load", "contacts_per_hour", "aht_s", "patience_s", "awt_s")
    field = "contacts_per_hour" if isinstance(by, str) and by == "load" else by
    if not isinstance(by, str) or by not in allowed or (field not in ("agents", "awt_s") and not hasattr(model, field)):
        msg = f"by = {by!r}: must be one of {[b for b in allowed if b in ('agents', 'awt_s', 'load') or hasattr(model, b)]}"
        raise ValueError(msg)
    n, awt = number("agents", agents), number("awt_s", awt_s)
    here = {"agents": n, "awt_s": awt}.get(field)
    place = float(np.asarray(getattr(model, field))) if here is None else here
    if not 0.0 < place < math.inf:
        msg = f"{field} = {place:g}: has no derivative at the end of its range; choose a place inside"
        raise ValueError(msg)
    reach = _reach(model, n, place, field)
    nodes = np.cos(math.pi * (np.arange(POINTS) + 0.5) / POINTS)
    values = place + reach * nodes
    moved: Any = model if here is not None else replace(model, **{field: values})  # type: ignore[type-var]
    p = moved.performance(values if field == "agents" else n, values if field == "awt_s" else awt, basis=basis)
    slopes = _weights(nodes) / reach
    if by == "load":
        slopes = slopes * 3600.0 / float(np.asarray(getattr(model, "aht_s", 3600.0)))
    found = {f.name: float(slopes @ np.broadcast_to(np.asarray(getattr(p, f.name), dtype=float), (POINTS,))) for f in fields(p)}
    return Performance(**found)


def _reach(model: QueueModel, agents: float, place: float, field: str) -> float:
    """Half width of the window of points."""
    load = float(np.asarray(getattr(model, "contacts_per_hour", 0.0))) * float(np.asarray(getattr(model, "aht_s", 3600.0))) / 3600.0
    spread = max(math.sqrt(max(load, agents)), 1.0)
    scale = {
        "agents": 0.5 * spread, "contacts_per_hour": 0.5 * place * spread / max(load, 1e-300),
        "aht_s": 0.5 * place * spread / max(load, 1e-300), "patience_s": 0.2 * place, "awt_s": 0.2 * place,
    }[field]  # fmt: skip
    limits = [scale, 0.2 * place]
    leaves = bool(np.isfinite(np.asarray(getattr(model, "patience_s", math.inf), dtype=float)).all())
    if not leaves and getattr(model, "patience", None) is None and 0.0 < load < agents and field != "awt_s":
        room = (agents - load) / (1.0 if field == "agents" else load / place)
        limits.append(0.3 * room)  # the pole of the waits
    if field == "awt_s":
        handle = float(np.asarray(getattr(model, "aht_s", math.inf)))
        limits.append(2.0 * handle / max(abs(agents - load), spread))
    return min(limits)


def _weights(nodes: Floats) -> Floats:
    """Weights of the derivative at 0 of the polynomial through Chebyshev points."""
    k = np.arange(nodes.size)
    barycentric = (-1.0) ** k * np.sin(math.pi * (k + 0.5) / nodes.size)
    # derivative at x = 0 (not a node): p'(0) = sum_j f_j l_j'(0), with l_j(x) = w_j / (x - x_j) / sum_i w_i / (x - x_i)
    inverse = barycentric / -nodes
    total = inverse.sum()
    basis = inverse / total
    squares = barycentric / nodes**2
    return np.asarray(-squares / total + basis * squares.sum() / total)
