r"""What can be said of all designs before any search: a bound without a solver, and that there is no design.

Every design serves at least ``demand_low``, each contact on some arc, by agents of whom one certifies at most
max_k A[k] / k erlangs. With the cheapest arc for each contact and the cheapest sites that the rules on sites allow,

.. math:: L = base + \sum_{ct} d_{ct} \min_e \Big( a_{et} + b_{gt} \frac{w_e}{\max_k A_g[k] / k} \Big) + \min_y \sum_s y_s F_s

for prices a of contacts and b of agents is at most the cost of every design. It needs no solver, so that a run has a bound
however short it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ccopt.optimisation.aggregation import aggregate
from ccopt.optimisation.compact import fits
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.headcount_rows import headcount_rows, with_headcounts
from ccopt.optimisation.offer_rows import priced
from ccopt.optimisation.prices import cheapest_prices
from ccopt.optimisation.problem import Problem
from ccopt.optimisation.segment_rows import with_segments
from ccopt.optimisation.site_choice import best_sites
from ccopt.optimisation.solve import Arrays, proven_empty
from ccopt.optimisation.staffing_rows import cells_of, with_ratios

SECONDS = 4.0
FINE = 40  # segments per table where the proof must be sharp
MOST_BANDS = 200
TIME_SHARES = (0.0, 0.5, 1.0)  # of the wage, for the time that offers take


def cheap_bound(p: Problem) -> float:
    """The bound L of the module's head; infinite where the rules on sites contradict each other."""
    if p.offers is not None:
        return max(cheap_bound(priced(p, share)) for share in TIME_SHARES)
    prices = cheapest_prices(p)
    served = np.where(prices > 0.0, p.demand_low, p.demand)  # a negative price pays most where all contacts are served
    sites, _ = best_sites(p, p.site_cost, ())
    return p.base_cost + float((prices * served).sum()) + sites


def proven_infeasible(p: Problem, seconds: float = SECONDS) -> bool:
    """Whether no design exists, proven on the outer tables: first by a linear relaxation, then by fine segments.

    ``seconds`` are for each solve. The programmes have no objective, so that any point ends them.
    """
    small = aggregate(p).problem
    relaxed = compile_model(build_model(small, at_least_only=True), small)
    if proven_empty(_without_cost(with_ratios(relaxed, small)), seconds=seconds):
        return True
    if not fits(small):
        return False
    arrays = with_segments(relaxed, small, cells_of(small, small.inner), "outer", count=FINE, focus=_every_band(small))
    return proven_empty(_without_cost(with_headcounts(arrays, relaxed, small, headcount_rows(small))), seconds=seconds)


def _without_cost(arrays: Arrays) -> Arrays:
    return replace(arrays, cost=np.zeros_like(arrays.cost))


def _every_band(p: Problem) -> dict[tuple[int, int], frozenset[int]]:
    if sum(len(m) for m in p.modes) > MOST_BANDS:
        return {}
    return {(g, t): frozenset(range(len(p.modes[g]))) for g in range(len(p.modes)) for t in range(len(p.hours))}
