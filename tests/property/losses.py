"""Random tiny networks that survive the loss of any one site, and their optimum by enumeration.

Splits give the fewest agents that keep the promises; how many more a loss asks for, and where, is a small programme for each
set of open sites: after the loss of a site that is no home the agents who remain, times the surge, and the share of the lost
ones that works elsewhere carry the share of every type's load, each at the handle time of its own group. The optimiser has
the same rule as rows over subsets of the types, and the judge as one linear programme for each loss.
"""

import itertools
import math

import numpy as np
from enumeration import HOURS, answer, fault, random_document, random_site, splits
from scipy.optimize import Bounds, LinearConstraint, milp

MOST_AGENTS = 200


def with_losses(document, rng):
    """The document with two or three sites, one perhaps a home, and a loss of all or a part, with or without a surge."""
    sites = list(document["sites"])
    for number in range(len(sites), int(rng.integers(2, 4))):
        sites.append(random_site(rng, number))
    if rng.random() < 0.25:
        sites[-1] = {"name": "home", "kind": "home", "wage_per_hour": sites[-1]["wage_per_hour"]}
    limit = {"kind": "survive_site_loss", "share": float(rng.choice([0.5, 0.8, 1.0])), "surge": float(rng.choice([1.0, 1.2])),
             "relocatable": float(rng.choice([0.0, 0.3]))}  # fmt: skip
    return document | {"sites": sites, "limits": [limit]}


def loss_optimum(document, *, steps):
    """Least cost over all splits of every type in ``steps`` parts, with the agents that losses ask for besides."""
    sites, skills = document["sites"], document["skill_sets"]
    groups = [(s, k) for s in range(len(sites)) for k in range(len(skills))]
    wage = np.array([HOURS * sites[s]["wage_per_hour"] * skills[k].get("wage_factor", 1.0) for s, k in groups])
    wage += [sites[s].get("seat_cost_per_year", 0.0) for s, _ in groups]
    best = math.inf
    for least in sorted(_smallest({tuple(agents) for _, agents in splits(document, steps)}), key=lambda n: float(wage @ n)):
        used = {s for (s, _), n in zip(groups, least, strict=True) if n}
        for size in range(len(used), len(sites) + 1):
            for opened in itertools.combinations(range(len(sites)), size):
                fixed = sum(sites[s].get("fixed_cost_per_year", 0.0) for s in opened)
                if used <= set(opened) and fixed + wage @ least < best:
                    best = min(best, fixed + _staffed(document, groups, wage, least, opened))
    return best


def _smallest(vectors):
    """Vectors of agents that are not at least another one in every group."""
    rows = sorted(vectors, key=sum)
    kept = []
    for row in rows:
        if not any(all(a <= b for a, b in zip(other, row, strict=True)) for other in kept):
            kept.append(row)
    return kept


def _staffed(document, groups, wage, least, opened):
    """Least yearly cost of agents, at least so many in each group, that carry what is left after every loss; infinite if none."""
    limit = document["limits"][0]
    lost = [s for s in opened if document["sites"][s]["kind"] != "home"]
    arcs = [
        (i, c, g) for i in range(len(lost)) for c, kind in enumerate(document["contact_types"])
        for g, (_, k) in enumerate(groups) if kind["name"] in document["skill_sets"][k]["contact_types"]
    ]  # fmt: skip
    count, kinds = len(groups), len(document["contact_types"])
    room = np.zeros((len(document["sites"]), count + len(arcs)))
    for g, (s, _) in enumerate(groups):
        room[s, g] = 1.0
    carried = np.zeros((len(lost) * kinds, count + len(arcs)))
    work = np.zeros((len(lost) * count, count + len(arcs)))
    for a, (i, c, g) in enumerate(arcs):
        factor = document["skill_sets"][groups[g][1]].get("aht_factor", 1.0)
        carried[i * kinds + c, count + a] = 1.0
        work[i * count + g, count + a] = document["contact_types"][c]["talk_s"] * factor / 3600.0
    for i, g in itertools.product(range(len(lost)), range(count)):
        work[i * count + g, g] = -(limit["relocatable"] if groups[g][0] == lost[i] else limit["surge"])
    rates = np.array([limit["share"] * d["contacts_per_hour"] for d in document["demand"]] * len(lost))
    seats = np.array([s.get("seats", MOST_AGENTS) if n in opened else 0 for n, s in enumerate(document["sites"])])
    found = milp(
        np.concatenate((wage, np.zeros(len(arcs)))), integrality=np.concatenate((np.ones(count), np.zeros(len(arcs)))),
        bounds=Bounds(np.concatenate((least, np.zeros(len(arcs)))), np.inf),
        constraints=[LinearConstraint(room, -np.inf, seats), LinearConstraint(carried, rates, rates), LinearConstraint(work, -np.inf, 0.0)],
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    if found.status == 2:
        return math.inf
    assert found.status == 0, found.message
    return float(wage @ np.rint(found.x[:count]))


def loss_verdict(seed, *, path=None, time_limit_s=6):
    """None when plan and bound of random network ``seed`` under losses agree with enumeration and judge, else what is wrong."""
    import ccopt

    rng = np.random.default_rng(seed)
    document = with_losses(random_document(rng), rng)
    cells = len(document["sites"]) * len(document["skill_sets"])
    known = loss_optimum(document, steps=8 if cells <= 2 else 6 if cells <= 4 else 3)
    scenario = ccopt.Scenario.model_validate(document)
    plan, wrong = answer(scenario, known, path=path, time_limit_s=time_limit_s)
    if plan is None:
        return wrong
    broken = ccopt.feasibility(scenario, plan.design)
    return f"broken limits: {broken[:2]}" if broken else fault(scenario, plan, known)
