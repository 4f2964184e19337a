"""The path from today's layout to the plan, month by month: sites, heads, promises, money and pay-back."""

from __future__ import annotations

import math

import numpy as np

from ccopt.costs import cost_of, leaves
from ccopt.design import Design, Plan
from ccopt.errors import ScenarioError
from ccopt.optimisation import baseline
from ccopt.scenario.entities import Scenario
from ccopt.scenario.transition import Transition
from ccopt.staffing.network_model import NetworkModel
from ccopt.studies.path_layouts import SiteMove, Stage, stages
from ccopt.studies.path_records import SHORT, PathMonth, TransitionPath, register_of
from ccopt.studies.path_staffing import Staffing, staff_path

LONGEST_WAIT = 6

def transition_path(
    scenario: Scenario, plan: Plan | Design, *, today: Design | None = None, rules: Transition | None = None
) -> TransitionPath:
    """How today's layout becomes the plan, month by month.

    Contacts move by a rule (one closing site after the other, `path_layouts`); hiring, moving and leaving are the
    cheapest by a mixed-integer programme (`path_staffing`). Every layout on the way is staffed to the promises and judged
    by `evaluate`; agents in their first months count with their productivity.

    Parameters
    ----------
    scenario
        With the block ``existing``.
    plan
        Where the path leads.
    today
        Where it starts; `baseline` without it.
    rules
        Figures of the path; without them the block ``transition`` of the scenario, else defaults with source and range.

    Raises
    ------
    ScenarioError
        No layout of today, or the path is longer than its months.

    Examples
    --------
    >>> import ccopt as cc
    >>> s = cc.load_instance("ten-small-centers")
    >>> path = cc.transition_path(s, cc.optimise(s))
    >>> path.keeps_promises, sum(m.action == "close" for m in path.moves)
    (True, 9)
    """
    rules = rules or scenario.transition or Transition()
    end = plan.design if isinstance(plan, Plan) else plan
    start = today or baseline(scenario)
    steps, moves, staff = _first_that_suffices(scenario, start, end, rules)
    money = _Money(scenario, start, staff, moves, rules)
    months = money.months(steps)
    settled = money.settled(end)
    paid, guessed = _payback(months, money.today - settled)
    return TransitionPath(
        months=months, moves=moves, stages=steps, staffing=staff, today_per_month=money.today, plan_per_month=settled,
        one_off=math.fsum(m.one_off for m in months), payback_month=paid, payback_extrapolated=guessed,
        rules=register_of(rules),
    )  # fmt: skip


def _first_that_suffices(
    scenario: Scenario, start: Design, end: Design, rules: Transition
) -> tuple[tuple[Stage, ...], tuple[SiteMove, ...], Staffing]:
    """Layouts and staff with the first wave as early as no head is missing; with the fewest missing where none suffices."""
    best: tuple[tuple[Stage, ...], tuple[SiteMove, ...], Staffing] | None = None
    for wait in range(LONGEST_WAIT + 1):
        try:
            steps, moves = stages(scenario, start, end, rules, wait=wait)
        except ScenarioError:  # the months of the path do not allow to wait so long
            if best is None:
                raise
            break
        staff = staff_path(scenario, start, steps, moves, rules)
        if best is None or staff.short.sum() < best[2].short.sum() - SHORT:
            best = steps, moves, staff
        if staff.short.sum() <= SHORT:
            break
    assert best is not None
    return best


class _Money:
    """Money of a month: layout, pay, one-off."""

    def __init__(
        self, scenario: Scenario, start: Design, staff: Staffing, moves: tuple[SiteMove, ...], rules: Transition
    ) -> None:  # fmt: skip
        self.scenario, self.staff, self.moves, self.rules = scenario, staff, moves, rules
        self.sites = {s.name: s for s in scenario.sites}
        self.stay = 1.0 - (1.0 - rules.later_attrition) ** (1.0 / 12.0)
        self.today = self._settled(start, staff.before)

    def settled(self, design: Design) -> float:
        """Cost of a month of a layout with experienced staff and the replacement of leavers."""
        from ccopt.studies.path_staffing import heads_needed

        need = heads_needed(self.scenario, design, self.rules)
        return self._settled(design, np.array([need.get(g, 0.0) for g in self.staff.groups]))

    def _settled(self, design: Design, heads: np.ndarray) -> float:
        pay = self.staff.pay_per_month
        replaced = self.stay * heads * (self.rules.hiring_cost + self.rules.training_months * pay)
        return self.running(design) + float(pay @ heads) + float(replaced.sum())

    def running(self, design: Design) -> float:
        """A month of everything but pay and one-off cost."""
        model = NetworkModel(self.scenario, design)
        flows = []
        if len(model.agents):
            _, answered = model.settled(model.agents)
            flows = model.flows(answered)
        sites = cost_of(self.scenario, design, flows).costs["sites"]
        kept = {s: {k: v for k, v in tree.items() if k not in ("labour", "one_off")} for s, tree in sites.items()}
        return math.fsum(leaves(kept)) / 12.0

    def one_off(self, m: int) -> float:
        """Hiring, moving, severance, opening and closing of a month (0 is the first)."""
        s, rules = self.staff, self.rules
        total = rules.hiring_cost * float(s.starts[:, m].sum()) + rules.moving_cost * float(s.moved_in[:, m].sum())
        told = "severance_months" in rules.model_fields_set
        for g, (site, _) in enumerate(s.groups):
            if told or self.sites[site].closing_cost <= 0.0:
                total += rules.severance_months * float(s.pay_per_month[g] * s.let_go[g, m])
        for move in self.moves:
            if move.action == "open" and move.ready == m + 1:
                total += self.sites[move.site].opening_cost
            if move.end == m + 1:
                total += self.sites[move.site].closing_cost
        return total + self._bought_out(m)

    def _bought_out(self, m: int) -> float:
        """Leases that end after their site is shut: the exit cost, else the rent until the end."""
        total = 0.0
        for lease in self.rules.leases:
            end = next((x.end for x in self.moves if x.site == lease.site), None)
            if end is None or lease.end_month < end:
                continue
            if lease.exit_cost is not None and end == m + 1:
                total += lease.exit_cost
            elif lease.exit_cost is None and end <= m + 1 <= lease.end_month:
                total += self.sites[lease.site].fixed_cost_per_year / 12.0
        return total

    def months(self, steps: tuple[Stage, ...]) -> tuple[PathMonth, ...]:
        """All months of the path."""
        s = self.staff
        out: list[PathMonth] = []
        cumulative = 0.0
        running = {step.month: self.running(step.design) for step in steps}
        for m in range(self.rules.months):
            step = max((x for x in steps if x.month <= m + 1), key=lambda x: x.month)
            heads = s.experienced[:, m] + s.learning[:, m] + s.training[:, m]
            pay = float(s.pay_per_month @ heads)
            once = self.one_off(m)
            saving = self.today - running[step.month] - pay - once
            cumulative += saving
            out.append(PathMonth(
                month=m + 1, open_sites=step.design.open_sites, meets_targets=step.evaluation.meets_targets,
                violations=tuple(v.message for v in step.evaluation.violations), heads=float(heads.sum()),
                needed=float(s.needed[:, m].sum()), learning=float(s.learning[:, m].sum()),
                training=float(s.training[:, m].sum()), starts=float(s.starts[:, m].sum()),
                let_go=float(s.let_go[:, m].sum()), moved_in=float(s.moved_in[:, m].sum()), left=float(s.left[:, m].sum()),
                short=float(s.short[:, m].sum()), running=running[step.month], pay=pay, one_off=once, saving=saving,
                cumulative=cumulative,
            ))  # fmt: skip
        return tuple(out)


def _payback(months: tuple[PathMonth, ...], settled: float) -> tuple[int | None, bool]:
    """Month from which on the path has paid for itself, and whether it lies beyond the path."""
    below = [m.month for m in months if m.cumulative < 0.0]
    if not below:
        return months[0].month, False
    if below[-1] < months[-1].month:
        return below[-1] + 1, False
    if settled <= 0.0:
        return None, False
    return months[-1].month + math.ceil(-months[-1].cumulative / settled), True
