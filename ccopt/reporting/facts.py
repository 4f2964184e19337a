"""The numbers of a report, gathered once; page and workbook only print them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ccopt.design import Design, Plan
from ccopt.evaluation import StressRow
from ccopt.kpis import Evaluation, ServiceRow, Violation
from ccopt.reporting.pieces import between, listed, millions
from ccopt.routing.finding import Finding
from ccopt.scenario.entities import Scenario
from ccopt.studies.layout_answers import LayoutAnswers

LEAVES = ("labour", "contract", "fixed", "seats", "overhead", "telecom", "one_off")
LEAF_NAMES = {
    "labour": "labour", "contract": "contracts", "fixed": "fixed cost of sites", "seats": "seats",
    "overhead": "overhead staff", "telecom": "telecom and distance", "one_off": "one-off, per year",
    "variable_pay": "pay per contact and sale", "labour_market": "dearer hires",
    "equipment": "equipped seats", "toll_free": "toll-free minutes",
    "trunks": "lines and ports", "charges": "fixed charges", "customers": "lost contacts and dissatisfaction",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a report says."""

    scenario: Scenario
    plan: Plan
    evaluation: Evaluation
    simulation: Evaluation | None
    today: Evaluation | None
    today_design: Design | None
    findings: tuple[Finding, ...]
    contradictions: tuple[Violation, ...]
    answers: LayoutAnswers | None = None
    losses: tuple[StressRow, ...] = ()
    studies: tuple[Any, ...] = ()

    @property
    def currency(self) -> str:
        """Currency of the scenario."""
        return self.scenario.currency

    @property
    def saving(self) -> float | None:
        """Cost of today less cost of the plan, per year."""
        return None if self.today is None else self.today.cost_per_year - self.plan.cost_per_year


def leaf_totals(costs: Mapping[str, Any]) -> dict[str, float]:
    """Cost per year by leaf name over all sites; branches that belong to no site count as one leaf each."""
    total: dict[str, float] = {}
    for site in costs["sites"].values():
        for leaf, amount in site.items():
            total[leaf] = total.get(leaf, 0.0) + float(amount)
    for branch, amounts in costs.items():
        if branch != "sites":
            total[branch] = float(sum(amounts.values()))
    return total


def cost_leaves(f: Facts) -> list[str]:
    """Leaves with an amount today or in the plan, in the order in which they are printed; at least one."""
    before, after = leaf_totals(f.today.costs) if f.today else {}, leaf_totals(f.plan.costs)
    every = (*LEAVES, *sorted((set(before) | set(after)) - set(LEAVES)))
    found = [k for k in every if max(abs(before.get(k, 0.0)), abs(after.get(k, 0.0))) > 0.005]
    return found or [LEAVES[0]]


def bridge_steps(today: Mapping[str, Any], plan: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Change of each cost leaf; the steps add up to the difference of the totals."""
    before, after = leaf_totals(today), leaf_totals(plan)
    return [
        (LEAF_NAMES.get(leaf, leaf), after.get(leaf, 0.0) - before.get(leaf, 0.0))
        for leaf in (*LEAVES, *sorted((set(before) | set(after)) - set(LEAVES)))
        if abs(after.get(leaf, 0.0) - before.get(leaf, 0.0)) > 0.005
    ]


def three_values(facts: Facts) -> list[dict[str, Any]]:
    """Service of each contact type and period: promised to the optimiser, analytic, simulated; agreement flagged."""
    simulated = {(r.name, r.period): r for r in facts.simulation.contact_types} if facts.simulation else {}
    promised = {c.name: _promise(c.targets) for c in facts.scenario.contact_types}
    rows = []
    tested = facts.scenario.model_error.service_level if facts.scenario.model_error else 0.0
    for row in facts.evaluation.contact_types:
        other = simulated.get((row.name, row.period))
        rows.append({
            "contact_type": row.name, "period": row.period or "year", "awt_s": row.awt_s, "basis": row.basis,
            "promised": promised[row.name], "analytic": row.service_level,
            "simulated": other.service_level if other else None,
            "half_width": other.half_width.get("service_level") if other else None,
            "analytic_half_width": row.half_width.get("service_level"),
            "analytic_abandonment": row.abandonment, "simulated_abandonment": other.abandonment if other else None,
            "analytic_asa_s": row.asa_s, "simulated_asa_s": other.asa_s if other else None,
            "agrees": _agrees(row, other, tested),
        })  # fmt: skip
    return rows


def _promise(targets: Sequence[Any]) -> float | None:
    return next((e.service_level for e in targets if e.service_level is not None), None)


def _agrees(row: ServiceRow, other: ServiceRow | None, tested: float) -> bool | None:
    """Inside the simulation's interval, or within the stated error of the group model (2 points).

    The error ``tested`` on history is no excuse here: both judges are models of the same scenario.
    """
    if other is None or row.service_level is None or other.service_level is None:
        return None
    margin = other.half_width.get("service_level", 0.0) + max(0.02, row.half_width.get("service_level", 0.0) - tested)
    return abs(row.service_level - other.service_level) <= margin


def site_rows(facts: Facts) -> list[dict[str, Any]]:
    """Every site today and in the plan."""
    now = {s.site: s for s in facts.today.sites} if facts.today else {}
    then = {s.site: s for s in facts.evaluation.sites}
    rows = []
    for site in facts.scenario.sites:
        a, b = now.get(site.name), then.get(site.name)
        if a is None and b is None:
            continue
        state = "stays" if a and b else "closes" if a else "opens"
        rows.append({
            "site": site.name, "state": state if facts.today else "open", "kind": site.kind,
            "today_agents": a.agents_peak if a else 0, "plan_agents": b.agents_peak if b else 0,
            "today_cost": _site_cost(facts.today, site.name), "plan_cost": _site_cost(facts.plan, site.name),
            "seats": site.seats, "contacts": b.contacts_per_year if b else 0.0,
        })  # fmt: skip
    before, after = _of_no_site(facts.today), _of_no_site(facts.plan)
    if before or after:
        rows.append({
            "site": "of no site", "state": "", "kind": "lines, charges", "today_agents": 0, "plan_agents": 0, "today_cost": before,
            "plan_cost": after, "seats": None, "contacts": 0.0,
        })  # fmt: skip
    return rows


def _of_no_site(judged: Evaluation | Plan | None) -> float:
    """Branches of the cost tree that belong to the network: lines, charges, lost contacts."""
    if judged is None:
        return 0.0
    return math.fsum(float(v) for branch, amounts in judged.costs.items() if branch != "sites" for v in amounts.values())


def _site_cost(judged: Evaluation | Plan | None, site: str) -> float:
    """All leaves of a site; a site that closes still costs its closing."""
    return 0.0 if judged is None else math.fsum(float(v) for v in judged.costs["sites"].get(site, {}).values())


def decision(facts: Facts) -> str:
    """The decision in a sentence, with the range of the saving (of the cost where there is no layout of today)."""
    names = list(facts.plan.design.open_sites)
    cost = millions(facts.plan.cost_per_year, facts.currency)
    text = f"Run {len(names)} site{'s' if len(names) != 1 else ''} ({listed(names)}) for {cost} a year"
    swings = facts.answers.swings if facts.answers else ()
    if facts.today is None or facts.saving is None:
        if not swings:
            return text + "."
        low, high = (pick(v for s in swings for v in (s.cost_low, s.cost_high)) for pick in (min, max))
        return f"{text} ({between(low, high, facts.currency)} with one assumption moved at a time)."
    share = facts.saving / facts.today.cost_per_year if facts.today.cost_per_year else 0.0
    word = "less" if facts.saving >= 0 else "more"
    many = len(facts.today.sites)
    text += f": {abs(share):.1%} {word} than the {many} site{'s' if many != 1 else ''} of today"
    span = facts.answers.saving_range if facts.answers else None
    if span is not None:
        saved = millions(facts.saving, facts.currency)
        text += f", a saving of {saved} ({between(*span, facts.currency)} with one assumption moved at a time)"
    return text + "."


def certainty(facts: Facts) -> str:
    """How sure the decision is: the gap, what the two judges say, the risk of losing a site."""
    plan = facts.plan
    if plan.lower_bound is None:
        text = "No lower bound was proven in the time given."
    else:
        text = (f"No design of this scenario can cost less than {plan.lower_bound:,.0f} {facts.currency} a year "
                f"under the queueing model of the groups, so at most {plan.gap or 0:.2%} could still be saved.")  # fmt: skip
    if not facts.evaluation.meets_targets:
        text += f" The analytic judge finds {len(facts.evaluation.violations)} promises broken."
    elif facts.simulation is None:
        text += " The analytic judge finds every promise kept."
    elif facts.contradictions:
        text += f" Simulation contradicts {len(facts.contradictions)} promises."
    else:
        text += " The analytic judge finds every promise kept and simulation does not contradict it."
    return text + finest_promise(facts) + risk(facts)


def finest_promise(facts: Facts) -> str:
    """A sentence about the error of a back-test, where the scenario carries one."""
    error = facts.scenario.model_error
    if error is None:
        return ""
    text = (f" On past contacts the model was off by {100 * error.service_level:.1f} points of service level and "
            f"{100 * error.abandonment:.1f} points of abandonment, so nothing here is promised finer than that")  # fmt: skip
    if error.safety:
        return text + f"; the staff includes a margin of {error.safety:g} times this error."
    return text + "; the staff includes no margin for it."


def risk(facts: Facts) -> str:
    """A sentence about the worst loss of a site."""
    worst = max(facts.losses, key=lambda r: r.abandonment, default=None)
    if worst is None:
        return ""
    if worst.unserved:
        return (f" If {worst.site} is lost, nobody else works in some period for {len(worst.unserved)} pairs of region and "
                "contact type.")  # fmt: skip
    return (
        f" The worst loss of a site is {worst.site}: {worst.abandonment:.1%} of all contacts would then be abandoned."
    )
