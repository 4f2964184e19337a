"""Inverse questions: the value found meets the target, to 1e-10, and the next one does not."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ccopt as cc
from ccopt.queueing import binding_target

A = cc.ErlangA(contacts_per_hour=240, aht_s=180, patience_s=60)
MANY = cc.ErlangA(contacts_per_hour=np.array([[235.0], [245.0]]), aht_s=180, patience_s=np.array([55.0, 60.0, 65.0]))
LEVEL = cc.ServiceLevel(0.8, 20)


@pytest.mark.parametrize(("unknown", "target", "agents"), [
    ("load", LEVEL, 13), ("contacts_per_hour", LEVEL, 13), ("aht_s", LEVEL, 13), ("ring_s", LEVEL, 15), ("awt_s", LEVEL, 13),
    ("patience_s", cc.MaxAbandonment(0.06), 14), ("redial", cc.MaxAbandonment(0.1), 14), ("agents", cc.MaxAsa(5.0), None),
    ("agents", cc.MaxOccupancy(0.85), None), ("load", cc.MaxAbandonment(0.03), 13), ("agents", cc.ServiceLevel(0.8, 20, "answered"), None),
])  # fmt: skip
@pytest.mark.parametrize("model", [A, MANY], ids=["one", "array"])
def test_the_value_found_meets_the_target_exactly(unknown, target, agents, model):
    found = cc.solve_for(unknown, model, agents=agents, target=target)
    shape = {"patience_s": (2, 1), "load": (3,), "contacts_per_hour": (3,)}  # without the field that is solved for
    assert np.shape(found) == (() if model is A else shape.get(unknown, (2, 3)))
    awt, n = getattr(target, "awt_s", 20.0), agents
    if unknown == "agents":
        n = found
    elif unknown == "awt_s":
        awt = found
    elif unknown == "load":
        model = replace(model, contacts_per_hour=np.asarray(found) * 3600 / 180)
    else:
        model = replace(model, **{unknown: found})
    p = model.performance(n, awt, basis=getattr(target, "basis", "offered"))
    value = {cc.ServiceLevel: p.service_level, cc.MaxAsa: p.asa_s, cc.MaxAbandonment: p.abandonment, cc.MaxOccupancy: p.occupancy}
    bound = next(x for x in (getattr(target, k, None) for k in ("at_least", "at_most", "at_most_s")) if x is not None)
    assert np.abs(np.asarray(value[type(target)]) - bound).max() <= 1e-10


def test_whole_unknowns_end_at_the_last_value_that_meets_the_target():
    model = cc.ErlangA(contacts_per_hour=200, aht_s=180, patience_s=math.inf, lines=20)
    few = cc.solve_for("lines", model, agents=11, target=cc.MaxBlocking(0.05))
    assert replace(model, lines=few).performance(11).blocking <= 0.05 < replace(model, lines=few - 1).performance(11).blocking
    most = cc.solve_for("lines", model, agents=12, target=cc.ServiceLevel(0.7, 20))
    assert replace(model, lines=most).performance(12).service_level >= 0.7 > replace(model, lines=most + 1).performance(12).service_level
    both = cc.solve_for("lines", replace(model, contacts_per_hour=np.array([200.0, 190.0])), agents=11, target=cc.MaxBlocking(0.05))
    assert both[0] == few
    assert both[1] < few


def test_what_cannot_be_attained_says_what_can():
    with pytest.raises(cc.UnattainableError, match=r"missed everywhere .* closest to the bound is") as caught:
        cc.solve_for("redial", A, agents=14, target=cc.MaxAbandonment(0.01))
    assert caught.value.limit == pytest.approx(A.performance(14).abandonment, rel=1e-6)
    full = cc.ErlangA(contacts_per_hour=[100, 900], aht_s=180, patience_s=120, lines=30)
    with pytest.raises(cc.UnattainableError, match=r"entry \[1\]: .* as many agents as the 30 lines") as caught:
        cc.required_agents(full, [LEVEL])
    one = cc.ErlangA(contacts_per_hour=900, aht_s=180, patience_s=120, lines=30)
    assert caught.value.limit == one.performance(30).service_level


@pytest.mark.parametrize("model", [
    cc.ErlangA(contacts_per_hour=np.array([60, 150, 300]), aht_s=180, patience_s=90, lines=40),
    cc.ErlangA(contacts_per_hour=np.array([60, 150, 300]), aht_s=180, patience_s=90, redial=0.5),
    cc.ErlangA(contacts_per_hour=np.array([60, 150, 300]), aht_s=180, patience_s=90, ring_s=6),
    cc.ErlangC(contacts_per_hour=np.array([60, 150, 300]), aht_s=180),
], ids=["lines", "redial", "ring", "C"])  # fmt: skip
@pytest.mark.parametrize("targets", [[LEVEL], [LEVEL, cc.MaxOccupancy(0.8)], [cc.MaxAsa(10), cc.ServiceLevel(0.9, 30, "virtual")]])
def test_fewest_agents_by_trying_every_number(model, targets):
    found = cc.required_agents(model, targets)
    for i, rate in enumerate(model.contacts_per_hour):
        one = replace(model, contacts_per_hour=float(rate))

        def met(n, one=one):
            try:
                return all(_met(one, n, t) for t in targets)
            except cc.UnstableError:
                return False

        assert int(found[i]) == next(n for n in range(1, 60) if met(n))


def _met(model, n, target):
    if isinstance(target, cc.ServiceLevel):
        return model.performance(n, target.awt_s, basis=target.basis).service_level >= target.at_least
    p = model.performance(n)
    return p.asa_s <= target.at_most_s if isinstance(target, cc.MaxAsa) else p.occupancy <= target.at_most


@given(load=st.floats(0.05, 3000), level=st.floats(0.05, 0.999), awt=st.floats(0, 300), patience=st.floats(1, 1e5))
@settings(max_examples=150, deadline=None)
def test_one_agent_less_misses(load, level, awt, patience):
    model = cc.ErlangA(contacts_per_hour=load * 20, aht_s=180, patience_s=patience)
    n = cc.required_agents(model, [cc.ServiceLevel(level, awt)])
    assert model.performance(n, awt).service_level >= level
    assert n == 1 or model.performance(n - 1, awt).service_level < level


def test_the_binding_target_asks_for_the_last_agent():
    model = cc.ErlangC(contacts_per_hour=200, aht_s=180)
    assert binding_target(model, [LEVEL, cc.MaxOccupancy(0.7)]).binding == cc.MaxOccupancy(0.7)
    assert binding_target(model, [LEVEL, cc.MaxOccupancy(0.9)]).binding == LEVEL
    lines = cc.ErlangA(contacts_per_hour=200, aht_s=180, patience_s=math.inf, lines=14)
    need = binding_target(lines, [cc.MaxBlocking(0.08), cc.MaxOccupancy(0.999)])
    assert need.binding == cc.MaxBlocking(0.08)
    loss = binding_target(cc.ErlangB(contacts_per_hour=100, aht_s=360), [cc.MaxBlocking(0.02)])
    assert (loss.agents, loss.binding) == (17, cc.MaxBlocking(0.02))  # 10 erlangs at 2 %: pyworkforce, test_erlang_b.py
