"""Random tiny networks and their optimum by enumeration, with the group model and nothing of the optimiser."""

import itertools
import math
from contextlib import contextmanager

import numpy as np

from ccopt.errors import UnstableError
from ccopt.queueing import erlang_b, group_performance
from ccopt.queueing.selling import SellingGroup, selling_chain
from ccopt.queueing.selling_waits import selling_waits

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
    sites = [random_site(rng, s) for s in range(int(rng.integers(1, 3)))]
    sources = kinds - 1 if tiers else kinds
    demand = [{"region": "r", "contact_type": f"c{i}", "contacts_per_hour": float(rng.uniform(3, 40))} for i in range(sources)]
    document = {"schema_version": 1, "name": "t", "periods": [{"name": "p", "hours_per_year": HOURS}], "sites": sites,
                "contact_types": types, "skill_sets": skills, "demand": demand}  # fmt: skip
    if tiers:
        document["escalations"] = [{"from_type": "c0", "to_type": "c1", "share": 0.3}]
    return document


def random_site(rng, number):
    """A site with a wage, and with or without fixed cost, cost of seats and few seats."""
    site = {"name": f"s{number}", "kind": "inhouse", "wage_per_hour": float(rng.uniform(15, 30)),
            "fixed_cost_per_year": float(rng.choice([0, 20000, 80000])),
            "seat_cost_per_year": float(rng.choice([0, 4000]))}  # fmt: skip
    return site | ({"seats": int(rng.integers(4, 12))} if rng.random() < 0.4 else {})


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


def splits(document, steps):
    """Contacts per hour and fewest agents of every group, for all splits of every type in ``steps`` parts (single tier)."""
    types, skills, sites = document["contact_types"], document["skill_sets"], document["sites"]
    aht = [t["talk_s"] for t in types]
    patience = [t.get("patience_s", math.inf) for t in types]
    targets = [t["targets"] for t in types]
    demand = [d["contacts_per_hour"] for d in document["demand"]]
    groups = [(s, k) for s in range(len(sites)) for k in range(len(skills))]
    able = [[g for g, (_, k) in enumerate(groups) if f"c{i}" in skills[k]["contact_types"]] for i in range(len(types))]
    parted = [[c for c in itertools.product(range(steps + 1), repeat=len(a)) if sum(c) == steps] for a in able]
    memory = {}

    def fewest(k, rates):
        key = (k, tuple(round(r, 9) for r in rates))
        if key not in memory:
            handle = [a * skills[k].get("aht_factor", 1.0) for a in aht]
            memory[key] = next((n for n in range(81) if _meets(rates, handle, patience, n, targets)), None)
        return memory[key]

    for choice in itertools.product(*parted):
        rates = [[0.0] * len(types) for _ in groups]
        for i, parts in enumerate(choice):
            for g, part in zip(able[i], parts, strict=True):
                rates[g][i] = demand[i] * part / steps
        agents = [fewest(k, rates[g]) for g, (_, k) in enumerate(groups)]
        if None not in agents:
            yield rates, agents


def optimum(document, *, steps):
    """Least cost over all splits of every type in ``steps`` parts (single tier); an upper bound of the true optimum."""
    sites, skills = document["sites"], document["skill_sets"]
    groups = [(s, k) for s in range(len(sites)) for k in range(len(skills))]
    return min((_cost(sites, skills, groups, agents) for _, agents in splits(document, steps)), default=math.inf)


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


def answer(scenario, known, *, path, time_limit_s):
    """The optimiser's plan, or None and what is wrong with there being none."""
    import ccopt

    try:
        with forced(path):
            return ccopt.optimise(scenario, gap=0.001, time_limit_s=time_limit_s), None
    except ccopt.InfeasibleError as error:
        return None, f"false infeasible: {error}" if math.isfinite(known) else None
    except ccopt.SolverError as error:  # no answer in time claims nothing
        return None, None if error.status == "time_limit" else f"{error.status}: {error}"


def fault(scenario, plan, known):
    """What is wrong with a plan: a promise, a sum of money, or a bound above the best design that is known; else None."""
    import ccopt

    judged = ccopt.evaluate(scenario, plan.design)
    net = plan.cost_per_year - plan.revenue_per_year
    if not judged.meets_targets:
        return f"broken promises: {judged.violations[:2]}"
    if abs(judged.cost_per_year - judged.revenue_per_year - net) > 1e-6 * plan.cost_per_year:
        return f"net cost {net} but the judge says {judged.cost_per_year - judged.revenue_per_year}"
    if plan.lower_bound is not None and plan.lower_bound > min(known, net) + 1e-9 * plan.cost_per_year:
        return f"false bound {plan.lower_bound} above {min(known, net)}"
    return None


def verdict(seed, *, tiers=False, path=None, time_limit_s=20):
    """None when all is right, else what is wrong with the optimiser's answer to random network ``seed``."""
    import ccopt

    document = random_document(np.random.default_rng(seed), tiers=tiers)
    cells = len(document["sites"]) * len(document["skill_sets"])
    known = math.inf if tiers else optimum(document, steps=12 if cells <= 2 else 8 if cells <= 4 else 5)
    scenario = ccopt.Scenario.model_validate(document)
    plan, wrong = answer(scenario, known, path=path, time_limit_s=time_limit_s)
    if plan is None:
        return wrong
    if tiers and path is not None:  # the exact way bounds what the other ways claim, and the other way round
        exact = ccopt.optimise(scenario, gap=0.001, time_limit_s=time_limit_s)
        known = exact.cost_per_year
        if exact.lower_bound is not None and exact.lower_bound > plan.cost_per_year * (1 + 1e-9):
            return f"false exact bound {exact.lower_bound} above {plan.cost_per_year}"
    return fault(scenario, plan, known)


def with_sales(document, rng):
    """The document with offers after one or both types: short or long, poor or rich, some with a bonus for the agent."""
    sold = [
        {"contact_type": t["name"], "extra_s": float(rng.choice([30, 60, 200])), "success": float(rng.choice([0.1, 0.5])),
         "revenue": float(rng.choice([2, 10, 60]))}
        for t in document["contact_types"] if rng.random() < 0.8
    ]  # fmt: skip
    sites = [s | {"pay_per_sale": float(rng.choice([0, 1]))} for s in document["sites"]]
    return document | {"cross_selling": sold, "sites": sites}


class SellingGroups:
    """Best net money an hour of one group with given contacts: whole agents, thresholds and sets of types, one by one."""

    def __init__(self, document):
        self.document, self.memory = document, {}
        self.types = document["contact_types"]
        self.sold = {x["contact_type"]: x for x in document["cross_selling"]}

    def best(self, site, skill, rates, plain):
        """(agents, net cost an hour without seats); ``plain`` agents keep the promises without offers."""
        key = (site["name"], skill["name"], tuple(round(r, 9) for r in rates))
        if key not in self.memory:
            wage = site["wage_per_hour"] * skill.get("wage_factor", 1.0)
            found = (plain, plain * wage)
            mine = [i for i, r in enumerate(rates) if r > 1e-9 and self.types[i]["name"] in self.sold]
            for size in range(1, len(mine) + 1):
                for chosen in itertools.combinations(mine, size):
                    for n, threshold in itertools.product(range(max(plain, 1), plain + 3), (None, -3, -1, 0, 2)):
                        limit = None if threshold is None else n + threshold
                        earned = self._earned(site, skill, rates, n, chosen, limit)
                        if earned is not None and n * wage - earned < found[1]:
                            found = (n, n * wage - earned)
            self.memory[key] = found
        return self.memory[key]

    def _earned(self, site, skill, rates, n, chosen, limit):
        """Revenue an hour less bonus, None where a promise breaks: one chain for all types of the group, as it is judged."""
        used = [i for i, r in enumerate(rates) if r > 1e-9]
        total, offered = sum(rates[i] for i in used), sum(rates[i] for i in chosen)
        leave = sum(rates[i] / self.types[i]["patience_s"] for i in used if "patience_s" in self.types[i]) / total
        extra = sum(rates[i] * self.sold[self.types[i]["name"]]["extra_s"] for i in chosen) / offered
        aht = sum(rates[i] * self.types[i]["talk_s"] * skill.get("aht_factor", 1.0) for i in used) / total
        group = SellingGroup(contacts_per_hour=total, aht_s=aht, agents=n, extra_s=extra, share=offered / total,
                             patience_s=1.0 / leave if leave else math.inf)  # fmt: skip
        try:
            chain = selling_chain(group, threshold=limit)
        except UnstableError:
            return None
        for i in used:
            for target in self.types[i]["targets"]:
                if "max_abandonment" in target and chain.abandonment > target["max_abandonment"]:
                    return None
                if "max_occupancy" in target and chain.occupancy > target["max_occupancy"]:
                    return None
                if "service_level" in target:
                    waits = selling_waits(group, threshold=limit, awt_s=target["awt_s"])
                    if waits.answered_in_time < target["service_level"]:
                        return None
        money = sum(
            rates[i] / offered * self.sold[self.types[i]["name"]]["success"]
            * (self.sold[self.types[i]["name"]]["revenue"] - site["pay_per_sale"]) for i in chosen
        )  # fmt: skip
        return chain.offers_per_hour * money


def selling_optimum(document, *, steps):
    """Least net cost over splits, staff, thresholds, sets of types and both routes: an upper bound of the true optimum."""
    groups = SellingGroups(document)
    layouts = [(s, k) for s in document["sites"] for k in document["skill_sets"]]
    best = math.inf
    for rates, agents in splits(document, steps):
        chosen = [groups.best(s, k, r, n) for (s, k), r, n in zip(layouts, rates, agents, strict=True)]
        best = min(best, _net(document, layouts, chosen))
        best = min(best, *handed_over(document, layouts, rates, agents, chosen), math.inf)
    return best


def _net(document, layouts, chosen):
    """Money a year of groups (agents, net cost an hour); infinite where a site lacks seats."""
    net = 0.0
    for site in document["sites"]:
        mine = [c for c, (s, _) in zip(chosen, layouts, strict=True) if s is site]
        present = sum(n for n, _ in mine)
        if present > site.get("seats", 10**9):
            return math.inf
        if present:
            net += site["fixed_cost_per_year"] + site["seat_cost_per_year"] * present + HOURS * sum(v for _, v in mine)
    return net


def handed_over(document, layouts, rates, agents, chosen):
    """Net costs of designs in which sellers of their own take customers by warm transfer whenever one of them is idle.

    Exact without briefing: customers who never leave, of one type, depart as they come (Burke, 1956), so that sellers
    are a loss system (Erlang B, whatever the lengths of their offers).
    """
    sold = {x["contact_type"]: x for x in document["cross_selling"]}
    streams = []
    for g, row in enumerate(rates):
        served = [(document["contact_types"][i], r) for i, r in enumerate(row) if r > 1e-9]
        kind, rate = served[0] if len(served) == 1 else ({"name": ""}, 0.0)
        if "patience_s" not in kind and kind["name"] in sold:
            streams.append((g, rate, sold[kind["name"]]))
    free = [g for g, row in enumerate(rates) if max(row) <= 1e-9]
    for size, seller in itertools.product(range(1, len(streams) + 1), free):
        for some in itertools.combinations(streams, size):
            yield from _with_sellers(document, layouts, agents, chosen, some, seller)


def _with_sellers(document, layouts, agents, chosen, some, seller):
    """Net costs with one to many sellers in a group without contacts."""
    site, skill = layouts[seller]
    wage = site["wage_per_hour"] * skill.get("wage_factor", 1.0)
    load = sum(rate * x["extra_s"] / 3600.0 for _, rate, x in some)
    earned = sum(rate * x["success"] * (x["revenue"] - site["pay_per_sale"]) for _, rate, x in some)
    for sellers in range(1, math.ceil(load) + 4):
        staffed = list(chosen)
        for g, _, _ in some:
            where, able = layouts[g]
            staffed[g] = agents[g], agents[g] * where["wage_per_hour"] * able.get("wage_factor", 1.0)
        staffed[seller] = sellers, sellers * wage - earned * (1.0 - float(erlang_b(sellers, load)))
        yield _net(document, layouts, staffed)


def selling_verdict(seed, *, path=None, time_limit_s=6):
    """None when plan and bound of random network ``seed`` with offers agree with enumeration and judge, else what is wrong."""
    import ccopt

    rng = np.random.default_rng(seed)
    document = with_sales(random_document(rng), rng)
    cells = len(document["sites"]) * len(document["skill_sets"])
    known = selling_optimum(document, steps=6 if cells <= 2 else 3 if cells <= 4 else 2)
    scenario = ccopt.Scenario.model_validate(document)
    plan, wrong = answer(scenario, known, path=path, time_limit_s=time_limit_s)
    return wrong if plan is None else fault(scenario, plan, known)
