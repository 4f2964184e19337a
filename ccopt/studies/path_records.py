"""What a path from today to the plan says: months, moves, money, and the figures that it rests on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ccopt.scenario.transition import Transition
from ccopt.studies.path_layouts import SiteMove, Stage
from ccopt.studies.path_staffing import Staffing

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
        broken = [m.month for m in self.months if not m.meets_targets or m.short > SHORT]
        few = f"{len(broken)} of {len(self.months)} months do not keep their promises (the first is month {broken[0] if broken else 0})"
        kept = "every month keeps its promises" if not broken else few
        back = "it does not pay back" if self.payback_month is None else f"it pays back in month {self.payback_month}"
        back += " (beyond the path, extrapolated)" if self.payback_extrapolated else ""
        many = f"{len(close)} site closes" if len(close) == 1 else f"{len(close)} sites close"
        return (f"{many} by month {end}; {kept}; one-off cost {self.one_off:,.0f}, then "
                f"{self.today_per_month - self.plan_per_month:,.0f} a month are saved; {back}.")  # fmt: skip

    def gantt(self, ax: object = None) -> object:
        """Sites over the months; a matplotlib axes that can be changed."""
        from ccopt.studies.path_pictures import gantt_axes

        return gantt_axes(self, ax)

    def headcount(self, ax: object = None) -> object:
        """Heads over the months by experience, with what is needed; a matplotlib axes that can be changed."""
        from ccopt.studies.path_pictures import headcount_axes

        return headcount_axes(self, ax)


def register_of(rules: Transition) -> tuple[tuple[str, str, str, str], ...]:
    """(name, value, range, source) of every figure of a path."""
    given = rules.model_fields_set
    return tuple(
        (name, str(getattr(rules, name)), "" if name in given else span, "scenario" if name in given else f"default: {source}")
        for name, (span, source) in RULES.items()
    )
