"""Modes of a group with neighbouring bands of the mix merged: coarse at first, fine where a solution stands.

A band of the load share of two types has a table of its own. A merged band takes the least of the inner tables and the
largest of the outer ones, so it stays valid for designs and for bounds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ccopt.optimisation.problem import Floats, Ints, Problem
from ccopt.staffing.tables import Mode

Focus = dict[tuple[int, int], frozenset[int]]  # per cell the modes that stand alone


def merged_modes(modes: Sequence[Mode], focus: frozenset[int]) -> list[Mode]:
    """The modes with every run of bands of the same types merged, except those in ``focus``."""
    out: list[Mode] = []
    run: list[Mode] = []
    for i, mode in enumerate(modes):
        alone = i in focus
        if run and (alone or run[-1].types != mode.types):
            out.append(_merged(run))
            run = []
        if alone:
            out.append(mode)
        else:
            run.append(mode)
    return [*out, _merged(run)] if run else out


def _merged(run: Sequence[Mode]) -> Mode:
    if len(run) == 1:
        return run[0]
    return Mode(
        types=run[0].types, low=run[0].low, high=run[-1].high, inner=np.min([m.inner for m in run], axis=0),
        outer=np.max([m.outer for m in run], axis=0),
    )  # fmt: skip


def focused(p: Problem, focus: Focus, flows: Floats, agents: Ints) -> Focus:
    """Focus with the bands in which the flows of a solution stand, in every cell that works."""
    out = dict(focus)
    for g, modes in enumerate(p.modes):
        if len(modes) < 2:
            continue
        mine = np.flatnonzero(p.arc_group == g)
        for t in np.flatnonzero(agents[g]):
            load = np.bincount(p.arc_type[mine], weights=p.arc_work[mine] * flows[mine, t])
            used = np.flatnonzero(load > 1e-9 * max(load.sum(), 1e-12))
            if len(used) > 1:  # the share of a mode's first type
                share = load / load[used].sum()
                found = {
                    i for i, m in enumerate(modes)
                    if set(m.types) == set(used.tolist()) and m.low - 1e-9 <= share[m.types[0]] <= m.high + 1e-9
                }  # fmt: skip
                out[g, int(t)] = out.get((g, int(t)), frozenset()) | found
    return out
