"""Build synthetic networks (tiers, resilience, clients): ``python -m ccopt.scenario.instances.build_networks``.

No client data: every figure is chosen, and the register of each document says within which range.
"""

from __future__ import annotations

from ccopt.scenario.instances.build_designs import LINKS, SHRINKAGE, SYNTHETIC, WAGE, header
from ccopt.scenario.instances.writing import Row, assumed, write_instance


def help_desk_three_tiers() -> Row:
    """Software support: three tiers in house, the last resort is an expert outside who is paid by the contact."""
    kinds = (("tier 1", 240, 60, 120), ("tier 2", 600, 180, 300), ("tier 3", 1500, 600, 900), ("expert", 2400, 0, 3600))
    return header(
        "help-desk-three-tiers", "Help desk with three tiers and an outside expert",
        "How many agents in each tier and where, and does training the first tier deeper pay?",
    ) | {
        "periods": [{"name": "office hours", "hours_per_year": 2200}, {"name": "evening", "hours_per_year": 1800}],
        "sites": [
            {"name": "capital", "kind": "inhouse", "seats": 80, "wage_per_hour": 28, "shrinkage": 0.32,
             "fixed_cost_per_year": 280_000, "seat_cost_per_year": 7_000, "skill_sets": ["L1", "L1 deep", "L2", "L3"],
             "overhead": [{"role": "team leader", "span": 12, "salary_per_year": 62_000}]},
            {"name": "province", "kind": "inhouse", "seats": 60, "wage_per_hour": 21, "shrinkage": 0.32,
             "fixed_cost_per_year": 220_000, "seat_cost_per_year": 3_500, "skill_sets": ["L1", "L1 deep", "L2"],
             "overhead": [{"role": "team leader", "span": 12, "salary_per_year": 48_000}]},
            {"name": "maker", "kind": "on_demand", "skill_sets": ["maker's expert"],
             "tariff": {"per": "contact", "price": 180}},
        ],
        "contact_types": [
            {"name": n, "talk_s": talk, "wrap_s": wrap, **({"patience_s": 600} if n == "tier 1" else {}),
             "targets": [{"service_level": 0.8, "awt_s": awt}, {"max_occupancy": 0.9}] if n != "expert" else []}
            for n, talk, wrap, awt in kinds
        ],
        "skill_sets": [
            {"name": "L1", "contact_types": ["tier 1"]},
            {"name": "L1 deep", "contact_types": ["tier 1", "tier 2"], "aht_factor": 1.05, "wage_factor": 1.25},
            {"name": "L2", "contact_types": ["tier 2"], "wage_factor": 1.35},
            {"name": "L3", "contact_types": ["tier 3"], "wage_factor": 1.9},
            {"name": "maker's expert", "contact_types": ["expert"]},
        ],
        "demand": [
            {"region": "customers", "contact_type": "tier 1", "contacts_per_hour": [240, 80]},
            {"region": "partners", "contact_type": "tier 2", "contacts_per_hour": [12, 2]},
        ],
        "escalations": [
            {"from_type": "tier 1", "to_type": "tier 2", "share": 0.25},
            {"from_type": "tier 2", "to_type": "tier 3", "share": 0.2},
            {"from_type": "tier 3", "to_type": "expert", "share": 0.1},
        ],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("escalation shares", "25, 20 and 10 %", "10 to 40 %", "assumption: first-contact resolution 60 to 90 %"),
            ("expert outside", "180 a case", "100 to 400", "assumption"),
            ("team leaders", "one for each 12 seats", "8 to 20", "assumption: usual span of control"),
        ),
    }  # fmt: skip


def resilient_regions() -> Row:
    """Four regions, five buildings and a workforce at home; the loss of any one building must leave enough agents."""
    places = (("north", 25, 320), ("east", 21, 260), ("south", 22, 280), ("west", 23, 280), ("capital", 29, 420))
    return header(
        "resilient-regions", "Regional centers that survive a loss",
        "What does it cost to survive the loss of any one building, and do agents at home make it cheaper?",
    ) | {
        "periods": [{"name": "day", "hours_per_year": 3650}, {"name": "night", "hours_per_year": 5110}],
        "sites": [
            *({"name": n, "kind": "inhouse", "seats": 70, "wage_per_hour": w, "shrinkage": 0.3,
               "fixed_cost_per_year": 1000 * fixed, "seat_cost_per_year": 4_000} for n, w, fixed in places),
            {"name": "at home", "kind": "home", "wage_per_hour": 24, "shrinkage": 0.33, "fixed_cost_per_year": 120_000,
             "seat_cost_per_year": 1_200, "labour_pool": 30},
        ],
        "contact_types": [
            {"name": "outage", "talk_s": 150, "wrap_s": 30, "patience_s": 300,
             "targets": [{"service_level": 0.8, "awt_s": 30}, {"max_abandonment": 0.05}, {"max_occupancy": 0.88}]}
        ],
        "skill_sets": [{"name": "agents", "contact_types": ["outage"]}],
        "demand": [
            {"region": r, "contact_type": "outage", "contacts_per_hour": [x, x // 4]}
            for r, x in (("north", 420), ("east", 360), ("south", 480), ("west", 340))
        ],
        "links": [
            {"region": r, "site": n, "cost_per_contact": 0.02 if n in ("capital", "at home") else 0.04}
            for r in ("north", "east", "south", "west")
            for n in ("north", "east", "south", "west", "capital", "at home")
            if n != r
        ],
        "limits": [{"kind": "survive_site_loss", "share": 1.0, "surge": 1.1, "relocatable": 0.1}],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE, LINKS,
            ("surge after a loss", "10 % more agents elsewhere", "0 to 20 %", "assumption: overtime, extra shifts"),
            ("agents that move", "10 % of the lost ones", "0 to 30 %", "assumption"),
            ("agents at home", "30 at most, allowance 1,200 a year", "500 to 2,500", "assumption"),
        ),
    }  # fmt: skip


def outsourcer() -> Row:
    """Three clients with targets of their own: dedicated agents against a shared team."""
    clients = (("airline", 90, 300, 0.8, 20), ("retailer", 60, 200, 0.7, 30), ("insurer", 25, 420, 0.9, 20))
    return header(
        "outsourcer", "One outsourcer, three clients", "What does each client's wish for dedicated agents cost?"
    ) | {
        "periods": [{"name": "day", "hours_per_year": 2500}, {"name": "evening", "hours_per_year": 1500}],
        "sites": [
            {"name": "campus", "kind": "inhouse", "seats": 70, "wage_per_hour": 19, "shrinkage": 0.3,
             "fixed_cost_per_year": 260_000, "seat_cost_per_year": 3_000,
             "overhead": [{"role": "supervisor", "span": 15, "salary_per_year": 45_000}]}
        ],
        "contact_types": [
            {"name": n, "talk_s": aht - 40, "wrap_s": 40, "patience_s": 200,
             "targets": [{"service_level": sl, "awt_s": awt}]}
            for n, _, aht, sl, awt in clients
        ],
        "skill_sets": [
            *({"name": f"{n} only", "contact_types": [n]} for n, *_ in clients),
            {"name": "airline+retailer", "contact_types": ["airline", "retailer"],
             "aht_factor": 1.03, "wage_factor": 1.03},
            {"name": "all clients", "contact_types": [n for n, *_ in clients], "aht_factor": 1.05, "wage_factor": 1.06},
        ],
        "demand": [
            {"region": n, "contact_type": n, "contacts_per_hour": [rate, round(rate * 0.4)]} for n, rate, *_ in clients
        ],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("cross-trained agents", "3 to 5 % slower, 3 to 6 % dearer", "0 to 10 %", "assumption"),
            ("supervisors", "one for each 15 seats", "10 to 20", "assumption"),
        ),
    }  # fmt: skip


def build() -> None:
    """Write the three documents."""
    for document in (help_desk_three_tiers(), resilient_regions(), outsourcer()):
        write_instance(document)


if __name__ == "__main__":
    build()
