"""Derive the profile of a weekday from the Anonymous Bank log (January 1999): ``derive_bank_day.py january.txt``.

Only this derived table ships: mean counts per hour of Sunday to Thursday by customer group, without phantom calls, and
mean handle times of answered calls. The log itself (Technion, Service Engineering laboratory) is not distributed.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections import Counter, defaultdict
from pathlib import Path

from ccopt.scenario.instances import writing

REGULAR = dict.fromkeys(("PS", "PE", "TT", "AA"), "regular")
CLASS = REGULAR | {"NW": "prospective", "NE": "stock", "IN": "internet"}
WEEKEND = (4, 5)  # Friday, Saturday


def main(path: str) -> None:
    counts: Counter[tuple[str, int]] = Counter()
    seconds: dict[str, list[int]] = defaultdict(list)
    days = set()
    with Path(path).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            day = dt.date(1900 + int(row["date"][:2]), int(row["date"][2:4]), int(row["date"][4:]))
            if row["outcome"] == "PHANTOM" or day.weekday() in WEEKEND:
                continue
            days.add(day)
            group = CLASS[row["type"]]
            counts[group, int(row["vru_exit"].split(":")[0])] += 1
            if row["outcome"] == "AGENT" and int(row["ser_time"]) > 0:
                seconds[group].append(int(row["ser_time"]))
    target = writing.HERE / "bank_day_profile.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        file.write("# Derived from the Anonymous Bank call log (Technion, Service Engineering laboratory), January\n")
        file.write("# 1999, Sunday to Thursday: mean calls per hour of the day; handle times of answered calls.\n")
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["group", "mean_handle_s", *(f"h{h}" for h in range(24))])
        for group in ("regular", "prospective", "stock", "internet"):
            mean = sum(seconds[group]) / len(seconds[group])
            out.writerow([group, round(mean, 1), *(round(counts[group, h] / len(days), 3) for h in range(24))])
    print(f"{len(days)} days, {sum(counts.values())} calls -> {target.name}")


if __name__ == "__main__":
    main(sys.argv[1])
