"""Which families of limits are in conflict: drop one, see whether a design appears, and say what that costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ccopt.errors import InfeasibleError
from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.designs import STEP_BINARIES, Attempt, by_lines, exact, exact_size
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.problem import Problem, Solution
from ccopt.optimisation.solve import solve_arrays
from ccopt.optimisation.staffing_rows import cells_of, with_ratios, with_steps
from ccopt.scenario.entities import Scenario

SECONDS = 4.0
MORE_SEATS = 20

Words = Callable[[Problem, Solution], tuple[str, str]]


def relax_families(scenario: Scenario, p: Problem) -> None:
    """Raise `InfeasibleError` naming every family that, dropped alone, leaves a design; cheapest repair first.

    Nothing is raised unless it is proven that no design exists; a family is named only where a design without it was
    found.
    """
    if not proven_infeasible(p):
        return
    found: list[tuple[float, str, str]] = []
    for relaxed, words in _families(scenario, p):
        attempt = solve_quickly(relaxed)
        if attempt.solution is not None:
            conflict, repair = words(p, attempt.solution)
            found.append((attempt.solution.cost, conflict, repair))
    if found:
        found.sort(key=lambda f: f[0])
        raise InfeasibleError([c for _, c, _ in found], [found[0][2]])
    msg = "seats, targets, links and limits together leave no design; relaxing one family alone does not help"
    raise InfeasibleError([msg], ["relax two of them together, such as seats and the number of sites"])


def proven_infeasible(p: Problem) -> bool:
    """Whether no design exists, proven on the outer tables: exactly where small, else without whole numbers."""
    relaxed = compile_model(build_model(p, at_least_only=True), p)
    cells = cells_of(p, p.inner)
    if exact_size(p, cells) <= STEP_BINARIES:
        arrays = with_steps(relaxed, p, cells, "outer")
    else:
        arrays = with_ratios(relaxed, p)
    return all(
        solve_arrays(arrays, time_limit_s=SECONDS * 2, presolve=on).status == "infeasible" for on in (True, False)
    )


def solve_quickly(p: Problem) -> Attempt:
    """Any design of a problem, in a few seconds."""
    compiled = compile_model(build_model(p), p)
    if exact_size(p, cells_of(p, p.inner)) <= STEP_BINARIES:
        return exact(p, compiled, "inner", time_limit_s=SECONDS, gap=0.01, seed=0)
    even = p.demand[p.arc_commodity] / np.bincount(p.arc_commodity)[p.arc_commodity][:, None]
    return by_lines(p, compiled, even, wide=5.0, time_limit_s=SECONDS, gap=0.05, seed=0)


def _families(scenario: Scenario, p: Problem) -> list[tuple[Problem, Words]]:
    families: list[tuple[Problem, Words]] = []
    if math.isfinite(p.budget):
        families.append((replace(p, budget=math.inf), lambda p, s: (
            f"the budget of {p.budget:,.0f} a year", f"raise the budget to {s.cost + p.base_cost:,.0f}")))  # fmt: skip
    if p.max_sites < len(set(p.site_names)):
        families.append((replace(p, max_sites=len(p.site_names)), lambda p, s: (
            f"at most {p.max_sites} sites", f"allow {int(s.open_sites.sum())} sites")))  # fmt: skip
    if p.must_close.any():
        families.append((replace(p, must_close=np.zeros_like(p.must_close)), lambda p, s: (
            "sites forced closed: " + ", ".join(p.site_names[i] for i in np.flatnonzero(p.must_close)),
            "allow " + ", ".join(p.site_names[i] for i in np.flatnonzero(s.open_sites & p.must_close)))))  # fmt: skip
    if p.site_loss is not None:
        families.append((replace(p, site_loss=None), lambda p, s: (
            "surviving the loss of any one site", "accept a smaller share after a loss, or more surge")))  # fmt: skip
    if p.max_groups is not None:
        families.append((replace(p, max_groups=None), lambda p, s: (
            f"at most {p.max_groups} agent groups", f"allow {int(s.agents.any(axis=1).sum())} groups")))  # fmt: skip
    if p.max_share_at_site < 1.0:
        families.append((replace(p, max_share_at_site=1.0), lambda p, s: (
            f"no site with more than {p.max_share_at_site:.0%} of the agents", "allow a larger share")))  # fmt: skip
    if (p.seats >= 0).any():
        wide = np.where(p.seats >= 0, np.maximum(p.seats * MORE_SEATS, p.inner.shape[1]), p.seats)
        families.append((replace(p, seats=wide), _seat_words))
    return families


def _seat_words(p: Problem, s: Solution) -> tuple[str, str]:
    seats = seats_or_enough(p)
    used = np.zeros(len(p.site_names))
    for i in range(len(used)):
        mine = s.agents[p.group_site == i]
        used[i] = mine.sum(axis=0).max(initial=0) if len(mine) else 0
    short = [(p.site_names[i], int(used[i] - seats[i])) for i in np.flatnonzero(used > seats)]
    amount = ", ".join(f"{n} more at {name}" for name, n in short)
    return f"seats ({int(seats.sum())} in all)", f"add seats: {amount}" if amount else "add seats"
