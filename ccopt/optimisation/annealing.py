"""Designs by annealing on the exact integer cost: each unit of a commodity stands at one group in each period.

Fast enough for hundreds of thousands of moves a second, because a move touches two groups of one period. It finds the
structure (which sites, which groups work in which period); integer programmes on inner lines then split flows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ccopt.optimisation.annealing_kernel import Network, State, anneal
from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.contracts import tiers_of
from ccopt.optimisation.lagrangian import sum_overhead
from ccopt.optimisation.loss_rows import LossRows, loss_rows
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem
from ccopt.optimisation.work import MOVE_S, spend

MOST_SEATS = 4000
MOST_UNITS = 24
OVER_PRICE = 3.0  # of the dearest agent, for an agent without a seat
LOSS_PRICE = 1.5  # of a usual agent, for one that is missing after the loss of a site
TWICE_PRICE = 0.02  # of the cost, for two contract forms of one site and for a group too many
PAY_KINDS = {"agent_hour": 1, "seat": 2, "licence": 2}
COLD = 1e-3


class Annealing:
    """Annealing of one problem: arrays prepared once, runs from any start.

    A commodity with more than ``unit`` erlangs at its peak is split into equal units, so that sites can be filled.
    ``losses`` are the rows of (E11), by default the usual ones. ``penalty`` multiplies the price of agents without a seat
    and of agents missing after the loss of a site; ``reserved`` (S,) seats stay free for spare agents. ``unit_of`` (U,) is
    the commodity of a unit, ``part`` (U,) its share.
    """

    def __init__(
        self, p: Problem, unit: float, *, penalty: float = 1.0, losses: LossRows | None = None, reserved: Ints | None = None
    ) -> None:
        self.p, self.penalty = p, penalty
        self.losses = loss_rows(p) if losses is None else losses
        count = np.bincount(p.arc_commodity, minlength=len(p.commodity_names))
        work = np.zeros(len(count))
        np.maximum.at(work, p.arc_commodity, p.arc_work)
        peak = work * p.demand.max(axis=1, initial=0.0)
        units = np.clip(np.ceil(peak / unit), 1, MOST_UNITS).astype(np.int64)
        self.unit_of: Ints = np.repeat(np.arange(len(count)), units)
        self.part = 1.0 / units[self.unit_of]
        self.demand = p.demand[self.unit_of] * self.part[:, None]
        by_commodity = np.split(np.argsort(p.arc_commodity, kind="stable").astype(np.int64), np.cumsum(count)[:-1])
        self.arc_of: Ints = np.concatenate([by_commodity[c] for c in self.unit_of])
        self.arc_start: Ints = np.concatenate(([0], np.cumsum(count[self.unit_of]))).astype(np.int64)
        seats = np.minimum(seats_or_enough(p), MOST_SEATS).astype(np.int64)
        self.seats: Ints = seats if reserved is None else np.maximum(seats - reserved, 0)
        self.network = self._network()

    def start(self, flow: Floats) -> Ints:
        """Arcs of the units in proportion to the flow of their commodity in each period."""
        choice = np.zeros(self.demand.shape, dtype=np.int64)
        middle = np.zeros(len(choice))
        for c in range(len(self.p.commodity_names)):
            mine = self.unit_of == c
            middle[mine] = (np.arange(mine.sum()) + 0.5) / max(int(mine.sum()), 1)
        for u in range(len(choice)):
            mine = self.arc_of[self.arc_start[u] : self.arc_start[u + 1]]
            if mine.size:
                total = np.cumsum(flow[mine], axis=0)
                reached = total >= middle[u] * np.maximum(total[-1], 1e-12)
                choice[u] = np.argmax(reached, axis=0)
        return choice

    def run(self, choice: Ints, allowed: Bools, *, moves: int, hot: float, seed: int) -> tuple[float, Ints]:
        """Cost (overflow priced) and choice after so many moves; closed sites stay closed."""
        p = self.p
        groups, sites, periods = len(p.group_names), len(p.site_names), len(p.hours)
        sets, places = self.network.set_need.shape[0], int(self.network.place.max(initial=-1)) + 1
        state = State(
            choice=choice.copy(), load=np.zeros((groups, periods)), agents=np.zeros((groups, periods), dtype=np.int64),
            present=np.zeros((sites, periods)), peak=np.zeros(sites), worked=np.zeros(sites), over=np.zeros(sites),
            contacts=np.zeros(sites), money=np.zeros(sites),
            able=np.zeros((sets, periods)), at_site=np.zeros((sets, places, periods)), most=np.zeros((sets, periods)),
            short=np.zeros((sets, periods)),
            opened=np.zeros(sites, dtype=bool), open_at=np.zeros(places, dtype=np.int64), uses=np.zeros(groups, dtype=np.int64),
            groups_open=np.zeros(1 + places, dtype=np.int64), missing_at_peak=np.zeros(groups), everyone=np.zeros(periods),
            held=np.zeros((self.network.limited.size, periods)), unequal=np.zeros((self.network.limited.size, periods)),
            total=np.zeros(1),
        )  # fmt: skip
        best = np.zeros_like(choice)
        cost = anneal(self.network, state, allowed, moves, hot, hot * COLD, seed, best)
        spend(moves * MOVE_S)
        return float(cost), best

    def flows(self, choice: Ints) -> Floats:
        """Flows (E, T) of a choice."""
        flow: Floats = np.zeros((len(self.p.arc_group), len(self.p.hours)))
        for t in range(choice.shape[1]):
            np.add.at(flow[:, t], self.arc_of[self.arc_start[:-1] + choice[:, t]], self.demand[:, t])
        return flow

    def _network(self) -> Network:
        """The arrays of the kernel."""
        p = self.p
        used = np.arange(int(self.seats.max(initial=0)) + 200)
        usual = np.median(p.agent_cost, axis=0)
        most = p.agent_cost.max(axis=0, initial=0.0)
        whole = float((usual * p.demand.sum(axis=0)).sum()) * float(p.arc_work.mean()) if len(p.arc_work) else 0.0
        at = {name: i for i, name in enumerate(dict.fromkeys(p.site_names))}
        return Network(
            arc_start=self.arc_start, arc_of=self.arc_of, arc_group=p.arc_group, arc_work=p.arc_work, arc_cost=p.arc_cost,
            demand=self.demand, table=p.inner, agent_cost=p.agent_cost, group_site=p.group_site,
            place=np.array([at[n] for n in p.site_names], dtype=np.int64), usable=p.available, hours=p.hours, seats=self.seats,
            seat_cost=p.seat_cost[:, None] * used + sum_overhead(p, used), site_cost=p.site_cost,
            over_price=self.penalty * OVER_PRICE * most, twice_price=TWICE_PRICE * whole, loss_price=self.penalty * LOSS_PRICE * usual,
            group_price=self.penalty * TWICE_PRICE * whole, **_contracts(p), **_sets(p, self.losses, at), **_sizes(p, at),
        )  # fmt: skip


def _sizes(p: Problem, at: dict[str, int]) -> dict[str, Any]:
    """Limits on the size and number of groups and on the share of a site."""
    most = np.full(1 + len(at), len(p.group_names), dtype=np.int64)
    for site, count in p.max_groups.items():
        most[0 if site is None else 1 + at[site]] = count
    limited = {site: share for site, share in p.max_share_at_site.items() if site in at}
    return {
        "least": p.min_group_size.astype(np.int64), "busiest": int(np.argmax(p.demand.sum(axis=0))), "most_groups": most,
        "limited": np.array([at[site] for site in limited], dtype=np.int64), "share": np.array(list(limited.values()), dtype=float),
    }  # fmt: skip


def _contracts(p: Problem) -> dict[str, Any]:
    """Tiers and minimums of the options whose contract is not linear."""
    sites = len(p.site_names)
    tiers = [tiers_of(c) for c in p.contracts]
    width = max((len(t) for t in tiers), default=0)
    end, price = np.full((sites, width), np.inf), np.zeros((sites, width))
    kind, minimum, lowest = np.zeros(sites, dtype=np.int64), np.zeros(sites), np.zeros(sites)
    units = np.zeros(len(p.arc_group))
    for s, tariff in enumerate(p.contracts):
        if tariff is None:
            continue
        kind[s] = PAY_KINDS.get(tariff.per, 3)
        minimum[s], lowest[s] = tariff.minimum, min(tier.price for tier in tiers[s])
        for i, tier in enumerate(tiers[s]):
            end[s, i] = np.inf if tier.up_to is None else tier.up_to
            price[s, i] = tier.price
        mine = p.group_site[p.arc_group] == s
        one = 1.0 if tariff.per == "contact" else p.arc_work * 60.0
        units[mine] = (p.answered_low[p.arc_commodity] * one)[mine]
    return {"pay_kind": kind, "minimum": minimum, "lowest": lowest, "tier_end": end, "tier_price": price, "arc_units": units}


def _sets(p: Problem, rows: LossRows, at: dict[str, int]) -> dict[str, Any]:
    """Sets of contact types of (E11): who serves them, where, and how much must be left of them."""
    names = list(dict.fromkeys(rows.kinds))
    of_group: list[list[int]] = [[] for _ in p.group_names]
    places: list[list[int]] = []
    for k, kinds in enumerate(names):
        able = rows.weight[[i for i, other in enumerate(rows.kinds) if other == kinds]].max(axis=0) > 0.0
        for g in np.flatnonzero(able):
            of_group[int(g)].append(k)
        places.append(sorted({at[p.group_names[g][0]] for g in np.flatnonzero(able)} - {at[n] for n in p.never_lost}))
    rule = p.site_loss
    need = [rows.need[rows.kinds.index(kinds)] for kinds in names]

    def joined(lists: list[list[int]]) -> tuple[Ints, Ints]:
        start = np.concatenate(([0], np.cumsum([len(x) for x in lists], dtype=np.int64))).astype(np.int64)
        return start, np.array([v for x in lists for v in x], dtype=np.int64)

    set_start, set_of = joined(of_group)
    site_start, site_at = joined(places)
    return {
        "set_start": set_start, "set_of": set_of, "site_start": site_start, "site_at": site_at,
        "lost": np.array([name not in p.never_lost for name in at], dtype=bool),
        "set_need": np.array(need, dtype=float).reshape(len(names), len(p.hours)),
        "surge": 1.0 if rule is None else float(rule.surge), "relocatable": 0.0 if rule is None else float(rule.relocatable),
    }  # fmt: skip
