r"""(E15) Offers priced in agents' time: what cross-selling can bring at most to a design of the fixed split.

Take a group with n agents of whom at most a share :math:`\rho` is busy (its occupancy targets), x contacts per hour of each
type, of which a share a is answered, w erlangs of service per contact, and o offers per hour of v erlangs each. An *own* offer
is made to an answered contact by the agent who served it, and an agent serves or sells one thing at a time, so the mean numbers
of agents who serve and who sell add up to those who are busy, whatever the rule by which offers are made (thresholds, shares):

.. math:: o_c \le a x_c \le x_c, \qquad \sum_c a w_c x_c + \sum_c v_c o_c \le \rho n, \qquad a \ge 1 - l_c,

with l the largest share that may abandon under the promises of a type. A group that sells nothing has at most the load A[n] of
its table, so for it the row holds with the share :math:`\min_n \rho n / A[n]` in the place of a; the smaller of the two stands in
the row. Each contact is offered once: :math:`\sum_e x_e \le d`.

Or the offer is made by warm transfer: the first agent spends b erlangs per offer per hour on handing the customer over, an
agent of any group of the design b + v. Let h per hour be so made after contacts of an arc (those that are answered by the
seller), and s erlangs be sold in a group. Where a group serves contacts, its promises leave :math:`\rho n` agents for all of
its work, :math:`u + s \le \rho n` with u its service, own offers and briefings as above; where it only sells, u = 0 and
:math:`s \le n`. Both give :math:`u / \rho + s \le n`, and the sum over the groups of the design, with all that is handed
over in the place of all s, is

.. math:: o + h \le x, \qquad u_g \le \rho_g n_g, \qquad \sum_g u_g / \rho_g + \sum_c (b_c + v_c) h_c \le \sum_g n_g + m.

Here n is the agents up to those who could serve and sell everything that may reach a group by itself; m are all agents beyond
them, at the least wage of any group and no seat, so that tables need no room for sellers. A sale by transfer is paid at the
least pay of any site. Where a group may exist that serves no region (it has no variables here), its agents cost nothing.

These rows hold for every design with offers on either route; they hold at full occupancy, and a threshold rule needs some
idle time besides, so they leave a gap. Where agents cost nothing (contracts per contact) they ask for nothing. They count on
what a group certifies without offers, A[n]: for transfers, which simulation judges, they bound the designs whose groups keep
their promises by the group model too before they sell, as designs of `ccopt.optimise` do.

For prices :math:`\eta_g \ge 0` of agents' time, and :math:`\sigma = \min_g \rho_g \eta_g` of sellers' time (at most the least
wage), the objective is linear in agents and contacts: a wage less by :math:`\rho \eta`, a contact dearer by
:math:`\eta (1 - l) w` and cheaper by the best of nothing, :math:`r - \eta v` and :math:`r' - \eta b - \sigma (b + v)`, for
revenue r, r' of an offer by either route (`priced`). So any bound without offers becomes one with them.
"""

from __future__ import annotations

from collections.abc import Callable
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
    gain, handed_gain = np.zeros(p.arc_most.shape), np.zeros(p.arc_most.shape)
    work, briefing, handed = np.zeros((3, len(p.arc_group)))
    paid, unseen = min(bonus.values()), _sells_unseen(scenario, p)
    sure = _without_offers(p, busy)[p.arc_group]
    for e, (c, g) in enumerate(zip(p.arc_commodity, p.arc_group, strict=True)):
        kind = p.commodity_names[int(c)][1]
        stays = kinds[kind].patience_s is None and kind not in mixed
        sure[e] = min(sure[e], 1.0 if stays else 1.0 - loss_by_promise(kinds[kind]))
        if kind in sold:
            x = sold[kind]
            gain[e] = x.success * max(x.revenue - bonus[p.group_names[int(g)][0]], 0.0) * p.hours
            handed_gain[e] = x.success * max(x.revenue - paid, 0.0) * p.hours
            work[e], briefing[e] = x.extra_s / 3600.0, x.briefing_s / 3600.0
            handed[e] = 0.0 if unseen else briefing[e] + work[e]
    found = replace(p, offers=Offers(
        gain=gain, work=work, load=(1.0 - SAFE) * sure * p.arc_work, busy=busy, handed_gain=handed_gain, briefing=briefing,
        handed=handed,
    ))  # fmt: skip
    wide = int(sold_reach(found).max(initial=0)) + 1 - p.outer.shape[1]
    if wide <= 0:
        return found
    longer = [np.pad(table, ((0, 0), (0, wide)), mode="edge") for table in (p.inner, p.outer, p.largest_loss)]
    return replace(found, inner=longer[0], outer=longer[1], largest_loss=longer[2])


def _sells_unseen(scenario: Scenario, p: Problem) -> bool:
    """Whether a site may have a group that serves no region, so that it is not in the problem, but could sell."""
    able = {
        (s.name, k.name) for s in scenario.sites for k in scenario.skill_sets if s.skill_sets is None or k.name in s.skill_sets
    }  # fmt: skip
    return not able <= set(p.group_names)


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
    """(E15) Offers at most to the contacts that a group serves, in the time that its agents, or sellers, have beside them."""
    if p.offers is None:
        return
    best = np.maximum(p.offers.gain, p.offers.handed_gain)
    sold = [(int(e), t) for e, t in np.argwhere((best > 0.0) & (p.arc_most > 0.0)).tolist()]
    m.o, m.h = (pyo.Var(sold, domain=pyo.NonNegativeReals) for _ in range(2))
    m.offered = pyo.Constraint(sold, rule=lambda m, e, t: m.o[e, t] + m.h[e, t] <= m.x[e, t])
    by_contact: dict[tuple[int, int], list[int]] = {}
    by_cell: dict[tuple[int, int], list[int]] = {}
    for e, t in sold:
        by_contact.setdefault((int(p.arc_commodity[e]), t), []).append(e)
        by_cell.setdefault((int(p.arc_group[e]), t), []).append(e)
    m.once = pyo.Constraint(
        list(by_contact), rule=lambda m, c, t: pyo.quicksum(m.x[e, t] for e in by_contact[c, t]) <= float(p.demand[c, t])
    )
    used = _used(m, p, p.offers, by_cell)
    m.selling_time = pyo.Constraint(
        list(by_cell), rule=lambda m, g, t: used(g, t) <= float(p.offers.busy[g]) * m.n[g, t]
    )
    _sellers(m, p, p.offers, sold, used)
    m.cost.set_value(
        m.cost.expr - pyo.quicksum(float(p.offers.gain[e, t]) * m.o[e, t] for e, t in sold)
        - pyo.quicksum(float(p.offers.handed_gain[e, t]) * m.h[e, t] for e, t in sold)
        + pyo.quicksum(float(p.agent_cost[:, t].min()) * m.sellers[t] for t in m.sellers)
    )  # fmt: skip


def _used(m: Any, p: Problem, offers: Offers, by_cell: dict[tuple[int, int], list[int]]) -> Callable[[int, int], Any]:
    """Erlangs of service, own offers and briefings in a group and period."""
    arcs = [np.flatnonzero(p.arc_group == g).tolist() for g in range(len(p.group_names))]

    def used(g: int, t: int) -> Any:
        service = pyo.quicksum(float(offers.load[e]) * m.x[e, t] for e in arcs[g])
        return service + pyo.quicksum(
            float(offers.work[e]) * m.o[e, t] + float(offers.briefing[e]) * m.h[e, t] for e in by_cell.get((g, t), ())
        )

    return used


def _sellers(
    m: Any, p: Problem, offers: Offers, sold: list[tuple[int, int]], used: Callable[[int, int], Any]
) -> None:  # fmt: skip
    """What is handed over finds its time beside the work of all groups, or with agents who only sell."""
    periods = sorted({t for _, t in sold})
    m.sellers = pyo.Var(periods, domain=pyo.NonNegativeReals)

    def found(m: Any, t: int) -> Any:
        handed = pyo.quicksum(float(offers.handed[e]) * m.h[e, u] for e, u in sold if u == t)
        busy = pyo.quicksum(used(g, t) / float(offers.busy[g]) for g in range(len(p.group_names)))
        return busy + handed <= pyo.quicksum(m.n[g, t] for g in range(len(p.group_names))) + m.sellers[t]

    m.sellers_time = pyo.Constraint(periods, rule=found)


def sellers_price(p: Problem, time_price: Floats) -> Floats:
    """(T,) money a year of an erlang of the seller that customers are handed to, at prices (G, T) of an agent's time."""
    assert p.offers is not None
    price: Floats = (p.offers.busy[:, None] * time_price).min(axis=0, initial=np.inf)
    return price


def _worth(p: Problem, time_price: Floats) -> tuple[Floats, Floats]:
    """(E, T) money a year of an offer per hour by the same agent, and by warm transfer, less the time that it takes."""
    assert p.offers is not None
    price = time_price[p.arc_group]
    own = p.offers.gain - price * p.offers.work[:, None]
    there = p.offers.handed[:, None] * sellers_price(p, time_price)
    return own, p.offers.handed_gain - price * p.offers.briefing[:, None] - there


def credits(p: Problem, time_price: Floats) -> Floats:
    """(E, T) money a year that a contact per hour costs more, or less, at prices (G, T) of an agent's time."""
    assert p.offers is not None
    own, handed = _worth(p, time_price)
    found: Floats = time_price[p.arc_group] * p.offers.load[:, None] - np.maximum(np.maximum(own, handed), 0.0)
    return found


def time_left(p: Problem, time_price: Floats, agents: Floats, flow: Floats) -> Floats:
    """(G, T) agents' time that is left of agents (G, T) when flows (E, T) are served and all offers that pay are made.

    Those that pay more by warm transfer take the time of the group whose time is the cheapest.
    """
    assert p.offers is not None
    own, handed = _worth(p, time_price)
    here = (own > 0.0) & (own >= handed)
    over = (handed > 0.0) & ~here
    work = p.offers.load[:, None] + np.where(here, p.offers.work[:, None], 0.0) + np.where(over, p.offers.briefing[:, None], 0.0)
    used = np.zeros(agents.shape)
    np.add.at(used, p.arc_group, work * flow)
    left: Floats = p.offers.busy[:, None] * agents - used
    sellers = (p.offers.busy[:, None] * time_price).argmin(axis=0)
    periods = np.arange(agents.shape[1])
    left[sellers, periods] -= p.offers.busy[sellers] * (np.where(over, p.offers.handed[:, None], 0.0) * flow).sum(axis=0)
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
    np.maximum.at(best, p.arc_commodity, np.maximum(p.offers.gain, p.offers.handed_gain))
    return replace(p, base_cost=p.base_cost - float((best * p.demand).sum()), offers=None)
