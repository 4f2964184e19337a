"""More than sixty bad values for every argument of every public function of one pool: refused by name, at once."""

import datetime
import decimal
import itertools
import math

import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing import group_performance, largest_loads

T = [cc.ServiceLevel(0.8, 20)]
BAD = [
    -1, -1.0, -0.5, -1e-9, -1e300, math.nan, math.inf, -math.inf, 1e16, 1e300, 10**400, -(10**400), np.float64("nan"),
    np.float32("nan"), np.float64(-3), np.int64(-3), "12", "", "abc", "1e3", "80%", "nan", "inf", "4:00", None, True, False,
    np.True_, 1 + 2j, object(), {}, {"a": 1}, {3}, b"12", b"", decimal.Decimal("-1"), decimal.Decimal("NaN"),
    decimal.Decimal(5), datetime.date(2026, 1, 1), datetime.timedelta(minutes=4), datetime.time(0, 4),
    np.datetime64("2026-01-01"), np.timedelta64(4, "m"), [1, -2], [1, math.nan], [1, None], [1, "2"], ["a"], [[1, 2], [3]],
    [True, False], (1, -1), range(-2, 0), np.array([1.0, math.nan]), np.array([-1.0]), np.array(["4"]), np.array([None]),
    np.array([1 + 0j]), np.array([1e16]), [math.inf], [-math.inf, 1], slice(1), Ellipsis, NotImplemented, int, len, cc,
]  # fmt: skip


def a(**changes):
    return cc.ErlangA(**{"contacts_per_hour": 200, "aht_s": 180, "patience_s": 60, **changes})


def c(**changes):
    return cc.ErlangC(**{"contacts_per_hour": 200, "aht_s": 180, **changes})


CALLS = {
    "agents": [
        lambda v: cc.erlang_b(v, 5), lambda v: cc.erlang_c(v, 5), lambda v: cc.log_erlang_b(v, 5), lambda v: cc.log_erlang_c(v, 5),
        lambda v: cc.ErlangB(contacts_per_hour=20, aht_s=180).performance(v), lambda v: c().performance(v),
        lambda v: a().performance(v), lambda v: a(lines=20).performance(v), lambda v: a(redial=0.3).performance(v),
        lambda v: c().wait_tail(v, 20), lambda v: a().log_wait_tail(v, 20), lambda v: cc.largest_load(agents=v, aht_s=180, targets=T),
        lambda v: largest_loads(v, aht_s=180, targets=T), lambda v: cc.solve_for("load", c(), agents=v, target=T[0]),
        lambda v: group_performance(20, 180, patience_s=60, agents=v, awt_s=20),
    ],
    "load": [lambda v: cc.erlang_b(5, v), lambda v: cc.erlang_c(5, v), lambda v: cc.log_erlang_b(5, v), lambda v: cc.log_erlang_c(5, v)],
    "contacts_per_hour": [
        lambda v: cc.ErlangB(contacts_per_hour=v, aht_s=180).performance(14), lambda v: c(contacts_per_hour=v).performance(14),
        lambda v: a(contacts_per_hour=v).performance(14), lambda v: a(contacts_per_hour=v).wait_tail(14, 20),
        lambda v: cc.required_agents(c(contacts_per_hour=v), T), lambda v: cc.required_agents(a(contacts_per_hour=v), T),
        lambda v: cc.merge_gain([c(contacts_per_hour=v)], T),
    ],
    "aht_s": [
        lambda v: cc.ErlangB(contacts_per_hour=20, aht_s=v).performance(14), lambda v: c(aht_s=v).performance(14),
        lambda v: a(aht_s=v).performance(14), lambda v: cc.required_agents(c(aht_s=v), T),
        lambda v: cc.largest_load(agents=5, aht_s=v, targets=T), lambda v: cc.solve_for("awt_s", c(aht_s=v), agents=14, target=T[0]),
    ],
    "patience_s": [
        lambda v: a(patience_s=v).performance(14), lambda v: cc.required_agents(a(patience_s=v), T),
        lambda v: group_performance(20, 180, patience_s=v, agents=3, awt_s=20),
    ],
    "awt_s": [
        lambda v: c().performance(14, v), lambda v: a().performance(14, v), lambda v: a(lines=20).performance(14, v),
        lambda v: cc.ErlangB(contacts_per_hour=20, aht_s=180).performance(14, v),
        lambda v: group_performance(20, 180, patience_s=60, agents=3, awt_s=v), lambda v: cc.ServiceLevel(0.8, v),
    ],
    "wait_s": [lambda v: c().wait_tail(14, v), lambda v: a().wait_tail(14, v), lambda v: c().log_wait_tail(14, v)],
    "lines": [lambda v: a(lines=v).performance(14)],
    "redial": [lambda v: a(redial=v).performance(14)],
    "ring_s": [lambda v: a(ring_s=v).performance(14)],
    "at_least": [lambda v: cc.ServiceLevel(v, 20)],
    "at_most": [cc.MaxAbandonment, cc.MaxOccupancy, cc.MaxBlocking],
}  # fmt: skip
ENDLESS = ("patience_s",)  # infinity is patience without end


def is_endless(value):
    try:
        if np.iscomplexobj(value):
            return False
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return False
    return bool(np.isinf(found).any() and not (found < 0).any()) or (found.size > 0 and bool((found > 1e15).all()) and found.ndim == 0)


def test_there_are_sixty_bad_values():
    assert len(BAD) >= 60


@pytest.mark.parametrize("name", CALLS)
def test_bad_values_are_refused_by_name(name):
    for value in BAD:
        if (name in ENDLESS and is_endless(value)) or (name == "lines" and value is None):
            continue
        if name in ("at_least", "at_most") and isinstance(value, np.floating | np.integer) and 0 <= value <= 1:
            continue
        if name == "awt_s" and isinstance(value, (int, float)) and value > 1e15:
            continue  # a target may ask for an endless wait; a model may not
        for i, call in enumerate(CALLS[name]):
            with pytest.raises((ValueError, TypeError, cc.UnattainableError)) as caught:
                call(value)
            text = str(caught.value)
            assert name in text or "shapes do not fit" in text, f"call {i} of {name} with {value!r}: {text}"


def test_zero_times_are_refused_with_what_to_give():
    with pytest.raises(ValueError, match=r"aht_s = 0\.0: must be greater than 0; give the mean handle time in seconds"):
        c(aht_s=0).performance(14)
    with pytest.raises(ValueError, match=r"patience_s = 0\.0: must be greater than 0; .*ErlangB"):
        a(patience_s=0).performance(14)


@pytest.mark.parametrize(("call", "text"), [
    (lambda: cc.ServiceLevel(80, 20), r"did you mean 0\.8"), (lambda: cc.MaxOccupancy(85), r"did you mean 0\.85"),
    (lambda: cc.MaxAbandonment(5), r"did you mean 0\.05"), (lambda: a(redial=30).performance(14), r"did you mean 0\.3"),
    (lambda: c(aht_s=10800).performance(14), r"did you mean 180"), (lambda: c(contacts_per_hour=400).performance(14), "at least 21 agents"),
    (lambda: a().performance(14, basis="answerd"), "must be one of"), (lambda: cc.required_agents(c(), []), "at least one target"),
    (lambda: cc.required_agents(c(), [0.8]), "use ServiceLevel"), (lambda: cc.required_agents(c(), ["80/20"]), "use ServiceLevel"),
    (lambda: cc.solve_for("skill", c(), agents=14, target=T[0]), "must be one of"),
    (lambda: cc.solve_for("load", c(), target=T[0]), "agents = None"), (lambda: cc.solve_for("agents", c(), agents=3, target=T[0]), "leave"),
    (lambda: cc.solve_for("awt_s", c(), agents=14, target=cc.MaxAsa(3)), "only a ServiceLevel"),
    (lambda: cc.solve_for("load", c(), agents=14, target=T), "one target"),
    (lambda: cc.solve_for("load", c(), agents=14, target=T[0], within=(3, 1)), "low < high"),
    (lambda: a(lines=5).performance(14), "at least the 14 agents"), (lambda: a(lines=20).performance(14.5), "whole"),
    (lambda: a(lines=20.5).performance(14), "whole number"), (lambda: cc.merge_gain([], T), "at least one pool"),
    (lambda: c(contacts_per_hour=[1, 2]).performance([1, 2, 3]), "shapes do not fit"),
    (lambda: cc.required_agents(cc.ErlangB(contacts_per_hour=20, aht_s=180), T), "loss system"),
])  # fmt: skip
def test_messages_name_the_likely_fix(call, text):
    with pytest.raises((ValueError, cc.UnstableError), match=text):
        call()


def test_any_number_in_range_gives_an_answer_in_range():
    grid = itertools.product([0, 1e-12, 1, 1e6, 1e15], [1e-15, 180, 1e15], [1e-15, 60, 1e9, 1e15, math.inf],
                             [0, 1e-12, 0.5, 1, 1e3, 1e15], [0, 1e-12, 20, 1e15])  # fmt: skip
    r, h, m, n, t = np.array(list(grid)).T
    keep = ~(np.isinf(m) & (r * h >= n * 3600) & (r > 0))
    r, h, m, n, t = (x[keep] for x in (r, h, m, n, t))
    for basis in cc.kpis.BASES if hasattr(cc, "kpis") else ("offered", "answered", "virtual"):
        p = cc.ErlangA(contacts_per_hour=r, aht_s=h, patience_s=m).performance(n, t, basis=basis)
        for name in ("delay_probability", "service_level", "abandonment", "occupancy"):
            value = getattr(p, name)
            assert ((value >= 0) & (value <= 1 + 1e-9)).all(), name
        assert (np.isfinite(p.asa_s) & (p.asa_s >= 0) & np.isfinite(p.mean_wait_s) & np.isfinite(p.queue_length)).all()
