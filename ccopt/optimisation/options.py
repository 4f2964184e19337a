"""What a run is asked for, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ccopt.design import Design, RunRecord
from ccopt.optimisation.formulation import Extra
from ccopt.optimisation.limits import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands: stage, seconds, cost of the best design, bound, gap (None: not known yet)."""

    stage: str
    seconds: float
    incumbent: float | None
    lower_bound: float | None
    gap: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The parameters of `optimise`.

    With ``repeat``, the record of an earlier run with the same ones, the run ends where that run ended, whatever the clock
    says, and gives the same plan.
    """

    gap: float = 0.005
    time_limit_s: float = 60.0
    limits: tuple[Limit, ...] = ()
    seed: int = 0
    progress: Callable[[Progress], None] | None = None
    extra: Extra | None = None
    start: Design | None = None
    repeat: RunRecord | None = None
