"""Build instances whose service is known exactly: ``python -m ccopt.scenario.instances.build_exact``."""

from __future__ import annotations

from ccopt.scenario.instances.build_designs import header
from ccopt.scenario.instances.writing import Row, assumed, write_instance


def unlike_calls() -> Row:
    """Two servers, many short and few long calls: after van Dijk and van der Sluis (2008), exponential handle times."""
    kinds = ("short", "long")
    return header(
        "unlike-calls", "Pooling unlike calls", "Does it pay to pool one-minute calls with ten-minute calls?"
    ) | {
        "periods": [{"name": "steady", "hours_per_year": 2000}],
        "sites": [{"name": "desk", "kind": "inhouse", "seats": 8, "wage_per_hour": 20}],
        "contact_types": [
            {"name": "short", "talk_s": 60, "targets": [{"max_asa_s": 300.001}]},
            {"name": "long", "talk_s": 600, "targets": [{"max_asa_s": 3000.01}]},
        ],
        "skill_sets": [
            *({"name": f"{k} only", "contact_types": [k]} for k in kinds), {"name": "both", "contact_types": list(kinds)}
        ],
        "demand": [
            {"region": "callers", "contact_type": "short", "contacts_per_hour": 50},
            {"region": "callers", "contact_type": "long", "contacts_per_hour": 5},
        ],
        "existing": {
            "open_sites": ["desk"],
            "groups": [{"site": "desk", "skill_set": f"{k} only", "agents": [1]} for k in kinds],
            "assignments": [
                {"region": "callers", "contact_type": k, "site": "desk", "skill_set": f"{k} only"} for k in kinds
            ],
        },
        "assumptions": assumed(
            ("rates and handle times", "50 and 5 an hour, 60 and 600 s", "", "van Dijk, van der Sluis (2008), Production "
             "and Operations Management 17(3), 296-305"),
            ("law of handle times", "exponential", "deterministic in the article", "law of this toolkit"),
            ("targets", "the exact waits of separate agents, 300 and 3,000 s", "", "M/M/1: h rho / (1 - rho)"),
            ("money", "synthetic", "", "20 an hour, no other cost"),
        ),
    }  # fmt: skip


def cross_sell_chain() -> Row:
    """One group that sells while the state is at most a threshold: exact waits and sales for every threshold."""
    return header(
        "cross-sell-chain", "When to make an offer", "Up to which number of contacts in the system should agents make an offer?"
    ) | {
        "periods": [{"name": "steady", "hours_per_year": 2000}],
        "sites": [{"name": "desk", "kind": "inhouse", "seats": 20, "wage_per_hour": 20}],
        "contact_types": [{"name": "call", "talk_s": 60, "targets": [{"service_level": 0.8, "awt_s": 20}]}],
        "skill_sets": [{"name": "agents", "contact_types": ["call"]}],
        "demand": [{"region": "callers", "contact_type": "call", "contacts_per_hour": 480}],
        "cross_selling": [{"contact_type": "call", "extra_s": 30, "success": 1.0, "revenue": 1}],
        "existing": {
            "open_sites": ["desk"],
            "groups": [{"site": "desk", "skill_set": "agents", "agents": [12]}],
            "assignments": [{"region": "callers", "contact_type": "call", "site": "desk", "skill_set": "agents"}],
        },
        "assumptions": assumed(
            ("rates", "8 a minute, 1 minute, offers of half a minute, 12 agents", "", "textbook-sized chain, solved exactly"),
            ("share of callers asked", "0.5 in the published figures", "", "a decision: offers of the design"),
            ("money", "synthetic", "", "1 a sale, 20 an hour"),
        ),
    }  # fmt: skip


def n_design() -> Row:
    """Two contact types, of which one may overflow to the agents of the other: waits by an exact chain."""
    return header(
        "n-design", "Who may help whom", "What is it worth to let one team help the other, when the other comes first there?"
    ) | {
        "periods": [{"name": "steady", "hours_per_year": 1000}],
        "sites": [{"name": "desk", "kind": "inhouse", "seats": 20, "wage_per_hour": 20}],
        "contact_types": [
            {"name": "one", "talk_s": 3600, "patience_s": 3600, "priority": 2},
            {"name": "two", "talk_s": 3600, "patience_s": 3600, "priority": 1},
        ],
        "skill_sets": [{"name": "one only", "contact_types": ["one"]}, {"name": "both", "contact_types": ["one", "two"]}],
        "demand": [
            {"region": "callers", "contact_type": "one", "contacts_per_hour": 4},
            {"region": "callers", "contact_type": "two", "contacts_per_hour": 3},
        ],
        "existing": {
            "open_sites": ["desk"],
            "groups": [{"site": "desk", "skill_set": k, "agents": [4]} for k in ("one only", "both")],
            "assignments": [
                {"region": "callers", "contact_type": c, "site": "desk", "skill_set": k}
                for c, k in (("one", "one only"), ("two", "both"))
            ],
        },
        "assumptions": assumed(
            ("rates, service and patience", "4 and 3 an hour, one hour each", "", "textbook-sized chain, solved exactly"),
            ("targets", "none", "", "agents must carry the load; the question is one of waits"),
            ("money", "synthetic", "", "20 an hour, no other cost"),
        ),
    }  # fmt: skip


def build() -> None:
    """Write all documents."""
    write_instance(unlike_calls())
    write_instance(cross_sell_chain())
    write_instance(n_design())


if __name__ == "__main__":
    build()
