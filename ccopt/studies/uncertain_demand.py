"""Staffing under uncertain rates: promises held in expectation, or with a given probability, and what that safety costs.

The rate of a period is the expected one times a gamma factor F of mean 1 (`ccopt.scenario.uncertainty`). More contacts
never wait less, so a promise that holds at the p-quantile of F holds with probability p. In expectation, shares are
averaged over F by contacts: busy days count more, because more customers call on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ccopt.design import Design
from ccopt.evaluation import evaluate
from ccopt.queueing import GroupPerformance, group_performance
from ccopt.scenario.entities import Scenario
from ccopt.staffing.group_queue import keeps
from ccopt.staffing.group_types import in_order, is_simulated
from ccopt.staffing.network_model import NetworkModel
from ccopt.studies.selling_plans import optimise

Floats = NDArray[np.float64]
NODES = 20
MOST_FACTOR = 6.0
SEAT_STEPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SafePlan:
    """A plan that holds its promises under uncertain rates.

    Attributes
    ----------
    design
        Layout and agents.
    hold
        ``expected``, or the probability asked for.
    cost_per_year, cost_of_mean_plan
        Of this design and of the plan for the expected rates, both at the expected rates.
    probability_held, probability_held_by_mean_plan
        Chance that all promises hold in a period of the busiest-scattered group (common factor): the probability of
        the largest factor that the agents still serve as promised, least over groups and periods.
    variance
        Variance of the busyness factor by group (site, skill set).
    """

    design: Design
    hold: str | float
    cost_per_year: float
    cost_of_mean_plan: float
    probability_held: float
    probability_held_by_mean_plan: float
    variance: dict[tuple[str, str], float]

    @property
    def cost_of_safety(self) -> float:
        """Money per year for holding the promises although rates scatter."""
        return self.cost_per_year - self.cost_of_mean_plan

    def summary(self) -> str:
        """One sentence for the report."""
        how = "in expectation" if self.hold == "expected" else f"with probability {self.hold:.0%}"
        return (
            f"Holding the promises {how} costs {self.cost_of_safety:,.0f} a year more "
            f"({self.cost_of_safety / self.cost_of_mean_plan:+.1%}); they then hold on {self.probability_held:.0%} of the "
            f"occasions instead of {self.probability_held_by_mean_plan:.0%}"
        )


def busyness(variance: float, nodes: int = NODES) -> Floats:
    """Equally likely factors of a gamma law with mean 1 (midpoints of quantiles, scaled to mean 1).

    Examples
    --------
    >>> busyness(0.25, 3).round(3)
    array([0.549, 0.947, 1.504])
    """
    if variance <= 0.0:
        return np.ones(1)
    found = stats.gamma.ppf((np.arange(nodes) + 0.5) / nodes, 1.0 / variance, scale=variance)
    return np.asarray(found / found.mean())


def mixed_model(variance: float, nodes: int = NODES) -> Callable[..., GroupPerformance]:
    """The group model averaged over the busyness factor: a drop-in for `ccopt.queueing.group_performance`.

    Shares are averaged by contacts, waits of the answered by answered contacts, occupancy by time. A factor that
    overloads agents whose customers never leave counts as nobody answered in time.
    """
    factors = busyness(variance, nodes)

    def model(rates_per_hour: Any, aht_s: Any, **given: Any) -> GroupPerformance:
        rows = [group_performance(np.asarray(rates_per_hour) * f, aht_s, **given) for f in factors]
        weight = factors / factors.sum()

        def mean(name: str, w: Floats = weight) -> Any:
            return np.tensordot(w, np.array([getattr(r, name) for r in rows]), axes=1)

        answered = weight[:, None] * (1.0 - np.array([r.abandonment for r in rows]))
        waits = np.array([r.asa_s for r in rows])
        taken = np.where(answered > 0, answered * np.where(answered > 0, waits, 0.0), 0.0).sum(axis=0)
        equal = np.full(factors.size, 1.0 / factors.size)
        return GroupPerformance(
            answered_in_time=mean("answered_in_time"), abandonment=mean("abandonment"),
            abandoned_early=mean("abandoned_early"), virtual=mean("virtual"), mean_wait_s=mean("mean_wait_s"),
            asa_s=np.divide(taken, answered.sum(axis=0), out=np.zeros_like(taken), where=answered.sum(axis=0) > 0),
            delay_probability=float(mean("delay_probability")), occupancy=float(mean("occupancy", equal)),
            load=float(mean("load", equal)), carried_load=float(mean("carried_load", equal)),
            stable=any(r.stable for r in rows),
        )  # fmt: skip

    return model


def group_variance(scenario: Scenario, loads: Floats) -> float:
    """Variance of the busyness of a group from the rows of ``uncertainty`` and its loads by contact type.

    With load shares s, variances v and common shares c: (sum s sqrt(v c))^2 + sum s^2 v (1 - c).
    """
    rows = {r.contact_type: r for r in scenario.uncertainty}
    share = loads / loads.sum() if loads.sum() > 0 else loads
    common = single = 0.0
    for s, kind in zip(share, scenario.contact_types, strict=True):
        row = rows.get(kind.name, rows.get(None))
        if row is not None:
            common += s * (row.factor_variance * row.common_share) ** 0.5
            single += s**2 * row.factor_variance * (1.0 - row.common_share)
    return common**2 + single


class _Staff:
    """Fewest agents of a design with fixed shares under uncertain rates."""

    def __init__(self, scenario: Scenario, design: Design, hold: str | float) -> None:
        self.model = NetworkModel(scenario, design)
        self.hold = hold
        self.rates, _ = self.model.settled(self.model.agents)
        aht = np.array([c.aht_s for c in scenario.contact_types])
        hours = np.array([p.hours_per_year for p in scenario.periods])
        loads = np.einsum("gct,c,t->gc", self.rates, aht, hours)
        self.variance = [float(group_variance(scenario, row)) for row in loads]

    def ok(self, g: int, t: int, agents: int) -> bool:
        rates = self.rates[g, :, t]
        used = np.flatnonzero(rates > 0.0)
        kinds = [self.model.kinds[g][c] for c in used]
        if not used.size:
            return True
        v = self.variance[g]
        if self.hold == "expected":
            mine = in_order(kinds) if is_simulated(kinds) else kinds  # no simulation knows the mixture
            return keeps(mine, rates[used], agents, mixed_model(v))
        factor = float(stats.gamma.ppf(float(self.hold), 1.0 / v, scale=v)) if v > 0 else 1.0
        return keeps(kinds, rates[used] * factor, agents)

    def fewest(self) -> NDArray[np.int64]:
        """(G, T) agents."""
        out = self.model.agents.copy()
        for g, t in np.ndindex(*out.shape):
            n = int(out[g, t])
            if not self.rates[g, :, t].any():
                out[g, t] = 0
                continue
            while not self.ok(g, t, n):
                n += 1
            while n > 0 and self.ok(g, t, n - 1):
                n -= 1
            out[g, t] = n
        return out

    def largest_factor(self, g: int, t: int, agents: int) -> float:
        """Largest busyness at which the promises of a group hold."""
        rates = self.rates[g, :, t]
        used = np.flatnonzero(rates > 0.0)
        kinds = [self.model.kinds[g][c] for c in used]
        low, high = 0.0, MOST_FACTOR
        while high - low > 1e-3:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if keeps(kinds, rates[used] * middle, agents) else (low, middle)
        return low

    def probability(self, agents: NDArray[np.int64]) -> float:
        """Least chance over groups and periods that all promises hold."""
        least = 1.0
        for g, t in np.ndindex(*agents.shape):
            v = self.variance[g]
            if self.rates[g, :, t].any() and v > 0:
                factor = self.largest_factor(g, t, int(agents[g, t]))
                least = min(least, float(stats.gamma.cdf(factor, 1.0 / v, scale=v)))
        return least


def plan_under_uncertainty(
    scenario: Scenario, *, hold: str | float = "expected", gap: float = 0.01, time_limit_s: float = 30.0, seed: int = 0
) -> SafePlan:
    """A plan that holds all promises in expectation or with a given probability under the scenario's uncertainty.

    The layout is optimised for the expected rates (times the quantile where a probability is asked for), then every
    group gets the fewest agents that hold its promises with its routes. Where that needs more seats than there are, the
    layout is made again for higher rates.

    Parameters
    ----------
    scenario
        With the block ``uncertainty``.
    hold
        ``expected``, or a probability between 0.5 and 1.
    gap, time_limit_s, seed
        Of each optimisation.

    Returns
    -------
    SafePlan
        The design, its cost at expected rates, and the cost of safety against the plan for expected rates.

    Raises
    ------
    ValueError
        No uncertainty, or a probability out of range.
    InfeasibleError
        No layout has room for the agents.
    """
    if not scenario.uncertainty:
        msg = f"scenario {scenario.name!r}: has no block uncertainty"
        raise ValueError(msg)
    if hold != "expected" and not (isinstance(hold, float) and 0.5 <= hold < 1.0):
        msg = f"hold = {hold!r}: must be 'expected' or a probability of at least 0.5 and below 1"
        raise ValueError(msg)
    mean = optimise(scenario, gap=gap, time_limit_s=time_limit_s, seed=seed)
    factor = 1.0 if hold == "expected" else _common_quantile(scenario, float(hold))
    design, staff = mean.design, None
    for step in range(SEAT_STEPS):
        if factor != 1.0:
            design = optimise(scaled(scenario, factor), gap=gap, time_limit_s=time_limit_s, seed=seed).design
        staff = _Staff(scenario, design, hold)
        agents = staff.fewest()
        groups = [g.model_copy(update={"agents": tuple(int(n) for n in a)}) for g, a in zip(design.groups, agents, strict=True)]
        design = design.model_copy(update={"groups": tuple(groups)})
        judged = evaluate(scenario, design)
        if not any(v.limit in ("seats", "labour_pool") for v in judged.violations) or step == SEAT_STEPS - 1:
            break
        factor *= 1.05
    assert staff is not None
    before = _Staff(scenario, mean.design, hold)
    return SafePlan(
        design=design, hold=hold, cost_per_year=judged.cost_per_year, cost_of_mean_plan=mean.cost_per_year,
        probability_held=staff.probability(agents), probability_held_by_mean_plan=before.probability(before.model.agents),
        variance=dict(zip(staff.model.network.groups, staff.variance, strict=True)),
    )  # fmt: skip


def _common_quantile(scenario: Scenario, hold: float) -> float:
    v = max(r.factor_variance * r.common_share for r in scenario.uncertainty)
    return float(stats.gamma.ppf(hold, 1.0 / v, scale=v)) if v > 0 else 1.0


def scaled(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with all rates times a factor."""

    def times(rate: float | tuple[float, ...]) -> float | tuple[float, ...]:
        return tuple(x * factor for x in rate) if isinstance(rate, tuple) else rate * factor

    rows = tuple(d.model_copy(update={"contacts_per_hour": times(d.contacts_per_hour)}) for d in scenario.demand)
    return scenario.model_copy(update={"demand": rows})
