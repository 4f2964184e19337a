"""Small networks by hand, counts over days, and the test that an exact value lies inside chance."""

from __future__ import annotations

import math

import numpy as np

from ccopt.simulation import Group, Network, Queue, Simulator, Source, Way
from ccopt.simulation.tally import tally

HOUR = 3600.0


def pool(rates, handle_s, patience_s, agents, *, hours, plans=None, priority=None, **more):
    """One source and queue per rate (contacts per hour); ``plans`` lists the groups of each by rank."""
    plans = plans or [[0]] * len(rates)
    queues = tuple(
        Queue(name=f"q{i}", patience_s=patience_s[i], priority=priority[i] if priority else 1,
              ways=tuple(Way(group=f"g{g}", handle_s=handle_s[i], rank=k + 1) for k, g in enumerate(plans[i])))
        for i in range(len(rates)))  # fmt: skip
    sources = tuple(Source(name=f"s{i}", queues=((f"q{i}", 1.0),), contacts_per_hour=r) for i, r in enumerate(rates))
    return Network(edges_s=(0.0, hours * HOUR), sources=sources, queues=queues,
                   groups=tuple(Group(name=f"g{i}", agents=n) for i, n in enumerate(agents)), **more)  # fmt: skip


def counts(network, *, days, seed=1, awt_s=20.0, window=None, response=None, rich=None):
    """Tallies of some days, over one window (all day by default): service (R, Q, M), busy hours (R, G), hours."""
    simulator = Simulator(network, seed=seed, rich=rich)
    edges = np.array(window if window else (0.0, network.edges_s[-1]))
    awt = np.full(len(network.queues), awt_s) if np.isscalar(awt_s) else np.array(awt_s)
    found = [tally(day, simulator.tables, edges_s=edges, awt_s=awt, response=response) for day in simulator.days(days)]
    return np.array([f.service.sum(axis=0) for f in found]), np.array([f.busy_s.sum(axis=0) / HOUR for f in found]), (edges[-1] - edges[0]) / HOUR


def ratio(top, bottom):
    """Ratio of sums and its standard error."""
    top, bottom = np.asarray(top, dtype=float), np.broadcast_to(np.asarray(bottom, dtype=float), np.shape(top))
    value = top.sum() / bottom.sum()
    return value, float(np.std(top - value * bottom, ddof=1)) * math.sqrt(len(top)) / bottom.sum()


def inside(top, bottom, exact, errors=3.5, slack=0.0):
    """The exact value lies within some standard errors of the estimate (3.5: one false alarm in 2,000)."""
    value, error = ratio(top, bottom)
    assert abs(value - exact) <= errors * error + slack, (value, exact, error)
    return value
