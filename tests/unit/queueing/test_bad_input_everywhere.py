"""Every argument of every public function and model of one pool refuses more than sixty bad values by name.

The list of functions is not written here: it is what `ccopt.queueing`, its models, the models of a day and `ccopt` itself export. A
new function fails `test_no_public_name_is_left_out` until it has a valid call below.
"""

import inspect
import math
from datetime import date, timedelta

import numpy as np
import pytest

import ccopt
import ccopt.queueing
import ccopt.queueing.models
import ccopt.queueing.time_varying
from ccopt.queueing import ErlangA, ErlangC
from ccopt.queueing.models import CustomerClass, WeibullPatience

DAYS = {"ApproximateDay", "TimeVaryingPool"}
RECORDS = {  # what functions return, and what is only described: nobody fills them by hand
    "DayPerformance", "Envelope", "GroupPerformance", "PatienceLaw", "Performance", "QueueModel", "Requirement", "SineLoad", "Staircases",
}  # fmt: skip
T = [ccopt.ServiceLevel(0.8, 20)]
LAWS = {"DeterministicPatience", "EmpiricalPatience", "LognormalPatience", "UniformPatience", "WeibullPatience"}
ENDLESS = {("CrossSellingPool", "threshold")}  # besides every patience_s: infinity has a meaning
LAW = WeibullPatience(mean_s=60.0)
POOL = {"contacts_per_hour": 200.0, "aht_s": 180.0}
C, A = ErlangC(**POOL), ErlangA(**POOL, patience_s=60.0)
VALID = {
    "ApproximateDay": {"contacts_per_hour": [60.0, 120.0], "aht_s": 300.0, "patience_s": 60.0, "interval_s": 900.0, "method": "fluid", "start": "steady"},
    "BlendedPool": {**POOL, "threshold": 2, "patience_s": 60.0}, "ChatPool": {"contacts_per_hour": 200.0, "levels": (180.0, 220.0), "patience_s": 60.0, "silent": 0.2, "silent_s": 30.0},
    "CrossSellingPool": {**POOL, "extra_s": 60.0, "share": 0.4, "threshold": 12, "patience_s": 60.0}, "CustomerClass": {"name": "gold", "contacts_per_hour": 80.0},
    "DeterministicPatience": {"mean_s": 60.0, "at_once": 0.1}, "EmpiricalPatience": {"times_s": [10.0, 60.0], "survival": [0.9, 0.3], "at_once": 0.0},
    "ErlangA": {**POOL, "patience_s": 60.0, "lines": 30, "redial": 0.2, "ring_s": 5.0}, "ErlangB": POOL, "ErlangC": POOL, "ExtendedErlangB": {**POOL, "retry": 0.4},
    "GeneralPatience": {**POOL, "patience": LAW}, "GeneralPool": {**POOL, "arrival_scv": 1.5, "handle_scv": 0.5, "patience": LAW},
    "LognormalPatience": {"mean_s": 60.0, "scv": 2.0, "at_once": 0.1}, "OverDispersed": {**POOL, "patience_s": 60.0, "rate_scv": 0.04},
    "PriorityPool": {"classes": [CustomerClass(name="gold", contacts_per_hour=80.0)], "aht_s": 180.0, "patience_s": 60.0, "of": "gold"},
    "TimeVaryingPool": {"contacts_per_hour": [60.0, 120.0], "aht_s": 300.0, "interval_s": 900.0, "patience_s": 60.0, "waiting_places": 20, "start": "empty"},
    "UniformPatience": {"low_s": 10.0, "high_s": 90.0, "at_once": 0.1}, "VirtualHold": {**POOL, "patience_s": 60.0, "accept": 0.5, "dial_s": 10.0, "reached": 0.9},
    "WeibullPatience": {"mean_s": 60.0, "shape": 0.8, "at_once": 0.1},
    "agents_by_sites": {"load": 20.0, "sites": [1, 2], "aht_s": 180.0, "targets": T, "patience_s": 60.0}, "binding_target": {"model": C, "targets": T},
    "deferrable_agents": {"contacts_per_hour": [50.0, 20.0], "aht_s": 300.0, "interval_s": 3600.0, "due_s": 7200.0, "share": 0.9, "open_hours": [1.0, 1.0]},
    "deferrable_backlog": {"contacts_per_hour": [50.0, 20.0], "agents": [5.0, 5.0], "aht_s": 300.0, "interval_s": 3600.0, "due_s": 7200.0, "open_contacts": 3.0},
    "derivative": {"model": C, "agents": 14.0, "awt_s": 20.0, "by": "agents", "basis": "offered"}, "dimension": {"load": 20.0, "waiting_cost": 1.0},
    "envelope": {"loads": [0.0, 0.5, 1.2], "tolerance": 1.0}, "erlang_b": {"agents": 5, "load": 4}, "erlang_c": {"agents": 5, "load": 4},
    "group_performance": {"rates_per_hour": 20.0, "aht_s": 180.0, "patience_s": 60.0, "agents": 3, "awt_s": 20.0},
    "largest_load": {"agents": 5, "aht_s": 180.0, "targets": T, "patience_s": 60.0}, "largest_loads": {"agents": 5, "aht_s": 180.0, "targets": T, "patience_s": 60.0},
    "log_erlang_b": {"agents": 5, "load": 4}, "log_erlang_c": {"agents": 5, "load": 4}, "lost_overflow": {"groups": [(5.0, 5.0)], "common": 3.0, "method": "equivalent"},
    "merge_gain": {"models": [C, C], "targets": T}, "modified_offered_load": {"contacts_per_hour": [50.0, 20.0], "aht_s": 300.0, "interval_s": 900.0, "handle_scv": 1.0, "start": "empty", "at": "mean"},
    "mix_staircases": {"most_agents": 3, "aht_s": [100.0, 200.0], "patience_s": [60.0, 60.0], "targets": [T, T], "least_share": 0.1, "tolerance": 0.5},
    "overflow_moments": {"agents": 5.0, "load": 4.0}, "pooling_of_unlike_calls": {"contacts_per_hour": [50.0, 5.0], "aht_s": [60.0, 600.0], "agents": [1, 1], "handle_scv": 0.0},
    "price_of_dedication": {"models": [C, C], "targets": T}, "required_agents": {"model": C, "targets": T},
    "sine_offered_load": {"load": 100.0, "amplitude": 0.5, "period_s": 3600.0, "aht_s": 180.0},
    "solve_for": {"unknown": "load", "model": C, "target": T[0], "agents": 14, "within": (1.0, 13.0)},
    "square_root_agents": {"load": 20.0, "delay_probability": 0.2, "aht_over_patience": 0.5}, "square_root_error": {"loads": [20.0], "delay_probability": 0.2},
    "staircases": {"most_agents": 3, "aht_s": 180.0, "targets": T, "patience_s": 60.0, "tolerance": 0.5}, "value_of_forecast": {"model": A, "targets": T, "errors": (0.05,)},
}  # fmt: skip
METHODS = {
    "performance": {"agents": 14, "awt_s": 20.0, "basis": "offered"}, "wait_tail": {"agents": 14, "wait_s": 20.0}, "log_wait_tail": {"agents": 14, "wait_s": 20.0},
    "service_level": {"agents": 14, "awt_s": 20.0}, "at": {"load": 0.7},
}  # fmt: skip
OPTIONAL = {  # None is a legal value: it means "none", "not asked for" or "to be found"
    ("ErlangA", "lines"), ("TimeVaryingPool", "waiting_places"), ("PriorityPool", "of"), ("GeneralPool", "patience"), ("solve_for", "within"),
    ("agents_by_sites", "patience_s"), ("largest_load", "patience_s"), ("largest_loads", "patience_s"), ("staircases", "patience_s"),
}  # fmt: skip
BAD = [
    -1, -1.0, -0.5, -1e-9, -1e300, math.nan, math.inf, -math.inf, 1e16, 1e300, 10**400, -(10**400), np.float64("nan"), np.float32("nan"),
    np.float64(-3), np.int64(-3), "12", "", "abc", "1e3", "80%", "nan", "inf", "4:00", None, True, False, np.True_, 1 + 2j, object(), {},
    {"a": 1}, {3}, b"12", b"", date(2026, 1, 1), np.datetime64("2026-01-01"), np.timedelta64(4, "m"), [1, -2], [1, math.nan], [1, None],
    [1, "2"], ["a"], [[1, 2], [3]], [True, False], (1, -1), range(-2, 0), np.array([1.0, math.nan]), np.array([-1.0]), np.array(["4"]),
    np.array([None]), np.array([1 + 0j]), np.array([1e16]), [math.inf], [-math.inf, 1], slice(1), Ellipsis, NotImplemented, int, len, ccopt,
    [{}], [slice(2)],
]  # fmt: skip


def public():
    found = {}
    for module in (ccopt.queueing, ccopt.queueing.models, ccopt.queueing.time_varying):
        found |= {name: getattr(module, name) for name in module.__all__}
    return found | {name: getattr(ccopt, name) for name, home in ccopt._HOME.items() if home.split(".")[0] == "queueing"}


def test_no_public_name_is_left_out():
    assert set(public()) == set(VALID) | RECORDS
    assert len(BAD) >= 60
    for name, arguments in VALID.items():
        assert set(arguments) == set(inspect.signature(public()[name]).parameters), name


def cases():
    """(name, method or None, argument): every argument of every call."""
    for name, arguments in VALID.items():
        for argument in arguments:
            yield name, None, argument
        made = public()[name]
        for method, wanted in METHODS.items():
            if inspect.isclass(made) and hasattr(made, method) and name not in LAWS:
                taken = inspect.signature(getattr(made, method)).parameters
                yield from ((name, method, argument) for argument in wanted if argument in taken)


def call(name, method, argument, value):
    made, arguments = public()[name], dict(VALID[name])
    if method is None:
        arguments[argument] = value
        found = made(**arguments)
        if hasattr(found, "performance") and name not in LAWS and inspect.isclass(made):
            found.performance([14, 14] if name in DAYS else 14)
        if name == "CustomerClass":
            ccopt.PriorityPool(classes=[found], aht_s=180.0).performance(14)
        return
    model = made(**arguments)
    taken = inspect.signature(getattr(model, method)).parameters
    wanted = {k: v for k, v in METHODS[method].items() if k in taken} | {argument: value}
    if name in DAYS and argument != "agents":
        wanted["agents"] = [14, 14]
    getattr(model, method)(**wanted)


def legal(value, name, argument):
    """Numbers in range, and None or endless patience where they have a meaning."""
    if value is None:
        return (name, argument) in OPTIONAL
    if argument == "name":
        return isinstance(value, str) and bool(value)
    try:
        array = np.asarray(value)
    except ValueError:
        return False
    if array.dtype.kind not in "fiu" or np.isnan(array.astype(float)).any() or (array < 0).any():
        return False
    return argument == "patience_s" or (name, argument) in ENDLESS or bool((array <= 1e15).all())


@pytest.mark.parametrize(("name", "method", "argument"), list(cases()))
def test_bad_values_are_refused_by_name(name, method, argument):
    good = METHODS[method][argument] if method else VALID[name][argument]
    call(name, method, argument, [14, 14] if argument == "agents" and name in DAYS else good)
    wrong = []
    for value in BAD:
        try:
            call(name, method, argument, value)
        except (ValueError, TypeError, ccopt.CcoptError) as error:
            text = str(error)
            if argument.rstrip("s") not in text and "shapes do not fit" not in text:
                wrong.append(f"{value!r}: not named: {type(error).__name__} {text[:100]}")
        except Exception as error:
            wrong.append(f"{value!r}: {type(error).__name__} {error}"[:160])
        else:
            if not legal(value, name, argument):
                wrong.append(f"{value!r}: accepted")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: ErlangC(contacts_per_hour=200, aht_s="3:00").performance(14), "aht_s = '3:00'.*did you mean 180"),
    (lambda: ErlangC(contacts_per_hour=200, aht_s=timedelta(minutes=3)).performance(14), "did you mean 180"),
    (lambda: ErlangA(**POOL, patience_s=np.timedelta64(1, "m")).performance(14), "patience_s.*did you mean 60"),
    (lambda: C.performance(14, "0:20"), "awt_s.*did you mean 20"), (lambda: ErlangA(**POOL, patience_s=60, redial="30%").performance(14), "did you mean 0.3"),
    (lambda: ErlangC(contacts_per_hour=200, aht_s=10_800).performance(14), "did you mean 180"), (lambda: ccopt.ServiceLevel(80, 20), "did you mean 0.8"),
    (lambda: ccopt.MaxOccupancy(85), "did you mean 0.85"), (lambda: WeibullPatience(mean_s=9.0, at_once=5), "did you mean 0.05"),
    (lambda: ErlangC(contacts_per_hour=200, aht_s=0).performance(14), "mean handle time in seconds \\(4 minutes are 240\\)"),
])  # fmt: skip
def test_what_was_probably_meant_is_said(call, words):
    with pytest.raises((ValueError, ccopt.CcoptError), match=words):
        call()


def test_short_times_are_legal_and_not_second_guessed():
    """The rule of `ccopt.queueing.checking`: 4 s of handle time, 3 s of patience, a third of a second of waiting are answers, not warnings."""
    p = ErlangA(contacts_per_hour=3000, aht_s=4.0, patience_s=3.0).performance(5, 0.33)
    assert 0.0 < p.service_level < 1.0
