"""Which families of limits are in conflict: drop one, see whether a design appears, and say what that costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ccopt.errors import InfeasibleError
from ccopt.optimisation.aggregation import aggregate
from ccopt.optimisation.bands import merged_modes
from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.compact import fits
from ccopt.optimisation.construct import Construction
from ccopt.optimisation.designs import Attempt, by_lines, read_solution
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.loss_rows import loss_rows
from ccopt.optimisation.problem import Floats, Problem, Solution
from ccopt.optimisation.proofs import FINE, SECONDS
from ccopt.optimisation.segment_rows import with_segments
from ccopt.optimisation.solve import solve_arrays
from ccopt.optimisation.staffing_rows import cells_of
from ccopt.showing import counted

MORE_SEATS = 20
TARGETS = "the service targets"

Words = Callable[[Problem, Solution], tuple[str, str]]


def relax_families(p: Problem) -> None:
    """Raise `InfeasibleError` naming every family that, dropped alone, leaves a design; cheapest repair first.

    To be called where it is proven that no design exists; a family is named only where a design without it was found.
    """
    found: list[tuple[float, str, str]] = []
    for relaxed, words in _families(p):
        attempt = solve_quickly(relaxed)
        if attempt.solution is not None:
            conflict, repair = words(p, attempt.solution)
            found.append((attempt.solution.cost, conflict, repair))
    if found:
        found.sort(key=lambda f: (f[1] == TARGETS, f[0]))  # weaker service is the last thing to offer
        raise InfeasibleError([c for _, c, _ in found], [found[0][2]])
    msg = "seats, targets, links and limits together leave no design; relaxing one family alone does not help"
    raise InfeasibleError([msg], ["relax two of them together, such as seats and the number of sites"])


def solve_quickly(p: Problem) -> Attempt:
    """Any design of a problem, in a few seconds; the cheapest that is found."""
    aggregated = aggregate(p)
    small = aggregated.problem
    compiled = compile_model(build_model(small), small)
    if fits(small):
        cells = cells_of(small, small.inner)
        count = FINE if sum(len(merged_modes(small.modes[int(g)], frozenset())) for g in cells.group) < FINE else 8
        arrays = with_segments(compiled, small, cells, "inner", count=count)
        outcome = solve_arrays(arrays, time_limit_s=SECONDS, gap=0.001)
        if outcome.point is not None:
            found = read_solution(small, compiled, outcome.point, outcome.objective)
            return Attempt(solution=aggregated.lift(found), outcome=outcome)
    first = Construction(small).search()
    even = small.demand[small.arc_commodity] / np.bincount(small.arc_commodity)[small.arc_commodity][:, None]
    attempt = by_lines(
        small, compiled, even if first is None else first.flows, wide=5.0, time_limit_s=SECONDS, gap=0.05, seed=0
    )
    best = attempt.solution or (first if first is not None and first.cost + p.base_cost <= p.budget else None)
    return Attempt(solution=None if best is None else aggregated.lift(best), outcome=attempt.outcome)


def _families(p: Problem) -> list[tuple[Problem, Words]]:
    """The problem without each family of limits, and how to say it."""
    return [*_of_sites(p), *_of_groups(p), *_of_seats(p)]


def _of_sites(p: Problem) -> list[tuple[Problem, Words]]:
    families: list[tuple[Problem, Words]] = []
    names = np.array(p.site_names)
    if math.isfinite(p.budget):
        families.append((replace(p, budget=math.inf), lambda p, s: (
            f"the budget of {p.budget:,.0f} a year", f"raise the budget to {math.ceil(s.cost + p.base_cost):,}")))  # fmt: skip
    if p.max_sites < len(set(p.site_names)):
        families.append((replace(p, max_sites=len(p.site_names)), lambda p, s: (
            f"at most {counted(p.max_sites, 'site')}", f"allow {counted(s.open_sites.sum(), 'site')}")))  # fmt: skip
    if p.must_close.any():
        families.append((replace(p, must_close=np.zeros_like(p.must_close)), lambda p, s: (
            "sites forced closed: " + ", ".join(names[p.must_close]),
            "allow " + ", ".join(names[s.open_sites & p.must_close]))))  # fmt: skip
    if p.max_change is not None:
        families.append((replace(p, max_change=None), lambda p, s: (
            f"at most {counted(p.max_change or 0, 'site')} may differ from today",
            f"allow {counted(len(set(names[s.open_sites].tolist()) ^ p.today), 'change')}")))  # fmt: skip
    if p.site_loss is not None:
        families.append((replace(p, site_loss=None), _loss_words))
    if p.max_share_at_site:
        families.append((replace(p, max_share_at_site={}), lambda p, s: (
            f"no site with more than {min(p.max_share_at_site.values()):.0%} of the agents",
            f"allow a share of {_largest_share(p, s):.4f} at one site")))  # fmt: skip
    return families


def _of_groups(p: Problem) -> list[tuple[Problem, Words]]:
    families: list[tuple[Problem, Words]] = []
    for site, most in p.max_groups.items():
        rest = {k: v for k, v in p.max_groups.items() if k != site}
        families.append((replace(p, max_groups=rest), _group_words(site, most)))
    if p.min_group_size.any():
        busiest = int(np.argmax(p.demand.sum(axis=0)))
        families.append((replace(p, min_group_size=np.zeros_like(p.min_group_size)), lambda p, s: (
            f"at least {counted(p.min_group_size.max(), 'agent')} in an open group",
            f"accept groups of {counted(s.agents[s.agents.any(axis=1), busiest].min(initial=0), 'agent')}")))  # fmt: skip
    if p.min_site_agents:
        families.append((replace(p, min_site_agents={}), lambda p, s: (
            "least agents at " + ", ".join(sorted(p.min_site_agents)), "drop the least number of agents there")))  # fmt: skip
    return families


def _group_words(site: str | None, most: int) -> Words:
    where = "" if site is None else f" at {site}"

    def words(p: Problem, s: Solution) -> tuple[str, str]:
        mine = np.array([site in (None, name) for name, _ in p.group_names], dtype=bool)
        return f"at most {most} agent groups{where}", f"allow {int(s.agents[mine].any(axis=1).sum())} groups{where}"

    return words


def _of_seats(p: Problem) -> list[tuple[Problem, Words]]:
    families: list[tuple[Problem, Words]] = []
    if (p.seats >= 0).any():
        wide = np.where(p.seats >= 0, np.maximum(p.seats * MORE_SEATS, p.inner.shape[1]), p.seats)
        families.append((replace(p, seats=wide), _seat_words))
    if any(k.seats >= 0 for k in p.equipped):
        families.append((replace(p, equipped=()), lambda p, s: (
            "equipped seats of " + ", ".join(sorted({f"{p.site_names[k.site]} ({k.name}: {k.seats})" for k in p.equipped if k.seats >= 0})),
            "equip more seats")))  # fmt: skip
    agents = np.broadcast_to(np.arange(p.inner.shape[1], dtype=float), p.inner.shape)
    modes = tuple(
        tuple(replace(m, inner=np.arange(len(m.inner), dtype=float), outer=np.arange(len(m.inner), dtype=float)) for m in mine)
        for mine in p.modes
    )
    families.append((replace(p, inner=agents.copy(), outer=agents.copy(), modes=modes), lambda p, s: (
        TARGETS, f"accept weaker targets: without any, {counted(s.agents.sum(axis=0).max(), 'agent')} would do")))  # fmt: skip
    return families


def seats_needed(p: Problem) -> str | None:
    """The seats that a design without the limit on seats uses beyond them, in words; None where none is found."""
    relaxed, words = _of_seats(p)[0]
    attempt = solve_quickly(relaxed)
    return None if attempt.solution is None or not (p.seats >= 0).any() else words(p, attempt.solution)[1]


def _present(p: Problem, s: Solution) -> Floats:
    out = np.zeros((len(p.site_names), len(p.hours)))
    np.add.at(out, p.group_site, s.agents)
    return out


def _largest_share(p: Problem, s: Solution) -> float:
    total = np.maximum(s.agents.sum(axis=0), 1)
    return float(np.ceil((_present(p, s) / total).max() * 1e4) / 1e4)


def _loss_words(p: Problem, s: Solution) -> tuple[str, str]:
    rows = loss_rows(p)
    kept = (rows.weight @ s.agents) / np.maximum(rows.need, 1e-12)
    rule = p.site_loss
    share = math.floor(float(kept.min(initial=1.0)) * (rule.share if rule else 1.0) * 1e4) / 1e4
    mend = f"accept a share of {share:.4f} of the load after a loss" if share > 0.0 else "accept that no site may be lost"
    return "surviving the loss of any one site", mend


def _seat_words(p: Problem, s: Solution) -> tuple[str, str]:
    seats = seats_or_enough(p)
    used = _present(p, s).max(axis=1, initial=0)
    short = [(p.site_names[i], int(used[i] - seats[i])) for i in np.flatnonzero(used > seats)]
    pooled = [name for name, _ in short if name in p.pooled]
    amount = ", ".join(f"{n} more at {name}" for name, n in short)
    what = "seats and labour pools" if p.pooled else "seats"
    verb = "widen the labour pool" if pooled and len(pooled) == len(short) else "add seats"
    return f"{what} ({int(seats.sum())} in all)", f"{verb}: {amount}" if amount else "add seats"
