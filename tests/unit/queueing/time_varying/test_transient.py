"""The exact day: published runs, identities, and a simulation that shares no formula."""

import heapq
import math
from collections import deque

import numpy as np
import pytest
from scipy.stats import poisson

import ccopt as cc
from ccopt.queueing.time_varying import TimeVaryingPool, modified_offered_load

DAY = {"contacts_per_hour": [120, 260, 200, 90], "aht_s": 240.0, "interval_s": 900.0, "patience_s": 300.0}
STAFF = [9, 15, 11, 7]


def test_contact_centers_mmc_from_empty():
    # ContactCenters (Buist & L'Ecuyer), doc/examples MMC: published means 1816.158 in target, SL 0.902, ASA 0.099 min,
    # occupancy 0.695, all inside their 95 % intervals; exact transient recomputed for the list of cases
    day = TimeVaryingPool(contacts_per_hour=[252.0], aht_s=120.0, interval_s=28800.0).performance(12, 20.0)
    assert float(day.answered_in_time[0]) * 2016 == pytest.approx(1815.272, abs=5e-4)
    assert (float(day.service_level()[0]), float(day.asa_s[0]) / 60, float(day.occupancy[0])) == pytest.approx(
        (0.90043, 0.10068, 0.69693), abs=6e-6)
    # the steady state is another number
    assert cc.ErlangC(contacts_per_hour=252, aht_s=120).performance(12, 20).service_level == pytest.approx(0.89908, abs=6e-6)


def test_contact_centers_mmc_blocked():
    # the same source, MMCBlocked: five waiting places
    pool = TimeVaryingPool(contacts_per_hour=[252.0] * 16, aht_s=120.0, interval_s=1800.0, waiting_places=5)
    day = pool.performance(12, 20.0)
    total = pool.performance(12, 20.0).day()
    assert (total.blocking * 2016, total.service_level * 2016) == pytest.approx((18.863, 1854.069), abs=6e-4)
    assert total.service_level / (1 - total.blocking) == pytest.approx(0.92836, abs=6e-6)
    assert (total.asa_s / 60, total.occupancy, total.service_level) == pytest.approx((0.06045, 0.69047, 0.91968), abs=6e-6)
    assert day.blocking.size == 16


@pytest.mark.parametrize("basis", ["offered", "answered", "offered_less_early_abandons", "early_abandons_credited", "virtual"])
def test_constant_rates_from_steady_state_are_erlang_a(basis):
    pool = TimeVaryingPool(contacts_per_hour=[240.0] * 3, aht_s=180.0, interval_s=600.0, patience_s=60.0, start="steady")
    found = pool.performance(14, 20.0).performance(basis)
    wanted = cc.ErlangA(contacts_per_hour=240, aht_s=180, patience_s=60).performance(14, 20, basis=basis)
    for name in ("service_level", "abandonment", "asa_s", "mean_wait_s", "delay_probability", "occupancy", "queue_length"):
        assert getattr(found, name) == pytest.approx([getattr(wanted, name)] * 3, rel=1e-8), name


def test_patience_like_handle_time_is_a_poisson_number():
    # every contact leaves at the same rate, waiting or not: the number present is Poisson with the modified offered
    # load as its mean, whatever the staff (Feldman et al. 2008; group h3 of the cases)
    pool = TimeVaryingPool(contacts_per_hour=[100, 250, 180], aht_s=240.0, interval_s=900.0, patience_s=240.0)
    load = modified_offered_load([100, 250, 180], 240.0, interval_s=900.0, at="end")
    mean = modified_offered_load([100, 250, 180], 240.0, interval_s=900.0)
    day = pool.performance([5, 14, 6])
    assert day.in_system == pytest.approx(load, rel=1e-9)
    assert day.occupancy * [5, 14, 6] + day.overtime_s / 900 + day.queue_length == pytest.approx(mean, rel=1e-9)


def test_feldman_quantiles():
    # RECOMP for the list: lambda(t) = 100 + 20 sin t, mu = theta = 1; least s with P(N >= s) <= 0.1, 0.5, 0.9
    for mean, least in ((90, (103, 91, 79)), (100, (114, 101, 88)), (110, (125, 111, 98)), (100 + 10 * math.sqrt(2), (129, 115, 102))):
        assert tuple(int(poisson.isf(p, mean)) + 1 for p in (0.1, 0.5, 0.9)) == least
    # the load of many short intervals reaches 100 + 10 (sin t - cos t): its peak is 114.1421
    step = 2 * math.pi / 400
    rates = [100 + 20 * (math.cos(i * step) - math.cos((i + 1) * step)) / step for i in range(400)]
    load = modified_offered_load(np.array(rates) * 3600, 1.0, interval_s=step, start="periodic")
    assert load.max() == pytest.approx(100 + 10 * math.sqrt(2), abs=2e-3)
    assert load.min() == pytest.approx(100 - 10 * math.sqrt(2), abs=2e-3)


def test_finer_intervals_change_nothing():
    coarse = TimeVaryingPool(**DAY).performance(STAFF, 45.0)
    fine = TimeVaryingPool(**{**DAY, "contacts_per_hour": np.repeat(DAY["contacts_per_hour"], 6), "interval_s": 150.0})
    parts = fine.performance(np.repeat(STAFF, 6), 45.0)
    for name in ("answered_in_time", "abandoned_early", "virtual", "abandonment", "delay_probability", "mean_wait_s", "occupancy"):
        merged = getattr(parts, name).reshape(4, 6).mean(axis=1)
        assert merged == pytest.approx(getattr(coarse, name), abs=2e-9), name


def test_a_wait_longer_than_the_interval():
    # 400 s span three intervals of 150 s, against windows within 900 s
    coarse = TimeVaryingPool(**DAY).performance(STAFF, 400.0)
    fine = TimeVaryingPool(**{**DAY, "contacts_per_hour": np.repeat(DAY["contacts_per_hour"], 6), "interval_s": 150.0})
    parts = fine.performance(np.repeat(STAFF, 6), 400.0)
    for name in ("answered_in_time", "abandoned_early", "virtual"):
        assert getattr(parts, name).reshape(4, 6).mean(axis=1) == pytest.approx(getattr(coarse, name), abs=1e-7), name
    endless = TimeVaryingPool(**DAY).performance(STAFF, 7200.0)
    assert endless.answered_in_time == pytest.approx(1 - endless.abandonment, abs=1e-8)
    assert endless.abandoned_early == pytest.approx(endless.abandonment, abs=1e-8)
    assert endless.virtual == pytest.approx(np.ones(4), abs=1e-7)


def simulate(day, staff, awt, days, seed):
    """First come, first served; agents finish their contact after a reduction. Counts by interval of arrival."""
    rng = np.random.default_rng(seed)
    length, size = day["interval_s"], len(staff)
    counts = np.zeros((size, 4))  # offered, in time, abandoned, wait of answered
    for _ in range(days):
        events, queue, busy = [], deque(), 0
        for i, rate in enumerate(day["contacts_per_hour"]):
            for t in rng.uniform(i * length, (i + 1) * length, rng.poisson(rate / 3600 * length)):
                heapq.heappush(events, (t, 1, rng.exponential(day["patience_s"])))
            heapq.heappush(events, (i * length, 0, 0.0))
        while events:
            now, kind, patience = heapq.heappop(events)
            n = staff[min(int(now // length), size - 1)]
            if kind == 1:
                queue.append((now, now + patience))
                counts[int(now // length), 0] += 1
            elif kind == 2:
                busy -= 1
            while queue and busy < n:
                came, leaves = queue.popleft()
                row = counts[int(came // length)]
                if leaves < now:
                    row[2] += 1
                    continue
                row[1] += now - came <= awt
                row[3] += now - came
                busy += 1
                heapq.heappush(events, (now + rng.exponential(day["aht_s"]), 2, 0.0))
    return counts


def test_against_simulation():
    days = 1500
    counts = simulate(DAY, STAFF, 30.0, days, 7)
    found = TimeVaryingPool(**DAY).performance(STAFF, 30.0)
    n = counts[:, 0]
    assert n / days == pytest.approx(found.offered, rel=0.02)
    # contacts of a day hang together: four standard errors of single contacts times three
    tolerance = 3 * 4 * np.sqrt(0.25 / n)
    assert np.abs(counts[:, 1] / n - found.answered_in_time).max() < tolerance.max()
    assert np.abs(counts[:, 2] / n - found.abandonment).max() < tolerance.max()
    assert counts[:, 3] / (n - counts[:, 2]) == pytest.approx(found.asa_s, rel=0.08)


def test_a_closed_interval_and_a_repeating_day():
    closed = TimeVaryingPool(contacts_per_hour=[60, 0, 60], aht_s=120.0, interval_s=1800.0, patience_s=600.0)
    day = closed.performance([4, 0, 4])
    assert day.occupancy[1] == 0.0
    assert day.overtime_s[1] > 0.0
    again = TimeVaryingPool(**{**DAY, "start": "periodic"}).performance(STAFF)
    twice = TimeVaryingPool(**{**DAY, "contacts_per_hour": DAY["contacts_per_hour"] * 3}).performance(STAFF * 3)
    assert again.in_system == pytest.approx(twice.in_system[-4:], rel=1e-6)
    assert again.answered_in_time[:3] == pytest.approx(twice.answered_in_time[-4:-1], abs=1e-6)


@pytest.mark.parametrize(("change", "words"), [
    ({"contacts_per_hour": 5.0}, "contacts_per_hour"), ({"aht_s": [100.0, 200.0]}, "one number or 4"),
    ({"interval_s": 0.0}, "interval_s"), ({"start": "full"}, "start"), ({"start": [0.5, 0.4]}, "sum to 1"),
    ({"waiting_places": 2.5}, "waiting_places"), ({"patience_s": -1.0}, "patience_s"),
])  # fmt: skip
def test_bad_input_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        TimeVaryingPool(**{**DAY, **change}).performance(STAFF)


def test_agents_must_be_whole():
    with pytest.raises(ValueError, match=r"agents = 9\.5"):
        TimeVaryingPool(**DAY).performance([9.5, 15, 11, 7])
