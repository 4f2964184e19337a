"""The compiled walk against a plain event list, call by call, on random networks."""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from ccopt.queueing.controlled.call_kernel import ABANDONED, ANSWERED, Calls, Lines, run_calls


def _random_network(seed):
    rng = np.random.default_rng(seed)
    lines, groups = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    ways = []
    for _ in range(lines):
        chosen = rng.permutation(groups)[: rng.integers(1, groups + 1)]
        ranks = np.sort(rng.integers(0, 3, len(chosen)))
        after = np.where((np.arange(len(chosen)) > 0) & (rng.random(len(chosen)) < 0.3), 30.0 * rng.random(len(chosen)), 0)
        own = rng.random() < 0.5
        ways.append([(int(g), int(k), float(a), float(60 + 200 * rng.random()), int(own and i > 0))
                     for i, (g, k, a) in enumerate(zip(chosen, ranks, after, strict=True))])  # fmt: skip
    onward = [[(int(rng.integers(lines)), 0.3)] if rng.random() < 0.4 else [] for _ in range(lines)]
    spec = {
        "ways": ways, "onward": onward, "priority": rng.integers(1, 3, lines),
        "patience": np.where(rng.random(lines) < 0.3, np.inf, 20 + 200 * rng.random(lines)),
        "agents": rng.integers(0, 5, groups).astype(np.int64),
    }  # fmt: skip
    n = 400
    spec["calls"] = Calls(np.cumsum(rng.exponential(15, n)), rng.integers(0, lines, n), rng.exponential(1, 3 * n),
                          rng.exponential(1, 3 * n), rng.random(3 * n))  # fmt: skip
    return spec


def _arrays(spec):
    ways, onward = spec["ways"], spec["onward"]
    flat = [(c, *w) for c, row in enumerate(ways) for w in row]
    by_group = sorted((w[1], w[0], r) for r, w in enumerate(flat))
    groups = len(spec["agents"])

    def starts(owner, size):
        return np.concatenate([[0], np.cumsum(np.bincount(np.array(owner, dtype=np.int64), minlength=size))]).astype(np.int64)

    follow = [(c, *o) for c, row in enumerate(onward) for o in row]
    return Lines(
        spec["priority"].astype(np.int64), spec["patience"], starts([w[0] for w in flat], len(ways)),
        np.array([w[1] for w in flat]), np.array([w[2] for w in flat]), np.array([w[5] for w in flat]),
        np.array([w[3] for w in flat]), np.array([w[4] for w in flat]), starts([b[0] for b in by_group], groups), np.array([b[1] for b in by_group]),
        np.array([b[2] for b in by_group]), starts([f[0] for f in follow], len(ways)),
        np.array([f[1] for f in follow], dtype=np.int64), np.array([f[2] for f in follow], dtype=float))


def _plain(spec):  # noqa: C901
    """Event list in plain Python: every waiting call is looked at, abandonment is an event of its own."""
    calls, ways = spec["calls"], spec["ways"]
    n = len(calls.arrival_s)
    idle = spec["agents"].copy()
    waiting, out, events, order = {}, {}, [], 0
    for i, t in enumerate(calls.arrival_s):
        heapq.heappush(events, (t, 2, order := order + 1, "arrive", i, int(calls.line[i])))

    def serve(now, slot, line, entry, way):
        nonlocal order
        idle[way[0]] -= 1
        out[slot] = (ANSWERED, now - entry, way[0])
        heapq.heappush(events, (now + calls.service[slot] * way[3], 0, order := order + 1, "end", slot, (line, way[0])))

    def look(now, g):
        best = None
        for slot, (line, entry) in waiting.items():
            way = next((w for w in ways[line] if w[0] == g and now - entry >= w[2] - 1e-9), None)
            if way is not None:
                key = (spec["priority"][line], way[4], entry)
                if best is None or key < best[0]:
                    best = (key, slot, line, entry, way)
        if best is not None:
            del waiting[best[1]]
            serve(now, *best[1:])

    while events:
        now, _, _, what, slot, data = heapq.heappop(events)
        if what == "end":
            line, g = data
            idle[g] += 1
            look(now, g)
            follow = spec["onward"][line]
            if slot + n < len(calls.service) and follow and calls.fate[slot] < follow[0][1]:
                what, slot, data = "arrive", slot + n, follow[0][0]
        if what == "arrive":
            line = data
            able = [w for w in ways[line] if w[2] <= 0 and idle[w[0]] > 0]
            if able:
                rank = min(w[1] for w in able)
                serve(now, slot, line, now, max((w for w in able if w[1] == rank), key=lambda w: idle[w[0]]))
            else:
                waiting[slot] = (line, now)
                stay = calls.patience[slot] * spec["patience"][line]
                if np.isfinite(stay):
                    heapq.heappush(events, (now + stay, 3, order := order + 1, "leave", slot, line))
                for w in ways[line]:
                    if w[2] > 0:
                        heapq.heappush(events, (now + w[2], 1, order := order + 1, "open", slot, w[0]))
        elif what == "leave" and slot in waiting:
            out[slot] = (ABANDONED, now - waiting.pop(slot)[1], -1)
        elif what == "open" and slot in waiting and idle[data] > 0:
            look(now, data)
    return out


@pytest.mark.parametrize("block", range(6))
def test_call_by_call(block):
    for seed in range(100 * block, 100 * block + 100):
        spec = _random_network(seed)
        found = run_calls(_arrays(spec), spec["calls"], spec["agents"], 0.0, 1e18)
        expected = _plain(spec)
        came = set(np.flatnonzero(found.line >= 0).tolist())
        never = {s for s in came if found.status[s] == 3}
        assert came - never == set(expected), seed
        for slot, (status, wait, group) in expected.items():
            assert (found.status[slot], found.group[slot]) == (status, group), (seed, slot)
            assert found.wait_s[slot] == pytest.approx(wait, abs=1e-6), (seed, slot)


@pytest.mark.parametrize(("ways", "expected"), [
    ([[0], [1]], (2.495, 24.997, 4.540)),  # two queues
    ([[0, 1], [1, 0]], (3.66, 8.58, 4.11)),  # two-way overflow, own contacts first
])  # fmt: skip
def test_pooling_unlike_contacts_hurts(ways, expected):
    # van Dijk and van der Sluis (2008), recomputed by simulation in the case list (d3): two servers, 50/h of 1 min and
    # 5/h of 10 min, constant handle times; waits in minutes of type 1, type 2 and all
    n = 1_500_000
    rng = np.random.default_rng(2)
    line = (rng.random(n) < 5 / 55).astype(np.int64)
    calls = Calls(np.cumsum(rng.exponential(3600 / 55, n)), line, np.ones(n), np.ones(n), np.ones(n))
    spec = {"ways": [[(g, i, 0.0, 60.0 if c == 0 else 600.0, int(i > 0)) for i, g in enumerate(row)] for c, row in enumerate(ways)],
            "onward": [[], []], "priority": np.ones(2, dtype=np.int64), "patience": np.full(2, np.inf),
            "agents": np.ones(2, dtype=np.int64)}  # fmt: skip
    wait = run_calls(_arrays(spec), calls, spec["agents"], 0.0, 1e18).wait_s / 60.0
    found = (wait[line == 0].mean(), wait[line == 1].mean(), wait.mean())
    assert found == pytest.approx(expected, rel=0.06)


def test_one_queue_for_unlike_contacts_is_worse_than_two():
    # the same case: one queue for both servers, 6.15 minutes for everybody
    n = 1_500_000
    rng = np.random.default_rng(3)
    line = (rng.random(n) < 5 / 55).astype(np.int64)
    calls = Calls(np.cumsum(rng.exponential(3600 / 55, n)), line, np.ones(n), np.ones(n), np.ones(n))
    spec = {"ways": [[(0, 0, 0.0, 60.0, 0)], [(0, 0, 0.0, 600.0, 0)]], "onward": [[], []],
            "priority": np.ones(2, dtype=np.int64), "patience": np.full(2, np.inf), "agents": np.array([2])}  # fmt: skip
    wait = run_calls(_arrays(spec), calls, spec["agents"], 0.0, 1e18).wait_s / 60.0
    assert wait.mean() == pytest.approx(6.15, rel=0.06)
