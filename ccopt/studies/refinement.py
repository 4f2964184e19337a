"""Staffing with overflow: fewer agents than independent groups need, because linked groups help each other."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design, Plan, Regime
from ccopt.evaluation.group_results import handle_times
from ccopt.evaluation.judge import default_model, evaluate_routed, evaluate_split
from ccopt.evaluation.lines import build_lines
from ccopt.evaluation.routed import one_period
from ccopt.evaluation.routed_records import measures_of
from ccopt.kpis import Evaluation
from ccopt.queueing.controlled.bank import Bank
from ccopt.queueing.controlled.effort import RunOptions
from ccopt.queueing.controlled.estimates import PeriodResult, cells_of
from ccopt.queueing.controlled.period_lines import PeriodLines
from ccopt.routing import check_design
from ccopt.routing.flows import Network, network_arrays
from ccopt.scenario.entities import Scenario
from ccopt.studies.cutting_planes import staff_by_cuts
from ccopt.studies.linked_design import agent_price, linked_design, without_empty
from ccopt.studies.staffing_search import StaffingTask

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CAPACITY_SHARE = 0.85
FRESH_SEED_STEP = 7919
MENDING_ROUNDS = 12
MENDING_TIME = 1.5
SAFETY = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class RefineProgress:
    """State of a refinement, in the form of the optimiser's progress (no bound is known in the linked regime)."""

    stage: str
    seconds: float
    incumbent: float
    lower_bound: float | None = None
    gap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """A linked design with its saving against the plan it started from.

    Attributes
    ----------
    design
        Linked design (regime ``overflow`` or ``virtual``), or the plan itself where nothing cheaper kept the targets.
    start_cost_per_year, cost_per_year
        Of the plan as a fixed split and of the design, both by their judges.
    saving_per_year, saving
        Money and share of the start's cost.
    evaluation
        The design on fresh calls (another seed, more contacts) with its violations; of the plan where that is returned.
    simulations
        Simulated periods used by the search.
    """

    design: Design
    start_cost_per_year: float
    cost_per_year: float
    saving_per_year: float
    saving: float
    evaluation: Evaluation
    simulations: int


def refine(
    scenario: Scenario,
    plan: Plan | Design,
    *,
    regime: Regime = "overflow",
    time_limit_s: float = 60.0,
    seed: int = 7,
    progress: Callable[[RefineProgress], None] | None = None,
) -> Refinement:
    """Take agents out of a plan by linking its groups, with every target kept in simulation.

    Period by period: cutting planes on simulated promises with common random numbers, then a two-for-one local search
    (`ccopt.studies.cutting_planes`); groups of the plan help each other by overflow (fewest skills first), and further
    groups of allowed skill sets at open sites may be staffed. The result is checked on fresh calls and mended there.
    Stops at the time limit or at an interrupt with the best so far.

    Parameters
    ----------
    scenario
        Checked scenario.
    plan
        Plan or design of the fixed split to start from.
    regime
        ``overflow`` or ``virtual``.
    time_limit_s
        Seconds for the search; the check on fresh calls comes after.
    seed
        Seed of the calls of the search; the check uses another.
    progress
        Called with the state after each period.

    Returns
    -------
    Refinement
        With the saving; no bound is known for linked regimes.

    Raises
    ------
    ScenarioError
        The design does not fit the scenario.
    ValueError
        ``regime`` is ``split``.
    """
    if regime == "split":
        msg = "regime = 'split': nothing to link; have 'overflow', 'virtual'"
        raise ValueError(msg)
    design = plan.design if isinstance(plan, Plan) else plan
    check_design(scenario, design)
    base = evaluate_split(scenario, design.model_copy(update={"regime": "split"}))
    search = _Refiner(scenario, linked_design(scenario, design, regime), seed, time_limit_s, progress)
    best = search.run(base.cost_per_year)
    fresh = RunOptions(contacts=4 * search.options.contacts, seed=seed + FRESH_SEED_STEP)
    best, checked = search.mend(best, fresh)
    best = without_empty(best)
    if base.meets_targets and not (checked.meets_targets and checked.cost_per_year < base.cost_per_year):
        best, checked = design.model_copy(update={"regime": "split"}), base
    return Refinement(
        design=best, start_cost_per_year=base.cost_per_year, cost_per_year=checked.cost_per_year,
        saving_per_year=base.cost_per_year - checked.cost_per_year,
        saving=(base.cost_per_year - checked.cost_per_year) / base.cost_per_year if base.cost_per_year else 0.0,
        evaluation=checked, simulations=search.simulations,
    )  # fmt: skip


class _Refiner:
    """One refinement: clock, bank of calls, lines of the periods."""

    def __init__(
        self, scenario: Scenario, design: Design, seed: int, time_limit_s: float,
        progress: Callable[[RefineProgress], None] | None,
    ) -> None:  # fmt: skip
        self.scenario, self.design, self.progress = scenario, design, progress
        self.start, self.limit = time.monotonic(), time_limit_s
        self.network: Network = network_arrays(scenario, design)
        self.options = RunOptions(seed=seed)
        self.bank, self.model, self.simulations = Bank(), default_model(), 0

    def run(self, start_cost: float) -> Design:
        """Staff the periods, busiest first (it decides the seats)."""
        agents = np.array([g.agents for g in self.design.groups], dtype=np.int64)
        order = np.argsort(-agents.sum(axis=0), kind="stable")
        cost = start_cost
        for done, t in enumerate(order):
            end = self.start + self.limit * (done + 1) / len(order)
            if self.network.demand[:, :, t].sum() <= 0:
                continue
            found, interrupted = self._period(int(t), agents, end, peak=done == 0)
            cost -= float(self._prices(int(t), peak=done == 0) @ (agents[:, t] - found))
            agents[:, t] = found
            if self.progress is not None:
                stage = f"linking {self.scenario.periods[t].name}"
                self.progress(RefineProgress(stage=stage, seconds=time.monotonic() - self.start, incumbent=cost))
            if interrupted:
                break
        return self._with(agents)

    def _with(self, agents: Ints) -> Design:
        groups = tuple(
            g.model_copy(update={"agents": tuple(int(n) for n in row)})
            for g, row in zip(self.design.groups, agents, strict=True)
        )
        return self.design.model_copy(update={"groups": groups})

    def _period(self, t: int, agents: Ints, end: float, *, peak: bool) -> tuple[Ints, bool]:
        """Agents of a period, and whether the search was interrupted."""
        lines = build_lines(self.scenario, self.design, self.network, t)

        def judge(now: Ints) -> Floats:
            self.simulations += 1
            return self.margins(self._result(lines, t, now))

        task = self._task(t, agents, peak=peak)
        found = staff_by_cuts(task, judge, agents[:, t], stop=lambda: time.monotonic() > end)
        return (found.agents if (found.margins >= 0).all() else agents[:, t]), found.interrupted

    def _result(self, lines: PeriodLines, t: int, now: Ints) -> PeriodResult:
        column = self._with(np.tile(now[:, None], (1, len(self.scenario.periods))))
        return one_period(self.scenario, column, lines, t, options=self.options, contacts=self.options.contacts,
                          bank=self.bank, model=self.model)  # fmt: skip

    def margins(self, result: PeriodResult) -> Floats:
        """Slack of every promise less a part of its half-width, relative for times."""
        rows = []
        for c, _, chosen in cells_of(result):
            for _, required, found, at_least in measures_of(self.scenario.contact_types[c], result, chosen):
                slack = found.value - required if at_least else required - found.value
                safe = slack - SAFETY * found.half_width
                rows.append(safe / max(required, 1.0) if math.isfinite(safe) else -1.0)
        bare = [c for c in range(len(self.scenario.contact_types)) if not self.scenario.contact_types[c].targets]
        lines = result.lines
        rows.append(-1.0 if (result.unstable & np.isin(lines.contact_type, bare)).any() else 1.0)
        return np.array(rows)

    def _prices(self, t: int, *, peak: bool) -> Floats:
        """Money per year of one more agent in the period; seats and overhead staff are paid at the peak."""
        sites = {s.name: s for s in self.scenario.sites}
        factor = {k.name: k.wage_factor for k in self.scenario.skill_sets}
        hours = self.scenario.periods[t].hours_per_year
        return np.array([
            agent_price(sites[g.site], self.design, hours, factor[g.skill_set], peak=peak) for g in self.design.groups
        ])  # fmt: skip

    def _task(self, t: int, agents: Ints, *, peak: bool) -> StaffingTask:
        """Bounds and rows of a period: seats and labour pools, and agents for the load of each type and of all."""
        groups, start = self.design.groups, agents[:, t]
        sites = {s.name: s for s in self.scenario.sites}
        name = self.scenario.periods[t].name
        shut = np.array([bool(sites[g.site].periods) and name not in (sites[g.site].periods or ()) for g in groups])
        rows, low, high = [], [], []
        for site in dict.fromkeys(g.site for g in groups):
            mine = np.array([float(g.site == site) for g in groups])
            caps = [x for x in (sites[site].seats, sites[site].labour_pool) if x is not None]
            used = float((mine @ agents).max())
            rows.append(mine)
            low.append(0.0)
            high.append(float(min([*caps, 10**6])) if peak else max(min([*caps, used]), used))
        for mine, load in self._needs(t):
            rows.append(mine)
            low.append(min(CAPACITY_SHARE * load, float(mine @ start)))
            high.append(1e6)
        most = np.where(shut, 0, np.maximum(2 * start + 4, int(start.sum() // 4) + 1))
        return StaffingTask(
            cost=self._prices(t, peak=peak), low=np.zeros(len(groups), dtype=np.int64), high=most.astype(np.int64),
            rows=np.array(rows), row_low=np.array(low), row_high=np.array(high),
        )  # fmt: skip

    def _needs(self, t: int) -> Iterable[tuple[Floats, float]]:
        """Groups that can serve and load in erlangs, for each contact type and for all together."""
        aht_s = handle_times(self.scenario, self.network)
        can = {k.name: set(k.contact_types) for k in self.scenario.skill_sets}
        rate = self.network.demand[:, :, t].sum(axis=0)
        total = 0.0
        for c, kind in enumerate(self.network.contact_types):
            able = np.array([float(kind in can[g.skill_set]) for g in self.design.groups])
            if rate[c] > 0 and able.any():
                load = float(rate[c] * aht_s[able > 0, c].min() / 3600.0)
                total += load
                yield able, load
        yield np.ones(len(self.design.groups)), total

    def mend(self, design: Design, fresh: RunOptions) -> tuple[Design, Evaluation]:
        """Add agents where fresh calls miss a target, at most a few rounds."""
        bank = Bank()
        found = evaluate_routed(self.scenario, design, options=fresh, bank=bank)
        for _ in range(MENDING_ROUNDS):
            if found.meets_targets or time.monotonic() > self.start + MENDING_TIME * self.limit + 5.0:
                break
            more = self._more(design, found)
            if more == design:
                break
            design = more
            found = evaluate_routed(self.scenario, design, options=fresh, bank=bank)
        return design, found

    def _more(self, design: Design, found: Evaluation) -> Design:
        """One more agent in the cheapest staffed group with the skill, for each contact type and period that misses."""
        can = {k.name: set(k.contact_types) for k in self.scenario.skill_sets}
        extra = np.zeros((len(design.groups), len(self.scenario.periods)), dtype=np.int64)
        for t, period in enumerate(self.scenario.periods):
            missed = {v.place.split(" at ")[0] for v in found.violations if v.place.endswith(f" in {period.name}")}
            prices = self._prices(t, peak=False)
            for kind in sorted(missed):
                able = [g for g, x in enumerate(design.groups) if kind in can[x.skill_set] and x.agents[t] > 0]
                if able:
                    extra[min(able, key=lambda g: float(prices[g])), t] = 1
        agents = np.array([g.agents for g in design.groups], dtype=np.int64) + extra
        return self._with(agents)
