"""Build synthetic instances of design decisions: ``python -m ccopt.scenario.instances.build_designs``.

Merging, contract forms, skills, cross-selling, tiers and resilience. No client data: every figure is chosen, and the
register of each document says within which range.
"""

from __future__ import annotations

from ccopt.scenario.instances.writing import Row, assumed, write_instance

SYNTHETIC = ("all figures", "synthetic", "", "chosen for this instance; no client data")
WAGE = ("wages", "18 to 26 an hour, loaded", "15 to 35", "assumption: loaded pay of agents in western Europe")
SHRINKAGE = ("shrinkage", "30 %", "25 to 40 %", "assumption: holidays, illness, training, breaks")
LINKS = ("link cost", "0.02 to 0.25 a contact", "0 to 0.5", "assumption: telephony between towns, local knowledge")
EIGHTY_TWENTY = [{"service_level": 0.8, "awt_s": 20}]
TOWNS = ("Ashby", "Birch", "Cole", "Dunmore", "Elm", "Fenton", "Grange", "Holt", "Irwell", "Jarrow")


def header(name: str, title: str, question: str) -> Row:
    """Start of a synthetic document."""
    return {"schema_version": 1, "name": name, "title": title, "question": question, "currency": "EUR"}


def ten_small_centers() -> Row:
    """Ten centers of 10 erlang each, alike but for their fixed cost: 140 agents apart, 107 together."""
    sites = [
        {"name": town, "kind": "inhouse", "seats": 120, "wage_per_hour": 22, "shrinkage": 0.3,
         "fixed_cost_per_year": 150_000 + 2_000 * i, "seat_cost_per_year": 3_000, "closing_cost": 100_000}
        for i, town in enumerate(TOWNS)
    ]  # fmt: skip
    return header(
        "ten-small-centers", "Ten small centers, pure merging", "What do ten separate centers of 10 erlang save as one?"
    ) | {
        "periods": [{"name": "open hours", "hours_per_year": 2500}],
        "sites": sites,
        "contact_types": [{"name": "call", "talk_s": 150, "wrap_s": 30, "targets": EIGHTY_TWENTY}],
        "skill_sets": [{"name": "all", "contact_types": ["call"]}],
        "demand": [{"region": f"{t} county", "contact_type": "call", "contacts_per_hour": 200} for t in TOWNS],
        "existing": {
            "open_sites": list(TOWNS),
            "groups": [{"site": t, "skill_set": "all"} for t in TOWNS],
            "assignments": [
                {"region": f"{t} county", "contact_type": "call", "site": t, "skill_set": "all"} for t in TOWNS
            ],
        },
        "horizon": {"years": 5},
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("load of a center", "10 erlang, 180 s a call", "", "textbook case: 14 agents alone, 107 for ten together"),
            ("closing a center", "100,000 once", "50,000 to 500,000", "assumption"),
        ),
    }  # fmt: skip


def contracts() -> Row:
    """Five markets, one vendor each, all offering the same five forms; volume and profile decide which is cheapest."""
    forms = [
        {"name": "by hour", "per": "agent_hour", "price": 25},
        {"name": "by seat", "per": "seat", "price": 82_000},
        {"name": "by licence", "per": "licence", "price": 70_000, "minimum": 1_600_000},
        {"name": "by contact", "per": "contact", "price": 2.75},
        {"name": "by minute", "per": "minute", "minimum": 500_000,
         "tiers": [{"up_to": 1_200_000, "price": 0.64}, {"price": 0.50}]},
    ]  # fmt: skip
    markets = {"small": (8, 3), "peaky": (150, 20), "steady": (70, 64), "large": (420, 60), "huge": (330, 310)}
    return header(
        "contracts", "Five forms of contract compete", "Which form is cheapest for which volume and profile?"
    ) | {
        "periods": [{"name": "peak", "hours_per_year": 1000}, {"name": "rest", "hours_per_year": 3000}],
        "sites": [{"name": f"vendor {m}", "kind": "outsourced", "tariffs": forms} for m in markets],
        "contact_types": [
            {"name": f"{m} call", "talk_s": 200, "wrap_s": 40, "targets": [*EIGHTY_TWENTY, {"max_occupancy": 0.9}]}
            for m in markets
        ],
        "skill_sets": [{"name": f"{m} agents", "contact_types": [f"{m} call"]} for m in markets],
        "demand": [
            {"region": m, "contact_type": f"{m} call", "contacts_per_hour": list(rates)} for m, rates in markets.items()
        ],
        "links": [
            {"region": m, "site": f"vendor {v}", "allowed": False} for m in markets for v in markets if m != v
        ],
        "assumptions": assumed(
            SYNTHETIC,
            ("price of an agent hour", "25", "18 to 40", "assumption"),
            ("price of a seat", "82,000 a year, agent included", "60,000 to 110,000", "assumption"),
            ("price of a licence", "70,000 a year, agent included, at least 1.6 m", "50,000 to 100,000", "assumption"),
            ("price of a contact", "2.75 for 4 minutes", "1.5 to 5", "assumption"),
            ("price of a minute", "0.64, above 1.2 m minutes 0.50, at least 0.5 m", "0.4 to 0.9", "assumption"),
        ),
    }  # fmt: skip


def skills_and_languages() -> Row:
    """Three languages at two sites: scarce Italian, bilingual agents that are dearer and slower."""
    languages = {"de": (150, 60), "fr": (70, 25), "it": (14, 4)}
    types = [
        {"name": x, "talk_s": 240, "wrap_s": 60, "patience_s": 180,
         "targets": [*EIGHTY_TWENTY, {"max_abandonment": 0.05}]} for x in languages
    ]  # fmt: skip
    return header(
        "skills-and-languages", "Three languages, two sites",
        "Whom to hire: monolingual agents, or bilingual ones who are dearer, slower and pool the small language?",
    ) | {
        "periods": [{"name": "day", "hours_per_year": 2000}, {"name": "evening", "hours_per_year": 2000}],
        "sites": [
            {"name": "Zurich", "kind": "inhouse", "seats": 60, "wage_per_hour": 42, "shrinkage": 0.3,
             "fixed_cost_per_year": 300_000, "seat_cost_per_year": 8_000},
            {"name": "Lugano", "kind": "inhouse", "seats": 25, "labour_pool": 14, "wage_per_hour": 36, "shrinkage": 0.3,
             "fixed_cost_per_year": 180_000, "seat_cost_per_year": 5_000, "skill_sets": ["it", "de-it", "fr-it"]},
        ],
        "contact_types": types,
        "skill_sets": [
            *({"name": x, "contact_types": [x], "wage_factor": 1.15 if x == "it" else 1.0} for x in languages),
            *({"name": f"{a}-{b}", "contact_types": [a, b], "aht_factor": 1.04, "wage_factor": w}
              for a, b, w in (("de", "fr", 1.08), ("de", "it", 1.12), ("fr", "it", 1.1))),
        ],
        "demand": [
            {"region": "country", "contact_type": x, "contacts_per_hour": list(r)} for x, r in languages.items()
        ],
        "assumptions": assumed(
            SYNTHETIC, SHRINKAGE,
            ("wages", "36 and 42 CHF-like an hour", "30 to 50", "assumption: Swiss level"),
            ("premium of a second language", "8 to 12 %", "5 to 20 %", "assumption"),
            ("premium of scarce Italian in Zurich and Lugano", "15 %", "5 to 25 %", "assumption"),
            ("bilingual agents are slower", "4 %", "0 to 10 %", "assumption"),
            ("labour pool of Lugano", "14 at a time", "10 to 20", "assumption"),
        ),
    }  # fmt: skip


def cross_selling_bank() -> Row:
    """A bank whose service calls may end in an offer."""
    return header(
        "cross-selling-bank", "A bank that sells after service",
        "Which offers pay for the waiting and the agents that they add, and at which site?",
    ) | {
        "periods": [{"name": "peak", "hours_per_year": 1200}, {"name": "rest", "hours_per_year": 2600}],
        "sites": [
            {"name": "head office", "kind": "inhouse", "seats": 70, "wage_per_hour": 26, "shrinkage": 0.3,
             "fixed_cost_per_year": 250_000, "seat_cost_per_year": 6_000},
            {"name": "branch town", "kind": "inhouse", "seats": 50, "wage_per_hour": 21, "shrinkage": 0.3,
             "fixed_cost_per_year": 200_000, "seat_cost_per_year": 3_500},
        ],
        "contact_types": [
            {"name": n, "talk_s": talk, "wrap_s": 40, "patience_s": 240,
             "targets": [{"service_level": 0.8, "awt_s": 30}, {"max_abandonment": 0.05}]}
            for n, talk in (("account", 170), ("card", 210), ("loan", 380))
        ],
        "skill_sets": [
            {"name": "service", "contact_types": ["account", "card"]},
            {"name": "adviser", "contact_types": ["loan"], "wage_factor": 1.25},
            {"name": "universal", "contact_types": ["account", "card", "loan"], "aht_factor": 1.05, "wage_factor": 1.3},
        ],
        "demand": [
            {"region": r, "contact_type": c, "contacts_per_hour": [round(x * share), round(x * share * 0.45)]}
            for r, share in (("city", 0.6), ("country", 0.4))
            for c, x in (("account", 220), ("card", 110), ("loan", 30))
        ],
        "links": [
            {"region": "city", "site": "branch town", "cost_per_contact": 0.05},
            {"region": "country", "site": "head office", "cost_per_contact": 0.05},
        ],
        "cross_selling": [
            {"contact_type": "account", "extra_s": 75, "success": 0.06, "revenue": 45},
            {"contact_type": "card", "extra_s": 60, "success": 0.03, "revenue": 20},
            {"contact_type": "loan", "extra_s": 120, "success": 0.10, "revenue": 90},
        ],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE, LINKS,
            ("time of an offer", "60 to 120 s", "30 to 240 s", "assumption"),
            ("success of an offer", "3 to 10 %", "1 to 15 %", "assumption"),
            ("margin of a sale", "20 to 90", "10 to 300", "assumption"),
            ("by hand", "account offer: 2.70 earned for 75 s = 0.77 of paid time at 26/0.7; card: 0.60 for 0.62", "",
             "arithmetic on the figures above; waiting comes on top"),
        ),
    }  # fmt: skip


def build() -> None:
    """Write the four documents."""
    for document in (ten_small_centers(), contracts(), skills_and_languages(), cross_selling_bank()):
        write_instance(document)


if __name__ == "__main__":
    build()
