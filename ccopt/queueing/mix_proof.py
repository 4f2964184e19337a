r"""Whether targets hold, or fail, for *every* mix of a region: a proof from finitely many integrals.

A mix gives each contact type i a share :math:`w_i` of the load a. With handle times :math:`h_i` and leaving rates
:math:`\theta_i` the virtual wait V of the group model (see `ccopt.queueing.group_performance`) has, up to a constant, an atom
U(n, a) at 0 and the density :math:`n r(w) e^{G_w(v)}` on v > 0, with

.. math:: r(w) = \sum_i w_i / h_i, \qquad G_w(v) = \sum_i \frac{w_i}{h_i} \Big( a \int_0^v e^{-\theta_i u} du - n v \Big).

The atom does not depend on the mix, and r and G are *linear* in it. Every target says
:math:`\int \kappa(v) e^{G_w(v)} dv \le c / (n r(w))` for a function :math:`\kappa` and a number c that do not depend on the
mix: for 80 % answered within T, :math:`\kappa = 0.8 - 1[v \le T] e^{-\theta v}` and c = 0.2 U. Split :math:`\kappa` by its sign:
the target holds where P(w) <= N(w),

.. math:: P = \int \kappa_+ e^{G_w}, \qquad N = \int \kappa_- e^{G_w} + \frac{c}{n r(w)}.

Both are convex in w, and stay so when multiplied by the exponential of a linear function (here: of minus the logarithm of the
total at the corners). On a simplex of mixes a convex function lies below the plane through its corners and above its tangent
plane at the middle. So a target holds on all of it if at every corner P <= tangent of N, and fails on all of it if at every
corner tangent of P > N. What is lost is of second order in the size of the simplex.

Two more facts make searches and ranges of patience valid. V grows, in the likelihood-ratio order, with each type's rate and
with the mean handle time (whole agents), so a target that fails at a load fails at any larger one; and one that fails for the
least rates of a region together with its least mean handle time fails on all of it (of first order, but it always ends: the
way out where a region is too large for the planes). And V falls in each leaving
rate, while every :math:`\kappa` changes its sign once, from - to +; so with patience known only up to a range the integrals are
taken with the end that makes V smallest (or largest) and the end that makes :math:`\kappa` smallest (or largest): a proof for the
whole range.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.compiler import compiled
from ccopt.queueing.kernel import log_upper_ratio
from ccopt.queueing.mixtures import NODES, WEIGHTS, density_range, log_density, panel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PANELS = 8  # of 16 nodes each: a panel spans at most 2.3 standard deviations or a decay of e^-11
OUTER, INNER = 1.0, -1.0  # sides of a proof; numbers, because numba compiles a function for each truth value it is called with
ROUNDING = 1e-10  # more than the quadrature errs, of the sum of all terms


@compiled
def excess(kind: int, bound: float, awt: float, basis: int, plus: float, minus: float, v: float) -> float:
    """Kappa of a target at a virtual wait v; ``plus`` and ``minus`` are leaving rates where it is positive and negative."""
    if kind == 1:
        return (v - bound) * math.exp(-(plus if v > bound else minus) * v)
    if kind == 2:
        return 1.0 - bound - math.exp(-minus * v)
    if kind == 3:
        return 1.0 - bound
    if v > awt:
        stay = math.exp(-plus * (v if basis == 1 else awt)) if 1 <= basis <= 3 else 1.0
        return stay - (1.0 - bound) if basis == 3 else bound * stay
    if basis == 0:
        return bound - math.exp(-minus * v)
    return -(1.0 - bound) * (math.exp(-minus * v) if basis <= 2 else 1.0)


@compiled
def turns(kind: Ints, bound: Floats, awt: Floats, basis: Ints, minus: Floats) -> Floats:
    """Waits at which a kappa jumps or changes its sign: edges of the quadrature."""
    out = np.zeros(2 * kind.size)
    for t in range(kind.size):
        stay = 1.0 - bound[t] if kind[t] == 2 else bound[t]
        if kind[t] == 0:
            out[2 * t] = awt[t]
        if kind[t] == 1:
            out[2 * t] = bound[t]
        if (kind[t] == 2 or (kind[t] == 0 and basis[t] == 0)) and minus[t] > 0.0 and stay > 0.0:
            out[2 * t + 1] = -math.log(stay) / minus[t]
    return out


@compiled
def edges(rates: Floats, leave: Floats, drain: float, turn: Floats) -> tuple[Floats, float]:
    """(sorted edges of panels, log-density at its peak); cut off early where customers who never leave fill the group."""
    patient = 0.0
    for i in range(rates.size):
        if leave[i] == 0.0:
            patient += rates[i]
    cuts = np.empty(PANELS + 1 + turn.size)
    if patient < drain:
        low, mode, high, peak = density_range(rates, leave, drain)
        for p in range(PANELS):
            cuts[p], cuts[p + 1] = panel(low, mode, high, p, PANELS)
    else:
        low, high = 0.0, 2.0 * turn.max() + 4.0 / drain
        peak = max(0.0, log_density(rates, leave, drain, high))
        for p in range(PANELS + 1):
            cuts[p] = high * p / PANELS
    for t in range(turn.size):
        cuts[PANELS + 1 + t] = min(max(turn[t], low), high)
    return np.sort(cuts), peak


@compiled
def integrals(
    mix: Floats, total: float, leave: Floats, agents: float, load: float, toward: Floats, turn: Floats, plus: Floats, minus: Floats,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints,
) -> tuple[Floats, float, float]:  # fmt: skip
    """Integrals over the density at one mix (rates per erlang, and their sum), in units of e^peak; also (mass, peak).

    Per target: column 0 of kappa_+, 1 of kappa_-, 2 + 2 j and 3 + 2 j of both times the difference of G towards the mix
    ``toward[j]``.
    """
    q = toward.shape[0]
    rates, drain = load * mix, agents * total
    cuts, peak = edges(rates, leave, drain, turn)
    out, mass = np.zeros((kind.size, 2 + 2 * q)), 0.0
    step, thinned = np.empty(q), np.empty(mix.size)
    for p in range(cuts.size - 1):
        half = 0.5 * (cuts[p + 1] - cuts[p])
        if half <= 0.0:
            continue
        for e in range(NODES.size):
            v = cuts[p] + half * (1.0 + NODES[e])
            g = -drain * v
            for i in range(mix.size):
                thinned[i] = v if leave[i] == 0.0 else -math.expm1(-leave[i] * v) / leave[i]
                g += rates[i] * thinned[i]
            f = WEIGHTS[e] * half * math.exp(g - peak)
            mass += f
            for j in range(q):
                step[j] = 0.0
                for i in range(mix.size):
                    step[j] += (toward[j, i] - mix[i]) * (load * thinned[i] - agents * v)
            for t in range(kind.size):
                x = excess(kind[t], bound[t], awt[t], basis[t], plus[t], minus[t], v)
                side, x = (0, f * x) if x > 0.0 else (1, -f * x)
                out[t, side] += x
                for j in range(q):
                    out[t, 2 + 2 * j + side] += x * step[j]
    return out, mass, peak


@compiled
def constant(kind: int, bound: float, agents: float, load: float, log_idle: float) -> float:
    """The number c of a target, divided by U."""
    if kind == 3:
        return bound - load / agents + math.exp(min(-log_idle, 700.0))
    return 1.0 - bound if kind == 0 else bound


@compiled
def unstable_corners(mixes: Floats, totals: Floats, leave: Floats, agents: float, load: float) -> int:
    """Corners at which customers who never leave bring the load of all agents."""
    found = 0
    for j in range(mixes.shape[0]):
        patient = 0.0
        for i in range(leave.size):
            if leave[i] == 0.0:
                patient += mixes[j, i]
        if load * patient >= agents * totals[j]:
            found += 1
    return found


@compiled
def margin(
    load: float, agents: float, mixes: Floats, totals: Floats, leave: Floats, plus: Floats, minus: Floats,
    kind: Ints, bound: Floats, awt: Floats, basis: Ints, side: float,
) -> float:  # fmt: skip
    """Above 0: proved for all mixes between the corners ``mixes`` (rates per erlang, one row each; ``totals``: their sums).

    A single row may have a total of its own, so that the mean handle time is 1 / total and the load offered is ``load`` x
    sum / total. Proved is on the side `OUTER` that some target fails, on `INNER` that all hold. Without targets the rule is
    load <= agents.
    """
    q, targets, outer = mixes.shape[0], kind.size, side == OUTER
    if targets == 0:
        return load - agents if outer else agents * (1.0 + 1e-15) - load
    full = unstable_corners(mixes, totals, leave, agents, load)
    if (outer and full == q) or (not outer and full > 0):
        return math.inf if outer else -math.inf
    offered = load if q > 1 else load * mixes[0].sum() / totals[0]
    log_idle = log_upper_ratio(agents, offered, (offered - agents) / agents)
    turn = turns(kind, bound, awt, basis, minus)
    none = np.empty((0, leave.size))
    here, log_rate, scale = np.empty((q, targets, 2)), np.empty(q), np.empty(q)
    for j in range(q):
        found, mass, peak = integrals(mixes[j], totals[j], leave, agents, load, none, turn, plus, minus, kind, bound, awt, basis)
        log_rate[j] = math.log(agents * totals[j])
        low, high = log_idle - log_rate[j], peak + math.log(mass)
        scale[j] = max(low, high) + math.log1p(math.exp(-abs(high - low)))
        for t in range(targets):
            rest = constant(kind[t], bound[t], agents, offered, log_idle) * math.exp(log_idle - log_rate[j] - scale[j])
            here[j, t, 0] = found[t, 0] * math.exp(peak - scale[j])
            here[j, t, 1] = found[t, 1] * math.exp(peak - scale[j]) + rest
    if q == 1:
        gaps = here[0, :, 1] - here[0, :, 0]
        lost = ROUNDING * (np.abs(here[0, :, 1]) + here[0, :, 0])
        return float((-gaps - lost).max() if outer else (gaps - lost).min())
    middle = np.zeros(leave.size)
    for j in range(q):
        middle += mixes[j] / q
    total = totals.mean()
    found, mass, peak = integrals(middle, total, leave, agents, load, mixes, turn, plus, minus, kind, bound, awt, basis)
    mean = scale.mean()
    unit, log_total = math.exp(min(peak - mean, 700.0)), math.log(agents * total)
    worst = -math.inf if outer else math.inf
    for t in range(targets):
        rest = constant(kind[t], bound[t], agents, offered, log_idle) * math.exp(min(log_idle - log_total - mean, 700.0))
        least = math.inf
        for j in range(q):
            drift = scale[j] - mean
            if outer:
                tangent = unit * (found[t, 0] * (1.0 - drift) + found[t, 2 + 2 * j])
                gap = tangent - here[j, t, 1] - ROUNDING * (unit * found[t, 0] + abs(here[j, t, 1]))
            else:
                tangent = unit * (found[t, 1] * (1.0 - drift) + found[t, 3 + 2 * j])
                tangent += rest * (1.0 - drift - (totals[j] - total) / total)
                gap = tangent - here[j, t, 0] - ROUNDING * (unit * found[t, 1] + abs(rest) + here[j, t, 0])
            least = min(least, gap)
        worst = max(worst, least) if outer else min(worst, least)
    return worst
