"""Error of the quick formulas for a day against the exact transient: ``python benchmarks/nightly/day_approximations.py``.

Thirteen hours of half-hours with two peaks, staff above and below the square-root rule in turn, patience twice the handle
time, 20 s. Prints points of half-hour service level (mean / largest) and seconds. About 40 s.
"""

import time

import numpy as np

from ccopt.queueing.time_varying import ApproximateDay, TimeVaryingPool

HOURS = np.arange(26)
SHAPE = 0.5 + np.exp(-(((HOURS - 7) / 4) ** 2)) + 0.8 * np.exp(-(((HOURS - 18) / 4) ** 2))
METHODS = ("stationary", "lagged", "modified_load", "fluid")


def main():
    for base in (10, 50):
        for aht in (300, 900, 3600):
            load = base * SHAPE
            staff = np.round(load + np.array([0.6, -0.4, 1.2, 0.2])[HOURS % 4] * np.sqrt(load))
            day = {"contacts_per_hour": load * 3600 / aht, "aht_s": aht, "patience_s": 2 * aht, "interval_s": 1800.0}
            start = time.perf_counter()
            exact = TimeVaryingPool(**day, start="steady").performance(staff).service_level()
            parts = [f"{base} erlangs, {aht} s, exact {time.perf_counter() - start:.2f} s"]
            for method in METHODS:
                error = 100 * np.abs(ApproximateDay(**day, method=method).performance(staff).service_level - exact)
                parts.append(f"{method} {error.mean():.1f}/{error.max():.1f}")
            print("; ".join(parts))


if __name__ == "__main__":
    main()
