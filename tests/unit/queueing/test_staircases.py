"""Bounds of staircases hold for every pool of a range: dense and adversarial mixes, judged in two independent ways.

Judges: the group model (`group_performance`, its own quadrature of each indicator) and, for one patience, the closed forms of
Erlang A; and `scipy.integrate.quad` of the density of the virtual wait, written here from its definition.
"""

import math

import numpy as np
import pytest
from scipy.integrate import quad

import ccopt as cc
from ccopt.kpis import BASES, service_level_of
from ccopt.queueing import group_performance, largest_loads, mix_staircases, staircases
from ccopt.queueing.regions import Cell, kinds_of, proved

CLOSE = 1e-8  # of a load: bounds are proved to 1e-10 of the terms of a target


def kept(target, found, i):
    """Whether a target of type i holds in a group."""
    if isinstance(target, cc.ServiceLevel):
        level = service_level_of(target.basis, answered_in_time=float(found.answered_in_time[i]), answered=1 - float(found.abandonment[i]),
                                 abandoned_early=float(found.abandoned_early[i]), virtual=float(found.virtual[i]))  # fmt: skip
        return level >= target.at_least
    if isinstance(target, cc.MaxAsa):
        return float(found.asa_s[i]) <= target.at_most_s
    return (float(found.abandonment[i]) if isinstance(target, cc.MaxAbandonment) else found.occupancy) <= target.at_most


def holds(load, n, share, aht, patience, targets):
    """Whether all targets hold for load shares, by the group model."""
    rates = load * share / aht * 3600.0
    for i, own in enumerate(targets):
        for t in own:
            found = group_performance(rates, aht, patience_s=patience, agents=n, awt_s=getattr(t, "awt_s", 20.0))
            if not found.stable or not kept(t, found, i):
                return False
    return True


def random_group(rng, types):
    def target():
        return [
            lambda: cc.ServiceLevel(rng.uniform(0.5, 0.95), float(rng.choice([0, 5, 20, 60, 120])), str(rng.choice(BASES))),
            lambda: cc.MaxAsa(rng.uniform(2, 90)), lambda: cc.MaxAbandonment(rng.uniform(0.01, 0.2)),
            lambda: cc.MaxOccupancy(rng.uniform(0.6, 0.97)),
        ][int(rng.integers(4))]()  # fmt: skip

    aht = 10 ** rng.uniform(1.5, 3.3, types)
    patience = np.where(rng.random(types) < 0.3, math.inf, 10 ** rng.uniform(1, 3.5, types))
    return aht, patience, [[target() for _ in range(int(rng.integers(1, 3)))] for _ in range(types)]


@pytest.mark.parametrize("seed", range(15))
def test_random_groups_hold_for_dense_random_mixes(seed):
    """Two to four types, handle times 30 s to half an hour, every basis and target: inside the bound all mixes hold, above none."""
    rng = np.random.default_rng(seed)
    types = 2 + seed % 3
    aht, patience, targets = random_group(rng, types)
    agents = np.array([1.0, 6.0, 40.0])
    cell = Cell(corners=np.eye(types), fast=1 / patience, slow=1 / patience)
    found = proved(agents, kinds_of(aht, targets), [cell], tolerance=0.1 * np.sqrt(agents), most_cells=25)
    assert np.isfinite(found.most).all()
    assert (found.least <= found.most).all()
    mixes = np.vstack([rng.dirichlet(np.ones(types), 30), rng.dirichlet(np.full(types, 0.1), 20), np.eye(types) * (1 - 1e-9) + 1e-9 / types])
    for share in mixes / mixes.sum(axis=1, keepdims=True):
        for k, n in enumerate(agents):
            if found.least[k] > 0:
                assert holds(found.least[k] * (1 - CLOSE), n, share, aht, patience, targets)
            assert not holds(found.most[k] * (1 + CLOSE), n, share, aht, patience, targets)


@pytest.mark.parametrize("seed", range(6))
def test_adversarial_mixes_come_close_and_stay_inside(seed):
    """A search for the mix that carries most (and least) ends below (above) the bound, within the slack that it states."""
    rng = np.random.default_rng(100 + seed)
    aht, patience, targets = random_group(rng, 2)
    n = float(rng.choice([4, 12, 40]))
    agents = np.array([n])
    cell = Cell(corners=np.eye(2), fast=1 / patience, slow=1 / patience)
    found = proved(agents, kinds_of(aht, targets), [cell], tolerance=0.01 * np.sqrt(agents), most_cells=200)

    def carried(w):
        low, high = 0.0, 3.0 * float(found.most[0])
        for _ in range(45):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if holds(middle, n, np.array([w, 1 - w]), aht, patience, targets) else (low, middle)
        return low

    for sign, bound in ((1.0, found.most[0]), (-1.0, found.least[0])):
        grid = np.linspace(1e-9, 1 - 1e-9, 41)
        values = [sign * carried(w) for w in grid]
        at = int(np.argmax(values))
        low, high = grid[max(at - 1, 0)], grid[min(at + 1, 40)]
        for _ in range(30):  # golden section around the best of the grid
            a, b = high - 0.618 * (high - low), low + 0.618 * (high - low)
            low, high = (low, b) if sign * carried(a) >= sign * carried(b) else (a, high)
        best = max(*values, sign * carried(0.5 * (low + high)))
        assert best <= sign * bound * (1 + sign * CLOSE)
        assert best >= sign * bound - found.slack[0] - 1e-6


@pytest.mark.parametrize("basis", BASES)
def test_by_quadrature_of_the_definition(basis):
    """One mix inside a proved range: service level of a type by `quad` on exp(sum rate_i int e^(-theta_i u) du - n v / h)."""
    aht, patience, n = np.array([240.0, 700.0]), np.array([90.0, 400.0]), 9
    targets = [[cc.ServiceLevel(0.8, 20.0, basis)], [cc.ServiceLevel(0.75, 40.0, basis)]]
    steps = mix_staircases(n, aht_s=aht, patience_s=patience, targets=targets, least_share=0.2)
    share = np.array([0.37, 0.63])

    def level(load, i):
        rates, theta, awt = load * share / aht, 1 / patience, targets[i][0].awt_s
        handle = load / rates.sum()

        def density(v):
            return n / handle * math.exp(float((rates * -np.expm1(-theta * v) / theta).sum()) - n * v / handle)

        def integral(f, low, high):
            return quad(lambda v: f(v) * density(v), low, high, limit=400, epsabs=0, epsrel=1e-10)[0]

        idle = sum(math.prod((n - k) / load for k in range(j)) for j in range(1, n + 1))  # states below n, of P(n) = 1
        top = 6000.0
        mass = idle + integral(lambda v: 1.0, 0, awt) + integral(lambda v: 1.0, awt, top)
        stay, t = (lambda v: math.exp(-theta[i] * v)), math.exp(-theta[i] * awt)
        soon, late = idle + integral(stay, 0, awt), integral(stay, awt, top)
        after = integral(lambda v: 1.0, awt, top)
        early = (mass - after) - soon + (1 - t) * after
        return {"offered": soon / mass, "answered": soon / (soon + late), "offered_less_early_abandons": soon / (mass - early),
                "early_abandons_credited": (soon + early) / mass, "virtual": 1 - after / mass}[basis]  # fmt: skip

    inside, above = steps.least[n] * (1 - CLOSE), steps.most[n] * (1 + CLOSE)
    assert all(level(inside, i) >= targets[i][0].at_least for i in (0, 1))
    assert any(level(above, i) < targets[i][0].at_least for i in (0, 1))


TARGETS = {
    "80/20": [cc.ServiceLevel(0.8, 20)], "abandonment": [cc.MaxAbandonment(0.05)], "virtual": [cc.ServiceLevel(0.9, 10, "virtual")],
    "two": [cc.ServiceLevel(0.9, 10), cc.MaxOccupancy(0.85)], "answered": [cc.ServiceLevel(0.85, 30, "answered"), cc.MaxAsa(12)],
}  # fmt: skip


@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize(("aht", "patience"), [((150.0, 240.0), 60.0), ((240.0, 1800.0), 180.0), (200.0, (60.0, 600.0)), ((150.0, 300.0), (40.0, 160.0))])
def test_ranges_hold_between_their_ends_by_closed_forms(targets, aht, patience):
    """Erlang A by its own kernel at 400 random pools of the range (1800 s beside 240 s: the most favourable one lies inside)."""
    steps = staircases(25, aht_s=aht, patience_s=patience, targets=targets, tolerance=0.1)
    rng = np.random.default_rng(8)
    k = np.array([1.0, 4.0, 25.0])
    h, p = (np.exp(rng.uniform(*np.log(np.broadcast_to(x, 2)), (400, 1))) for x in (aht, patience))
    loads = largest_loads(k, aht_s=h, patience_s=p, targets=targets)
    i = k.astype(int)
    assert (loads >= steps.least[i] * (1 - CLOSE)).all()
    assert (loads <= steps.most[i] * (1 + CLOSE)).all()
    assert (steps.most[i] - loads.max(axis=0) <= steps.slack[i] + 0.3).all()


def test_the_most_favourable_handle_time_may_lie_inside_the_range():
    """80/20, 20 agents, patience 180 s: 17.8 erlangs at 240 s, 18.5 at 1800 s, and more between than at either end of some range."""
    ends = largest_loads(20, aht_s=np.array([240.0, 1800.0]), patience_s=180.0, targets=TARGETS["80/20"])
    steps = staircases(20, aht_s=(240.0, 1800.0), patience_s=180.0, targets=TARGETS["80/20"])
    assert ends.round(1).tolist() == [17.8, 18.5]
    assert steps.most[20] >= ends.max()
    assert steps.least[20] <= ends.min()
    assert steps.slack[20] <= 0.02 * math.sqrt(20)


def test_a_single_pool_has_no_slack():
    steps = staircases(40, aht_s=180.0, patience_s=300.0, targets=TARGETS["two"])
    exact = largest_loads(np.arange(1.0, 41.0), aht_s=180.0, patience_s=300.0, targets=TARGETS["two"])
    assert steps.least[1:] == pytest.approx(exact, rel=2e-9)
    assert steps.most[1:] == pytest.approx(exact, rel=2e-9)
    assert (steps.least[1:] <= exact * (1 + 1e-12)).all()
    assert (steps.most[1:] >= exact * (1 - 1e-12)).all()


@pytest.mark.parametrize(("call", "words"), [
    (lambda: staircases(0, aht_s=180, targets=TARGETS["80/20"]), "most_agents"),
    (lambda: staircases(5, aht_s=[180, -1], targets=TARGETS["80/20"]), "aht_s"),
    (lambda: staircases(5, aht_s=180, targets=TARGETS["80/20"], tolerance=0.0), "tolerance"),
    (lambda: staircases(5, aht_s=180, targets="80/20"), "targets"), (lambda: staircases(5, aht_s=180, targets=[0.8]), "use ServiceLevel"),
    (lambda: staircases(5, aht_s=[100, 180], targets=[cc.MaxResponse(2, 0.9)]), "MaxResponse"),
    (lambda: mix_staircases(5, aht_s=[1, 2], patience_s=[1], targets=[[], []]), "one entry per contact type"),
    (lambda: mix_staircases(5, aht_s=[100, 200], patience_s=[50, 60], targets=[[], []], least_share=0.5), "least_share"),
])  # fmt: skip
def test_bad_ranges_are_refused_by_name(call, words):
    with pytest.raises(ValueError, match=words):
        call()
