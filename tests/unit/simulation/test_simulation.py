"""The event kernel against exact models (imported here only), its rules, and proof before contradiction."""

import math

import numpy as np
import pytest

import ccopt as cc
from ccopt.simulation import contradictions
from ccopt.simulation.judge import run_network
from ccopt.simulation.kernel import ABANDONED, ANSWERED, DELAYED, IN_TIME, OFFERED, VIRTUAL, WAIT_ALL, WAIT_ANSWERED
from ccopt.simulation.network import Network


def pool(rates, handle, patience, agents, *, priority=None, plans=None, awt=20.0):
    """One class per rate; ``plans`` lists the groups of each class by rank (group 0 alone by default)."""
    k = len(rates)
    plans = plans or [[0]] * k
    width = max(map(len, plans))
    groups = len(agents)
    return Network(
        rate=np.array(rates, dtype=float), kind=np.arange(k), plan_start=np.arange(k + 1), plan_class_share=np.ones(k),
        plan_groups=np.array([p + [-1] * (width - len(p)) for p in plans]), agents=np.array(agents),
        handle_s=np.tile(np.array(handle, dtype=float), (groups, 1)), patience_s=np.array(patience, dtype=float),
        priority=np.array(priority or [1] * k), next_class=np.full((k, 1), -1), next_share=np.zeros((k, 1)),
        awt_s=np.full(k, awt),
    )  # fmt: skip


def replicate(network, *, hours, runs=30, seed=1):
    handle = float(network.handle_s.max())
    out = []
    for stream in np.random.SeedSequence(seed).spawn(runs):
        rng = np.random.Generator(np.random.PCG64(stream))
        counts, _ = run_network(network, from_s=20 * handle, until_s=20 * handle + hours * 3600, generations=1, rng=rng)
        out.append(counts.sum(axis=0))
    return np.array(out)


def inside(samples, exact, errors=3.5):
    mean, spread = float(np.mean(samples)), float(np.std(samples, ddof=1)) / math.sqrt(len(samples))
    assert abs(mean - exact) <= errors * spread + 1e-12, (mean, exact, spread)


@pytest.mark.parametrize(("agents", "load", "patience"), [(10, 9.0, 120.0), (50, 52.0, 60.0), (5, 3.0, math.inf)])
def test_one_pool_is_erlang_a_or_c(agents, load, patience):
    found = replicate(pool([load / 180], [180], [patience], [agents]), hours=60)[:, 0]
    exact = cc.ErlangA(contacts_per_hour=load * 20, aht_s=180, patience_s=patience)
    p, v = exact.performance(agents, 20), exact.performance(agents, 20, basis="virtual")
    inside(found[:, IN_TIME] / found[:, OFFERED], p.service_level)
    inside(found[:, ABANDONED] / found[:, OFFERED], p.abandonment)
    inside(found[:, DELAYED] / found[:, OFFERED], p.delay_probability)
    inside(found[:, VIRTUAL] / found[:, OFFERED], v.service_level)
    inside(found[:, WAIT_ANSWERED] / found[:, ANSWERED], p.asa_s)
    inside(found[:, WAIT_ALL] / found[:, OFFERED], p.mean_wait_s)


def test_non_preemptive_priority_of_one_server():
    # Ciw, tests of priorities against literature: rates 0.2 and 0.6, service 1: time in system 2.0 and 6.0
    found = replicate(pool([0.2, 0.6], [1, 1], [math.inf, math.inf], [1], priority=[0, 1]), hours=8, runs=40)
    inside(found[:, 0, WAIT_ANSWERED] / found[:, 0, ANSWERED] + 1.0, 2.0)
    inside(found[:, 1, WAIT_ANSWERED] / found[:, 1, ANSWERED] + 1.0, 6.0)


def test_one_virtual_queue_over_two_sites_is_one_pool():
    # two groups of 5 that both may serve both classes are one pool of 10
    found = replicate(pool([4 / 180, 4.5 / 180], [180, 180], [100, 100], [5, 5], plans=[[0, 1], [1, 0]]), hours=60)
    exact = cc.ErlangA(contacts_per_hour=8.5 * 20, aht_s=180, patience_s=100).performance(10, 20)
    inside(found[:, :, IN_TIME].sum(axis=1) / found[:, :, OFFERED].sum(axis=1), exact.service_level)
    inside(found[:, :, ABANDONED].sum(axis=1) / found[:, :, OFFERED].sum(axis=1), exact.abandonment)


def test_every_call_is_counted_once():
    found = replicate(pool([8 / 180], [180], [60], [7]), hours=5, runs=5)[:, 0]
    assert (found[:, OFFERED] == found[:, ANSWERED] + found[:, ABANDONED]).all()


def test_nobody_there_means_everybody_leaves():
    found = replicate(pool([2 / 180], [180], [60], [0]), hours=5, runs=3)[:, 0]
    assert found[:, ANSWERED].sum() == 0
    assert (found[:, ABANDONED] == found[:, OFFERED]).all()


@pytest.fixture(scope="module")
def tiers():
    scenario = cc.load_instance("tiny-tiers")
    return scenario, cc.optimise(scenario, time_limit_s=20).design


def test_same_seed_same_answer_other_seed_other(tiers):
    scenario, design = tiers
    a, b, c = (cc.simulate(scenario, design, replications=3, seed=s).as_dict() for s in (1, 1, 2))
    assert a == b != c


def test_two_tiers_agree_with_the_analytic_judge(tiers):
    scenario, design = tiers
    simulated, judged = cc.simulate(scenario, design, replications=30), cc.evaluate(scenario, design)
    known = {(r.name, r.site, r.skill_set, r.period): r for r in judged.cells}
    for row in simulated.cells:
        other = known[row.name, row.site, row.skill_set, row.period]
        width = 2.0 * row.half_width["service_level"] + 0.02
        assert abs(row.service_level - other.service_level) <= width
        assert row.contacts_per_hour == pytest.approx(other.contacts_per_hour, rel=0.05)


def test_contradiction_needs_proof(tiers):
    scenario, design = tiers
    good = cc.simulate(scenario, design, replications=10)
    assert contradictions(scenario, good, replications=10) == ()
    weak = design.model_copy(update={"groups": tuple(
        g.model_copy(update={"agents": tuple(max(n - 3, 0) for n in g.agents)}) for g in design.groups)})  # fmt: skip
    assert contradictions(scenario, cc.simulate(scenario, weak, replications=10), replications=10)


def test_one_replication_has_no_interval(tiers):
    with pytest.raises(ValueError, match="at least 2"):
        cc.simulate(*tiers, replications=1)
