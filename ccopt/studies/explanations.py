"""Why a site is open or closed: the decision turned round, priced by cause, and what would flip it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from ccopt.costs import seats_used
from ccopt.design import Design, Plan
from ccopt.errors import Problem, ScenarioError
from ccopt.optimisation.decode import certified_cost
from ccopt.optimisation.limits import Limit
from ccopt.scenario.entities import Scenario
from ccopt.studies.changes import require_site
from ccopt.studies.cost_splits import CostSplit, split_costs
from ccopt.studies.marginal_prices import MarginalPrice, marginal_prices
from ccopt.studies.re_solving import Range, ReSolver, difference, least_agents, site_limits, solved
from ccopt.studies.staffing_reasons import StaffingReason, staffing_reasons
from ccopt.studies.swaps import best_swap
from ccopt.studies.tipping_points import Flip, Question, fixed_cost_flip, price_flip, volume_flip

Depth = Literal["split", "flips", "all"]
Verdict = Literal["proven", "undecided", "plan beaten", "impossible", "not found"]
SHARES = {"split": 1.0, "flips": 0.3, "all": 0.25}
PRICES = 0.25
SOLVES_LEFT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A limit that binds in the plan: what it is, how much is used, how much there is."""

    limit: str
    used: float
    available: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a site is open or closed in a plan.

    Attributes
    ----------
    site, is_open
        The site and its status in the plan.
    plan, other
        The plan, and the best one found with the status turned round (None: there is none, or none was found).
    difference
        What the other costs more a year (cost less revenue), with the ends that the bounds certify.
    verdict
        ``proven`` (the other status costs more, gaps included), ``undecided`` (the difference is smaller than the
        gaps), ``plan beaten`` (the re-solve found a cheaper plan), ``impossible`` (no design with the other status),
        ``not found``.
    split
        The difference by cause, to the cent.
    flips
        Smallest change of fixed cost, price of work and volume that turns the decision round.
    reasons
        Why this many agents, for each group of the site in the plan that has it open.
    binding
        Limits that bind in the plan.
    prices
        What one point of service, one seat, one skill costs.
    """

    site: str
    is_open: bool
    plan: Plan
    other: Plan | None
    difference: Range | None
    verdict: Verdict
    split: CostSplit | None
    flips: tuple[Flip, ...]
    reasons: tuple[StaffingReason, ...]
    binding: tuple[Binding, ...]
    prices: tuple[MarginalPrice, ...]
    conflict: tuple[str, ...]
    solves: int
    seconds: float

    def sentence(self) -> str:
        """The decision and its price in one sentence."""
        kept, turned = ("open", "closed") if self.is_open else ("closed", "in use")
        if self.verdict == "impossible":
            return f"{self.site} must be {kept}: no design has it {turned} ({'; '.join(self.conflict)})."
        if self.difference is None:
            return f"{self.site} is {kept}; no plan with it {turned} was found in the time given."
        d = self.difference
        span = f"between {d.low:,.0f} and {d.high:,.0f}" if math.isfinite(d.low + d.high) else "no bound on one side"
        sure = "proven" if d.high - d.low < 1.0 else f"certified {span}"
        if self.verdict == "plan beaten":
            return f"{self.site} is {kept}, but a plan with it {turned} costs {-d.found:,.0f} a year less: use that plan."
        if self.verdict == "undecided":
            return (f"{self.site} is {kept}; with it {turned} the best plan found costs {d.found:,.0f} a year more, but that is "
                    f"within the gaps ({span}): undecided.")  # fmt: skip
        return f"{self.site} is {kept} because with it {turned} the year costs {d.found:,.0f} more ({sure})."

    def frame(self) -> pd.DataFrame:
        """The difference by cause."""
        return self.split.frame() if self.split else pd.DataFrame(columns=["cause", "amount", "words"])

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON."""
        return {
            "site": self.site, "is_open": self.is_open, "verdict": self.verdict, "sentence": self.sentence(),
            "difference": asdict(self.difference) if self.difference else None,
            "split": {c.name: c.amount for c in self.split.causes} if self.split else None,
            "split_total": self.split.difference if self.split else None, "flips": [asdict(f) for f in self.flips],
            "binding": [asdict(b) for b in self.binding],
            "prices": [asdict(p) | {"sentence": p.sentence()} for p in self.prices],
            "staff": [asdict(r) | {"sentence": r.sentence()} for r in self.reasons], "conflict": list(self.conflict),
            "other": self.other, "solves": self.solves,
        }  # fmt: skip

    def lines(self) -> list[str]:
        """Everything as plain lines."""
        out = [self.sentence()]
        if self.split:
            out += [f"  {c.amount:+16,.2f}  {c.words}" for c in self.split.causes]
            out += [f"  {self.split.difference:+16,.2f}  in all"]
        out += [f"flip: {f.sentence}" for f in self.flips]
        out += [f"binding: {b.limit}: {b.used:g} of {b.available:g}" for b in self.binding]
        out += [f"price: {p.sentence()}" for p in self.prices]
        return out + [f"staff: {r.sentence()}" for r in self.reasons]


def explain(
    scenario: Scenario,
    plan: Plan | Design,
    site: str,
    *,
    depth: Depth = "all",
    gap: float = 0.002,
    time_limit_s: float = 120.0,
    limits: Sequence[Limit] = (),
    seed: int = 0,
) -> Explanation:
    """Why a site is open or closed in a plan, what the other decision costs by cause, and what would flip it.

    A site that is forced open must be used: at least 5 % of the agents of the busiest period work there.

    Parameters
    ----------
    scenario
        The scenario of the plan.
    plan
        A plan, or a bare design (then without a bound of its own).
    site
        Name of a site.
    depth
        ``split`` re-solves once; ``flips`` also looks for the price and volume that turn the decision round; ``all`` also prices
        one point of service, one seat and one skill.
    gap, limits, seed
        As in `optimise`; give the limits under which the plan was made.
    time_limit_s
        Seconds for everything.

    Returns
    -------
    Explanation

    Raises
    ------
    ScenarioError
        The site is not declared.

    Examples
    --------
    >>> import ccopt as cc
    >>> s = cc.load_instance("two-sites")
    >>> why = cc.explain(s, cc.optimise(s), site="west", depth="split")
    >>> why.verdict, why.split.difference == round(sum(c.amount for c in why.split.causes), 2)
    ('proven', True)
    """
    began = time.monotonic()
    require_site(scenario, site)
    if depth not in SHARES:
        raise ScenarioError([Problem(place="depth", value=repr(depth), rule="unknown", remedy=f"have {list(SHARES)}")])
    now = plan if isinstance(plan, Plan) else _as_plan(scenario, plan)
    is_open = site in now.design.open_sites
    resolver = ReSolver(gap=gap, time_limit_s=time_limit_s, limits=limits, seed=seed)
    agents = least_agents(now.design)
    turned = resolver.solve(scenario, site_limits(site, in_use=not is_open, agents=agents), seconds=SHARES[depth] * time_limit_s,
                            start=best_swap(scenario, now.design, site))  # fmt: skip
    own = solved(now)
    apart = difference(turned, own) if turned.plan is not None else None
    flips: tuple[Flip, ...] = ()
    prices: tuple[MarginalPrice, ...] = ()
    if depth == "all":
        prices = marginal_prices(scenario, now, resolver, site=site if is_open else None, seconds=PRICES * time_limit_s)
    if apart is not None:
        q = Question(scenario=scenario, site=site, is_open=is_open, agents=agents, resolver=resolver,
                     seconds=max(0.5, resolver.left() / SOLVES_LEFT))  # fmt: skip
        more = apart if not is_open else Range(found=-apart.found, low=-apart.high, high=-apart.low)
        closed, opened = (turned, own) if is_open else (own, turned)
        flips = (fixed_cost_flip(q, more),)
        flips += () if depth == "split" else (price_flip(q, closed, opened), volume_flip(q, more))
    shown = now if is_open else turned.plan
    return Explanation(
        site=site, is_open=is_open, plan=now, other=turned.plan, difference=apart,
        verdict=_verdict(apart, infeasible=turned.infeasible),
        split=split_costs(scenario, now.design, turned.plan.design) if turned.plan else None, flips=flips,
        reasons=staffing_reasons(scenario, shown.design, site) if shown else (), binding=binding_limits(scenario, now.design),
        prices=prices, conflict=turned.reason, solves=resolver.solves, seconds=time.monotonic() - began,
    )  # fmt: skip


def _verdict(apart: Range | None, *, infeasible: bool) -> Verdict:
    if infeasible:
        return "impossible"
    if apart is None:
        return "not found"
    if apart.found < -1e-9 * abs(apart.found):
        return "plan beaten"
    return "proven" if apart.low > 0.0 else "undecided"


def _as_plan(scenario: Scenario, design: Design) -> Plan:
    account, _ = certified_cost(scenario, design)
    return Plan(design=design, cost_per_year=account.cost_per_year, revenue_per_year=account.revenue_per_year,
                costs=account.costs, lower_bound=None, gap=None, status="given")  # fmt: skip


def binding_limits(scenario: Scenario, design: Design) -> tuple[Binding, ...]:
    """Limits on seats, labour pools and numbers of sites and groups that a design uses up."""
    out = []
    for s in scenario.sites:
        if s.name not in design.open_sites:
            continue
        used = seats_used(scenario, design, s.name)
        caps = {"seats": s.seats, "labour pool": s.labour_pool}
        out += [Binding(limit=f"{k} of {s.name}", used=used, available=cap)
                for k, cap in caps.items() if cap is not None and used >= cap > 0]  # fmt: skip
    groups = sum(any(g.agents) for g in design.groups)
    for entry in scenario.limits:
        counts = {"max_sites": len(design.open_sites), "min_sites": len(design.open_sites), "max_groups": groups}
        if entry.kind in counts and entry.value is not None and counts[entry.kind] == entry.value:
            words = entry.kind.replace("_", " ")
            out.append(Binding(limit=words, used=counts[entry.kind], available=entry.value))
    return tuple(out)
