"""Extended Erlang B: blocked customers try again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from ccopt.errors import UnstableError
from ccopt.queueing.models.common import RATE, SHARE, TIME, PoolModel, Row, Rule, idle_row
from ccopt.queueing.probabilities import erlang_b


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedErlangB(PoolModel):
    r"""M/M/n/n with retries: each blocked attempt is repeated with probability ``retry``.

    The load of all attempts is the least solution of :math:`a' = a + r\, a' B(n, a')`; attempts form a Poisson stream, as
    if a retry came long after the blocked attempt. ``load`` and the shares are of attempts; a *customer* is lost with
    probability :math:`(1 - r) B / (1 - r B)`.

    Parameters
    ----------
    contacts_per_hour, aht_s
        First attempts per hour and mean handle time; any law of handle times with that mean.
    retry
        Share of blocked attempts that are repeated.

    Notes
    -----
    Valid where the time to a retry is several times the handle time; immediate retries find the same busy lines more
    often, and the model is then too good. Nobody waits, so there is no logarithm of the tail.

    References
    ----------
    R. I. Wilkinson (1956), Theories for toll traffic engineering in the USA, BSTJ 35, 421-514 (retrials at saturation).

    Examples
    --------
    >>> m = ExtendedErlangB(contacts_per_hour=600, aht_s=60, retry=0.5)
    >>> p = m.performance(12)
    >>> round(p.load, 4), round(p.blocking, 4)
    (10.8214, 0.1518)
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike
    retry: ArrayLike
    rules: ClassVar[Mapping[str, Rule]] = {"contacts_per_hour": RATE, "aht_s": TIME, "retry": SHARE}

    def row(self, agents: float, awt_s: float, values: Mapping[str, float]) -> Row:
        """One pool."""
        load = all_attempts(agents, values["contacts_per_hour"] * values["aht_s"] / 3600.0, values["retry"])
        if load == 0.0:
            return idle_row()
        b = float(np.asarray(erlang_b(agents, load)))
        return Row(
            wait=0.0, in_time=1.0 - b, abandonment=0.0, early=0.0, virtual=1.0 - b, served_wait_s=0.0, mean_wait_s=0.0,
            blocking=b, load=load, busy=load * (1.0 - b), queue_length=0.0,
        )  # fmt: skip


def all_attempts(agents: float, load: float, retry: float) -> float:
    """Load of all attempts.

    Raises
    ------
    UnstableError
        Every blocked attempt is repeated and the load reaches the agents.
    """
    if load <= 0.0 or retry <= 0.0:
        return max(load, 0.0)

    def excess(a: float) -> float:
        return a * (1.0 - retry * float(np.asarray(erlang_b(agents, a)))) - load

    if retry >= 1.0 and load >= agents:
        msg = f"agents = {agents:g}: every blocked attempt of {load:g} erlangs is repeated; more agents, or retry below 1"
        raise UnstableError(msg)
    high = 2.0 * load
    while excess(high) < 0.0:
        high *= 2.0
    return float(brentq(excess, load * (1.0 - 1e-12), high, xtol=1e-14 * high, rtol=8.9e-16))
