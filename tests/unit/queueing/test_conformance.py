"""Every model keeps the relations of the public suite, and the suite finds models that do not."""

import math
from dataclasses import dataclass, replace

import pytest

import ccopt as cc
from ccopt.queueing.conformance import findings

MODELS = {
    "B": (lambda r, t: cc.ErlangB(contacts_per_hour=200 * r, aht_s=180 * t), [5, 11, 20.5]),
    "C": (lambda r, t: cc.ErlangC(contacts_per_hour=200 * r, aht_s=180 * t), [10.4, 11, 14, 30]),
    "A": (lambda r, t: cc.ErlangA(contacts_per_hour=200 * r, aht_s=180 * t, patience_s=90 * t), [1, 5.5, 10, 14, 30]),
    "A patient": (lambda r, t: cc.ErlangA(contacts_per_hour=200 * r, aht_s=180 * t, patience_s=math.inf), [11, 14]),
    "lines": (lambda r, t: cc.ErlangA(contacts_per_hour=200 * r, aht_s=180 * t, patience_s=math.inf, lines=20), [5, 10, 14, 20]),
    "lines, patience": (lambda r, t: cc.ErlangA(contacts_per_hour=200 * r, aht_s=180 * t, patience_s=200 * t, lines=20), [5, 10, 20]),
    "redials": (lambda r, t: cc.ErlangA(contacts_per_hour=200 * r, aht_s=180 * t, patience_s=200 * t, redial=0.4), [10, 12, 20]),
    "ring": (lambda r, t: cc.ErlangA(contacts_per_hour=200 * r, aht_s=180 * t, patience_s=200 * t, ring_s=6 * t), [8, 12, 20]),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_models_conform(name):
    make, agents = MODELS[name]
    assert findings(make, agents=agents) == ()


@dataclass(frozen=True)
class Broken:
    """Erlang C with one field changed: each change must be found."""

    inner: cc.ErlangC
    change: dict

    def performance(self, agents, awt_s=20.0, *, basis="offered"):
        p = self.inner.performance(agents, awt_s, basis=basis)
        return replace(p, **{k: f(getattr(p, k)) for k, f in self.change.items()})

    def wait_tail(self, agents, wait_s):
        return self.inner.wait_tail(agents, wait_s)


@pytest.mark.parametrize(("change", "rule"), [
    ({"service_level": lambda v: v + 0.5}, "shares"), ({"occupancy": lambda v: 0.9 * v}, "balance"),
    ({"queue_length": lambda v: v**2}, "Little"), ({"asa_s": lambda v: v + 1}, "no load"),
    ({"service_level": lambda v: v * 0.99}, "endless awt"), ({"delay_probability": lambda v: v / 2}, "tail"),
    ({"service_level": lambda v: 0.9 - v / 2}, "more agents"), ({"mean_wait_s": lambda v: v**2}, "time scale"),
])  # fmt: skip
def test_the_suite_finds_what_is_broken(change, rule):
    found = findings(lambda r, t: Broken(cc.ErlangC(contacts_per_hour=200 * r, aht_s=180 * t), change), agents=[11, 14, 20])
    assert rule in {f.rule for f in found}


def test_rules_can_be_excepted_by_name_only():
    make, agents = MODELS["C"]
    assert findings(make, agents=agents, except_for={"Little": "a reason"}) == ()
    with pytest.raises(ValueError, match="no rules"):
        findings(make, agents=agents, except_for={"little": "misspelt"})
