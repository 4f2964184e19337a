"""`solve_for` on every model: each unknown that makes sense, residual at most 1e-10, one pool and arrays."""

from dataclasses import replace

import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing.models import (
    BlendedPool,
    ChatPool,
    CrossSellingPool,
    ExtendedErlangB,
    GeneralPatience,
    GeneralPool,
    LognormalPatience,
    OverDispersed,
    VirtualHold,
)

LEVEL, BLOCKED, LOST, ASA, BUSY = cc.ServiceLevel(0.8, 20), cc.MaxBlocking(0.05), cc.MaxAbandonment(0.04), cc.MaxAsa(12.0), cc.MaxOccupancy(0.75)
POOL = {"contacts_per_hour": 200.0, "aht_s": 180.0}
B, C = cc.ErlangB(**POOL), cc.ErlangC(**POOL)
A = cc.ErlangA(**POOL, patience_s=90.0)
LINES = cc.ErlangA(**POOL, patience_s=90.0, lines=16)
REDIAL = cc.ErlangA(**POOL, patience_s=90.0, redial=0.3)
RETRY = ExtendedErlangB(**POOL, retry=0.4)
LAW = GeneralPatience(**POOL, patience=LognormalPatience(mean_s=100.0, scv=1.5))
MOMENTS = GeneralPool(**POOL, arrival_scv=1.0, handle_scv=2.0)
SPREAD = OverDispersed(**POOL, patience_s=90.0, rate_scv=0.02)
BLEND = BlendedPool(**POOL, threshold=3, patience_s=90.0)
CHAT = ChatPool(contacts_per_hour=300.0, levels=(180.0, 220.0, 280.0), patience_s=120.0)
HOLD = VirtualHold(**POOL, patience_s=90.0, accept=0.4)
SELL = CrossSellingPool(contacts_per_hour=8.0, aht_s=3600.0, extra_s=1800.0, share=0.5, threshold=9)

REAL = [
    ("load", B, 12, BLOCKED), ("contacts_per_hour", B, 12, BLOCKED), ("aht_s", B, 12, BLOCKED), ("agents", B, None, BLOCKED),
    *((u, C, n, LEVEL) for u, n in (("load", 13), ("contacts_per_hour", 13), ("aht_s", 13), ("awt_s", 13), ("agents", None))),
    ("agents", C, None, ASA), ("load", C, 13, BUSY),
    *((u, A, n, LEVEL) for u, n in (("load", 12), ("contacts_per_hour", 12), ("aht_s", 12), ("awt_s", 11), ("agents", None), ("ring_s", 13))),
    ("patience_s", A, 11, LOST), ("redial", A, 12, cc.MaxAbandonment(0.08)), ("load", LINES, 12, BLOCKED), ("aht_s", LINES, 11, LEVEL),
    ("patience_s", LINES, 11, LOST), ("redial", REDIAL, 11, cc.MaxAbandonment(0.15)), ("load", REDIAL, 12, LEVEL), ("awt_s", REDIAL, 11, LEVEL),
    *((u, RETRY, 13, BLOCKED) for u in ("load", "contacts_per_hour", "aht_s")), ("retry", RETRY, 15, cc.MaxBlocking(0.042)),
    *((u, LAW, n, LEVEL) for u, n in (("load", 12), ("aht_s", 12), ("awt_s", 11), ("agents", None))),
    *((u, MOMENTS, n, LEVEL) for u, n in (("load", 14), ("awt_s", 13), ("agents", None))), ("handle_scv", MOMENTS, 13, LEVEL),
    *((u, SPREAD, n, LEVEL) for u, n in (("load", 12), ("awt_s", 11), ("agents", None))), ("rate_scv", SPREAD, 13, LEVEL),
    *((u, BLEND, n, LEVEL) for u, n in (("load", 14), ("aht_s", 14), ("awt_s", 13))), ("patience_s", BLEND, 13, LOST),
    *((u, CHAT, n, LEVEL) for u, n in (("contacts_per_hour", 9), ("awt_s", 8))), ("patience_s", CHAT, 9, cc.MaxAbandonment(0.02)),
    *((u, HOLD, n, LEVEL) for u, n in (("load", 12), ("awt_s", 11))), ("load", SELL, 12, ASA), ("share", SELL, 12, cc.MaxAsa(145.0)),
]  # fmt: skip
WITHIN = {"handle_scv": (0.0, 8.0), "rate_scv": (1e-6, 0.5), "share": (0.01, 1.0)}
CLOSE = {"VirtualHold": 1e-8}  # its chain is solved to that


def residual(unknown, model, agents, target, found):
    """Indicator less bound at what was found, by asking the model again."""
    awt = getattr(target, "awt_s", 20.0)
    if unknown == "agents":
        agents = found
    elif unknown == "awt_s":
        awt = found
    elif unknown == "load":
        model = replace(model, contacts_per_hour=np.asarray(found) * 3600.0 / np.asarray(model.aht_s))
    else:
        model = replace(model, **{unknown: found})
    p = model.performance(agents, awt, basis=getattr(target, "basis", "offered"))
    value = {cc.ServiceLevel: p.service_level, cc.MaxAsa: p.asa_s, cc.MaxAbandonment: p.abandonment, cc.MaxOccupancy: p.occupancy}
    bound = next(x for x in (getattr(target, k, None) for k in ("at_least", "at_most", "at_most_s")) if x is not None)
    return np.abs(np.asarray(value.get(type(target), p.blocking)) - bound).max()


@pytest.mark.parametrize(("unknown", "model", "agents", "target"), REAL, ids=[f"{m.__class__.__name__}-{u}-{i}" for i, (u, m, *_) in enumerate(REAL)])
def test_real_unknowns(unknown, model, agents, target):
    found = cc.solve_for(unknown, model, agents=agents, target=target, within=WITHIN.get(unknown))
    assert residual(unknown, model, agents, target, found) <= CLOSE.get(type(model).__name__, 1e-10)


@pytest.mark.parametrize(("unknown", "model", "agents", "target"), [
    ("load", C, [12, 13], LEVEL), ("redial", A, [11, 12], cc.MaxAbandonment(0.103)), ("load", LAW, [12, 13], LEVEL), ("retry", RETRY, [15, 15], cc.MaxBlocking(0.042)),
    ("awt_s", BLEND, [13, 14], LEVEL), ("contacts_per_hour", CHAT, [6, 7], LEVEL), ("load", LINES, [11, 12], BLOCKED),
])  # fmt: skip
def test_arrays_give_what_single_pools_give(unknown, model, agents, target):
    found = cc.solve_for(unknown, model, agents=agents, target=target)
    alone = [cc.solve_for(unknown, model, agents=n, target=target) for n in agents]
    assert found == pytest.approx(alone, rel=1e-9)


@pytest.mark.parametrize(("unknown", "model", "agents", "target", "step"), [
    ("lines", LINES, 11, BLOCKED, -1), ("lines", replace(LINES, patience_s=np.inf), 12, cc.ServiceLevel(0.7, 20), 1),
    ("threshold", BLEND, 15, LEVEL, -1), ("threshold", SELL, 12, cc.MaxAsa(170.0), 1), ("concurrency", CHAT, 8, cc.MaxAbandonment(0.1), -1),
    ("concurrency", replace(CHAT, contacts_per_hour=250.0), 7, LEVEL, -1),
])  # fmt: skip
def test_whole_unknowns_are_the_last_that_keep_the_target(unknown, model, agents, target, step):
    """One step further the target is missed, by trying both."""
    found = cc.solve_for(unknown, model, agents=agents, target=target)

    def kept(value):
        changed = replace(model, levels=model.levels.handle_s[:value]) if unknown == "concurrency" else replace(model, **{unknown: value})
        p = changed.performance(agents, getattr(target, "awt_s", 20.0))
        if isinstance(target, cc.ServiceLevel):
            return p.service_level >= target.at_least
        return {cc.MaxAsa: p.asa_s, cc.MaxBlocking: p.blocking, cc.MaxAbandonment: p.abandonment}[type(target)] <= getattr(target, "at_most", getattr(target, "at_most_s", None))

    assert kept(found)
    assert not kept(found + step)


def test_whole_unknowns_over_arrays():
    rates = np.array([200.0, 190.0, 180.0])
    for unknown, model, agents, target in (("threshold", BLEND, 15, LEVEL), ("lines", LINES, 11, BLOCKED), ("concurrency", CHAT, 7, LEVEL)):
        many = replace(model, contacts_per_hour=rates)
        found = cc.solve_for(unknown, many, agents=agents, target=target)
        assert found.tolist() == [cc.solve_for(unknown, replace(model, contacts_per_hour=float(r)), agents=agents, target=target) for r in rates]
