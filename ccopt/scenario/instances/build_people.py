"""Build synthetic instances of callers and people: ``python -m ccopt.scenario.instances.build_people``.

Call-back and video rooms, priorities, authority and faults, hiring, home agents with short shifts. No client data: every
figure is chosen, small enough for a calculation by hand.
"""

from __future__ import annotations

from ccopt.scenario.instances.build_designs import EIGHTY_TWENTY, SHRINKAGE, SYNTHETIC, WAGE, header
from ccopt.scenario.instances.writing import Row, assumed, write_instance

WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def call_back_hotline() -> Row:
    """A hotline that rings back who must wait, and a few calls by video for which seats need equipment."""
    return header(
        "call-back-hotline", "A hotline with call-back, and advice by video",
        "What does the offer to ring back save, and who should sit in the video rooms?",
    ) | {
        "periods": [{"name": "open hours", "hours_per_year": 2500}],
        "sites": [
            {"name": "house", "kind": "inhouse", "seats": 40, "wage_per_hour": 21, "shrinkage": 0.3,
             "fixed_cost_per_year": 120_000, "seat_cost_per_year": 3_000,
             "equipped_seats": [{"name": "video room", "contact_types": ["video"], "seats": 6, "cost_per_year": 9_000}]}
        ],
        "contact_types": [
            {"name": "call", "talk_s": 200, "wrap_s": 40, "patience_s": 90, "targets": [{"max_abandonment": 0.04}],
             "callback": {"accept": 0.5, "ring_back_s": 20}},
            {"name": "video", "channel": "video", "talk_s": 540, "wrap_s": 60, "patience_s": 300,
             "targets": [{"service_level": 0.8, "awt_s": 60}]},
        ],
        "skill_sets": [
            {"name": "phone", "contact_types": ["call"]}, {"name": "video", "contact_types": ["video"], "wage_factor": 1.1},
        ],
        "demand": [
            {"region": "customers", "contact_type": "call", "contacts_per_hour": 120},
            {"region": "customers", "contact_type": "video", "contacts_per_hour": 12},
        ],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("call-back", "half of those who must wait accept", "20 to 60 %", "assumption"),
            ("ringing back", "20 s until the customer answers", "10 to 60 s", "assumption: attempts included"),
            ("video room", "9,000 a seat and year, six of them", "5,000 to 15,000", "assumption: camera, light, quiet room"),
            ("patience", "90 s on the phone, 300 s by video", "60 to 600 s", "assumption"),
        ),
    }  # fmt: skip


def universal_desk() -> Row:
    """One desk for all, and customers with a contract who are served first."""
    return header(
        "universal-desk", "Universal agents, contract customers first",
        "How many agents does it save to serve the contract customers first instead of everybody as fast as them?",
    ) | {
        "periods": [{"name": "open hours", "hours_per_year": 2500}],
        "sites": [{"name": "desk", "kind": "inhouse", "wage_per_hour": 20, "shrinkage": 0.3, "seat_cost_per_year": 3_000}],
        "contact_types": [
            {"name": "contract", "talk_s": 240, "priority": 0, "targets": [{"max_asa_s": 10}]},
            {"name": "other", "talk_s": 240, "priority": 1, "targets": [{"max_asa_s": 70}]},
        ],
        "skill_sets": [{"name": "universal", "contact_types": ["contract", "other"]}],
        "demand": [
            {"region": "country", "contact_type": "contract", "contacts_per_hour": 30},
            {"region": "country", "contact_type": "other", "contacts_per_hour": 150},
        ],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("mean wait", "10 s with a contract, 70 s without", "5 to 120 s", "assumption"),
            ("handle time", "240 s for both", "180 to 420 s", "assumption: the same matters"),
        ),
    }  # fmt: skip


def loan_desk() -> Row:
    """Loans by telephone: what the first tier may decide, faults that come back, a bonus for each policy sold."""
    return header(
        "loan-desk", "A loan desk with authority, faults and a bonus",
        "What is it worth that the first tier may decide, that files are right, and which bonus may a sale carry?",
    ) | {
        "periods": [{"name": "open hours", "hours_per_year": 2200}],
        "sites": [
            {"name": "bank house", "kind": "inhouse", "seats": 60, "wage_per_hour": 24, "shrinkage": 0.3,
             "fixed_cost_per_year": 100_000, "seat_cost_per_year": 4_000, "pay_per_sale": 5}
        ],
        "contact_types": [
            {"name": "request", "talk_s": 300, "wrap_s": 60, "targets": EIGHTY_TWENTY},
            {"name": "decision", "talk_s": 480, "wrap_s": 120, "targets": [{"service_level": 0.8, "awt_s": 120}]},
        ],
        "skill_sets": [
            {"name": "adviser", "contact_types": ["request"]},
            {"name": "credit officer", "contact_types": ["decision"], "wage_factor": 1.5},
        ],
        "demand": [{"region": "clients", "contact_type": "request", "contacts_per_hour": 100}],
        "escalations": [{"from_type": "request", "to_type": "decision", "share": 0.3, "handover_s": 120, "authority": 0.4,
                         "decide_s": 90}],
        "quality": [{"contact_type": "request", "first_contact_resolution": 0.9, "returns": 0.5, "accuracy": 0.95,
                     "fault_returns": 0.8}],
        "cross_selling": [{"contact_type": "request", "extra_s": 40, "success": 0.1, "revenue": 30}],
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("cases that need a decision", "30 % of the requests", "10 to 40 %", "assumption"),
            ("authority", "40 % of them are small enough for the adviser", "0 to 70 %", "assumption: a limit of the amount"),
            ("hand-over and own decision", "120 and 90 s", "30 to 300 s", "assumption"),
            ("faults", "5 % of the files, 80 % of them bring the client back", "2 to 10 %", "assumption"),
            ("protection policy", "10 % take it, 30 each, 5 of it for the adviser", "5 to 20 %, 20 to 60", "assumption"),
        ),
    }  # fmt: skip


def steady_team() -> Row:
    """A team of 40 heads that stands still: who leaves is replaced, and learns before working at full speed."""
    return header(
        "steady-team", "A team that replaces who leaves",
        "What does attrition cost a year, and how many people must be hired only to stand still?",
    ) | {
        "periods": [{"name": "open hours", "hours_per_year": 2000}],
        "sites": [{"name": "town", "kind": "inhouse", "seats": 80, "wage_per_hour": 20, "shrinkage": 0.25,
                   "fixed_cost_per_year": 100_000, "seat_cost_per_year": 3_000}],
        "contact_types": [{"name": "call", "talk_s": 260, "wrap_s": 40, "targets": EIGHTY_TWENTY}],
        "skill_sets": [{"name": "agents", "contact_types": ["call"]}],
        "demand": [{"region": "country", "contact_type": "call", "contacts_per_hour": 300}],
        "existing": {
            "open_sites": ["town"], "groups": [{"site": "town", "skill_set": "agents", "agents": [30]}],
            "assignments": [{"region": "country", "contact_type": "call", "site": "town", "skill_set": "agents"}],
        },
        "transition": {
            "months": 24, "hiring_months": 1, "training_months": 1, "learning": [0.5, 0.75], "first_year_attrition": 0.45,
            "later_attrition": 0.2, "hiring_cost": 2_500, "paid_hours_per_year": 2_000,
        },
        "assumptions": assumed(
            SYNTHETIC, WAGE, SHRINKAGE,
            ("attrition", "45 % in the first year, 20 % after", "35 to 55, 15 to 33 %", "practitioners' averages"),
            ("lead time", "a month to hire, a month to train", "2 to 4 months", "assumption"),
            ("learning", "half and three quarters of the speed in the first two months", "", "assumption"),
            ("hiring", "2,500 a head, pay in training apart", "1,000 to 5,000", "assumption"),
        ),
    }  # fmt: skip


def home_peaks() -> Row:
    """Two peaks a day: an office with shifts of eight hours, or agents at home who also work two."""
    steady, peak = 40, 140
    day = [0] * 8 + [steady] * 2 + [peak] * 2 + [steady] * 5 + [peak] * 2 + [steady] + [0] * 4
    return header(
        "home-peaks", "Two peaks a day, in the office or at home",
        "Is it worth a fifth more an hour to have agents at home who work two hours at a time?",
    ) | {
        "sites": [
            {"name": "office", "kind": "inhouse", "seats": 40, "wage_per_hour": 20, "shrinkage": 0.25,
             "seat_cost_per_year": 3_000},
            {"name": "at home", "kind": "home", "wage_per_hour": 24, "shrinkage": 0.25},
        ],
        "contact_types": [{"name": "order", "talk_s": 160, "wrap_s": 20, "targets": EIGHTY_TWENTY}],
        "skill_sets": [{"name": "agents", "contact_types": ["order"]}],
        "calendar": {
            "first_day": "2026-02-02", "last_day": "2026-03-01", "time_zone": "Europe/Berlin", "interval_min": 60,
            "day_types": [{"name": "day", "weekdays": WEEK}],
            "profiles": [{"region": "country", "contact_type": "order", "day_types": ["day"], "contacts_per_hour": day}],
            "reduction": {"periods": 3},
        },
        "shifts": {"full_time_h_per_week": 38, "patterns": [
            {"name": "eight hours", "length_h": 8, "kinds": ["inhouse"]},
            {"name": "two hours", "length_h": 2, "kinds": ["home"]},
        ]},
        "uncertainty": [{"factor_variance": 0.01, "source": "assumption: the day is 10 % off the forecast"}],
        "assumptions": assumed(
            SYNTHETIC, SHRINKAGE,
            ("peaks", "two of two hours, 3.5 times the rest", "2 to 5 times", "assumption"),
            ("pay at home", "24 an hour against 20", "+0 to +30 %", "assumption: for broken shifts and the room at home"),
            ("shifts", "eight hours in the office, two at home", "2 to 8 h", "assumption"),
            ("forecast", "10 % off (standard deviation)", "5 to 20 %", "assumption"),
        ),
    }  # fmt: skip


def build() -> None:
    """Write the documents."""
    for document in (call_back_hotline(), universal_desk(), loan_desk(), steady_team(), home_peaks()):
        write_instance(document)


if __name__ == "__main__":
    build()
