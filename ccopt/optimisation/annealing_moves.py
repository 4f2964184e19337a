"""Random moves of the annealing, compiled: which units go where."""

from __future__ import annotations

from ccopt.optimisation.problem import Bools, Floats, Ints
from ccopt.queueing.compiler import compiled

KIND_ALL, KIND_GROUP, KIND_GROUP_ALL, KIND_SITE = 0.2, 0.9, 0.95, 0.998  # bounds of the kinds of moves


@compiled
def draw(state: Ints) -> float:
    """A uniform number in [0, 1) from a state of one integer (a Lehmer generator modulo 2^31 - 1, two steps)."""
    high = state[0] * 48271 % 2147483647
    low = high * 48271 % 2147483647
    state[0] = low
    return float(((high - 1) * 2147483646.0 + (low - 1)) / (2147483646.0 * 2147483646.0))


@compiled
def propose(  # noqa: C901, PLR0913, PLR0917  (arrays, not an object: the compiler passes them faster)
    arc_start: Ints, arc_of: Ints, arc_group: Ints, group_site: Ints, usable: Bools, allowed: Bools, opened: Bools,
    demand: Floats, choice: Ints, random: Ints, moved: Ints,
) -> int:  # fmt: skip
    """Write a random move to ``moved`` (M, 3: unit, period, arc number); returns the count of its elementary moves.

    One unit in one or all periods, all units of a group in one or all periods, or everything at a site.
    """
    units, periods = demand.shape
    count = 0
    kind = draw(random)
    u = int(draw(random) * units)
    first, width = arc_start[u], arc_start[u + 1] - arc_start[u]
    t = int(draw(random) * periods)
    to = int(draw(random) * width)
    if width < 2 or not allowed[group_site[arc_group[arc_of[first + to]]]]:
        return 0
    h = arc_group[arc_of[first + to]]
    g = arc_group[arc_of[first + choice[u, t]]]
    if kind < KIND_GROUP:
        for r in range(periods if kind < KIND_ALL else 1):
            period = r if kind < KIND_ALL else t
            if choice[u, period] != to and demand[u, period] > 0.0 and usable[group_site[h], period]:
                moved[count, 0], moved[count, 1], moved[count, 2] = u, period, to
                count += 1
        return count
    whole_site = kind > KIND_SITE
    left, drawn = group_site[g], group_site[h]
    if g == h or (whole_site and left == drawn):
        return 0
    every = whole_site or kind > KIND_GROUP_ALL
    for v in range(units):
        wide = arc_start[v + 1] - arc_start[v]
        start = int(draw(random) * wide) if whole_site else 0
        for r in range(periods if every else 1):
            period = r if every else t
            now = arc_group[arc_of[arc_start[v] + choice[v, period]]]
            if demand[v, period] <= 0.0 or (group_site[now] != left if whole_site else now != g):
                continue
            rank, at = 3, -1  # the drawn site (or group), else an open site, else any
            for i in range(wide):
                j = (start + i) % wide
                other = arc_group[arc_of[arc_start[v] + j]]
                s = group_site[other]
                if not allowed[s] or not usable[s, period] or (s == left if whole_site else other != h):
                    continue
                found = 0 if s == drawn else 1 if opened[s] else 2
                if found < rank:
                    rank, at = found, j
            if at >= 0:
                moved[count, 0], moved[count, 1], moved[count, 2] = v, period, at
                count += 1
    return count
