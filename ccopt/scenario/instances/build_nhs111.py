"""Build the instance ``nhs111`` from the packaged extract: ``python -m ccopt.scenario.instances.build_nhs111``.

The extract holds NHS England's counts by area for 2015-16 (Open Government Licence v3.0); what is assumed beside them
stands in the register of the document, with range and source.
"""

from __future__ import annotations

import csv
import json
import math
from importlib import resources
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HOURS_PER_YEAR = 366 * 24
WAGE_L1, WAGE_L2 = 15.1, 27.5
SHRINKAGE = 0.30
PAID_HOURS_PER_FTE = 1955
CALL_COST_PER_HOUR = WAGE_L1 / (1 - SHRINKAGE)
AWAY_FACTOR = 0.04
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
# name, region, latitude, longitude, employed residents in reach in millions (rounded), today's operator or None
SITES = (
    ("Newcastle", "North East", 54.98, -1.61, 0.70, "NEAS"),
    ("Wakefield", "Yorkshire and the Humber", 53.68, -1.50, 1.20, "YAS"),
    ("Bolton", "North West", 53.58, -2.43, 1.40, "NWAS"),
    ("Derby", "East Midlands", 52.92, -1.47, 0.80, "DHU"),
    ("Stafford", "West Midlands", 52.81, -2.12, 0.60, "Vocare"),
    ("Oldbury", "West Midlands", 52.50, -2.02, 1.30, None),
    ("Norwich", "East", 52.63, 1.30, 0.35, "IC24"),
    ("Ipswich", "East", 52.06, 1.16, 0.35, None),
    ("Welwyn", "East", 51.80, -0.20, 0.80, "HUC"),
    ("Milton Keynes", "South East", 52.04, -0.76, 0.60, None),
    ("Bicester", "South East", 51.90, -1.15, 0.55, "SCAS"),
    ("Southall", "London", 51.50, -0.38, 2.00, "Care UK"),
    ("Ilford", "London", 51.56, 0.08, 1.80, "PELC"),
    ("Croydon", "London", 51.38, -0.10, 1.80, "LAS"),
    ("Kensington", "London", 51.50, -0.19, 2.00, "LCW"),
    ("Dorking", "South East", 51.23, -0.33, 0.70, "SECAmb"),
    ("Ashford", "South East", 51.15, 0.87, 0.35, None),
    ("Otterbourne", "South East", 51.01, -1.35, 0.65, None),
    ("Newport", "South East", 50.70, -1.29, 0.06, "IoW Trust"),
    ("Bristol", "South West", 51.45, -2.58, 0.70, None),
    ("Exeter", "South West", 50.72, -3.53, 0.35, "SWASFT"),
)
FEWEST_SEATS, MOST_SEATS = 20, 300


def seats_of(employed_millions: float, today_peak: int) -> int:
    """Agents at most at one time: 300 paid FTE in reach or 0.05 % of employed residents, at least today's own peak."""
    fte = min(300.0, 0.0005 * employed_millions * 1e6)
    # one FTE covers 1955 / 8784 of a seat around the clock and 70 % of it on duty; the peak is about 2.65 x the mean
    at_once = fte * PAID_HOURS_PER_FTE * (1 - SHRINKAGE) / HOURS_PER_YEAR * 2.65
    return max(FEWEST_SEATS, math.ceil(at_once), today_peak)


def rows() -> list[dict[str, str]]:
    """The extract, one row per area."""
    text = resources.files("ccopt.scenario.instances").joinpath("nhs111_areas_2015-16.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance, equirectangular to 0.5 % at this scale."""
    x = math.radians(b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return 6371.0 * math.hypot(x, math.radians(b[0] - a[0]))


def home_site(area: dict[str, str]) -> str:
    """The site of today's operator."""
    return next(s[0] for s in SITES if s[5] == area["operator_mar16"])


def demand_per_hour(area: dict[str, str]) -> list[float]:
    """Answered and abandoned calls by the hour in each period."""
    mean = (int(area["answered"]) + int(area["abandoned_30s"])) / HOURS_PER_YEAR
    return [round(mean * rate, 4) for _, _, rate in PERIODS]


def document() -> dict[str, Any]:
    """The scenario document."""
    areas = rows()
    sites = []
    for name, region, lat, lon, employed, operator in SITES:
        mine = [a for a in areas if a["operator_mar16"] == operator] if operator else []
        peak = max((sum(d) for d in zip(*(demand_per_hour(a) for a in mine), strict=True)), default=0.0)
        erlangs = peak * (410 + 0.22 * 685) / 3600
        london = region == "London"
        sites.append({
            "name": name, "kind": "inhouse", "region": region, "latitude": lat, "longitude": lon,
            "seats": seats_of(employed, math.ceil(erlangs / 0.85 + 8) if mine else 0),
            "wage_per_hour": round(WAGE_L1 * WAGE_INDEX[region], 2), "shrinkage": SHRINKAGE,
            "fixed_cost_per_year": 700000, "seat_cost_per_year": 9000 if london else 4500,
            "opening_cost": 500000, "closing_cost": round(5800 * max(20.0, 1.6 * erlangs)),
        })  # fmt: skip
    return {
        "schema_version": 1, "name": "nhs111", "title": "NHS 111, England, 2015-16", "currency": "GBP",
        "question": "How many sites should answer NHS 111 in England, which, with how many call handlers and clinical "
                    "advisers where, and what does it save against the 15 operators of today?",
        "periods": [
            {"name": n, "hours_per_year": round(h * HOURS_PER_YEAR / 168, 2)} for n, h, _ in PERIODS
        ],
        "sites": sites,
        "contact_types": [
            {"name": "call", "talk_s": 340, "hold_s": 20, "wrap_s": 50, "patience_s": 600, "targets": [
                {"service_level": 0.95, "awt_s": 60, "basis": "answered"}, {"max_abandonment": 0.05},
                {"max_occupancy": 0.85}]},
            {"name": "advice", "talk_s": 565, "wrap_s": 120, "patience_s": 1800, "targets": [
                {"service_level": 0.80, "awt_s": 120}, {"max_occupancy": 0.85}]},
        ],
        "skill_sets": [
            {"name": "call handler", "contact_types": ["call"]},
            {"name": "clinical adviser", "contact_types": ["advice"], "wage_factor": round(WAGE_L2 / WAGE_L1, 4)},
        ],
        "regions": [
            {"name": a["area"], "latitude": float(a["lat_approx"]), "longitude": float(a["lon_approx"])} for a in areas
        ],
        "demand": [
            {"region": a["area"], "contact_type": "call", "contacts_per_hour": demand_per_hour(a)} for a in areas
        ],
        "escalations": [{"from_type": "call", "to_type": "advice", "share": 0.2205}],
        "links": [
            {"region": a["area"], "site": s[0], "cost_per_contact": away_cost(a, s)} for a in areas for s in SITES
            if away_cost(a, s) > 0
        ],
        "existing": {
            "open_sites": [s[0] for s in SITES if s[5]],
            "groups": [{"site": s[0], "skill_set": k} for s in SITES if s[5] for k in ("call handler", "clinical adviser")],
            "assignments": [
                {"region": a["area"], "contact_type": c, "site": home_site(a), "skill_set": k} for a in areas
                for c, k in (("call", "call handler"), ("advice", "clinical adviser"))
            ],
        },
        "horizon": {"years": 5},
        "assumptions": assumptions(),
    }  # fmt: skip


def away_cost(area: dict[str, str], site: tuple[Any, ...]) -> float:
    """Cost per contact of serving an area from elsewhere: 4 % longer calls (local directory), fading in over 50 km."""
    km = distance_km((float(area["lat_approx"]), float(area["lon_approx"])), (site[2], site[3]))
    if home_site(area) == site[0]:
        return 0.0
    share = min(1.0, km / 50.0)
    return round(AWAY_FACTOR * 410 / 3600 * CALL_COST_PER_HOUR * share, 3)


def assumptions() -> list[dict[str, str]]:
    """The register: what is assumed, its range and its source."""
    notes = "NHS England MDS 2015-16, own cleaning"
    return [
        {"name": n, "value": v, "range": r, "source": s}
        for n, v, r, s in (
            ("demand", "answered + abandoned calls by area", "offered calls are 4 % higher", notes),
            ("handle time of a call", "410 s", "310 to 540 s", "214 credible rows of staff minutes, 56 % of answered calls"),
            ("handle time of clinical advice", "685 s", "465 to 930 s", "the same rows"),
            ("split into talk, hold and wrap", "340 / 20 / 50 and 565 / 120 s", "", "assumption; only the sum matters"),
            ("share passed to a clinical adviser", "22.05 %", "13 to 30 % by area", "transferred / answered, England"),
            ("patience of callers", "600 s", "440 to 750 s", "fitted to share in 60 s against abandonment"),
            ("patience at clinical advice", "1800 s", "900 to 3600 s", "assumption"),
            ("weekly profile", "ten periods", "flat to peaky", "public study of 56,102 calls and Scotland 2011; assumption"),
            ("target of calls", "95 % of answered in 60 s, 5 % abandoned", "", "published standard of the service"),
            ("target of advice", "80 % in 120 s", "", "assumption; the published target is a call back in 10 minutes"),
            ("occupancy ceiling", "85 %", "80 to 90 %", "assumption: sustainable work around the clock"),
            ("wage of a call handler", "15.1 an hour, loaded", "13.5 to 17", "Isle of Wight 2015-16; pay band 3"),
            ("wage of a clinical adviser", "27.5 an hour, loaded", "22 to 31", "Isle of Wight 2015-16; pay band 6"),
            ("regional wage index", "0.96 to 1.18", "+- 0.03", "order of regions in a pay study; level assumed"),
            ("shrinkage", "30 %", "28 to 40 %", "assumption"),
            ("fixed cost of a 24/7 site", "0.7 m a year", "0.4 to 1.2 m", "assumption: shift managers, technology, lines"),
            ("seat and building", "4,500 (London 9,000) a year", "3,000 to 7,000", "serviced desks 2010 as a guide"),
            ("seats of a site", "20 to 300", "+- 30 %", "300 FTE or 0.05 % of employed residents in reach; assumption"),
            ("opening cost", "0.5 m", "0.1 to 0.5 m", "change of operator, West Midlands 2015"),
            ("closing cost", "5,800 per post", "1,200 to 8,000", "redundancy terms, three years of service"),
            ("calls served away from home", "4 % longer", "3 to 5 %", "assumption: local directory of services"),
            ("places of areas and sites", "centre of county or town", "", "general knowledge, for the map and distances"),
        )
    ]  # fmt: skip


def build() -> None:
    """Write ``nhs111.json`` and ``nhs111-resilient.json`` beside this file."""
    doc = document()
    resilient = dict(doc, name="nhs111-resilient", title="NHS 111, England, with the loss of any one site",
                     limits=[{"kind": "survive_site_loss", "share": 1.0, "surge": 1.1}])  # fmt: skip
    for d in (doc, resilient):
        (HERE / f"{d['name']}.json").write_text(json.dumps(d, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    build()
