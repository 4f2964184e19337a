"""Random tiny networks and their optimum by enumeration, with the group model and nothing of the optimiser."""

import itertools
import math
from contextlib import contextmanager

import numpy as np

from ccopt.queueing import group_performance

HOURS = 2000.0


def random_document(rng, *, tiers=False):
    """One or two contact types, one or two sites, patience and targets at random; ``tiers``: c0 escalates to c1."""
    kinds = 2 if tiers else int(rng.integers(1, 3))
    types = []
    for i in range(kinds):
        patience = float(rng.choice([60, 180, 600])) if rng.random() < 0.5 else None
        targets = []
        if rng.random() < 0.85:
            targets.append({"service_level": float(rng.choice([0.7, 0.8, 0.9])), "awt_s": float(rng.choice([10, 20, 60]))})
        if patience and rng.random() < 0.4:
            targets.append({"max_abandonment": float(rng.choice([0.05, 0.1]))})
        if rng.random() < 0.3:
            targets.append({"max_occupancy": float(rng.choice([0.8, 0.9]))})
        row = {"name": f"c{i}", "talk_s": float(rng.choice([120, 300, 600])), "targets": targets}
        types.append(row | ({"patience_s": patience} if patience else {}))
    skills = [{"name": f"only{i}", "contact_types": [f"c{i}"]} for i in range(kinds)]
    if kinds == 2 and rng.random() < 0.7:
        skills.append({"name": "both", "contact_types": ["c0", "c1"], "aht_factor": float(rng.choice([1.0, 1.1])),
                       "wage_factor": float(rng.choice([1.0, 1.08]))})  # fmt: skip
    sites = []
    for s in range(int(rng.integers(1, 3))):
        site = {"name": f"s{s}", "kind": "inhouse", "wage_per_hour": float(rng.uniform(15, 30)),
                "fixed_cost_per_year": float(rng.choice([0, 20000, 80000])),
                "seat_cost_per_year": float(rng.choice([0, 4000]))}  # fmt: skip
        sites.append(site | ({"seats": int(rng.integers(4, 12))} if rng.random() < 0.4 else {}))
    sources = kinds - 1 if tiers else kinds
    demand = [{"region": "r", "contact_type": f"c{i}", "contacts_per_hour": float(rng.uniform(3, 40))} for i in range(sources)]
    document = {"schema_version": 1, "name": "t", "periods": [{"name": "p", "hours_per_year": HOURS}], "sites": sites,
                "contact_types": types, "skill_sets": skills, "demand": demand}  # fmt: skip
    if tiers:
        document["escalations"] = [{"from_type": "c0", "to_type": "c1", "share": 0.3}]
    return document


def _kept(g, i, target):
    if "service_level" in target:
        return g.answered_in_time[i] >= target["service_level"] - 1e-12
    if "max_abandonment" in target:
        return g.abandonment[i] <= target["max_abandonment"] + 1e-12
    return g.occupancy <= target["max_occupancy"] + 1e-12


def _meets(rates, aht, patience, n, targets):
    used = [i for i, r in enumerate(rates) if r > 1e-9]
    wanted = [(k, t) for k, i in enumerate(used) for t in targets[i]]
    if not used or (not wanted and n >= sum(rates[i] * aht[i] for i in used) / 3600 * (1 - 1e-6)):
        return True
    if not wanted or n == 0:
        return False
    for awt in {t.get("awt_s", 20.0) for _, t in wanted}:
        g = group_performance([rates[i] for i in used], [aht[i] for i in used], patience_s=[patience[i] for i in used],
                              agents=n, awt_s=awt)  # fmt: skip
        if not g.stable or not all(_kept(g, k, t) for k, t in wanted if t.get("awt_s", 20.0) == awt):
            return False
    return True


def optimum(document, *, steps):
    """Least cost over all splits of every type in ``steps`` parts (single tier); an upper bound of the true optimum."""
    types, skills, sites = document["contact_types"], document["skill_sets"], document["sites"]
    aht = [t["talk_s"] for t in types]
    patience = [t.get("patience_s", math.inf) for t in types]
    targets = [t["targets"] for t in types]
    demand = [d["contacts_per_hour"] for d in document["demand"]]
    groups = [(s, k) for s in range(len(sites)) for k in range(len(skills))]
    able = [[g for g, (_, k) in enumerate(groups) if f"c{i}" in skills[k]["contact_types"]] for i in range(len(types))]
    splits = [[c for c in itertools.product(range(steps + 1), repeat=len(a)) if sum(c) == steps] for a in able]
    memory = {}

    def fewest(k, rates):
        key = (k, tuple(round(r, 9) for r in rates))
        if key not in memory:
            handle = [a * skills[k].get("aht_factor", 1.0) for a in aht]
            memory[key] = next((n for n in range(81) if _meets(rates, handle, patience, n, targets)), None)
        return memory[key]

    best = math.inf
    for choice in itertools.product(*splits):
        rates = [[0.0] * len(types) for _ in groups]
        for i, parts in enumerate(choice):
            for g, part in zip(able[i], parts, strict=True):
                rates[g][i] = demand[i] * part / steps
        agents = [fewest(k, rates[g]) for g, (_, k) in enumerate(groups)]
        if None not in agents:
            best = min(best, _cost(sites, skills, groups, agents))
    return best


def _cost(sites, skills, groups, agents):
    total = 0.0
    for s, site in enumerate(sites):
        present = sum(n for n, (where, _) in zip(agents, groups, strict=True) if where == s)
        if present > site.get("seats", 10**9):
            return math.inf
        if present:
            total += site["fixed_cost_per_year"] + site["seat_cost_per_year"] * present
            total += sum(n * site["wage_per_hour"] * skills[k].get("wage_factor", 1.0) * HOURS
                         for n, (where, k) in zip(agents, groups, strict=True) if where == s)  # fmt: skip
    return total


@contextmanager
def forced(path):
    """Only one way of the optimiser: exact steps, segments, or prices (None: its own choice)."""
    from ccopt.optimisation import pipeline

    kept = pipeline.STEP_BINARIES, pipeline.fits
    try:
        if path is not None:
            pipeline.STEP_BINARIES = 10**9 if path == "steps" else -1
            pipeline.fits = (lambda _: True) if path == "segments" else (lambda _: False)
        yield
    finally:
        pipeline.STEP_BINARIES, pipeline.fits = kept


def verdict(seed, *, tiers=False, path=None, time_limit_s=20):
    """None when all is right, else what is wrong with the optimiser's answer to random network ``seed``."""
    import ccopt

    document = random_document(np.random.default_rng(seed), tiers=tiers)
    cells = len(document["sites"]) * len(document["skill_sets"])
    known = math.inf if tiers else optimum(document, steps=12 if cells <= 2 else 8 if cells <= 4 else 5)
    scenario = ccopt.Scenario.model_validate(document)
    try:
        with forced(path):
            plan = ccopt.optimise(scenario, gap=0.001, time_limit_s=time_limit_s)
    except ccopt.InfeasibleError as error:
        return f"false infeasible: {error}" if math.isfinite(known) else None
    except ccopt.SolverError as error:
        return None if error.status == "time_limit" else f"{error.status}: {error}"  # no answer in time claims nothing
    if tiers and path is not None:  # the exact way bounds what the other ways claim, and the other way round
        exact = ccopt.optimise(scenario, gap=0.001, time_limit_s=time_limit_s)
        known = exact.cost_per_year
        if exact.lower_bound is not None and exact.lower_bound > plan.cost_per_year * (1 + 1e-9):
            return f"false exact bound {exact.lower_bound} above {plan.cost_per_year}"
    judged = ccopt.evaluate(scenario, plan.design)
    if not judged.meets_targets:
        return f"broken promises: {judged.violations[:2]}"
    if abs(judged.cost_per_year - plan.cost_per_year) > 1e-6 * plan.cost_per_year:
        return f"cost {plan.cost_per_year} but the judge says {judged.cost_per_year}"
    if plan.lower_bound is not None and plan.lower_bound > min(known, plan.cost_per_year) * (1 + 1e-9):
        return f"false bound {plan.lower_bound} above {known}"
    return None
