"""Random networks: plain ones for the kernel without timers, rich ones with a random set of all features."""

from __future__ import annotations

import math

import numpy as np

from ccopt.simulation.laws import Law
from ccopt.simulation.network import (
    Change,
    Follow,
    Group,
    Network,
    Offer,
    Queue,
    Redial,
    SelfService,
    Source,
    Way,
)


def random_law(rng, *, zero=False, ties=True):
    kind = rng.choice(["exponential", "exponential", "lognormal", "gamma", "weibull", "uniform", "empirical"][: 7 if ties else 6])
    values = tuple((0.1 + rng.random(5)).tolist()) if kind == "empirical" else ()
    return Law(kind=str(kind), shape=float(0.3 + 0.6 * rng.random()), values=values,
               zero_share=0.2 if zero and rng.random() < 0.3 else 0.0)  # fmt: skip


def random_offer(rng, sources, chat):
    to = f"s{rng.integers(sources)}" if chat or rng.random() < 0.4 else None
    return Offer(share=float(rng.random()), extra_s=0.0 if chat else 90.0, success=0.5, to=to, law=random_law(rng, ties=False),
                 threshold=None if to is None and rng.random() < 0.2 else int(rng.integers(0, 8)))  # fmt: skip


def random_network(seed, *, rich, hours=2.0):
    """Up to four sources, five queues, four groups, three intervals; about 150 contacts."""
    rng = np.random.default_rng(seed)

    def on(p):
        return bool(rich and rng.random() < p)

    sources, queues, groups, intervals = (int(rng.integers(1, k)) for k in (5, 6, 5, 4))
    queues = max(queues, sources)
    edges = tuple(np.concatenate([[0.0], np.sort(rng.random(intervals - 1)), [1.0]]) * hours * 3600.0)
    edges = tuple(float(e) for e in edges)

    def several(low, high):
        return tuple((low + (high - low) * rng.random(intervals)).tolist()) if rng.random() < 0.5 else float(rng.uniform(low, high))

    chat = [on(0.25) for _ in range(groups)]
    own_first = rng.random() < 0.4
    made = []
    for i in range(queues):
        chosen = rng.permutation(groups)[: rng.integers(1, groups + 1)]
        ways = tuple(
            Way(group=f"g{g}", handle_s=several(60, 260), rank=int(rng.integers(1, 4)), pull=int(own_first and k > 0),
                after_s=float(90 * rng.random()) if on(0.25) and k else 0.0, reserve=int(rng.integers(0, 3)) if on(0.2) else 0,
                open_s=float(rng.uniform(0, edges[-1] / 2)) if on(0.1) else 0.0,
                close_s=float(rng.uniform(edges[-1] / 2, 2 * edges[-1])) if on(0.1) else math.inf,
                offer=random_offer(rng, sources, chat[g]) if on(0.25) else None)
            for k, g in enumerate(chosen))  # fmt: skip
        follows = tuple(
            Follow(source=f"s{rng.integers(sources)}", share=float(0.2 * rng.random()), delay_s=600.0 if on(0.3) else 0.0,
                   handle_factor=0.7 if on(0.3) else 1.0)
            for _ in range(rng.integers(0, 3)))  # fmt: skip
        made.append(Queue(
            name=f"q{i}", ways=ways, priority=int(rng.integers(1, 3)), follows=follows,
            patience_s=math.inf if rng.random() < 0.25 else several(20, 220), patience_law=random_law(rng, zero=True),
            service_law=random_law(rng, ties=not any(chat)), endless=int(rng.integers(5, 60)) if i >= sources and on(0.3) else None))  # fmt: skip
    trunks = (("t0", int(rng.integers(2, 15))),) if on(0.3) else ()
    selves = (SelfService(name="v0", mean_s=40.0, contained=0.3, ports=int(rng.integers(1, 6)) if rng.random() < 0.5 else None),
              SelfService(name="v1", mean_s=90.0, contained=0.1, ports_of="v0")) if on(0.3) else ()  # fmt: skip
    share = rng.dirichlet(np.ones(queues), size=sources)
    owner = [i % sources if q.endless is None else -1 for i, q in enumerate(made)]
    rows = []
    for s in range(sources):
        mine = [i for i in range(queues) if owner[i] == s]
        part = share[s][mine] / share[s][mine].sum()
        rows.append(Source(
            name=f"s{s}", queues=tuple((f"q{i}", float(p)) for i, p in zip(mine, part, strict=True)),
            contacts_per_hour=several(5, 45), busyness=0 if rng.random() < 0.3 else None,
            trunk="t0" if trunks and rng.random() < 0.7 else None, self_service=f"v{s % 2}" if selves and rng.random() < 0.6 else None,
            redial=Redial(abandoned=0.5, blocked=0.7, delay_s=300.0) if on(0.4) else None))  # fmt: skip
    rows += [Source(name=f"e{i}", queues=((f"q{i}", 1.0),)) for i, q in enumerate(made) if q.endless is not None]
    steps = on(0.4)
    teams = tuple(
        Group(name=f"g{g}", agents=tuple(rng.integers(0, 5, intervals).tolist()) if steps else int(rng.integers(0, 5)),
              level_factor=(1.0, 1.3, 1.7) if chat[g] else (1.0,))
        for g in range(groups))  # fmt: skip
    changes = ()
    if on(0.3):
        g = f"g{rng.integers(groups)}"
        when = float(rng.uniform(0.2, 0.6) * edges[-1])
        changes = (Change(at_s=when, group=g, agents=int(rng.integers(0, 2)), cut=bool(rng.random() < 0.6)),
                   Change(at_s=when + 1200.0, group=g, agents=4))  # fmt: skip
    choices = ["most_idle", "in_order"] + (["longest_idle"] if rich and not any(chat) else [])
    return Network(edges_s=edges, sources=tuple(rows), queues=tuple(made), groups=teams, trunks=trunks, self_services=selves,
                   changes=changes, busyness=(4.0,), group_choice=str(rng.choice(choices)))  # fmt: skip
