r"""(E15) Offers priced in agents' time: what cross-selling can bring at most to a design of the fixed split.

Take a group with n agents of whom at most a share :math:`\rho` is busy (its occupancy targets), x contacts per hour of each
type, of which a share a is answered, w erlangs of service per contact, and o offers per hour of v erlangs each. An offer is
made to an answered contact by the agent who served it, and an agent serves or sells one thing at a time, so the mean numbers
of agents who serve and who sell add up to those who are busy, whatever the rule by which offers are made (thresholds, shares):

.. math:: o_c \le a x_c \le x_c, \qquad \sum_c a w_c x_c + \sum_c v_c o_c \le \rho n, \qquad a \ge 1 - l_c,

with l the largest share that may abandon under the promises of a type. A group that sells nothing has at most the load A[n] of
its table, so for it the row holds with the share :math:`\min_n \rho n / A[n]` in the place of a; the smaller of the two stands in
the row. Each contact is offered once: :math:`\sum_e x_e \le d`. These rows hold for every design with offers by the same
agent; they hold at full occupancy, and a threshold rule needs some idle time besides, so they leave a gap. Where agents
cost nothing (contracts per contact) the second row asks for nothing.

For a price :math:`\eta \ge 0` of an agent's time the second row leaves the objective linear in agents and contacts: a wage less
by :math:`\rho \eta`, a contact dearer by :math:`\eta (1 - l) w` and cheaper by :math:`(r - \eta v)^+`, for revenue r of an
offer (`priced`). So any bound without offers becomes one with them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyomo.environ as pyo

from ccopt.optimisation.problem import Floats, Ints, Offers, Problem
from ccopt.optimisation.volumes import loss_by_promise, mixed_types
from ccopt.scenario.entities import ContactType, Scenario

SAFE = 2e-6  # twice the tolerance at which agents without promises carry a load


def with_offers(scenario: Scenario, p: Problem) -> Problem:
    """The problem of bounds on designs with offers; itself where the scenario sells nothing.

    Tables are extended (constant) to the agents who could serve and sell everything that may reach a group.
    """
    sold = {x.contact_type: x for x in scenario.cross_selling}
    if not any(kind in sold for _, kind in p.commodity_names):
        return p
    kinds, mixed = {c.name: c for c in scenario.contact_types}, mixed_types(scenario)
    bonus = {s.name: s.pay_per_sale for s in scenario.sites}
    names = [{p.commodity_names[int(c)][1] for c in p.arc_commodity[p.arc_group == g]} for g in range(len(p.group_names))]
    busy = np.array([max((_occupancy(kinds[k]) for k in mine), default=1.0) for mine in names])
    gain, work = np.zeros(p.arc_most.shape), np.zeros(len(p.arc_group))
    sure = _without_offers(p, busy)[p.arc_group]
    for e, (c, g) in enumerate(zip(p.arc_commodity, p.arc_group, strict=True)):
        kind = p.commodity_names[int(c)][1]
        stays = kinds[kind].patience_s is None and kind not in mixed
        sure[e] = min(sure[e], 1.0 if stays else 1.0 - loss_by_promise(kinds[kind]))
        if kind in sold:
            x = sold[kind]
            gain[e] = x.success * max(x.revenue - bonus[p.group_names[int(g)][0]], 0.0) * p.hours
            work[e] = x.extra_s / 3600.0
    found = replace(p, offers=Offers(gain=gain, work=work, load=(1.0 - SAFE) * sure * p.arc_work, busy=busy))
    wide = int(sold_reach(found).max(initial=0)) + 1 - p.outer.shape[1]
    if wide <= 0:
        return found
    longer = [np.pad(table, ((0, 0), (0, wide)), mode="edge") for table in (p.inner, p.outer, p.largest_loss)]
    return replace(found, inner=longer[0], outer=longer[1], largest_loss=longer[2])


def _without_offers(p: Problem, busy: Floats) -> Floats:
    """(G,) share of its load that surely keeps the agents of a group busy that sells nothing, at most 1: by its table alone.

    The group model of types of unlike patience does not keep the balance of work where many leave.
    """
    agents = np.arange(1, p.outer.shape[1])
    ratio = np.divide(busy[:, None] * agents, p.outer[:, 1:], out=np.ones_like(p.outer[:, 1:]), where=p.outer[:, 1:] > 0.0)
    least: Floats = ratio.min(axis=1, initial=1.0)
    return least


def _occupancy(kind: ContactType) -> float:
    """Largest share of its time that an agent of the type may be busy."""
    return min((e.max_occupancy for e in kind.targets if e.max_occupancy is not None), default=1.0)


def sold_reach(p: Problem) -> Ints:
    """(G, T) agents beyond whom a group has neither contacts nor offers for more; 0 where nothing is sold."""
    total = np.zeros((len(p.group_names), len(p.hours)))
    if p.offers is None:
        return total.astype(np.int64)
    sells = np.zeros(total.shape, dtype=bool)
    np.logical_or.at(sells, p.arc_group, p.offers.gain > 0.0)
    np.add.at(total, p.arc_group, (p.arc_work + p.offers.work)[:, None] * p.arc_most)
    return np.where(sells, np.ceil(total / p.offers.busy[:, None]), 0.0).astype(np.int64)


def offers_made(m: Any, p: Problem) -> None:
    """(E15) Offers at most to the contacts that a group serves, in the time that its agents have beside them."""
    if p.offers is None:
        return
    sold = [(int(e), t) for e, t in np.argwhere((p.offers.gain > 0.0) & (p.arc_most > 0.0)).tolist()]
    m.o = pyo.Var(sold, domain=pyo.NonNegativeReals)
    m.offered = pyo.Constraint(sold, rule=lambda m, e, t: m.o[e, t] <= m.x[e, t])
    by_contact: dict[tuple[int, int], list[int]] = {}
    by_cell: dict[tuple[int, int], list[int]] = {}
    for e, t in sold:
        by_contact.setdefault((int(p.arc_commodity[e]), t), []).append(e)
        by_cell.setdefault((int(p.arc_group[e]), t), []).append(e)
    m.once = pyo.Constraint(
        list(by_contact), rule=lambda m, c, t: pyo.quicksum(m.x[e, t] for e in by_contact[c, t]) <= float(p.demand[c, t])
    )

    def time(m: Any, g: int, t: int) -> Any:
        assert p.offers is not None
        service = pyo.quicksum(float(p.offers.load[e]) * m.x[e, t] for e in np.flatnonzero(p.arc_group == g).tolist())
        selling = pyo.quicksum(float(p.offers.work[e]) * m.o[e, t] for e in by_cell[g, t])
        return service + selling <= float(p.offers.busy[g]) * m.n[g, t]

    m.selling_time = pyo.Constraint(list(by_cell), rule=time)
    m.cost.set_value(m.cost.expr - pyo.quicksum(float(p.offers.gain[e, t]) * m.o[e, t] for e, t in sold))


def credits(p: Problem, time_price: Floats) -> Floats:
    """(E, T) money a year that a contact per hour costs more, or less, at prices (G, T) of an agent's time."""
    assert p.offers is not None
    price = time_price[p.arc_group]
    worth = np.maximum(p.offers.gain - price * p.offers.work[:, None], 0.0)
    found: Floats = price * p.offers.load[:, None] - worth
    return found


def time_left(p: Problem, time_price: Floats, agents: Floats, flow: Floats) -> Floats:
    """(G, T) agents' time that is left of agents (G, T) when flows (E, T) are served and all offers that pay are made."""
    assert p.offers is not None
    pays = p.offers.gain > time_price[p.arc_group] * p.offers.work[:, None]
    used = np.zeros(agents.shape)
    np.add.at(used, p.arc_group, (p.offers.load[:, None] + np.where(pays, p.offers.work[:, None], 0.0)) * flow)
    left: Floats = p.offers.busy[:, None] * agents - used
    return left


def priced(p: Problem, share: float) -> Problem:
    """A problem without offers whose bounds hold with them: an agent's time at a share of the wage."""
    if p.offers is None:
        return p
    time_price = share * p.agent_cost
    wage = p.agent_cost - p.offers.busy[:, None] * time_price
    return replace(p, agent_cost=wage, arc_cost=p.arc_cost + credits(p, time_price), offers=None)


def without_offers(p: Problem) -> Problem:
    """A problem without offers whose bounds hold with them: less what offers to all contacts bring, at no time of agents."""
    if p.offers is None:
        return p
    best = np.zeros(p.demand.shape)
    np.maximum.at(best, p.arc_commodity, p.offers.gain)
    return replace(p, base_cost=p.base_cost - float((best * p.demand).sum()), offers=None)
