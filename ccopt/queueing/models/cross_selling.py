"""Cross-selling by threshold with the interface of every model of one pool."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ccopt.queueing.models.common import LONG, RATE, SHARE, TIME, PoolModel, Row, Rule, idle_row
from ccopt.queueing.models.conditional_waits import unserved_row
from ccopt.queueing.models.patience_laws import WeibullPatience
from ccopt.queueing.selling import SellingGroup, selling_chain
from ccopt.queueing.selling_waits import selling_waits

REACH = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossSellingPool(PoolModel):
    """M/M/n(+M) whose agents make an offer after service while at most ``threshold`` contacts are in the system.

    Parameters
    ----------
    contacts_per_hour, aht_s, patience_s
        Rate, mean handle time and mean patience (infinite: nobody leaves), exponential laws.
    extra_s, share
        Mean time of an offer (exponential) and the share of callers who are candidates.
    threshold
        An offer starts only if the number in system just before the end of service is at most this; infinite is always.

    Notes
    -----
    Exact chain (elimination of blocks) for indicators in the mean; the distribution of waits is exact for thresholds up to the agents
    and a lower bound of the service above. Up to about 400 agents. Occupancy counts offers as well. There is no
    logarithm of the tail: the chain is cut where 1e-13 of those who wait is left, so that a tail below has no true digit.

    References
    ----------
    M. Armony, I. Gurvich (2010), When promotions meet operations: cross-selling and its effect on call center performance,
    MSOM 12, 470-488.

    Examples
    --------
    >>> pool = CrossSellingPool(contacts_per_hour=8, aht_s=3600, extra_s=1800, share=0.5, threshold=9)
    >>> p = pool.performance(12)
    >>> round(p.queue_length, 6), round(p.delay_probability, 6)
    (0.329194, 0.173592)
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike
    extra_s: ArrayLike
    share: ArrayLike
    threshold: ArrayLike
    patience_s: ArrayLike = math.inf
    rules: ClassVar[Mapping[str, Rule]] = {
        "contacts_per_hour": RATE, "aht_s": TIME, "extra_s": TIME, "share": SHARE,
        "threshold": Rule(infinite=True, whole=True), "patience_s": LONG,
    }  # fmt: skip
    whole_agents: ClassVar[bool] = True

    def row(self, agents: float, awt_s: float, values: Mapping[str, float]) -> Row:
        """One pool."""
        rate = values["contacts_per_hour"]
        if rate == 0.0:
            return idle_row()
        if agents == 0.0:
            law = WeibullPatience(mean_s=min(values["patience_s"], 1e12))
            return unserved_row(rate / 3600.0, values["aht_s"], law, awt_s)
        group = SellingGroup(
            contacts_per_hour=rate, aht_s=values["aht_s"], agents=int(agents), extra_s=values["extra_s"],
            share=values["share"], patience_s=values["patience_s"],
        )  # fmt: skip
        threshold = int(values["threshold"]) if np.isfinite(values["threshold"]) else None
        chain = selling_chain(group, threshold=threshold)
        longest = REACH * (values["aht_s"] + values["extra_s"])
        waits = selling_waits(group, threshold=threshold, awt_s=min(awt_s, longest))
        return Row(
            wait=chain.delay_probability, in_time=waits.answered_in_time, abandonment=chain.abandonment,
            early=waits.abandoned_early, virtual=waits.virtual, served_wait_s=waits.asa_s * (1.0 - chain.abandonment),
            mean_wait_s=chain.mean_wait_s, blocking=0.0, load=rate * values["aht_s"] / 3600.0,
            busy=chain.occupancy * agents, queue_length=chain.queue_length,
        )  # fmt: skip
