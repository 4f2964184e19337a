"""The formulation in Pyomo, one function per numbered equation of the README, compiled once into arrays.

The staffing relation itself (E4), ``load <= A[n]``, is the only one that is not linear; it is added to the compiled
arrays by ``staffing_rows`` as exact steps, as a relaxation (bounds) or as an inner line (designs).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.contracts import contract_rows
from ccopt.optimisation.offer_rows import offers_made
from ccopt.optimisation.problem import Problem
from ccopt.optimisation.site_losses import site_loss
from ccopt.optimisation.solve import Arrays

Ints = NDArray[np.int64]
Extra = Callable[[Any, Problem], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """Arrays of the formulation and where each family of variables stands (-1: the variable does not occur)."""

    arrays: Arrays
    open_site: Ints
    used: Ints
    agents: Ints
    capacity: Ints
    flow: Ints


def variables(m: Any, p: Problem) -> None:
    """Variables: y open, u seats used, z group open, n agents, q certified load, x contacts per hour."""
    sites, groups, arcs, periods = (range(k) for k in (len(p.site_names), len(p.group_names), len(p.arc_group), len(p.hours)))
    seats = seats_or_enough(p)
    most = p.inner.shape[1] - 1
    m.y = pyo.Var(sites, domain=pyo.Binary)
    m.u = pyo.Var(sites, bounds=lambda _, s: (0, int(seats[s])))
    m.z = pyo.Var(groups, domain=pyo.Binary)
    m.n = pyo.Var(groups, periods, domain=pyo.NonNegativeIntegers, bounds=lambda _, g, t: (0, int(
        min(most, seats[p.group_site[g]]) if p.available[p.group_site[g], t] else 0)))
    m.q = pyo.Var(groups, periods, bounds=(0, float(p.outer.max(initial=0.0))))
    m.x = pyo.Var(arcs, periods, bounds=lambda _, e, t: (0, float(p.arc_most[e, t])))


def objective(m: Any, p: Problem) -> None:
    """(E1) Yearly cost: sites, seats, agents, telecom and contracts, overhead staff.

    ``v`` are used seats with equipment; ``pay`` is what a tiered contract or its minimum costs beyond the lowest price,
    which stands in the linear part.
    """
    m.overhead = pyo.Var([(s, k) for s, rows in enumerate(p.overhead) for k in range(len(rows))],
                         domain=pyo.NonNegativeIntegers)
    m.v = pyo.Var(range(len(p.equipped)), bounds=lambda _, k: (0, p.equipped[k].seats if p.equipped[k].seats >= 0 else None))
    m.pay = pyo.Var([s for s, c in enumerate(p.contracts) if c is not None], domain=pyo.NonNegativeReals)
    cost = pyo.quicksum(p.site_cost[s] * m.y[s] for s in m.y)
    cost += pyo.quicksum(p.seat_cost[s] * m.u[s] for s in m.y)
    cost += pyo.quicksum(p.agent_cost[g, t] * m.n[g, t] for g, t in m.n)
    cost += pyo.quicksum(float(p.arc_cost[e, t]) * m.x[e, t] for e, t in m.x)
    cost += pyo.quicksum(p.overhead[s][k].salary_per_year * m.overhead[s, k] for s, k in m.overhead)
    cost += pyo.quicksum(m.pay[s] for s in m.pay)
    cost += pyo.quicksum(p.equipped[k].cost * m.v[k] for k in m.v)
    m.cost = pyo.Objective(expr=cost)


def demand(m: Any, p: Problem, *, at_least_only: bool) -> None:
    """(E2) Every contact is served; in a bound at least the contacts that every design serves."""
    arcs = _arcs_by(p.arc_commodity, len(p.commodity_names))

    def rule(m: Any, c: int, t: int) -> Any:
        if p.demand[c, t] == 0.0:
            return pyo.Constraint.Skip
        total = pyo.quicksum(m.x[e, t] for e in arcs[c])
        if not arcs[c]:
            return pyo.Constraint.Infeasible
        return total >= float(p.demand_low[c, t]) if at_least_only else total == float(p.demand[c, t])

    m.demand = pyo.Constraint(range(len(p.commodity_names)), range(len(p.hours)), rule=rule)


def load(m: Any, p: Problem) -> None:
    """(E3) The load of a group is at most what its agents certify."""
    arcs = _arcs_by(p.arc_group, len(p.group_names))

    def rule(m: Any, g: int, t: int) -> Any:
        return pyo.quicksum(float(p.arc_work[e]) * m.x[e, t] for e in arcs[g]) <= m.q[g, t]

    m.work = pyo.Constraint(range(len(p.group_names)), range(len(p.hours)), rule=rule)


def seats(m: Any, p: Problem) -> None:
    """(E5) Agents present at a site fit into the seats used, and these into the seats of an open site."""
    limit = seats_or_enough(p)
    groups = _arcs_by(p.group_site, len(p.site_names))

    def present(m: Any, s: int, t: int) -> Any:
        return pyo.quicksum(m.n[g, t] for g in groups[s]) <= m.u[s] if groups[s] else pyo.Constraint.Skip

    m.present = pyo.Constraint(range(len(p.site_names)), range(len(p.hours)), rule=present)
    m.seats = pyo.Constraint(list(m.y), rule=lambda m, s: m.u[s] <= int(limit[s]) * m.y[s])


def only_open_sites(m: Any, p: Problem) -> None:
    """(E6) Contacts go to open sites only (per contact and site: the tight form)."""
    pairs: dict[tuple[int, int], list[int]] = {}
    for e, (c, g) in enumerate(zip(p.arc_commodity, p.arc_group, strict=True)):
        pairs.setdefault((int(c), int(p.group_site[g])), []).append(e)

    def rule(m: Any, c: int, s: int, t: int) -> Any:
        if p.demand[c, t] == 0.0:
            return pyo.Constraint.Skip
        return pyo.quicksum(m.x[e, t] for e in pairs[c, s]) <= float(p.demand[c, t]) * m.y[s]

    m.only_open = pyo.Constraint([(c, s, t) for c, s in pairs for t in range(len(p.hours))], rule=rule)


def overhead_staff(m: Any, p: Problem) -> None:
    """(E7) One more overhead person for each started span of used seats."""
    m.span = pyo.Constraint(
        list(m.overhead), rule=lambda m, s, k: p.overhead[s][k].span * m.overhead[s, k] >= m.u[s]
    )


def site_choices(m: Any, p: Problem) -> None:
    """(E8) Contract forms exclude each other; forced and forbidden sites; counts of sites."""
    m.exclusive = pyo.Constraint(
        range(len(p.exclusive)), rule=lambda m, i: pyo.quicksum(m.y[s] for s in p.exclusive[i]) <= 1
    )
    by_name: dict[str, list[int]] = {}
    for s, name in enumerate(p.site_names):
        by_name.setdefault(name, []).append(s)
    forced = sorted({p.site_names[s] for s in np.flatnonzero(p.must_open)})
    m.must_open = pyo.Constraint(forced, rule=lambda m, name: pyo.quicksum(m.y[s] for s in by_name[name]) >= 1)
    m.must_close = pyo.Constraint(np.flatnonzero(p.must_close).tolist(), rule=lambda m, s: m.y[s] <= 0)
    if p.max_sites < len(by_name):
        m.max_sites = pyo.Constraint(expr=pyo.quicksum(m.y[s] for s in m.y) <= p.max_sites)
    if p.max_change is not None:
        closed = pyo.quicksum(1 - pyo.quicksum(m.y[s] for s in by_name[n]) for n in sorted(p.today) if n in by_name)
        opened = pyo.quicksum(m.y[s] for n, mine in by_name.items() if n not in p.today for s in mine)
        m.max_change = pyo.Constraint(expr=closed + opened <= p.max_change)
    if p.min_sites > 0:
        m.min_sites = pyo.Constraint(expr=pyo.quicksum(m.y[s] for s in m.y) >= p.min_sites)


def group_choices(m: Any, p: Problem) -> None:
    """(E9) Open groups: at most so many, each with its least size in the busiest period; least agents at a site."""
    busiest = int(np.argmax(p.demand.sum(axis=0)))

    def at_site(m: Any, name: str) -> Any:
        mine = [m.n[g, busiest] for g, (site, _) in enumerate(p.group_names) if site == name]
        return pyo.quicksum(mine) >= p.min_site_agents[name] if mine else m.y[0] >= 2  # no group: no design

    m.min_site_agents = pyo.Constraint(sorted(p.min_site_agents), rule=at_site)
    if not p.max_groups and not p.min_group_size.any():
        return
    most = p.inner.shape[1] - 1
    m.group_open = pyo.Constraint(list(m.n), rule=lambda m, g, t: m.n[g, t] <= most * m.z[g])
    counted = [
        ([g for g, (site, _) in enumerate(p.group_names) if name in (None, site)], most) for name, most in p.max_groups.items()
    ]
    m.max_groups = pyo.Constraint(
        [i for i, (mine, _) in enumerate(counted) if mine],
        rule=lambda m, i: pyo.quicksum(m.z[g] for g in counted[i][0]) <= counted[i][1],
    )
    sized = [g for g in m.z if p.min_group_size[g] > 0]
    m.min_size = pyo.Constraint(sized, rule=lambda m, g: m.n[g, busiest] >= int(p.min_group_size[g]) * m.z[g])


def contracts(m: Any, p: Problem) -> None:
    """(E10) Tiered prices and yearly minimums of contracts."""
    contract_rows(m, p)


def share_at_site(m: Any, p: Problem) -> None:
    """(E12) No site holds more than a share of all agents."""

    def rule(m: Any, site: str, t: int) -> Any:
        mine = [m.n[g, t] for g, (name, _) in enumerate(p.group_names) if name == site]
        if not mine:
            return pyo.Constraint.Skip
        return pyo.quicksum(mine) <= p.max_share_at_site[site] * pyo.quicksum(m.n[g, t] for g in range(len(p.group_names)))

    m.share_at_site = pyo.Constraint(sorted(p.max_share_at_site), range(len(p.hours)), rule=rule)


def budget(m: Any, p: Problem) -> None:
    """(E13) Cost within the budget."""
    if math.isfinite(p.budget):
        m.budget = pyo.Constraint(expr=m.cost.expr <= p.budget - p.base_cost)


def equipped_seats(m: Any, p: Problem) -> None:
    """(E14) Agents who may serve a type that needs equipment sit at equipped seats."""
    m.equipped = pyo.Constraint(
        list(m.v), range(len(p.hours)),
        rule=lambda m, k, t: pyo.quicksum(m.n[g, t] for g in p.equipped[k].groups) <= m.v[k],
    )  # fmt: skip


def build_model(p: Problem, *, at_least_only: bool = False, extra: Extra | None = None) -> Any:
    """The whole formulation except (E4).

    Parameters
    ----------
    p
        The numbers.
    at_least_only
        Serve at least ``demand_low`` (bounds) instead of exactly ``demand`` (designs).
    extra
        Called with the model and the problem before it is compiled: a user's own constraints.
    """
    m = pyo.ConcreteModel()
    variables(m, p)
    objective(m, p)
    demand(m, p, at_least_only=at_least_only)
    for equation in (load, seats, only_open_sites, overhead_staff, site_choices, group_choices, contracts, site_loss,
                     share_at_site, budget, equipped_seats, offers_made):  # fmt: skip
        equation(m, p)
    if extra is not None:
        extra(m, p)
    return m


def compile_model(m: Any, p: Problem) -> Compiled:
    """Arrays of a model, with the place of each variable."""
    form = LinearStandardFormCompiler().write(m, mixed_form=True, set_sense=None)
    at = {id(v): i for i, v in enumerate(form.columns)}
    kinds = np.array([row.bound_type for row in form.rows])
    rhs = np.asarray(form.rhs, dtype=float)
    bounds = [v.bounds for v in form.columns]
    arrays = Arrays(
        matrix=form.A.tocsr(),
        row_low=np.where(kinds <= 0, rhs, -np.inf) if len(kinds) else rhs,
        row_high=np.where(kinds >= 0, rhs, np.inf) if len(kinds) else rhs,
        cost=np.asarray(form.c.todense(), dtype=float).ravel(),
        low=np.array([-np.inf if b[0] is None else b[0] for b in bounds], dtype=float),
        high=np.array([np.inf if b[1] is None else b[1] for b in bounds], dtype=float),
        integer=np.array([v.is_integer() or v.is_binary() for v in form.columns], dtype=bool),
    )
    periods = len(p.hours)

    def places(var: Any, *shape: int) -> Ints:
        index = list(np.ndindex(*shape))
        return np.array([at.get(id(var[i if len(i) > 1 else i[0]]), -1) for i in index], dtype=np.int64).reshape(shape)

    return Compiled(
        arrays=arrays, open_site=places(m.y, len(p.site_names)), used=places(m.u, len(p.site_names)),
        agents=places(m.n, len(p.group_names), periods), capacity=places(m.q, len(p.group_names), periods),
        flow=places(m.x, len(p.arc_group), periods),
    )  # fmt: skip


def _arcs_by(index: Ints, size: int) -> list[list[int]]:
    out: list[list[int]] = [[] for _ in range(size)]
    for e, i in enumerate(index):
        out[int(i)].append(e)
    return out
