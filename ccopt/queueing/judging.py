"""A target against the indicators of a model: what it limits, its bound, the wait at which it looks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ccopt.kpis import MaxAbandonment, MaxAsa, MaxOccupancy, MaxResponse, ServiceLevel, Target
from ccopt.queueing.interface import QueueModel
from ccopt.queueing.performance import Performance, Value


def attained(p: Performance, target: Target) -> Value:
    """The indicator that a target limits."""
    if isinstance(target, (ServiceLevel, MaxResponse)):
        return p.service_level
    if isinstance(target, MaxAsa):
        return p.asa_s
    if isinstance(target, MaxAbandonment):
        return p.abandonment
    return p.occupancy if isinstance(target, MaxOccupancy) else p.blocking


def bound_of(target: Target) -> tuple[float, float]:
    """(bound, sign): met where sign x (indicator - bound) >= 0."""
    if isinstance(target, ServiceLevel):
        return target.at_least, 1.0
    if isinstance(target, MaxResponse):
        return target.share, 1.0
    return (target.at_most_s if isinstance(target, MaxAsa) else target.at_most), -1.0


def judged(model: QueueModel, agents: ArrayLike, target: Target, awt_s: ArrayLike | None = None) -> Performance:
    """Performance with the acceptable wait and the basis of a target."""
    if isinstance(target, ServiceLevel):
        return model.performance(agents, target.awt_s if awt_s is None else awt_s, basis=target.basis)
    if isinstance(target, MaxResponse):
        handle = np.asarray(getattr(model, "aht_s", 0.0)) + np.asarray(getattr(model, "ring_s", 0.0))
        wait = np.maximum(0.0, target.max_response_h * 3600.0 - handle)
        return model.performance(agents, float(wait) if wait.ndim == 0 else wait)
    return model.performance(agents, 0.0 if awt_s is None else awt_s)
