"""Build ``nhs111`` and ``nhs111-resilient`` from the packaged extract.

Run ``python -m ccopt.scenario.instances.build_nhs111``. The extract holds counts by area of the NHS 111 Minimum Data
Set, England, April 2015 to March 2016 (licence in its first line), cleaned: areas that were re-organised within the
year are joined, demand is answered + abandoned. What is assumed beside them stands in the register of the document.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import Any

from ccopt.scenario.instances.writing import HERE, Row, assumed, write_instance

LICENCE = (
    "Contains NHS England statistics (NHS 111 Minimum Data Set 2015-16), Open Government Licence v3.0; figures "
    "derived, coordinates, operators and handle-time defaults added."
)
HOURS_PER_YEAR = 366 * 24
WAGE_L1, WAGE_L2, SHRINKAGE = 15.1, 27.5, 0.30
AHT_L1_S, AHT_L2_S = 410, 685
PAID_HOURS_PER_FTE = 1955
FTE_PER_PEAK_AGENT = 2.9  # the four largest operators of today, staffed to the targets: 885 FTE, 305 agents at peak
MOST_FTE, SHARE_OF_EMPLOYED = 300.0, 0.0005
SPARE_SEATS = 1.1
AWAY_SHARE, FULLY_AWAY_KM = 0.04, 50.0
OCCUPANCY_TODAY = 0.70  # only for the number of posts behind redundancy: 15 operators staffed to the targets
REDUNDANCY, OPENING = 5_800, 500_000
# name, hours a week, rate relative to the weekly mean
PERIODS = (
    ("weekday 0-7", 33.74, 0.348), ("weekday 7-18", 53.02, 0.818), ("weekday 18-20", 9.64, 1.760),
    ("weekday 20-22", 9.64, 1.292), ("weekday 22-24", 9.64, 0.821), ("weekend 0-7", 15.26, 0.476),
    ("weekend 7-8, 22-24", 6.54, 0.968), ("weekend 8-13", 10.90, 2.427), ("weekend 13-18", 10.90, 1.997),
    ("weekend 18-22", 8.72, 1.574),
)  # fmt: skip
WAGE_INDEX = {
    "London": 1.18, "South East": 1.05, "East": 1.02, "South West": 0.98, "West Midlands": 0.98, "North West": 0.98,
    "Yorkshire and the Humber": 0.97, "East Midlands": 0.97, "North East": 0.96,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A candidate site: where, employed residents in reach (millions), and the operator that works there today."""

    name: str
    region: str
    latitude: float
    longitude: float
    employed_millions: float
    operator: str | None = None


PLACES = (
    Place("Newcastle", "North East", 54.98, -1.61, 0.70, "NEAS"),
    Place("Wakefield", "Yorkshire and the Humber", 53.68, -1.50, 1.20, "YAS"),
    Place("Bolton", "North West", 53.58, -2.43, 1.40, "NWAS"),
    Place("Derby", "East Midlands", 52.92, -1.47, 0.80, "DHU"),
    Place("Stafford", "West Midlands", 52.81, -2.12, 0.60, "Vocare"),
    Place("Oldbury", "West Midlands", 52.50, -2.02, 1.30),
    Place("Norwich", "East", 52.63, 1.30, 0.35, "IC24"),
    Place("Ipswich", "East", 52.06, 1.16, 0.35),
    Place("Welwyn", "East", 51.80, -0.20, 0.80, "HUC"),
    Place("Milton Keynes", "South East", 52.04, -0.76, 0.60),
    Place("Bicester", "South East", 51.90, -1.15, 0.55, "SCAS"),
    Place("Southall", "London", 51.50, -0.38, 2.00, "Care UK"),
    Place("Ilford", "London", 51.56, 0.08, 1.80, "PELC"),
    Place("Croydon", "London", 51.38, -0.10, 1.80, "LAS"),
    Place("Kensington", "London", 51.50, -0.19, 2.00, "LCW"),
    Place("Dorking", "South East", 51.23, -0.33, 0.70, "SECAmb"),
    Place("Ashford", "South East", 51.15, 0.87, 0.35),
    Place("Otterbourne", "South East", 51.01, -1.35, 0.65),
    Place("Newport", "South East", 50.70, -1.29, 0.06, "IoW Trust"),
    Place("Bristol", "South West", 51.45, -2.58, 0.70),
    Place("Exeter", "South West", 50.72, -3.53, 0.35, "SWASFT"),
)
TODAY = tuple(p for p in PLACES if p.operator)


def read_areas() -> list[dict[str, str]]:
    """The extract, one row per area."""
    text = (HERE / "nhs111_areas_2015-16.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def mean_per_hour(area: dict[str, str]) -> float:
    """Answered and abandoned calls per hour of the year."""
    return (int(area["answered"]) + int(area["abandoned_30s"])) / HOURS_PER_YEAR


def escalated_share(areas: list[dict[str, str]]) -> float:
    """Share of answered calls that is passed to a clinical adviser, England."""
    return round(sum(int(a["transferred"]) for a in areas) / sum(int(a["answered"]) for a in areas), 4)


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance by local flattening, right to 0.5 % at this scale."""
    x = math.radians(b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return 6371.0 * math.hypot(x, math.radians(b[0] - a[0]))


def home(area: dict[str, str]) -> Place:
    """The site of today's operator."""
    return next(p for p in TODAY if p.operator == area["operator_mar16"])


def away_cost(area: dict[str, str], place: Place, share: float) -> float:
    """Cost per contact of 4 % longer handling outside the home area, fading in over 50 km, 0 at today's site.

    A call costs 410 s of a call handler, the ``share`` of it that is escalated 685 s of a clinician, both per paid hour
    over 0.7; the amount is the mean over the contacts of both tiers because a link has one price.
    """
    if home(area) == place:
        return 0.0
    km = distance_km((float(area["lat_approx"]), float(area["lon_approx"])), (place.latitude, place.longitude))
    work = (AHT_L1_S * WAGE_L1 + share * AHT_L2_S * WAGE_L2) / 3600 / (1 - SHRINKAGE) / (1 + share)
    return round(AWAY_SHARE * work * min(1.0, km / FULLY_AWAY_KM), 3)


def labour_pool(place: Place) -> int:
    """Agents at most at one time: 300 FTE or 0.05 % of the employed residents in reach, 2.9 FTE per agent at peak."""
    fte = min(MOST_FTE, SHARE_OF_EMPLOYED * place.employed_millions * 1e6)
    return math.floor(fte / FTE_PER_PEAK_AGENT)


def posts_today(place: Place, areas: list[dict[str, str]], share: float) -> int:
    """Full-time posts of today's operator, for the cost of closing."""
    calls = sum(mean_per_hour(a) for a in areas if home(a) == place)
    erlangs = calls * (AHT_L1_S + share * AHT_L2_S) / 3600
    return round(erlangs / OCCUPANCY_TODAY / (1 - SHRINKAGE) * HOURS_PER_YEAR / PAID_HOURS_PER_FTE)


def site(place: Place, areas: list[dict[str, str]], share: float) -> Row:
    """A row of ``sites``."""
    pool = labour_pool(place)
    row = {
        "name": place.name, "kind": "inhouse", "region": place.region, "latitude": place.latitude,
        "longitude": place.longitude, "seats": 5 * math.ceil(pool * SPARE_SEATS / 5), "labour_pool": pool,
        "wage_per_hour": round(WAGE_L1 * WAGE_INDEX[place.region], 2), "shrinkage": SHRINKAGE,
        "fixed_cost_per_year": 700_000, "seat_cost_per_year": 9_000 if place.region == "London" else 4_500,
    }  # fmt: skip
    if place.operator:
        return row | {"closing_cost": REDUNDANCY * posts_today(place, areas, share)}
    return row | {"opening_cost": OPENING}


def existing(areas: list[dict[str, str]]) -> Row:
    """Today: fifteen operators, each with both tiers, each area with its operator, staffed to the targets."""
    skills = (("call", "call-handler"), ("advice", "clinician"))
    return {
        "open_sites": [p.name for p in TODAY],
        "groups": [{"site": p.name, "skill_set": k} for p in TODAY for _, k in skills],
        "assignments": [
            {"region": a["area"], "contact_type": c, "site": home(a).name, "skill_set": k}
            for a in areas
            for c, k in skills
        ],
    }


def work(areas: list[dict[str, str]], share: float) -> Row:
    """Contact types, skill sets, demand and escalation."""
    ceiling = {"max_occupancy": 0.85}
    call = [{"service_level": 0.95, "awt_s": 60, "basis": "answered"}, {"max_abandonment": 0.05}, ceiling]
    advice = [{"service_level": 0.80, "awt_s": 120}, ceiling]
    return {
        "contact_types": [
            {"name": "call", "talk_s": 340, "hold_s": 20, "wrap_s": 50, "patience_s": 600, "targets": call},
            {"name": "advice", "talk_s": 565, "wrap_s": 120, "patience_s": 1800, "targets": advice},
        ],
        "skill_sets": [
            {"name": "call-handler", "contact_types": ["call"]},
            {"name": "clinician", "contact_types": ["advice"], "wage_factor": round(WAGE_L2 / WAGE_L1, 6)},
        ],
        "demand": [
            {"region": a["area"], "contact_type": "call",
             "contacts_per_hour": [round(mean_per_hour(a) * rate, 3) for _, _, rate in PERIODS]} for a in areas
        ],
        "escalations": [{"from_type": "call", "to_type": "advice", "share": share}],
    }  # fmt: skip


def document() -> dict[str, Any]:
    """The scenario document."""
    areas = read_areas()
    share = escalated_share(areas)
    links = [(a["area"], p.name, away_cost(a, p, share)) for a in areas for p in PLACES]
    return {
        "schema_version": 1, "name": "nhs111", "title": "NHS 111, England, 2015-16", "currency": "GBP",
        "question": "How many sites should answer NHS 111 in England, which, with how many call handlers and "
        "clinicians where, and what does it save against the 15 operators of today?",
        "periods": [{"name": n, "hours_per_year": round(h * HOURS_PER_YEAR / 168, 2)} for n, h, _ in PERIODS],
        "sites": [site(p, areas, share) for p in PLACES],
        **work(areas, share),
        "regions": [
            {"name": a["area"], "latitude": float(a["lat_approx"]), "longitude": float(a["lon_approx"])} for a in areas
        ],
        "links": [{"region": r, "site": s, "cost_per_contact": cost} for r, s, cost in links if cost > 0],
        "existing": existing(areas),
        "horizon": {"years": 5},
        "assumptions": register(share),
    }  # fmt: skip


def register(share: float) -> list[Row]:
    """What is assumed beside the counts: value, range, source."""
    mds = "NHS 111 Minimum Data Set 2015-16, cleaned"
    return assumed(
        ("data and licence", LICENCE, "", "NHS England"),
        ("demand", "answered + abandoned calls by area", "offered calls: 4.2 % more", mds),
        ("level of demand", "mean of the year", "busiest month (March) 1.27 x", mds),
        ("handle time of a call", "410 s", "310 to 540 s", "staff minutes of 214 credible rows"),
        ("handle time of clinical advice", "685 s", "465 to 930 s", "the same rows"),
        ("parts of the handle time", "340/20/50 s and 565/120 s", "", "assumption; only the sums matter here"),
        ("share passed to a clinician", f"{share:.2%}", "13 to 30 % by area", mds + ", England as a whole"),
        ("patience of callers", "600 s", "440 to 750 s", "fitted: share within 60 s against abandonment, by operator"),
        ("patience waiting for advice", "1800 s", "900 to 3600 s", "assumption"),
        ("weekly profile", "ten periods, busiest 2.43 x mean", "2.2 to 2.9 x",
         "65 % a public simulation study (Pilbery et al. 2024), 35 % shape of emergency departments; assumption"),
        ("target for calls", "95 % of answered in 60 s, 5 % abandoned", "", "contract standards of the service"),
        ("target for advice", "80 % of offered in 120 s", "call back in 10 min", "assumption"),
        ("ceiling of occupancy", "85 %", "80 to 90 %", "assumption: work that can be borne around the clock"),
        ("paid hour of a call handler", "15.10, loaded", "13.5 to 17", "Isle of Wight 2015-16; NHS pay band 3"),
        ("paid hour of a clinician", "27.50, loaded", "22 to 31", "Isle of Wight 2015-16; NHS pay bands 5 and 6"),
        ("regional pay index", "0.96 to 1.18", "+-0.03; London 1.15 to 1.25", "order of regions: pay study"),
        ("shrinkage", "30 %", "28 to 40 %", "assumption"),
        ("paid hours", "only the periods worked, no shift patterns", "0 to 15 % more", "simplification; range assumed"),
        ("fixed cost of a site", "0.7 m a year", "0.4 to 1.2 m", "assumption: managers at all hours, technology"),
        ("seat and building", "4,500, London 9,000 a year", "3,000 to 7,000", "assumption; desks 2010 as a guide"),
        ("labour pool of a site", "300 FTE or 0.05 % of employed residents in reach", "200 to 400; 0.03 to 0.1 %",
         "assumption; 2.9 FTE per agent at peak, measured on today's four largest operators"),
        ("seats of a site", "labour pool + 10 %", "", "assumption"),
        ("employed residents in reach", "0.06 to 2.0 m", "+-30 %", "general knowledge, rounded"),
        ("opening a site", "0.5 m once", "0.1 to 0.5 m", "change of operator, West Midlands"),
        ("closing a site", "5,800 per post once", "1,200 to 8,000", "NHS redundancy terms, three years of service"),
        ("horizon of one-off costs", "5 years", "3 to 7", "assumption: length of a contract"),
        ("serving away from home", "4 % longer, fading in over 50 km", "3 to 5 %", "assumption: local directory"),
        ("operators and their sites", "15, one site each", "25 to 30 buildings", "common answer patterns, partly read"),
        ("coordinates", "centre of county or town", "", "general knowledge; for map and distances only"),
    )  # fmt: skip


def build() -> None:
    """Write both documents."""
    write_instance(document())
    write_instance(
        document()
        | {
            "name": "nhs111-resilient", "title": "NHS 111, England, 2015-16, any one site may be lost",
            "question": "What does it cost that the loss of any one site still leaves one agent per erlang?",
            "limits": [{"kind": "survive_site_loss", "share": 1.0, "relocatable": 0.0, "surge": 1.0}],
        }
    )  # fmt: skip


if __name__ == "__main__":
    build()
