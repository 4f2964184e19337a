"""What must follow for the optimum of a network from the optimum of another: changes of a document, and the claim of each."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

import ccopt as cc
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.solve import solve_arrays

GAP, LIMIT_S = 1e-6, 1.0
SAFE = 1e-9  # relative: bounds are told with as much less
CLOSE = 1e-6  # relative: what two ways of adding up the same money may differ by
CALL_COST = 0.25
MONEY = ("wage_per_hour", "fixed_cost_per_year", "seat_cost_per_year")
Document = dict[str, Any]


class Answer(NamedTuple):
    """Cost and bound of a run, infinite without a design, and its plan."""

    cost: float
    bound: float
    plan: cc.Plan | None


Change = Callable[[Document, Any], None]  # the plan of the document too, None without a design


@dataclass(frozen=True, slots=True)
class Relation:
    """A change after which the optimum, times ``factor`` and plus a constant, never rises, never falls, or neither."""

    change: Change
    rises: bool = False
    falls: bool = False
    factor: float = 1.0
    constant: Callable[[Document], float] = lambda _: 0.0

    def broken(self, document: Document, base: Answer, other: Answer) -> bool:
        """Whether costs and bounds contradict it."""
        more = self.constant(document)
        highest, lowest = self.factor * base.cost + more, self.factor * base.bound + more
        too_dear = not self.rises and other.bound > highest * (1 + SAFE)
        too_cheap = not self.falls and other.cost < lowest * (1 - SAFE)
        return too_dear or too_cheap


def answer(document: Document, **options: Any) -> Answer | None:
    """The optimum of a document; None where time ended first."""
    try:
        plan = cc.optimise(cc.Scenario.model_validate(document), gap=GAP, time_limit_s=LIMIT_S, **options)
    except cc.InfeasibleError:
        return Answer(math.inf, math.inf, None)
    except cc.SolverError as error:
        if error.status == "time_limit":
            return None
        raise
    return Answer(plan.cost_per_year, -math.inf if plan.lower_bound is None else plan.lower_bound, plan)


def changed(document: Document, change: Change, plan: cc.Plan | None = None) -> Document:
    """A copy of the document with the change."""
    other = copy.deepcopy(document)
    change(other, plan)
    return other


def more_sites(d: Document, _: Any) -> None:
    d["sites"].append({**d["sites"][0], "name": "more", "wage_per_hour": 0.9 * d["sites"][0]["wage_per_hour"]})


def more_skills(d: Document, _: Any) -> None:
    d["skill_sets"].append({"name": "all", "contact_types": [t["name"] for t in d["contact_types"]], "wage_factor": 1.01})


def same_skills(d: Document, _: Any) -> None:
    """Two smaller groups lose more callers, so that a promise of occupancy alone may be kept with fewer agents."""
    d["skill_sets"].append({**d["skill_sets"][0], "name": "twin"})


def more_seats(d: Document, _: Any) -> None:
    for site in d["sites"]:
        if "seats" in site:
            site["seats"] += 2


def _targets(d: Document, name: str, by: Callable[[float], float]) -> None:
    for kind in d["contact_types"]:
        for target in kind["targets"]:
            if name in target:
                target[name] = by(target[name])


def lower_level(d: Document, _: Any) -> None:
    _targets(d, "service_level", lambda x: x - 0.1)


def higher_level(d: Document, _: Any) -> None:
    _targets(d, "service_level", lambda x: x + 0.05)


def longer_awt(d: Document, _: Any) -> None:
    _targets(d, "awt_s", lambda x: 2 * x)


def more_may_leave(d: Document, _: Any) -> None:
    _targets(d, "max_abandonment", lambda x: x + 0.03)


def busier(d: Document, _: Any) -> None:
    _targets(d, "max_occupancy", lambda x: x + 0.05)


def fewer_contacts(d: Document, _: Any) -> None:
    for row in d["demand"]:
        row["contacts_per_hour"] *= 0.9


def shorter_calls(d: Document, _: Any) -> None:
    for kind in d["contact_types"]:
        kind["talk_s"] *= 0.9


def lower_wages(d: Document, _: Any) -> None:
    for site in d["sites"]:
        site["wage_per_hour"] *= 0.95


def free_buildings(d: Document, _: Any) -> None:
    for site in d["sites"]:
        site["fixed_cost_per_year"] = 0.0


def one_site(d: Document, _: Any) -> None:
    d["limits"] = [{"kind": "max_sites", "value": 1}]


def larger_groups(d: Document, _: Any) -> None:
    d["limits"] = [{"kind": "min_group_size", "value": 4}]


def fewer_routes(d: Document, _: Any) -> None:
    d["links"] = [{"region": "r", "site": d["sites"][0]["name"], "allowed": False}]


def forbidden(d: Document, plan: cc.Plan) -> None:
    d["limits"] = [{"kind": "force_closed", "site": plan.design.open_sites[0]}]


def forced(d: Document, plan: cc.Plan) -> None:
    open_sites = set(plan.design.open_sites)
    d["limits"] = [{"kind": "force_open" if s["name"] in open_sites else "force_closed", "site": s["name"]} for s in d["sites"]]


def enough_money(d: Document, plan: cc.Plan) -> None:
    d["limits"] = [{"kind": "budget", "value": plan.cost_per_year * (1 + CLOSE)}]


def doubled(d: Document, _: Any, factor: float = 2.0) -> None:
    for site in d["sites"]:
        for field in MONEY:
            if field in site:
                site[field] *= factor


def paid_calls(d: Document, _: Any) -> None:
    d["links"] = [{"region": "r", "site": s["name"], "cost_per_contact": CALL_COST} for s in d["sites"]]


def cost_of_calls(d: Document) -> float:
    """What all calls of a network without tiers cost a year in `paid_calls`."""
    return CALL_COST * sum(row["contacts_per_hour"] for row in d["demand"]) * d["periods"][0]["hours_per_year"]


def renamed(d: Document, _: Any) -> None:
    """Other names, and every list the other way round."""
    text = json.dumps(d)
    for key in ("sites", "contact_types", "skill_sets"):
        for i, row in enumerate(d[key]):
            text = text.replace(json.dumps(row["name"]), json.dumps(f"{key[0]}{len(d[key]) - i:03d} {row['name'][::-1]}"))
    d.clear()
    d.update(json.loads(text))
    for key in ("sites", "contact_types", "skill_sets", "demand"):
        d[key].reverse()


def two_regions(d: Document, _: Any) -> None:
    d["demand"] = [{**row, "region": region, "contacts_per_hour": row["contacts_per_hour"] / 2}
                   for row in d["demand"] for region in ("r", "s")]  # fmt: skip


def two_halves(d: Document, _: Any) -> None:
    d["periods"] = [{"name": name, "hours_per_year": d["periods"][0]["hours_per_year"] / 2} for name in ("first", "second")]
    for row in d["demand"]:
        row["contacts_per_hour"] = [row["contacts_per_hour"]] * 2


def slower_clock(d: Document, _: Any) -> None:
    """Everything takes three times as long, and a third of the contacts come in an hour."""
    for kind in d["contact_types"]:
        kind["talk_s"] *= 3
        if "patience_s" in kind:
            kind["patience_s"] *= 3
    _targets(d, "awt_s", lambda x: 3 * x)
    for row in d["demand"]:
        row["contacts_per_hour"] /= 3


EASIER = (more_sites, more_skills, more_seats, lower_level, longer_awt, more_may_leave, busier, fewer_contacts, shorter_calls,
          lower_wages, free_buildings, same_skills)  # fmt: skip
HARDER = (higher_level, one_site, larger_groups, fewer_routes, forbidden)
SAME = (forced, enough_money, renamed, two_regions, two_halves, slower_clock)
RELATIONS: dict[str, Relation] = (
    {f.__name__: Relation(f, falls=True) for f in EASIER} | {f.__name__: Relation(f, rises=True) for f in HARDER}
    | {f.__name__: Relation(f) for f in SAME}
    | {"doubled": Relation(doubled, factor=2.0), "paid_calls": Relation(paid_calls, constant=cost_of_calls)}
)  # fmt: skip


def judged(document: Document, base: Answer) -> bool:
    """The judge, which knows no programme, finds the cost of the plan and every promise kept."""
    assert base.plan is not None
    found = cc.evaluate(cc.Scenario.model_validate(document), base.plan.design)
    return found.meets_targets and math.isclose(found.cost_per_year, base.cost, rel_tol=SAFE)


def relaxed(document: Document, base: Answer) -> bool:
    """The linear relaxation costs no more than the plan."""
    p = build_problem(cc.Scenario.model_validate(document))
    arrays = compile_model(build_model(p, at_least_only=True), p).arrays
    outcome = solve_arrays(replace(arrays, integer=np.zeros_like(arrays.integer)), time_limit_s=LIMIT_S)
    return outcome.objective is not None and outcome.objective + p.base_cost <= base.cost * (1 + SAFE)


def nobody_calls(document: Document, _: Answer) -> bool:
    """Without contacts there are no agents and no cost."""
    found = answer({**document, "demand": [{**row, "contacts_per_hour": 0.0} for row in document["demand"]]})
    return found is not None and found.cost == 0.0 == sum(sum(g.agents) for g in found.plan.design.groups)


TARGETS = {"service_level": lambda t: cc.ServiceLevel(t["service_level"], t["awt_s"]),
           "max_abandonment": lambda t: cc.MaxAbandonment(t["max_abandonment"]),
           "max_occupancy": lambda t: cc.MaxOccupancy(t["max_occupancy"])}  # fmt: skip


def alone(document: Document, _: Answer) -> bool:
    """One site, one type: the agents of the calculator for one pool at their price."""
    kind, site, demand = document["contact_types"][0], document["sites"][0], document["demand"][0]
    if not kind["targets"]:
        return True
    d = document | {"sites": [site], "contact_types": [kind], "skill_sets": document["skill_sets"][:1], "demand": [demand],
                    "escalations": []}  # fmt: skip
    patience = kind.get("patience_s", math.inf)
    model = cc.ErlangA(contacts_per_hour=demand["contacts_per_hour"], aht_s=kind["talk_s"], patience_s=patience)
    agents = cc.required_agents(model, [TARGETS[next(k for k in TARGETS if k in t)](t) for t in kind["targets"]])
    hours = d["periods"][0]["hours_per_year"]
    price = site["fixed_cost_per_year"] + agents * (site["wage_per_hour"] * hours + site["seat_cost_per_year"])
    found = answer(d)
    expected = price if agents <= site.get("seats", math.inf) else math.inf
    return found is not None and math.isclose(found.cost, expected, rel_tol=SAFE)


CHECKS: dict[str, Callable[[Document, Answer], bool]] = {f.__name__: f for f in (judged, relaxed, nobody_calls, alone)}
WITH_PLAN = {f.__name__ for f in (forced, forbidden, enough_money)} | set(CHECKS)
WITHOUT_TIERS = {"paid_calls"}  # who is escalated is paid for again, and how many are depends on who leaves
