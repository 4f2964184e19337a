"""Companions: one Erlang-A pool on the same contacts as the network, whose expectation is known exactly.

All groups of a connected component act as one first-come-first-served pool with a common mean handle time; arrivals,
unit service and unit patience are those of the network's contacts, so that good and bad luck are shared. With equal
exponential handle times the group model is exact for such a pool, whatever the patience of the types.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ccopt.compilation import compiled
from ccopt.queueing.controlled.counting import sink

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class PoolShares(Protocol):
    """What a model of one pool says about its contact types, as far as companions need it."""

    @property
    def answered_in_time(self) -> Floats: ...  # noqa: D102
    @property
    def abandonment(self) -> Floats: ...  # noqa: D102
    @property
    def stable(self) -> bool: ...  # noqa: D102


PoolModel = Callable[..., PoolShares]


@compiled
def pool_waits(arrival_s: Floats, service_s: Floats, patience_s: Floats, agents: int) -> Floats:  # pragma: no cover
    """Wait that each contact is offered in a first-come-first-served pool; it leaves when this exceeds its patience.

    A binary heap holds the times at which agents become free; contacts come in the order of arrival.
    """
    free = np.zeros(agents)
    out = np.empty(len(arrival_s))
    for i in range(len(arrival_s)):
        wait = free[0] - arrival_s[i]
        wait = max(wait, 0.0)
        out[i] = wait
        if wait > patience_s[i]:
            continue
        end = arrival_s[i] + wait + service_s[i]
        sink(free, agents, end)
    return out


def components(can_serve: NDArray[np.bool_]) -> list[tuple[Ints, Ints]]:
    """Connected components (types, groups) of a (C, G) table of who may serve whom.

    Examples
    --------
    >>> import numpy as np
    >>> [(c.tolist(), g.tolist()) for c, g in components(np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]], dtype=bool))]
    [([0, 1], [0, 1]), ([2], [2])]
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    c, g = can_serve.shape
    rows, columns = np.nonzero(can_serve)
    links = csr_array((np.ones(len(rows)), (rows, columns + c)), shape=(c + g, c + g))
    count, label = connected_components(links, directed=False)
    found = [(np.flatnonzero(label[:c] == k), np.flatnonzero(label[c:] == k)) for k in range(count)]
    return [(types, groups) for types, groups in found if len(types) and len(groups)]
