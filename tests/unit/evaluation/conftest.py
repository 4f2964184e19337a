"""Two scenarios and an independent group model by quadrature."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import integrate

from ccopt.design import AgentGroup, Design, Route
from ccopt.scenario.entities import Scenario


def density_model(rates_per_hour, aht_s, *, patience_s, agents, awt_s):
    """The group model of the house plan straight from the density of the virtual wait, by adaptive quadrature.

    Independent of ccopt.queueing. With h the mean handle time and J(v) = exp(sum_i r_i int_0^v e^(-u/tau_i) du - n v/h)
    the weights are: V = 0 with sum_{k<n} a^k/k!, V = v with a^(n-1)/(n-1)! * L * J(v).
    """
    r = np.asarray(rates_per_hour, dtype=float) / 3600.0
    tau = np.asarray(patience_s, dtype=float)
    total = r.sum()
    load = float((r * aht_s).sum())
    h = load / total
    stays = bool(np.isinf(tau).any()) and float(r[np.isinf(tau)].sum()) * h >= agents
    stays = stays or (bool(np.isinf(tau).all()) and load >= agents)
    m = len(r)
    if stays:
        return SimpleNamespace(
            answered_in_time=np.zeros(m), abandonment=np.zeros(m), abandoned_early=np.zeros(m), virtual=np.zeros(m),
            asa_s=np.full(m, np.inf), mean_wait_s=np.full(m, np.inf), delay_probability=1.0,
            occupancy=min(1.0, load / agents) if agents else 0.0, load=load, carried_load=min(load, agents), stable=False,
        )
    term, atom = 1.0, 0.0
    for k in range(agents):
        atom += term
        if k < agents - 1:
            term *= load / (k + 1)
    peak = term * total

    def exponent(v):
        grown = sum(ri * v if np.isinf(ti) else ri * ti * -np.expm1(-v / ti) for ri, ti in zip(r, tau, strict=True))
        return grown - agents * v / h

    def expect(function, upper=np.inf):
        end = min(upper, 400 * max(h, 60.0))
        edges = np.linspace(0, end, 9)
        return sum(integrate.quad(lambda v: function(v) * np.exp(exponent(v)), a, b, epsabs=1e-13, epsrel=1e-11)[0]
                   for a, b in pairwise(edges))

    mass = expect(lambda v: 1.0)
    norm = atom + peak * mass
    stay = [(lambda v, t=t: 1.0 if np.isinf(t) else np.exp(-v / t)) for t in tau]
    in_time = np.array([(atom + peak * expect(s, w)) / norm for s, w in zip(stay, awt_s, strict=True)])
    answered = np.array([(atom + peak * expect(s)) / norm for s in stay])
    virtual = np.array([(atom + peak * expect(lambda v: 1.0, w)) / norm for w in awt_s])
    waited = np.array([peak * expect(lambda v, s=s: v * s(v)) / norm for s in stay])
    offered_wait = np.array([
        peak * expect((lambda v, t=t: v if np.isinf(t) else -t * np.expm1(-v / t))) / norm for t in tau])
    tail = [1.0 - v for v in virtual]
    early = np.array([
        0.0 if np.isinf(t) else peak * expect(lambda v, t=t: -np.expm1(-v / t), w) / norm + p * -np.expm1(-w / t)
        for t, w, p in zip(tau, awt_s, tail, strict=True)])
    carried = float((r * answered).sum()) * h
    return SimpleNamespace(
        answered_in_time=in_time, abandonment=1 - answered, abandoned_early=early, virtual=virtual,
        asa_s=waited / answered, mean_wait_s=offered_wait, delay_probability=peak * mass / norm,
        occupancy=carried / agents, load=load, carried_load=carried, stable=True,
    )


@pytest.fixture(name="oracle")
def _oracle():
    return density_model


@pytest.fixture
def three_regions():
    """The document of the house plan."""
    from importlib.resources import files

    return Scenario.model_validate_json((files("ccopt.scenario.instances") / "three-regions.json").read_bytes())


@pytest.fixture
def one_group():
    """All contacts of three-regions at north, in one group of each skill set."""
    return Design(
        open_sites=("north",),
        groups=(
            AgentGroup(site="north", skill_set="sales-only", agents=(17, 9)),
            AgentGroup(site="north", skill_set="both", agents=(17, 9)),
        ),
        routes=(
            Route(region="r1", contact_type="sales", site="north", skill_set="sales-only", share=(1.0, 1.0)),
            Route(region="r2", contact_type="support", site="north", skill_set="both", share=(1.0, 1.0)),
        ),
    )


@pytest.fixture
def tiers():
    """Two tiers at one site: 30 % of answered first-line contacts reach the second line."""
    return Scenario.model_validate({
        "schema_version": 1, "name": "tiers", "periods": [{"name": "day", "hours_per_year": 2000.0}],
        "sites": [{"name": "a", "kind": "inhouse", "wage_per_hour": 20.0}],
        "contact_types": [
            {"name": "first", "talk_s": 300.0, "patience_s": 120.0, "targets": [{"max_abandonment": 0.2}]},
            {"name": "second", "talk_s": 600.0, "patience_s": 300.0, "targets": [{"max_abandonment": 0.2}]}],
        "skill_sets": [{"name": "l1", "contact_types": ["first"]}, {"name": "l2", "contact_types": ["second"]},
                       {"name": "all", "contact_types": ["first", "second"]}],
        "demand": [{"region": "r", "contact_type": "first", "contacts_per_hour": 100.0}],
        "escalations": [{"from_type": "first", "to_type": "second", "share": 0.3}]})  # fmt: skip
