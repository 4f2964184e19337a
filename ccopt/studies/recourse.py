r"""Two stages: own agents are fixed before the rates are known, what they cannot serve as promised goes to a vendor.

For period t with hours h, expected rates λ, own agents n (wage w per paid hour at work), price q per contact of the vendor and
busyness F (gamma, mean 1, variance v), agents n keep the promises up to the factor :math:`a_t(n)` of the rates. The
contacts above it overflow:

.. math:: \min_{n_t \le N} \; s N + \sum_t h_t \left( w n_t + q \lambda_t E[(F - a_t(n_t))^+] \right)

a newsvendor per period, coupled by the seats N (s a year each), solved exactly by trying every N. With
:math:`k = 1/v`, :math:`E[(F - a)^+] = \bar G_{k+1}(a) - a \bar G_k(a)` for the gamma tails of shape k+1 and k, scale v.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from ccopt.scenario.entities import Scenario, Site, SkillSet
from ccopt.staffing.group_queue import keeps
from ccopt.staffing.group_types import TypeInGroup, type_in_group
from ccopt.studies.uncertain_demand import group_variance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FARTHEST = 0.999


@dataclass(frozen=True, slots=True, kw_only=True)
class Recourse:
    """The best mix of own agents and overflow.

    Attributes
    ----------
    periods
        One row per period: own agents, largest factor that they serve as promised, expected contacts per hour that
        overflow, and the chance that any do.
    cost_per_year
        Expected: wages, seats and the vendor's price.
    cost_own_only
        Own agents for the 99.9 % quantile of the rates and no vendor.
    cost_vendor_only
        All contacts at the vendor.
    overflow_share
        Of all contacts.
    """

    periods: pd.DataFrame
    cost_per_year: float
    cost_own_only: float
    cost_vendor_only: float
    overflow_share: float


def expected_excess(factor: ArrayLike, variance: float) -> Floats:
    """E[(F - a)+] of a gamma factor with mean 1.

    Examples
    --------
    >>> expected_excess([0.0, 1.0], 1.0).round(6)  # exponential: exp(-a)
    array([1.      , 0.367879])
    """
    a = np.asarray(factor, dtype=float)
    if variance <= 0.0:
        return np.maximum(1.0 - a, 0.0)
    k = 1.0 / variance
    above = stats.gamma.sf(a, k + 1.0, scale=variance) - a * stats.gamma.sf(a, k, scale=variance)
    return np.asarray(np.maximum(above, 0.0))


def newsvendor(
    hourly_own: ArrayLike, served: Floats, overflow_price: Floats, *, variance: float, seat_cost: float = 0.0
) -> tuple[Ints, float]:
    """Agents per period and expected cost a year of the two-stage problem.

    Parameters
    ----------
    hourly_own
        (T,) cost a year of one own agent in each period (wage x hours).
    served
        (T, K + 1) largest factor that 0..K agents serve as promised.
    overflow_price
        (T,) cost a year if all contacts of the period overflowed.
    variance
        Of the factor.
    seat_cost
        A year, for each agent of the busiest period.

    Returns
    -------
    tuple
        (T,) agents, and the least expected cost.
    """
    own = np.asarray(hourly_own, dtype=float)
    count = np.arange(served.shape[1])
    cost = own[:, None] * count[None, :] + overflow_price[:, None] * expected_excess(served, variance)
    best_up_to = np.minimum.accumulate(cost, axis=1)
    total = best_up_to.sum(axis=0) + seat_cost * count
    seats = int(np.argmin(total))
    agents = np.argmin(cost[:, : seats + 1], axis=1)
    return np.asarray(agents, dtype=np.int64), float(total[seats])


def two_stage(scenario: Scenario, *, own: str, vendor: str) -> Recourse:
    """Own agents at one site, overflow of what they cannot serve as promised to a vendor paid by contact or minute.

    One group of universal agents at the own site takes all contact types; both sites must be able to serve all of them.

    Parameters
    ----------
    scenario
        With the block ``uncertainty``.
    own, vendor
        Names of sites; the vendor has a tariff per contact or minute without tiers.

    Raises
    ------
    ValueError
        No uncertainty, unknown sites, no skill set for all types, or another form of tariff.
    """
    if not scenario.uncertainty:
        msg = f"scenario {scenario.name!r}: has no block uncertainty"
        raise ValueError(msg)
    sites = {s.name: s for s in scenario.sites}
    missing = [n for n in (own, vendor) if n not in sites]
    if missing:
        msg = f"sites {missing}: not declared; have {list(sites)}"
        raise ValueError(msg)
    skill = _universal(scenario)
    hours = np.array([p.hours_per_year for p in scenario.periods])
    rates = _rates(scenario)
    aht = np.array([c.aht_s for c in scenario.contact_types])
    variance = group_variance(scenario, (rates * aht[:, None]) @ hours)
    home = sites[own]
    wage = home.wage_per_hour * skill.wage_factor / (1.0 - home.shrinkage)
    price = _prices(sites[vendor], aht)
    kinds = [type_in_group(c, skill.aht_factor) for c in scenario.contact_types]
    farthest = float(stats.gamma.ppf(FARTHEST, 1.0 / variance, scale=variance)) if variance > 0 else 1.0
    served = _served(kinds, rates, farthest)
    overflow = hours * (price @ rates)
    agents, cost = newsvendor(wage * hours, served, overflow, variance=variance, seat_cost=home.seat_cost_per_year)
    factor = served[np.arange(len(hours)), agents]
    spilled = rates.sum(axis=0) * expected_excess(factor, variance)
    enough = np.argmax(served >= farthest, axis=1)
    table = pd.DataFrame({
        "agents": agents, "factor_served": factor, "overflow_per_hour": spilled,
        "overflow_probability": stats.gamma.sf(factor, 1.0 / variance, scale=variance) if variance > 0 else factor < 1.0,
    }, index=[p.name for p in scenario.periods])  # fmt: skip
    fixed = home.fixed_cost_per_year
    return Recourse(
        periods=table, cost_per_year=cost + fixed,
        cost_own_only=float(wage * hours @ enough) + home.seat_cost_per_year * float(enough.max()) + fixed,
        cost_vendor_only=float(overflow.sum()), overflow_share=float(hours @ spilled / (hours @ rates.sum(axis=0))),
    )  # fmt: skip


def _universal(scenario: Scenario) -> SkillSet:
    wanted = {c.name for c in scenario.contact_types}
    able = [k for k in scenario.skill_sets if wanted <= set(k.contact_types)]
    if not able:
        msg = f"skill_sets: none serves all of {sorted(wanted)}"
        raise ValueError(msg)
    return min(able, key=lambda k: k.wage_factor * k.aht_factor)


def _rates(scenario: Scenario) -> Floats:
    """(C, T) contacts per hour of all regions."""
    at = {c.name: i for i, c in enumerate(scenario.contact_types)}
    out = np.zeros((len(at), len(scenario.periods)))
    for d in scenario.demand:
        out[at[d.contact_type]] += np.asarray(d.contacts_per_hour, dtype=float)
    return out


def _prices(vendor: Site, aht_s: Floats) -> Floats:
    """(C,) price of a contact."""
    tariff = vendor.tariff
    if tariff is None or tariff.per not in ("contact", "minute") or tariff.price is None:
        msg = f"site {vendor.name!r}: needs a tariff per contact or minute with one price"
        raise ValueError(msg)
    return tariff.price * (np.ones_like(aht_s) if tariff.per == "contact" else aht_s / 60.0)


def _served(kinds: list[TypeInGroup], rates: Floats, farthest: float) -> Floats:
    """(T, K + 1) largest factor of the rates at which n agents keep all promises; K serve the farthest."""
    rows = []
    for column in rates.T:
        used = np.flatnonzero(column > 0.0)
        mine, x = [kinds[i] for i in used], column[used]
        row = [np.inf if not used.size else 0.0]
        while row[-1] < farthest:
            low, high = row[-1], farthest * 1.01
            n = len(row)
            if keeps(mine, x * high, n):
                low = high
            while high - low > 1e-4:
                middle = 0.5 * (low + high)
                low, high = (middle, high) if keeps(mine, x * middle, n) else (low, middle)
            row.append(low)
        rows.append(row)
    most = max(len(r) for r in rows)
    return np.array([r + [max(r[-1], farthest)] * (most - len(r)) for r in rows])
