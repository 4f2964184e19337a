"""Derive the profile of a weekday from the Anonymous Bank log (January 1999): ``derive_bank_day.py january.txt``.

Only this derived table ships: by customer group of Sunday to Thursday the mean counts per hour, without phantom calls, mean
handle times of answered calls, censored patience, variance of the busyness of half-hours, the share lost, redialled and
repeated. The log itself (Technion, Service Engineering laboratory) is not distributed.
"""

from __future__ import annotations

import csv
import sys

from ccopt.demand import fit_joint_dispersion, fit_patience, group_weekdays, interval_counts, read_contact_log
from ccopt.demand.returns import fit_follow_ups
from ccopt.scenario.instances import writing

REGULAR = dict.fromkeys(("PS", "PE", "TT", "AA"), "regular")
CLASS = REGULAR | {"NW": "prospective", "NE": "stock", "IN": "internet"}
GROUPS = ("regular", "prospective", "stock", "internet")
WORKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday")
OPEN_MIN = 420  # calls before seven go into no period
FEWEST_KNOWN = 100
FITTED = ("mean_handle_s", "patience_s", "factor_variance", "common_share", "lost", "redial", "repeat")


def main(path: str) -> None:
    everything = read_contact_log(path).contacts
    everything = everything.assign(contact_type=everything["contact_type"].map(CLASS))
    contacts = everything[everything["arrived"].dt.day_name().isin(WORKDAYS)]
    days = contacts["arrived"].dt.normalize().nunique()
    halves = {g: interval_counts(contacts.loc[contacts["contact_type"] == g, "arrived"]) for g in GROUPS}
    index = interval_counts(contacts["arrived"]).index
    halves = {g: t.reindex(index, fill_value=0).loc[:, OPEN_MIN:] for g, t in halves.items()}
    joint = fit_joint_dispersion(halves, day_types=group_weekdays({"workday": WORKDAYS}))
    redials = fit_follow_ups(everything, after="abandoned", window_s=1800.0)
    repeats = fit_follow_ups(everything, after="answered", window_s=86_400.0)
    target = writing.HERE / "bank_day_profile.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        file.write("# Derived from the Anonymous Bank call log (Technion, Service Engineering laboratory), January\n")
        file.write("# 1999, Sunday to Thursday: mean calls per hour of the day; handle times of answered calls; censored\n")
        file.write("# patience; busyness of half-hours; lost; redials within 30 min and repeats within a day (all days).\n")
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["group", *FITTED, *(f"h{h}" for h in range(24))])
        for g in GROUPS:
            mine = contacts[contacts["contact_type"] == g]
            hourly = mine.groupby(mine["arrived"].dt.hour).size() / days
            fitted = (
                round(float(mine.loc[mine["handle_s"] > 0, "handle_s"].mean()), 1),
                round(fit_patience(mine["wait_s"], ~mine["answered"]).mean_s, 1),
                round(float(joint.factor_variance[g]), 4), round(joint.common_share, 3),
                round(float((~mine["answered"]).mean()), 4), _share(redials, g), _share(repeats, g),
            )  # fmt: skip
            out.writerow([g, *fitted, *(round(float(hourly.get(h, 0.0)), 3) for h in range(24))])
    print(f"{days} days, {len(contacts)} calls -> {target.name}")


def _share(table, group: str) -> float | str:
    """A share with enough known customers and an interval above 0, else nothing."""
    if (group, group) not in table.index:
        return ""
    row = table.loc[(group, group)]
    return round(float(row["share"]), 4) if row["contacts"] >= FEWEST_KNOWN and row["low"] > 0 else ""


if __name__ == "__main__":
    main(sys.argv[1])
