"""Ranks of contact types that differ in handle time or patience, judged group by group with controlled simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

import ccopt as cc
from ccopt.design import AgentGroup, Design, Route
from ccopt.evaluation.judge import RANKED
from ccopt.scenario.entities import Scenario

SECONDS = 3600.0


def _scenario(kinds, rates, **more):
    return Scenario.model_validate({
        "schema_version": 1, "name": "ranks", "periods": [{"name": "hour", "hours_per_year": 1000.0}],
        "sites": [{"name": "s", "kind": "inhouse", "wage_per_hour": 20.0}], "contact_types": kinds,
        "skill_sets": [{"name": "k", "contact_types": [k["name"] for k in kinds]}],
        "demand": [{"region": "r", "contact_type": k["name"], "contacts_per_hour": x} for k, x in zip(kinds, rates, strict=True)],
        **more})  # fmt: skip


def _design(scenario, agents):
    return Design(
        open_sites=("s",), groups=(AgentGroup(site="s", skill_set="k", agents=(agents,)),),
        routes=tuple(Route(region="r", contact_type=c.name, site="s", skill_set="k", share=(1.0,)) for c in scenario.contact_types))  # fmt: skip


def _chain(rate, aht, patience, agents, longest):
    """Non-preemptive ranks, first before second, as a Markov chain of (first in service, both queues) and of free agents.

    Rates and times per second; queues are cut at ``longest``. Probability to wait, mean wait of all and share lost by type.
    """
    mu, leave = 1.0 / np.array(aht), [0.0 if math.isinf(p) else 1.0 / p for p in patience]
    states = [(i, j, 0, 0) for i in range(agents) for j in range(agents - i)]
    states += [(i, agents - i, a, b) for i in range(agents + 1) for a in range(longest + 1) for b in range(longest + 1)]
    at = {s: k for k, s in enumerate(states)}
    rows, columns, values = [], [], []

    def go(s, to, x):
        if x > 0.0 and to in at:
            rows.extend((at[to], at[s]))
            columns.extend((at[s], at[s]))
            values.extend((x, -x))

    for i, j, a, b in states:
        s = (i, j, a, b)
        full = i + j == agents
        go(s, (i, j, a + 1, b) if full else (i + 1, j, 0, 0), rate[0])
        go(s, (i, j, a, b + 1) if full else (i, j + 1, 0, 0), rate[1])
        go(s, (i, j, a - 1, b), a * leave[0])
        go(s, (i, j, a, b - 1), b * leave[1])
        for gone, x in (((1, 0), i * mu[0]), ((0, 1), j * mu[1])):
            left = (i - gone[0], j - gone[1])
            if a:
                to = (left[0] + 1, left[1], a - 1, b)
            elif b:
                to = (left[0], left[1] + 1, a, b - 1)
            else:
                to = (*left, 0, 0)
            go(s, to, x)
    size = len(states)
    balance = coo_array((values, (rows, columns)), shape=(size, size)).tolil()
    balance[0, :] = 1.0
    right = np.zeros(size)
    right[0] = 1.0
    p = spsolve(balance.tocsc(), right)
    table = np.array(states)
    wait = float(p[table[:, :2].sum(axis=1) == agents].sum())
    queue = p @ table[:, 2:]
    return wait, queue / rate, queue * leave / rate


def _rows(kinds, rates, agents, **effort):
    scenario = _scenario(kinds, rates)
    found = cc.evaluate(scenario, _design(scenario, agents), **effort)
    return found, found.cells


def _near(value, exact, row, name):
    """Inside 1.5 half-widths of 95 %: one of 300 true values is outside."""
    assert row.half_width[name] > 0.0
    assert value == pytest.approx(exact, abs=1.5 * row.half_width[name])


@pytest.mark.parametrize(("order", "patience", "agents"), [
    ((1, 2), (240.0, 500.0), 5), ((2, 1), (240.0, 500.0), 5), ((2, 1), (None, 400.0), 3)])  # fmt: skip
def test_against_the_chain(order, patience, agents):
    rates, aht = np.array([10.0, 5.0]) * agents, (120.0, 480.0)
    kinds = [{"name": n, "talk_s": h, "priority": o, **({} if w is None else {"patience_s": w})}
             for n, h, o, w in zip(("short", "long"), aht, order, patience, strict=True)]  # fmt: skip
    found, cells = _rows(kinds, rates, agents, half_width=0.003)
    by_rank = np.argsort(order)
    stay = [math.inf if w is None else w for w in patience]
    longest = 30 if None not in patience else 70
    wait, mean, lost = _chain(rates[by_rank] / SECONDS, [aht[k] for k in by_rank], [stay[k] for k in by_rank], agents, longest)
    for k, row in enumerate(cells[i] for i in by_rank):
        _near(row.mean_wait_s, mean[k], row, "mean_wait_s")
        if stay[by_rank[k]] < math.inf:
            _near(row.abandonment, lost[k], row, "abandonment")
        assert row.delay_probability == pytest.approx(wait, abs=0.012)
        assert row.method.startswith("controlled simulation")
    assert found.notes == (RANKED,)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_one_agent_against_cobham(order):
    # Cobham (1954): W_k = W_0 / ((1 - s_{k-1}) (1 - s_k)), W_0 = sum of rate x E S^2 / 2, E S^2 = 2 h^2
    rates, aht = np.array([10.0, 2.0]), np.array([120.0, 600.0])
    kinds = [{"name": n, "talk_s": h, "priority": o} for n, h, o in zip(("short", "long"), aht, order, strict=True)]
    _, cells = _rows(kinds, rates, 1, half_width=0.004)
    load, busy = rates / SECONDS * aht, 0.0
    first = float((rates / SECONDS * aht**2).sum())
    for k in np.argsort(order):
        exact = first / ((1.0 - busy) * (1.0 - busy - load[k]))
        busy += load[k]
        _near(cells[k].mean_wait_s, exact, cells[k], "mean_wait_s")


def test_the_referee_agrees_on_service_levels():
    kinds = [{"name": "first", "talk_s": 90.0, "priority": 1, "patience_s": 200.0},
             {"name": "called", "talk_s": 300.0, "priority": 2, "patience_s": 300.0, "callback": {"accept": 0.4, "ring_back_s": 20.0}},
             {"name": "last", "talk_s": 200.0, "priority": 3, "patience_s": 150.0}]  # fmt: skip
    scenario = _scenario(kinds, (100.0, 60.0, 40.0))
    design = _design(scenario, 10)
    judged, played = cc.evaluate(scenario, design, half_width=0.003), cc.simulate(scenario, design, replications=20, contacts=20_000)
    levels = [c.service_level for c in judged.cells]
    assert levels[0] > levels[1] > levels[2]
    for mine, other in zip(judged.cells, played.cells, strict=True):
        for name in ("service_level", "abandonment", "mean_wait_s"):
            width = mine.half_width[name] + other.half_width[name]
            assert getattr(mine, name) == pytest.approx(getattr(other, name), abs=1.2 * width)


def test_like_types_stay_exact_and_unlike_ones_without_ranks_too():
    alike = [{"name": n, "talk_s": 200.0, "priority": o, "patience_s": 300.0} for n, o in (("a", 1), ("b", 2))]
    unlike = [{"name": n, "talk_s": h, "patience_s": 300.0} for n, h in (("a", 100.0), ("b", 300.0))]
    for kinds in (alike, unlike):
        found, cells = _rows(kinds, (40.0, 40.0), 6)
        assert "simulation" not in found.method
        assert all(c.method == found.method for c in cells)


def test_promises_are_judged_as_they_run():
    # in the order of arrival both types are answered alike and both would miss; by rank the first keeps its promise
    target = {"service_level": 0.76, "awt_s": 20}
    kinds = [{"name": "first", "talk_s": 100.0, "priority": 1, "targets": [target]},
             {"name": "last", "talk_s": 300.0, "priority": 2, "targets": [target]}]  # fmt: skip
    found, _ = _rows(kinds, (100.0, 60.0), 10)
    assert [(v.place.split(" ")[0], v.limit) for v in found.violations] == [("last", "service_level")]
    assert "±" in found.violations[0].message
    same = [k | {"priority": 1} for k in kinds]
    assert len(_rows(same, (100.0, 60.0), 10)[0].violations) == 2


def test_effort_reaches_simulated_groups():
    kinds = [{"name": "first", "talk_s": 100.0, "priority": 1}, {"name": "last", "talk_s": 300.0, "priority": 2}]
    wide, narrow = (_rows(kinds, (100.0, 60.0), 10, half_width=w)[1] for w in (0.02, 0.004))
    assert all(c.half_width["service_level"] <= 0.004 for c in narrow)
    assert wide[1].half_width["service_level"] > narrow[1].half_width["service_level"]
    assert _rows(kinds, (100.0, 60.0), 10, budget_ms=30)[1] is not None
    once, again, other = (_rows(kinds, (100.0, 60.0), 10, seed=s)[1][1].service_level for s in (1, 1, 2))
    assert once == again != other
