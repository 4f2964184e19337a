r"""What contracts with tiers or a minimum cost at least, for site programmes, which know seats and agents but no year's quantity.

Problems price such a contract at its lowest tier, c. For a contract per agent hour with falling prices :math:`c_i` the yearly
amount for q hours is the least of lines, but at least the minimum m:

.. math:: f(q) = \min_i \max(m, b_i + c_i q), \qquad \max(m, b_i + c_i q) \ge c_i q + \max(b_i, m - c_i n H),

with n agents present in the busiest period and H hours of all periods, because q is at most n H. So the option costs as much as
under the best of its lines. With other prices there is one line, c q, and what f is above it at least between n h and n H
hours, with the hours h of the shortest period. A contract per seat knows its quantity. Contracts per contact or minute keep
their lowest price.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ccopt.costs import tiered_price
from ccopt.optimisation.contracts import tiers_of
from ccopt.optimisation.problem import Floats, Ints, Problem
from ccopt.scenario.entities import Tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Money per agent-hour beyond the lowest price, and a year for each number of used seats."""

    per_hour: float
    per_year: Floats


def contract_lines(p: Problem, s: int, used: Ints) -> list[Line]:
    """The lines of an option for so many used seats; one without money where its contract is its lowest price."""
    tariff, hours = p.contracts[s], p.hours[p.available[s]]
    if tariff is not None and tariff.per in ("seat", "licence"):
        return [Line(per_hour=0.0, per_year=_beyond(tariff, used.astype(float)))]
    if tariff is not None and tariff.per == "agent_hour" and hours.size:
        return _of_hours(tariff, used, hours)
    return [Line(per_hour=0.0, per_year=np.zeros(len(used)))]


def _of_hours(tariff: Tariff, used: Ints, hours: Floats) -> list[Line]:
    """One line for each price, where they fall."""
    prices = [t.price for t in tiers_of(tariff)]
    if any(later > price for price, later in pairwise(prices)):
        seats = used.astype(float)
        return [Line(per_hour=0.0, per_year=_least_beyond(tariff, seats * hours.min(), seats * hours.sum()))]
    lines, base, most = [], 0.0, used * float(hours.sum())
    for i, tier in enumerate(tiers_of(tariff)):
        lines.append(
            Line(per_hour=tier.price - prices[-1], per_year=np.maximum(base, tariff.minimum - tier.price * most))
        )  # fmt: skip
        if i + 1 < len(prices):
            base += (tier.price - prices[i + 1]) * float(tier.up_to or 0.0)
    return lines


def _least_beyond(tariff: Tariff, least: Floats, most: Floats) -> Floats:
    """The least amount beyond the lowest price between two quantities: at one of them, or where the amount bends."""
    free = tariff.model_copy(update={"minimum": 0.0})
    points = np.array(sorted({0.0, *(float(t.up_to) for t in tiers_of(tariff) if t.up_to is not None), float(most.max(initial=0.0))}))
    bends = np.append(points, np.interp(tariff.minimum, [tiered_price(free, q) for q in points], points))
    inside = (bends >= least[:, None]) & (bends <= most[:, None])
    between = np.where(inside, _beyond(tariff, bends), np.inf).min(axis=1)
    found: Floats = np.minimum(between, np.minimum(_beyond(tariff, least), _beyond(tariff, most)))
    return found


def _beyond(tariff: Tariff, quantity: Floats) -> Floats:
    """The amounts less the lowest price for each unit."""
    lowest = min(t.price for t in tiers_of(tariff))
    found: Floats = np.array([tiered_price(tariff, q) for q in quantity.tolist()]) - lowest * quantity
    return found
