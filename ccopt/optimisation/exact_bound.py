"""The exact programme on the outer tables: every design is a point of it, so its proven bound holds for all."""

from __future__ import annotations

from collections.abc import Callable

from ccopt.optimisation.designs import Attempt, read_solution
from ccopt.optimisation.formulation import Compiled
from ccopt.optimisation.headcount_rows import HeadcountRows, with_headcounts
from ccopt.optimisation.problem import Problem
from ccopt.optimisation.solve import Watch, confirmed, solve_arrays
from ccopt.optimisation.staffing_rows import cells_of, with_steps


def exact_bound(
    p: Problem, compiled: Compiled, rows: HeadcountRows, *, time_limit_s: float, gap: float, seed: int,
    stop: Callable[[], bool],
) -> Attempt:  # fmt: skip
    """Solve it with rows on whole agents; its point may be a design as well."""
    arrays = with_headcounts(with_steps(compiled, p, cells_of(p, p.inner), "outer"), compiled, p, rows)
    outcome = solve_arrays(arrays, time_limit_s=time_limit_s, gap=gap, seed=seed, watch=Watch(stop=stop))
    outcome = confirmed(arrays, outcome, seconds=time_limit_s)
    found = None if outcome.point is None else read_solution(p, compiled, outcome.point, outcome.objective)
    return Attempt(solution=found, outcome=outcome)
