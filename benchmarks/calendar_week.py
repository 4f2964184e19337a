"""A week of half-hours x 20 contact types x 12 sites: seconds from a calendar to a plan, and what its periods hide.

``python benchmarks/calendar_week.py [seconds]`` (default 30 for the optimiser). Every half-hour of the week differs (an own
random level by day), so that nothing is joined without error.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

import ccopt as cc
from ccopt.scenario.checks import validated
from ccopt.scenario.periods import calendar_periods, unreduced
from ccopt.studies.calendar_errors import calendar_error

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SITES, TYPES, REGIONS = 12, 20, 4


def week(periods: int) -> dict:
    """The raw scenario with so many periods."""
    rng = np.random.default_rng(1)
    hours = np.arange(48) / 2
    shape = 0.15 + np.exp(-0.5 * ((hours - 11) / 2.5) ** 2) + 0.7 * np.exp(-0.5 * ((hours - 16) / 2.5) ** 2)
    level = dict(zip(DAYS, (1.25, 1.1, 1.05, 1.0, 0.95, 0.5, 0.35), strict=True))
    profiles = [
        {"region": f"r{i % REGIONS}", "contact_type": f"c{i}", "day_types": [d], "contacts_per_hour": [
            round(float(x), 3) for x in rng.uniform(20, 80) * level[d] * shape * rng.uniform(0.95, 1.05, 48)]}
        for i in range(TYPES) for d in DAYS
    ]  # fmt: skip
    types = [
        {"name": f"c{i}", "talk_s": float(180 + 15 * (i % 8)), "patience_s": float(120 + 30 * (i % 5)),
         "targets": [{"service_level": 0.8, "awt_s": 20}, {"max_occupancy": 0.92}]} for i in range(TYPES)
    ]  # fmt: skip
    sites = [
        {"name": f"s{k}", "kind": "inhouse", "seats": 120, "wage_per_hour": float(18 + k % 5), "shrinkage": 0.3,
         "fixed_cost_per_year": 250_000.0 + 20_000 * (k % 4), "seat_cost_per_year": 4000.0} for k in range(SITES)
    ]  # fmt: skip
    return {
        "schema_version": 1, "name": "week", "sites": sites, "contact_types": types,
        "skill_sets": [{"name": f"k{i}", "contact_types": [f"c{i}"]} for i in range(TYPES)],
        "calendar": {
            "first_day": "2026-06-01", "last_day": "2026-06-07", "time_zone": "Europe/Dublin", "interval_min": 30,
            "day_types": [{"name": d, "weekdays": [d]} for d in DAYS], "profiles": profiles, "reduction": {"periods": periods},
        },
    }  # fmt: skip


def main(seconds: float, counts: tuple[int, ...] = (12, 24, 48, 336)) -> None:
    """One JSON line per number of periods."""
    for periods in counts:
        began = time.perf_counter()
        scenario = validated(week(periods))
        read = time.perf_counter() - began
        made = calendar_periods(scenario)
        plan = cc.optimise(scenario, gap=0.01, time_limit_s=seconds)
        planned = time.perf_counter() - began - read
        began = time.perf_counter()
        error = calendar_error(scenario, plan.design)
        print(json.dumps({
            "periods": periods, "intervals": len(unreduced(scenario).periods), "read_s": round(read, 2), "plan_s": round(planned, 1),
            "gap": plan.gap, "status": plan.status, "load_error": round(made.load_error, 4), "cost_error": round(error.cost_error, 5),
            "contacts_missed": round(float(np.average(error.service["contacts_missed"], weights=error.service["contacts_per_year"])), 4),
            "judge_s": round(time.perf_counter() - began, 1), "sites": len(plan.design.open_sites),
        }), flush=True)  # fmt: skip


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30.0)
