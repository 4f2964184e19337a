"""Build synthetic instances of sectors: ``python -m ccopt.scenario.instances.build_sectors``.

Four sectors that no other instance stands for. No client data: every figure is chosen, its range says how far others lie.
"""

from __future__ import annotations

from ccopt.scenario.instances.build_designs import EIGHTY_TWENTY, SHRINKAGE, SYNTHETIC, WAGE, header
from ccopt.scenario.instances.writing import Row, assumed, write_instance


def taxi_and_food() -> Row:
    """Orders by telephone: short calls, callers who go elsewhere, no promise but what a lost order is worth."""
    curve = [{"wait_s": 20, "cost": 0}, {"wait_s": 60, "cost": 0.4}, {"wait_s": 120, "cost": 1.6}]
    return header(
        "taxi-and-food", "Taxi and food orders by telephone",
        "How many agents when no service level is promised, only lost orders and annoyed callers cost money?",
    ) | {
        "periods": [{"name": "weekday", "hours_per_year": 3100}, {"name": "weekend evening", "hours_per_year": 600},
                    {"name": "night", "hours_per_year": 2400}],
        "sites": [
            {"name": "dispatch", "kind": "inhouse", "seats": 40, "wage_per_hour": 17, "shrinkage": 0.25,
             "fixed_cost_per_year": 90_000, "seat_cost_per_year": 2_500}
        ],
        "contact_types": [
            {"name": "taxi", "talk_s": 65, "wrap_s": 10, "patience_s": 60},
            {"name": "food", "talk_s": 140, "wrap_s": 15, "patience_s": 90},
        ],
        "skill_sets": [
            {"name": "taxi desk", "contact_types": ["taxi"]}, {"name": "food desk", "contact_types": ["food"]},
        ],
        "demand": [
            {"region": "city", "contact_type": "taxi", "contacts_per_hour": [180, 420, 90]},
            {"region": "city", "contact_type": "food", "contacts_per_hour": [60, 200, 20]},
        ],
        "worth": [
            {"contact_type": "taxi", "lost_value": 3.5, "dissatisfaction": curve},
            {"contact_type": "food", "lost_value": 5.0, "dissatisfaction": curve},
        ],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("margin of an order", "3.50 a ride, 5.00 a meal", "2 to 8", "assumption: commission of the dispatcher"),
            ("patience", "60 and 90 s", "30 to 180 s", "assumption: another company is one call away"),
            ("dissatisfaction", "nothing in 20 s, 0.40 after a minute, then 0.02 a second", "0 to 3 per call",
             "assumption: orders that the caller makes elsewhere next time"),
        ),
    }  # fmt: skip


def insurance_claims() -> Row:
    """Claims by telephone: what is not settled at once comes back, and difficult cases go to an assessor."""
    return header(
        "insurance-claims", "Insurance claims that come back",
        "What is a point of first-contact resolution worth, and where is the weakest spot?",
    ) | {
        "periods": [{"name": "morning", "hours_per_year": 1000}, {"name": "rest", "hours_per_year": 1500}],
        "sites": [
            {"name": "claims house", "kind": "inhouse", "seats": 80, "wage_per_hour": 25, "shrinkage": 0.32,
             "fixed_cost_per_year": 260_000, "seat_cost_per_year": 5_000,
             "overhead": [{"role": "team leader", "span": 12, "salary_per_year": 70_000},
                          {"role": "quality monitor", "span": 30, "salary_per_year": 60_000}]}
        ],
        "contact_types": [
            {"name": "report", "talk_s": 420, "wrap_s": 180, "patience_s": 300, "targets": EIGHTY_TWENTY},
            {"name": "status", "talk_s": 150, "wrap_s": 30, "patience_s": 200, "targets": EIGHTY_TWENTY},
            {"name": "assessor", "talk_s": 900, "wrap_s": 600, "targets": [{"service_level": 0.8, "awt_s": 300}]},
        ],
        "skill_sets": [
            {"name": "clerk", "contact_types": ["report", "status"]},
            {"name": "assessor", "contact_types": ["assessor"], "wage_factor": 1.6},
        ],
        "demand": [
            {"region": "insured", "contact_type": "report", "contacts_per_hour": [70, 45]},
            {"region": "insured", "contact_type": "status", "contacts_per_hour": [90, 60]},
        ],
        "quality": [
            {"contact_type": "report", "first_contact_resolution": 0.75, "returns": 0.5, "accuracy": 0.94},
            {"contact_type": "status", "first_contact_resolution": 0.6, "returns": 0.7, "accuracy": 0.9},
        ],
        "escalations": [{"from_type": "report", "to_type": "assessor", "share": 0.08, "handover_s": 90}],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("first-contact resolution", "75 % of reports, 60 % of questions", "55 to 85 %", "assumption: usual survey answers"),
            ("customers who come back", "50 and 70 % of the unsettled", "30 to 90 %", "assumption"),
            ("accuracy", "94 and 90 %", "85 to 98 %", "assumption: share of files without a fault"),
            ("hand-over to the assessor", "90 s", "30 to 180 s", "assumption: the clerk explains the case"),
            ("assessor", "8 % of the reports", "3 to 15 %", "assumption"),
            ("span of control", "12 per leader, 30 per quality monitor", "8 to 20, 20 to 50", "assumption"),
        ),
    }  # fmt: skip


def telecom() -> Row:
    """A telephone company: calls and chats, a bonus per contact and sale, a campaign to keep customers, two vendors."""
    return header(
        "telecom", "A telephone company with chats, bonuses and vendors",
        "What does it save to move calls to chat, and does the bonus per contact make the vendor cheaper?",
    ) | {
        "periods": [{"name": "day", "hours_per_year": 2600}, {"name": "evening", "hours_per_year": 1000}],
        "sites": [
            {"name": "own", "kind": "inhouse", "seats": 60, "wage_per_hour": 18, "shrinkage": 0.3,
             "fixed_cost_per_year": 150_000, "seat_cost_per_year": 3_000, "pay_per_contact": 0.15},
            {"name": "vendor", "kind": "outsourced", "seats": 60, "skill_sets": ["phone"], "tariffs": [
                {"name": "hour", "per": "agent_hour", "price": 27},
                {"name": "contact", "per": "contact", "price": 3.1, "minimum": 300_000}]},
            {"name": "on call", "kind": "on_demand", "skill_sets": ["phone"], "tariff": {"per": "minute", "price": 0.75}},
        ],
        "contact_types": [
            {"name": "call", "talk_s": 240, "wrap_s": 30, "patience_s": 120, "targets": EIGHTY_TWENTY},
            {"name": "chat", "channel": "chat", "patience_s": 200, "targets": [{"service_level": 0.8, "awt_s": 45}],
             "chat_levels": [{"chats": 1, "handle_s": 360}, {"chats": 2, "handle_s": 460}]},
            {"name": "keep", "talk_s": 200, "wrap_s": 25},
        ],
        "skill_sets": [
            {"name": "phone", "contact_types": ["call"]}, {"name": "chat", "contact_types": ["chat"]},
            {"name": "phone and campaign", "contact_types": ["call", "keep"], "wage_factor": 1.02},
        ],
        "demand": [
            {"region": "subscribers", "contact_type": "call", "contacts_per_hour": [120, 80]},
            {"region": "subscribers", "contact_type": "chat", "contacts_per_hour": [20, 25]},
        ],
        "channel_shifts": [{"from_type": "call", "to_type": "chat", "share": 0.15}],
        "campaigns": [{"name": "keep customers", "region": "subscribers", "contact_type": "keep", "list_per_year": 90_000,
                       "hit_rate": 0.35, "success": 0.12, "value": 40, "miss_s": 15, "periods": ["day"]}],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("calls that move to chat", "15 %", "5 to 30 %", "assumption: a button on every page"),
            ("chats at a time", "two: 360 s alone, 460 s with two", "2 to 3", "assumption"),
            ("bonus", "0.15 a contact", "0 to 0.50", "assumption"),
            ("vendors", "27 an hour, 3.10 a contact, 0.75 a minute on demand", "20 to 35, 2 to 4, 0.5 to 0.9", "assumption"),
            ("campaign", "35 % reached, 12 % stay, 40 each", "20 to 50 %, 5 to 20 %", "assumption"),
        ),
    }  # fmt: skip


def public_service() -> Row:
    """A city hall: permanent and new staff, a small second language, a labour market that gets dearer."""
    return header(
        "public-service", "A city hall with new staff and a tight labour market",
        "What do newcomers and a labour market that gets dearer with every hire cost?",
    ) | {
        "periods": [{"name": "office hours", "hours_per_year": 2000}, {"name": "late opening", "hours_per_year": 400}],
        "sites": [
            {"name": "city hall", "kind": "inhouse", "seats": 40, "wage_per_hour": 24, "shrinkage": 0.34,
             "fixed_cost_per_year": 120_000, "seat_cost_per_year": 4_000,
             "labour_market": [{"up_to": 12, "price": 0}, {"up_to": 20, "price": 4_000}, {"price": 9_000}]},
            {"name": "suburb", "kind": "inhouse", "seats": 30, "wage_per_hour": 23, "shrinkage": 0.34,
             "fixed_cost_per_year": 150_000, "seat_cost_per_year": 3_000, "labour_pool": 10},
        ],
        "contact_types": [
            {"name": n, "talk_s": 210, "wrap_s": 60, "patience_s": 400, "targets": [{"service_level": 0.7, "awt_s": 60}]}
            for n in ("permits", "permits in the second language")
        ],
        "skill_sets": [
            {"name": "clerk", "contact_types": ["permits"], "tenure": [
                {"name": "experienced", "share": 0.7}, {"name": "first year", "share": 0.3, "aht_factor": 1.3, "wage_factor": 0.85}]},
            {"name": "bilingual clerk", "contact_types": ["permits", "permits in the second language"], "wage_factor": 1.08},
        ],
        "demand": [
            {"region": "citizens", "contact_type": "permits", "contacts_per_hour": [200, 90]},
            {"region": "citizens", "contact_type": "permits in the second language", "contacts_per_hour": [12, 5]},
        ],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("first year", "30 % of the clerks, 30 % slower, 15 % less pay", "20 to 60 % slower", "assumption: learning curve"),
            ("labour market", "from the 13th agent on 4,000, from the 21st 9,000 a year more each", "0 to 15,000", "assumption"),
            ("bilingual clerks", "8 % dearer", "5 to 15 %", "assumption: scarce language"),
            ("promise", "70 % in 60 s", "60 to 80 %", "assumption: published by some administrations"),
        ),
    }  # fmt: skip


def build() -> None:
    """Write the four documents."""
    for document in (taxi_and_food(), insurance_claims(), telecom(), public_service()):
        write_instance(document)


if __name__ == "__main__":
    build()
