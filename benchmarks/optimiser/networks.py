"""Seeded random networks for the optimiser: sites x contact types x skill sets x periods.

Contact types come in families of equal handle time and promise (products), each with a language spoken in one region.
Skill sets join languages of one product; a few join two products. A site may hold some of the skill sets (labour market).
Volumes follow a day with two peaks. Variants switch on contracts, tiers, cross-selling and the loss of any one site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import ccopt as cc


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Counts, skill sets per site, seconds of the run and gap asked for."""

    sites: int
    types: int
    skills: int
    periods: int
    per_site: int
    seconds: float
    target: float


SIZES = {
    "tiny": Size(sites=3, types=3, skills=4, periods=1, per_site=4, seconds=4, target=0.001),
    "small": Size(sites=5, types=6, skills=8, periods=1, per_site=8, seconds=5, target=0.001),
    "medium": Size(sites=15, types=20, skills=30, periods=1, per_site=10, seconds=60, target=0.001),
    "medium12": Size(sites=15, types=20, skills=30, periods=12, per_site=10, seconds=60, target=0.01),
    "large": Size(sites=50, types=50, skills=60, periods=24, per_site=9, seconds=60, target=0.02),
    "huge": Size(sites=200, types=200, skills=260, periods=12, per_site=6, seconds=60, target=0.03),
}
VARIANTS = {1: (), 2: ("contracts", "tiers"), 3: ("cross_selling", "resilient")}
AHT = (240.0, 300.0, 420.0)
PROMISES = ((0.8, 20.0), (0.8, 30.0), (0.9, 60.0))


def network(size: Size, seed: int, variants: tuple[str, ...] | None = None) -> cc.Scenario:
    """A random scenario; ``variants`` default to those of the seed (1: none, 2: contracts and tiers, 3: the rest)."""
    rng = np.random.default_rng(1000 * size.sites + 10 * size.periods + seed)
    on = VARIANTS.get(seed, ()) if variants is None else variants
    family = rng.integers(0, 3, size.types)
    types = [_type(i, int(family[i])) for i in range(size.types)]
    skills = _skills(rng, family, size)
    if "tiers" in on:
        types += [{"name": f"expert{f}", "talk_s": 480.0, "targets": [{"service_level": 0.7, "awt_s": 60.0}]} for f in range(3)]
        skills += [{"name": f"experts{f}", "contact_types": [f"expert{f}"], "wage_factor": 1.4} for f in range(3)]
    load = rng.uniform(4.0, 30.0, size.types)
    day = _day(size.periods)
    total = float(load.sum()) * float(day.max())
    document: dict[str, Any] = {
        "schema_version": 1, "name": f"random-{seed}",
        "periods": [{"name": f"p{t}", "hours_per_year": 4380.0 / size.periods} for t in range(size.periods)],
        "sites": _sites(rng, size, skills, total, on), "contact_types": types, "skill_sets": skills,
        "demand": [
            {"region": f"r{i % 7}", "contact_type": f"c{i}",
             "contacts_per_hour": [round(float(load[i] * d * 3600.0 / AHT[family[i]]), 3) for d in day]}
            for i in range(size.types)
        ],
        "links": [
            {"region": f"r{r}", "site": f"s{s}", "cost_per_contact": round(float(rng.uniform(0.0, 0.15)), 3)}
            for r in range(7) for s in range(size.sites)
        ],
    }  # fmt: skip
    if "tiers" in on:
        document["escalations"] = [
            {"from_type": f"c{i}", "to_type": f"expert{family[i]}", "share": 0.08} for i in range(0, size.types, 2)
        ]
    if "cross_selling" in on:
        document["cross_selling"] = [
            {"contact_type": f"c{i}", "extra_s": 60.0, "success": 0.1, "revenue": 4.0} for i in range(0, size.types, 4)
        ]
    if "resilient" in on:
        document["limits"] = [{"kind": "survive_site_loss", "share": 0.7}]
    return cc.Scenario.model_validate(document)


def _type(i: int, family: int) -> dict[str, Any]:
    level, wait = PROMISES[family]
    return {"name": f"c{i}", "talk_s": AHT[family], "targets": [{"service_level": level, "awt_s": wait}]}


def _skills(rng: np.random.Generator, family: np.ndarray, size: Size) -> list[dict[str, Any]]:
    """One skill set per type first, then sets of two or three languages of one product."""
    sets = [(i,) for i in range(size.types)]
    if np.bincount(family).max() < 2:  # a product for each type: languages of any two go together
        family = np.zeros_like(family)
    while len(sets) < size.skills:
        mine = np.flatnonzero(family == rng.integers(0, 3))
        if len(mine) >= 2:
            found = tuple(sorted(rng.choice(mine, min(len(mine), int(rng.integers(2, 4))), replace=False).tolist()))
            if found not in sets:
                sets.append(found)
    return [
        {"name": "k" + "-".join(map(str, s)), "contact_types": [f"c{i}" for i in s], "wage_factor": round(1.0 + 0.03 * (len(s) - 1), 3)}
        for s in sets
    ]


def _day(periods: int) -> np.ndarray:
    if periods == 1:
        return np.ones(1)
    at = np.linspace(0.0, 1.0, periods)
    return 0.35 + 0.65 * (np.exp(-(((at - 0.35) / 0.15) ** 2)) + 0.8 * np.exp(-(((at - 0.7) / 0.12) ** 2)))


def _sites(
    rng: np.random.Generator, size: Size, skills: list[dict[str, Any]], total: float, on: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Sites whose seats together are about two and a half times the peak; every skill set is at two sites at least."""
    names = [k["name"] for k in skills]
    at: list[set[str]] = [set() for _ in range(size.sites)]
    for name in names:
        for s in rng.choice(size.sites, min(size.sites, 2), replace=False):
            at[int(s)].add(name)
    out = []
    for s in range(size.sites):
        more = [n for n in rng.permutation(names).tolist() if n not in at[s]]
        chosen = sorted(at[s] | set(more[: max(0, size.per_site - len(at[s]))]))
        seats = int(np.ceil(rng.uniform(0.7, 1.3) * 2.5 * total / size.sites)) + 6
        site: dict[str, Any] = {
            "name": f"s{s}", "kind": "inhouse", "seats": seats, "skill_sets": chosen,
            "fixed_cost_per_year": float(np.round(rng.uniform(60_000, 200_000))), "seat_cost_per_year": 4000.0,
        }  # fmt: skip
        if "contracts" in on and s % 3 == 2:
            price = round(float(rng.uniform(26.0, 34.0)), 2)
            site |= {"kind": "outsourced", "fixed_cost_per_year": 15_000.0, "seat_cost_per_year": 0.0, "tariffs": [
                {"name": "hour", "per": "agent_hour", "price": price},
                {"name": "volume", "per": "agent_hour", "minimum": 200_000.0,
                 "tiers": [{"up_to": 40_000.0, "price": price * 0.97}, {"price": price * 0.85}]},
            ]}  # fmt: skip
        else:
            site |= {"wage_per_hour": round(float(rng.uniform(16.0, 26.0)), 2), "shrinkage": 0.25}
        out.append(site)
    return out
