"""The group model: one queue, several contact types, each with its own patience and one mean handle time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.queueing.checking import number, numbers, refuse
from ccopt.queueing.mixtures import mixture_rows
from ccopt.queueing.rows import erlang_a_row, erlang_c_row

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPerformance:
    """Indicators of one agent group; arrays over contact types, shares of offered contacts.

    ``stable`` is False where customers who never leave bring at least as much load as there are agents; then nobody is
    answered in time and waits are infinite.
    """

    answered_in_time: Floats
    abandonment: Floats
    abandoned_early: Floats
    virtual: Floats
    asa_s: Floats
    mean_wait_s: Floats
    delay_probability: float
    occupancy: float
    load: float
    carried_load: float
    stable: bool


def group_performance(
    rates_per_hour: ArrayLike, aht_s: ArrayLike, *, patience_s: ArrayLike, agents: int, awt_s: ArrayLike
) -> GroupPerformance:
    r"""First come, first served M/M/n+G for one agent group.

    The rate is the sum of the types' rates, the mean handle time is ``h = load / rate``, and patience is the
    rate-weighted mixture of the types' exponential patience. The virtual wait V has, for v > 0, a density proportional
    to :math:`\exp(\sum_i \lambda_i \int_0^v e^{-\theta_i u} du - n v / h)`, and an atom at 0.

    Parameters
    ----------
    rates_per_hour, aht_s, patience_s, awt_s
        One entry per contact type (scalars are broadcast); ``patience_s`` may be infinite.
    agents
        Agents present.

    Returns
    -------
    GroupPerformance
        Exact for equal handle times, an approximation for unequal ones.

    Raises
    ------
    ValueError
        Values that are negative or not numbers.

    References
    ----------
    F. Baccelli, G. Hebuterne (1981), On queues with impatient customers, Performance '81, 159-179.

    Examples
    --------
    Garnett, Mandelbaum and Reiman (2002), Table 1: 3.1 % abandon.

    >>> g = group_performance(2880.0, 60.0, patience_s=120.0, agents=50, awt_s=20.0)
    >>> round(float(g.abandonment[0]), 7)
    0.0309122
    """
    rates, aht, patience, awt = np.broadcast_arrays(
        numbers("rates_per_hour", rates_per_hour), numbers("aht_s", aht_s, above=0.0),
        numbers("patience_s", patience_s, above=0.0, infinite=True), numbers("awt_s", awt_s),
    )  # fmt: skip
    if np.ndim(rates) > 1:
        refuse("rates_per_hour, aht_s, patience_s, awt_s", np.shape(rates), "must be numbers or lists, one entry per contact type")
    rates, aht, patience, awt = (np.atleast_1d(a).astype(float) for a in (rates, aht, patience, awt))
    n = number("agents", agents)
    per_s = rates / 3600.0
    total = float(per_s.sum())
    if total <= 0.0:
        return _idle(rates.size)
    load = float(per_s @ aht)
    handle = load / total
    if float(per_s[np.isinf(patience)].sum()) * handle >= n and (n > 0.0 or np.isinf(patience).any()):
        return _unstable(per_s, handle, patience, n, load)
    rows = _rows(per_s, handle, patience, n, awt)
    abandonment = rows[:, 2]
    answered = 1.0 - abandonment
    carried = handle * float(per_s @ answered)
    with np.errstate(divide="ignore", invalid="ignore"):
        asa = np.where(answered > 0.0, rows[:, 5] / answered, 0.0)
        left_wait = np.where(np.isinf(patience), rows[:, 5], patience * abandonment)
    return GroupPerformance(
        answered_in_time=np.clip(rows[:, 1], 0.0, 1.0), abandonment=abandonment, abandoned_early=rows[:, 3],
        virtual=np.clip(rows[:, 4], 0.0, 1.0), asa_s=asa, mean_wait_s=left_wait,
        delay_probability=float(rows[0, 0]), occupancy=carried / n if n > 0.0 else 0.0, load=load,
        carried_load=carried, stable=True,
    )  # fmt: skip


def _rows(per_s: Floats, handle: float, patience: Floats, n: float, awt: Floats) -> Floats:
    total = float(per_s.sum())
    if (patience == patience[0]).all():
        if np.isinf(patience[0]):
            return np.array([erlang_c_row(total, handle, n, float(t), 1.0)[:6] for t in awt])
        return np.array([erlang_a_row(total, handle, float(patience[0]), n, float(t), 1.0, True)[:6] for t in awt])
    if n <= 0.0:
        pairs = zip(patience, awt, strict=True)
        return np.array([erlang_a_row(total, handle, float(p), 0.0, float(t), 1.0, True)[:6] for p, t in pairs])
    used = per_s > 0.0
    rows = np.empty((per_s.size, 6))
    rows[:] = (0.0, 1.0, 0.0, 0.0, 1.0, 0.0)
    rows[used] = mixture_rows(per_s[used], patience[used], handle, n, awt[used])
    return rows


def _idle(types: int) -> GroupPerformance:
    one, zero = np.ones(types), np.zeros(types)
    return GroupPerformance(
        answered_in_time=one, abandonment=zero, abandoned_early=zero, virtual=one, asa_s=zero, mean_wait_s=zero,
        delay_probability=0.0, occupancy=0.0, load=0.0, carried_load=0.0, stable=True,
    )  # fmt: skip


def _unstable(per_s: Floats, handle: float, patience: Floats, n: float, load: float) -> GroupPerformance:
    """Customers who never leave fill the group: everyone else waits until patience ends."""
    leaves = ~np.isinf(patience)
    abandonment = leaves.astype(float)
    waits = np.where(leaves, patience, np.inf)
    zero = np.zeros(per_s.size)
    return GroupPerformance(
        answered_in_time=zero, abandonment=abandonment, abandoned_early=zero, virtual=zero,
        asa_s=np.full(per_s.size, np.inf), mean_wait_s=waits, delay_probability=1.0,
        occupancy=1.0 if n > 0.0 else 0.0, load=load, carried_load=min(n, load), stable=False,
    )  # fmt: skip
