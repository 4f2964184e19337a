"""The network that the kernel runs: numbers only, for one steady period.

Calls of a *class* (region and contact type) choose a *plan* at random by the shares; a plan is a list of groups by
rank. A call goes to the first group of its plan with an idle agent, else it waits in the plan's queue, from which every
group of the plan may take it. One group per plan is the fixed split, several are overflow or one virtual queue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Sizes: C classes, P plans, G groups, K contact types. Times in seconds, rates per second.

    Attributes
    ----------
    rate
        (C,) arrivals from outside.
    kind
        (C,) contact type of a class.
    plan_start, plan_class_share
        Plans of class c are ``plan_start[c] .. plan_start[c + 1]``; cumulative shares (P,), 1 at the last of a class.
    plan_groups
        (P, R) groups of a plan by rank, -1 beyond its end.
    agents
        (G,) agents present.
    handle_s
        (G, K) mean handle time.
    patience_s, priority
        (K,) mean patience (inf: never leaves) and priority (smaller first).
    next_class, next_share
        (C, J) classes that an answered contact may become, -1 beyond the end, with cumulative probabilities.
    awt_s
        (K,) acceptable wait that in-time counts use.
    """

    rate: Floats
    kind: Ints
    plan_start: Ints
    plan_class_share: Floats
    plan_groups: Ints
    agents: Ints
    handle_s: Floats
    patience_s: Floats
    priority: Ints
    next_class: Ints
    next_share: Floats
    awt_s: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Random numbers of all calls from outside, drawn before anything happens; (N,) or (N, D) for D generations.

    A call that escalates keeps its row and moves to the next generation, so that service and patience belong to the
    call and not to the agent, the start time or the design.
    """

    time: Floats
    origin: Ints
    service: Floats
    patience: Floats
    route: Floats
    onward: Floats


def draw_bank(rate: Floats, horizon_s: float, generations: int, rng: np.random.Generator) -> Bank:
    """Poisson arrivals of all classes until the horizon, with unit exponential service and patience."""
    total = float(rate.sum())
    n = int(rng.poisson(total * horizon_s)) if total > 0.0 else 0
    time = np.sort(rng.random(n) * horizon_s)
    edges = np.cumsum(rate) / total if total > 0.0 else np.ones(max(len(rate), 1))
    origin = np.minimum(np.searchsorted(edges, rng.random(n), side="right"), max(len(rate) - 1, 0)).astype(np.int64)
    shape = (n, generations)
    return Bank(
        time=time, origin=origin, service=rng.standard_exponential(shape), patience=rng.standard_exponential(shape),
        route=rng.random(shape), onward=rng.random(shape),
    )  # fmt: skip
