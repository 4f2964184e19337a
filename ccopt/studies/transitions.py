"""The path from today's layout to the plan, month by month: sites, heads, promises, money and pay-back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ccopt.costs import cost_of, leaves
from ccopt.design import Design, Plan
from ccopt.optimisation import baseline
from ccopt.scenario.entities import Scenario
from ccopt.scenario.transition import Transition
from ccopt.staffing.network_model import NetworkModel
from ccopt.studies.path_layouts import SiteMove, Stage, stages
from ccopt.studies.path_staffing import Staffing, staff_path

SHORT = 1e-6

RULES = {
    "hiring_months": ("1 to 2", "practitioners: 34 days to fill a post in one study"),
    "training_months": ("1 to 2", "practitioners: 40 days of training and nesting in one study"),
    "learning": ("routine work 3 to 6 months, complex work 9 to 18",
                 "practitioners: new agents take 1.3 to 1.8 times the handle time"),
    "first_year_attrition": ("0.35 to 0.55", "practitioners' averages of the first year"),
    "later_attrition": ("0.15 to 0.33", "practitioners' averages: 20 % captive, 33 % over all"),
    "paid_hours_per_year": ("1,600 to 2,080", "assumption: contracts of 31 to 40 hours a week"),
    "hiring_cost": ("1,000 to 5,000", "assumption: search and onboarding, pay in training apart"),
    "severance_months": ("1 to 12", "assumption; nothing where closing_cost is given, which then holds it"),
    "move_share": ("0 to 0.3", "assumption: staff of a closing site that moves"),
    "moving_cost": ("2,000 to 10,000", "assumption"),
    "overlap_months": ("0 to 3", "assumption: knowledge transfer"),
    "overlap_share": ("0.05 to 0.3", "assumption: staff that stays for it"),
    "build_months": ("2 to 9", "assumption: fitting out a site"),
    "waves_per_month": ("1 to 3", "assumption: closings that one team can run at a time"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PathMonth:
    """One month of the path; money of this month.

    ``running`` is the cost of the layout without pay (sites, seats, contracts, telecom, overhead staff), ``pay`` that of
    all heads on the payroll, ``one_off`` hiring, moving, severance, opening and closing. ``saving`` is today's month
    less all of them; ``cumulative`` adds the months up. ``short`` heads are missing (0 where the staff suffices).
    """

    month: int
    open_sites: tuple[str, ...]
    meets_targets: bool
    violations: tuple[str, ...]
    heads: float
    needed: float
    learning: float
    training: float
    starts: float
    let_go: float
    moved_in: float
    left: float
    short: float
    running: float
    pay: float
    one_off: float
    saving: float
    cumulative: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionPath:
    """A path from today to a plan.

    Attributes
    ----------
    months, moves
        Month by month, and what happens to each site.
    today_per_month, plan_per_month
        Cost of a month before the path and of a settled month after it, replacement of leavers included.
    one_off
        Sum of one-off cost of the path.
    payback_month
        First month from which on the cumulative saving stays at or above zero; beyond the path it goes on with the
        settled saving (``payback_extrapolated``); None where the plan saves nothing a month.
    rules
        (name, value, range, source) of every figure that the path rests on.
    """

    months: tuple[PathMonth, ...]
    moves: tuple[SiteMove, ...]
    stages: tuple[Stage, ...]
    staffing: Staffing
    today_per_month: float
    plan_per_month: float
    one_off: float
    payback_month: int | None
    payback_extrapolated: bool
    rules: tuple[tuple[str, str, str, str], ...]

    @property
    def keeps_promises(self) -> bool:
        """Whether every month meets its targets with enough heads."""
        return all(m.meets_targets and m.short <= SHORT for m in self.months)

    def frame(self) -> pd.DataFrame:
        """One row per month."""
        return pd.DataFrame([
            {"month": m.month, "sites": len(m.open_sites), "open_sites": ", ".join(m.open_sites),
             "meets_targets": m.meets_targets, "heads": m.heads, "needed": m.needed, "learning": m.learning,
             "training": m.training, "starts": m.starts, "let_go": m.let_go, "moved_in": m.moved_in, "left": m.left,
             "short": m.short, "running": m.running, "pay": m.pay, "one_off": m.one_off, "saving": m.saving,
             "cumulative": m.cumulative}
            for m in self.months
        ])  # fmt: skip

    def heads_by_group(self) -> pd.DataFrame:
        """Heads on the payroll: one row per group, one column per month."""
        s = self.staffing
        index = pd.MultiIndex.from_tuples(s.groups, names=["site", "skill_set"])
        return pd.DataFrame(s.experienced + s.learning + s.training, index=index, columns=[m.month for m in self.months])

    def sentence(self) -> str:
        """The path in one sentence."""
        close = [m for m in self.moves if m.action == "close"]
        end = max((m.end or 0 for m in close), default=0)
        kept = "every month keeps its promises" if self.keeps_promises else "NOT every month keeps its promises"
        back = "it does not pay back" if self.payback_month is None else f"it pays back in month {self.payback_month}"
        back += " (beyond the path, extrapolated)" if self.payback_extrapolated else ""
        return (f"{len(close)} sites close by month {end}; {kept}; one-off cost {self.one_off:,.0f}, then "
                f"{self.today_per_month - self.plan_per_month:,.0f} a month are saved; {back}.")  # fmt: skip

    def gantt(self, ax: object = None) -> object:
        """Sites over the months; a matplotlib axes that can be changed."""
        from ccopt.studies.path_pictures import gantt_axes

        return gantt_axes(self, ax)

    def headcount(self, ax: object = None) -> object:
        """Heads over the months by experience, with what is needed; a matplotlib axes that can be changed."""
        from ccopt.studies.path_pictures import headcount_axes

        return headcount_axes(self, ax)


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
    steps, moves = stages(scenario, start, end, rules)
    staff = staff_path(scenario, start, steps, moves, rules)
    money = _Money(scenario, start, staff, moves, rules)
    months = money.months(steps)
    settled = money.settled(end)
    paid, guessed = _payback(months, money.today - settled)
    return TransitionPath(
        months=months, moves=moves, stages=steps, staffing=staff, today_per_month=money.today, plan_per_month=settled,
        one_off=math.fsum(m.one_off for m in months), payback_month=paid, payback_extrapolated=guessed,
        rules=_register(rules),
    )  # fmt: skip


def _register(rules: Transition) -> tuple[tuple[str, str, str, str], ...]:
    given = rules.model_fields_set
    return tuple(
        (name, str(getattr(rules, name)), "" if name in given else span, "scenario" if name in given else f"default: {source}")
        for name, (span, source) in RULES.items()
    )


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
