"""Build the tiny instances that a test solves by enumeration: ``python -m ccopt.scenario.instances.build_tiny``."""

from __future__ import annotations

from ccopt.scenario.instances.writing import Row, assumed, write_instance

SYNTHETIC = ("all figures", "synthetic", "", "chosen so that enumeration is possible; no client data")


def two_sites() -> Row:
    """One contact type, one period, 4.7 erlang: one pool or two."""
    return {
        "schema_version": 1, "name": "two-sites", "title": "Two sites, one contact type", "currency": "EUR",
        "question": "Should two towns keep a center each, or is one pool cheaper although some calls become dearer?",
        "periods": [{"name": "open hours", "hours_per_year": 2000}],
        "sites": [
            {"name": "east", "kind": "inhouse", "seats": 9, "wage_per_hour": 24, "shrinkage": 0.3,
             "fixed_cost_per_year": 30_000, "seat_cost_per_year": 2_000},
            {"name": "west", "kind": "inhouse", "seats": 6, "wage_per_hour": 21, "shrinkage": 0.3,
             "fixed_cost_per_year": 30_000, "seat_cost_per_year": 2_000},
        ],
        "contact_types": [
            {"name": "enquiry", "talk_s": 200, "wrap_s": 40, "targets": [{"service_level": 0.8, "awt_s": 20}]}
        ],
        "skill_sets": [{"name": "all", "contact_types": ["enquiry"]}],
        "demand": [
            {"region": "east town", "contact_type": "enquiry", "contacts_per_hour": 40},
            {"region": "west town", "contact_type": "enquiry", "contacts_per_hour": 30},
        ],
        "links": [
            {"region": "east town", "site": "west", "cost_per_contact": 0.3},
            {"region": "west town", "site": "east", "cost_per_contact": 0.3},
        ],
        "existing": {
            "open_sites": ["east", "west"],
            "groups": [{"site": "east", "skill_set": "all"}, {"site": "west", "skill_set": "all"}],
            "assignments": [
                {"region": "east town", "contact_type": "enquiry", "site": "east", "skill_set": "all"},
                {"region": "west town", "contact_type": "enquiry", "site": "west", "skill_set": "all"},
            ],
        },
        "assumptions": assumed(SYNTHETIC),
    }  # fmt: skip


def tiny_tiers() -> Row:
    """Two tiers, two periods, two sites: enumeration over seats couples the periods."""
    return {
        "schema_version": 1, "name": "tiny-tiers", "title": "Two tiers at two sites", "currency": "EUR",
        "question": "Which tier should sit at which site, by day and by night, when the cheap site has few seats?",
        "periods": [{"name": "day", "hours_per_year": 2500}, {"name": "night", "hours_per_year": 3500}],
        "sites": [
            {"name": "city", "kind": "inhouse", "seats": 12, "wage_per_hour": 26, "shrinkage": 0.25,
             "fixed_cost_per_year": 60_000, "seat_cost_per_year": 4_000},
            {"name": "coast", "kind": "inhouse", "seats": 6, "wage_per_hour": 21, "shrinkage": 0.25,
             "fixed_cost_per_year": 45_000, "seat_cost_per_year": 2_500},
        ],
        "contact_types": [
            {"name": "call", "talk_s": 240, "wrap_s": 60, "targets": [{"service_level": 0.8, "awt_s": 30}]},
            {"name": "case", "talk_s": 540, "wrap_s": 180, "patience_s": 900,
             "targets": [{"service_level": 0.8, "awt_s": 120}, {"max_abandonment": 0.05}]},
        ],
        "skill_sets": [
            {"name": "first tier", "contact_types": ["call"]},
            {"name": "second tier", "contact_types": ["case"], "wage_factor": 1.5},
        ],
        "demand": [
            {"region": "north", "contact_type": "call", "contacts_per_hour": [30, 10]},
            {"region": "south", "contact_type": "call", "contacts_per_hour": [20, 5]},
        ],
        "escalations": [{"from_type": "call", "to_type": "case", "share": 0.2}],
        "links": [
            {"region": "north", "site": "coast", "cost_per_contact": 0.2},
            {"region": "south", "site": "city", "cost_per_contact": 0.1},
        ],
        "assumptions": assumed(SYNTHETIC),
    }  # fmt: skip


def build() -> None:
    """Write both documents."""
    write_instance(two_sites())
    write_instance(tiny_tiers())


if __name__ == "__main__":
    build()
