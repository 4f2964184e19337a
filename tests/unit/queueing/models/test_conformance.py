"""Every model keeps the relations of the public suite, and the staffing searches work on it."""

import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing.conformance import findings
from ccopt.queueing.models import (
    BlendedPool,
    ChatPool,
    CustomerClass,
    EmpiricalPatience,
    ExtendedErlangB,
    GeneralPatience,
    LognormalPatience,
    OverDispersed,
    PriorityPool,
    UniformPatience,
    WeibullPatience,
)

OUTBOUND = {"balance": "agents also call out", "no load": "agents call out all the time"}
SEVERAL = {"balance": "an agent has several chats", "more load": "h_1 counts as load"}


def classes(rate):
    return [CustomerClass(name="gold", contacts_per_hour=80 * rate), CustomerClass(name="rest", contacts_per_hour=120 * rate)]


MODELS = {
    "uniform": (lambda r, t: GeneralPatience(contacts_per_hour=200 * r, aht_s=180 * t, patience=UniformPatience(low_s=20 * t, high_s=200 * t)), {}),
    "lognormal": (lambda r, t: GeneralPatience(contacts_per_hour=200 * r, aht_s=180 * t, patience=LognormalPatience(mean_s=100 * t, scv=2.0)), {}),
    "weibull": (lambda r, t: GeneralPatience(contacts_per_hour=200 * r, aht_s=180 * t, patience=WeibullPatience(mean_s=100 * t, shape=0.6, at_once=0.05)), {}),
    "empirical": (lambda r, t: GeneralPatience(contacts_per_hour=200 * r, aht_s=180 * t, patience=EmpiricalPatience(times_s=[15 * t, 60 * t, 240 * t], survival=[0.9, 0.6, 0.2])), {}),
    "over-dispersed": (lambda r, t: OverDispersed(contacts_per_hour=200 * r, aht_s=180 * t, patience_s=120 * t, rate_scv=0.04), {}),
    "retries": (lambda r, t: ExtendedErlangB(contacts_per_hour=200 * r, aht_s=180 * t, retry=0.4), {}),
    "blended": (lambda r, t: BlendedPool(contacts_per_hour=200 * r, aht_s=180 * t, threshold=3, patience_s=120 * t), OUTBOUND),
    "priority": (lambda r, t: PriorityPool(classes=classes(r), aht_s=180 * t, patience_s=120 * t), {}),
    "priority, patient": (lambda r, t: PriorityPool(classes=classes(r), aht_s=180 * t, of="rest"), {"balance": "occupancy is of all classes"}),
    "chat": (lambda r, t: ChatPool(contacts_per_hour=500 * r, levels=(180 * t, 220 * t, 300 * t), patience_s=120 * t), SEVERAL),
    "chat, silent": (lambda r, t: ChatPool(contacts_per_hour=500 * r, levels=(180 * t, 220 * t), patience_s=120 * t, silent=0.4, silent_s=60 * t), SEVERAL),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_relations(name):
    make, excepted = MODELS[name]
    agents = [8, 11, 14] if "patient" not in name else [11, 12, 14]
    assert findings(make, agents=agents, except_for=excepted) == ()


@pytest.mark.parametrize("name", MODELS)
def test_staffing_search(name):
    make, _ = MODELS[name]
    model = make(1.0, 1.0)
    target = cc.MaxBlocking(0.02) if name == "retries" else cc.ServiceLevel(0.8, 20)
    agents = cc.required_agents(model, [target])
    kept, missed = (model.performance(n, 20) for n in (agents, agents - 1))
    if name == "retries":
        assert kept.blocking <= 0.02 < missed.blocking
    else:
        assert missed.service_level < 0.8 <= kept.service_level


def test_arrays_are_broadcast():
    model = GeneralPatience(contacts_per_hour=np.array([[100.0], [200.0]]), aht_s=180.0, patience=WeibullPatience(mean_s=60))
    p = model.performance(np.array([8, 10, 12]))
    assert p.service_level.shape == (2, 3)
    assert isinstance(GeneralPatience(contacts_per_hour=100.0, aht_s=180.0, patience=WeibullPatience(mean_s=60)).wait_tail(9, 5), float)
    with pytest.raises(ValueError, match="do not fit together"):
        model.performance(np.array([8, 10, 12]), np.array([1.0, 2.0]))


@pytest.mark.parametrize(("build", "words"), [
    (lambda: WeibullPatience(mean_s=0.0), "mean_s"), (lambda: LognormalPatience(mean_s=10.0, scv=-1.0), "scv"),
    (lambda: UniformPatience(low_s=5.0, high_s=2.0), "low_s"), (lambda: WeibullPatience(mean_s=9.0, at_once=5), r"did you mean 0\.05"),
    (lambda: EmpiricalPatience(times_s=[1.0, 0.5], survival=[0.9, 0.5]), "increasing"),
    (lambda: EmpiricalPatience(times_s=[-1.0, 5.0], survival=[0.9, 0.5]), "not be negative"),
    (lambda: EmpiricalPatience(times_s=[1.0, 2.0], survival=[0.5, 0.9]), "never rise"),
    (lambda: EmpiricalPatience(times_s=[1.0], survival=[0.5, 0.4]), "one length"),
    (lambda: EmpiricalPatience(times_s=[1.0, 2.0], survival=[1.0, 1.0]), "ErlangC"),
    (lambda: ChatPool(contacts_per_hour=9, levels=(100.0, 250.0)), r"levels\[1\] = 250"),
    (lambda: ChatPool(contacts_per_hour=9, levels=()), "levels"),
    (lambda: ChatPool(contacts_per_hour=9, levels=(60.0,), patience_s=60.0, silent=1.0, silent_s=9.0).performance(2), "silent = 1: must be less than 1"),
    (lambda: ChatPool(contacts_per_hour=9, levels=(60.0,)).performance(2.5), "whole number"),
    (lambda: ExtendedErlangB(contacts_per_hour=9, aht_s=60, retry=40).performance(2), r"did you mean 0\.4"),
    (lambda: PriorityPool(classes=[], aht_s=60).performance(2), "classes"),
    (lambda: PriorityPool(classes=classes(1), aht_s=60, of="silver").performance(20), "silver"),
    (lambda: PriorityPool(classes=[CustomerClass(name="x", contacts_per_hour=-1)], aht_s=60).performance(2), r"classes\[0\]"),
])  # fmt: skip
def test_bad_input_is_named(build, words):
    with pytest.raises(ValueError, match=words):
        build()


def test_overload_without_patience():
    for model in (PriorityPool(classes=classes(1), aht_s=180.0), ChatPool(contacts_per_hour=500, levels=(180.0, 220.0)),
                  BlendedPool(contacts_per_hour=200, aht_s=180, threshold=1), ExtendedErlangB(contacts_per_hour=200, aht_s=180, retry=1.0)):  # fmt: skip
        with pytest.raises(cc.UnstableError):
            model.performance(6)


def test_many_silent_customers_settle():
    """In overload nearly all called places are empty where closing them costs time; the share found obeys its own equation."""
    levels, before = (180.0, 220.0), 1.0
    for silent in (0.5, 0.9, 0.99, 0.9999):
        model = ChatPool(contacts_per_hour=500, levels=levels, patience_s=120.0, silent=silent, silent_s=60.0)
        p = model.performance(8, 30)
        assert 0.0 < p.delay_probability < before  # places that stay make the queue longer, empty ones empty it faster
        before = p.delay_probability
        free = ChatPool(contacts_per_hour=500, levels=levels, patience_s=120.0, silent=silent, silent_s=0.0).performance(8, 30)
        assert free.abandonment < p.abandonment
