"""The layouts that are compared, each as a change of the scenario: who may serve whom, and from where.

*separate* lets each region use only its own site (today's, else the one with the cheapest link); *merged* is one site for
everything, as if its building and labour pool were large enough. *dedicated*, *pairs* and *chain* name the skill sets
instead: one contact type per agent, every two contact types, and the one long chain of Jordan and Graves (1995), in which
each contact type shares agents with the next and the last with the first (types in the order of the document).

Agents of a skill set are those of the scenario where it has the set. Where it has none, they are the cheapest of the
scenario who know these types and more, and take these only. Where nobody knows both types, they are as slow as the slower and
as dear as the dearer of the two, times what a second skill costs in the scenario: the mean over its sets of two types whose
single sets it has, else `SECOND_SKILL`. A site may have the agents whose model it has; by the rule it may have them where its
own agents know both types. A type that can be paired at no site keeps agents of its own.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from statistics import mean
from typing import Any

import ccopt as cc

Row = dict[str, Any]
SECOND_SKILL = {"aht_factor": 1.03, "wage_factor": 1.05}  # assumptions, inside the ranges that a scenario's defaults state


def changed(s: cc.Scenario, **parts: Any) -> cc.Scenario:
    """A checked copy of a scenario with some blocks replaced."""
    return type(s).model_validate_json(json.dumps(s.model_dump(mode="json", exclude_unset=True) | parts))


def own_sites(s: cc.Scenario) -> dict[str, set[str]]:
    """The sites of each region: today's, else the one with the cheapest allowed link."""
    own: dict[str, set[str]] = {}
    if s.existing:
        for a in s.existing.assignments:
            own.setdefault(a.region, set()).add(a.site)
    links = {(k.region, k.site): k for k in s.links}

    def price(region: str, site: str) -> float:
        link = links.get((region, site))
        return float("inf") if link and not link.allowed else link.cost_per_contact if link else 0.0

    for region in dict.fromkeys(d.region for d in s.demand):
        if region not in own:
            own[region] = {min(s.sites, key=lambda x: price(region, x.name)).name}
    return own


def separate(s: cc.Scenario) -> cc.Scenario:
    """Each region only reaches its own sites."""
    own = own_sites(s)
    kept = [k.model_dump(mode="json", exclude_unset=True) for k in s.links if k.site in own.get(k.region, set())]
    bans = [{"region": r, "site": x.name, "allowed": False} for r in own for x in s.sites if x.name not in own[r]]
    return changed(s, links=kept + bans)


def merged(s: cc.Scenario) -> cc.Scenario:
    """One site, large enough and for all skill sets; a temporary site stays temporary."""
    gone = ("seats", "labour_pool", "skill_sets")
    sites = [
        {k: v for k, v in x.model_dump(mode="json", exclude_unset=True).items() if k not in gone} for x in s.sites
    ]
    return changed(s, sites=sites, limits=[{"kind": "max_sites", "value": 1}])


Types = tuple[str, ...]


def dedicated(s: cc.Scenario) -> cc.Scenario:
    """One contact type per agent."""
    return with_skill_sets(s, [(c.name,) for c in s.contact_types])


def pairs(s: cc.Scenario) -> cc.Scenario:
    """Agents for every two contact types."""
    return with_skill_sets(s, itertools.combinations([c.name for c in s.contact_types], 2))


def chain(s: cc.Scenario) -> cc.Scenario:
    """Agents for each contact type and the next, and for the last and the first."""
    names = [c.name for c in s.contact_types]
    links = sorted({tuple(sorted((i, (i + 1) % len(names)))) for i in range(len(names))})
    return with_skill_sets(s, [(names[i], names[j]) for i, j in links if i != j])


def with_skill_sets(s: cc.Scenario, wanted: Iterable[Types]) -> cc.Scenario:
    """The scenario with these skill sets only, and with one set for each type that none of them serves at any site."""
    found = {types: _agents(s, types) for types in wanted}
    allowed = {types: _sites(s, types) for types in found}
    kept = [types for types in found if allowed[types]]
    alone = [(c.name,) for c in s.contact_types if not any(c.name in types for types in kept)]
    found |= {types: _agents(s, types) for types in alone}
    allowed |= {types: _sites(s, types) for types in alone}
    kept += alone
    sets = [found[types] | {"name": _name(s, types), "contact_types": list(types)} for types in kept]
    sites = [
        x.model_dump(mode="json", exclude_unset=True)
        | {"skill_sets": [_name(s, types) for types in kept if x.name in allowed[types]]}
        for x in s.sites
    ]
    names = {row["name"] for row in sets}
    today = (*s.existing.groups, *s.existing.assignments) if s.existing else ()
    named = {x.skill_set for x in today}  # the document still names them, no site may have them
    left = [k.model_dump(mode="json", exclude_unset=True) for k in s.skill_sets if k.name in named - names]
    return changed(s, skill_sets=sets + left, sites=sites)


def by_rule(s: cc.Scenario, variant: cc.Scenario) -> list[str]:
    """Skill sets of a variant that nobody of the scenario could fill."""
    return [k.name for k in variant.skill_sets if _model(s, k.contact_types) is None]


def _name(s: cc.Scenario, types: Types) -> str:
    own = next((k.name for k in s.skill_sets if set(k.contact_types) == set(types)), None)
    return own or (" + ".join(types) if len(types) > 1 else f"{types[0]} only")


def _model(s: cc.Scenario, types: Types) -> Any:
    """The set of the scenario with exactly these types, else its cheapest with these and more; None where it has none."""
    able = [k for k in s.skill_sets if set(types) <= set(k.contact_types)]
    return min(able, key=lambda k: (len(k.contact_types) > len(types), k.aht_factor * k.wage_factor), default=None)


def _agents(s: cc.Scenario, types: Types) -> Row:
    """Speed, wage and tenure of agents for these types."""
    model = _model(s, types)
    if model is not None:
        row: Row = model.model_dump(mode="json", exclude_unset=True)
        return row
    each = [_model(s, (name,)) for name in types]
    return {
        factor: max(getattr(k, factor) for k in each) * _second_skill(s, factor) for factor in SECOND_SKILL
    }


def _second_skill(s: cc.Scenario, factor: str) -> float:
    """What a second skill costs in the scenario."""
    single = {k.contact_types[0]: getattr(k, factor) for k in s.skill_sets if len(k.contact_types) == 1}
    seen = [
        getattr(k, factor) / max(single[name] for name in k.contact_types)
        for k in s.skill_sets if len(k.contact_types) == 2 and all(name in single for name in k.contact_types)
    ]  # fmt: skip
    return mean(seen) if seen else SECOND_SKILL[factor]


def _sites(s: cc.Scenario, types: Types) -> set[str]:
    """Sites that may have agents for these types."""
    model = _model(s, types)
    sets = {k.name: set(k.contact_types) for k in s.skill_sets}
    found = set()
    for x in s.sites:
        here = set(sets) if x.skill_sets is None else set(x.skill_sets)
        known = set().union(*(sets[name] for name in here))
        if model.name in here if model is not None else set(types) <= known:
            found.add(x.name)
    return found


Layout = tuple[str, Callable[[cc.Scenario], cc.Scenario], tuple[Any, ...]]


def layouts() -> list[Layout]:
    """Names, changes of the scenario and limits of all layouts but today's."""
    return [
        ("separate", separate, ()), ("merged", merged, ()), ("dedicated", dedicated, ()), ("pairs", pairs, ()),
        ("chain", chain, ()), ("optimised", lambda s: s, ()), ("optimised N-1", lambda s: s, (cc.SurviveSiteLoss(),)),
    ]  # fmt: skip
