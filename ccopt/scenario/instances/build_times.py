"""Build instances whose point is time: ``python -m ccopt.scenario.instances.build_times``.

``follow-the-sun`` and ``seasonal-retail`` are synthetic; ``bank-day`` rests on a table derived from a real log.
"""

from __future__ import annotations

import csv

from ccopt.scenario.instances.build_designs import EIGHTY_TWENTY, SHRINKAGE, SYNTHETIC, header
from ccopt.scenario.instances.writing import HERE, Row, assumed, write_instance
from ccopt.scenario.kinds import Quality

# share of a day's contacts by local hour from midnight, in blocks of four hours
LOCAL_SHAPE = (0.10, 0.40, 1.60, 1.70, 1.40, 0.80)
HOMES = {"Dublin": "Europe/Dublin", "Vancouver": "America/Vancouver", "Manila": "Asia/Manila"}
REGIONS = {"Europe": ("Dublin", 120), "America": ("Vancouver", 150), "Asia": ("Manila", 90)}
WORKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
# volume of the day types, so that a mean day keeps the level of its region
DAY_FACTORS = {"workday": 1.15, "weekend": 0.62}
DAYS = 250


def _calendar() -> Row:
    """2026 in local time: workdays, weekends, three public holidays, day teams and night teams of twelve hours."""
    profiles = [
        {"region": r, "contact_type": "support", "day_types": [kind], "contacts_per_hour": [
            round(mean * f * LOCAL_SHAPE[h // 4], 2) for h in range(24)]}
        for r, (_, mean) in REGIONS.items() for kind, f in DAY_FACTORS.items()
    ]  # fmt: skip
    holidays = [("2026-12-25", ["Europe", "America"]), ("2026-01-01", list(REGIONS)), ("2026-07-01", ["America"])]
    return {
        "first_day": "2026-01-01", "last_day": "2026-12-31", "time_zone": "UTC", "interval_min": 30,
        "day_types": [{"name": "workday", "weekdays": WORKDAYS}, {"name": "weekend", "weekdays": ["Saturday", "Sunday"]}],
        "holidays": [{"date": d, "day_type": "weekend", "regions": r} for d, r in holidays],
        "region_zones": [{"name": r, "time_zone": HOMES[home]} for r, (home, _) in REGIONS.items()],
        "site_zones": [{"name": f"{n} {how}", "time_zone": z} for n, z in HOMES.items() for how in ("by day", "by night")],
        "opening": [{"site": f"{n} {how}", "opens": a, "closes": b} for n in HOMES
                    for how, a, b in (("by day", "08:00", "20:00"), ("by night", "20:00", "08:00"))],
        "profiles": profiles, "reduction": {"periods": 40},
    }  # fmt: skip


def follow_the_sun() -> Row:
    """Three continents, all day: day teams that hand over, or fewer places with a night team at night wages."""
    wages = {"Dublin": 27, "Vancouver": 25, "Manila": 9}

    def team(place: str, how: str, more_pay: float, fixed: int) -> Row:
        return {
            "name": f"{place} {how}", "kind": "inhouse", "region": place, "seats": 80,
            "wage_per_hour": round(more_pay * wages[place], 2), "shrinkage": 0.3, "fixed_cost_per_year": fixed,
            "seat_cost_per_year": 4_000, "labour_pool": 16 if place == "Manila" else 72,
        }  # fmt: skip

    day = [team(n, "by day", 1.0, 260_000) for n in HOMES]
    night = [team(n, "by night", 1.3, 130_000) for n in HOMES]
    return header(
        "follow-the-sun", "Three continents, all day",
        "Three day teams that hand over with the sun, or fewer places with a night team?",
    ) | {
        "sites": [*day, *night],
        "contact_types": [
            {"name": "support", "talk_s": 300, "wrap_s": 60, "patience_s": 300,
             "targets": [{"service_level": 0.8, "awt_s": 30}, {"max_occupancy": 0.9}]}
        ],
        "skill_sets": [{"name": "agents", "contact_types": ["support"]}],
        "links": [
            {"region": r, "site": f"{n} {how}", "cost_per_contact": 0.12}
            for r, (home, _) in REGIONS.items() for n in HOMES for how in ("by day", "by night") if n != home
        ],
        "calendar": _calendar(),
        "shifts": {"full_time_h_per_week": 38, "patterns": [
            {"name": "eight hours", "length_h": 8, "breaks": [{"after_h": 4, "minutes": 30, "paid": False}]},
            {"name": "five hours", "length_h": 5},
        ]},
        "assumptions": assumed(
            SYNTHETIC, SHRINKAGE,
            ("local day", "blocks of four hours, 10 % to 170 % of the mean; weekends 54 % of workdays", "", "assumption"),
            ("wages", "27, 25 and 9 an hour", "+-20 %", "assumption"),
            ("by night", "30 % dearer, 130,000 fixed cost of its own", "20 to 50 %", "assumption: night pay"),
            ("labour pool of Manila", "16 at a time in each team", "", "assumption: only this share of work may leave"),
            ("holidays", "Christmas, New Year, 1 July in America", "", "three of many, to show the form"),
        ),
    }  # fmt: skip


def seasonal_retail() -> Row:
    """A mail-order house with six peak weeks: seats of its own, a rented hall, or pay by the contact."""
    return header(
        "seasonal-retail", "Mail order with six peak weeks", "Who should take the calls of the six peak weeks?"
    ) | {
        "periods": [
            {"name": "weekday", "hours_per_year": 2760}, {"name": "weekend", "hours_per_year": 920},
            {"name": "peak weeks", "hours_per_year": 480},
        ],
        "sites": [
            {"name": "house", "kind": "inhouse", "seats": 120, "wage_per_hour": 20, "shrinkage": 0.3,
             "fixed_cost_per_year": 250_000, "seat_cost_per_year": 5_500},
            {"name": "rented hall", "kind": "outsourced", "seats": 60, "periods": ["peak weeks"],
             "fixed_cost_per_year": 25_000, "tariff": {"per": "seat", "price": 17_000}},
            {"name": "call vendor", "kind": "on_demand", "tariff": {"per": "contact", "price": 3.4}},
        ],
        "contact_types": [
            {"name": "order", "talk_s": 200, "wrap_s": 40, "patience_s": 120,
             "targets": [*EIGHTY_TWENTY, {"max_abandonment": 0.05}]}
        ],
        "skill_sets": [{"name": "agents", "contact_types": ["order"]}],
        "demand": [{"region": "country", "contact_type": "order", "contacts_per_hour": [260, 140, 900]}],
        "uncertainty": [{"factor_variance": 0.04, "source": "assumption: how well a season is foreseen"}],
        "assumptions": assumed(
            SYNTHETIC, SHRINKAGE,
            ("peak weeks", "3.5 times a normal weekday, 480 hours", "2 to 5 times", "assumption"),
            ("volume of a period", "known to 20 %", "10 to 30 %", "assumption: standard deviation of the busyness factor"),
            ("rented hall", "17,000 a seat for the season, agent included", "12,000 to 25,000", "assumption"),
            ("vendor", "3.40 a contact", "2 to 5", "assumption"),
        ),
    }  # fmt: skip


def _again(name: str, group: dict[str, str]) -> Row:
    """Redials and repeats of a group, where the table has them."""
    found: Row = {"contact_type": name, "lost": float(group["lost"])}
    if group["repeat"]:
        found["first_contact_resolution"] = round(1.0 - float(group["repeat"]), 4)
    if group["redial"]:
        found["redial"] = float(group["redial"])
    return found


def bank_day() -> Row:
    """A weekday of a small bank, from a table derived from a real log: dedicated desks or universal agents."""
    text = (HERE / "bank_day_profile.csv").read_text(encoding="utf-8").splitlines()
    groups = list(csv.DictReader(line for line in text if not line.startswith("#")))
    blocks = ((7, 8), (8, 10), (10, 12), (12, 14), (14, 16), (16, 18), (18, 20), (20, 22), (22, 24))
    kinds = {g["group"]: g for g in groups}
    again = {n: _again(n, g) for n, g in kinds.items()}
    return header(
        "bank-day", "A weekday at a bank, from its log",
        "How many agents by time of day, and do separate desks for shares and internet support cost much?",
    ) | {
        "periods": [{"name": f"{a:02d}-{b:02d}", "hours_per_year": (b - a) * DAYS} for a, b in blocks],
        "sites": [
            {"name": "bank", "kind": "inhouse", "seats": 40, "wage_per_hour": 20, "shrinkage": 0.3,
             "fixed_cost_per_year": 150_000, "seat_cost_per_year": 4_000}
        ],
        "contact_types": [
            {"name": n, "talk_s": float(g["mean_handle_s"]), "patience_s": float(g["patience_s"]),
             "targets": [{"service_level": 0.8, "awt_s": 30}, {"max_abandonment": 0.08}]} for n, g in kinds.items()
        ],
        "quality": [row for n in kinds if len(row := again[n]) > 2],
        "uncertainty": [
            {"contact_type": n, "factor_variance": float(g["factor_variance"]), "common_share": float(g["common_share"]),
             "source": "half-hours of 19 weekdays, moments of a gamma-mixed Poisson process"} for n, g in kinds.items()
        ],
        "skill_sets": [
            {"name": "counter", "contact_types": ["regular", "prospective"]},
            {"name": "shares desk", "contact_types": ["stock"], "wage_factor": 1.2},
            {"name": "internet desk", "contact_types": ["internet"], "wage_factor": 1.1},
            {"name": "shares and internet", "contact_types": ["stock", "internet"], "wage_factor": 1.25},
        ],
        "demand": [
            {"region": "customers", "contact_type": n, "contacts_per_hour": [
                round((1 - Quality(**again[n]).again) * sum(float(g[f"h{h}"]) for h in range(a, b)) / (b - a), 3) for a, b in blocks]}
            for n, g in kinds.items()
        ],
        "assumptions": assumed(
            ("demand and handle times", "means of 19 weekdays", "dispersion index of half-hours 3.1",
             "derived from the Anonymous Bank log, January 1999 (Technion, Service Engineering laboratory)"),
            ("patience", "217 to 867 s by group", "369 s over all; 311 s (median)", "censored exponential fit to the same log"),
            ("variance of the busyness factor", "0.056 to 0.60 by group", "a third of it common to all groups",
             "fitted to half-hours of the same log"),
            ("redials and repeats", "32 % of lost regular calls within 30 min; 19 % of regular, 34 % of stock calls within a day",
             "95 % intervals of +-2 to 5 points", "customers named in 42 % of the same log, chance taken off; demand holds first calls"),
            SHRINKAGE,
            ("money", "synthetic", "", "wages, seats and fixed cost are not in the log; chosen"),
            ("weekdays", f"{DAYS} a year, 7 to 24 h", "", "nights, Fridays and Saturdays left out"),
            ("target", "80 % in 30 s, 8 % abandoned", "", "assumption; the log shows 13.7 % abandoned"),
        ),
    }  # fmt: skip


def build() -> None:
    """Write the three documents."""
    for document in (follow_the_sun(), seasonal_retail(), bank_day()):
        write_instance(document)


if __name__ == "__main__":
    build()
