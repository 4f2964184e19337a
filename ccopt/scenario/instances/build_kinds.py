"""Build synthetic instances of kinds of centers and channels: ``python -m ccopt.scenario.instances.build_kinds``.

No client data: every figure is chosen, and the register of each document says within which range.
"""

from __future__ import annotations

from ccopt.scenario.instances.build_designs import EIGHTY_TWENTY, SHRINKAGE, SYNTHETIC, WAGE, header
from ccopt.scenario.instances.writing import Row, assumed, write_instance


def omnichannel_shop() -> Row:
    """Voice, chat and e-mail of a web shop: several chats at once, chats that end in a call, e-mail in idle time."""
    calls = ["call", "call after chat"]
    return header(
        "omnichannel-shop", "A web shop on three channels",
        "Specialists by channel, or agents who take calls and write e-mails in between?",
    ) | {
        "periods": [{"name": "day", "hours_per_year": 3000}, {"name": "evening", "hours_per_year": 1800}],
        "sites": [
            {"name": "store", "kind": "inhouse", "seats": 60, "wage_per_hour": 20, "shrinkage": 0.3,
             "fixed_cost_per_year": 200_000, "seat_cost_per_year": 3_000},
        ],
        "contact_types": [
            {"name": "call", "channel": "voice", "talk_s": 220, "wrap_s": 40, "patience_s": 150,
             "targets": EIGHTY_TWENTY},
            {"name": "call after chat", "channel": "voice", "talk_s": 220, "wrap_s": 40, "patience_s": 150,
             "targets": EIGHTY_TWENTY},
            {"name": "chat", "channel": "chat", "patience_s": 240, "targets": [{"service_level": 0.8, "awt_s": 60}],
             "chat_levels": [{"chats": 1, "handle_s": 320}, {"chats": 2, "handle_s": 400}, {"chats": 3, "handle_s": 520}]},
            {"name": "e-mail", "channel": "email", "talk_s": 260, "background": True,
             "targets": [{"max_response_h": 4, "share": 0.95}]},
        ],
        "skill_sets": [
            {"name": "phone", "contact_types": calls},
            {"name": "chat", "contact_types": ["chat"]},
            {"name": "mail", "contact_types": ["e-mail"], "wage_factor": 0.95},
            {"name": "phone and mail", "contact_types": [*calls, "e-mail"], "wage_factor": 1.02},
        ],
        "demand": [
            {"region": "web", "contact_type": "call", "contacts_per_hour": [60, 35]},
            {"region": "web", "contact_type": "chat", "contacts_per_hour": [45, 40]},
            {"region": "web", "contact_type": "e-mail", "contacts_per_hour": [30, 20]},
        ],
        "journeys": [{"from_type": "chat", "to_type": "call after chat", "share": 0.12, "handle_factor": 0.75}],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("handle time of a chat", "320, 400 and 520 s with one, two and three in hand", "2 to 4 at a time", "assumption"),
            ("chats that end in a call", "12 %", "5 to 25 %", "assumption"),
            ("call after a chat", "a quarter shorter", "0 to 40 %", "assumption: the chat is on the screen"),
            ("e-mail", "95 % done in 4 hours, in idle time", "4 to 24 hours", "assumption"),
            ("agents for calls and e-mail", "2 % dearer", "0 to 5 %", "assumption"),
        ),
    }  # fmt: skip


def ivr_and_lines() -> Row:
    """A utility with a voice computer before its agents, rented lines, a toll-free number and a yearly meter letter."""
    return header(
        "ivr-and-lines", "A voice computer, its lines and a mailing",
        "What does the voice computer save in agents, and how many ports and lines does it take?",
    ) | {
        "periods": [{"name": "normal weeks", "hours_per_year": 2600}, {"name": "meter weeks", "hours_per_year": 400}],
        "sites": [
            {"name": "works", "kind": "inhouse", "seats": 90, "wage_per_hour": 21, "shrinkage": 0.3,
             "fixed_cost_per_year": 180_000, "seat_cost_per_year": 3_200}
        ],
        "contact_types": [
            {"name": "meter", "talk_s": 150, "wrap_s": 30, "patience_s": 180, "targets": EIGHTY_TWENTY},
            {"name": "bill", "talk_s": 240, "wrap_s": 60, "patience_s": 180, "targets": EIGHTY_TWENTY},
        ],
        "skill_sets": [{"name": "agents", "contact_types": ["meter", "bill"]}],
        "demand": [
            {"region": "households", "contact_type": "meter", "contacts_per_hour": [60, 60]},
            {"region": "households", "contact_type": "bill", "contacts_per_hour": [90, 90]},
        ],
        "mailings": [{"name": "meter letter", "region": "households", "contact_type": "meter", "pieces_per_year": 600_000,
                      "response": 0.14, "periods": ["meter weeks"], "cost_per_piece": 0.45}],
        "self_service": [
            {"name": "voice computer", "max_blocking": 0.01, "port_rental_per_year": 240, "line_rental_per_year": 180,
             "number_rental_per_year": 600, "menus": [
                 {"contact_type": "meter", "time_s": 75, "containment": 0.55},
                 {"contact_type": "bill", "time_s": 40, "containment": 0.1}]}
        ],
        "worth": [{"contact_type": c, "toll_free_per_minute": 0.03} for c in ("meter", "bill")],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("containment", "55 % of readings, 10 % of bills", "5 to 70 %", "assumption: readings are numbers"),
            ("response to the letter", "14 % call", "5 to 30 %", "assumption: the others write or use the web"),
            ("rental", "240 a port, 180 a line a year", "100 to 600", "assumption"),
            ("toll-free minute", "0.03", "0.01 to 0.06", "assumption"),
            ("blocking", "1 % at most", "0.5 to 2 %", "usual grade of service"),
        ),
    }  # fmt: skip


def blend() -> Row:
    """Inbound service and an outbound campaign: dedicated teams, or agents who dial in their idle time."""
    return header(
        "blend", "Inbound and a campaign by the same agents",
        "What does blending save, and at which volume of outbound work does it stop to save?",
    ) | {
        "periods": [{"name": "office hours", "hours_per_year": 2000}],
        "sites": [
            {"name": "desk", "kind": "inhouse", "wage_per_hour": 21, "shrinkage": 0.3, "fixed_cost_per_year": 100_000,
             "seat_cost_per_year": 3_000}
        ],
        "contact_types": [
            {"name": "service", "talk_s": 150, "wrap_s": 30, "targets": EIGHTY_TWENTY},
            {"name": "renewal", "talk_s": 130, "wrap_s": 20},
        ],
        "skill_sets": [
            {"name": "inbound", "contact_types": ["service"]},
            {"name": "outbound", "contact_types": ["renewal"], "wage_factor": 0.98},
            {"name": "both", "contact_types": ["service", "renewal"], "wage_factor": 1.02},
        ],
        "demand": [{"region": "customers", "contact_type": "service", "contacts_per_hour": 240}],
        "campaigns": [{"name": "renewals", "region": "customers", "contact_type": "renewal", "list_per_year": 230_000,
                       "hit_rate": 0.4, "success": 0.05, "value": 60, "miss_s": 20}],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("hit rate", "40 % of the attempts", "20 to 60 %", "assumption"),
            ("a miss", "20 s of an agent", "0 (dialler) to 40 s", "assumption: so a person reached takes 180 s like a service call"),
            ("success and value", "5 %, 60 each", "2 to 10 %, 20 to 200", "assumption"),
            ("agents who do both", "2 % dearer", "0 to 5 %", "assumption"),
        ),
    }  # fmt: skip


def build() -> None:
    """Write the documents."""
    for document in (omnichannel_shop(), ivr_and_lines(), blend()):
        write_instance(document)


if __name__ == "__main__":
    build()
