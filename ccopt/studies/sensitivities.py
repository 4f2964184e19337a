"""Which inputs move the cost: one at a time (tornado) and all together (Sobol' indices)."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ccopt.design import Design, Plan
from ccopt.scenario.entities import Scenario
from ccopt.studies.fixed_layouts import fixed_objective
from ccopt.studies.re_solving import ReSolver, Solved
from ccopt.studies.uncertain_inputs import UncertainInput, uncertain_inputs

SMALLEST_SAMPLE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One end of a range: cost less revenue per year of the fixed layout, and of the best layout found anew.

    ``best`` and ``best_bound`` are None without re-optimisation (or where nothing was found); ``moves`` tells whether
    the best layout opens other sites; ``regret`` is what the fixed layout costs more than the best one found.
    """

    value: float
    fixed: float
    best: float | None
    best_bound: float | None
    moves: bool | None

    @property
    def regret(self) -> float | None:
        """Fixed layout less best layout found."""
        return None if self.best is None else self.fixed - self.best


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One input of a tornado: its range, its source, and both ends."""

    name: str
    words: str
    source: str
    low: Side
    high: Side

    @property
    def swing(self) -> float:
        """Distance between the two ends on the fixed layout."""
        return abs(self.high.fixed - self.low.fixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """A tornado: bars by swing, the largest first, around the objective of the plan."""

    base: float
    bars: tuple[Bar, ...]
    seconds: float

    def frame(self) -> pd.DataFrame:
        """One row per input and end."""
        return pd.DataFrame([
            {
                "input": b.name, "words": b.words, "end": end, "value": s.value, "fixed": s.fixed,
                "change_fixed": s.fixed - self.base, "best": s.best, "best_bound": s.best_bound, "regret": s.regret,
                "sites_change": s.moves, "source": b.source,
            }
            for b in self.bars for end, s in (("low", b.low), ("high", b.high))
        ])  # fmt: skip

    def plot(self, ax: object = None) -> object:
        """The tornado; a matplotlib axes that can be changed."""
        from ccopt.studies.pictures import tornado_axes

        return tornado_axes(self, ax)


def sensitivity(
    scenario: Scenario,
    plan: Plan | Design,
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    reoptimise: bool = True,
    gap: float = 0.005,
    time_limit_s: float = 120.0,
    seed: int = 0,
    progress: Callable[[Bar], None] | None = None,
) -> Sensitivity:
    """What each uncertain input does to the yearly cost, alone, at both ends of its range.

    Parameters
    ----------
    scenario
        The scenario of the plan.
    plan
        A plan or design. On the *fixed layout* sites, groups and shares stay and the agents follow the promises.
    ranges
        Own ranges by input name; the others come from the scenario's assumptions, else from defaults with a source.
    reoptimise
        Also choose the layout anew at both ends (``best``).
    gap, seed
        Of the re-solves.
    time_limit_s
        Seconds for everything.
    progress
        Called with each bar.

    Examples
    --------
    >>> import ccopt as cc
    >>> s = cc.load_instance("two-sites")
    >>> found = cc.sensitivity(s, cc.optimise(s), reoptimise=False)
    >>> [b.name for b in found.bars[:2]]
    ['wages', 'shrinkage']
    """
    began = time.monotonic()
    design = plan.design if isinstance(plan, Plan) else plan
    inputs = uncertain_inputs(scenario, ranges)
    resolver = ReSolver(gap=gap, time_limit_s=time_limit_s, limits=(), seed=seed)
    bars = []
    left = 2 * len(inputs)
    for u in inputs:
        sides = []
        for value in (u.low, u.high):
            changed = u.change(scenario, value)
            found = resolver.solve(changed, seconds=resolver.left() / left, start=design) if reoptimise else None
            sides.append(_side(value, fixed_objective(changed, design), found, design))
            left -= 1
        bars.append(Bar(name=u.name, words=u.words, source=u.source, low=sides[0], high=sides[1]))
        if progress is not None:
            progress(bars[-1])
    bars.sort(key=lambda b: -b.swing)
    return Sensitivity(base=fixed_objective(scenario, design), bars=tuple(bars), seconds=time.monotonic() - began)


def _side(value: float, fixed: float, found: Solved | None, design: Design) -> Side:
    if found is None or found.plan is None:
        return Side(value=value, fixed=fixed, best=None, best_bound=None, moves=None)
    bound = found.bound if math.isfinite(found.bound) else None
    return Side(value=value, fixed=fixed, best=found.cost, best_bound=bound,
                moves=set(found.plan.design.open_sites) != set(design.open_sites))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalSensitivity:
    """Sobol' indices of the cost of a fixed layout when all inputs vary together, uniform over their ranges.

    Attributes
    ----------
    names, sources
        Inputs.
    first, total
        Share of the variance that an input explains alone, and with all its interactions.
    first_interval, total_interval
        95 % bootstrap intervals, rows of (low, high).
    mean, deviation, quantiles
        Of the objective over the sample; quantiles 5, 50, 95 %.
    evaluations, seed
        Runs of the fixed layout, and the seed of the sample.
    """

    names: tuple[str, ...]
    sources: tuple[str, ...]
    first: tuple[float, ...]
    total: tuple[float, ...]
    first_interval: tuple[tuple[float, float], ...]
    total_interval: tuple[tuple[float, float], ...]
    mean: float
    deviation: float
    quantiles: tuple[float, float, float]
    evaluations: int
    seed: int

    def frame(self) -> pd.DataFrame:
        """One row per input, the largest total index first."""
        frame = pd.DataFrame({
            "input": self.names, "first": self.first, "total": self.total,
            "first_low": [a for a, _ in self.first_interval], "first_high": [b for _, b in self.first_interval],
            "total_low": [a for a, _ in self.total_interval], "total_high": [b for _, b in self.total_interval],
            "source": self.sources,
        })  # fmt: skip
        return frame.sort_values("total", ascending=False, ignore_index=True)


def sobol_sensitivity(
    scenario: Scenario,
    plan: Plan | Design,
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    samples: int = 64,
    seed: int = 0,
) -> GlobalSensitivity:
    """First and total Sobol' indices of the yearly cost on a fixed layout (scipy's estimator of Saltelli, 2010).

    Parameters
    ----------
    scenario, plan, ranges
        As in `sensitivity`.
    samples
        Size of the base sample, a power of two; the layout is restaffed samples x (inputs + 2) times.
    seed
        Of the scrambled Sobol' sequence and of the bootstrap.

    Raises
    ------
    ValueError
        ``samples`` is no power of two of at least 16.
    """
    from scipy import stats

    if samples < SMALLEST_SAMPLE or samples & (samples - 1):
        msg = f"samples = {samples!r}: must be a power of two of at least {SMALLEST_SAMPLE}"
        raise ValueError(msg)
    design = plan.design if isinstance(plan, Plan) else plan
    inputs = uncertain_inputs(scenario, ranges)
    seen: list[float] = []

    def cost(x: np.ndarray) -> np.ndarray:
        values = np.array([_cost_at(scenario, design, inputs, column) for column in np.atleast_2d(x.T)])
        seen.extend(values.tolist())
        return values

    rng = np.random.default_rng(seed)
    spread: list[Any] = [stats.uniform(loc=u.low, scale=u.high - u.low) for u in inputs]
    found = stats.sobol_indices(func=cost, n=samples, dists=spread, rng=rng)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # an input that moves nothing: its index is exact
        interval = found.bootstrap(confidence_level=0.95, n_resamples=200)
    all_costs = np.array(seen)
    low, middle, high = (float(np.quantile(all_costs, q)) for q in (0.05, 0.5, 0.95))
    return GlobalSensitivity(
        names=tuple(u.name for u in inputs), sources=tuple(u.source for u in inputs),
        first=_floats(found.first_order), total=_floats(found.total_order),
        first_interval=_pairs(interval.first_order, found.first_order),
        total_interval=_pairs(interval.total_order, found.total_order),
        mean=float(all_costs.mean()), deviation=float(all_costs.std(ddof=1)),
        quantiles=(low, middle, high), evaluations=len(seen), seed=seed,
    )  # fmt: skip


def _cost_at(scenario: Scenario, design: Design, inputs: tuple[UncertainInput, ...], point: np.ndarray) -> float:
    changed = scenario
    for u, value in zip(inputs, point, strict=True):
        changed = u.change(changed, float(value))
    return fixed_objective(changed, design)


def _floats(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(v) for v in np.asarray(values).ravel())


def _pairs(estimate: Any, index: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Ends of the intervals; the index itself where the resamples do not differ."""
    ends = [np.where(np.isfinite(x), x, index) for x in (estimate.confidence_interval.low, estimate.confidence_interval.high)]
    return tuple(zip(_floats(ends[0]), _floats(ends[1]), strict=True))
