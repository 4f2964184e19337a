"""The account of cross-selling in one agent group: revenue, extra load and added waiting by threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ccopt.queueing.selling import Selling, SellingGroup, selling_chain


@dataclass(frozen=True, slots=True, kw_only=True)
class SellingAccount:
    """One threshold with its revenue, extra load and added waiting against never selling.

    ``net_per_hour`` is revenue less ``wait_value_per_hour`` x added waiting hours less ``lost_value`` x added lost
    contacts.
    """

    steady: Selling
    revenue_per_hour: float
    added_load: float
    added_wait_s: float
    added_abandonment: float
    net_per_hour: float


def selling_accounts(
    group: SellingGroup,
    *,
    success: float,
    revenue: float,
    thresholds: Sequence[int | None] | None = None,
    wait_value_per_hour: float = 0.0,
    lost_value: float = 0.0,
) -> tuple[SellingAccount, ...]:
    """The account of every threshold: revenue, extra load and added waiting side by side.

    Parameters
    ----------
    group
        The work of the group and its offers.
    success, revenue
        Probability that an offer succeeds, money per success.
    thresholds
        Thresholds to try; 0 to ``agents`` and always when None.
    wait_value_per_hour, lost_value
        Money for an hour of a customer's waiting and for a contact that gives up.

    Returns
    -------
    tuple of SellingAccount
        In the order of ``thresholds``.
    """
    base = selling_chain(group, threshold=-1)
    endless = group.contacts_per_hour * (group.aht_s + group.share * group.extra_s) / 3600.0 >= group.agents
    rows = []
    for threshold in [*range(group.agents + 1), None] if thresholds is None else thresholds:
        if threshold is None and np.isinf(group.patience_s) and endless:
            continue
        now = selling_chain(group, threshold=threshold)
        gain = now.offers_per_hour * success * revenue
        waiting = now.queue_length - base.queue_length
        lost = (now.abandonment - base.abandonment) * group.contacts_per_hour
        rows.append(
            SellingAccount(
                steady=now, revenue_per_hour=gain, added_load=now.selling_load,
                added_wait_s=now.mean_wait_s - base.mean_wait_s, added_abandonment=now.abandonment - base.abandonment,
                net_per_hour=gain - wait_value_per_hour * waiting - lost_value * lost,
            )
        )  # fmt: skip
    return tuple(rows)


def best_threshold(
    accounts: Sequence[SellingAccount], *, max_wait_s: float = np.inf, max_abandonment: float = 1.0
) -> SellingAccount | None:
    """The account with the largest net value among those within limits; None where no threshold keeps them."""
    kept = [a for a in accounts if a.steady.mean_wait_s <= max_wait_s and a.steady.abandonment <= max_abandonment]
    return max(kept, key=lambda a: a.net_per_hour, default=None)
